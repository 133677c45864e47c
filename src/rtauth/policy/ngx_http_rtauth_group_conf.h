
/*
 * The blocks of rtauth_group; what they mean is in src/lib/policy/rt_policy.h.
 */


#ifndef NGX_HTTP_RTAUTH_GROUP_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_GROUP_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* rtauth_group NAME { ... } */
char *ngx_http_rtauth_group_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* rtauth_public_group NAME | off */
char *ngx_http_rtauth_public_group(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* in merge: finds the group that was named, here or outside */
char *ngx_http_rtauth_public_merge(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *prev, ngx_http_rtauth_loc_conf_t *conf);

/* the policy of a new configuration, and nginx's regular expressions for it */
ngx_int_t ngx_http_rtauth_group_create(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);

/* where the last scim_group of a group stands */
ngx_rt_where_t *ngx_http_rtauth_group_pushed(ngx_http_rtauth_main_conf_t *mcf,
    rt_group_t *group);

/* after the http block was read: what only the whole can tell */
char *ngx_http_rtauth_group_init(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_GROUP_CONF_H_INCLUDED */
