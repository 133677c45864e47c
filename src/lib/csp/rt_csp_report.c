
#include "csp/rt_csp_report.h"
#include "csp/rt_csp_words.h"
#include "json/rt_json.h"


#define DEPTH  8
#define NODES  4096
#define WORD   32               /* bytes of a scheme, or of a word */


_Static_assert(RT_CSP_REPORT_WORDS == RT_CSP_WORDS, "the same table");


static const char *const  classes[] = {
    [RT_CSP_APP] = "app",
    [RT_CSP_INLINE] = "inline",
    [RT_CSP_EVAL] = "eval",
    [RT_CSP_INJECTED] = "injected",
    [RT_CSP_EXTENSION] = "extension",
    [RT_CSP_CLASSES] = NULL
};


/* schemes, with or without ":", of what is in the browser and not the page */

static const char *const  extensions[] = {
    "chrome-extension", "moz-extension", "safari-extension",
    "safari-web-extension", "ms-browser-extension", "edge-extension",
    "webkit-masked-url", "user-script", "mxaddon-pkg", NULL
};

static const char *const  programs[] = {
    "resource", "chrome", "about", "res", "ms-appx", "ms-appx-web", "symres",
    "tmtbff", "mbinit", "mx", "mxjscall", "gsa", "asset", "kaspersky",
    "chromenull", "chromeinvoke", "chromeinvokeimmediate", "safari-resource",
    "webviewprogressproxy", "webviewprogress", "jsbridge", NULL
};


/* the members of a violation in both formats */

typedef enum {
    DIRECTIVE = 0,
    VIOLATED,                   /* what old browsers say instead */
    DISPOSITION,
    BLOCKED,
    DOCUMENT,
    SOURCE,
    LINE,
    MEMBERS
} member_e;

static const rt_str_t  old_names[MEMBERS] = {
    [DIRECTIVE] = rt_string("effective-directive"),
    [VIOLATED] = rt_string("violated-directive"),
    [DISPOSITION] = rt_string("disposition"),
    [BLOCKED] = rt_string("blocked-uri"),
    [DOCUMENT] = rt_string("document-uri"),
    [SOURCE] = rt_string("source-file"),
    [LINE] = rt_string("line-number")
};

static const rt_str_t  new_names[MEMBERS] = {
    [DIRECTIVE] = rt_string("effectiveDirective"),
    [VIOLATED] = rt_string("violatedDirective"),
    [DISPOSITION] = rt_string("disposition"),
    [BLOCKED] = rt_string("blockedURL"),
    [DOCUMENT] = rt_string("documentURL"),
    [SOURCE] = rt_string("sourceFile"),
    [LINE] = rt_string("lineNumber")
};


static rt_str_t
text(const rt_json_t *body, const rt_str_t *name)
{
    const rt_json_t  *v;

    v = rt_json_get(body, name);

    return v && v->type == RT_JSON_STRING ? v->str
                                          : (rt_str_t) rt_null_string;
}


/* bytes of s in front of the first that is not printable or one of set */

static size_t
span(const rt_str_t *s, const char *set)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {
        if (s->data[i] <= ' ' || s->data[i] > '~'
            || strchr(set, s->data[i]) != NULL)
        {
            break;
        }
    }

    return i;
}


/*
 * Of an http or WebSocket address its scheme, host and path, without what
 * follows a ";" in it; of others, and where a user stands before the host, the
 * scheme; a word as it is.
 */

static rt_str_t
clean(rt_str_t url)
{
    size_t    scheme, host;
    rt_str_t  rest;

    scheme = span(&url, ":/?#;@\"'\\<>");

    if (scheme > WORD || (scheme < url.len && url.data[scheme] != ':')) {
        url.len = 0;
        return url;
    }

    if (scheme == url.len) {
        return url;
    }

    rest.data = url.data + scheme + 1;
    rest.len = url.len - scheme - 1;
    url.len = scheme;

    if ((rt_csp_is(&url, "http") || rt_csp_is(&url, "https")
         || rt_csp_is(&url, "ws") || rt_csp_is(&url, "wss"))
        && rt_str_ibegins(&rest, "//"))
    {
        rest.data += 2;
        rest.len -= 2;
        host = span(&rest, "/?#;\"'\\<>");

        if (host && memchr(rest.data, '@', host) == NULL) {
            url.len += 3 + span(&rest, "?#;\"'\\<>");

            if (url.len > RT_CSP_REPORT_URL) {
                url.len = RT_CSP_REPORT_URL;
            }

            return url;
        }
    }

    url.len = scheme + 1;

    return url;
}


