
/*
 * What the workers share: a slot for each of them, with its ring and its
 * books, and one entry for each sink.
 *
 *   zone
 *    +-- sink[]    by name: the id outlives reloads; the lock of its file
 *    +-- hand[]    what workers that share the late ring have in hand
 *    +-- slot[]    held by one worker until it is told to go
 *         +-- owner      robust mutex: the kernel says when a holder died
 *         +-- ring       events of this worker, oldest first
 *         +-- account[]  for each sink: requests begun, written, dropped
 *
 * The slot behind the last one is the late one: its ring is shared by workers
 * that were told to go and have given theirs back, and by any others that
 * found none.  They put under late_lock; one of all workers at a time holds
 * the slot and drains it.
 *
 * A worker that dies leaves its slot locked by nobody alive: whoever tries
 * the lock next is told so, books what the dead one had in hand as dropped,
 * and drains what it had put into the ring.
 *
 * For each sink:
 *
 *   requests = waived + written + dropped + in the ring + in hand
 */


#ifndef NGX_HTTP_RTAUDIT_ZONE_H_INCLUDED
#define NGX_HTTP_RTAUDIT_ZONE_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <openssl/sha.h>
#include <pthread.h>
#include <stdatomic.h>

#include "ngx_rt_clock.h"
#include "ngx_rt_str.h"

#include "event/rt_chain.h"
#include "event/rt_event.h"
#include "event/rt_ring.h"
#include "text/rt_uuid.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUDIT_SINKS     16
#define NGX_HTTP_RTAUDIT_NAME      63       /* bytes of a sink's name */
#define NGX_HTTP_RTAUDIT_SLOTS     256
#define NGX_HTTP_RTAUDIT_HANDS     128
/*
 * The mark of a frame has a bit for each of its sinks.  A frame whose line
 * tells of losses has this bit, too, and how many (uint64_t) ahead of the
 * line: should the line be given up, they have not been told.
 */

#define NGX_HTTP_RTAUDIT_TELLS     0x80000000u

/*
 * ... and this one, when its line is not the event of a request: the books of
 * requests do not have it.
 */

#define NGX_HTTP_RTAUDIT_EXTRA     0x40000000u

#define NGX_HTTP_RTAUDIT_RING_MIN  (128 * 1024)


typedef _Atomic uint64_t  ngx_http_rtaudit_count_t;


/* events that are out, and not known to be safe yet */

typedef struct {
    ngx_http_rtaudit_count_t     lines;
    ngx_http_rtaudit_count_t     tells;     /* losses that they tell of */
} ngx_http_rtaudit_recent_t;


typedef struct {
    ngx_http_rtaudit_count_t     cursor;    /* written up to here */
    ngx_http_rtaudit_count_t     requests;
    ngx_http_rtaudit_count_t     settled;   /* no longer in hand */
    ngx_http_rtaudit_count_t     waived;    /* level none */
    ngx_http_rtaudit_count_t     written;
    ngx_http_rtaudit_recent_t    fresh;     /* ... since the last look */
    ngx_http_rtaudit_recent_t    older;     /* ... and between it and the one
                                               before */
    ngx_http_rtaudit_recent_t    unsafe;    /* ... since the last commit */
    ngx_http_rtaudit_count_t     durable;   /* cursor: committed up to here,
                                               with fsync= */
    ngx_http_rtaudit_count_t     failed;    /* cursor: ... in vain, for some */
    ngx_http_rtaudit_count_t     dropped[RT_EVENT_DROPS];
    ngx_http_rtaudit_count_t     lost;      /* to be told: dropped, and what
                                               was told in vain */
    ngx_http_rtaudit_count_t     told;
    ngx_http_rtaudit_count_t     extra_written;     /* lines that are no
                                               request's event */
    ngx_http_rtaudit_count_t     extra_dropped;

    /* what the sink is to the writer that drains this slot */

    ngx_http_rtaudit_count_t     err;       /* errno, 0: it takes lines */
    ngx_http_rtaudit_count_t     good;      /* ms: idle or progress */
} ngx_http_rtaudit_account_t;


typedef struct {
    pthread_mutex_t              owner;
    rt_ring_t                    ring;
    size_t                       area;      /* of the ring: bytes from here */
    ngx_uint_t                   number;
    ngx_http_rtaudit_count_t     peak;      /* bytes of the ring, at most, that
                                               its writer found in use */

    ngx_http_rtaudit_count_t     sinks;     /* a bit for each that its holder
                                               writes to */

    /* the holder's alone */
    uint64_t                     seq;

    ngx_http_rtaudit_account_t   account[NGX_HTTP_RTAUDIT_SINKS];
} ngx_http_rtaudit_slot_t;


/*
 * A write in progress.  Should the writer die in it, the next one that takes
 * the lock knows whether the lines were booked.
 */

