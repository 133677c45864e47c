
#include "policy/rt_cond.h"
#include "policy/rt_source_body.h"
#include "text/rt_field.h"
#include "text/rt_multipart.h"


/* what rt_body.h says of a body it does not parse */

static const struct {
    const char  *code;
    const char  *why;
} faults[] = {
    { "encoding", "has a Content-Encoding" },
    { "size", "is not whole" },
    { "charset", "is not in UTF-8" },
    { "json", "is no JSON" },
    { "count", "holds too many values" },
    { "percent", "has a malformed escape" },
    { "type", "is not the form it says it is" },
    { NULL, "cannot be read" }
};


static const char *
fault(const char *code)
{
    size_t  i;

    for (i = 0; faults[i].code; i++) {
        if (strcmp(faults[i].code, code) == 0) {
            break;
        }
    }

    return faults[i].why;
}


/* a field of this name says in which charset the others are (HTML, 4.10.21) */

static int
is_foreign(const rt_str_t *name, const rt_str_t *value)
{
    return rt_str_lit(name, "_charset_")
           && !rt_str_ieq(value, &(rt_str_t) rt_string("utf-8"));
}


/* who cuts a byte order mark may read JSON behind it, whatever the type is */

static const char *
look_at_form(const rt_body_t *body)
{
    unsigned  i;

    if (body->data.len && body->data.data[0] >= 0x80) {
        return fault("type");
    }

    for (i = 0; i < body->form.n; i++) {
        if (is_foreign(&body->form.field[i].name, &body->form.field[i].value))
        {
            return fault("charset");
        }
    }

    return NULL;
}


static const char *
look_at_multipart(const rt_body_t *body)
{
    const char           *why;
    rt_status_e           rc;
    rt_multipart_t        m;
    rt_multipart_part_t   part;

    why = rt_body_hindrance(body);

    if (why) {
        return fault(why);
    }

    rc = rt_multipart_begin(&m, &body->type, &body->data, &why);

    while (rc == RT_OK) {
        rc = rt_multipart_next(&m, &part, &why);

        if (rc == RT_OK && is_foreign(&part.name, &part.value)) {
            return fault("charset");
        }
    }

    return rc == RT_DONE ? NULL : why;
}


rt_status_e
rt_source_body(rt_mem_t *mem, rt_body_t *body, const char **why)
{
    rt_str_t  media;

    if (rt_body_parse(mem, body) != RT_OK) {
        return RT_ERROR;
    }

    switch (body->kind) {

    case RT_BODY_NONE:
        return RT_OK;

    case RT_BODY_JSON:
        *why = body->json->again ? "has a member twice" : NULL;
        break;

    case RT_BODY_FORM:
        *why = look_at_form(body);
        break;

    case RT_BODY_MULTIPART:
        *why = look_at_multipart(body);
        break;

    case RT_BODY_OPAQUE:
        return RT_DECLINED;

    default:
        *why = fault(body->why ? body->why : "size");
    }

    if (*why == NULL && !rt_field_media(&body->type, &media)) {
        *why = "has a Content-Type that can be read in two ways";
    }

    return *why ? RT_INVALID : RT_OK;
}


static rt_status_e
multipart_value(const rt_body_t *body, const rt_str_t *name, rt_str_t *value,
    const char **why)
{
    unsigned              found;
    rt_status_e           rc;
    rt_multipart_t        m;
    rt_multipart_part_t   part;

    found = 0;

    rc = rt_multipart_begin(&m, &body->type, &body->data, why);

    while (rc == RT_OK) {
        rc = rt_multipart_next(&m, &part, why);

        if (rc != RT_OK || !rt_source_alike(&part.name, name)) {
            continue;
        }

        *why = found++ ? "is repeated"
               : !rt_str_eq(&part.name, name) ? "has another spelling"
               : part.file ? "is a file" : rt_source_fault(&part.value);

        if (*why) {
            return RT_INVALID;
        }

        *value = part.value;
    }

    return rc != RT_DONE ? RT_INVALID : found ? RT_OK : RT_DECLINED;
}


