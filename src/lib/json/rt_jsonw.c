
#include "json/rt_jsonw.h"
#include "text/rt_run.h"
#include "text/rt_utf8.h"


void
rt_jsonw_init(rt_jsonw_t *w, unsigned char *buf, size_t size)
{
    w->start = buf;
    w->pos = buf;
    w->last = buf + size;
    w->comma = 0;
    w->full = 0;
}


void
rt_jsonw_hold(rt_jsonw_t *w, size_t n)
{
    if (rt_jsonw_room(w) < n) {
        w->full = 1;
        return;
    }

    if (!w->full) {
        w->last -= n;
    }
}


void
rt_jsonw_release(rt_jsonw_t *w, size_t n)
{
    if (!w->full) {
        w->last += n;
    }
}


/* room for n bytes and the comma before them, which is written */

static int
begin(rt_jsonw_t *w, size_t n)
{
    if (w->full) {
        return 0;
    }

    if (rt_jsonw_room(w) < n + w->comma) {
        w->full = 1;
        return 0;
    }

    if (w->comma) {
        *w->pos++ = ',';
    }

    w->comma = 1;

    return 1;
}


void
rt_jsonw_open(rt_jsonw_t *w, int c)
{
    if (begin(w, 2)) {
        *w->pos++ = (unsigned char) c;
        w->last--;
        w->comma = 0;
    }
}


void
rt_jsonw_close(rt_jsonw_t *w, int c)
{
    if (!w->full) {
        w->last++;
        *w->pos++ = (unsigned char) c;
        w->comma = 1;
    }
}


/* ret: the bytes written to dst (at most 6) for the ASCII character c */

static size_t
escape_ascii(unsigned char *dst, unsigned char c)
{
    static const char  brief[] = "btn\0fr";     /* U+0008 to U+000D */

    dst[0] = '\\';

    if (c == '"' || c == '\\') {
        dst[1] = c;
        return 2;
    }

    if (c >= 0x08 && c <= 0x0d && c != 0x0b) {
        dst[1] = (unsigned char) brief[c - 0x08];
        return 2;
    }

    memcpy(dst, "\\u00", 4);
    rt_hex_put(dst + 4, &c, 1);

    return 6;
}


/* one character at p, at most 6 bytes into dst; *used bytes of p are done */

static size_t
encode(unsigned char *dst, const unsigned char *p, const unsigned char *end,
    size_t *used)
{
    uint32_t  cp;

    if (*p < 0x80) {
        *used = 1;

        if (*p >= 0x20 && *p != '"' && *p != '\\' && *p != 0x7f) {
            *dst = *p;
            return 1;
        }

        return escape_ascii(dst, *p);
    }

    cp = rt_utf8_step(p, end, used);

    if (cp == RT_UTF8_BAD) {
        memcpy(dst, "\xef\xbf\xbd", 3);
        return 3;
    }

    if (cp < 0xa0) {
        return escape_ascii(dst, (unsigned char) cp);
    }

    if (cp == 0x2028 || cp == 0x2029) {
        memcpy(dst, cp == 0x2028 ? "\\u2028" : "\\u2029", 6);
        return 6;
    }

    memcpy(dst, p, *used);

    return *used;
}


/* the same into room bytes; ret: the bytes written, 0 if they did not fit */

static size_t
step(unsigned char *dst, size_t room, const unsigned char *p,
    const unsigned char *end, size_t *used)
{
    size_t         n;
    unsigned char  c[6];

    n = encode(c, p, end, used);

    if (n > room) {
        return 0;
    }

    memcpy(dst, c, n);

    return n;
}


/*
 * Fewer than eight bytes, of which none needs a closer look, in one go: two
 * halves that overlap, or the first, the middle and the last of three.
 *
 * ret: 0 if one does; what stands at dst means nothing then
 */

static inline int
brief(unsigned char *dst, const unsigned char *p, size_t n)
{
    uint32_t  head, tail;
    uint64_t  x;

    if (n >= 4) {
        memcpy(&head, p, 4);
        memcpy(&tail, p + n - 4, 4);
        memcpy(dst, &head, 4);
        memcpy(dst + n - 4, &tail, 4);

        x = (uint64_t) head << 32 | tail;

    } else {
        dst[0] = p[0];
        dst[n / 2] = p[n / 2];
        dst[n - 1] = p[n - 1];

        x = RT_RUN_ONES * ' ' << 24 | p[0] | (uint64_t) p[n / 2] << 8
            | (uint64_t) p[n - 1] << 16;
    }

    return rt_run_marks(x) == 0;
}


/* ret: how many of the first n bytes need no closer look, and are at dst now */

static inline size_t
plain(unsigned char *dst, const unsigned char *p, size_t n)
{
    size_t    i;
    uint64_t  x, marks;

    for (i = 0; n - i >= 8; i += 8) {
        memcpy(&x, p + i, 8);
        memcpy(dst + i, &x, 8);

        marks = rt_run_marks(x);

        if (marks) {
            return i + rt_run_clean(marks);
        }
    }

    return (i < n && brief(dst + i, p + i, n - i)) ? n : i;
}


