
#include <openssl/err.h>

#include "rt_hex.h"
#include "oidc/rt_login.h"
#include "text/rt_b64.h"


static const rt_str_t       aad = rt_string("rtauth login\0example.com");
static const rt_seal_key_t  keys[2] = { { { 1 } }, { { 2 } } };


/* an attempt whose secret is 00 01 02 ... 1f */

static rt_login_t
attempt(void)
{
    unsigned    i;
    rt_login_t  login;

    memset(&login, 0, sizeof(rt_login_t));

    for (i = 0; i < RT_LOGIN_SECRET; i++) {
        login.secret[i] = (unsigned char) i;
    }

    login.time = 1764360000;
    login.provider = 0xfedcba98;

    return login;
}


static rt_login_params_t
params_for(const rt_login_t *login, rt_str_t to)
{
    rt_login_params_t  p;

    assert_int_equal(rt_login_params(&mem, login, &to, &p), RT_OK);

    return p;
}


static rt_status_e
state_of(const rt_login_t *login, const rt_str_t *state, rt_str_t *to)
{
    rt_str_t     exact;
    rt_status_e  rc;

    exact = copy_of(state->data, state->len);
    rc = rt_login_state(&mem, login, &exact, to);

    assert_int_equal(ERR_peek_error(), 0);

    if (rc != RT_OK) {
        assert_null(to->data);
        assert_int_equal(to->len, 0);
    }

    return rc;
}


/* RFC 7636, appendix B */

static void
s256(void **state)
{
    rt_str_t  verifier, challenge;

    (void) state;

    verifier = STR("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");

    assert_int_equal(rt_login_challenge(&mem, &verifier, &challenge), RT_OK);
    assert_str(&challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}


/* by another program: hmac and hashlib of Python */

static void
derived(void **state)
{
    rt_str_t           challenge;
    rt_login_t         login;
    rt_login_params_t  p;

    (void) state;

    login = attempt();
    p = params_for(&login, STR("/"));

    assert_str(&p.nonce, "PVck7610vggvmWPKN_erq8tsp4g6ICK4DErBIoF3P50");
    assert_str(&p.verifier, "MkhC-dWU87J6sgQZzzcyEx5Mfdg11JqSsFxzyfYTXYE");

    p.state.len = 22;
    assert_str(&p.state, "dWycZYyWjbY9kdCn93-6bw");

    assert_int_equal(rt_login_challenge(&mem, &p.verifier, &challenge),
                     RT_OK);
    assert_true(rt_str_eq(&challenge, &p.challenge));
}


static void
provider(void **state)
{
    uint32_t  a, b;
    rt_str_t  issuer, client;

    (void) state;

    issuer = STR("https://idp.example.com");
    client = STR("gateway");
    assert_int_equal(rt_login_provider(&issuer, &client, &a), RT_OK);
    assert_int_equal(a, 0x0f3ab678);

    issuer.len--;
    client = STR("mgateway");
    assert_int_equal(rt_login_provider(&issuer, &client, &b), RT_OK);
    assert_int_not_equal(a, b);
}


static void
begin(void **state)
{
    rt_login_t  a, b;

    (void) state;

    assert_int_equal(rt_login_begin(&a, 5, 1000, 0), RT_OK);
    assert_int_equal(rt_login_begin(&b, 5, 1000, 2), RT_OK);

    assert_memory_not_equal(a.secret, b.secret, RT_LOGIN_SECRET);
    assert_int_equal(a.provider, 5);
    assert_int_equal(a.time, 1000);
    assert_int_equal(a.stepup, 0);
    assert_int_equal(b.stepup, 2);
}


static void
cookie(void **state)
{
    rt_str_t    text;
    rt_login_t  login, back;

    (void) state;

    login = attempt();

    for (login.stepup = 0; ; login.stepup = 255) {
        assert_int_equal(rt_login_seal(&mem, &keys[1], &login, &aad, &text),
                         RT_OK);
        assert_int_equal(text.len, RT_LOGIN_COOKIE);
        assert_true(rt_b64_valid(&text));

        assert_int_equal(rt_login_open(&mem, keys, 2, &aad, &text, &back),
                         RT_OK);
        assert_memory_equal(back.secret, login.secret, RT_LOGIN_SECRET);
        assert_int_equal(back.time, login.time);
        assert_int_equal(back.provider, login.provider);
        assert_int_equal(back.stepup, login.stepup);

        if (login.stepup) {
            break;
        }
    }
}


static void
not_opened(const rt_seal_key_t *key, const rt_str_t *a, rt_str_t text)
{
    rt_login_t  back, none;

    memset(&none, 0, sizeof(rt_login_t));

    assert_int_equal(rt_login_open(&mem, key, 1, a, &text, &back),
                     RT_DECLINED);
    assert_memory_equal(&back, &none, sizeof(rt_login_t));
    assert_int_equal(ERR_peek_error(), 0);
}


static void
cookie_of_others(void **state)
{
    size_t         n;
    rt_str_t       text, other, plain;
    rt_login_t     login;
    unsigned char  kept;

    (void) state;

    login = attempt();
    assert_int_equal(rt_login_seal(&mem, &keys[0], &login, &aad, &text),
                     RT_OK);

    not_opened(&keys[1], &aad, text);

    other = STR("rtauth login\0example.org");
    not_opened(&keys[0], &other, text);

    for (n = 0; n < text.len; n++) {
        not_opened(&keys[0], &aad, copy_of(text.data, n));

        kept = text.data[n];
        text.data[n] = (kept == 'A') ? 'B' : 'A';
        not_opened(&keys[0], &aad, text);
        text.data[n] = kept;
    }

    /* sealed by us, for something else */

    plain = STR("short");
    assert_int_equal(rt_seal_text(&mem, &keys[0], &aad, &plain, &text),
                     RT_OK);
    not_opened(&keys[0], &aad, text);

    plain.len = 46;
    plain.data = rt_alloc(&mem, 46);
    memset(plain.data, 0, 46);
    assert_int_equal(rt_seal_text(&mem, &keys[0], &aad, &plain, &text),
                     RT_OK);
    not_opened(&keys[0], &aad, text);

    other.len = 0;
    assert_int_equal(rt_login_seal(&mem, &keys[0], &login, &other, &text),
                     RT_INVALID);
}


static void
state_there_and_back(void **state)
{
    size_t             i;
    rt_str_t           to;
    rt_login_t         login;
    rt_login_params_t  p;

    static const char *const  rows[] = {
        "/", "/apps/support?ticket=7&x=%20y", "/a%2Bb", "/?", "/a#b"
    };

    (void) state;

    login = attempt();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        p = params_for(&login, str(rows[i]));

        assert_int_equal(p.nonce.len, 43);
        assert_int_equal(p.verifier.len, 43);
        assert_int_equal(p.challenge.len, 43);
        assert_true(p.state.len <= RT_LOGIN_MAX_STATE);
        assert_false(rt_str_holds(&p.state, rows[i]));

        assert_int_equal(state_of(&login, &p.state, &to), RT_OK);
        assert_str(&to, rows[i]);
    }
}


