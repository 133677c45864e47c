
/*
 * Arguments, and addresses with their paths and arguments.
 */

#include "redact/rt_redact_part.h"
#include "redact/rt_redact_url.h"
#include "redact/rt_redact_graphql.h"


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


/* what was found out about one argument */

typedef struct {
    rt_redact_act_e       act;
    unsigned              telling:1;    /* its name must not be shown */
    unsigned              known:1;
    rt_str_t              shown;
    rt_str_t              rule;
} verdict_t;


struct rt_redact_kept_s {
    const rt_form_t      *form;
    rt_redact_pair_t      pair;
    verdict_t             verdict[];
};


void
rt_redact_keep(rt_redact_t *rd, const rt_form_t *args)
{
    size_t             size;
    rt_redact_kept_t  *kept;

    rd->kept = NULL;

    if (args == NULL || args->n == 0 || args->many) {
        return;
    }

    size = args->n * sizeof(verdict_t);
    kept = rt_alloc(rd->mem, sizeof(rt_redact_kept_t) + size);

    if (kept == NULL) {
        return;
    }

    kept->form = args;
    memset(kept->verdict, 0, size);

    rt_redact_pair_form(rd, args, &kept->pair);

    rd->kept = kept;
}


/* JSON or parts of multipart sent as a form, besides what any name tells */

static int
telling_arg(rt_redact_t *rd, const rt_str_t *name, rt_str_t *rule)
{
    size_t  i;

    if (rt_redact_telling(rd, name, rule)) {
        return 1;
    }

    if (rt_redact_plain(name, RT_CHAR_JSON|RT_CHAR_LINE)) {
        return 0;
    }

    for (i = 0; i < name->len && name->data[i] <= ' '; i++) { /* void */ }

    return name->len
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

    while (s.len && rt_char[s.data[s.len - 1]] & RT_CHAR_BRACKET) {
        s.len--;
    }

    for (n = s.len;
         n && !(rt_char[s.data[n - 1]] & (RT_CHAR_BRACKET|RT_CHAR_DOT));
         n--)
    {
        /* void */
    }

    return rt_slice(&s, n, s.len);
}


void
rt_redact_pair_form(rt_redact_t *rd, const rt_form_t *form,
    rt_redact_pair_t *pair)
{
    unsigned         i;
    rt_str_t         rule, name;
    rt_redact_act_e  act;

    if (rd->kept && rd->kept->form == form) {
        *pair = rd->kept->pair;
        return;
    }

    memset(pair, 0, sizeof(*pair));

    for (i = 0; i < form->n; i++) {
        rt_redact_graphql_member(rd, &form->field[i].name,
                                 &form->field[i].value);

        name = last_segment(&form->field[i].name);

        if (!rt_redact_pair_name(&name)) {
            continue;
        }

        act = rt_redact_name(rd, &form->field[i].value, &rule);

        if (act > pair->act) {
            pair->act = act;
            pair->rule = rule;
        }
    }
}


static void
judge_named(rt_redact_t *rd, const rt_form_field_t *field,
    const rt_redact_pair_t *pair, verdict_t *v)
{
    rt_str_t  out;

    v->act = rt_redact_name(rd, &field->name, &v->rule);

    if (pair && pair->act > v->act) {
        out = last_segment(&field->name);

        if (rt_redact_pair_value(&out)) {
            v->act = pair->act;
            v->rule = pair->rule;
        }
    }

    v->act = rt_redact_value(rd, &field->value, v->act, &v->rule);

    if (v->act != RT_REDACT_NONE) {
        v->shown = rt_redact_instead(rd, v->act, &field->value);
        return;
    }

    if (field->bad) {
        v->rule = why_percent;
        v->act = RT_REDACT_MASK;
        v->shown = masked;
        return;
    }

    switch (rt_redact_look(rd, &field->value, &out, &v->rule)) {

    case RT_REDACT_EDITED:
        v->shown = out;
        break;

    case RT_REDACT_HIDDEN:
        v->act = RT_REDACT_MASK;
        v->shown = masked;
        break;

    default:
        break;
    }
}


