
/*
 * What a provider says of a user in an ID token, on the first line, and in
 * userinfo, on the second.  The claims of the session have each claim of both
 * once, that of the ID token if it is in both, and can be read again; merged
 * with themselves, they stay.  An ID token that is accepted is this client's.
 */

#include <assert.h>

#include "rt_arena.h"
#include "jose/rt_claims.h"
#include "oidc/rt_id_token.h"
#include "oidc/rt_merge.h"


#define NOW      1000
#define LEEWAY   10
#define MAX_AGE  60


static rt_json_t *
claims_of(rt_mem_t *mem, const unsigned char *p, size_t len)
{
    rt_str_t    text;
    rt_json_t  *claims;

    text.len = len;
    text.data = rt_alloc(mem, len);
    memcpy(text.data, p, len);

    return rt_claims_parse(mem, &text, &claims) == RT_REASON_OK ? claims
                                                                : NULL;
}


static int
is_same(rt_mem_t *mem, const rt_json_t *a, const rt_json_t *b)
{
    rt_str_t  one, two;

    assert(rt_claims_json(mem, a, &one) == RT_OK);
    assert(rt_claims_json(mem, b, &two) == RT_OK);

    return rt_str_eq(&one, &two);
}


static int
is_left_out(const rt_str_t *name)
{
    return rt_str_lit(name, "nonce") || rt_str_lit(name, "at_hash")
           || rt_str_lit(name, "c_hash") || rt_str_lit(name, "s_hash");
}


static void
check_merged(rt_mem_t *mem, const rt_json_t *const *objects)
{
    unsigned          i;
    rt_str_t          text, again;
    rt_json_t        *all;
    const rt_json_t  *v, *first, *same[2];

    assert(rt_merge(mem, objects, 2, &text) == RT_OK);
    assert(rt_claims_parse(mem, &text, &all) == RT_REASON_OK);

    for (v = all->child; v; v = v->next) {
        first = rt_json_get(objects[0], &v->key);
        first = first ? first : rt_json_get(objects[1], &v->key);
        assert(first && is_same(mem, first, v));
    }

    for (i = 0; i < 2; i++) {
        for (v = objects[i] ? objects[i]->child : NULL; v; v = v->next) {
            assert(rt_json_get(all, &v->key) || is_left_out(&v->key));
        }
    }

    same[0] = all;
    same[1] = all;
    assert(rt_merge(mem, same, 2, &again) == RT_OK);
    assert(rt_str_eq(&text, &again));
}


static void
check_id_token(const rt_json_t *claims, const rt_json_t *former)
{
    double            time;
    int64_t           auth_time;
    const char       *why;
    rt_status_e       rc;
    const rt_json_t  *v;

    rt_id_token_t  want = {
        .client_id = rt_string("c"), .nonce = rt_string("n"),
        .access_token = rt_string("t"), .alg = rt_jwa(RT_JWA_RS256),
        .now = NOW, .leeway = LEEWAY, .max_age = MAX_AGE, .former = former,
    };

    why = NULL;
    rc = rt_id_token_check(&want, claims, &auth_time, &why);

    assert(rc != RT_ERROR);
    assert(rc == RT_OK || why);

    if (rc != RT_OK) {
        return;
    }

    v = rt_json_member(claims, "aud");
    assert(rt_str_lit(&v->str, "c") || v->type == RT_JSON_ARRAY);

    v = rt_json_member(claims, "azp");
    assert(v == NULL || rt_str_lit(&v->str, "c"));

    v = rt_json_member(claims, "auth_time");
    assert(v && rt_json_double(v, &time) == RT_OK && time >= auth_time);
    assert(auth_time <= NOW + LEEWAY && auth_time + MAX_AGE + LEEWAY >= NOW);

    if (former) {
        assert(rt_id_token_same_sub(claims, former));

    } else {
        v = rt_json_member(claims, "nonce");
        assert(v && rt_str_lit(&v->str, "n"));
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                len;
    rt_mem_t              mem;
    rt_arena_t            arena;
    const rt_json_t      *objects[2];
    const unsigned char  *end;

    mem = rt_arena_init(&arena);

    end = size ? memchr(data, '\n', size) : NULL;
    len = end ? (size_t) (end - data) : size;

    objects[0] = claims_of(&mem, data, len);
    objects[1] = end ? claims_of(&mem, end + 1, size - len - 1) : NULL;

    check_merged(&mem, objects);

    if (objects[0]) {
        check_id_token(objects[0], NULL);
        check_id_token(objects[0], objects[1]);
    }

    rt_arena_free(&arena);

    return 0;
}
