
#include "client/ngx_http_rtauth_preset_conf.h"


#define NGX_HTTP_RTAUTH_PRESET_MAX_OPTIONS  2


/*
 * In texts, "{tenant}" is that option's value; what stands in "[]" is left out
 * when its option is.  An option is required unless "?" stands behind it, or
 * "=" and its default.
 */

typedef struct {
    ngx_str_t    name;
    ngx_str_t    title;
    char        *options[NGX_HTTP_RTAUTH_PRESET_MAX_OPTIONS];
    char        *issuer;
    char        *scope;
    char        *user_claim;
    ngx_uint_t   claims_from;
    ngx_flag_t   refresh;
    char        *arg;           /* the option goes along to the provider, and
                                   the claim of this name must be it */
    ngx_uint_t   client_audience;   /* of a token without "aud" */
} ngx_http_rtauth_preset_conf_t;


static ngx_http_rtauth_preset_conf_t *ngx_http_rtauth_preset_conf_find(
    ngx_str_t *name);
static char *ngx_http_rtauth_preset_conf_option(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client, ngx_http_rtauth_preset_conf_t *preset,
    ngx_str_t *value);
static char *ngx_http_rtauth_preset_conf_value(ngx_conf_t *cf,
    ngx_keyval_t *option);
static ngx_str_t *ngx_http_rtauth_preset_conf_get(
    ngx_http_rtauth_client_t *client, u_char *name, size_t len);
static ngx_uint_t ngx_http_rtauth_preset_conf_is(char *option, ngx_str_t *name);
static char *ngx_http_rtauth_preset_conf_required(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client, ngx_http_rtauth_preset_conf_t *preset);
static ngx_int_t ngx_http_rtauth_preset_conf_issuer(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client, ngx_http_rtauth_preset_conf_t *preset);
static ngx_int_t ngx_http_rtauth_preset_conf_arg(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client, char *name);
static ngx_uint_t ngx_http_rtauth_preset_conf_tenant(ngx_str_t *value);


#define ngx_http_rtauth_preset_conf_id      NGX_HTTP_RTAUTH_CLAIMS_ID_TOKEN
#define ngx_http_rtauth_preset_conf_access  NGX_HTTP_RTAUTH_CLAIMS_ACCESS_TOKEN
#define ngx_http_rtauth_preset_conf_info    NGX_HTTP_RTAUTH_CLAIMS_USERINFO


/* docs/rtauth.md has this table too, and t/rtauth/preset.t compares them */

static ngx_http_rtauth_preset_conf_t  ngx_http_rtauth_preset_conf_table[] = {

    { ngx_string("google"), ngx_string("Sign in with Google"),
      { "hd?", NULL },
      "https://accounts.google.com",
      "openid profile email", "email",
      ngx_http_rtauth_preset_conf_id, 0, "hd", 0 },

    { ngx_string("entra"), ngx_string("Sign in with Microsoft"),
      { "tenant", NULL },
      "https://login.microsoftonline.com/{tenant}/v2.0",
      "openid profile email offline_access", "preferred_username",
      ngx_http_rtauth_preset_conf_id, 1, NULL, 0 },

    { ngx_string("okta"), ngx_string("Sign in with Okta"),
      { "domain", "server?" },
      "https://{domain}[/oauth2/{server}]",
      "openid profile email", "email",
      ngx_http_rtauth_preset_conf_id|ngx_http_rtauth_preset_conf_info,
      1, NULL, 0 },

    { ngx_string("keycloak"), ngx_string("Sign in"),
      { "host", "realm" },
      "https://{host}/realms/{realm}",
      "openid profile email", "email",
      ngx_http_rtauth_preset_conf_id|ngx_http_rtauth_preset_conf_access,
      1, NULL, 0 },

    { ngx_string("auth0"), ngx_string("Sign in"),
      { "domain", NULL },
      "https://{domain}/",
      "openid profile email", "email",
      ngx_http_rtauth_preset_conf_id, 1, NULL, 0 },

    { ngx_string("cognito"), ngx_string("Sign in"),
      { "region", "pool" },
      "https://cognito-idp.{region}.amazonaws.com/{pool}",
      "openid profile email", "email",
      ngx_http_rtauth_preset_conf_id, 1, NULL, 1 },

    { ngx_string("gitlab"), ngx_string("Sign in with GitLab"),
      { "host=gitlab.com", NULL },
      "https://{host}",
      "openid profile email", "email",
      ngx_http_rtauth_preset_conf_id|ngx_http_rtauth_preset_conf_info,
      1, NULL, 0 },

    { ngx_null_string, ngx_null_string, { NULL, NULL },
      NULL, NULL, NULL, 0, 0, NULL, 0 }
};


