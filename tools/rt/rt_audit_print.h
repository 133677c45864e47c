
/*
 * Events on standard output.  What clients sent is in them: nothing that a
 * terminal acts upon, or that turns text around, goes out raw, and no cell of
 * CSV begins like a formula.
 */


#ifndef RT_AUDIT_PRINT_H_INCLUDED
#define RT_AUDIT_PRINT_H_INCLUDED


#include "rt_base.h"
#include "event/rt_query_line.h"


#pragma GCC visibility push(hidden)


typedef enum {
    RT_AUDIT_TABLE = 0,
    RT_AUDIT_JSON,
    RT_AUDIT_CSV
} rt_audit_format_e;


/* the names of the columns */
void rt_audit_print_head(rt_audit_format_e format);

/* in: line, without its LF, and what rt_query_line() found in it */
void rt_audit_print(rt_audit_format_e format, const rt_str_t *line,
    const rt_query_line_t *ev);

/*
 * The scalar that is shown of a member, empty if there is none.  Of
 * RT_QUERY_USER it is the first of user.email, userId and user.id.
 */
rt_str_t rt_audit_print_shown(const rt_query_line_t *ev,
    rt_query_member_e member);

/* prints a scalar of JSON, padded to width; ret: the columns that it took */
size_t rt_audit_print_value(const rt_str_t *value, size_t width);


#pragma GCC visibility pop


#endif /* RT_AUDIT_PRINT_H_INCLUDED */
