/*
 * Talisman's other headers: what presets say of them, and their merge.
 */


#ifndef NGX_HTTP_RTCSP_FIXED_H_INCLUDED
#define NGX_HTTP_RTCSP_FIXED_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


/* what was said here, or outside, or else by the preset */
void ngx_http_rtcsp_fixed_merge(ngx_http_rtcsp_loc_conf_t *prev,
    ngx_http_rtcsp_loc_conf_t *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_FIXED_H_INCLUDED */
