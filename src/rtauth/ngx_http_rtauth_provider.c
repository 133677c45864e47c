
#include "ngx_http_rtauth_provider.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>


typedef char *(*ngx_http_rtauth_provider_set_pt)(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);

typedef struct {
    ngx_str_t                        name;
    ngx_uint_t                       max;       /* values; one at least */
    ngx_http_rtauth_provider_set_pt  set;
    ngx_uint_t                       n;         /* for set: offset, lowest */
} ngx_http_rtauth_provider_cmd_t;


typedef struct {
    EVP_MD_CTX  *md;
    ngx_uint_t   failed;
} ngx_http_rtauth_print_t;


static char *ngx_http_rtauth_provider_open(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_provider_conf_t **pcf);
static char *ngx_http_rtauth_provider_line(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_rtauth_set_issuer(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_set_audience(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_set_algorithms(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_set_file(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_set_discovery(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_set_str(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_set_user_claim(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_set_leeway(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_set_sec(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_set_timeout(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_provider_close(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf);
static char *ngx_http_rtauth_provider_source(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf);
static char *ngx_http_rtauth_provider_url(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf);
static char *ngx_http_rtauth_provider_hmac(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf);
static char *ngx_http_rtauth_provider_resolve(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf);
static char *ngx_http_rtauth_provider_trust(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf);
static ngx_int_t ngx_http_rtauth_provider_print(
    ngx_http_rtauth_provider_conf_t *pcf);


#define ngx_http_rtauth_pcf(m)  offsetof(ngx_http_rtauth_provider_conf_t, m)

#define ngx_http_rtauth_field(pcf, off, type)                                 \
    ((type *) ((u_char *) (pcf) + (off)))


static ngx_http_rtauth_provider_cmd_t  ngx_http_rtauth_provider_cmds[] = {

    { ngx_string("issuer"), 1,
      ngx_http_rtauth_set_issuer, 0 },

    { ngx_string("audience"), 64,
      ngx_http_rtauth_set_audience, 0 },

    { ngx_string("algorithms"), RT_JWA_MAX,
      ngx_http_rtauth_set_algorithms, 0 },

    { ngx_string("jwks_file"), 1,
      ngx_http_rtauth_set_file, 0 },

    { ngx_string("jwks_uri"), 1,
      ngx_http_rtauth_set_str, ngx_http_rtauth_pcf(jwks_uri) },

    { ngx_string("discovery"), 1,
      ngx_http_rtauth_set_discovery, 0 },

    { ngx_string("ssl_trusted_certificate"), 1,
      ngx_http_rtauth_set_str, ngx_http_rtauth_pcf(trusted) },

    { ngx_string("user_claim"), 1,
      ngx_http_rtauth_set_user_claim, 0 },

    { ngx_string("leeway"), 1,
      ngx_http_rtauth_set_leeway, 0 },

    { ngx_string("max_lifetime"), 1,
      ngx_http_rtauth_set_sec, ngx_http_rtauth_pcf(max_lifetime) },

    { ngx_string("jwks_refresh"), 1,
      ngx_http_rtauth_set_sec, ngx_http_rtauth_pcf(refresh) },

    { ngx_string("jwks_cooldown"), 1,
      ngx_http_rtauth_set_sec, ngx_http_rtauth_pcf(cooldown) },

    { ngx_string("timeout"), 1,
      ngx_http_rtauth_set_timeout, 0 },

    { ngx_null_string, 0, NULL, 0 }
};


/* an error of a line inside of the block, or at its end */

#define ngx_http_rtauth_provider_err(cf, pcf, ...)                            \
    (ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "rtauth_provider \"%V\": "     \
                        __VA_ARGS__), NGX_CONF_ERROR)


char *
ngx_http_rtauth_provider_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_main_conf_t *mcf = conf;

    char                             *rv;
    ngx_conf_t                        save;
    ngx_http_rtauth_provider_conf_t  *pcf;

    rv = ngx_http_rtauth_provider_open(cf, mcf, &pcf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    save = *cf;
    cf->handler = ngx_http_rtauth_provider_line;
    cf->handler_conf = (void *) pcf;

    mcf->open = pcf->provider;
    rv = ngx_conf_parse(cf, NULL);
    mcf->open = NULL;

    *cf = save;

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    return ngx_http_rtauth_provider_close(cf, pcf);
}


static char *
ngx_http_rtauth_provider_open(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_provider_conf_t **result)
{
    size_t                            i;
    ngx_str_t                        *name;
    ngx_http_rtauth_provider_t       *p, **slot;
    ngx_http_rtauth_provider_conf_t  *pcf;

    name = &((ngx_str_t *) cf->args->elts)[1];

    for (i = 0; i < name->len; i++) {
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                    "0123456789_-", name->data[i]))
        {
            break;
        }
    }

    if (name->len == 0 || name->len > 64 || i < name->len
        || (name->len == 3 && ngx_strncmp(name->data, "off", 3) == 0))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"rtauth_provider\" has invalid name \"%V\", use "
                           "up to 64 letters, digits, \"_\" and \"-\", and "
                           "not \"off\"", name);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_rtauth_provider_find(mcf, name)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate rtauth_provider \"%V\", give each "
                           "provider a name of its own", name);
        return NGX_CONF_ERROR;
    }

    if (mcf->providers.nelts == NGX_HTTP_RTAUTH_MAX_PROVIDERS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "rtauth_provider \"%V\" is one too many, at most "
                           "%d are possible", name,
                           NGX_HTTP_RTAUTH_MAX_PROVIDERS);
        return NGX_CONF_ERROR;
    }

    p = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_provider_t));
    pcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_provider_conf_t));
    slot = ngx_array_push(&mcf->providers);

    if (p == NULL || pcf == NULL || slot == NULL
        || ngx_array_init(&pcf->files, cf->pool, 1, sizeof(ngx_str_t))
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    *slot = p;

    p->name = *name;
    p->index = mcf->providers.nelts - 1;
    p->data = pcf;

    pcf->provider = p;
    pcf->timeout = NGX_CONF_UNSET_MSEC;
    pcf->refresh = NGX_CONF_UNSET;
    pcf->cooldown = NGX_CONF_UNSET;
    pcf->leeway = NGX_CONF_UNSET;
    pcf->max_lifetime = NGX_CONF_UNSET;
    pcf->file = cf->conf_file->file.name.data;
    pcf->line = cf->conf_file->line;

    *result = pcf;

    return NGX_CONF_OK;
}


ngx_http_rtauth_provider_t *
ngx_http_rtauth_provider_find(ngx_http_rtauth_main_conf_t *mcf,
    ngx_str_t *name)
{
    ngx_uint_t                    i;
    ngx_http_rtauth_provider_t  **p;

    p = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {
        if (rt_str_eq(ngx_rt_str(&p[i]->name), ngx_rt_str(name))) {
            return p[i];
        }
    }

    return NULL;
}


static char *
ngx_http_rtauth_provider_line(ngx_conf_t *cf, ngx_command_t *dummy, void *conf)
{
    ngx_http_rtauth_provider_conf_t *pcf = conf;

    ngx_str_t                       *value;
    ngx_uint_t                       i;
    ngx_http_rtauth_provider_cmd_t  *cmd;

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[0].data, "include") == 0) {
        return ngx_conf_include(cf, dummy, conf);
    }

    for (cmd = ngx_http_rtauth_provider_cmds; cmd->name.len; cmd++) {

        if (!rt_str_eq(ngx_rt_str(&cmd->name), ngx_rt_str(&value[0]))) {
            continue;
        }

        if (cf->args->nelts < 2 || cf->args->nelts - 1 > cmd->max) {
            return ngx_http_rtauth_provider_err(cf, pcf,
                       "\"%V\" takes %s, not %ui", &pcf->provider->name,
                       &value[0],
                       cmd->max == 1 ? "one value" : "one value or more",
                       cf->args->nelts - 1);
        }

        for (i = 1; i < cf->args->nelts; i++) {
            if (value[i].len == 0) {
                return ngx_http_rtauth_provider_err(cf, pcf,
                           "\"%V\" has an empty value, leave the line out",
                           &pcf->provider->name, &value[0]);
            }
        }

        return cmd->set(cf, pcf, cmd->n);
    }

    return ngx_http_rtauth_provider_err(cf, pcf,
               "unknown directive \"%V\" in the block", &pcf->provider->name,
               &value[0]);
}


