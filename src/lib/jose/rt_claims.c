
#include <math.h>

#include "jose/rt_claims.h"
#include "text/rt_utf8.h"


#define CLAIMS_MAX_DEPTH  32
#define CLAIMS_MAX_NODES  8192      /* 16 KiB of token cannot hold more */


typedef struct {
    rt_str_t  claim;
    rt_str_t  value;        /* in any case of letters */
    unsigned  id;           /* 1: an ID token; 0: never a bearer's */
} claims_issued_t;


/*
 * In what words providers say what a token is: "typ" is Keycloak's, "token_use"
 * that of Cognito and Ory Hydra, "token_type" that of Simple JWT (Django),
 * "type" that of Flask-JWT-Extended.
 */

static const claims_issued_t  claims_issued[] = {
    { rt_string("typ"),        rt_string("ID"), 1 },
    { rt_string("token_use"),  rt_string("id"), 1 },
    { rt_string("typ"),        rt_string("Refresh"), 0 },
    { rt_string("typ"),        rt_string("Offline"), 0 },
    { rt_string("typ"),        rt_string("Logout"), 0 },
    { rt_string("typ"),        rt_string("Serialized-ID"), 0 },
    { rt_string("typ"),        rt_string("InitialAccessToken"), 0 },
    { rt_string("typ"),        rt_string("RegistrationAccessToken"), 0 },
    { rt_string("token_use"),  rt_string("refresh"), 0 },
    { rt_string("token_use"),  rt_string("refresh_token"), 0 },
    { rt_string("token_type"), rt_string("refresh"), 0 },
    { rt_string("type"),       rt_string("refresh"), 0 },
};


rt_reason_e
rt_claims_parse(rt_mem_t *mem, const rt_str_t *payload, rt_json_t **claims)
{
    rt_status_e  rc;

    static const rt_json_opts_t  opts = {
        RT_JSON_UNIQUE|RT_JSON_NO_NUL, CLAIMS_MAX_DEPTH, CLAIMS_MAX_NODES
    };

    rc = rt_json_parse(mem, payload, &opts, claims, NULL);

    if (rc == RT_ERROR) {
        return RT_REASON_INTERNAL;
    }

    if (rc != RT_OK || (*claims)->type != RT_JSON_OBJECT) {
        *claims = NULL;
        return RT_REASON_BAD_PAYLOAD;
    }

    return RT_REASON_OK;
}


static int
names_client(const rt_claims_policy_t *policy)
{
    size_t  i;

    if (policy->client_id.len == 0) {
        return 0;
    }

    for (i = 0; i < policy->naudiences; i++) {
        if (rt_str_eq(&policy->audiences[i], &policy->client_id)) {
            return 1;
        }
    }

    return 0;
}


/* typ of the header without "application/" (RFC 7515, 4.1.9) */

static rt_str_t
media_type(const rt_str_t *typ)
{
    rt_str_t  type = *typ;

    if (rt_str_ibegins(&type, "application/")) {
        type.data += sizeof("application/") - 1;
        type.len -= sizeof("application/") - 1;
    }

    return type;
}


/* what a token was issued as, in the words of its payload */

static int
is_issued_as(const rt_json_t *claims, unsigned id)
{
    size_t                  i;
    rt_json_t              *v;
    const claims_issued_t  *row;

    for (i = 0; i < sizeof(claims_issued) / sizeof(claims_issued[0]); i++) {
        row = &claims_issued[i];

        if (row->id != id) {
            continue;
        }

        v = rt_json_get(claims, &row->claim);

        if (v && v->type == RT_JSON_STRING
            && rt_str_ieq(&v->str, &row->value))
        {
            return 1;
        }
    }

    return 0;
}


static int
is_id_token(const rt_json_t *claims)
{
    rt_json_t  *typ;

    if (is_issued_as(claims, 1)) {
        return 1;
    }

    typ = rt_json_member(claims, "typ");

    if (typ && rt_str_lit(&typ->str, "Bearer")) {
        return 0;
    }

    return rt_json_member(claims, "nonce") != NULL
           || rt_json_member(claims, "at_hash") != NULL
           || rt_json_member(claims, "c_hash") != NULL
           || rt_json_member(claims, "s_hash") != NULL;
}


