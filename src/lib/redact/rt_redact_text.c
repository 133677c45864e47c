
#include <stdio.h>

#include "text/rt_form.h"
#include "redact/rt_redact.h"


static const rt_str_t  masked = rt_string(RT_REDACT_MASKED);

static const rt_str_t  why_builtin = rt_string("builtin");
static const rt_str_t  why_nested = rt_string("nested");
static const rt_str_t  why_limit = rt_string("limit");
static const rt_str_t  why_json = rt_string("json");
static const rt_str_t  why_memory = rt_string("memory");


void
rt_redact_mask(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *rule)
{
    rt_jsonw_str(w, &masked);
    rt_redact_note(rd, "mask", rule);
}


static int
space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}


/* the end of a run of base64url */

static const unsigned char *
base64url(const unsigned char *p, const unsigned char *end)
{
    unsigned char  c;

    for ( /* void */ ; p < end; p++) {
        c = rt_lower(*p);

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'
              || c == '_'))
        {
            break;
        }
    }

    return p;
}


/*
 * Two more dots behind the first part of a token, whose last parts may be
 * empty.  The first one is an object: '{' and '"' are "eyJ" or "eyI"; with
 * white space between them it begins with "ey" or "ew" as well, but so do
 * words, which are shorter than any header is.
 */

static int
token_at(const unsigned char *p, const unsigned char *end,
    const unsigned char **next)
{
    const unsigned char  *dot, *second;

    dot = base64url(p, end);
    second = (dot < end && *dot == '.') ? base64url(dot + 1, end) : end;

    if (second == end || *second != '.') {

        /* no token begins before the dot: each byte is looked at twice */

        *next = dot;
        return 0;
    }

    *next = p + 1;

    return p[2] == 'J' || dot - p >= 16;
}


size_t
rt_redact_token(const rt_str_t *s)
{
    const unsigned char  *p, *end, *next;

    p = s->data;
    end = p + s->len;

    while (end - p > 4) {
        p = memchr(p, 'e', (size_t) (end - p - 4));

        if (p == NULL) {
            break;
        }

        next = p + 1;

        if ((p[1] == 'y' || p[1] == 'w') && token_at(p, end, &next)) {
            return (size_t) (p - s->data);
        }

        p = next;
    }

    return s->len;
}


/* arguments inside a text: the name before each '=' */

static int
hidden_args(rt_redact_t *rd, const rt_str_t *s, rt_str_t *rule)
{
    rt_str_t              name;
    const unsigned char  *p, *eq, *end;

    p = s->data;
    end = p + s->len;

    for ( ;; ) {
        eq = memchr(p, '=', (size_t) (end - p));
        if (eq == NULL) {
            return 0;
        }

        /* p is where the piece began, or behind the '=' before */

        name.data = (unsigned char *) eq;

        while (name.data > p && memchr("&;?#", name.data[-1], 4) == NULL) {
            name.data--;
        }

        /* blanks around a name are no part of it, encoded ones neither */

        while (name.data < eq && *name.data == '+') {
            name.data++;
        }

        name.len = (size_t) (eq - name.data);

        while (name.len && name.data[name.len - 1] == '+') {
            name.len--;
        }

        if (rt_redact_name(rd, &name, rule) != RT_REDACT_NONE) {
            return 1;
        }

        p = eq + 1;
    }
}


static int
identifier(unsigned char c)
{
    c = rt_lower(c);

    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80
           || c == '_' || c == '-' || c == '.' || c == '$' || c == '%'
           || c == '[' || c == ']';
}


/* objects in another notation: the name before each ':' */

static int
hidden_members(rt_redact_t *rd, const rt_str_t *s, rt_str_t *rule)
{
    rt_str_t              name;
    const unsigned char  *p, *q, *colon, *end;

    p = s->data;
    end = p + s->len;

    for ( ;; ) {
        colon = memchr(p, ':', (size_t) (end - p));
        if (colon == NULL) {
            return 0;
        }

        q = colon;

        while (q > p && (space(q[-1]) || memchr("\"'`\\", q[-1], 4))) {
            q--;
        }

        name.data = (unsigned char *) q;

        while (name.data > p && identifier(name.data[-1])) {
            name.data--;
        }

        name.len = (size_t) (q - name.data);

        if (rt_redact_name(rd, &name, rule) != RT_REDACT_NONE) {
            return 1;
        }

        p = colon + 1;
    }
}


/* the first byte that is no white space, or 0 */

static unsigned char
first_byte(const rt_str_t *s, size_t *at)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {
        if (!space(s->data[i])) {
            *at = i;
            return s->data[i];
        }
    }

    return 0;
}


/* begins as JSON does: an object with a quoted name, or a list of such */

static int
meant_as_json(const rt_str_t *s)
{
    size_t    at;
    rt_str_t  rest;

    rest = *s;

    while (first_byte(&rest, &at) == '[') {
        rest.data += at + 1;
        rest.len -= at + 1;
    }

    if (first_byte(&rest, &at) != '{') {
        return 0;
    }

    rest.data += at + 1;
    rest.len -= at + 1;

    return first_byte(&rest, &at) == '"';
}


