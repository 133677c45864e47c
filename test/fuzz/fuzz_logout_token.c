
/*
 * The claims of a logout token: whatever is accepted says all that the
 * specification asks for, and is so for a while that has an end.
 */

#include <assert.h>

#include "rt_arena.h"
#include "jose/rt_claims.h"
#include "oidc/rt_logout_token.h"


#define NOW     1000
#define LEEWAY  10


static const rt_logout_policy_t  policy = {
    rt_string("i"), rt_string("c"), LEEWAY
};


static void
check(const rt_json_t *claims, const rt_logout_token_t *token,
    const rt_str_t *typ)
{
    double              time;
    const char         *why;
    const rt_json_t    *v;
    rt_logout_token_t   later;

    assert(rt_str_lit(&rt_json_member(claims, "iss")->str, "i"));

    v = rt_json_member(claims, "aud");
    assert(rt_str_lit(&v->str, "c")
           || (v->type == RT_JSON_ARRAY && v->count > 0));

    assert(rt_json_double(rt_json_member(claims, "iat"), &time) == RT_OK);
    assert(time <= NOW + LEEWAY && time + RT_LOGOUT_MAX_AGE + LEEWAY >= NOW);

    v = rt_json_member(claims, "exp");
    assert(v == NULL
           || (rt_json_double(v, &time) == RT_OK && time + LEEWAY > NOW));

    v = rt_json_member(claims, "events");
    v = rt_json_member(v, "http://schemas.openid.net/event/backchannel-logout");
    assert(v && v->type == RT_JSON_OBJECT);
    assert(rt_json_member(claims, "nonce") == NULL);

    assert(token->jti.len && token->jti.len <= RT_LOGOUT_MAX_TEXT);
    assert(token->sub.len <= RT_LOGOUT_MAX_TEXT
           && token->sid.len <= RT_LOGOUT_MAX_TEXT
           && token->sub.len + token->sid.len > 0);

    assert(token->until > NOW
           && token->until <= NOW + RT_LOGOUT_MAX_AGE + 2 * LEEWAY + 1);

    assert(rt_logout_token_check(&policy, typ, claims, token->until, &later,
                                 &why) == RT_DECLINED);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t            mem;
    rt_str_t            text, typ = rt_null_string;
    rt_json_t          *claims;
    rt_arena_t          arena;
    const char         *why;
    rt_logout_token_t   token;

    mem = rt_arena_init(&arena);

    text.data = (unsigned char *) data;
    text.len = size;

    if (rt_claims_parse(&mem, &text, &claims) == RT_REASON_OK) {
        why = NULL;

        if (rt_logout_token_check(&policy, &typ, claims, NOW, &token, &why)
            == RT_OK)
        {
            check(claims, &token, &typ);

        } else {
            assert(why != NULL);
        }
    }

    rt_arena_free(&arena);

    return 0;
}
