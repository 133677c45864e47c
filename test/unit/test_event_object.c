
/*
 * What modules hand over: the quick way reads what the parser reads, and
 * nothing that the parser refuses, whoever wrote it.
 */

#include "rt_test.h"
#include "event/rt_event_object.h"


#define ROUNDS  20000


static const rt_str_t  list[] = {
    rt_string("id"), rt_string("email"), rt_string("groups"),
    rt_string("enabled"), rt_string("reason"), rt_string("lost")
};

#define NLIST  (sizeof(list) / sizeof(list[0]))

static const rt_event_names_t  names = { list, sizeof(rt_str_t), NLIST };

static rt_event_object_t  quick;
static rt_event_object_t  slow;


static void
same_value(const rt_json_t *a, const rt_json_t *b)
{
    assert_int_equal(a != NULL, b != NULL);

    if (a == NULL) {
        return;
    }

    assert_int_equal(a->type, b->type);

    if (a->type == RT_JSON_STRING || a->type == RT_JSON_NUMBER) {
        assert_true(rt_str_eq(&a->str, &b->str));
    }

    assert_int_equal(a->count, b->count);

    for (a = a->child, b = b->child; a && b; a = a->next, b = b->next) {
        same_value(a, b);
    }

    assert_true(a == NULL && b == NULL);
}


/* ret: 1 if it was read where it stands */

static int
both_ways(const char *data, size_t len)
{
    int       plain;
    size_t    i;
    rt_str_t  text;

    text = copy_of(data, len);

    memset(&quick, 0xa5, sizeof(quick));
    memset(&slow, 0x5a, sizeof(slow));

    rt_event_object(&mem, &text, &names, &quick);
    rt_event_object_parse(&mem, &text, &names, &slow);

    assert_int_equal(quick.there, slow.there);

    for (i = 0, plain = 0; quick.there && i < NLIST; i++) {
        same_value(quick.member[i], slow.member[i]);
        plain |= (quick.member[i] == &quick.node[i]);
    }

    return plain;
}

#define BOTH(lit)  both_ways(lit, sizeof(lit) - 1)


static void
as_modules_write(void **state)
{
    (void) state;

    assert_true(BOTH("{\"id\":\"u-1\",\"email\":\"a@b\",\"groups\":[\"x\"]}"));
    assert_true(BOTH("{\"groups\":[],\"id\":42,\"enabled\":false}"));
    assert_true(BOTH("{\"enabled\":null,\"email\":\"J\xc3\xb6rg\"}"));
    assert_true(BOTH("{\"lost\":\"\",\"enabled\":true,\"id\":\"x\"}"));
    assert_true(BOTH("{\"reason\":\"ok\",\"id\":0,\"lost\":\"x\"}"));

    assert_false(BOTH("{}"));
    assert_true(quick.there);
    assert_false(BOTH(""));
    assert_false(quick.there);
}


/* left to the parser, or refused by both */

static void
otherwise(void **state)
{
    (void) state;

    assert_false(BOTH("{\"id\":\"a\\\"b\"}"));
    assert_true(quick.there);
    assert_false(BOTH("{ \"id\":\"a\"}"));
    assert_false(BOTH("{\"id\":\"a\",\"id\":\"b\"}"));
    assert_true(rt_str_lit(&quick.member[0]->str, "a"));
    assert_false(BOTH("{\"other\":1,\"id\":\"a\"}"));
    assert_false(BOTH("{\"id\":{\"a\":[1]}}"));
    assert_false(BOTH("{\"id\":01}"));
    assert_false(BOTH("{\"id\":00}"));
    assert_false(BOTH("{\"id\":}"));
    assert_false(quick.there);
    assert_false(BOTH("{\"id\":-1}"));
    assert_false(BOTH("{\"id\":1.5}"));
    assert_false(BOTH("{\"id\":1234567890123456}"));
    assert_false(BOTH("{\"groups\":[1]}"));
    assert_false(BOTH("{\"email\":\"\xff\"}"));
    assert_true(quick.there);

    assert_false(BOTH("{\"id\":\"a\"},\"isError\":false"));
    assert_false(quick.there);
    assert_false(BOTH("{\"id\":\"a\"}{"));
    assert_false(BOTH("{\"id\":\"a\",}"));
    assert_false(BOTH("{\"id\":\"a\n\"}"));
    assert_false(BOTH("{\"id\":\"a"));
    assert_false(BOTH("{\"id\""));
    assert_false(BOTH("{\"groups\":[\"a\""));
    assert_false(BOTH("{\"enabled\":tru"));
    assert_false(BOTH("{"));
    assert_false(BOTH("[\"id\"]"));
}


/* pieces of objects in any order, and bytes changed in them */

static void
generated(void **state)
{
    char         text[512];
    size_t       len;
    rt_str_t     s;
    unsigned     i, n, round, plain;

    static const char *const  pieces[] = {
        "\"id\":", "\"email\":", "\"groups\":", "\"enabled\":", "\"x\":",
        "\"u-1\"", "\"\"", "\"J\xc3\xb6rg\"", "[]", "[\"a\"]",
        "[\"a\",\"b\",\"c\"]", "true", "false", "null", "7", "42", "0",
        "\"a\\u0041\"", "\"\\\"\"", "{}", "1e5", "\"\xe2\x80\xa8\"",
        "\"\x7f\xc2\x85\"", ",", ":", "]", "[", "}", "{", "\"", "\\", " "
    };

    (void) state;

    for (round = 0, plain = 0; round < ROUNDS; round++) {
        text[0] = '{';
        len = 1;

        for (i = 0, n = chance(6); i < n; i++) {

            if (i) {
                text[len++] = ',';
            }

            /* a name and a value, of which some are neither */

            s = str(pieces[chance(round % 8 ? 5 : 32)]);
            memcpy(text + len, s.data, s.len);
            len += s.len;
            s = str(pieces[round % 8 ? 5 + chance(13) : chance(32)]);
            memcpy(text + len, s.data, s.len);
            len += s.len;
        }

        text[len++] = '}';

        if (round % 4 == 0) {
            text[chance((uint32_t) len)] = (char) chance(256);
        }

        plain += (unsigned) both_ways(text, len - (round % 16 == 1));

        if (round % 100 == 0) {
            rt_arena_free(&arena);
            mem = rt_arena_init(&arena);
        }
    }

    /* the quick way was taken, and not always */

    assert_in_range(plain, ROUNDS / 20, ROUNDS - ROUNDS / 20);
}


static void
many(void **state)
{
    char    text[1024];
    size_t  i, len, n;

    (void) state;

    for (n = 62; n < 68; n++) {
        len = (size_t) snprintf(text, sizeof(text), "{\"groups\":[\"a\"");

        for (i = 1; i < n; i++) {
            len += (size_t) snprintf(text + len, sizeof(text) - len, ",\"b\"");
        }

        len += (size_t) snprintf(text + len, sizeof(text) - len, "]}");

        assert_int_equal(both_ways(text, len), n <= 64);
        assert_int_equal(quick.member[2]->count, n);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(as_modules_write),
        ARENA_TEST(otherwise),
        ARENA_TEST(generated),
        ARENA_TEST(many)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
