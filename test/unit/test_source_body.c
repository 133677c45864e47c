
/* values of a body and of cookies: the one all applications read, or none */

#include "rt_test.h"
#include "policy/rt_source_body.h"


#define FORM  "application/x-www-form-urlencoded"
#define JSON  "application/json"


static const char  *why;


/* the value; NULL with why; "absent" is a reason, too */

static const char *
get(const char *type, const char *text, const char *word)
{
    char         *copy;
    rt_str_t      w, value, err;
    rt_body_t     body;
    rt_source_t   source;
    rt_status_e   rc;

    memset(&body, 0, sizeof(body));

    body.type = str(type);
    body.data = str(text);
    body.bytes = body.data.len;
    w = str(word);

    assert_int_equal(rt_source_parse(&mem, &w, &source, &err), RT_OK);

    why = "another type";
    rc = rt_source_body(&mem, &body, &why);

    if (rc == RT_OK) {
        rc = rt_source_body_value(&mem, &body, &source, &value, &why);
    }

    if (rc == RT_OK) {
        copy = rt_arena_alloc(&arena, value.len + 1);
        memcpy(copy, value.data, value.len);
        copy[value.len] = '\0';
        return copy;
    }

    if (rc == RT_DECLINED) {
        why = "absent";
    }

    assert_non_null(why);

    return NULL;
}


static void
test_value(void **state)
{
    size_t  i;

    static const struct {
        const char  *type;
        const char  *body;
        const char  *word;
        const char  *value;
    } good[] = {
        { FORM, "a=1&email=x%40y", "form:email", "x@y" },
        { FORM, "email=", "form:email", "" },
        { JSON, "{\"email\":\"x\"}", "json:/email", "x" },
        { JSON, " {\"\\u0065mail\":1.0} ", "json:/email", "1.0" },
        { JSON, "{\"email\":true}", "json:/email", "true" },
        { JSON, "{\"a\":[{\"b~/\":\"x\"}]}", "json:/a/0/b~0~1", "x" },
        { JSON, "{\"a\":{\"0\":\"x\"}}", "json:/a/0", "x" },
        { JSON, "[{\"a\":\"x\"}]", "json:/0/a", "x" },
        { "application/hal+json", "{\"a\":\"x\"}", "json:/a", "x" },
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_string_equal(get(good[i].type, good[i].body, good[i].word),
                            good[i].value);
    }
}


static void
test_none(void **state)
{
    size_t  i;

    static const struct {
        const char  *type;
        const char  *body;
        const char  *word;
        const char  *why;
    } none[] = {
        { FORM, "a=1", "form:email", "absent" },
        { FORM, "", "form:email", "absent" },
        { FORM, "email=x", "json:/email", "absent" },
        { JSON, "{\"email\":\"x\"}", "form:email", "absent" },
        { JSON, "{}", "json:/email", "absent" },
        { JSON, "{\"a\":{}}", "json:/a/b/c", "absent" },
        { JSON, "{\"a\":[1]}", "json:/a/1", "absent" },
        { "text/plain", "email=x", "form:email", "absent" },
        { "", "email=x", "form:email", "absent" },

        { FORM, "email=x&email=x", "form:email", "is repeated" },
        { FORM, "e-mail=x", "form:email", "has another spelling" },
        { FORM, "a=%", "form:email", "has a malformed escape" },
        { FORM, "{\"a\":1}", "form:email", "is not the form it says it is" },
        { FORM, "\xef\xbb\xbf{}", "form:a", "is not the form it says it is" },
        { FORM, "_charset_=utf-16", "form:a", "is not in UTF-8" },
        { FORM "; charset=latin1", "a=1", "form:a", "is not in UTF-8" },
        { FORM "; a=\"b,c\"", "a=1", "form:a",
          "has a Content-Type that can be read in two ways" },
        { JSON, "{\"a\":1,\"a\":1}", "json:/b", "has a member twice" },
        { JSON, "{\"a\":1", "json:/a", "is no JSON" },
        { JSON, "{\"A\":1}", "json:/a", "has another spelling" },
        { JSON, "{\"a\":1,\"_a\":1}", "json:/a", "is repeated" },
        { JSON, "{\"a\":null}", "json:/a",
          "is no string, number or boolean" },
        { JSON, "{\"a\":[]}", "json:/a", "is no string, number or boolean" },
        { JSON, "{\"a\":\"\\u0000\"}", "json:/a",
          "holds a control character" },
        { JSON, "{\"a\":\" x\"}", "json:/a",
          "begins or ends with white space" },
        { JSON, "[{\"a\":1}]", "json:/a", "stands in JSON of another shape" },
        { JSON, "{\"a\":null}", "json:/a/b",
          "stands in JSON of another shape" },
        { JSON, "[[1]]", "json:/0/1a", "stands in JSON of another shape" },
        { "multipart/form-data; boundary=X", "--X", "form:a",
          "is cut off, or has a boundary in a wrong place" },
        { "multipart/form-data; boundary=X; charset=utf-16", "--X--", "form:a",
          "is not in UTF-8" },
        { "multipart/mixed; boundary=X", "--X--", "form:a",
          "has a Content-Type without a good boundary" },
    };

    (void) state;

    for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        assert_null(get(none[i].type, none[i].body, none[i].word));
        assert_string_equal(why, none[i].why);
    }
}


