
/*
 * csp [--report-only] [--nonce-in=NAME,...]
 *
 * A policy a line in; a JSON line out: what a parse and lint of it found, and
 * what would be sent ("policy", null when it is refused; with --nonce-in the
 * nonce is NONCE).  A line "preset:NAME" is that preset.
 *
 *   {"findings":[{"severity":"error","code":"duplicate-directive",
 *    "directive":"script-src","value":"","text":"..."}],"policy":"..."}
 */

#include "rt_driver.h"
#include "csp/rt_csp.h"


#define NAMES_MAX  8


static rt_csp_lint_t  opts;
static rt_str_t       names[NAMES_MAX];


static void
print_finding(const rt_csp_finding_t *f)
{
    static const char *const  severities[] = { "note", "warn", "error" };

    printf("{\"severity\":\"%s\",\"code\":\"%s\",\"directive\":",
           severities[f->severity], f->code);
    driver_string(f->directive.data, f->directive.len);
    fputs(",\"value\":", stdout);
    driver_string(f->value.data, f->value.len);
    fputs(",\"text\":", stdout);
    driver_string((const unsigned char *) f->text, strlen(f->text));
    putchar('}');
}


static void
one(rt_mem_t *mem, const rt_str_t *line)
{
    unsigned                 n;
    rt_csp_t                 p;
    rt_str_t                 out, name;
    rt_status_e              rc;
    const rt_str_t          *bad, *in;
    rt_csp_findings_t        f;
    const rt_csp_finding_t  *found;

    rt_csp_findings_init(&f, mem);
    rt_csp_init(&p, mem);

    if (line->len > 7 && memcmp(line->data, "preset:", 7) == 0) {
        name.data = line->data + 7;
        name.len = line->len - 7;
        rc = rt_csp_preset(&p, &name, &in, &n);

    } else {
        rc = rt_csp_parse(&p, line, &f);
    }

    if (rc == RT_OK) {
        rt_csp_lint(&p, &opts, &f);
        rc = rt_csp_nonce_in(&p, opts.nonce_in, opts.n, &bad);
    }

    if (rc == RT_OK) {
        rc = rt_csp_build(&p, mem, opts.nonce_in, opts.n,
                          &(rt_str_t) rt_string("NONCE"), &out);
    }

    fputs("{\"findings\":[", stdout);

    for (found = f.first; found != NULL; found = found->next) {
        print_finding(found);

        if (found->next != NULL) {
            putchar(',');
        }
    }

    fputs("],\"policy\":", stdout);

    if (rc == RT_OK) {
        driver_string(out.data, out.len);
    } else {
        fputs("null", stdout);
    }

    puts("}");
}


static void
nonce_in(char *list)
{
    char  *name;

    for (name = strtok(list, ","); name != NULL && opts.n < NAMES_MAX;
         name = strtok(NULL, ","))
    {
        names[opts.n].data = (unsigned char *) name;
        names[opts.n].len = strlen(name);
        opts.n++;
    }

    opts.nonce_in = names;
    opts.nonce = 1;
}


int
main(int argc, char **argv)
{
    int            i;
    driver_line_t  in = { 0 };

    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--report-only") == 0) {
            opts.report_only = 1;

        } else if (strncmp(argv[i], "--nonce-in=", 11) == 0) {
            nonce_in(argv[i] + 11);

        } else {
            fputs("usage: csp [--report-only] [--nonce-in=NAME,...]\n",
                  stderr);
            return 2;
        }
    }

    while (driver_next(&in)) {
        one(&in.mem, &in.text);
    }

    return 0;
}
