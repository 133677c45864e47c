
/*
 * What client_id brings to a provider: this nginx signs people in there.  It
 * is constant after the configuration was read.
 */


#ifndef NGX_HTTP_RTAUTH_CLIENT_H_INCLUDED
#define NGX_HTTP_RTAUTH_CLIENT_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "jose/rt_sign.h"


#pragma GCC visibility push(hidden)


/* client_auth: how this client proves who it is at the token endpoint */

#define NGX_HTTP_RTAUTH_CLIENT_BASIC       0   /* form-encoded, RFC 6749 */
#define NGX_HTTP_RTAUTH_CLIENT_BASIC_RAW   1
#define NGX_HTTP_RTAUTH_CLIENT_POST        2
#define NGX_HTTP_RTAUTH_CLIENT_JWT         3   /* private_key_jwt */
#define NGX_HTTP_RTAUTH_CLIENT_TLS         4
#define NGX_HTTP_RTAUTH_CLIENT_NONE        5

/* claims_from: bits */

#define NGX_HTTP_RTAUTH_CLAIMS_ID_TOKEN      0x01
#define NGX_HTTP_RTAUTH_CLAIMS_ACCESS_TOKEN  0x02
#define NGX_HTTP_RTAUTH_CLAIMS_USERINFO      0x04


/* lines of the block, for errors that are found at its end or later */

typedef struct {
    ngx_rt_where_t               client_id;
    ngx_rt_where_t               secret;
    ngx_rt_where_t               auth;
    ngx_rt_where_t               key;
    ngx_rt_where_t               certificate;
    ngx_rt_where_t               preset;
    ngx_rt_where_t               redirect;
    ngx_rt_where_t               uri;         /* of the last other URI */
    ngx_rt_where_t               other;
} ngx_http_rtauth_client_at_t;


struct ngx_http_rtauth_client_s {
    ngx_http_rtauth_provider_t  *provider;

    ngx_str_t                    client_id;
    ngx_str_t                    client_secret;   /* or empty */
    ngx_uint_t                   auth;
    ngx_str_t                    key;         /* PEM or private JWK, or empty */
    ngx_str_t                    kid;         /* of client_key, or empty */
    ngx_str_t                    alg;         /* of client_key, or empty: the
                                                 first one that fits the key */
    ngx_str_t                    certificate; /* PEM, or empty */
    rt_sign_t                   *sign;        /* with CLIENT_JWT: the key */

    ngx_str_t                    scope;       /* with blanks, as it is sent */
    ngx_uint_t                   claims_from; /* bits, in the order of bits */
    ngx_array_t                 *args;        /* ngx_keyval_t, decoded, of
                                                 extra_auth_args; or NULL */
    ngx_flag_t                   verified_email;
    ngx_flag_t                   refresh;
    ngx_flag_t                   par;         /* NGX_CONF_UNSET: when the
                                                 provider requires it */
    ngx_str_t                    title;       /* of its link in the chooser */

    /* paths without a query; of the last two: or empty */

    ngx_str_t                    login_uri;
    ngx_str_t                    redirect_path;
    ngx_str_t                    logout_uri;
    ngx_str_t                    backchannel_logout_uri;
    ngx_str_t                    frontchannel_logout_uri;

    ngx_str_t                    redirect_uri;    /* as written: a path, or a
                                                     whole URL */
    ngx_str_t                    clear;           /* Clear-Site-Data of who
                                                     signs out, or empty */
    ngx_str_t                    post_logout_uri; /* the same, or empty: the
                                                     page "signed out" */

    ngx_str_t                    preset;      /* its name, or empty */
    ngx_array_t                 *options;     /* ngx_keyval_t, of the preset */
    ngx_keyval_t                 must;        /* at sign-in the claim "key" is
                                                 this string; key empty: any */

    ngx_http_rtauth_client_at_t  at;
};


/* an error of the line that is being read: ret NGX_CONF_ERROR */

#define ngx_http_rtauth_client_err(cf, client, fmt, ...)                      \
    (ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "rtauth_provider \"%V\": " fmt, \
                        &(client)->provider->name, ##__VA_ARGS__),            \
     NGX_CONF_ERROR)

/* one that is found later, of the line at "where" */

#define ngx_http_rtauth_client_late(cf, client, where, fmt, ...)              \
    ngx_rt_conf_error(cf, where, "rtauth_provider \"%V\": " fmt,              \
                      &(client)->provider->name, ##__VA_ARGS__)


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_CLIENT_H_INCLUDED */
