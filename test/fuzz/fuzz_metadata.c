
/*
 * A provider's metadata.  The first byte chooses where it came from: https, or
 * http.  No endpoint of a document that is accepted is of another scheme than
 * https, but for those of the http origin that it came from.
 */

#include <assert.h>

#include "rt_arena.h"
#include "oidc/rt_metadata.h"


static void
check(const rt_str_t *endpoint, const rt_url_t *from)
{
    rt_url_t     url;
    const char  *why;

    if (endpoint->len) {
        assert(rt_url_parse(endpoint, &url, &why) == RT_OK);
        assert(url.tls || (!from->tls && rt_url_same_origin(&url, from)));
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned        i;
    rt_mem_t        mem;
    rt_str_t        text, origin;
    rt_url_t        from;
    rt_arena_t      arena;
    const char     *why;
    rt_status_e     rc;
    rt_metadata_t   m, none;

    static const rt_str_t  issuer = rt_string("https://i");
    static const rt_str_t  clear = rt_string("http://i/d");

    if (size == 0) {
        return 0;
    }

    mem = rt_arena_init(&arena);
    text.len = size - 1;
    text.data = rt_alloc(&mem, text.len);
    memcpy(text.data, data + 1, text.len);

    origin = (data[0] & 1) ? clear : issuer;
    assert(rt_url_parse(&origin, &from, &why) == RT_OK);

    why = NULL;
    rc = rt_metadata_parse(&mem, &text, &issuer, &from, &m, &why);

    if (rc == RT_OK) {
        for (i = 0; i < RT_METADATA_ENDPOINTS; i++) {
            check(&m.endpoint[i], &from);
            check(&m.mtls[i], &from);
        }

    } else {
        memset(&none, 0, sizeof(rt_metadata_t));
        assert(rc != RT_ERROR && why);
        assert(memcmp(&m, &none, sizeof(rt_metadata_t)) == 0);
    }

    rt_arena_free(&arena);

    return 0;
}
