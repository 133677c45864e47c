
#include "scim/rt_scim_target.h"


/* Where the closing bracket stands; s->len if there is none. */

static size_t
closing(const rt_str_t *s, size_t i)
{
    int  quoted;

    for (quoted = 0; i < s->len && (quoted || s->data[i] != ']'); i++) {

        if (s->data[i] == '"') {
            quoted = !quoted;

        } else if (quoted && s->data[i] == '\\') {
            i++;
        }
    }

    return i < s->len ? i : s->len;
}


/* Reads [FILTER] or [FILTER].NAME from the byte behind the bracket on. */

static const rt_scim_error_t *
brackets(rt_mem_t *mem, const rt_str_t *text, size_t i,
    rt_scim_target_t *target)
{
    size_t                  close;
    rt_str_t                part;
    rt_status_e             rc;
    rt_scim_path_t          more;
    const rt_scim_attr_t   *attr;
    const rt_scim_error_t  *error;

    attr = target->path.step[target->path.n - 1];
    close = closing(text, i);

    if (close == text->len || !(attr->flags & RT_SCIM_MULTI)
        || attr->sub == NULL)
    {
        return &rt_scim_invalid_path;
    }

    part.data = text->data + i;
    part.len = close - i;

    error = rt_scim_filter_parse(mem, attr, &part, &target->filter);

    if (error || close + 1 == text->len) {
        return error;
    }

    part.data = text->data + close + 2;
    part.len = text->len - close - 2;

    rc = text->data[close + 1] == '.' ? rt_scim_path(attr, &part, &more)
                                      : RT_INVALID;
    if (rc == RT_INVALID) {
        return &rt_scim_invalid_path;
    }

    if (rc == RT_OK) {
        target->path.step[target->path.n++] = more.step[0];

    } else {
        target->path.n = 0;
    }

    return NULL;
}


const rt_scim_error_t *
rt_scim_target(rt_mem_t *mem, const rt_scim_attr_t *schema,
    const rt_str_t *text, rt_scim_target_t *target)
{
    int                     open;
    unsigned                i;
    rt_str_t                head, tail;
    const rt_scim_error_t  *error;

    target->filter = NULL;
    error = NULL;

    if (text->len > RT_SCIM_MAX_PATH) {
        return &rt_scim_too_large;
    }

    open = rt_str_cut(text, '[', &head, &tail);

    switch (rt_scim_path(schema, &head, &target->path)) {

    case RT_OK:

        if (open) {
            error = brackets(mem, text, head.len + 1, target);
        }

        break;

    case RT_DECLINED:
        target->path.n = 0;
        break;

    default:
        return &rt_scim_invalid_path;
    }

    for (i = 0; error == NULL && i < target->path.n; i++) {
        if (target->path.step[i]->flags & RT_SCIM_READONLY) {
            error = &rt_scim_mutability;
        }
    }

    return error;
}
