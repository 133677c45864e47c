
/* rt_utf8 and rt_b64 */

#include "rt_test.h"
#include "text/rt_b64.h"
#include "text/rt_utf8.h"


#define FFFD    "\xef\xbf\xbd"


/* every code point there and back, every other value a U+FFFD */

static void
test_code_points(void **state)
{
    size_t         n, len;
    uint32_t       cp;
    rt_str_t       s;
    unsigned char  buf[4];

    (void) state;

    for (cp = 0; cp < 0x110100; cp++) {
        n = rt_utf8_put(buf, cp);

        if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff)) {
            assert_int_equal(rt_utf8_step(buf, buf + n, &len), 0xfffd);

        } else {
            assert_int_equal(rt_utf8_step(buf, buf + n, &len), cp);
        }

        assert_int_equal(len, n);

        /* cut short it is one bad subpart */

        s.data = buf;
        s.len = n;
        assert_true(rt_utf8_valid(&s));

        if (n > 1) {
            s.len = n - 1;
            assert_false(rt_utf8_valid(&s));
            assert_int_equal(rt_utf8_step(buf, buf + s.len, &len),
                             RT_UTF8_BAD);
            assert_int_equal(len, s.len);
        }
    }
}


/* the examples of the Unicode standard, tables 3-8 to 3-11 */

static void
test_repair(void **state)
{
    size_t    i;
    rt_str_t  in, out;

    static const struct {
        const char  *in;
        const char  *out;
    } texts[] = {
        { "plain ASCII of more than eight bytes",
          "plain ASCII of more than eight bytes" },
        { "", "" },
        { "\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41",
          FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A" },
        { "\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41",
          FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A" },
        { "\xf4\x91\x92\x93\xff\x41\x80\xbf\x42",
          FFFD FFFD FFFD FFFD FFFD "A" FFFD FFFD "B" },
        { "\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41",
          FFFD FFFD FFFD FFFD "A" },
        { "abcdefgh\xff", "abcdefgh" FFFD },
        { "\xc3", FFFD },
        { "\xf0\x9f\x98\x80\x80", "\xf0\x9f\x98\x80" FFFD },
    };

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        in = copied(texts[i].in);

        assert_int_equal(rt_utf8_repair(&mem, &in, &out), RT_OK);

        if (!is_text(&out, texts[i].out)) {
            fail_msg("text %d became %.*s", (int) i, (int) out.len, out.data);
        }

        assert_true(rt_utf8_valid(&out));
        assert_int_equal(rt_utf8_valid(&in), out.data == in.data);
    }

    arena.left = 0;
    assert_int_equal(rt_utf8_repair(&mem, &STR("\xff"), &out), RT_ERROR);
    arena.left = -1;
}


static void
test_b64_round_trip(void **state)
{
    size_t         i, n;
    rt_str_t       in, text, out;
    unsigned char  bytes[259];

    (void) state;

    for (i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (unsigned char) (i * 251 + 17);
    }

    for (n = 0; n <= sizeof(bytes); n++) {
        in.len = n;
        in.data = bytes;

        assert_int_equal(rt_b64_encode(&mem, &in, &text), RT_OK);
        assert_int_equal(text.len, rt_b64_encoded_len(n));
        assert_true(rt_b64_valid(&text));
        assert_int_equal(rt_b64_decode(&mem, &text, &out), RT_OK);
        assert_int_equal(rt_b64_decoded_len(text.len), n);
        assert_true(rt_str_eq(&in, &out));
    }

    /* RFC 4648, section 10 */

    assert_int_equal(rt_b64_encode(&mem, &STR("foobar"), &text), RT_OK);
    assert_true(rt_str_lit(&text, "Zm9vYmFy"));
    assert_int_equal(rt_b64_encode(&mem, &STR("foob"), &text), RT_OK);
    assert_true(rt_str_lit(&text, "Zm9vYg"));
    assert_int_equal(rt_b64_encode(&mem, &STR("\xff\xef\xbe"), &text), RT_OK);
    assert_true(rt_str_lit(&text, "_---"));
}


/* of all strings of two and three characters, one in each class decodes */

static void
test_b64_canonical(void **state)
{
    int            i, j, two, three;
    rt_str_t       in, out;
    unsigned char  text[3];

    (void) state;

    two = 0;
    three = 0;
    in.data = text;

    for (i = 0; i < 256; i++) {
        for (j = 0; j < 256; j++) {
            text[0] = (unsigned char) i;
            text[1] = (unsigned char) j;
            in.len = 2;
            assert_int_equal(rt_b64_valid(&in),
                             rt_b64_decode(&mem, &in, &out) == RT_OK);
            two += rt_b64_valid(&in);

            text[0] = 'Q';
            text[1] = (unsigned char) i;
            text[2] = (unsigned char) j;
            in.len = 3;
            assert_int_equal(rt_b64_valid(&in),
                             rt_b64_decode(&mem, &in, &out) == RT_OK);
            three += rt_b64_valid(&in);
        }

        rt_arena_free(&arena);
    }

    assert_int_equal(two, 256);
    assert_int_equal(three, 64 * 16);
}


static void
test_b64_refused(void **state)
{
    size_t     i;
    rt_str_t   in, out;

    static const char  *bad[] = {
        "A", "AAAAA", "QQ==", "QUI=", "QUJD=", "QR", "QUJ", "+/+/", "A A ",
        "QUJD\n", "\nQUJD", "QUJD ", "QU.D", "\xc3\xa9" "AA", "====", "Q="
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        in = copied(bad[i]);

        if (rt_b64_decode(&mem, &in, &out) != RT_INVALID
            || rt_b64_valid(&in) || out.len != 0)
        {
            fail_msg("decoded: %s", bad[i]);
        }
    }

    in = STR("QU\0D");
    assert_false(rt_b64_valid(&in));

    arena.left = 0;
    assert_int_equal(rt_b64_decode(&mem, &STR("QUJD"), &out), RT_ERROR);
    assert_int_equal(rt_b64_encode(&mem, &STR("ABC"), &out), RT_ERROR);
    arena.left = -1;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_code_points),
        ARENA_TEST(test_repair),
        ARENA_TEST(test_b64_round_trip),
        ARENA_TEST(test_b64_canonical),
        ARENA_TEST(test_b64_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
