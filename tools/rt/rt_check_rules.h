
/*
 * The findings of rt check.
 *
 * They look at directives of several modules at once, such as proxy_set_header
 * beside rtauth_strip_header.  Inside nginx a module sees only its own.
 */


#ifndef RT_CHECK_RULES_H_INCLUDED
#define RT_CHECK_RULES_H_INCLUDED


#include "rt_check_vars.h"
#include "rt_merged.h"


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


/* finds all there is in a tree; check->mem and check->root must be set */
void rt_check_rules(rt_check_t *check);

/* findings about headers that say who the user is, in rt_check_headers.c */
void rt_check_not_stripped(rt_check_t *check, const rt_pass_t *p);
void rt_check_not_stripped_there(rt_check_t *check, const rt_pass_t *p,
    const rt_pass_t *other);
void rt_check_lost(rt_check_t *check, const rt_pass_t *p);

/* the first line, from this one on, that sets a header; NULL: none does */
const rt_nginxconf_t *rt_check_sets(const rt_nginxconf_t *line,
    const rt_str_t *name);

/*
 * Findings about what the modules merged, in rt_check_holes.c.
 *
 * in:   version, of nginx, whose defaults count; 0: not known
 */
void rt_check_holes(rt_check_t *check, const rt_merged_t *shown,
    unsigned version);

/* "server app.example.com, location /x" */
rt_str_t rt_check_label(rt_check_t *check, const rt_nginxconf_t *at);

/* adds a finding of a level about a directive; rt_complain() made the text */
void rt_check_found(rt_check_t *check, const char *id,
    const rt_nginxconf_t *level, const rt_nginxconf_t *at, rt_status_e status,
    const rt_str_t *text);


#pragma GCC visibility pop


#endif /* RT_CHECK_RULES_H_INCLUDED */
