
/*
 * A hash over what is audited where, and how: over the directives in effect,
 * a server or location after the other.  It goes into AUDIT_CONFIG, so that
 * whoever reads two of them knows whether something was changed in between.
 *
 * No secret goes in: of a word with "data:" what is behind is left out, and a
 * file, a program or a variable of the environment is its name.
 */


#ifndef NGX_HTTP_RTAUDIT_DIGEST_H_INCLUDED
#define NGX_HTTP_RTAUDIT_DIGEST_H_INCLUDED


#include "ngx_http_rtaudit.h"


#pragma GCC visibility push(hidden)


/* the line that is being read, of a directive of http{} */
ngx_int_t ngx_http_rtaudit_digest_line(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf);

/* a server or location; all is merged */
ngx_int_t ngx_http_rtaudit_digest_place(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_http_rtaudit_loc_conf_t *conf);

/* that was all: mcf->hash */
ngx_int_t ngx_http_rtaudit_digest_end(ngx_http_rtaudit_main_conf_t *mcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_DIGEST_H_INCLUDED */
