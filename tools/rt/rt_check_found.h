
/* What rt check has seen of a configuration, and the findings about it. */


#ifndef RT_CHECK_FOUND_H_INCLUDED
#define RT_CHECK_FOUND_H_INCLUDED


#include "rt_check_vars.h"


#pragma GCC visibility push(hidden)


typedef struct rt_finding_s  rt_finding_t;

struct rt_finding_s {
    const char             *id;         /* a word that never changes */
    const rt_nginxconf_t   *at;         /* the directive to look at */
    rt_str_t                location;
    rt_str_t                text;
    rt_finding_t           *next;
};


/* a protocol that passes requests on, with the names of its directives */

typedef struct {
    const char             *pass;
    const char             *header;
    const char             *prefix;     /* of a name that a client's header
                                           can have */
    const char             *cache;
    const char             *key;
} rt_way_t;


/* a place from which requests go to an application */

typedef struct rt_pass_s  rt_pass_t;

struct rt_pass_s {
    const rt_way_t         *way;
    const rt_nginxconf_t   *pass;       /* proxy_pass and the like */
    const rt_nginxconf_t   *at;         /* location, if, limit_except */
    const rt_nginxconf_t   *server;
    rt_str_t                target;     /* upstream, or host and port */
    const rt_nginxconf_t   *upstream;   /* NULL: it is host and port */
    rt_pass_t              *next;
};


typedef struct {
    rt_mem_t               *mem;
    const rt_nginxconf_t   *root;
    rt_vars_t               any;        /* variables of the user */
    rt_vars_t               who;        /* those that tell users apart */
    rt_pass_t              *passes;
    rt_pass_t             **last_pass;
    rt_finding_t           *findings;
    unsigned                nfindings;
    unsigned                servers;
    unsigned                locations;
    unsigned                guarded;    /* locations that rtauth holds */
    unsigned                failed;     /* no memory */
} rt_check_t;


/* the place of a directive: "server app.example.com, location /x" */
rt_str_t rt_check_label(rt_check_t *check, const rt_nginxconf_t *at);

/*
 * Adds a finding of a level about a directive, unless a comment says that it is
 * meant.  Of a directive that many locations inherit it is said once.
 *
 * in:   text, which rt_complain() made, and the status that it returned
 */
void rt_check_found(rt_check_t *check, const char *id,
    const rt_nginxconf_t *level, const rt_nginxconf_t *at, rt_status_e status,
    const rt_str_t *text);


#pragma GCC visibility pop


#endif /* RT_CHECK_FOUND_H_INCLUDED */
