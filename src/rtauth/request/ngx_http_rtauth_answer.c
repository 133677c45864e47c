
/*
 * The header filter.  It stands after add_header and expires, so that they
 * cannot make a refusal cacheable.
 */


#include "request/ngx_http_rtauth_answer.h"
#include "request/ngx_http_rtauth_challenge.h"
#include "request/ngx_http_rtauth_decide.h"
#include "request/ngx_http_rtauth_upgrade.h"
#include "request/ngx_http_rtauth_user.h"
#include "session/ngx_http_rtauth_jar.h"
#include "ngx_rt_compat.h"
#include "ngx_rt_head.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_log.h"
#include "ngx_rt_str.h"
#include "text/rt_cachecontrol.h"


static ngx_int_t ngx_http_rtauth_answer_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtauth_answer_nonce(ngx_http_request_t *r,
    ngx_str_t *nonce);
static ngx_uint_t ngx_http_rtauth_answer_unread(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtauth_answer_keep(ngx_http_request_t *r,
    ngx_http_rtauth_kept_t *kept, ngx_http_rtauth_pass_t *pass);
static ngx_uint_t ngx_http_rtauth_answer_undecided(ngx_http_request_t *r);
static ngx_uint_t ngx_http_rtauth_answer_preflight(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtauth_answer_backstop(ngx_http_request_t *r);
static void ngx_http_rtauth_answer_discard(ngx_http_headers_out_t *out);
static void ngx_http_rtauth_answer_uncache(ngx_http_request_t *r);
static ngx_uint_t ngx_http_rtauth_answer_shared(ngx_http_request_t *r);
#if (NGX_HTTP_CACHE)
static ngx_uint_t ngx_http_rtauth_answer_in_key(ngx_http_request_t *r,
    ngx_str_t *name);
#endif
static void ngx_http_rtauth_answer_warn_shared(ngx_http_request_t *r,
    ngx_http_rtauth_loc_conf_t *rlcf);
static ngx_int_t ngx_http_rtauth_answer_page(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass);
static ngx_int_t ngx_http_rtauth_answer_refusal(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass);
static ngx_int_t ngx_http_rtauth_answer_login(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass);
static ngx_int_t ngx_http_rtauth_answer_later(ngx_http_request_t *r,
    ngx_uint_t status);
static ngx_int_t ngx_http_rtauth_answer_no_store(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtauth_answer_private(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtauth_answer_vary(ngx_http_request_t *r);


/* seconds, after which keys, or a provider, may be there again */

#define NGX_HTTP_RTAUTH_RETRY_AFTER  "5"


static ngx_http_output_header_filter_pt  ngx_http_rtauth_answer_next_filter;


void
ngx_http_rtauth_answer_init(void)
{
    ngx_http_rtauth_answer_next_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_rtauth_answer_header_filter;
}


static ngx_int_t
ngx_http_rtauth_answer_header_filter(ngx_http_request_t *r)
{
    ngx_int_t                    rc;
    ngx_http_rtauth_kept_t      *kept;
    ngx_http_rtauth_pass_t      *pass;
    ngx_http_rtauth_loc_conf_t  *rlcf;

    if (ngx_http_rtauth_upgrade_unasked(r)) {
        ngx_http_rtauth_answer_discard(&r->headers_out);

        ngx_rt_log_error(NGX_LOG_ERR, r,
                         "rtauth: upstream switched protocols and was not "
                         "asked to; \"rtauth_upgrade\" says what may be "
                         "asked for");

        return NGX_HTTP_BAD_GATEWAY;
    }

    if (ngx_rt_head_keep(r) != NGX_OK) {
        return NGX_ERROR;
    }

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

    /* who is known here may have been asked elsewhere: by auth_request, say */

    if (r->upstream && (rlcf->providers || ngx_http_rtauth_identity(r))) {

        if (!rlcf->cache) {
            ngx_http_rtauth_answer_uncache(r);

        } else if (ngx_http_rtauth_answer_shared(r)) {
            ngx_http_rtauth_answer_warn_shared(r, rlcf);
        }
    }

    if (rlcf->providers && ngx_http_rtauth_answer_undecided(r)) {
        rc = ngx_http_rtauth_answer_backstop(r);

        if (rc != NGX_DECLINED) {
            return rc;
        }
    }

    if (r != r->main) {
        return ngx_http_rtauth_answer_next_filter(r);
    }

    if (ngx_http_rtauth_answer_unread(r)
        && ngx_http_rtauth_jar_drop_logins(r) != NGX_OK)
    {
        return NGX_ERROR;
    }

    kept = ngx_http_rtauth_kept(r);

    if (kept && kept->nonce.len
        && ngx_http_rtauth_answer_nonce(r, &kept->nonce) != NGX_OK)
    {
        return NGX_ERROR;
    }

    pass = ngx_http_get_module_ctx(r, ngx_http_rtauth_module);

    if (pass && pass->page && ngx_http_rtauth_answer_page(r, pass) != NGX_OK) {
        return NGX_ERROR;
    }

    if (kept && kept->refused) {
        if (ngx_http_rtauth_answer_refusal(r, kept->refused) != NGX_OK) {
            return NGX_ERROR;
        }

        return ngx_http_rtauth_answer_next_filter(r);
    }

    if (ngx_http_rtauth_answer_keep(r, kept, pass) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_rtauth_answer_next_filter(r);
}


/* for the client's next proof (RFC 9449, 8.2) */

static ngx_int_t
ngx_http_rtauth_answer_nonce(ngx_http_request_t *r, ngx_str_t *nonce)
{
    ngx_table_elt_t  *h;

    h = ngx_rt_headers_add(r, "DPoP-Nonce");
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->value = *nonce;

    return NGX_OK;
}


/*
 * nginx has not read the header to its end, for it was too large or malformed.
 * Such a request never came to POST_READ, though an error_page may be shown for
 * it.  In HTTP/3 the state of all requests is this one.
 */

static ngx_uint_t
ngx_http_rtauth_answer_unread(ngx_http_request_t *r)
{
    ngx_http_rtauth_jar_t  *jar;

    if (r->http_state != NGX_HTTP_READING_REQUEST_STATE || r->err_status == 0) {
        return 0;
    }

    jar = ngx_http_rtauth_jar(r);

    return jar == NULL || jar->unread;
}


/* who may keep what is no refusal: nobody, or one person's browser */

static ngx_int_t
ngx_http_rtauth_answer_keep(ngx_http_request_t *r,
    ngx_http_rtauth_kept_t *kept, ngx_http_rtauth_pass_t *pass)
{
    ngx_http_rtauth_jar_t  *jar;

    /* an error_page may have taken the place of our page */

    if ((pass && pass->page) || (kept && kept->deed)) {

        if (ngx_http_rtauth_answer_no_store(r) != NGX_OK) {
            return NGX_ERROR;
        }

        return ngx_http_rtauth_answer_later(r, r->headers_out.status);
    }

    if (pass && pass->workspace
        && r->headers_out.status == NGX_HTTP_MOVED_TEMPORARILY)
    {
        return ngx_http_rtauth_answer_no_store(r);
    }

    /* an answer of the application that renews a session's cookie */

    jar = ngx_http_rtauth_jar(r);

    if (jar && jar->written) {
        return ngx_http_rtauth_answer_no_store(r);
    }

    if (r->headers_out.status == NGX_HTTP_SWITCHING_PROTOCOLS) {
        return NGX_OK;
    }

    /* who was refused, and let in by another way, gets what is for him alone */

    if (ngx_http_rtauth_identity(r)
        || (pass && pass->overruled && pass->reason != RT_REASON_ANONYMOUS))
    {
        return ngx_http_rtauth_answer_private(r);
    }

    return pass && pass->open ? ngx_http_rtauth_answer_vary(r) : NGX_OK;
}


/*
 * May the answer not leave, for nobody was asked?  An error is a no, and a
 * redirect holds an address of the configuration.  A 204 answers preflights,
 * which carry no credentials, and nothing else: who asks whether somebody may
 * pass (auth_request, another proxy) takes any 2xx for a yes.
 */

static ngx_uint_t
ngx_http_rtauth_answer_undecided(ngx_http_request_t *r)
{
    switch (r->headers_out.status) {

    case NGX_HTTP_MOVED_PERMANENTLY:
    case NGX_HTTP_MOVED_TEMPORARILY:
    case NGX_HTTP_SEE_OTHER:
    case NGX_HTTP_TEMPORARY_REDIRECT:
    case NGX_HTTP_PERMANENT_REDIRECT:
        return 0;

    case NGX_HTTP_NO_CONTENT:
        if (ngx_http_rtauth_answer_preflight(r)) {
            return 0;
        }

        break;

    default:
        if (r->headers_out.status >= NGX_HTTP_BAD_REQUEST) {
            return 0;
        }
    }

    return ngx_http_rtauth_pass(r) == NULL;
}


/* r->method would not do: an error_page makes it GET */

static ngx_uint_t
ngx_http_rtauth_answer_preflight(ngx_http_request_t *r)
{
    ngx_http_rtauth_kept_t  *kept;

    static ngx_str_t  options = ngx_string("OPTIONS");

    kept = ngx_http_rtauth_kept(r);

    return r == r->main && kept && kept->method.len == options.len
           && ngx_memcmp(kept->method.data, options.data, options.len) == 0;
}


/*
 * Content made before ACCESS, by "return" for one.  Whoever sends a header
 * finishes the request with a code above NGX_OK that he gets for it; nothing
 * of his response may be left over for the answer made then.  (The function
 * nginx has for this, ngx_http_filter_finalize_request(), closes the client's
 * connection, which for a subrequest is the end of the whole page.)
 */

static ngx_int_t
ngx_http_rtauth_answer_backstop(ngx_http_request_t *r)
{
    ngx_http_rtauth_pass_t  *pass;

    if (ngx_http_rtauth_keep(r) == NULL) {
        return NGX_ERROR;
    }

    pass = ngx_http_rtauth_begin(r);
    if (pass == NULL) {
        return NGX_ERROR;
    }

    if (pass->conf->dry_run) {
        return ngx_http_rtauth_refuse(r, pass, RT_REASON_UNDECIDED,
                                      NGX_HTTP_FORBIDDEN);
    }

    ngx_http_rtauth_answer_discard(&r->headers_out);

    return ngx_http_rtauth_refuse(r, pass, RT_REASON_UNDECIDED,
                                  NGX_HTTP_FORBIDDEN);
}


static void
ngx_http_rtauth_answer_discard(ngx_http_headers_out_t *out)
{
    ngx_list_t  headers, trailers;

    headers = out->headers;
    trailers = out->trailers;

    ngx_memzero(out, sizeof(ngx_http_headers_out_t));

    out->headers = headers;
    out->headers.part.nelts = 0;
    out->headers.part.next = NULL;
    out->headers.last = &out->headers.part;

    out->trailers = trailers;
    out->trailers.part.nelts = 0;
    out->trailers.part.next = NULL;
    out->trailers.last = &out->trailers.part;

    out->content_length_n = -1;
    out->last_modified_time = -1;
}


/*
 * Caches of nginx do not know users.  Here the response header is there and
 * its body is not: what is asked for later is whether to store it.
 */

static void
ngx_http_rtauth_answer_uncache(ngx_http_request_t *r)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

#if (NGX_HTTP_CACHE)
    u->cacheable = 0;
#endif

    u->store = 0;
}


/* is a user's response about to be stored under a key without the user? */

static ngx_uint_t
ngx_http_rtauth_answer_shared(ngx_http_request_t *r)
{
#if (NGX_HTTP_CACHE)

    ngx_str_t                    name;
    ngx_http_upstream_t         *u;
    ngx_http_rtauth_identity_t  *identity;

    u = r->upstream;
    identity = ngx_http_rtauth_identity(r);

    if (!u->cacheable || r->cached || r->cache == NULL
        || identity == NULL)
    {
        return 0;
    }

    if (r->cache->valid_sec == 0
        && ngx_http_file_cache_valid(u->conf->cache_valid,
                                     u->headers_in.status_n) == 0)
    {
        return 0;
    }

    return !ngx_http_rtauth_answer_in_key(r, &identity->sub)
           && ngx_http_rtauth_user_name(r, identity, &name) == NGX_OK
           && !ngx_http_rtauth_answer_in_key(r, &name);

#else

    return 0;

#endif
}


#if (NGX_HTTP_CACHE)

static ngx_uint_t
ngx_http_rtauth_answer_in_key(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_str_t   *key;
    ngx_uint_t   i;

    key = r->cache->keys.elts;

    for (i = 0; i < r->cache->keys.nelts; i++) {
        if (name->len
            && memmem(key[i].data, key[i].len, name->data, name->len))
        {
            return 1;
        }
    }

    return 0;
}

#endif


static void
ngx_http_rtauth_answer_warn_shared(ngx_http_request_t *r,
    ngx_http_rtauth_loc_conf_t *rlcf)
{
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ngx_rt_once(mcf->once, &rlcf->cache, r,
                "rtauth: \"rtauth_cache on\" in location \"%V\" stores a "
                "user's response under a key without the user: if the page is "
                "personal, begin the key with "
                "\"$rtauth_provider|$rtauth_claim_sub|\"", &clcf->name);
}


/*
 * What the configuration adds to each response, and an operator's policy for
 * his application, would let our pages do more than their own headers do.
 */

static ngx_int_t
ngx_http_rtauth_answer_page(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass)
{
    ngx_uint_t        i;
    ngx_str_t         value[4];
    ngx_table_elt_t  *h;

    static ngx_str_t  names[] = {
        ngx_string("Content-Security-Policy"),
        ngx_string("X-Content-Type-Options"),
        ngx_string("Referrer-Policy"),
        ngx_string("X-Frame-Options")
    };
    static ngx_str_t  reported =
                           ngx_string("Content-Security-Policy-Report-Only");

    value[0] = ngx_rt_str_copy(&pass->page->csp);
    ngx_str_set(&value[1], "nosniff");
    ngx_str_set(&value[2], "no-referrer");
    ngx_str_set(&value[3], "DENY");

    /* this page is made for a frame */

    if (pass->page_kind == RT_PAGE_FRAME) {
        value[3].len = 0;
    }

    ngx_rt_headers_drop(r, &reported);

    for (i = 0; i < 4; i++) {

        ngx_rt_headers_drop(r, &names[i]);

        if (value[i].len == 0) {
            continue;
        }

        h = ngx_rt_headers_add(r, (char *) names[i].data);
        if (h == NULL) {
            return NGX_ERROR;
        }

        h->value = value[i];
    }

    return NGX_OK;
}


/* error_page may have replaced the body, and the status */

static ngx_int_t
ngx_http_rtauth_answer_refusal(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass)
{
    if (ngx_http_rtauth_answer_no_store(r) != NGX_OK) {
        return NGX_ERROR;
    }

    if (r->headers_out.status != pass->status) {
        return NGX_OK;
    }

    if (pass->login.len) {
        return ngx_http_rtauth_answer_login(r, pass);
    }

    if (ngx_http_rtauth_answer_later(r, pass->status) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_rtauth_challenge(r, pass);
}


/*
 * Nobody of "satisfy any" has let him in: he may sign in.  Whatever was to be
 * sent with the 401, by nginx or an error_page, is left out.
 */

static ngx_int_t
ngx_http_rtauth_answer_login(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass)
{
    static ngx_str_t  challenge = ngx_string("WWW-Authenticate");
    static ngx_str_t  encoding = ngx_string("Content-Encoding");

    if (ngx_rt_headers_location(r, &pass->login) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_rt_headers_drop(r, &challenge);
    ngx_rt_headers_drop(r, &encoding);

    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);

    r->headers_out.www_authenticate = NULL;
    r->headers_out.content_encoding = NULL;
    r->headers_out.content_type.len = 0;
    r->headers_out.content_length_n = 0;
    r->headers_out.status = NGX_HTTP_MOVED_TEMPORARILY;
    r->headers_out.status_line.len = 0;
    r->header_only = 1;

    return NGX_OK;
}


/* 503 and 429 say when to come back */

static ngx_int_t
ngx_http_rtauth_answer_later(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_table_elt_t  *h;

    if (status != NGX_HTTP_SERVICE_UNAVAILABLE
        && status != NGX_HTTP_TOO_MANY_REQUESTS)
    {
        return NGX_OK;
    }

    h = ngx_rt_headers_add(r, "Retry-After");
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&h->value, NGX_HTTP_RTAUTH_RETRY_AFTER);

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_answer_no_store(ngx_http_request_t *r)
{
    static ngx_str_t  value = ngx_string("no-store");

    return ngx_rt_headers_uncache(r, &value) ? NGX_OK : NGX_ERROR;
}


/*
 * Caches in front do not know users either.  The application may have meant
 * them when it wrote "public": it does not know who is in front of it.
 */

static ngx_int_t
ngx_http_rtauth_answer_private(ngx_http_request_t *r)
{
    rt_mem_t   mem;
    rt_str_t   only;
    ngx_str_t  control;

    static ngx_str_t  name = ngx_string("Cache-Control");

    ngx_rt_headers_unshare(r);

    mem = ngx_rt_str_mem(r->pool);

    if (ngx_rt_headers_said(r, &name, &control) != NGX_OK
        || rt_cachecontrol_private(&mem, ngx_rt_str(&control), &only) != RT_OK
        || ngx_rt_headers_cache_control(r, ngx_rt_ngx(&only)) == NULL)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* a page for nobody may be kept; who signs in later must not be shown it */

static ngx_int_t
ngx_http_rtauth_answer_vary(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h;

    h = ngx_rt_headers_add(r, "Vary");
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&h->value, "Cookie");

    return NGX_OK;
}
