
/* rt, the operator's tool. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rt.h"
#include "rt_term.h"
#include "rt_version.h"


static const rt_verb_t  verb[] = {
    { "check", "check [--json] [--nginx PATH] [-c CONF] [-p PREFIX] | FILE | "
               "-\n"
               "                               who gets in, what is logged "
               "and what runs, and holes in that", rt_check, NULL },
    { "explain", "explain --url URL [--method M] [--token FILE] "
      "[--header 'NAME: VALUE' | @FILE] ... [--json]\n"
      "                               which location and rule decides, and "
      "why", rt_explain, NULL },
    { "audit", "audit VERB ...          look into audit files: query, "
               "tail, stats, rescrub, verify", NULL, &rt_audit_verbs },
    { "csp", "csp VERB ...            look into policies: lint, hash, suggest",
      NULL, &rt_csp_verbs },
    { "users", "users VERB ...          who was pushed by SCIM: list, show, "
               "disable, enable, groups, export, import", NULL,
      &rt_users_verbs },
    { "token", "token VERB ...          what is in a token: inspect", NULL,
      &rt_token_verbs },
    { "key", "key VERB ...            keys and secrets for directives: new, "
             "public", NULL, &rt_key_verbs },
    { "init", "init [OPTION ...]       write a first configuration, and what "
              "it needs\n"
              "       --origin URL --app URL [--server-name NAME] "
              "[--listen ADDRESS]\n"
              "       [--certificate FILE --certificate-key FILE] "
              "[--modules rtauth,rtaudit,rtcsp]\n"
              "       --issuer URL [--client-id ID --client-secret FILE] "
              "[--audience NAME] [--jwks FILE]\n"
              "       [--groups NAME=LEVEL[:PATH],...] [--groups-claim CLAIM] "
              "[--scim] [--revoke]\n"
              "       [--audit FILE] [--state DIR] [--user USER] "
              "[--group GROUP] [--app-group GROUP]\n"
              "       [--out DIR] [--json]", rt_init, NULL }
};

static const rt_verbs_t  verbs = RT_VERBS("rt", verb, NULL);


/* Memory is never given back, because a verb runs once. */

static void *
keep(void *ctx, size_t size)
{
    (void) ctx;

    return malloc(size ? size : 1);
}


int
main(int argc, char **argv)
{
    int       rc;
    rt_mem_t  mem = { keep, NULL };

    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("rt %s\n", RT_VERSION);
        rc = RT_EXIT_OK;

    } else {
        rc = rt_verbs_run(&verbs, &mem, argc ? argc - 1 : 0, argv + 1);
    }

    if (fflush(stdout) != 0 || ferror(stdout)) {
        rt_term_warning("rt: standard output took not all of it\n");
        return RT_EXIT_FAILED;
    }

    return rc;
}
