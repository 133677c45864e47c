
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <openssl/rand.h>

#include "sink/ngx_http_rtaudit_books.h"

#include "event/rt_event_class.h"


#define NGX_HTTP_RTAUDIT_RANDOM     4096    /* bytes fetched at a time */
#define NGX_HTTP_RTAUDIT_LATE_LOCK  1000    /* ms for others to make a line */


typedef struct {
    ngx_http_rtaudit_writer_t    *writer;
    ngx_http_rtaudit_zone_t      *zone;
    ngx_http_rtaudit_slot_t      *slot;
    ngx_http_rtaudit_slot_t      *given;    /* its own, given back */
    ngx_http_rtaudit_hand_t      *hand;     /* since it uses the late one */

    ngx_uint_t                    busy;     /* the lock of the late one */
    uint64_t                      full;     /* lines: the ring was */
    uint32_t                      alerts;   /* marks of sinks for nothing
                                               else */

    u_char                       *scratch;
    size_t                        size;     /* of a line in scratch */
    uint64_t                      sinks;    /* a bit for each */
    u_char                       *stream;
    size_t                        stream_len;
    rt_time_kept_t                clock;

    rt_uuid_t                     uuid;
    size_t                        left;     /* of rnd */
    u_char                        rnd[NGX_HTTP_RTAUDIT_RANDOM];
} ngx_http_rtaudit_books_t;


/* one a process */

static ngx_http_rtaudit_books_t  *ngx_http_rtaudit_books;


ngx_int_t
ngx_http_rtaudit_books_open(ngx_http_rtaudit_writer_t *writer,
    ngx_cycle_t *cycle, size_t max_event)
{
    ngx_uint_t                 i;
    ngx_http_rtaudit_books_t  *books;

    books = ngx_calloc(sizeof(ngx_http_rtaudit_books_t), cycle->log);
    if (books == NULL) {
        return NGX_ERROR;
    }

    books->writer = writer;
    books->zone = writer->zone;
    books->size = max_event;
    books->scratch = ngx_alloc(sizeof(uint64_t) + max_event, cycle->log);
    books->stream = ngx_alloc(cycle->hostname.len + 64, cycle->log);

    for (i = 0; i < writer->nouts; i++) {
        books->sinks |= (uint64_t) 1 << writer->out[i].id;

        if (writer->out[i].sink->classes & RT_EVENT_ALERT) {
            books->alerts |= (uint32_t) 1 << writer->out[i].id;
        }
    }

    ngx_http_rtaudit_books = books;

    return (books->scratch && books->stream) ? NGX_OK : NGX_ERROR;
}


void
ngx_http_rtaudit_books_close(void)
{
    ngx_http_rtaudit_books_t  *books;

    books = ngx_http_rtaudit_books;
    ngx_http_rtaudit_books = NULL;

    if (books->hand) {
        (void) pthread_mutex_unlock(&books->hand->owner);
    }

    ngx_free(books->scratch);
    ngx_free(books->stream);
    ngx_free(books);
}


void
ngx_http_rtaudit_books_slot(ngx_http_rtaudit_slot_t *slot)
{
    ngx_http_rtaudit_books_t  *books;

    books = ngx_http_rtaudit_books;

    books->slot = slot;

    if (slot != ngx_http_rtaudit_zone_late(books->zone)) {
        ngx_http_rtaudit_zone_set(&slot->sinks, books->sinks);
    }

    books->stream_len = ngx_sprintf(books->stream, "%V/%ui/%s",
                                    &ngx_cycle->hostname, slot->number,
                                    books->zone->boot)
                        - books->stream;
}


void
ngx_http_rtaudit_books_late(void)
{
    uint64_t                     n;
    ngx_uint_t                   i;
    ngx_http_rtaudit_slot_t     *late;
    ngx_http_rtaudit_books_t    *books;
    ngx_http_rtaudit_account_t  *own;

    books = ngx_http_rtaudit_books;
    late = ngx_http_rtaudit_zone_late(books->zone);

    if (books->hand == NULL) {
        books->hand = ngx_http_rtaudit_hand_claim(books->zone);
    }

    if (books->hand) {
        ngx_http_rtaudit_zone_set(&books->hand->sinks, books->sinks);
    }

    if (books->slot) {
        ngx_http_rtaudit_zone_set(&books->slot->sinks, 0);
    }

    for (i = 0; books->slot && i < books->zone->nsinks; i++) {
        own = &books->slot->account[i];

        n = ngx_http_rtaudit_zone_get(&own->requests)
            - ngx_http_rtaudit_zone_get(&own->settled);

        ngx_http_rtaudit_zone_add(&late->account[i].requests, n);

        if (books->hand) {
            ngx_http_rtaudit_zone_add(&books->hand->n[i], n);
        }

        ngx_http_rtaudit_zone_add(&own->requests, -n);
    }

    books->given = books->slot;

    ngx_http_rtaudit_books_slot(late);
}


