
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "html/rt_nonce.h"


#define S     "SECRETsecretSECRETsecret"
#define N     "0123456789abcdefghijklmn"     /* as long as S */
#define X     "xxxxxxxxxxxxxxxxxxxxxxxx"
#define K1    "0123456789abcdef"
#define K16   K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1
#define K256  K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16


typedef struct {
    const char  *in;
    const char  *out;
} page_t;


static const page_t  pages[] = {
    { "", "" },
    { "nothing", "nothing" },
    { S, X },
    { "a" S S "b", "a" X X "b" },
    { "SECRET" S "secret", "SECRET" X "secret" },

    { "<script nonce=" S ">", "<script nonce=" N ">" },
    { "<script nonce=\"" S "\" src=x></script>",
      "<script nonce=\"" N "\" src=x></script>" },
    { "<style nonce='" S "'>" S "</style><link nonce=" S ">",
      "<style nonce='" N "'>" X "</style><link nonce=" N ">" },
    { "<SCRIPT NONCE = " S " >", "<SCRIPT NONCE = " N " >" },
    { "<svg><script nonce=" S " />", "<svg><script nonce=" N " />" },

    /* not the whole value, not the first nonce, not such a tag */
    { "<script nonce=a" S ">", "<script nonce=a" X ">" },
    { "<script nonce=\"" S " \">", "<script nonce=\"" X " \">" },
    { "<script nonce=" S "/>", "<script nonce=" X "/>" },
    { "<script nonce=\"" S "&#65;\">", "<script nonce=\"" X "&#65;\">" },
    { "<script nonce=a nonce=" S ">", "<script nonce=a nonce=" X ">" },
    { "<script nonce=" S " nonce=" S ">",
      "<script nonce=" N " nonce=" X ">" },
    { "<script data-nonce=" S " x=" S " " S ">",
      "<script data-nonce=" X " x=" X " " X ">" },
    { "<meta name=csp-nonce content=" S ">",
      "<meta name=csp-nonce content=" X ">" },
    { "<div nonce=" S "></script nonce=" S ">",
      "<div nonce=" X "></script nonce=" X ">" },
    { "<!--<script nonce=" S ">--><title><script nonce=" S "></title>",
      "<!--<script nonce=" X ">--><title><script nonce=" X "></title>" },
    { "<script>'<script nonce=" S ">'</script>",
      "<script>'<script nonce=" X ">'</script>" },
    { "<" S " nonce=" S "><script " S "=" S ">",
      "<" X " nonce=" X "><script " X "=" X ">" },

    /* a tag that swallowed another */
    { "<script src=//evil x=<script nonce=" S ">",
      "<script src=//evil x=<script nonce=" X ">" },
    { "<script src=//evil <link nonce=" S ">",
      "<script src=//evil <link nonce=" X ">" },
    { "<script src=//evil x='</p><link rel=' nonce=" S ">",
      "<script src=//evil x='</p><link rel=' nonce=" X ">" },
    { "<script nonce=" S " x='<script'>", "<script nonce=" X " x='<script'>" },
    { "<img src='//evil/?<script nonce=\"" S "\">'>",
      "<img src='//evil/?<script nonce=\"" X "\">'>" },

    { "<script src=//evil <meta nonce=" S ">",
      "<script src=//evil <meta nonce=" X ">" },
    { "<script src=//evil x=\"<p title=\"a\" nonce=\"" S "\">",
      "<script src=//evil x=\"<p title=\"a\" nonce=\"" X "\">" },

    /* unfinished: at the end everything is decided */
    { "<script nonce=" S, "<script nonce=" X },
    { "<script nonce=\"" S "\" a=b c", "<script nonce=\"" X "\" a=b c" },
    { "<script nonce=\"" S "\" a=\"" S, "<script nonce=\"" X "\" a=\"" X },
    { "a SECRETs", "a SECRETs" },
    { "a SECRETse", "a xxxxxxxx" },
    { "<script nonce=SECRETsecretSECRETsecre",
      "<script nonce=xxxxxxxxxxxxxxxxxxxxxxx" },
    { "<script nonce=" S " x=SECRETsecret",
      "<script nonce=" X " x=xxxxxxxxxxxx" },

    /* the scanner stopped, or browsers differ */
    { "<select><style nonce=" S ">", "<select><style nonce=" X ">" },
    { "<plaintext><script nonce=" S ">", "<plaintext><script nonce=" X ">" },
    { "<frameset><script nonce=" S ">", "<frameset><script nonce=" X ">" },

    /* too long to wait for */
    { "<link nonce=" S " a='" K256 "'><link nonce=" S ">",
      "<link nonce=" N " a='" K256 "'><link nonce=" N ">" },
    { "<link nonce=" S " a='" K256 K256 S "'><link nonce=" S ">",
      "<link nonce=" X " a='" K256 K256 X "'><link nonce=" N ">" },
    { "<script a='" K256 K256 "' nonce=" S ">",
      "<script a='" K256 K256 "' nonce=" X ">" },
};


