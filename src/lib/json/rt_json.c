
#include "json/rt_json.h"
#include "text/rt_run.h"
#include "text/rt_utf8.h"


/* up to here members are compared pair by pair, above they are sorted */
#define JSON_FEW_MEMBERS  16


/*
 * Depth is a list of open containers in the arena, not the C stack.  Frames
 * are kept when a container closes and taken again by the next one.
 */

typedef struct json_frame_s  json_frame_t;

struct json_frame_s {
    rt_json_t             *value;   /* the open array or object */
    rt_json_t             *last;    /* its last member so far, or NULL */
    json_frame_t          *up;
    json_frame_t          *down;    /* an unused frame of an earlier child */
};


typedef struct {
    rt_mem_t              *mem;
    const unsigned char   *p;
    const unsigned char   *end;
    json_frame_t          *top;
    json_frame_t          *base;    /* the outermost frame ever used */
    unsigned               flags;
    unsigned               again;       /* some name came twice */
    unsigned               depth;
    unsigned               max_depth;
    unsigned               nodes;   /* how many more may be made */
} json_parser_t;


static void
skip_space(json_parser_t *js)
{
    while (js->p < js->end
           && (*js->p == ' ' || *js->p == '\t' || *js->p == '\n'
               || *js->p == '\r'))
    {
        js->p++;
    }
}


/*
 * \uHHHH, *p behind the u: a pair of surrogates is one code point, a lone
 * one is repaired or refused.
 */

static rt_status_e
unescape_u(json_parser_t *js, const unsigned char **p,
    const unsigned char *end, unsigned char **dst)
{
    int       high, low;
    uint32_t  cp;

    high = rt_hex4(*p, end);

    if (high == -1) {
        return RT_INVALID;
    }

    *p += 4;
    cp = (uint32_t) high;

    if (cp == 0 && (js->flags & RT_JSON_NO_NUL)) {
        return RT_INVALID;
    }

    if (cp >= 0xd800 && cp <= 0xdbff
        && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u'
        && (low = rt_hex4(*p + 2, end)) >= 0xdc00 && low <= 0xdfff)
    {
        cp = 0x10000 + ((cp - 0xd800) << 10) + (uint32_t) (low - 0xdc00);
        *p += 6;

    } else if (cp >= 0xd800 && cp <= 0xdfff
               && !(js->flags & RT_JSON_REPAIR))
    {
        return RT_INVALID;
    }

    *dst += rt_utf8_put(*dst, cp);

    return RT_OK;
}


static rt_status_e
unescape(json_parser_t *js, const unsigned char **p,
    const unsigned char *end, unsigned char **dst)
{
    const char           *at;
    unsigned char         c;

    static const char     names[] = "\"\\/bfnrt";
    static const char     values[] = "\"\\/\b\f\n\r\t";

    c = *(*p)++;

    if (c == 'u') {
        return unescape_u(js, p, end, dst);
    }

    at = memchr(names, c, sizeof(names) - 1);
    if (at == NULL) {
        return RT_INVALID;
    }

    *(*dst)++ = (unsigned char) values[at - names];

    return RT_OK;
}


/*
 * The bytes between two quotes, with escapes, with invalid UTF-8 only when
 * it is repaired.  Every escape is longer than what it stands for; a bad byte
 * grows threefold.
 */

static rt_status_e
decode_string(json_parser_t *js, const unsigned char *p,
    const unsigned char *end, rt_str_t *out)
{
    size_t                room, n;
    rt_status_e           rc;
    unsigned char        *dst;
    const unsigned char  *run;

    room = (size_t) (end - p);

    if (js->flags & RT_JSON_REPAIR) {
        if (room > SIZE_MAX / 3) {
            return RT_TOO_BIG;
        }

        room *= 3;
    }

    dst = rt_alloc(js->mem, room);
    if (dst == NULL) {
        return RT_ERROR;
    }

    out->data = dst;

    while (p < end) {

        if (*p == '\\') {
            p++;
            rc = unescape(js, &p, end, &dst);
            if (rc != RT_OK) {
                js->p = p;
                return rc;
            }

            continue;
        }

        run = p;
        p = memchr(p, '\\', (size_t) (end - p));
        if (p == NULL) {
            p = end;
        }

        n = (size_t) (p - run);

        if (js->flags & RT_JSON_REPAIR) {
            dst += rt_utf8_repair_to(dst, run, n);

        } else {
            memcpy(dst, run, n);
            dst += n;
        }
    }

    out->len = (size_t) (dst - out->data);

    return RT_OK;
}


