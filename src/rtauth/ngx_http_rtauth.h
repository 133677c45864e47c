
/*
 * What the rooms of rtauth share: configuration, identity, prototypes.
 *
 * A request is decided by ngx_http_rtauth_decide.c, which takes a token from
 * the location's sources and asks ngx_http_rtauth_verify() who stands behind
 * it.  Everything below *_conf_t is constant at request time.
 */


#ifndef NGX_HTTP_RTAUTH_H_INCLUDED
#define NGX_HTTP_RTAUTH_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_rt_conf.h"
#include "ngx_rt_guard.h"
#include "ngx_rt_once.h"
#include "rt_base.h"
#include "json/rt_json.h"
#include "policy/rt_policy.h"
#include "policy/rt_rowfilter.h"
#include "jose/rt_claims.h"
#include "jose/rt_jwa.h"
#include "jose/rt_reason.h"
#include "oidc/rt_page.h"
#include "ngx_rt_str.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_MAX_TOKEN       16384     /* bytes */
#define NGX_HTTP_RTAUTH_MAX_PROVIDERS   64
#define NGX_HTTP_RTAUTH_MAX_SOURCES     8         /* of one rtauth_token */
#define NGX_HTTP_RTAUTH_MIN_ZONE        (8 * ngx_pagesize)

/* rtauth_raw_path */

#define NGX_HTTP_RTAUTH_RAW_REFUSE      0
#define NGX_HTTP_RTAUTH_RAW_STRICT      1
#define NGX_HTTP_RTAUTH_RAW_ALLOW       2

/* rtauth_phase */

#define NGX_HTTP_RTAUTH_ACCESS          0
#define NGX_HTTP_RTAUTH_PREACCESS       1

/* rtauth_login */

#define NGX_HTTP_RTAUTH_LOGIN_AUTO      0
#define NGX_HTTP_RTAUTH_LOGIN_ALWAYS    1
#define NGX_HTTP_RTAUTH_LOGIN_NEVER     2

/* rtauth_cross_origin */

#define NGX_HTTP_RTAUTH_CROSS_REFUSE    0       /* all but "origins" */
#define NGX_HTTP_RTAUTH_CROSS_ALLOW     1


/* what others are told of a user by his claims (ngx_http_rtauth_member.h) */

#define NGX_HTTP_RTAUTH_MEMBERS  9


typedef struct ngx_http_rtauth_provider_s       ngx_http_rtauth_provider_t;
typedef struct ngx_http_rtauth_provider_conf_s  ngx_http_rtauth_provider_conf_t;
typedef struct ngx_http_rtauth_worker_s         ngx_http_rtauth_worker_t;
typedef struct ngx_http_rtauth_client_s         ngx_http_rtauth_client_t;
typedef struct ngx_http_rtauth_bound_conf_s     ngx_http_rtauth_bound_conf_t;
typedef struct ngx_http_rtauth_sessions_s       ngx_http_rtauth_sessions_t;
typedef struct ngx_http_rtauth_redis_s          ngx_http_rtauth_redis_t;
typedef struct ngx_http_rtauth_fleet_s          ngx_http_rtauth_fleet_t;
typedef struct ngx_http_rtauth_uri_s            ngx_http_rtauth_uri_t;
typedef struct ngx_http_rtauth_session_s        ngx_http_rtauth_session_t;
typedef struct ngx_http_rtauth_jar_s            ngx_http_rtauth_jar_t;
typedef struct ngx_http_rtauth_stepup_s         ngx_http_rtauth_stepup_t;
typedef struct ngx_http_rtauth_watch_s          ngx_http_rtauth_watch_t;
typedef struct ngx_http_rtauth_issue_s          ngx_http_rtauth_issue_t;
typedef struct ngx_http_rtauth_issued_s         ngx_http_rtauth_issued_t;
typedef struct ngx_http_rtauth_disabled_conf_s  ngx_http_rtauth_disabled_conf_t;
typedef struct ngx_http_rtauth_revoke_conf_s    ngx_http_rtauth_revoke_conf_t;
typedef struct ngx_http_rtauth_state_s          ngx_http_rtauth_state_t;
typedef struct ngx_http_rtauth_tally_s          ngx_http_rtauth_tally_t;
typedef struct ngx_http_rtauth_scim_s           ngx_http_rtauth_scim_t;
typedef struct ngx_http_rtauth_scim_loc_s       ngx_http_rtauth_scim_loc_t;

/* whether it has ended: the answer that was given last, and to what; all zero:
   none.  See ngx_http_rtauth_ended() */

