
/*
 * One request to rtauth_scim: what it asks for, and how the store is asked.
 */


#ifndef NGX_HTTP_RTAUTH_SCIM_ASK_H_INCLUDED
#define NGX_HTTP_RTAUTH_SCIM_ASK_H_INCLUDED


#include "request/ngx_http_rtauth_caller.h"
#include "request/ngx_http_rtauth_request.h"
#include "scim/ngx_http_rtauth_scim_store.h"
#include "scim/rt_scim_request.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_SCIM_ARGS  16       /* fields of a query */


typedef enum {
    NGX_HTTP_RTAUTH_SCIM_NONE = 0,      /* there is no such address */
    NGX_HTTP_RTAUTH_SCIM_ALL,           /* /Users, /Groups */
    NGX_HTTP_RTAUTH_SCIM_ONE,           /* /Users/ID, /Groups/ID */
    NGX_HTTP_RTAUTH_SCIM_SEARCH,        /* /Users/.search, /Groups/.search */
    NGX_HTTP_RTAUTH_SCIM_CONFIG,
    NGX_HTTP_RTAUTH_SCIM_TYPES,
    NGX_HTTP_RTAUTH_SCIM_SCHEMAS,
    NGX_HTTP_RTAUTH_SCIM_NOT_HERE       /* /Bulk, /Me */
} ngx_http_rtauth_scim_at_e;


typedef struct {
    ngx_http_request_t            *request;
    ngx_http_rtauth_main_conf_t   *mcf;
    ngx_http_rtauth_caller_key_t  *key;     /* that the client has shown */
    ngx_http_rtauth_scim_at_e      at;
    rt_scim_request_t              said;    /* its id may be that of a schema
                                               or a resource type */

    void                          *job;     /* under way */
    rt_scim_reply_t                reply;   /* text and location lie in the
                                               request's pool; of told only
                                               action may be read */
    ngx_http_rtauth_deed_t        *deed;    /* of a change */
    u_char                        *told;    /* room for its texts */
} ngx_http_rtauth_scim_ask_t;


/* reads the request into ask->said, all but id, type and base */
const rt_scim_error_t *ngx_http_rtauth_scim_read(
    ngx_http_rtauth_scim_ask_t *ask);

/* asks the store; calls ngx_rt_wait_over() when there is an answer */
const rt_scim_error_t *ngx_http_rtauth_scim_begin(
    ngx_http_rtauth_scim_ask_t *ask);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SCIM_ASK_H_INCLUDED */