static char *
ngx_http_rtauth_set_issuer(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n)
{
    size_t      i;
    ngx_str_t  *value;

    value = cf->args->elts;

    if (pcf->provider->issuer.data) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "\"issuer\" is duplicate, a provider has one",
                   &pcf->provider->name);
    }

    for (i = 0; i < value[1].len; i++) {
        if (value[1].data[i] <= ' ' || value[1].data[i] == 0x7f) {
            return ngx_http_rtauth_provider_err(cf, pcf,
                       "\"issuer\" has a blank or a control character, write "
                       "exactly what tokens have in \"iss\"",
                       &pcf->provider->name);
        }
    }

    pcf->provider->issuer = value[1];

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_set_audience(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n)
{
    rt_str_t    *list;
    ngx_str_t   *value;
    ngx_uint_t   i;

    value = cf->args->elts;
    n = cf->args->nelts - 1;

    if (pcf->policy.audiences || pcf->policy.any_audience) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "\"audience\" is duplicate, name all values in one line",
                   &pcf->provider->name);
    }

    if (n == 1 && rt_str_lit(ngx_rt_str(&value[1]), "any")) {
        pcf->policy.any_audience = 1;
        return NGX_CONF_OK;
    }

    list = ngx_palloc(cf->pool, n * sizeof(rt_str_t));
    if (list == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < n; i++) {
        if (rt_str_lit(ngx_rt_str(&value[i + 1]), "any")) {
            return ngx_http_rtauth_provider_err(cf, pcf,
                       "\"audience\" has \"any\" beside other values, write "
                       "either", &pcf->provider->name);
        }

        list[i].len = value[i + 1].len;
        list[i].data = value[i + 1].data;
    }

    pcf->policy.audiences = list;
    pcf->policy.naudiences = n;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_set_algorithms(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n)
{
    ngx_str_t       *value;
    ngx_uint_t       i;
    const rt_jwa_t  *alg;

    value = cf->args->elts;

    if (pcf->algs) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "\"algorithms\" is duplicate, name all in one line",
                   &pcf->provider->name);
    }

    for (i = 1; i < cf->args->nelts; i++) {
        alg = rt_jwa_find(ngx_rt_str(&value[i]));

        if (alg == NULL) {
            return ngx_http_rtauth_provider_err(cf, pcf,
                       "\"algorithms\" has unknown algorithm \"%V\", choose "
                       "from RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 "
                       "ES512 EdDSA HS256 HS384 HS512", &pcf->provider->name,
                       &value[i]);
        }

        pcf->algs |= rt_jwa_bit(alg->id);
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_set_file(ngx_conf_t *cf, ngx_http_rtauth_provider_conf_t *pcf,
    ngx_uint_t n)
{
    ngx_str_t  *value, *file;

    value = cf->args->elts;

    file = ngx_array_push(&pcf->files);
    if (file == NULL) {
        return NGX_CONF_ERROR;
    }

    *file = value[1];

    if (ngx_conf_full_name(cf->cycle, file, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_set_discovery(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    if (pcf->discovery_off || pcf->discovery.data) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "\"discovery\" is duplicate", &pcf->provider->name);
    }

    if (rt_str_lit(ngx_rt_str(&value[1]), "off")) {
        pcf->discovery_off = 1;

    } else {
        pcf->discovery = value[1];
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_set_str(ngx_conf_t *cf, ngx_http_rtauth_provider_conf_t *pcf,
    ngx_uint_t n)
{
    ngx_str_t  *value, *field;

    value = cf->args->elts;
    field = ngx_http_rtauth_field(pcf, n, ngx_str_t);

    if (field->data) {
        return ngx_http_rtauth_provider_err(cf, pcf, "\"%V\" is duplicate",
                                            &pcf->provider->name, &value[0]);
    }

    *field = value[1];

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_set_user_claim(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    if (pcf->provider->user_claim.data) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "\"user_claim\" is duplicate", &pcf->provider->name);
    }

    pcf->provider->user_claim = value[1];

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_set_leeway(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n)
{
    time_t      leeway;
    ngx_str_t  *value;

    value = cf->args->elts;

    if (pcf->leeway != NGX_CONF_UNSET) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "\"leeway\" is duplicate", &pcf->provider->name);
    }

    leeway = ngx_parse_time(&value[1], 1);

    if (leeway == (time_t) NGX_ERROR || leeway > NGX_HTTP_RTAUTH_MAX_LEEWAY) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "\"leeway\" has invalid value \"%V\", write a time from "
                   "0 to %ds", &pcf->provider->name, &value[1],
                   NGX_HTTP_RTAUTH_MAX_LEEWAY);
    }

    pcf->leeway = leeway;

    return NGX_CONF_OK;
}


