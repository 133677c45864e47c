
/*
 * rt csp suggest: what a policy lacks, by the violations in audit files.
 *
 * It writes lines for nginx.conf.  A line that would weaken a policy is written
 * as a comment, with the reason: attacks are reported as well, and nobody must
 * allow one without reading.  What extensions and other programs put into pages
 * is counted, and nothing is proposed for it.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "rt_audit_each.h"
#include "rt_csp_verbs.h"
#include "rt_term.h"
#include "rt_input.h"
#include "csp/rt_csp_report.h"
#include "csp/rt_csp_source.h"
#include "csp/rt_csp_words.h"
#include "json/rt_json.h"
#include "text/rt_url.h"


#define KINDS    512            /* pairs of directive and source */
#define TEXT     320
#define SCRATCH  (4 * 1024 * 1024)      /* bytes for the tree of one event */

#define INLINE_RISK  "injected scripts and styles would run as well: give the "\
                     "page's own the nonce, or \"rt csp hash\""


typedef struct {
    const char      *directive;
    char             source[TEXT];
    char             page[TEXT];        /* the last one */
    const char      *risk;              /* NULL: none is seen */
    uint64_t         n;
} kind_t;


typedef struct {
    rt_audit_ask_t   ask;
    kind_t           kind[KINDS];
    unsigned         nkinds;
    uint64_t         reports;
    uint64_t         noise;
    uint64_t         unclear;           /* reports that name no source, or come
                                           when the table is full */
    unsigned char   *scratch;           /* for one event */
} suggest_t;


/*
 * The directive that a person writes.  One for elements becomes the general
 * one; one for attributes stays, because nonces and hashes help elements only.
 *
 * ret: NULL: it is not known, or takes no sources
 */

static const char *
written(const rt_str_t *name)
{
    const rt_csp_word_t  *word;

    word = rt_csp_word(name);

    if (word == NULL
        || (word->kind != RT_CSP_SOURCES && word->kind != RT_CSP_ANCESTORS))
    {
        return NULL;
    }

    if (strcmp(word->name, "script-src-elem") == 0) {
        return "script-src";
    }

    return strcmp(word->name, "style-src-elem") == 0 ? "style-src" : word->name;
}


/* Cuts an address to scheme, host and port; ret: 0: it is none. */

static int
origin(const rt_str_t *address, rt_str_t *out)
{
    size_t       skip, i;
    rt_url_t     url;
    rt_str_t     http = *address;
    const char  *why;

    /* ws:// and wss:// are read as http:// and https:// */

    skip = rt_str_ibegins(&http, "wss:") ? 3 : rt_str_ibegins(&http, "ws:") ? 2
                                                                          : 0;

    if (skip) {
        http.len = address->len - skip + (skip == 3 ? 5 : 4);
        http.data = malloc(http.len);

        if (http.data == NULL) {
            return 0;
        }

        memcpy(http.data, skip == 3 ? "https" : "http", skip == 3 ? 5 : 4);
        memcpy(http.data + (skip == 3 ? 5 : 4), address->data + skip,
               address->len - skip);
    }

    i = rt_url_parse(&http, &url, &why) == RT_OK;

    if (skip) {
        free(http.data);
    }

    if (!i) {
        return 0;
    }

    for (i = 0; i < address->len && address->data[i] != ':'; i++) { /* void */ }

    for (i += 3; i < address->len && address->data[i] != '/'; i++) {
        /* void */
    }

    out->data = address->data;
    out->len = i < address->len ? i : address->len;

    return 1;
}


static int
is_script(const char *directive)
{
    return strcmp(directive, "script-src") == 0
           || strcmp(directive, "default-src") == 0
           || strcmp(directive, "worker-src") == 0;
}


/*
 * Directives by which a policy stops an attack.  An attack is reported just
 * like a lack, so that no source of theirs is more than a comment, not even
 * 'self'.
 */

static const struct {
    const char  *directive;
    const char  *risk;
} guards[] = {
    { "default-src", "an injected script is reported just so" },
    { "script-src", "an injected script is reported just so" },
    { "worker-src", "an injected worker is reported just so" },
    { "child-src", "an injected worker is reported just so" },
    { "object-src", "an injected plugin is reported just so" },
    { "base-uri", "an injected <base> is reported just so" },
    { "form-action", "an injected form is reported just so" },
    { "frame-ancestors", "who frames the page to have it clicked is reported "
      "just so" }
};


/* ret: NULL; or why the line is written as a comment */

