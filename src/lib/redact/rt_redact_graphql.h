
/*
 * A GraphQL document, shown without its literals.
 */


#ifndef RT_REDACT_GRAPHQL_H_INCLUDED
#define RT_REDACT_GRAPHQL_H_INCLUDED


#include "rt_base.h"
#include "redact/rt_redact.h"


#pragma GCC visibility push(hidden)


/* 1 if s begins as a document does: "{ name", "query Name {" */
int rt_redact_is_graphql(const rt_str_t *s);

/*
 * The variables to which a document gives a covered name: of
 * "login(password: $p)" it is p, and p is a covered name from now on.  To be
 * called before anything is written that stands beside the document.
 */
void rt_redact_graphql_variables(rt_redact_t *rd, const rt_str_t *s);

/* the same of an argument, or a member, if it is one that has a document */

static inline void
rt_redact_graphql_member(rt_redact_t *rd, const rt_str_t *name,
    const rt_str_t *s)
{
    static const rt_str_t  query = rt_string("query");

    if (rt_str_ieq(name, &query)) {
        rt_redact_graphql_variables(rd, s);
    }
}

/* the same of all members of an object */
void rt_redact_graphql_members(rt_redact_t *rd, const rt_json_t *object);

/* as rt_redact_look(); one that cannot be read is HIDDEN */
rt_redact_look_e rt_redact_graphql(rt_redact_t *rd, const rt_str_t *s,
    rt_str_t *out, rt_str_t *rule);


#pragma GCC visibility pop


#endif /* RT_REDACT_GRAPHQL_H_INCLUDED */
