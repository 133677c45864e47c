
/* rt_accept, rt_charset, rt_bearer: values of header fields */

#include "rt_test.h"
#include "jose/rt_bearer.h"
#include "text/rt_accept.h"
#include "text/rt_charset.h"


typedef struct {
    const char  *value;
    int          want;
} reading_t;


static const reading_t  codings[] = {
    { "", 0 },
    { "gzip", 1 },
    { "GZip", 1 },
    { "br, gzip, deflate", 1 },
    { ",, ,gzip,", 1 },
    { " \t gzip \t ", 1 },
    { "gzip;q=1", 1 },
    { "gzip;q=1.000", 1 },
    { "gzip;q=0.001", 1 },
    { "gzip ; Q=0.8", 1 },
    { "gzip;x=1", 1 },
    { "br;q=0, gzip", 1 },

    { "br", 0 },
    { "*", 0 },
    { "identity", 0 },
    { "x-gzip", 0 },
    { "gzipx", 0 },
    { "gzi", 0 },
    { "g zip", 0 },
    { "br;gzip", 0 },

    /* the name is looked for behind one that only begins so */
    { "gzip2, gzip", 1 },

    /* no weight above zero */
    { "gzip;q=0", 0 },
    { "gzip;q=0.", 0 },
    { "gzip;q=0.000", 0 },
    { "gzip;\tq=0", 0 },
    { "gzip; x=1; q=0", 0 },
    { "gzip;q=0;x=1", 0 },
    { "gzip, gzip;q=0", 0 },
    { "gzip;q=0, gzip", 0 },

    /* no weight */
    { "gzip;q=", 0 },
    { "gzip;q=2", 0 },
    { "gzip;q=1.001", 0 },
    { "gzip;q=0.0001", 0 },
    { "gzip;q=.5", 0 },
    { "gzip;q=05", 0 },
    { "gzip;q=-1", 0 },
    { "gzip;q=0.5x", 0 },
    { "gzip;q=\"1\"", 0 },
};


static const reading_t  types[] = {
    { "", RT_CHARSET_NONE },
    { "text/html", RT_CHARSET_NONE },
    { "text/html; boundary=x", RT_CHARSET_NONE },
    { "charse", RT_CHARSET_NONE },

    { "text/html; charset=utf-8", RT_CHARSET_UTF8 },
    { "text/html;CHARSET=UTF8", RT_CHARSET_UTF8 },
    { "text/html; charset=\"utf-8\"", RT_CHARSET_UTF8 },
    { "text/html; charset=us-ascii ;x=1", RT_CHARSET_US_ASCII },
    { "text/html; charset = utf-8", RT_CHARSET_UTF8 },

    { "text/html; charset=ISO-8859-15", RT_CHARSET_ASCII },
    { "text/html; charset=windows-1252", RT_CHARSET_ASCII },
    { "text/html; charset=\"Shift_JIS\"", RT_CHARSET_ASCII },
    { "text/html; charset=KOI8-R", RT_CHARSET_ASCII },
    { "text/html; charset=ascii", RT_CHARSET_ASCII },

    { "text/html; charset=utf-16", RT_CHARSET_OTHER },
    { "text/html; charset=utf-16le", RT_CHARSET_OTHER },
    { "text/html; charset=iso-2022-jp", RT_CHARSET_OTHER },
    { "text/html; charset=utf-7", RT_CHARSET_OTHER },
    { "text/html; charset=", RT_CHARSET_OTHER },
    { "text/html; charset=\"\"", RT_CHARSET_OTHER },
    { "text/html; charset", RT_CHARSET_OTHER },
    { "text/html; charset utf-8", RT_CHARSET_OTHER },

    /* a label with something behind it */
    { "text/html; charset=utf-8 x", RT_CHARSET_OTHER },
    { "text/html; charset=utf-8, text/html", RT_CHARSET_OTHER },
    { "text/html; charset=iso-8859-1, x", RT_CHARSET_OTHER },
    { "text/html; charset=iso-8859-1 x", RT_CHARSET_OTHER },
    { "text/html; charset='utf-8'", RT_CHARSET_OTHER },
    { "text/html; charset=\"utf-8", RT_CHARSET_OTHER },
    { "text/html; charset=\"utf-8;x\"", RT_CHARSET_OTHER },

    /* readers differ: which one do they take, and is it one? */
    { "text/html; charset=utf-8; charset=utf-16", RT_CHARSET_OTHER },
    { "text/html; charset=utf-16; charset=utf-8", RT_CHARSET_OTHER },
    { "text/html; charset=utf-8; charset=koi8-r", RT_CHARSET_ASCII },
    { "text/html; xcharset=utf-8; charset=utf-16", RT_CHARSET_OTHER },
    { "text/html; x=\"charset=utf-8\"; charset=utf-16", RT_CHARSET_OTHER },
    { "text/html charset=utf-16", RT_CHARSET_OTHER },
    { "text/html; x=charset", RT_CHARSET_OTHER },
};


static const reading_t  values[] = {
    { "", RT_CHARSET_NONE },
    { "utf-8", RT_CHARSET_UTF8 },
    { "utf-8; x=1", RT_CHARSET_UTF8 },
    { "\"utf-8\"", RT_CHARSET_UTF8 },
    { "gbk", RT_CHARSET_ASCII },
    { "us-ascii", RT_CHARSET_US_ASCII },
    { "us-ascii; charset=utf-8", RT_CHARSET_US_ASCII },
    { "utf-16", RT_CHARSET_OTHER },
    { "utf-8; charset=utf-16", RT_CHARSET_OTHER },
    { ";", RT_CHARSET_OTHER },
    { " ", RT_CHARSET_OTHER },
};


