
#include "json/rt_json.h"
#include "oidc/rt_metadata.h"


typedef struct {
    rt_str_t     name;
    const char  *why;
} metadata_row_t;


typedef struct {
    rt_str_t  name;
    unsigned  bit;
} metadata_method_t;


typedef struct {
    rt_mem_t        *mem;
    const rt_url_t  *from;
    const char      *why;
} parser_t;


/* in the order of rt_metadata_endpoint_e */

static const metadata_row_t  metadata_rows[RT_METADATA_ENDPOINTS] = {
    { rt_string("authorization_endpoint"),
      "has an authorization_endpoint that is no https URL" },
    { rt_string("token_endpoint"),
      "has a token_endpoint that is no https URL" },
    { rt_string("userinfo_endpoint"),
      "has a userinfo_endpoint that is no https URL" },
    { rt_string("jwks_uri"),
      "has a jwks_uri that is no https URL" },
    { rt_string("pushed_authorization_request_endpoint"),
      "has a pushed_authorization_request_endpoint that is no https URL" },
    { rt_string("end_session_endpoint"),
      "has an end_session_endpoint that is no https URL" },
    { rt_string("revocation_endpoint"),
      "has a revocation_endpoint that is no https URL" },
    { rt_string("introspection_endpoint"),
      "has an introspection_endpoint that is no https URL" }
};


static const metadata_method_t  metadata_methods[] = {
    { rt_string("client_secret_basic"), RT_METADATA_BASIC },
    { rt_string("client_secret_post"), RT_METADATA_POST },
    { rt_string("private_key_jwt"), RT_METADATA_PRIVATE_KEY_JWT },
    { rt_string("tls_client_auth"), RT_METADATA_TLS },
    { rt_string("self_signed_tls_client_auth"), RT_METADATA_TLS },
    { rt_string("none"), RT_METADATA_NONE }
};


static rt_status_e
refuse(parser_t *p, rt_status_e rc, const char *why)
{
    p->why = why;

    return rc;
}


static rt_status_e
endpoint(parser_t *p, const rt_json_t *object, const metadata_row_t *row,
    rt_str_t *out)
{
    rt_url_t     url;
    rt_json_t   *v;
    const char  *why;

    v = rt_json_get(object, &row->name);

    if (v == NULL || v->type == RT_JSON_NULL) {
        return RT_OK;
    }

    if (v->type != RT_JSON_STRING
        || rt_url_parse(&v->str, &url, &why) != RT_OK
        || (!url.tls && !rt_url_same_origin(&url, p->from)))
    {
        return refuse(p, RT_DECLINED, row->why);
    }

    *out = v->str;

    return RT_OK;
}


static rt_status_e
endpoints(parser_t *p, const rt_json_t *object, rt_str_t *out)
{
    unsigned     i;
    rt_status_e  rc;

    for (i = 0, rc = RT_OK; i < RT_METADATA_ENDPOINTS && rc == RT_OK; i++) {
        rc = endpoint(p, object, &metadata_rows[i], &out[i]);
    }

    return rc;
}


static rt_status_e
aliases(parser_t *p, const rt_json_t *root, rt_str_t *out)
{
    rt_json_t  *v;

    v = rt_json_member(root, "mtls_endpoint_aliases");

    if (v == NULL || v->type == RT_JSON_NULL) {
        return RT_OK;
    }

    if (v->type != RT_JSON_OBJECT) {
        return refuse(p, RT_INVALID, "has mtls_endpoint_aliases that are no "
                                     "object");
    }

    return endpoints(p, v, out);
}


static rt_status_e
auth_methods(parser_t *p, const rt_json_t *root, rt_metadata_t *m)
{
    size_t      i;
    rt_json_t  *v, *e;

    static const rt_str_t  key
                          = rt_string("token_endpoint_auth_methods_supported");

    v = rt_json_get(root, &key);

    if (v == NULL || v->type == RT_JSON_NULL) {
        m->auth_methods = RT_METADATA_BASIC;
        return RT_OK;
    }

    if (v->type != RT_JSON_ARRAY) {
        return refuse(p, RT_INVALID, "has a list that is no array");
    }

    for (e = v->child; e; e = e->next) {

        if (e->type != RT_JSON_STRING) {
            return refuse(p, RT_INVALID, "has a list of other things than "
                                         "strings");
        }

        for (i = 0;
             i < sizeof(metadata_methods) / sizeof(metadata_methods[0]); i++)
        {
            if (rt_str_eq(&e->str, &metadata_methods[i].name)) {
                m->auth_methods |= metadata_methods[i].bit;
            }
        }
    }

    return RT_OK;
}