/* a time of at least a second: 0 would mean one fetch a request */

static char *
ngx_http_rtauth_set_sec(ngx_conf_t *cf, ngx_http_rtauth_provider_conf_t *pcf,
    ngx_uint_t n)
{
    time_t      sec, *field;
    ngx_str_t  *value;

    value = cf->args->elts;
    field = ngx_http_rtauth_field(pcf, n, time_t);

    if (*field != NGX_CONF_UNSET) {
        return ngx_http_rtauth_provider_err(cf, pcf, "\"%V\" is duplicate",
                                            &pcf->provider->name, &value[0]);
    }

    sec = ngx_parse_time(&value[1], 1);

    if (sec == (time_t) NGX_ERROR || sec < 1 || sec > 365 * 86400) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "\"%V\" has invalid value \"%V\", write a time from 1s to "
                   "365d", &pcf->provider->name, &value[0], &value[1]);
    }

    *field = sec;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_set_timeout(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n)
{
    ngx_int_t   msec;
    ngx_str_t  *value;

    value = cf->args->elts;

    if (pcf->timeout != NGX_CONF_UNSET_MSEC) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "\"timeout\" is duplicate", &pcf->provider->name);
    }

    msec = ngx_parse_time(&value[1], 0);

    if (msec == NGX_ERROR || msec < 1 || msec > NGX_HTTP_RTAUTH_MAX_TIMEOUT) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "\"timeout\" has invalid value \"%V\", write a time from "
                   "1ms to 60s", &pcf->provider->name, &value[1]);
    }

    pcf->timeout = msec;

    return NGX_CONF_OK;
}


