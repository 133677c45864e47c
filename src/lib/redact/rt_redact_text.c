
#include "text/rt_form.h"
#include "redact/rt_redact.h"
#include "redact/rt_redact_graphql.h"
#include "redact/rt_redact_part.h"


#define DIGITS  10              /* of an index */


static const rt_str_t  masked = rt_string(RT_REDACT_MASKED);

static const rt_str_t  why_builtin = rt_string("builtin");
static const rt_str_t  why_name = rt_string("name");
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

    opts.flags = RT_JSON_TWICE;
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


rt_redact_look_e
rt_redact_look(rt_redact_t *rd, const rt_str_t *s, rt_str_t *out,
    rt_str_t *rule)
{
    size_t            at;
    unsigned char     c;
    rt_redact_look_e  look;

    if (rd->looked > RT_REDACT_LOOKED) {
        *rule = why_limit;
        return RT_REDACT_HIDDEN;
    }

    rd->looked += s->len;

    if (rt_redact_key(s) < s->len || rt_redact_basic(s)) {
        *rule = why_builtin;
        return RT_REDACT_HIDDEN;
    }

    if ((rd->kinds || rd->elsewhere)
        && (rt_redact_shaped(rd, s, RT_REDACT_NONE, rule) != RT_REDACT_NONE
            || rt_redact_leads(rd, s, rule)))
    {
        return RT_REDACT_HIDDEN;
    }

    if (rt_redact_plain(s, RT_REDACT_SIGNS)) {
        return rt_redact_hides_filter(rd, s, rule) ? RT_REDACT_HIDDEN
                                                   : RT_REDACT_CLEAN;
    }

    if (rd->nsteps && rt_str_ieq(&rd->step[rd->nsteps - 1],
                                 &(rt_str_t) rt_string("query"))
        && rt_redact_is_graphql(s))
    {
        rd->looked += s->len;
        *rule = why_builtin;
        return rt_redact_builtin(rd, s) ? RT_REDACT_HIDDEN
                                        : rt_redact_graphql(rd, s, out, rule);
    }

    c = first_byte(s, &at);

    if (c == '{' || c == '[') {
        rd->looked += s->len;
        look = look_json(rd, s, out, rule);

        if (look != RT_REDACT_CLEAN) {
            return look;
        }
    }

    if (rt_redact_token(s) < s->len || rt_redact_userinfo(s)) {
        *rule = why_builtin;
        return RT_REDACT_HIDDEN;
    }

    if (rt_redact_hides_pair(rd, s, 0, rule)) {
        return RT_REDACT_HIDDEN;
    }

    if (s->len && memchr(s->data, '%', s->len) != NULL) {
        return look_decoded(rd, s, rule);
    }

    return RT_REDACT_CLEAN;
}


int
rt_redact_telling(rt_redact_t *rd, const rt_str_t *name, rt_str_t *rule)
{
    size_t         at;
    rt_str_t       out, why;
    unsigned char  c;

    if (rt_redact_shaped(rd, name, RT_REDACT_NONE, rule) != RT_REDACT_NONE) {
        return 1;
    }

    *rule = why_name;

    if (rt_redact_plain(name, RT_REDACT_SIGNS)
        && rt_redact_key(name) == name->len)
    {
        rd->looked += 2 * name->len;
        return 0;
    }

    if (rt_redact_builtin(rd, name)) {
        *rule = why_builtin;
        return 1;
    }

    c = first_byte(name, &at);

    return c == '{' || c == '"'
           || rt_redact_hides_pair(rd, name, 1, &why)
           || rt_redact_look(rd, name, &out, &why) != RT_REDACT_CLEAN;
}


rt_status_e
rt_redact_text_cut(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *s,
    size_t max)
{
    rt_str_t  out, rule;

    switch (rt_redact_look(rd, s, &out, &rule)) {

    case RT_REDACT_CLEAN:
        return rt_jsonw_str_cut(w, s, max);

    case RT_REDACT_EDITED:
        return rt_jsonw_str_cut(w, &out, max);

    default:
        rt_redact_mask(rd, w, &rule);
        return RT_OK;
    }
}


/* JSON in a body of another type is redacted inside */

static int
is_json(rt_redact_t *rd, const rt_str_t *s)
{
    size_t           at;
    rt_json_t       *v;
    unsigned char    c;
    rt_json_opts_t   opts;

    c = first_byte(s, &at);

    if (c != '{' && c != '[') {
        return 0;
    }

    opts.flags = RT_JSON_TWICE;
    opts.max_depth = RT_REDACT_DEPTH;
    opts.max_nodes = RT_REDACT_NODES;

    rd->looked += s->len;

    return rt_json_parse(rd->mem, s, &opts, &v, NULL) == RT_OK;
}


