
/*
 * rt csp lint: a policy by itself, or in the head of a response.
 *
 * A nonce in a header that was sent is as it should be.  In a policy that was
 * written down it stays the same, and protects nothing.
 */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "rt.h"
#include "rt_csp_verbs.h"
#include "rt_input.h"
#include "rt_term.h"
#include "rt_words.h"
#include "csp/rt_csp.h"
#include "csp/rt_csp_words.h"
#include "text/rt_field.h"


typedef struct {
    rt_mem_t           *mem;
    unsigned            policies;
    unsigned            findings;
    int                 json;
    rt_jsonw_t          w;          /* with --json: printed in the end */
} lint_t;


static const rt_str_t  enforced = rt_string("content-security-policy");
static const rt_str_t  reported
                           = rt_string("content-security-policy-report-only");


static int
failed(const char *name, const char *why)
{
    rt_term_warning("rt csp lint: %s: %s\n", name, why);

    return RT_EXIT_FAILED;
}


static void
print_one(lint_t *lint, const rt_csp_finding_t *f)
{
    static const char *const  severity[] = {
        [RT_CSP_NOTE] = "note", [RT_CSP_WARN] = "warning",
        [RT_CSP_ERROR] = "error"
    };

    lint->findings += (f->severity != RT_CSP_NOTE);

    if (lint->json) {
        rt_jsonw_open(&lint->w, '{');
        rt_term_json_text(&lint->w, "id", f->code);
        rt_term_json_text(&lint->w, "level", severity[f->severity]);
        rt_jsonw_lit(&lint->w, "directive");
        rt_jsonw_str(&lint->w, &f->directive);
        rt_jsonw_lit(&lint->w, "value");
        rt_jsonw_str(&lint->w, &f->value);
        rt_term_json_text(&lint->w, "text", f->text);
        rt_jsonw_close(&lint->w, '}');
        return;
    }

    printf("%s: ", severity[f->severity]);
    rt_term_text(&f->directive);

    if (f->value.len) {
        printf(" ");
        rt_term_text(&f->value);
    }

    printf("%s%s (%s)\n", f->directive.len ? ": " : "", f->text, f->code);
}


static void
print_error(lint_t *lint, const char *code, const char *text)
{
    rt_csp_finding_t  f;

    memset(&f, 0, sizeof(f));
    f.severity = RT_CSP_ERROR;
    f.code = code;
    f.text = text;

    print_one(lint, &f);
}


static void
print(lint_t *lint, const rt_csp_findings_t *findings, int sent)
{
    const rt_csp_finding_t  *f;

    for (f = findings->first; f; f = f->next) {
        if (!sent || strcmp(f->code, "static-nonce") != 0) {
            print_one(lint, f);
        }
    }
}


static int
has_nonce(const rt_csp_t *policy)
{
    unsigned                   i;
    rt_str_t                   word;
    const rt_csp_directive_t  *d;

    for (d = policy->first; d; d = d->next) {
        for (i = 0; i < d->n; i++) {
            if (rt_csp_unquote(&d->values[i], &word)
                && rt_csp_nonce_source(&word))
            {
                return 1;
            }
        }
    }

    return 0;
}


static void
lint_policy(lint_t *lint, const rt_str_t *text, int report_only, int sent)
{
    rt_csp_t            policy;
    rt_status_e         rc;
    rt_csp_lint_t       opts;
    rt_csp_findings_t   findings;

    rt_csp_init(&policy, lint->mem);
    rt_csp_findings_init(&findings, lint->mem);

    memset(&opts, 0, sizeof(opts));
    opts.report_only = report_only ? 1 : 0;

    rc = rt_csp_parse(&policy, text, &findings);

    if (rc == RT_OK) {
        opts.nonce = opts.nonce_way = (sent && has_nonce(&policy));
        rc = rt_csp_lint(&policy, &opts, &findings);
    }

    lint->policies++;
    print(lint, &findings, sent);

    if (rc == RT_TOO_BIG) {
        print_error(lint, "too-long", "the policy is too long");
    }
}


/* ret: 1 if the text has headers with policies, or is the head of a response */

static int
lint_head(lint_t *lint, rt_str_t text)
{
    int          head;
    rt_str_t     line, name, value, policy;
    rt_status_e  rc;

    head = 0;

    while (rt_field_part(&text, '\n', &line)) {

        rc = rt_field_line(&line, &name, &value);
        head |= (rc == RT_AGAIN);

        if (rc != RT_OK || (!rt_str_ieq(&name, &enforced)
                            && !rt_str_ieq(&name, &reported)))
        {
            continue;
        }

        while (rt_field_next(&value, &policy)) {
            lint_policy(lint, &policy, rt_str_ieq(&name, &reported), 1);
        }
    }

    return head || lint->policies;
}


/* Makes one line of a policy that was written down in several. */

static void
lint_text(lint_t *lint, rt_str_t *text, int report_only)
{
    size_t  i;

    if (lint_head(lint, *text)) {
        return;
    }

    for (i = 0; i < text->len; i++) {
        if (text->data[i] == '\n' || text->data[i] == '\r') {
            text->data[i] = ' ';
        }
    }

    lint_policy(lint, text, report_only, 0);
}


static int
print_end(lint_t *lint)
{
    if (!lint->json) {
        printf("rt csp lint: %u finding%s in %u polic%s\n", lint->findings,
               lint->findings == 1 ? "" : "s", lint->policies,
               lint->policies == 1 ? "y" : "ies");
        return 1;
    }

    rt_jsonw_close(&lint->w, ']');
    rt_jsonw_lit(&lint->w, "policies");
    rt_jsonw_uint(&lint->w, lint->policies);

    return rt_term_json_close(&lint->w);
}


int
rt_csp_verb_lint(rt_mem_t *mem, int argc, char **argv)
{
    int          report_only;
    lint_t       lint;
    rt_str_t     text;
    const char  *name, *why;

    const rt_option_t  options[] = {
        { "--report-only", NULL, &report_only },
        { "--json", NULL, &lint.json }
    };

    memset(&lint, 0, sizeof(lint));
    lint.mem = mem;
    report_only = 0;
    name = NULL;

    if (rt_words("rt csp lint", options, 2, argc, argv, &name) != 0) {
        return RT_EXIT_FAILED;
    }

    if (name == NULL && isatty(STDIN_FILENO)) {
        return failed("FILE", "is missing: give one, or "
                              "\"curl -sI URL | rt csp lint\"");
    }

    why = rt_input_file(&name, &text);

    if (why || text.len == 0) {
        return failed(name, why ? why : "is empty");
    }

    if (lint.json) {
        if (!rt_term_json_open(&lint.w, mem)) {
            return failed("memory", strerror(errno));
        }

        rt_jsonw_lit(&lint.w, "findings");
        rt_jsonw_open(&lint.w, '[');
    }

    lint_text(&lint, &text, report_only);

    if (lint.policies == 0) {
        print_error(&lint, "no-policy", "the response has no policy");
    }

    if (!print_end(&lint)) {
        return failed(name, "has too many findings to print");
    }

    return lint.findings ? RT_EXIT_FOUND : RT_EXIT_OK;
}
