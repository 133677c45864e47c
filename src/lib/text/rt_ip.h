
/*
 * Addresses as text: what a proxy writes into X-Forwarded-For.
 */


#ifndef RT_IP_H_INCLUDED
#define RT_IP_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/*
 * 1 if s is an IPv4 address ("192.0.2.1"), with a port or without, or an
 * IPv6 address (RFC 4291, 2.2), by itself, in brackets, or in brackets with
 * a port; else 0.  A zone ("%eth0") is none of it.
 */
int rt_ip_valid(const rt_str_t *s);


#pragma GCC visibility pop


#endif /* RT_IP_H_INCLUDED */
