
#include "sink/ngx_http_rtaudit_digest.h"


static void ngx_http_rtaudit_digest_levels(EVP_MD_CTX *md,
    ngx_http_rtaudit_loc_conf_t *conf);
static void ngx_http_rtaudit_digest_rules(EVP_MD_CTX *md,
    ngx_http_rtaudit_loc_conf_t *conf);
static void ngx_http_rtaudit_digest_fields(EVP_MD_CTX *md,
    ngx_array_t *fields);
static void ngx_http_rtaudit_digest_number(EVP_MD_CTX *md, uint64_t n);
static void ngx_http_rtaudit_digest_word(EVP_MD_CTX *md, ngx_str_t *s);


static void
ngx_http_rtaudit_digest_free(void *data)
{
    EVP_MD_CTX_free(data);
}


static EVP_MD_CTX *
ngx_http_rtaudit_digest(ngx_conf_t *cf, ngx_http_rtaudit_main_conf_t *mcf)
{
    ngx_pool_cleanup_t  *cln;

    if (mcf->digest) {
        return mcf->digest;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    mcf->digest = EVP_MD_CTX_new();

    if (mcf->digest == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_rtaudit_digest_free;
    cln->data = mcf->digest;

    return EVP_DigestInit_ex(mcf->digest, EVP_sha256(), NULL) == 1
           ? mcf->digest : NULL;
}


ngx_int_t
ngx_http_rtaudit_digest_line(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf)
{
    u_char      *secret;
    ngx_str_t   *value, word;
    ngx_uint_t   i;
    EVP_MD_CTX  *md;

    md = ngx_http_rtaudit_digest(cf, mcf);

    if (md == NULL) {
        return NGX_ERROR;
    }

    value = cf->args->elts;

    ngx_http_rtaudit_digest_number(md, cf->args->nelts);

    for (i = 0; i < cf->args->nelts; i++) {
        word = value[i];
        secret = ngx_strnstr(word.data, "data:", word.len);

        if (secret) {
            word.len = secret - word.data;
        }

        ngx_http_rtaudit_digest_word(md, &word);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_rtaudit_digest_place(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_http_rtaudit_loc_conf_t *conf)
{
    ngx_str_t                  *name;
    ngx_uint_t                  i;
    EVP_MD_CTX                 *md;
    ngx_http_rtaudit_sink_t   **sink;
    ngx_http_core_loc_conf_t   *clcf;
    ngx_http_core_srv_conf_t   *cscf;

    if (!conf->enabled) {
        mcf->unaudited++;
        return NGX_OK;
    }

    mcf->audited++;

    md = ngx_http_rtaudit_digest(cf, mcf);

    if (md == NULL) {
        return NGX_ERROR;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    cscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);

    ngx_http_rtaudit_digest_word(md, &cscf->server_name);
    ngx_http_rtaudit_digest_word(md, &clcf->name);

    sink = conf->sinks->elts;
    ngx_http_rtaudit_digest_number(md, conf->sinks->nelts);

    for (i = 0; i < conf->sinks->nelts; i++) {
        ngx_http_rtaudit_digest_word(md, &sink[i]->name);
    }

    ngx_http_rtaudit_digest_levels(md, conf);
    ngx_http_rtaudit_digest_rules(md, conf);
    ngx_http_rtaudit_digest_fields(md, conf->fields);

    name = conf->headers ? conf->headers->elts : NULL;
    ngx_http_rtaudit_digest_number(md, conf->headers ? conf->headers->nelts
                                                     : 0);

    for (i = 0; name && i < conf->headers->nelts; i++) {
        ngx_http_rtaudit_digest_word(md, &name[i]);
    }

    if (conf->action) {
        ngx_http_rtaudit_digest_word(md, &conf->action->value);
    }

    ngx_http_rtaudit_digest_number(md, conf->body);
    ngx_http_rtaudit_digest_number(md, conf->max_event);
    ngx_http_rtaudit_digest_number(md, conf->unreadable);
    ngx_http_rtaudit_digest_number(md, conf->parameters);

    return NGX_OK;
}


static void
ngx_http_rtaudit_digest_levels(EVP_MD_CTX *md,
    ngx_http_rtaudit_loc_conf_t *conf)
{
    ngx_uint_t                 i;
    ngx_http_rtaudit_depth_t  *depth;

    if (conf->levels == NULL) {
        return;
    }

    depth = conf->levels->elts;

    for (i = 0; i < conf->levels->nelts; i++) {
        ngx_http_rtaudit_digest_number(md, depth[i].level);

        if (depth[i].cond) {
            ngx_http_rtaudit_digest_word(md, &depth[i].cond->value);
        }
    }
}


static void
ngx_http_rtaudit_digest_rules(EVP_MD_CTX *md,
    ngx_http_rtaudit_loc_conf_t *conf)
{
    unsigned  i;

    ngx_http_rtaudit_digest_number(md, conf->redact.n);

    for (i = 0; i < conf->redact.n; i++) {
        ngx_http_rtaudit_digest_word(md,
                                     ngx_rt_ngx(&conf->redact.rule[i].text));
        ngx_http_rtaudit_digest_number(md, conf->redact.rule[i].act);
    }
}


static void
ngx_http_rtaudit_digest_fields(EVP_MD_CTX *md, ngx_array_t *fields)
{
    ngx_uint_t                  i, k;
    ngx_http_rtaudit_field_t   *field;
    ngx_http_rtaudit_source_t  *source;

    if (fields == NULL) {
        return;
    }

    field = fields->elts;
    ngx_http_rtaudit_digest_number(md, fields->nelts);

    for (i = 0; i < fields->nelts; i++) {
        ngx_http_rtaudit_digest_word(md, &field[i].name);

        source = field[i].sources.elts;

        for (k = 0; k < field[i].sources.nelts; k++) {
            ngx_http_rtaudit_digest_number(md, source[k].from);
            ngx_http_rtaudit_digest_word(md, &source[k].name);
            ngx_http_rtaudit_digest_word(md, &source[k].value.value);
        }
    }
}


ngx_int_t
ngx_http_rtaudit_digest_end(ngx_http_rtaudit_main_conf_t *mcf)
{
    return EVP_DigestFinal_ex(mcf->digest, mcf->hash, NULL) == 1 ? NGX_OK
                                                                 : NGX_ERROR;
}


static void
ngx_http_rtaudit_digest_number(EVP_MD_CTX *md, uint64_t n)
{
    (void) EVP_DigestUpdate(md, &n, sizeof(n));
}


/* with its length, so that two words are not one */

static void
ngx_http_rtaudit_digest_word(EVP_MD_CTX *md, ngx_str_t *s)
{
    ngx_http_rtaudit_digest_number(md, s->len);
    (void) EVP_DigestUpdate(md, s->data, s->len);
}
