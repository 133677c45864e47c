
/*
 * rtauth_zone state=PATH: what was revoked, in a journal beside the zone.
 *
 * The journal is the truth, and each zone follows it: that of a new nginx, of
 * another size, or of the other one during an upgrade.  What was revoked
 * without being written first, by a provider or by another host, is written
 * soon after.
 */


#ifndef NGX_HTTP_RTAUTH_STATE_H_INCLUDED
#define NGX_HTTP_RTAUTH_STATE_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "oidc/rt_revocation.h"
#include "ngx_rt_journal.h"


#pragma GCC visibility push(hidden)


/* in the master: the file is there, sound, and the workers' alone, or a
   message is */
ngx_int_t ngx_http_rtauth_state_prepare(ngx_http_rtauth_main_conf_t *mcf,
    ngx_log_t *log);

/* this worker's; all was read.  NULL: memory is out, or it cannot be read */
ngx_http_rtauth_state_t *ngx_http_rtauth_state(
    ngx_http_rtauth_main_conf_t *mcf);
void ngx_http_rtauth_state_exit(ngx_http_rtauth_main_conf_t *mcf);

/* 1: this worker has found a damaged line in it */
ngx_uint_t ngx_http_rtauth_state_damaged(ngx_http_rtauth_main_conf_t *mcf);

/* when the handler is called without an error, it is on disk, and counts */
void *ngx_http_rtauth_state_write(ngx_http_rtauth_state_t *state,
    rt_revocation_t *rev, ngx_rt_journal_pt handler, void *data);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_STATE_H_INCLUDED */
