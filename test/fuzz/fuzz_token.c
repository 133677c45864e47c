
/*
 * rt_jws and rt_claims.  The first byte chooses what the fuzzer may do: a
 * raw token; or header and payload that are signed here with a key of the
 * set, so that the way behind the signature is walked too.  A token that
 * verifies is canonical: its parts encoded anew give the same bytes; and no
 * other token than those made here ever verifies.
 */

#include <assert.h>
#include <openssl/err.h>
#include <openssl/hmac.h>

#include "rt_arena.h"
#include "text/rt_b64.h"
#include "jose/rt_claims.h"
#include "jose/rt_jws.h"


#define KEY  "0123456789abcdef0123456789abcdef"


static const char  set[] =
    "{\"keys\":["
    "{\"kty\":\"oct\",\"kid\":\"h\",\"k\":"
        "\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"},"
    "{\"kty\":\"EC\",\"kid\":\"e\",\"crv\":\"P-256\","
        "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
        "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"},"
    "{\"kty\":\"OKP\",\"kid\":\"o\",\"crv\":\"Ed25519\","
        "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";

static rt_arena_t  keys_arena;
static rt_jwks_t   keys;


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    rt_mem_t     mem;
    rt_str_t     text;
    const char  *err;

    (void) argc;
    (void) argv;

    mem = rt_arena_init(&keys_arena);
    text.data = (unsigned char *) set;
    text.len = sizeof(set) - 1;

    if (rt_jwks_load(&mem, &text, RT_JWA_ALL, &keys, &err) != RT_OK) {
        abort();
    }

    return 0;
}


/* "header \n payload" becomes a token signed by the HMAC key */

static void
sign(rt_mem_t *mem, const rt_str_t *text, rt_str_t *token)
{
    size_t          n;
    unsigned        len;
    rt_str_t        header, payload;
    unsigned char  *lf, mac[EVP_MAX_MD_SIZE];

    lf = text->len ? memchr(text->data, '\n', text->len) : NULL;

    header.data = text->data;
    header.len = lf ? (size_t) (lf - text->data) : text->len;
    payload.data = lf ? lf + 1 : text->data;
    payload.len = lf ? text->len - header.len - 1 : 0;

    token->data = rt_alloc(mem, text->len * 2 + 128);

    n = rt_b64_encode_to(header.data, header.len, token->data);
    token->data[n++] = '.';
    n += rt_b64_encode_to(payload.data, payload.len, token->data + n);

    HMAC(EVP_sha256(), KEY, 32, token->data, n, mac, &len);

    token->data[n++] = '.';
    n += rt_b64_encode_to(mac, len, token->data + n);
    token->len = n;
}


static void
assert_canonical(rt_mem_t *mem, const rt_str_t *part)
{
    rt_str_t  bytes, again;

    assert(rt_b64_decode(mem, part, &bytes) == RT_OK);
    assert(rt_b64_encode(mem, &bytes, &again) == RT_OK);
    assert(rt_str_eq(part, &again));
}


static void
check_claims(rt_mem_t *mem, const rt_jws_t *jws)
{
    int64_t              expires;
    rt_str_t             out;
    rt_json_t           *claims, *v;
    rt_claims_policy_t   policy;

    static const rt_str_t  aud = rt_string("a");

    if (rt_claims_parse(mem, &jws->payload, &claims) != RT_REASON_OK) {
        assert(claims == NULL);
        return;
    }

    for (v = claims->child; v; v = v->next) {
        assert(rt_claims_text(mem, v, &out) == RT_OK);
        assert(rt_claims_json(mem, v, &out) == RT_OK);
    }

    memset(&policy, 0, sizeof(rt_claims_policy_t));
    policy.issuer = (rt_str_t) rt_string("i");
    policy.audiences = &aud;
    policy.naudiences = 1;

    if (rt_claims_check(&policy, &jws->typ, claims, 1000, &expires)
        != RT_REASON_OK)
    {
        return;
    }

    assert(expires > 1000 && expires <= RT_CLAIMS_MAX_TIME);
    assert(rt_str_lit(&rt_json_member(claims, "iss")->str, "i"));
    assert(rt_json_member(claims, "aud") && rt_json_member(claims, "exp"));
    assert(!rt_json_member(claims, "cnf"));
    assert(!rt_json_member(claims, "events"));
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int           made;
    rt_mem_t      mem;
    rt_str_t      text, token, iss;
    rt_jws_t      jws;
    rt_arena_t    arena;
    rt_reason_e   reason;

    if (size == 0) {
        return 0;
    }

    mem = rt_arena_init(&arena);
    text.data = (unsigned char *) data + 1;
    text.len = size - 1;
    token = text;
    made = data[0] & 1;

    if (made) {
        sign(&mem, &text, &token);
    }

    reason = rt_jws_verify(&mem, &token, RT_JWA_ALL, &keys, &jws);

    assert(ERR_peek_error() == 0);
    assert(jws.verified == (reason == RT_REASON_OK));
    assert(jws.verified || jws.payload.data == NULL);
    assert(reason != RT_REASON_INTERNAL);

    if (reason == RT_REASON_OK) {
        assert(token.len <= RT_JWS_MAX_TOKEN);
        assert(!made || jws.alg->id == RT_JWA_HS256);
        assert_canonical(&mem, &jws.header_b64);
        assert_canonical(&mem, &jws.payload_b64);
        assert_canonical(&mem, &jws.signature_b64);
        check_claims(&mem, &jws);
    }

    (void) rt_jws_unverified_issuer(&mem, &token, &iss);

    rt_arena_free(&arena);

    return 0;
}