static char                  out[65536];
static size_t                out_len;
static const unsigned char  *in_pos, *in_last;
static unsigned char         fill;
static unsigned              nputs;
static int                   token;     /* secrets are tokens */
static int                   meta;      /* meta tags are read */


static rt_status_e
emit(void *ctx, rt_nonce_op_e op, const unsigned char *data, size_t len)
{
    rt_str_t  *nonce = ctx;

    assert_true(len > 0 && out_len + len < sizeof(out));

    switch (op) {

    case RT_NONCE_PASS:
        assert_true(data >= in_pos && data + len <= in_last);
        in_pos = data + len;
        break;

    case RT_NONCE_PUT:
        nputs++;
        assert_ptr_equal(data, nonce->data);
        assert_int_equal(len, nonce->len);
        break;

    case RT_NONCE_FILL:
        assert_non_null(data);
        memset(out + out_len, fill, len);
        out_len += len;
        return RT_OK;

    default:
        break;
    }

    memcpy(out + out_len, data, len);
    out_len += len;

    return RT_OK;
}


#define GUESS  2        /* HTML without a charset */


/*
 * Feeds exact copies, so that a sanitizer sees the ends of each piece.  length:
 * what the document is said to have; own: the pieces may be written
 */

static rt_nonce_t *
rewrite_of(const char *secret, const char *page, size_t split, int html,
    const char *value, uint64_t length, int own)
{
    size_t                    n, len;
    rt_str_t                  text, nonce;
    unsigned char            *piece;
    static rt_nonce_t         state;
    static rt_nonce_secret_t  s;

    text.data = (unsigned char *) secret;
    text.len = strlen(secret);
    nonce.data = (unsigned char *) value;
    nonce.len = strlen(value);

    assert_int_equal(token ? rt_nonce_token(&s, &text)
                           : rt_nonce_secret(&s, &text), RT_OK);

    rt_nonce_init(&state, &s, &nonce, html, emit, &nonce);

    if (html == GUESS) {
        rt_nonce_guess(&state);
    }

    if (meta) {
        rt_nonce_meta(&state);
    }

    rt_nonce_length(&state, length);
    rt_nonce_own(&state, own);

    fill = s.fill;
    out_len = 0;
    nputs = 0;
    len = strlen(page);

    do {
        n = len < split ? len : split;
        piece = malloc(n + 1);
        memcpy(piece, page, n);
        piece = realloc(piece, n ? n : 1);

        in_pos = piece;
        in_last = piece + n;
        assert_int_equal(rt_nonce_feed(&state, piece, n, 0), RT_OK);
        rt_nonce_settle(&state);
        free(piece);

        page += n;
        len -= n;
    } while (len);

    assert_int_equal(rt_nonce_feed(&state, NULL, 0, 1), RT_OK);
    out[out_len] = '\0';

    return &state;
}


/* the same comes out whether or not the length is known, and pieces are ours */

static rt_nonce_t *
rewrite(const char *secret, const char *page, size_t split, int html,
    const char *value)
{
    int          own;
    char        *known;
    size_t       len;
    rt_nonce_t  *state;

    (void) rewrite_of(secret, page, split, html, value, strlen(page), 0);

    len = out_len;
    known = malloc(len + 1);
    memcpy(known, out, len + 1);

    for (own = 1; own >= 0; own--) {
        state = rewrite_of(secret, page, split, html, value, UINT64_MAX, own);

        assert_int_equal(out_len, len);
        assert_memory_equal(out, known, len);
    }

    free(known);

    return state;
}


static void
check_page(const char *page, const char *want)
{
    size_t  len, split;

    len = strlen(page);

    for (split = 1; split <= len + 1; split += 1 + split / 60) {
        rewrite(S, page, split, 1, N);

        if (strcmp(out, want) != 0) {
            fail_msg("%.60s... split %zu: ...%s", page, split,
                     out_len > 900 ? out + out_len - 900 : out);
        }

        assert_null(strstr(out, S));
    }
}


