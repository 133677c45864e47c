
/*
 * What is wrong with a policy that parses.
 */

#include "csp/rt_csp.h"
#include "csp/rt_csp_source.h"
#include "csp/rt_csp_words.h"


typedef struct {
    const rt_csp_t            *policy;
    const rt_csp_lint_t       *opts;
    rt_csp_findings_t         *findings;

    /* the directive being looked at */
    const rt_csp_directive_t  *d;
    const rt_csp_word_t       *word;
    unsigned                   nonce:1;     /* it will get one */
} lint_t;


#define note(l, code, value, text)                                            \
    rt_csp_find((l)->findings, RT_CSP_NOTE, code, &(l)->d->name, value, text)

#define warn(l, code, value, text)                                            \
    rt_csp_find((l)->findings, RT_CSP_WARN, code, &(l)->d->name, value, text)

#define error(l, code, value, text)                                           \
    rt_csp_find((l)->findings, RT_CSP_ERROR, code, &(l)->d->name, value, text)


static const rt_csp_directive_t *
get(const rt_csp_t *p, const char *name)
{
    rt_str_t  s;

    s = rt_str_of(name);

    return rt_csp_get(p, &s);
}


static const rt_str_t *
value_of(const rt_csp_directive_t *d, const char *value)
{
    unsigned  i;

    for (i = 0; i < d->n; i++) {
        if (rt_csp_is(&d->values[i], value)) {
            return &d->values[i];
        }
    }

    return NULL;
}


/* a variable's value is not known here */

static int
has_variable(const rt_str_t *s)
{
    return memchr(s->data, '$', s->len) != NULL;
}


static int
has_quoted(const rt_csp_directive_t *d, int (*is)(const rt_str_t *s))
{
    unsigned  i;
    rt_str_t  s;

    for (i = 0; i < d->n; i++) {
        if (rt_csp_unquote(&d->values[i], &s) && is(&s)) {
            return 1;
        }
    }

    return 0;
}


static int
has_nonce_or_hash(const lint_t *l)
{
    return l->nonce || has_quoted(l->d, rt_csp_nonce_source)
           || has_quoted(l->d, rt_csp_hash_source);
}


/* single values */


static int
is_base64(const rt_str_t *s, size_t from)
{
    size_t         i;
    unsigned char  c;

    for (i = from; i < s->len; i++) {
        c = s->data[i];

        if (c == '=' && i > from && i + 2 >= s->len) {
            continue;
        }

        if (!((c >= '0' && c <= '9') || (rt_lower(c) >= 'a'
              && rt_lower(c) <= 'z') || c == '+' || c == '/' || c == '-'
              || c == '_'))
        {
            return 0;
        }
    }

    return s->len > from;
}


static void
lint_nonce(const lint_t *l, const rt_str_t *value, const rt_str_t *s)
{
    if (!is_base64(s, sizeof("nonce-") - 1)) {
        error(l, "bad-nonce", value,
              "a nonce is base64: browsers ignore this one");
        return;
    }

    error(l, "static-nonce", value,
          "a nonce that stays the same protects nothing, whoever read one "
          "page knows it: remove it, let \"rtcsp_nonce\" make fresh ones, and "
          "name the directive in \"rtcsp_nonce_in\"");
}


static void
lint_hash(const lint_t *l, const rt_str_t *value, const rt_str_t *s)
{
    size_t  len;

    if (has_variable(s)) {
        return;
    }

    len = s->len - (sizeof("sha256-") - 1);

    if (len && s->data[s->len - 1] == '=') {
        len--;

        if (s->data[s->len - 2] == '=') {
            len--;
        }
    }

    if (!is_base64(s, sizeof("sha256-") - 1)
        || len != (rt_str_ibegins(s, "sha256-") ? 43
                   : rt_str_ibegins(s, "sha384-") ? 64 : 86))
    {
        error(l, "bad-hash", value,
              "this is no digest of that algorithm in base64: browsers "
              "ignore it");
    }
}


