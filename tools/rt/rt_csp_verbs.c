
/* rt csp: what is done with policies. */

#include "rt.h"
#include "rt_csp_verbs.h"


static const rt_verb_t  verb[] = {
    { "lint", "lint [--json] [--report-only] [FILE]   what is wrong with a "
              "policy, or with those in the headers that \"curl -sI\" prints",
      rt_csp_verb_lint, NULL },
    { "hash", "hash [--json] FILE ...   hashes of files, and of the "
              "scripts in pages (.html, .htm)", rt_csp_verb_hash, NULL },
    { "suggest", "suggest [FILTER] [--json] AUDIT_FILE ...   lines that would "
                 "allow what browsers reported", rt_csp_verb_suggest, NULL }
};

const rt_verbs_t  rt_csp_verbs = RT_VERBS("rt csp", verb, NULL);