typedef struct {
    ngx_http_rtaudit_count_t     active;
    uint64_t                     number;    /* of the sink's writes */
    ngx_uint_t                   slot;
    uint64_t                     cursor;    /* of the slot, afterwards */
    uint64_t                     written;   /* of the account, before */
    uint64_t                     lines;     /* in this write */
    uint64_t                     extra_written;     /* likewise, of others */
    uint64_t                     extra;
} ngx_http_rtaudit_intent_t;


/* files: where the write of this number begins, so that it can be undone */

typedef struct {
    ngx_http_rtaudit_count_t     number;
    uint64_t                     dev;
    uint64_t                     ino;
    off_t                        size;      /* of the file, before */
    off_t                        most;      /* ... and at most, afterwards */
} ngx_http_rtaudit_mark_t;


/*
 * Files: the part of a line that is out and could not be taken back, for a
 * pipe is full, or a file can only grow.  Its rest goes before any other line.
 */

typedef struct {
    size_t                       len;       /* 0: there is none */
    uint64_t                     dev;
    uint64_t                     ino;
    ngx_uint_t                   slot;      /* whose line it is: the first */
    uint32_t                     made;      /* how it was, for this sink */
    uint64_t                     cursor;    /* ... behind this cursor */
} ngx_http_rtaudit_torn_t;


/* collectors: what became of lines that were written, which is: spooled */

typedef struct {
    ngx_http_rtaudit_count_t     taken;
    ngx_http_rtaudit_count_t     refused;   /* by the collector, and kept */
    ngx_http_rtaudit_count_t     lost;      /* ... and not kept, or damaged */
    ngx_http_rtaudit_count_t     waiting;   /* bytes of the spool */
    ngx_http_rtaudit_count_t     status;    /* of the last answer; 0: none */
} ngx_http_rtaudit_sent_t;


/* the chain of the sink's lines: see ngx_http_rtaudit_chain.h */

typedef struct {
    ngx_http_rtaudit_count_t     turn;      /* 0: there was none yet */
    uint64_t                     next;      /* the turn after this write */
    rt_chain_head_t              head[2];
    rt_chain_head_t              after;     /* what the first line names */
    ngx_http_rtaudit_count_t     broken;    /* another one begins */
    rt_chain_head_t              ended;     /* of a zone that was replaced */
} ngx_http_rtaudit_links_t;


/* what own events told of a sink; see own.h */

typedef struct {
    ngx_uint_t                   begun;     /* AUDIT_START, and no AUDIT_STOP */
    uint64_t                     cycle;     /* AUDIT_CONFIG, of this cycle */
    u_char                       hash[SHA256_DIGEST_LENGTH];
    uint64_t                     dropped;   /* AUDIT_DROP, of that many ... */
    uint64_t                     when;      /* ... at that time, ms */
    uint64_t                     dev;       /* AUDIT_ROTATE, of this file */
    uint64_t                     ino;
    time_t                       ended;     /* GRANT_EXPIRED, of all that
                                               ended until then */
    time_t                       round;     /* when the round that is being
                                               told began */
    ngx_uint_t                   nended;    /* how many of it are told */

    /* the one that is being told: whoever does it again takes this id */

    u_char                       id[RT_UUID_LEN];
    uint64_t                     ms;        /* when; 0: none is */
} ngx_http_rtaudit_told_t;


typedef struct {
    size_t                       len;
    u_char                       name[NGX_HTTP_RTAUDIT_NAME + 1];
    pthread_mutex_t              lock;      /* one writer at a time */
    ngx_http_rtaudit_intent_t    intent;
    ngx_http_rtaudit_mark_t      mark;
    ngx_http_rtaudit_torn_t      torn;
    ngx_http_rtaudit_sent_t      sent;
    ngx_http_rtaudit_links_t     links;
    ngx_http_rtaudit_told_t      own;
} ngx_http_rtaudit_shared_t;


/* requests booked in the late slot that one worker has in hand, by sink */

typedef struct {
    pthread_mutex_t              owner;
    ngx_http_rtaudit_count_t     sinks;     /* as a slot's */
    ngx_http_rtaudit_count_t     n[NGX_HTTP_RTAUDIT_SINKS];
} ngx_http_rtaudit_hand_t;


typedef struct {
    ngx_uint_t                   nslots;    /* without the late one */
    size_t                       ring;      /* bytes of each */
    u_char                       boot[9];   /* made when the zone was */
    time_t                       since;     /* likewise */
    ngx_http_rtaudit_count_t     refused;   /* requests, for required sinks */
    ngx_http_rtaudit_count_t     checkpoint;    /* ms: the last one */
    ngx_http_rtaudit_count_t     checkpoint_lines;  /* written until then */
    _Atomic int                  over;      /* it was replaced, and emptied */
    _Atomic ngx_uint_t           nsinks;    /* grows with reloads */
    ngx_http_rtaudit_shared_t    sink[NGX_HTTP_RTAUDIT_SINKS];
    ngx_http_rtaudit_count_t     cycle;     /* of the configuration in use */
    ngx_http_rtaudit_count_t     current;   /* a bit for each of its sinks */
    ngx_http_rtaudit_count_t     came;      /* the last cycle with a worker */
    pthread_mutex_t              own_lock;  /* one tells own events */
    pthread_mutex_t              late_lock;
    ngx_http_rtaudit_hand_t      hand[NGX_HTTP_RTAUDIT_HANDS];
    ngx_http_rtaudit_slot_t      slot[];
} ngx_http_rtaudit_zone_t;


