
/*
 * The callback's query and the state.  The first byte chooses: a query, whose
 * fields are plain when it is accepted, and the same when they are sent again;
 * a state, with or without the head of one that was made here, which is none
 * of this attempt; or a return address, which comes back out of its state as
 * it was, or cut.
 */

#include <assert.h>
#include <openssl/err.h>

#include "rt_arena.h"
#include "oidc/rt_args.h"
#include "oidc/rt_callback.h"
#include "oidc/rt_login.h"
#include "oidc/rt_shown.h"
#include "text/rt_uri.h"


static const rt_login_t  login = { "0123456789abcdefghijklmnopqrstuv", 7, 8,
                                   0 };


static void
query(rt_mem_t *mem, const rt_str_t *text)
{
    unsigned        i;
    rt_arg_t        args[4];
    rt_str_t        again;
    const char     *why;
    rt_status_e     rc;
    rt_callback_t   cb, twin, none;

    memset(&none, 0, sizeof(rt_callback_t));

    rc = rt_callback_parse(mem, text, &cb, &why);

    if (rc != RT_OK) {
        assert(rc == RT_DECLINED && why);
        assert(memcmp(&cb, &none, sizeof(rt_callback_t)) == 0);
        return;
    }

    assert(!cb.code.data != !cb.error.data);
    assert(cb.state.len && cb.state.len <= RT_LOGIN_MAX_STATE);
    assert(rt_shown_is_bare(&cb.code) && rt_shown_is_bare(&cb.state));
    assert(rt_shown_is_bare(&cb.iss));
    assert(cb.error.data == NULL || rt_shown_is_code(&cb.error));

    for (i = 0; i < cb.description.len; i++) {
        assert(cb.description.data[i] >= ' ' && cb.description.data[i] < 0x7f
               && cb.description.data[i] != '<'
               && cb.description.data[i] != '"');
    }

    args[0] = (rt_arg_t) { rt_string("code"), cb.code };
    args[1] = (rt_arg_t) { rt_string("state"), cb.state };
    args[2] = (rt_arg_t) { rt_string("iss"), cb.iss };
    args[3] = (rt_arg_t) { rt_string("error"), cb.error };

    assert(rt_args_form(mem, args, 4, &again) == RT_OK);

    if (again.len <= RT_CALLBACK_MAX) {
        assert(rt_callback_parse(mem, &again, &twin, &why) == RT_OK);
        assert(rt_str_eq(&cb.code, &twin.code));
        assert(rt_str_eq(&cb.state, &twin.state));
        assert(rt_str_eq(&cb.iss, &twin.iss));
        assert(rt_str_eq(&cb.error, &twin.error));
    }
}


static void
state(rt_mem_t *mem, const rt_str_t *text, int headed)
{
    rt_str_t            s, to;
    rt_login_params_t   p;

    s = *text;

    if (headed) {
        to = (rt_str_t) rt_string("/");
        assert(rt_login_params(mem, &login, &to, &p) == RT_OK);

        s.len = 23 + text->len;
        s.data = rt_alloc(mem, s.len);
        memcpy(s.data, p.state.data, 23);
        memcpy(s.data + 23, text->data, text->len);
    }

    assert(rt_login_state(mem, &login, &s, &to) == RT_DECLINED);
    assert(to.len == 0 && to.data == NULL);
}


static void
address(rt_mem_t *mem, const rt_str_t *text)
{
    rt_str_t            to;
    const char         *why;
    rt_login_params_t   p;

    assert(rt_login_params(mem, &login, text, &p) == RT_OK);
    assert(p.state.len <= RT_LOGIN_MAX_STATE);
    assert(rt_shown_is_bare(&p.state));
    assert(rt_login_state(mem, &login, &p.state, &to) == RT_OK);

    assert(to.len && to.len <= RT_LOGIN_MAX_TO);
    assert(rt_uri_return_check(mem, &to, &why) == RT_OK);
    assert(rt_str_lit(&to, "/")
           || (to.len <= text->len
               && memcmp(to.data, text->data, to.len) == 0));
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

    switch (data[0] & 3) {

    case 0:
        query(&mem, &text);
        break;

    case 1:
        address(&mem, &text);
        break;

    default:
        state(&mem, &text, data[0] & 1);
    }

    assert(ERR_peek_error() == 0);

    rt_arena_free(&arena);

    return 0;
}
