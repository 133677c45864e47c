
/*
 * rt csp lint: a policy by itself, or in the head of a response.
 *
 * A nonce in a header that was sent is as it should be.  In a policy that was
 * written down it stays the same, and protects nothing.
 */

#include <errno.h>
#include <stdio.h>

#include "rt.h"
#include "rt_csp_verbs.h"
#include "rt_input.h"
#include "csp/rt_csp.h"
#include "csp/rt_csp_words.h"
#include "text/rt_field.h"


typedef struct {
    rt_mem_t           *mem;
    unsigned            policies;
    unsigned            findings;
} lint_t;


static const rt_str_t  enforced = rt_string("content-security-policy");
static const rt_str_t  reported
                           = rt_string("content-security-policy-report-only");


static int
failed(const char *name, const char *why)
{
    fprintf(stderr, "rt csp lint: %s: %s\n", name, why);

    return RT_EXIT_FAILED;
}


static void
print(lint_t *lint, const rt_csp_findings_t *findings, int sent)
{
    const rt_csp_finding_t  *f;

    static const char *const  severity[] = {
        [RT_CSP_NOTE] = "note", [RT_CSP_WARN] = "warning",
        [RT_CSP_ERROR] = "error"
    };

    for (f = findings->first; f; f = f->next) {
        if (sent && strcmp(f->code, "static-nonce") == 0) {
            continue;
        }

        printf("%s: ", severity[f->severity]);
        rt_input_print(&f->directive);

        if (f->value.len) {
            printf(" ");
            rt_input_print(&f->value);
        }

        printf("%s%s (%s)\n", f->directive.len ? ": " : "", f->text, f->code);
        lint->findings += (f->severity != RT_CSP_NOTE);
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
        printf("error: the policy is too long\n");
        lint->findings++;
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


/* lines of a policy that was written down are one */

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


int
rt_csp_verb_lint(rt_mem_t *mem, int argc, char **argv)
{
    lint_t      lint;
    rt_input_t  given = { .verb = "rt csp lint", .option = "--report-only",
                          .hint = "give a file, or "
                                  "\"curl -sI URL | rt csp lint\"" };

    if (rt_input_given(&given, argc, argv) != 0) {
        return RT_EXIT_FAILED;
    }

    if (given.text.len == 0) {
        return failed(given.name, "is empty");
    }

    memset(&lint, 0, sizeof(lint));
    lint.mem = mem;

    lint_text(&lint, &given.text, given.on);

    if (lint.policies == 0) {
        printf("error: the response has no policy (no-policy)\n");
        lint.findings++;
    }

    printf("rt csp lint: %u finding%s in %u polic%s\n", lint.findings,
           lint.findings == 1 ? "" : "s", lint.policies,
           lint.policies == 1 ? "y" : "ies");

    if (fflush(stdout) != 0) {
        return failed("standard output", strerror(errno));
    }

    return lint.findings ? RT_EXIT_FOUND : RT_EXIT_OK;
}
