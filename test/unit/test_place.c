
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "html/rt_place.h"


#define N  "0123456789abcdefghijklmnopqrstuv"
#define A  " nonce=" N

/* of "start()" */
#define H  "sha256-DIm7WJS6ZKDYe5qFLPy+h4JFI9Bol5QmYC57mt3Fb00="


typedef struct {
    const char  *in;
    const char  *out;
    const char  *lost;
    unsigned     placed;
    unsigned     refused;
} page_t;


static const page_t  pages[] = {
    { "", "", NULL, 0, 0 },
    { "<p>text<", "<p>text<", NULL, 0, 0 },

    /* addresses */
    { "<script src=/s/a.js></script>", "<script" A " src=/s/a.js></script>",
      NULL, 1, 0 },
    { "<SCRIPT/SRC='/s/?a&amp;b'>", "<SCRIPT" A " /SRC='/s/?a&amp;b'>",
      NULL, 1, 0 },
    { "<script src=/s/ /></script>", "<script" A " src=/s/ /></script>",
      NULL, 1, 0 },
    { "<script src=HTTPS://Cdn.test/l/a>", "<script" A
      " src=HTTPS://Cdn.test/l/a>", NULL, 1, 0 },
    { "<script src=/s>", "<script src=/s>", "src", 0, 1 },
    { "<script src=/ex.js?v=1#a>", "<script" A " src=/ex.js?v=1#a>", NULL, 1,
      0 },
    { "<script src=/ex.js/foo>", "<script src=/ex.js/foo>", "src", 0, 1 },
    { "<script src=/ex.jsx>", "<script src=/ex.jsx>", "src", 0, 1 },
    { "<script src=//cdn.test/l/>", "<script src=//cdn.test/l/>", "src", 0, 1 },
    { "<script src=/s/../u/x.js>", "<script src=/s/../u/x.js>", "src", 0, 1 },
    { "<script src=/s/%2e%2E/u>", "<script src=/s/%2e%2E/u>", "src", 0, 1 },
    { "<script src=/s/%2f>", "<script src=/s/%2f>", "src", 0, 1 },
    { "<script src=/s/\\..>", "<script src=/s/\\..>", "src", 0, 1 },
    { "<script src='/s/\t'>", "<script src='/s/\t'>", "src", 0, 1 },
    { "<script src=' /s/'>", "<script src=' /s/'>", "src", 0, 1 },
    { "<script src=/s/&period;./>", "<script src=/s/&period;./>", "src", 0, 1 },
    { "<script src=''>start()</script>", "<script src=''>start()</script>",
      "src", 0, 1 },
    { "<script src=//e src=/s/>", "<script src=//e src=/s/>", "src", 0, 1 },
    { "<script =src=/s/ src=//e>", "<script =src=/s/ src=//e>", "src", 0, 1 },
    { "<script src=https://cdn.test@e/l/>", "<script "
      "src=https://cdn.test@e/l/>", "src", 0, 1 },
    { "<script src=/s/ charset=utf-16>", "<script src=/s/ charset=utf-16>",
      "src", 0, 1 },

    /* links */
    { "<link rel=stylesheet href=/s/>", "<link" A " rel=stylesheet href=/s/>",
      NULL, 1, 0 },
    { "<link rel=icon href=/s/>", "<link rel=icon href=/s/>", NULL, 0, 0 },
    { "<link rel=modulepreload href=data:,x>",
      "<link rel=modulepreload href=data:,x>", "src", 0, 1 },

    /* texts */
    { "<script>start()</script>", "<script" A ">start()</script>", NULL, 1, 0 },
    { "<style>start()</style >", "<style" A ">start()</style >", NULL, 1, 0 },
    { "<script type=module>start()</SCRIPT>",
      "<script" A " type=module>start()</SCRIPT>", NULL, 1, 0 },
    { "<script type='module '>start()</script>",
      "<script" A " type='module '>start()</script>", NULL, 1, 0 },
    { "<script type='\tmodule'>x()</script>",
      "<script type='\tmodule'>x()</script>", "hash", 0, 1 },
    { "<script type='a module'>start()</script>",
      "<script type='a module'>start()</script>", NULL, 0, 0 },
    { "<script>start() </script>", "<script>start() </script>", "hash", 0, 1 },
    { "<script>start()", "<script>start()", "hash", 0, 1 },
    { "<script>start()<!--<script></script>--></script>",
      "<script>start()<!--<script></script>--></script>", "hash", 0, 1 },
    { "<script type=text/x-tmpl>a</script>",
      "<script type=text/x-tmpl>a</script>", NULL, 0, 0 },
    { "<svg><script>start()</script></svg>",
      "<svg><script>start()</script></svg>", "foreign", 0, 1 },
    { "<svg><script href=/s/ /></svg>", "<svg><script href=/s/ /></svg>",
      "foreign", 0, 1 },
    { "<title><script src=/s/></title><!--<script src=/s/>-->",
      "<title><script src=/s/></title><!--<script src=/s/>-->", NULL, 0, 0 },

    /* a nonce that is there */
    { "<script src=/s/ nonce=a nonce=b>",
      "<script src=/s/ nonce=" N " nonce=b>", NULL, 1, 0 },
    { "<script nonce='a'>start()</script>",
      "<script nonce='" N "'>start()</script>", NULL, 1, 0 },
    { "<script nonce=\"\" src=/s/>", "<script nonce=\"" N "\" src=/s/>",
      NULL, 1, 0 },
    { "<script nonce src=/s/>", "<script nonce src=/s/>", "value", 0, 1 },
    { "<script src=/s/ nonce=>", "<script src=/s/ nonce=>", "value", 0, 1 },

    /* a tag that swallowed another, and behind a stop */
    { "<script src=/s/ x=<p>", "<script src=/s/ x=<p>", "markup", 0, 1 },
    { "<select><style></style></select><script src=/s/>",
      "<select><style></style></select><script src=/s/>", "select", 0, 0 },
    { "\xff\xfe<script src=/s/>", "\xff\xfe<script src=/s/>", "charset", 0, 0 },
    { "<script src=/s/></script>\x1b<script src=/s/>",
      "<script" A " src=/s/></script>\x1b<script src=/s/>", "charset", 1, 0 },
};


