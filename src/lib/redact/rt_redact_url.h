
/*
 * Redaction of arguments, and of addresses with their paths and arguments.
 */


#ifndef RT_REDACT_URL_H_INCLUDED
#define RT_REDACT_URL_H_INCLUDED


#include "rt_base.h"
#include "text/rt_form.h"
#include "redact/rt_redact.h"


#pragma GCC visibility push(hidden)


#define RT_REDACT_ARGS  512     /* arguments of an address looked at */


/* what the names in pairs say of the values beside them */

typedef struct {
    rt_redact_act_e  act;
    rt_str_t         rule;
} rt_redact_pair_t;


/*
 * The query string of a request is shown twice, in its address and as
 * parameters: its arguments are parsed before either, and what is found out
 * about each is kept for the second.  Nothing is without memory, or when there
 * are none (args may be NULL).
 */
void rt_redact_keep(rt_redact_t *rd, const rt_form_t *args);

/*
 * "name=password&value=x": what fields say that name another one; any of them
 * may be meant with any value.
 */
void rt_redact_pair_form(rt_redact_t *rd, const rt_form_t *form,
    rt_redact_pair_t *pair);

/*
 * What becomes of a query argument or form field; pair may be NULL.
 *
 * ret: RT_REDACT_NONE with *shown the value to show, which is not field's
 *      own when something inside was taken out; else *rule says why, and a
 *      note was made.  A field whose name holds more than a name (JSON sent
 *      as a form) is dropped, without its name in the note.
 */
rt_redact_act_e rt_redact_arg(rt_redact_t *rd, const rt_form_field_t *field,
    const rt_redact_pair_t *pair, rt_str_t *shown, rt_str_t *rule);

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

#pragma GCC visibility pop


#endif /* RT_REDACT_URL_H_INCLUDED */
