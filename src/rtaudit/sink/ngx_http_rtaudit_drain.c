
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "sink/ngx_http_rtaudit_chain.h"
#include "sink/ngx_http_rtaudit_drain.h"
#include "sink/ngx_http_rtaudit_line.h"


#define NGX_HTTP_RTAUDIT_DRAIN_LOCK  200    /* ms for another one to finish */
#define NGX_HTTP_RTAUDIT_PAUSE_MIN   50     /* ms; back-off, doubled ... */
#define NGX_HTTP_RTAUDIT_PAUSE_MAX   2000   /* ... up to this */


static void ngx_http_rtaudit_drain_lost(ngx_http_rtaudit_account_t *account,
    ngx_http_rtaudit_recent_t *recent);
static void ngx_http_rtaudit_drain_forget(ngx_http_rtaudit_recent_t *recent);
static ngx_int_t ngx_http_rtaudit_drain_lock(ngx_http_rtaudit_shared_t *sh,
    ngx_http_rtaudit_out_t *out);
static void ngx_http_rtaudit_drain_recover(ngx_http_rtaudit_shared_t *sh,
    ngx_http_rtaudit_out_t *out);
static ngx_uint_t ngx_http_rtaudit_drain_unbooked(
    ngx_http_rtaudit_zone_t *zone, ngx_uint_t id);
static void ngx_http_rtaudit_drain_collect(ngx_http_rtaudit_slot_t *slot,
    ngx_uint_t id, ngx_http_rtaudit_batch_t *b, ngx_uint_t most);
static void ngx_http_rtaudit_drain_skip(ngx_http_rtaudit_account_t *account,
    uint64_t cursor);
static uint64_t ngx_http_rtaudit_drain_tells(ngx_http_rtaudit_batch_t *b,
    ngx_uint_t n);
static ngx_uint_t ngx_http_rtaudit_drain_extra(ngx_http_rtaudit_batch_t *b,
    ngx_uint_t n);
static void ngx_http_rtaudit_drain_write(ngx_http_rtaudit_shared_t *sh,
    ngx_http_rtaudit_out_t *out, ngx_http_rtaudit_batch_t *b);
static void ngx_http_rtaudit_drain_intend(ngx_http_rtaudit_intent_t *intent,
    ngx_http_rtaudit_out_t *out, ngx_http_rtaudit_batch_t *b);
static void ngx_http_rtaudit_drain_settle(ngx_http_rtaudit_intent_t *intent,
    ngx_http_rtaudit_out_t *out, ngx_http_rtaudit_batch_t *b);
static void ngx_http_rtaudit_drain_outcome(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b);
static void ngx_http_rtaudit_drain_relieve(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_slot_t *slot, ngx_uint_t flying);
static uint64_t ngx_http_rtaudit_drain_behind(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_slot_t *slot);
static void ngx_http_rtaudit_drain_give_up(ngx_http_rtaudit_slot_t *slot,
    ngx_uint_t id, ngx_http_rtaudit_batch_t *b, rt_event_drop_e reason);


ngx_uint_t
ngx_http_rtaudit_drain(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_slot_t *slot)
{
    uint64_t                     before;
    ngx_http_rtaudit_batch_t     b;
    ngx_http_rtaudit_shared_t   *sh;
    ngx_http_rtaudit_account_t  *account;

    account = &slot->account[out->id];

    if (ngx_http_rtaudit_zone_get(&account->cursor)
        == ngx_http_rtaudit_zone_get(&slot->ring.head))
    {
        return 0;
    }

    sh = &out->zone->sink[out->id];

    if (out->gone
        || (out->retry && ngx_http_rtaudit_zone_now() < out->retry)
        || ngx_http_rtaudit_drain_lock(sh, out) != NGX_OK)
    {
        ngx_http_rtaudit_drain_relieve(out, slot, 0);
        return 0;
    }

    before = ngx_http_rtaudit_zone_get(&account->cursor);

    ngx_http_rtaudit_drain_collect(slot, out->id, &b,
                                   NGX_HTTP_RTAUDIT_BATCH);

    if (b.broken) {
        ngx_http_rtaudit_zone_set(&account->failed, b.cursor);
    }

    if (b.n) {
        ngx_http_rtaudit_drain_write(sh, out, &b);

    } else {
        ngx_http_rtaudit_drain_skip(account, b.cursor);
    }

    if (b.broken) {
        ngx_http_rtaudit_zone_add(&account->dropped[RT_EVENT_DROP_MEMORY], 1);
        ngx_http_rtaudit_zone_add(&account->lost, 1);
    }

    (void) pthread_mutex_unlock(&sh->lock);

    return ngx_http_rtaudit_zone_get(&account->cursor) == before ? 0 : b.seen;
}


