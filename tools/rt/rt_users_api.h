
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
 * Sends one request; path begins behind the address: "/Users".
 *
 * in:   body, JSON, or NULL
 * out:  *answer, what came back; NULL: nothing did
 * ret:  the status; -1 or less: there is no answer that is JSON, which was said
 */
int rt_users_ask(rt_users_api_t *api, const char *method, const char *path,
    const rt_str_t *body, rt_json_t **answer);

/* says why a service provider has refused a request; ret: -1 */
int rt_users_refused(int status, const rt_json_t *answer);

/*
 * Hands all resources of "/Users" or "/Groups" that a filter fits to each().
 *
 * in:   filter, or NULL, which is all of them
 * ret:  0; -1: said why not, or that not all of them were read; or what each()
 *       returned, if that was not 0
 */
int rt_users_each(rt_users_api_t *api, const char *path, const char *filter,
    int (*each)(void *data, const rt_json_t *resource), void *data);

/* makes the filter: attribute eq "value"; ret: NULL, memory is out */
char *rt_users_filter(rt_mem_t *mem, const char *attribute, const char *value);

/* prints a value as a line of JSON */
int rt_users_print(const rt_json_t *v);


#pragma GCC visibility pop


#endif /* RT_USERS_API_H_INCLUDED */
