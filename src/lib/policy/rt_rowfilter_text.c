
#include "policy/rt_rowfilter.h"
#include "text/rt_utf8.h"


/* a text that is measured first, then written */

typedef struct {
    unsigned char   *start;     /* NULL: measured */
    size_t           len;
} put_t;


static void
put(put_t *out, const void *data, size_t len)
{
    if (out->start) {
        memcpy(out->start + out->len, data, len);
    }

    out->len += len;
}

#define put_lit(out, lit)  put(out, lit, sizeof(lit) - 1)


/* a quote within is two, for each database in each of its modes */

static rt_status_e
put_string(put_t *out, const rt_str_t *s)
{
    size_t  i;

    if (s->len == 0 || memchr(s->data, '\\', s->len)
        || rt_utf8_has_control(s))
    {
        return RT_DECLINED;
    }

    put_lit(out, "'");

    for (i = 0; i < s->len; i++) {
        put(out, s->data + i, 1);

        if (s->data[i] == '\'') {
            put_lit(out, "'");
        }
    }

    put_lit(out, "'");

    return RT_OK;
}


static rt_status_e
put_scalar(put_t *out, const rt_json_t *v)
{
    switch (v->type) {

    case RT_JSON_STRING:
        return put_string(out, &v->str);

    case RT_JSON_NUMBER:
        put(out, v->str.data, v->str.len);
        return RT_OK;

    case RT_JSON_TRUE:
        put_lit(out, "TRUE");
        return RT_OK;

    case RT_JSON_FALSE:
        put_lit(out, "FALSE");
        return RT_OK;

    default:
        return RT_DECLINED;
    }
}


/* an email that the provider does not say is his could be another one's */

static rt_status_e
put_literal(put_t *out, const rt_rowpart_t *part,
    const rt_rowfilter_user_t *user)
{
    rt_status_e       rc;
    const rt_json_t  *v;

    if (part->path.len == 0) {
        return put_string(out, &user->name);
    }

    v = rt_json_path(user->claims, &part->path);

    if (v == NULL
        || (!user->owns_email && v == rt_json_member(user->claims, "email")))
    {
        return RT_DECLINED;
    }

    if (v->type != RT_JSON_ARRAY || !part->list) {
        return put_scalar(out, v);
    }

    rc = RT_DECLINED;

    for (v = v->child; v; v = v->next) {

        rc = put_scalar(out, v);

        if (rc != RT_OK) {
            break;
        }

        if (v->next) {
            put_lit(out, ", ");
        }
    }

    return rc;
}


static rt_status_e
put_clause(put_t *out, const rt_rowline_t *line,
    const rt_rowfilter_user_t *user, rt_str_t *claim)
{
    rt_status_e          rc;
    const rt_rowpart_t  *part;

    rc = RT_OK;
    put_lit(out, "(");

    for (part = line->parts; rc == RT_OK && part; part = part->next) {

        if (!part->literal) {
            put(out, part->text.data, part->text.len);
            continue;
        }

        *claim = part->text;
        rc = put_literal(out, part, user);
    }

    put_lit(out, ")");

    return rc;
}


static int
applies(const rt_rowline_t *line, const rt_groups_t *groups)
{
    return line->group ? rt_groups_has(groups, line->group->index)
                       : !rt_groups_meet(&line->except, groups);
}


/* the next line that holds for him; one of the same key, if "line" has one */

static const rt_rowline_t *
next_line(const rt_rowline_t *line, const rt_str_t *key,
    const rt_groups_t *groups)
{
    for ( /* void */ ; line; line = line->next) {

        if (key && (key->len == 0 || !rt_str_eq(&line->key, key))) {
            return NULL;
        }

        if (applies(line, groups)) {
            break;
        }
    }

    return line;
}


static rt_status_e
put_filter(put_t *out, const rt_rowfilter_t *filter,
    const rt_rowfilter_user_t *user, rt_str_t *claim)
{
    int                  several;
    rt_status_e          rc;
    const rt_rowline_t  *line, *next;

    line = next_line(filter->lines, NULL, user->groups);

    if (line == NULL) {
        if (!filter->base) {
            put_lit(out, RT_ROWFILTER_NONE);

        } else {
            put_lit(out, RT_ROWFILTER_ALL);
        }

        return RT_OK;
    }

    several = 0;

    for ( ;; ) {

        next = next_line(line->next, &line->key, user->groups);

        if (next && !several) {
            put_lit(out, "(");
            several = 1;
        }

        rc = put_clause(out, line, user, claim);

        if (rc != RT_OK || out->len > RT_ROWFILTER_MAX_TEXT) {
            return (rc == RT_OK) ? RT_TOO_BIG : rc;
        }

        if (next) {
            put_lit(out, " OR ");
            line = next;
            continue;
        }

        if (several) {
            put_lit(out, ")");
            several = 0;
        }

        line = next_line(line->next, NULL, user->groups);

        if (line == NULL) {
            return (out->len > RT_ROWFILTER_MAX_TEXT) ? RT_TOO_BIG : RT_OK;
        }

        put_lit(out, " AND ");
    }
}


rt_status_e
rt_rowfilter_text(rt_mem_t *mem, const rt_rowfilter_t *filter,
    const rt_rowfilter_user_t *user, rt_str_t *text, rt_str_t *claim)
{
    put_t        out;
    rt_status_e  rc;

    static const rt_str_t  none = rt_string(RT_ROWFILTER_NONE);

    *text = none;

    if (user == NULL) {
        return RT_OK;
    }

    memset(&out, 0, sizeof(put_t));

    rc = put_filter(&out, filter, user, claim);
    if (rc != RT_OK) {
        return rc;
    }

    out.start = rt_alloc(mem, out.len);
    if (out.start == NULL) {
        return RT_ERROR;
    }

    text->data = out.start;
    out.len = 0;

    (void) put_filter(&out, filter, user, claim);

    text->len = out.len;

    return RT_OK;
}