void
ngx_http_rtaudit_books_leave(void)
{
    ngx_http_rtaudit_books_t  *books;

    books = ngx_http_rtaudit_books;

    if (books->hand) {
        ngx_http_rtaudit_zone_set(&books->hand->sinks, 0);
    }

    ngx_http_rtaudit_zone_set(&books->slot->sinks, 0);
}


void
ngx_http_rtaudit_books_settle(void)
{
    ngx_http_rtaudit_books_t  *books;

    books = ngx_http_rtaudit_books;

    if (books->hand) {
        ngx_http_rtaudit_hand_settle(books->zone, books->hand,
                                     RT_EVENT_DROP_SHUTDOWN);
    }

    if (books->slot != ngx_http_rtaudit_zone_late(books->zone)) {
        ngx_http_rtaudit_slot_settle(books->zone, books->slot,
                                     RT_EVENT_DROP_SHUTDOWN);
    }
}


uint64_t
ngx_http_rtaudit_books_overflow(void)
{
    uint64_t  n;

    n = ngx_http_rtaudit_books->full;
    ngx_http_rtaudit_books->full = 0;

    return n;
}


void
ngx_http_rtaudit_books_summary(ngx_http_rtaudit_slot_t *slot, ngx_log_t *log)
{
    uint64_t                     written, dropped, requests, waived;
    ngx_uint_t                   i, k;
    ngx_http_rtaudit_out_t      *out;
    ngx_http_rtaudit_writer_t   *writer;
    ngx_http_rtaudit_account_t  *account;

    writer = ngx_http_rtaudit_books->writer;

    for (i = 0; i < writer->nouts; i++) {
        out = &writer->out[i];
        account = &slot->account[out->id];

        requests = ngx_http_rtaudit_zone_get(&account->requests);
        waived = ngx_http_rtaudit_zone_get(&account->waived);
        written = ngx_http_rtaudit_zone_get(&account->written);
        dropped = 0;

        for (k = 0; k < RT_EVENT_DROPS; k++) {
            dropped += ngx_http_rtaudit_zone_get(&account->dropped[k]);
        }

        ngx_log_error(NGX_LOG_NOTICE, log, 0,
                      "rtaudit: sink \"%V\" slot %ui: requests %uL waived "
                      "%uL written %uL dropped %uL left %uL",
                      &out->sink->name, slot->number,
                      requests, waived, written, dropped,
                      requests - waived - written - dropped);
    }
}


/*
 * Where to book a request that was begun in this slot, which may be given back.
 */

static ngx_http_rtaudit_slot_t *
ngx_http_rtaudit_books_moved(ngx_http_rtaudit_slot_t *slot)
{
    return slot == ngx_http_rtaudit_books->given
           ? ngx_http_rtaudit_zone_late(ngx_http_rtaudit_books->zone) : slot;
}


/*
 * The late slot's books are written by several workers, those of its own by
 * this one alone: no lock, which would wait until the line before it is in the
 * ring's cold memory.
 */

static void
ngx_http_rtaudit_books_add(ngx_http_rtaudit_slot_t *slot,
    ngx_http_rtaudit_count_t *count, uint64_t n)
{
    if (slot == ngx_http_rtaudit_zone_late(ngx_http_rtaudit_books->zone)) {
        ngx_http_rtaudit_zone_add(count, n);

    } else {
        ngx_http_rtaudit_zone_set(count, ngx_http_rtaudit_zone_get(count) + n);
    }
}


/* n more requests, or fewer, of the sink of this id are in hand */

static void
ngx_http_rtaudit_books_hand(ngx_http_rtaudit_slot_t *slot, ngx_uint_t id,
    int64_t n)
{
    ngx_http_rtaudit_hand_t  *hand;

    hand = ngx_http_rtaudit_books->hand;

    if (n < 0) {
        ngx_http_rtaudit_books_add(slot, &slot->account[id].settled, -n);

    } else {
        ngx_http_rtaudit_books_add(slot, &slot->account[id].requests, n);
    }

    if (hand
        && slot == ngx_http_rtaudit_zone_late(ngx_http_rtaudit_books->zone))
    {
        ngx_http_rtaudit_zone_add(&hand->n[id], n);
    }
}