/* writes the tree of a text that is JSON; *out only if something changed */

static rt_redact_look_e
look_inside(rt_redact_t *rd, const rt_json_t *v, const rt_str_t *s,
    rt_str_t *out, rt_str_t *rule)
{
    size_t          size;
    unsigned        acts, cuts;
    rt_jsonw_t      w;
    unsigned char  *buf;

    size = 2 * s->len + 64;
    buf = rt_alloc(rd->mem, size);

    if (buf == NULL) {
        *rule = why_memory;
        return RT_REDACT_HIDDEN;
    }

    acts = rd->acts;
    cuts = rd->cuts;
    rt_jsonw_init(&w, buf, size);

    rd->nested++;
    rt_redact_json(rd, &w, v);
    rd->nested--;

    /* what was cut was not looked at: the text may not be shown as it is */

    if (w.full || rd->cuts != cuts) {
        *rule = why_limit;
        return RT_REDACT_HIDDEN;
    }

    if (rd->acts == acts) {
        return RT_REDACT_CLEAN;
    }

    out->data = buf;
    out->len = rt_jsonw_len(&w);

    return RT_REDACT_EDITED;
}


static rt_redact_look_e
look_json(rt_redact_t *rd, const rt_str_t *s, rt_str_t *out, rt_str_t *rule)
{
    rt_json_t       *v;
    rt_status_e      rc;
    rt_json_opts_t   opts;

    opts.flags = RT_JSON_UNIQUE;
    opts.max_depth = RT_REDACT_DEPTH;
    opts.max_nodes = RT_REDACT_NODES;

    if (rd->nested >= RT_REDACT_NESTED) {
        *rule = why_nested;
        return RT_REDACT_HIDDEN;
    }

    rc = rt_json_parse(rd->mem, s, &opts, &v, NULL);

    if (rc == RT_OK) {
        return look_inside(rd, v, s, out, rule);
    }

    if (rc == RT_TOO_BIG || meant_as_json(s)) {
        *rule = (rc == RT_TOO_BIG) ? why_limit : why_json;
        return RT_REDACT_HIDDEN;
    }

    if (rc == RT_ERROR) {
        *rule = why_memory;
        return RT_REDACT_HIDDEN;
    }

    return RT_REDACT_CLEAN;
}


/* the text encoded once less: some application decodes it once more */

static rt_redact_look_e
look_decoded(rt_redact_t *rd, const rt_str_t *s, rt_str_t *rule)
{
    rt_str_t          out, text;
    rt_redact_look_e  look;

    text.data = rt_alloc(rd->mem, s->len);

    if (text.data == NULL) {
        *rule = why_memory;
        return RT_REDACT_HIDDEN;
    }

    memcpy(text.data, s->data, s->len);
    text.len = rt_form_unescape(text.data, s->len);

    if (text.len == s->len) {
        return RT_REDACT_CLEAN;
    }

    if (rd->nested >= RT_REDACT_NESTED) {
        *rule = why_nested;
        return RT_REDACT_HIDDEN;
    }

    rd->nested++;
    look = rt_redact_look(rd, &text, &out, rule);
    rd->nested--;

    if (look == RT_REDACT_EDITED) {
        *rule = why_json;
    }

    return look == RT_REDACT_CLEAN ? RT_REDACT_CLEAN : RT_REDACT_HIDDEN;
}


static rt_redact_look_e
look_token(const rt_str_t *s, rt_str_t *rule)
{
    if (rt_redact_token(s) == s->len) {
        return RT_REDACT_CLEAN;
    }

    *rule = why_builtin;

    return RT_REDACT_HIDDEN;
}


rt_redact_look_e
rt_redact_look(rt_redact_t *rd, const rt_str_t *s, rt_str_t *out,
    rt_str_t *rule)
{
    size_t            at;
    unsigned char     c;
    rt_redact_look_e  look;

    if (!rd->any || s->len < 3) {
        return look_token(s, rule);
    }

    c = first_byte(s, &at);

    if (c == '{' || c == '[') {
        look = look_json(rd, s, out, rule);

        if (look != RT_REDACT_CLEAN) {
            return look;
        }
    }

    if (look_token(s, rule) != RT_REDACT_CLEAN) {
        return RT_REDACT_HIDDEN;
    }

    if (memchr(s->data, '=', s->len) != NULL && hidden_args(rd, s, rule)) {
        return RT_REDACT_HIDDEN;
    }

    if (memchr(s->data, '{', s->len) != NULL && hidden_members(rd, s, rule))
    {
        return RT_REDACT_HIDDEN;
    }

    if (memchr(s->data, '%', s->len) != NULL) {
        return look_decoded(rd, s, rule);
    }

    return RT_REDACT_CLEAN;
}