/* creates or adopts the zone; shm_zone->data is the main configuration */
ngx_int_t ngx_http_rtaudit_zone_init(ngx_shm_zone_t *shm_zone, void *data);

/* the id of the sink of this name; nsinks when there is none */
ngx_uint_t ngx_http_rtaudit_zone_sink(ngx_http_rtaudit_zone_t *zone,
    ngx_str_t *name);

/*
 * No worker is left, and the zone goes: for each sink, how many events were
 * not written, and how many losses no event tells of; nothing if none.
 */
void ngx_http_rtaudit_zone_final(ngx_http_rtaudit_zone_t *zone,
    ngx_log_t *log);

/* events of this sink that were not written, losses that no event tells of */
void ngx_http_rtaudit_zone_left(ngx_http_rtaudit_zone_t *zone, ngx_uint_t id,
    uint64_t *left, uint64_t *untold);

/*
 * Takes a slot nobody alive holds, from *next on, and moves *next behind
 * it.  What a dead holder had in hand is booked.  NULL when all are held.
 */
ngx_http_rtaudit_slot_t *ngx_http_rtaudit_slot_claim(
    ngx_http_rtaudit_zone_t *zone, ngx_uint_t *next);

/* the same for the late one: NULL when another worker drains it */
ngx_http_rtaudit_slot_t *ngx_http_rtaudit_late_claim(
    ngx_http_rtaudit_zone_t *zone);

/* NULL: all are taken, and what this worker has in hand is not counted */
ngx_http_rtaudit_hand_t *ngx_http_rtaudit_hand_claim(
    ngx_http_rtaudit_zone_t *zone);

/* books what is in this hand, which is gone, as dropped */
void ngx_http_rtaudit_hand_settle(ngx_http_rtaudit_zone_t *zone,
    ngx_http_rtaudit_hand_t *hand, rt_event_drop_e reason);

/* ... and in those of workers that died; the number of those that did not */
ngx_uint_t ngx_http_rtaudit_hands_settle(ngx_http_rtaudit_zone_t *zone);

/* is somebody alive who holds it?  What a dead holder had is booked. */
ngx_uint_t ngx_http_rtaudit_slot_held(ngx_http_rtaudit_zone_t *zone,
    ngx_http_rtaudit_slot_t *slot);

/* has a worker that lives, and has not said that it ends, this sink? */
ngx_uint_t ngx_http_rtaudit_zone_used(ngx_http_rtaudit_zone_t *zone,
    ngx_uint_t id);

void ngx_http_rtaudit_slot_release(ngx_http_rtaudit_slot_t *slot);

/* books what is still in hand */
void ngx_http_rtaudit_slot_settle(ngx_http_rtaudit_zone_t *zone,
    ngx_http_rtaudit_slot_t *slot, rt_event_drop_e reason);

/*
 * Locks a robust mutex without waiting: NGX_OK, NGX_DONE (its holder died),
 * NGX_BUSY.
 */
ngx_int_t ngx_http_rtaudit_trylock(pthread_mutex_t *mutex);

/*
 * The same, but waits for at most ms, for its holder may wait for a CPU; not
 * at all for one that was waited for in vain, which *busy says.
 */
ngx_int_t ngx_http_rtaudit_lock(pthread_mutex_t *mutex, ngx_msec_t ms,
    ngx_uint_t *busy);


static ngx_inline ngx_http_rtaudit_slot_t *
ngx_http_rtaudit_zone_late(ngx_http_rtaudit_zone_t *zone)
{
    return &zone->slot[zone->nslots];
}


/* a zone is not mapped at the same address in all processes */

static ngx_inline u_char *
ngx_http_rtaudit_zone_area(ngx_http_rtaudit_slot_t *slot)
{
    return (u_char *) slot + slot->area;
}


static ngx_inline void
ngx_http_rtaudit_zone_add(ngx_http_rtaudit_count_t *count, uint64_t n)
{
    atomic_fetch_add_explicit(count, n, memory_order_relaxed);
}


/* milliseconds of the monotonic clock */

static ngx_inline uint64_t
ngx_http_rtaudit_zone_now(void)
{
    return ngx_rt_clock_ms(CLOCK_MONOTONIC);
}


static ngx_inline uint64_t
ngx_http_rtaudit_zone_get(ngx_http_rtaudit_count_t *count)
{
    return atomic_load_explicit(count, memory_order_acquire);
}


static ngx_inline void
ngx_http_rtaudit_zone_set(ngx_http_rtaudit_count_t *count, uint64_t n)
{
    atomic_store_explicit(count, n, memory_order_release);
}


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_ZONE_H_INCLUDED */
