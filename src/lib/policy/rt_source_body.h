
/*
 * Values of a request body that are compared with what a token says.
 *
 *     form:NAME      a field of a form, urlencoded or multipart
 *     json:/POINTER  a string, number or boolean of JSON
 *
 * The rule is that of rt_source.h: there is a value only where all
 * applications read the same.  A body that is not read to its end, as it says
 * it is to be read, has none.
 */


#ifndef RT_SOURCE_BODY_H_INCLUDED
#define RT_SOURCE_BODY_H_INCLUDED


#include "rt_base.h"
#include "json/rt_body.h"
#include "policy/rt_source.h"


#pragma GCC visibility push(hidden)


/*
 * Reads a body.
 *
 * in:   body, its "in" members
 * out:  body->kind: NONE, JSON, FORM, MULTIPART after RT_OK
 *       *why, after RT_INVALID: a phrase such as "has a member twice"
 * ret:  RT_OK; RT_DECLINED, it is of another type; RT_INVALID; RT_ERROR
 */
rt_status_e rt_source_body(rt_mem_t *mem, rt_body_t *body, const char **why);

/*
 * The value of form:NAME or json:/POINTER in a body that was read.
 *
 * ret:  RT_OK; RT_DECLINED, nothing any application takes for it, as in a body
 *       of another kind; RT_INVALID with *why a phrase such as "is repeated";
 *       RT_ERROR (memory)
 */
rt_status_e rt_source_body_value(rt_mem_t *mem, const rt_body_t *body,
    const rt_source_t *source, rt_str_t *value, const char **why);


#pragma GCC visibility pop


#endif /* RT_SOURCE_BODY_H_INCLUDED */
