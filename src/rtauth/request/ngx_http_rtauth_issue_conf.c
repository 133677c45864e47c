
#include "request/ngx_http_rtauth_issue_conf.h"
#include "request/ngx_http_rtauth_issue.h"
#include "request/ngx_http_rtauth_userinfo.h"
#include "ngx_rt_secret.h"
#include "jose/rt_thumbprint.h"
#include "text/rt_b64.h"
#include "text/rt_utf8.h"

#include <openssl/crypto.h>


#define NGX_HTTP_RTAUTH_ISSUE_MIN_TTL  5        /* seconds */
#define NGX_HTTP_RTAUTH_ISSUE_MAX_TTL  3600
#define NGX_HTTP_RTAUTH_ISSUE_TEXT     255      /* bytes of iss and aud */

#define NGX_HTTP_RTAUTH_ISSUE_SET      "{\"keys\":["


typedef struct {
    ngx_http_rtauth_issue_t  *issue;
    ngx_str_t                 secrets[NGX_HTTP_RTAUTH_ISSUE_KEYS];
    ngx_uint_t                n;
} ngx_http_rtauth_issue_ctx_t;

typedef struct {
    ngx_str_t                 name;     /* with its "=" */
    char                   *(*set)(ngx_conf_t *cf,
                                   ngx_http_rtauth_issue_ctx_t *ctx,
                                   ngx_str_t *value, size_t offset);
    size_t                    offset;
} ngx_http_rtauth_issue_option_t;


static char *ngx_http_rtauth_issue_conf_key(ngx_conf_t *cf,
    ngx_http_rtauth_issue_ctx_t *ctx, ngx_str_t *value, size_t offset);
static char *ngx_http_rtauth_issue_conf_text(ngx_conf_t *cf,
    ngx_http_rtauth_issue_ctx_t *ctx, ngx_str_t *value, size_t offset);
static char *ngx_http_rtauth_issue_conf_ttl(ngx_conf_t *cf,
    ngx_http_rtauth_issue_ctx_t *ctx, ngx_str_t *value, size_t offset);
static char *ngx_http_rtauth_issue_conf_claims(ngx_conf_t *cf,
    ngx_http_rtauth_issue_ctx_t *ctx, ngx_str_t *value, size_t offset);
static char *ngx_http_rtauth_issue_conf_claim(ngx_conf_t *cf,
    ngx_array_t *claims, ngx_str_t *name);
static char *ngx_http_rtauth_issue_conf_finish(ngx_conf_t *cf,
    ngx_http_rtauth_issue_ctx_t *ctx);
static rt_status_e ngx_http_rtauth_issue_conf_load(ngx_conf_t *cf,
    ngx_http_rtauth_issue_t *issue, ngx_str_t *secret, const char **why);
static ngx_int_t ngx_http_rtauth_issue_conf_kid(rt_mem_t *mem,
    const rt_str_t *set, rt_str_t *kid);
static void ngx_http_rtauth_issue_conf_free(void *data);
static char *ngx_http_rtauth_issue_conf_publish(ngx_conf_t *cf,
    ngx_http_rtauth_srv_conf_t *scf);


#define ngx_http_rtauth_issue_conf_at(m)  offsetof(ngx_http_rtauth_issue_t, m)


static ngx_http_rtauth_issue_option_t  ngx_http_rtauth_issue_conf_options[] = {
    { ngx_string("key="), ngx_http_rtauth_issue_conf_key, 0 },
    { ngx_string("iss="), ngx_http_rtauth_issue_conf_text,
      ngx_http_rtauth_issue_conf_at(iss) },
    { ngx_string("aud="), ngx_http_rtauth_issue_conf_text,
      ngx_http_rtauth_issue_conf_at(aud) },
    { ngx_string("alg="), ngx_http_rtauth_issue_conf_text,
      ngx_http_rtauth_issue_conf_at(alg) },
    { ngx_string("ttl="), ngx_http_rtauth_issue_conf_ttl, 0 },
    { ngx_string("claims="), ngx_http_rtauth_issue_conf_claims, 0 },
    { ngx_null_string, NULL, 0 }
};


/*
 * Claims that are ours to write, or that would make it a token of another kind.
 */

static ngx_str_t  ngx_http_rtauth_issue_conf_reserved[] = {
    ngx_string("iss"), ngx_string("sub"), ngx_string("aud"),
    ngx_string("idp"), ngx_string("exp"), ngx_string("iat"),
    ngx_string("nbf"), ngx_string("jti"), ngx_string("cnf"),
    ngx_string("act"), ngx_string("nonce"), ngx_string("events"),
    ngx_string("typ"), ngx_null_string
};


