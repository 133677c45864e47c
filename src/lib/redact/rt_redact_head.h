
/*
 * Redaction of addresses, headers and cookies, with what is masked always:
 * the values of Authorization, Proxy-Authorization, Cookie, Set-Cookie and
 * of headers that carry API keys.  A known scheme and the cookies' names
 * stay readable.
 */


#ifndef RT_REDACT_HEAD_H_INCLUDED
#define RT_REDACT_HEAD_H_INCLUDED


#include "rt_base.h"
#include "text/rt_form.h"
#include "redact/rt_redact.h"


#pragma GCC visibility push(hidden)


#define RT_REDACT_ARGS  512     /* arguments of an address looked at */


/*
 * What becomes of a query argument or form field.
 *
 * ret: RT_REDACT_NONE with *shown the value to show, which is not field's
 *      own when something inside was taken out; else *rule says why, and a
 *      note was made.  A field whose name holds more than a name (JSON sent
 *      as a form) is dropped, without its name in the note.
 */
rt_redact_act_e rt_redact_arg(rt_redact_t *rd, const rt_form_field_t *field,
    rt_str_t *shown, rt_str_t *rule);

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
