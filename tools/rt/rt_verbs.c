
/* Finds the verb that the words of a command line name, and prints usages. */

#include <stdio.h>

#include "rt.h"
#include "rt_term.h"


static const char  filter[] =
    "FILTER: --user WHO, --action NAME, --path /PATH, "
    "--id ID, --status 404|4xx|>=500,\n"
    "        --since TIME, --until TIME (2026-11-29, today, -1h)\n";


static void
usage(FILE *out, const rt_verbs_t *v, const rt_verb_t *only)
{
    int          filters;
    size_t       i;
    const char  *begin;

    begin = "usage:";
    filters = 0;

    for (i = 0; i < v->n; i++) {
        if (only == NULL || only == &v->verb[i]) {
            fprintf(out, "%s %s %s\n", begin, v->of, v->verb[i].usage);
            begin = "      ";
            filters |= strstr(v->verb[i].usage, "[FILTER]") != NULL;
        }
    }

    if (filters) {
        fputs(filter, out);
    }

    if (v->note) {
        fputs(v->note, out);
    }
}


static int
asks_for_help(int argc, char **argv)
{
    return argc && (strcmp(argv[0], "--help") == 0
                    || strcmp(argv[0], "help") == 0);
}


static int
run(const rt_verbs_t *v, const rt_verb_t *verb, rt_mem_t *mem, int argc,
    char **argv)
{
    if (verb->verbs) {
        return rt_verbs_run(verb->verbs, mem, argc, argv);
    }

    if (argc && strcmp(argv[0], "--help") == 0) {
        usage(stdout, v, verb);
        return RT_EXIT_OK;
    }

    return verb->run(mem, argc, argv);
}


int
rt_verbs_run(const rt_verbs_t *v, rt_mem_t *mem, int argc, char **argv)
{
    size_t  i;

    if (asks_for_help(argc, argv)) {
        usage(stdout, v, NULL);
        return RT_EXIT_OK;
    }

    for (i = 0; argc && i < v->n; i++) {
        if (strcmp(argv[0], v->verb[i].name) == 0) {
            return run(v, &v->verb[i], mem, argc - 1, argv + 1);
        }
    }

    if (argc) {
        rt_term_warning("%s: %s: is no verb of it; \"%s help\" lists them\n",
                        v->of, argv[0], v->of);
        return RT_EXIT_FAILED;
    }

    usage(stderr, v, NULL);

    return RT_EXIT_FAILED;
}
