
/*
 * Arguments, and addresses with their paths and arguments.
 */

#include "redact/rt_redact_part.h"
#include "redact/rt_redact_url.h"


typedef struct {
    rt_str_t              scheme;   /* "https://", "//" or empty */
    rt_str_t              host;     /* with port */
    rt_str_t              path;
    rt_str_t              query;
    unsigned              opaque:1; /* no address we can take apart */
    unsigned              args:1;   /* it has a '?' */
} url_t;


static const rt_str_t  masked = rt_string(RT_REDACT_MASKED);

static const rt_str_t  why_builtin = rt_string("builtin");
static const rt_str_t  why_count = rt_string("count");
static const rt_str_t  why_percent = rt_string("percent");
static const rt_str_t  why_url = rt_string("url");


/* arguments */


/* JSON or parts of multipart sent as a form, besides what any name tells */

static int
telling_arg(rt_redact_t *rd, const rt_str_t *name, rt_str_t *rule)
{
    size_t  i;

    if (rt_redact_telling(rd, name, rule)) {
        return 1;
    }

    for (i = 0; i < name->len && name->data[i] <= ' '; i++) { /* void */ }

    return rd->any && name->len
           && ((i < name->len && name->data[i] == '[')
               || memchr(name->data, '\n', name->len) != NULL);
}


/* the last segment of a name, as in item[0][value] or item.value */

static rt_str_t
last_segment(const rt_str_t *name)
{
    size_t    n;
    rt_str_t  s;

    s = *name;

    while (s.len && memchr("[]", s.data[s.len - 1], 2) != NULL) {
        s.len--;
    }

    for (n = s.len; n && memchr("[].", s.data[n - 1], 3) == NULL; n--) {
        /* void */
    }

    return rt_slice(&s, n, s.len);
}


void
rt_redact_pair_arg(rt_redact_t *rd, const rt_form_field_t *field,
    rt_redact_pair_t *pair)
{
    rt_str_t         rule, name;
    rt_redact_act_e  act;

    name = last_segment(&field->name);

    if (!rd->any || !rt_redact_pair_name(&name)) {
        return;
    }

    act = rt_redact_name(rd, &field->value, &rule);

    if (act > pair->act) {
        pair->act = act;
        pair->rule = rule;
    }
}


static rt_redact_act_e
judge_arg(rt_redact_t *rd, const rt_form_field_t *field,
    const rt_redact_pair_t *pair, rt_str_t *shown, rt_str_t *rule)
{
    rt_str_t         out;
    rt_redact_act_e  act;

    act = rt_redact_name(rd, &field->name, rule);

    if (pair && pair->act > act) {
        out = last_segment(&field->name);

        if (rt_redact_pair_value(&out)) {
            act = pair->act;
            *rule = pair->rule;
        }
    }

    if (act != RT_REDACT_NONE) {
        return act;
    }

    if (field->bad && rd->any) {
        *rule = why_percent;
        return RT_REDACT_MASK;
    }

    switch (rt_redact_look(rd, &field->value, &out, rule)) {

    case RT_REDACT_EDITED:
        *shown = out;
        return RT_REDACT_NONE;

    case RT_REDACT_HIDDEN:
        return RT_REDACT_MASK;

    default:
        return RT_REDACT_NONE;
    }
}


rt_redact_act_e
rt_redact_arg(rt_redact_t *rd, const rt_form_field_t *field,
    const rt_redact_pair_t *pair, rt_str_t *shown, rt_str_t *rule)
{
    size_t           saved;
    rt_redact_act_e  act;

    *shown = field->value;

    if (telling_arg(rd, &field->name, rule)) {
        rt_redact_note(rd, "drop", rule);
        return RT_REDACT_DROP;
    }

    saved = rt_redact_enter(rd, &field->name);
    act = judge_arg(rd, field, pair, shown, rule);

    if (act != RT_REDACT_NONE) {
        rt_redact_note(rd, rt_redact_act_name(act), rule);
    }

    rt_redact_leave(rd, saved);

    return act;
}


/* addresses */


