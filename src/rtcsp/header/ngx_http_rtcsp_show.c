
#include "header/ngx_http_rtcsp_show.h"
#include "header/ngx_http_rtcsp_policy_conf.h"
#include "ngx_rt_show.h"


static void ngx_http_rtcsp_show_http(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_rt_show_place_t *place);
static void ngx_http_rtcsp_show_place(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_rt_show_place_t *place);


static const ngx_rt_show_t  ngx_http_rtcsp_show_lines = {
    "rtcsp", ngx_http_rtcsp_show_http, ngx_http_rtcsp_show_place
};

/* by the values of the configuration */

static const char  *ngx_http_rtcsp_show_nonce[] = {
    "off", "upstream", "header", "placeholder", "unsafe-auto", "gated"
};
static const char  *ngx_http_rtcsp_show_upstream[] = {
    "replace", "keep", "append"
};
static const char  *ngx_http_rtcsp_show_cache[] = {
    "no-store", "private"
};


ngx_int_t
ngx_http_rtcsp_show(ngx_conf_t *cf, ngx_http_rtcsp_main_conf_t *mcf)
{
    return ngx_rt_show(cf, mcf->shown, &ngx_http_rtcsp_show_lines);
}


static void
ngx_http_rtcsp_show_http(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_rt_show_place_t *place)
{
    ngx_http_rtcsp_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtcsp_module);

    ngx_rt_show_bool(w, "counted", mcf->tally != NULL);
}


/* as a browser gets it; "..." is where a nonce would be */

static void
ngx_http_rtcsp_show_policy(rt_jsonw_t *w, rt_csp_template_t *template)
{
    rt_str_t  part;
    unsigned  i, from;

    static const rt_str_t  dots = rt_string("...");

    rt_jsonw_str_open(w);

    for (i = 0, from = 0; i < template->n; i++) {
        part.data = template->with_nonce.data + from;
        part.len = template->offsets[i] - from;

        rt_jsonw_str_text(w, &part);
        rt_jsonw_str_text(w, &dots);

        from = template->offsets[i] + RT_CSP_NONCE_LEN;
    }

    part.data = template->with_nonce.data + from;
    part.len = template->with_nonce.len - from;

    rt_jsonw_str_text(w, &part);
    rt_jsonw_str_close(w);
}


static void
ngx_http_rtcsp_show_place(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_rt_show_place_t *place)
{
    ngx_uint_t                  i;
    ngx_http_rtcsp_loc_conf_t  *conf;

    conf = place->conf;

    ngx_rt_show_bool(w, "on", conf->on);

    rt_jsonw_lit(w, "preset");

    if (conf->preset == NGX_CONF_UNSET_UINT) {
        ngx_rt_show_word(w, "");

    } else {
        rt_jsonw_str(w, ngx_rt_str(ngx_http_rtcsp_preset_name(conf->preset)));
    }

    if (conf->on && conf->enforced) {
        rt_jsonw_lit(w, "policy");
        ngx_http_rtcsp_show_policy(w, conf->enforced);
    }

    if (conf->on && conf->reported) {
        rt_jsonw_lit(w, "reportOnly");
        ngx_http_rtcsp_show_policy(w, conf->reported);
    }

    rt_jsonw_lit(w, "nonce");
    ngx_rt_show_word(w, ngx_http_rtcsp_show_nonce[conf->mode]);
    rt_jsonw_lit(w, "upstream");
    ngx_rt_show_word(w, ngx_http_rtcsp_show_upstream[conf->upstream]);
    rt_jsonw_lit(w, "cache");
    ngx_rt_show_word(w, ngx_http_rtcsp_show_cache[conf->cache]);

    rt_jsonw_lit(w, "headers");
    rt_jsonw_open(w, '{');

    for (i = 0; conf->on && i < NGX_HTTP_RTCSP_FIXED; i++) {
        if (conf->fixed[i].len) {
            rt_jsonw_key(w, ngx_rt_str(&ngx_http_rtcsp_fixed_names[i]));
            rt_jsonw_str(w, ngx_rt_str(&conf->fixed[i]));
        }
    }

    rt_jsonw_close(w, '}');

    ngx_rt_show_bool(w, "forceHttps", conf->force_https
                                      && conf->force_https->on);
    ngx_rt_show_bool(w, "cookies", conf->cookie && conf->cookie->names);
    ngx_rt_show_bool(w, "collector", conf->collector);
}