/* a string, js->p on its opening quote */

static rt_status_e
parse_string(json_parser_t *js, rt_str_t *out)
{
    int                   escaped;
    size_t                n;
    rt_status_e           rc;
    unsigned char         seen;
    const unsigned char  *p, *start;

    start = ++js->p;
    escaped = 0;
    seen = 0;
    p = start + rt_run(start, (size_t) (js->end - start));

    for ( /* void */ ; ; p++) {

        if (p == js->end || *p < 0x20) {
            js->p = p;
            return RT_INVALID;
        }

        if (*p == '"') {
            break;
        }

        if (*p == '\\') {
            escaped = 1;

            if (p + 1 < js->end) {
                p++;
            }
        }

        seen |= *p;
    }

    n = (size_t) (p - start);

    /* ASCII alone, as most strings are, is UTF-8 */

    if (seen >= 0x80 && rt_utf8_span(start, n) != n) {

        if (!(js->flags & RT_JSON_REPAIR)) {
            js->p += rt_utf8_span(start, n);
            return RT_INVALID;
        }

        escaped = 1;
    }

    if (escaped) {
        rc = decode_string(js, start, p, out);
        if (rc != RT_OK) {
            return rc;
        }

    } else {
        out->data = (unsigned char *) start;
        out->len = n;
    }

    js->p = p + 1;

    return RT_OK;
}


static size_t
digits(json_parser_t *js)
{
    const unsigned char  *start;

    start = js->p;

    while (js->p < js->end && *js->p >= '0' && *js->p <= '9') {
        js->p++;
    }

    return (size_t) (js->p - start);
}


static rt_status_e
parse_number(json_parser_t *js, rt_str_t *out)
{
    const unsigned char  *start;

    start = js->p;

    if (*js->p == '-') {
        js->p++;
    }

    if (js->p < js->end && *js->p == '0') {
        js->p++;

    } else if (digits(js) == 0) {
        return RT_INVALID;
    }

    if (js->p < js->end && *js->p == '.') {
        js->p++;

        if (digits(js) == 0) {
            return RT_INVALID;
        }
    }

    if (js->p < js->end && (*js->p == 'e' || *js->p == 'E')) {
        js->p++;

        if (js->p < js->end && (*js->p == '+' || *js->p == '-')) {
            js->p++;
        }

        if (digits(js) == 0) {
            return RT_INVALID;
        }
    }

    out->data = (unsigned char *) start;
    out->len = (size_t) (js->p - start);

    return RT_OK;
}


static rt_status_e
parse_literal(json_parser_t *js, const char *word, size_t len)
{
    if ((size_t) (js->end - js->p) < len || memcmp(js->p, word, len) != 0) {
        return RT_INVALID;
    }

    js->p += len;

    return RT_OK;
}


/* one value; of an array or object only its opening bracket */

static rt_status_e
parse_value(json_parser_t *js, rt_json_t *v)
{
    switch (*js->p) {

    case '{':
        v->type = RT_JSON_OBJECT;
        js->p++;
        return RT_OK;

    case '[':
        v->type = RT_JSON_ARRAY;
        js->p++;
        return RT_OK;

    case '"':
        v->type = RT_JSON_STRING;
        return parse_string(js, &v->str);

    case 't':
        v->type = RT_JSON_TRUE;
        return parse_literal(js, "true", 4);

    case 'f':
        v->type = RT_JSON_FALSE;
        return parse_literal(js, "false", 5);

    case 'n':
        v->type = RT_JSON_NULL;
        return parse_literal(js, "null", 4);

    case '-':
    case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
        v->type = RT_JSON_NUMBER;
        return parse_number(js, &v->str);

    default:
        return RT_INVALID;
    }
}