static char             out[262144];
static size_t           out_len;
static rt_allow_src_t   src[3];
static rt_allow_hash_t  hash[1];
static rt_allow_t       allow = { src, hash, 3, 1 };
static rt_place_t      *state;


static rt_status_e
emit(void *ctx, rt_nonce_op_e op, const unsigned char *data, size_t len)
{
    (void) ctx;

    assert_true(len > 0 && out_len + len < sizeof(out));
    assert_int_not_equal(op, RT_NONCE_FILL);

    memcpy(out + out_len, data, len);
    out_len += len;

    return RT_OK;
}


/* list: NULL: every tag */

static void
rewrite_with(const rt_allow_t *list, const char *in, size_t len, size_t split,
    int utf8)
{
    size_t          n;
    unsigned char  *piece;

    static const rt_str_t  nonce = rt_string(N);

    /* nor is one written to that it did not ask for */

    free(state);
    state = malloc(rt_place_size(list));
    assert_non_null(state);

    out_len = 0;
    rt_place_init(state, list, &nonce, utf8, emit, NULL);
    rt_place_guess(state);

    do {
        n = len < split ? len : split;

        /* not a byte more than it is given is read */

        piece = malloc(n ? n : 1);
        assert_non_null(piece);
        memcpy(piece, in, n);

        assert_int_equal(rt_place_feed(state, piece, n, n == len), RT_OK);
        free(piece);

        in += n;
        len -= n;
    } while (len);

    out[out_len] = '\0';
}


static void
rewrite(const char *in, size_t len, size_t split, int utf8)
{
    rewrite_with(&allow, in, len, split, utf8);
}


static void
rules(void)
{
    unsigned     i;
    rt_str_t     text;
    const char  *why;

    static const char  *paths[] = { "/s/", "https://cdn.test/l/", "/ex.js" };

    for (i = 0; i < 3; i++) {
        text.data = (unsigned char *) paths[i];
        text.len = strlen(paths[i]);
        assert_int_equal(rt_allow_src(&src[i], &text, &why), RT_OK);
    }

    assert_int_equal(rt_allow_hash(&hash[0], &(rt_str_t) rt_string(H)), RT_OK);
}


static void
test_pages(void **unused)
{
    size_t         i, split;
    const page_t  *page;

    (void) unused;
    rules();

    for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        page = &pages[i];

        for (split = 1; split < 24; split++) {
            rewrite(page->in, strlen(page->in), split == 23 ? 4096 : split, 0);

            assert_string_equal(out, page->out);
            assert_int_equal(state->placed, page->placed);
            assert_int_equal(state->refused, page->refused);

            if (page->lost == NULL) {
                assert_null(state->lost.word);

            } else {
                assert_string_equal(state->lost.word, page->lost);
            }
        }
    }
}


typedef struct {
    const char  *in;
    const char  *out;
    const char  *lost;
} every_t;


