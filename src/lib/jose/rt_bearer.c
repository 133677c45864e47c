
#include "jose/rt_bearer.h"


rt_status_e
rt_bearer_token(const rt_str_t *value, rt_str_t *token)
{
    rt_str_t        head, scheme = rt_string("Bearer");
    unsigned char  *p, *last;

    p = value->data;
    last = value->len ? p + value->len : p;

    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    while (last > p && (last[-1] == ' ' || last[-1] == '\t')) {
        last--;
    }

    if ((size_t) (last - p) < scheme.len) {
        return RT_DECLINED;
    }

    head.data = p;
    head.len = scheme.len;

    if (!rt_str_ieq(&head, &scheme)) {
        return RT_DECLINED;
    }

    p += scheme.len;

    if (p < last && *p != ' ' && *p != '\t') {
        return RT_DECLINED;             /* BearerX */
    }

    /* RFC 6750 has blanks here: a tab stays, and makes it no token */

    while (p < last && *p == ' ') {
        p++;
    }

    token->data = p;
    token->len = last - p;

    return RT_OK;
}
