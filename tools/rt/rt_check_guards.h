
/*
 * Who can come to a place: whom rtauth asks, whom others ask, who is led here
 * by another location.
 */


#ifndef RT_CHECK_GUARDS_H_INCLUDED
#define RT_CHECK_GUARDS_H_INCLUDED


#include "text/rt_nginxconf.h"


#pragma GCC visibility push(hidden)


/* rtauth refuses here whom it does not know: it is no dry run */
int rt_check_held(const rt_nginxconf_t *at);

/* another check is in effect: an address, a password, a certificate */
int rt_check_held_otherwise(const rt_nginxconf_t *at);

/* "satisfy any", and "allow" for everybody: no check counts */
int rt_check_lets_all(const rt_nginxconf_t *at);

/* no client can ask for this: internal, or "@name" */
int rt_check_is_inner(const rt_nginxconf_t *at);

/* somebody comes here whom nobody has asked who he is */
int rt_check_is_open(const rt_nginxconf_t *at);

/* what no location matches is answered by the server itself */
int rt_check_serves_itself(const rt_nginxconf_t *server);


#pragma GCC visibility pop


#endif /* RT_CHECK_GUARDS_H_INCLUDED */