/* what the block by itself can tell */

static char *
ngx_http_rtauth_provider_close(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    char                        *rv;
    ngx_http_rtauth_provider_t  *p;

    p = pcf->provider;

    if (p->issuer.data == NULL) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "no \"issuer\", write \"issuer\" and exactly what tokens "
                   "have in \"iss\"", &p->name);
    }

    if (pcf->policy.naudiences == 0 && !pcf->policy.any_audience) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "no \"audience\", write \"audience VALUE ...\" with what "
                   "tokens for this place have in \"aud\", or \"audience any\" "
                   "to take tokens made for anybody", &p->name);
    }

    if (p->user_claim.data == NULL) {
        ngx_str_set(&p->user_claim, "email");
    }

    if (pcf->algs == 0) {
        pcf->algs = RT_JWA_DEFAULT;
    }

    ngx_conf_init_msec_value(pcf->timeout, 5000);
    ngx_conf_init_value(pcf->refresh, 3600);
    ngx_conf_init_value(pcf->cooldown, 30);
    ngx_conf_init_value(pcf->leeway, 30);
    ngx_conf_init_value(pcf->max_lifetime, 0);

    pcf->policy.issuer.len = p->issuer.len;
    pcf->policy.issuer.data = p->issuer.data;
    pcf->policy.leeway = pcf->leeway;
    pcf->policy.max_lifetime = pcf->max_lifetime;

    rv = ngx_http_rtauth_provider_source(cf, pcf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    rv = ngx_http_rtauth_jwks_files_load(cf, pcf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    rv = ngx_http_rtauth_provider_hmac(cf, pcf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    return ngx_http_rtauth_provider_trust(cf, pcf);
}


/* jwks_uri, or discovery; a file alone asks for neither */

static char *
ngx_http_rtauth_provider_source(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    size_t                       len;
    ngx_http_rtauth_provider_t  *p;

    static ngx_str_t  path = ngx_string("/.well-known/openid-configuration");

    p = pcf->provider;

    if (pcf->jwks_uri.data && pcf->discovery.data) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "both \"jwks_uri\" and \"discovery\", drop one of them",
                   &p->name);
    }

    if (pcf->jwks_uri.data == NULL && pcf->discovery.data == NULL) {

        if (pcf->files.nelts) {
            return NGX_CONF_OK;
        }

        if (pcf->discovery_off) {
            return ngx_http_rtauth_provider_err(cf, pcf,
                       "\"discovery off\" leaves no keys, write \"jwks_file "
                       "PATH\" or \"jwks_uri URL\"", &p->name);
        }

        len = p->issuer.len - (p->issuer.data[p->issuer.len - 1] == '/');

        pcf->discovery.len = len + path.len;
        pcf->discovery.data = ngx_pnalloc(cf->pool, pcf->discovery.len);
        if (pcf->discovery.data == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_memcpy(pcf->discovery.data, p->issuer.data, len);
        ngx_memcpy(pcf->discovery.data + len, path.data, path.len);

        pcf->implied = 1;
    }

    return ngx_http_rtauth_provider_url(cf, pcf);
}


static char *
ngx_http_rtauth_provider_url(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    char        *err;
    ngx_int_t    rc;
    ngx_str_t   *text;

    pcf->discover = (pcf->discovery.data != NULL);
    pcf->remote = 1;

    text = pcf->discover ? &pcf->discovery : &pcf->jwks_uri;

    rc = ngx_rt_url_parse(cf->pool, text, &pcf->url, &err);

    if (rc == NGX_ERROR) {
        return NGX_CONF_ERROR;
    }

    if (rc == NGX_DECLINED && pcf->implied) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "the keys of \"issuer %V\" cannot be discovered, for it %s; "
                   "write \"jwks_file PATH\" or \"jwks_uri https://...\"",
                   &pcf->provider->name, &pcf->provider->issuer, err);
    }

    if (rc == NGX_DECLINED) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "\"%s\" has invalid URL \"%V\": it %s, write "
                   "\"https://HOST/PATH\"", &pcf->provider->name,
                   pcf->discover ? "discovery" : "jwks_uri", text, err);
    }

    if (pcf->trusted.data && !pcf->url.tls) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "\"ssl_trusted_certificate\" is of no use with \"%V\", "
                   "write \"https://\"", &pcf->provider->name, text);
    }

    return NGX_CONF_OK;
}


