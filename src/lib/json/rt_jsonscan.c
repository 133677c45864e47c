
#include "json/rt_jsonscan.h"
#include "text/rt_run.h"
#include "text/rt_utf8.h"


/* the byte here; behind the end a 0, which no JSON has outside of strings */

static inline unsigned char
here(const rt_jsonscan_t *scan)
{
    return scan->p < scan->end ? *scan->p : '\0';
}


static inline void
space(rt_jsonscan_t *scan)
{
    while (scan->p < scan->end
           && (*scan->p == ' ' || *scan->p == '\t' || *scan->p == '\n'
               || *scan->p == '\r'))
    {
        scan->p++;
    }
}


/*
 * An escape, p behind its backslash.
 *
 * out:  *cp what it stands for
 * ret:  its length, 0: there is none of this kind, or half of a pair
 */

static size_t
escape(const unsigned char *p, const unsigned char *end, uint32_t *cp)
{
    int          high, low;
    const char  *at;

    static const char  names[] = "\"\\/bfnrt";
    static const char  values[] = "\"\\/\b\f\n\r\t";

    if (p == end) {
        return 0;
    }

    if (*p != 'u') {
        at = memchr(names, *p, sizeof(names) - 1);
        *cp = at ? (unsigned char) values[at - names] : 0;

        return at != NULL;
    }

    high = rt_hex4(p + 1, end);
    *cp = (uint32_t) high;

    if (high < 0xd800 || high > 0xdfff) {
        return high == -1 ? 0 : 5;
    }

    low = (high <= 0xdbff && end - p >= 11 && p[5] == '\\' && p[6] == 'u')
          ? rt_hex4(p + 7, end) : -1;

    if (low < 0xdc00 || low > 0xdfff) {
        return 0;
    }

    *cp = 0x10000 + ((uint32_t) (high - 0xd800) << 10)
          + (uint32_t) (low - 0xdc00);

    return 11;
}


/* one character of a string that needs a closer look; ret: its length or 0 */

static size_t
closer(const unsigned char *p, const unsigned char *end)
{
    size_t    len;
    uint32_t  cp;

    if (*p >= 0x80) {
        return rt_utf8_step(p, end, &len) == RT_UTF8_BAD ? 0 : len;
    }

    if (*p == '\\') {
        len = escape(p + 1, end, &cp);
        return len ? len + 1 : 0;
    }

    return *p >= 0x20;
}


/* a string, with its quotes */

static rt_status_e
string(rt_jsonscan_t *scan)
{
    size_t                n;
    const unsigned char  *p, *end;

    if (here(scan) != '"') {
        return RT_INVALID;
    }

    p = scan->p + 1;
    end = scan->end;

    for ( ;; ) {
        p += rt_run(p, (size_t) (end - p));

        if (p == end) {
            return RT_INVALID;
        }

        if (*p == '"') {
            scan->p = p + 1;
            return RT_OK;
        }

        n = closer(p, end);

        if (n == 0) {
            return RT_INVALID;
        }

        p += n;
    }
}


static int
digits(rt_jsonscan_t *scan)
{
    const unsigned char  *start;

    start = scan->p;

    while (here(scan) >= '0' && here(scan) <= '9') {
        scan->p++;
    }

    return scan->p != start;
}


static rt_status_e
number(rt_jsonscan_t *scan)
{
    scan->p += (here(scan) == '-');

    if (here(scan) == '0') {
        scan->p++;

    } else if (!digits(scan)) {
        return RT_INVALID;
    }

    if (here(scan) == '.') {
        scan->p++;

        if (!digits(scan)) {
            return RT_INVALID;
        }
    }

    if (rt_lower(here(scan)) == 'e') {
        scan->p++;
        scan->p += (here(scan) == '+' || here(scan) == '-');

        if (!digits(scan)) {
            return RT_INVALID;
        }
    }

    return RT_OK;
}


static rt_status_e
word(rt_jsonscan_t *scan, const char *text, size_t len)
{
    if ((size_t) (scan->end - scan->p) < len
        || memcmp(scan->p, text, len) != 0)
    {
        return RT_INVALID;
    }

    scan->p += len;

    return RT_OK;
}


static rt_status_e
scalar(rt_jsonscan_t *scan)
{
    switch (here(scan)) {

    case '"':
        return string(scan);

    case 't':
        return word(scan, "true", 4);

    case 'f':
        return word(scan, "false", 5);

    case 'n':
        return word(scan, "null", 4);

    default:
        return number(scan);
    }
}


/* what stands between a name and its value */

static rt_status_e
colon(rt_jsonscan_t *scan)
{
    space(scan);

    if (here(scan) != ':') {
        return RT_INVALID;
    }

    scan->p++;
    space(scan);

    return RT_OK;
}


