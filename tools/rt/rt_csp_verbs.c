
/* rt csp: what is done with policies. */

#include <stdio.h>

#include "rt.h"
#include "rt_csp_verbs.h"


static const struct {
    const char  *name;
    const char  *usage;
    int        (*run)(rt_mem_t *mem, int argc, char **argv);
} verbs[] = {
    { "lint", "lint [--report-only] [FILE]   what is wrong with a policy, or "
              "with those in the headers that \"curl -sI\" prints",
      rt_csp_verb_lint },
    { "hash", "hash FILE ...                 hashes of files, and of the "
              "scripts in pages (.html, .htm)", rt_csp_verb_hash },
    { "suggest", "suggest [FILTER] AUDIT_FILE ...   lines that would allow "
                 "what browsers reported", rt_csp_verb_suggest }
};


#define NVERBS  (sizeof(verbs) / sizeof(verbs[0]))


int
rt_csp_verbs(rt_mem_t *mem, int argc, char **argv)
{
    size_t  i;

    for (i = 0; argc && i < NVERBS; i++) {
        if (strcmp(argv[0], verbs[i].name) == 0) {
            return verbs[i].run(mem, argc - 1, argv + 1);
        }
    }

    for (i = 0; i < NVERBS; i++) {
        fprintf(stderr, "%s rt csp %s\n", i ? "      " : "usage:",
                verbs[i].usage);
    }

    return RT_EXIT_FAILED;
}
