
/*
 * The address of rtauth_scim, asked over HTTP with its key.
 */


#ifndef RT_USERS_API_H_INCLUDED
#define RT_USERS_API_H_INCLUDED


#include "json/rt_json.h"
#include "json/rt_jsonw.h"


#pragma GCC visibility push(hidden)


#define RT_USERS_PAGE  200      /* resources that are asked for at a time */


typedef struct {
    rt_mem_t        *mem;
    const char      *url;       /* of the location, "/" behind or not */
    const char      *key;       /* file:PATH or env:NAME */
    const char      *ca;        /* certificates, of a private authority */

    int              local;     /* url is of this machine */
    void            *curl;
    void            *headers;
} rt_users_api_t;


/* ret: 0; -1: said on standard error why not */
int rt_users_open(rt_users_api_t *api);

/*
 * One request; path begins behind the address, "/Users".
 *
 * in:   body, JSON, or NULL
 * out:  *answer: what came back, NULL if nothing did
 * ret:  the status; -1 when there is none that is JSON, or below, which was
 *       said
 */
int rt_users_ask(rt_users_api_t *api, const char *method, const char *path,
    const rt_str_t *body, rt_json_t **answer);

/* says what a service provider has refused; ret: -1 */
int rt_users_refused(int status, const rt_json_t *answer);

/*
 * All resources of "/Users" or "/Groups" that a filter lets through, or NULL:
 * all of them.  ret: 0; -1, said; what each() returns if it is not 0
 */
int rt_users_each(rt_users_api_t *api, const char *path, const char *filter,
    int (*each)(void *data, const rt_json_t *resource), void *data);

/* "a" eq "b" with b quoted; ret: NULL, memory is out */
char *rt_users_filter(rt_mem_t *mem, const char *attribute, const char *value);

/* a value as a line of JSON */
int rt_users_print(const rt_json_t *v);

/* a string of an object, or "" */
rt_str_t rt_users_text(const rt_json_t *object, const char *name);


#pragma GCC visibility pop


#endif /* RT_USERS_API_H_INCLUDED */
