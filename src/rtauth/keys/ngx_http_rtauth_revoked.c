
#include "keys/ngx_http_rtauth_revoked.h"

#include <openssl/evp.h>


#define NGX_HTTP_RTAUTH_REVOKED_LOOKS  2048     /* at revocations, in one hold
                                                   of the zone's lock */


/*
 * A revocation is in force up to "before" and "until", unless as much or more
 * was taken back.  Each of the four only grows, so that hosts agree in whatever
 * order they hear of it.
 */

typedef struct {
    ngx_str_node_t           node;          /* str: key */
    ngx_queue_t              queue;
    time_t                   before;
    time_t                   until;
    time_t                   lift_before;   /* -1: it was not taken back */
    time_t                   lift_until;
    time_t                   held;          /* until then its room is kept for
                                               what is being written */
    ngx_uint_t               told[NGX_HTTP_RTAUTH_TELLINGS];
                                            /* the round in which each fleet,
                                               and the journal, knew it */
    ngx_uint_t               lift_told;     /* the journal's alone */
    unsigned                 pushed:1;      /* SCIM has disabled him */
    u_char                   key[NGX_HTTP_RTAUTH_DIGEST];
} ngx_http_rtauth_revoked_t;


_Static_assert(sizeof(ngx_http_rtauth_revoked_t) > 128
               && sizeof(ngx_http_rtauth_revoked_t)
                  <= NGX_HTTP_RTAUTH_REVOKED_BYTES, "what a slab makes of it");


static ngx_int_t ngx_http_rtauth_revoked_put(ngx_shm_zone_t *zone,
    rt_revocation_t *add, ngx_uint_t from);
static void ngx_http_rtauth_revoked_known(ngx_http_rtauth_part_t *part,
    ngx_http_rtauth_revoked_t *rev, rt_revocation_t *add, ngx_uint_t from);
static ngx_uint_t ngx_http_rtauth_revoked_holds(
    ngx_http_rtauth_revoked_t *rev);
static ngx_uint_t ngx_http_rtauth_revoked_over(ngx_http_rtauth_revoked_t *rev);
static void ngx_http_rtauth_revoked_copy(rt_revocation_t *to,
    ngx_http_rtauth_revoked_t *rev, ngx_uint_t front, ngx_uint_t lift);
static ngx_uint_t ngx_http_rtauth_revoked_tell_part(
    ngx_http_rtauth_part_t *part, ngx_uint_t front, ngx_uint_t fleet,
    rt_revocation_t *revs, ngx_uint_t n);
static ngx_uint_t ngx_http_rtauth_revoked_tell_one(
    ngx_http_rtauth_part_t *part, ngx_queue_t *q, ngx_uint_t front,
    ngx_uint_t fleet, rt_revocation_t *revs);
static ngx_uint_t ngx_http_rtauth_revoked_is(ngx_shm_zone_t *zone,
    ngx_http_rtauth_revoked_e kind, ngx_str_t *issuer, ngx_str_t *value,
    time_t issued);
static ngx_http_rtauth_part_t *ngx_http_rtauth_revoked_part(
    ngx_shm_zone_t *zone, ngx_uint_t front);
static ngx_int_t ngx_http_rtauth_revoked_key(ngx_http_rtauth_revoked_e kind,
    ngx_str_t *issuer, ngx_str_t *value, u_char *key);
static ngx_http_rtauth_revoked_t *ngx_http_rtauth_revoked_make(
    ngx_slab_pool_t *shpool, ngx_http_rtauth_part_t *part,
    rt_revocation_t *add);
static ngx_http_rtauth_revoked_t *ngx_http_rtauth_revoked_alloc(
    ngx_slab_pool_t *shpool, ngx_http_rtauth_part_t *part, ngx_uint_t pushed);
static void ngx_http_rtauth_revoked_unlink(ngx_http_rtauth_part_t *part,
    ngx_http_rtauth_revoked_t *rev);
static void ngx_http_rtauth_revoked_free(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, ngx_http_rtauth_revoked_t *rev);
static void ngx_http_rtauth_revoked_sweep(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part);
static ngx_http_rtauth_revoked_t *ngx_http_rtauth_revoked_after(
    ngx_http_rtauth_part_t *part, u_char *key);
