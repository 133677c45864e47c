
/*
 * rtaudit_field: values of the request, or of variables, in the event.
 */


#ifndef NGX_HTTP_RTAUDIT_FIELD_H_INCLUDED
#define NGX_HTTP_RTAUDIT_FIELD_H_INCLUDED


#include "ngx_http_rtaudit.h"

#include "json/rt_body.h"
#include "event/rt_event.h"
#include "text/rt_form.h"
#include "redact/rt_redact.h"


#pragma GCC visibility push(hidden)


/* what fields are taken from */

typedef struct {
    ngx_http_request_t           *r;
    rt_mem_t                     *mem;
    rt_redact_t                  *rd;
    rt_form_t                    *args;
    rt_body_t                    *body;
} ngx_http_rtaudit_input_t;

/* fills the fields of ev */
ngx_int_t ngx_http_rtaudit_field_fill(ngx_http_rtaudit_input_t *in,
    ngx_array_t *fields, rt_event_t *ev);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_FIELD_H_INCLUDED */
