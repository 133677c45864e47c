
/*
 * What was revoked: in the zone, with a budget of its own, kept until nothing
 * it speaks of can be alive any more.  Users whom SCIM has disabled have half
 * of that at most: what an operator revokes finds room.  What a browser alone
 * has said has a budget of its own, in which the oldest goes: anybody could
 * fill it.
 */


#ifndef NGX_HTTP_RTAUTH_REVOKED_H_INCLUDED
#define NGX_HTTP_RTAUTH_REVOKED_H_INCLUDED


#include "keys/ngx_http_rtauth_zone.h"
#include "oidc/rt_revocation.h"


#pragma GCC visibility push(hidden)


typedef enum {
    NGX_HTTP_RTAUTH_REVOKED_SUB = 0,    /* a user */
    NGX_HTTP_RTAUTH_REVOKED_SID,        /* a session at the provider */
    NGX_HTTP_RTAUTH_REVOKED_JTI,        /* a token */
    NGX_HTTP_RTAUTH_REVOKED_ID,         /* a session of ours */
    NGX_HTTP_RTAUTH_REVOKED_FRONT,      /* a SID, by a word nobody signed */
    NGX_HTTP_RTAUTH_REVOKED_SEEN,       /* a logout token: replay */
    NGX_HTTP_RTAUTH_REVOKED_EMAIL,      /* an email, folded */
    NGX_HTTP_RTAUTH_REVOKED_EMAIL_ANY,  /* likewise, of any issuer */
    NGX_HTTP_RTAUTH_REVOKED_ISSUER,     /* all users of an issuer, the value */
    NGX_HTTP_RTAUTH_REVOKED_ANY,        /* all users: "*" */
    NGX_HTTP_RTAUTH_REVOKED_PUSHED      /* who was pushed as disabled, by what
                                           rtauth_scim links him by */
} ngx_http_rtauth_revoked_e;


#define NGX_HTTP_RTAUTH_REVOKED_BYTES    256    /* of the zone, each */
#define NGX_HTTP_RTAUTH_REVOKED_EVER     (3650 * 86400)  /* s: ten years */
#define NGX_HTTP_RTAUTH_REVOKED_MAX      (3660 * 86400)  /* s: a bit more */
#define NGX_HTTP_RTAUTH_REVOKED_HELD     60     /* seconds, of room */
#define NGX_HTTP_RTAUTH_REVOKED_JOURNAL  NGX_HTTP_RTAUTH_HEARINGS


/* by what a token or a session is looked up; an empty value is none */

typedef struct {
    ngx_str_t    issuer;
    ngx_str_t    sub;
    ngx_str_t    email;                 /* folded */
    ngx_str_t    sid;
    ngx_str_t    jti;
    ngx_str_t    id;
    ngx_str_t    pushed;                /* "link=" of rtauth_scim */
    ngx_str_t    any;                   /* is set */
    time_t       issued;
} ngx_http_rtauth_revoked_of_t;


/*
 * Adds one: whatever was issued to "value" of "issuer" up to the second
 * "before" is no good any more.  until: when it may be forgotten.
 *
 * ret:  NGX_OK; NGX_DECLINED, it was there already (of SEEN: a replay);
 *       NGX_ERROR: no room (507), or memory is out
 */
ngx_int_t ngx_http_rtauth_revoked_add(ngx_shm_zone_t *zone,
    ngx_http_rtauth_revoked_e kind, ngx_str_t *issuer, ngx_str_t *value,
    time_t before, time_t until);

/*
 * How many of those that SCIM has disabled had no room, and are not told to the
 * fleet.  Who adds all of them anew looks first, and says at his end how many
 * had none this time: what had none meanwhile, and he may have passed, stays
 * counted.
 */
ngx_uint_t ngx_http_rtauth_revoked_untold(ngx_shm_zone_t *zone);
void ngx_http_rtauth_revoked_retold(ngx_shm_zone_t *zone, ngx_uint_t before,
    ngx_uint_t lost);

/* as many of them as a zone of that size has room for */
#define ngx_http_rtauth_revoked_tells(size)                                   \
    (ngx_http_rtauth_zone_revoked(size) / 2 / NGX_HTTP_RTAUTH_REVOKED_BYTES)

/* true when it was revoked, or when that cannot be told */
ngx_uint_t ngx_http_rtauth_revoked(ngx_shm_zone_t *zone,
    ngx_http_rtauth_revoked_of_t *of);

/* true when a logout token of that "jti" was taken, or that cannot be told */
ngx_uint_t ngx_http_rtauth_revoked_seen(ngx_shm_zone_t *zone,
    ngx_str_t *issuer, ngx_str_t *jti);

/*
 * Hosts of a fleet, of which there may be several, by number: _fleet.c.
 *
 * hear() adds what another host has revoked; ret: as above.  tell() hands out
 * up to n that the fleet was not told of; they count as told then, until
 * untell() says that it may know of none.  ret: how many
 */
ngx_int_t ngx_http_rtauth_revoked_hear(ngx_shm_zone_t *zone,
    ngx_uint_t fleet, rt_revocation_t *rev);
ngx_uint_t ngx_http_rtauth_revoked_tell(ngx_shm_zone_t *zone,
    ngx_uint_t fleet, rt_revocation_t *revs, ngx_uint_t n);
void ngx_http_rtauth_revoked_untell(ngx_shm_zone_t *zone, ngx_uint_t fleet);

/*
 * Makes room for one that is to be written down before it counts.
 *
 * in:   rev->lift, or rev->before and rev->until
 * out:  rev, as it has to be: what is taken back, or more than was
 * ret:  NGX_OK; NGX_DECLINED: there is nothing to take back; NGX_ERROR: no room
 */
ngx_int_t ngx_http_rtauth_revoked_plan(ngx_shm_zone_t *zone,
    ngx_http_rtauth_revoked_e kind, ngx_str_t *issuer, ngx_str_t *value,
    rt_revocation_t *rev);

/* what was planned, where nothing is written down; ret: as _add() */
ngx_int_t ngx_http_rtauth_revoked_apply(ngx_shm_zone_t *zone,
    rt_revocation_t *rev);

/*
 * All that counts, without what nobody signed: up to n of them.  The journal is
 * the fleet NGX_HTTP_RTAUTH_REVOKED_JOURNAL.
 * ret: how many there are
 */
ngx_uint_t ngx_http_rtauth_revoked_all(ngx_shm_zone_t *zone,
    rt_revocation_t *revs, ngx_uint_t n);

/* changes with each addition: whoever was found good needs no second look */
#define ngx_http_rtauth_revoked_serial(zone)                                  \
    (ngx_http_rtauth_root(zone)->revoked.serial)


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REVOKED_H_INCLUDED */
