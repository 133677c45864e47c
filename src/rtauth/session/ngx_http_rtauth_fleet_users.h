
/*
 * Tells the hosts of a fleet who was disabled or deleted by rtauth_scim, from
 * the users' file.  So whatever was acknowledged is told, even if nginx was
 * restarted before it could be.
 */


#ifndef NGX_HTTP_RTAUTH_FLEET_USERS_H_INCLUDED
#define NGX_HTTP_RTAUTH_FLEET_USERS_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/*
 * Adds all their names to what was revoked, in the zone, with the time of their
 * last change.  Those that were told already add nothing.  It goes on beside
 * the requests, some names at a time.  The caller tries names again that had no
 * room, when "again" is due and some are still untold.
 *
 * in:   users, which stays as long as the cycle.  under_way is 1 from here on,
 *       and 0 when it is over, whole or not; done is 1 when it was whole
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
