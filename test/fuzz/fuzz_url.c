
/*
 * rt_url: an accepted URL is read in one way only.  Put together again from
 * its parts it begins as it was written, and holds nothing that another
 * reader could take for a user name, an address or a fragment.
 */

#include <assert.h>
#include <stdio.h>

#include "text/rt_url.h"


static int
digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}


static void
check_host(const rt_url_t *url)
{
    size_t         i, end;
    unsigned char  c;

    assert(url->host.len > 0 && url->host.len <= RT_URL_MAX_HOST);

    for (i = 0; i < url->host.len; i++) {
        c = rt_lower(url->host.data[i]);

        assert((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.'
               || (url->bracketed ? c == ':' : (c == '-' || c == '_')));
    }

    if (url->bracketed || url->quad) {
        return;
    }

    /* the last label is no number */

    end = url->host.len - (url->host.data[url->host.len - 1] == '.');

    for (i = end; i && digit(url->host.data[i - 1]); i--) { /* void */ }

    assert(end != 0 && (i == end || (i && url->host.data[i - 1] != '.')));
}


static void
check(const rt_str_t *text, const rt_url_t *url)
{
    int             n;
    char            buf[RT_URL_MAX_HOST + 64];
    rt_str_t        begin, built;
    unsigned char  *after;

    assert(text->len <= RT_URL_MAX && url->port != 0);
    assert(!rt_url_login(text));
    assert(rt_url_same_origin(url, url));
    assert(url->shown.data == text->data && url->shown.len <= text->len);
    assert(memchr(url->shown.data, '?', url->shown.len) == NULL);

    check_host(url);

    n = snprintf(buf, sizeof(buf), "http%s://%s%.*s%s", url->tls ? "s" : "",
                 url->bracketed ? "[" : "", (int) url->host.len,
                 (char *) url->host.data, url->bracketed ? "]" : "");

    built.data = (unsigned char *) buf;
    built.len = n;
    begin.data = text->data;
    begin.len = built.len;

    assert(begin.len <= text->len && rt_str_ieq(&begin, &built));

    after = text->data + begin.len;

    assert(begin.len == text->len || *after == ':' || *after == '/'
           || *after == '?');
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_str_t     text;
    rt_url_t     url;
    const char  *why;

    text.len = size;
    text.data = (unsigned char *) data;
    why = NULL;

    if (rt_url_parse(&text, &url, &why) == RT_OK) {
        check(&text, &url);

    } else {
        assert(why != NULL);
    }

    (void) rt_url_login(&text);

    return 0;
}
