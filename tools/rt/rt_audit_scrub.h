
/*
 * A line that was written by older rules, as today's rules would have written
 * it.  What they cover in the address, headers, parameters, body and user is
 * redacted; all else stays byte for byte.  The seal of a chain is left out,
 * because it no longer fits the line.
 */


#ifndef RT_AUDIT_SCRUB_H_INCLUDED
#define RT_AUDIT_SCRUB_H_INCLUDED


#include "rt_base.h"
#include "redact/rt_redact.h"


#pragma GCC visibility push(hidden)


typedef struct {
    unsigned    values;         /* values that were redacted */
    unsigned    sealed;         /* 1: it was a line of a chain */
} rt_audit_scrub_t;


/*
 * in:   mem, for this line alone; an event, without its LF
 * out:  w, the new line without an LF
 * ret:  RT_OK, RT_INVALID (not to be read, so not to be shown), RT_TOO_BIG,
 *       RT_ERROR (memory)
 */
rt_status_e rt_audit_scrub(rt_mem_t *mem, const rt_redact_set_t *rules,
    const rt_str_t *line, rt_jsonw_t *w, rt_audit_scrub_t *scrub);


#pragma GCC visibility pop


#endif /* RT_AUDIT_SCRUB_H_INCLUDED */