ngx_http_rtaudit_slot_t *
ngx_http_rtaudit_books_begin(ngx_array_t *sinks)
{
    ngx_uint_t                 i;
    ngx_http_rtaudit_slot_t   *slot;
    ngx_http_rtaudit_sink_t  **sink;

    slot = ngx_http_rtaudit_books ? ngx_http_rtaudit_books->slot : NULL;

    if (slot == NULL) {
        return NULL;
    }

    sink = sinks->elts;

    for (i = 0; i < sinks->nelts; i++) {
        ngx_http_rtaudit_books_hand(slot, sink[i]->id, 1);
    }

    return slot;
}


void
ngx_http_rtaudit_books_waive(ngx_array_t *sinks,
    ngx_http_rtaudit_slot_t *slot)
{
    ngx_uint_t                 i;
    ngx_http_rtaudit_sink_t  **sink;

    if (ngx_http_rtaudit_books == NULL || slot == NULL) {
        return;
    }

    sink = sinks->elts;
    slot = ngx_http_rtaudit_books_moved(slot);

    for (i = 0; i < sinks->nelts; i++) {
        ngx_http_rtaudit_zone_add(&slot->account[sink[i]->id].waived, 1);
        ngx_http_rtaudit_books_hand(slot, sink[i]->id, -1);
    }
}


static void
ngx_http_rtaudit_books_lost(ngx_uint_t id, ngx_http_rtaudit_slot_t *slot,
    rt_event_drop_e why)
{
    ngx_http_rtaudit_zone_add(&slot->account[id].lost, 1);
    ngx_http_rtaudit_zone_add(&slot->account[id].dropped[why], 1);
    ngx_http_rtaudit_books_hand(slot, id, -1);
}


void
ngx_http_rtaudit_books_lose(ngx_array_t *sinks,
    ngx_http_rtaudit_slot_t *slot, rt_event_drop_e why)
{
    ngx_uint_t                 i;
    ngx_http_rtaudit_sink_t  **sink;

    if (ngx_http_rtaudit_books == NULL || slot == NULL) {
        return;
    }

    sink = sinks->elts;
    slot = ngx_http_rtaudit_books_moved(slot);

    for (i = 0; i < sinks->nelts; i++) {
        ngx_http_rtaudit_books_lost(sink[i]->id, slot, why);
    }
}


void
ngx_http_rtaudit_books_event(ngx_http_rtaudit_entry_t *e, ngx_array_t *sinks,
    ngx_http_rtaudit_slot_t *slot)
{
    ngx_uint_t                 i;
    ngx_http_rtaudit_sink_t  **sink;

    ngx_memzero(e, sizeof(ngx_http_rtaudit_entry_t));

    if (ngx_http_rtaudit_books == NULL) {
        return;
    }

    e->sinks = sinks;
    e->slot = slot ? ngx_http_rtaudit_books_moved(slot)
                   : ngx_http_rtaudit_books_begin(sinks);

    sink = sinks->elts;

    for (i = 0; i < sinks->nelts; i++) {
        e->left |= (uint32_t) 1 << sink[i]->id;
    }
}


void
ngx_http_rtaudit_books_extra(ngx_http_rtaudit_entry_t *e, uint32_t sinks)
{
    ngx_memzero(e, sizeof(ngx_http_rtaudit_entry_t));

    if (ngx_http_rtaudit_books && ngx_http_rtaudit_books->slot) {
        e->slot = ngx_http_rtaudit_books->slot;
        e->left = sinks;
        e->extra = 1;
    }
}


/*
 * Finds the sinks that share the next line.  Almost always these are all, for
 * nothing was lost, or all have lost the same.
 */

ngx_uint_t
ngx_http_rtaudit_books_next(ngx_http_rtaudit_entry_t *e)
{
    uint64_t                     lost;
    ngx_uint_t                   id;
    ngx_http_rtaudit_account_t  *account;

    e->mark = 0;

    for (id = 0; e->left >> id; id++) {

        if (!(e->left >> id & 1)) {
            continue;
        }

        account = &e->slot->account[id];

        lost = e->extra ? 0
               : ngx_http_rtaudit_zone_get(&account->lost)
                 - ngx_http_rtaudit_zone_get(&account->told);

        if (e->mark == 0) {
            e->lost = lost;
        }

        if (lost == e->lost) {
            e->mark |= (uint32_t) 1 << id;
        }
    }

    e->left &= ~e->mark;

    return e->mark != 0;
}