/* HMAC keys are secrets: they come from a file only, and each has its use */

static char *
ngx_http_rtauth_provider_hmac(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    uint32_t         have;
    ngx_uint_t       i;
    const rt_jwa_t  *alg;

    if ((pcf->algs & RT_JWA_HS) == 0) {
        return NGX_CONF_OK;
    }

    if (pcf->remote) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "\"algorithms\" lists HMAC, whose keys are never fetched; "
                   "write \"jwks_file\" alone, and a provider of its own for "
                   "keys by URL", &pcf->provider->name);
    }

    have = 0;

    for (i = 0; i < pcf->file_keys.nkeys; i++) {
        have |= pcf->file_keys.keys[i].algs;
    }

    for (i = 0; i < RT_JWA_MAX; i++) {
        if ((pcf->algs & RT_JWA_HS & rt_jwa_bit(i)) && !(have & rt_jwa_bit(i)))
        {
            alg = rt_jwa(i);

            return ngx_http_rtauth_provider_err(cf, pcf,
                       "\"algorithms\" lists %*s, but no \"jwks_file\" has an "
                       "\"oct\" key of at least %uz bytes for it",
                       &pcf->provider->name, alg->name.len, alg->name.data,
                       alg->md_len);
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_provider_trust(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    BIO         *bio;
    X509        *x509;
    char        *rv;
    ngx_uint_t   others;

    pcf->http.agent = "nginx-rtauth";
    pcf->http.accept = "application/json, application/jwk-set+json";
    pcf->http.timeout = pcf->timeout;
    pcf->http.max_body = RT_JWKS_MAX_TEXT;

    if (pcf->trusted.data == NULL) {
        return NGX_CONF_OK;
    }

    if (ngx_conf_full_name(cf->cycle, &pcf->trusted, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    rv = ngx_http_rtauth_read_file(cf, pcf, "ssl_trusted_certificate",
                                   &pcf->trusted, NGX_HTTP_RTAUTH_MAX_CA,
                                   &pcf->http.trusted, &others);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    bio = BIO_new_mem_buf(pcf->http.trusted.data, pcf->http.trusted.len);
    x509 = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

    BIO_free(bio);
    X509_free(x509);
    ERR_clear_error();

    if (x509 == NULL) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "\"ssl_trusted_certificate %V\" has no certificate, it "
                   "must be a PEM file", &pcf->provider->name, &pcf->trusted);
    }

    return NGX_CONF_OK;
}


/*
 * When all of http {} is known.  Errors name the place of the block: cf's own
 * is the end of http {}.
 */

char *
ngx_http_rtauth_provider_init(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    char                              *rv;
    ngx_uint_t                         i;
    ngx_http_rtauth_provider_t       **p;
    ngx_http_rtauth_provider_conf_t   *pcf;

    p = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {
        pcf = ngx_http_rtauth_provider_conf(p[i]);

        if (mcf->zone == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "rtauth_provider \"%V\" needs a zone, write "
                          "\"rtauth_zone 16m;\" in http {} in %s:%ui",
                          &p[i]->name, pcf->file, pcf->line);
            return NGX_CONF_ERROR;
        }

        if (pcf->remote) {
            rv = ngx_http_rtauth_provider_resolve(cf, pcf);
            if (rv != NGX_CONF_OK) {
                return rv;
            }
        }

        if (ngx_http_rtauth_provider_print(pcf) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_provider_resolve(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    char                      *err;
    ngx_int_t                  rc;
    ngx_uint_t                 level;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->resolver && clcf->resolver->connections.nelts) {
        pcf->http.resolver = clcf->resolver;
    }

    rc = ngx_rt_url_resolve(cf->pool, &pcf->url, &err);

    if (rc == NGX_ERROR) {
        return NGX_CONF_ERROR;
    }

    if (rc == NGX_DECLINED) {
        level = pcf->http.resolver ? NGX_LOG_WARN : NGX_LOG_EMERG;

        ngx_log_error(level, cf->log, 0,
                      "rtauth_provider \"%V\": %s in \"%V\"%s in %s:%ui",
                      &pcf->provider->name, err, &pcf->url.text,
                      pcf->http.resolver ? ", will ask the resolver later"
                                         : ", mend the name or write "
                                           "\"resolver ADDRESS;\" in http {}",
                      pcf->file, pcf->line);

        if (level == NGX_LOG_EMERG) {
            return NGX_CONF_ERROR;
        }
    }

    if (pcf->url.tls || ngx_rt_url_loopback(&pcf->url)) {
        return NGX_CONF_OK;
    }

    /* keys that came in the clear are anybody's keys */

    if (pcf->implied) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "rtauth_provider \"%V\": keys would be discovered over "
                      "plain http from \"%V\", write an https issuer, or "
                      "\"jwks_uri\" or \"jwks_file\" in %s:%ui",
                      &pcf->provider->name, &pcf->url.text, pcf->file,
                      pcf->line);
        return NGX_CONF_ERROR;
    }

    ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                  "rtauth_provider \"%V\": keys from \"%V\" come over plain "
                  "http, whoever is on the way can sign in as anybody: write "
                  "\"https://\" in %s:%ui", &pcf->provider->name,
                  &pcf->url.text, pcf->file, pcf->line);

    return NGX_CONF_OK;
}


