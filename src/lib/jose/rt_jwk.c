
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "text/rt_b64.h"
#include "jose/rt_edpoint.h"
#include "jose/rt_jwk.h"


/* bytes of the numbers of RSA, with some zeros before them */
#define JWK_MAX_N      1050
#define JWK_MAX_E      12

/* bytes of a coordinate, P-521's */
#define JWK_MAX_COORD  66

static const char  no_memory[] = "no memory";


/* what the screening of one JWK has found out */

typedef struct {
    rt_mem_t         *mem;
    const rt_json_t  *jwk;
    rt_jwk_t         *key;
    uint32_t          accepted;     /* the provider's algorithms */
} jwk_job_t;


typedef struct {
    rt_str_t      name;
    rt_kty_e      kty;
    const char *(*read)(jwk_job_t *job);
} jwk_kty_t;


static const struct {
    const char  *name;          /* OpenSSL's: of the group, or the key type */
    unsigned     bits;
    size_t       len;           /* bytes of a coordinate */
} jwk_curves[] = {
    [RT_CRV_P256] = { "prime256v1", 256, 32 },
    [RT_CRV_P384] = { "secp384r1", 384, 48 },
    [RT_CRV_P521] = { "secp521r1", 521, JWK_MAX_COORD },
    [RT_CRV_ED25519] = { "ED25519", 253, 32 },
    [RT_CRV_ED448] = { "ED448", 448, 57 },
};


static const char *read_rsa(jwk_job_t *job);
static const char *read_ec(jwk_job_t *job);
static const char *read_okp(jwk_job_t *job);
static const char *read_oct(jwk_job_t *job);


static const jwk_kty_t  jwk_types[] = {
    { rt_string("RSA"), RT_KTY_RSA, read_rsa },
    { rt_string("EC"),  RT_KTY_EC,  read_ec },
    { rt_string("OKP"), RT_KTY_OKP, read_okp },
    { rt_string("oct"), RT_KTY_OCT, read_oct },
};


/* a member that is a string; RT_DECLINED: absent, RT_INVALID: another type */

static rt_status_e
string_member(const rt_json_t *jwk, const char *name, rt_str_t *out)
{
    rt_json_t  *v;

    v = rt_json_get(jwk, &(rt_str_t) { strlen(name), (unsigned char *) name });
    if (v == NULL) {
        return RT_DECLINED;
    }

    if (v->type != RT_JSON_STRING) {
        return RT_INVALID;
    }

    *out = v->str;

    return RT_OK;
}


/* a member that is base64url, decoded */

static const char *
octets(jwk_job_t *job, const char *name, rt_str_t *out)
{
    rt_str_t  text;

    if (string_member(job->jwk, name, &text) != RT_OK) {
        return "a member that makes up the key is absent or no string";
    }

    switch (rt_b64_decode(job->mem, &text, out)) {

    case RT_OK:
        return NULL;

    case RT_INVALID:
        return "a member that makes up the key is not base64url";

    default:
        return no_memory;
    }
}


/* the algorithms of this key type and curve */

static uint32_t
algs_of(const rt_jwk_t *key)
{
    unsigned         i;
    uint32_t         algs;
    const rt_jwa_t  *alg;

    algs = 0;

    for (i = 0; i < RT_JWA_MAX; i++) {
        alg = rt_jwa(i);

        if (alg->kty == key->kty
            && (alg->crv == RT_CRV_NONE || alg->crv == key->crv))
        {
            algs |= rt_jwa_bit(i);
        }
    }

    return algs;
}


/* OpenSSL makes the public key of these numbers */

static const char *
make_key(jwk_job_t *job, const char *type, OSSL_PARAM *params)
{
    EVP_PKEY_CTX  *ctx;

    ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);

    if (ctx && EVP_PKEY_fromdata_init(ctx) == 1) {
        (void) EVP_PKEY_fromdata(ctx, &job->key->pkey, EVP_PKEY_PUBLIC_KEY,
                                 params);
    }

    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();

    return job->key->pkey ? NULL : "OpenSSL refuses the key";
}


