
/*
 * What rtauth remembers of a request.
 *
 * r->ctx dies at every internal redirect, so there are two records.  "kept"
 * is one for each client request: it hangs on a pool cleanup, as the realip
 * module keeps the client's address, and is shared by subrequests.  "pass"
 * is one run of one (sub)request through the phases and hangs on r->ctx: a
 * redirected request comes without one and is decided anew.
 */


#ifndef NGX_HTTP_RTAUTH_REQUEST_H_INCLUDED
#define NGX_HTTP_RTAUTH_REQUEST_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "policy/ngx_http_rtauth_value.h"
#include "oidc/rt_page.h"


#pragma GCC visibility push(hidden)


/* the client's body, as far as a decision needs it */

typedef enum {
    NGX_HTTP_RTAUTH_BODY_UNREAD = 0,
    NGX_HTTP_RTAUTH_BODY_ASKED,
    NGX_HTTP_RTAUTH_BODY_AWAITED,
    NGX_HTTP_RTAUTH_BODY_HERE
} ngx_http_rtauth_reading_e;


typedef struct {
    ngx_http_rtauth_loc_conf_t  *conf;        /* it was decided for */
    ngx_http_rtauth_identity_t  *identity;    /* NULL: nobody's */
    rt_reason_e                  reason;
    ngx_uint_t                   status;      /* 0: let in */
    ngx_str_t                    uri;         /* he was looked at with, and */
    time_t                       now;         /* when; or 0 */
    rt_groups_t                  groups;      /* he was in then */
    rt_level_e                   level;       /* at this URI */
    const rt_group_t            *denied;      /* by it, or NULL */
    ngx_str_t                   *workspace;   /* where to send him, or NULL */
    ngx_str_t                    login;       /* the same, of a final 401 under
                                                 "satisfy any"; or empty */
    const rt_page_t             *page;        /* of ours, which is the answer */
    rt_page_e                    page_kind;
    ngx_http_rtauth_reading_e    reading;
    ngx_http_rtauth_body_t      *body;        /* NULL: no line asks for it */
    unsigned                     decided:1;   /* 0: waiting for keys */
    unsigned                     endpoint:1;  /* at an address of ours */
    unsigned                     session:1;   /* it was looked at */
    unsigned                     dpop:1;      /* its token came as "DPoP", or
                                                 is bound to such a key */
    unsigned                     again:1;     /* let in, and looked at anew */
    unsigned                     ended:1;     /* the same, with this reason */
    unsigned                     overruled:1; /* refused, but let in: by another
                                                 of "satisfy any", or as
                                                 rtauth_dry_run says */
    unsigned                     open:1;      /* asked of rtauth_public_group */
    unsigned                     asks:1;      /* its provider, for its token */
    unsigned                     ambient:1;   /* a browser sends what tells who
                                                 he is, whoever asked it to */
} ngx_http_rtauth_pass_t;


/* what was done at an address of ours, for logs and events */

typedef struct {
    ngx_str_t                    action;      /* LOGIN, LOGIN_FAILED, LOGOUT */
    rt_reason_e                  reason;
    ngx_str_t                    reference;   /* of a failure, or empty */
    ngx_http_rtauth_provider_t  *provider;    /* or NULL */
    ngx_http_rtauth_identity_t  *identity;    /* who came or went, or NULL */
    rt_str_t                     kind;        /* of what was revoked, "sub",
                                                 or pushed, "user"; or empty */
    rt_str_t                     target;      /* ... and whose */
    rt_str_t                     key;         /* of rtauth_scim, its id */
    rt_str_t                     changed;     /* names of attributes */
    rt_str_t                     before;
    rt_str_t                     after;
} ngx_http_rtauth_deed_t;


/* how a request that lives long is judged anew, _reauthorize.h */

typedef struct {
    ngx_queue_t                  queue;       /* next is NULL: it is in none */
    ngx_msec_t                   due;
    ngx_http_request_t          *request;     /* that was let in last, it or a
                                                 subrequest, */
    ngx_http_rtauth_pass_t      *pass;        /*   by that */
    unsigned                     untold:1;    /* nobody could tell, last time */
} ngx_http_rtauth_live_t;


typedef struct {
    ngx_http_rtauth_identity_t  *identity;    /* the last verified */
    ngx_int_t                    source;      /* its token came from */
    ngx_str_t                    uri;         /* the client's, normalised,
                                                 before any rewrite */
    ngx_str_t                    method;      /* the client's */
    ngx_str_t                    place;       /* the first location chosen, */
    ngx_str_t                    place_uri;   /* what it was chosen for, */
    ngx_uint_t                   raw_path;    /* and its setting */
    ngx_http_rtauth_pass_t      *refused;     /* of the main request, unless
                                                 "satisfy any" overruled it */
    ngx_http_rtauth_pass_t      *last;        /* decision of the main request */
    ngx_http_rtauth_pass_t      *asked;       /* and of a subrequest, since */
    ngx_http_rtauth_deed_t      *deed;        /* or NULL */
    ngx_http_rtauth_live_t       live;
    ngx_str_t                    nonce;       /* for DPoP-Nonce; or empty */
    unsigned                     nobody:1;    /* the main request was refused,
                                                 and may come in otherwise */
    unsigned                     ambient:1;   /* of identity, as in its pass */
    unsigned                     asked_first:1;
                                              /* before there was an answer */
    unsigned                     stripped:1;
    unsigned                     placed:1;
    unsigned                     path_seen:1;
    unsigned                     bad_path:1;
    unsigned                     path_dry:1;  /* rtauth_dry_run of the place */
} ngx_http_rtauth_kept_t;


