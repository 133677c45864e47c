#include "header/ngx_http_rtcsp_fixed.h"


/*
 * Flask-Talisman 1.1's defaults.  Superset takes them as they are; strict and
 * api differ where named.
 */

static ngx_str_t  ngx_http_rtcsp_fixed_talisman[] = {
    ngx_null_string,                            /* Feature-Policy */
    ngx_string("browsing-topics=()"),           /* Permissions-Policy */
    ngx_null_string,                            /* Document-Policy */
    ngx_string("SAMEORIGIN"),                   /* X-Frame-Options */
    ngx_null_string,                            /* X-XSS-Protection */
    ngx_string("nosniff"),                      /* X-Content-Type-Options */
    ngx_null_string,                            /* X-Download-Options */
    ngx_string("max-age=31556926; includeSubDomains"),
    ngx_string("strict-origin-when-cross-origin"),
    ngx_null_string,                            /* COOP */
    ngx_null_string,                            /* COEP */
    ngx_null_string,                            /* CORP */
    ngx_null_string                             /* Reporting-Endpoints */
};


static struct {
    ngx_http_rtcsp_preset_e  preset;
    ngx_http_rtcsp_fixed_e   header;
    ngx_str_t                value;

} ngx_http_rtcsp_fixed_preset[] = {

    { NGX_HTTP_RTCSP_STRICT, NGX_HTTP_RTCSP_COOP,
      ngx_string("same-origin") },

    { NGX_HTTP_RTCSP_STRICT, NGX_HTTP_RTCSP_CORP,
      ngx_string("same-origin") },

    { NGX_HTTP_RTCSP_API, NGX_HTTP_RTCSP_FRAME_OPTIONS,
      ngx_string("DENY") },

    { NGX_HTTP_RTCSP_API, NGX_HTTP_RTCSP_REFERRER_POLICY,
      ngx_string("no-referrer") },

    { NGX_HTTP_RTCSP_API, NGX_HTTP_RTCSP_CORP,
      ngx_string("same-origin") },

    { NGX_HTTP_RTCSP_OFF, NGX_HTTP_RTCSP_FIXED, ngx_null_string }
};


void
ngx_http_rtcsp_fixed_merge(ngx_http_rtcsp_loc_conf_t *prev,
    ngx_http_rtcsp_loc_conf_t *conf)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_RTCSP_FIXED; i++) {

        if (conf->said[i].data == NULL) {
            conf->said[i] = prev->said[i];
        }

        if (conf->preset != NGX_HTTP_RTCSP_OFF
            && conf->preset != NGX_CONF_UNSET_UINT)
        {
            conf->fixed[i] = ngx_http_rtcsp_fixed_talisman[i];
        }
    }

    for (i = 0; ngx_http_rtcsp_fixed_preset[i].value.len; i++) {
        if (ngx_http_rtcsp_fixed_preset[i].preset == conf->preset) {
            conf->fixed[ngx_http_rtcsp_fixed_preset[i].header] =
                                        ngx_http_rtcsp_fixed_preset[i].value;
        }
    }

    for (i = 0; i < NGX_HTTP_RTCSP_FIXED; i++) {
        if (conf->said[i].data != NULL) {
            conf->fixed[i] = conf->said[i];
        }
    }
}
