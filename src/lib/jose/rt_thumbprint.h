
/*
 * The name that a public key has by itself (RFC 7638; of OKP, RFC 8037,
 * appendix A.3): the SHA-256 of the members that make it up, as JSON in one
 * spelling.
 */


#ifndef RT_THUMBPRINT_H_INCLUDED
#define RT_THUMBPRINT_H_INCLUDED


#include "rt_base.h"
#include "json/rt_json.h"


#pragma GCC visibility push(hidden)


#define RT_THUMBPRINT  32


/*
 * in:   jwk, any JSON; whether it is a key that one can verify with is not
 *       looked at
 * ret:  RT_OK; RT_DECLINED (its kty is not RSA, EC or OKP, or a member is
 *       absent or could be written in another way); RT_ERROR (memory)
 */
rt_status_e rt_thumbprint(const rt_json_t *jwk,
    unsigned char out[RT_THUMBPRINT]);


#pragma GCC visibility pop


#endif /* RT_THUMBPRINT_H_INCLUDED */
