
#include <openssl/evp.h>

#include "jose/rt_dpop.h"
#include "jose/rt_claims.h"
#include "jose/rt_jws.h"
#include "text/rt_b64.h"
#include "text/rt_same.h"
#include "text/rt_uri.h"
#include "text/rt_url.h"


typedef struct {
    rt_mem_t                 *mem;
    const rt_dpop_request_t  *request;
    rt_jws_t                  jws;
    rt_json_t                *claims;
    const char               *why;
} dpop_job_t;


static rt_reason_e
refuse(dpop_job_t *job, const char *why)
{
    job->why = why;
    return RT_REASON_BAD_PROOF;
}


static rt_reason_e
check_header(dpop_job_t *job, const rt_str_t *proof)
{
    if (proof->len > RT_DPOP_MAX) {
        return refuse(job, "is too big");
    }

    switch (rt_jws_parse(job->mem, proof, job->request->algs & ~RT_JWA_HS,
                         &job->jws))
    {
    case RT_REASON_OK:
        break;

    case RT_REASON_INTERNAL:
        return RT_REASON_INTERNAL;

    case RT_REASON_BAD_ALG:
        return refuse(job, "has an alg that is not accepted");

    case RT_REASON_UNKNOWN_CRIT:
        return refuse(job, "has a crit or b64");

    default:
        return refuse(job, "is no compact JWS");
    }

    if (!rt_str_lit(&job->jws.typ, "dpop+jwt")) {
        return refuse(job, "has a typ other than dpop+jwt");
    }

    return RT_REASON_OK;
}


/* RFC 7518, 6.2.2, 6.3.2 and 6.4; RFC 8037, 2 */

static int
is_private(const rt_json_t *jwk)
{
    size_t  i;

    static const rt_str_t  names[] = {
        rt_string("d"), rt_string("p"), rt_string("q"), rt_string("dp"),
        rt_string("dq"), rt_string("qi"), rt_string("oth"), rt_string("k"),
    };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (rt_json_get(jwk, &names[i])) {
            return 1;
        }
    }

    return 0;
}


static rt_reason_e
check_key(dpop_job_t *job)
{
    rt_json_t      *jwk;
    unsigned char   thumbprint[RT_THUMBPRINT];

    jwk = rt_json_member(job->jws.header, "jwk");

    if (jwk == NULL || jwk->type != RT_JSON_OBJECT) {
        return refuse(job, "has no jwk");
    }

    if (is_private(jwk)) {
        return refuse(job, "has a private key in its jwk");
    }

    switch (rt_thumbprint(jwk, thumbprint)) {

    case RT_OK:
        break;

    case RT_ERROR:
        return RT_REASON_INTERNAL;

    default:
        return refuse(job, "has a jwk that is no public key");
    }

    if (!rt_same(thumbprint, job->request->jkt, RT_THUMBPRINT)) {
        return refuse(job, "has another key than the token's");
    }

    return RT_REASON_OK;
}


static rt_reason_e
check_signature(dpop_job_t *job)
{
    rt_jwk_t      key;
    const char   *why;
    rt_status_e   rc;
    rt_reason_e   reason;

    rc = rt_jwk_read(job->mem, rt_json_member(job->jws.header, "jwk"),
                     rt_jwa_bit(job->jws.alg->id), &key, &why);

    if (rc == RT_ERROR) {
        return RT_REASON_INTERNAL;
    }

    if (rc != RT_OK) {
        return refuse(job, "has a jwk that is no public key for its alg");
    }

    reason = rt_jws_check(job->mem, &job->jws, &key);

    rt_jwk_free(&key);

    return reason;
}


/* scheme and host in any case of letters, the scheme's own port, and RFC 3986,
   6.2.2 and 6.2.3, for both paths */

static rt_reason_e
check_htu(dpop_job_t *job, const rt_str_t *htu)
{
    rt_str_t                  uri, path, own, rest;
    rt_url_t                  url, origin;
    const char               *why;
    const rt_dpop_request_t  *request;

    request = job->request;

    (void) rt_str_cut(htu, '#', &uri, &rest);
    (void) rt_str_cut(&uri, '?', &uri, &rest);

    if (rt_url_parse(&uri, &url, &why) != RT_OK
        || rt_url_parse(&request->origin, &origin, &why) != RT_OK
        || !rt_url_same_origin(&url, &origin)
        || url.bracketed != origin.bracketed)
    {
        return refuse(job, "has another htu: its origin");
    }

    path.data = url.host.data + url.host.len;
    path.len = uri.data + uri.len - path.data;

    while (path.len && path.data[0] != '/') {
        path.data++;
        path.len--;
    }

    if (rt_uri_normal(job->mem, &path, &path) != RT_OK
        || rt_uri_normal(job->mem, &request->path, &own) != RT_OK)
    {
        return RT_REASON_INTERNAL;
    }

    return rt_str_eq(&path, &own) ? RT_REASON_OK
                                  : refuse(job, "has another htu: its path");
}


