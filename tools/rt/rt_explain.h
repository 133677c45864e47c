
/* A request that is explained: what was asked, and what became of it. */


#ifndef RT_EXPLAIN_H_INCLUDED
#define RT_EXPLAIN_H_INCLUDED


#include "rt_check_places.h"
#include "rt_copy.h"
#include "rt_explain_ask.h"


#pragma GCC visibility push(hidden)


typedef struct {
    rt_mem_t           *mem;
    rt_nginx_t          nginx;
    const char         *url;
    const char         *listen;
    int                 json;

    rt_scratch_t        scratch;
    rt_nginx_said_t     said;
    rt_merged_t         merged;
    rt_check_t          check;
    rt_copy_t           copy;
    rt_explain_ask_t    ask;
    unsigned            port;
    char                from[40];   /* a header that nobody else can send */
    char                conf[RT_SCRATCH_PATH];  /* of the copy */

    char                head[RT_EXPLAIN_HEAD];
    unsigned            reached;    /* it came to an application */
    rt_str_t            log;        /* of nginx */
    rt_str_t            event;      /* what would be logged, or empty */
    rt_json_t          *way;        /* what nginx says of the request */
    const rt_place_t  **place;      /* where it was, in that order */
    unsigned            nplaces;
} rt_explain_t;


/* reads the words of the command line; ret: 0; -1: said which one is wrong */
int rt_explain_words(rt_explain_t *e, int argc, char **argv);

/* says that something failed, and why; ret: RT_EXIT_FAILED */
int rt_explain_failed(const char *what, const char *why);

/* reads what nginx left in the folder; ret: NULL, or why it cannot be said */
const char *rt_explain_heard(rt_explain_t *e);

/* prints it; ret: the exit code */
int rt_explain_say(rt_explain_t *e);


#pragma GCC visibility pop


#endif /* RT_EXPLAIN_H_INCLUDED */
