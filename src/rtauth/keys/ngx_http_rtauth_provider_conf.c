
/*
 * The lines of a provider's block, and what they are when they are absent.
 */


#include "keys/ngx_http_rtauth_provider.h"
#include "keys/ngx_http_rtauth_bound_conf.h"
#include "client/ngx_http_rtauth_client_conf.h"


static char *ngx_http_rtauth_provider_conf_open(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_provider_conf_t **pcf);
static char *ngx_http_rtauth_provider_conf_issuer(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_provider_conf_audience(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_provider_conf_algorithms(ngx_conf_t *cf,
    void *conf, ngx_rt_line_t *line);
static char *ngx_http_rtauth_provider_conf_type(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_provider_conf_file(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_provider_conf_discovery(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_provider_conf_introspection(ngx_conf_t *cf,
    void *conf, ngx_rt_line_t *line);
static char *ngx_http_rtauth_provider_conf_user_claim(ngx_conf_t *cf,
    void *conf, ngx_rt_line_t *line);
static char *ngx_http_rtauth_provider_conf_asked(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf);
static char *ngx_http_rtauth_provider_conf_close(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf);


#define ngx_http_rtauth_pcf(m)  offsetof(ngx_http_rtauth_provider_conf_t, m)


static ngx_rt_line_t  ngx_http_rtauth_provider_conf_rows[] = {

    { ngx_string("issuer"), 1,
      ngx_http_rtauth_provider_conf_issuer, 0,
      ngx_http_rtauth_pcf(at.issuer), NULL, NULL },

    { ngx_string("audience"), 64,
      ngx_http_rtauth_provider_conf_audience, 0,
      ngx_http_rtauth_pcf(at.other), NULL, NULL },

    { ngx_string("algorithms"), RT_JWA_MAX,
      ngx_http_rtauth_provider_conf_algorithms, 0,
      ngx_http_rtauth_pcf(at.algorithms), NULL, NULL },

    { ngx_string("type"), 8,
      ngx_http_rtauth_provider_conf_type, 0,
      ngx_http_rtauth_pcf(at.other), NULL, NULL },

    { ngx_string("jwks_file"), 1 | NGX_RT_LINE_MANY,
      ngx_http_rtauth_provider_conf_file, 0,
      ngx_http_rtauth_pcf(at.other), NULL, NULL },

    { ngx_string("jwks_uri"), 1,
      ngx_rt_line_str, ngx_http_rtauth_pcf(jwks_uri),
      ngx_http_rtauth_pcf(at.jwks_uri), NULL, NULL },

    { ngx_string("discovery"), 1,
      ngx_http_rtauth_provider_conf_discovery, 0,
      ngx_http_rtauth_pcf(at.discovery), NULL, NULL },

    { ngx_string("introspection"), 1,
      ngx_http_rtauth_provider_conf_introspection, 0,
      ngx_http_rtauth_pcf(at.introspection), NULL, NULL },

    { ngx_string("introspection_endpoint"), 1,
      ngx_rt_line_str, ngx_http_rtauth_pcf(introspection_endpoint),
      ngx_http_rtauth_pcf(at.introspection_endpoint), NULL, NULL },

    { ngx_string("introspection_cache"), 1,
      ngx_rt_line_sec, ngx_http_rtauth_pcf(told),
      ngx_http_rtauth_pcf(at.introspection_cache), "1s", "1h" },

    { ngx_string("ssl_trusted_certificate"), 1,
      ngx_rt_line_str, ngx_http_rtauth_pcf(trusted),
      ngx_http_rtauth_pcf(at.trusted), NULL, NULL },

    { ngx_string("user_claim"), 1,
      ngx_http_rtauth_provider_conf_user_claim, 0,
      ngx_http_rtauth_pcf(at.other), NULL, NULL },

    { ngx_string("require_sub"), 1,
      ngx_rt_line_flag, ngx_http_rtauth_pcf(require_sub),
      ngx_http_rtauth_pcf(at.other), NULL, NULL },

    { ngx_string("bound"), 3,
      ngx_http_rtauth_bound_conf, 0,
      ngx_http_rtauth_pcf(at.bound), NULL, NULL },

    { ngx_string("leeway"), 1,
      ngx_rt_line_sec, ngx_http_rtauth_pcf(leeway),
      ngx_http_rtauth_pcf(at.other), "0", "600s" },

    /* 0 would mean no limit, or a fetch for each request */

    { ngx_string("max_lifetime"), 1,
      ngx_rt_line_sec, ngx_http_rtauth_pcf(max_lifetime),
      ngx_http_rtauth_pcf(at.other), "1s", "365d" },

    { ngx_string("jwks_refresh"), 1,
      ngx_rt_line_sec, ngx_http_rtauth_pcf(refresh),
      ngx_http_rtauth_pcf(at.other), "1s", "365d" },

    { ngx_string("jwks_cooldown"), 1,
      ngx_rt_line_sec, ngx_http_rtauth_pcf(cooldown),
      ngx_http_rtauth_pcf(at.other), "1s", "365d" },

    { ngx_string("jwks_stale"), 1,
      ngx_rt_line_sec, ngx_http_rtauth_pcf(stale),
      ngx_http_rtauth_pcf(at.other), "0", "365d" },

    { ngx_string("timeout"), 1,
      ngx_rt_line_msec, ngx_http_rtauth_pcf(timeout),
      ngx_http_rtauth_pcf(at.other), "1ms", "60s" },

    { ngx_null_string, 0, NULL, 0, 0, NULL, NULL }
};

ngx_rt_lines_fit(ngx_http_rtauth_provider_conf_rows);


static ngx_conf_enum_t  ngx_http_rtauth_provider_conf_asks[] = {
    { ngx_string("off"), NGX_HTTP_RTAUTH_ASK_OFF },
    { ngx_string("on"), NGX_HTTP_RTAUTH_ASK_ON },
    { ngx_string("jwt"), NGX_HTTP_RTAUTH_ASK_JWT },
    { ngx_null_string, 0 }
};


char *
ngx_http_rtauth_provider_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_main_conf_t *mcf = conf;

    ngx_rt_block_t                    block;
    ngx_http_rtauth_provider_conf_t  *pcf;

    pcf = NULL;

    if (ngx_http_rtauth_provider_conf_open(cf, mcf, &pcf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&block, sizeof(ngx_rt_block_t));

    block.directive = "rtauth_provider";
    block.name = pcf->provider->name;
    block.lines[0].rows = ngx_http_rtauth_provider_conf_rows;
    block.lines[0].conf = pcf;

    if (ngx_http_rtauth_client_open(cf, pcf->provider, &block.lines[1])
        != NGX_OK
        || ngx_rt_block(cf, &block) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_http_rtauth_provider_conf_close(cf, pcf);
}


static char *
ngx_http_rtauth_provider_conf_open(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_provider_conf_t **result)
{
    ngx_str_t                        *name;
    ngx_http_rtauth_provider_t       *p, **slot;
    ngx_http_rtauth_provider_conf_t  *pcf;

    name = &((ngx_str_t *) cf->args->elts)[1];

    if (!ngx_rt_conf_name(name, "_-") || name->len > 64
        || (name->len == 3 && ngx_strncmp(name->data, "off", 3) == 0))
    {
        return ngx_rt_conf_invalid(cf, "name", name,
                                   "write 1 to 64 letters, digits, \"_\" and "
                                   "\"-\", and not \"off\"");
    }

    if (ngx_http_rtauth_provider_find(mcf, name)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate rtauth_provider \"%V\": give each "
                           "provider a name of its own", name);
        return NGX_CONF_ERROR;
    }

    if (mcf->providers.nelts == NGX_HTTP_RTAUTH_MAX_PROVIDERS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "rtauth_provider \"%V\" is one too many: write "
                           "at most %d", name,
                           NGX_HTTP_RTAUTH_MAX_PROVIDERS);
        return NGX_CONF_ERROR;
    }

    p = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_provider_t));
    pcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_provider_conf_t));
    slot = ngx_array_push(&mcf->providers);

    if (p == NULL || pcf == NULL || slot == NULL
        || ngx_array_init(&pcf->files, cf->pool, 1,
                          sizeof(ngx_http_rtauth_jwks_file_t))
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    *slot = p;

    p->name = *name;
    p->index = mcf->providers.nelts - 1;
    p->conf = pcf;

    pcf->provider = p;
    pcf->timeout = 5000;
    pcf->refresh = 3600;
    pcf->cooldown = 30;
    pcf->stale = 86400;
    pcf->told = 60;
    pcf->require_sub = 1;
    pcf->leeway = 30;
    ngx_rt_conf_here(cf, &pcf->at.block);

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
ngx_http_rtauth_provider_conf_issuer(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_provider_conf_t *pcf = conf;

    size_t      i;
    ngx_str_t  *value;

    value = cf->args->elts;

    for (i = 0; i < value[1].len; i++) {
        if (value[1].data[i] <= ' ' || value[1].data[i] == 0x7f) {
            return ngx_rt_conf_invalid(cf, "value", NULL,
                                       "write exactly what tokens have in "
                                       "\"iss\", which has no blank and no "
                                       "control character");
        }
    }

    pcf->provider->issuer = value[1];

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_provider_conf_audience(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_provider_conf_t *pcf = conf;

    rt_str_t    *list;
    ngx_str_t   *value;
    ngx_uint_t   i, n;

    value = cf->args->elts;
    n = cf->args->nelts - 1;

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
            return ngx_rt_conf_invalid(cf, "value", &value[i + 1],
                                       "write it alone, or the other values "
                                       "without it");
        }

        list[i].len = value[i + 1].len;
        list[i].data = value[i + 1].data;
    }

    pcf->policy.audiences = list;
    pcf->policy.naudiences = n;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_provider_conf_algorithms(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_provider_conf_t *pcf = conf;

    ngx_str_t       *value;
    ngx_uint_t       i;
    const rt_jwa_t  *alg;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {
        alg = rt_jwa_find(ngx_rt_str(&value[i]));

        if (alg == NULL) {
            return ngx_rt_conf_invalid(cf, "algorithm", &value[i],
                                       "write any of RS256 RS384 RS512 PS256 "
                                       "PS384 PS512 ES256 ES384 ES512 EdDSA "
                                       "Ed25519 Ed448 HS256 HS384 HS512");
        }

        pcf->algs |= rt_jwa_bit(alg->id);
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_provider_conf_type(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_provider_conf_t *pcf = conf;

    rt_str_t    *list;
    ngx_str_t   *value;
    ngx_uint_t   i, n;

    value = cf->args->elts;
    n = cf->args->nelts - 1;

    list = ngx_palloc(cf->pool, n * sizeof(rt_str_t));
    if (list == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < n; i++) {
        list[i] = *ngx_rt_str(&value[i + 1]);

        if (!rt_claims_type_allowed(&list[i])) {
            return ngx_rt_conf_invalid(cf, "value", &value[i + 1],
                                       "leave it out, such a token is never "
                                       "a bearer's");
        }
    }

    pcf->policy.types = list;
    pcf->policy.ntypes = n;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_provider_conf_file(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_provider_conf_t *pcf = conf;

    ngx_str_t                    *value;
    ngx_http_rtauth_jwks_file_t  *file;

    value = cf->args->elts;

    file = ngx_array_push(&pcf->files);
    if (file == NULL) {
        return NGX_CONF_ERROR;
    }

    file->name = value[1];
    ngx_rt_conf_here(cf, &file->where);

    if (ngx_conf_full_name(cf->cycle, &file->name, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_provider_conf_discovery(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_provider_conf_t *pcf = conf;

    ngx_str_t  *value;

    value = cf->args->elts;

    if (rt_str_lit(ngx_rt_str(&value[1]), "off")) {
        pcf->discovery_off = 1;

    } else {
        pcf->discovery = value[1];
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_provider_conf_introspection(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_provider_conf_t *pcf = conf;

    ngx_str_t        *value;
    ngx_conf_enum_t  *way;

    value = cf->args->elts;

    way = ngx_rt_conf_row(ngx_http_rtauth_provider_conf_asks,
                          sizeof(ngx_conf_enum_t), &value[1], 0);

    if (way == NULL) {
        return ngx_rt_conf_invalid(cf, "value", &value[1],
                                   "write \"on\", \"jwt\" or \"off\"");
    }

    pcf->introspection = way->value;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_provider_conf_user_claim(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_provider_conf_t *pcf = conf;

    ngx_str_t  *value;

    value = cf->args->elts;

    if (rt_json_path_check(ngx_rt_str(&value[1])) != RT_OK) {
        return ngx_rt_conf_invalid(cf, "path", &value[1],
                                   "write a claim's name, \"a.b[0]\", or a "
                                   "JSON Pointer, \"/a/b/0\"");
    }

    pcf->provider->user_claim = value[1];

    return NGX_CONF_OK;
}


/* a provider answers those it knows; other lines are of no use without one */

static char *
ngx_http_rtauth_provider_conf_asked(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    ngx_rt_where_t  *where;

    where = &pcf->at.introspection_endpoint;

    if (where->file.len == 0) {
        where = &pcf->at.introspection_cache;
    }

    if (pcf->introspection == NGX_HTTP_RTAUTH_ASK_OFF && where->file.len) {
        return ngx_http_rtauth_provider_late(cf, pcf, where,
                   "this line does nothing without \"introspection on\"",
                   &pcf->provider->name);
    }

    if (pcf->introspection && pcf->provider->client == NULL) {
        return ngx_http_rtauth_provider_late(cf, pcf, &pcf->at.introspection,
                   "\"introspection\" needs to say who asks: write "
                   "\"client_id ID\" and \"client_secret file:PATH\"",
                   &pcf->provider->name);
    }

    return NGX_CONF_OK;
}


/* what the block by itself can tell */

static char *
ngx_http_rtauth_provider_conf_close(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    ngx_http_rtauth_provider_t  *p;

    p = pcf->provider;

    if (ngx_http_rtauth_client_close(cf, p, &pcf->at.issuer)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (p->issuer.data == NULL) {
        return ngx_http_rtauth_provider_late(cf, pcf, &pcf->at.block,
                   "no \"issuer\": write \"issuer\" and exactly what tokens "
                   "have in \"iss\"", &p->name);
    }

    if (pcf->policy.naudiences == 0 && !pcf->policy.any_audience
        && p->client == NULL)
    {
        return ngx_http_rtauth_provider_late(cf, pcf, &pcf->at.block,
                   "no \"audience\": write \"audience VALUE ...\" with what "
                   "tokens for this place have in \"aud\", or \"audience any\" "
                   "to take tokens made for anybody", &p->name);
    }

    if (ngx_http_rtauth_provider_conf_asked(cf, pcf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (p->user_claim.data == NULL) {
        ngx_str_set(&p->user_claim, "email");
    }

    if (pcf->algs == 0) {
        pcf->algs = RT_JWA_DEFAULT;
    }

    pcf->policy.issuer.len = p->issuer.len;
    pcf->policy.issuer.data = p->issuer.data;
    pcf->policy.require_sub = pcf->require_sub;
    pcf->policy.bound = (p->bound != NULL);
    pcf->policy.leeway = pcf->leeway;
    pcf->policy.max_lifetime = pcf->max_lifetime;
    pcf->policy.client_audience = p->client_audience;

    if (p->client) {
        pcf->policy.client_id = *ngx_rt_str(&p->client->client_id);
    }

    return ngx_http_rtauth_provider_keys(cf, pcf);
}
