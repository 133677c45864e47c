
/*
 * rtauth_require: conditions that must all hold.
 */


#ifndef NGX_HTTP_RTAUTH_REQUIRE_H_INCLUDED
#define NGX_HTTP_RTAUTH_REQUIRE_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* what a condition is looked at with */

typedef struct {
    ngx_http_rtauth_identity_t  *identity;
    rt_groups_t                  groups;
    rt_level_e                   level;
} ngx_http_rtauth_subject_t;


char *ngx_http_rtauth_require(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* adds the outer level's, and looks whether rtauth is there to ask them */
char *ngx_http_rtauth_require_merge(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *prev, ngx_http_rtauth_loc_conf_t *conf);

/* lines that were written where rtauth is not on: NGX_CONF_ERROR */
char *ngx_http_rtauth_require_check(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf);

/* after the http block was read: finds the groups that were named */
char *ngx_http_rtauth_require_init(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);

/*
 * NGX_OK: all hold; NGX_HTTP_UNAUTHORIZED or NGX_HTTP_FORBIDDEN: the answer
 * of the first that does not; NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_rtauth_require_eval(ngx_http_request_t *r,
    ngx_array_t *require, ngx_http_rtauth_subject_t *who);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REQUIRE_H_INCLUDED */
