
/*
 * Redaction of addresses, headers and cookies, with what is masked always:
 * the values of Authorization, Proxy-Authorization, Cookie, Set-Cookie and
 * of headers that carry API keys.  A known scheme and the cookies' names
 * stay readable.
 */


#ifndef RT_REDACT_HEAD_H_INCLUDED
#define RT_REDACT_HEAD_H_INCLUDED


#include "rt_base.h"
#include "rt_redact.h"


#define RT_REDACT_ARGS  256     /* arguments of an address looked at */


/*
 * Writes an address ("/path?query" or absolute) as a JSON string: user
 * information and fragment gone, each argument's value redacted by its
 * decoded name and encoded anew.  A malformed percent sequence masks its
 * value; too many arguments mask the whole query.
 *
 * query: 0 leaves the query string out altogether
 * max:   bytes of the string; above it the query goes first, then the end
 *        of the path
 * ret:   RT_OK, RT_TOO_BIG (cut), RT_ERROR (memory; nothing was written)
 */
rt_status_e rt_redact_url(rt_redact_t *rd, rt_jsonw_t *w,
    const rt_str_t *url, int query, size_t max);

/*
 * Writes one header as member (lower case name, string value), or nothing
 * when a rule drops it.
 *
 * ret: RT_OK, RT_DECLINED (dropped), RT_TOO_BIG (value cut to max),
 *      RT_ERROR (memory; nothing was written)
 */
rt_status_e rt_redact_header(rt_redact_t *rd, rt_jsonw_t *w,
    const rt_str_t *name, const rt_str_t *value, size_t max);


#endif /* RT_REDACT_HEAD_H_INCLUDED */