static void
lint_quoted(const lint_t *l, const rt_str_t *value, const rt_str_t *s)
{
    if (l->word->kind == RT_CSP_SOURCES) {

        if (rt_csp_nonce_source(s)) {
            lint_nonce(l, value, s);
            return;
        }

        if (rt_csp_hash_source(s)) {
            lint_hash(l, value, s);
            return;
        }
    }

    if (rt_csp_keyword(l->word->kind, s) || has_variable(s)) {
        return;
    }

    if (l->word->kind == RT_CSP_ANCESTORS) {
        error(l, "no-effect", value,
              "only 'self', 'none', schemes and hosts have an effect here: "
              "remove it");
        return;
    }

    warn(l, "unknown-keyword", value,
         "no such keyword is known, browsers ignore it; a host or scheme has "
         "no quotes");
}


static void
lint_source(const lint_t *l, const rt_str_t *value)
{
    const char       *wrong;
    rt_csp_source_t   source;

    wrong = has_variable(value) ? NULL : rt_csp_source(&source, value);

    if (wrong != NULL) {
        warn(l, "bad-source", value, wrong);
    }
}


static void
lint_value(const lint_t *l, const rt_str_t *value)
{
    rt_str_t  s;

    if (has_variable(value) && l->word->kind != RT_CSP_SOURCES
        && l->word->kind != RT_CSP_ANCESTORS)
    {
        error(l, "variable", value,
              "a variable can stand among sources alone, where what it lacks "
              "allows less: write what is in it");
        return;
    }

    if (rt_csp_unquote(value, &s) && memchr(s.data, '\'', s.len) == NULL) {
        lint_quoted(l, value, &s);
        return;
    }

    if (memchr(value->data, '\'', value->len) != NULL
        || memchr(value->data, '"', value->len) != NULL)
    {
        error(l, "bad-quotes", value,
              "quotes are a pair of ' around one keyword");
        return;
    }

    if (rt_csp_word(value) != NULL && l->word->kind != RT_CSP_TOKENS) {
        error(l, "missing-semicolon", value,
              "this is the name of a directive: write \";\" before it");
        return;
    }

    if (l->word->kind == RT_CSP_SANDBOX && !rt_csp_sandbox_token(value)) {
        warn(l, "unknown-keyword", value,
             "no such sandbox token is known, browsers ignore it");
    }

    if (l->word->kind == RT_CSP_SOURCES || l->word->kind == RT_CSP_ANCESTORS)
    {
        lint_source(l, value);
    }

    if (rt_csp_is(&l->d->name, "report-uri")
        && rt_str_ibegins(value, "http://"))
    {
        warn(l, "plain-report", value,
             "reports hold addresses of pages, and whoever is on the way "
             "reads them: write an https address or a path");
    }
}


/* is it what browsers take for the directive of that name? */

static int
stands_for(const lint_t *l, const char *name)
{
    return rt_csp_is(&l->d->name, name)
           || (rt_csp_is(&l->d->name, "default-src")
               && get(l->policy, name) == NULL);
}


/* default-src beside a script-src has nothing to do with scripts */

static int
for_scripts(const lint_t *l)
{
    return (l->word->flags & RT_CSP_SCRIPT)
           && (!rt_csp_is(&l->d->name, "default-src")
               || stands_for(l, "script-src"));
}


static void
lint_weak_scripts(const lint_t *l)
{
    unsigned          i;
    const char       *weak;
    rt_csp_source_t   source;

    /* hosts and schemes are ignored beside 'strict-dynamic' */

    if (value_of(l->d, "'strict-dynamic'") != NULL) {
        return;
    }

    for (i = 0; i < l->d->n; i++) {

        if (l->d->values[i].data[0] == '\'' || has_variable(&l->d->values[i]))
        {
            continue;
        }

        (void) rt_csp_source(&source, &l->d->values[i]);

        weak = rt_csp_source_weak(&source,
                                  value_of(l->d, "'unsafe-eval'") != NULL);

        if (weak != NULL) {
            warn(l, "weak-script-source", &l->d->values[i], weak);
        }
    }
}


/* plugins and <base>: what is allowed from anywhere is not restricted */

