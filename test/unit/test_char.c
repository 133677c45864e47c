
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "text/rt_char.h"


#define ALNUM  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


/* the same as the table, each sign with the bytes that are one */

typedef struct {
    uint32_t     sign;
    rt_str_t     bytes;
} sign_t;


static const sign_t  signs[] = {
    { RT_CHAR_SLASH, rt_string("/") },
    { RT_CHAR_QUERY, rt_string("?") },
    { RT_CHAR_HASH, rt_string("#") },
    { RT_CHAR_COLON, rt_string(":") },
    { RT_CHAR_AT, rt_string("@") },
    { RT_CHAR_SEMI, rt_string(";") },
    { RT_CHAR_EQUAL, rt_string("=") },
    { RT_CHAR_PERCENT, rt_string("%") },
    { RT_CHAR_DOT, rt_string(".") },
    { RT_CHAR_COMMA, rt_string(",") },
    { RT_CHAR_BLANK, rt_string(" ") },
    { RT_CHAR_LINE, rt_string("\n") },
    { RT_CHAR_AND, rt_string("&") },
    { RT_CHAR_PLUS, rt_string("+") },
    { RT_CHAR_BRACKET, rt_string("[]") },
    { RT_CHAR_ANGLE, rt_string("<") },
    { RT_CHAR_CAPITAL, rt_string("ABCDEFGHIJKLMNOPQRSTUVWXYZ") },
    { RT_CHAR_BASE64, rt_string(ALNUM "+/-_") },
    { RT_CHAR_JSON, rt_string("{[\"") },
    { RT_CHAR_PART, rt_string(".:$/[]?;\"'\\\0") },
    { RT_CHAR_BORDER, rt_string("&;?#,{}()<>|\"'`@!~^*=:\n\r\0") },
    { RT_CHAR_TOKEN, rt_string(ALNUM "!#$%&'*+-.^_`|~") },
    { RT_CHAR_TYPE, rt_string(ALNUM "!#$&-^_.+") },
    { RT_CHAR_HOST, rt_string(ALNUM "-._:[]") }
};


/* those that are ranges */

static uint32_t
ranges(unsigned c)
{
    uint32_t  what;

    what = (c < ' ' || c == '"' || c == '\\') ? RT_CHAR_QUOTED : 0;

    if (c >= 0x80) {
        what |= RT_CHAR_HIGH;
    }

    if (c <= ' ' || c == 0x7f || memchr("-_.", (int) c, 3)) {
        what |= RT_CHAR_GAP;
    }

    return what;
}


static void
every_byte(void **state)
{
    size_t    i;
    unsigned  c;
    uint32_t  want;

    (void) state;

    for (c = 0; c < 256; c++) {
        want = ranges(c);

        for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
            if (memchr(signs[i].bytes.data, (int) c, signs[i].bytes.len)) {
                want |= signs[i].sign;
            }
        }

        assert_int_equal(rt_char[c], want);
        assert_int_equal(rt_char_lower((unsigned char) c, rt_char[c]),
                         rt_lower((unsigned char) c));
    }
}


static void
looks(void **state)
{
    rt_str_t  s = rt_string("/a/b?c=d"), none = rt_null_string;

    (void) state;

    assert_int_equal(rt_until(&s, 0, RT_CHAR_SLASH), 0);
    assert_int_equal(rt_until(&s, 1, RT_CHAR_SLASH|RT_CHAR_QUERY), 2);
    assert_int_equal(rt_until(&s, 3, RT_CHAR_SLASH|RT_CHAR_QUERY), 4);
    assert_int_equal(rt_until(&s, 0, RT_CHAR_HASH), s.len);
    assert_int_equal(rt_until(&s, s.len, RT_CHAR_SLASH), s.len);
    assert_int_equal(rt_until(&none, 0, RT_CHAR_SLASH), 0);

    assert_true(rt_char_seen(&s) & RT_CHAR_EQUAL);
    assert_false(rt_char_seen(&s) & (RT_CHAR_HASH|RT_CHAR_HIGH));
    assert_int_equal(rt_char_seen(&none), 0);

    assert_false(rt_char_all(&s, RT_CHAR_TOKEN));
    s.data++;
    s.len = 1;
    assert_true(rt_char_all(&s, RT_CHAR_TOKEN));
    assert_true(rt_char_all(&none, RT_CHAR_TOKEN));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(every_byte),
        cmocka_unit_test(looks)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
