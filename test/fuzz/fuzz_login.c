
/*
 * What a browser hands back sealed.  The first byte chooses: a cookie that was
 * not made here, which no key opens; or bytes that are sealed here, which come
 * back as they were, and make a login when they have the length of one.
 */

#include <assert.h>
#include <openssl/err.h>

#include "rt_arena.h"
#include "oidc/rt_login.h"


static const rt_str_t       aad = rt_string("rtauth login");
static const rt_seal_key_t  keys[2] = { { { 1 } }, { { 2 } } };


static void
foreign(rt_mem_t *mem, const rt_str_t *text)
{
    rt_str_t    plain;
    rt_login_t  login, none;

    memset(&none, 0, sizeof(rt_login_t));

    assert(rt_login_open(mem, keys, 2, &aad, text, &login) == RT_DECLINED);
    assert(memcmp(&login, &none, sizeof(rt_login_t)) == 0);

    assert(rt_unseal(mem, keys, 2, &aad, text, &plain, NULL) == RT_DECLINED);
    assert(plain.len == 0 && plain.data == NULL);
}


static void
ours(rt_mem_t *mem, const rt_str_t *text)
{
    rt_str_t     cookie, plain;
    unsigned     which;
    rt_login_t   login, twin;
    rt_status_e  rc;

    rc = rt_seal_text(mem, &keys[1], &aad, text, &cookie);

    if (text->len > RT_SEAL_MAX) {
        assert(rc == RT_TOO_BIG);
        return;
    }

    assert(rc == RT_OK);
    assert(rt_unseal_text(mem, keys, 2, &aad, &cookie, &plain, &which)
           == RT_OK);
    assert(which == 1 && rt_str_eq(&plain, text));

    rc = rt_login_open(mem, keys, 2, &aad, &cookie, &login);
    assert(rc == (cookie.len == RT_LOGIN_COOKIE ? RT_OK : RT_DECLINED));

    if (rc == RT_OK) {
        assert(rt_login_seal(mem, &keys[0], &login, &aad, &cookie) == RT_OK);
        assert(rt_login_open(mem, keys, 1, &aad, &cookie, &twin) == RT_OK);
        assert(login.time == twin.time && login.provider == twin.provider
               && login.stepup == twin.stepup);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t    mem;
    rt_str_t    text;
    rt_arena_t  arena;

    if (size == 0) {
        return 0;
    }

    mem = rt_arena_init(&arena);
    text.len = size - 1;
    text.data = rt_alloc(&mem, text.len);
    memcpy(text.data, data + 1, text.len);

    if (data[0] & 1) {
        ours(&mem, &text);

    } else {
        foreign(&mem, &text);
    }

    assert(ERR_peek_error() == 0);

    rt_arena_free(&arena);

    return 0;
}
