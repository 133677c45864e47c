
#include "sink/ngx_http_rtaudit_chain_conf.h"
#include "sink/ngx_http_rtaudit_digest.h"
#include "sink/ngx_http_rtaudit_chain.h"
#include "ngx_rt_secret.h"

#include "event/rt_chain.h"


#define NGX_HTTP_RTAUDIT_CHAIN_CONF_EVERY  10000    /* ms */


static char *
ngx_http_rtaudit_chain_conf_key(ngx_conf_t *cf,
    ngx_http_rtaudit_chain_conf_t *chain, ngx_str_t *value)
{
    rt_chain_key_t  key;

    if (ngx_rt_secret(cf, "key", value, &chain->key) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    switch (rt_chain_key_open(&key, ngx_rt_str(&chain->key))) {

    case RT_OK:
        rt_chain_key_close(&key);
        return NGX_CONF_OK;

    case RT_INVALID:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the \"key\" of \"rtaudit_chain\" is too short: "
                           "make it at least %d bytes, for example with "
                           "\"openssl rand -hex 32\"", RT_CHAIN_KEY);
        return NGX_CONF_ERROR;

    default:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"rtaudit_chain\": OpenSSL has no HMAC with "
                           "SHA-256");
        return NGX_CONF_ERROR;
    }
}


static char *
ngx_http_rtaudit_chain_conf_sign(ngx_conf_t *cf,
    ngx_http_rtaudit_chain_conf_t *chain, ngx_str_t *value)
{
    rt_status_e     rc;
    rt_chain_key_t  key;

    if (ngx_rt_secret(cf, "sign", value, &chain->sign) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&key, sizeof(rt_chain_key_t));
    rc = rt_chain_key_private(&key, ngx_rt_str(&chain->sign));
    rt_chain_key_close(&key);

    if (rc != RT_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the \"sign\" of \"rtaudit_chain\" is no private "
                           "key of Ed25519 in PEM, or it is encrypted: make "
                           "one with \"openssl genpkey -algorithm ed25519\"");
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtaudit_chain_conf_checkpoint(ngx_conf_t *cf,
    ngx_http_rtaudit_chain_conf_t *chain, ngx_str_t *value)
{
    ngx_int_t  ms;

    ms = ngx_parse_time(value, 0);

    if (ms == NGX_ERROR || ms < 1000 || ms > 3600000) {
        return ngx_rt_conf_invalid(cf, "time", value,
                                   "write 1s to 1h, like \"checkpoint=10s\"");
    }

    chain->checkpoint = ms;

    return NGX_CONF_OK;
}


typedef struct {
    ngx_str_t                    name;
    char                      *(*set)(ngx_conf_t *cf,
                                   ngx_http_rtaudit_chain_conf_t *chain,
                                   ngx_str_t *value);
} ngx_http_rtaudit_chain_conf_option_t;


static ngx_http_rtaudit_chain_conf_option_t
    ngx_http_rtaudit_chain_conf_options[] =
{
    { ngx_string("key="), ngx_http_rtaudit_chain_conf_key },
    { ngx_string("sign="), ngx_http_rtaudit_chain_conf_sign },
    { ngx_string("checkpoint="), ngx_http_rtaudit_chain_conf_checkpoint },
    { ngx_null_string, NULL }
};


/* key=SECRET [sign=SECRET] [checkpoint=TIME] */

char *
ngx_http_rtaudit_chain(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtaudit_main_conf_t *mcf = conf;

    ngx_str_t                             *value, text;
    ngx_uint_t                             i, seen, bit;
    ngx_http_rtaudit_chain_conf_option_t  *option;

    if (mcf->chain.key.len) {
        return "is duplicate";
    }

    if (ngx_http_rtaudit_digest_line(cf, mcf) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;
    mcf->chain.checkpoint = NGX_HTTP_RTAUDIT_CHAIN_CONF_EVERY;

    for (i = 1, seen = 0; i < cf->args->nelts; i++) {

        option = ngx_rt_conf_row(ngx_http_rtaudit_chain_conf_options,
                                 sizeof(ngx_http_rtaudit_chain_conf_option_t),
                                 &value[i], NGX_RT_CONF_BEGINS);

        bit = option
              ? 1 << (option - ngx_http_rtaudit_chain_conf_options) : 0;

        if (option == NULL || (seen & bit)) {
            return ngx_rt_conf_invalid(cf, "parameter", &value[i],
                                       "write \"key=SECRET\", "
                                       "\"sign=SECRET\" and "
                                       "\"checkpoint=10s\", each once at most");
        }

        seen |= bit;
        text.data = value[i].data + option->name.len;
        text.len = value[i].len - option->name.len;

        if (option->set(cf, &mcf->chain, &text) != NGX_CONF_OK) {
            return NGX_CONF_ERROR;
        }
    }

    ngx_rt_conf_here(cf, &mcf->chain.where);

    if (mcf->chain.key.len == 0) {
        return ngx_rt_conf_invalid(cf, "parameters", NULL,
                                   "write \"key=SECRET\", like "
                                   "\"key=file:/etc/nginx/chain.key\"");
    }

    return NGX_CONF_OK;
}


char *
ngx_http_rtaudit_chain_check(ngx_conf_t *cf, ngx_http_rtaudit_main_conf_t *mcf)
{
    ngx_uint_t                 i;
    ngx_http_rtaudit_sink_t  **sink;

    if (mcf->chain.key.len == 0) {
        return NGX_CONF_OK;
    }

    sink = mcf->sinks.elts;

    for (i = 0; i < mcf->sinks.nelts; i++) {
        if (ngx_http_rtaudit_chain_seals(sink[i])) {
            return NGX_CONF_OK;
        }
    }

    return ngx_rt_conf_error(cf, &mcf->chain.where,
                             "\"rtaudit_chain\" seals the lines of files, and "
                             "no \"rtaudit_sink\" is one");
}
