
#include "json/rt_body.h"
#include "text/rt_charset.h"
#include "text/rt_field.h"


static const rt_str_t  json_types[] = {
    rt_string("application/json"), rt_string("text/json"),
    rt_string("application/x-json")
};

/*
 * What browsers report is not shown: a policy with its nonce is in it, the
 * first bytes of a script, and addresses with their queries.  rtcsp's collector
 * says what may be said.
 */

static const rt_str_t  report_types[] = {
    rt_string("application/csp-report"), rt_string("application/reports+json")
};


static int
among(const rt_str_t *list, size_t n, const rt_str_t *name)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (rt_str_ieq(name, &list[i])) {
            return 1;
        }
    }

    return 0;
}


rt_body_kind_e
rt_body_kind(const rt_str_t *type)
{
    rt_str_t  name, tail;

    (void) rt_field_media(type, &name);

    if (among(json_types, sizeof(json_types) / sizeof(json_types[0]), &name)) {
        return RT_BODY_JSON;
    }

    if (among(report_types, sizeof(report_types) / sizeof(report_types[0]),
              &name))
    {
        return RT_BODY_OPAQUE;
    }

    if (name.len > 5) {
        tail.data = name.data + name.len - 5;
        tail.len = 5;

        if (rt_str_ilit(&tail, "+json")) {
            return RT_BODY_JSON;
        }
    }

    if (rt_str_ilit(&name, "application/x-www-form-urlencoded"))
    {
        return RT_BODY_FORM;
    }

    if (name.len > 10 && name.data[9] == '/') {
        name.len = 9;

        if (rt_str_ilit(&name, "multipart")) {
            return RT_BODY_MULTIPART;
        }
    }

    return RT_BODY_OPAQUE;
}


const char *
rt_body_kind_name(rt_body_kind_e kind)
{
    static const char *const  name[] = {
        "none", "json", "form", "multipart", "opaque", "unparsed", "unread",
        "text"
    };

    return name[kind];
}


static rt_status_e
parse_json(rt_mem_t *mem, rt_body_t *body)
{
    rt_status_e     rc;
    rt_json_opts_t  opts;

    opts.flags = RT_JSON_TWICE;
    opts.max_depth = RT_BODY_DEPTH;
    opts.max_nodes = RT_BODY_NODES;

    rc = rt_json_parse(mem, &body->data, &opts, &body->json, NULL);

    if (rc == RT_OK) {
        return RT_OK;
    }

    body->kind = RT_BODY_UNPARSED;
    body->why = (rc == RT_TOO_BIG) ? "count" : "json";
    body->json = NULL;

    return rc == RT_ERROR ? RT_ERROR : RT_OK;
}


/*
 * Whatever was sent under a form's name but is something else (curl -d with
 * JSON) would show its content as names: the first byte tells.
 */

static int
form_shaped(const rt_str_t *s)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {
        if (s->data[i] > ' ') {
            return memchr("{[\"<", s->data[i], 4) == NULL;
        }
    }

    return 1;
}


static rt_status_e
parse_form(rt_mem_t *mem, rt_body_t *body)
{
    rt_status_e  rc;

    body->why = "type";
    rc = RT_OK;

    if (form_shaped(&body->data)) {
        rc = rt_form_parse(mem, &body->data, RT_BODY_FIELDS, &body->form);

        if (rc == RT_OK && !body->form.bad && !body->form.many) {
            body->why = NULL;
            return RT_OK;
        }

        body->why = body->form.many ? "count" : "percent";
    }

    body->kind = RT_BODY_UNPARSED;
    memset(&body->form, 0, sizeof(body->form));

    return rc;
}


const char *
rt_body_hindrance(const rt_body_t *body)
{
    if (body->encoding.len
        && !rt_str_ilit(&body->encoding, "identity"))
    {
        return "encoding";
    }

    if (body->bytes > body->data.len) {
        return "size";
    }

    return rt_charset_type(&body->type) > RT_CHARSET_US_ASCII
           || rt_charset_value(&body->charset) > RT_CHARSET_US_ASCII
           ? "charset" : NULL;
}


rt_status_e
rt_body_parse(rt_mem_t *mem, rt_body_t *body)
{
    body->json = NULL;
    body->file = NULL;
    body->why = NULL;
    memset(&body->form, 0, sizeof(body->form));

    if (body->unread) {
        body->kind = RT_BODY_UNREAD;
        return RT_OK;
    }

    if (body->bytes == 0 && body->data.len == 0) {
        body->kind = RT_BODY_NONE;
        return RT_OK;
    }

    body->kind = rt_body_kind(&body->type);

    if (body->kind != RT_BODY_JSON && body->kind != RT_BODY_FORM) {
        return RT_OK;
    }

    body->why = rt_body_hindrance(body);

    if (body->why) {
        body->kind = RT_BODY_UNPARSED;
        return RT_OK;
    }

    return body->kind == RT_BODY_JSON ? parse_json(mem, body)
                                      : parse_form(mem, body);
}