static void
becomes(size_t path, size_t query, size_t want)
{
    rt_str_t           s, to;
    rt_login_t         login;
    rt_login_params_t  p;

    s.len = path + query;
    s.data = rt_alloc(&mem, s.len + 1);
    memset(s.data, 'a', s.len + 1);
    s.data[0] = '/';

    if (query) {
        s.data[path] = '?';
    }

    login = attempt();
    p = params_for(&login, s);

    assert_true(p.state.len <= RT_LOGIN_MAX_STATE);
    assert_int_equal(state_of(&login, &p.state, &to), RT_OK);

    s.len = want;
    assert_true(rt_str_eq(&to, &s));
}


static void
long_address(void **state)
{
    rt_str_t           s, to;
    rt_login_t         login;
    rt_login_params_t  p;

    (void) state;

    becomes(1024, 0, 1024);
    becomes(1000, 24, 1024);
    becomes(1000, 25, 1000);
    becomes(5, 100000, 5);
    becomes(1024, 1, 1024);
    becomes(1025, 0, 1);
    becomes(1025, 100, 1);
    becomes(100000, 0, 1);

    /* the longest one, to the character */

    login = attempt();
    s.len = RT_LOGIN_MAX_TO;
    s.data = rt_alloc(&mem, s.len);
    memset(s.data, 'a', s.len);
    s.data[0] = '/';
    p = params_for(&login, s);
    assert_int_equal(p.state.len, RT_LOGIN_MAX_STATE);

    s.len = p.state.len;
    s.data = rt_alloc(&mem, s.len + 1);
    memcpy(s.data, p.state.data, p.state.len);
    s.data[s.len++] = 'A';
    assert_int_equal(state_of(&login, &s, &to), RT_DECLINED);
}