ngx_uint_t
ngx_http_rtaudit_drain_unknown(ngx_uint_t id, ngx_http_rtaudit_slot_t *slot)
{
    ngx_http_rtaudit_batch_t  b;

    if (ngx_http_rtaudit_zone_get(&slot->account[id].cursor)
        == ngx_http_rtaudit_zone_get(&slot->ring.head))
    {
        return 0;
    }

    ngx_http_rtaudit_drain_collect(slot, id, &b, NGX_HTTP_RTAUDIT_BATCH);
    ngx_http_rtaudit_drain_give_up(slot, id, &b, RT_EVENT_DROP_SHUTDOWN);

    return b.seen;
}


void
ngx_http_rtaudit_drain_looked(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_slot_t *slot, ngx_int_t lost)
{
    ngx_http_rtaudit_account_t  *account;

    account = &slot->account[out->id];

    if (lost == NGX_DONE) {
        ngx_http_rtaudit_drain_lost(account, &account->older);
    }

    if (lost) {
        ngx_http_rtaudit_drain_lost(account, &account->fresh);
        ngx_http_rtaudit_drain_forget(&account->unsafe);
    }

    ngx_http_rtaudit_zone_set(&account->older.lines,
                           ngx_http_rtaudit_zone_get(&account->fresh.lines));
    ngx_http_rtaudit_zone_set(&account->older.tells,
                           ngx_http_rtaudit_zone_get(&account->fresh.tells));
    ngx_http_rtaudit_drain_forget(&account->fresh);
}


/*
 * "failed" is set first: a request that waits reads it when "durable" has
 * moved.
 */

void
ngx_http_rtaudit_drain_committed(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_slot_t *slot, ngx_int_t rc)
{
    uint64_t                     cursor;
    ngx_http_rtaudit_account_t  *account;

    account = &slot->account[out->id];
    cursor = ngx_http_rtaudit_zone_get(&account->cursor);

    if (rc != NGX_OK) {
        ngx_http_rtaudit_zone_set(&account->failed, cursor);
    }

    if (rc == NGX_ERROR) {
        ngx_http_rtaudit_drain_lost(account, &account->unsafe);
        ngx_http_rtaudit_drain_forget(&account->fresh);
        ngx_http_rtaudit_drain_forget(&account->older);
    }

    ngx_http_rtaudit_drain_forget(&account->unsafe);
    ngx_http_rtaudit_zone_set(&account->durable, cursor);
}


/*
 * Lines that were written are lost.  Events tell of them, and once more of the
 * losses that they told.
 */

static void
ngx_http_rtaudit_drain_lost(ngx_http_rtaudit_account_t *account,
    ngx_http_rtaudit_recent_t *recent)
{
    uint64_t  n;

    n = ngx_http_rtaudit_zone_get(&recent->lines);

    ngx_http_rtaudit_zone_add(&account->written, -n);
    ngx_http_rtaudit_zone_add(&account->dropped[RT_EVENT_DROP_UNLINKED], n);
    ngx_http_rtaudit_zone_add(&account->lost,
                              n + ngx_http_rtaudit_zone_get(&recent->tells));

    ngx_http_rtaudit_drain_forget(recent);
}


static void
ngx_http_rtaudit_drain_forget(ngx_http_rtaudit_recent_t *recent)
{
    ngx_http_rtaudit_zone_set(&recent->lines, 0);
    ngx_http_rtaudit_zone_set(&recent->tells, 0);
}


static ngx_int_t
ngx_http_rtaudit_drain_lock(ngx_http_rtaudit_shared_t *sh,
    ngx_http_rtaudit_out_t *out)
{
    ngx_int_t  rc;

    rc = ngx_http_rtaudit_lock(&sh->lock, NGX_HTTP_RTAUDIT_DRAIN_LOCK,
                               &out->busy);

    if (rc == NGX_DONE) {
        ngx_http_rtaudit_drain_recover(sh, out);
    }

    return rc == NGX_BUSY ? NGX_BUSY : NGX_OK;
}


