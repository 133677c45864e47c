
/*
 * Conditions on claims: PATH OP VALUE ... [split=CHAR]
 *
 *     eq VALUE        a scalar that is VALUE
 *     in VALUE ...    a scalar that is one of them
 *     has VALUE       an array with the element VALUE
 *     any VALUE ...   an array with at least one of them
 *     ~ ~* REGEX      a scalar that matches; one with a control character
 *                     never does, so that "$" is the end of the value
 *     gt ge lt le N   a number
 *     present         there, and not null, "", [] or {}
 *
 *     ne !in          a scalar that is none of them, a number neither as text
 *                     nor in value
 *     !has !any       an array of scalars, none of which is one of them
 *     !~ !~*          a scalar that does not match
 *
 * A scalar is a string, a number (its literal text: 1.0 is not 1) or a
 * boolean (true, false).  For "has" and "any" a scalar counts as an array of
 * one, as providers write one group without brackets; a part of a string
 * never counts, unless "split" says that a string is a list: then each part
 * between two CHARs does, byte for byte.  "gt" and friends want a JSON number,
 * not digits in a string.
 *
 * An absent claim, a null and a claim of another kind fail every OP, negated
 * ones included; so does any empty VALUE, and a value that "~" gives up on.
 */


#ifndef RT_COND_H_INCLUDED
#define RT_COND_H_INCLUDED


#include "rt_base.h"
#include "json/rt_json.h"
#include "text/rt_regex.h"


#pragma GCC visibility push(hidden)


#define RT_COND_MAX_VALUES   64
#define RT_COND_MAX_SUBJECT  512    /* bytes a regular expression looks at */

/* of rt_cond_eval() and match(): it does not hold, and here is why */
#define RT_COND_GAVE_UP      RT_REGEX_GAVE_UP


typedef enum {
    RT_COND_IN = 0,
    RT_COND_ANY,
    RT_COND_MATCH,
    RT_COND_IMATCH,
    RT_COND_GT,
    RT_COND_GE,
    RT_COND_LT,
    RT_COND_LE,
    RT_COND_PRESENT
} rt_cond_op_e;


typedef struct {
    rt_str_t             path;
    rt_cond_op_e         op;
    const rt_str_t      *values;    /* as configured */
    unsigned             nvalues;
    unsigned char        split;     /* of has and any; 0: a string is no list */
    unsigned             negated:1;
    void                *regex;     /* of ~ and ~* */
    const rt_regex_t    *engine;
} rt_cond_t;


/*
 * Compiles a condition at configuration time.
 *
 * in:   args, PATH OP VALUE ... [split=CHAR], must outlive the condition
 *       dynamic, 1 when values hold variables and are given to
 *       rt_cond_eval(): their content is then checked there alone.  ~ and ~*
 *       are never dynamic.
 *       engine, may be NULL: ~ and ~* are then refused
 * out:  *cond, in the arena; *err, after RT_INVALID: a sentence such as
 *       operator "eq" takes one value, 2 were given
 * ret:  RT_OK, RT_INVALID, RT_ERROR (memory)
 */
rt_status_e rt_cond_compile(rt_mem_t *mem, const rt_str_t *args, size_t nargs,
    int dynamic, const rt_regex_t *engine, rt_cond_t *cond, rt_str_t *err);

/*
 * Evaluates it.
 *
 * in:   values, nvalues of them, in place of those configured; NULL: those
 *       claims, the verified payload; NULL: nothing holds
 * ret:  1 it holds, 0 it does not, RT_COND_GAVE_UP: it does not, because a
 *       regular expression met its limit, or the claim is longer than
 *       RT_COND_MAX_SUBJECT
 */
int rt_cond_eval(const rt_cond_t *cond, const rt_str_t *values,
    const rt_json_t *claims);

/* the operator takes literal values, and looks for one that is equal */
int rt_cond_is_lookup(const rt_cond_t *cond);

/* has, any: the elements of an array count */
int rt_cond_is_array(const rt_cond_t *cond);

/*
 * The next part of a string claim that is a list, and not empty.
 *
 * in:   *rest, first the whole string
 * out:  *part; *rest, what is behind it
 * ret:  0: there is none
 */
int rt_cond_part(rt_str_t *rest, unsigned char split, rt_str_t *part);

/* the text of a scalar claim; NULL for null, arrays and objects */
const rt_str_t *rt_cond_scalar(const rt_json_t *v);


#pragma GCC visibility pop


#endif /* RT_COND_H_INCLUDED */
