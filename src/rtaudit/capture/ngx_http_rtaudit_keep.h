
/*
 * A body as it passes: a copy of it, as long as an event may show it.
 *
 * Above the bound nothing of a body is shown, so that its copy is given back
 * and only its bytes are counted from there on.
 */


#ifndef NGX_HTTP_RTAUDIT_KEEP_H_INCLUDED
#define NGX_HTTP_RTAUDIT_KEEP_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


#pragma GCC visibility push(hidden)


typedef struct {
    u_char                       *data;
    size_t                        len;
    size_t                        size;     /* of the memory */
    uint64_t                      seen;     /* more than len: it is not whole */
    unsigned                      last:1;   /* its end has passed */
    unsigned                      lost:1;   /* no memory */
} ngx_http_rtaudit_kept_t;


/* a response of the main request, as its header filters left it */

typedef struct {
    ngx_http_rtaudit_kept_t       body;
    ngx_str_t                     type;
    ngx_str_t                     charset;  /* beside the type, or empty */
    ngx_str_t                     encoding;
    size_t                        max;      /* bytes to keep; 0: none */
    off_t                         announced;
} ngx_http_rtaudit_response_t;


/*
 * Looks at the buffers of a chain, which go on as they came.
 *
 * in:  max: the bound; announced: the length that a header tells, or <= 0
 */
void ngx_http_rtaudit_keep(ngx_pool_t *pool, ngx_http_rtaudit_kept_t *kept,
    ngx_chain_t *in, size_t max, off_t announced);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_KEEP_H_INCLUDED */