static rt_status_e
push(json_parser_t *js, rt_json_t *v)
{
    json_frame_t  *f;

    if (js->depth == js->max_depth) {
        return RT_TOO_BIG;
    }

    f = js->top ? js->top->down : js->base;

    if (f == NULL) {
        f = rt_alloc(js->mem, sizeof(json_frame_t));
        if (f == NULL) {
            return RT_ERROR;
        }

        f->down = NULL;
        f->up = js->top;

        if (js->top) {
            js->top->down = f;

        } else {
            js->base = f;
        }
    }

    f->value = v;
    f->last = NULL;

    js->top = f;
    js->depth++;

    return RT_OK;
}


static int
key_cmp(const rt_json_t *a, const rt_json_t *b, unsigned flags)
{
    int     rc;
    size_t  i;

    if (a->key.len != b->key.len) {
        return a->key.len < b->key.len ? -1 : 1;
    }

    if (!(flags & RT_JSON_CASELESS)) {
        return a->key.len ? memcmp(a->key.data, b->key.data, a->key.len) : 0;
    }

    for (i = 0, rc = 0; rc == 0 && i < a->key.len; i++) {
        rc = rt_lower(a->key.data[i]) - rt_lower(b->key.data[i]);
    }

    return rc;
}


/* for the sort "again" is the place in the document, or 0 for all */

static int
key_place_cmp(const rt_json_t *a, const rt_json_t *b, unsigned flags)
{
    int  rc;

    rc = key_cmp(a, b, flags);

    return rc ? rc : (a->again > b->again) - (a->again < b->again);
}


static void
sift_down(rt_json_t **heap, size_t i, size_t n, unsigned flags)
{
    size_t      child;
    rt_json_t  *v;

    v = heap[i];

    while ((child = 2 * i + 1) < n) {

        if (child + 1 < n
            && key_place_cmp(heap[child], heap[child + 1], flags) < 0)
        {
            child++;
        }

        if (key_place_cmp(v, heap[child], flags) >= 0) {
            break;
        }

        heap[i] = heap[child];
        i = child;
    }

    heap[i] = v;
}


/* two members of one name, the later one behind; ret: 0 if they may not be */

static int
tie(json_parser_t *js, rt_json_t *first, rt_json_t *later)
{
    js->again = 1;
    first->same = later;

    return !(js->flags & RT_JSON_UNIQUE);
}


/*
 * Heapsort: whoever chooses the names cannot make it slower than n log n, as
 * he could with a hash table, and it needs no more than the array.
 */

static rt_status_e
unique_sorted(json_parser_t *js, rt_json_t *obj)
{
    size_t       i, n;
    rt_json_t   *v, **heap;

    heap = rt_alloc(js->mem, obj->count * sizeof(rt_json_t *));
    if (heap == NULL) {
        return RT_ERROR;
    }

    n = 0;

    for (v = obj->child; v; v = v->next) {
        v->again = (unsigned) n;
        heap[n++] = v;
    }

    for (i = n / 2; i > 0; i--) {
        sift_down(heap, i - 1, n, js->flags);
    }

    /* the greatest comes off first; equal names in a row, the last ahead */

    while (n > 1) {
        v = heap[0];
        heap[0] = heap[--n];
        sift_down(heap, 0, n, js->flags);

        v->again = (key_cmp(v, heap[0], js->flags) == 0);

        if (v->again && !tie(js, heap[0], v)) {
            return RT_INVALID;
        }
    }

    heap[0]->again = 0;

    return RT_OK;
}


static rt_status_e
unique(json_parser_t *js, rt_json_t *obj)
{
    rt_json_t  *a, *b;

    if (obj->count > JSON_FEW_MEMBERS) {
        return unique_sorted(js, obj);
    }

    for (a = obj->child; a; a = a->next) {
        for (b = a->next; b; b = b->next) {

            if (key_cmp(a, b, js->flags) != 0) {
                continue;
            }

            if (!tie(js, a, b)) {
                return RT_INVALID;
            }

            b->again = 1;
            break;
        }
    }

    return RT_OK;
}


