
/*
 * rtauth_require: conditions that must all hold.
 */


#ifndef NGX_HTTP_RTAUTH_REQUIRE_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_REQUIRE_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* rtauth_require CONDITION [error=401|403] | off */
char *ngx_http_rtauth_require(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REQUIRE_CONF_H_INCLUDED */
