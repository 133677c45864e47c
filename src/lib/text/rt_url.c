
#include "text/rt_url.h"


typedef struct {
    unsigned char  *pos;
    unsigned char  *last;
    rt_url_t       *url;
    const char     *why;
} parser_t;


static int
digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}


static int
alnum(unsigned char c)
{
    return digit(c) || (rt_lower(c) >= 'a' && rt_lower(c) <= 'z');
}


static int
ends_host(unsigned char c)
{
    return c == '/' || c == '?' || c == '#';
}


static rt_status_e
refuse(parser_t *p, const char *why)
{
    p->why = why;
    return RT_DECLINED;
}


static rt_status_e
bytes(parser_t *p)
{
    unsigned char  *c;

    if (p->pos == p->last || p->last - p->pos > RT_URL_MAX) {
        return refuse(p, "is empty or too long");
    }

    for (c = p->pos; c < p->last; c++) {
        if (*c <= ' ' || *c > '~' || *c == '#' || *c == '\\') {
            return refuse(p, "has a blank, a \"#\", a \"\\\" or a byte that "
                             "is not printable ASCII");
        }
    }

    return RT_OK;
}


static int
begins(parser_t *p, const char *word, size_t len)
{
    rt_str_t  have = { len, p->pos };
    rt_str_t  want = { len, (unsigned char *) word };

    if ((size_t) (p->last - p->pos) < len || !rt_str_ieq(&have, &want)) {
        return 0;
    }

    p->pos += len;

    return 1;
}


static rt_status_e
scheme(parser_t *p)
{
    if (begins(p, "https://", 8)) {
        p->url->tls = 1;
        p->url->port = 443;
        return RT_OK;
    }

    if (begins(p, "http://", 7)) {
        p->url->port = 80;
        return RT_OK;
    }

    return refuse(p, "does not begin with \"https://\"");
}


/* four decimal numbers up to 255, none with a zero in front */

static int
quad(const rt_str_t *host)
{
    int       n, value;
    size_t    i, start;

    for (i = 0, n = 0; n < 4; n++, i++) {

        value = 0;

        for (start = i; i < host->len && digit(host->data[i]); i++) {
            value = value * 10 + (host->data[i] - '0');

            if (value > 255 || i - start == 3) {
                return 0;
            }
        }

        if (i == start || (i - start > 1 && host->data[start] == '0')) {
            return 0;
        }

        if (i == host->len) {
            return n == 3;
        }

        if (host->data[i] != '.') {
            return 0;
        }
    }

    return 0;
}


/* would a reader take this name for an address: is its last label a number? */

static int
numeric(const rt_str_t *host)
{
    size_t  start, end, i;

    end = host->len;

    if (end && host->data[end - 1] == '.') {
        end--;
    }

    for (start = end; start && host->data[start - 1] != '.'; start--) {
        /* void */
    }

    if (start == end) {
        return 1;
    }

    if (end - start > 1 && host->data[start] == '0'
        && rt_lower(host->data[start + 1]) == 'x')
    {
        return 1;
    }

    for (i = start; i < end && digit(host->data[i]); i++) { /* void */ }

    return i == end;
}


static rt_status_e
port(parser_t *p, unsigned char *last)
{
    unsigned  n;

    if (p->pos == last) {
        return RT_OK;
    }

    if (*p->pos++ != ':') {
        return refuse(p, "has a host that is not a plain name or address");
    }

    for (n = 0; p->pos < last && digit(*p->pos) && n <= 65535; p->pos++) {
        n = n * 10 + (*p->pos - '0');
    }

    if (p->pos < last || n == 0 || n > 65535) {
        return refuse(p, "has an invalid port");
    }

    p->url->port = (uint16_t) n;

    return RT_OK;
}


static rt_status_e
host(parser_t *p)
{
    rt_url_t       *url;
    unsigned char  *last;

    url = p->url;

    for (last = p->pos; last < p->last && !ends_host(*last); last++) {
        /* void */
    }

    url->bracketed = (p->pos < last && *p->pos == '[');
    p->pos += url->bracketed;
    url->host.data = p->pos;

    while (p->pos < last
           && (alnum(*p->pos) || *p->pos == '.'
               || (url->bracketed ? *p->pos == ':'
                                  : (*p->pos == '-' || *p->pos == '_'))))
    {
        p->pos++;
    }

    url->host.len = p->pos - url->host.data;

    if (url->host.len == 0 || url->host.len > RT_URL_MAX_HOST) {
        return refuse(p, "has no host");
    }

    if (url->bracketed) {
        if (p->pos == last || *p->pos++ != ']'
            || memchr(url->host.data, ':', url->host.len) == NULL)
        {
            return refuse(p, "has an invalid IPv6 address");
        }

        return port(p, last);
    }

    url->quad = quad(&url->host);

    if (!url->quad && numeric(&url->host)) {
        return refuse(p, "has an address that is not four decimal numbers");
    }

    return port(p, last);
}


rt_status_e
rt_url_parse(const rt_str_t *text, rt_url_t *url, const char **why)
{
    parser_t  p = { text->data, text->data + text->len, url, NULL };

    memset(url, 0, sizeof(rt_url_t));

    if (bytes(&p) != RT_OK || scheme(&p) != RT_OK || host(&p) != RT_OK) {
        *why = p.why;
        return RT_DECLINED;
    }

    url->shown.data = text->data;

    while (url->shown.len < text->len
           && text->data[url->shown.len] != '?')
    {
        url->shown.len++;
    }

    return RT_OK;
}


int
rt_url_login(const rt_str_t *text)
{
    size_t  i, start, port;

    for (start = 0; start + 3 <= text->len
                    && memcmp(text->data + start, "://", 3) != 0; start++)
    {
        /* void */
    }

    if (start + 3 > text->len) {
        return 0;
    }

    port = text->len;

    for (i = start + 3; i < text->len && !ends_host(text->data[i]); i++) {
        if (text->data[i] == '@') {
            return 1;
        }

        if (text->data[i] == ':') {
            port = i + 1;

        } else if (text->data[i] == ']') {
            port = text->len;
        }
    }

    while (port < i && digit(text->data[port])) {
        port++;
    }

    return port < i && memchr(text->data + i, '@', text->len - i) != NULL;
}


int
rt_url_same_origin(const rt_url_t *a, const rt_url_t *b)
{
    return a->tls == b->tls
           && a->port == b->port
           && rt_str_ieq(&a->host, &b->host);
}