static void
test_pointer(void **state)
{
    size_t        i;
    rt_str_t      word, err;
    rt_source_t   source;

    static const char *const  bad[] = {
        "json:", "json:/", "json:email", "json:/a/", "json://a", "json:/a/-",
        "json:/~2", "json:/_", "json:/a~", "cookie:a b", "cookie:", "form:a[]"
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        word = str(bad[i]);
        assert_true(rt_source_is(&word));
        assert_int_equal(rt_source_parse(&mem, &word, &source, &err),
                         RT_INVALID);
    }
}


static void
test_cookie(void **state)
{
    size_t       i;
    rt_str_t     line, name, value;
    unsigned     found;
    const char  *said;

    static const struct {
        const char  *line;
        const char  *value;     /* NULL: none */
        const char  *why;
    } rows[] = {
        { "", NULL, NULL },
        { "a=1; b=2", NULL, NULL },
        { "sid=x", "x", NULL },
        { "a=1;sid =x;b", "x", NULL },
        { "=sid=y; sid=x", NULL,
          "comes with a cookie whose name is malformed" },
        { "sid= x", NULL, "begins or ends with white space" },
        { "sid=x ; a=1", NULL, "begins or ends with white space" },
        { "sid", "", NULL },
        { "sid=", "", NULL },
        { "a=\"; sid=x; b=\"", "x", NULL },
        { "sid=x; sid=x", NULL, "is repeated" },
        { "sid=x; SID=y", NULL, "is repeated" },
        { "SID=x", NULL, "has another spelling" },
        { "s%69d=x", NULL, "has another spelling" },
        { "a=1, sid=x", NULL, "stands beside a \",\"" },
        { "sid=x, a=1", NULL, "stands beside a \",\"" },
        { "sid=%41", NULL, "can be read in two ways" },
        { "sid=\"x\"", NULL, "can be read in two ways" },
        { "sid=x\\", NULL, "can be read in two ways" },
        { "sid=\xc3\xa9", NULL, "is not ASCII" },
        { "%zz=1; sid=x", NULL,
          "comes with a cookie whose name is malformed" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        line = str(rows[i].line);
        name = STR("sid");
        found = 0;

        said = rt_source_cookie(&mem, &line, &name, &value, &found);

        if (rows[i].why) {
            assert_non_null(said);
            assert_string_equal(said, rows[i].why);
            continue;
        }

        assert_null(said);
        assert_int_equal(found, rows[i].value != NULL);

        if (found) {
            assert_int_equal(value.len, strlen(rows[i].value));
            assert_memory_equal(value.data, rows[i].value, value.len);

            assert_string_equal(rt_source_cookie(&mem, &line, &name, &value,
                                                 &found), "is repeated");
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_value),
        ARENA_TEST(test_none),
        ARENA_TEST(test_pointer),
        ARENA_TEST(test_cookie),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