static const char *
risk_of(const char *directive, const rt_str_t *source)
{
    size_t            i;
    const char       *weak;
    rt_csp_source_t   parts;

    if (rt_csp_source(&parts, source) != NULL) {
        return "browsers would not read it";
    }

    if (is_script(directive)) {
        weak = rt_csp_source_weak(&parts, 0);

        if (weak) {
            return weak;
        }
    }

    for (i = 0; i < sizeof(guards) / sizeof(guards[0]); i++) {
        if (strcmp(directive, guards[i].directive) == 0) {
            return guards[i].risk;
        }
    }

    return rt_csp_is(&parts.scheme, "http") || rt_csp_is(&parts.scheme, "ws")
           ? "whoever is on the way can change what comes from there" : NULL;
}


/* words that reports have in place of an address */

static const struct {
    const char  *blocked;
    const char  *source;
    unsigned     code:1;            /* only scripts and styles have it */
    unsigned     inlined:1;
    const char  *risk;              /* of code */
} words[] = {
    { "inline", "unsafe-inline", 1, 1, INLINE_RISK },
    { "", "unsafe-inline", 1, 1, INLINE_RISK },
    { "eval", "unsafe-eval", 1, 0, "scripts would run injected text as well" },
    { "wasm-eval", "wasm-unsafe-eval", 1, 0, NULL },
    { "self", "self", 0, 0, NULL },
    { "data", "data:", 0, 0, NULL },
    { "blob", "blob:", 0, 0, NULL },
    { "filesystem", "filesystem:", 0, 0, NULL },
    { "mediastream", "mediastream:", 0, 0, NULL }
};


static int
ends(const char *directive, const char *with)
{
    size_t  len = strlen(directive), n = strlen(with);

    return len > n && strcmp(directive + len - n, with) == 0;
}


/* ret: 0: no source would allow it */

static int
source_of(const char *directive, const rt_str_t *blocked,
    const rt_str_t *document, rt_str_t *source, const char **risk)
{
    int       attr;
    size_t    i;
    rt_str_t  word = *blocked, page;

    attr = ends(directive, "-attr");

    if (!attr && origin(blocked, source)) {

        if (origin(document, &page) && rt_str_ieq(&page, source)) {
            *source = (rt_str_t) rt_string("self");
        }

        *risk = risk_of(directive, source);

        return 1;
    }

    if (word.len && word.data[word.len - 1] == ':') {
        word.len--;
    }

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {

        if (!rt_csp_is(&word, words[i].blocked)) {
            continue;
        }

        *source = rt_str_of(words[i].source);
        *risk = words[i].risk;

        if (attr) {
            *risk = "what is injected into attributes would work as well, and "
                    "no nonce helps there: move handlers and styles into files";

            return words[i].inlined;
        }

        if (!words[i].code) {
            *risk = risk_of(directive, source);
            return 1;
        }

        return is_script(directive)
               || (words[i].inlined && strcmp(directive, "style-src") == 0);
    }

    return 0;
}


static void
copy(char *to, const rt_str_t *s)
{
    size_t  len = s->len < TEXT ? s->len : TEXT - 1;

    if (len) {
        memcpy(to, s->data, len);
    }

    to[len] = '\0';
}


static void
count(suggest_t *s, const char *directive, const rt_str_t *source,
    const rt_str_t *page, const char *risk)
{
    unsigned  i;
    kind_t   *kind;

    for (i = 0; i < s->nkinds; i++) {
        kind = &s->kind[i];

        if (strcmp(kind->directive, directive) == 0
            && rt_csp_is(source, kind->source))
        {
            break;
        }
    }

    if (i == KINDS) {
        s->unclear++;
        return;
    }

    kind = &s->kind[i];

    if (i == s->nkinds) {
        s->nkinds++;
        kind->directive = directive;
        kind->risk = risk;
        copy(kind->source, source);
    }

    kind->n++;
    copy(kind->page, page);
}


static void
violation(suggest_t *s, const rt_json_t *v)
{
    rt_str_t      name, class, blocked, document, source;
    const char   *directive, *risk;

    s->reports++;

    class = rt_json_text(v, "class");
    name = rt_json_text(v, "directive");
    blocked = rt_json_text(v, "blocked");
    document = rt_json_text(v, "document");
    directive = written(&name);

    if (rt_str_lit(&class, "extension") || rt_str_lit(&class, "injected")) {
        s->noise++;

    } else if (directive
               && source_of(directive, &blocked, &document, &source, &risk))
    {
        count(s, directive, &source, &document, risk);

    } else {
        s->unclear++;
    }
}


