
/*
 * A session record.  One that is read is written as the very same bytes: there
 * is one spelling of a session, and nothing in a record that is passed over.
 */

#include <assert.h>

#include "rt_arena.h"
#include "oidc/rt_session.h"


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t      mem;
    rt_str_t      bytes, again;
    rt_arena_t    arena;
    rt_status_e   rc;
    rt_session_t  s;

    mem = rt_arena_init(&arena);
    bytes.len = size;
    bytes.data = rt_alloc(&mem, size);
    memcpy(bytes.data, data, size);

    rc = rt_session_decode(&bytes, &s);

    if (rc == RT_OK) {
        assert(s.claims.len);
        assert(rt_session_encode(&mem, &s, &again) == RT_OK);
        assert(rt_str_eq(&bytes, &again));

    } else {
        assert(rc == RT_INVALID);
    }

    rt_arena_free(&arena);

    return 0;
}