void
rt_redact_text(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *s)
{
    rt_str_t  out, rule;

    switch (rt_redact_look(rd, s, &out, &rule)) {

    case RT_REDACT_CLEAN:
        rt_jsonw_str(w, s);
        break;

    case RT_REDACT_EDITED:
        rt_jsonw_str(w, &out);
        break;

    default:
        rt_redact_mask(rd, w, &rule);
    }
}


static void
array(rt_redact_t *rd, rt_jsonw_t *w, const rt_json_t *v)
{
    int              n;
    char             buf[16];
    size_t           saved;
    unsigned         i;
    rt_str_t         index;
    rt_jsonw_mark_t  mark;

    rt_jsonw_open(w, '[');

    if (w->full) {
        return;
    }

    for (v = v->child, i = 0; v; v = v->next, i++) {
        mark = rt_jsonw_mark(w);

        if (v->type < RT_JSON_STRING) {
            rt_redact_json(rd, w, v);

            if (!w->full) {
                continue;
            }
        }

        n = snprintf(buf, sizeof(buf), "%u", i);
        index.data = (unsigned char *) buf;
        index.len = (size_t) n;

        saved = rt_redact_enter(rd, &index);

        if (!w->full) {
            rt_redact_json(rd, w, v);
        }

        if (w->full) {
            rt_jsonw_restore(w, &mark);
            rt_redact_cut(rd);
            rt_redact_leave(rd, saved);
            break;
        }

        rt_redact_leave(rd, saved);
    }

    rt_jsonw_close(w, ']');
}


/* pair: what is said of the member with the value, and the rule for it */

static void
member(rt_redact_t *rd, rt_jsonw_t *w, const rt_json_t *v,
    rt_redact_act_e pair, const rt_str_t *pair_rule)
{
    size_t           saved;
    rt_str_t         rule;
    rt_jsonw_mark_t  mark;
    rt_redact_act_e  act;

    if (rt_redact_token(&v->key) < v->key.len) {
        rt_redact_note(rd, "drop", &why_builtin);
        return;
    }

    mark = rt_jsonw_mark(w);
    act = rt_redact_name(rd, &v->key, &rule);
    saved = rt_redact_enter(rd, &v->key);

    if (pair > act && rt_redact_pair_value(&v->key)) {
        act = pair;
        rule = *pair_rule;
    }

    if (act == RT_REDACT_DROP) {
        rt_redact_note(rd, "drop", &rule);
        rt_redact_leave(rd, saved);
        return;
    }

    rt_jsonw_key(w, &v->key);

    if (act == RT_REDACT_MASK) {
        rt_redact_mask(rd, w, &rule);

    } else if (!w->full) {
        rt_redact_json(rd, w, v);
    }

    if (w->full) {
        rt_jsonw_restore(w, &mark);
        rt_redact_cut(rd);
    }

    rt_redact_leave(rd, saved);
}


int
rt_redact_pair_value(const rt_str_t *name)
{
    return rt_str_ieq(name, &(rt_str_t) rt_string("value"));
}


rt_redact_act_e
rt_redact_pair(rt_redact_t *rd, const rt_json_t *object, rt_str_t *rule)
{
    size_t            i;
    rt_str_t          by;
    const rt_json_t  *v;
    rt_redact_act_e   act, most;

    static const rt_str_t  names[] = {
        rt_string("name"), rt_string("key"), rt_string("field")
    };

    most = RT_REDACT_NONE;

    for (v = object->child; v && !rt_redact_pair_value(&v->key); v = v->next) {
        /* void */
    }

    if (!rd->any || v == NULL) {
        return most;
    }

    for (v = object->child; v; v = v->next) {

        for (i = 0; v->type == RT_JSON_STRING && i < 3; i++) {

            if (!rt_str_ieq(&v->key, &names[i])) {
                continue;
            }

            act = rt_redact_name(rd, &v->str, &by);

            if (act > most) {
                most = act;
                *rule = by;
            }
        }
    }

    return most;
}


static void
object(rt_redact_t *rd, rt_jsonw_t *w, const rt_json_t *v)
{
    rt_str_t         rule;
    rt_redact_act_e  pair;

    rt_jsonw_open(w, '{');

    if (w->full) {
        return;
    }

    pair = rt_redact_pair(rd, v, &rule);

    for (v = v->child; v; v = v->next) {
        member(rd, w, v, pair, &rule);
    }

    rt_jsonw_close(w, '}');
}


void
rt_redact_json(rt_redact_t *rd, rt_jsonw_t *w, const rt_json_t *v)
{
    switch (v->type) {

    case RT_JSON_NULL:
        rt_jsonw_null(w);
        break;

    case RT_JSON_FALSE:
    case RT_JSON_TRUE:
        rt_jsonw_bool(w, v->type == RT_JSON_TRUE);
        break;

    case RT_JSON_NUMBER:
        rt_jsonw_raw(w, &v->str);
        break;

    case RT_JSON_STRING:
        rt_redact_text(rd, w, &v->str);
        break;

    case RT_JSON_ARRAY:
        array(rd, w, v);
        break;

    case RT_JSON_OBJECT:
        object(rd, w, v);
        break;
    }
}
