
/*
 * What a provider answered about a token: whether it is active, and what it
 * says (RFC 7662, 2.2); as JSON, or in a JWT that the provider signed (RFC
 * 9701, 5).  Whether the token is good here is rt_claims_check()'s to say.
 */


#ifndef RT_INTROSPECTION_H_INCLUDED
#define RT_INTROSPECTION_H_INCLUDED


#include "rt_base.h"
#include "json/rt_json.h"


#pragma GCC visibility push(hidden)


#define RT_INTROSPECTION_MAX      (16 * 1024)   /* bytes of an answer */
#define RT_INTROSPECTION_MAX_AGE  60            /* seconds since "iat" of a
                                                   signed one, leeway aside */
#define RT_INTROSPECTION_TYPE     "token-introspection+jwt"


/*
 * "active" has to be true or false: anything else is no answer, and says
 * nothing of the token.
 *
 * in:   body, any bytes
 * out:  *answer, into body or the arena: the claims, after RT_OK
 * ret:  RT_OK        the token is active
 *       RT_DECLINED  it is not
 *       RT_INVALID, RT_TOO_BIG   no answer, with *why, a phrase
 *       RT_ERROR
 */
rt_status_e rt_introspection_parse(rt_mem_t *mem, const rt_str_t *body,
    rt_json_t **answer, const char **why);

/*
 * The same of a JWT whose signature, type, issuer and audience were checked.
 *
 * in:   claims, of the JWT; now in seconds of Unix time; leeway in seconds
 * ret:  as above, but for RT_TOO_BIG and RT_ERROR
 */
rt_status_e rt_introspection_signed(const rt_json_t *claims, int64_t now,
    int64_t leeway, rt_json_t **answer, const char **why);


#pragma GCC visibility pop


#endif /* RT_INTROSPECTION_H_INCLUDED */
