
/*
 * What a user may do here: his groups, the conditions, his permission.
 */


#ifndef NGX_HTTP_RTAUTH_RIGHTS_H_INCLUDED
#define NGX_HTTP_RTAUTH_RIGHTS_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


/*
 * Looks whether pass->identity, or nobody by rtauth_public_group, may go on for
 * the location of "pass" and the URI of r; sets the pass's groups, level and
 * workspace.
 *
 * out:  *status, of a refusal; 0: that of its reason
 * ret:  RT_REASON_OK, or why not, and the log says what was missing
 */
rt_reason_e ngx_http_rtauth_rights(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, ngx_http_rtauth_kept_t *kept,
    ngx_uint_t *status);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_RIGHTS_H_INCLUDED */