static int
is_among(const rt_str_t *typ, const rt_str_t *list, size_t n)
{
    size_t    i;
    rt_str_t  type, other;

    type = media_type(typ);

    for (i = 0; i < n; i++) {
        other = media_type(&list[i]);

        if (rt_str_ieq(&type, &other)) {
            return 1;
        }
    }

    return 0;
}


int
rt_claims_type_allowed(const rt_str_t *typ)
{
    static const rt_str_t  others[] = {
        rt_string("logout+jwt"), rt_string("secevent+jwt"),
        rt_string("dpop+jwt"), rt_string("oauth-authz-req+jwt"),
        rt_string("token-introspection+jwt"),
    };

    return !is_among(typ, others, sizeof(others) / sizeof(others[0]));
}


static int
is_listed(const rt_claims_policy_t *policy, const rt_str_t *typ)
{
    static const rt_str_t  usual[] = {
        rt_string("absent"), rt_string("JWT"), rt_string("at+jwt"),
    };

    if (typ->data == NULL) {
        typ = &usual[0];

    } else if (rt_str_ieq(typ, &usual[0])) {
        return 0;
    }

    return policy->ntypes
           ? is_among(typ, policy->types, policy->ntypes)
           : is_among(typ, usual, sizeof(usual) / sizeof(usual[0]));
}


static int
is_access_token(const rt_claims_policy_t *policy, const rt_json_t *answer)
{
    rt_json_t  *type;

    static const rt_str_t  bearer = rt_string("Bearer");
    static const rt_str_t  dpop = rt_string("DPoP");

    type = rt_json_member(answer, "token_type");

    if (type == NULL) {
        return !policy->any_audience;
    }

    return type->type == RT_JSON_STRING
           && (rt_str_ieq(&type->str, &bearer)
               || (rt_str_ieq(&type->str, &dpop)
                   && rt_json_member(answer, "cnf")));
}


static rt_reason_e
check_type(const rt_claims_policy_t *policy, const rt_str_t *typ,
    const rt_json_t *claims)
{
    int         access;
    rt_json_t  *kind;

    static const rt_str_t  at_jwt = rt_string("at+jwt");

    if (!is_listed(policy, typ)) {
        return RT_REASON_BAD_TYPE;
    }

    access = typ->data && is_among(typ, &at_jwt, 1);

    if (rt_json_member(claims, "events") || is_issued_as(claims, 0)
        || (policy->asked && !is_access_token(policy, claims)))
    {
        return RT_REASON_BAD_TYPE;
    }

    kind = rt_json_member(claims, "typ");

    if (kind && kind->type != RT_JSON_STRING) {
        return RT_REASON_BAD_TYPE;
    }

    if (!policy->bound && rt_json_member(claims, "cnf")) {
        return RT_REASON_CONFIRMATION;
    }

    if (!access && is_id_token(claims) && !names_client(policy)) {
        return RT_REASON_BAD_TYPE;
    }

    return RT_REASON_OK;
}


static rt_reason_e
check_issuer(const rt_claims_policy_t *policy, const rt_json_t *claims)
{
    rt_json_t  *iss;

    iss = rt_json_member(claims, "iss");

    if (iss == NULL && policy->asked) {
        return RT_REASON_OK;
    }

    if (iss == NULL || iss->type != RT_JSON_STRING
        || policy->issuer.len == 0
        || !rt_str_eq(&iss->str, &policy->issuer))
    {
        return RT_REASON_WRONG_ISSUER;
    }

    return RT_REASON_OK;
}


/*
 * A subject that a variable cannot show would be an empty text there, as that
 * of nobody is.
 */

static rt_reason_e
check_subject(const rt_claims_policy_t *policy, const rt_json_t *claims)
{
    rt_json_t  *sub;

    sub = rt_json_member(claims, "sub");

    if (sub && (sub->type != RT_JSON_STRING || !rt_utf8_plain(&sub->str))) {
        return RT_REASON_BAD_CLAIM;
    }

    if (policy->require_sub && (sub == NULL || sub->str.len == 0)) {
        return RT_REASON_NO_SUB;
    }

    return RT_REASON_OK;
}


static int
is_audience(const rt_claims_policy_t *policy, const rt_str_t *aud)
{
    size_t  i;

    for (i = 0; i < policy->naudiences; i++) {
        if (aud->len && rt_str_eq(&policy->audiences[i], aud)) {
            return 1;
        }
    }

    return 0;
}


/* a string or an array of strings (RFC 7519, 4.1.3) */

