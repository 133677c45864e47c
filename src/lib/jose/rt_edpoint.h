
/*
 * Public keys of Ed25519 and Ed448 that anybody can sign for.
 *
 * Such a key is a point (RFC 8032, 5.1.3 and 5.2.3).  Under one of small
 * order, a signature holds for many messages or for all of them, and nobody
 * needs a private key to make it; OpenSSL takes these keys as it takes others.
 */


#ifndef RT_EDPOINT_H_INCLUDED
#define RT_EDPOINT_H_INCLUDED


#include "rt_base.h"
#include "jose/rt_jwa.h"


#pragma GCC visibility push(hidden)


/*
 * in:   crv, RT_CRV_ED25519 or RT_CRV_ED448
 *       x, the "x" of a JWK, decoded: 32 or 57 bytes
 * ret:  NULL, or why nobody should believe the key: its order is small, or
 *       its number is not below the field's, which RFC 8032 does not decode
 *
 * It is not checked that the point is on the curve: no signature holds under
 * a key that is not.
 */
const char *rt_edpoint_fault(rt_crv_e crv, const rt_str_t *x);


#pragma GCC visibility pop


#endif /* RT_EDPOINT_H_INCLUDED */