/* makes the next value, with its name in an object, and links it */

static rt_status_e
next_value(json_parser_t *js, rt_json_t **out)
{
    rt_json_t     *v;
    rt_status_e    rc;
    json_frame_t  *f;

    if (js->nodes == 0) {
        return RT_TOO_BIG;
    }

    js->nodes--;

    v = rt_alloc(js->mem, sizeof(rt_json_t));
    if (v == NULL) {
        return RT_ERROR;
    }

    memset(v, 0, sizeof(rt_json_t));

    f = js->top;

    if (f && f->value->type == RT_JSON_OBJECT) {

        if (js->p == js->end || *js->p != '"') {
            return RT_INVALID;
        }

        rc = parse_string(js, &v->key);
        if (rc != RT_OK) {
            return rc;
        }

        skip_space(js);

        if (js->p == js->end || *js->p != ':') {
            return RT_INVALID;
        }

        js->p++;
        skip_space(js);
    }

    if (js->p == js->end) {
        return RT_INVALID;
    }

    if (f) {
        if (f->last) {
            f->last->next = v;

        } else {
            f->value->child = v;
        }

        f->last = v;
        f->value->count++;
    }

    *out = v;

    return parse_value(js, v);
}


/*
 * Behind a value: closes what ends here.
 *
 * ret: RT_AGAIN a comma was read, another value must follow; RT_DONE the
 *      outermost value is complete
 */

static rt_status_e
after_value(json_parser_t *js)
{
    rt_json_t    *v;
    rt_status_e   rc;

    while (js->top) {
        skip_space(js);

        if (js->p == js->end) {
            return RT_INVALID;
        }

        if (*js->p == ',') {
            js->p++;
            skip_space(js);
            return RT_AGAIN;
        }

        v = js->top->value;

        if (*js->p != (v->type == RT_JSON_OBJECT ? '}' : ']')) {
            return RT_INVALID;
        }

        if (v->type == RT_JSON_OBJECT
            && (js->flags & (RT_JSON_UNIQUE|RT_JSON_TWICE)))
        {
            rc = unique(js, v);
            if (rc != RT_OK) {
                return rc;
            }
        }

        js->p++;
        js->top = js->top->up;
        js->depth--;
    }

    return RT_DONE;
}


static rt_status_e
parse_text(json_parser_t *js, rt_json_t **root)
{
    rt_json_t    *v;
    rt_status_e   rc;

    *root = NULL;
    skip_space(js);

    do {
        rc = next_value(js, &v);
        if (rc != RT_OK) {
            return rc;
        }

        if (*root == NULL) {
            *root = v;
        }

        if (v->type >= RT_JSON_ARRAY) {
            rc = push(js, v);
            if (rc != RT_OK) {
                return rc;
            }

            skip_space(js);

            if (js->p == js->end) {
                return RT_INVALID;
            }

            /* only an empty container may close before a value came */

            if (*js->p != (v->type == RT_JSON_OBJECT ? '}' : ']')) {
                rc = RT_AGAIN;
                continue;
            }
        }

        rc = after_value(js);

    } while (rc == RT_AGAIN);

    if (rc != RT_DONE) {
        return rc;
    }

    skip_space(js);

    return (js->p == js->end) ? RT_OK : RT_INVALID;
}


rt_status_e
rt_json_parse(rt_mem_t *mem, const rt_str_t *text, const rt_json_opts_t *opts,
    rt_json_t **root, size_t *err)
{
    rt_status_e    rc;
    json_parser_t  js;

    memset(&js, 0, sizeof(json_parser_t));

    js.mem = mem;
    js.p = text->data;
    js.end = text->len ? text->data + text->len : text->data;
    js.flags = opts->flags;
    js.max_depth = opts->max_depth;
    js.nodes = opts->max_nodes;

    rc = parse_text(&js, root);

    if (err) {
        *err = (js.p == NULL) ? 0 : (size_t) (js.p - text->data);
    }

    if (rc != RT_OK) {
        *root = NULL;
        return rc;
    }

    (*root)->again = js.again;

    return RT_OK;
}
