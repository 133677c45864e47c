
#include "rt_test.h"
#include "json/rt_body.h"
#include "text/rt_form.h"


static rt_form_t   form;


static void
parse(const char *text, size_t len, unsigned max)
{
    rt_str_t  s = { len, (unsigned char *) text };

    assert_int_equal(rt_form_parse(&mem, &s, max, &form), RT_OK);
}

#define PARSE(text)  parse(text, sizeof(text) - 1, 16)


static void
field(unsigned i, const char *name, const char *value)
{
    assert_true(i < form.n);
    assert_int_equal(form.field[i].name.len, strlen(name));
    assert_memory_equal(form.field[i].name.data, name, strlen(name));
    assert_int_equal(form.field[i].value.len, strlen(value));
    assert_memory_equal(form.field[i].value.data, value, strlen(value));
}


static void
fields(void **state)
{
    rt_str_t  name = rt_string("b c");

    (void) state;

    PARSE("a=1&b+c=x%20y%3D&&=v&d&e==f&");

    assert_int_equal(form.n, 5);
    field(0, "a", "1");
    field(1, "b c", "x y=");
    field(2, "", "v");
    field(3, "d", "");
    field(4, "e", "=f");
    assert_false(form.bad);
    assert_false(form.many);
    assert_false(form.field[3].eq);
    assert_true(form.field[4].eq);

    assert_true(rt_str_lit(&form.field[1].raw, "b+c=x%20y%3D"));
    assert_true(rt_str_lit(&form.field[2].raw, "=v"));
    assert_true(rt_str_lit(&form.field[3].raw, "d"));
    assert_true(rt_str_lit(&form.text, "a=1&b+c=x%20y%3D&&=v&d&e==f&"));

    assert_ptr_equal(rt_form_get(&form, &name), &form.field[1]);
    name.len--;
    assert_null(rt_form_get(&form, &name));

    PARSE("");
    assert_int_equal(form.n, 0);

    PARSE("&&&");
    assert_int_equal(form.n, 0);
}


static void
bytes(void **state)
{
    (void) state;

    PARSE("a%00b=%00%ff&%41%6a=%2b");

    assert_int_equal(form.n, 2);
    assert_int_equal(form.field[0].name.len, 3);
    assert_memory_equal(form.field[0].name.data, "a\0b", 3);
    assert_memory_equal(form.field[0].value.data, "\0\xff", 2);
    field(1, "Aj", "+");
}


static void
malformed(void **state)
{
    (void) state;

    PARSE("a=%&b=%4&c=%4g&d%u0041=1&e=%25");

    assert_int_equal(form.n, 5);
    assert_true(form.bad);
    field(0, "a", "%");
    field(1, "b", "%4");
    field(2, "c", "%4g");
    field(3, "d%u0041", "1");
    field(4, "e", "%");
    assert_true(form.field[0].bad && form.field[1].bad && form.field[2].bad
                && form.field[3].bad);
    assert_false(form.field[4].bad);
}


static void
bounds(void **state)
{
    rt_str_t  s = rt_string("a=%41");

    (void) state;

    parse("a&b&c", 5, 3);
    assert_int_equal(form.n, 3);
    assert_false(form.many);

    parse("a&b&c&&", 7, 3);
    assert_int_equal(form.n, 3);
    assert_false(form.many);

    parse("&&a&b&c&d", 9, 3);
    assert_int_equal(form.n, 3);
    assert_true(form.many);

    arena.left = 1;
    assert_int_equal(rt_form_parse(&mem, &s, 3, &form), RT_ERROR);
}


static rt_body_kind_e
body(const char *type, const char *encoding, const char *data, uint64_t more,
    const char *why)
{
    rt_body_t  b;

    memset(&b, 0, sizeof(b));

    b.type.data = (unsigned char *) type;
    b.type.len = strlen(type);
    b.encoding.data = (unsigned char *) encoding;
    b.encoding.len = strlen(encoding);
    b.data.data = (unsigned char *) data;
    b.data.len = strlen(data);
    b.bytes = b.data.len + more;

    assert_int_equal(rt_body_parse(&mem, &b), RT_OK);

    if (why) {
        assert_non_null(b.why);
        assert_string_equal(b.why, why);
        assert_null(b.json);
        assert_int_equal(b.form.n, 0);

    } else {
        assert_null(b.why);
    }

    return b.kind;
}