char *
ngx_http_rtauth_issue(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    char                            *rv;
    ngx_str_t                       *value, arg;
    ngx_uint_t                       i;
    ngx_http_rtauth_issue_ctx_t      ctx;
    ngx_http_rtauth_issue_option_t  *option;

    if (rlcf->issue != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    if (ngx_rt_conf_swallowed(cf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;
    rlcf->issue = NULL;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        return NGX_CONF_OK;
    }

    if (ngx_rt_conf_once(cf, "key=") != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ctx, sizeof(ngx_http_rtauth_issue_ctx_t));

    ctx.issue = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_issue_t));
    if (ctx.issue == NULL) {
        return NGX_CONF_ERROR;
    }

    rlcf->issue = ctx.issue;
    rv = NGX_CONF_OK;

    for (i = 1; rv == NGX_CONF_OK && i < cf->args->nelts; i++) {

        option = ngx_rt_conf_row(ngx_http_rtauth_issue_conf_options,
                                 sizeof(ngx_http_rtauth_issue_option_t),
                                 &value[i], NGX_RT_CONF_BEGINS);

        if (option == NULL) {
            rv = ngx_rt_conf_invalid(cf, "parameter", &value[i],
                                     "write key=SECRET iss=VALUE aud=VALUE "
                                     "[alg=ES256] [ttl=60s] "
                                     "[claims=NAME,...], or off");
            break;
        }

        arg.data = value[i].data + option->name.len;
        arg.len = value[i].len - option->name.len;

        rv = option->set(cf, &ctx, &arg, option->offset);
    }

    if (rv == NGX_CONF_OK) {
        rv = ngx_http_rtauth_issue_conf_finish(cf, &ctx);
    }

    for (i = 0; i < ctx.n; i++) {
        OPENSSL_cleanse(ctx.secrets[i].data, ctx.secrets[i].len);
    }

    return rv;
}


