
#include "request/ngx_http_rtauth_issue.h"
#include "request/ngx_http_rtauth_user.h"
#include "request/ngx_http_rtauth_vars.h"
#include "json/rt_jsonw.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_log.h"
#include "ngx_rt_var.h"

#include <openssl/evp.h>


/* a token that was made, by what it says */

typedef struct {
    ngx_http_rtauth_issue_t     *issue;       /* NULL: none is here */
    u_char                       hash[32];
    time_t                       fresh;       /* it is handed out until then */
    time_t                       expires;
    ngx_str_t                    token;
} ngx_http_rtauth_issue_kept_t;

struct ngx_http_rtauth_issued_s {
    ngx_http_rtauth_issue_kept_t  kept[NGX_HTTP_RTAUTH_ISSUE_KEPT];
};

typedef struct {
    ngx_str_t     name;
    void        (*write)(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass,
                         rt_jsonw_t *w);
} ngx_http_rtauth_issue_claim_t;


static ngx_int_t ngx_http_rtauth_issue_get(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static time_t ngx_http_rtauth_issue_ends(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass);
static ngx_int_t ngx_http_rtauth_issue_claims(ngx_http_request_t *r,
    ngx_http_rtauth_issue_t *issue, ngx_http_rtauth_pass_t *pass,
    rt_jsonw_t *w);
static ngx_int_t ngx_http_rtauth_issue_claim(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_jsonw_t *w, ngx_str_t *name);
static void ngx_http_rtauth_issue_email(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_jsonw_t *w);
static void ngx_http_rtauth_issue_groups(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_jsonw_t *w);
static void ngx_http_rtauth_issue_permission(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_jsonw_t *w);
static ngx_int_t ngx_http_rtauth_issue_token(ngx_http_request_t *r,
    ngx_http_rtauth_issue_t *issue, time_t ends, rt_jsonw_t *w,
    ngx_str_t *token);
static void ngx_http_rtauth_issue_keep(ngx_http_rtauth_issue_kept_t *kept,
    ngx_str_t *token);
static void ngx_http_rtauth_issue_forget(void *data);


/* claims that are made here; any other is that of the user's own token */

static ngx_http_rtauth_issue_claim_t  ngx_http_rtauth_issue_own[] = {
    { ngx_string("email"), ngx_http_rtauth_issue_email },
    { ngx_string("groups"), ngx_http_rtauth_issue_groups },
    { ngx_string("permission"), ngx_http_rtauth_issue_permission },
    { ngx_null_string, NULL }
};


static ngx_http_variable_t  ngx_http_rtauth_issue_vars[] = {

    { ngx_string("rtauth_identity"), NULL, ngx_http_rtauth_issue_get, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_rtauth_issue_add_variable(ngx_conf_t *cf)
{
    return ngx_rt_var_add(cf, ngx_http_rtauth_issue_vars);
}


static ngx_int_t
ngx_http_rtauth_issue_get(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    time_t                       ends;
    u_char                      *p;
    ngx_str_t                    token;
    rt_jsonw_t                   w;
    ngx_http_rtauth_pass_t      *pass;
    ngx_http_rtauth_issue_t     *issue;

    pass = ngx_http_rtauth_vars_admitted(r);
    issue = pass ? pass->conf->issue : NULL;

    ends = issue ? ngx_http_rtauth_issue_ends(r, pass) : 0;

    if (issue == NULL || ends <= ngx_time() || pass->identity->sub.len == 0) {
        return ngx_http_rtauth_vars_of(v, NULL);
    }

    p = ngx_pnalloc(r->pool, NGX_HTTP_RTAUTH_ISSUE_BYTES);
    if (p == NULL) {
        return NGX_ERROR;
    }

    rt_jsonw_init(&w, p, NGX_HTTP_RTAUTH_ISSUE_BYTES);

    if (ngx_http_rtauth_issue_claims(r, issue, pass, &w) != NGX_OK
        || ngx_http_rtauth_issue_token(r, issue, ends, &w, &token) != NGX_OK)
    {
        ngx_rt_log_error(NGX_LOG_ERR, r,
                         "rtauth: $rtauth_identity is empty, for %s",
                         w.full ? "what it has to say is too long: write "
                                  "\"claims=\" with less"
                                : "no token could be signed");

        return ngx_http_rtauth_vars_of(v, NULL);
    }

    return ngx_http_rtauth_vars_of(v, &token);
}


/*
 * Until when the user himself is known.  The leeway is for the clocks of
 * others, and adds nothing to it.
 */

static time_t
ngx_http_rtauth_issue_ends(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass)
{
    double                        exp;
    time_t                        ends;
    unsigned                      i;
    rt_policy_t                  *policy;
    ngx_http_rtauth_identity_t   *identity;
    ngx_http_rtauth_main_conf_t  *mcf;

    identity = pass->identity;
    ends = identity->expires;

    if (identity->session == NULL
        && rt_claims_time(identity->claims, "exp", &exp) == RT_OK
        && exp < (double) ends)
    {
        ends = (time_t) exp;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);
    policy = &mcf->policy;

    for (i = 0; i < policy->ntimed; i++) {
        if (rt_groups_has(&pass->groups, policy->timed[i]->index)) {
            ends = ngx_min(ends, policy->timed[i]->until);
        }
    }

    return ends;
}


/* all that the token says of him, but for its times */

static ngx_int_t
ngx_http_rtauth_issue_claims(ngx_http_request_t *r,
    ngx_http_rtauth_issue_t *issue, ngx_http_rtauth_pass_t *pass,
    rt_jsonw_t *w)
{
    ngx_str_t   *name;
    ngx_uint_t   i;

    rt_jsonw_open(w, '{');
    rt_jsonw_lit(w, "iss");
    rt_jsonw_str(w, ngx_rt_str(&issue->iss));
    rt_jsonw_lit(w, "aud");
    rt_jsonw_str(w, ngx_rt_str(&issue->aud));
    rt_jsonw_lit(w, "sub");
    rt_jsonw_str(w, ngx_rt_str(&pass->identity->sub));
    rt_jsonw_lit(w, "idp");
    rt_jsonw_str(w, ngx_rt_str(&pass->identity->provider->issuer));

    if (issue->claims == NULL) {

        for (i = 0; ngx_http_rtauth_issue_own[i].write; i++) {
            ngx_http_rtauth_issue_own[i].write(r, pass, w);
        }

        return w->full ? NGX_ERROR : NGX_OK;
    }

    name = issue->claims->elts;

    for (i = 0; i < issue->claims->nelts; i++) {
        if (ngx_http_rtauth_issue_claim(r, pass, w, &name[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return w->full ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_issue_claim(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_jsonw_t *w, ngx_str_t *name)
{
    rt_mem_t                        mem;
    rt_str_t                        json;
    rt_json_t                      *value;
    ngx_http_rtauth_issue_claim_t  *own;

    own = ngx_rt_conf_row(ngx_http_rtauth_issue_own,
                          sizeof(ngx_http_rtauth_issue_claim_t), name, 0);
    if (own) {
        own->write(r, pass, w);
        return NGX_OK;
    }

    value = rt_json_get(pass->identity->claims, ngx_rt_str(name));
    if (value == NULL) {
        return NGX_OK;
    }

    mem = ngx_rt_str_mem(r->pool);

    if (rt_claims_json(&mem, value, &json) != RT_OK) {
        return NGX_ERROR;
    }

    rt_jsonw_key(w, ngx_rt_str(name));
    rt_jsonw_raw(w, &json);

    return NGX_OK;
}


/* one that is his, as in $rtauth_user */

static void
ngx_http_rtauth_issue_email(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_jsonw_t *w)
{
    rt_json_t  *email;

    email = rt_json_member(pass->identity->claims, "email");

    if (email && email->type == RT_JSON_STRING
        && pass->identity->owns_email)
    {
        rt_jsonw_lit(w, "email");
        rt_jsonw_str(w, &email->str);
    }
}


static void
ngx_http_rtauth_issue_groups(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_jsonw_t *w)
{
    const rt_group_t             *group;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    rt_jsonw_lit(w, "groups");
    rt_jsonw_open(w, '[');

    for (group = mcf->policy.groups; group; group = group->next) {
        if (rt_groups_has(&pass->groups, group->index)) {
            rt_jsonw_str(w, &group->name);
        }
    }

    rt_jsonw_close(w, ']');
}


static void
ngx_http_rtauth_issue_permission(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_jsonw_t *w)
{
    rt_jsonw_lit(w, "permission");
    rt_jsonw_str(w, rt_policy_level_name(pass->level));
}


/* adds its times to what it says, and signs; or finds it made already */

static ngx_int_t
ngx_http_rtauth_issue_token(ngx_http_request_t *r,
    ngx_http_rtauth_issue_t *issue, time_t ends, rt_jsonw_t *w,
    ngx_str_t *token)
{
    time_t                         now;
    u_char                         hash[32];
    rt_mem_t                       mem;
    rt_str_t                       claims;
    rt_sign_t                    **key;
    ngx_http_rtauth_main_conf_t   *mcf;
    ngx_http_rtauth_issue_kept_t  *kept;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);
    now = ngx_time();

    if (EVP_Digest(w->start, rt_jsonw_len(w), hash, NULL, EVP_sha256(), NULL)
        != 1)
    {
        return NGX_ERROR;
    }

    kept = &mcf->issued->kept[hash[0] % NGX_HTTP_RTAUTH_ISSUE_KEPT];

    if (kept->issue == issue && now < kept->fresh && now < kept->expires
        && kept->expires <= ends && ngx_memcmp(kept->hash, hash, 32) == 0)
    {
        token->len = kept->token.len;
        token->data = ngx_pstrdup(r->pool, &kept->token);

        return token->data ? NGX_OK : NGX_ERROR;
    }

    ends = ngx_min(ends, now + issue->ttl);

    rt_jsonw_lit(w, "iat");
    rt_jsonw_uint(w, (uint64_t) now);
    rt_jsonw_lit(w, "exp");
    rt_jsonw_uint(w, (uint64_t) ends);
    rt_jsonw_close(w, '}');

    claims.data = w->start;
    claims.len = rt_jsonw_len(w);

    mem = ngx_rt_str_mem(r->pool);
    key = issue->keys.elts;

    if (w->full || rt_sign(&mem, key[0], &claims, ngx_rt_str(token)) != RT_OK) {
        return NGX_ERROR;
    }

    ngx_http_rtauth_issue_keep(kept, token);

    if (kept->token.data) {
        ngx_memcpy(kept->hash, hash, 32);
        kept->issue = issue;
        kept->fresh = now + (issue->ttl + 1) / 2;
        kept->expires = ends;
    }

    return NGX_OK;
}


/* keeps it in the place of another one; when memory is out, nothing is kept */

static void
ngx_http_rtauth_issue_keep(ngx_http_rtauth_issue_kept_t *kept,
    ngx_str_t *token)
{
    if (kept->token.data) {
        ngx_free(kept->token.data);
    }

    ngx_memzero(kept, sizeof(ngx_http_rtauth_issue_kept_t));

    kept->token.data = ngx_alloc(token->len, ngx_cycle->log);

    if (kept->token.data) {
        ngx_memcpy(kept->token.data, token->data, token->len);
        kept->token.len = token->len;
    }
}


ngx_int_t
ngx_http_rtauth_issue_init_process(ngx_cycle_t *cycle,
    ngx_http_rtauth_main_conf_t *mcf)
{
    ngx_pool_cleanup_t  *cln;

    if (!mcf->issues) {
        return NGX_OK;
    }

    cln = ngx_pool_cleanup_add(cycle->pool, sizeof(ngx_http_rtauth_issued_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(cln->data, sizeof(ngx_http_rtauth_issued_t));
    cln->handler = ngx_http_rtauth_issue_forget;

    mcf->issued = cln->data;

    return NGX_OK;
}


static void
ngx_http_rtauth_issue_forget(void *data)
{
    ngx_http_rtauth_issued_t *issued = data;

    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_RTAUTH_ISSUE_KEPT; i++) {
        if (issued->kept[i].token.data) {
            ngx_free(issued->kept[i].token.data);
        }
    }
}


ngx_int_t
ngx_http_rtauth_issue_keys_handler(ngx_http_request_t *r)
{
    ngx_http_complex_value_t     cv;
    ngx_http_rtauth_srv_conf_t  *scf;

    static ngx_str_t  type = ngx_string("application/jwk-set+json");
    static ngx_str_t  control = ngx_string("public, max-age=300");

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    ngx_memzero(&cv, sizeof(ngx_http_complex_value_t));
    cv.value = scf->issued_keys;

    if (ngx_rt_headers_cache_control(r, &control) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_send_response(r, NGX_HTTP_OK, &type, &cv);
}
