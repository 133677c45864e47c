/*
 * Policies: merge, lint, templates.
 */


#ifndef NGX_HTTP_RTCSP_POLICY_H_INCLUDED
#define NGX_HTTP_RTCSP_POLICY_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


/*
 * Merges what makes a policy, and compiles conf->enforced and
 * conf->reported, or takes over prev's when nothing differs.
 */
char *ngx_http_rtcsp_policy_merge(ngx_conf_t *cf,
    ngx_http_rtcsp_loc_conf_t *prev, ngx_http_rtcsp_loc_conf_t *conf);

/* warns of a rtcsp_nonce beside policies none of which lists the nonce */
void ngx_http_rtcsp_nonce_unused(ngx_conf_t *cf,
    ngx_http_rtcsp_loc_conf_t *conf);

/*
 * All is merged: rtcsp_warning, of servers that send no policy anywhere, and
 * what is wrong with the policy of a server's own level, if that is served
 */
void ngx_http_rtcsp_policy_warn(ngx_conf_t *cf);

/* writes what was found in the policy, and in the lines that change it */
char *ngx_http_rtcsp_policy_findings(ngx_conf_t *cf,
    ngx_http_rtcsp_base_t *base, ngx_array_t *edits,
    rt_csp_findings_t *findings);

/* src/lib keeps the pointer in what it makes */
rt_mem_t *ngx_http_rtcsp_policy_mem(ngx_conf_t *cf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_POLICY_H_INCLUDED */