static void
take_apart(const rt_str_t *s, url_t *u)
{
    size_t  i, at, end, last;

    memset(u, 0, sizeof(*u));

    end = rt_until(s, 0, "#");
    i = rt_until(s, 0, "/?#");
    at = 0;

    if (i + 1 < end && s->data[i] == '/' && s->data[i + 1] == '/'
        && (i == 0 || s->data[i - 1] == ':'))
    {
        u->scheme = rt_slice(s, 0, i + 2);

        at = i + 2;
        last = rt_until(s, at, "/?#");

        for (i = last; i > at && s->data[i - 1] != '@'; i--) { /* void */ }

        u->host = rt_slice(s, i, last);
        at = last;

    } else if (i > 0) {
        u->opaque = (rt_until(s, 0, ":@") < i);
    }

    i = rt_until(s, at, "?#");

    u->path = rt_slice(s, at, i);

    if (i < end) {
        u->args = 1;
        u->query = rt_slice(s, i + 1, end);
    }
}


/* a piece of a path, of which a token leaves "/" or "=" */

static void
write_piece(rt_redact_t *rd, rt_jsonw_t *w, rt_str_t part)
{
    rt_str_t  sign;

    if (rt_redact_builtin(rd, &part)) {
        sign = rt_slice(&part, 0, memchr("/=", part.data[0], 2) != NULL);
        part = masked;

        rt_jsonw_str_text(w, &sign);
        rt_redact_note(rd, "mask", &why_builtin);
    }

    rt_jsonw_str_text(w, &part);
}


/* ";name=value" with the value judged; without ';' it is only a piece */

static void
write_parameter(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *part)
{
    size_t    eq;
    rt_str_t  name, value, rule;

    if (part->data[0] != ';') {
        write_piece(rd, w, *part);
        return;
    }

    eq = rt_until(part, 1, "=");
    name = rt_slice(part, 1, eq);
    value = rt_slice(part, eq, part->len);

    rt_jsonw_str_text(w, &(rt_str_t) rt_string(";"));

    if (name.len) {
        write_piece(rd, w, name);
    }

    if (value.len && rt_redact_name(rd, &name, &rule) != RT_REDACT_NONE) {
        rt_redact_note(rd, "mask", &rule);
        rt_jsonw_str_text(w, &(rt_str_t) rt_string("="));
        value = masked;
    }

    if (value.len) {
        write_piece(rd, w, value);
    }
}


/*
 * How far a path can be shown piece by piece: up to a piece that is masked by
 * itself.  *hidden: what lies between holds something over its borders, such
 * as a token in the standard alphabet, which has '/' in it.
 */

static size_t
stretch(rt_redact_t *rd, const rt_str_t *path, size_t from, int *hidden)
{
    size_t    i, next;
    rt_str_t  part;

    for (i = from; i < path->len; i = next) {
        next = rt_until(path, i + 1, ";/");
        part = rt_slice(path, i, next);

        if (rt_redact_builtin(rd, &part)) {
            break;
        }
    }

    part = rt_slice(path, from, i);
    *hidden = rt_redact_builtin(rd, &part);

    return i;
}


static void
write_path(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *path)
{
    int       hidden;
    size_t    from, clear, next;
    rt_str_t  part;

    for (from = 0, clear = 0; from < path->len; from = next) {

        if (from >= clear) {
            clear = stretch(rd, path, from, &hidden);

            if (hidden) {
                part = rt_slice(path, from, clear);
                write_piece(rd, w, part);
                next = clear;
                continue;
            }
        }

        next = rt_until(path, from + 1, ";/");
        part = rt_slice(path, from, next);

        write_parameter(rd, w, &part);
    }
}


static int
too_many(const rt_str_t *query)
{
    size_t  i, n;

    for (i = 0, n = 1; i < query->len; i++) {
        n += (query->data[i] == '&');
    }

    return n > RT_REDACT_ARGS;
}


/* what names beside values say, of the whole query */

static rt_status_e
judge_pairs(rt_redact_t *rd, const rt_str_t *query, rt_redact_pair_t *pair)
{
    rt_status_e      rc;
    rt_form_iter_t   it;
    rt_form_field_t  field;

    memset(pair, 0, sizeof(*pair));

    if (!rd->any) {
        return RT_OK;
    }

    rt_form_iter(&it, query);

    while ((rc = rt_form_next(rd->mem, &it, &field)) == RT_OK) {
        rt_redact_pair_arg(rd, &field, pair);
    }

    return rc == RT_DONE ? RT_OK : rc;
}


/* one argument; raw is how it came */

