
/*
 * A DPoP proof whose header and claims are anybody's, signed by the token's
 * key: whatever is accepted says all that RFC 9449, 4.3 asks for.  The same
 * bytes as a proof, which nobody has signed, are never accepted.
 *
 *     header JSON, a line feed, claims JSON
 */

#include <assert.h>

#include <openssl/evp.h>

#include "rt_arena.h"
#include "jose/rt_dpop.h"
#include "jose/rt_jws.h"
#include "text/rt_b64.h"


#define NOW     1000
#define LEEWAY  10

/* RFC 8037, A.1 and A.3: an Ed25519 key, and its thumbprint */

#define KEY     "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define JKT     "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

/* of the token "t" */

#define ATH     "47mKTaMaEn1L3m5DAz9muidMqw636xxw7EFAK_YnPdg"


static unsigned char      jkt[RT_THUMBPRINT];
static rt_dpop_request_t  request = {
    RT_JWA_ALL, rt_string("GET"), rt_string("https://a"), rt_string("/x"),
    rt_string("t"), jkt, NOW, LEEWAY
};


static EVP_PKEY *
signer(void)
{
    size_t            len;
    rt_str_t          text = rt_string(KEY), print = rt_string(JKT);
    unsigned char     raw[32];
    static EVP_PKEY  *pkey;

    if (pkey == NULL) {
        assert(rt_b64_decode_to(&text, raw, &len) == RT_OK);
        assert(rt_b64_decode_to(&print, jkt, &len) == RT_OK);

        pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, raw, 32);
        assert(pkey != NULL);
    }

    return pkey;
}


/* adds "." and the base64url of it */

static void
part(rt_str_t *proof, const unsigned char *p, size_t len)
{
    if (proof->len) {
        proof->data[proof->len++] = '.';
    }

    proof->len += rt_b64_encode_to(p, len, proof->data + proof->len);
}


static void
sign(rt_str_t *proof)
{
    size_t          len;
    EVP_MD_CTX     *md;
    unsigned char   sig[64];

    len = sizeof(sig);
    md = EVP_MD_CTX_new();

    assert(EVP_DigestSignInit(md, NULL, NULL, NULL, signer()) == 1
           && EVP_DigestSign(md, sig, &len, proof->data, proof->len) == 1);

    EVP_MD_CTX_free(md);
    part(proof, sig, len);
}


static int
is(const rt_json_t *tree, const char *name, const char *text)
{
    rt_json_t  *v;

    v = rt_json_get(tree, &(rt_str_t) { strlen(name),
                                        (unsigned char *) name });

    return v && v->type == RT_JSON_STRING
           && rt_str_is(&v->str, text, strlen(text));
}


static void
accepted(rt_mem_t *mem, rt_str_t *head, rt_str_t *payload, rt_dpop_t *dpop)
{
    double      iat;
    rt_json_t  *header, *claims, *jti;

    static const rt_json_opts_t  opts = { RT_JSON_UNIQUE, 32, 8192 };

    assert(rt_json_parse(mem, head, &opts, &header, NULL) == RT_OK);
    assert(rt_json_parse(mem, payload, &opts, &claims, NULL) == RT_OK);

    assert(is(header, "typ", "dpop+jwt"));
    assert(is(header, "alg", "EdDSA") || is(header, "alg", "Ed25519"));
    assert(rt_json_member(rt_json_member(header, "jwk"), "d") == NULL);
    assert(rt_json_member(header, "crit") == NULL);

    assert(is(claims, "htm", "GET"));
    assert(is(claims, "ath", ATH));

    jti = rt_json_member(claims, "jti");
    assert(jti && jti->str.len && jti->str.len <= RT_DPOP_MAX_JTI);

    assert(rt_json_double(rt_json_member(claims, "iat"), &iat) == RT_OK);
    assert(iat <= NOW + LEEWAY && iat > NOW - RT_DPOP_AGE - LEEWAY);

    assert(dpop->until > NOW
           && dpop->until <= NOW + RT_DPOP_AGE + 2 * LEEWAY + 1);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t      mem;
    rt_str_t      text, head, payload, proof;
    rt_dpop_t     dpop;
    rt_arena_t    arena;
    const char   *why;
    rt_reason_e   reason;

    (void) signer();

    mem = rt_arena_init(&arena);

    text.data = (unsigned char *) data;
    text.len = size;

    reason = rt_dpop_check(&mem, &text, &request, &dpop, &why);
    assert(reason != RT_REASON_OK);
    assert(reason != RT_REASON_BAD_PROOF || why != NULL);

    (void) rt_str_cut(&text, '\n', &head, &payload);

    proof.len = 0;
    proof.data = rt_alloc(&mem, 2 * size + 128);

    if (proof.data) {
        part(&proof, head.data, head.len);
        part(&proof, payload.data, payload.len);
        sign(&proof);

        why = NULL;
        reason = rt_dpop_check(&mem, &proof, &request, &dpop, &why);

        if (reason == RT_REASON_OK) {
            accepted(&mem, &head, &payload, &dpop);

        } else {
            assert(reason != RT_REASON_BAD_PROOF || why != NULL);
        }
    }

    rt_arena_free(&arena);

    return 0;
}
