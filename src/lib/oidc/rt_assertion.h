
/*
 * How a client proves with a key who it is: private_key_jwt (RFC 7523, 2.2
 * and 3; OpenID Connect Core 1.0, 9).
 */


#ifndef RT_ASSERTION_H_INCLUDED
#define RT_ASSERTION_H_INCLUDED


#include "rt_base.h"
#include "jose/rt_sign.h"


#pragma GCC visibility push(hidden)


#define RT_ASSERTION_TYPE                                                     \
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

#define RT_ASSERTION_TIME  60       /* seconds that one is good for */


/*
 * One assertion, for one request: iss and sub are the client, aud is the
 * address that takes it, jti is random, and it ends in RT_ASSERTION_TIME.
 *
 * in:   sign, not for two threads at a time
 *       client_id and audience, plain ASCII; now, seconds
 * out:  *token, in the arena
 * ret:  RT_OK, RT_TOO_BIG, RT_ERROR (memory, randomness, libjwt)
 */
rt_status_e rt_assertion(rt_mem_t *mem, rt_sign_t *sign,
    const rt_str_t *client_id, const rt_str_t *audience, int64_t now,
    rt_str_t *token);


#pragma GCC visibility pop


#endif /* RT_ASSERTION_H_INCLUDED */
