
/*
 * A DPoP proof (RFC 9449): a JWS that a client makes for one request, with the
 * key that its access token is bound to.
 *
 * This file does all checks of section 4.3 but two, which are its caller's:
 * that there is exactly one header with a proof, and that its nonce is one that
 * the server gave.  Nor does it know which proofs were seen before.  A proof is
 * good once: the caller keeps its "id" until "until".
 *
 * Whoever shows a stolen token costs us one thumbprint: the signature is looked
 * at only when the proof's key is the token's.
 */


#ifndef RT_DPOP_H_INCLUDED
#define RT_DPOP_H_INCLUDED


#include "rt_base.h"
#include "jose/rt_reason.h"
#include "jose/rt_thumbprint.h"


#pragma GCC visibility push(hidden)


#define RT_DPOP_MAX      8192       /* bytes of a proof */
#define RT_DPOP_MAX_JTI  256
#define RT_DPOP_AGE      60         /* seconds from "iat" on, and leeway */
#define RT_DPOP_ID       32


typedef struct {
    uint32_t              algs;     /* accepted; HMAC never is */
    rt_str_t              method;   /* as the client sent it */
    rt_str_t              origin;   /* "https://host", maybe with a port */
    rt_str_t              path;     /* raw, as the client sent it */
    rt_str_t              token;    /* the access token */
    const unsigned char  *jkt;      /* the thumbprint it is bound to */
    int64_t               now;      /* seconds of Unix time */
    int64_t               leeway;   /* seconds, either way */
} rt_dpop_request_t;


typedef struct {
    unsigned char         id[RT_DPOP_ID];   /* of key and jti */
    rt_str_t              nonce;    /* data NULL: it has none */
    int64_t               until;    /* it is good before */
} rt_dpop_t;


/*
 * in:   proof, any bytes
 * out:  *dpop, on RT_REASON_OK
 *       *why, on RT_REASON_BAD_PROOF: a phrase, "has another htm"
 * ret:  RT_REASON_OK, BAD_PROOF, BAD_SIGNATURE (its signature does not hold),
 *       INTERNAL
 */
rt_reason_e rt_dpop_check(rt_mem_t *mem, const rt_str_t *proof,
    const rt_dpop_request_t *request, rt_dpop_t *dpop, const char **why);


#pragma GCC visibility pop


#endif /* RT_DPOP_H_INCLUDED */
