
#include "oidc/rt_navigation.h"
#include "text/rt_field.h"


/* does a word, in lower case, stand in a value, in whatever case? */

static int
mentions(const rt_str_t *value, const char *word)
{
    rt_str_t  rest;

    for (rest = *value; rest.len; rest.data++, rest.len--) {
        if (rt_str_ibegins(&rest, word)) {
            return 1;
        }
    }

    return 0;
}


/* a speculation: what comes back may never be seen by anybody */

static int
speculative(const rt_navigation_t *r)
{
    return mentions(&r->sec_purpose, "prefetch")
           || mentions(&r->sec_purpose, "prerender")
           || mentions(&r->purpose, "prefetch")
           || mentions(&r->purpose, "prerender");
}


/* does one of its media ranges, whatever the weight, name text/html? */

static int
takes_html(const rt_str_t *accept)
{
    rt_str_t  list, range, type, html = rt_string("text/html");

    list = *accept;

    while (rt_field_next(&list, &range)) {

        (void) rt_field_media(&range, &type);

        if (rt_str_ieq(&type, &html)) {
            return 1;
        }
    }

    return 0;
}


static rt_navigation_e
by_metadata(const rt_navigation_t *r)
{
    unsigned  i;

    static const rt_str_t  frames[] = {
        rt_string("iframe"),
        rt_string("frame"),
        rt_string("embed"),
        rt_string("object"),
    };

    if (!rt_str_lit(&r->mode, "navigate")) {
        return RT_NAVIGATION_OTHER;
    }

    if (rt_str_lit(&r->dest, "document")) {
        return RT_NAVIGATION_PAGE;
    }

    for (i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        if (rt_str_eq(&r->dest, &frames[i])) {
            return RT_NAVIGATION_FRAME;
        }
    }

    return RT_NAVIGATION_OTHER;
}


rt_navigation_e
rt_navigation(const rt_navigation_t *r)
{
    if (!rt_str_lit(&r->method, "GET") && !rt_str_lit(&r->method, "HEAD")) {
        return RT_NAVIGATION_OTHER;
    }

    if (r->repeated || r->upgrade.data || speculative(r)) {
        return RT_NAVIGATION_OTHER;
    }

    if (r->mode.data || r->dest.data || r->site.data) {
        return by_metadata(r);
    }

    if (r->requested_with.data == NULL && takes_html(&r->accept)) {
        return RT_NAVIGATION_PAGE;
    }

    return RT_NAVIGATION_OTHER;
}
