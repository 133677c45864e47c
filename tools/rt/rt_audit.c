
/* rt audit: what is done with audit files. */

#include <stdio.h>

#include "rt.h"
#include "rt_audit.h"


static const struct {
    const char  *name;
    const char  *usage;
    int        (*run)(rt_mem_t *mem, int argc, char **argv);
} verbs[] = {
    { "query", "query [FILTER] [--open] [--limit N] [--reverse] "
               "[--format table|json|csv] FILE ...", rt_audit_query },
    { "tail", "tail [FILTER] [-f] [--limit N] [--format table|json|csv] FILE",
      rt_audit_tail },
    { "stats", "stats [FILTER] [--json] FILE ...", rt_audit_stats },
    { "rescrub", "rescrub [--rules CONF] [--redact \"SELECTOR ...\"] "
                 "[--in-place [--end-chain]]\n"
                 "               [--json] FILE ...", rt_audit_rescrub },
    { "verify", "verify --key FILE [--pub FILE] [--expect HEAD|FILE] "
                "[--max-age TIME] [--json] FILE ...", rt_audit_verify },
};


#define NVERBS  (sizeof(verbs) / sizeof(verbs[0]))


int
rt_audit(rt_mem_t *mem, int argc, char **argv)
{
    size_t  i;

    for (i = 0; argc && i < NVERBS; i++) {
        if (strcmp(argv[0], verbs[i].name) == 0) {
            return verbs[i].run(mem, argc - 1, argv + 1);
        }
    }

    for (i = 0; i < NVERBS; i++) {
        fprintf(stderr, "%s rt audit %s\n", i ? "      " : "usage:",
                verbs[i].usage);
    }

    fprintf(stderr, "FILTER: --user WHO, --action NAME, --path /PATH, "
            "--id ID, --status 404|4xx|>=500,\n"
            "        --since TIME, --until TIME (2026-11-29, today, -1h)\n");

    return RT_EXIT_FAILED;
}
