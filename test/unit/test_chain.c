
/*
 * A chain of lines: what is sealed is read, what was changed is not sealed,
 * and a MAC and a signature that other software made are the same.
 */

#include "rt_test.h"

#include "event/rt_chain.h"


/* RFC 8032, 7.1, the second of the keys */

#define PRIVATE                                                               \
    "-----BEGIN PRIVATE KEY-----\n"                                           \
    "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"      \
    "-----END PRIVATE KEY-----\n"

#define PUBLIC                                                                \
    "-----BEGIN PUBLIC KEY-----\n"                                            \
    "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n"          \
    "-----END PUBLIC KEY-----\n"

#define PUBLIC_OTHER                                                          \
    "-----BEGIN PUBLIC KEY-----\n"                                            \
    "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"          \
    "-----END PUBLIC KEY-----\n"

#define SECRET  "0123456789abcdef0123456789abcdef"


/* made with other software: Python's hmac and "openssl pkeyutl" */

#define KNOWN_1                                                               \
    "{\"id\":\"1\",\"integrity\":{\"chain\":\"1dccae227d224cf80102030"        \
    "4050607ff\",\"n\":1,\"prev\":\"000000000000000000000000000000000"        \
    "0000000000000000000000000000000\",\"mac\":\"98661dc4612314e10565"        \
    "bb591c7afb655f179fb0d989f565c7605bec11cd4ca1\",\"sig\":\"VJdk0cc"        \
    "wPOqFgZMxqQ2QJo0w1VxQKLI22IjXDDWj0mROMJRoGEoH6Rj5yxBteprHURoQJl5"        \
    "Gqzbrd55VDkJQDg\"}}\n"

#define KNOWN_2                                                               \
    "{\"id\":\"2\",\"integrity\":{\"chain\":\"1dccae227d224cf80102030"        \
    "4050607ff\",\"n\":2,\"prev\":\"98661dc4612314e10565bb591c7afb655"        \
    "f179fb0d989f565c7605bec11cd4ca1\",\"mac\":\"7327525a530702031fb9"        \
    "a9f2463767c0667ce7d898a89cd403a787d4cb9288b4\"}}\n"


typedef struct {
    size_t           len;
    unsigned char    text[256 + RT_CHAIN_ROOM];
} line_t;


static const rt_chain_head_t  none;


static void
open_key(rt_chain_key_t *key)
{
    assert_int_equal(rt_chain_key_open(key, &STR(SECRET)), RT_OK);
    assert_int_equal(rt_chain_key_private(key, &STR(PRIVATE)), RT_OK);
}


static void
begin(rt_chain_key_t *key, rt_chain_head_t *head)
{
    assert_int_equal(rt_chain_begin(key, &STR("edge-1/main"),
                         (const unsigned char *) "\1\2\3\4\5\6\7\xff", head),
                     RT_OK);
}


static rt_str_t
seal(rt_chain_key_t *key, rt_chain_head_t *head, const rt_chain_head_t *after,
    int sign, const char *text, line_t *line)
{
    line->len = strlen(text);
    memcpy(line->text, text, line->len);
    assert_int_equal(rt_chain_seal(key, head, after, sign, line->text,
                                   &line->len),
                     RT_OK);

    return (rt_str_t) { line->len, line->text };
}


static void
text_is(rt_str_t s, const char *text)
{
    assert_int_equal(s.len, strlen(text));
    assert_memory_equal(s.data, text, s.len);
}


static void
test_known(void **state)
{
    line_t           line;
    rt_chain_key_t   key;
    rt_chain_head_t  head;

    (void) state;

    open_key(&key);
    begin(&key, &head);

    text_is(seal(&key, &head, &none, 0, "{\"id\":\"1\"}\n", &line), KNOWN_1);
    text_is(seal(&key, &head, &none, 0, "{\"id\":\"2\"}\n", &line), KNOWN_2);

    rt_chain_key_close(&key);
}


