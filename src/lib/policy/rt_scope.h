
/* What an access token was given for: its scopes. */


#ifndef RT_SCOPE_H_INCLUDED
#define RT_SCOPE_H_INCLUDED


#include "rt_base.h"
#include "json/rt_json.h"


#pragma GCC visibility push(hidden)


/*
 * Whether a token has a scope.  They stand in "scope", one string with blanks
 * between them (RFC 8693, 4.2; RFC 9068, 2.2.3), or else in "scp", as Entra ID
 * and Okta write it; in either as an array, too.
 *
 * in:   claims, the verified payload; NULL: none
 *       scope, one word
 * ret:  1, 0
 */
int rt_scope_has(const rt_json_t *claims, const rt_str_t *scope);

/* the claim they stand in, of any kind; NULL: there is none */
rt_json_t *rt_scope_claim(const rt_json_t *claims);


#pragma GCC visibility pop


#endif /* RT_SCOPE_H_INCLUDED */