static ngx_http_rtauth_revoked_t *ngx_http_rtauth_revoked_next(
    ngx_http_rtauth_part_t *part, ngx_http_rtauth_revoked_t *rev);


static struct {
    ngx_http_rtauth_revoked_e  kind;
    size_t                     offset;
} ngx_http_rtauth_revoked_by[] = {
    { NGX_HTTP_RTAUTH_REVOKED_SUB,
      offsetof(ngx_http_rtauth_revoked_of_t, sub) },
    { NGX_HTTP_RTAUTH_REVOKED_SID,
      offsetof(ngx_http_rtauth_revoked_of_t, sid) },
    { NGX_HTTP_RTAUTH_REVOKED_JTI,
      offsetof(ngx_http_rtauth_revoked_of_t, jti) },
    { NGX_HTTP_RTAUTH_REVOKED_ID,
      offsetof(ngx_http_rtauth_revoked_of_t, id) },
    { NGX_HTTP_RTAUTH_REVOKED_FRONT,
      offsetof(ngx_http_rtauth_revoked_of_t, sid) },
    { NGX_HTTP_RTAUTH_REVOKED_EMAIL,
      offsetof(ngx_http_rtauth_revoked_of_t, email) },
    { NGX_HTTP_RTAUTH_REVOKED_EMAIL_ANY,
      offsetof(ngx_http_rtauth_revoked_of_t, email) },
    { NGX_HTTP_RTAUTH_REVOKED_ISSUER,
      offsetof(ngx_http_rtauth_revoked_of_t, issuer) },
    { NGX_HTTP_RTAUTH_REVOKED_ANY,
      offsetof(ngx_http_rtauth_revoked_of_t, any) },
    { NGX_HTTP_RTAUTH_REVOKED_PUSHED,
      offsetof(ngx_http_rtauth_revoked_of_t, pushed) },
};


#define NGX_HTTP_RTAUTH_NREVOKED                                              \
    (sizeof(ngx_http_rtauth_revoked_by)                                       \
     / sizeof(ngx_http_rtauth_revoked_by[0]))


ngx_int_t
ngx_http_rtauth_revoked_add(ngx_shm_zone_t *zone,
    ngx_http_rtauth_revoked_e kind, ngx_str_t *issuer, ngx_str_t *value,
    time_t before, time_t until)
{
    ngx_int_t        rc;
    rt_revocation_t  rev;

    rev.before = before;
    rev.until = until;
    rev.lift = 0;

    if (kind == NGX_HTTP_RTAUTH_REVOKED_FRONT) {
        rev.front = 1;
        rev.pushed = 0;
        rc = ngx_http_rtauth_revoked_key(kind, issuer, value, rev.key);

    } else {
        rc = ngx_http_rtauth_revoked_plan(zone, kind, issuer, value, &rev);
    }

    rc = rc == NGX_OK ? ngx_http_rtauth_revoked_apply(zone, &rev) : NGX_ERROR;

    if (rc == NGX_ERROR && kind == NGX_HTTP_RTAUTH_REVOKED_PUSHED) {
        ngx_http_rtauth_lock(zone);
        ngx_http_rtauth_root(zone)->untold++;
        ngx_http_rtauth_unlock(zone);
    }

    return rc;
}


ngx_uint_t
ngx_http_rtauth_revoked_untold(ngx_shm_zone_t *zone)
{
    ngx_uint_t  untold;

    ngx_http_rtauth_lock(zone);
    untold = ngx_http_rtauth_root(zone)->untold;
    ngx_http_rtauth_unlock(zone);

    return untold;
}


/* What is counted now are names from before, of this time, and in between. */

void
ngx_http_rtauth_revoked_retold(ngx_shm_zone_t *zone, ngx_uint_t before,
    ngx_uint_t lost)
{
    ngx_uint_t  *untold;

    ngx_http_rtauth_lock(zone);

    untold = &ngx_http_rtauth_root(zone)->untold;
    *untold = ngx_max(*untold - ngx_min(*untold, before), lost);

    ngx_http_rtauth_unlock(zone);
}


ngx_int_t
ngx_http_rtauth_revoked_apply(ngx_shm_zone_t *zone, rt_revocation_t *rev)
{
    return ngx_http_rtauth_revoked_put(zone, rev, NGX_HTTP_RTAUTH_TELLINGS);
}