/* is the scheme of the address, or the word, one of these? */

static int
has_scheme(const rt_str_t *url, const char *const *schemes)
{
    rt_str_t  scheme, rest;

    (void) rt_str_cut(url, ':', &scheme, &rest);

    for ( /* void */ ; *schemes; schemes++) {
        if (rt_csp_is(&scheme, *schemes)) {
            return 1;
        }
    }

    return 0;
}


/* a program on the visitor's machine, which the page's own is not on */

static int
local(const rt_str_t *url)
{
    size_t             i;
    rt_str_t           scheme, host;
    static const char *const  hosts[] = {
        "//127.", "//localhost:", "//localhost/", "//[::1]", NULL
    };

    (void) rt_str_cut(url, ':', &scheme, &host);

    for (i = 0; hosts[i]; i++) {
        if (rt_str_ibegins(&host, hosts[i])) {
            return 1;
        }
    }

    return 0;
}


static rt_csp_class_e
class_of(const rt_csp_violation_t *v)
{
    if (has_scheme(&v->blocked, extensions)
        || has_scheme(&v->source, extensions))
    {
        return RT_CSP_EXTENSION;
    }

    if (has_scheme(&v->blocked, programs) || has_scheme(&v->source, programs)
        || (local(&v->blocked) && !local(&v->document))
        || rt_str_holds(&v->blocked, ".kaspersky-labs.com"))
    {
        return RT_CSP_INJECTED;
    }

    if (v->blocked.len == 0 || rt_csp_is(&v->blocked, "inline")) {
        return RT_CSP_INLINE;
    }

    return rt_csp_is(&v->blocked, "eval") || rt_csp_is(&v->blocked, "wasm-eval")
           ? RT_CSP_EVAL : RT_CSP_APP;
}


/* old browsers give the whole directive: its name is the first word */

static int
directive(const rt_json_t *body, const rt_str_t *names, unsigned *which)
{
    unsigned              i;
    rt_str_t              name, rest;
    const unsigned char  *pos;

    for (i = DIRECTIVE; i <= VIOLATED; i++) {
        rest = text(body, &names[i]);
        pos = rest.data;

        if (rest.len && rt_csp_next_word(&pos, pos + rest.len, &name)
            && rt_csp_word_number(&name, which))
        {
            return 1;
        }
    }

    return 0;
}


static void
add(rt_csp_report_t *report, const rt_json_t *body, const rt_str_t *names)
{
    int64_t              line;
    rt_str_t             disposition;
    const rt_json_t     *number;
    rt_csp_violation_t  *v;

    if (report->n == RT_CSP_REPORTS) {
        return;
    }

    v = &report->violation[report->n];

    if (!directive(body, names, &v->directive)) {
        return;
    }

    disposition = text(body, &names[DISPOSITION]);
    number = rt_json_get(body, &names[LINE]);

    v->enforced = !rt_str_lit(&disposition, "report");
    v->blocked = clean(text(body, &names[BLOCKED]));
    v->document = clean(text(body, &names[DOCUMENT]));
    v->source = clean(text(body, &names[SOURCE]));
    v->line = (number && rt_json_int64(number, &line) == RT_OK && line > 0)
              ? (uint64_t) line : 0;
    v->class = class_of(v);

    report->n++;
}


/* the Reporting API's, of which there are other kinds */

static void
add_report(rt_csp_report_t *report, const rt_json_t *v)
{
    rt_str_t  type;

    type = text(v, &(rt_str_t) rt_string("type"));

    if (rt_str_lit(&type, "csp-violation")) {
        add(report, rt_json_member(v, "body"), new_names);
    }
}


