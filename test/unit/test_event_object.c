/*
 * What modules hand over: packed or as JSON it reads the same, and of what is
 * neither, whoever wrote it, nothing is there.
 */

#include "rt_test.h"
#include "event/rt_event_object.h"
#include "event/rt_event_packed.h"


#define ROUNDS  20000


enum { ID, EMAIL, GROUPS, ENABLED, NLIST };

static const rt_str_t  list[NLIST] = {
    [ID] = rt_string("id"),
    [EMAIL] = rt_string("email"),
    [GROUPS] = rt_string("groups"),
    [ENABLED] = rt_string("enabled")
};

static const rt_event_names_t  names = { list, sizeof(rt_str_t), NLIST };

static rt_event_object_t  got;
static unsigned char      packed[8192];
static unsigned char     *end;


static void
piece(rt_packed_kind_e kind, unsigned row, const char *text)
{
    rt_str_t  s;

    s = str(text);
    end = rt_packed_put(end, kind, row, &s);
}


static void
read_text(const rt_str_t *text)
{
    memset(&got, 0xa5, sizeof(got));
    rt_event_object(&mem, text, &names, &got);
}


/* what was put, of which less bytes are missing at its end */

static void
read_packed(size_t less)
{
    rt_str_t  text;

    text = copy_of((char *) packed, (size_t) (end - packed) - less);
    read_text(&text);
}


static void
read_json(const char *json)
{
    rt_str_t  text;

    text = copy_of(json, strlen(json));
    read_text(&text);
}


static void
is_user(void)
{
    assert_true(got.there);
    assert_int_equal(got.member[ID]->type, RT_JSON_STRING);
    assert_true(is_text(&got.member[ID]->str, "u\"-1"));
    assert_true(is_text(&got.member[EMAIL]->str, "J\xc3\xb6rg"));
    assert_int_equal(got.member[GROUPS]->type, RT_JSON_ARRAY);
    assert_int_equal(got.member[GROUPS]->count, 2);
    assert_true(is_text(&got.member[GROUPS]->child->str, "a"));
    assert_true(is_text(&got.member[GROUPS]->child->next->str, "b\n"));
    assert_null(got.member[GROUPS]->child->next->next);
    assert_int_equal(got.member[ENABLED]->type, RT_JSON_FALSE);
}


static void
put_user(void)
{
    end = packed;

    piece(RT_PACKED_TEXT, ID, "u\"-1");
    piece(RT_PACKED_TEXT, EMAIL, "J\xc3\xb6rg");
    piece(RT_PACKED_LIST, GROUPS, "");
    piece(RT_PACKED_ITEM, GROUPS, "a");
    piece(RT_PACKED_ITEM, GROUPS, "b\n");
    piece(RT_PACKED_FALSE, ENABLED, "");
}


static void
both_ways(void **state)
{
    (void) state;

    put_user();
    read_packed(0);
    is_user();

    read_json("{\"id\":\"u\\\"-1\",\"x\":1,\"email\":\"J\xc3\xb6rg\","
              "\"groups\":[\"a\",\"b\\n\"],\"enabled\":false}");
    is_user();

    end = packed;
    piece(RT_PACKED_LIST, GROUPS, "");
    piece(RT_PACKED_TRUE, ENABLED, "");
    read_packed(0);

    assert_true(got.there);
    assert_null(got.member[ID]);
    assert_int_equal(got.member[GROUPS]->type, RT_JSON_ARRAY);
    assert_null(got.member[GROUPS]->child);
    assert_int_equal(got.member[ENABLED]->type, RT_JSON_TRUE);

    end = packed;
    read_packed(0);
    assert_false(got.there);
}


/* a later version has rows that are not known here */

static void
later_version(void **state)
{
    (void) state;

    end = packed;
    piece(RT_PACKED_TEXT, NLIST, "x");
    piece(RT_PACKED_LIST, 200, "");
    piece(RT_PACKED_ITEM, 200, "x");
    piece(RT_PACKED_TEXT, ID, "u-1");
    piece(RT_PACKED_TEXT, 255, "x");
    read_packed(0);

    assert_true(got.there);
    assert_true(is_text(&got.member[ID]->str, "u-1"));
    assert_null(got.member[EMAIL]);
}


static void
neither(void **state)
{
    size_t  less;

    (void) state;

    put_user();

    for (less = 1; less < (size_t) (end - packed); less++) {
        read_packed(less);

        /* between two pieces it may end, and all of them are whole */

        assert_int_equal(got.there, less == RT_PACKED_HEAD
                                    || less == 2 * RT_PACKED_HEAD + 2
                                    || less == 3 * RT_PACKED_HEAD + 3
                                    || less == 4 * RT_PACKED_HEAD + 3
                                    || less == 5 * RT_PACKED_HEAD + 8);
    }

    put_user();
    piece(RT_PACKED_TEXT, ID, "root");
    read_packed(0);
    assert_false(got.there);

    put_user();
    piece(RT_PACKED_ITEM, ID, "root");
    read_packed(0);
    assert_false(got.there);

    put_user();
    piece(RT_PACKED_END, ID, "root");
    read_packed(0);
    assert_false(got.there);

    put_user();
    packed[0] = RT_PACKED_ITEM;
    read_packed(0);
    assert_false(got.there);

    put_user();
    memset(packed + 2, 0xff, sizeof(uint32_t));
    read_packed(0);
    assert_false(got.there);

    read_json("{\"id\":\"a\"},\"isError\":false");
    assert_false(got.there);
    read_json("[\"id\"]");
    assert_false(got.there);
    read_json("\xff");
    assert_false(got.there);
}


static void
many(void **state)
{
    unsigned  i;

    (void) state;

    end = packed;
    piece(RT_PACKED_LIST, GROUPS, "");

    for (i = 0; i < 300; i++) {
        piece(RT_PACKED_ITEM, GROUPS, "g");
    }

    piece(RT_PACKED_TEXT, ID, "u-1");
    read_packed(0);

    assert_true(got.there);
    assert_int_equal(got.member[GROUPS]->count, 65);
    assert_true(is_text(&got.member[ID]->str, "u-1"));
}


/* bytes changed anywhere: what is read lies within what was given */

static void
changed(void **state)
{
    size_t            i;
    unsigned          n, round, there;
    const rt_json_t  *v;

    (void) state;

    for (round = 0, there = 0; round < ROUNDS; round++) {
        put_user();

        for (n = chance(3) + 1; n; n--) {
            packed[chance((uint32_t) (end - packed))] =
                (unsigned char) (chance(2) ? chance(256) : 0xf6 + chance(8));
        }

        read_packed(chance(8) ? 0 : chance(8));
        there += got.there;

        for (i = 0; got.there && i < NLIST; i++) {
            v = got.member[i];

            if (v && v->type == RT_JSON_STRING) {
                (void) copy_of((char *) v->str.data, v->str.len);
            }
        }

        if (round % 100 == 0) {
            rt_arena_free(&arena);
            mem = rt_arena_init(&arena);
        }
    }

    assert_in_range(there, ROUNDS / 20, ROUNDS - ROUNDS / 20);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(both_ways),
        ARENA_TEST(later_version),
        ARENA_TEST(neither),
        ARENA_TEST(many),
        ARENA_TEST(changed)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
