
/* rtauth_session: its line, its defaults, and what it needs. */


#ifndef NGX_HTTP_RTAUTH_SESSION_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_SESSION_CONF_H_INCLUDED


#include "session/ngx_http_rtauth_sessions.h"


#pragma GCC visibility push(hidden)


/* rtauth_session [OPTION=VALUE ...] */
char *ngx_http_rtauth_session(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* in merge: after it conf->sessions is there, and its redis was found */
char *ngx_http_rtauth_session_merge(ngx_conf_t *cf,
    ngx_http_rtauth_srv_conf_t *prev, ngx_http_rtauth_srv_conf_t *conf);

/* they are in use: main conf's list has them, once */
char *ngx_http_rtauth_session_use(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *sessions);

/*
 * When http {} was read, for a server that signs people in and knows its
 * origin: what would lose their sessions is warned of.
 */
void ngx_http_rtauth_session_check(ngx_conf_t *cf,
    ngx_http_core_srv_conf_t *cscf, ngx_http_rtauth_srv_conf_t *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SESSION_CONF_H_INCLUDED */
