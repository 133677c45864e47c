
/* What the verbs of rt share. */


#ifndef RT_H_INCLUDED
#define RT_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* exit codes */
#define RT_EXIT_OK      0
#define RT_EXIT_FOUND   1
#define RT_EXIT_FAILED  2
#define RT_EXIT_UNSURE  3


typedef struct rt_verbs_s  rt_verbs_t;


/* run gets the words behind the verb; ret: the exit code */

typedef struct {
    const char        *name;
    const char        *usage;
    int              (*run)(rt_mem_t *mem, int argc, char **argv);
    const rt_verbs_t  *verbs;       /* instead of run: the verb has verbs of
                                       its own */
} rt_verb_t;

struct rt_verbs_s {
    const char       *of;           /* what the verbs belong to: "rt audit" */
    const rt_verb_t  *verb;
    size_t            n;
    const char       *note;         /* lines under the usages, or NULL */
};

#define RT_VERBS(of, table, note)                                            \
    { of, table, sizeof(table) / sizeof(table[0]), note }


/* ret: the exit code of the verb that argv names; "--help" is RT_EXIT_OK */
int rt_verbs_run(const rt_verbs_t *v, rt_mem_t *mem, int argc, char **argv);

int rt_check(rt_mem_t *mem, int argc, char **argv);
int rt_explain(rt_mem_t *mem, int argc, char **argv);
int rt_init(rt_mem_t *mem, int argc, char **argv);

extern const rt_verbs_t  rt_audit_verbs;
extern const rt_verbs_t  rt_csp_verbs;
extern const rt_verbs_t  rt_key_verbs;
extern const rt_verbs_t  rt_token_verbs;
extern const rt_verbs_t  rt_users_verbs;


#pragma GCC visibility pop


#endif /* RT_H_INCLUDED */