/*
 * Two digests: of the place keys come from (the slot's name), and of all that
 * decides whether a token is good (a part of the token cache's key).
 */

static void
ngx_http_rtauth_print_add(ngx_http_rtauth_print_t *print, void *data,
    size_t len)
{
    /* the length first: two values never read as one */

    if (EVP_DigestUpdate(print->md, &len, sizeof(len)) != 1
        || EVP_DigestUpdate(print->md, data, len) != 1)
    {
        print->failed = 1;
    }
}


static ngx_int_t
ngx_http_rtauth_provider_print(ngx_http_rtauth_provider_conf_t *pcf)
{
    size_t                    i;
    ngx_http_rtauth_print_t   print;

    print.failed = 0;
    print.md = EVP_MD_CTX_new();
    if (print.md == NULL) {
        return NGX_ERROR;
    }

    if (EVP_DigestInit_ex(print.md, EVP_sha256(), NULL) != 1) {
        print.failed = 1;
    }

    ngx_http_rtauth_print_add(&print, pcf->policy.issuer.data,
                              pcf->policy.issuer.len);
    ngx_http_rtauth_print_add(&print, &pcf->algs, sizeof(pcf->algs));

    if (pcf->remote) {
        ngx_http_rtauth_print_add(&print, pcf->url.text.data,
                                  pcf->url.text.len);
        ngx_http_rtauth_print_add(&print, pcf->http.trusted.data,
                                  pcf->http.trusted.len);
    }

    if (EVP_DigestFinal_ex(print.md, pcf->source, NULL) != 1
        || EVP_DigestInit_ex(print.md, EVP_sha256(), NULL) != 1)
    {
        print.failed = 1;
    }

    ngx_http_rtauth_print_add(&print, pcf->source, sizeof(pcf->source));
    ngx_http_rtauth_print_add(&print, pcf->file_print,
                              sizeof(pcf->file_print));
    ngx_http_rtauth_print_add(&print, pcf->provider->name.data,
                              pcf->provider->name.len);
    ngx_http_rtauth_print_add(&print, &pcf->leeway, sizeof(pcf->leeway));
    ngx_http_rtauth_print_add(&print, &pcf->max_lifetime,
                              sizeof(pcf->max_lifetime));
    ngx_http_rtauth_print_add(&print, &pcf->policy.naudiences,
                              sizeof(pcf->policy.naudiences));

    for (i = 0; i < pcf->policy.naudiences; i++) {
        ngx_http_rtauth_print_add(&print, pcf->policy.audiences[i].data,
                                  pcf->policy.audiences[i].len);
    }

    if (EVP_DigestFinal_ex(print.md, pcf->print, NULL) != 1) {
        print.failed = 1;
    }

    EVP_MD_CTX_free(print.md);

    return print.failed ? NGX_ERROR : NGX_OK;
}