static void
lint_anywhere(const lint_t *l)
{
    unsigned         i;
    rt_csp_source_t  source;

    if (!stands_for(l, "object-src") && !rt_csp_is(&l->d->name, "base-uri")) {
        return;
    }

    for (i = 0; i < l->d->n; i++) {

        (void) rt_csp_source(&source, &l->d->values[i]);

        if (rt_csp_source_anywhere(&source)) {
            warn(l, "weak-source", &l->d->values[i],
                 "whoever can inject markup can use a host of his own, for "
                 "plugins or <base>: write 'none', 'self' or hosts");
        }
    }
}


static void
lint_unsafe_inline(const lint_t *l)
{
    const rt_str_t  *v;

    v = value_of(l->d, "'unsafe-inline'");

    if (v == NULL) {
        return;
    }

    if (has_nonce_or_hash(l)
        || ((l->word->flags & RT_CSP_SCRIPT)
            && value_of(l->d, "'strict-dynamic'") != NULL))
    {
        warn(l, "unsafe-inline-void", v,
             "a nonce, a hash or 'strict-dynamic' beside it makes it void: "
             "give each inline script and style the nonce, and remove it");
        return;
    }

    if (for_scripts(l)) {
        warn(l, "unsafe-inline", v,
             "an injected script runs as well: use nonces or hashes");
    }
}


/* what allows nothing: 'none', or no value at all */

static void
lint_closed(const lint_t *l)
{
    const rt_str_t  *v;

    v = value_of(l->d, "'none'");

    if (v != NULL && l->d->n > 1) {
        error(l, "none-with-others", v,
              "'none' counts only alone, browsers ignore it here: remove it, "
              "or the others");

    } else if (v != NULL && l->nonce
               && (l->word->flags & RT_CSP_NONCE_OK))
    {
        error(l, "none-with-nonce", v,
              "a nonce opens what 'none' closes: take the directive out of "
              "\"rtcsp_nonce_in\", or 'none' out of the directive");
    }

    if (l->d->n == 0) {
        note(l, "empty-directive", NULL,
             "without values it allows nothing: write 'none' if that is "
             "meant");
    }
}


/* names of policies, of which a browser overlooks those with other signs */

static void
lint_trusted_types(const lint_t *l)
{
    unsigned   i;
    size_t     k;
    rt_str_t  *v;

    lint_closed(l);

    for (i = 0; i < l->d->n; i++) {
        v = &l->d->values[i];

        if (v->data[0] == '\'' || rt_csp_is(v, "*")) {
            continue;
        }

        for (k = 0; k < v->len && rt_csp_policy_byte(v->data[k]); k++) {
            /* void */
        }

        if (k < v->len) {
            warn(l, "bad-policy-name", v,
                 "no policy can have that name: write letters, digits and "
                 "-#=_/@.% alone");
        }
    }
}


static void
lint_source_list(const lint_t *l)
{
    const rt_str_t  *v;

    lint_closed(l);
    lint_unsafe_inline(l);
    lint_anywhere(l);

    v = value_of(l->d, "'strict-dynamic'");

    if (v != NULL && !rt_csp_is(&l->d->name, "worker-src")
        && (!(l->word->flags & RT_CSP_SCRIPT)
            || !(l->word->flags & RT_CSP_NONCE_OK)))
    {
        warn(l, "no-effect", v,
             "it counts for scripts alone: remove it, or move it to "
             "script-src");
        v = NULL;
    }

    if (!for_scripts(l)) {
        return;
    }

    if (v != NULL && !has_nonce_or_hash(l)) {
        warn(l, "strict-dynamic-alone", v,
             l->opts->nonce_way
             ? "without a nonce or hash no script runs at all: name the "
               "directive in \"rtcsp_nonce_in\""
             : "without a nonce or hash no script runs at all: add "
               "\"rtcsp_nonce\", the way in which pages get one");
    }

    v = value_of(l->d, "'unsafe-eval'");

    if (v != NULL) {
        warn(l, "unsafe-eval", v,
             "scripts can run text, injected text as well: remove it, or "
             "write 'wasm-unsafe-eval' if it is for WebAssembly");
    }

    lint_weak_scripts(l);
}


/* directives */