static void
secrets_become_nonces_or_fill(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        check_page(pages[i].in, pages[i].out);
    }
}


/* a SECRET that repeats itself: leftmost first, and none is left */

static void
borders(void **state)
{
    size_t  split;

    (void) state;

    for (split = 1; split < 80; split++) {
        rewrite(S, "SECRETsecret" S "!", split, 1, N);
        assert_string_equal(out, X "SECRETsecret!");
    }
}


/* where ASCII bytes do not mean ASCII, or may not */

static void
charsets(void **state)
{
    size_t       i, split;
    rt_nonce_t  *n;

    static const struct {
        const char  *in;
        const char  *out;
        int          html;
        int          stops;
    } cases[] = {
        { "\xfe\xff<script nonce=" S ">", "\xfe\xff<script nonce=" X ">", 1,
          1 },
        { "\xff\xfe<script nonce=" S ">", "\xff\xfe<script nonce=" X ">", 1,
          1 },
        { "\xff\xff<script nonce=" S ">", "\xff\xff<script nonce=" N ">", 1,
          0 },
        { " \xfe\xff<script nonce=" S ">", " \xfe\xff<script nonce=" N ">",
          1, 0 },
        { "<script nonce=" S ">\033</script><link nonce=" S ">",
          "<script nonce=" N ">\033</script><link nonce=" X ">", GUESS, 1 },
        { "<script nonce=" S " a='\033'><link nonce=" S ">",
          "<script nonce=" X " a='\033'><link nonce=" X ">", GUESS, 1 },
        { "\033<script nonce=" S ">\033", "\033<script nonce=" X ">\033",
          GUESS, 1 },
        { "<script nonce=" S ">\033", "<script nonce=" N ">\033", GUESS, 0 },
        { "\033<script nonce=" S ">", "\033<script nonce=" N ">", 1, 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (split = 1; split < 120; split++) {
            n = rewrite(S, cases[i].in, split, cases[i].html, N);
            assert_string_equal(out, cases[i].out);

            if (cases[i].stops) {
                assert_int_equal(n->tokens.tree.stopped, RT_HSTOP_CHARSET);
            }
        }
    }
}


/* what stands behind the length that was announced gets no nonce */

static void
length_that_lies(void **state)
{
    size_t        split, len, first, second;
    rt_nonce_t   *n;
    static char   page[] = "<p><script nonce=" S "></script>"
                           "<b><script nonce=" S "></script>";

    (void) state;

    first = (size_t) (strstr(page, "></script>") + 1 - page);
    second = (size_t) (strstr(page, "<b>") - page);

    for (split = 1; split <= sizeof(page); split++) {
        for (len = 0; len < sizeof(page) + 2; len++) {

            n = rewrite_of(S, page, split, 1, N, len, 0);

            assert_int_equal(n->placed + n->scrubbed, 2);
            assert_null(strstr(out, S));

            if (len >= sizeof(page) - 1) {
                assert_int_equal(n->placed, 2);
                assert_null(n->lost.word);

            } else if (n->placed < 2) {
                assert_string_equal(n->lost.word, "length");
            }

            /* the first piece ends between them: "</script>" is not read */

            if (split >= first && split < second && len <= split) {
                assert_int_equal(n->placed, 1);
            }
        }
    }
}


static void
other_text_is_only_overwritten(void **state)
{
    size_t       split;
    rt_nonce_t  *n;

    (void) state;

    for (split = 1; split < 80; split++) {
        n = rewrite(S, "{\"a\":\"<script nonce=" S ">\"}", split, 0, N);
        assert_string_equal(out, "{\"a\":\"<script nonce=" X ">\"}");
        assert_int_equal(n->scrubbed, 1);
        assert_int_equal(n->placed, 0);
    }
}


static void
no_nonce_no_secret(void **state)
{
    rt_nonce_t  *n;

    (void) state;

    n = rewrite(S, "<script nonce=" S ">", 1000, 1, "");
    assert_string_equal(out, "<script nonce=" X ">");
    assert_int_equal(n->scrubbed, 1);

    n = rewrite(S, "<script nonce=" S "><b>" S, 1000, 1, N);
    assert_int_equal(n->placed, 1);
    assert_int_equal(n->scrubbed, 1);
}


/* fill and its neighbours never make up the secret again */

static void
fill_is_no_part_of_it(void **state)
{
    size_t  split;

    static const char  xs[] = "xxxxxxxxxxxxxxxxxxxxxxxx";
    static const char  front[] = "xxABCDEFGHIJKLMNOPQRSTUV";
    static const char  back[] = "ABCDEFGHIJKLMNOPQRSTUVxx";

    (void) state;

    for (split = 1; split < 50; split++) {
        rewrite(xs, "axxxxxxxxxxxxxxxxxxxxxxxxxxb", split, 1, N);
        assert_string_equal(out, "ayyyyyyyyyyyyyyyyyyyyyyyyxxb");

        rewrite(front, "xxABCDEFGHIJKLMNOPQRSTUVABCDEFGHIJKLMNOPQRSTUV",
                split, 1, N);
        assert_null(strstr(out, front));

        rewrite(back, "ABCDEFGHIJKLMNOPQRSTUVABCDEFGHIJKLMNOPQRSTUVxx",
                split, 1, N);
        assert_null(strstr(out, back));
    }

    rewrite("yABCDEFGHIJKLMNOPQRSTUVx", "yABCDEFGHIJKLMNOPQRSTUVx", 9, 1, N);
    assert_string_equal(out, "zzzzzzzzzzzzzzzzzzzzzzzz");
}


static void
secrets_are_checked(void **state)
{
    size_t             i;
    char               long_one[130];
    rt_str_t           text;
    rt_nonce_secret_t  s;

    static const struct {
        const char   *text;
        rt_status_e   rc;
    } secrets[] = {
        { "", RT_TOO_BIG }, { "ABCDEFGHIJKLMNOPQRSTU", RT_TOO_BIG },
        { "ABCDEFGHIJKLMNOPQRSTUV", RT_OK },
        { "ABCDEFGHIJKLMNOPQRSTU+", RT_INVALID },
        { "ABCDEFGHIJKLMNOPQRSTU=", RT_INVALID },
        { "ABCDEFGHIJKLMNOPQRSTU ", RT_INVALID },
        { "ABC-EFG_IJKLMNOPQRSTU0", RT_OK },
    };

    (void) state;

    for (i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        text.data = (unsigned char *) secrets[i].text;
        text.len = strlen(secrets[i].text);
        assert_int_equal(rt_nonce_secret(&s, &text), secrets[i].rc);
    }

    memset(long_one, 'a', sizeof(long_one));
    text.data = (unsigned char *) long_one;
    text.len = 128;
    assert_int_equal(rt_nonce_secret(&s, &text), RT_OK);
    text.len = 129;
    assert_int_equal(rt_nonce_secret(&s, &text), RT_TOO_BIG);
}


static void
in_place(void **state)
{
    char               text[] = "a=" S "; b=SECRETsecret" S S "SECRET";
    rt_str_t           secret = rt_string(S);
    rt_nonce_secret_t  s;

    (void) state;

    assert_int_equal(rt_nonce_secret(&s, &secret), RT_OK);
    assert_int_equal(rt_nonce_scrub(&s, (unsigned char *) text,
                                    strlen(text)), 3);
    assert_null(strstr(text, S));
    assert_int_equal(rt_nonce_scrub(&s, (unsigned char *) text, 0), 0);
}


static rt_status_e
refuse(void *ctx, rt_nonce_op_e op, const unsigned char *data, size_t len)
{
    unsigned  *calls = ctx;

    (void) op;
    (void) data;
    (void) len;

    ++*calls;

    return RT_ERROR;
}


/* over the secret, where the piece may be written and both are as long */

static void
nonces_are_written_in_place(void **state)
{
    size_t      i;
    const char  page[] = "<script nonce=" S "></script><style nonce=" S ">";

    static const struct {
        const char  *value;
        size_t       split;
        int          own;
        unsigned     nputs;
    } cases[] = {
        { N, 1000, 1, 0 },
        { N, 1000, 0, 2 },
        { N, sizeof("<script nonce=" S) - 1, 1, 2 },   /* cut */
        { N "A", 1000, 1, 2 },
        { "A", 1000, 1, 2 },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void) rewrite_of(S, page, cases[i].split, 1, cases[i].value,
                          UINT64_MAX, cases[i].own);

        assert_int_equal(nputs, cases[i].nputs);
        assert_non_null(strstr(out, cases[i].value));
        assert_null(strstr(out, S));
    }
}