static unsigned
strip_zeros(rt_str_t *number)
{
    unsigned       bits;
    unsigned char  top;

    while (number->len && number->data[0] == 0) {
        number->data++;
        number->len--;
    }

    if (number->len == 0) {
        return 0;
    }

    bits = (unsigned) (number->len - 1) * 8;

    for (top = number->data[0]; top; top >>= 1) {
        bits++;
    }

    return bits;
}


/* a number as OpenSSL takes it: its bytes in the order of this host */

static int
add_number(OSSL_PARAM *param, const char *name, rt_str_t *number)
{
    int      ok;
    BIGNUM  *bn;

    bn = BN_bin2bn(number->data, (int) number->len, NULL);
    ok = bn && BN_bn2nativepad(bn, number->data, (int) number->len) >= 0;
    BN_free(bn);

    *param = OSSL_PARAM_construct_BN(name, number->data, number->len);

    return ok;
}


static const char *
screen_rsa(rt_jwk_t *key, rt_str_t *n, rt_str_t *e)
{
    size_t    n_len, e_len;
    unsigned  bits;

    n_len = n->len;
    e_len = e->len;
    key->bits = strip_zeros(n);

    if (key->bits < RT_JWK_MIN_RSA) {
        return "an RSA key below 2048 bits is not safe";
    }

    if (key->bits > RT_JWK_MAX_RSA || n_len > JWK_MAX_N) {
        return "an RSA key above 8192 bits costs too much to verify with";
    }

    bits = strip_zeros(e);

    if (bits < 2 || bits > RT_JWK_MAX_RSA_E || e_len > JWK_MAX_E
        || !(e->data[e->len - 1] & 1) || !(n->data[n->len - 1] & 1))
    {
        return "modulus and exponent of an RSA key are odd, the exponent "
               "is above 1 and below 2^33";
    }

    return NULL;
}


static const char *
read_rsa(jwk_job_t *job)
{
    rt_str_t     n, e;
    OSSL_PARAM   params[3];
    const char  *why;

    why = octets(job, "n", &n);

    if (why == NULL) {
        why = octets(job, "e", &e);
    }

    if (why == NULL) {
        why = screen_rsa(job->key, &n, &e);
    }

    if (why) {
        return why;
    }

    if (!add_number(&params[0], OSSL_PKEY_PARAM_RSA_N, &n)
        || !add_number(&params[1], OSSL_PKEY_PARAM_RSA_E, &e))
    {
        ERR_clear_error();
        return no_memory;
    }

    params[2] = OSSL_PARAM_construct_end();

    return make_key(job, "RSA", params);
}


/* EC and OKP: a curve of this key type */

static const char *
read_curve(jwk_job_t *job, rt_crv_e first, rt_crv_e last)
{
    rt_crv_e  crv;
    rt_str_t  name;

    if (string_member(job->jwk, "crv", &name) != RT_OK) {
        return "crv is absent or not a string";
    }

    crv = rt_jwa_curve(&name);

    if (crv < first || crv > last) {
        return "crv is not a curve used here with its kty";
    }

    job->key->crv = crv;
    job->key->bits = jwk_curves[crv].bits;

    return NULL;
}


static const char *
coordinate(jwk_job_t *job, const char *name, rt_str_t *out)
{
    const char  *why;

    why = octets(job, name, out);

    if (why == NULL && out->len != jwk_curves[job->key->crv].len) {
        why = "a coordinate has not the length of its curve";
    }

    return why;
}


/*
 * OpenSSL takes a point only if it is on the curve and its coordinates are
 * below the prime of the field.  The order of these curves is a prime, so
 * there is no more to look at (SEC 1, 3.2.2.1), and EVP_PKEY_public_check(),
 * which multiplies the point by it, would find nothing.
 */

static const char *
read_ec(jwk_job_t *job)
{
    rt_str_t        x, y;
    OSSL_PARAM      params[3];
    const char     *why;
    unsigned char   point[1 + 2 * JWK_MAX_COORD];

    why = read_curve(job, RT_CRV_P256, RT_CRV_P521);

    if (why == NULL) {
        why = coordinate(job, "x", &x);
    }

    if (why == NULL) {
        why = coordinate(job, "y", &y);
    }

    if (why) {
        return why;
    }

    point[0] = POINT_CONVERSION_UNCOMPRESSED;
    memcpy(point + 1, x.data, x.len);
    memcpy(point + 1 + x.len, y.data, y.len);

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                            (char *) jwk_curves[job->key->crv].name, 0);
    params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
                                                  point, 1 + x.len + y.len);
    params[2] = OSSL_PARAM_construct_end();

    return make_key(job, "EC", params);
}


