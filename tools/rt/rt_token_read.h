
/* Reads a token, with nothing of it verified, and verifies it. */


#ifndef RT_TOKEN_READ_H_INCLUDED
#define RT_TOKEN_READ_H_INCLUDED


#include "json/rt_json.h"
#include "jose/rt_reason.h"


#pragma GCC visibility push(hidden)


typedef enum {
    RT_TOKEN_JWS = 0,
    RT_TOKEN_JWE,           /* encrypted: its header alone can be read */
    RT_TOKEN_OPAQUE
} rt_token_form_e;


typedef struct {
    rt_str_t          text;
    rt_token_form_e   form;
    rt_json_t        *header;
    rt_json_t        *claims;
} rt_token_t;


/* what a token is verified with; an empty issuer means the token's own */

typedef struct {
    rt_str_t    jwks;
    rt_str_t    issuer;
    rt_str_t    audience;   /* empty: any */
} rt_token_trust_t;


/*
 * Cuts a copied text to the token: there may be blanks around it, and "Bearer",
 * "DPoP" or "Authorization: Bearer" in front.
 */
rt_str_t rt_token_alone(const rt_str_t *text);

/*
 * in:   text, any bytes, which rt_token_alone() cuts
 * ret:  RT_OK, RT_ERROR (memory)
 */
rt_status_e rt_token_read(rt_mem_t *mem, const rt_str_t *text,
    rt_token_t *token);

/*
 * Verifies a token as an rtauth_provider does that has this issuer, keys and
 * audience, and nothing else.
 *
 * out:  *why, after another status than RT_OK: what is wrong with the key set
 * ret:  RT_OK with *reason, RT_DECLINED
 */
rt_status_e rt_token_verify(rt_mem_t *mem, const rt_token_t *token,
    const rt_token_trust_t *trust, int64_t now, rt_reason_e *reason,
    const char **why);


#pragma GCC visibility pop


#endif /* RT_TOKEN_READ_H_INCLUDED */
