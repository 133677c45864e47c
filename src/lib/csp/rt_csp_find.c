
#include "csp/rt_csp_find.h"


void
rt_csp_findings_init(rt_csp_findings_t *f, rt_mem_t *mem)
{
    memset(f, 0, sizeof(rt_csp_findings_t));

    f->mem = mem;
}


void
rt_csp_find(rt_csp_findings_t *f, rt_csp_severity_e severity,
    const char *code, const rt_str_t *directive, const rt_str_t *value,
    const char *text)
{
    rt_csp_finding_t  *finding;

    if (f == NULL) {
        return;
    }

    finding = rt_alloc(f->mem, sizeof(rt_csp_finding_t));

    if (finding == NULL) {
        f->failed = 1;
        return;
    }

    memset(finding, 0, sizeof(rt_csp_finding_t));

    finding->severity = severity;
    finding->code = code;
    finding->text = text;

    if (directive != NULL) {
        finding->directive = *directive;
    }

    if (value != NULL) {
        finding->value = *value;
    }

    if (f->last != NULL) {
        f->last->next = finding;

    } else {
        f->first = finding;
    }

    f->last = finding;
    f->errors += (severity == RT_CSP_ERROR);
    f->warnings += (severity == RT_CSP_WARN);
}
