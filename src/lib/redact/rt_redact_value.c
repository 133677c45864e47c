
/*
 * What rules say of a value by other things than its name: where it stands,
 * what it looks like, whose it is; and what stands in its place.
 */

#include "redact/rt_redact.h"
#include "redact/rt_shape.h"
#include "text/rt_char.h"
#include "text/rt_form.h"


#define NAME  256               /* bytes of a step that are compared */


static const rt_str_t  masked = rt_string(RT_REDACT_MASKED);
static const rt_str_t  why_limit = rt_string("limit");


/* a longer one matches: it is rather taken out than shown */

static int
matches(const rt_glob_t *g, const rt_str_t *s)
{
    unsigned char  buf[NAME];

    if (rt_redact_any(g) || s->len > NAME) {
        return 1;
    }

    return rt_glob_match(g, buf, rt_glob_fold(buf, s));
}


/* the next rule of a kind that is stricter than best; NULL: no more */

typedef struct {
    const rt_redact_set_t *const  *sets;
    unsigned                       nsets;
    unsigned                       n;
} walk_t;


static const rt_redact_rule_t *
next(walk_t *walk, rt_redact_kind_e kind, rt_redact_act_e best)
{
    const rt_redact_rule_t  *r;

    for ( /* void */ ; walk->nsets; walk->nsets--, walk->sets++, walk->n = 0) {
        while (walk->n < (*walk->sets)->n) {
            r = &(*walk->sets)->rule[walk->n++];

            if (r->kind == kind && r->act > best) {
                return r;
            }
        }
    }

    return NULL;
}


/* do the steps, which are as many as the rule's, match it? */

static int
matches_steps(const rt_redact_rule_t *r, const rt_str_t *step)
{
    unsigned  i;

    for (i = 0; i < r->nsteps && matches(&r->step[i], &step[i]); i++) {
        /* void */
    }

    return i == r->nsteps;
}


static rt_redact_act_e
placed(rt_redact_t *rd, rt_redact_act_e act, rt_str_t *rule)
{
    walk_t                   walk = { rd->sets, rd->nsets, 0 };
    const rt_redact_rule_t  *r;

    while ((r = next(&walk, RT_REDACT_JSON, act)) != NULL) {

        if (rd->nsteps == rd->root + r->nsteps
            && matches_steps(r, rd->step + rd->root))
        {
            act = r->act;
            *rule = r->text;
        }
    }

    return act;
}


/* does it match, or is it not known? */

static int
found(rt_redact_t *rd, const rt_redact_rule_t *r, const rt_str_t *s)
{
    int  any;

    any = (s->len > RT_REGEX_SHORT_MAX);
    rd->work += any ? RT_REGEX_LONG_STEPS : RT_REGEX_SHORT_STEPS;

    return rd->work > RT_REDACT_WORK
           || r->engine->match(r->engine->ctx, r->regex[any], s) != 0;
}


/* a text without its controls; one that has none is returned as it is */

static rt_str_t
uncontrolled(rt_redact_t *rd, const rt_str_t *s)
{
    size_t    i;
    rt_str_t  text;

    for (i = 0; i < s->len; i++) {
        if (s->data[i] < ' ' || s->data[i] == 0x7f) {
            break;
        }
    }

    text = *s;

    if (i == s->len || (text.data = rt_alloc(rd->mem, s->len)) == NULL) {
        return *s;
    }

    for (i = 0, text.len = 0; i < s->len; i++) {
        if (s->data[i] >= ' ' && s->data[i] != 0x7f) {
            text.data[text.len++] = s->data[i];
        }
    }

    return text;
}


static rt_redact_act_e
by_regex(rt_redact_t *rd, const rt_str_t *s, rt_redact_act_e act,
    rt_str_t *rule)
{
    walk_t                   walk = { rd->sets, rd->nsets, 0 };
    rt_str_t                 text;
    const rt_redact_rule_t  *r;

    text = uncontrolled(rd, s);

    while ((r = next(&walk, RT_REDACT_REGEX, act)) != NULL) {
        if (found(rd, r, s)
            || (text.data != s->data && found(rd, r, &text)))
        {
            act = r->act;
            *rule = rd->work > RT_REDACT_WORK ? why_limit : r->text;
        }
    }

    return act;
}


rt_redact_act_e
rt_redact_shaped(rt_redact_t *rd, const rt_str_t *s, rt_redact_act_e act,
    rt_str_t *rule)
{
    walk_t                   walk = { rd->sets, rd->nsets, 0 };
    const rt_redact_rule_t  *r;

    if (!rt_redact_looks(rd)) {
        return act;
    }

    while ((r = next(&walk, RT_REDACT_SHAPE, act)) != NULL) {
        rd->looked += s->len;

        if (rd->looked > RT_REDACT_LOOKED || rt_shape_seen(s, r->shape)) {
            act = r->act;
            *rule = r->text;
        }
    }

    return rt_redact_has(rd, RT_REDACT_REGEX) ? by_regex(rd, s, act, rule)
                                              : act;
}


rt_redact_act_e
rt_redact_value(rt_redact_t *rd, const rt_str_t *s, rt_redact_act_e act,
    rt_str_t *rule)
{
    if (rd->kinds == 0) {
        return act;
    }

    return rt_redact_shaped(rd, s, placed(rd, act, rule), rule);
}