ngx_int_t
ngx_http_rtauth_revoked_hear(ngx_shm_zone_t *zone, ngx_uint_t fleet,
    rt_revocation_t *rev)
{
    /*
     * A Redis cannot take anything back, or whoever writes there could let
     * people in.
     */

    if (rev->until <= ngx_time()
        || (rev->lift && fleet != NGX_HTTP_RTAUTH_REVOKED_JOURNAL))
    {
        return NGX_DECLINED;
    }

    return ngx_http_rtauth_revoked_put(zone, rev, fleet);
}


/*
 * Adds a revocation.  Whoever it was heard from need not be told of it;
 * NGX_HTTP_RTAUTH_TELLINGS: nobody.
 */

static ngx_int_t
ngx_http_rtauth_revoked_put(ngx_shm_zone_t *zone, rt_revocation_t *add,
    ngx_uint_t from)
{
    time_t                     *before, *until;
    ngx_int_t                   rc;
    ngx_slab_pool_t            *shpool;
    ngx_http_rtauth_part_t     *part;
    ngx_http_rtauth_revoked_t  *rev;

    add->before = ngx_min(add->before, RT_REVOCATION_MAX);
    add->until = ngx_min(add->until,
                         ngx_time() + NGX_HTTP_RTAUTH_REVOKED_MAX);

    shpool = ngx_http_rtauth_shpool(zone);
    part = ngx_http_rtauth_revoked_part(zone, add->front);

    ngx_http_rtauth_lock(zone);

    rev = ngx_http_rtauth_part_find(part, add->key);

    if (rev == NULL) {
        rev = ngx_http_rtauth_revoked_make(shpool, part, add);
    }

    if (rev == NULL && add->front && !ngx_queue_empty(&part->queue)) {
        ngx_http_rtauth_revoked_free(shpool, part,
                       ngx_queue_data(ngx_queue_last(&part->queue),
                                      ngx_http_rtauth_revoked_t, queue));

        rev = ngx_http_rtauth_revoked_make(shpool, part, add);
    }

    if (rev == NULL) {
        ngx_http_rtauth_unlock(zone);
        return NGX_ERROR;
    }

    rc = ngx_http_rtauth_revoked_holds(rev) ? NGX_DECLINED : NGX_OK;

    before = add->lift ? &rev->lift_before : &rev->before;
    until = add->lift ? &rev->lift_until : &rev->until;

    if (add->before > *before || add->until > *until) {

        /*
         * It is the latest now, of which everybody is told anew.  It grows
         * last: when this worker is killed before, too much is told, and not
         * too little.
         */

        if (add->lift) {
            rev->lift_told = 0;
        } else {
            ngx_memzero(rev->told, sizeof(rev->told));
        }

        ngx_http_rtauth_revoked_unlink(part, rev);
        ngx_queue_insert_head(&part->queue, &rev->queue);

        ngx_http_rtauth_revoked_serial(zone)++;

        ngx_memory_barrier();

        *before = ngx_max(*before, add->before);
        *until = ngx_max(*until, add->until);
    }

    if (from < NGX_HTTP_RTAUTH_TELLINGS) {
        ngx_http_rtauth_revoked_known(part, rev, add, from);
    }

    rev->held = 0;

    ngx_http_rtauth_unlock(zone);

    return rc;
}


/* Notes that all of a revocation is known there, if nothing was added to it. */

static void
ngx_http_rtauth_revoked_known(ngx_http_rtauth_part_t *part,
    ngx_http_rtauth_revoked_t *rev, rt_revocation_t *add, ngx_uint_t from)
{
    if (add->lift) {

        if (rev->lift_before == add->before && rev->lift_until == add->until) {
            rev->lift_told = part->telling[from].round;
        }

    } else if (rev->before == add->before && rev->until == add->until) {
        rev->told[from] = part->telling[from].round;
    }
}


static ngx_uint_t
ngx_http_rtauth_revoked_holds(ngx_http_rtauth_revoked_t *rev)
{
    return rev->until > ngx_time()
           && (rev->before > rev->lift_before || rev->until > rev->lift_until);
}


/* 1: nobody needs the revocation any more, here or at another host. */

static ngx_uint_t
ngx_http_rtauth_revoked_over(ngx_http_rtauth_revoked_t *rev)
{
    return ngx_max(rev->held, ngx_max(rev->until, rev->lift_until))
           <= ngx_time();
}


