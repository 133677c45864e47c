
#include "policy/ngx_http_rtauth_regex.h"
#include "ngx_rt_log.h"


void
ngx_http_rtauth_regex_given_up(ngx_http_request_t *r, const rt_cond_t *cond)
{
    if (cond == NULL) {
        return;
    }

    ngx_rt_log_error(NGX_LOG_WARN, r,
                     "rtauth: regular expression \"%V\" gave up on claim "
                     "\"%V\", which is too long or makes it try too much: "
                     "make the expression simpler",
                     ngx_rt_ngx((rt_str_t *) &cond->values[0]),
                     ngx_rt_ngx((rt_str_t *) &cond->path));
}
