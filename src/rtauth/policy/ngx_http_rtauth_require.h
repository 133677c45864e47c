
/*
 * Conditions that must all hold.
 */


#ifndef NGX_HTTP_RTAUTH_REQUIRE_H_INCLUDED
#define NGX_HTTP_RTAUTH_REQUIRE_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "policy/ngx_http_rtauth_value.h"


#pragma GCC visibility push(hidden)


/* what a condition is held against */

typedef struct {
    ngx_http_rtauth_identity_t  *identity;
    const rt_groups_t           *groups;
    rt_level_e                   level;
    int64_t                      auth_time; /* of a session, seconds, 0: not
                                               known; -1: the token says it */
    ngx_http_rtauth_body_t      *body;
    ngx_uint_t                   again;     /* of a request that goes on: what
                                               varies with requests, and the age
                                               of a sign-in, are left out */
    struct ngx_http_rtauth_require_s  *unmet; /* out: by NGX_OK, NULL */
} ngx_http_rtauth_subject_t;


/* a line of rtauth_require */

typedef struct ngx_http_rtauth_require_s  ngx_http_rtauth_require_t;

/* conditions on a sign-in, which another one may meet */

typedef enum {
    NGX_HTTP_RTAUTH_STEPUP_NONE = 0,
    NGX_HTTP_RTAUTH_STEPUP_ACR,
    NGX_HTTP_RTAUTH_STEPUP_AMR,
    NGX_HTTP_RTAUTH_STEPUP_AGE
} ngx_http_rtauth_stepup_e;

typedef ngx_int_t (*ngx_http_rtauth_require_pt)(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who);

/* what came in place of what was asked for, for the log: at most
   NGX_HTTP_RTAUTH_CAME bytes; returns what is behind the last */

#define NGX_HTTP_RTAUTH_CAME  300

typedef u_char *(*ngx_http_rtauth_came_pt)(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    u_char *buf);

struct ngx_http_rtauth_require_s {
    ngx_http_rtauth_require_pt   eval;      /* 1, 0, NGX_ERROR */
    ngx_http_rtauth_came_pt      came;
    ngx_uint_t                   status;    /* when it does not hold */

    rt_cond_t                    cond;      /* claim, jose */
    ngx_http_rtauth_value_t     *values;    /* of it, if any varies; the
                                               variables */

    ngx_uint_t                   reads_body;    /* unsigned reads_body:1;
                                                   one of them is in it */

    ngx_str_t                   *names;     /* group */
    ngx_uint_t                   nnames;
    rt_groups_t                  groups;

    rt_level_e                   level;     /* permission */

    ngx_http_rtauth_stepup_e     stepup;
    ngx_str_t                   *ways;      /* acr, amr, scope */
    ngx_uint_t                   nways;     /* of these, or variables */
    time_t                       age;       /* auth_age */

    ngx_str_t                    text;      /* as written, for messages */
    ngx_rt_where_t               where;
};


/* adds the outer level's, and looks whether rtauth is there to ask them */
char *ngx_http_rtauth_require_merge(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *prev, ngx_http_rtauth_loc_conf_t *conf);

/* lines that were written where rtauth is not on: NGX_CONF_ERROR */
char *ngx_http_rtauth_require_check(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf);

/* after the http block was read: finds the groups that were named */
char *ngx_http_rtauth_require_init(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);

/*
 * NGX_OK: all hold; NGX_HTTP_UNAUTHORIZED or NGX_HTTP_FORBIDDEN: the answer
 * of the first that does not, which becomes who->unmet; NGX_ERROR: out of
 * memory.  One that another sign-in may meet is the last to be said.
 */
ngx_int_t ngx_http_rtauth_require_eval(ngx_http_request_t *r,
    ngx_array_t *require, ngx_http_rtauth_subject_t *who);

/* what one line asks: 1, 0, NGX_ERROR */
ngx_int_t ngx_http_rtauth_require_claim(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who);
ngx_int_t ngx_http_rtauth_require_jose(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who);
ngx_int_t ngx_http_rtauth_require_group(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who);
ngx_int_t ngx_http_rtauth_require_permission(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who);
ngx_int_t ngx_http_rtauth_require_scope(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who);
ngx_int_t ngx_http_rtauth_require_variables(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who);

/*
 * What came in place of what was asked for: a claim; a member of the header;
 * groups; a permission and groups; scopes.  Nothing else that a request sent is
 * shown.
 */
u_char *ngx_http_rtauth_require_came_claim(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    u_char *buf);
u_char *ngx_http_rtauth_require_came_jose(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    u_char *buf);
u_char *ngx_http_rtauth_require_came_group(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    u_char *buf);
u_char *ngx_http_rtauth_require_came_level(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    u_char *buf);
u_char *ngx_http_rtauth_require_came_scope(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    u_char *buf);
u_char *ngx_http_rtauth_require_came_variables(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    u_char *buf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REQUIRE_H_INCLUDED */
