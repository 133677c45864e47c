
/* Keyed pseudonyms: the vectors of RFC 4231, names, bounds. */

#include "rt_test.h"

#include "redact/rt_pseudonym.h"


typedef struct {
    int          key;           /* a byte, repeated; -1: text */
    const char  *text;
    size_t       len;
    int          byte;          /* likewise for the value */
    const char  *value;
    size_t       size;
    const char  *hex;
} vector_t;


/* RFC 4231, 4.2 to 4.8; 4.6 is about truncation, which there is not here */

static const vector_t  vectors[] = {
    { 0x0b, NULL, 20, -1, "Hi There", 8,
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
    { -1, "Jefe", 4, -1, "what do ya want for nothing?", 28,
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
    { 0xaa, NULL, 20, 0xdd, NULL, 50,
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
    { 0xaa, NULL, 131, -1,
      "Test Using Larger Than Block-Size Key - Hash Key First", 54,
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
    { 0xaa, NULL, 131, -1,
      "This is a test using a larger than block-size key and a larger than "
      "block-size data. The key needs to be hashed before being used by the "
      "HMAC algorithm.", 152,
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" }
};


static void
fill(rt_str_t *s, unsigned char *buf, int byte, const char *text, size_t len)
{
    if (byte == -1) {
        memcpy(buf, text, len);

    } else {
        memset(buf, byte, len);
    }

    s->data = buf;
    s->len = len;
}


static void
test_vectors(void **state)
{
    size_t              i, len;
    rt_str_t            value;
    unsigned char       key[200], data[200], out[RT_PSEUDONYM_MAX + 1];
    rt_pseudonym_key_t  k;

    (void) state;

    for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        k.kid = (rt_str_t) rt_string("k1");

        fill(&k.key, key, vectors[i].key, vectors[i].text, vectors[i].len);
        fill(&value, data, vectors[i].byte, vectors[i].value,
             vectors[i].size);

        assert_int_equal(rt_pseudonym(&k, &value, out, &len), RT_OK);
        assert_int_equal(len, 12 + 3 + 64);
        out[len] = '\0';
        assert_memory_equal(out, "hmac-sha256:k1:", 15);
        assert_string_equal((char *) out + 15, vectors[i].hex);
    }
}


static void
test_kid(void **state)
{
    size_t  i;

    static const char  *good[] = {
        "a", "2026-11", "Key_1.b", "abcdefghijklmnopqrstuvwxyz012345"
    };

    static const char  *bad[] = {
        "", "a:b", "a b", "a\"", "\xc3\xa9",
        "abcdefghijklmnopqrstuvwxyz0123456"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(rt_pseudonym_kid(&(rt_str_t) {
            strlen(good[i]), (unsigned char *) good[i] }));
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(rt_pseudonym_kid(&(rt_str_t) {
            strlen(bad[i]), (unsigned char *) bad[i] }));
    }
}


/* the longest name, and a value without bytes */

static void
test_bounds(void **state)
{
    size_t              len;
    rt_str_t            none = rt_null_string;
    unsigned char       out[RT_PSEUDONYM_MAX];
    rt_pseudonym_key_t  k;

    (void) state;

    k.kid = (rt_str_t) rt_string("abcdefghijklmnopqrstuvwxyz012345");
    k.key = (rt_str_t) rt_string("0123456789abcdef0123456789abcdef");

    assert_int_equal(rt_pseudonym(&k, &none, out, &len), RT_OK);
    assert_int_equal(len, RT_PSEUDONYM_MAX);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_kid),
        cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
