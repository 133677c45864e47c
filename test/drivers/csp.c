
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

#include <stdio.h>
#include <stdlib.h>

#include "rt_csp.h"
#include "rt_arena.h"


#define NAMES_MAX  8


static rt_csp_lint_t  opts;
static rt_str_t       names[NAMES_MAX];


static void
print_string(const unsigned char *p, size_t n)
{
    size_t  i;

    putchar('"');

    for (i = 0; i < n; i++) {
        if (p[i] == '"' || p[i] == '\\') {
            printf("\\%c", p[i]);

        } else if (p[i] < 0x20 || p[i] > 0x7e) {
            printf("\\u%04x", (unsigned) p[i]);

        } else {
            putchar(p[i]);
        }
    }

    putchar('"');
}


static void
print_finding(const rt_csp_finding_t *f)
{
    static const char *const  severities[] = { "note", "warn", "error" };

    printf("{\"severity\":\"%s\",\"code\":\"%s\",\"directive\":",
           severities[f->severity], f->code);
    print_string(f->directive.data, f->directive.len);
    fputs(",\"value\":", stdout);
    print_string(f->value.data, f->value.len);
    fputs(",\"text\":", stdout);
    print_string((const unsigned char *) f->text, strlen(f->text));
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
        print_string(out.data, out.len);
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
    int          i;
    char        *line;
    size_t       room;
    ssize_t      n;
    rt_mem_t     mem;
    rt_str_t     text;
    rt_arena_t   arena;

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

    line = NULL;
    room = 0;

    while ((n = getline(&line, &room, stdin)) >= 0) {
        if (n && line[n - 1] == '\n') {
            n--;
        }

        text.data = (unsigned char *) line;
        text.len = (size_t) n;

        mem = rt_arena_init(&arena);
        one(&mem, &text);
        rt_arena_free(&arena);
    }

    free(line);

    return 0;
}