ngx_int_t
ngx_http_rtauth_revoked_plan(ngx_shm_zone_t *zone,
    ngx_http_rtauth_revoked_e kind, ngx_str_t *issuer, ngx_str_t *value,
    rt_revocation_t *rev)
{
    ngx_http_rtauth_part_t     *part;
    ngx_http_rtauth_revoked_t  *node;

    rev->front = 0;
    rev->pushed = (kind == NGX_HTTP_RTAUTH_REVOKED_PUSHED);

    if (ngx_http_rtauth_revoked_key(kind, issuer, value, rev->key) != NGX_OK) {
        return NGX_ERROR;
    }

    part = ngx_http_rtauth_revoked_part(zone, 0);

    ngx_http_rtauth_lock(zone);

    node = ngx_http_rtauth_part_find(part, rev->key);

    if (rev->lift && (node == NULL || !ngx_http_rtauth_revoked_holds(node))) {
        ngx_http_rtauth_unlock(zone);
        return NGX_DECLINED;
    }

    if (node == NULL) {
        node = ngx_http_rtauth_revoked_make(ngx_http_rtauth_shpool(zone), part,
                                            rev);
    }

    if (node) {
        node->held = ngx_time() + NGX_HTTP_RTAUTH_REVOKED_HELD;

        if (rev->lift) {
            rev->before = node->before;
            rev->until = node->until;

        } else if (rev->before <= node->lift_before) {
            rev->until = ngx_max(rev->until, node->lift_until + 1);
        }
    }

    ngx_http_rtauth_unlock(zone);

    return node ? NGX_OK : NGX_ERROR;
}


/* What comes or grows meanwhile is told to the journal beside this. */

ngx_uint_t
ngx_http_rtauth_revoked_all(ngx_shm_zone_t *zone, rt_revocation_t *revs,
    ngx_uint_t n)
{
    u_char                      last[NGX_HTTP_RTAUTH_DIGEST];
    ngx_uint_t                  i, over, looks;
    ngx_http_rtauth_part_t     *part;
    ngx_http_rtauth_revoked_t  *rev;

    i = 0;
    part = ngx_http_rtauth_revoked_part(zone, 0);

    ngx_memzero(last, sizeof(last));

    do {
        ngx_http_rtauth_lock(zone);

        rev = ngx_http_rtauth_revoked_after(part, last);

        for (looks = 0; rev && looks < NGX_HTTP_RTAUTH_REVOKED_LOOKS; looks++)
        {
            ngx_memcpy(last, rev->key, sizeof(last));

            over = ngx_http_rtauth_revoked_over(rev);

            if (!over && rev->until && i++ < n) {
                ngx_http_rtauth_revoked_copy(&revs[i - 1], rev, 0, 0);
            }

            if (!over && rev->lift_until && i++ < n) {
                ngx_http_rtauth_revoked_copy(&revs[i - 1], rev, 0, 1);
            }

            rev = ngx_http_rtauth_revoked_next(part, rev);
        }

        ngx_http_rtauth_unlock(zone);

    } while (rev);

    return i;
}


static void
ngx_http_rtauth_revoked_copy(rt_revocation_t *to,
    ngx_http_rtauth_revoked_t *rev, ngx_uint_t front, ngx_uint_t lift)
{
    ngx_memcpy(to->key, rev->key, NGX_HTTP_RTAUTH_DIGEST);

    to->before = lift ? rev->lift_before : rev->before;
    to->until = lift ? rev->lift_until : rev->until;
    to->front = front;
    to->lift = lift;
    to->pushed = rev->pushed;
}


ngx_uint_t
ngx_http_rtauth_revoked_tell(ngx_shm_zone_t *zone, ngx_uint_t fleet,
    ngx_uint_t number, rt_revocation_t *revs, ngx_uint_t n)
{
    ngx_uint_t  i, front, parts;

    i = 0;
    parts = 2;

    ngx_http_rtauth_lock(zone);

    /* after a reload the file may be another one, which has its own writers */

    if (fleet == NGX_HTTP_RTAUTH_REVOKED_JOURNAL) {
        parts = (ngx_http_rtauth_root(zone)->journal == number);
    }

    for (front = 0; front < parts && n - i > 1; front++) {
        i += ngx_http_rtauth_revoked_tell_part(
                 ngx_http_rtauth_revoked_part(zone, front), front, fleet,
                 &revs[i], n - i);
    }

    ngx_http_rtauth_unlock(zone);

    return i;
}