/* the record of the client's request; NULL: out of memory */
ngx_http_rtauth_kept_t *ngx_http_rtauth_keep(ngx_http_request_t *r);

/* the same, NULL when nothing was kept yet */
ngx_http_rtauth_kept_t *ngx_http_rtauth_kept(ngx_http_request_t *r);

/* notes the client's own URI and method; the handler of POST_READ */
ngx_int_t ngx_http_rtauth_note_handler(ngx_http_request_t *r);

/* the decided pass of this request, NULL when it was not decided (here) */
ngx_http_rtauth_pass_t *ngx_http_rtauth_pass(ngx_http_request_t *r);

/* begins, or begins again, the pass of this request; NULL: out of memory */
ngx_http_rtauth_pass_t *ngx_http_rtauth_begin(ngx_http_request_t *r);

/*
 * The pass of a request for an address of ours: decided, and let in, for such
 * an address is for all.  One that was refused here stays so.  NULL: out of
 * memory
 */
ngx_http_rtauth_pass_t *ngx_http_rtauth_pass_own(ngx_http_request_t *r);

/*
 * Notes what was done at an address of ours, the last of several.  A reference
 * is the caller's to add to kept->deed, where it lives as long as the main
 * request.
 *
 * in:   action, constant; provider, identity, or NULL
 * ret:  NGX_OK, NGX_ERROR (memory)
 */
ngx_int_t ngx_http_rtauth_deed(ngx_http_request_t *r, char *action,
    ngx_http_rtauth_provider_t *provider, rt_reason_e reason,
    ngx_http_rtauth_identity_t *identity);

/*
 * Likewise in two steps, for what must not be done without an event: all memory
 * is had before.  ret: NULL: memory is out; _done() does not fail behind it
 */
ngx_http_rtauth_deed_t *ngx_http_rtauth_deed_room(ngx_http_request_t *r);
ngx_int_t ngx_http_rtauth_deed_done(ngx_http_request_t *r,
    ngx_http_rtauth_deed_t *deed, char *action,
    ngx_http_rtauth_provider_t *provider, rt_reason_e reason,
    ngx_http_rtauth_identity_t *identity);

/*
 * Whose claims variables may show: the one who signed in or out with this
 * request, the one this pass was decided for, before that the one kept, if he
 * would be looked at here, and was not refused where an application answers.
 * NULL: nobody.
 */
ngx_http_rtauth_identity_t *ngx_http_rtauth_identity(ngx_http_request_t *r);

/* the same, also where an application answers: for events */
ngx_http_rtauth_identity_t *ngx_http_rtauth_noted(ngx_http_request_t *r);

/*
 * What the policy is asked about, with the pass's URI; of a subrequest, its own
 * method and URI alone.
 */
void ngx_http_rtauth_asked(ngx_http_request_t *r, ngx_http_rtauth_kept_t *kept,
    ngx_http_rtauth_pass_t *pass, rt_asked_t *asked);

/* was it refused, and let in because rtauth_dry_run says so? */
ngx_uint_t ngx_http_rtauth_dry(ngx_http_rtauth_pass_t *pass);

/*
 * The groups of this user, as they counted when this request was decided; if it
 * was not yet, as they count now.  NULL, nobody: those of rtauth_public_group
 * that let him in.
 */
rt_groups_t ngx_http_rtauth_groups(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity);

/* the decision variables tell of: this pass's, else the last; or NULL */
ngx_http_rtauth_pass_t *ngx_http_rtauth_decision(ngx_http_request_t *r);

/*
 * The decision the event tells of.  A refusal stands when its status was
 * kept, and a 403 in any case, though its error page was let in.
 */
ngx_http_rtauth_pass_t *ngx_http_rtauth_verdict(ngx_http_request_t *r);

/*
 * The same where this request was not refused itself: of auth_request, when the
 * answer has the status of its refusal, or is an error page for its 403; or
 * NULL.
 */
ngx_http_rtauth_pass_t *ngx_http_rtauth_asked_refused(ngx_http_request_t *r);

ngx_uint_t ngx_http_rtauth_trusts(ngx_http_rtauth_loc_conf_t *rlcf,
    ngx_http_rtauth_provider_t *provider);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REQUEST_H_INCLUDED */
