
#include "text/rt_uri.h"
#include "text/rt_utf8.h"


/* decodings after which a path that still changes is refused */
#define URI_MAX_ROUNDS  4

#define ENCODED_TWICE   "is percent-encoded twice"


typedef enum {
    URI_RAW = 0,            /* a path as a client sent it */
    URI_RETURN,             /* the path of a return address */
    URI_QUERY               /* its query and fragment */
} uri_kind_e;


static int
is_control(unsigned char c)
{
    return c < 0x20 || c == 0x7f;
}


/* what may not stand there in encoded form; NULL: it may */

static const char *
refused(uri_kind_e kind, unsigned char c)
{
    if (is_control(c)) {
        return "holds an encoded control character";
    }

    if (c == '\\' && kind != URI_QUERY) {
        return "holds an encoded backslash";
    }

    if (kind != URI_RAW) {
        return NULL;
    }

    switch (c) {

    case '/':
        return "holds an encoded slash";

    case ';':
        return "holds an encoded semicolon";

    case '?':
        return "holds an encoded question mark";

    case '#':
        return "holds an encoded number sign";

    default:
        return NULL;
    }
}


/* a percent sign is followed by two hexadecimal digits */

static int
is_escaped(const unsigned char *p, const unsigned char *end)
{
    return end - p >= 3 && rt_hex(p[1]) >= 0 && rt_hex(p[2]) >= 0;
}


/* "%u002f", which some decoders know too */

static int
is_wide_escaped(const unsigned char *p, const unsigned char *end)
{
    return end - p >= 6 && rt_lower(p[1]) == 'u' && rt_hex(p[2]) >= 0
           && rt_hex(p[3]) >= 0 && rt_hex(p[4]) >= 0 && rt_hex(p[5]) >= 0;
}


/*
 * Decodes once, in place.  What is refused in encoded form is looked for
 * here: after the decoding it is a byte like any other.
 *
 * in:   strict, 1: a broken percent sign is refused (as sent), 0: it stands
 *       for itself (what an earlier decoding left)
 * ret:  NULL, or why not; *changed, 1 if anything was decoded
 */

static const char *
decode_once(rt_str_t *s, uri_kind_e kind, int strict, int *changed)
{
    const char           *why;
    unsigned char         c, *dst;
    const unsigned char  *p, *end;

    p = s->data;
    end = p + s->len;
    dst = s->data;
    *changed = 0;

    while (p < end) {

        if (*p != '%') {
            *dst++ = *p++;
            continue;
        }

        if (!is_escaped(p, end)) {
            if (strict) {
                return "holds a broken percent sign";
            }

            if (kind == URI_RAW && is_wide_escaped(p, end)) {
                return ENCODED_TWICE;
            }

            *dst++ = *p++;
            continue;
        }

        c = (unsigned char) (rt_hex(p[1]) << 4 | rt_hex(p[2]));
        p += 3;

        why = refused(kind, c);
        if (why) {
            return why;
        }

        *dst++ = c;
        *changed = 1;
    }

    s->len = (size_t) (dst - s->data);

    return NULL;
}


/*
 * "location /pub { alias /srv/pub/; }" makes "/srv/pub/../x" of "/pub../x", and
 * so does proxy_pass with a URI, or a capture.  Some titles end with "...",
 * but they are no folders.
 */

static int
ends_with_dots(const unsigned char *p, size_t n, int last)
{
    return n >= 2 && p[n - 1] == '.' && p[n - 2] == '.'
           && !(last && n > 2 && p[n - 3] == '.');
}


/*
 * A segment is what stands between two slashes.  Some readers drop spaces at
 * its end: ".. " is a segment of dots to them, and an empty segment that is
 * not the last, or one of spaces alone, makes "//" of a return address.
 */

