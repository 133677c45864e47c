
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "html/rt_html.h"


/* a page, and its script, style and link tags as "tag@start-end=nonce" */

typedef struct {
    const char  *page;
    const char  *tags;
} markup_t;


#define WORDS  "ten bytes, ten bytes "
#define TEXT   WORDS WORDS WORDS WORDS WORDS

static const markup_t  cases[] = {

    { "", "" },
    { "plain", "" },
    { "<script>", "script@0-8" },
    { "<p>x</p><SCRIPT NONCE=\"a b\">", "script@8-28=a b" },
    { "<script\nnonce = 'n' >", "script@0-21=n" },
    { "<script\rnonce\r=\rn\r>", "script@0-19=n" },
    { "<script/nonce=n/>", "script@0-17=n/" },
    { "<script nonce>", "script@0-14=" },
    { "<script nonce=>", "script@0-15=" },
    { "<script =nonce=n>", "script@0-17" },
    { "<script nonce=a nonce=b>", "script@0-24=a" },
    { "<script x=\">\"nonce=n>", "script@0-21=n" },
    { "<script x='a' \"nonce=n>", "script@0-23" },
    { "<script", "" },
    { "<script nonce=\"n", "" },
    { "<link><style nonce=n>", "link@0-6 style@6-21=n" },
    { "< script><!script><?script></ script><script>", "script@37-45" },

    /* comments, every way they end */
    { "<!--<script>--><script>", "script@15-23" },
    { "<!--><script>", "script@5-13" },
    { "<!---><script>", "script@6-14" },
    { "<!----><script>", "script@7-15" },
    { "<!--x--!><script>", "script@9-17" },
    { "<!--x--!-><script>--><script>", "script@21-29" },
    { "<!--x->-><script>--><link>", "link@20-26" },
    { "<!-<script>x<script>", "script@12-20" },
    { "<!doctype \"<script>\"><script>", "script@21-29" },

    /* text modes */
    { "<title><script></title><script>", "script@23-31" },
    { "<textarea><script></TEXTAREA ><script>", "script@30-38" },
    { "<style><script></style x='>'><script>", "style@0-7 script@29-37" },
    { "<style></stylee></style><link>", "style@0-7 link@24-30" },
    { "<xmp><script></xmp><script>", "script@19-27" },
    { "<iframe><script></iframe><script>", "script@25-33" },
    { "<noscript><script></noscript><script>", "script@29-37" },
    { "<noembed><link></noembed><link>", "link@25-31" },
    { "<noframes><link></noframes><link>", "link@27-33" },
    { "<plaintext><script></plaintext><script>", "" },

    /* script data, escaped once and twice */
    { "<script><!--<script></script><b>--></script><script>k",
      "script@0-8 script@44-52" },
    { "<script><!--</script><script>", "script@0-8 script@21-29" },
    { "<script><!--><script></script><link>", "script@0-8 link@30-36" },
    { "<script><!--<scripts></script><link>", "script@0-8 link@30-36" },
    { "<script><!--<script>--></script><link>", "script@0-8 link@32-38" },

    /* foreign content */
    { "<svg><style><script>", "style@5-12 script@12-20" },
    { "<svg/><style><script>", "style@6-13" },
    { "<svg><script/><link>", "script@5-14 link@14-20" },
    { "<svg><title><style><script>", "style@12-19" },
    { "<svg></p><style><script>", "" },
    { "<svg><b><style><script>", "style@8-15" },
    { "<svg><font><style><script>", "" },
    { "<svg><font size=1><style><script>", "" },
    { "<svg><![CDATA[<script>]]><script>", "script@25-33" },
    { "<![CDATA[<script>]]><script>", "script@20-28" },
    { "<svg><font></svg><style>", "style@17-24" },
    { "<math><mi><style><script>", "style@10-17" },
    { "<math><mi><mglyph><style><script>", "" },
    { "<math><annotation-xml encoding=Text/Html><style><link>", "" },
    { "<math><annotation-xml><style><link>", "style@22-29 link@29-35" },
    { "<div><svg><g></div><style><link>", "" },
    { "<p><b></p><svg></b><style><link>", "" },

    /* where start tags are ignored, and where browsers differ */
    { "<select><script></script></select><link>",
      "script@8-16 link@34-40" },
    { "<select><link></select><link>", "" },
    { "<select><xmp><script></select><script>", "" },
    { "<select><style></style></select><script>", "" },
    { "<select><table></select><script>", "script@24-32" },
    { "<select><select></select><style>", "style@25-32" },
    { "<select><template></select><link>", "" },
    { "<frameset><script></frameset><script>", "" },
    { "x<frameset><script>", "" },
    { "<svg><title><![CDATA[>]]><script>", "" },
    { "<math><annotation-xml encoding='&#116;ext/html'><style>", "" },
    { "<math><annotation-xml x=HT\n encoding='ml'><style><link>",
      "style@42-49 link@49-55" },
    { "<template><style></style><script></script></template><link>",
      "style@10-17 script@25-33 link@53-59" },
    { "<template><col></template><link>", "" },
    { "<template><title></title><col></template><link>", "" },
    { "<template><template><p></template><col></template><link>", "" },
    { "<template><colgroup><col></template><link>", "link@36-42" },
    { "<template><table><col></table></template><link>", "link@41-47" },
    { "<template></template><col><link>", "link@26-32" },
    { "\xef\xbb\xbf<script>", "script@3-11" },

    /* whether SVG has ended is told again by what ends it in any case */
    { "<b><svg></b><path></svg><style><script></style><link>",
      "style@24-31 link@47-53" },
    { "<svg></g><p><style></style><link>", "style@12-19 link@27-33" },
    { "<b><svg></b><link>", "" },
    { "<svg><g><g></svg></g><link>", "link@21-27" },
    { "<svg><foreignObject><div><p>x</p><br></div></foreignObject></svg>"
      "<link>", "link@65-71" },
    { "<svg><foreignObject><div></foreignObject></svg><link>", "" },

    /* as long as what is hopped over */
    { "<p class=\"a\">" TEXT "<a title='>' alt=\"<script>\">" TEXT "<link>",
      "link@251-257" },
    { "<p class=\"a\" title=" TEXT "<script>" TEXT "<link>'><link>",
      "link@237-243 link@245-251" },
    { "<p a='" TEXT "'><p b='<" TEXT "'><i c=\"" TEXT "\"><link>",
      "link@340-346" },
    { "<p a='" TEXT ">" TEXT "'\"<script>" TEXT "=\"><link>\"><link>",
      "link@335-341 link@343-349" },
    { "<p a=\"=\" b='" TEXT "<script>" TEXT "'><<link><<<link>",
      "link@233-239 link@241-247" },
    { TEXT "</ <script>><!--<script>--><?<script>>" TEXT "<?<link>><link>",
      "link@257-263" },
};


