
#include <stdio.h>

#include "json/rt_body.h"
#include "text/rt_field.h"
#include "text/rt_multipart.h"
#include "text/rt_utf8.h"


#define MEMBERS  3              /* filename, type, bytes */
#define DIGITS   20             /* of a size */


/* ret: RT_OK; RT_INVALID: it cannot be read as others read it */

static rt_status_e
count(const rt_body_t *body, unsigned *n)
{
    const char           *why;
    rt_status_e           rc;
    rt_multipart_t        m;
    rt_multipart_part_t   part;

    static const rt_str_t  charset = rt_string("_charset_");

    *n = 0;
    rc = rt_multipart_begin(&m, &body->type, &body->data, &why);

    while (rc == RT_OK) {
        rc = rt_multipart_next(&m, &part, &why);

        /* some take such a field for the charset of the others */

        if (rc == RT_OK
            && (part.extended || rt_str_ieq(&part.name, &charset)))
        {
            return RT_INVALID;
        }

        *n += (rc == RT_OK);
    }

    return rc == RT_DONE ? RT_OK : RT_INVALID;
}


/* is the value one of a form's, or is it a document? */

static int
is_text(const rt_multipart_part_t *part)
{
    rt_str_t  media;

    if (part->file || !rt_utf8_valid(&part->value)
        || (part->value.len
            && memchr(part->value.data, '\0', part->value.len) != NULL))
    {
        return 0;
    }

    if (part->type.data == NULL) {
        return 1;
    }

    (void) rt_field_media(&part->type, &media);

    return rt_str_ieq(&media, &(rt_str_t) rt_string("text/plain"))
           || rt_body_kind(&part->type) == RT_BODY_JSON;
}


static void
member(rt_json_t *object, rt_json_t *v, const char *name,
    rt_json_type_e type, const rt_str_t *text)
{
    rt_json_t  **last;

    v->type = type;
    v->key.data = (unsigned char *) name;
    v->key.len = strlen(name);
    v->str = *text;

    for (last = &object->child; *last; last = &(*last)->next) { /* void */ }

    *last = v;
    object->count++;
}


/* {"filename": "a.png", "type": "image/png", "bytes": 17} */

static rt_status_e
describe(rt_mem_t *mem, const rt_multipart_part_t *part, rt_json_t *object)
{
    rt_str_t    size;
    rt_json_t  *v;

    v = rt_alloc(mem, MEMBERS * sizeof(rt_json_t));
    size.data = rt_alloc(mem, DIGITS + 1);

    if (v == NULL || size.data == NULL) {
        return RT_ERROR;
    }

    memset(v, 0, MEMBERS * sizeof(rt_json_t));
    object->type = RT_JSON_OBJECT;

    if (part->file) {
        member(object, v++, "filename", RT_JSON_STRING, &part->filename);
    }

    if (part->type.len) {
        member(object, v++, "type", RT_JSON_STRING, &part->type);
    }

    size.len = (size_t) snprintf((char *) size.data, DIGITS + 1, "%zu",
                                 part->value.len);
    member(object, v, "bytes", RT_JSON_NUMBER, &size);

    return RT_OK;
}


static rt_status_e
take(rt_mem_t *mem, rt_body_t *body, unsigned n)
{
    const char           *why;
    rt_status_e           rc;
    rt_multipart_t        m;
    rt_form_field_t      *field;
    rt_multipart_part_t   part;

    field = rt_alloc(mem, n * sizeof(rt_form_field_t));
    body->file = rt_alloc(mem, n * sizeof(rt_json_t));

    if (field == NULL || body->file == NULL) {
        return RT_ERROR;
    }

    memset(field, 0, n * sizeof(rt_form_field_t));
    memset(body->file, 0, n * sizeof(rt_json_t));

    body->form.text = body->data;
    body->form.field = field;

    rc = rt_multipart_begin(&m, &body->type, &body->data, &why);

    while (rc == RT_OK && body->form.n < n) {
        rc = rt_multipart_next(&m, &part, &why);

        field->name = part.name;
        field->value = part.value;
        field->raw = part.value;
        field->eq = 1;
        field++;

        if (rc == RT_OK && !is_text(&part)) {
            rc = describe(mem, &part, &body->file[body->form.n]);
        }

        body->form.n++;
    }

    return rc;
}


rt_status_e
rt_body_parts(rt_mem_t *mem, rt_body_t *body)
{
    unsigned     n;
    rt_status_e  rc;

    if (body->kind != RT_BODY_MULTIPART) {
        return RT_OK;
    }

    body->why = rt_body_hindrance(body);

    if (body->why) {
        body->kind = RT_BODY_UNPARSED;
        return RT_OK;
    }

    rc = count(body, &n);

    if (rc == RT_OK && n) {
        rc = (n > RT_BODY_FIELDS) ? RT_TOO_BIG : take(mem, body, n);
    }

    if (rc != RT_OK) {
        body->kind = RT_BODY_UNPARSED;
        body->why = (rc == RT_TOO_BIG) ? "count" : "multipart";
        body->file = NULL;
        memset(&body->form, 0, sizeof(body->form));
    }

    return rc == RT_ERROR ? RT_ERROR : RT_OK;
}