/*
 * The one before died within the lock.  Unless its cursor says that the
 * lines are out, whoever drains its ring writes them again.
 */

static void
ngx_http_rtaudit_drain_recover(ngx_http_rtaudit_shared_t *sh,
    ngx_http_rtaudit_out_t *out)
{
    if (ngx_http_rtaudit_drain_unbooked(out->zone, out->id)
        && (out->kind->undo == NULL
            || out->kind->undo(out, sh->intent.number) != NGX_OK))
    {
        ngx_http_rtaudit_chain_break(sh);
    }

    ngx_http_rtaudit_zone_set(&sh->intent.active, 0);
}


/* was the last writer in a write that its cursor does not tell of? */

static ngx_uint_t
ngx_http_rtaudit_drain_unbooked(ngx_http_rtaudit_zone_t *zone, ngx_uint_t id)
{
    ngx_uint_t                   unbooked;
    ngx_http_rtaudit_intent_t   *intent;
    ngx_http_rtaudit_account_t  *account;

    unbooked = 0;
    intent = &zone->sink[id].intent;

    if (ngx_http_rtaudit_zone_get(&intent->active)
        && intent->slot <= zone->nslots)
    {
        account = &zone->slot[intent->slot].account[id];

        if (ngx_http_rtaudit_zone_get(&account->cursor) >= intent->cursor) {
            ngx_http_rtaudit_zone_set(&account->written,
                                      intent->written + intent->lines);
            ngx_http_rtaudit_zone_set(&account->extra_written,
                                      intent->extra_written + intent->extra);
            ngx_http_rtaudit_chain_settle(&zone->sink[id]);

        } else {
            unbooked = 1;
        }
    }

    return unbooked;
}


/*
 * Nothing is taken back from the sink: the workers of another zone write to
 * it, and their lines may be behind what is out.
 */

ngx_int_t
ngx_http_rtaudit_drain_inherit(ngx_http_rtaudit_zone_t *zone, ngx_uint_t id)
{
    switch (ngx_http_rtaudit_trylock(&zone->sink[id].lock)) {

    case NGX_BUSY:
        return NGX_BUSY;

    case NGX_DONE:
        (void) ngx_http_rtaudit_drain_unbooked(zone, id);
        break;
    }

    (void) pthread_mutex_unlock(&zone->sink[id].lock);

    return NGX_OK;
}


static void
ngx_http_rtaudit_drain_collect(ngx_http_rtaudit_slot_t *slot, ngx_uint_t id,
    ngx_http_rtaudit_batch_t *b, ngx_uint_t most)
{
    rt_ring_frame_t  frame;

    b->n = 0;
    b->err = 0;
    b->why = NULL;
    b->seen = 0;
    b->done = 0;
    b->slot = slot;
    b->bytes = 0;
    b->broken = 0;
    b->cursor = ngx_http_rtaudit_zone_get(&slot->account[id].cursor);

    while (b->n < most) {

        switch (rt_ring_read(&slot->ring, ngx_http_rtaudit_zone_area(slot),
                             &b->cursor, &frame))
        {

        case RT_OK:
            break;

        case RT_DONE:
            return;

        default:
            b->cursor = ngx_http_rtaudit_zone_get(&slot->ring.head);
            b->broken = 1;
            return;
        }

        b->seen++;

        if (!(frame.mark & ((uint32_t) 1 << id))) {
            continue;
        }

        b->tells[b->n] = 0;

        if ((frame.mark & NGX_HTTP_RTAUDIT_TELLS)
            && frame.data.len > sizeof(uint64_t))
        {
            ngx_memcpy(&b->tells[b->n], frame.data.data, sizeof(uint64_t));
            frame.data.data += sizeof(uint64_t);
            frame.data.len -= sizeof(uint64_t);
        }

        b->iov[b->n].iov_base = frame.data.data;
        b->iov[b->n].iov_len = frame.data.len;
        b->end[b->n] = b->cursor;
        b->extra[b->n] = (frame.mark & NGX_HTTP_RTAUDIT_EXTRA) != 0;
        b->bytes += frame.data.len;
        b->n++;
    }
}


