
#include "rt_token_read.h"
#include "jose/rt_claims.h"
#include "jose/rt_jws.h"
#include "text/rt_b64.h"


#define LEEWAY     30           /* seconds, as rtauth_provider has by default */
#define MAX_DEPTH  32
#define MAX_NODES  16384
#define MAX_PARTS  5            /* of a JWE (RFC 7516, 3.1) */


/* Takes off white space, and a lost NUL, around a copied text. */

static rt_str_t
trimmed(rt_str_t s)
{
    while (s.len && s.data[0] <= ' ') {
        s.data++;
        s.len--;
    }

    while (s.len && s.data[s.len - 1] <= ' ') {
        s.len--;
    }

    return s;
}


static void
skip_word(rt_str_t *s, const char *word)
{
    rt_str_t  begin, want;

    want = rt_str_of(word);

    begin.data = s->data;
    begin.len = s->len < want.len ? s->len : want.len;

    if (rt_str_ieq(&begin, &want)) {
        s->data += want.len;
        s->len -= want.len;
        *s = trimmed(*s);
    }
}


rt_str_t
rt_token_alone(const rt_str_t *text)
{
    rt_str_t  token;

    token = trimmed(*text);
    skip_word(&token, "Authorization:");
    skip_word(&token, "Bearer ");
    skip_word(&token, "DPoP ");

    return token;
}


/* ret: RT_OK; RT_DECLINED, this is no object of JSON; RT_ERROR */

static rt_status_e
read_part(rt_mem_t *mem, const rt_str_t *part, rt_json_t **object)
{
    rt_str_t     text;
    rt_status_e  rc;

    static const rt_json_opts_t  opts = {
        RT_JSON_REPAIR, MAX_DEPTH, MAX_NODES
    };

    rc = rt_b64_decode(mem, part, &text);

    if (rc == RT_OK) {
        rc = rt_json_parse(mem, &text, &opts, object, NULL);
    }

    if (rc == RT_ERROR) {
        return rc;
    }

    return rc == RT_OK && (*object)->type == RT_JSON_OBJECT ? RT_OK
                                                            : RT_DECLINED;
}


/* ret: the number of parts; MAX_PARTS + 1: there are more */

static unsigned
split(rt_str_t text, rt_str_t part[MAX_PARTS])
{
    int       more;
    unsigned  n;

    for (n = 0, more = 1; more && n < MAX_PARTS; n++) {
        more = rt_str_cut(&text, '.', &part[n], &text);
    }

    return n + (unsigned) more;
}


rt_status_e
rt_token_read(rt_mem_t *mem, const rt_str_t *text, rt_token_t *token)
{
    unsigned     n;
    rt_str_t     part[MAX_PARTS];
    rt_status_e  rc;

    memset(token, 0, sizeof(rt_token_t));

    token->form = RT_TOKEN_OPAQUE;
    token->text = rt_token_alone(text);

    n = split(token->text, part);

    if (n != 3 && n != MAX_PARTS) {
        return RT_OK;
    }

    rc = read_part(mem, &part[0], &token->header);

    if (rc == RT_OK && n == 3) {
        rc = read_part(mem, &part[1], &token->claims);
    }

    if (rc == RT_OK) {
        token->form = (n == 3) ? RT_TOKEN_JWS : RT_TOKEN_JWE;
    }

    return rc == RT_ERROR ? rc : RT_OK;
}


static rt_reason_e
check(rt_mem_t *mem, const rt_token_t *token, const rt_token_trust_t *trust,
    const rt_jwks_t *jwks, int64_t now)
{
    rt_jws_t             jws;
    rt_json_t           *claims, *iss;
    rt_reason_e          reason;
    rt_claims_policy_t   policy;

    reason = rt_jws_verify(mem, &token->text, RT_JWA_DEFAULT, jwks, &jws);

    if (reason == RT_REASON_OK) {
        reason = rt_claims_parse(mem, &jws.payload, &claims);
    }

    if (reason != RT_REASON_OK) {
        return reason;
    }

    memset(&policy, 0, sizeof(policy));
    policy.leeway = LEEWAY;
    policy.require_sub = 1;
    policy.issuer = trust->issuer;
    policy.audiences = &trust->audience;
    policy.naudiences = 1;
    policy.any_audience = (trust->audience.len == 0);

    iss = rt_json_member(claims, "iss");

    if (policy.issuer.len == 0 && iss && iss->type == RT_JSON_STRING) {
        policy.issuer = iss->str;
    }

    return rt_claims_check(&policy, &jws.typ, claims, now, NULL);
}


rt_status_e
rt_token_verify(rt_mem_t *mem, const rt_token_t *token,
    const rt_token_trust_t *trust, int64_t now, rt_reason_e *reason,
    const char **why)
{
    rt_jwks_t  jwks;

    memset(&jwks, 0, sizeof(jwks));

    if (rt_jwks_load(mem, &trust->jwks, RT_JWA_DEFAULT, &jwks, why) != RT_OK) {
        return RT_DECLINED;
    }

    *reason = check(mem, token, trust, &jwks, now);
    rt_jwks_destroy(&jwks);

    return RT_OK;
}
