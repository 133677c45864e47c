
#include "rt_hex.h"
#include "jose/rt_claims.h"
#include "oidc/rt_session.h"


static rt_session_t
example(void)
{
    rt_session_t  s;

    memset(&s, 0, sizeof(rt_session_t));
    memcpy(s.id, "0123456789abcdef", RT_SESSION_ID);

    s.created = 1764360000;
    s.seen = 1764360060;
    s.expires = 1764403200;
    s.auth_time = 1764359990;
    s.checked = 1764360001;
    s.access_expires = 1764360300;
    s.stepup = 1;
    s.provider = 0xfedcba98;
    s.sid = STR("s1");
    s.claims = STR("{\"sub\":\"ann\"}");
    s.id_token = STR("h.p.s");
    s.access_token = STR("at");
    s.refresh_token = STR("rt");

    return s;
}


static rt_str_t
encoded(const rt_session_t *s)
{
    rt_str_t  bytes;

    assert_int_equal(rt_session_encode(&mem, s, &bytes), RT_OK);

    return copy_of(bytes.data, bytes.len);
}


static void
assert_same(const rt_session_t *a, const rt_session_t *b)
{
    assert_memory_equal(a->id, b->id, RT_SESSION_ID);
    assert_int_equal(a->created, b->created);
    assert_int_equal(a->seen, b->seen);
    assert_int_equal(a->expires, b->expires);
    assert_int_equal(a->auth_time, b->auth_time);
    assert_int_equal(a->checked, b->checked);
    assert_int_equal(a->access_expires, b->access_expires);
    assert_int_equal(a->stepup, b->stepup);
    assert_int_equal(a->provider, b->provider);
    assert_true(rt_str_eq(&a->sid, &b->sid));
    assert_true(rt_str_eq(&a->claims, &b->claims));
    assert_true(rt_str_eq(&a->id_token, &b->id_token));
    assert_true(rt_str_eq(&a->access_token, &b->access_token));
    assert_true(rt_str_eq(&a->refresh_token, &b->refresh_token));
}


/* hosts of a fleet read each other's records: the bytes are a contract */

static void
layout(void **state)
{
    rt_str_t      bytes;
    rt_session_t  s;

    (void) state;

    s = example();
    bytes = encoded(&s);

    assert_hex(bytes.data, bytes.len,
               "01" "30313233343536373839616263646566"
               "000000006929ff40" "000000006929ff7c" "00000000692aa800"
               "000000006929ff36" "000000006929ff41" "00000000692a006c"
               "0000000000000001" "fedcba98"
               "00000002" "7331"
               "0000000d" "7b22737562223a22616e6e227d"
               "00000005" "682e702e73"
               "00000002" "6174"
               "00000002" "7274");
}


static void
there_and_back(void **state)
{
    rt_str_t      bytes;
    rt_session_t  s, back;

    (void) state;

    s = example();
    bytes = encoded(&s);
    assert_int_equal(rt_session_decode(&bytes, &back), RT_OK);
    assert_same(&back, &s);

    /* what may be empty, is; and the last second of all */

    s.sid = s.id_token = s.access_token = s.refresh_token
        = (rt_str_t) rt_null_string;
    s.expires = RT_CLAIMS_MAX_TIME;
    s.stepup = s.access_expires = 0;

    bytes = encoded(&s);
    assert_int_equal(rt_session_decode(&bytes, &back), RT_OK);
    assert_same(&back, &s);
}


static void
every_prefix(void **state)
{
    size_t        n;
    rt_str_t      bytes, part;
    rt_session_t  s, back;

    (void) state;

    s = example();
    bytes = encoded(&s);

    for (n = 0; n < bytes.len; n++) {
        part = copy_of(bytes.data, n);
        assert_int_equal(rt_session_decode(&part, &back), RT_INVALID);
    }

    part.len = bytes.len + 1;
    part.data = rt_alloc(&mem, part.len);
    memcpy(part.data, bytes.data, bytes.len);
    part.data[bytes.len] = 0;
    assert_int_equal(rt_session_decode(&part, &back), RT_INVALID);
}