static rt_reason_e
check_audience(const rt_claims_policy_t *policy, const rt_json_t *claims)
{
    int         found;
    rt_json_t  *aud, *v;

    if (policy->any_audience) {
        return RT_REASON_OK;
    }

    aud = rt_json_member(claims, "aud");

    if (aud == NULL && policy->client_audience) {
        aud = rt_json_member(claims, "client_id");
    }

    if (aud == NULL) {
        return RT_REASON_WRONG_AUDIENCE;
    }

    if (aud->type == RT_JSON_STRING) {
        return is_audience(policy, &aud->str) ? RT_REASON_OK
                                              : RT_REASON_WRONG_AUDIENCE;
    }

    if (aud->type != RT_JSON_ARRAY) {
        return RT_REASON_BAD_CLAIM;
    }

    found = 0;

    for (v = aud->child; v; v = v->next) {
        if (v->type != RT_JSON_STRING) {
            return RT_REASON_BAD_CLAIM;
        }

        found |= is_audience(policy, &v->str);
    }

    return found ? RT_REASON_OK : RT_REASON_WRONG_AUDIENCE;
}


int
rt_claims_true(const rt_json_t *v)
{
    return v != NULL
           && (v->type == RT_JSON_TRUE
               || (v->type == RT_JSON_STRING && rt_str_lit(&v->str, "true")));
}


rt_status_e
rt_claims_time(const rt_json_t *claims, const char *name, double *out)
{
    rt_str_t    key = rt_str_of(name);
    rt_json_t  *v;

    v = rt_json_get(claims, &key);
    if (v == NULL) {
        return RT_DECLINED;
    }

    if (rt_json_double(v, out) != RT_OK
        || *out < 0 || *out > (double) RT_CLAIMS_MAX_TIME)
    {
        return RT_INVALID;
    }

    return RT_OK;
}


static rt_reason_e
check_times(const rt_claims_policy_t *policy, const rt_json_t *claims,
    int64_t now, int64_t *expires)
{
    double       exp, nbf, iat, leeway, today;
    rt_status_e  has_exp, has_nbf, has_iat;

    has_exp = rt_claims_time(claims, "exp", &exp);
    has_nbf = rt_claims_time(claims, "nbf", &nbf);
    has_iat = rt_claims_time(claims, "iat", &iat);

    if (has_exp == RT_INVALID || has_nbf == RT_INVALID
        || has_iat == RT_INVALID)
    {
        return RT_REASON_BAD_CLAIM;
    }

    if (has_exp == RT_DECLINED) {

        if (!policy->exp_optional) {
            return RT_REASON_NO_EXP;
        }

        exp = (double) RT_CLAIMS_MAX_TIME;
    }

    /* seconds up to the year 9999 are exact in a double */

    leeway = (double) policy->leeway;
    today = (double) now;

    if (today >= exp + leeway) {
        return RT_REASON_EXPIRED;
    }

    if (has_nbf == RT_OK && nbf > today + leeway) {
        return RT_REASON_NOT_YET_VALID;
    }

    if (has_iat == RT_OK && iat > today + leeway) {
        return RT_REASON_ISSUED_IN_FUTURE;
    }

    /*
     * It is counted from "iat": counted from now, a token that lives for long
     * would pass in its last days.
     */

    if (policy->max_lifetime > 0) {

        if (has_iat == RT_DECLINED) {
            return RT_REASON_NO_IAT;
        }

        if (exp - iat > (double) policy->max_lifetime) {
            return RT_REASON_TOO_LONG_LIVED;
        }
    }

    if (expires) {
        *expires = (int64_t) ceil(exp + leeway);
    }

    return RT_REASON_OK;
}


rt_reason_e
rt_claims_check(const rt_claims_policy_t *policy, const rt_str_t *typ,
    const rt_json_t *claims, int64_t now, int64_t *expires)
{
    rt_reason_e  reason;

    reason = check_type(policy, typ, claims);

    if (reason == RT_REASON_OK) {
        reason = check_issuer(policy, claims);
    }

    if (reason == RT_REASON_OK) {
        reason = check_audience(policy, claims);
    }

    if (reason == RT_REASON_OK) {
        reason = check_subject(policy, claims);
    }

    if (reason == RT_REASON_OK) {
        reason = check_times(policy, claims, now, expires);
    }

    return reason;
}