/* the same, and moves on to where such bytes end */

static inline const unsigned char *
run(rt_jsonw_t *w, const unsigned char *p, const unsigned char *end,
    const unsigned char *last)
{
    size_t  n, room;

    n = (size_t) (end - p);
    room = (size_t) (last - w->pos);
    n = plain(w->pos, p, n < room ? n : room);

    w->pos += n;

    return p + n;
}


/* text() from a byte on that needs a closer look */

static __attribute__((__noinline__)) const unsigned char *
closer(rt_jsonw_t *w, const unsigned char *p, const unsigned char *end,
    const unsigned char *last)
{
    size_t  n, used;

    while (p < end) {
        n = step(w->pos, (size_t) (last - w->pos), p, end, &used);

        if (n == 0) {
            break;
        }

        w->pos += n;
        p = run(w, p + used, end, last);
    }

    return p;
}


/*
 * Writes text as far as it fits below last.
 *
 * ret: where it stopped: at a character's border, end if all fitted
 */

static const unsigned char *
text(rt_jsonw_t *w, const unsigned char *p, const unsigned char *end,
    const unsigned char *last)
{
    p = run(w, p, end, last);

    return (p == end) ? p : closer(w, p, end, last);
}


static void
string(rt_jsonw_t *w, const rt_str_t *s, size_t after)
{
    const unsigned char  *end;

    /* text seldom shrinks: what cannot fit is not even begun */

    if (s->len / 3 > rt_jsonw_room(w) || !begin(w, 2 + after)) {
        w->full = 1;
        return;
    }

    *w->pos++ = '"';
    end = s->data + s->len;

    if (s->len && text(w, s->data, end, w->last - 1 - after) != end) {
        w->full = 1;
        return;
    }

    *w->pos++ = '"';
}


void
rt_jsonw_key(rt_jsonw_t *w, const rt_str_t *name)
{
    string(w, name, 1);

    if (!w->full) {
        *w->pos++ = ':';
        w->comma = 0;
    }
}


void
rt_jsonw_str(rt_jsonw_t *w, const rt_str_t *s)
{
    string(w, s, 0);
}


rt_status_e
rt_jsonw_str_cut(rt_jsonw_t *w, const rt_str_t *s, size_t max)
{
    size_t                room;
    const unsigned char  *p, *end;

    if (!begin(w, 2)) {
        return RT_OK;
    }

    *w->pos++ = '"';

    p = s->data;
    end = s->len ? p + s->len : p;
    room = rt_jsonw_room(w) - 1;

    if (s->len) {
        p = text(w, p, end, w->pos + (max < room ? max : room));
    }

    if (s->len && p != end && max >= room) {
        w->full = 1;
        return RT_OK;
    }

    *w->pos++ = '"';

    return (s->len && p != end) ? RT_TOO_BIG : RT_OK;
}


void
rt_jsonw_str_open(rt_jsonw_t *w)
{
    if (begin(w, 2)) {
        *w->pos++ = '"';
        w->last--;
    }
}


void
rt_jsonw_str_text(rt_jsonw_t *w, const rt_str_t *s)
{
    const unsigned char  *end;

    if (w->full || s->len == 0) {
        return;
    }

    end = s->data + s->len;

    if (text(w, s->data, end, w->last) != end) {
        w->full = 1;
    }
}


void
rt_jsonw_str_close(rt_jsonw_t *w)
{
    if (!w->full) {
        w->last++;
        *w->pos++ = '"';
    }
}


void
rt_jsonw_raw(rt_jsonw_t *w, const rt_str_t *s)
{
    rt_jsonw_put(w, s->data, s->len);
}


void
rt_jsonw_uint(rt_jsonw_t *w, uint64_t n)
{
    size_t  len;

    len = rt_digits(n);

    if (begin(w, len)) {
        w->pos += len;
        rt_decimal_before(w->pos, n);
    }
}


void
rt_jsonw_byte(rt_jsonw_t *w, unsigned char c)
{
    if (w->full || rt_jsonw_room(w) == 0) {
        w->full = 1;
        return;
    }

    *w->pos++ = c;
}


void
rt_jsonw_value(rt_jsonw_t *w, const rt_json_t *v)
{
    const rt_json_t  *m;

    switch (v->type) {

    case RT_JSON_NULL:
        rt_jsonw_null(w);
        return;

    case RT_JSON_FALSE:
    case RT_JSON_TRUE:
        rt_jsonw_bool(w, v->type == RT_JSON_TRUE);
        return;

    case RT_JSON_NUMBER:
        rt_jsonw_raw(w, &v->str);
        return;

    case RT_JSON_STRING:
        rt_jsonw_str(w, &v->str);
        return;

    default:
        break;
    }

    rt_jsonw_open(w, v->type == RT_JSON_ARRAY ? '[' : '{');

    for (m = v->child; m; m = m->next) {

        if (v->type == RT_JSON_OBJECT) {
            rt_jsonw_key(w, &m->key);
        }

        rt_jsonw_value(w, m);
    }

    rt_jsonw_close(w, v->type == RT_JSON_ARRAY ? ']' : '}');
}
