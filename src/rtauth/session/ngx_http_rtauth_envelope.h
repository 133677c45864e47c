
/*
 * How the record of a session is sealed for its store, under which name it is
 * kept there, and what is in the cookie that finds and opens it.
 *
 * Where a store keeps something, the cookie is 32 random bytes.  The record's
 * name is their hash, and the key that seals it is made from them and from the
 * configured key.  Whoever reads the store learns nothing, even if he has the
 * configured key.  Where nothing is kept, the cookie is the record, and the
 * configured key alone seals it.
 */


#ifndef NGX_HTTP_RTAUTH_ENVELOPE_H_INCLUDED
#define NGX_HTTP_RTAUTH_ENVELOPE_H_INCLUDED


#include "session/ngx_http_rtauth_store.h"
#include "oidc/rt_seal.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_ENVELOPE_SECRET  32     /* bytes of a cookie, */
#define NGX_HTTP_RTAUTH_ENVELOPE_TEXT    43     /*   and as they are written */


typedef struct {
    u_char       secret[NGX_HTTP_RTAUTH_ENVELOPE_SECRET];
    u_char       name[NGX_HTTP_RTAUTH_STORE_KEY];
    ngx_str_t    cookie;
} ngx_http_rtauth_envelope_t;


/*
 * A new envelope.  Where nothing is kept, its cookie is empty until it is
 * sealed.
 */
ngx_int_t ngx_http_rtauth_envelope_new(ngx_http_request_t *r,
    ngx_http_rtauth_envelope_t *envelope);

/*
 * The envelope of a cookie, whose bytes must stay.
 * ret: NGX_OK; NGX_DECLINED, this is no cookie of ours; NGX_ERROR
 */
ngx_int_t ngx_http_rtauth_envelope_read(ngx_http_request_t *r,
    ngx_str_t *cookie, ngx_http_rtauth_envelope_t *envelope);

/*
 * ret: NGX_OK; seal: NGX_DECLINED, it is too large for a cookie; open:
 *      NGX_DECLINED, none of our keys opens it; NGX_ERROR
 */
ngx_int_t ngx_http_rtauth_envelope_seal(ngx_http_request_t *r,
    ngx_http_rtauth_envelope_t *envelope, rt_str_t *plain, ngx_str_t *sealed);
ngx_int_t ngx_http_rtauth_envelope_open(ngx_http_request_t *r,
    ngx_http_rtauth_envelope_t *envelope, rt_mem_t *mem, ngx_str_t *sealed,
    rt_str_t *plain);

/*
 * Keys for what is sealed into login cookies: the configured ones, else one
 * that the zone was given when it was made.  They are wiped with r's pool.
 * ret: how many, the first seals; 0: out of memory
 */
ngx_uint_t ngx_http_rtauth_envelope_login_keys(ngx_http_request_t *r,
    rt_seal_key_t **keys);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_ENVELOPE_H_INCLUDED */