static void
test_read(void **state)
{
    line_t           line;
    rt_str_t         s;
    rt_chain_key_t   key, pub;
    rt_chain_link_t  link;
    rt_chain_head_t  head, first;

    (void) state;

    open_key(&key);
    assert_int_equal(rt_chain_key_open(&pub, &STR(SECRET)), RT_OK);
    assert_int_equal(rt_chain_key_public(&pub, &STR(PUBLIC)), RT_OK);

    begin(&key, &head);
    s = seal(&key, &head, &none, 0, "{\"a\":[]}\n", &line);
    first = head;

    assert_int_equal(rt_chain_read(&s, &link), RT_OK);
    assert_memory_equal(&link.head, &head, sizeof(head));
    assert_int_equal(link.text, strlen("{\"a\":[]"));
    assert_int_equal(link.after.n, 0);
    assert_true(rt_chain_sealed(&pub, &s, &link));
    assert_true(rt_chain_signed(&pub, &link));

    s = seal(&key, &head, &none, 0, "{\"b\":1}\n", &line);
    s.len--;
    assert_int_equal(rt_chain_read(&s, &link), RT_OK);
    assert_int_equal(link.head.n, 2);
    assert_memory_equal(link.prev, first.mac, RT_CHAIN_MAC);
    assert_true(rt_chain_sealed(&pub, &s, &link));
    assert_null(link.sig);
    assert_false(rt_chain_signed(&pub, &link));

    s = seal(&key, &head, &none, 1, "{}\n", &line);
    assert_int_equal(rt_chain_read(&s, &link), RT_OK);
    assert_true(rt_chain_signed(&pub, &link));

    /* a key that is not the one */

    assert_int_equal(rt_chain_key_public(&pub, &STR(PUBLIC_OTHER)), RT_OK);
    assert_false(rt_chain_signed(&pub, &link));

    rt_chain_key_close(&pub);
    assert_int_equal(rt_chain_key_open(&pub, &STR(SECRET "x")), RT_OK);
    assert_false(rt_chain_sealed(&pub, &s, &link));
    assert_memory_not_equal(pub.kid, key.kid, sizeof(key.kid));

    rt_chain_key_close(&pub);
    rt_chain_key_close(&key);
}


/* a chain names the one before */

static void
test_after(void **state)
{
    line_t           line;
    rt_str_t         s;
    rt_chain_key_t   key;
    rt_chain_link_t  link;
    rt_chain_head_t  head, old;

    (void) state;

    open_key(&key);
    begin(&key, &old);
    (void) seal(&key, &old, &none, 0, "{}\n", &line);
    old.n = 999999999999999999;

    begin(&key, &head);
    s = seal(&key, &head, &old, 0, "{}\n", &line);

    assert_true(s.len <= 3 + RT_CHAIN_ROOM);
    assert_int_equal(rt_chain_read(&s, &link), RT_OK);
    assert_int_equal(link.after.n, old.n);
    assert_memory_equal(link.after.id, old.id, RT_CHAIN_ID);
    assert_memory_equal(link.prev, old.mac, RT_CHAIN_MAC);
    assert_true(rt_chain_sealed(&key, &s, &link));

    rt_chain_key_close(&key);
}


/* each byte of a line, each of its bits */

static void
test_changed(void **state)
{
    size_t           i;
    line_t           line;
    unsigned         bit;
    rt_str_t         s;
    rt_chain_key_t   key;
    rt_chain_link_t  link;
    rt_chain_head_t  head;

    (void) state;

    open_key(&key);
    begin(&key, &head);
    s = seal(&key, &head, &none, 1, "{\"user\":\"ada\"}\n", &line);
    s.len--;

    for (i = 0; i < s.len; i++) {
        for (bit = 0; bit < 8; bit++) {
            s.data[i] ^= (unsigned char) (1 << bit);

            assert_true(rt_chain_read(&s, &link) != RT_OK
                        || !rt_chain_sealed(&key, &s, &link)
                        || !rt_chain_signed(&key, &link));

            s.data[i] ^= (unsigned char) (1 << bit);
        }
    }

    assert_int_equal(rt_chain_read(&s, &link), RT_OK);
    assert_true(rt_chain_sealed(&key, &s, &link));
    assert_true(rt_chain_signed(&key, &link));

    rt_chain_key_close(&key);
}


