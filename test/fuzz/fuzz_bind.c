
/*
 * Bodies that are compared with claims: a Content-Type, a line end, a body.
 * Where a form or JSON has a value, the body says it in these very bytes or in
 * escapes, a plain reader finds it, and one more of its name takes it away.
 */

#include <stdio.h>

#include "rt_arena.h"
#include "policy/rt_source_body.h"
#include "text/rt_multipart.h"


static void
must(int ok)
{
    if (!ok) {
        abort();
    }
}


/* the body, with a part of that name behind its others */

static rt_status_e
with_part(rt_mem_t *mem, const rt_body_t *body, const rt_source_t *source,
    const char *name)
{
    size_t           len;
    rt_body_t        more;
    rt_str_t         value;
    const char      *why;
    rt_multipart_t   m;

    must(rt_multipart_begin(&m, &body->type, &body->data, &why) == RT_OK);

    more = *body;
    len = body->data.len;

    while (len && memcmp(body->data.data + len - m.len, m.delimiter, m.len)) {
        len--;
    }

    more.data.data = rt_alloc(mem, len + m.len + strlen(name) + 128);
    memcpy(more.data.data, body->data.data, len);

    more.data.len = len + (size_t)
        sprintf((char *) more.data.data + len,
                "\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\nx\r\n"
                "%.*s--", name, (int) m.len, (char *) m.delimiter);
    more.bytes = more.data.len;

    if (rt_source_body(mem, &more, &why) != RT_OK) {
        return RT_INVALID;
    }

    return rt_source_body_value(mem, &more, source, &value, &why);
}


static void
check_multipart(rt_mem_t *mem, const rt_body_t *body,
    const rt_source_t *source, const rt_str_t *value)
{
    unsigned              n;
    const char           *why;
    rt_status_e           rc;
    rt_multipart_t        m;
    rt_multipart_part_t   part;

    n = 0;
    rc = rt_multipart_begin(&m, &body->type, &body->data, &why);

    while (rc == RT_OK) {
        rc = rt_multipart_next(&m, &part, &why);

        if (rc == RT_OK && rt_str_eq(&part.name, &source->name)) {
            must(rt_str_eq(&part.value, value) && !part.file);
            n++;
        }
    }

    must(rc == RT_DONE && n == 1);

    must(with_part(mem, body, source, "email") == RT_INVALID);
    must(with_part(mem, body, source, "E-Mail[]") == RT_INVALID);
}


static void
check(rt_mem_t *mem, rt_body_t *body, const char *word)
{
    rt_str_t      w, value, err;
    rt_status_e   rc;
    rt_source_t   source;
    const char   *why;

    w.data = (unsigned char *) word;
    w.len = strlen(word);
    why = NULL;

    must(rt_source_parse(mem, &w, &source, &err) == RT_OK);

    rc = rt_source_body_value(mem, body, &source, &value, &why);

    if (rc != RT_OK) {
        must(rc == RT_DECLINED || (rc == RT_INVALID && why));
        return;
    }

    must(rt_source_fault(&value) == NULL);

    if (source.from == RT_SOURCE_JSON) {
        must(body->kind == RT_BODY_JSON);
        must(rt_json_path(body->json, &source.name) != NULL);

    } else if (body->kind == RT_BODY_MULTIPART) {
        check_multipart(mem, body, &source, &value);

    } else {
        must(body->kind == RT_BODY_FORM && !body->form.bad);
        must(rt_form_get(&body->form, &source.name) != NULL);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t        mem;
    rt_body_t       body;
    rt_arena_t      arena;
    const char     *why;
    rt_status_e     rc;
    unsigned char  *end;

    mem = rt_arena_init(&arena);

    memset(&body, 0, sizeof(body));

    body.type.data = rt_alloc(&mem, size + 1);
    memcpy(body.type.data, data, size);

    end = memchr(body.type.data, '\n', size);
    body.type.len = end ? (size_t) (end - body.type.data) : size;
    body.data.data = end ? end + 1 : body.type.data + size;
    body.data.len = (size_t) (body.type.data + size - body.data.data);
    body.bytes = body.data.len;

    why = NULL;
    rc = rt_source_body(&mem, &body, &why);

    if (rc == RT_OK) {
        check(&mem, &body, "form:email");
        check(&mem, &body, "json:/email");
        check(&mem, &body, "json:/user/0/mail");

    } else {
        must(rc == RT_DECLINED || (rc == RT_INVALID && why != NULL));
    }

    rt_arena_free(&arena);

    return 0;
}