static void
hostile_address(void **state)
{
    size_t             i;
    rt_str_t           to;
    rt_login_t         login;
    rt_login_params_t  p;

    static const char *const  rows[] = {
        "", "a", "//evil.example", "/\\evil.example", "https://evil.example",
        "/%2f/evil.example", "/a\r\nSet-Cookie: x", "/a%0d%0ab", "/..//e",
        "/%zz", "javascript:alert(1)", "/a b", "/\xc3\xa4"
    };

    (void) state;

    login = attempt();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        p = params_for(&login, str(rows[i]));
        assert_int_equal(state_of(&login, &p.state, &to), RT_OK);
        assert_str(&to, "/");
    }

    p = params_for(&login, (rt_str_t) rt_null_string);
    assert_int_equal(state_of(&login, &p.state, &to), RT_OK);
    assert_str(&to, "/");

    p = params_for(&login, STR("/a\0b"));
    assert_int_equal(state_of(&login, &p.state, &to), RT_OK);
    assert_str(&to, "/");
}


static void
state_changed(void **state)
{
    size_t             n;
    rt_str_t           s, to;
    rt_login_t         login;
    unsigned char      kept;
    rt_login_params_t  p;

    (void) state;

    login = attempt();
    p = params_for(&login, STR("/apps"));
    s = p.state;

    for (n = 0; n < s.len; n++) {
        s.len = n;
        assert_int_equal(state_of(&login, &s, &to), RT_DECLINED);
        s.len = p.state.len;

        kept = s.data[n];
        s.data[n] = (kept == 'A') ? 'B' : 'A';
        assert_int_equal(state_of(&login, &s, &to), RT_DECLINED);
        s.data[n] = kept;
    }

    assert_int_equal(state_of(&login, &s, &to), RT_OK);
}


/* an attempt of this browser or of another one: each has its own state */

static void
state_of_others(void **state)
{
    rt_str_t           s, to;
    rt_login_t         mine, other;
    rt_login_params_t  p, q;

    (void) state;

    mine = attempt();
    other = attempt();
    other.secret[31] ^= 1;

    p = params_for(&mine, STR("/apps"));
    q = params_for(&other, STR("/apps"));

    assert_int_equal(state_of(&other, &p.state, &to), RT_DECLINED);
    assert_false(rt_str_eq(&p.nonce, &q.nonce));
    assert_false(rt_str_eq(&p.verifier, &q.verifier));

    /* my state's head before another attempt's address */

    s = copy_of(q.state.data, q.state.len);
    memcpy(s.data, p.state.data, 23);
    assert_int_equal(state_of(&mine, &s, &to), RT_DECLINED);

    s = STR("");
    assert_int_equal(state_of(&mine, &s, &to), RT_DECLINED);
}


static void
no_memory(void **state)
{
    long               left;
    rt_str_t           to, text;
    rt_login_t         login, back;
    rt_status_e        rc;
    rt_login_params_t  p;

    (void) state;

    login = attempt();
    to = STR("/a%20b?c");

    for (left = 0, rc = RT_ERROR; rc != RT_OK; left++) {
        arena.left = left;
        rc = rt_login_params(&mem, &login, &to, &p);
        assert_true(rc == RT_OK || rc == RT_ERROR);
    }

    assert_true(left > 5);

    for (left = 0, rc = RT_ERROR; rc != RT_OK; left++) {
        arena.left = left;
        rc = rt_login_state(&mem, &login, &p.state, &to);
        assert_true(rc == RT_OK || rc == RT_ERROR);
    }

    for (left = 0, rc = RT_ERROR; rc != RT_OK; left++) {
        arena.left = left;
        rc = rt_login_seal(&mem, keys, &login, &aad, &text);
        assert_true(rc == RT_OK || rc == RT_ERROR);
    }

    for (left = 0, rc = RT_ERROR; rc != RT_OK; left++) {
        arena.left = left;
        rc = rt_login_open(&mem, keys, 1, &aad, &text, &back);
        assert_true(rc == RT_OK || rc == RT_ERROR);
    }

    arena.left = 0;
    assert_int_equal(rt_login_challenge(&mem, &p.verifier, &to), RT_ERROR);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(s256),
        ARENA_TEST(derived),
        ARENA_TEST(provider),
        ARENA_TEST(begin),
        ARENA_TEST(cookie),
        ARENA_TEST(cookie_of_others),
        ARENA_TEST(state_there_and_back),
        ARENA_TEST(long_address),
        ARENA_TEST(hostile_address),
        ARENA_TEST(state_changed),
        ARENA_TEST(state_of_others),
        ARENA_TEST(no_memory)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
