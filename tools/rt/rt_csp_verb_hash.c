
/*
 * rt csp hash: 'sha256-...' of files, and of scripts and styles that stand in
 * pages.
 *
 * A browser hashes the text of an element as it has parsed it: a line ends with
 * LF, whatever the page has.  The text of a file is hashed as it is.
 */

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "rt.h"
#include "rt_csp_verbs.h"
#include "rt_input.h"
#include "rt_term.h"
#include "rt_words.h"
#include "html/rt_allow.h"


#define DIGEST  32
#define BASE64  (4 * ((DIGEST + 2) / 3) + 1)


static int
failed(const char *name, const char *why)
{
    rt_term_warning("rt csp hash: %s: %s\n", name, why);

    return RT_EXIT_FAILED;
}


static void
print_json(const unsigned char *base64, const rt_str_t *name, unsigned line)
{
    rt_str_t        hash;
    rt_jsonw_t      w;
    unsigned char   out[8 * 4096], text[sizeof("sha256-") + BASE64];

    hash.len = (size_t) snprintf((char *) text, sizeof(text), "sha256-%s",
                                 base64);
    hash.data = text;

    rt_jsonw_init(&w, out, sizeof(out));
    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "hash");
    rt_jsonw_str(&w, &hash);
    rt_jsonw_lit(&w, "file");
    (void) rt_jsonw_str_cut(&w, name, 6 * 4096);
    rt_jsonw_lit(&w, "line");

    if (line) {
        rt_jsonw_uint(&w, line);

    } else {
        rt_jsonw_null(&w);
    }

    (void) rt_term_json_close(&w);
}


/* in: line, 0 for a whole file; ret: 0: OpenSSL failed */

static int
print(const rt_str_t *text, const char *name, unsigned line, int json)
{
    rt_str_t        shown;
    unsigned        len;
    unsigned char   digest[EVP_MAX_MD_SIZE], base64[BASE64];

    if (EVP_Digest(text->data, text->len, digest, &len, EVP_sha256(), NULL)
        != 1)
    {
        return 0;
    }

    (void) EVP_EncodeBlock(base64, digest, DIGEST);

    shown = rt_str_of(name);

    if (json) {
        print_json(base64, &shown, line);
        return 1;
    }

    printf("sha256-%s  # ", base64);
    rt_term_text(&shown);

    if (line) {
        printf(":%u", line);
    }

    printf("\n");

    return 1;
}


/* Makes LF of CR LF and CR, in place. */

static void
one_line_end(rt_str_t *text)
{
    size_t  i, n;

    for (i = 0, n = 0; i < text->len; i++) {

        if (text->data[i] == '\r') {
            text->data[n++] = '\n';
            i += (i + 1 < text->len && text->data[i + 1] == '\n');

        } else {
            text->data[n++] = text->data[i];
        }
    }

    text->len = n;
}


/*
 * The text of the element whose start tag was read, up to the "</" of its end
 * tag.  The scanner leaves the text only behind that tag.
 *
 * ret: 1; 0: it has no end, and no browser runs a script without one
 */

static int
text_of(rt_html_t *h, const unsigned char **pos, const unsigned char *last,
    rt_str_t *text)
{
    unsigned              raw = h->raw;
    rt_html_tag_t         tag;
    const unsigned char  *p, *begin = *pos;

    while (h->raw == raw) {

        if (*pos == last) {
            return 0;
        }

        (void) rt_html_next(h, pos, *pos + 1, &tag);
    }

    for (p = *pos - 1; p > begin && !(p[0] == '<' && p[1] == '/'); p--) {
        /* void */
    }

    text->len = (size_t) (p - begin);
    text->data = malloc(text->len + 1);

    if (text->data) {
        memcpy(text->data, begin, text->len);
    }

    return text->data != NULL;
}


/* ret: 0: OpenSSL failed */

static int
hash_page(const char *name, const rt_str_t *page, int json)
{
    int                    ok;
    unsigned               line;
    rt_str_t               text, start;
    rt_html_tag_t          tag;
    static rt_html_t       h;
    const unsigned char   *p, *last, *counted;

    rt_html_init(&h);

    ok = 1;
    line = 1;
    p = page->data;
    last = p + page->len;
    counted = p;

    while (ok && rt_html_next(&h, &p, last, &tag) == RT_OK) {

        start.data = page->data + tag.start;
        start.len = (size_t) (tag.end - tag.start);

        for ( /* void */ ; counted < start.data; counted++) {
            line += (*counted == '\n');
        }

        if (tag.tag != h.raw || !rt_allow_inline(&tag, &start)
            || !text_of(&h, &p, last, &text))
        {
            continue;
        }

        one_line_end(&text);
        ok = print(&text, name, line, json);
        free(text.data);
    }

    if (h.tree.stopped) {
        (void) failed(name, "what follows may be read in two ways, and is left "
                      "out");
    }

    return ok;
}


static int
is_page(const char *name)
{
    size_t    i;
    rt_str_t  end;

    static const rt_str_t  ends[] = { rt_string(".html"), rt_string(".htm") };

    for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        end.len = strlen(name);

        if (end.len < ends[i].len) {
            continue;
        }

        end.data = (unsigned char *) name + end.len - ends[i].len;
        end.len = ends[i].len;

        if (rt_str_ieq(&end, &ends[i])) {
            return 1;
        }
    }

    return 0;
}


int
rt_csp_verb_hash(rt_mem_t *mem, int argc, char **argv)
{
    int          i, ok, code, json;
    rt_str_t     text;
    const char  *why, *name;

    const rt_option_t  options[] = { { "--json", NULL, &json } };

    (void) mem;

    json = 0;
    argc = rt_words_all("rt csp hash", options, 1, NULL, NULL, argc, argv);

    if (argc <= 0) {
        return argc ? RT_EXIT_FAILED
                    : failed("FILE", "is missing: give scripts, or pages "
                             "(.html, .htm)");
    }

    code = RT_EXIT_OK;

    for (i = 0; i < argc; i++) {
        name = argv[i];
        why = rt_input_file(&name, &text);

        if (why) {
            code = failed(name, why);
            continue;
        }

        ok = is_page(name) ? hash_page(name, &text, json)
                           : print(&text, name, 0, json);

        if (!ok) {
            return failed(name, "OpenSSL cannot hash it");
        }

        free(text.data);
    }

    return code;
}