static char *
ngx_http_rtauth_issue_conf_key(ngx_conf_t *cf, ngx_http_rtauth_issue_ctx_t *ctx,
    ngx_str_t *value, size_t offset)
{
    if (ctx->n == NGX_HTTP_RTAUTH_ISSUE_KEYS) {
        return ngx_rt_conf_invalid(cf, "parameter", NULL, "at most %d keys "
                                   "can be published",
                                   NGX_HTTP_RTAUTH_ISSUE_KEYS);
    }

    return ngx_rt_secret(cf, "key", value, &ctx->secrets[ctx->n++]) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static char *
ngx_http_rtauth_issue_conf_text(ngx_conf_t *cf,
    ngx_http_rtauth_issue_ctx_t *ctx, ngx_str_t *value, size_t offset)
{
    ngx_str_t  *text;

    text = (ngx_str_t *) ((u_char *) ctx->issue + offset);

    if (value->len == 0 || value->len > NGX_HTTP_RTAUTH_ISSUE_TEXT
        || !rt_utf8_valid(ngx_rt_str(value))
        || !rt_utf8_plain(ngx_rt_str(value))
        || ngx_strlchr(value->data, value->data + value->len, '$'))
    {
        return ngx_rt_conf_invalid(cf, "value", value, "write plain text of "
                                   "at most %d bytes, without variables",
                                   NGX_HTTP_RTAUTH_ISSUE_TEXT);
    }

    *text = *value;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_issue_conf_ttl(ngx_conf_t *cf, ngx_http_rtauth_issue_ctx_t *ctx,
    ngx_str_t *value, size_t offset)
{
    time_t  ttl;

    ttl = value->len ? ngx_parse_time(value, 1) : NGX_ERROR;

    if (ttl < NGX_HTTP_RTAUTH_ISSUE_MIN_TTL
        || ttl > NGX_HTTP_RTAUTH_ISSUE_MAX_TTL)
    {
        return ngx_rt_conf_invalid(cf, "time", value, "write 5s to 1h");
    }

    ctx->issue->ttl = ttl;

    return NGX_CONF_OK;
}


/* NAME,... or nothing: what names the user is in any case there */

static char *
ngx_http_rtauth_issue_conf_claims(ngx_conf_t *cf,
    ngx_http_rtauth_issue_ctx_t *ctx, ngx_str_t *value, size_t offset)
{
    rt_str_t   rest, name;

    ctx->issue->claims = ngx_array_create(cf->pool, 4, sizeof(ngx_str_t));
    if (ctx->issue->claims == NULL) {
        return NGX_CONF_ERROR;
    }

    rest = *ngx_rt_str(value);

    while (rest.len) {
        (void) rt_str_cut(&rest, ',', &name, &rest);

        if (ngx_http_rtauth_issue_conf_claim(cf, ctx->issue->claims,
                                             ngx_rt_ngx(&name))
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_issue_conf_claim(ngx_conf_t *cf, ngx_array_t *claims,
    ngx_str_t *name)
{
    ngx_str_t   *claim;
    ngx_uint_t   i, twice;

    claim = claims->elts;
    twice = 0;

    for (i = 0; i < claims->nelts; i++) {
        twice |= rt_str_eq(ngx_rt_str(&claim[i]), ngx_rt_str(name));
    }

    if (name->len == 0 || twice || claims->nelts == NGX_HTTP_RTAUTH_ISSUE_CLAIMS
        || !rt_utf8_valid(ngx_rt_str(name))
        || !rt_utf8_plain(ngx_rt_str(name))
        || ngx_rt_conf_row(ngx_http_rtauth_issue_conf_reserved,
                           sizeof(ngx_str_t), name, 0))
    {
        return ngx_rt_conf_invalid(cf, "claim", name, "write email, groups, "
                                   "permission, or a name of the user's own "
                                   "claims, each once; iss, sub, aud, idp, "
                                   "iat and exp are always there");
    }

    claim = ngx_array_push(claims);
    if (claim == NULL) {
        return NGX_CONF_ERROR;
    }

    *claim = *name;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_issue_conf_finish(ngx_conf_t *cf,
    ngx_http_rtauth_issue_ctx_t *ctx)
{
    const char                    *why;
    ngx_uint_t                     i;
    rt_status_e                    rc;
    ngx_http_rtauth_issue_t       *issue, **push;
    ngx_http_rtauth_main_conf_t   *mcf;
    ngx_http_rtauth_srv_conf_t    *scf;

    issue = ctx->issue;

    if (ctx->n == 0 || issue->iss.len == 0 || issue->aud.len == 0) {
        return "needs key=SECRET, iss=VALUE and aud=VALUE";
    }

    if (issue->alg.len == 0) {
        ngx_str_set(&issue->alg, "ES256");
    }

    issue->ttl = issue->ttl ? issue->ttl : 60;

    if (ngx_array_init(&issue->keys, cf->pool, ctx->n, sizeof(rt_sign_t *))
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < ctx->n; i++) {
        rc = ngx_http_rtauth_issue_conf_load(cf, issue, &ctx->secrets[i], &why);

        if (rc == RT_ERROR) {
            return NGX_CONF_ERROR;
        }

        if (rc != RT_OK) {
            return ngx_rt_conf_invalid(cf, "key", NULL, "number %ui %s: write "
                                       "\"key=file:PATH\" with a PEM or a "
                                       "private JWK, and \"alg=\" that fits it",
                                       i + 1, why);
        }
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);
    scf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_rtauth_module);

    push = ngx_array_push(&scf->issues);
    if (push == NULL) {
        return NGX_CONF_ERROR;
    }

    *push = issue;
    mcf->issues = 1;

    return NGX_CONF_OK;
}


/* a key without a name of its own gets one: rotation needs them */

static rt_status_e
ngx_http_rtauth_issue_conf_load(ngx_conf_t *cf, ngx_http_rtauth_issue_t *issue,
    ngx_str_t *secret, const char **why)
{
    rt_mem_t              mem;
    rt_sign_t           **sign;
    rt_status_e           rc;
    rt_sign_conf_t        conf;
    ngx_pool_cleanup_t   *cln;

    mem = ngx_rt_str_mem(cf->pool);

    ngx_memzero(&conf, sizeof(rt_sign_conf_t));

    conf.key = *ngx_rt_str(secret);
    conf.alg = rt_jwa_find(ngx_rt_str(&issue->alg));

    if (conf.alg == NULL || (rt_jwa_bit(conf.alg->id) & RT_JWA_HS)) {
        *why = "has an \"alg=\" that is not known, or is one of secrets";
        return RT_DECLINED;
    }

    sign = ngx_array_push(&issue->keys);
    cln = ngx_pool_cleanup_add(cf->pool, sizeof(rt_sign_t *));
    if (sign == NULL || cln == NULL) {
        return RT_ERROR;
    }

    rc = rt_sign_load(&mem, &conf, sign, why);
    if (rc != RT_OK) {
        return rc;
    }

    if (ngx_http_rtauth_issue_conf_kid(&mem, rt_sign_public(*sign), &conf.kid)
        != NGX_OK)
    {
        rt_sign_free(*sign);
        return RT_ERROR;
    }

    if (conf.kid.len) {
        rt_sign_free(*sign);

        rc = rt_sign_load(&mem, &conf, sign, why);
        if (rc != RT_OK) {
            return rc;
        }
    }

    *(rt_sign_t **) cln->data = *sign;
    cln->handler = ngx_http_rtauth_issue_conf_free;

    return RT_OK;
}


/* its thumbprint, the same on each host; empty: it has a name */

static ngx_int_t
ngx_http_rtauth_issue_conf_kid(rt_mem_t *mem, const rt_str_t *set,
    rt_str_t *kid)
{
    u_char      hash[RT_THUMBPRINT];
    rt_json_t  *root, *jwk;

    static const rt_json_opts_t  opts = { RT_JSON_UNIQUE, 8, 64 };

    if (rt_json_parse(mem, set, &opts, &root, NULL) != RT_OK) {
        return NGX_ERROR;
    }

    jwk = rt_json_at(rt_json_member(root, "keys"), 0);

    if (rt_json_member(jwk, "kid")) {
        return NGX_OK;
    }

    if (rt_thumbprint(jwk, hash) != RT_OK) {
        return NGX_ERROR;
    }

    kid->data = rt_alloc(mem, rt_b64_encoded_len(RT_THUMBPRINT));
    if (kid->data == NULL) {
        return NGX_ERROR;
    }

    kid->len = rt_b64_encode_to(hash, RT_THUMBPRINT, kid->data);

    return NGX_OK;
}


static void
ngx_http_rtauth_issue_conf_free(void *data)
{
    rt_sign_free(*(rt_sign_t **) data);
}


char *
ngx_http_rtauth_issue_merge_server(ngx_conf_t *cf,
    ngx_http_rtauth_srv_conf_t *prev, ngx_http_rtauth_srv_conf_t *conf)
{
    ngx_http_rtauth_issue_t  **push;

    if (prev->issues.nelts) {
        push = ngx_array_push_n(&conf->issues, prev->issues.nelts);
        if (push == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_memcpy(push, prev->issues.elts,
                   prev->issues.nelts * sizeof(ngx_http_rtauth_issue_t *));
    }

    return ngx_http_rtauth_issue_conf_publish(cf, conf);
}


/* joins the sets of all keys into one, which has each key once */

static char *
ngx_http_rtauth_issue_conf_publish(ngx_conf_t *cf,
    ngx_http_rtauth_srv_conf_t *scf)
{
    u_char                    *p, *begin;
    size_t                     len;
    rt_str_t                   key;
    rt_sign_t                **sign;
    ngx_uint_t                 i, j;
    ngx_http_rtauth_issue_t  **issue;

    issue = scf->issues.elts;
    len = sizeof(NGX_HTTP_RTAUTH_ISSUE_SET "]}");

    for (i = 0; i < scf->issues.nelts; i++) {
        sign = issue[i]->keys.elts;

        for (j = 0; j < issue[i]->keys.nelts; j++) {
            len += rt_sign_public(sign[j])->len;
        }
    }

    begin = ngx_pnalloc(cf->pool, len);
    if (begin == NULL) {
        return NGX_CONF_ERROR;
    }

    p = ngx_cpymem(begin, NGX_HTTP_RTAUTH_ISSUE_SET,
                   sizeof(NGX_HTTP_RTAUTH_ISSUE_SET) - 1);

    for (i = 0; i < scf->issues.nelts; i++) {
        sign = issue[i]->keys.elts;

        for (j = 0; j < issue[i]->keys.nelts; j++) {
            key = *rt_sign_public(sign[j]);
            key.data += sizeof(NGX_HTTP_RTAUTH_ISSUE_SET) - 1;
            key.len -= sizeof(NGX_HTTP_RTAUTH_ISSUE_SET "]}") - 1;

            if (memmem(begin, p - begin, key.data, key.len)) {
                continue;
            }

            if (p[-1] == '}') {
                *p++ = ',';
            }

            p = ngx_cpymem(p, key.data, key.len);
        }
    }

    p = ngx_cpymem(p, "]}", 2);

    scf->issued_keys.data = begin;
    scf->issued_keys.len = p - begin;

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_issue_keys(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_rt_conf_here(cf, &rlcf->issue_keys_where);

    return ngx_rt_conf_handler(cf, ngx_http_rtauth_issue_keys_handler);
}


char *
ngx_http_rtauth_userinfo(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_rt_conf_here(cf, &rlcf->userinfo_where);

    return ngx_rt_conf_handler(cf, ngx_http_rtauth_userinfo_handler);
}


char *
ngx_http_rtauth_issue_merge(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *prev,
    ngx_http_rtauth_loc_conf_t *conf)
{
    ngx_http_rtauth_srv_conf_t  *scf;

    ngx_conf_merge_ptr_value(conf->issue, prev->issue, NULL);

    if (conf->userinfo_where.file.len && conf->providers == NULL) {
        return ngx_rt_conf_error(cf, &conf->userinfo_where,
                                 "\"rtauth_userinfo\" needs \"rtauth\" in its "
                                 "location");
    }

    scf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_rtauth_module);

    if (conf->issue_keys_where.file.len && scf->issues.nelts == 0) {
        return ngx_rt_conf_error(cf, &conf->issue_keys_where,
                                 "\"rtauth_identity_keys\" has nothing to "
                                 "publish: there is no \"rtauth_identity\" in "
                                 "this server");
    }

    return NGX_CONF_OK;
}
