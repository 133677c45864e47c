
#include "oidc/rt_origin.h"


static int
letter(unsigned char c)
{
    return rt_lower(c) >= 'a' && rt_lower(c) <= 'z';
}


static int
digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}


/* RFC 3986, 3.1; ret: its length, 0 if "://" does not follow */

static size_t
scheme(const rt_str_t *text)
{
    size_t  i;

    for (i = 0; i < text->len; i++) {

        if (letter(text->data[i])) {
            continue;
        }

        if (i == 0 || (!digit(text->data[i]) && text->data[i] != '+'
                       && text->data[i] != '-' && text->data[i] != '.'))
        {
            break;
        }
    }

    return (i && text->len - i > 3 && memcmp(text->data + i, "://", 3) == 0)
           ? i : 0;
}


static int
web(const rt_str_t *text, size_t len)
{
    rt_str_t  name = { len, text->data };

    static const rt_str_t  http = rt_string("http");
    static const rt_str_t  https = rt_string("https");

    return rt_str_ieq(&name, &http) || rt_str_ieq(&name, &https);
}


/* a host and maybe a port, nothing behind them; a URL has been parsed so far */

static int
bare(const rt_str_t *text, size_t i)
{
    for ( /* void */ ; i < text->len; i++) {

        if (!letter(text->data[i]) && !digit(text->data[i])
            && memchr("-._:[]", text->data[i], 6) == NULL)
        {
            return 0;
        }
    }

    return 1;
}


rt_status_e
rt_origin_parse(const rt_str_t *text, rt_origin_t *origin, const char **why)
{
    size_t  len;

    memset(origin, 0, sizeof(rt_origin_t));
    origin->text = *text;

    len = scheme(text);

    if (len == 0 || text->len > RT_URL_MAX) {
        *why = "is no scheme, \"://\" and host";
        return RT_DECLINED;
    }

    if (!bare(text, len + 3)) {
        *why = "has more than a scheme, a host and a port";
        return RT_DECLINED;
    }

    if (!web(text, len)) {
        return RT_OK;
    }

    origin->web = 1;

    return rt_url_parse(text, &origin->url, why);
}


int
rt_origin_same(const rt_origin_t *a, const rt_origin_t *b)
{
    if (a->web && b->web) {
        return rt_url_same_origin(&a->url, &b->url);
    }

    return !a->web && !b->web && rt_str_ieq(&a->text, &b->text);
}


int
rt_origin_safe(const rt_origin_request_t *request)
{
    const rt_str_t  *method;

    method = &request->method;

    return !request->websocket
           && (rt_str_lit(method, "GET") || rt_str_lit(method, "HEAD")
               || rt_str_lit(method, "OPTIONS"));
}


static int
allowed(const rt_origin_request_t *r, const rt_origin_t *origin)
{
    unsigned  i;

    for (i = 0; i < r->nallowed; i++) {
        if (rt_origin_same(origin, &r->allowed[i])) {
            return 1;
        }
    }

    return 0;
}


/* NULL: it passes */

static const char *
foreign(const rt_origin_request_t *r)
{
    int           parsed;
    const char   *why;
    rt_origin_t   origin;

    if (rt_origin_safe(r)) {
        return NULL;
    }

    if (r->repeated) {
        return "has several Origin or Sec-Fetch-Site lines";
    }

    parsed = r->origin.data
             && rt_origin_parse(&r->origin, &origin, &why) == RT_OK;

    if (parsed && allowed(r, &origin)) {
        return NULL;
    }

    if (r->site.data) {
        return (rt_str_lit(&r->site, "same-origin")
                || rt_str_lit(&r->site, "none"))
               ? NULL : "was started by a page of another origin";
    }

    if (r->origin.data == NULL) {
        return NULL;
    }

    if (!parsed) {
        return "has an Origin that is \"null\" or none at all";
    }

    return (r->ours && rt_origin_same(&origin, r->ours))
           ? NULL : "has an Origin that is not ours";
}


rt_status_e
rt_origin_check(const rt_origin_request_t *request, const char **why)
{
    *why = foreign(request);

    return *why ? RT_DECLINED : RT_OK;
}