/* from here to put() the late ring is this worker's */

static void
ngx_http_rtaudit_books_share(ngx_http_rtaudit_entry_t *e)
{
    uint64_t                     lost;
    ngx_uint_t                   id;
    ngx_http_rtaudit_account_t  *account;

    if (ngx_http_rtaudit_lock(&ngx_http_rtaudit_books->zone->late_lock,
                              NGX_HTTP_RTAUDIT_LATE_LOCK,
                              &ngx_http_rtaudit_books->busy)
        == NGX_BUSY)
    {
        return;
    }

    e->locked = 1;

    /* another one may have told of them meanwhile */

    for (id = 0; e->mark >> id; id++) {
        account = &e->slot->account[id];

        lost = ngx_http_rtaudit_zone_get(&account->lost)
               - ngx_http_rtaudit_zone_get(&account->told);

        if (e->mark >> id & 1) {
            e->lost = ngx_min(e->lost, lost);
        }
    }
}


void
ngx_http_rtaudit_books_stamp(ngx_http_rtaudit_entry_t *e, rt_event_t *ev)
{
    if (e->slot == ngx_http_rtaudit_zone_late(ngx_http_rtaudit_books->zone)) {
        ngx_http_rtaudit_books_share(e);
    }

    ev->stream.data = ngx_http_rtaudit_books->stream;
    ev->stream.len = ngx_http_rtaudit_books->stream_len;
    ev->clock = &ngx_http_rtaudit_books->clock;
    ev->seq = e->slot->seq;
    ev->lost = e->lost;
}


static rt_status_e
ngx_http_rtaudit_books_ring(ngx_http_rtaudit_entry_t *e, ngx_str_t *line)
{
    uint32_t                  mark;
    ngx_str_t                 frame;
    ngx_http_rtaudit_slot_t  *slot;

    slot = e->slot;
    mark = e->mark | (e->extra ? NGX_HTTP_RTAUDIT_EXTRA : 0);
    frame = *line;

    if (slot == ngx_http_rtaudit_zone_late(ngx_http_rtaudit_books->zone)
        && !e->locked)
    {
        return RT_AGAIN;
    }

    if (e->lost) {
        mark |= NGX_HTTP_RTAUDIT_TELLS;
        frame.data -= sizeof(uint64_t);
        frame.len += sizeof(uint64_t);
        ngx_memcpy(frame.data, &e->lost, sizeof(uint64_t));
    }

    return rt_ring_put(&slot->ring, ngx_http_rtaudit_zone_area(slot), mark,
                       frame.data, frame.len);
}


/* sinks for alerts get no other line */

static void
ngx_http_rtaudit_books_alerts(ngx_http_rtaudit_entry_t *e, ngx_str_t *line)
{
    uint32_t    mark;
    ngx_uint_t  id;

    mark = e->mark & ngx_http_rtaudit_books->alerts;

    if (mark == 0 || rt_event_alert(ngx_rt_str(line))) {
        return;
    }

    e->mark &= ~mark;

    for (id = 0; mark >> id; id++) {
        if ((mark >> id & 1) && !e->extra) {
            ngx_http_rtaudit_zone_add(&e->slot->account[id].waived, 1);
            ngx_http_rtaudit_books_hand(e->slot, id, -1);
        }
    }
}


void
ngx_http_rtaudit_books_put(ngx_http_rtaudit_entry_t *e, ngx_str_t *line,
    rt_event_drop_e why)
{
    ngx_uint_t                id;
    rt_status_e               rc;
    ngx_http_rtaudit_slot_t  *slot;

    slot = e->slot;
    rc = RT_ERROR;

    if (line) {
        ngx_http_rtaudit_books_alerts(e, line);
    }

    if (line && e->mark) {
        rc = ngx_http_rtaudit_books_ring(e, line);
        why = (rc == RT_AGAIN) ? RT_EVENT_DROP_FULL : RT_EVENT_DROP_SIZE;

        if (rc == RT_AGAIN && !e->extra) {
            ngx_http_rtaudit_books->full++;
        }
    }

    for (id = 0; e->mark >> id; id++) {

        if (!(e->mark >> id & 1)) {
            continue;
        }

        if (e->extra) {
            ngx_http_rtaudit_zone_add(&slot->account[id].extra_dropped,
                                      rc != RT_OK);

        } else if (rc == RT_OK) {
            ngx_http_rtaudit_books_add(slot, &slot->account[id].told, e->lost);
            ngx_http_rtaudit_books_hand(slot, id, -1);

        } else {
            ngx_http_rtaudit_books_lost(id, slot, why);
        }
    }

    if (rc == RT_OK) {
        slot->seq++;
        e->end = ngx_http_rtaudit_zone_get(&slot->ring.head);

        if (e->locked && !ngx_exiting) {
            (void) ngx_http_rtaudit_writer_late(
                       ngx_http_rtaudit_books->writer);
        }

        ngx_http_rtaudit_writer_wake(ngx_http_rtaudit_books->writer, slot);
    }

    if (e->locked) {
        (void) pthread_mutex_unlock(
                   &ngx_http_rtaudit_books->zone->late_lock);
        e->locked = 0;
    }
}