char *
ngx_http_rtauth_preset_set(ngx_conf_t *cf, void *conf, ngx_rt_line_t *line)
{
    ngx_http_rtauth_client_t *client = conf;

    ngx_str_t                      *value;
    ngx_uint_t                      i;
    ngx_http_rtauth_preset_conf_t  *preset;

    value = cf->args->elts;

    preset = ngx_http_rtauth_preset_conf_find(&value[1]);

    if (preset == NULL) {
        return ngx_rt_conf_invalid(cf, "value", &value[1],
                                   "write \"google\", \"entra\", \"okta\", "
                                   "\"keycloak\", \"auth0\", \"cognito\" or "
                                   "\"gitlab\"");
    }

    client->preset = preset->name;
    client->options = ngx_array_create(cf->pool, 2, sizeof(ngx_keyval_t));
    if (client->options == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {
        if (ngx_http_rtauth_preset_conf_option(cf, client, preset, &value[i])
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static ngx_http_rtauth_preset_conf_t *
ngx_http_rtauth_preset_conf_find(ngx_str_t *name)
{
    return ngx_rt_conf_row(ngx_http_rtauth_preset_conf_table,
                           sizeof(ngx_http_rtauth_preset_conf_t), name, 0);
}


static char *
ngx_http_rtauth_preset_conf_option(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client, ngx_http_rtauth_preset_conf_t *preset,
    ngx_str_t *value)
{
    u_char        *eq;
    ngx_str_t      name;
    ngx_uint_t     i;
    ngx_keyval_t  *option;

    eq = ngx_strlchr(value->data, value->data + value->len, '=');

    name.data = value->data;
    name.len = eq ? (size_t) (eq - value->data) : 0;

    for (i = 0; i < NGX_HTTP_RTAUTH_PRESET_MAX_OPTIONS; i++) {
        if (preset->options[i]
            && ngx_http_rtauth_preset_conf_is(preset->options[i], &name))
        {
            break;
        }
    }

    if (i == NGX_HTTP_RTAUTH_PRESET_MAX_OPTIONS) {
        return ngx_rt_conf_invalid(cf, "option", value,
                                   "write \"%*s=VALUE\"",
                                   strcspn(preset->options[0], "?="),
                                   preset->options[0]);
    }

    if (ngx_http_rtauth_preset_conf_get(client, name.data, name.len)) {
        return ngx_http_rtauth_client_err(cf, client, "\"%V\" of \"preset %V\""
                                          " is duplicate", &name,
                                          &preset->name);
    }

    option = ngx_array_push(client->options);
    if (option == NULL) {
        return NGX_CONF_ERROR;
    }

    option->key = name;
    option->value.data = eq + 1;
    option->value.len = value->data + value->len - (eq + 1);

    return ngx_http_rtauth_preset_conf_value(cf, option);
}


/* it becomes a part of the issuer */

static char *
ngx_http_rtauth_preset_conf_value(ngx_conf_t *cf, ngx_keyval_t *option)
{
    const char  *more;

    more = rt_str_lit(ngx_rt_str(&option->key), "host") ? "._-:/" : "._-";

    if (!ngx_rt_conf_name(&option->value, more)) {
        return ngx_rt_conf_invalid(cf, "value", &option->value,
                                   "write \"%V\" as the provider's pages do, "
                                   "without \"https://\"", &option->key);
    }

    if (rt_str_lit(ngx_rt_str(&option->key), "tenant")
        && !ngx_http_rtauth_preset_conf_tenant(&option->value))
    {
        return ngx_rt_conf_invalid(cf, "tenant", &option->value,
                                   "write the directory's ID, 8-4-4-4-12 "
                                   "hexadecimal digits, for that is what "
                                   "tokens have in \"iss\"");
    }

    return NGX_CONF_OK;
}


static ngx_str_t *
ngx_http_rtauth_preset_conf_get(ngx_http_rtauth_client_t *client, u_char *name,
    size_t len)
{
    ngx_uint_t     i;
    ngx_keyval_t  *option;

    option = client->options->elts;

    for (i = 0; i < client->options->nelts; i++) {
        if (option[i].key.len == len
            && ngx_memcmp(option[i].key.data, name, len) == 0)
        {
            return &option[i].value;
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_http_rtauth_preset_conf_is(char *option, ngx_str_t *name)
{
    return name->len && strcspn(option, "?=") == name->len
           && ngx_memcmp(option, name->data, name->len) == 0;
}


char *
ngx_http_rtauth_preset_fill(ngx_conf_t *cf, ngx_http_rtauth_client_t *client)
{
    ngx_http_rtauth_provider_t     *provider;
    ngx_http_rtauth_preset_conf_t  *preset;

    provider = client->provider;
    preset = ngx_http_rtauth_preset_conf_find(&client->preset);

    if (provider->issuer.len == 0) {

        if (ngx_http_rtauth_preset_conf_required(cf, client, preset)
            != NGX_CONF_OK
            || ngx_http_rtauth_preset_conf_issuer(cf, client, preset)
               != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    if (provider->user_claim.len == 0) {
        provider->user_claim.len = ngx_strlen(preset->user_claim);
        provider->user_claim.data = (u_char *) preset->user_claim;
    }

    if (client->scope.len == 0) {
        client->scope.len = ngx_strlen(preset->scope);
        client->scope.data = (u_char *) preset->scope;
    }

    if (client->claims_from == 0) {
        client->claims_from = preset->claims_from;
    }

    if (client->title.len == 0) {
        client->title = preset->title;
    }

    ngx_conf_init_value(client->refresh, preset->refresh);

    provider->client_audience = preset->client_audience;

    return preset->arg == NULL
           || ngx_http_rtauth_preset_conf_arg(cf, client, preset->arg)
              == NGX_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* those that have a default get it */

static char *
ngx_http_rtauth_preset_conf_required(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client, ngx_http_rtauth_preset_conf_t *preset)
{
    char          *name;
    size_t         len;
    ngx_uint_t     i;
    ngx_keyval_t  *option;

    for (i = 0; i < NGX_HTTP_RTAUTH_PRESET_MAX_OPTIONS; i++) {

        name = preset->options[i];
        len = name ? strcspn(name, "?=") : 0;

        if (name == NULL || name[len] == '?'
            || ngx_http_rtauth_preset_conf_get(client, (u_char *) name, len))
        {
            continue;
        }

        if (name[len] == '\0') {
            return ngx_http_rtauth_client_late(cf, client, &client->at.preset,
                       "\"preset %V\" needs \"%s=VALUE\", or the line "
                       "\"issuer\"", &preset->name, name);
        }

        option = ngx_array_push(client->options);
        if (option == NULL) {
            return NGX_CONF_ERROR;
        }

        option->key.len = len;
        option->key.data = (u_char *) name;
        option->value.data = (u_char *) name + len + 1;
        option->value.len = ngx_strlen(option->value.data);
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_rtauth_preset_conf_issuer(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client, ngx_http_rtauth_preset_conf_t *preset)
{
    char          *from;
    u_char        *p, *optional;
    size_t         len;
    ngx_str_t     *value, *issuer;
    ngx_uint_t     i;
    ngx_keyval_t  *option;

    issuer = &client->provider->issuer;
    option = client->options->elts;
    len = ngx_strlen(preset->issuer);

    for (i = 0; i < client->options->nelts; i++) {
        len += option[i].value.len;
    }

    p = ngx_pnalloc(cf->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    issuer->data = p;
    optional = NULL;

    for (from = preset->issuer; *from; from++) {

        switch (*from) {

        case '[':
            optional = p;
            break;

        case ']':
            break;

        case '{':
            len = strcspn(from, "}") - 1;
            value = ngx_http_rtauth_preset_conf_get(client,
                                                    (u_char *) from + 1, len);
            from += len + 1;

            /* "[...{x}]" is the last of its text */

            if (value == NULL) {
                issuer->len = optional - issuer->data;
                return NGX_OK;
            }

            p = ngx_cpymem(p, value->data, value->len);
            break;

        default:
            *p++ = *from;
        }
    }

    issuer->len = p - issuer->data;

    return NGX_OK;
}


/* a provider that is asked for one domain only may answer with another one */

static ngx_int_t
ngx_http_rtauth_preset_conf_arg(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client, char *name)
{
    ngx_str_t     *value;
    ngx_keyval_t  *arg;

    value = ngx_http_rtauth_preset_conf_get(client, (u_char *) name,
                                            ngx_strlen(name));
    if (value == NULL) {
        return NGX_OK;
    }

    client->must.key.len = ngx_strlen(name);
    client->must.key.data = (u_char *) name;
    client->must.value = *value;

    if (client->args == NULL) {
        client->args = ngx_array_create(cf->pool, 1, sizeof(ngx_keyval_t));
        if (client->args == NULL) {
            return NGX_ERROR;
        }
    }

    arg = ngx_array_push(client->args);
    if (arg == NULL) {
        return NGX_ERROR;
    }

    *arg = client->must;

    return NGX_OK;
}


static ngx_uint_t
ngx_http_rtauth_preset_conf_tenant(ngx_str_t *value)
{
    u_char   c;
    size_t   i;

    if (value->len != 36) {
        return 0;
    }

    for (i = 0; i < value->len; i++) {
        c = ngx_tolower(value->data[i]);

        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (c != '-') {
                return 0;
            }

        } else if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
            return 0;
        }
    }

    return 1;
}
