
/*
 * Permissions-Policy and Document-Policy: structured fields, in which a
 * browser takes nothing of a header that it cannot parse, and overlooks the
 * values it does not know.
 */


#ifndef RT_CSP_FIELD_H_INCLUDED
#define RT_CSP_FIELD_H_INCLUDED


#include "rt_base.h"
#include "csp/rt_csp_find.h"
#include "text/rt_structured.h"


#pragma GCC visibility push(hidden)


#define RT_CSP_FEATURES_MAX  128        /* later ones are not looked at */


typedef enum {
    RT_CSP_PERMISSIONS = 0,
    RT_CSP_DOCUMENT
} rt_csp_field_e;


/*
 * Reads the header and adds a finding for each value that has no effect.
 *
 * ret:  RT_OK; RT_INVALID, RT_TOO_BIG (see *error; browsers drop the header);
 *       RT_ERROR (memory)
 */
rt_status_e rt_csp_field(rt_csp_field_e field, const rt_str_t *text,
    rt_csp_findings_t *f, rt_sf_error_t *error);


#pragma GCC visibility pop


#endif /* RT_CSP_FIELD_H_INCLUDED */