/*
 * Nothing up to here was for this sink: if all before it was on disk, all is.
 */

static void
ngx_http_rtaudit_drain_skip(ngx_http_rtaudit_account_t *account,
    uint64_t cursor)
{
    if (ngx_http_rtaudit_zone_get(&account->durable)
        == ngx_http_rtaudit_zone_get(&account->cursor))
    {
        ngx_http_rtaudit_zone_set(&account->durable, cursor);
    }

    ngx_http_rtaudit_zone_set(&account->cursor, cursor);
}


/* losses that the first n lines tell of */

static uint64_t
ngx_http_rtaudit_drain_tells(ngx_http_rtaudit_batch_t *b, ngx_uint_t n)
{
    uint64_t    tells;
    ngx_uint_t  i;

    tells = 0;

    for (i = 0; i < n; i++) {
        tells += b->tells[i];
    }

    return tells;
}


/* how many of them are no request's event */

static ngx_uint_t
ngx_http_rtaudit_drain_extra(ngx_http_rtaudit_batch_t *b, ngx_uint_t n)
{
    ngx_uint_t  i, extra;

    extra = 0;

    for (i = 0; i < n; i++) {
        extra += b->extra[i];
    }

    return extra;
}


static void
ngx_http_rtaudit_drain_write(ngx_http_rtaudit_shared_t *sh,
    ngx_http_rtaudit_out_t *out, ngx_http_rtaudit_batch_t *b)
{
    ngx_int_t  rc;

    rc = ngx_http_rtaudit_line(out, b);

    if (rc == NGX_OK) {
        ngx_http_rtaudit_drain_intend(&sh->intent, out, b);
        rc = out->kind->write(out, b);
    }

    switch (rc) {

    case NGX_OK:
        b->done = b->n;
        b->err = 0;
        break;

    case NGX_BUSY:
        b->err = errno;
        break;

    case NGX_DECLINED:
        ngx_http_rtaudit_zone_set(&sh->intent.active, 0);

        ngx_http_rtaudit_drain_collect(b->slot, out->id, b, 1);
        ngx_http_rtaudit_drain_give_up(b->slot, out->id, b,
                                       RT_EVENT_DROP_SIZE);
        return;
    }

    ngx_http_rtaudit_drain_settle(&sh->intent, out, b);
    ngx_http_rtaudit_drain_outcome(out, b);
}


static void
ngx_http_rtaudit_drain_intend(ngx_http_rtaudit_intent_t *intent,
    ngx_http_rtaudit_out_t *out, ngx_http_rtaudit_batch_t *b)
{
    ngx_http_rtaudit_account_t  *account;

    account = &b->slot->account[out->id];

    b->number = intent->number + 1;

    intent->number = b->number;
    intent->slot = b->slot->number;
    intent->cursor = b->cursor;
    intent->written = ngx_http_rtaudit_zone_get(&account->written);
    intent->extra_written = ngx_http_rtaudit_zone_get(&account->extra_written);
    intent->extra = ngx_http_rtaudit_drain_extra(b, b->n);
    intent->lines = b->n - intent->extra;

    ngx_http_rtaudit_chain_intend(&out->zone->sink[out->id]);
    ngx_http_rtaudit_zone_set(&intent->active, 1);
}


/* books the lines that are out */

static void
ngx_http_rtaudit_drain_settle(ngx_http_rtaudit_intent_t *intent,
    ngx_http_rtaudit_out_t *out, ngx_http_rtaudit_batch_t *b)
{
    uint64_t                     cursor, tells;
    ngx_http_rtaudit_shared_t   *sh;
    ngx_http_rtaudit_account_t  *account;

    sh = &out->zone->sink[out->id];
    account = &b->slot->account[out->id];

    if (b->done) {
        tells = ngx_http_rtaudit_drain_tells(b, b->done);

        if (out->chain) {
            ngx_http_rtaudit_chain_pend(sh, &b->iov[b->done - 1]);
        }

        cursor = (b->done == b->n) ? b->cursor : b->end[b->done - 1];

        intent->extra = ngx_http_rtaudit_drain_extra(b, b->done);
        intent->lines = b->done - intent->extra;
        intent->cursor = cursor;

        ngx_http_rtaudit_zone_add(&account->fresh.lines, intent->lines);
        ngx_http_rtaudit_zone_add(&account->fresh.tells, tells);
        ngx_http_rtaudit_zone_add(&account->unsafe.lines, intent->lines);
        ngx_http_rtaudit_zone_add(&account->unsafe.tells, tells);
        ngx_http_rtaudit_zone_set(&account->cursor, cursor);
        ngx_http_rtaudit_zone_add(&account->written, intent->lines);
        ngx_http_rtaudit_zone_add(&account->extra_written, intent->extra);
        ngx_http_rtaudit_chain_settle(sh);
    }

    ngx_http_rtaudit_zone_set(&intent->active, 0);
}