static void
read_all(const reading_t *r, size_t n, int (*read)(const rt_str_t *s))
{
    int       got;
    size_t    i;
    rt_str_t  s;

    for (i = 0; i < n; i++) {
        s = copied(r[i].value);
        got = read(&s);

        if (got != r[i].want) {
            fail_msg("<%s>: %d, not %d", r[i].value, got, r[i].want);
        }
    }
}


#define READ_ALL(table, f)                                                    \
    read_all(table, sizeof(table) / sizeof(table[0]), f)


static int
read_type(const rt_str_t *s)
{
    return rt_charset_type(s);
}


static int
read_value(const rt_str_t *s)
{
    return rt_charset_value(s);
}


static void
test_accept(void **state)
{
    rt_str_t  none = rt_null_string;

    (void) state;

    READ_ALL(codings, rt_accept_gzip);
    assert_int_equal(rt_accept_gzip(&none), 0);
}


static void
test_charset(void **state)
{
    rt_str_t  none = rt_null_string;

    (void) state;

    READ_ALL(types, read_type);
    READ_ALL(values, read_value);

    assert_int_equal(rt_charset_type(&none), RT_CHARSET_NONE);
    assert_int_equal(rt_charset_value(&none), RT_CHARSET_NONE);
}


/* a label with a number is one that browsers know, or none */

static void
test_labels(void **state)
{
    size_t    i;
    unsigned  n;
    char      text[32];
    rt_str_t  s;

    static const struct {
        const char  *name;
        unsigned     from;
        unsigned     to;
        unsigned     none;          /* one of them is not there */
    } rows[] = {
        { "iso-8859-", 1, 16, 12 },
        { "ISO8859-", 1, 15, 12 },
        { "latin", 1, 6, 0 },
        { "windows-", 1250, 1258, 0 },
        { "CP", 1250, 1258, 0 },
    };
    static const char  *known[] = {
        "iso-8859-8-i", "KOI8-U", "windows-874", "windows-31j", "cp866",
        "gb18030", "big5", "macintosh", "tis-620", "euc-kr", "Shift-JIS"
    };
    static const char  *unknown[] = {
        "iso-8859-", "iso-8859-01", "iso-8859-1x", "iso-8859-8-", "iso-8859",
        "iso-8859-1-e", "windows-", "windows-12520", "windows-65536001252",
        "windows-125", "koi8-x", "koi8-", "latin", "latin-1", "utf-", "utf-8-",
        "utf8x", "cp", "gb", "big55", "ascii1", "hz-gb-2312", "replacement",
        "iso-8859-*", "unicode-1-1-utf-7", "x-user-defined-1"
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (n = 0; n < 2000; n++) {
            s.data = (unsigned char *) text;
            s.len = (size_t) sprintf(text, "%s%u", rows[i].name, n);

            /* two have rows of their own: "windows-874", "cp866" */

            if (n == 866 || n == 874) {
                continue;
            }

            if ((rt_charset_value(&s) == RT_CHARSET_ASCII)
                != (n >= rows[i].from && n <= rows[i].to && n != rows[i].none))
            {
                fail_msg("%s", text);
            }
        }
    }

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        s = (rt_str_t) { strlen(known[i]), (unsigned char *) known[i] };
        assert_int_equal(rt_charset_value(&s), RT_CHARSET_ASCII);
    }

    for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        s = (rt_str_t) { strlen(unknown[i]), (unsigned char *) unknown[i] };

        if (rt_charset_value(&s) != RT_CHARSET_OTHER) {
            fail_msg("%s", unknown[i]);
        }
    }
}


static void
test_bearer(void **state)
{
    size_t       i;
    rt_str_t     value, token, none = rt_null_string;
    rt_status_e  rc;

    static const struct {
        const char  *value;
        const char  *token;         /* NULL: another scheme */
    }  headers[] = {
        { "Bearer a.b.c", "a.b.c" },
        { "bEARER a.b.c", "a.b.c" },
        { "Bearer    a.b.c", "a.b.c" },
        { "\t Bearer a.b.c \t", "a.b.c" },

        /* there, and wrong: never absent */
        { "Bearer", "" },
        { "Bearer ", "" },
        { "Bearer\t", "" },
        { "Bearer\ta.b.c", "\ta.b.c" },
        { "Bearer a.b.c, Basic eA==", "a.b.c, Basic eA==" },
        { "Bearer a b", "a b" },

        { "", NULL },
        { " ", NULL },
        { "Beare", NULL },
        { "BearerX a", NULL },
        { "Bearer, a", NULL },
        { "Bearer=a", NULL },
        { "Basic eA==", NULL },
        { "Basic Bearer a", NULL },
    };

    (void) state;

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        value = copied(headers[i].value);
        rc = rt_bearer_token(&value, &token);

        if (headers[i].token == NULL) {
            if (rc != RT_DECLINED) {
                fail_msg("<%s>: %d", headers[i].value, rc);
            }

            continue;
        }

        if (rc != RT_OK
            || !is_text(&token, headers[i].token))
        {
            fail_msg("<%s>: %d", headers[i].value, rc);
        }
    }

    assert_int_equal(rt_bearer_token(&none, &token), RT_DECLINED);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_accept),
        ARENA_TEST(test_charset),
        ARENA_TEST(test_labels),
        ARENA_TEST(test_bearer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
