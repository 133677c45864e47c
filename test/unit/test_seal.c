
#include <openssl/err.h>

#include "rt_hex.h"
#include "oidc/rt_seal.h"
#include "text/rt_b64.h"


static const rt_str_t  aad = rt_string("rtauth test");


static rt_seal_key_t
key_of(int byte)
{
    rt_seal_key_t  key;

    memset(key.key, byte, RT_SEAL_KEY);

    return key;
}


static rt_str_t
sealed_by(int byte, const char *plain)
{
    rt_str_t       p, out;
    rt_seal_key_t  key;

    p = str(plain);
    key = key_of(byte);

    assert_int_equal(rt_seal(&mem, &key, &aad, &p, &out), RT_OK);
    assert_int_equal(out.len, p.len + RT_SEAL_OVERHEAD);

    return copy_of(out.data, out.len);
}


static rt_status_e
open_by(int byte, const rt_str_t *a, rt_str_t sealed, rt_str_t *plain)
{
    rt_status_e    rc;
    rt_seal_key_t  key;

    key = key_of(byte);
    rc = rt_unseal(&mem, &key, 1, a, &sealed, plain, NULL);

    assert_int_equal(ERR_peek_error(), 0);

    if (rc != RT_OK) {
        assert_int_equal(plain->len, 0);
        assert_null(plain->data);
    }

    return rc;
}


/* RFC 5869, appendix A, cases 1 to 3: the first 32 bytes of each OKM */

