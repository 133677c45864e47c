
#include <math.h>

#include "jose/rt_claims.h"
#include "oidc/rt_logout_token.h"
#include "text/rt_utf8.h"


#define LOGOUT_EVENT     "http://schemas.openid.net/event/backchannel-logout"


typedef struct {
    const rt_logout_policy_t  *policy;
    const rt_json_t           *claims;
    rt_logout_token_t         *token;
    int64_t                    now;
} logout_t;


/* Keycloak and others write JWT; RFC 7515, 4.1.9 lets the prefix away */

static const char *
check_type(const rt_str_t *typ)
{
    size_t  i;

    static const rt_str_t  types[] = {
        rt_string("logout+jwt"),
        rt_string("application/logout+jwt"),
        rt_string("JWT"),
        rt_string("application/jwt"),
    };

    if (typ->data == NULL) {
        return NULL;
    }

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (rt_str_ieq(typ, &types[i])) {
            return NULL;
        }
    }

    return "is of another type than logout+jwt";
}


static int
is_text(const rt_json_t *v, const rt_str_t *text)
{
    return v && v->type == RT_JSON_STRING && text->len
           && rt_str_eq(&v->str, text);
}


static const char *
check_parties(logout_t *t)
{
    rt_json_t  *v;

    if (!is_text(rt_json_member(t->claims, "iss"), &t->policy->issuer)) {
        return "is of another issuer";
    }

    v = rt_json_member(t->claims, "aud");

    if (v && v->type == RT_JSON_ARRAY) {
        v = v->child;

        while (v && !is_text(v, &t->policy->client_id)) {
            v = v->next;
        }
    }

    return is_text(v, &t->policy->client_id)
           ? NULL : "is for another audience";
}


/*
 * exp came late to the specification, and providers still leave it out: iat
 * bounds the token's life anyhow.
 */

static const char *
check_times(logout_t *t)
{
    double       iat, exp;
    int64_t      leeway;
    rt_status_e  has_exp;

    leeway = t->policy->leeway;

    if (rt_claims_time(t->claims, "iat", &iat) != RT_OK) {
        return "has no time in iat";
    }

    if (iat > (double) (t->now + leeway)) {
        return "is issued in the future";
    }

    t->token->iat = (int64_t) iat;
    t->token->until = t->token->iat + RT_LOGOUT_MAX_AGE + leeway + 1;

    has_exp = rt_claims_time(t->claims, "exp", &exp);

    if (has_exp == RT_INVALID) {
        return "has no time in exp";
    }

    if (has_exp == RT_OK && (int64_t) ceil(exp) + leeway < t->token->until) {
        t->token->until = (int64_t) ceil(exp) + leeway;
    }

    return (t->now < t->token->until) ? NULL : "is expired or too old";
}


/* absent: empty */

static int
text_of(const logout_t *t, const char *name, rt_str_t *text)
{
    rt_str_t    key = rt_str_of(name);
    rt_json_t  *v;

    *text = (rt_str_t) rt_null_string;

    v = rt_json_get(t->claims, &key);
    if (v == NULL) {
        return 1;
    }

    if (v->type != RT_JSON_STRING || v->str.len == 0
        || v->str.len > RT_LOGOUT_MAX_TEXT || !rt_utf8_plain(&v->str))
    {
        return 0;
    }

    *text = v->str;

    return 1;
}


static const char *
check_event(logout_t *t)
{
    rt_json_t  *v;

    if (!text_of(t, "jti", &t->token->jti) || t->token->jti.len == 0) {
        return "has no jti, or one that is no plain short text";
    }

    v = rt_json_member(t->claims, "events");
    if (v == NULL || v->type != RT_JSON_OBJECT) {
        return "has no events";
    }

    v = rt_json_member(v, LOGOUT_EVENT);
    if (v == NULL || v->type != RT_JSON_OBJECT) {
        return "is about another event than a logout";
    }

    if (rt_json_member(t->claims, "nonce")) {
        return "has a nonce";
    }

    return NULL;
}


static const char *
check_whom(logout_t *t)
{
    if (!text_of(t, "sub", &t->token->sub)
        || !text_of(t, "sid", &t->token->sid))
    {
        return "has a sub or sid that is no plain short text";
    }

    if (t->token->sub.len == 0 && t->token->sid.len == 0) {
        return "has neither sub nor sid";
    }

    return NULL;
}


rt_status_e
rt_logout_token_check(const rt_logout_policy_t *policy, const rt_str_t *typ,
    const rt_json_t *claims, int64_t now, rt_logout_token_t *token,
    const char **why)
{
    unsigned   i;
    logout_t   t = { policy, claims, token, now };

    static const char *(*const steps[])(logout_t *t) = {
        check_parties, check_times, check_event, check_whom
    };

    memset(token, 0, sizeof(rt_logout_token_t));

    *why = check_type(typ);

    for (i = 0; *why == NULL && i < sizeof(steps) / sizeof(steps[0]); i++) {
        *why = steps[i](&t);
    }

    return *why ? RT_DECLINED : RT_OK;
}