static int
write_arg(rt_redact_t *rd, rt_jsonw_t *w, const rt_form_field_t *field,
    const rt_redact_pair_t *pair, const rt_str_t *raw, int first)
{
    rt_str_t         shown, rule, name;
    rt_redact_act_e  act;

    act = rt_redact_arg(rd, field, pair, &shown, &rule);

    if (act == RT_REDACT_DROP) {
        return 0;
    }

    if (!first) {
        rt_jsonw_str_text(w, &(rt_str_t) rt_string("&"));
    }

    if (act == RT_REDACT_NONE && shown.data == field->value.data) {
        rt_jsonw_str_text(w, raw);
        return 1;
    }

    name = rt_slice(raw, 0, rt_until(raw, 0, "="));

    rt_jsonw_str_text(w, &name);
    rt_jsonw_str_text(w, &(rt_str_t) rt_string("=" RT_REDACT_MASKED));

    return 1;
}


static rt_status_e
write_query(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *query)
{
    int               first;
    rt_str_t          raw;
    rt_status_e       rc;
    rt_form_iter_t    it;
    rt_form_field_t   field;
    rt_redact_pair_t  pair;

    rt_jsonw_str_text(w, &(rt_str_t) rt_string("?"));

    if (rd->any && too_many(query)) {
        rt_jsonw_str_text(w, &masked);
        rt_redact_note(rd, "unparsed", &why_count);
        return RT_OK;
    }

    if (judge_pairs(rd, query, &pair) != RT_OK) {
        return RT_ERROR;
    }

    first = 1;
    rt_form_iter(&it, query);

    for ( ;; ) {
        raw.data = (unsigned char *) it.pos;

        while (raw.data < it.end && *raw.data == '&') {
            raw.data++;
        }

        rc = rt_form_next(rd->mem, &it, &field);

        if (rc != RT_OK) {
            return rc == RT_DONE ? RT_OK : rc;
        }

        raw.len = (size_t) (it.pos - raw.data);

        if (write_arg(rd, w, &field, &pair, &raw, first)) {
            first = 0;
        }
    }
}


static rt_status_e
write_url(rt_redact_t *rd, rt_jsonw_t *w, const url_t *u, int query)
{
    rt_status_e  rc;

    rc = RT_OK;

    rt_jsonw_str_open(w);
    rt_jsonw_str_text(w, &u->scheme);
    rt_jsonw_str_text(w, &u->host);
    write_path(rd, w, &u->path);

    if (query && u->args) {
        rc = write_query(rd, w, &u->query);
    }

    rt_jsonw_str_close(w);

    return rc;
}


/* as a whole with query and path, within max bytes between the quotes */

static rt_status_e
try_url(rt_redact_t *rd, rt_jsonw_t *w, const url_t *u, int query,
    size_t max)
{
    size_t       room, held;
    rt_status_e  rc;

    room = rt_jsonw_room(w);
    held = room > max + 2 ? room - max - 2 : 0;

    rt_jsonw_hold(w, held);
    rc = write_url(rd, w, u, query);
    rt_jsonw_release(w, held);

    return rc;
}


rt_status_e
rt_redact_url(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *url,
    int query, size_t max)
{
    url_t            u;
    size_t           n, end;
    rt_str_t         start;
    rt_status_e      rc;
    rt_jsonw_mark_t  mark;

    if (url->len == 0) {
        rt_jsonw_str(w, url);
        return RT_OK;
    }

    take_apart(url, &u);

    if (u.opaque) {
        rt_jsonw_str(w, &masked);
        rt_redact_note(rd, "unparsed", &why_url);
        return RT_OK;
    }

    mark = rt_jsonw_mark(w);
    rc = try_url(rd, w, &u, query, max);

    if (rc != RT_OK) {
        rt_jsonw_restore(w, &mark);
        return rc;
    }

    if (!w->full) {
        return RT_OK;
    }

    rt_jsonw_restore(w, &mark);
    (void) try_url(rd, w, &u, 0, max);

    if (!w->full) {
        return RT_TOO_BIG;
    }

    /* only the path's start, up to where a parameter or token begins */

    rt_jsonw_restore(w, &mark);

    end = rt_until(&u.path, 0, ";");
    n = rt_until(&u.path, 0, "%");
    end = (n < end && rt_redact_builtin(rd, &u.path)) ? n : end;
    n = rt_redact_token(&u.path);
    end = n < end ? n : end;
    start = rt_slice(&u.path, 0, end);
    end = rt_jsonw_room(w) > 3 ? rt_jsonw_room(w) - 3 : 0;

    (void) rt_jsonw_str_cut(w, &start, end < max ? end : max);

    return RT_TOO_BIG;
}