rt_redact_act_e
rt_redact_node(rt_redact_t *rd, const rt_json_t *v, rt_redact_act_e act,
    rt_str_t *rule)
{
    if (rd->kinds == 0) {
        return act;
    }

    act = placed(rd, act, rule);

    for ( /* void */ ; v; v = v->same) {
        if (v->type == RT_JSON_STRING || v->type == RT_JSON_NUMBER) {
            act = rt_redact_shaped(rd, &v->str, act, rule);
        }
    }

    return act;
}


rt_redact_act_e
rt_redact_user(rt_redact_t *rd, const rt_str_t *name, rt_str_t *rule)
{
    walk_t                   walk = { rd->sets, rd->nsets, 0 };
    rt_redact_act_e          act;
    const rt_redact_rule_t  *r;

    act = RT_REDACT_NONE;

    while ((r = next(&walk, RT_REDACT_USER, act)) != NULL) {
        if (matches(r->step, name)) {
            act = r->act;
            *rule = r->text;
        }
    }

    return act;
}


rt_str_t
rt_redact_instead(rt_redact_t *rd, rt_redact_act_e act, const rt_str_t *value)
{
    rt_str_t  s;

    if (act == RT_REDACT_HMAC && rd->key && value) {
        s.data = rt_alloc(rd->mem, RT_PSEUDONYM_MAX);

        if (s.data && rt_pseudonym(rd->key, value, s.data, &s.len) == RT_OK) {
            return s;
        }
    }

    return masked;
}


void
rt_redact_put(rt_redact_t *rd, rt_jsonw_t *w, rt_redact_act_e act,
    const rt_str_t *value, const rt_str_t *rule)
{
    rt_str_t  s;

    s = rt_redact_instead(rd, act, value);

    rt_jsonw_str(w, &s);
    rt_redact_note(rd, s.data == masked.data ? "mask" : "hmac", rule);
}


/*
 * Segments of a path.  Applications leave out empty ones and ".", some go back
 * at "..", some decode before they look, and what is behind ';' is not part of
 * a name.
 */

rt_str_t
rt_redact_decoded(rt_redact_t *rd, const rt_str_t *s)
{
    size_t    len;
    unsigned  i;
    rt_str_t  text;

    text.len = s->len;
    text.data = rt_alloc(rd->mem, s->len + 1);

    if (text.data == NULL) {
        return *s;
    }

    memcpy(text.data, s->data, s->len);

    for (i = 0; i < RT_REDACT_TIMES; i++) {
        len = rt_form_unescape(text.data, text.len);

        if (len == text.len) {
            break;
        }

        text.len = len;
    }

    return text;
}


static int
goes_on(const rt_redact_rule_t *r, const rt_redact_path_t *path)
{
    unsigned  i;

    if (path->n >= r->nsteps || !rt_redact_any(&r->step[path->n])) {
        return 0;
    }

    for (i = 0; i < path->n && matches(&r->step[i], &path->segment[i]); i++) {
        /* void */
    }

    return i == path->n;
}


static rt_redact_act_e
one_segment(rt_redact_path_t *path, rt_str_t s, rt_redact_act_e act,
    rt_str_t *rule)
{
    walk_t                   walk = { path->sets, path->nsets, 0 };
    const rt_redact_rule_t  *r;

    s.len = rt_until(&s, 0, RT_CHAR_SEMI);

    if (s.len == 0 || rt_str_lit(&s, ".")) {
        return act;
    }

    if (rt_str_lit(&s, "..")) {
        path->n -= (path->n > 0);
        return act;
    }

    while ((r = next(&walk, RT_REDACT_URI, act)) != NULL) {
        if (goes_on(r, path)) {
            act = r->act;
            *rule = r->text;
        }
    }

    if (path->n < RT_REDACT_PATH) {
        path->segment[path->n++] = s;
    }

    return act;
}


rt_redact_act_e
rt_redact_segment(rt_redact_t *rd, rt_redact_path_t *path,
    const rt_str_t *segment, rt_str_t *rule)
{
    size_t           i, end;
    rt_str_t         text, part;
    rt_redact_act_e  act;

    act = RT_REDACT_NONE;

    if (path->nsets == 0) {
        return act;
    }

    text = rt_redact_decoded(rd, segment);

    for (i = 0; i <= text.len; i = end + 1) {
        end = rt_until(&text, i, RT_CHAR_SLASH);
        part.data = text.data + i;
        part.len = end - i;

        act = one_segment(path, part, act, rule);
    }

    return act;
}


/* the path that begins at i, behind a host or not */

static int
leads_from(rt_redact_t *rd, const rt_str_t *s, size_t i, int host,
    rt_str_t *rule)
{
    rt_str_t          path;
    rt_redact_path_t  walked;

    if (!rt_redact_walk(rd, &walked, host)) {
        return 0;
    }

    path.data = s->data + i;
    path.len = rt_until(s, i, RT_CHAR_QUERY|RT_CHAR_HASH) - i;

    return rt_redact_segment(rd, &walked, &path, rule) != RT_REDACT_NONE;
}


int
rt_redact_leads(rt_redact_t *rd, const rt_str_t *s, rt_str_t *rule)
{
    size_t  i;

    if (!rt_redact_has(rd, RT_REDACT_URI) && rd->elsewhere == NULL) {
        return 0;
    }

    /* by itself, and behind "https://host" or "//host" */

    i = rt_until(s, 0, RT_CHAR_SLASH);

    return leads_from(rd, s, 0, 0, rule)
           || (i + 1 < s->len && s->data[i + 1] == '/'
               && leads_from(rd, s, rt_until(s, i + 2, RT_CHAR_SLASH), 1,
                             rule));
}
