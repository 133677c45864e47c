
/*
 * What a provider says of a token, as JSON and as the claims of a JWT: whoever
 * is let in was called active, is meant for us, is no refresh token and not
 * bound to a key; and a time comes when he is not let in any more.
 */

#include <assert.h>

#include "rt_arena.h"
#include "jose/rt_claims.h"
#include "oidc/rt_introspection.h"


#define NOW     1000
#define LEEWAY  10


static const rt_str_t  audience[] = { rt_string("c") };

static const rt_claims_policy_t  policy = {
    .issuer = rt_string("i"), .audiences = audience, .naudiences = 1,
    .asked = 1, .exp_optional = 1, .require_sub = 1, .leeway = LEEWAY
};


static void
good(const rt_json_t *answer, int64_t expires)
{
    double            time;
    const rt_json_t  *v;

    static const rt_str_t  none = rt_null_string;

    v = rt_json_member(answer, "iss");
    assert(v == NULL || rt_str_lit(&v->str, "i"));

    v = rt_json_member(answer, "aud");
    assert(v && (rt_str_lit(&v->str, "c")
                 || (v->type == RT_JSON_ARRAY && v->count > 0)));

    v = rt_json_member(answer, "token_type");
    assert(v == NULL || v->str.len == sizeof("Bearer") - 1);

    assert(rt_json_member(answer, "sub")->str.len);
    assert(rt_json_member(answer, "cnf") == NULL);
    assert(rt_json_member(answer, "events") == NULL);

    v = rt_json_member(answer, "exp");
    assert(v == NULL
           || (rt_json_double(v, &time) == RT_OK && time + LEEWAY > NOW));

    assert(expires > NOW);
    assert(rt_claims_check(&policy, &none, answer, expires, NULL)
           == RT_REASON_EXPIRED);
}


static void
check(rt_status_e rc, const rt_json_t *answer, const char *why)
{
    int64_t    expires;
    rt_str_t   typ = rt_null_string;

    assert((rc == RT_INVALID || rc == RT_TOO_BIG) == (why != NULL));

    if (rc != RT_OK) {
        return;
    }

    assert(rt_json_member(answer, "active")->type == RT_JSON_TRUE);

    if (rt_claims_check(&policy, &typ, answer, NOW, &expires) == RT_REASON_OK)
    {
        good(answer, expires);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t     mem;
    rt_str_t     body;
    rt_json_t   *claims, *answer;
    rt_arena_t   arena;
    const char  *why;
    rt_status_e  rc;

    mem = rt_arena_init(&arena);

    body.data = (unsigned char *) data;
    body.len = size;

    why = NULL;
    rc = rt_introspection_parse(&mem, &body, &answer, &why);
    check(rc, answer, why);

    if (rt_claims_parse(&mem, &body, &claims) == RT_REASON_OK) {
        why = NULL;
        rc = rt_introspection_signed(claims, NOW, LEEWAY, &answer, &why);
        check(rc, answer, why);
    }

    rt_arena_free(&arena);

    return 0;
}
