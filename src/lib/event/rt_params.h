
/*
 * The event's "parameters": query arguments and body fields as one object.
 *
 * Members are the decoded arguments of the query string, then the fields of
 * an urlencoded body or the members of a JSON object body.  A name that
 * occurs more than once, in whichever place, has an array of all its values
 * in that order.  A JSON body that is no object is not here: see "body" of
 * the event's request.
 */


#ifndef RT_PARAMS_H_INCLUDED
#define RT_PARAMS_H_INCLUDED


#include "rt_base.h"
#include "json/rt_body.h"
#include "text/rt_form.h"
#include "redact/rt_redact.h"


#pragma GCC visibility push(hidden)


#define RT_PARAMS_MAX  1024     /* values in all; more are cut */


/*
 * Writes the object, redacted; what does not fit is left out and told to
 * rd->cut().
 *
 * in:   args and body may be NULL; flat: an array of objects {"name",
 *       "value", "where"} in place of one object, all of them strings
 * ret:  RT_OK, RT_ERROR (memory; "{}" was written)
 */
rt_status_e rt_params_write(rt_redact_t *rd, rt_jsonw_t *w,
    const rt_form_t *args, const rt_body_t *body, int flat);


#pragma GCC visibility pop


#endif /* RT_PARAMS_H_INCLUDED */
