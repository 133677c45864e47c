/*
 * The directives that say policies.
 */


#ifndef NGX_HTTP_RTCSP_POLICY_CONF_H_INCLUDED
#define NGX_HTTP_RTCSP_POLICY_CONF_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


/* the name of a preset, a value of ngx_http_rtcsp_preset_e */
ngx_str_t *ngx_http_rtcsp_preset_name(ngx_uint_t preset);

/* rtcsp: presets by name; sets conf->preset and its policy */
char *ngx_http_rtcsp_preset(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

char *ngx_http_rtcsp_policy(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_rtcsp_report_only_policy(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_rtcsp_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_rtcsp_nonce_in(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_rtcsp_report_only(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_rtcsp_report_uri(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* sets the header Reporting-Endpoints as well */
char *ngx_http_rtcsp_report_to(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_POLICY_CONF_H_INCLUDED */
