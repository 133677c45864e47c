
/* rt, the operator's tool: the verbs. */

#include <stdio.h>
#include <stdlib.h>

#include "rt.h"


static const struct {
    const char  *name;
    const char  *usage;
    int        (*run)(rt_mem_t *mem, int argc, char **argv);
} verbs[] = {
    { "check", "check [--json] [FILE]   find what nginx -t cannot see in what "
               "nginx -T prints", rt_check },
    { "audit", "audit VERB ...          look into audit files: query, "
               "tail, stats, rescrub, verify",
      rt_audit },
    { "csp", "csp VERB ...            look into policies: lint, hash, suggest",
      rt_csp_verbs },
    { "users", "users VERB ...          who was pushed by SCIM: list, show, "
               "disable, enable, groups, export, import", rt_users },
};


#define NVERBS  (sizeof(verbs) / sizeof(verbs[0]))


/* nothing is given back: a verb runs once */

static void *
keep(void *ctx, size_t size)
{
    (void) ctx;

    return malloc(size ? size : 1);
}


static int
usage(FILE *out, int code)
{
    size_t  i;

    for (i = 0; i < NVERBS; i++) {
        fprintf(out, "%s rt %s\n", i ? "      " : "usage:", verbs[i].usage);
    }

    return code;
}


int
main(int argc, char **argv)
{
    size_t    i;
    rt_mem_t  mem = { keep, NULL };

    if (argc < 2) {
        return usage(stderr, RT_EXIT_FAILED);
    }

    for (i = 0; i < NVERBS; i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            return verbs[i].run(&mem, argc - 2, argv + 2);
        }
    }

    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0) {
        return usage(stdout, RT_EXIT_OK);
    }

    fprintf(stderr, "rt: there is no verb \"%s\"\n", argv[1]);

    return usage(stderr, RT_EXIT_FAILED);
}