void
rt_jsonscan_init(rt_jsonscan_t *scan, const rt_str_t *text)
{
    scan->p = text->data;
    scan->end = text->len ? text->data + text->len : text->data;
    scan->depth = 0;
    scan->first = 0;

    space(scan);
}


rt_status_e
rt_jsonscan_enter(rt_jsonscan_t *scan)
{
    if (here(scan) != '{') {
        return RT_DECLINED;
    }

    if (scan->depth == RT_JSONSCAN_DEPTH) {
        return RT_TOO_BIG;
    }

    scan->depth++;
    scan->first = 1;
    scan->p++;
    space(scan);

    return RT_OK;
}


rt_status_e
rt_jsonscan_member(rt_jsonscan_t *scan, rt_str_t *found)
{
    const unsigned char  *p;

    space(scan);

    if (here(scan) == '}') {
        scan->p++;
        scan->depth--;
        scan->first = 0;

        return RT_DONE;
    }

    if (!scan->first) {
        if (here(scan) != ',') {
            return RT_INVALID;
        }

        scan->p++;
        space(scan);
    }

    scan->first = 0;
    p = scan->p;

    if (string(scan) != RT_OK) {
        return RT_INVALID;
    }

    found->data = (unsigned char *) p + 1;
    found->len = (size_t) (scan->p - p) - 2;

    return colon(scan);
}


/*
 * Behind a value: closes what ends here.
 *
 * in:   closes, the brackets that are to come, the innermost at *depth - 1
 * ret:  RT_AGAIN, another value follows; RT_DONE, nothing is open;
 *       RT_INVALID
 */

static rt_status_e
after(rt_jsonscan_t *scan, const unsigned char *closes, unsigned *depth)
{
    while (*depth) {
        space(scan);

        if (here(scan) == ',') {
            scan->p++;
            space(scan);

            if (closes[*depth - 1] == '}'
                && (string(scan) != RT_OK || colon(scan) != RT_OK))
            {
                return RT_INVALID;
            }

            return RT_AGAIN;
        }

        if (here(scan) != closes[*depth - 1]) {
            return RT_INVALID;
        }

        scan->p++;
        (*depth)--;
    }

    return RT_DONE;
}


/* the first of an array or object that begins here, or the end of it */

static rt_status_e
open(rt_jsonscan_t *scan, unsigned char *closes, unsigned *depth)
{
    unsigned char  close;

    if (scan->depth + *depth == RT_JSONSCAN_DEPTH) {
        return RT_TOO_BIG;
    }

    close = (*scan->p == '{') ? '}' : ']';
    closes[(*depth)++] = close;

    scan->p++;
    space(scan);

    if (here(scan) == close) {
        return after(scan, closes, depth);
    }

    if (close == '}' && (string(scan) != RT_OK || colon(scan) != RT_OK)) {
        return RT_INVALID;
    }

    return RT_AGAIN;
}


rt_status_e
rt_jsonscan_skip(rt_jsonscan_t *scan, rt_str_t *value)
{
    unsigned       depth;
    rt_status_e    rc;
    unsigned char  closes[RT_JSONSCAN_DEPTH];

    value->data = (unsigned char *) scan->p;
    depth = 0;

    do {
        if (here(scan) == '{' || here(scan) == '[') {
            rc = open(scan, closes, &depth);

        } else {
            rc = scalar(scan);

            if (rc == RT_OK) {
                rc = after(scan, closes, &depth);
            }
        }

    } while (rc == RT_AGAIN);

    value->len = (size_t) (scan->p - value->data);

    return rc == RT_DONE ? RT_OK : rc;
}


rt_status_e
rt_jsonscan_end(rt_jsonscan_t *scan)
{
    space(scan);

    return scan->p == scan->end ? RT_OK : RT_INVALID;
}


void
rt_jsonscan_name(rt_jsonscan_text_t *text, const rt_str_t *name)
{
    text->p = name->data;
    text->end = name->data + name->len;
    text->left = 0;
}


void
rt_jsonscan_text(rt_jsonscan_text_t *text, const rt_str_t *value)
{
    rt_str_t  inner = *value;

    if (inner.len && inner.data[0] == '"') {
        inner.data++;
        inner.len -= 2;
    }

    rt_jsonscan_name(text, &inner);
}


int
rt_jsonscan_byte(rt_jsonscan_text_t *text)
{
    size_t         i, n;
    uint32_t       cp;
    unsigned char  utf8[4];

    if (text->left) {
        return text->held[--text->left];
    }

    if (text->p == text->end) {
        return -1;
    }

    if (*text->p != '\\') {
        return *text->p++;
    }

    text->p += 1 + escape(text->p + 1, text->end, &cp);
    n = rt_utf8_put(utf8, cp);

    for (i = 0; i < n; i++) {
        text->held[i] = utf8[n - 1 - i];
    }

    text->left = (unsigned char) n - 1;

    return utf8[0];
}