typedef struct {
    ngx_uint_t      revoked;        /* serial of what was revoked */
    ngx_uint_t      disabled;       /* number of the list that was read */
    uint64_t        pushed;         /* serial of what was pushed */
    rt_reason_e     reason;
} ngx_http_rtauth_seen_t;


/*
 * The part of a provider every room may look at.  The rest of it, behind
 * "conf", is the room keys' own (ngx_http_rtauth_provider.h): no other one
 * reaches key sets, digests and the HTTP client, or is built against them.
 */

struct ngx_http_rtauth_provider_s {
    ngx_str_t                         name;
    ngx_uint_t                        index;  /* in main conf's providers */
    ngx_str_t                         issuer;
    ngx_str_t                         user_claim;   /* default "email" */
    ngx_http_rtauth_client_t         *client; /* NULL: no client_id */
    ngx_uint_t                        client_audience;  /* a token without
                                                 "aud" is for "client_id" */
    ngx_http_rtauth_bound_conf_t     *bound;  /* what its tokens are bound to;
                                                 NULL: nothing */
    ngx_http_rtauth_provider_conf_t  *conf;
};


/*
 * Who a verified token speaks of.  It lives at least as long as the pool of
 * the main request it was given to (a cached one is pinned by a pool cleanup,
 * or copied), and is never written to by its receivers.
 */

typedef struct {
    ngx_http_rtauth_provider_t  *provider;
    rt_json_t                   *claims;      /* the payload, an object */
    rt_json_t                   *jose;        /* the header of the token he
                                                 showed; or NULL */
    ngx_str_t                    sub;
    ngx_http_rtauth_session_t   *session;     /* NULL: he showed a token */
    ngx_str_t                    sid;         /* of a session: the provider's
                                                 name of it, */
    ngx_str_t                    id;          /*   and ours */
    time_t                       issued;      /* the session or the token, by
                                                 our clock: as early as can
                                                 be */
    time_t                       expires;     /* "exp", whole seconds */
    rt_groups_t                  groups;      /* he is in, by what the
                                                 configuration declares: */
    rt_groups_t                  matched;     /*   without what was pushed */
    const rt_str_t              *elsewhere;   /* a claim of groups that he has
                                                 and that is not here; NULL */
    rt_reason_e                  barred;      /* why he is known and not let
                                                 in: rtauth_disabled has him,
                                                 or so says rtauth_scim */
    const rt_str_t              *told[NGX_HTTP_RTAUTH_MEMBERS];
                                              /* of him by his claims, in the
                                                 order of the table; NULL:
                                                 left out */
    unsigned                     owns_email:1;  /* 0: the "email" that he has
                                                 may be somebody else's */
} ngx_http_rtauth_identity_t;


typedef struct {
    ngx_array_t                  providers;   /* ngx_http_rtauth_provider_t * */
    ngx_shm_zone_t              *zone;        /* of rtauth_zone, or NULL */
    ngx_rt_where_t               zone_where;
    ngx_uint_t                   number;      /* of the configurations that
                                                 used this zone */
    ngx_http_rtauth_worker_t    *keys;        /* this worker's */
    ngx_http_rtauth_disabled_conf_t  *disabled;   /* or NULL */
    ngx_str_t                    state;       /* of rtauth_zone, in full; or
                                                 empty */
    ngx_cycle_t                 *cycle;       /* while it is read */
    ngx_http_rtauth_state_t     *journal;     /* this worker's */
    ngx_rt_where_t               revokes;     /* the first rtauth_revoke */
    ngx_http_rtauth_scim_t      *scim;        /* or NULL */
    ngx_http_rtauth_tally_t     *tally;       /* with rtauth_status; or NULL */
    ngx_array_t                  statuses;    /* where these stand,
                                                 _status_conf.c */
    rt_policy_t                  policy;      /* rtauth_group */
    ngx_str_t                    ends;        /* of those with a time, as
                                                 rtaudit is told of them */
    ngx_array_t                  groups;      /* where its lines stand,
                                                 _group.c */
    rt_rowfilters_t              rowfilters;
    ngx_array_t                  rowlines;    /* of rtauth_row_filter,
                                                 _rowfilter_conf.c */
    ngx_array_t                  publics;     /* ngx_str_t, groups of nobody */
    ngx_rt_once_t               *once;        /* what was warned of */
    rt_mem_t                     mem;         /* of the configuration */
    ngx_array_t                  named;       /* rt_target_t *, paths that have
                                                 but one spelling, _path.h */
    ngx_array_t                  upgrades;    /* ngx_str_t, of all locations */
    ngx_int_t                    http_upgrade;    /* index of the variable */
    ngx_uint_t                   issues;      /* 1: some rtauth_identity */
    ngx_http_rtauth_issued_t    *issued;      /* this worker's, _issue.c */
    rt_regex_t                   regex;       /* nginx's, for "match ~" */
    ngx_array_t                  requires;    /* ngx_http_rtauth_require_t *,
                                                 all that were written */
    ngx_array_t                  stepups;     /* ngx_http_rtauth_stepup_t * */
    ngx_array_t                  redis;       /* ngx_http_rtauth_redis_t * */
    ngx_array_t                  reauthorize; /* ngx_msec_t, all TIMEs */
    ngx_http_rtauth_watch_t     *watch;       /* this worker's; or NULL */
    ngx_array_t                  sessions;    /* ngx_http_rtauth_sessions_t *,
                                                 all that are in use */
    ngx_array_t                  cookies;     /* rt_cookie_name_t, all names
                                                 of theirs, _jar.h */
    ngx_array_t                 *shown;       /* ngx_rt_show_place_t, under
                                                 nginx -t; or NULL */
} ngx_http_rtauth_main_conf_t;


