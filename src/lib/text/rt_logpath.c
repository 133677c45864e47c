
#include "text/rt_logpath.h"


typedef struct {
    unsigned char  *p;
    unsigned char  *last;       /* room for "..." is behind it */
    int             full;
} out_t;


/* the byte that p stands for once it is decoded */

static unsigned char
decoded(const unsigned char *p, const unsigned char *end)
{
    if (*p != '%' || end - p < 3 || rt_hex(p[1]) < 0 || rt_hex(p[2]) < 0) {
        return *p;
    }

    return (unsigned char) (rt_hex(p[1]) << 4 | rt_hex(p[2]));
}


/* '{' with white space or a quote behind it, in base64 */

static int
token_head(const unsigned char *p)
{
    if (p[0] != 'e') {
        return 0;
    }

    if (p[1] == 'y') {
        return (p[2] >= 'A' && p[2] <= 'D') || (p[2] >= 'I' && p[2] <= 'L');
    }

    return p[1] == 'w'
           && ((p[2] >= 'k' && p[2] <= 'r') || (p[2] >= '0' && p[2] <= '3'));
}


/* where the second dot from the end is, or the begin */

static const unsigned char *
two_dots(const unsigned char *p, const unsigned char *end)
{
    int  dots;

    for (dots = 0; end > p; end--) {
        dots += (end[-1] == '.');

        if (dots == 2) {
            return end - 1;
        }
    }

    return p;
}


/* where the path ends: at its query, its fragment, or a token */

static const unsigned char *
path_end(const unsigned char *p, const unsigned char *end, int *token)
{
    unsigned char         c;
    const unsigned char  *s, *dots;

    for (s = p; s < end; s++) {
        c = decoded(s, end);

        if (c == '?' || c == '#') {
            end = s;
        }
    }

    *token = 0;
    dots = two_dots(p, end);

    for (s = p; dots - s > 2; s++) {

        if (token_head(s)) {
            *token = 1;
            return s;
        }
    }

    return end;
}


/* where what is shown of a segment ends */

static const unsigned char *
segment_shown(const unsigned char *p, const unsigned char *end)
{
    unsigned char         c;
    const unsigned char  *s, *shown;

    if (end - p > RT_LOGPATH_SEGMENT) {
        return p;
    }

    shown = end;

    for (s = p; s < end; s++) {
        c = decoded(s, end);

        if (c == '@') {
            return p;
        }

        if (shown == end && (c == '=' || c == '%')) {
            shown = s;
        }
    }

    return shown;
}


static void
put(out_t *out, unsigned char c)
{
    size_t  size;

    size = (c < 0x20 || c > 0x7e || c == '"' || c == '\\') ? 4 : 1;

    if ((size_t) (out->last - out->p) < size) {
        out->full = 1;
        return;
    }

    if (size == 1) {
        *out->p++ = c;
        return;
    }

    *out->p++ = '\\';
    *out->p++ = 'x';
    out->p = rt_hex_put(out->p, &c, 1);
}


static void
put_segment(out_t *out, const unsigned char *p, const unsigned char *end)
{
    const unsigned char  *shown;

    shown = segment_shown(p, end);

    while (p < shown && !out->full) {
        put(out, *p++);
    }

    if (p < end && !out->full) {
        put(out, '*');
    }
}


static void
put_path(out_t *out, const unsigned char *p, const unsigned char *end)
{
    const unsigned char  *slash;

    while (p < end && !out->full) {
        slash = memchr(p, '/', (size_t) (end - p));

        put_segment(out, p, slash ? slash : end);

        if (slash && !out->full) {
            put(out, '/');
        }

        p = slash ? slash + 1 : end;
    }
}


size_t
rt_logpath(unsigned char *dst, const rt_str_t *path)
{
    int                   token;
    out_t                 out;
    const unsigned char  *end;

    if (path->len == 0) {
        return 0;
    }

    out.p = dst;
    out.last = dst + RT_LOGPATH_MAX - 3;
    out.full = 0;

    end = path_end(path->data, path->data + path->len, &token);

    put_path(&out, path->data, end);

    if (token && !out.full) {
        put(&out, '*');
    }

    if (out.full) {
        memcpy(out.p, "...", 3);
        out.p += 3;
    }

    return (size_t) (out.p - dst);
}