static rt_reason_e
check_ath(dpop_job_t *job, const rt_str_t *ath)
{
    size_t          len;
    rt_str_t        want;
    unsigned char   digest[EVP_MAX_MD_SIZE], spelled[64];

    if (!EVP_Digest(job->request->token.data, job->request->token.len, digest,
                    NULL, EVP_sha256(), NULL))
    {
        return RT_REASON_INTERNAL;
    }

    len = rt_b64_encode_to(digest, 32, spelled);
    want = (rt_str_t) { len, spelled };

    if (ath->len != want.len || !rt_same(ath->data, want.data, len)) {
        return refuse(job, "has the ath of another token");
    }

    return RT_REASON_OK;
}


static rt_reason_e
check_times(dpop_job_t *job, int64_t *until)
{
    double       iat, exp, nbf, now, leeway;
    rt_status_e  has_exp, has_nbf;

    now = (double) job->request->now;
    leeway = (double) job->request->leeway;

    if (rt_claims_time(job->claims, "iat", &iat) != RT_OK) {
        return refuse(job, "has no iat");
    }

    if (iat > now + leeway) {
        return refuse(job, "was made in the future");
    }

    if (now >= iat + RT_DPOP_AGE + leeway) {
        return refuse(job, "is too old");
    }

    /* a proof need not have "exp" and "nbf"; whoever writes them means them */

    has_exp = rt_claims_time(job->claims, "exp", &exp);
    has_nbf = rt_claims_time(job->claims, "nbf", &nbf);

    if (has_exp == RT_INVALID || has_nbf == RT_INVALID
        || (has_exp == RT_OK && now >= exp + leeway)
        || (has_nbf == RT_OK && nbf > now + leeway))
    {
        return refuse(job, "is not good now, by its own exp or nbf");
    }

    *until = (int64_t) (iat + RT_DPOP_AGE + leeway) + 1;

    return RT_REASON_OK;
}


/* a claim that is a string and not empty */

static int
text(const dpop_job_t *job, const char *name, rt_str_t *out)
{
    rt_json_t  *v;

    v = rt_json_get(job->claims,
                    &(rt_str_t) { strlen(name), (unsigned char *) name });

    if (v == NULL || v->type != RT_JSON_STRING || v->str.len == 0) {
        return 0;
    }

    *out = v->str;

    return 1;
}


static rt_reason_e
check_claims(dpop_job_t *job, rt_dpop_t *dpop, rt_str_t *jti)
{
    rt_str_t     htm, htu, ath;
    rt_json_t   *nonce;
    rt_reason_e  reason;

    reason = rt_claims_parse(job->mem, &job->jws.payload, &job->claims);

    if (reason != RT_REASON_OK) {
        return reason == RT_REASON_INTERNAL
               ? reason : refuse(job, "has a payload that is no JSON object");
    }

    if (!text(job, "jti", jti) || jti->len > RT_DPOP_MAX_JTI) {
        return refuse(job, "has no jti, or a long one");
    }

    if (!text(job, "htm", &htm) || !text(job, "htu", &htu)
        || !text(job, "ath", &ath))
    {
        return refuse(job, "has no htm, htu or ath");
    }

    if (!rt_str_eq(&htm, &job->request->method)) {
        return refuse(job, "has another htm");
    }

    nonce = rt_json_member(job->claims, "nonce");

    if (nonce && !text(job, "nonce", &dpop->nonce)) {
        return refuse(job, "has a nonce that is no text");
    }

    reason = check_htu(job, &htu);

    if (reason == RT_REASON_OK) {
        reason = check_ath(job, &ath);
    }

    return reason == RT_REASON_OK ? check_times(job, &dpop->until) : reason;
}


static rt_reason_e
identify(dpop_job_t *job, const rt_str_t *jti, rt_dpop_t *dpop)
{
    unsigned char  bytes[RT_THUMBPRINT + RT_DPOP_MAX_JTI];

    memcpy(bytes, job->request->jkt, RT_THUMBPRINT);
    memcpy(bytes + RT_THUMBPRINT, jti->data, jti->len);

    return EVP_Digest(bytes, RT_THUMBPRINT + jti->len, dpop->id, NULL,
                      EVP_sha256(), NULL)
           ? RT_REASON_OK : RT_REASON_INTERNAL;
}


rt_reason_e
rt_dpop_check(rt_mem_t *mem, const rt_str_t *proof,
    const rt_dpop_request_t *request, rt_dpop_t *dpop, const char **why)
{
    rt_str_t     jti;
    dpop_job_t   job;
    rt_reason_e  reason;

    memset(&job, 0, sizeof(dpop_job_t));
    memset(dpop, 0, sizeof(rt_dpop_t));

    job.mem = mem;
    job.request = request;

    reason = check_header(&job, proof);

    if (reason == RT_REASON_OK) {
        reason = check_key(&job);
    }

    if (reason == RT_REASON_OK) {
        reason = check_signature(&job);
    }

    if (reason == RT_REASON_OK) {
        reason = check_claims(&job, dpop, &jti);
    }

    if (reason == RT_REASON_OK) {
        reason = identify(&job, &jti, dpop);
    }

    *why = job.why;

    return reason;
}