typedef struct {
    ngx_array_t                 *strip;       /* ngx_str_t, names */
    ngx_array_t                 *names;       /* ngx_str_t, of server_name: no
                                                 patterns */
    ngx_array_t                  exact;       /* ngx_str_t, of "location =" */
    ngx_flag_t                   guarded;     /* rtauth is on somewhere in it */
    ngx_array_t                  uris;        /* ngx_http_rtauth_uri_t, of ours
                                                 that are answered here */
    ngx_str_t                    origin;      /* "https://HOST[:PORT]"; empty:
                                                 nobody signs in here */
    ngx_rt_where_t               origin_where;
    ngx_http_rtauth_sessions_t  *sessions;    /* never NULL after merge */
    ngx_str_t                    pages;       /* folder of templates, or
                                                 empty */
    ngx_rt_where_t               pages_where;
    rt_page_t                   *templates;   /* RT_PAGE_MAX of them */
    ngx_array_t                  issues;      /* ngx_http_rtauth_issue_t *, of
                                                 rtauth_identity in it */
    ngx_str_t                    issued_keys; /* their public halves, JSON */
} ngx_http_rtauth_srv_conf_t;


typedef struct {
    ngx_uint_t                   guards;      /* NGX_RT_GUARD_...  The first,
                                                 for other modules, _guard.h */

    ngx_array_t                 *names;       /* ngx_str_t, as written */
    ngx_rt_where_t               where;

    ngx_array_t                 *providers;   /* ngx_http_rtauth_provider_t *,
                                                 NULL = off */
    ngx_array_t                 *sources;     /* ngx_int_t, _token.h */
    ngx_array_t                 *upgrade;     /* ngx_str_t, NULL = websocket */
    ngx_array_t                 *require;     /* ngx_http_rtauth_require_t *,
                                                 outer levels' included */
    ngx_flag_t                   require_off; /* outer levels' excluded */
    ngx_array_t                 *bind;        /* ngx_http_rtauth_bind_t *,
                                                 outer levels' included */
    ngx_flag_t                   bind_off;    /* outer levels' excluded */
    ngx_uint_t                   reads_body;  /* unsigned reads_body:1; a line
                                                 of these asks for it */
    ngx_http_rtauth_stepup_t    *stepup;      /* what these ask of a sign-in;
                                                 or NULL */
    rt_group_t                  *public_group;    /* or NULL */
    ngx_str_t                    public_name;
    ngx_rt_where_t               public_where;
    ngx_flag_t                   dry_run;
    ngx_flag_t                   authorize;
    ngx_rt_where_t               authorize_where;
    ngx_flag_t                   workspace;
    ngx_rt_where_t               workspace_where;
    ngx_flag_t                   cache;
    ngx_uint_t                   raw_path;
    ngx_uint_t                   phase;
    ngx_rt_where_t               phase_where;
    ngx_uint_t                   login;       /* of no use if no provider here
                                                 has a client */
    ngx_rt_where_t               login_where;
    ngx_msec_t                   reauthorize; /* 0: off */
    ngx_uint_t                   reauthorize_queue; /* of main conf's TIMEs */
    ngx_flag_t                   reauthorize_expiry;
    ngx_uint_t                   cross_origin;
    ngx_array_t                 *origins;     /* rt_origin_t; or NULL */
    ngx_array_t                 *app_cookies; /* ngx_str_t, names; or NULL */
    ngx_http_rtauth_revoke_conf_t  *revoke;   /* of this very location; or
                                                 NULL */
    ngx_http_rtauth_scim_loc_t  *scim;        /* likewise */
    ngx_uint_t                   status;      /* rtauth_status of this very
                                                 location, _status.h; or 0 */
    ngx_http_rtauth_issue_t     *issue;       /* rtauth_identity; or NULL */
    ngx_rt_where_t               issue_keys_where;
    ngx_rt_where_t               userinfo_where;
} ngx_http_rtauth_loc_conf_t;