static void
hkdf(void **state)
{
    size_t         i;
    rt_str_t       ikm, salt, info;
    rt_seal_key_t  key;

    static const struct {
        const char  *ikm, *salt, *info, *okm;
    } rows[] = {
        { "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
          "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
          "3cb25f25faacd57a90434f64d0362f2a"
          "2d2d0a90cf1a5a4c5db02d56ecc4c5bf" },
        { "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
          "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
          "404142434445464748494a4b4c4d4e4f",
          "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
          "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
          "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
          "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
          "d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
          "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
          "b11e398dc80327a1c8e7f78c596a4934"
          "4f012eda2d4efad8a050cc4c19afa97c" },
        { "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
          "8da4e775a563c18f715f802a063c5a31"
          "b8a11f5c5ee1879ec3454e5f3c738d2d" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ikm = hex(rows[i].ikm);
        salt = hex(rows[i].salt);
        info = hex(rows[i].info);

        assert_int_equal(rt_seal_derive(&key, &ikm, &salt, &info), RT_OK);
        assert_hex(key.key, RT_SEAL_KEY, rows[i].okm);
        assert_int_equal(ERR_peek_error(), 0);
    }
}


/* store=zone without a configured key: all that is secret is in the salt */

static void
hkdf_empty(void **state)
{
    rt_str_t       none = rt_null_string, salt, info;
    rt_seal_key_t  a, b;

    (void) state;

    salt = STR("s");
    info = STR("i");

    /* T(1) of HMAC(HMAC("s", ""), "i" 0x01), made by another program */
    assert_int_equal(rt_seal_derive(&a, &none, &salt, &info), RT_OK);
    assert_hex(a.key, RT_SEAL_KEY,
               "e7ee38c8e709aea46ec69a31d59b81f3"
               "49e96ff6ac29575a92c447b4f2a34f61");

    salt = STR("t");
    assert_int_equal(rt_seal_derive(&b, &none, &salt, &info), RT_OK);
    assert_memory_not_equal(a.key, b.key, RT_SEAL_KEY);

    info = STR("j");
    assert_int_equal(rt_seal_derive(&a, &none, &salt, &info), RT_OK);
    assert_memory_not_equal(a.key, b.key, RT_SEAL_KEY);

    memset(a.key, 1, RT_SEAL_KEY);
    memset(b.key, 0, RT_SEAL_KEY);
    assert_int_equal(rt_seal_derive(&a, &none, &none, &info), RT_INVALID);
    assert_memory_equal(a.key, b.key, RT_SEAL_KEY);
}


/* RFC 4231, case 2 */

static void
hmac(void **state)
{
    rt_str_t       key;
    unsigned char  out[RT_SEAL_HASH];

    (void) state;

    key = STR("Jefe");
    assert_int_equal(rt_seal_hmac(&key, "what do ya want for nothing?", out),
                     RT_OK);
    assert_hex(out, RT_SEAL_HASH,
               "5bdcc146bf60754e6a042426089575c7"
               "5a003f089d2739839dec58b964ec3843");

    key.len = 0;
    assert_int_equal(rt_seal_hmac(&key, "a", out), RT_INVALID);
}


/* the GCM specification's test case 16, in our frame */

static void
gcm(void **state)
{
    rt_str_t       key_bytes, a, sealed, plain;
    rt_seal_key_t  key;

    (void) state;

    key_bytes = hex("feffe9928665731c6d6a8f9467308308"
                    "feffe9928665731c6d6a8f9467308308");
    memcpy(key.key, key_bytes.data, RT_SEAL_KEY);

    a = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    sealed = hex("01" "cafebabefacedbaddecaf888"
                 "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c9"
                 "7598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
                 "c5f61e6393ba7a0abcc9f662"
                 "76fc6ece0f4e1768cddf8853bb2d551b");

    assert_int_equal(rt_unseal(&mem, &key, 1, &a, &sealed, &plain, NULL),
                     RT_OK);
    assert_hex(plain.data, plain.len,
               "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da"
               "2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
               "b16aedf5aa0de657ba637b39");
}


static void
there_and_back(void **state)
{
    size_t         len;
    rt_str_t       plain, back, one, two;
    rt_seal_key_t  key;

    static const size_t  lens[] = { 0, 1, 15, 16, 17, 45, RT_SEAL_MAX };

    (void) state;

    key = key_of(7);

    for (len = 0; len < sizeof(lens) / sizeof(lens[0]); len++) {
        plain.len = lens[len];
        plain.data = rt_alloc(&mem, plain.len);
        memset(plain.data, 'x', plain.len);

        assert_int_equal(rt_seal(&mem, &key, &aad, &plain, &one), RT_OK);
        assert_int_equal(rt_seal(&mem, &key, &aad, &plain, &two), RT_OK);
        assert_int_equal(one.len, plain.len + RT_SEAL_OVERHEAD);

        /* the IV is another one each time */
        assert_memory_not_equal(one.data + 1, two.data + 1, 12);

        assert_int_equal(open_by(7, &aad, one, &back), RT_OK);
        assert_true(rt_str_eq(&back, &plain));
    }

    plain = (rt_str_t) rt_null_string;
    assert_int_equal(rt_seal(&mem, &key, &aad, &plain, &one), RT_OK);
    assert_int_equal(open_by(7, &aad, one, &back), RT_OK);
    assert_int_equal(back.len, 0);
}


static void
bounds(void **state)
{
    rt_str_t       plain, none = rt_null_string, out;
    rt_seal_key_t  key;

    (void) state;

    key = key_of(7);
    plain.len = RT_SEAL_MAX + 1;
    plain.data = rt_alloc(&mem, RT_SEAL_MAX + 1 + RT_SEAL_OVERHEAD);
    memset(plain.data, 1, RT_SEAL_MAX + 1 + RT_SEAL_OVERHEAD);

    assert_int_equal(rt_seal(&mem, &key, &aad, &plain, &out), RT_TOO_BIG);
    assert_int_equal(out.len, 0);

    plain.len = 1;
    assert_int_equal(rt_seal(&mem, &key, &none, &plain, &out), RT_INVALID);
    assert_int_equal(out.len, 0);

    /* no byte of what is too long is looked at: the arena is not asked */

    arena.left = 0;
    plain.len = RT_SEAL_MAX + 1 + RT_SEAL_OVERHEAD;
    assert_int_equal(rt_unseal(&mem, &key, 1, &aad, &plain, &out, NULL),
                     RT_DECLINED);
    plain.len = rt_b64_encoded_len(RT_SEAL_MAX + RT_SEAL_OVERHEAD) + 1;
    assert_int_equal(rt_unseal_text(&mem, &key, 1, &aad, &plain, &out, NULL),
                     RT_DECLINED);
}


static void
every_bit(void **state)
{
    size_t    i;
    rt_str_t  sealed, plain;

    (void) state;

    sealed = sealed_by(1, "someone");

    for (i = 0; i < 8 * sealed.len; i++) {
        sealed.data[i / 8] ^= (unsigned char) (1 << i % 8);
        assert_int_equal(open_by(1, &aad, sealed, &plain), RT_DECLINED);
        sealed.data[i / 8] ^= (unsigned char) (1 << i % 8);
    }

    assert_int_equal(open_by(1, &aad, sealed, &plain), RT_OK);
    assert_str(&plain, "someone");
}


/* the tag's length is not the input's to choose (CVE-2023-37464) */

static void
every_length(void **state)
{
    size_t    n;
    rt_str_t  sealed, more, plain;

    (void) state;

    sealed = sealed_by(1, "someone");

    for (n = 0; n < sealed.len; n++) {
        more = copy_of(sealed.data, n);
        assert_int_equal(open_by(1, &aad, more, &plain), RT_DECLINED);

        more = copy_of(sealed.data + sealed.len - n, n);
        assert_int_equal(open_by(1, &aad, more, &plain), RT_DECLINED);
    }

    more = copy_of(sealed.data, sealed.len);
    more.data = rt_alloc(&mem, sealed.len + 16);
    memset(more.data, 0, sealed.len + 16);
    memcpy(more.data, sealed.data, sealed.len);

    for (more.len = sealed.len + 1; more.len <= sealed.len + 16; more.len++) {
        assert_int_equal(open_by(1, &aad, more, &plain), RT_DECLINED);
    }
}


static void
other_aad(void **state)
{
    rt_str_t  sealed, other, plain;

    (void) state;

    sealed = sealed_by(1, "someone");

    other = STR("rtauth tesT");
    assert_int_equal(open_by(1, &other, sealed, &plain), RT_DECLINED);
    other = STR("rtauth tes");
    assert_int_equal(open_by(1, &other, sealed, &plain), RT_DECLINED);
    other = STR("rtauth test ");
    assert_int_equal(open_by(1, &other, sealed, &plain), RT_DECLINED);
    other.len = 0;
    assert_int_equal(open_by(1, &other, sealed, &plain), RT_DECLINED);
}


/* keys are changed: the first one seals, all open */

static void
rotation(void **state)
{
    rt_str_t       sealed, plain;
    unsigned       which;
    rt_seal_key_t  keys[3];

    (void) state;

    keys[0] = key_of(3);
    keys[1] = key_of(2);
    keys[2] = key_of(1);

    sealed = sealed_by(1, "old");
    which = 9;
    assert_int_equal(rt_unseal(&mem, keys, 3, &aad, &sealed, &plain, &which),
                     RT_OK);
    assert_int_equal(which, 2);
    assert_str(&plain, "old");

    sealed = sealed_by(3, "new");
    assert_int_equal(rt_unseal(&mem, keys, 3, &aad, &sealed, &plain, &which),
                     RT_OK);
    assert_int_equal(which, 0);
    assert_str(&plain, "new");

    sealed = sealed_by(1, "gone");
    assert_int_equal(rt_unseal(&mem, keys, 2, &aad, &sealed, &plain, NULL),
                     RT_DECLINED);
    assert_int_equal(rt_unseal(&mem, keys, 0, &aad, &sealed, &plain, NULL),
                     RT_DECLINED);
}


static void
text(void **state)
{
    size_t         n;
    rt_str_t       plain, out, back, more;
    unsigned       which;
    rt_seal_key_t  key;

    (void) state;

    key = key_of(1);
    plain = STR("someone");

    assert_int_equal(rt_seal_text(&mem, &key, &aad, &plain, &out), RT_OK);
    assert_int_equal(out.len, rt_b64_encoded_len(7 + RT_SEAL_OVERHEAD));
    assert_true(rt_b64_valid(&out));

    which = 9;
    assert_int_equal(rt_unseal_text(&mem, &key, 1, &aad, &out, &back, &which),
                     RT_OK);
    assert_str(&back, "someone");
    assert_int_equal(which, 0);

    for (n = 0; n < out.len; n++) {
        more = copy_of(out.data, n);
        assert_int_equal(rt_unseal_text(&mem, &key, 1, &aad, &more, &back,
                                        NULL), RT_DECLINED);
        assert_null(back.data);
    }

    out.data[3] = '=';
    assert_int_equal(rt_unseal_text(&mem, &key, 1, &aad, &out, &back, NULL),
                     RT_DECLINED);

    plain.len = RT_SEAL_MAX + 1;
    assert_int_equal(rt_seal_text(&mem, &key, &aad, &plain, &out),
                     RT_TOO_BIG);
}


static void
no_memory(void **state)
{
    rt_str_t       sealed, txt, plain, out;
    rt_seal_key_t  key;

    (void) state;

    key = key_of(1);
    plain = STR("someone");
    sealed = sealed_by(1, "someone");
    assert_int_equal(rt_seal_text(&mem, &key, &aad, &plain, &txt), RT_OK);

    arena.left = 0;
    assert_int_equal(rt_seal(&mem, &key, &aad, &plain, &out), RT_ERROR);
    assert_int_equal(rt_unseal(&mem, &key, 1, &aad, &sealed, &out, NULL),
                     RT_ERROR);
    assert_int_equal(rt_unseal_text(&mem, &key, 1, &aad, &txt, &out, NULL),
                     RT_ERROR);

    arena.left = 1;
    assert_int_equal(rt_seal_text(&mem, &key, &aad, &plain, &out), RT_ERROR);
    arena.left = 1;
    assert_int_equal(rt_unseal_text(&mem, &key, 1, &aad, &txt, &out, NULL),
                     RT_ERROR);
}


static void
random_bytes(void **state)
{
    unsigned char  a[32], b[32];

    (void) state;

    assert_int_equal(rt_seal_random(a, 32), RT_OK);
    assert_int_equal(rt_seal_random(b, 32), RT_OK);
    assert_memory_not_equal(a, b, 32);
    assert_int_equal(rt_seal_random(a, (size_t) INT32_MAX + 1), RT_ERROR);
    assert_int_equal(ERR_peek_error(), 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(hkdf),
        ARENA_TEST(hkdf_empty),
        ARENA_TEST(hmac),
        ARENA_TEST(gcm),
        ARENA_TEST(there_and_back),
        ARENA_TEST(bounds),
        ARENA_TEST(every_bit),
        ARENA_TEST(every_length),
        ARENA_TEST(other_aad),
        ARENA_TEST(rotation),
        ARENA_TEST(text),
        ARENA_TEST(no_memory),
        ARENA_TEST(random_bytes)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