static void
found(char *out, const unsigned char *doc, const rt_html_tag_t *tag)
{
    char  *p;

    p = out + strlen(out);

    p += sprintf(p, "%s%s@%u-%u", p > out ? " " : "", rt_htag_name(tag->tag),
                 (unsigned) tag->start, (unsigned) tag->end);

    if (tag->nonce) {
        sprintf(p, "=%.*s", (int) (tag->nonce_end - tag->nonce_start),
                doc + tag->nonce_start);
    }
}


static void
read_page(rt_hmarks_pt marks, const char *page, size_t len, size_t split,
    char *out)
{
    rt_html_tag_t         tag;
    static rt_html_t      h;
    const unsigned char  *p, *end, *last;

    *out = '\0';
    p = (const unsigned char *) page;
    end = p + len;
    rt_html_init(&h);
    h.marks = marks;

    while (p < end) {
        last = (size_t) (end - p) > split ? p + split : end;

        while (rt_html_next(&h, &p, last, &tag) == RT_OK) {
            found(out, (const unsigned char *) page, &tag);
        }
    }
}


static void
tags_are_found(void **state)
{
    char          out[1024];
    size_t        i, len, split;
    unsigned      way;
    const char   *name;
    rt_hmarks_pt  marks;

    (void) state;

    for (way = 0; (marks = rt_hmarks_way(way, &name)) != NULL; way++) {
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            len = strlen(cases[i].page);

            for (split = 1; split <= len + 1; split++) {
                read_page(marks, cases[i].page, len, split, out);

                if (strcmp(out, cases[i].tags) != 0) {
                    fail_msg("%s (%s, split %zu): %s, not %s", cases[i].page,
                             name, split, out, cases[i].tags);
                }
            }
        }
    }

    assert_true(way > 0);
}


/* each way to search marks the same places, and reads no byte more */

