
/* rt audit: what is done with audit files. */

#include "rt.h"
#include "rt_audit.h"


static const rt_verb_t  verb[] = {
    { "query", "query [FILTER] [--open] [--limit N] [--reverse] "
               "[--format table|json|csv] [--json] FILE ...",
      rt_audit_query, NULL },
    { "tail", "tail [FILTER] [-f] [--limit N] [--format table|json|csv] "
              "[--json] FILE",
      rt_audit_tail, NULL },
    { "stats", "stats [FILTER] [--json] FILE ...", rt_audit_stats, NULL },
    { "rescrub", "rescrub [--rules CONF] [--redact \"SELECTOR ...\"] "
                 "[--in-place [--end-chain]]\n"
                 "               [--json] FILE ...", rt_audit_rescrub, NULL },
    { "verify", "verify --key FILE ... [--pub FILE] ... "
                "[--expect HEAD|FILE] ... [--max-age TIME]\n"
                "               [--json] FILE ...", rt_audit_verify, NULL }
};

const rt_verbs_t  rt_audit_verbs = RT_VERBS("rt audit", verb, NULL);