/* the next step of a pointer, decoded (RFC 6901, 4) */

static rt_status_e
next_step(rt_mem_t *mem, rt_str_t *pointer, rt_str_t *step)
{
    size_t    i, n;
    rt_str_t  raw;

    if (pointer->len == 0) {
        return RT_DONE;
    }

    pointer->data++;
    pointer->len--;

    raw = *pointer;

    for (i = 0; i < raw.len && raw.data[i] != '/'; i++) {
        /* void */
    }

    raw.len = i;
    pointer->data += i;
    pointer->len -= i;

    step->data = rt_alloc(mem, raw.len + 1);
    if (step->data == NULL) {
        return RT_ERROR;
    }

    for (i = 0, n = 0; i < raw.len; i++, n++) {
        step->data[n] = raw.data[i];

        if (raw.data[i] == '~') {
            step->data[n] = (raw.data[++i] == '0') ? '~' : '/';
        }
    }

    step->len = n;

    return RT_OK;
}


/* of all members that any application takes for it, there may be this one */

static const char *
look_at_members(const rt_json_t **v, const rt_str_t *name)
{
    const rt_json_t  *m, *found;

    found = NULL;

    for (m = (*v)->child; m; m = m->next) {

        if (!rt_source_alike(&m->key, name)) {
            continue;
        }

        if (found) {
            return "is repeated";
        }

        if (!rt_str_eq(&m->key, name)) {
            return "has another spelling";
        }

        found = m;
    }

    *v = found;

    return NULL;
}


/*
 * What is not built as the pointer says may be read in a way of its own: a
 * list of requests in place of one, for instance.
 */

static const char *
take_step(const rt_json_t **v, const rt_str_t *step)
{
    size_t  i, n;

    if ((*v)->type == RT_JSON_OBJECT) {
        return look_at_members(v, step);
    }

    for (i = 0, n = 0; i < step->len && i < 9; i++) {
        if (step->data[i] < '0' || step->data[i] > '9') {
            break;
        }

        n = n * 10 + (size_t) (step->data[i] - '0');
    }

    if ((*v)->type != RT_JSON_ARRAY || i == 0 || i < step->len) {
        return "stands in JSON of another shape";
    }

    *v = rt_json_at(*v, n);

    return NULL;
}


static rt_status_e
json_value(rt_mem_t *mem, const rt_json_t *v, const rt_str_t *name,
    rt_str_t *value, const char **why)
{
    rt_str_t         pointer, step;
    rt_status_e      rc;
    const rt_str_t  *text;

    pointer = *name;

    while ((rc = next_step(mem, &pointer, &step)) == RT_OK) {

        *why = take_step(&v, &step);

        if (*why) {
            return RT_INVALID;
        }

        if (v == NULL) {
            return RT_DECLINED;
        }
    }

    if (rc != RT_DONE) {
        return RT_ERROR;
    }

    text = rt_cond_scalar(v);

    *why = text ? rt_source_fault(text) : "is no string, number or boolean";

    if (*why) {
        return RT_INVALID;
    }

    *value = *text;

    return RT_OK;
}


rt_status_e
rt_source_body_value(rt_mem_t *mem, const rt_body_t *body,
    const rt_source_t *source, rt_str_t *value, const char **why)
{
    if (source->from == RT_SOURCE_JSON) {
        return body->kind == RT_BODY_JSON
               ? json_value(mem, body->json, &source->name, value, why)
               : RT_DECLINED;
    }

    return body->kind == RT_BODY_FORM
           ? rt_source_arg(mem, &body->data, &source->name, value, why)
           : body->kind == RT_BODY_MULTIPART
           ? multipart_value(body, &source->name, value, why)
           : RT_DECLINED;
}
