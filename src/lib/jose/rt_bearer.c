
#include "jose/rt_bearer.h"
#include "text/rt_field.h"


/*
 * Inlined, so that the scheme is a constant to the compiler: comparing it takes
 * a few instructions.
 */

static inline rt_status_e
behind(const rt_str_t *value, const rt_str_t *scheme, rt_str_t *token)
{
    rt_str_t  s, head;

    s = rt_field_trim(value);

    if (s.len < scheme->len) {
        return RT_DECLINED;
    }

    head.data = s.data;
    head.len = scheme->len;

    if (memcmp(s.data, scheme->data, scheme->len) != 0
        && !rt_str_ieq(&head, scheme))
    {
        return RT_DECLINED;
    }

    s.data += scheme->len;
    s.len -= scheme->len;

    if (s.len && *s.data != ' ' && *s.data != '\t') {
        return RT_DECLINED;             /* BearerX */
    }

    /*
     * RFC 6750 allows blanks alone here.  A tab stays, and no token may have
     * one.
     */

    while (s.len && *s.data == ' ') {
        s.data++;
        s.len--;
    }

    *token = s;

    return RT_OK;
}


rt_status_e
rt_bearer_token(const rt_str_t *value, rt_str_t *token)
{
    static const rt_str_t  scheme = rt_string("Bearer");

    return behind(value, &scheme, token);
}


rt_status_e
rt_bearer_behind(const rt_str_t *value, const rt_str_t *scheme,
    rt_str_t *token)
{
    return behind(value, scheme, token);
}