static void
kinds(void **state)
{
    rt_body_t  b;

    (void) state;

    assert_int_equal(body("application/json", "", "", 0, NULL),
                     RT_BODY_NONE);
    assert_int_equal(body("application/json", "", "{}", 0, NULL),
                     RT_BODY_JSON);
    assert_int_equal(body("Application/JSON ; Charset=\"UTF-8\"", "Identity",
                          "[1]", 0, NULL), RT_BODY_JSON);
    assert_int_equal(body("application/problem+json", "", "1", 0, NULL),
                     RT_BODY_JSON);
    assert_int_equal(body("application/x-www-form-urlencoded", "", "a=b", 0,
                          NULL), RT_BODY_FORM);
    assert_int_equal(body("multipart/form-data; boundary=x", "", "--x", 0,
                          NULL), RT_BODY_MULTIPART);
    assert_int_equal(body("text/plain", "", "{\"a\":1}", 0, NULL),
                     RT_BODY_OPAQUE);
    assert_int_equal(body("", "", "{\"a\":1}", 0, NULL), RT_BODY_OPAQUE);

    memset(&b, 0, sizeof(b));
    b.unread = 1;
    b.bytes = 10;
    assert_int_equal(rt_body_parse(&mem, &b), RT_OK);
    assert_int_equal(b.kind, RT_BODY_UNREAD);
}


static void
unparsed(void **state)
{
    unsigned     i;
    char         many[4 * RT_BODY_FIELDS + 8];
    const char  *json = "application/json";
    const char  *urlenc = "application/x-www-form-urlencoded";

    (void) state;

    assert_int_equal(body(json, "", "{\"a\":", 0, "json"), RT_BODY_UNPARSED);
    assert_int_equal(body(json, "", "{\"a\":1,\"a\":2}", 0, NULL),
                     RT_BODY_JSON);
    assert_int_equal(body(json, "", "\"\xff\"", 0, "json"),
                     RT_BODY_UNPARSED);
    assert_int_equal(body(json, "", "{}", 1, "size"), RT_BODY_UNPARSED);
    assert_int_equal(body(json, "gzip", "{}", 0, "encoding"),
                     RT_BODY_UNPARSED);
    assert_int_equal(body("application/json; charset=utf-16", "", "{}", 0,
                          "charset"), RT_BODY_UNPARSED);
    assert_int_equal(body("application/json; charset", "", "{}", 0,
                          "charset"), RT_BODY_UNPARSED);
    assert_int_equal(body(urlenc, "", "a=%zz", 0, "percent"),
                     RT_BODY_UNPARSED);
    assert_int_equal(body(urlenc, "", " {\"password\":\"x\"}", 0, "type"),
                     RT_BODY_UNPARSED);
    assert_int_equal(body(urlenc, "", "<a>", 0, "type"), RT_BODY_UNPARSED);

    for (i = 0; i <= RT_BODY_FIELDS; i++) {
        memcpy(many + 4 * i, "a=b&", 5);
    }

    assert_int_equal(body(urlenc, "", many, 0, "count"), RT_BODY_UNPARSED);

    for (i = 0; i < 100; i++) {
        many[i] = '[';
        many[i + 100] = ']';
    }

    many[200] = '\0';
    assert_int_equal(body(json, "", many, 0, "count"), RT_BODY_UNPARSED);
}


static void
only(void **state)
{
    rt_str_t  value;

    (void) state;

    PARSE("a=1&b=2&c=&%61=3");

    value = rt_form_only(&form, "b");
    assert_true(rt_str_lit(&value, "2"));

    value = rt_form_only(&form, "c");
    assert_non_null(value.data);
    assert_int_equal(value.len, 0);

    assert_null(rt_form_only(&form, "a").data);
    assert_null(rt_form_only(&form, "d").data);

    /* there may be a second one behind what was read */

    parse("b=2&c=3", 7, 1);
    assert_true(form.many);
    assert_null(rt_form_only(&form, "b").data);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(fields),
        ARENA_TEST(bytes),
        ARENA_TEST(malformed),
        ARENA_TEST(bounds),
        ARENA_TEST(only),
        ARENA_TEST(kinds),
        ARENA_TEST(unparsed)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
