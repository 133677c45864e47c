
/* What rtaudit merged, for "rt check": ngx_rt_show.h. */


#ifndef NGX_HTTP_RTAUDIT_SHOW_H_INCLUDED
#define NGX_HTTP_RTAUDIT_SHOW_H_INCLUDED


#include "ngx_http_rtaudit.h"


#pragma GCC visibility push(hidden)


ngx_int_t ngx_http_rtaudit_show(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_SHOW_H_INCLUDED */
