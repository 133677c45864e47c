
/*
 * Sources of a policy that hold variables: $list, https://$tenant.example.com.
 */


#ifndef NGX_HTTP_RTCSP_VALUE_H_INCLUDED
#define NGX_HTTP_RTCSP_VALUE_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


/*
 * Compiles the variables of the policy's text, if there are any.
 *
 * ret:  NGX_CONF_ERROR: a message was logged; one that a client writes at
 *       will is refused
 */
char *ngx_http_rtcsp_value_compile(ngx_conf_t *cf,
    ngx_http_rtcsp_base_t *base, rt_csp_template_t *template);

/*
 * Puts the values into *text, as a copy.  What holds a byte that would end the
 * source, the directive or the policy is left out as a whole: that allows
 * less, never more.
 */
ngx_int_t ngx_http_rtcsp_value_fill(ngx_http_request_t *r,
    rt_csp_template_t *template, ngx_str_t *text);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_VALUE_H_INCLUDED */
