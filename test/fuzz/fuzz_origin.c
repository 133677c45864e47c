
/*
 * rt_origin, rt_navigation: a line of the input each for the method, the
 * headers and the origin of the server.  Whoever passes has one of the reasons
 * for which requests pass.
 */

#include <stdlib.h>

#include "oidc/rt_navigation.h"
#include "oidc/rt_origin.h"


static void
must(int ok)
{
    if (!ok) {
        abort();
    }
}


/* the next line; data is NULL when it is "-" or there is none: absent */

static rt_str_t
line(rt_str_t *rest)
{
    rt_str_t  head, tail;

    (void) rt_str_cut(rest, '\n', &head, &tail);
    *rest = tail;

    return head.len == 0 || rt_str_lit(&head, "-")
           ? (rt_str_t) rt_null_string : head;
}


static void
check_navigation(const rt_navigation_t *n)
{
    rt_navigation_e  kind;

    kind = rt_navigation(n);

    if (kind == RT_NAVIGATION_OTHER) {
        return;
    }

    must(rt_str_lit(&n->method, "GET") || rt_str_lit(&n->method, "HEAD"));
    must(!n->repeated && n->upgrade.data == NULL);

    if (n->mode.data || n->dest.data || n->site.data) {
        must(rt_str_lit(&n->mode, "navigate") && n->dest.data != NULL);

    } else {
        must(kind == RT_NAVIGATION_PAGE && n->requested_with.data == NULL);
        must(n->accept.len >= sizeof("text/html") - 1);
    }
}


static void
check_parse(const rt_str_t *text)
{
    const char   *why = NULL;
    rt_origin_t   one, two;

    if (rt_origin_parse(text, &one, &why) != RT_OK) {
        must(why != NULL);
        return;
    }

    must(one.text.data == text->data && one.text.len == text->len);
    must(memchr(text->data, '?', text->len) == NULL);
    must(memchr(text->data, '#', text->len) == NULL);
    must(memchr(text->data, '@', text->len) == NULL);

    must(rt_origin_parse(text, &two, &why) == RT_OK);
    must(rt_origin_same(&one, &two));
}


static void
check_request(rt_origin_request_t *r)
{
    int          passes, safe;
    const char  *why;

    passes = rt_origin_check(r, &why) == RT_OK;

    safe = !r->websocket
           && (rt_str_lit(&r->method, "GET") || rt_str_lit(&r->method, "HEAD")
               || rt_str_lit(&r->method, "OPTIONS"));

    must(passes || !safe);

    if (!passes || safe) {
        return;
    }

    /* what an unsafe request of another site may not change is who it is */

    must(!r->repeated);
    must(r->site.data == NULL || rt_str_lit(&r->site, "same-origin")
         || rt_str_lit(&r->site, "none"));
    must(r->site.data || r->origin.data == NULL || r->ours);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_str_t              rest = { size, (unsigned char *) data };
    rt_str_t              own;
    const char           *why;
    rt_origin_t           ours;
    rt_navigation_t       n = { 0 };
    rt_origin_request_t   r = { 0 };

    n.method = line(&rest);
    n.mode = line(&rest);
    n.dest = line(&rest);
    n.site = line(&rest);
    n.sec_purpose = line(&rest);
    n.purpose = line(&rest);
    n.accept = line(&rest);
    n.requested_with = line(&rest);
    n.upgrade = line(&rest);

    r.method = n.method;
    r.site = n.site;
    r.websocket = (n.upgrade.data != NULL);
    r.origin = line(&rest);
    own = line(&rest);

    check_navigation(&n);

    check_parse(&r.origin);
    check_parse(&own);

    if (rt_origin_parse(&own, &ours, &why) == RT_OK) {
        r.ours = &ours;
    }

    check_request(&r);

    r.repeated = 1;
    check_request(&r);

    n.repeated = 1;
    must(rt_navigation(&n) == RT_NAVIGATION_OTHER);

    return 0;
}
