
/* rt check: reads a configuration, prints the findings. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "rt.h"
#include "rt_check_rules.h"
#include "rt_input.h"
#include "json/rt_jsonw.h"


static int
failed(const char *name, const char *why)
{
    fprintf(stderr, "rt check: %s: %s\n", name, why);

    return RT_EXIT_FAILED;
}


static void
print_text(const rt_check_t *check)
{
    const rt_finding_t  *f;

    for (f = check->findings; f; f = f->next) {
        rt_input_print(&f->at->file);
        printf(":%u: %s: ", f->at->line, f->id);
        rt_input_print(&f->text);
        printf(" (");
        rt_input_print(&f->location);
        printf(")\n");
    }

    printf("rt check: %u finding%s in %u server%s, %u location%s "
           "(%u under rtauth)\n",
           check->nfindings, check->nfindings == 1 ? "" : "s",
           check->servers, check->servers == 1 ? "" : "s",
           check->locations, check->locations == 1 ? "" : "s",
           check->guarded);
}


/* names and sentences have their bounds, and fit six times */

static void
print_finding(const rt_finding_t *f)
{
    rt_str_t        id;
    rt_jsonw_t      w;
    unsigned char   out[8 * RT_NGINXCONF_WORD];

    id.data = (unsigned char *) f->id;
    id.len = strlen(f->id);

    rt_jsonw_init(&w, out, sizeof(out));
    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "id");
    rt_jsonw_str(&w, &id);
    rt_jsonw_lit(&w, "file");
    rt_jsonw_str_cut(&w, &f->at->file, RT_NGINXCONF_WORD);
    rt_jsonw_lit(&w, "line");
    rt_jsonw_uint(&w, f->at->line);
    rt_jsonw_lit(&w, "location");
    rt_jsonw_str(&w, &f->location);
    rt_jsonw_lit(&w, "text");
    rt_jsonw_str(&w, &f->text);
    rt_jsonw_close(&w, '}');

    printf("%.*s", (int) rt_jsonw_len(&w), out);
}


static void
print_json(const rt_check_t *check)
{
    const rt_finding_t  *f;

    printf("{\"findings\":[");

    for (f = check->findings; f; f = f->next) {
        print_finding(f);
        printf("%s", f->next ? "," : "");
    }

    printf("],\"servers\":%u,\"locations\":%u,\"guarded\":%u}\n",
           check->servers, check->locations, check->guarded);
}


static int
check_text(rt_mem_t *mem, const char *name, const rt_str_t *text, int json)
{
    rt_str_t         file, err;
    rt_check_t       check;
    rt_status_e      rc;
    rt_nginxconf_t  *root;

    file.data = (unsigned char *) name;
    file.len = strlen(name);

    rc = rt_nginxconf_parse(mem, &file, text, &root, &err);

    if (rc == RT_INVALID || rc == RT_TOO_BIG) {
        return failed(name, (char *) err.data);
    }

    memset(&check, 0, sizeof(rt_check_t));
    check.mem = mem;
    check.root = root;

    if (rc == RT_OK) {
        rt_check_rules(&check);
    }

    if (rc != RT_OK || check.failed) {
        return failed(name, "no memory");
    }

    if (check.servers == 0) {
        return failed(name, "has no server to check");
    }

    if (json) {
        print_json(&check);

    } else {
        print_text(&check);
    }

    if (fflush(stdout) != 0) {
        return failed("standard output", strerror(errno));
    }

    return check.findings ? RT_EXIT_FOUND : RT_EXIT_OK;
}


int
rt_check(rt_mem_t *mem, int argc, char **argv)
{
    rt_input_t  given = { .verb = "rt check", .option = "--json",
                          .hint = "give a file, or \"nginx -T | rt check\"" };

    if (rt_input_given(&given, argc, argv) != 0) {
        return RT_EXIT_FAILED;
    }

    if (given.text.len == 0) {
        return failed(given.name, "is empty: does \"nginx -t\" say ok?");
    }

    return check_text(mem, given.name, &given.text, given.on);
}