static void
ways_are_alike(void **state)
{
    size_t          i, n;
    uint64_t        masks[4];
    unsigned        way, bit;
    const char     *name;
    rt_hmarks_pt    marks;
    unsigned char  *p;

    (void) state;

    for (way = 0; (marks = rt_hmarks_way(way, &name)) != NULL; way++) {
        for (i = 0; i < 256 * 65; i++) {
            n = i % 5;
            p = malloc(n * RT_HMARKS_SIZE + 1);

            for (bit = 0; bit < n * RT_HMARKS_SIZE; bit++) {
                p[bit] = (unsigned char) (i % 3 ? i + (bit * bit >> i % 7) % 3
                                          : i ^ (bit % 2 ? 0x80 : 0x01));
            }

            p = realloc(p, n ? n * RT_HMARKS_SIZE : 1);
            marks(p, n, (unsigned char) i, masks);

            for (bit = 0; bit < n * RT_HMARKS_SIZE; bit++) {
                if ((masks[bit / 64] >> bit % 64 & 1)
                    != (p[bit] == (unsigned char) i))
                {
                    fail_msg("%s: 0x%02x at %u of page %zu", name, p[bit],
                             bit, i);
                }
            }

            free(p);
        }
    }

    assert_true(way > 0);
}


static void
nul_ends_no_name(void **state)
{
    char  out[1024];

    (void) state;

    read_page(rt_hmarks(), "<script\0><scr\0ipt><p\0><script>", 30, 30, out);
    assert_string_equal(out, "script@22-30");
}


static void
read_all(rt_html_t *h, const char *page, size_t split)
{
    size_t                len, n;
    rt_html_tag_t         tag;
    const unsigned char  *p, *last;

    p = (const unsigned char *) page;
    rt_html_init(h);

    for (len = strlen(page); len; len -= n) {
        n = len < split ? len : split;
        last = p + n;

        while (rt_html_next(h, &p, last, &tag) == RT_OK) { /* void */ }
    }
}


/*
 * A tag, each one known, that matters to the states matters to the hop.  It is
 * not the last one, which the states read in any case.
 */

#define MORE  TEXT "<x>" TEXT TEXT

static void
no_tag_is_hopped_over(void **state)
{
    char              page[1024];
    size_t            k;
    unsigned          i;
    static rt_html_t  whole, bytes;

    static const char *const  forms[] = {
        TEXT "<%s a>" MORE, TEXT "<b>" TEXT "<%s>" MORE, TEXT "</%s>" MORE,
        TEXT "<!%s" MORE, TEXT "<?%s" MORE, TEXT "</ %s" MORE
    };

    (void) state;

    for (i = 1; i < RT_HTAG_N; i++) {
        for (k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
            snprintf(page, sizeof(page), forms[k], rt_htag_name(i));

            read_all(&whole, page, sizeof(page));
            read_all(&bytes, page, 1);

            if (whole.state != bytes.state || whole.raw != bytes.raw
                || whole.tree.stopped != bytes.tree.stopped
                || whole.tree.depth != bytes.tree.depth
                || whole.tree.select != bytes.tree.select
                || whole.tree.templates != bytes.tree.templates)
            {
                fail_msg("%s", page);
            }
        }
    }
}


static void
every_name_has_its_slot(void **state)
{
    unsigned       i;
    size_t         len;
    unsigned char  name[32];

    (void) state;

    for (i = 1; i < RT_HTAG_N; i++) {
        memset(name, 0, sizeof(name));
        len = strlen(rt_htag_name((rt_htag_e) i));
        memcpy(name, rt_htag_name((rt_htag_e) i), len);

        assert_int_equal(rt_htag_find(name, len), i);

        name[0] ^= 1;
        assert_int_not_equal(rt_htag_find(name, len), i);
        name[0] ^= 1;
        assert_int_not_equal(rt_htag_find(name, len - 1), i);
        assert_int_not_equal(rt_htag_find(name, len + 1), i);
    }
}


