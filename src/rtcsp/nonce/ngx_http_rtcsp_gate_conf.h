/*
 * rtcsp_nonce gated: which scripts, styles and links may have the nonce.
 */


#ifndef NGX_HTTP_RTCSP_GATE_CONF_H_INCLUDED
#define NGX_HTTP_RTCSP_GATE_CONF_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


/* reads the words behind "gated", and the files that they name */
char *ngx_http_rtcsp_gate_conf(ngx_conf_t *cf,
    ngx_http_rtcsp_loc_conf_t *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_GATE_CONF_H_INCLUDED */