/*
 * A sink that is full for the moment has failed only when it stays so; one that
 * has failed has until lines are out.
 */

static void
ngx_http_rtaudit_drain_outcome(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b)
{
    uint64_t  now;

    now = ngx_http_rtaudit_zone_now();

    if (b->done) {
        ngx_http_rtaudit_zone_set(&out->good, now);
    }

    if (b->err == 0 || b->done) {
        out->retry = 0;
        out->pause = 0;

        if (!out->unsafe) {
            atomic_store(&out->err, 0);
        }

    } else if (b->err != EAGAIN && b->err != EINPROGRESS) {
        out->pause = ngx_min(ngx_max(2 * out->pause,
                                     NGX_HTTP_RTAUDIT_PAUSE_MIN),
                             NGX_HTTP_RTAUDIT_PAUSE_MAX);
        out->retry = now + out->pause;

        atomic_store(&out->why, b->why);
        atomic_store(&out->err, b->err);

    } else if (now >= ngx_http_rtaudit_zone_get(&out->good)
                      + NGX_HTTP_RTAUDIT_STALE
               && atomic_load(&out->err) == 0)
    {
        atomic_store(&out->why, b->why);
        atomic_store(&out->err, EAGAIN);
    }

    if (b->err) {
        ngx_http_rtaudit_drain_relieve(out, b->slot, b->err == EINPROGRESS);
    }
}


/*
 * The lines stay in the ring and are tried again, unless they would keep
 * others from a sink that works.  Who gives up lines that are on their way
 * breaks off, which is worth it for many at a time only.
 */

static void
ngx_http_rtaudit_drain_relieve(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_slot_t *slot, ngx_uint_t flying)
{
    uint64_t                  most, least;
    ngx_http_rtaudit_batch_t  b;

    if (out->alone || out->required) {
        return;
    }

    most = slot->ring.size / 8 * (flying ? 5 : 4);
    least = slot->ring.size / 8 * (flying ? 2 : 4);

    if (rt_ring_used(&slot->ring) <= most
        || ngx_http_rtaudit_drain_behind(out, slot) <= most)
    {
        return;
    }

    do {
        ngx_http_rtaudit_drain_collect(slot, out->id, &b,
                                       NGX_HTTP_RTAUDIT_BATCH);
        ngx_http_rtaudit_drain_give_up(slot, out->id, &b,
                                       RT_EVENT_DROP_DISK);

    } while (ngx_http_rtaudit_drain_behind(out, slot) > least);
}


/* bytes of the ring that this sink has not seen */

static uint64_t
ngx_http_rtaudit_drain_behind(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_slot_t *slot)
{
    return ngx_http_rtaudit_zone_get(&slot->ring.head)
           - ngx_http_rtaudit_zone_get(&slot->account[out->id].cursor);
}


static void
ngx_http_rtaudit_drain_give_up(ngx_http_rtaudit_slot_t *slot, ngx_uint_t id,
    ngx_http_rtaudit_batch_t *b, rt_event_drop_e reason)
{
    ngx_uint_t                   extra;
    ngx_http_rtaudit_account_t  *account;

    account = &slot->account[id];
    extra = ngx_http_rtaudit_drain_extra(b, b->n);

    ngx_http_rtaudit_zone_add(&account->dropped[reason], b->n - extra);
    ngx_http_rtaudit_zone_add(&account->extra_dropped, extra);
    ngx_http_rtaudit_zone_set(&account->failed, b->cursor);
    ngx_http_rtaudit_zone_add(&account->lost,
                              b->n - extra
                              + ngx_http_rtaudit_drain_tells(b, b->n));
    ngx_http_rtaudit_zone_set(&account->cursor, b->cursor);
}