static void
malformed(void **state)
{
    unsigned      i;
    rt_str_t      bytes, part;
    rt_session_t  s, back;

    (void) state;

    s = example();
    bytes = encoded(&s);

    /* the version */

    for (i = 0; i < 256; i++) {
        bytes.data[0] = (unsigned char) i;
        assert_int_equal(rt_session_decode(&bytes, &back),
                         i == 1 ? RT_OK : RT_INVALID);
    }

    bytes.data[0] = 1;

    /* each time: negative, and too late */

    for (i = 0; i < 7; i++) {
        bytes.data[17 + 8 * i] = 0x80;
        assert_int_equal(rt_session_decode(&bytes, &back), RT_INVALID);
        bytes.data[17 + 8 * i] = 0x01;
        assert_int_equal(rt_session_decode(&bytes, &back), RT_INVALID);
        bytes.data[17 + 8 * i] = 0x00;
    }

    /* each string: longer than all the rest */

    for (i = 77; i < bytes.len; /* void */ ) {
        bytes.data[i] = 0xff;
        assert_int_equal(rt_session_decode(&bytes, &back), RT_INVALID);
        bytes.data[i] = 0;
        i += 4 + bytes.data[i + 3];
    }

    assert_int_equal(rt_session_decode(&bytes, &back), RT_OK);

    /* no claims: nobody's session */

    s.sid.len = 13;
    s.sid.data = (unsigned char *) "{\"sub\":\"bob\"}";
    s.claims = s.id_token = s.access_token = s.refresh_token = STR("x");
    bytes = encoded(&s);
    memmove(bytes.data + 98, bytes.data + 99, bytes.len - 99);
    bytes.data[97] = 0;
    part = copy_of(bytes.data, bytes.len - 1);
    assert_int_equal(rt_session_decode(&part, &back), RT_INVALID);
    assert_int_equal(back.claims.len, 0);
    assert_int_equal(back.refresh_token.len, 1);
}


static void
not_encoded(void **state)
{
    unsigned       i;
    rt_str_t       bytes;
    rt_session_t   s;
    int64_t       *time[] = { &s.created, &s.seen, &s.expires, &s.auth_time,
                              &s.checked, &s.access_expires, &s.stepup };

    (void) state;

    s = example();
    s.claims.len = 0;
    assert_int_equal(rt_session_encode(&mem, &s, &bytes), RT_INVALID);

    for (i = 0; i < 14; i++) {
        s = example();
        *time[i % 7] = (i < 7) ? -1 : RT_CLAIMS_MAX_TIME + 1;
        assert_int_equal(rt_session_encode(&mem, &s, &bytes), RT_INVALID);
    }

    s = example();
    arena.left = 0;
    assert_int_equal(rt_session_encode(&mem, &s, &bytes), RT_ERROR);
}


static void
bounds(void **state)
{
    size_t         i;
    rt_str_t       bytes, big;
    rt_session_t   s, back;
    unsigned char  many[RT_SESSION_MAX];

    (void) state;

    s = example();
    s.sid = s.id_token = s.access_token = s.refresh_token = STR("x");

    memset(many, ' ', sizeof(many));
    s.claims.data = many;
    s.claims.len = RT_SESSION_MAX - 77 - 5 * 4 - 4;

    bytes = encoded(&s);
    assert_int_equal(bytes.len, RT_SESSION_MAX);
    assert_int_equal(rt_session_decode(&bytes, &back), RT_OK);
    assert_int_equal(back.claims.len, s.claims.len);

    s.claims.len++;
    assert_int_equal(rt_session_encode(&mem, &s, &bytes), RT_TOO_BIG);

    /* lengths whose sum would begin again at 0 */

    s.claims.len = 1;
    s.id_token.len = SIZE_MAX;
    assert_int_equal(rt_session_encode(&mem, &s, &bytes), RT_TOO_BIG);
    s.refresh_token.len = SIZE_MAX;
    assert_int_equal(rt_session_encode(&mem, &s, &bytes), RT_TOO_BIG);

    /* a record by somebody who has the key, and another bound */

    s = example();
    s.claims.data = many;
    s.claims.len = 1000;
    bytes = encoded(&s);
    big.len = RT_SESSION_MAX + 1;
    big.data = rt_alloc(&mem, big.len);
    memset(big.data, ' ', big.len);
    memcpy(big.data, bytes.data, bytes.len);
    i = RT_SESSION_MAX + 1 - bytes.len + 1000;
    big.data[85] = (unsigned char) (i >> 8);
    big.data[86] = (unsigned char) i;
    memcpy(big.data + big.len - 21, bytes.data + bytes.len - 21, 21);
    assert_int_equal(rt_session_decode(&big, &back), RT_INVALID);
    assert_int_equal(back.created, 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(layout),
        ARENA_TEST(there_and_back),
        ARENA_TEST(every_prefix),
        ARENA_TEST(malformed),
        ARENA_TEST(not_encoded),
        ARENA_TEST(bounds)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
