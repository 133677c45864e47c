
#include "json/rt_body.h"


static const rt_str_t  json_types[] = {
    rt_string("application/json"), rt_string("text/json"),
    rt_string("application/x-json"), rt_string("application/csp-report")
};


static int
blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}


static rt_str_t
trim(const unsigned char *p, const unsigned char *end)
{
    rt_str_t  s;

    while (p < end && blank(*p)) {
        p++;
    }

    while (end > p && blank(end[-1])) {
        end--;
    }

    s.data = (unsigned char *) p;
    s.len = (size_t) (end - p);

    return s;
}


/* the next part before ';'; 0 at the end */

static int
next_part(rt_str_t *rest, rt_str_t *part)
{
    const unsigned char  *semi, *end;

    if (rest->len == 0) {
        return 0;
    }

    end = rest->data + rest->len;
    semi = memchr(rest->data, ';', rest->len);

    *part = trim(rest->data, semi ? semi : end);

    if (semi == NULL) {
        rest->len = 0;
        return 1;
    }

    rest->data = (unsigned char *) semi + 1;
    rest->len = (size_t) (end - rest->data);

    return 1;
}


rt_body_kind_e
rt_body_kind(const rt_str_t *type)
{
    size_t    i;
    rt_str_t  rest, name, tail;

    rest = *type;

    if (!next_part(&rest, &name)) {
        return RT_BODY_OPAQUE;
    }

    for (i = 0; i < sizeof(json_types) / sizeof(json_types[0]); i++) {
        if (rt_str_ieq(&name, &json_types[i])) {
            return RT_BODY_JSON;
        }
    }

    if (name.len > 5) {
        tail.data = name.data + name.len - 5;
        tail.len = 5;

        if (rt_str_ieq(&tail, &(rt_str_t) rt_string("+json"))) {
            return RT_BODY_JSON;
        }
    }

    if (rt_str_ieq(&name, &(rt_str_t)
                          rt_string("application/x-www-form-urlencoded")))
    {
        return RT_BODY_FORM;
    }

    if (name.len > 10
        && memcmp(name.data + 9, "/", 1) == 0)
    {
        name.len = 9;

        if (rt_str_ieq(&name, &(rt_str_t) rt_string("multipart"))) {
            return RT_BODY_MULTIPART;
        }
    }

    return RT_BODY_OPAQUE;
}


const char *
rt_body_kind_name(rt_body_kind_e kind)
{
    static const char *const  name[] = {
        "none", "json", "form", "multipart", "opaque", "unparsed", "unread"
    };

    return name[kind];
}


/* absent, UTF-8, or its subset US-ASCII */

static int
charset_known(const rt_str_t *type)
{
    rt_str_t  rest, part, value;

    rest = *type;

    (void) next_part(&rest, &part);

    while (next_part(&rest, &part)) {

        value = part;
        value.len = 7;

        if (part.len < 7
            || !rt_str_ieq(&value, &(rt_str_t) rt_string("charset")))
        {
            continue;
        }

        value = trim(part.data + 7, part.data + part.len);

        if (value.len == 0 || value.data[0] != '=') {
            return 0;
        }

        value = trim(value.data + 1, value.data + value.len);

        if (value.len >= 2 && value.data[0] == '"'
            && value.data[value.len - 1] == '"')
        {
            value.data++;
            value.len -= 2;
        }

        if (!rt_str_ieq(&value, &(rt_str_t) rt_string("utf-8"))
            && !rt_str_ieq(&value, &(rt_str_t) rt_string("utf8"))
            && !rt_str_ieq(&value, &(rt_str_t) rt_string("us-ascii")))
        {
            return 0;
        }
    }

    return 1;
}


static rt_status_e
parse_json(rt_mem_t *mem, rt_body_t *body)
{
    rt_status_e     rc;
    rt_json_opts_t  opts;

    opts.flags = RT_JSON_UNIQUE;
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


rt_status_e
rt_body_parse(rt_mem_t *mem, rt_body_t *body)
{
    body->json = NULL;
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

    if (body->encoding.len
        && !rt_str_ieq(&body->encoding, &(rt_str_t) rt_string("identity")))
    {
        body->why = "encoding";

    } else if (body->bytes > body->data.len) {
        body->why = "size";

    } else if (!charset_known(&body->type)) {
        body->why = "charset";

    } else if (body->kind == RT_BODY_JSON) {
        return parse_json(mem, body);

    } else {
        return parse_form(mem, body);
    }

    body->kind = RT_BODY_UNPARSED;

    return RT_OK;
}
