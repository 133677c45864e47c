
/*
 * What a service provider of SCIM is asked and what it answers: RFC 7644, 3,
 * without HTTP.
 */


#ifndef RT_SCIM_REQUEST_H_INCLUDED
#define RT_SCIM_REQUEST_H_INCLUDED


#include "scim/rt_scim_out.h"


#pragma GCC visibility push(hidden)


#define RT_SCIM_MAX_RESULTS  200                /* of one answer */
#define RT_SCIM_MAX_ANSWER   (4 * 1024 * 1024)  /* bytes; the rest of a list
                                                   goes to the next page, but a
                                                   page has one resource */
#define RT_SCIM_MAX_COMPARED 8                  /* comparisons of a filter: each
                                                   is made with every user,
                                                   while changes wait */
#define RT_SCIM_MAX_TOLD     256                /* bytes of "changed", and of
                                                   "before" */
#define RT_SCIM_MAX_AFTER    4096               /* bytes of "after", which names
                                                   members, too */
#define RT_SCIM_MAX_NAMES    1024               /* of one user, of which other
                                                   hosts are told */


typedef enum {
    RT_SCIM_DO_READ = 0,
    RT_SCIM_DO_LIST,
    RT_SCIM_DO_SEARCH,          /* a list whose arguments are its body */
    RT_SCIM_DO_CREATE,
    RT_SCIM_DO_REPLACE,
    RT_SCIM_DO_PATCH,
    RT_SCIM_DO_DELETE
} rt_scim_do_e;


/* all strings are decoded; an empty one was not said */

typedef struct {
    rt_scim_do_e        what;
    rt_scim_type_e      type;
    rt_str_t            id;
    rt_str_t            base;           /* rt_scim_resource_t */
    rt_str_t            body;
    rt_str_t            if_match;
    rt_str_t            if_none_match;
    rt_str_t            attributes;
    rt_str_t            excluded;
    rt_str_t            filter;
    rt_str_t            sort;           /* sortBy, which is refused */
    rt_str_t            start;
    rt_str_t            count;
    rt_scim_index_e     link;           /* by which others know a user */
} rt_scim_request_t;


/* the time, version and id for an edit, which the store gives to a job */

typedef struct {
    uint64_t            now;
    uint64_t            version;
    rt_scim_id_t        fresh;
} rt_scim_moment_t;


/*
 * What an edit means, for an audit event.  Of a user's attributes no value but
 * that of "active" is in it.
 */

typedef struct {
    const char         *action;         /* "USER_CREATED"; NULL: nothing */
    rt_scim_id_t        id;
    rt_str_t            changed;        /* names of attributes */
    rt_str_t            before;
    rt_str_t            after;
    unsigned            out;            /* 1: the user is not let in, also when
                                           nothing has changed */
    rt_scim_out_t      *names;          /* what he is and was called, by
                                           request->link */
    uint32_t            nnames;
    unsigned            more;           /* 1: older names are left out */
} rt_scim_told_t;


typedef struct {
    const rt_scim_error_t  *error;      /* NULL: there is none */
    unsigned                status;
    rt_str_t                text;       /* JSON, or empty */
    rt_str_t                location;
    uint64_t                version;    /* for ETag; 0: none */
    rt_scim_told_t          told;
} rt_scim_reply_t;


#pragma GCC visibility pop


#endif /* RT_SCIM_REQUEST_H_INCLUDED */
