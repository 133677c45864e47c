
/*
 * One attempt to sign in (OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9700).
 *
 * Nothing is kept here.  The browser has a cookie in which 32 random bytes are
 * sealed, and state, nonce and code verifier are made from these bytes alone:
 *
 *     nonce, verifier   base64url(HMAC-SHA256(secret, label)), 43 characters
 *     state             base64url(HMAC-SHA256(secret, label)[0..15]) "."
 *                       base64url(sealed return address)
 *
 * So a state is of this browser and of this attempt (login CSRF, RFC 6749,
 * 10.12), the return address cannot be changed or read on its way, and a code
 * is of use only to whoever has the cookie.
 */


#ifndef RT_LOGIN_H_INCLUDED
#define RT_LOGIN_H_INCLUDED


#include "rt_base.h"
#include "oidc/rt_seal.h"


#pragma GCC visibility push(hidden)


#define RT_LOGIN_SECRET     32
#define RT_LOGIN_COOKIE     99      /* characters of the cookie's value */
#define RT_LOGIN_MAX_TO     1024    /* bytes of a return address */
#define RT_LOGIN_MAX_STATE  1427    /* characters of the longest state */


typedef struct {
    unsigned char  secret[RT_LOGIN_SECRET];
    int64_t        time;            /* when it began, seconds */
    uint32_t       provider;        /* rt_login_provider() */
    uint8_t        stepup;          /* the number of what was asked for besides;
                                       0: nothing was */
} rt_login_t;


typedef struct {
    rt_str_t       state;
    rt_str_t       nonce;
    rt_str_t       verifier;        /* for the token endpoint only */
    rt_str_t       challenge;       /* code_challenge, method S256 */
} rt_login_params_t;


/* which provider: 4 bytes of SHA-256(issuer, 0, client_id); RT_OK, RT_ERROR */
rt_status_e rt_login_provider(const rt_str_t *issuer,
    const rt_str_t *client_id, uint32_t *provider);

/* a new attempt with a secret of its own; RT_OK, RT_ERROR */
rt_status_e rt_login_begin(rt_login_t *login, uint32_t provider, int64_t now,
    unsigned stepup);

/*
 * The cookie's value, and back.  The owner cleanses *login after use.
 *
 * in:   aad: purpose and host, see rt_seal.h
 * ret:  seal: RT_OK, RT_INVALID (no AAD), RT_ERROR
 *       open: RT_OK, RT_DECLINED (not one of ours), RT_ERROR.  Whether it is
 *       too old is the caller's to say
 */
rt_status_e rt_login_seal(rt_mem_t *mem, const rt_seal_key_t *key,
    const rt_login_t *login, const rt_str_t *aad, rt_str_t *cookie);
rt_status_e rt_login_open(rt_mem_t *mem, const rt_seal_key_t *keys,
    unsigned n, const rt_str_t *aad, const rt_str_t *cookie,
    rt_login_t *login);

/*
 * What is sent to the provider.
 *
 * in:   to: the return address, any bytes.  One that rt_uri_return_check()
 *       refuses becomes "/"; one longer than RT_LOGIN_MAX_TO loses its query,
 *       and becomes "/" when that does not suffice
 * ret:  RT_OK, RT_ERROR
 */
rt_status_e rt_login_params(rt_mem_t *mem, const rt_login_t *login,
    const rt_str_t *to, rt_login_params_t *params);

/*
 * Is this the state of this attempt?  Compared in constant time.
 *
 * in:   state, any bytes
 * out:  *to: the return address, as rt_login_params() took it
 * ret:  RT_OK, RT_DECLINED (of another attempt, or changed), RT_ERROR
 */
rt_status_e rt_login_state(rt_mem_t *mem, const rt_login_t *login,
    const rt_str_t *state, rt_str_t *to);

/* S256 of RFC 7636, 4.2; RT_OK, RT_ERROR */
rt_status_e rt_login_challenge(rt_mem_t *mem, const rt_str_t *verifier,
    rt_str_t *challenge);


#pragma GCC visibility pop


#endif /* RT_LOGIN_H_INCLUDED */
