
/*
 * $rtauth_row_filter_NAME and $rtauth_row_filters: which rows the user may see.
 * Never empty: for nobody, and for who was refused, no row at all.
 */


#ifndef NGX_HTTP_RTAUTH_ROWFILTER_H_INCLUDED
#define NGX_HTTP_RTAUTH_ROWFILTER_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


/*
 * Adds the variables when all filters are known: that of a filter which nobody
 * declared is unknown to nginx, which does not start.
 */
ngx_int_t ngx_http_rtauth_rowfilter_init(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_ROWFILTER_H_INCLUDED */
