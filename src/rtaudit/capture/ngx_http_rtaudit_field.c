
/*
 * rtaudit_field FIELD SOURCE ...: values of the request, or of variables, as
 * fields of the event.  Rules of rtaudit_redact are asked for every name
 * such a value comes from.
 */

#include "capture/ngx_http_rtaudit_field.h"
#include "ngx_rt_headers.h"
#include "redact/rt_redact_head.h"


static ngx_int_t ngx_http_rtaudit_field_fetch(ngx_http_rtaudit_input_t *in,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value);
static void ngx_http_rtaudit_field_judge(ngx_http_rtaudit_input_t *in,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value);
static rt_redact_act_e ngx_http_rtaudit_field_judge_names(
    ngx_http_rtaudit_input_t *in, ngx_http_rtaudit_source_t *src,
    rt_str_t *by);


ngx_uint_t
ngx_http_rtaudit_field_needs_body(ngx_array_t *fields)
{
    ngx_uint_t                  i, k;
    ngx_http_rtaudit_field_t   *field;
    ngx_http_rtaudit_source_t  *src;

    if (fields == NULL) {
        return 0;
    }

    field = fields->elts;

    for (i = 0; i < fields->nelts; i++) {
        src = field[i].sources.elts;

        for (k = 0; k < field[i].sources.nelts; k++) {
            if (src[k].from == NGX_HTTP_RTAUDIT_FORM
                || src[k].from == NGX_HTTP_RTAUDIT_JSON)
            {
                return 1;
            }
        }
    }

    return 0;
}


ngx_int_t
ngx_http_rtaudit_field_fill(ngx_http_rtaudit_input_t *in, ngx_array_t *fields,
    rt_event_t *ev)
{
    size_t                      saved;
    ngx_str_t                   value;
    ngx_uint_t                  i, k;
    rt_event_header_t          *user;
    ngx_http_rtaudit_field_t   *field;
    ngx_http_rtaudit_source_t  *src;

    if (fields == NULL) {
        return NGX_OK;
    }

    field = fields->elts;

    user = ngx_palloc(in->r->pool, fields->nelts * sizeof(rt_event_header_t));
    if (user == NULL) {
        return NGX_ERROR;
    }

    ev->user_field = user;

    for (i = 0; i < fields->nelts; i++) {

        src = field[i].sources.elts;
        ngx_str_null(&value);

        saved = rt_redact_enter(in->rd, ngx_rt_str(&field[i].name));

        for (k = 0; k < field[i].sources.nelts && value.len == 0; k++) {
            if (ngx_http_rtaudit_field_fetch(in, &src[k], &value) != NGX_OK) {
                return NGX_ERROR;
            }
        }

        rt_redact_leave(in->rd, saved);

        if (value.len == 0) {
            continue;
        }

        if (field[i].member.len == 0) {
            *(rt_str_t *) ((u_char *) ev + field[i].offset)
                = *ngx_rt_str(&value);
            continue;
        }

        user[ev->nuser_fields].name = *ngx_rt_str(&field[i].member);
        user[ev->nuser_fields].value = *ngx_rt_str(&value);
        ev->nuser_fields++;
    }

    return NGX_OK;
}


/* the value, already redacted; empty when this source has none */

static ngx_int_t
ngx_http_rtaudit_field_fetch(ngx_http_rtaudit_input_t *in,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value)
{
    rt_json_t              *v;
    const rt_form_t        *form;
    const rt_form_field_t  *f;

    form = in->args;

    switch (src->from) {

    case NGX_HTTP_RTAUDIT_FORM:
        form = (in->body->kind == RT_BODY_FORM) ? &in->body->form : NULL;

        /* fall through */

    case NGX_HTTP_RTAUDIT_ARG:
        f = form ? rt_form_get(form, ngx_rt_str(&src->name)) : NULL;

        if (f && !f->bad) {
            value->data = f->value.data;
            value->len = f->value.len;
        }

        break;

    case NGX_HTTP_RTAUDIT_JSON:
        /* when a name stands there twice, nobody knows which value counts */

        v = (in->body->kind == RT_BODY_JSON && !in->body->json->again)
            ? rt_json_path(in->body->json, ngx_rt_str(&src->name)) : NULL;

        if (v && (v->type == RT_JSON_STRING || v->type == RT_JSON_NUMBER)) {
            value->data = v->str.data;
            value->len = v->str.len;
        }

        break;

    case NGX_HTTP_RTAUDIT_HEADER:
        ngx_rt_headers_value(in->r, &src->name, value);
        break;

    default:
        if (ngx_http_complex_value(in->r, &src->value, value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (value->len) {
        ngx_http_rtaudit_field_judge(in, src, value);
    }

    return NGX_OK;
}


static void
ngx_http_rtaudit_field_judge(ngx_http_rtaudit_input_t *in,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value)
{
    rt_str_t         text, out, by;
    rt_redact_act_e  most;

    out = (rt_str_t) rt_null_string;
    by = (rt_str_t) rt_null_string;
    text = *ngx_rt_str(value);

    most = ngx_http_rtaudit_field_judge_names(in, src, &by);

    most = rt_redact_shaped(in->rd, &text, most, &by);

    if (most == RT_REDACT_NONE) {

        switch (rt_redact_look(in->rd, &text, &out, &by)) {

        case RT_REDACT_CLEAN:
            return;

        case RT_REDACT_EDITED:
            value->data = out.data;
            value->len = out.len;
            return;

        default:
            most = RT_REDACT_MASK;
        }
    }

    rt_redact_note(in->rd, rt_redact_act_name(most), &by);

    if (most == RT_REDACT_DROP) {
        ngx_str_null(value);
        return;
    }

    text = rt_redact_instead(in->rd, most, &text);
    value->data = text.data;
    value->len = text.len;
}


/* the strictest of what is said of the names, and of the headers */

static rt_redact_act_e
ngx_http_rtaudit_field_judge_names(ngx_http_rtaudit_input_t *in,
    ngx_http_rtaudit_source_t *src, rt_str_t *by)
{
    rt_str_t         *name, rule;
    ngx_uint_t        i;
    rt_redact_act_e   act, most;

    most = RT_REDACT_NONE;
    name = src->names.elts;

    for (i = 0; i < src->names.nelts; i++) {
        act = rt_redact_name(in->rd, &name[i], &rule);

        if (act > most) {
            most = act;
            *by = rule;
        }
    }

    name = src->heads.elts;

    for (i = 0; i < src->heads.nelts; i++) {
        act = rt_redact_header(in->rd, &name[i], &rule);

        if (act > most) {
            most = act;
            *by = rule;
        }
    }

    return most;
}