static int
event(void *ctx, const rt_str_t *line, const rt_query_line_t *ev)
{
    suggest_t        *s = ctx;
    rt_str_t          left = { SCRATCH, s->scratch };
    rt_mem_t          mem = { rt_alloc_from, &left };
    rt_json_t        *root, *v;
    rt_json_opts_t    opts = { 0, 16, 16384 };
    static rt_str_t   path = rt_string("rtcsp.violations");

    (void) line;

    if (!rt_str_lit(&ev->at[RT_QUERY_ACTION], "\"CSP_VIOLATION\"")
        || rt_json_parse(&mem, &ev->at[RT_QUERY_METADATA], &opts, &root, NULL)
           != RT_OK)
    {
        return 1;
    }

    v = rt_json_path(root, &path);

    if (v && v->type == RT_JSON_ARRAY) {
        for (v = v->child; v; v = v->next) {
            violation(s, v);
        }
    }

    return 1;
}


static int
by_directive(const void *a, const void *b)
{
    int            order;
    const kind_t  *x = a, *y = b;

    order = strcmp(x->directive, y->directive);

    if (order == 0 && x->n != y->n) {
        order = x->n < y->n ? 1 : -1;
    }

    return order ? order : strcmp(x->source, y->source);
}


static void
print(const kind_t *kind)
{
    rt_str_t  page;

    page = rt_str_of(kind->page);

    printf("\n# %llu report%s", (unsigned long long) kind->n,
           kind->n == 1 ? "" : "s");

    if (page.len) {
        printf(", the last of ");
        rt_term_text(&page);
    }

    if (kind->risk) {
        printf("\n# risky: %s\n# ", kind->risk);

    } else {
        printf("\n");
    }

    printf("rtcsp_directive %s + %s;\n", kind->directive, kind->source);
}


/* ret: 0: it is too long */

static int
print_json(const suggest_t *s)
{
    unsigned    i;
    rt_jsonw_t  w;

    if (!rt_term_json_open(&w, s->ask.mem)) {
        return 0;
    }

    rt_jsonw_lit(&w, "violations");
    rt_jsonw_uint(&w, s->reports);
    rt_jsonw_lit(&w, "noise");
    rt_jsonw_uint(&w, s->noise);
    rt_jsonw_lit(&w, "unclear");
    rt_jsonw_uint(&w, s->unclear);
    rt_jsonw_lit(&w, "suggestions");
    rt_jsonw_open(&w, '[');

    for (i = 0; i < s->nkinds; i++) {
        rt_jsonw_open(&w, '{');
        rt_term_json_text(&w, "directive", s->kind[i].directive);
        rt_term_json_text(&w, "source", s->kind[i].source);
        rt_term_json_text(&w, "page", s->kind[i].page);
        rt_jsonw_lit(&w, "reports");
        rt_jsonw_uint(&w, s->kind[i].n);
        rt_term_json_text(&w, "risk", s->kind[i].risk);
        rt_jsonw_close(&w, '}');
    }

    rt_jsonw_close(&w, ']');

    return rt_term_json_close(&w);
}


static void
print_text(const suggest_t *s)
{
    unsigned  i;

    printf("# rt csp suggest: %llu violations, %llu of them by extensions and "
           "other programs,\n# %llu that no source would allow\n",
           (unsigned long long) s->reports, (unsigned long long) s->noise,
           (unsigned long long) s->unclear);

    for (i = 0; i < s->nkinds; i++) {
        print(&s->kind[i]);
    }
}


int
rt_csp_verb_suggest(rt_mem_t *mem, int argc, char **argv)
{
    unsigned           i;
    static suggest_t   s;

    s.ask.verb = "rt csp suggest";
    s.ask.mem = mem;
    s.scratch = malloc(SCRATCH);

    if (s.scratch == NULL
        || rt_audit_ask(&s.ask, argc, argv, 0) != RT_EXIT_OK)
    {
        return RT_EXIT_FAILED;
    }

    for (i = 0; i < s.ask.nfiles; i++) {
        (void) rt_audit_each(&s.ask, &s.ask.file[i], event, &s);
    }

    qsort(s.kind, s.nkinds, sizeof(kind_t), by_directive);

    if (s.ask.format != RT_AUDIT_JSON) {
        print_text(&s);

    } else if (!print_json(&s)) {
        return rt_audit_failed(&s.ask, "standard output", "is too long");
    }

    return s.ask.trouble ? RT_EXIT_FAILED
                         : s.nkinds ? RT_EXIT_OK : RT_EXIT_FOUND;
}