static void
refusal_ends_it(void **state)
{
    unsigned           calls;
    rt_str_t           secret = rt_string(S);
    rt_str_t           nonce = rt_string(N);
    rt_nonce_secret_t  s;
    static rt_nonce_t  n;

    (void) state;

    calls = 0;
    assert_int_equal(rt_nonce_secret(&s, &secret), RT_OK);
    rt_nonce_init(&n, &s, &nonce, 1, refuse, &calls);

    assert_int_equal(rt_nonce_feed(&n, (unsigned char *) "a" S "b", 26, 1),
                     RT_ERROR);
    assert_int_equal(calls, 1);
}


static void
losses_have_a_reason(void **state)
{
    size_t            i, split;
    const rt_nonce_t  *n;

    static const struct {
        const char  *page, *value, *word;
        unsigned     at;
    } cases[] = {
        { "<select><style></select><script nonce=" S ">", N, "select", 38 },
        { "<select><style></select><script nonce=" S ">", "", NULL, 0 },
        { "<template><col></template><script nonce=" S ">", N, "template",
          40 },
        { "<b><svg></b><script nonce=" S ">", N, "svg", 26 },
        { "<svg><desc><p></svg><script nonce=" S ">", N, "svg", 34 },
        { "<svg><desc><![CDATA[]]><script nonce=" S ">", N, "cdata", 37 },
        { "<frameset><script nonce=" S ">", N, "frameset", 24 },
        { "<plaintext><script nonce=" S ">", N, "plaintext", 25 },
        { "<plaintext>" S S, N, "plaintext", 11 },
        { "\xff\xfe<script nonce=" S ">", N, "charset", 16 },
        { "<script nonce=" S " x=" K256 K256 "><script nonce=" S ">", N,
          "tag", 14 },
        { "<script nonce=" S ">" S "<script nonce=a" S ">", N, NULL, 0 },
        { "<!--<select><table>--><p title=" S ">", N, NULL, 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (split = 1; split < 20000; split *= 3) {
            n = rewrite(S, cases[i].page, split, 1, cases[i].value);

            if (cases[i].word == NULL) {
                assert_null(n->lost.word);
                continue;
            }

            assert_non_null(n->lost.word);
            assert_string_equal(n->lost.word, cases[i].word);
            assert_non_null(n->lost.text);
            assert_int_equal(n->lost.at, cases[i].at);
        }
    }
}


/*
 * Each of these begins a tag that takes in what comes behind it, up to the
 * next ">": the start tag of the page that has the nonce.
 */

static const char *const  dangling[] = {
    "<script src=//evil ", "<script src=//evil/", "<script src=//evil",
    "<script src=//evil a", "<script src=//evil a=", "<script src=//evil a=b",
    "<script src=//evil a=\"", "<script src=//evil a='",
    "<script src=//evil a=\"b", "<script src=//evil a = ' b ",
    "<script src='//evil", "<script src=\"//evil?", "<script src=//evil \"",
    "<script src=//evil '", "<script src=//evil a=\"\" b='",
    "<script src=//evil a='<' b=\"", "<link rel=stylesheet href=//evil ",
    "<link rel=stylesheet href=//evil a=\"", "<style a='", "<style "
};


static const char *const  swallowed[] = {
    "<script nonce=" S ">", "<script nonce=\"" S "\">",
    "<script src=\"/a.js\" nonce=\"" S "\">",
    "<script src='/a.js' nonce='" S "'>", "<style nonce=\"" S "\">",
    "<link rel=\"stylesheet\" href=\"/a\" nonce=\"" S "\">",
    "<meta property=\"csp-nonce\" nonce=\"" S "\">",
    "<meta property=csp-nonce nonce=" S ">",
    "<meta property='csp-nonce' nonce='" S "'>",
    "<p title=\"a\" nonce=\"" S "\">", "<p title='a' nonce=" S ">",
    "<p title=\"a b\" nonce='" S "'>", "<p title='a=b' nonce=\"" S "\">",
    "<p title=\"a=b\" nonce=" S ">", "<p title=\"href=/a?b=c\" nonce='" S "'>",
    "<p title=\"it's\" alt='c' nonce=" S ">", "<p a=\"\" nonce=" S ">",
    "<p a='' b=\"\" nonce=" S ">", "<p a=\"=\" b='=' nonce='" S "'>",
    "<p a=\"b='\" c='d' nonce=" S ">", "<p a='\"' b=\"'\" nonce=" S ">",
    "<p a=\"/\" nonce=\"" S "\">", "<p a='b/' nonce=" S ">"
};


/* ret: 1 if a browser finds the secret to be the nonce of the first tag */

static int
takes_nonce(const char *page)
{
    rt_html_tag_t         tag;
    static rt_html_t      h;
    const unsigned char  *p;

    p = (const unsigned char *) page;
    rt_html_init(&h);

    return rt_html_next(&h, &p, p + strlen(page), &tag) == RT_OK
           && tag.start == 0 && tag.nonce
           && tag.nonce_end - tag.nonce_start == sizeof(S) - 1
           && memcmp(page + tag.nonce_start, S, sizeof(S) - 1) == 0;
}


static void
dangling_tags_get_no_nonce(void **state)
{
    char      page[512], want[512];
    size_t    i, k;
    unsigned  taken;

    (void) state;

    taken = 0;

    for (i = 0; i < sizeof(dangling) / sizeof(dangling[0]); i++) {
        for (k = 0; k < sizeof(swallowed) / sizeof(swallowed[0]); k++) {

            snprintf(page, sizeof(page), "%s%s</script></style>",
                     dangling[i], swallowed[k]);
            strcpy(want, page);
            memset(strstr(want, S), 'x', sizeof(S) - 1);

            taken += (unsigned) takes_nonce(page);

            check_page(page, want);
        }
    }

    /* many of them would be blessed if nothing but the tag's name counted */

    assert_true(taken > 100);
}


/* as frameworks write them: none of these is refused */

static void
real_tags_get_a_nonce(void **state)
{
    char    page[512], want[512];
    size_t  i;

    static const char *const  tags[] = {
        "<script type=\"module\" crossorigin src=\"/a.js\" nonce=\"%s\">",
        "<script async src=https://a.example/?b=c&d=e nonce=%s>",
        "<script nonce='%s' data-config='{\"a\":\"<b>\",\"c\":[1,2]}'>",
        "<script data-html=\"<p class='a'>it's</p>\" nonce=\"%s\" defer>",
        "<script data-if=\"a < b\" data-q='\"' nonce=%s></script>",
        "<link rel=\"preload\" as=\"style\" nonce=\"%s\" href=\"a.css\" "
        "onload=\"if(1<2)this.rel='stylesheet'\">",
        "<link nonce=%s rel=icon href=\"data:image/svg+xml,<svg xmlns="
        "'http://www.w3.org/2000/svg'></svg>\" />",
        "<style data-href=\"a b\" media='(width<600px)' nonce=\"%s\">",
        "<script id=__NEXT_DATA__ type=application/json nonce=%s a='\"'>",
        "<script\n\tsrc = \"a.js\"\n\tnonce = \"%s\"\n\tv-if=\"a<b\"\n>",
        "<script @click=\"a\" :b=\"c < d\" #e [f]=\"g\" (h)=\"i('j')\" "
        "nonce=\"%s\">"
    };

    (void) state;

    for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        snprintf(page, sizeof(page), tags[i], S);
        snprintf(want, sizeof(want), tags[i], N);

        check_page(page, want);
    }
}


