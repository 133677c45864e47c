/*
 * Reports of violations, as browsers post them: application/csp-report, an
 * object that report-uri asks for, and application/reports+json, the Reporting
 * API's list, in which reports of other kinds stand as well.
 *
 * Anybody can post one.  And an honest one holds what no log may: the nonce in
 * its copy of the policy, the first bytes of a script, queries and fragments of
 * addresses.  What is handed out has none of that: words of tables, numbers,
 * and addresses as scheme, host and path.
 */


#ifndef RT_CSP_REPORT_H_INCLUDED
#define RT_CSP_REPORT_H_INCLUDED


#include "rt_base.h"
#include "json/rt_jsonw.h"


#pragma GCC visibility push(hidden)


#define RT_CSP_REPORTS       128    /* of one body; later ones are not read */
#define RT_CSP_REPORT_URL    256    /* bytes of an address */
#define RT_CSP_REPORT_SHOWN  16     /* violations that are written */
#define RT_CSP_REPORT_WORDS  64     /* directives that are told apart */


/* what may be behind a violation; the first three are the page's own */

typedef enum {
    RT_CSP_APP = 0,
    RT_CSP_INLINE,
    RT_CSP_EVAL,
    RT_CSP_INJECTED,                /* by a program on the way, or beside */
    RT_CSP_EXTENSION,               /* of the browser */
    RT_CSP_CLASSES
} rt_csp_class_e;


typedef struct {
    unsigned             directive; /* see rt_csp_report_directive() */
    rt_csp_class_e       class;
    unsigned             enforced;  /* else only reported */
    rt_str_t             blocked;   /* an address, "inline", "eval", "data" */
    rt_str_t             document;  /* these may be empty */
    rt_str_t             source;
    uint64_t             line;      /* in source; 0: not known */
} rt_csp_violation_t;


typedef struct {
    unsigned             n;
    rt_csp_violation_t   violation[RT_CSP_REPORTS];
} rt_csp_report_t;


/*
 * in:   body, which must outlive the report; any bytes
 * out:  *report; n is 0 when only other kinds of reports came
 * ret:  RT_OK, RT_INVALID (it is neither format), RT_TOO_BIG (depth, values),
 *       RT_ERROR (memory)
 */
rt_status_e rt_csp_report(rt_mem_t *mem, const rt_str_t *body,
    rt_csp_report_t *report);

/*
 * The report as $rtcsp_event says it: how many violations there were, of which
 * classes, and the first of each kind, noise last, as many as there is room for
 */
void rt_csp_report_write(const rt_csp_report_t *report, rt_jsonw_t *w);

/* the name of a directive, or of a class; NULL: there are no more */
const char *rt_csp_report_directive(unsigned directive);
const char *rt_csp_report_class(unsigned class);


#pragma GCC visibility pop


#endif /* RT_CSP_REPORT_H_INCLUDED */