static const char *
check_segment(const unsigned char *p, size_t len, int last, uri_kind_e kind)
{
    size_t  n;

    for (n = len; n && p[n - 1] == ' '; n--) { /* void */ }

    if ((n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.')) {
        return "holds a segment of dots";
    }

    if (kind == URI_RAW) {
        return ends_with_dots(p, n, last)
               ? "holds a segment that ends with two dots" : NULL;
    }

    if (len == 0 && !last) {
        return "holds two slashes in a row";
    }

    if (len && n == 0) {
        return "holds a segment of spaces";
    }

    return NULL;
}


static const char *
check_segments(const rt_str_t *path, uri_kind_e kind)
{
    const char           *why;
    const unsigned char  *p, *end, *slash;

    if (path->len == 0 || kind == URI_QUERY) {
        return NULL;
    }

    p = path->data;
    end = p + path->len;

    if (*p == '/') {
        p++;
    }

    for ( ;; ) {
        slash = memchr(p, '/', (size_t) (end - p));

        why = check_segment(p, (size_t) ((slash ? slash : end) - p),
                            slash == NULL, kind);

        if (why || slash == NULL) {
            return why;
        }

        p = slash + 1;
    }
}


static const char *
check_raw_bytes(const rt_str_t *path)
{
    size_t  i;

    /* "//host/path" to who resolves it as an address */

    if (path->len > 1 && path->data[0] == '/' && path->data[1] == '/') {
        return "begins with two slashes";
    }

    for (i = 0; i < path->len; i++) {

        switch (path->data[i]) {

        case '\\':
            return "holds a backslash";

        case ';':
            return "holds a semicolon";

        case '#':
            return "holds a number sign";

        default:
            if (is_control(path->data[i])) {
                return "holds a control character";
            }
        }
    }

    return NULL;
}


/*
 * Overlong UTF-8: a second spelling of a slash, a dot or a NUL for readers
 * that decode without looking, some of them still by the forms of five and
 * six bytes of RFC 2279.  Other bytes that are not UTF-8 may be another
 * charset and are let through.
 */

static int
has_overlong(const rt_str_t *s)
{
    size_t         i;
    unsigned char  c, next;

    for (i = 0; i + 1 < s->len; i++) {
        c = s->data[i];
        next = s->data[i + 1];

        if (c < 0xc0 || next < 0x80 || next > 0xbf) {
            continue;
        }

        if (c <= 0xc1 || (c == 0xe0 && next < 0xa0)
            || (c == 0xf0 && next < 0x90)
            || (c == 0xf8 && next < 0x88)
            || (c == 0xfc && next < 0x84))
        {
            return 1;
        }
    }

    return 0;
}


static const char *
check_round(const rt_str_t *s, uri_kind_e kind)
{
    return has_overlong(s) ? "holds overlong UTF-8" : check_segments(s, kind);
}


/* checks a path as it is and after each decoding, until nothing is left */

static rt_status_e
check_rounds(rt_mem_t *mem, const rt_str_t *path, uri_kind_e kind,
    const char **why)
{
    int       round, changed;
    rt_str_t  copy;

    *why = check_round(path, kind);
    if (*why) {
        return RT_DECLINED;
    }

    if (path->len == 0 || memchr(path->data, '%', path->len) == NULL) {
        return RT_OK;
    }

    copy.len = path->len;

    copy.data = rt_alloc(mem, path->len);
    if (copy.data == NULL) {
        *why = "no memory";
        return RT_ERROR;
    }

    memcpy(copy.data, path->data, path->len);

    for (round = 0; round < URI_MAX_ROUNDS; round++) {

        *why = decode_once(&copy, kind, round == 0, &changed);

        if (*why == NULL && !changed) {
            return RT_OK;
        }

        if (*why == NULL) {
            *why = (round > 0 && kind == URI_RAW) ? ENCODED_TWICE
                                                  : check_round(&copy, kind);
        }

        if (*why) {
            return RT_DECLINED;
        }
    }

    *why = "is percent-encoded over and over";

    return RT_DECLINED;
}


rt_status_e
rt_uri_raw_check(rt_mem_t *mem, const rt_str_t *path, const char **why)
{
    *why = check_raw_bytes(path);

    return *why ? RT_DECLINED : check_rounds(mem, path, URI_RAW, why);
}


static const char *
check_return_bytes(const rt_str_t *uri)
{
    size_t         i;
    unsigned char  c;

    if (uri->len == 0) {
        return "is empty";
    }

    if (uri->len > RT_URI_MAX_RETURN) {
        return "is too long";
    }

    if (uri->data[0] != '/') {
        return "does not begin with a slash";
    }

    for (i = 0; i < uri->len; i++) {
        c = uri->data[i];

        if (is_control(c)) {
            return "holds a control character";
        }

        if (c == ' ' || c >= 0x80) {
            return "holds a space or a byte that is not ASCII";
        }
    }

    return NULL;
}


/* the bytes before the query and the fragment */

static size_t
path_len(const rt_str_t *uri)
{
    size_t  n;

    for (n = 0; n < uri->len; n++) {
        if (uri->data[n] == '?' || uri->data[n] == '#') {
            break;
        }
    }

    return n;
}


rt_status_e
rt_uri_return_check(rt_mem_t *mem, const rt_str_t *uri, const char **why)
{
    size_t        n;
    rt_str_t      path, query;
    rt_status_e   rc;

    *why = check_return_bytes(uri);
    if (*why) {
        return RT_DECLINED;
    }

    n = path_len(uri);

    path.data = uri->data;
    path.len = n;

    query.data = uri->data + n;
    query.len = uri->len - n;

    if (memchr(path.data, '\\', path.len)) {
        *why = "holds a backslash";
        return RT_DECLINED;
    }

    rc = check_rounds(mem, &path, URI_RETURN, why);

    return rc == RT_OK ? check_rounds(mem, &query, URI_QUERY, why) : rc;
}


rt_status_e
rt_uri_path(rt_mem_t *mem, const rt_str_t *uri, rt_str_t *path)
{
    size_t                n;
    const unsigned char  *p, *end;

    n = path_len(uri);

    path->len = 0;

    path->data = rt_alloc(mem, n + 1);
    if (path->data == NULL) {
        return RT_ERROR;
    }

    p = uri->data;
    end = p + n;

    while (p < end) {

        if (*p == '%' && is_escaped(p, end)) {
            path->data[path->len++] = (unsigned char) (rt_hex(p[1]) << 4
                                                       | rt_hex(p[2]));
            p += 3;
            continue;
        }

        path->data[path->len++] = *p++;
    }

    return RT_OK;
}


int
rt_uri_below(const rt_str_t *path, const rt_str_t *top)
{
    if (top->len == 0 || path->len < top->len
        || memcmp(path->data, top->data, top->len) != 0)
    {
        return 0;
    }

    return path->len == top->len
           || top->data[top->len - 1] == '/'
           || path->data[top->len] == '/';
}


/* the length without what some readers drop at the end */

static size_t
trimmed(const rt_str_t *path)
{
    size_t    n, last, len;
    uint32_t  cp;

    for (n = path->len; n; n = last) {

        for (last = n - 1; last && (path->data[last] & 0xc0) == 0x80; last--) {
            /* void */
        }

        cp = rt_utf8_step(path->data + last, path->data + n, &len);

        if (last + len != n
            || (cp != '/' && cp != '.' && !rt_utf8_blank(cp)))
        {
            break;
        }
    }

    return n;
}


/* the next character, without its case; a run of slashes is one */

static uint32_t
next_char(const rt_str_t *s, size_t *i)
{
    size_t    len;
    uint32_t  cp;

    cp = rt_utf8_step(s->data + *i, s->data + s->len, &len);

    if (cp == RT_UTF8_BAD) {
        return RT_UTF8_BAD - s->data[(*i)++];
    }

    *i += len;

    if (cp == '/') {
        while (*i < s->len && s->data[*i] == '/') {
            (*i)++;
        }
    }

    return rt_utf8_fold(cp);
}


int
rt_uri_alike(const rt_str_t *path, const rt_str_t *name)
{
    size_t    i, j;
    rt_str_t  p, n;

    p.data = path->data;
    p.len = trimmed(path);

    n.data = name->data;
    n.len = trimmed(name);

    for (i = 0, j = 0; j < n.len; /* void */ ) {

        if (i == p.len || next_char(&p, &i) != next_char(&n, &j)) {
            return 0;
        }
    }

    if (n.len == 0 || rt_str_eq(path, name)) {
        return 0;
    }

    return i == p.len
           || (p.data[i] == '.' && memchr(p.data + i, '/', p.len - i) == NULL);
}


static int
unreserved(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
           || (c >= 'A' && c <= 'Z')
           || c == '-' || c == '.' || c == '_' || c == '~';
}


/* percent signs, in place: never more bytes than before */

static size_t
spell(unsigned char *buf, const rt_str_t *path)
{
    int             hi, lo, c;
    size_t          i;
    unsigned char  *p;

    static const unsigned char  hex[] = "0123456789ABCDEF";

    p = buf;

    for (i = 0; i < path->len; i++) {

        if (path->data[i] != '%' || path->len - i < 3
            || (hi = rt_hex(path->data[i + 1])) < 0
            || (lo = rt_hex(path->data[i + 2])) < 0)
        {
            *p++ = path->data[i];
            continue;
        }

        c = hi * 16 + lo;
        i += 2;

        if (unreserved(c)) {
            *p++ = (unsigned char) c;

        } else {
            *p++ = '%';
            *p++ = hex[hi];
            *p++ = hex[lo];
        }
    }

    return (size_t) (p - buf);
}


/* RFC 3986, 5.2.4, in place; each segment has its slash in front */

static size_t
undot(unsigned char *buf, size_t len)
{
    size_t          n;
    unsigned char  *p, *dst, *next, *end;

    dst = buf;
    end = buf + len;

    for (p = buf; p < end; p = next) {
        next = memchr(p + 1, '/', (size_t) (end - p - 1));
        next = next ? next : end;
        n = (size_t) (next - p);

        if (!(n == 2 && p[1] == '.')
            && !(n == 3 && p[1] == '.' && p[2] == '.'))
        {
            memmove(dst, p, n);
            dst += n;
            continue;
        }

        while (n == 3 && dst > buf && *--dst != '/') { /* void */ }

        if (next == end) {
            *dst++ = '/';
        }
    }

    return (size_t) (dst - buf);
}


rt_status_e
rt_uri_normal(rt_mem_t *mem, const rt_str_t *path, rt_str_t *out)
{
    unsigned char  *buf;

    buf = rt_alloc(mem, path->len + 1);
    if (buf == NULL) {
        return RT_ERROR;
    }

    out->len = spell(buf, path);
    out->data = buf;

    if (out->len == 0) {
        buf[out->len++] = '/';
    }

    if (buf[0] == '/') {
        out->len = undot(buf, out->len);
    }

    return RT_OK;
}
