
/* rt_multipart: the form that all parsers read alike, and nothing else */

#include "rt_test.h"
#include "text/rt_complain.h"
#include "text/rt_multipart.h"


#define TYPE  "multipart/form-data; boundary=XX"
#define CD    "Content-Disposition: form-data; "


static const char  *why;


/* "name=value;" of each part, "*" behind the name of a file; NULL: refused */

static const char *
read_body(const char *type, const char *body, size_t len)
{
    char                 *out, *p;
    rt_str_t              t, b;
    rt_status_e           rc;
    rt_multipart_t        m;
    rt_multipart_part_t   part;

    t = str(type);
    b.data = (unsigned char *) body;
    b.len = len;

    out = rt_arena_alloc(&arena, len + 1024);
    p = out;

    rc = rt_multipart_begin(&m, &t, &b, &why);

    while (rc == RT_OK) {
        rc = rt_multipart_next(&m, &part, &why);

        if (rc == RT_OK) {
            p += sprintf(p, "%.*s%s=%.*s;", rt_str_args(&part.name),
                         part.file ? "*" : "", rt_str_args(&part.value));
        }
    }

    *p = '\0';

    if (rc == RT_DONE) {
        return out;
    }

    assert_int_equal(rc, RT_INVALID);
    assert_non_null(why);

    return NULL;
}

#define READ(type, body)  read_body(type, body, sizeof(body) - 1)


static void
test_read(void **state)
{
    size_t  i;

    static const struct {
        const char  *type;
        const char  *body;
        const char  *parts;
    } good[] = {
        { TYPE, "--XX--", "" },
        { TYPE, "--XX--\r\n", "" },
        { TYPE, "--XX\r\n" CD "name=\"a\"\r\n\r\n1\r\n--XX--\r\n", "a=1;" },
        { TYPE, "--XX\r\n" CD "name=a\r\n\r\n\r\n--XX--", "a=;" },
        { "MULTIPART/Form-Data ; Boundary=\"XX\" ; charset=utf-8",
          "--XX\r\ncontent-disposition:form-data;name=\"a b\"\r\n\r\n"
          "x\r\n-X--\r\n--XX--", "a b=x\r\n-X--;" },
        { TYPE, "--XX\r\nContent-Type: text/plain; charset=UTF-8\r\n"
          "Content-Length: 1\r\nContent-Transfer-Encoding: 8BIT\r\n"
          CD "name=\"a\"\r\n\r\n1\r\n"
          "--XX\r\n" CD "name=\"f\"; filename=\"a';b.txt\"\r\n"
          "Content-Type: text/plain; charset=utf-16\r\n\r\n2\r\n"
          "--XX\r\n" CD "filename=\"\"; name=\"g\"\r\n\r\n3\r\n--XX--",
          "a=1;f*=2;g*=3;" },
        { "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxk",
          "------WebKitFormBoundary7MA4YWxk\r\n" CD "name=\"a\"\r\n\r\n--\r\n"
          "------WebKitFormBoundary7MA4YWxk--\r\n", "a=--;" },
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        why = "";
        assert_string_equal(read_body(good[i].type, good[i].body,
                                      strlen(good[i].body)), good[i].parts);
    }
}


#define ONE(head, value)  "--XX\r\n" head "\r\n\r\n" value "\r\n--XX--"

