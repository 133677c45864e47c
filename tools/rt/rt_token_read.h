
/* A token as it is read here: nothing of it was verified. */


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


/* what it is verified with; an empty issuer is the token's own */

typedef struct {
    rt_str_t    jwks;
    rt_str_t    issuer;
    rt_str_t    audience;   /* empty: any */
} rt_token_trust_t;


/*
 * The token alone, of what was copied: with blanks around it, and "Bearer",
 * "DPoP" or "Authorization: Bearer" in front.
 */
rt_str_t rt_token_alone(const rt_str_t *text);

/*
 * in:   text, any bytes, of which the token alone is read
 * ret:  RT_OK, RT_ERROR (memory)
 */
rt_status_e rt_token_read(rt_mem_t *mem, const rt_str_t *text,
    rt_token_t *token);

/*
 * What a provider of this issuer and audience, with nothing else said, answers.
 *
 * out:  *why, after another status than RT_OK: why the key set is none
 * ret:  RT_OK with *reason, RT_DECLINED
 */
rt_status_e rt_token_verify(rt_mem_t *mem, const rt_token_t *token,
    const rt_token_trust_t *trust, int64_t now, rt_reason_e *reason,
    const char **why);


#pragma GCC visibility pop


#endif /* RT_TOKEN_READ_H_INCLUDED */