rt_status_e
rt_csp_report(rt_mem_t *mem, const rt_str_t *body, rt_csp_report_t *report)
{
    rt_json_t       *root, *old;
    rt_status_e      rc;
    rt_json_opts_t   opts;

    report->n = 0;

    opts.flags = RT_JSON_REPAIR;
    opts.max_depth = DEPTH;
    opts.max_nodes = NODES;

    rc = rt_json_parse(mem, body, &opts, &root, NULL);

    if (rc != RT_OK) {
        return rc;
    }

    old = rt_json_member(root, "csp-report");

    if (old) {
        add(report, old, old_names);

    } else if (root->type == RT_JSON_ARRAY) {
        for (root = root->child; root; root = root->next) {
            add_report(report, root);
        }

    } else if (rt_json_member(root, "body")) {
        add_report(report, root);

    } else {
        return RT_INVALID;
    }

    return RT_OK;
}


static int
same(const rt_csp_violation_t *a, const rt_csp_violation_t *b)
{
    return a->directive == b->directive && a->enforced == b->enforced
           && a->line == b->line && rt_str_eq(&a->blocked, &b->blocked)
           && rt_str_eq(&a->document, &b->document)
           && rt_str_eq(&a->source, &b->source);
}


static void
word(rt_jsonw_t *w, const char *s)
{
    rt_str_t  value;

    value = rt_str_of(s);

    rt_jsonw_str(w, &value);
}


static void
write_violation(rt_jsonw_t *w, const rt_csp_violation_t *v)
{
    rt_jsonw_open(w, '{');
    rt_jsonw_lit(w, "directive");
    word(w, rt_csp_report_directive(v->directive));
    rt_jsonw_lit(w, "class");
    word(w, classes[v->class]);
    rt_jsonw_lit(w, "disposition");
    word(w, v->enforced ? "enforce" : "report");

    if (v->blocked.len) {
        rt_jsonw_lit(w, "blocked");
        rt_jsonw_str(w, &v->blocked);
    }

    if (v->document.len) {
        rt_jsonw_lit(w, "document");
        rt_jsonw_str(w, &v->document);
    }

    if (v->source.len) {
        rt_jsonw_lit(w, "source");
        rt_jsonw_str(w, &v->source);
    }

    if (v->line) {
        rt_jsonw_lit(w, "line");
        rt_jsonw_uint(w, v->line);
    }

    rt_jsonw_close(w, '}');
}


/* ret: how many were written, with those before */

static unsigned
write_some(const rt_csp_report_t *report, rt_jsonw_t *w, int noise,
    unsigned shown)
{
    unsigned                    i, j;
    rt_jsonw_mark_t             mark;
    const rt_csp_violation_t   *v = report->violation;

    for (i = 0; i < report->n && shown < RT_CSP_REPORT_SHOWN; i++) {

        if ((v[i].class >= RT_CSP_INJECTED) != noise) {
            continue;
        }

        for (j = 0; j < i && !same(&v[i], &v[j]); j++) { /* void */ }

        if (j < i) {
            continue;
        }

        mark = rt_jsonw_mark(w);
        write_violation(w, &v[i]);

        if (w->full) {
            rt_jsonw_restore(w, &mark);
            continue;
        }

        shown++;
    }

    return shown;
}


void
rt_csp_report_write(const rt_csp_report_t *report, rt_jsonw_t *w)
{
    unsigned  i, shown, n[RT_CSP_CLASSES];

    memset(n, 0, sizeof(n));

    for (i = 0; i < report->n; i++) {
        n[report->violation[i].class]++;
    }

    rt_jsonw_open(w, '{');
    rt_jsonw_json(w, "\"action\":\"CSP_VIOLATION\"");
    rt_jsonw_lit(w, "reports");
    rt_jsonw_uint(w, report->n);
    rt_jsonw_lit(w, "classes");
    rt_jsonw_open(w, '{');

    for (i = 0; i < RT_CSP_CLASSES; i++) {
        if (n[i]) {
            rt_jsonw_name(w, classes[i], strlen(classes[i]));
            rt_jsonw_uint(w, n[i]);
        }
    }

    rt_jsonw_close(w, '}');
    rt_jsonw_lit(w, "violations");
    rt_jsonw_open(w, '[');

    shown = write_some(report, w, 0, 0);
    (void) write_some(report, w, 1, shown);

    rt_jsonw_close(w, ']');
    rt_jsonw_close(w, '}');
}


const char *
rt_csp_report_directive(unsigned directive)
{
    return rt_csp_word_name(directive);
}


const char *
rt_csp_report_class(unsigned class)
{
    return class < RT_CSP_CLASSES ? classes[class] : NULL;
}