static void
judge_arg(rt_redact_t *rd, const rt_form_field_t *field,
    const rt_redact_pair_t *pair, verdict_t *v)
{
    size_t    saved, root;
    unsigned  acts;

    acts = rd->acts;

    v->act = RT_REDACT_DROP;
    v->shown = field->value;
    v->telling = (telling_arg(rd, &field->name, &v->rule) != 0);

    if (!v->telling) {
        root = rd->root;
        rd->root = rd->nsteps;
        saved = rt_redact_enter(rd, &field->name);
        judge_named(rd, field, pair, v);
        rt_redact_leave(rd, saved);
        rd->root = root;
    }

    /* what made notes inside makes them in each place that shows it */

    v->known = (rd->acts == acts);
}


/* where a verdict on this argument is kept, or v */

static verdict_t *
kept_verdict(rt_redact_t *rd, const rt_form_field_t *field, verdict_t *v)
{
    const rt_form_t  *form;

    form = rd->kept ? rd->kept->form : NULL;

    if (form && field >= form->field && field < form->field + form->n) {
        return &rd->kept->verdict[field - form->field];
    }

    v->known = 0;

    return v;
}


rt_redact_act_e
rt_redact_arg(rt_redact_t *rd, const rt_form_field_t *field,
    const rt_redact_pair_t *pair, rt_str_t *shown, rt_str_t *rule)
{
    size_t      saved;
    verdict_t  *v, own;

    v = kept_verdict(rd, field, &own);

    if (!v->known) {
        judge_arg(rd, field, pair, v);
    }

    saved = rd->nsteps;

    if (!v->telling) {
        (void) rt_redact_enter(rd, &field->name);
    }

    if (v->act != RT_REDACT_NONE) {
        rt_redact_note(rd, rt_redact_act_name(v->act), &v->rule);
    }

    rt_redact_leave(rd, saved);

    *shown = v->shown;
    *rule = v->rule;

    return v->act;
}


/* addresses */


static void
take_apart(const rt_str_t *s, url_t *u)
{
    size_t                i, at, end, last;
    const unsigned char  *hash;

    memset(u, 0, sizeof(*u));

    hash = memchr(s->data, '#', s->len);
    end = hash ? (size_t) (hash - s->data) : s->len;
    i = rt_until(s, 0, RT_CHAR_SLASH|RT_CHAR_QUERY|RT_CHAR_HASH);
    at = 0;

    if (i + 1 < end && s->data[i] == '/' && s->data[i + 1] == '/'
        && (i == 0 || s->data[i - 1] == ':'))
    {
        u->scheme = rt_slice(s, 0, i + 2);

        at = i + 2;
        last = rt_until(s, at, RT_CHAR_SLASH|RT_CHAR_QUERY|RT_CHAR_HASH);

        for (i = last; i > at && s->data[i - 1] != '@'; i--) { /* void */ }

        u->host = rt_slice(s, i, last);
        at = last;

    } else if (i > 0) {
        u->opaque = (rt_until(s, 0, RT_CHAR_COLON|RT_CHAR_AT) < i);
    }

    i = rt_until(s, at, RT_CHAR_QUERY|RT_CHAR_HASH);

    u->path = rt_slice(s, at, i);

    if (i < end) {
        u->args = 1;
        u->query = rt_slice(s, i + 1, end);
    }
}


/* does it look like something that rules take out, encoded or not? */

static int
shaped(rt_redact_t *rd, const rt_str_t *part, rt_str_t *rule)
{
    rt_str_t  text;

    if (!rt_redact_looks(rd)) {
        return 0;
    }

    text = rt_redact_decoded(rd, part);

    return rt_redact_shaped(rd, part, RT_REDACT_NONE, rule) != RT_REDACT_NONE
           || (text.len != part->len
               && rt_redact_shaped(rd, &text, RT_REDACT_NONE, rule)
                  != RT_REDACT_NONE);
}


/* a piece of a path, of which a token leaves "/" or "=" */

