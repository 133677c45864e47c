
/*
 * Redaction of headers and cookies, with what is masked always:
 * the values of Authorization, Proxy-Authorization, DPoP, Cookie, Set-Cookie
 * and of headers that carry API keys or tokens; X-Forwarded-For with anything
 * but addresses in it; WebSocket subprotocols that carry a token.  A known
 * scheme and the cookies' names stay readable.
 */


#ifndef RT_REDACT_HEAD_H_INCLUDED
#define RT_REDACT_HEAD_H_INCLUDED


#include "rt_base.h"
#include "redact/rt_redact.h"


#pragma GCC visibility push(hidden)


/*
 * What becomes of a header of this name, and the rule that says so:
 * "builtin" for those masked always.
 */
rt_redact_act_e rt_redact_header(rt_redact_t *rd, const rt_str_t *name,
    rt_str_t *rule);

/*
 * Writes a header's value as a JSON string: masked when act says so, else
 * addresses and cookies redacted inside.
 *
 * max:  bytes of the string; the rest is cut
 * ret:  RT_OK, RT_TOO_BIG (cut), RT_ERROR (memory; nothing was written)
 */
rt_status_e rt_redact_header_value(rt_redact_t *rd, rt_jsonw_t *w,
    const rt_str_t *name, const rt_str_t *value, rt_redact_act_e act,
    const rt_str_t *rule, size_t max);


#pragma GCC visibility pop


#endif /* RT_REDACT_HEAD_H_INCLUDED */