static void
test_refused(void **state)
{
    size_t  i;

    static const struct {
        const char  *type;
        const char  *body;
    } bad[] = {

        /* the boundary */

        { "multipart/form-data", ONE(CD "name=a", "1") },
        { "multipart/form-data; boundary=", "----" },
        { "multipart/form-data; boundary=\"\"", "----" },
        { "multipart/form-data; boundary='XX'", ONE(CD "name=a", "1") },
        { "multipart/form-data; boundary=XX; boundary=XX",
          ONE(CD "name=a", "1") },
        { "multipart/form-data; boundary=XX; x=1", ONE(CD "name=a", "1") },
        { "multipart/form-data; boundary=XX;", ONE(CD "name=a", "1") },
        { "multipart/form-data, boundary=XX", ONE(CD "name=a", "1") },
        { "multipart/form-data; boundary*=utf-8''XX", ONE(CD "name=a", "1") },
        { "multipart/form-data; boundary=\"X\\X\"", ONE(CD "name=a", "1") },
        { "multipart/mixed; boundary=XX", ONE(CD "name=a", "1") },
        { "multipart/form-data; boundary="
          "01234567890123456789012345678901234567890123456789"
          "012345678901234567890", "" },

        /* around the parts */

        { TYPE, "" },
        { TYPE, "--X" },
        { TYPE, "--XX" },
        { TYPE, "--XX-" },
        { TYPE, "--XX\r\n" },
        { TYPE, "\r\n--XX--" },
        { TYPE, "--XX--\r" },
        { TYPE, "--XX--\n" },
        { TYPE, "--XX--\r\nx" },
        { TYPE, "--XX--x" },
        { TYPE, "--XX \r\n" CD "name=a\r\n\r\n1\r\n--XX--" },
        { TYPE, "--XX\n" CD "name=a\n\n1\n--XX--" },
        { TYPE, "--XX\r\n" CD "name=a\r\n\r\n1\n--XX--" },
        { TYPE, "--XX\r\n" CD "name=a\r\n\r\n1\r\n" },
        { TYPE, "--XX\r\n" CD "name=a\r\n\r\n--XX--" },
        { TYPE, ONE(CD "name=a", "x--XX") },
        { TYPE, ONE(CD "name=a", "x\r\n--XXY") },
        { TYPE, ONE(CD "name=a", "x\r\n--XX y") },
        { TYPE, ONE(CD "name=a; filename=\"--XX\"", "x") },

        /* heads */

        { TYPE, "--XX\r\n\r\n1\r\n--XX--" },
        { TYPE, ONE("Content-Type: text/plain", "1") },
        { TYPE, ONE(CD "name=a\r\n" CD "name=b", "1") },
        { TYPE, ONE(CD "name=a\r\nX-Y: 1", "1") },
        { TYPE, ONE(CD "name=a\r\n folded", "1") },
        { TYPE, ONE(CD "name=a\r\nContent-Type : a/b", "1") },
        { TYPE, ONE(CD "name=a\r\nContent-Type", "1") },
        { TYPE, ONE(CD "name=a\nContent-Type: a/b", "1") },
        { TYPE, ONE(CD "name=\"a\x01\"", "1") },
        { TYPE, ONE(CD "name=\"a\xff\"", "1") },
        { TYPE, ONE(CD "name=a\r\nContent-Transfer-Encoding: base64", "1") },
        { TYPE, ONE(CD "name=a\r\nContent-Type: a/b; charset=utf-7", "1") },
        { TYPE, ONE(CD "name=a\r\nContent-Type: Multipart/mixed", "1") },
        { TYPE, ONE(CD "name=a\r\nContent-Type: message/rfc822", "1") },

        /* names */

        { TYPE, ONE("Content-Disposition: form-data", "1") },
        { TYPE, ONE("Content-Disposition: attachment; name=a", "1") },
        { TYPE, ONE("Content-Disposition: form-data name=a", "1") },
        { TYPE, ONE(CD "name", "1") },
        { TYPE, ONE(CD "name=", "1") },
        { TYPE, ONE(CD "name='a'", "1") },
        { TYPE, ONE(CD "name=\"a", "1") },
        { TYPE, ONE(CD "name=\"a\\\"b\"", "1") },
        { TYPE, ONE(CD "name=\"a\"b", "1") },
        { TYPE, ONE(CD "name=\"%61\"", "1") },
        { TYPE, ONE(CD "name=a; name=b", "1") },
        { TYPE, ONE(CD "name=a; NAME=b", "1") },
        { TYPE, ONE(CD "name=a; x=\"; name=b\"", "1") },
        { TYPE, ONE(CD "name*=utf-8''a", "1") },
        { TYPE, ONE(CD "filename=a", "1") },
        { TYPE, ONE(CD "name=a; filename=\"b\\\"; name=c\"", "1") },
        { TYPE, ONE(CD "name=a;", "1") },
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (read_body(bad[i].type, bad[i].body, strlen(bad[i].body))) {
            fail_msg("row %zu is let in: %s", i, bad[i].body);
        }
    }
}


static void
test_bytes(void **state)
{
    (void) state;

    assert_string_equal(READ(TYPE, ONE(CD "name=a", "\xff\r\r\n\n")),
                        "a=\xff\r\r\n\n;");
    assert_null(READ(TYPE, ONE(CD "name=\"a\0b\"", "1")));
    assert_null(READ("multipart/form-data; boundary=X\x01", "--X\x01--"));
}


static void
test_many(void **state)
{
    char         *body, *p;
    unsigned      i, n;

    static const char  part[] = "--XX\r\n" CD "name=a\r\n\r\n\r\n";

    (void) state;

    for (n = RT_MULTIPART_PARTS; n <= RT_MULTIPART_PARTS + 1; n++) {
        body = rt_arena_alloc(&arena, (n + 1) * sizeof(part));
        p = body;

        for (i = 0; i < n; i++) {
            p += sprintf(p, "%s", part);
        }

        p += sprintf(p, "--XX--");

        if (n == RT_MULTIPART_PARTS) {
            assert_non_null(read_body(TYPE, body, (size_t) (p - body)));

        } else {
            assert_null(read_body(TYPE, body, (size_t) (p - body)));
            assert_string_equal(why, "has too many parts");
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_read),
        ARENA_TEST(test_refused),
        ARENA_TEST(test_bytes),
        ARENA_TEST(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