void
ngx_http_rtaudit_books_press(void)
{
    ngx_http_rtaudit_writer_press(ngx_http_rtaudit_books->writer);
}


static ngx_http_rtaudit_out_t *
ngx_http_rtaudit_books_out(ngx_http_rtaudit_sink_t *sink)
{
    ngx_uint_t                  i;
    ngx_http_rtaudit_writer_t  *writer;

    writer = ngx_http_rtaudit_books->writer;

    for (i = 0; i < writer->nouts; i++) {
        if (writer->out[i].sink == sink) {
            return &writer->out[i];
        }
    }

    return NULL;
}


void
ngx_http_rtaudit_books_refused(void)
{
    if (ngx_http_rtaudit_books) {
        ngx_http_rtaudit_zone_add(&ngx_http_rtaudit_books->zone->refused, 1);
    }
}


/*
 * A quarter of the ring is kept for requests that were let in before it
 * filled up, and for those that are refused.
 */

ngx_int_t
ngx_http_rtaudit_books_room(void)
{
    ngx_http_rtaudit_slot_t  *slot;

    slot = ngx_http_rtaudit_books ? ngx_http_rtaudit_books->slot : NULL;

    return (slot && rt_ring_used(&slot->ring) <= slot->ring.size / 4 * 3)
           ? NGX_OK : NGX_BUSY;
}


ngx_uint_t
ngx_http_rtaudit_books_empty(ngx_uint_t id)
{
    ngx_http_rtaudit_slot_t  *slot;

    slot = ngx_http_rtaudit_books->slot;

    return ngx_http_rtaudit_zone_get(&slot->account[id].cursor)
           == ngx_http_rtaudit_zone_get(&slot->ring.head);
}


ngx_int_t
ngx_http_rtaudit_books_gate(ngx_array_t *sinks)
{
    ngx_uint_t                 i;
    ngx_http_rtaudit_out_t    *out;
    ngx_http_rtaudit_sink_t  **sink;

    if (ngx_http_rtaudit_books_room() != NGX_OK) {
        return NGX_BUSY;
    }

    sink = sinks->elts;

    for (i = 0; i < sinks->nelts; i++) {

        if (!sink[i]->required) {
            continue;
        }

        out = ngx_http_rtaudit_books_out(sink[i]);

        if (out == NULL || !ngx_http_rtaudit_writer_healthy(out)) {
            return NGX_BUSY;
        }
    }

    return NGX_OK;
}


u_char *
ngx_http_rtaudit_books_scratch(size_t *size)
{
    if (ngx_http_rtaudit_books == NULL) {
        return NULL;
    }

    *size = ngx_min(*size, ngx_http_rtaudit_books->size);

    /* ahead of the line there is room for the number of losses that it tells */

    return ngx_http_rtaudit_books->scratch + sizeof(uint64_t);
}


ngx_int_t
ngx_http_rtaudit_books_uuid(uint64_t ms, u_char *dst)
{
    ngx_http_rtaudit_books_t  *books;

    books = ngx_http_rtaudit_books;

    if (books == NULL) {
        return NGX_ERROR;
    }

    if (books->left < RT_UUID_RAND) {

        if (RAND_bytes(books->rnd, NGX_HTTP_RTAUDIT_RANDOM) != 1) {
            return NGX_ERROR;
        }

        books->left = NGX_HTTP_RTAUDIT_RANDOM;
    }

    books->left -= RT_UUID_RAND;

    rt_uuid7(&books->uuid, ms, books->rnd + books->left, dst);

    return NGX_OK;
}