/* ret: 0, 1, or -1: it is neither true nor false */

static int
flag(const rt_json_t *v)
{
    if (v == NULL || v->type == RT_JSON_FALSE || v->type == RT_JSON_NULL) {
        return 0;
    }

    return (v->type == RT_JSON_TRUE) ? 1 : -1;
}


static rt_status_e
flags(parser_t *p, const rt_json_t *root, rt_metadata_t *m)
{
    int  par, iss, claims;

    par = flag(rt_json_member(root, "require_pushed_authorization_requests"));
    iss = flag(rt_json_member(root,
                         "authorization_response_iss_parameter_supported"));

    claims = flag(rt_json_member(root, "claims_parameter_supported"));

    if (par == -1 || iss == -1 || claims == -1) {
        return refuse(p, RT_INVALID, "has a flag that is neither true nor "
                                     "false");
    }

    m->par_required = par;
    m->iss_returned = iss;
    m->claims_taken = claims;

    return RT_OK;
}


static rt_status_e
document(parser_t *p, const rt_str_t *text, rt_json_t **root)
{
    rt_status_e  rc;

    static const rt_json_opts_t  opts = {
        RT_JSON_UNIQUE|RT_JSON_NO_NUL, 16, 8192
    };

    if (text->len > RT_METADATA_MAX) {
        return refuse(p, RT_TOO_BIG, "is too large");
    }

    rc = rt_json_parse(p->mem, text, &opts, root, NULL);

    if (rc == RT_TOO_BIG) {
        return refuse(p, rc, "has too many values");
    }

    if (rc == RT_INVALID
        || (rc == RT_OK && (*root)->type != RT_JSON_OBJECT))
    {
        return refuse(p, RT_INVALID, "is no JSON object");
    }

    return rc;
}


/* OpenID Connect Discovery 1.0, 4.3; RFC 8414, 3.3 */

static rt_status_e
check_issuer(parser_t *p, const rt_json_t *root, const rt_str_t *issuer)
{
    rt_json_t  *v;

    v = rt_json_member(root, "issuer");

    if (v == NULL || v->type != RT_JSON_STRING) {
        return refuse(p, RT_INVALID, "has no issuer");
    }

    if (!rt_str_eq(&v->str, issuer)) {
        return refuse(p, RT_DECLINED, "has another issuer");
    }

    return RT_OK;
}


static rt_status_e
parse(parser_t *p, const rt_str_t *text, const rt_str_t *issuer,
    rt_metadata_t *m)
{
    rt_json_t   *root;
    rt_status_e  rc;

    rc = document(p, text, &root);

    if (rc == RT_OK) {
        rc = check_issuer(p, root, issuer);
    }

    if (rc == RT_OK) {
        rc = endpoints(p, root, m->endpoint);
    }

    if (rc == RT_OK) {
        rc = aliases(p, root, m->mtls);
    }

    if (rc == RT_OK) {
        rc = auth_methods(p, root, m);
    }

    return rc == RT_OK ? flags(p, root, m) : rc;
}


rt_status_e
rt_metadata_parse(rt_mem_t *mem, const rt_str_t *text,
    const rt_str_t *issuer, const rt_url_t *from, rt_metadata_t *m,
    const char **why)
{
    parser_t     p = { mem, from, NULL };
    rt_status_e  rc;

    memset(m, 0, sizeof(rt_metadata_t));

    rc = parse(&p, text, issuer, m);

    if (rc != RT_OK) {
        memset(m, 0, sizeof(rt_metadata_t));
        *why = p.why;
    }

    return rc;
}


const rt_str_t *
rt_metadata_endpoint(const rt_metadata_t *m, rt_metadata_endpoint_e id,
    unsigned tls)
{
    return (tls && m->mtls[id].len) ? &m->mtls[id] : &m->endpoint[id];
}