rt_status_e
rt_redact_text_body(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *s,
    size_t max)
{
    rt_str_t  out, rule;

    if (is_json(rd, s)) {
        return rt_redact_text_cut(rd, w, s, max);
    }

    /* what only begins as GraphQL does is a text like any */

    if (rt_redact_is_graphql(s)
        && rt_redact_graphql(rd, s, &out, &rule) == RT_REDACT_EDITED)
    {
        s = &out;
    }

    if (rt_redact_hides_body(rd, s, &rule)) {
        rt_redact_mask(rd, w, &rule);
        return RT_OK;
    }

    return rt_redact_text_cut(rd, w, s, max);
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


/* ["password", "x"], as of Object.entries() */

static rt_redact_act_e
entry(rt_redact_t *rd, const rt_json_t *v, rt_str_t *rule)
{
    return v->count == 2 && v->child->type == RT_JSON_STRING
           ? rt_redact_name(rd, &v->child->str, rule) : RT_REDACT_NONE;
}


const rt_str_t *
rt_redact_text_of(const rt_json_t *v)
{
    return v->type == RT_JSON_STRING || v->type == RT_JSON_NUMBER ? &v->str
                                                                  : NULL;
}


/* the index as a step of a pointer; buf has room for DIGITS */

static rt_str_t
step(unsigned i, unsigned char *buf)
{
    return (rt_str_t) { rt_decimal(buf, i), buf };
}


/* one element, with its index in the pointer; ret: 0 if it did not fit */

static int
element(rt_redact_t *rd, rt_jsonw_t *w, const rt_json_t *v, unsigned i,
    rt_redact_act_e act, rt_str_t *rule)
{
    int              n;
    size_t           saved;
    rt_str_t         index;
    unsigned char    buf[DIGITS];
    rt_jsonw_mark_t  mark;

    mark = rt_jsonw_mark(w);

    if (v->type < RT_JSON_STRING && act == RT_REDACT_NONE && !rd->kinds) {
        rt_redact_json(rd, w, v);

        if (!w->full) {
            return 1;
        }
    }

    index = step(i, buf);
    saved = rt_redact_enter(rd, &index);
    act = rt_redact_node(rd, v, act, rule);

    if (act == RT_REDACT_DROP) {
        rt_redact_note(rd, "drop", rule);

    } else if (act != RT_REDACT_NONE) {
        rt_redact_put(rd, w, act, rt_redact_text_of(v), rule);

    } else if (!w->full) {
        rt_redact_json(rd, w, v);
    }

    n = !w->full;

    if (n == 0) {
        rt_jsonw_restore(w, &mark);
        rt_redact_cut(rd);
    }

    rt_redact_leave(rd, saved);

    return n;
}


static void
array(rt_redact_t *rd, rt_jsonw_t *w, const rt_json_t *v)
{
    unsigned         i;
    rt_str_t         rule;
    rt_redact_act_e  act;

    rt_jsonw_open(w, '[');

    if (w->full) {
        return;
    }

    act = entry(rd, v, &rule);

    for (v = v->child, i = 0; v; v = v->next, i++) {

        if (!element(rd, w, v, i, i == 1 ? act : RT_REDACT_NONE, &rule)) {
            break;
        }
    }

    rt_jsonw_close(w, ']');
}


/*
 * Of a name that stands in an object more than once all values are shown, as
 * an array: which of them the application takes nobody can know.
 */

static void
values(rt_redact_t *rd, rt_jsonw_t *w, const rt_json_t *v,
    rt_redact_act_e act, const rt_str_t *rule)
{
    int  many;

    many = (v->same != NULL);

    if (many) {
        rt_jsonw_open(w, '[');
    }

    for ( /* void */ ; v && !w->full; v = v->same) {

        if (act != RT_REDACT_NONE) {
            rt_redact_put(rd, w, act, rt_redact_text_of(v), rule);

        } else {
            rt_redact_json(rd, w, v);
        }
    }

    if (many) {
        rt_jsonw_close(w, ']');
    }
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

    if (rt_redact_telling(rd, &v->key, &rule)) {
        rt_redact_note(rd, "drop", &rule);
        return;
    }

    mark = rt_jsonw_mark(w);
    act = rt_redact_name(rd, &v->key, &rule);
    saved = rt_redact_enter(rd, &v->key);

    if (pair > act && rt_redact_pair_value(&v->key)) {
        act = pair;
        rule = *pair_rule;
    }

    act = rt_redact_node(rd, v, act, &rule);

    if (act == RT_REDACT_DROP) {
        rt_redact_note(rd, "drop", &rule);
        rt_redact_leave(rd, saved);
        return;
    }

    rt_jsonw_key(w, &v->key);
    values(rd, w, v, act, &rule);

    if (w->full) {
        rt_jsonw_restore(w, &mark);
        rt_redact_cut(rd);
    }

    rt_redact_leave(rd, saved);
}


rt_redact_act_e
rt_redact_pair(rt_redact_t *rd, const rt_json_t *object, rt_str_t *rule)
{
    rt_str_t          by;
    const rt_json_t  *v;
    rt_redact_act_e   act, most;

    most = RT_REDACT_NONE;

    rt_redact_graphql_members(rd, object);

    for (v = object->child; v && !rt_redact_pair_value(&v->key); v = v->next) {
        /* void */
    }

    if (v == NULL) {
        return most;
    }

    for (v = object->child; v; v = v->next) {

        if (v->type != RT_JSON_STRING || !rt_redact_pair_name(&v->key)) {
            continue;
        }

        act = rt_redact_name(rd, &v->str, &by);

        if (act > most) {
            most = act;
            *rule = by;
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
        if (!v->again) {
            member(rd, w, v, pair, &rule);
        }
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
