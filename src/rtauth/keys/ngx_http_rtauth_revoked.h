
/*
 * What was revoked, in the zone, with a budget of its own.  A revocation stays
 * until nothing that it speaks of can be alive any more.  Users whom SCIM has
 * disabled take half of the budget at most, so that there is room for what an
 * operator revokes.  What only a browser has said has another budget, in which
 * the oldest is dropped, because anybody could fill it.
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


/* by what a token or a session is looked up; it has none that is empty */

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
 * Adds a revocation: whatever was issued to "value" of "issuer" up to the
 * second "before" is no good any more.  At "until" it may be forgotten.
 *
 * ret:  NGX_OK; NGX_DECLINED, it was there already (of SEEN: a replay);
 *       NGX_ERROR: no room (507), or memory is out
 */
ngx_int_t ngx_http_rtauth_revoked_add(ngx_shm_zone_t *zone,
    ngx_http_rtauth_revoked_e kind, ngx_str_t *issuer, ngx_str_t *value,
    time_t before, time_t until);

/*
 * How many names of users whom SCIM has disabled had no room, so that the fleet
 * is not told of them.  Whoever adds all names anew asks for this number first,
 * and says in the end how many had no room this time.  A name that had none in
 * between stays counted, for it may have been passed before.
 */
ngx_uint_t ngx_http_rtauth_revoked_untold(ngx_shm_zone_t *zone);
void ngx_http_rtauth_revoked_retold(ngx_shm_zone_t *zone, ngx_uint_t before,
    ngx_uint_t lost);

/* how many such names a zone of that size has room for */
#define ngx_http_rtauth_revoked_tells(size)                                   \
    (ngx_http_rtauth_zone_revoked(size) / 2 / NGX_HTTP_RTAUTH_REVOKED_BYTES)

/* true when it was revoked, or when that cannot be told */
ngx_uint_t ngx_http_rtauth_revoked(ngx_shm_zone_t *zone,
    ngx_http_rtauth_revoked_of_t *of);

/* true when a logout token of that "jti" was taken, or that cannot be told */
ngx_uint_t ngx_http_rtauth_revoked_seen(ngx_shm_zone_t *zone,
    ngx_str_t *issuer, ngx_str_t *jti);

/*
 * For a fleet of hosts, of which there may be several, each with a number: see
 * _fleet.c.
 *
 * hear() adds what another host has revoked, and returns what _add() does.
 * tell() hands out up to n (2 or more) revocations that the fleet was not told
 * of, new ones first, and returns how many.  Ask again, even after none: it
 * looks at some at a time, for others wait for the zone meanwhile.  They count
 * as told until untell() says that the fleet may know nothing any more.  The
 * journal is told by the newest configuration alone, which number is of.
 */
ngx_int_t ngx_http_rtauth_revoked_hear(ngx_shm_zone_t *zone,
    ngx_uint_t fleet, rt_revocation_t *rev);
ngx_uint_t ngx_http_rtauth_revoked_tell(ngx_shm_zone_t *zone,
    ngx_uint_t fleet, ngx_uint_t number, rt_revocation_t *revs, ngx_uint_t n);
void ngx_http_rtauth_revoked_untell(ngx_shm_zone_t *zone, ngx_uint_t fleet);

/*
 * Makes room for a revocation that is written to the journal before it counts.
 *
 * in:   rev->lift, or rev->before and rev->until
 * out:  rev, as it has to be written: what is taken back, or more than was
 * ret:  NGX_OK; NGX_DECLINED: there is nothing to take back; NGX_ERROR: no room
 */
ngx_int_t ngx_http_rtauth_revoked_plan(ngx_shm_zone_t *zone,
    ngx_http_rtauth_revoked_e kind, ngx_str_t *issuer, ngx_str_t *value,
    rt_revocation_t *rev);

/* makes what was planned count where there is no journal; ret: as _add() */
ngx_int_t ngx_http_rtauth_revoked_apply(ngx_shm_zone_t *zone,
    rt_revocation_t *rev);

/*
 * Up to n of all that count, without those that nobody signed.  The journal is
 * the fleet NGX_HTTP_RTAUTH_REVOKED_JOURNAL.
 * ret: how many there are
 */
ngx_uint_t ngx_http_rtauth_revoked_all(ngx_shm_zone_t *zone,
    rt_revocation_t *revs, ngx_uint_t n);

/* changes with each addition: until then who was found good stays good */
#define ngx_http_rtauth_revoked_serial(zone)                                  \
    (ngx_http_rtauth_root(zone)->revoked.serial)


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REVOKED_H_INCLUDED */
