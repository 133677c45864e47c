
#include "policy/ngx_http_rtauth_member.h"
#include "event/rt_event_packed.h"
#include "jose/rt_claims.h"


const ngx_http_rtauth_member_t
    ngx_http_rtauth_members[NGX_HTTP_RTAUTH_MEMBERS] =
{
    { RT_USER_ID, ngx_string("id"), { rt_string("sub") } },

    { RT_USER_SID, ngx_string("sid"), { rt_string("sid") } },

    { RT_USER_EMAIL, ngx_string("email"), { rt_string("email") } },

    { RT_USER_USER_NAME, ngx_string("userName"),
      { rt_string("preferred_username"), rt_string("name") } },

    { RT_USER_FIRST_NAME, ngx_string("firstName"),
      { rt_string("given_name") } },

    { RT_USER_LAST_NAME, ngx_string("lastName"), { rt_string("family_name") } },

    { RT_USER_EXTERNAL_IDENTIFIER, ngx_string("externalIdentifier"),
      { rt_string("iss") } },

    /* only a provider that pushes its users says these two */

    { RT_USER_CREATED_AT, ngx_string("createdAt"), { rt_null_string } },

    { RT_USER_UPDATED_AT, ngx_string("updatedAt"), { rt_null_string } }
};


static ngx_uint_t ngx_http_rtauth_member_owns_email(
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_identity_t *identity);
static const rt_str_t *ngx_http_rtauth_member_claim(
    ngx_http_rtauth_identity_t *identity, const ngx_http_rtauth_member_t *m);


void
ngx_http_rtauth_member_claims(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_identity_t *identity)
{
    ngx_uint_t                       i;
    const ngx_http_rtauth_member_t  *m;

    identity->owns_email = ngx_http_rtauth_member_owns_email(mcf, identity);

    for (i = 0; i < NGX_HTTP_RTAUTH_MEMBERS; i++) {
        m = &ngx_http_rtauth_members[i];

        identity->told[i] = (m->row != RT_USER_EMAIL || identity->owns_email)
                            ? ngx_http_rtauth_member_claim(identity, m) : NULL;
    }
}


/*
 * Whether his "email" counts as his.  One provider is believed unless it says
 * the email is not verified; of several, each has to say that it is, or one
 * could name the other's users.
 */

static ngx_uint_t
ngx_http_rtauth_member_owns_email(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_identity_t *identity)
{
    rt_json_t  *verified;

    verified = rt_json_member(identity->claims, "email_verified");

    return verified ? (ngx_uint_t) rt_claims_true(verified)
                    : mcf->providers.nelts == 1;
}


static const rt_str_t *
ngx_http_rtauth_member_claim(ngx_http_rtauth_identity_t *identity,
    const ngx_http_rtauth_member_t *m)
{
    rt_json_t   *value;
    ngx_uint_t   i;

    for (i = 0; i < 3 && m->claims[i].len; i++) {

        value = rt_json_get(identity->claims, &m->claims[i]);

        if (value && value->type == RT_JSON_STRING && value->str.len) {
            return &value->str;
        }
    }

    return NULL;
}