static const char *
read_okp(jwk_job_t *job)
{
    rt_str_t     x;
    OSSL_PARAM   params[2];
    const char  *why;

    why = read_curve(job, RT_CRV_ED25519, RT_CRV_ED448);

    if (why == NULL) {
        why = coordinate(job, "x", &x);
    }

    if (why == NULL) {
        why = rt_edpoint_fault(job->key->crv, &x);
    }

    if (why) {
        return why;
    }

    params[0] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
                                                  x.data, x.len);
    params[1] = OSSL_PARAM_construct_end();

    return make_key(job, jwk_curves[job->key->crv].name, params);
}


/* an HMAC key serves the algorithms whose digest is not longer than it is */

static const char *
read_oct(jwk_job_t *job)
{
    unsigned        i;
    rt_str_t        k;
    rt_status_e     rc;
    const char     *why;
    rt_verifier_t  *v;

    memset(&k, 0, sizeof(rt_str_t));

    why = octets(job, "k", &k);

    if (why == NULL && k.len > 1024) {
        why = "an HMAC key above 1024 bytes is not used";
    }

    job->key->bits = (unsigned) k.len * 8;

    for (i = 0; i < RT_JWA_MAX && why == NULL; i++) {

        if (!(job->key->algs & rt_jwa_bit(i))) {
            continue;
        }

        rc = rt_verifier_make_hmac(job->mem, &k, rt_jwa(i), &v);

        if (rc == RT_OK) {
            rt_verifier_link(&job->key->verifiers, v);

        } else if (rc == RT_DECLINED) {
            job->key->algs &= ~rt_jwa_bit(i);

        } else {
            why = no_memory;
        }
    }

    if (k.len) {
        OPENSSL_cleanse(k.data, k.len);
    }

    if (why) {
        return why;
    }

    return job->key->algs ? NULL : "an HMAC key is at least as long as the "
                                   "digest of its algorithm";
}


/* use, key_ops: absent, or made for verifying (RFC 7517, 4.2 and 4.3) */

static const char *
screen_purpose(const rt_json_t *jwk)
{
    rt_str_t          use;
    const rt_json_t  *v;

    switch (string_member(jwk, "use", &use)) {

    case RT_OK:
        if (!rt_str_lit(&use, "sig")) {
            return "use is not sig";
        }

        break;

    case RT_INVALID:
        return "use is not a string";

    default:
        break;
    }

    v = rt_json_member(jwk, "key_ops");
    if (v == NULL) {
        return NULL;
    }

    if (v->type != RT_JSON_ARRAY) {
        return "key_ops is not an array";
    }

    for (v = v->child; v; v = v->next) {
        if (v->type == RT_JSON_STRING && rt_str_lit(&v->str, "verify")) {
            return NULL;
        }
    }

    return "key_ops has no verify";
}


/* the JWK's own alg narrows, and so does the provider's list */

static const char *
screen_alg(jwk_job_t *job)
{
    rt_str_t         name;
    uint32_t         algs;
    const rt_jwa_t  *alg;

    algs = job->key->algs;

    switch (string_member(job->jwk, "alg", &name)) {

    case RT_OK:
        alg = rt_jwa_find(&name);
        if (alg == NULL) {
            return "alg is no signature algorithm known here";
        }

        if (!(algs & rt_jwa_bit(alg->id))) {
            return "alg does not go with the type, curve or size of the key";
        }

        /*
         * A key of an Edwards curve serves both "EdDSA" and the name of its
         * curve.
         */

        algs &= (alg->kty == RT_KTY_OKP) ? RT_JWA_ED : rt_jwa_bit(alg->id);

        break;

    case RT_INVALID:
        return "alg is not a string";

    default:
        break;
    }

    job->key->algs = algs & job->accepted;

    return job->key->algs ? NULL : "it fits none of the algorithms accepted";
}


