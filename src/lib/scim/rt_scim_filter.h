
/*
 * Filters (RFC 7644, 3.4.2.2), all of the grammar.
 *
 *     userName eq "jo@example.com"
 *     emails[type eq "work" and value co "@example.com"] and active eq true
 *
 * Text is compared without case, as rt_fold.h folds it, unless its attribute is
 * caseExact.  Dates are compared as moments.  Of an attribute with several
 * values one that fits is enough; "ne" is the opposite of "eq".  A complex
 * attribute stands for its "value".
 *
 * Refused with invalidFilter: an attribute that we do not have; gt, ge, lt and
 * le of a boolean; co, sw and ew of what is no text; a value of another type
 * than the attribute's.
 */


#ifndef RT_SCIM_FILTER_H_INCLUDED
#define RT_SCIM_FILTER_H_INCLUDED


#include "scim/rt_scim_schema.h"


#pragma GCC visibility push(hidden)


typedef enum {
    RT_SCIM_AND = 0,                /* all terms fit */
    RT_SCIM_OR,                     /* any of them fits */
    RT_SCIM_NOT,                    /* the one term does not */
    RT_SCIM_VALUE,                  /* path[term] */
    RT_SCIM_PR,
    RT_SCIM_EQ,
    RT_SCIM_NE,
    RT_SCIM_CO,
    RT_SCIM_SW,
    RT_SCIM_EW,
    RT_SCIM_GT,
    RT_SCIM_GE,
    RT_SCIM_LT,
    RT_SCIM_LE
} rt_scim_op_e;


typedef struct rt_scim_filter_s  rt_scim_filter_t;

struct rt_scim_filter_s {
    rt_scim_op_e        op;
    rt_scim_path_t      path;
    rt_json_type_e      type;       /* of the value: text, true, false, null */
    rt_str_t            text;       /* the value as it was written */
    rt_str_t            value;      /* the same, folded unless caseExact */
    int64_t             ms;         /* a dateTime */
    rt_scim_filter_t   *term;       /* the first */
    rt_scim_filter_t   *next;       /* its sibling */
};


/*
 * in:   of, what is filtered: rt_scim_schema(), or the attribute before a
 *       valuePath's brackets
 *       text, decoded; *filter points into it
 * ret:  NULL; invalid_filter, no_memory
 */
const rt_scim_error_t *rt_scim_filter_parse(rt_mem_t *mem,
    const rt_scim_attr_t *of, const rt_str_t *text, rt_scim_filter_t **filter);

/*
 * No memory is taken, so that any number of resources can be looked at.
 * in:   res, with refs if rt_scim_filter_refs() says so
 * ret:  1, the resource fits
 */
int rt_scim_filter_match(const rt_scim_filter_t *filter,
    const rt_scim_resource_t *res);

/* ret:  1, one value of a complex attribute fits */
int rt_scim_filter_value(const rt_scim_filter_t *filter,
    const rt_json_t *value);

/* ret:  1, the filter asks for members or groups */
int rt_scim_filter_refs(const rt_scim_filter_t *filter);

/* how many comparisons it has; "pr" counts as one */
unsigned rt_scim_filter_count(const rt_scim_filter_t *filter);


/*
 * Whether an index of the store narrows the filter down: then whatever fits has
 * this id or key.  That may be one term of an "and" only, so that
 * rt_scim_filter_match() still has to look at what the index finds.
 *
 * ret:  an rt_scim_index_e, RT_SCIM_BY_ID or RT_SCIM_BY_NONE
 * out:  *value, folded as keys are
 */

#define RT_SCIM_BY_ID    RT_SCIM_KEYS
#define RT_SCIM_BY_NONE  (RT_SCIM_KEYS + 1)

unsigned rt_scim_filter_key(const rt_scim_filter_t *filter, rt_str_t *value);


#pragma GCC visibility pop


#endif /* RT_SCIM_FILTER_H_INCLUDED */