/*
 * What came or grew since the last call stands before top, and is told first,
 * then what stands from at on: what is told grows at both ends.
 *
 *     head  ..........  top  ..........  at  ..........
 *            to tell           told           to tell
 */

static ngx_uint_t
ngx_http_rtauth_revoked_tell_part(ngx_http_rtauth_part_t *part,
    ngx_uint_t front, ngx_uint_t fleet, rt_revocation_t *revs, ngx_uint_t n)
{
    ngx_uint_t                  i, looks;
    ngx_queue_t                *q;
    ngx_http_rtauth_telling_t  *t;

    i = 0;
    t = &part->telling[fleet];

    /* one may be two to tell: that it was revoked, and taken back */

    for (looks = 0; looks < NGX_HTTP_RTAUTH_REVOKED_LOOKS && n - i > 1; looks++)
    {
        q = ngx_queue_prev(t->top);

        if (q != ngx_queue_sentinel(&part->queue)) {
            t->top = q;

        } else {
            q = t->at;

            if (q == ngx_queue_sentinel(&part->queue)) {
                break;
            }

            t->at = ngx_queue_next(q);
        }

        i += ngx_http_rtauth_revoked_tell_one(part, q, front, fleet, &revs[i]);
    }

    return i;
}


static ngx_uint_t
ngx_http_rtauth_revoked_tell_one(ngx_http_rtauth_part_t *part, ngx_queue_t *q,
    ngx_uint_t front, ngx_uint_t fleet, rt_revocation_t *revs)
{
    ngx_uint_t                  i, round;
    ngx_http_rtauth_revoked_t  *rev;

    i = 0;
    round = part->telling[fleet].round;
    rev = ngx_queue_data(q, ngx_http_rtauth_revoked_t, queue);

    if (rev->told[fleet] != round && rev->until > ngx_time()) {
        rev->told[fleet] = round;
        ngx_http_rtauth_revoked_copy(&revs[i++], rev, front, 0);
    }

    if (fleet == NGX_HTTP_RTAUTH_REVOKED_JOURNAL && rev->lift_told != round
        && rev->lift_until > ngx_time())
    {
        rev->lift_told = round;
        ngx_http_rtauth_revoked_copy(&revs[i++], rev, front, 1);
    }

    return i;
}


void
ngx_http_rtauth_revoked_untell(ngx_shm_zone_t *zone, ngx_uint_t fleet)
{
    ngx_uint_t                  front;
    ngx_http_rtauth_part_t     *part;
    ngx_http_rtauth_telling_t  *t;

    ngx_http_rtauth_lock(zone);

    for (front = 0; front < 2; front++) {
        part = ngx_http_rtauth_revoked_part(zone, front);

        t = &part->telling[fleet];
        t->top = ngx_queue_head(&part->queue);
        t->at = t->top;
        t->round++;
    }

    ngx_http_rtauth_unlock(zone);
}


