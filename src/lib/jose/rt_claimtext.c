
/* Claims as the text of variables and of log lines. */

#include "jose/rt_claims.h"
#include "json/rt_jsonw.h"
#include "text/rt_logpath.h"
#include "text/rt_utf8.h"


typedef struct {
    unsigned char  *p;
    unsigned char  *last;       /* room for "..." is behind it */
    int             full;
} shown_t;


/* strings without a comma, joined by commas */

static rt_status_e
join(rt_mem_t *mem, const rt_json_t *array, rt_str_t *out)
{
    size_t            len;
    unsigned char    *p;
    const rt_json_t  *v;

    len = 0;

    for (v = array->child; v; v = v->next) {

        if (v->type != RT_JSON_STRING || !rt_utf8_plain(&v->str)) {
            return RT_OK;
        }

        if (v->str.len && memchr(v->str.data, ',', v->str.len)) {
            return RT_OK;
        }

        len += v->str.len + 1;
    }

    if (len == 0) {
        return RT_OK;
    }

    p = rt_alloc(mem, len);
    if (p == NULL) {
        return RT_ERROR;
    }

    out->data = p;
    out->len = len - 1;

    for (v = array->child; v; v = v->next) {

        if (v->str.len) {
            memcpy(p, v->str.data, v->str.len);
            p += v->str.len;
        }

        *p++ = ',';
    }

    return RT_OK;
}


rt_status_e
rt_claims_text(rt_mem_t *mem, const rt_json_t *v, rt_str_t *out)
{
    static const rt_str_t  yes = rt_string("true");
    static const rt_str_t  no = rt_string("false");

    out->len = 0;
    out->data = (unsigned char *) "";

    if (v == NULL) {
        return RT_OK;
    }

    switch (v->type) {

    case RT_JSON_STRING:
        if (rt_utf8_plain(&v->str)) {
            *out = v->str;
        }

        return RT_OK;

    case RT_JSON_NUMBER:
        *out = v->str;
        return RT_OK;

    case RT_JSON_TRUE:
        *out = yes;
        return RT_OK;

    case RT_JSON_FALSE:
        *out = no;
        return RT_OK;

    case RT_JSON_ARRAY:
        return join(mem, v, out);

    default:
        return RT_OK;
    }
}


/* the most bytes a value takes: every byte of a string as \u0000 */

static size_t
room(const rt_json_t *v)
{
    size_t            n;
    const rt_json_t  *m;

    n = 6 * v->str.len + 6 * v->key.len + sizeof("\"\":\"\",");

    for (m = v->child; m; m = m->next) {
        n += room(m);
    }

    return n;
}


/* the depth of recursion is that of rt_claims_parse() */

rt_status_e
rt_claims_json(rt_mem_t *mem, const rt_json_t *v, rt_str_t *out)
{
    size_t      size;
    rt_jsonw_t  w;

    out->len = 0;
    out->data = (unsigned char *) "";

    if (v == NULL) {
        return RT_OK;
    }

    size = room(v);

    out->data = rt_alloc(mem, size);
    if (out->data == NULL) {
        return RT_ERROR;
    }

    rt_jsonw_init(&w, out->data, size);
    rt_jsonw_value(&w, v);

    if (w.full) {
        return RT_ERROR;
    }

    out->len = rt_jsonw_len(&w);

    return RT_OK;
}


static void
show(shown_t *out, const void *data, size_t len)
{
    if (out->full || (size_t) (out->last - out->p) < len) {
        out->full = 1;
        return;
    }

    memcpy(out->p, data, len);
    out->p += len;
}


static void
show_text(shown_t *out, const rt_str_t *text, const char *quote)
{
    size_t         len;
    unsigned char  buf[RT_LOGPATH_MAX];

    len = rt_logpath(buf, text);

    show(out, quote, strlen(quote));
    show(out, buf, len);
    show(out, quote, strlen(quote));
}


/* what has no members, or is not looked into */

static void
show_one(shown_t *out, const rt_json_t *v)
{
    static const char *const  words[] = {
        [RT_JSON_NULL] = "null",
        [RT_JSON_FALSE] = "false",
        [RT_JSON_TRUE] = "true",
        [RT_JSON_ARRAY] = "[...]",
        [RT_JSON_OBJECT] = "{...}"
    };

    switch (v->type) {

    case RT_JSON_STRING:
        show_text(out, &v->str, "\"");
        return;

    case RT_JSON_NUMBER:
        show_text(out, &v->str, "");
        return;

    default:
        show(out, words[v->type], strlen(words[v->type]));
    }
}


size_t
rt_claims_shown(unsigned char *dst, const rt_json_t *v)
{
    shown_t           out;
    const rt_json_t  *m;

    out.p = dst;
    out.last = dst + RT_CLAIMS_SHOWN - 3;
    out.full = 0;

    if (v == NULL) {
        show(&out, "nothing", 7);

    } else if (v->type != RT_JSON_ARRAY) {
        show_one(&out, v);

    } else {
        show(&out, "[", 1);

        for (m = v->child; m && !out.full; m = m->next) {
            show_one(&out, m);
            show(&out, ", ", m->next ? 2 : 0);
        }

        show(&out, "]", 1);
    }

    if (out.full) {
        memcpy(out.p, "...", 3);
        out.p += 3;
    }

    return (size_t) (out.p - dst);
}
