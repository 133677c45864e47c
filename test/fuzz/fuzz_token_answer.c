
/*
 * A token endpoint's answer: two bytes of status, then the body.  Tokens come
 * out of a 200 only, and are fit for a header; an outage never says that a
 * grant is over.  The same bytes as the answer to a pushed request.
 */

#include <assert.h>

#include "rt_arena.h"
#include "jose/rt_claims.h"
#include "oidc/rt_shown.h"
#include "oidc/rt_token_answer.h"


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t            mem;
    rt_str_t            body;
    unsigned            status;
    rt_arena_t          arena;
    const char         *why;
    rt_status_e         rc;
    rt_token_answer_t   a;

    if (size < 2) {
        return 0;
    }

    mem = rt_arena_init(&arena);
    status = 200 + (data[0] & 1) * ((data[1] << 1 | data[0] >> 7) & 511);
    body.len = size - 2;
    body.data = rt_alloc(&mem, body.len);
    memcpy(body.data, data + 2, body.len);

    why = NULL;
    rc = rt_token_answer_parse(&mem, status, &body, &a, &why);

    assert(rc != RT_ERROR);
    assert(rc == RT_OK ? why == NULL : why != NULL);
    assert(!a.grant_over || rc == RT_DECLINED);
    assert(a.error.len == 0 || rt_shown_is_code(&a.error));
    assert(a.description.len <= RT_SHOWN_MAX);

    if (rc == RT_OK) {
        assert(status == 200 && a.access_token.len && a.error.len == 0);
        assert(rt_shown_is_bare(&a.access_token));
        assert(rt_shown_is_bare(&a.refresh_token));
        assert(rt_shown_is_bare(&a.id_token));
        assert(a.expires_in >= 0 && a.expires_in <= RT_CLAIMS_MAX_TIME);

    } else {
        assert(a.access_token.len == 0 && a.refresh_token.len == 0
               && a.id_token.len == 0);
    }

    rc = rt_token_answer_pushed(&mem, status, &body, &a, &why);

    assert(a.access_token.len == 0 && a.id_token.len == 0);
    assert((rc == RT_OK) == (a.request_uri.len != 0));
    assert(rt_shown_is_bare(&a.request_uri));

    rt_arena_free(&arena);

    return 0;
}