static const every_t  tags[] = {
    { "", "", NULL },
    { "<p>text<b>", "<p>text<b>", NULL },
    { "<script>a</script><style>b</style>",
      "<script" A ">a</script><style" A ">b</style>", NULL },
    { "<SCRIPT src=a></SCRIPT >", "<SCRIPT" A " src=a></SCRIPT >", NULL },
    { "<script src=/a/></script>", "<script" A " src=/a/></script>", NULL },
    { "<script/></script>", "<script" A " /></script>", NULL },
    { "<script / ></script>", "<script" A " / ></script>", NULL },
    { "<script\n/a></script>", "<script" A "\n/a></script>", NULL },
    { "<script/\"></script>", "<script" A " /\"></script>", NULL },
    { "<script a=></script><script =></script>",
      "<script" A " a=></script><script" A " =></script>", NULL },
    { "<svg><script/><style/></svg><script/>",
      "<svg><script" A " /><style" A " /></svg><script" A " />", NULL },
    { "<script type=module>a<script></script>",
      "<script" A " type=module>a<script></script>", NULL },
    { "<script type=text/x-tmpl></script>",
      "<script" A " type=text/x-tmpl></script>", NULL },

    { "<link rel=stylesheet><link rel='icon STYLESHEET' />",
      "<link" A " rel=stylesheet><link" A " rel='icon STYLESHEET' />", NULL },
    { "<link rel=preload as=script><link as=Style rel=preload>",
      "<link" A " rel=preload as=script><link" A " as=Style rel=preload>",
      NULL },
    { "<link rel=modulepreload>", "<link" A " rel=modulepreload>", NULL },
    { "<link rel=preload><link rel=preload as=font><link as=script>",
      "<link rel=preload><link rel=preload as=font><link as=script>", NULL },
    { "<link><link rel><link rel=icon><link rel=stylesheets>",
      "<link><link rel><link rel=icon><link rel=stylesheets>", NULL },
    { "<link rel=icon rel=stylesheet><link REL=stylesheet>",
      "<link rel=icon rel=stylesheet><link" A " REL=stylesheet>", NULL },
    { "<link rel='a                                stylesheet'>",
      "<link rel='a                                stylesheet'>", NULL },
    { "<link rel='style&#115;heet'>", "<link rel='style&#115;heet'>", NULL },

    /* one is there, whatever it says */
    { "<script nonce></script><script nonce=a></script>",
      "<script nonce></script><script nonce=a></script>", NULL },
    { "<script NONCE=''></script>", "<script NONCE=''></script>", NULL },
    { "<script data-nonce=a></script>", "<script" A " data-nonce=a></script>",
      NULL },

    /* no tags of the page, or such that swallowed one */
    { "<!--<script>--><title><script></title><div a='<script>'>",
      "<!--<script>--><title><script></title><div a='<script>'>", NULL },
    { "<script a='<script></script>'>", "<script a='<script></script>'>",
      "markup" },
    { "<script <link></script>", "<script <link></script>", "markup" },
    { "</script><scripts><meta name=csp-nonce><base>",
      "</script><scripts><meta name=csp-nonce><base>", NULL },
    { "<script", "<script", NULL },
    { "<script a/", "<script a/", NULL },

    /* behind a stop */
    { "<select><style></style></select><script>",
      "<select><style></style></select><script>", "select" },
    { "<plaintext><script>", "<plaintext><script>", "plaintext" },
    { "<script>\033</script><style>", "<script" A ">\033</script><style>",
      "charset" },
};


static void
test_every(void **unused)
{
    size_t  i, len, split;

    (void) unused;

    for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        len = strlen(tags[i].in);

        for (split = 1; split <= len + 1; split++) {
            rewrite_with(NULL, tags[i].in, len, split, 0);

            assert_string_equal(out, tags[i].out);

            if (tags[i].lost == NULL) {
                assert_null(state->lost.word);

            } else {
                assert_string_equal(state->lost.word, tags[i].lost);
            }
        }
    }
}


/* a text is kept for who hashes it, and for nobody else */

static void
test_size(void **unused)
{
    rt_allow_t  none = { src, hash, 3, 0 };

    (void) unused;

    assert_true(rt_place_size(&allow) > RT_PLACE_TEXT_MAX);
    assert_true(rt_place_size(&none) < 12288);
    assert_int_equal(rt_place_size(NULL), rt_place_size(&none));

    rules();

    rewrite_with(&none, "<script>start()</script><script src=/s/a>", 41, 1, 0);
    assert_string_equal(out, "<script>start()</script><script" A " src=/s/a>");
    assert_string_equal(state->lost.word, "hash");
}


