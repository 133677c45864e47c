
/*
 * What there is to say of a policy: findings, in the order they were made.
 */


#ifndef RT_CSP_FIND_H_INCLUDED
#define RT_CSP_FIND_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


typedef enum {
    RT_CSP_NOTE = 0,        /* worth knowing */
    RT_CSP_WARN,            /* weak, or without the effect it seems to have */
    RT_CSP_ERROR            /* browsers do something else than written */
} rt_csp_severity_e;


typedef struct rt_csp_finding_s  rt_csp_finding_t;

struct rt_csp_finding_s {
    rt_csp_severity_e    severity;
    const char          *code;          /* "unknown-directive" */
    rt_str_t             directive;     /* may be empty */
    rt_str_t             value;         /* the token it is about, or empty */
    const char          *text;          /* a sentence, with the mend */
    rt_csp_finding_t    *next;
};


typedef struct {
    rt_mem_t            *mem;
    rt_csp_finding_t    *first;
    rt_csp_finding_t    *last;
    unsigned             errors;
    unsigned             warnings;
    unsigned             failed;        /* no memory for a finding */
} rt_csp_findings_t;


void rt_csp_findings_init(rt_csp_findings_t *f, rt_mem_t *mem);

/*
 * One finding more.  f may be NULL: nobody asked; directive and value may be
 * NULL, they and the texts must live as long as the findings.
 */
void rt_csp_find(rt_csp_findings_t *f, rt_csp_severity_e severity,
    const char *code, const rt_str_t *directive, const rt_str_t *value,
    const char *text);


#pragma GCC visibility pop


#endif /* RT_CSP_FIND_H_INCLUDED */
