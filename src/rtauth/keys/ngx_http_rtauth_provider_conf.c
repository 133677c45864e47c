
/*
 * The lines of a provider's block, and what they are when they are absent.
 */


#include "keys/ngx_http_rtauth_provider.h"
#include "client/ngx_http_rtauth_client_conf.h"


typedef char *(*ngx_http_rtauth_provider_set_pt)(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);

typedef struct {
    ngx_str_t                        name;
    ngx_uint_t                       max;       /* values; one at least */
    ngx_http_rtauth_provider_set_pt  set;
    ngx_uint_t                       n;         /* for set: an offset */
    size_t                           at;        /* where the line stands */
} ngx_http_rtauth_provider_cmd_t;


static char *ngx_http_rtauth_provider_conf_open(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_provider_conf_t **pcf);
static char *ngx_http_rtauth_provider_conf_line(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_rtauth_provider_conf_value(ngx_conf_t *cf,
    ngx_str_t *value);
static ngx_http_rtauth_provider_cmd_t *ngx_http_rtauth_provider_conf_cmd(
    ngx_str_t *name);
static char *ngx_http_rtauth_provider_conf_issuer(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_provider_conf_audience(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_provider_conf_algorithms(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_provider_conf_file(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_provider_conf_discovery(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_provider_conf_str(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_provider_conf_user_claim(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_provider_conf_flag(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_provider_conf_leeway(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_provider_conf_sec(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_provider_conf_timeout(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n);
static char *ngx_http_rtauth_provider_conf_close(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf);


#define ngx_http_rtauth_pcf(m)  offsetof(ngx_http_rtauth_provider_conf_t, m)

#define ngx_http_rtauth_field(pcf, off, type)                                 \
    ((type *) ((u_char *) (pcf) + (off)))


static ngx_http_rtauth_provider_cmd_t  ngx_http_rtauth_provider_conf_cmds[] = {

    { ngx_string("issuer"), 1,
      ngx_http_rtauth_provider_conf_issuer, 0,
      ngx_http_rtauth_pcf(at.issuer) },

    { ngx_string("audience"), 64,
      ngx_http_rtauth_provider_conf_audience, 0,
      ngx_http_rtauth_pcf(at.other) },

    { ngx_string("algorithms"), RT_JWA_MAX,
      ngx_http_rtauth_provider_conf_algorithms, 0,
      ngx_http_rtauth_pcf(at.algorithms) },

    { ngx_string("jwks_file"), 1,
      ngx_http_rtauth_provider_conf_file, 0,
      ngx_http_rtauth_pcf(at.other) },

    { ngx_string("jwks_uri"), 1,
      ngx_http_rtauth_provider_conf_str, ngx_http_rtauth_pcf(jwks_uri),
      ngx_http_rtauth_pcf(at.jwks_uri) },

    { ngx_string("discovery"), 1,
      ngx_http_rtauth_provider_conf_discovery, 0,
      ngx_http_rtauth_pcf(at.discovery) },

    { ngx_string("ssl_trusted_certificate"), 1,
      ngx_http_rtauth_provider_conf_str, ngx_http_rtauth_pcf(trusted),
      ngx_http_rtauth_pcf(at.trusted) },

    { ngx_string("user_claim"), 1,
      ngx_http_rtauth_provider_conf_user_claim, 0,
      ngx_http_rtauth_pcf(at.other) },

    { ngx_string("require_sub"), 1,
      ngx_http_rtauth_provider_conf_flag, ngx_http_rtauth_pcf(require_sub),
      ngx_http_rtauth_pcf(at.other) },

    { ngx_string("leeway"), 1,
      ngx_http_rtauth_provider_conf_leeway, 0,
      ngx_http_rtauth_pcf(at.other) },

    { ngx_string("max_lifetime"), 1,
      ngx_http_rtauth_provider_conf_sec, ngx_http_rtauth_pcf(max_lifetime),
      ngx_http_rtauth_pcf(at.other) },

    { ngx_string("jwks_refresh"), 1,
      ngx_http_rtauth_provider_conf_sec, ngx_http_rtauth_pcf(refresh),
      ngx_http_rtauth_pcf(at.other) },

    { ngx_string("jwks_cooldown"), 1,
      ngx_http_rtauth_provider_conf_sec, ngx_http_rtauth_pcf(cooldown),
      ngx_http_rtauth_pcf(at.other) },

    { ngx_string("timeout"), 1,
      ngx_http_rtauth_provider_conf_timeout, 0,
      ngx_http_rtauth_pcf(at.other) },

    { ngx_null_string, 0, NULL, 0, 0 }
};


char *
ngx_http_rtauth_provider_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_main_conf_t *mcf = conf;

    char                             *rv;
    ngx_conf_t                        save;
    ngx_http_rtauth_provider_conf_t  *pcf;

    pcf = NULL;

    rv = ngx_http_rtauth_provider_conf_open(cf, mcf, &pcf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    save = *cf;
    cf->handler = ngx_http_rtauth_provider_conf_line;
    cf->handler_conf = (void *) pcf;

    mcf->open = pcf->provider;
    rv = ngx_conf_parse(cf, NULL);
    mcf->open = NULL;

    *cf = save;

    if (rv != NGX_CONF_OK) {
        return rv;
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
    pcf->timeout = NGX_CONF_UNSET_MSEC;
    pcf->refresh = NGX_CONF_UNSET;
    pcf->cooldown = NGX_CONF_UNSET;
    pcf->require_sub = NGX_CONF_UNSET;
    pcf->leeway = NGX_CONF_UNSET;
    pcf->max_lifetime = NGX_CONF_UNSET;
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
ngx_http_rtauth_provider_conf_line(ngx_conf_t *cf, ngx_command_t *dummy,
    void *conf)
{
    ngx_http_rtauth_provider_conf_t *pcf = conf;

    ngx_str_t                       *value;
    ngx_uint_t                       i, max;
    ngx_http_rtauth_client_line_t   *line;
    ngx_http_rtauth_provider_cmd_t  *cmd;

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[0].data, "include") == 0) {
        return ngx_conf_include(cf, dummy, conf);
    }

    cmd = ngx_http_rtauth_provider_conf_cmd(&value[0]);
    line = ngx_http_rtauth_client_line(&value[0]);

    if (cmd == NULL && line == NULL) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "unknown directive \"%V\" in the block",
                   &pcf->provider->name, &value[0]);
    }

    for (i = 1; i < cf->args->nelts; i++) {
        if (ngx_http_rtauth_provider_conf_value(cf, &value[i]) != NGX_CONF_OK) {
            return NGX_CONF_ERROR;
        }
    }

    max = cmd ? cmd->max : line->max;

    if (cf->args->nelts < 2 || cf->args->nelts - 1 > max) {
        return ngx_rt_conf_invalid(cf, "number of arguments", NULL, "write %s",
                                   max == 1 ? "one value"
                                            : "one value or more");
    }

    if (max == 1 && rt_url_login(ngx_rt_str(&value[1]))) {
        return ngx_rt_conf_invalid(cf, "URL", NULL,
                                   "write \"https://HOST/PATH\" without a "
                                   "user name and a password");
    }

    if (line) {
        return ngx_http_rtauth_client_set(cf, pcf->provider, line);
    }

    ngx_rt_conf_here(cf, ngx_http_rtauth_field(pcf, cmd->at, ngx_rt_where_t));

    return cmd->set(cf, pcf, cmd->n);
}


static char *
ngx_http_rtauth_provider_conf_value(ngx_conf_t *cf, ngx_str_t *value)
{
    if (value->len == 0) {
        return ngx_rt_conf_invalid(cf, "value", value,
                                   "write one, or leave the line out");
    }

    /* a lost semicolon: "audience tools" would swallow "max_lifetime 1h" */

    if (ngx_http_rtauth_provider_conf_cmd(value)
        || ngx_http_rtauth_client_line(value))
    {
        return ngx_rt_conf_semicolon(cf, value);
    }

    return NGX_CONF_OK;
}


static ngx_http_rtauth_provider_cmd_t *
ngx_http_rtauth_provider_conf_cmd(ngx_str_t *name)
{
    return ngx_rt_conf_row(ngx_http_rtauth_provider_conf_cmds,
                           sizeof(ngx_http_rtauth_provider_cmd_t), name, 0);
}


static char *
ngx_http_rtauth_provider_conf_issuer(ngx_conf_t *cf,
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
ngx_http_rtauth_provider_conf_audience(ngx_conf_t *cf,
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
ngx_http_rtauth_provider_conf_algorithms(ngx_conf_t *cf,
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
ngx_http_rtauth_provider_conf_file(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n)
{
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
ngx_http_rtauth_provider_conf_discovery(ngx_conf_t *cf,
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
ngx_http_rtauth_provider_conf_str(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n)
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
ngx_http_rtauth_provider_conf_user_claim(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    if (pcf->provider->user_claim.data) {
        return ngx_http_rtauth_provider_err(cf, pcf,
                   "\"user_claim\" is duplicate", &pcf->provider->name);
    }

    if (rt_json_path_check(ngx_rt_str(&value[1])) != RT_OK) {
        return ngx_rt_conf_invalid(cf, "path", &value[1],
                                   "write a claim's name, \"a.b[0]\", or a "
                                   "JSON Pointer, \"/a/b/0\"");
    }

    pcf->provider->user_claim = value[1];

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_provider_conf_flag(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n)
{
    ngx_str_t   *value;
    ngx_flag_t  *field;

    value = cf->args->elts;
    field = ngx_http_rtauth_field(pcf, n, ngx_flag_t);

    if (*field != NGX_CONF_UNSET) {
        return ngx_http_rtauth_provider_err(cf, pcf, "\"%V\" is duplicate",
                                            &pcf->provider->name, &value[0]);
    }

    if (rt_str_lit(ngx_rt_str(&value[1]), "on")) {
        *field = 1;

    } else if (rt_str_lit(ngx_rt_str(&value[1]), "off")) {
        *field = 0;

    } else {
        return ngx_rt_conf_invalid(cf, "value", &value[1],
                                   "write \"on\" or \"off\"");
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_provider_conf_leeway(ngx_conf_t *cf,
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
        return ngx_rt_conf_invalid(cf, "time", &value[1],
                                   "write one from 0 to %ds",
                                   NGX_HTTP_RTAUTH_MAX_LEEWAY);
    }

    pcf->leeway = leeway;

    return NGX_CONF_OK;
}


/* a time of at least a second: 0 would mean one fetch a request */

static char *
ngx_http_rtauth_provider_conf_sec(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_uint_t n)
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
        return ngx_rt_conf_invalid(cf, "time", &value[1],
                                   "write one from 1s to 365d");
    }

    *field = sec;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_provider_conf_timeout(ngx_conf_t *cf,
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
        return ngx_rt_conf_invalid(cf, "time", &value[1],
                                   "write one from 1ms to 60s");
    }

    pcf->timeout = msec;

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

    if (p->user_claim.data == NULL) {
        ngx_str_set(&p->user_claim, "email");
    }

    if (pcf->algs == 0) {
        pcf->algs = RT_JWA_DEFAULT;
    }

    ngx_conf_init_msec_value(pcf->timeout, 5000);
    ngx_conf_init_value(pcf->refresh, 3600);
    ngx_conf_init_value(pcf->cooldown, 30);
    ngx_conf_init_value(pcf->require_sub, 1);
    ngx_conf_init_value(pcf->leeway, 30);
    ngx_conf_init_value(pcf->max_lifetime, 0);

    pcf->policy.issuer.len = p->issuer.len;
    pcf->policy.issuer.data = p->issuer.data;
    pcf->policy.require_sub = pcf->require_sub;
    pcf->policy.leeway = pcf->leeway;
    pcf->policy.max_lifetime = pcf->max_lifetime;
    pcf->policy.client_audience = p->client_audience;

    if (p->client) {
        pcf->policy.client_id = *ngx_rt_str(&p->client->client_id);
    }

    return ngx_http_rtauth_provider_keys(cf, pcf);
}