static void
lint_directive(lint_t *l)
{
    unsigned  i;

    if (l->word == NULL) {
        warn(l, "unknown-directive", NULL,
             "browsers ignore it: correct the name, or remove it");
        return;
    }

    if (l->word->flags & RT_CSP_DEPRECATED) {
        warn(l, "deprecated-directive", NULL,
             "browsers of today ignore it: remove it");
    }

    if (l->opts->report_only && (l->word->flags & RT_CSP_ENFORCED)) {
        warn(l, "no-effect", NULL,
             "it has no effect in a policy that is only reported");
    }

    for (i = 0; i < l->d->n; i++) {
        lint_value(l, &l->d->values[i]);
    }

    switch (l->word->kind) {

    case RT_CSP_SOURCES:
    case RT_CSP_ANCESTORS:
        lint_source_list(l);
        break;

    case RT_CSP_TRUSTED_TYPES:
        lint_trusted_types(l);
        break;

    case RT_CSP_FLAG:
        if (l->d->n) {
            warn(l, "no-effect", &l->d->values[0],
                 "the directive takes no value: remove it");
        }

        break;

    case RT_CSP_SANDBOX:
        break;

    default:
        if (l->d->n == 0) {
            warn(l, "empty-directive", NULL,
                 "it needs a value: write one, or remove it");
        }
    }
}


/* the policy as a whole */


static void
find_missing(const rt_csp_t *p, rt_csp_findings_t *f, const char *name,
    rt_csp_severity_e severity, const char *code, const char *text)
{
    rt_str_t  s;

    s = rt_str_of(name);

    if (rt_csp_get(p, &s) == NULL) {
        rt_csp_find(f, severity, code, &s, NULL, text);
    }
}


/* a script that has a hash may load others, by addresses that <base> moves */

static int
trusts_by_hash(const rt_csp_t *p)
{
    const rt_csp_directive_t  *d;

    d = get(p, "script-src");

    if (d == NULL) {
        d = get(p, "default-src");
    }

    return d != NULL && value_of(d, "'strict-dynamic'") != NULL
           && has_quoted(d, rt_csp_hash_source);
}


static void
lint_policy(const rt_csp_t *p, const rt_csp_lint_t *opts,
    rt_csp_findings_t *f)
{
    if (p->n == 0) {
        rt_csp_find(f, RT_CSP_WARN, "empty-policy", NULL, NULL,
                    "a policy without directives allows everything");
        return;
    }

    if (opts->report_only && get(p, "report-uri") == NULL
        && get(p, "report-to") == NULL)
    {
        rt_csp_find(f, RT_CSP_ERROR, "report-only-silent", NULL, NULL,
                    "a policy that is only reported, and to nobody, has no "
                    "effect: add report-uri or report-to");
    }

    if (get(p, "default-src") == NULL) {
        find_missing(p, f, "script-src", RT_CSP_WARN, "no-script-src",
                     "any script may run: add script-src or default-src");
        find_missing(p, f, "object-src", RT_CSP_WARN, "no-object-src",
                     "any plugin may run: add object-src 'none'");
    }

    if (opts->nonce || trusts_by_hash(p)) {
        find_missing(p, f, "base-uri",
                     opts->preset ? RT_CSP_NOTE : RT_CSP_WARN, "no-base-uri",
                     "an injected <base> moves the sources of scripts that "
                     "are trusted by nonce or hash: add base-uri 'self' or "
                     "'none'");
    }
}


rt_status_e
rt_csp_lint(const rt_csp_t *p, const rt_csp_lint_t *opts,
    rt_csp_findings_t *f)
{
    lint_t                     l;
    const rt_csp_directive_t  *d;

    l.policy = p;
    l.opts = opts;
    l.findings = f;

    for (d = p->first; d != NULL; d = d->next) {
        l.d = d;
        l.word = rt_csp_word(&d->name);
        l.nonce = opts->nonce
                  && rt_csp_listed(opts->nonce_in, opts->n, &d->name);

        lint_directive(&l);
    }

    lint_policy(p, opts, f);

    return f->failed ? RT_ERROR : RT_OK;
}
