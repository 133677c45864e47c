
#include "client/ngx_http_rtauth_client_conf.h"
#include "client/ngx_http_rtauth_client_key_conf.h"
#include "client/ngx_http_rtauth_preset_conf.h"
#include "ngx_rt_file.h"
#include "ngx_rt_secret.h"
#include "text/rt_uri.h"
#include "text/rt_url.h"


#define NGX_HTTP_RTAUTH_CLIENT_MAX_PEM   65536
#define NGX_HTTP_RTAUTH_CLIENT_MAX_ID    512
#define NGX_HTTP_RTAUTH_CLIENT_MAX_TEXT  128


static char *ngx_http_rtauth_client_conf_id(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_client_conf_secret(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_client_conf_auth(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_client_conf_key(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_client_conf_certificate(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_client_conf_scope(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_client_conf_claims(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_client_conf_args(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_client_conf_title(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_client_conf_path(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_client_conf_logout(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_client_conf_clear(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client, ngx_str_t *value);
static char *ngx_http_rtauth_client_conf_url(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_client_conf_is_path(ngx_conf_t *cf,
    ngx_str_t *path);
static ngx_uint_t ngx_http_rtauth_client_conf_visible(ngx_str_t *value,
    ngx_uint_t blanks);
static char *ngx_http_rtauth_client_conf_check(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client);
static char *ngx_http_rtauth_client_conf_default(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client);


#define ngx_http_rtauth_client_at(m)                                          \
    offsetof(ngx_http_rtauth_client_t, m)


static ngx_rt_line_t  ngx_http_rtauth_client_conf_rows[] = {

    { ngx_string("client_id"), 1,
      ngx_http_rtauth_client_conf_id, 0,
      ngx_http_rtauth_client_at(at.client_id), NULL, NULL },

    { ngx_string("client_secret"), 1,
      ngx_http_rtauth_client_conf_secret, 0,
      ngx_http_rtauth_client_at(at.secret), NULL, NULL },

    { ngx_string("client_auth"), 1,
      ngx_http_rtauth_client_conf_auth, 0,
      ngx_http_rtauth_client_at(at.auth), NULL, NULL },

    { ngx_string("client_key"), 3,
      ngx_http_rtauth_client_conf_key, 0,
      ngx_http_rtauth_client_at(at.key), NULL, NULL },

    { ngx_string("client_certificate"), 1,
      ngx_http_rtauth_client_conf_certificate, 0,
      ngx_http_rtauth_client_at(at.certificate), NULL, NULL },

    { ngx_string("scope"), 32,
      ngx_http_rtauth_client_conf_scope, 0,
      ngx_http_rtauth_client_at(at.other), NULL, NULL },

    { ngx_string("claims_from"), 3,
      ngx_http_rtauth_client_conf_claims, 0,
      ngx_http_rtauth_client_at(at.other), NULL, NULL },

    { ngx_string("login_uri"), 1,
      ngx_http_rtauth_client_conf_path, ngx_http_rtauth_client_at(login_uri),
      ngx_http_rtauth_client_at(at.uri), NULL, NULL },

    { ngx_string("redirect_uri"), 1,
      ngx_http_rtauth_client_conf_url, ngx_http_rtauth_client_at(redirect_uri),
      ngx_http_rtauth_client_at(at.redirect), NULL, NULL },

    { ngx_string("logout_uri"), 2,
      ngx_http_rtauth_client_conf_logout, ngx_http_rtauth_client_at(logout_uri),
      ngx_http_rtauth_client_at(at.uri), NULL, NULL },

    { ngx_string("post_logout_uri"), 1,
      ngx_http_rtauth_client_conf_url,
      ngx_http_rtauth_client_at(post_logout_uri),
      ngx_http_rtauth_client_at(at.other), NULL, NULL },

    { ngx_string("backchannel_logout_uri"), 1,
      ngx_http_rtauth_client_conf_path,
      ngx_http_rtauth_client_at(backchannel_logout_uri),
      ngx_http_rtauth_client_at(at.uri), NULL, NULL },

    { ngx_string("frontchannel_logout_uri"), 1,
      ngx_http_rtauth_client_conf_path,
      ngx_http_rtauth_client_at(frontchannel_logout_uri),
      ngx_http_rtauth_client_at(at.uri), NULL, NULL },

    { ngx_string("require_verified_email"), 1,
      ngx_rt_line_flag,
      ngx_http_rtauth_client_at(verified_email),
      ngx_http_rtauth_client_at(at.other), NULL, NULL },

    { ngx_string("refresh"), 1,
      ngx_rt_line_flag, ngx_http_rtauth_client_at(refresh),
      ngx_http_rtauth_client_at(at.other), NULL, NULL },

    { ngx_string("par"), 1,
      ngx_rt_line_flag, ngx_http_rtauth_client_at(par),
      ngx_http_rtauth_client_at(at.other), NULL, NULL },

    { ngx_string("title"), 1,
      ngx_http_rtauth_client_conf_title, 0,
      ngx_http_rtauth_client_at(at.other), NULL, NULL },

    { ngx_string("extra_auth_args"), 32,
      ngx_http_rtauth_client_conf_args, 0,
      ngx_http_rtauth_client_at(at.other), NULL, NULL },

    { ngx_string("preset"), 8,
      ngx_http_rtauth_preset_set, 0,
      ngx_http_rtauth_client_at(at.preset), NULL, NULL },

    { ngx_null_string, 0, NULL, 0, 0, NULL, NULL }
};

ngx_rt_lines_fit(ngx_http_rtauth_client_conf_rows);


static ngx_conf_enum_t  ngx_http_rtauth_client_conf_auths[] = {
    { ngx_string("basic"), NGX_HTTP_RTAUTH_CLIENT_BASIC },
    { ngx_string("basic_raw"), NGX_HTTP_RTAUTH_CLIENT_BASIC_RAW },
    { ngx_string("post"), NGX_HTTP_RTAUTH_CLIENT_POST },
    { ngx_string("private_key_jwt"), NGX_HTTP_RTAUTH_CLIENT_JWT },
    { ngx_string("tls"), NGX_HTTP_RTAUTH_CLIENT_TLS },
    { ngx_string("none"), NGX_HTTP_RTAUTH_CLIENT_NONE },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_rtauth_client_conf_claim_sources[] = {
    { ngx_string("id_token"), NGX_HTTP_RTAUTH_CLAIMS_ID_TOKEN },
    { ngx_string("access_token"), NGX_HTTP_RTAUTH_CLAIMS_ACCESS_TOKEN },
    { ngx_string("userinfo"), NGX_HTTP_RTAUTH_CLAIMS_USERINFO },
    { ngx_null_string, 0 }
};


/* of Clear-Site-Data */

static ngx_str_t  ngx_http_rtauth_client_conf_cleared[] = {
    ngx_string("cache"),
    ngx_string("cookies"),
    ngx_string("storage"),
    ngx_null_string
};


/* parameters of the authorization request that are ours to say */

static ngx_str_t  ngx_http_rtauth_client_conf_ours[] = {
    ngx_string("response_type"),
    ngx_string("response_mode"),
    ngx_string("client_id"),
    ngx_string("client_secret"),
    ngx_string("client_assertion"),
    ngx_string("client_assertion_type"),
    ngx_string("redirect_uri"),
    ngx_string("scope"),
    ngx_string("state"),
    ngx_string("nonce"),
    ngx_string("code_challenge"),
    ngx_string("code_challenge_method"),
    ngx_string("request"),
    ngx_string("request_uri"),
    ngx_null_string
};


ngx_int_t
ngx_http_rtauth_client_open(ngx_conf_t *cf,
    ngx_http_rtauth_provider_t *provider, ngx_rt_lines_t *lines)
{
    ngx_http_rtauth_client_t  *client;

    client = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_client_t));
    if (client == NULL) {
        return NGX_ERROR;
    }

    client->provider = provider;
    client->auth = NGX_HTTP_RTAUTH_CLIENT_BASIC;
    client->refresh = NGX_CONF_UNSET;
    client->par = NGX_CONF_UNSET;

    provider->client = client;

    lines->rows = ngx_http_rtauth_client_conf_rows;
    lines->conf = client;

    return NGX_OK;
}


static char *
ngx_http_rtauth_client_conf_id(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_client_t *client = conf;

    ngx_str_t  *value;

    value = cf->args->elts;

    if (!ngx_http_rtauth_client_conf_visible(&value[1], 1)
        || value[1].len > NGX_HTTP_RTAUTH_CLIENT_MAX_ID)
    {
        return ngx_rt_conf_invalid(cf, "value", NULL,
                                   "write what the provider calls this "
                                   "client, up to %d characters of ASCII",
                                   NGX_HTTP_RTAUTH_CLIENT_MAX_ID);
    }

    client->client_id = value[1];

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_client_conf_secret(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_client_t *client = conf;

    ngx_str_t  *value;

    value = cf->args->elts;

    if (ngx_rt_secret(cf, "secret", &value[1], &client->client_secret)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (!ngx_http_rtauth_client_conf_visible(&client->client_secret, 1)) {
        return ngx_rt_conf_invalid(cf, "secret", NULL,
                                   "write there the secret alone, on one "
                                   "line, of characters of ASCII");
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_client_conf_auth(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_client_t *client = conf;

    ngx_str_t        *value;
    ngx_conf_enum_t  *way;

    value = cf->args->elts;

    way = ngx_rt_conf_row(ngx_http_rtauth_client_conf_auths,
                          sizeof(ngx_conf_enum_t), &value[1], 0);

    if (way == NULL) {
        return ngx_rt_conf_invalid(cf, "value", &value[1],
                                   "write \"basic\", \"basic_raw\", "
                                   "\"post\", \"private_key_jwt\", \"tls\" "
                                   "or \"none\"");
    }

    client->auth = way->value;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_client_conf_key(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_client_t *client = conf;

    ngx_str_t   *value;
    ngx_uint_t   i;

    value = cf->args->elts;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "kid=", 4) == 0 && value[i].len > 4) {
            client->kid.len = value[i].len - 4;
            client->kid.data = value[i].data + 4;
            continue;
        }

        if (ngx_strncmp(value[i].data, "alg=", 4) == 0 && value[i].len > 4) {
            client->alg.len = value[i].len - 4;
            client->alg.data = value[i].data + 4;
            continue;
        }

        return ngx_rt_conf_invalid(cf, "option", &value[i],
                                   "write \"kid=ID\" or \"alg=ALG\"");
    }

    if (ngx_rt_secret(cf, "key", &value[1], &client->key) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_client_conf_certificate(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_client_t *client = conf;

    ngx_int_t       rc;
    ngx_str_t      *value;
    ngx_rt_file_t   file;

    value = cf->args->elts;

    if (ngx_conf_full_name(cf->cycle, &value[1], 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    rc = ngx_rt_file_read(cf, &value[1], NGX_HTTP_RTAUTH_CLIENT_MAX_PEM,
                          &file);

    if (rc == NGX_DECLINED) {
        return ngx_rt_conf_invalid(cf, "file", &value[1],
                                   "write another one, for this one %s",
                                   file.fault);
    }

    client->certificate = file.text;

    return rc == NGX_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static char *
ngx_http_rtauth_client_conf_scope(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_client_t *client = conf;

    u_char      *p;
    size_t       len;
    ngx_str_t   *value;
    ngx_uint_t   i, openid;

    value = cf->args->elts;

    openid = 0;
    len = 0;

    for (i = 1; i < cf->args->nelts; i++) {

        if (!ngx_http_rtauth_client_conf_visible(&value[i], 0)
            || ngx_strlchr(value[i].data, value[i].data + value[i].len, '"')
            || ngx_strlchr(value[i].data, value[i].data + value[i].len, '\\'))
        {
            return ngx_rt_conf_invalid(cf, "value", &value[i],
                                       "write each as a word of its own, "
                                       "without quotes and blanks in it");
        }

        openid |= rt_str_lit(ngx_rt_str(&value[i]), "openid");
        len += value[i].len + 1;
    }

    if (!openid) {
        return ngx_http_rtauth_client_err(cf, client, "\"scope\" lacks "
                   "\"openid\", without which nobody gets an ID token: add "
                   "it");
    }

    client->scope.data = ngx_pnalloc(cf->pool, len);
    if (client->scope.data == NULL) {
        return NGX_CONF_ERROR;
    }

    p = client->scope.data;

    for (i = 1; i < cf->args->nelts; i++) {
        p = ngx_cpymem(p, value[i].data, value[i].len);
        *p++ = ' ';
    }

    client->scope.len = len - 1;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_client_conf_claims(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_client_t *client = conf;

    ngx_str_t        *value;
    ngx_uint_t        i;
    ngx_conf_enum_t  *from;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        from = ngx_rt_conf_row(ngx_http_rtauth_client_conf_claim_sources,
                               sizeof(ngx_conf_enum_t), &value[i], 0);

        if (from == NULL || (client->claims_from & from->value)) {
            return ngx_rt_conf_invalid(cf, "value", &value[i],
                                       "write each of \"id_token\", "
                                       "\"access_token\" and \"userinfo\" "
                                       "once at most");
        }

        client->claims_from |= from->value;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_client_conf_args(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_client_t *client = conf;

    u_char        *eq;
    ngx_str_t     *value;
    ngx_uint_t     i;
    ngx_keyval_t  *arg;

    value = cf->args->elts;

    client->args = ngx_array_create(cf->pool, cf->args->nelts + 1,
                                    sizeof(ngx_keyval_t));
    if (client->args == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {
        eq = ngx_strlchr(value[i].data, value[i].data + value[i].len, '=');

        arg = ngx_array_push(client->args);

        arg->key.data = value[i].data;
        arg->key.len = eq ? (size_t) (eq - value[i].data) : 0;

        if (arg->key.len == 0 || !ngx_rt_conf_name(&arg->key, "_-.")) {
            return ngx_rt_conf_invalid(cf, "argument", &value[i],
                                       "write NAME=VALUE");
        }

        if (ngx_rt_conf_among(ngx_http_rtauth_client_conf_ours, arg->key.data,
                              arg->key.len))
        {
            return ngx_rt_conf_invalid(cf, "argument", &arg->key,
                                       "leave it out, sign-in sets it "
                                       "itself");
        }

        arg->value.data = eq + 1;
        arg->value.len = value[i].data + value[i].len - (eq + 1);
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_client_conf_title(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_client_t *client = conf;

    size_t      i;
    ngx_str_t  *value;

    value = cf->args->elts;

    for (i = 0; i < value[1].len; i++) {
        if (value[1].data[i] < ' ' || value[1].data[i] == 0x7f) {
            break;
        }
    }

    if (i != value[1].len || i > NGX_HTTP_RTAUTH_CLIENT_MAX_TEXT) {
        return ngx_rt_conf_invalid(cf, "value", NULL,
                                   "write the text of a link, up to %d bytes "
                                   "without control characters",
                                   NGX_HTTP_RTAUTH_CLIENT_MAX_TEXT);
    }

    client->title = value[1];

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_client_conf_path(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_client_t *client = conf;

    ngx_str_t  *value, *field;

    value = cf->args->elts;
    field = ngx_rt_line_member(client, line->offset, ngx_str_t);

    *field = value[1];

    return ngx_http_rtauth_client_conf_is_path(cf, field);
}


static char *
ngx_http_rtauth_client_conf_logout(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    if (cf->args->nelts > 2
        && ngx_http_rtauth_client_conf_clear(cf, conf, &value[2])
           != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_http_rtauth_client_conf_path(cf, conf, line);
}


/* clear=TYPE,...; the header wants each in quotes, and knows small letters */

static char *
ngx_http_rtauth_client_conf_clear(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client, ngx_str_t *value)
{
    u_char    *p;
    rt_str_t   rest, word;

    static const char  option[] = "clear=";

    rest = (rt_str_t) rt_null_string;

    if (ngx_strncmp(value->data, option, sizeof(option) - 1) == 0) {
        rest.data = value->data + sizeof(option) - 1;
        rest.len = value->len - (sizeof(option) - 1);
    }

    p = ngx_pnalloc(cf->pool, 5 * value->len);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    client->clear.data = p;

    do {
        (void) rt_str_cut(&rest, ',', &word, &rest);

        if (ngx_rt_conf_row(ngx_http_rtauth_client_conf_cleared,
                            sizeof(ngx_str_t), ngx_rt_ngx(&word), 0)
            == NULL)
        {
            return ngx_rt_conf_invalid(cf, "option", value,
                                       "write \"clear=\" and some of "
                                       "\"cache\", \"cookies\" and "
                                       "\"storage\", with commas between "
                                       "them");
        }

        p = ngx_sprintf(p, p == client->clear.data ? "\"%V\"" : ", \"%V\"",
                        ngx_rt_ngx(&word));

    } while (rest.data);

    client->clear.len = p - client->clear.data;

    return NGX_CONF_OK;
}


/* a path, or a whole URL of this site */

static char *
ngx_http_rtauth_client_conf_url(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_client_t *client = conf;

    u_char      *p, *last;
    rt_url_t     url;
    ngx_str_t   *value, *field, path;
    const char  *why;

    value = cf->args->elts;
    field = ngx_rt_line_member(client, line->offset, ngx_str_t);

    *field = value[1];
    path = value[1];

    if (value[1].data[0] != '/') {

        if (rt_url_parse(ngx_rt_str(&value[1]), &url, &why) != RT_OK) {
            return ngx_rt_conf_invalid(cf, "value", &value[1],
                                       "write a path or \"https://HOST/PATH\""
                                       ", for this one %s", why);
        }

        last = value[1].data + value[1].len;
        p = ngx_strlchr(url.host.data + url.host.len, last, '/');

        path.data = p ? p : (u_char *) "";
        path.len = p ? (size_t) (last - p) : 0;
    }

    if (field == &client->post_logout_uri) {
        return NGX_CONF_OK;
    }

    client->redirect_path = path;

    return ngx_http_rtauth_client_conf_is_path(cf, &client->redirect_path);
}


/* it is compared with $uri, which is decoded and normalised */

static char *
ngx_http_rtauth_client_conf_is_path(ngx_conf_t *cf, ngx_str_t *path)
{
    size_t       i;
    rt_mem_t     mem;
    const char  *why;

    mem = ngx_rt_str_mem(cf->pool);
    why = NULL;

    for (i = 0; i < path->len; i++) {
        if (path->data[i] == '?' || path->data[i] == '#'
            || path->data[i] == '%')
        {
            why = "has a query, a fragment or an escape";
        }
    }

    if (path->len < 2 || path->data[path->len - 1] == '/') {
        why = "does not name one address";
    }

    if (why == NULL
        && rt_uri_return_check(&mem, ngx_rt_str(path), &why) == RT_OK)
    {
        return NGX_CONF_OK;
    }

    return ngx_rt_conf_invalid(cf, "path", path,
                               "write one such as \"/oidc/login\", for this "
                               "one %s", why ? why : "cannot be looked at");
}


/* ASCII that can be seen; and blanks */

static ngx_uint_t
ngx_http_rtauth_client_conf_visible(ngx_str_t *value, ngx_uint_t blanks)
{
    size_t  i;

    for (i = 0; i < value->len; i++) {
        if (value->data[i] < (blanks ? 0x20 : 0x21) || value->data[i] > 0x7e) {
            return 0;
        }
    }

    return 1;
}


char *
ngx_http_rtauth_client_close(ngx_conf_t *cf,
    ngx_http_rtauth_provider_t *provider, ngx_rt_where_t *issuer)
{
    ngx_rt_line_t             *row;
    ngx_rt_where_t            *at;
    ngx_http_rtauth_client_t  *client;

    client = provider->client;

    for (row = ngx_http_rtauth_client_conf_rows; row->name.len; row++) {

        at = ngx_rt_line_member(client, row->at, ngx_rt_where_t);

        if (client->client_id.len == 0 && at->file.len
            && at != &client->at.preset)
        {
            return ngx_http_rtauth_client_late(cf, client, at,
                       "this line does nothing without a client, write "
                       "\"client_id ID\"");
        }
    }

    if (client->preset.len
        && ngx_http_rtauth_preset_fill(cf, client) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (issuer->file.len == 0) {
        *issuer = client->at.preset;
    }

    if (client->client_id.len == 0) {
        provider->client = NULL;
        return NGX_CONF_OK;
    }

    if (ngx_http_rtauth_client_conf_default(cf, client) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_rtauth_client_conf_check(cf, client);
}


static char *
ngx_http_rtauth_client_conf_default(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client)
{
    ngx_str_t  *name;

    static ngx_str_t  sign_in = ngx_string("Sign in with ");

    ngx_conf_init_value(client->refresh, 1);

    if (client->claims_from == 0) {
        client->claims_from = NGX_HTTP_RTAUTH_CLAIMS_ID_TOKEN;
    }

    if (client->scope.len == 0) {
        ngx_str_set(&client->scope, "openid profile email");
    }

    if (client->login_uri.len == 0) {
        ngx_str_set(&client->login_uri, "/oidc/login");
    }

    if (client->redirect_uri.len == 0) {
        ngx_str_set(&client->redirect_uri, "/oidc/callback");
        client->redirect_path = client->redirect_uri;
    }

    if (client->logout_uri.len == 0) {
        ngx_str_set(&client->logout_uri, "/oidc/logout");
    }

    if (client->title.len == 0) {
        name = &client->provider->name;

        client->title.len = sign_in.len + name->len;
        client->title.data = ngx_pnalloc(cf->pool, client->title.len);
        if (client->title.data == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_memcpy(client->title.data, sign_in.data, sign_in.len);
        ngx_memcpy(client->title.data + sign_in.len, name->data, name->len);
    }

    return NGX_CONF_OK;
}


/* what a way of client authentication needs, and what it leaves unused */

static char *
ngx_http_rtauth_client_conf_check(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client)
{
    ngx_str_t   *way;
    ngx_uint_t   secret, key, certificate;

    way = &ngx_http_rtauth_client_conf_auths[client->auth].name;

    secret = client->auth <= NGX_HTTP_RTAUTH_CLIENT_POST;
    certificate = client->auth == NGX_HTTP_RTAUTH_CLIENT_TLS;
    key = certificate || client->auth == NGX_HTTP_RTAUTH_CLIENT_JWT;

    if (secret && client->client_secret.len == 0) {
        return ngx_http_rtauth_client_late(cf, client, &client->at.client_id,
                   "no \"client_secret\", which \"client_auth %V\" needs: "
                   "write \"client_secret file:PATH\", or \"client_auth "
                   "none\" for a client without one", way);
    }

    if (!secret && client->client_secret.len) {
        return ngx_http_rtauth_client_late(cf, client, &client->at.secret,
                   "\"client_secret\" is of no use with \"client_auth %V\", "
                   "leave it out", way);
    }

    if (key && client->key.len == 0) {
        return ngx_http_rtauth_client_late(cf, client, &client->at.auth,
                   "\"client_auth %V\" needs a key, write \"client_key "
                   "file:PATH\"", way);
    }

    if (!key && client->key.len) {
        return ngx_http_rtauth_client_late(cf, client, &client->at.key,
                   "\"client_key\" is of no use with \"client_auth %V\", "
                   "leave it out", way);
    }

    if (certificate && client->certificate.len == 0) {
        return ngx_http_rtauth_client_late(cf, client, &client->at.auth,
                   "\"client_auth tls\" needs a certificate, write "
                   "\"client_certificate PATH\"");
    }

    if (!key && client->certificate.len) {
        return ngx_http_rtauth_client_late(cf, client, &client->at.certificate,
                   "\"client_certificate\" is of no use with \"client_auth "
                   "%V\", leave it out", way);
    }

    return key ? ngx_http_rtauth_client_key(cf, client) : NGX_CONF_OK;
}