static void
write_piece(rt_redact_t *rd, rt_jsonw_t *w, rt_str_t part)
{
    rt_str_t  sign, rest, rule;

    rule = why_builtin;
    sign = rt_slice(&part, 0, (rt_char[part.data[0]]
                               & (RT_CHAR_SLASH|RT_CHAR_EQUAL)) != 0);
    rest = rt_slice(&part, sign.len, part.len);

    if (rt_redact_builtin(rd, &part) || shaped(rd, &rest, &rule)) {
        part = masked;

        rt_jsonw_str_text(w, &sign);
        rt_redact_note(rd, "mask", &rule);
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

    eq = rt_until(part, 1, RT_CHAR_EQUAL);
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
        next = rt_until(path, i + 1, RT_CHAR_SEMI|RT_CHAR_SLASH);
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
write_stretch(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *path)
{
    int       hidden;
    size_t    from, clear, next;
    rt_str_t  part;

    if (rt_redact_plain(path, RT_CHAR_DOT|RT_CHAR_AT|RT_CHAR_PERCENT
                              |RT_CHAR_SEMI)
        && rt_redact_key(path) == path->len
        && !rt_redact_looks(rd))
    {
        rd->looked += path->len;
        rt_jsonw_str_text(w, path);
        return;
    }

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

        next = rt_until(path, from + 1, RT_CHAR_SEMI|RT_CHAR_SLASH);
        part = rt_slice(path, from, next);

        write_parameter(rd, w, &part);
    }
}


/* the stricter of what uri: says of it, read in both ways: see walk() */

static rt_redact_act_e
judge_segment(rt_redact_t *rd, rt_redact_path_t walked[2],
    const rt_str_t *segment, rt_str_t *rule)
{
    rt_str_t         by;
    rt_redact_act_e  act, other;

    act = rt_redact_segment(rd, &walked[0], segment, rule);
    other = rt_redact_segment(rd, &walked[1], segment, &by);

    if (other <= act) {
        return act;
    }

    *rule = by;

    return other;
}


/* without the segments that uri: takes out; both of walked go on */

static void
write_path(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *path,
    rt_redact_path_t walked[2])
{
    size_t           i, from, next;
    rt_str_t         part, rule;
    rt_redact_act_e  act;

    if (walked[0].nsets == 0 && walked[1].nsets == 0) {
        write_stretch(rd, w, path);
        return;
    }

    for (i = 0, from = 0; i < path->len; i = next) {
        next = rt_until(path, i + 1, RT_CHAR_SLASH);
        part = rt_slice(path, i + (path->data[i] == '/'), next);
        act = judge_segment(rd, walked, &part, &rule);

        if (act != RT_REDACT_NONE) {
            write_stretch(rd, w, &(rt_str_t) { i - from, path->data + from });
            part = rt_redact_instead(rd, act, &part);

            rt_jsonw_str_text(w, &(rt_str_t) rt_string("/"));
            rt_jsonw_str_text(w, &part);
            rt_redact_note(rd, rt_redact_act_name(act), &rule);
            from = next;
        }
    }

    part = rt_slice(path, from, path->len);
    write_stretch(rd, w, &part);
}


static int
too_many(const rt_str_t *query)
{
    size_t  i, n;

    if (query->len < RT_REDACT_ARGS) {
        return 0;
    }

    for (i = 0, n = 1; i < query->len; i++) {
        n += (query->data[i] == '&');
    }

    return n > RT_REDACT_ARGS;
}


static void
write_arg(rt_redact_t *rd, rt_jsonw_t *w, const rt_form_field_t *field,
    const rt_redact_pair_t *pair, int *first)
{
    rt_str_t         shown, rule, name;
    rt_redact_act_e  act;

    act = rt_redact_arg(rd, field, pair, &shown, &rule);

    if (act == RT_REDACT_DROP) {
        return;
    }

    if (!*first) {
        rt_jsonw_str_text(w, &(rt_str_t) rt_string("&"));
    }

    *first = 0;

    if (act == RT_REDACT_NONE && shown.data == field->value.data) {
        rt_jsonw_str_text(w, &field->raw);
        return;
    }

    name = rt_slice(&field->raw, 0, rt_until(&field->raw, 0, RT_CHAR_EQUAL));

    rt_jsonw_str_text(w, &name);
    rt_jsonw_str_text(w, &(rt_str_t) rt_string("="));
    rt_jsonw_str_text(w, act == RT_REDACT_NONE ? &masked : &shown);
}


static void
write_args(rt_redact_t *rd, rt_jsonw_t *w, const rt_form_t *form, int *first)
{
    unsigned          i;
    rt_redact_pair_t  pair;

    rt_redact_pair_form(rd, form, &pair);

    for (i = 0; i < form->n; i++) {
        write_arg(rd, w, &form->field[i], &pair, first);
    }
}


static rt_status_e
write_query(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *query)
{
    int        first;
    rt_form_t  form;

    rt_jsonw_str_text(w, &(rt_str_t) rt_string("?"));

    if (too_many(query)) {
        rt_jsonw_str_text(w, &masked);
        rt_redact_note(rd, "unparsed", &why_count);
        return RT_OK;
    }

    first = 1;

    if (rd->kept && rd->kept->form->text.data == query->data
        && rd->kept->form->text.len == query->len)
    {
        write_args(rd, w, rd->kept->form, &first);
        return RT_OK;
    }

    if (rt_form_parse(rd->mem, query, RT_REDACT_ARGS, &form) != RT_OK) {
        return RT_ERROR;
    }

    write_args(rd, w, &form, &first);

    return RT_OK;
}


/*
 * Both ways to read an address: walked[0] is behind its host, if it has one.
 * "//x" may also be the beginning of a path, of a request or of a destination
 * in WebDAV: walked[1] is behind this segment.
 *
 * ret: 1 if there are rules uri: for one of them
 */

static int
walk(rt_redact_t *rd, const url_t *u, rt_redact_path_t walked[2])
{
    int       n;
    rt_str_t  rule;

    n = rt_redact_walk(rd, &walked[0], u->scheme.len != 0);
    walked[1].nsets = 0;

    if (rt_str_lit(&u->scheme, "//")) {
        n |= rt_redact_walk(rd, &walked[1], 0);
        (void) rt_redact_segment(rd, &walked[1], &u->host, &rule);
    }

    return n;
}


static rt_status_e
write_url(rt_redact_t *rd, rt_jsonw_t *w, const url_t *u, int query)
{
    rt_status_e       rc;
    rt_redact_path_t  walked[2];

    rc = RT_OK;
    (void) walk(rd, u, walked);

    rt_jsonw_str_open(w);

    /* of a request both may be parts of a path: "GET //x" */

    if (u->scheme.len > sizeof("https://") - 1) {
        write_stretch(rd, w, &u->scheme);

    } else {
        rt_jsonw_str_text(w, &u->scheme);
    }

    write_stretch(rd, w, &u->host);
    write_path(rd, w, &u->path, walked);

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
    url_t             u;
    size_t            n, end;
    rt_str_t          start;
    rt_status_e       rc;
    rt_jsonw_mark_t   mark;
    rt_redact_path_t  walked[2];

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

    end = rt_until(&u.path, 0, RT_CHAR_SEMI);
    n = rt_until(&u.path, 0, RT_CHAR_PERCENT);
    end = (n < end && rt_redact_builtin(rd, &u.path)) ? n : end;
    n = rt_redact_token(&u.path);
    end = n < end ? n : end;
    n = rt_redact_key(&u.path);
    end = n < end ? n : end;
    end = walk(rd, &u, walked) ? 0 : end;
    end = rt_redact_looks(rd) ? 0 : end;
    start = rt_slice(&u.path, 0, end);
    end = rt_jsonw_room(w) > 3 ? rt_jsonw_room(w) - 3 : 0;

    (void) rt_jsonw_str_cut(w, &start, end < max ? end : max);

    return RT_TOO_BIG;
}
