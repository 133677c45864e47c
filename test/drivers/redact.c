
/*
 * redact: what is left of a body, or an address, after redaction.
 *
 * in, a JSON line:
 *
 *     {"type": "application/json",            the Content-Type
 *      "body": "{\"password\":\"x\"}",        its bytes (as UTF-8), or
 *      "hex": "7b7d",                         its bytes in hexadecimal
 *      "encoding": "gzip",                    Content-Encoding, optional
 *      "url": "/a?token=x",                   optional
 *      "rules": ["name:password", "name:*token* action=drop"]}
 *
 * out, a JSON line:
 *
 *     {"kind": "json|form|none|multipart|text|opaque|unparsed",
 *      "why": "json|count|percent|type|encoding|charset|size",  if unparsed
 *      "bytes": 16,
 *      "parameters": {"password": "[REDACTED]"},
 *                      of a JSON object or a form, and the url's arguments
 *      "body": [...],  of a JSON array or scalar, or a text
 *      "url": "/a?token=[REDACTED]",          if one came in
 *      "redactions": [{"ptr": "/parameters/password", "act": "mask",
 *                      "rule": "name:password"}]}
 *
 * A line that is not understood is answered by {"error": "..."}.
 */


#include "rt_driver.h"
#include "json/rt_body.h"
#include "event/rt_params.h"
#include "redact/rt_redact.h"
#include "redact/rt_redact_url.h"
#include "rt_rules.h"


static rt_rules_t   rules;
static rt_redact_t  rd;


static rt_str_t
get(const rt_json_t *v, const char *name)
{
    rt_str_t          s, none = rt_null_string;
    const rt_json_t  *m;

    s.data = (unsigned char *) name;
    s.len = strlen(name);
    m = rt_json_get(v, &s);

    return (m && m->type == RT_JSON_STRING) ? m->str : none;
}


static int
unhex(const rt_str_t *hex, rt_str_t *out, rt_mem_t *mem)
{
    size_t    i;
    unsigned  c;

    out->len = hex->len / 2;
    out->data = rt_alloc(mem, out->len + 1);

    for (i = 0; out->data && i < out->len; i++) {
        if (sscanf((char *) hex->data + 2 * i, "%2x", &c) != 1) {
            return 0;
        }

        out->data[i] = (unsigned char) c;
    }

    return out->data && hex->len % 2 == 0;
}


static void
answer_body(rt_jsonw_t *w, const rt_body_t *body, const rt_form_t *args)
{
    size_t    saved;
    rt_str_t  s;

    s.data = (unsigned char *) rt_body_kind_name(body->kind);
    s.len = strlen((char *) s.data);
    rt_jsonw_lit(w, "kind");
    rt_jsonw_str(w, &s);

    if (body->why) {
        s.data = (unsigned char *) body->why;
        s.len = strlen(body->why);
        rt_jsonw_lit(w, "why");
        rt_jsonw_str(w, &s);
    }

    rt_jsonw_lit(w, "bytes");
    rt_jsonw_uint(w, body->bytes);

    saved = rt_redact_into(&rd, "parameters");
    rt_jsonw_lit(w, "parameters");
    (void) rt_params_write(&rd, w, args, body, 0);
    rt_redact_leave(&rd, saved);

    if (body->kind == RT_BODY_TEXT) {
        rt_jsonw_lit(w, "body");
        (void) rt_redact_text_body(&rd, w, &body->data, 65536);
    }

    if (body->kind == RT_BODY_JSON && body->json->type != RT_JSON_OBJECT) {
        saved = rt_redact_into(&rd, "body");
        rt_jsonw_lit(w, "body");
        rt_redact_json(&rd, w, body->json);
        rt_redact_leave(&rd, saved);
    }
}


static const char *
answer(rt_mem_t *mem, const rt_str_t *line, rt_jsonw_t *w)
{
    size_t           i, saved;
    rt_str_t         hex, url, query = rt_null_string;
    rt_json_t       *v;
    rt_body_t        body;
    rt_form_t        args;
    const char      *err;
    rt_json_opts_t   opts = { RT_JSON_REPAIR, 64, 100000 };

    if (rt_json_parse(mem, line, &opts, &v, NULL) != RT_OK
        || v->type != RT_JSON_OBJECT)
    {
        return "a line is a JSON object";
    }

    err = rt_rules_read(mem, rt_json_member(v, "rules"), &rules);
    if (err) {
        return err;
    }

    rt_redact_init(&rd, mem, rules.sets, 1);

    memset(&body, 0, sizeof(body));
    body.type = get(v, "type");
    body.encoding = get(v, "encoding");
    body.data = get(v, "body");
    hex = get(v, "hex");
    url = get(v, "url");

    if (hex.len && !unhex(&hex, &body.data, mem)) {
        return "\"hex\" has two hexadecimal digits a byte";
    }

    body.bytes = body.data.len;

    for (i = 0; i < url.len; i++) {
        if (url.data[i] == '?') {
            query.data = url.data + i + 1;
            query.len = url.len - i - 1;
            break;
        }
    }

    if (rt_body_parse(mem, &body) != RT_OK
        || rt_body_show(mem, &body) != RT_OK
        || rt_form_parse(mem, &query, RT_REDACT_ARGS, &args) != RT_OK)
    {
        return "out of memory";
    }

    rt_jsonw_open(w, '{');
    answer_body(w, &body, &args);

    if (url.len) {
        saved = rt_redact_into(&rd, "url");
        rt_jsonw_lit(w, "url");
        (void) rt_redact_url(&rd, w, &url, 1, 8192);
        rt_redact_leave(&rd, saved);
    }

    rt_jsonw_lit(w, "redactions");
    rt_redact_write_notes(&rd, w);
    rt_jsonw_close(w, '}');

    return w->full ? "the answer is too long" : NULL;
}


int
main(void)
{
    rt_jsonw_t      w;
    const char     *err;
    driver_line_t   in = { 0 };

    static unsigned char  out[8 << 20];

    while (driver_next(&in)) {
        rt_jsonw_init(&w, out, sizeof(out));
        err = answer(&in.mem, &in.text, &w);

        if (err) {
            driver_error(err);

        } else {
            printf("%.*s\n", (int) rt_jsonw_len(&w), out);
        }
    }

    return 0;
}