static const char *
make_verifiers(jwk_job_t *job)
{
    unsigned        i;
    rt_status_e     rc;
    rt_verifier_t  *v;

    for (i = 0; i < RT_JWA_MAX; i++) {

        if (!(job->key->algs & rt_jwa_bit(i))) {
            continue;
        }

        rc = rt_verifier_make(job->mem, job->key->pkey, rt_jwa(i), &v);

        if (rc != RT_OK) {
            return rc == RT_ERROR ? no_memory
                                  : "OpenSSL cannot verify with it";
        }

        rt_verifier_link(&job->key->verifiers, v);
    }

    return NULL;
}


static const char *
copy_kid(jwk_job_t *job)
{
    rt_str_t  kid, *out;

    switch (string_member(job->jwk, "kid", &kid)) {

    case RT_OK:
        break;

    case RT_INVALID:
        return "kid is not a string";

    default:
        return NULL;
    }

    out = &job->key->kid;

    out->data = rt_alloc(job->mem, kid.len + 1);
    if (out->data == NULL) {
        return no_memory;
    }

    memcpy(out->data, kid.data, kid.len);
    out->len = kid.len;

    return NULL;
}


/* one JWK; ret: NULL, or why it cannot be used */

static const char *
read_jwk(jwk_job_t *job)
{
    size_t             i;
    rt_str_t           kty;
    const char        *why;
    const jwk_kty_t  *type;

    if (job->jwk->type != RT_JSON_OBJECT) {
        return "it is not an object";
    }

    if (string_member(job->jwk, "kty", &kty) != RT_OK) {
        return "kty is absent or not a string";
    }

    type = NULL;

    for (i = 0; i < sizeof(jwk_types) / sizeof(jwk_types[0]); i++) {
        if (rt_str_eq(&jwk_types[i].name, &kty)) {
            type = &jwk_types[i];
        }
    }

    if (type == NULL) {
        return "kty is not RSA, EC, OKP or oct";
    }

    job->key->kty = type->kty;

    why = copy_kid(job);

    if (why == NULL) {
        why = screen_purpose(job->jwk);
    }

    if (why) {
        return why;
    }

    /*
     * An HMAC verifier is made while the key is at hand, so its algorithms
     * are narrowed before; the others are known once the curve is.
     */

    if (type->kty == RT_KTY_OCT) {
        job->key->algs = algs_of(job->key);
        why = screen_alg(job);

        return why ? why : read_oct(job);
    }

    why = type->read(job);

    if (why == NULL) {
        job->key->algs = algs_of(job->key);
        why = screen_alg(job);
    }

    return why ? why : make_verifiers(job);
}


rt_status_e
rt_jwk_read(rt_mem_t *mem, const rt_json_t *jwk, uint32_t algs, rt_jwk_t *key,
    const char **why)
{
    jwk_job_t  job = { mem, jwk, key, algs };

    memset(key, 0, sizeof(rt_jwk_t));

    *why = read_jwk(&job);

    if (*why == NULL) {
        return RT_OK;
    }

    rt_jwk_free(key);

    return *why == no_memory ? RT_ERROR : RT_DECLINED;
}


void
rt_jwk_free(rt_jwk_t *key)
{
    rt_verifier_free(key->verifiers);
    EVP_PKEY_free(key->pkey);
    key->verifiers = NULL;
    key->pkey = NULL;
}


int
rt_jwk_same(const rt_jwk_t *a, const rt_jwk_t *b)
{
    int  same;

    if (a->pkey == NULL || b->pkey == NULL) {
        return 0;
    }

    same = (EVP_PKEY_eq(a->pkey, b->pkey) == 1);
    ERR_clear_error();

    return same;
}


rt_status_e
rt_jwk_verify(const rt_jwk_t *key, const rt_jwa_t *alg, const rt_str_t *input,
    const rt_str_t *sig)
{
    rt_verifier_t  *v;

    v = (key->algs & rt_jwa_bit(alg->id))
        ? rt_verifier_find(key->verifiers, alg) : NULL;

    return v ? rt_verifier_check(v, input, sig) : RT_DECLINED;
}
