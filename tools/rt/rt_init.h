
/* What rt init was told, and what it makes of that. */


#ifndef RT_INIT_H_INCLUDED
#define RT_INIT_H_INCLUDED


#include <stdio.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_INIT_GROUPS  32


typedef struct {
    char           *name;       /* of the group, here and in the claim */
    char           *permission;
    char           *path;       /* of its application, or NULL */
} rt_init_group_t;


/* a provider that is known by its issuer, and how it differs from others */

typedef struct {
    const char     *name;
    const char     *user_claim;
    const char     *scope;
    const char     *claims_from;
    unsigned        backchannel:1;      /* it says who signed out */
    unsigned        refresh:1;
    const char     *words;              /* what to look for at the provider */
} rt_init_preset_t;


/* once checked, strings are words of nginx.conf that need no quotes */

typedef struct {
    rt_mem_t                *mem;

    const char              *issuer;
    const char              *client_id;
    const char              *client_secret;
    const char              *audience;
    const char              *jwks;
    const char              *origin;
    const char              *server_name;
    const char              *listen;
    const char              *certificate;
    const char              *certificate_key;
    const char              *app;
    const char              *groups_list;
    const char              *claim;
    const char              *modules;
    const char              *audit;
    const char              *state;
    const char              *user;
    const char              *group;
    const char              *app_group;
    const char              *out;
    int                      scim;
    int                      revoke;
    int                      json;

    rt_init_group_t          groups[RT_INIT_GROUPS];
    unsigned                 ngroups;
    unsigned                 rtauth:1;
    unsigned                 rtaudit:1;
    unsigned                 rtcsp:1;
    unsigned                 tls:1;         /* of the origin */
    const rt_init_preset_t  *preset;
} rt_init_t;


/*
 * Completes what was told, and checks every word of it.
 *
 * ret:  0; -1: said on standard error which one is wrong
 */
int rt_init_check(rt_init_t *init);

const rt_init_preset_t *rt_init_preset(const char *issuer);

/* writes the file for conf.d */
void rt_init_conf(const rt_init_t *init, FILE *out);

/* prints what to register at the provider, and what to do next */
void rt_init_say(const rt_init_t *init, const char *conf);


#pragma GCC visibility pop


#endif /* RT_INIT_H_INCLUDED */