static void
swallowed_tags_are_told(void **state)
{
    size_t                i;
    rt_html_tag_t         tag;
    static rt_html_t      h;
    const unsigned char  *p;

    static const struct {
        const char  *page;
        unsigned     markup;
    } odd[] = {
        { "<script nonce=n>", 0 },
        { "<script a=<script nonce=n>", 1 },
        { "<script a='x<STYLE' nonce=n>", 1 },
        { "<script <script nonce=n>", 1 },
        { "<script a='<scrip' b='t'>", 0 },
        { "<script a='<<script'>", 1 },
        { "<script a='<sscript <stscript'>", 0 },
        { "<script src=x <LINK nonce=n>", 1 },
        { "<script a='<l<link'>", 1 },
        { "<script a='<lin k <llink <slink <lscript <stlink'>", 0 },
        { "<script a=< nonce=n>", 1 },
        { "<script a=b<c>", 1 },
        { "<script nonce=n <p>", 1 },
        { "<script a<b='c'>", 1 },
        { "<script a='<p' b\"='c'>", 1 },
        { "<script a='<' '>", 1 },
        { "<script a='<' b=c'>", 1 },
        { "<script a='b' c' d='<'>", 0 },
        { "<script a=\"<p class='b'>\" c='\"<'>", 0 },
        { "<script a=1 b='<script' a=2/>", 1 },
        { "<svg><style/>", 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        p = (const unsigned char *) odd[i].page;
        rt_html_init(&h);

        assert_int_equal(rt_html_next(&h, &p, p + strlen(odd[i].page), &tag),
                         RT_OK);
        assert_int_equal(tag.markup, odd[i].markup);
    }
}


static void
bounds_stop(void **state)
{
    unsigned              i;
    rt_html_tag_t         tag;
    static rt_html_t      h;
    const unsigned char  *p;

    static const struct {
        const char  *piece;
        rt_hstop_e   why;
    } deep[] = {
        { "<svg>", RT_HSTOP_DEPTH }, { "<math><mi>", RT_HSTOP_DEPTH },
        { "<svg><a-name-of-more-than-thirty-one-bytes>", RT_HSTOP_DEPTH },
        { "<svg><desc><unknown-element>", RT_HSTOP_DEPTH },
        { "<svg><g/></svg>", RT_HSTOP_NONE }, { "<svg/>", RT_HSTOP_NONE },
        { "<svg><g><p>", RT_HSTOP_NONE },
        { "<div>", RT_HSTOP_NONE }, { "<template>", RT_HSTOP_DEPTH },
        { "<a-name-of-more-than-thirty-one-bytes>", RT_HSTOP_NONE },
        { "<table><select>", RT_HSTOP_NONE },
        { "<template></template></template>", RT_HSTOP_NONE },
        { "<frameset>", RT_HSTOP_FRAMESET },
        { "<template><col>", RT_HSTOP_TEMPLATE },
        { "<plaintext>", RT_HSTOP_PLAINTEXT },
        { "<select><link>", RT_HSTOP_SELECT },
        { "<svg><desc></svg>", RT_HSTOP_NONE },
        { "<svg><desc><p></svg>", RT_HSTOP_FOREIGN },
        { "<svg><desc><![CDATA[", RT_HSTOP_CDATA },
    };

    (void) state;

    for (i = 0; i < 2000 * (sizeof(deep) / sizeof(deep[0])); i++) {

        if (i % 2000 == 0) {
            rt_html_init(&h);
        }

        p = (const unsigned char *) deep[i / 2000].piece;
        assert_int_equal(rt_html_next(&h, &p, p + strlen((const char *) p),
                                      &tag), RT_AGAIN);

        if (i % 2000 != 1999) {
            continue;
        }

        if (h.tree.stopped != deep[i / 2000].why) {
            fail_msg("%s: stopped %d", deep[i / 2000].piece, h.tree.stopped);
        }

        p = (const unsigned char *) "</select><script>";
        assert_int_equal(rt_html_next(&h, &p, p + 17, &tag),
                         h.tree.stopped ? RT_AGAIN : RT_OK);
    }
}


static void
nonce_is_told_before_the_end(void **state)
{
    uint64_t              start;
    rt_html_tag_t         tag;
    static rt_html_t      h;
    const unsigned char  *p, *page;

    (void) state;

    page = (const unsigned char *) "<script x nonce=\"abc\" y><p nonce=abc>";
    p = page;
    rt_html_init(&h);

    assert_int_equal(rt_html_next(&h, &p, page + 16, &tag), RT_AGAIN);
    assert_false(rt_html_in_nonce(&h, &start));

    assert_int_equal(rt_html_next(&h, &p, page + 17, &tag), RT_AGAIN);
    assert_true(rt_html_in_nonce(&h, &start));
    assert_int_equal(start, 17);

    assert_int_equal(rt_html_next(&h, &p, page + 23, &tag), RT_AGAIN);
    assert_true(rt_html_in_nonce(&h, &start));

    assert_int_equal(rt_html_next(&h, &p, page + 37, &tag), RT_OK);
    assert_false(rt_html_in_nonce(&h, &start));
    assert_int_equal(tag.nonce_start, 17);
    assert_int_equal(tag.nonce_end, 20);

    assert_int_equal(rt_html_next(&h, &p, page + 36, &tag), RT_AGAIN);
    assert_false(rt_html_in_nonce(&h, &start));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(tags_are_found),
        cmocka_unit_test(ways_are_alike),
        cmocka_unit_test(nul_ends_no_name),
        cmocka_unit_test(no_tag_is_hopped_over),
        cmocka_unit_test(every_name_has_its_slot),
        cmocka_unit_test(swallowed_tags_are_told),
        cmocka_unit_test(bounds_stop),
        cmocka_unit_test(nonce_is_told_before_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