#define ID32   "0123456789abcdef0123456789abcdef"
#define MAC64  ID32 ID32
#define OPEN   "{\"a\":1,\"integrity\":{\"chain\":\"" ID32 "\","
#define CLOSE  ",\"prev\":\"" MAC64 "\",\"mac\":\"" MAC64 "\"}}"


static void
test_not_read(void **state)
{
    size_t           i;
    rt_str_t         s;
    rt_chain_link_t  link;

    static const char  *bad[] = {
        "", "\n", "{}", "{}\n", "{\"integrity\":{}}\n",
        OPEN "\"n\":0" CLOSE, OPEN "\"n\":01" CLOSE, OPEN "\"n\":-1" CLOSE,
        OPEN "\"n\":1234567890123456789" CLOSE, OPEN "\"n\":" CLOSE,
        OPEN "\"n\":2,\"after\":\"" ID32 ":1\"" CLOSE,
        OPEN "\"n\":1,\"after\":\"" ID32 ":0\"" CLOSE,
        OPEN "\"n\":1,\"after\":\"" ID32 "\"" CLOSE,
        OPEN "\"n\":1" CLOSE "}", OPEN "\"n\":1" CLOSE " ",
        OPEN "\"n\":1" CLOSE "\n\n", OPEN "\"n\" :1" CLOSE,
        OPEN "\"n\":1,\"n\":1" CLOSE,
        "{\"parameters\":" OPEN "\"n\":1" CLOSE ",\"metadata\":{}}",
        OPEN "\"n\":1,\"prev\":\"" ID32 "\",\"mac\":\"" MAC64 "\"}}",
    };

    (void) state;

    s = STR(OPEN "\"n\":1" CLOSE);
    assert_int_equal(rt_chain_read(&s, &link), RT_OK);

    s = STR(OPEN "\"n\":1,\"after\":\"" ID32 ":7\"" CLOSE);
    assert_int_equal(rt_chain_read(&s, &link), RT_OK);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        s.data = (unsigned char *) bad[i];
        s.len = strlen(bad[i]);
        assert_int_equal(rt_chain_read(&s, &link), RT_DECLINED);
    }
}


static void
test_heads(void **state)
{
    rt_chain_head_t  head;

    (void) state;

    assert_int_equal(rt_chain_head_read(&STR(ID32 ":17"), 0, &head), RT_OK);
    assert_int_equal(head.n, 17);
    assert_int_equal(rt_chain_head_read(&STR(ID32 ":17:" MAC64), 1, &head),
                     RT_OK);
    assert_memory_equal(head.mac, MAC64, RT_CHAIN_MAC);
    assert_int_equal(rt_chain_head_read(&STR(ID32 ":17"), 1, &head),
                     RT_INVALID);
    assert_int_equal(rt_chain_head_read(&STR(ID32 ":17 "), 0, &head),
                     RT_INVALID);
    assert_int_equal(rt_chain_head_read(&STR(ID32 ":x"), 0, &head),
                     RT_INVALID);
    assert_int_equal(rt_chain_head_read(&STR(""), 0, &head), RT_INVALID);
}


/* what cannot be sealed stays as it is, and so does the head */

static void
test_refused(void **state)
{
    size_t           i, len;
    unsigned char    line[16 + RT_CHAIN_ROOM];
    rt_chain_key_t   key;
    rt_chain_head_t  head, before;

    static const char  *bad[] = { "", "}\n", "{}", "{}\n\n", "{}x\n" };

    (void) state;

    assert_int_equal(rt_chain_key_open(&key, &STR("too short")), RT_INVALID);

    open_key(&key);
    assert_int_equal(rt_chain_key_private(&key, &STR("no key")), RT_INVALID);
    assert_int_equal(rt_chain_key_private(&key, &STR(PUBLIC)), RT_INVALID);
    assert_int_equal(rt_chain_key_public(&key, &STR(PRIVATE)), RT_INVALID);

    begin(&key, &head);
    before = head;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        len = strlen(bad[i]);
        memcpy(line, bad[i], len + 1);

        assert_int_equal(rt_chain_seal(&key, &head, &none, 1, line, &len),
                         RT_INVALID);
        assert_string_equal((char *) line, bad[i]);
        assert_memory_equal(&head, &before, sizeof(head));
    }

    rt_chain_key_close(&key);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_after),
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_not_read),
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