ngx_uint_t
ngx_http_rtauth_revoked(ngx_shm_zone_t *zone, ngx_http_rtauth_revoked_of_t *of)
{
    ngx_str_t   *value, any = ngx_string("*");
    ngx_uint_t   i;

    if (ngx_http_rtauth_revoked_serial(zone) == 0) {
        return 0;
    }

    of->any = any;

    for (i = 0; i < NGX_HTTP_RTAUTH_NREVOKED; i++) {
        value = (ngx_str_t *) ((u_char *) of
                               + ngx_http_rtauth_revoked_by[i].offset);

        if (value->len
            && ngx_http_rtauth_revoked_is(zone,
                                          ngx_http_rtauth_revoked_by[i].kind,
                                          &of->issuer, value, of->issued))
        {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_http_rtauth_revoked_seen(ngx_shm_zone_t *zone, ngx_str_t *issuer,
    ngx_str_t *jti)
{
    return ngx_http_rtauth_revoked_is(zone, NGX_HTTP_RTAUTH_REVOKED_SEEN,
                                      issuer, jti, 0);
}


static ngx_uint_t
ngx_http_rtauth_revoked_is(ngx_shm_zone_t *zone,
    ngx_http_rtauth_revoked_e kind, ngx_str_t *issuer, ngx_str_t *value,
    time_t issued)
{
    u_char                      key[NGX_HTTP_RTAUTH_DIGEST];
    ngx_uint_t                  revoked;
    ngx_http_rtauth_part_t     *part;
    ngx_http_rtauth_revoked_t  *rev;

    if (ngx_http_rtauth_revoked_key(kind, issuer, value, key) != NGX_OK) {
        return 1;
    }

    part = ngx_http_rtauth_revoked_part(zone,
                                   kind == NGX_HTTP_RTAUTH_REVOKED_FRONT);

    ngx_http_rtauth_lock(zone);

    rev = ngx_http_rtauth_part_find(part, key);
    revoked = rev && ngx_http_rtauth_revoked_holds(rev)
              && issued <= rev->before;

    ngx_http_rtauth_unlock(zone);

    return revoked;
}


static ngx_http_rtauth_part_t *
ngx_http_rtauth_revoked_part(ngx_shm_zone_t *zone, ngx_uint_t front)
{
    ngx_http_rtauth_root_t  *root;

    root = ngx_http_rtauth_root(zone);

    return front ? &root->front : &root->revoked;
}


static ngx_int_t
ngx_http_rtauth_revoked_key(ngx_http_rtauth_revoked_e kind, ngx_str_t *issuer,
    ngx_str_t *value, u_char *key)
{
    u_char       head;
    ngx_str_t    nobody = ngx_null_string;
    ngx_int_t    rc;
    EVP_MD_CTX  *md;

    head = '0' + kind;

    /* sessions of ours, and revocations of any issuer, have no issuer */

    if (kind == NGX_HTTP_RTAUTH_REVOKED_ID
        || kind == NGX_HTTP_RTAUTH_REVOKED_EMAIL_ANY
        || kind == NGX_HTTP_RTAUTH_REVOKED_ANY)
    {
        issuer = &nobody;
    }

    md = EVP_MD_CTX_new();
    if (md == NULL) {
        return NGX_ERROR;
    }

    rc = EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1
         && EVP_DigestUpdate(md, &head, 1) == 1
         && EVP_DigestUpdate(md, issuer->data, issuer->len) == 1
         && EVP_DigestUpdate(md, "", 1) == 1
         && EVP_DigestUpdate(md, value->data, value->len) == 1
         && EVP_DigestFinal_ex(md, key, NULL) == 1
         ? NGX_OK : NGX_ERROR;

    EVP_MD_CTX_free(md);

    return rc;
}


/* the functions below are called with the lock held */

/*
 * Drops nothing that is still in force: without room it fails.  While it
 * looks for what is over it lets go of the lock, and another worker may make
 * the same.
 */

static ngx_http_rtauth_revoked_t *
ngx_http_rtauth_revoked_make(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, rt_revocation_t *add)
{
    ngx_uint_t                  pieces;
    ngx_http_rtauth_revoked_t  *rev;

    rev = ngx_http_rtauth_revoked_alloc(shpool, part, add->pushed);

    /* all of it once, from the middle of one piece to the middle of it */

    pieces = part->n / NGX_HTTP_RTAUTH_REVOKED_LOOKS + 2;

    /* one sweep a second is enough: times are in seconds */

    while (rev == NULL && pieces && part->swept != ngx_time()) {
        ngx_http_rtauth_revoked_sweep(shpool, part);
        pieces--;

        ngx_shmtx_unlock(&shpool->mutex);
        ngx_shmtx_lock(&shpool->mutex);

        rev = ngx_http_rtauth_part_find(part, add->key);

        if (rev) {
            return rev;
        }

        rev = ngx_http_rtauth_revoked_alloc(shpool, part, add->pushed);
    }

    if (rev == NULL) {
        part->swept = pieces ? part->swept : ngx_time();
        return NULL;
    }

    ngx_memzero(rev, sizeof(ngx_http_rtauth_revoked_t));
    ngx_memcpy(rev->key, add->key, NGX_HTTP_RTAUTH_DIGEST);

    rev->pushed = add->pushed;

    rev->before = -1;
    rev->lift_before = -1;

    rev->node.node.key = ngx_http_rtauth_zone_hash(rev->key);
    rev->node.str.len = NGX_HTTP_RTAUTH_DIGEST;
    rev->node.str.data = rev->key;

    ngx_rbtree_insert(&part->tree, &rev->node.node);
    ngx_queue_insert_head(&part->queue, &rev->queue);

    return rev;
}


static ngx_http_rtauth_revoked_t *
ngx_http_rtauth_revoked_alloc(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, ngx_uint_t pushed)
{
    ngx_http_rtauth_root_t     *root;
    ngx_http_rtauth_revoked_t  *rev;

    root = shpool->data;

    if (pushed && (root->pushed + 1) * NGX_HTTP_RTAUTH_REVOKED_BYTES
                  > part->max / 2)
    {
        return NULL;
    }

    rev = ngx_http_rtauth_part_alloc(shpool, part,
                                     sizeof(ngx_http_rtauth_revoked_t));
    root->pushed += (rev && pushed);

    return rev;
}


/*
 * Looks at some, and goes on with the next ones when it is called again; behind
 * the last one with the first.
 */

static void
ngx_http_rtauth_revoked_sweep(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part)
{
    ngx_uint_t                  looks;
    ngx_http_rtauth_revoked_t  *rev, *next;

    rev = ngx_http_rtauth_revoked_after(part, part->sweep);

    for (looks = 0; rev && looks < NGX_HTTP_RTAUTH_REVOKED_LOOKS; looks++) {
        ngx_memcpy(part->sweep, rev->key, NGX_HTTP_RTAUTH_DIGEST);

        next = ngx_http_rtauth_revoked_next(part, rev);

        if (ngx_http_rtauth_revoked_over(rev)) {
            ngx_http_rtauth_revoked_free(shpool, part, rev);
        }

        rev = next;
    }

    if (rev == NULL) {
        ngx_memzero(part->sweep, NGX_HTTP_RTAUTH_DIGEST);
    }
}


/* In the order of the tree, in which none of them moves.  NULL: it was last. */

static ngx_http_rtauth_revoked_t *
ngx_http_rtauth_revoked_after(ngx_http_rtauth_part_t *part, u_char *key)
{
    ngx_rbtree_key_t            hash;
    ngx_rbtree_node_t          *node;
    ngx_http_rtauth_revoked_t  *rev, *after;

    after = NULL;
    hash = ngx_http_rtauth_zone_hash(key);
    node = part->tree.root;

    while (node != part->tree.sentinel) {
        rev = (ngx_http_rtauth_revoked_t *) node;

        if (node->key > hash
            || (node->key == hash
                && ngx_memcmp(rev->key, key, NGX_HTTP_RTAUTH_DIGEST) > 0))
        {
            after = rev;
            node = node->left;

        } else {
            node = node->right;
        }
    }

    return after;
}


static ngx_http_rtauth_revoked_t *
ngx_http_rtauth_revoked_next(ngx_http_rtauth_part_t *part,
    ngx_http_rtauth_revoked_t *rev)
{
    return (ngx_http_rtauth_revoked_t *)
               ngx_rbtree_next(&part->tree, &rev->node.node);
}


/* Takes it off the queue; whoever is told from there on goes on behind it. */

static void
ngx_http_rtauth_revoked_unlink(ngx_http_rtauth_part_t *part,
    ngx_http_rtauth_revoked_t *rev)
{
    ngx_uint_t                  i;
    ngx_queue_t                *next;
    ngx_http_rtauth_telling_t  *t;

    next = ngx_queue_next(&rev->queue);

    for (i = 0; i < NGX_HTTP_RTAUTH_TELLINGS; i++) {
        t = &part->telling[i];
        t->top = (t->top == &rev->queue) ? next : t->top;
        t->at = (t->at == &rev->queue) ? next : t->at;
    }

    ngx_queue_remove(&rev->queue);
}


static void
ngx_http_rtauth_revoked_free(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, ngx_http_rtauth_revoked_t *rev)
{
    ngx_http_rtauth_root_t  *root;

    root = shpool->data;
    root->pushed -= rev->pushed;

    ngx_rbtree_delete(&part->tree, &rev->node.node);
    ngx_http_rtauth_revoked_unlink(part, rev);

    ngx_http_rtauth_part_free(shpool, part, rev,
                              sizeof(ngx_http_rtauth_revoked_t));
}