/* the nonce of an application: what it is made of, and what is searched */

static void
tokens_are_checked(void **state)
{
    size_t             i;
    rt_str_t           text;
    rt_status_e        rc;
    rt_nonce_secret_t  s;

    static const struct {
        const char   *token;
        rt_status_e   rc;
        const char   *run;
        unsigned      before;
    } cases[] = {
        { "Dn0wfa3Tr2_Kq-tYb8HzXc5JmVLuE4Gs", RT_OK,
          "Dn0wfa3Tr2_Kq-tYb8HzXc5JmVLuE4Gs", 0 },
        { "Dn0wfa3Tr2Kq8tYb", RT_OK, "Dn0wfa3Tr2Kq8tYb", 0 },
        { "Dn0wfa3Tr2Kq8tY", RT_TOO_BIG, NULL, 0 },
        { "", RT_TOO_BIG, NULL, 0 },
        { "Dn0wfa3Tr2Kq8tYb8HzXcw==", RT_OK, "Dn0wfa3Tr2Kq8tYb8HzXcw", 0 },
        { "Dn0w+a3Tr2Kq8/bcYb8Hz+c==", RT_OK, "a3Tr2Kq8", 5 },
        { "Dn0w+a3Tr2Kq/8bcYb8H/z+c==", RT_INVALID, NULL, 0 },
        { "+n0w+a3Tr2Kq8tYb8Hz/cwa=", RT_OK, "a3Tr2Kq8tYb8Hz", 5 },
        { "++++++++++++abcdefgh", RT_OK, "abcdefgh", 12 },
        { "++++++++++++abcdefg", RT_INVALID, NULL, 0 },
        { "+abc/def+ghi/jkl==", RT_INVALID, NULL, 0 },
        { "++++++++++++++++", RT_INVALID, NULL, 0 },
        { "================", RT_INVALID, NULL, 0 },
        { "Dn0wfa3Tr2Kq8tY=b", RT_INVALID, NULL, 0 },
        { "Dn0wfa3Tr2Kq8t===", RT_INVALID, NULL, 0 },
        { "Dn0wfa3Tr2Kq8t!b1", RT_INVALID, NULL, 0 },
        { "Dn0wfa3Tr2Kq8t\xe9" "b1", RT_INVALID, NULL, 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        text.data = (unsigned char *) cases[i].token;
        text.len = strlen(cases[i].token);

        rc = rt_nonce_token(&s, &text);

        if (rc != cases[i].rc) {
            fail_msg("%s: %d", cases[i].token, rc);
        }

        if (rc == RT_OK) {
            assert_int_equal(s.len, strlen(cases[i].run));
            assert_memory_equal(s.text, cases[i].run, s.len);
            assert_int_equal(s.before, cases[i].before);
            assert_int_equal(s.before + s.len + s.after, text.len);
        }
    }

    text.data = (unsigned char *) K256;
    text.len = RT_NONCE_SECRET_MAX + 1;
    assert_int_equal(rt_nonce_token(&s, &text), RT_TOO_BIG);
    text.len--;
    assert_int_equal(rt_nonce_token(&s, &text), RT_OK);
}


/* of what applications make at random, hardly any is left alone */

static void
random_tokens_are_taken(void **state)
{
    unsigned           i, k, bad;
    rt_str_t           token;
    uint32_t           seed;
    unsigned char      text[24];
    rt_nonce_secret_t  s;

    static const char  base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789+/";

    (void) state;

    token.data = text;
    token.len = sizeof(text);
    memset(text, '=', sizeof(text));
    seed = 1;

    for (i = 0, bad = 0; i < 10000; i++) {
        for (k = 0; k < 22; k++) {
            seed = seed * 1664525u + 1013904223u;
            text[k] = (unsigned char) base64[seed >> 26];
        }

        bad += (rt_nonce_token(&s, &token) != RT_OK);
    }

    assert_in_range(bad, 1, 100);
}


/* "/" and "+" in the spellings of templates, JSON and addresses */

static void
tokens_in_any_spelling(void **state)
{
    size_t  i, split;

    static const char  t[] = "aB+cdEFGHIJ/klMNopqrSTuv==";

    static const page_t  spelled[] = {
        { "<script nonce=\"aB+cdEFGHIJ/klMNopqrSTuv==\">",
          "<script nonce=\"aB+cdEFGHIJ/" N "==\">" },
        { "<script nonce=aB&#43;cdEFGHIJ/klMNopqrSTuv&#61;&#61;>",
          "<script nonce=aB&#43;cdEFGHIJ/" N "&#61;&#61;>" },
        { "<link nonce='aB&#x2B;cdEFGHIJ&#x2f;klMNopqrSTuv&#x3D;&#x3D;' a>",
          "<link nonce='aB&#x2B;cdEFGHIJ&#x2f;" N "&#x3D;&#x3D;' a>" },

        /* no such value, whatever the spelling */
        { "<script nonce=klMNopqrSTuv>", "<script nonce=xxxxxxxxxxxx>" },
        { "<script nonce=aB+cdEFGHIJ/klMNopqrSTuv>",
          "<script nonce=aB+cdEFGHIJ/xxxxxxxxxxxx>" },
        { "<script a=aB+cdEFGHIJ/klMNopqrSTuv== nonce=b>",
          "<script a=aB+cdEFGHIJ/xxxxxxxxxxxx== nonce=b>" },
        { "<script nonce=b a=abcdefg/klMNopqrSTuv==>",
          "<script nonce=b a=abcdefg/xxxxxxxxxxxx==>" },
        { "<script>\"aB\\u002BcdEFGHIJ\\/klMNopqrSTuv\\u003d\"</script>"
          "<a href=?aB%2BcdEFGHIJ%2FklMNopqrSTuv%3D%3D>",
          "<script>\"aB\\u002BcdEFGHIJ\\/xxxxxxxxxxxx\\u003d\"</script>"
          "<a href=?aB%2BcdEFGHIJ%2Fxxxxxxxxxxxx%3D%3D>" },
    };

    (void) state;

    token = 1;

    for (i = 0; i < sizeof(spelled) / sizeof(spelled[0]); i++) {
        for (split = 1; split <= strlen(spelled[i].in) + 1; split++) {
            rewrite(t, spelled[i].in, split, 1, N);
            assert_string_equal(out, spelled[i].out);
        }
    }

    token = 0;
}


/* what Rails, its Turbo and Vite print for scripts that make scripts */

static void
metas_that_scripts_read(void **state)
{
    size_t  i;

    static const page_t  metas[] = {
        { "<meta name=\"csp-nonce\" content=\"" S "\" /><p>" S,
          "<meta name=\"csp-nonce\" content=\"" N "\" /><p>" X },
        { "<meta name=\"csp-nonce\" nonce=\"" S "\" />",
          "<meta name=\"csp-nonce\" nonce=\"" N "\" />" },
        { "<head><meta charset=utf-8><META content=" S " PROPERTY=csp-nonce>",
          "<head><meta charset=utf-8><META content=" N " PROPERTY=csp-nonce>" },
        { "<link nonce=" S "><meta property='csp-nonce' nonce='" S "'>",
          "<link nonce=" N "><meta property='csp-nonce' nonce='" N "'>" },
        { "<meta name=csp-nonce content=" S "><meta name=csp-nonce content=" S
          ">", "<meta name=csp-nonce content=" N
          "><meta name=csp-nonce content=" N ">" },

        /* another name, the second of that name, no attribute of its */
        { "<meta name=csp-token content=" S ">",
          "<meta name=csp-token content=" X ">" },
        { "<meta name=Csp-Nonce content=" S ">",
          "<meta name=Csp-Nonce content=" X ">" },
        { "<meta name=csp-nonces content=" S ">",
          "<meta name=csp-nonces content=" X ">" },
        { "<meta name=a name=csp-nonce content=" S ">",
          "<meta name=a name=csp-nonce content=" X ">" },
        { "<meta name=csp-nonce a=" S ">", "<meta name=csp-nonce a=" X ">" },
        { "<meta name=csp-nonce content=a content=" S ">",
          "<meta name=csp-nonce content=a content=" X ">" },
        { "<meta name=csp-nonce content=" S " nonce=" S ">",
          "<meta name=csp-nonce content=" N " nonce=" X ">" },
        { "<meta content=" S ">", "<meta content=" X ">" },
        { "<meta name=csp-nonce content='" S " '>",
          "<meta name=csp-nonce content='" X " '>" },
        { "<metal name=csp-nonce content=" S ">",
          "<metal name=csp-nonce content=" X ">" },
        { "<script name=csp-nonce content=" S ">",
          "<script name=csp-nonce content=" X ">" },
        { "<div name=csp-nonce content=" S ">",
          "<div name=csp-nonce content=" X ">" },

        /* not a tag, or one that swallowed another */
        { "<!--<meta name=csp-nonce content=" S ">-->",
          "<!--<meta name=csp-nonce content=" X ">-->" },
        { "<title><meta name=csp-nonce content=" S "></title>",
          "<title><meta name=csp-nonce content=" X "></title>" },
        { "<meta name=csp-nonce a='<p title=' content=" S ">",
          "<meta name=csp-nonce a='<p title=' content=" N ">" },
        { "<meta name=csp-nonce a=\"<script nonce=\"" S "\">",
          "<meta name=csp-nonce a=\"<script nonce=\"" X "\">" },
        { "<meta name=csp-nonce <link nonce=" S ">",
          "<meta name=csp-nonce <link nonce=" X ">" },
    };

    (void) state;

    meta = 1;

    for (i = 0; i < sizeof(metas) / sizeof(metas[0]); i++) {
        check_page(metas[i].in, metas[i].out);
    }

    meta = 0;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(secrets_become_nonces_or_fill),
        cmocka_unit_test(losses_have_a_reason),
        cmocka_unit_test(dangling_tags_get_no_nonce),
        cmocka_unit_test(real_tags_get_a_nonce),
        cmocka_unit_test(borders),
        cmocka_unit_test(charsets),
        cmocka_unit_test(length_that_lies),
        cmocka_unit_test(other_text_is_only_overwritten),
        cmocka_unit_test(no_nonce_no_secret),
        cmocka_unit_test(fill_is_no_part_of_it),
        cmocka_unit_test(secrets_are_checked),
        cmocka_unit_test(metas_that_scripts_read),
        cmocka_unit_test(tokens_are_checked),
        cmocka_unit_test(random_tokens_are_taken),
        cmocka_unit_test(tokens_in_any_spelling),
        cmocka_unit_test(in_place),
        cmocka_unit_test(nonces_are_written_in_place),
        cmocka_unit_test(refusal_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
