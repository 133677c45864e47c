
/*
 * What a token is bound to: the member "cnf" of its claims (RFC 7800), which
 * names a key that its holder has to prove for each request.
 *
 *     "jkt"       the thumbprint of a key that signs proofs (RFC 9449, 6.1)
 *     "x5t#S256"  the digest of a client's certificate (RFC 8705, 3.1)
 *
 * A token is refused when it names a way that nobody here understands, or one
 * that is not on here: it must not pass for a bearer token.
 */


#ifndef RT_BOUND_H_INCLUDED
#define RT_BOUND_H_INCLUDED


#include "rt_base.h"
#include "json/rt_json.h"
#include "jose/rt_reason.h"


#pragma GCC visibility push(hidden)


#define RT_BOUND_HASH  32           /* bytes of SHA-256 */

#define RT_BOUND_DPOP  0x01         /* ways to prove it */
#define RT_BOUND_MTLS  0x02


typedef struct {
    unsigned         ways;          /* all of them have to hold; never 0 */
    unsigned char    jkt[RT_BOUND_HASH];
    unsigned char    x5t[RT_BOUND_HASH];
} rt_bound_t;


/*
 * in:   claims of a token, or of an introspection's answer; ways, those that
 *       are on here
 * ret:  RT_REASON_OK with *bound, UNBOUND (no "cnf"), CONFIRMATION (it is no
 *       object, is empty, has a member that is not known or not on here, or
 *       one that is no digest)
 */
rt_reason_e rt_bound_read(const rt_json_t *claims, unsigned ways,
    rt_bound_t *bound);


#pragma GCC visibility pop


#endif /* RT_BOUND_H_INCLUDED */
