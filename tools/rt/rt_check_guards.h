
/*
 * Who can come to a place: clients that rtauth asks who they are, clients that
 * another check asks, and clients that another location leads here.
 */


#ifndef RT_CHECK_GUARDS_H_INCLUDED
#define RT_CHECK_GUARDS_H_INCLUDED


#include "text/rt_nginxconf.h"


#pragma GCC visibility push(hidden)


/* 1: rtauth refuses here whom it does not know, and this is no dry run */
int rt_check_held(const rt_nginxconf_t *at);

/* 1: another check is in effect: of an address, a password, a certificate */
int rt_check_held_otherwise(const rt_nginxconf_t *at);

/* 1: no check counts, for there is "satisfy any", and "allow" for everybody */
int rt_check_lets_all(const rt_nginxconf_t *at);

/* 1: no client can ask for this location: it is internal, or "@name" */
int rt_check_is_inner(const rt_nginxconf_t *at);

/* 1: a client can come here whom nothing has asked who he is */
int rt_check_is_open(const rt_nginxconf_t *at);

/* 1: the server itself answers what no location matches */
int rt_check_serves_itself(const rt_nginxconf_t *server);


#pragma GCC visibility pop


#endif /* RT_CHECK_GUARDS_H_INCLUDED */