/* each bound: what is as long as it has a nonce, and one byte more has none */

static void
test_bounds(void **unused)
{
    int          more;
    size_t       n, len, split;
    static char  page[RT_PLACE_TEXT_MAX + 64];

    static const char  end[] = "</script>";

    (void) unused;
    rules();

    for (more = 0; more < 2; more++) {

        n = RT_NONCE_TAG_MAX - strlen("<script src=/s/ x=>") + (size_t) more;
        len = (size_t) sprintf(page, "<script src=/s/ x=>");
        memset(page + len - 1, 'x', n);
        page[len - 1 + n] = '>';
        len += n;

        for (split = 1; split < 20000; split += 9999) {
            rewrite_with(split == 1 ? NULL : &allow, page, len, split, 0);
            assert_int_equal(state->placed, !more);
            assert_int_equal(out_len, len + (more ? 0 : strlen(A)));
        }

        memcpy(page, "<script>", 8);
        n = RT_PLACE_TEXT_MAX + (size_t) more;
        memset(page + 8, 'x', n);
        memcpy(page + 8 + n, end, sizeof(end));
        len = 8 + n + sizeof(end) - 1;

        for (split = 1; split < 200000; split += 99999) {
            rewrite(page, len, split, 0);
            assert_int_equal(state->placed, 0);
            assert_int_equal(out_len, len);
            assert_string_equal(state->lost.word, more ? "body" : "hash");
        }
    }
}


/* what browsers hash: UTF-8, LF for CR LF and CR, nothing that they replace */

static void
test_text(void **unused)
{
    unsigned  i;
    rt_str_t  text;

    static const struct {
        const char  *text;
        size_t       len;
        int          utf8;
        int          good;
    } rows[] = {
        { "a\nb\nc\n", 6, 0, 1 },
        { "a\r\nb\rc\r\n", 8, 0, 1 },
        { "a\n\rb\rc\r", 7, 0, 0 },
        { "a\r\nb\rc\r", 7, 0, 1 },
        { "a\nb\nc\n\0", 7, 0, 0 }
    };

    (void) unused;

    /* of "a\nb\nc\n" */

    text = (rt_str_t) rt_string("sha256-"
                                "iAVT/Kj86pTjJe4s+0jlqYXMeX85oUzG087ez+sq5NI=");
    assert_int_equal(rt_allow_hash(&hash[0], &text), RT_OK);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        text.data = (unsigned char *) rows[i].text;
        text.len = rows[i].len;

        assert_int_equal(rt_allow_text(&allow, &text, rows[i].utf8),
                         rows[i].good);
    }

    /* of "é" */

    text = (rt_str_t) rt_string("SHA256-"
                                "SplVfkAzw1Od4utlRyAXytX5VX96BiWgnxw/biumnEw=");
    assert_int_equal(rt_allow_hash(&hash[0], &text), RT_OK);

    text = (rt_str_t) rt_string("\xc3\xa9");
    assert_true(rt_allow_text(&allow, &text, 1));
    assert_false(rt_allow_text(&allow, &text, 0));

    text = (rt_str_t) rt_string("\xe9");
    assert_false(rt_allow_text(&allow, &text, 1));
}


static void
test_rules(void **unused)
{
    unsigned         i;
    rt_str_t         text;
    const char      *why;
    rt_allow_src_t   one;
    rt_allow_hash_t  digest;

    static const char  *bad[] = {
        "", "s", "s/", "//e/", "/a b", "/a?b", "/a#b", "/a/../", "/a/%2e/",
        "/a\\", "/a&b", "/\xc3\xa9/", "http://e/", "https://e", "https://u@e/",
        "https://e/a/../", "https:///", "data:,", "*"
    };
    static const char  *hashes[] = {
        "", "sha256", "sha256-", "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
        "sha256-a", "'" H "'", H "x", H "====", "sha384" "-" "AAAA"
    };

    (void) unused;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        text.data = (unsigned char *) bad[i];
        text.len = strlen(bad[i]);
        assert_int_equal(rt_allow_src(&one, &text, &why), RT_DECLINED);
        assert_non_null(why);
    }

    for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
        text.data = (unsigned char *) hashes[i];
        text.len = strlen(hashes[i]);
        assert_int_equal(rt_allow_hash(&digest, &text), RT_INVALID);
    }

    text = (rt_str_t) rt_string(H);
    text.len--;
    assert_int_equal(rt_allow_hash(&digest, &text), RT_OK);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_every),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