_Static_assert(offsetof(ngx_http_rtauth_loc_conf_t, guards) == 0,
               "other modules look at the first word");


extern ngx_module_t  ngx_http_rtauth_module;


/* ngx_http_rtauth_provider_conf.c: configuration of an issuer */

char *ngx_http_rtauth_provider_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* NULL when there is none of that name */
ngx_http_rtauth_provider_t *ngx_http_rtauth_provider_find(
    ngx_http_rtauth_main_conf_t *mcf, ngx_str_t *name);

/*
 * After the http block was read: what needs all of it (a provider without
 * keys, an https issuer without trust, resolver); zone may still be NULL.
 */
char *ngx_http_rtauth_provider_init(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);


/* ngx_http_rtauth_worker.c */

ngx_int_t ngx_http_rtauth_worker_init_process(ngx_cycle_t *cycle);
void ngx_http_rtauth_worker_exit_process(ngx_cycle_t *cycle);


/*
 * Who stands behind a token, judged by those of "providers" whose issuer is
 * exactly the token's "iss".
 *
 * in:   r          any request, main or sub; waiting is booked on it
 *       providers  array of ngx_http_rtauth_provider_t *
 *       token      compact JWS, up to NGX_HTTP_RTAUTH_MAX_TOKEN (longer: the
 *                  answer is NGX_DECLINED); must live as long as r->pool
 * out:  *identity  on NGX_OK
 *       *reason    on NGX_DECLINED, and with NGX_ERROR when keys cannot be
 *                  had (the caller answers 503) or memory failed (500)
 * ret:  NGX_OK, NGX_DECLINED (the token is no good), NGX_ERROR,
 *       NGX_AGAIN    keys are being fetched; the caller's phase handler
 *                  returns NGX_AGAIN, and the phases of r are run again when
 *                  keys arrived or could not be had.  Calling again with the
 *                  same token then ends in one of the other answers.  An
 *                  aborted client ends the wait through r's pool cleanup
 *       NGX_DONE     it names no issuer, and one of the providers can be asked
 *                  about it: ngx_http_rtauth_introspect()
 */

ngx_int_t ngx_http_rtauth_verify(ngx_http_request_t *r, ngx_array_t *providers,
    ngx_str_t *token, ngx_http_rtauth_identity_t **identity,
    rt_reason_e *reason);

/* the first of them that is asked about tokens, or NULL */
ngx_http_rtauth_provider_t *ngx_http_rtauth_verify_asks(
    ngx_array_t *providers);

/*
 * The same for a token of which its provider said that it is active.
 *
 * in:   answer, its claims as JSON; until, when they are no good any more
 * ret:  NGX_OK, NGX_DECLINED, NGX_ERROR
 */
ngx_int_t ngx_http_rtauth_verify_told(ngx_http_request_t *r,
    ngx_http_rtauth_provider_t *provider, ngx_str_t *token,
    ngx_str_t *answer, time_t until, ngx_http_rtauth_identity_t **identity,
    rt_reason_e *reason);

/* a token of a sign-in or a sign-out: nobody shows it twice */

typedef struct {
    const rt_claims_policy_t    *policy;      /* in: NULL, the claims are the
                                                 caller's to check */
    rt_json_t                   *claims;      /* as long as r->pool */
    const rt_jwa_t              *alg;         /* it is signed with */
    rt_str_t                     typ;         /* of its header */
} ngx_http_rtauth_signed_t;


/*
 * Verifies such a token with the keys of its provider, and forgets it.  Returns
 * as ngx_http_rtauth_verify() does, and waits as it does.
 */
ngx_int_t ngx_http_rtauth_verify_once(ngx_http_request_t *r,
    ngx_http_rtauth_provider_t *provider, ngx_str_t *token,
    ngx_http_rtauth_signed_t *once, rt_reason_e *reason);

/*
 * To be called when r goes on or ends: it waits for keys no more.  An event of
 * the connection runs the phases of a parked request, too; a later wake-up
 * would take its handlers from whatever it does by then.
 */
void ngx_http_rtauth_unpark(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_H_INCLUDED */
