
#include <stdio.h>

#include "json/rt_body.h"
#include "text/rt_char.h"
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

    return rt_str_ilit(&media, "text/plain")
           || rt_body_kind(&part->type) == RT_BODY_JSON;
}


static void
member(rt_json_t *object, rt_json_t *v, const char *name,
    rt_json_type_e type, const rt_str_t *text)
{
    rt_json_t  **last;

    v->type = type;
    v->key = rt_str_of(name);
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


/* ret: 1 if XML, 0 if plain text, -1 if neither */

static int
text_type(const rt_str_t *type)
{
    rt_str_t  name, tail;

    (void) rt_field_media(type, &name);

    tail = name;

    if (name.len > 4) {
        tail.data += name.len - 4;
        tail.len = 4;
    }

    if (rt_str_ilit(&name, "application/xhtml+xml")) {
        return -1;
    }

    return rt_str_ilit(&name, "application/xml")
           || rt_str_ilit(&name, "text/xml")
           || rt_str_ilit(&tail, "+xml")
           ? 1 : rt_str_ilit(&name, "text/plain")
           ? 0 : -1;
}


int
rt_body_readable(const rt_str_t *type)
{
    return rt_body_kind(type) != RT_BODY_OPAQUE || text_type(type) != -1;
}


/* the names of elements and attributes stand there as they are */

static int
xml_is_plain(const rt_str_t *s)
{
    size_t    i, k;
    rt_str_t  rest;

    static const rt_str_t  entities[] = {
        rt_string("&amp;"), rt_string("&lt;"), rt_string("&gt;"),
        rt_string("&quot;"), rt_string("&apos;")
    };

    for (i = rt_until(s, 0, RT_CHAR_AND|RT_CHAR_ANGLE); i < s->len;
         i = rt_until(s, i + 1, RT_CHAR_AND|RT_CHAR_ANGLE))
    {
        rest.data = s->data + i;
        rest.len = s->len - i;

        if (*rest.data == '<') {

            if (rest.len > 1 && (rest.data[1] == '!'
                                 || (rest.data[1] == '?' && i)))
            {
                return 0;
            }

            continue;
        }

        for (k = 0; k < sizeof(entities) / sizeof(entities[0]); k++) {
            if (rest.len >= entities[k].len
                && memcmp(rest.data, entities[k].data, entities[k].len) == 0)
            {
                break;
            }
        }

        if (k == sizeof(entities) / sizeof(entities[0])) {
            return 0;
        }
    }

    return 1;
}


/* "<?xml ... encoding="x"?>" says UTF-8, or nothing */

static int
xml_is_utf8(const rt_str_t *s)
{
    rt_str_t              head, tail, name;
    const unsigned char  *p;

    if (s->len < 2 || memcmp(s->data, "<?", 2) != 0) {
        return 1;
    }

    if (!rt_str_cut(s, '>', &head, &tail)) {
        return 0;
    }

    if (!rt_str_holds(&head, "encoding")) {
        return 1;
    }

    for (p = head.data; memcmp(p, "encoding", 8) != 0; p++) { /* void */ }

    for (p += 8; p < tail.data && (*p == ' ' || *p == '='); p++) { /* void */ }

    name.data = (unsigned char *) p + 1;
    name.len = 5;

    return tail.data - p > 7 && (*p == '"' || *p == '\'')
           && rt_str_ilit(&name, "utf-8")
           && p[6] == *p;
}


static rt_status_e
look_at_text(rt_body_t *body)
{
    int       xml;
    size_t    i;
    rt_str_t *s = &body->data;

    xml = text_type(&body->type);

    if (xml == -1) {
        return RT_OK;
    }

    body->kind = RT_BODY_UNPARSED;
    body->why = rt_body_hindrance(body);

    if (body->why) {
        return RT_OK;
    }

    for (i = 0; i < s->len; i++) {
        if (s->data[i] == 0x7f
            || (s->data[i] < ' ' && !memchr("\t\n\r", s->data[i], 3)))
        {
            break;
        }
    }

    if (i < s->len || !rt_utf8_valid(s)) {
        body->why = "charset";

    } else if (xml && (!xml_is_plain(s) || !xml_is_utf8(s))) {
        body->why = "xml";

    } else {
        body->kind = RT_BODY_TEXT;
    }

    return RT_OK;
}


static rt_status_e
look_at_parts(rt_mem_t *mem, rt_body_t *body)
{
    unsigned     n;
    rt_status_e  rc;

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


rt_status_e
rt_body_show(rt_mem_t *mem, rt_body_t *body)
{
    switch (body->kind) {

    case RT_BODY_MULTIPART:
        return look_at_parts(mem, body);

    case RT_BODY_OPAQUE:
        return look_at_text(body);

    default:
        return RT_OK;
    }
}
