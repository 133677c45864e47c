
/*
 * What the hosts of a fleet are told of who was disabled or deleted by
 * rtauth_scim, from the users' file: whatever was acknowledged is told, also
 * when nginx was restarted before it could be.
 */


#ifndef NGX_HTTP_RTAUTH_FLEET_USERS_H_INCLUDED
#define NGX_HTTP_RTAUTH_FLEET_USERS_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/*
 * Adds all of them to what was revoked, in the zone, with the time of their
 * last change: what was told already is no news.  It goes on beside the
 * requests, some of them at a time.  Names that had no room are tried again by
 * the caller, when "again" is due and some are still untold.
 *
 * in:   under_way: 1 from here on; 0 when it is over, whole or not.  done: 1
 *       when it was whole.  All stay as long as the cycle
 */

typedef struct {
    ngx_msec_t                    again;
    unsigned                      under_way:1;
    unsigned                      done:1;
    unsigned                      full:1;       /* and the log says so */
} ngx_http_rtauth_fleet_users_t;

void ngx_http_rtauth_fleet_users(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_fleet_users_t *users);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_FLEET_USERS_H_INCLUDED */
