
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <openssl/rand.h>

#include "ngx_http_rtaudit_books.h"


#define NGX_HTTP_RTAUDIT_RANDOM  4096   /* bytes fetched at a time */


typedef struct {
    ngx_http_rtaudit_writer_t    *writer;
    ngx_http_rtaudit_zone_t      *zone;
    ngx_http_rtaudit_slot_t      *slot;

    u_char                       *scratch;
    size_t                        size;     /* of a line in scratch */
    u_char                       *stream;
    size_t                        stream_len;

    /* losses while there was no slot, by sink */
    uint64_t                      homeless[NGX_HTTP_RTAUDIT_SINKS];

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

    ngx_http_rtaudit_books = books;

    return (books->scratch && books->stream) ? NGX_OK : NGX_ERROR;
}


void
ngx_http_rtaudit_books_close(void)
{
    ngx_http_rtaudit_books_t  *books;

    books = ngx_http_rtaudit_books;
    ngx_http_rtaudit_books = NULL;

    ngx_free(books->scratch);
    ngx_free(books->stream);
    ngx_free(books);
}


void
ngx_http_rtaudit_books_slot(ngx_http_rtaudit_slot_t *slot)
{
    ngx_uint_t                 i;
    ngx_http_rtaudit_books_t  *books;

    books = ngx_http_rtaudit_books;
    books->slot = slot;

    if (slot == NULL) {
        return;
    }

    for (i = 0; i < NGX_HTTP_RTAUDIT_SINKS; i++) {
        ngx_http_rtaudit_add(&slot->account[i].lost, books->homeless[i]);
        books->homeless[i] = 0;
    }

    books->stream_len = ngx_sprintf(books->stream, "%V/%ui/%s",
                                    &ngx_cycle->hostname, slot->number,
                                    books->zone->boot)
                        - books->stream;
}


void
ngx_http_rtaudit_books_summary(ngx_log_t *log)
{
    uint64_t                     written, dropped, requests, waived;
    ngx_uint_t                   i, k;
    ngx_http_rtaudit_out_t      *out;
    ngx_http_rtaudit_books_t    *books;
    ngx_http_rtaudit_account_t  *account;

    books = ngx_http_rtaudit_books;

    if (books->slot == NULL) {
        return;
    }

    for (i = 0; i < books->writer->nouts; i++) {
        out = &books->writer->out[i];
        account = &books->slot->account[out->id];

        requests = ngx_http_rtaudit_get(&account->requests);
        waived = ngx_http_rtaudit_get(&account->waived);
        written = ngx_http_rtaudit_get(&account->written);
        dropped = 0;

        for (k = 0; k < RT_EVENT_DROPS; k++) {
            dropped += ngx_http_rtaudit_get(&account->dropped[k]);
        }

        ngx_log_error(NGX_LOG_NOTICE, log, 0,
                      "rtaudit: sink \"%V\" slot %ui: requests %uL waived "
                      "%uL written %uL dropped %uL left %uL",
                      &out->sink->name, books->slot->number,
                      requests, waived, written, dropped,
                      requests - waived - written - dropped);
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
        ngx_http_rtaudit_add(&slot->account[sink[i]->id].requests, 1);
    }

    return slot;
}


void
ngx_http_rtaudit_books_waive(ngx_array_t *sinks,
    ngx_http_rtaudit_slot_t *slot)
{
    ngx_uint_t                   i;
    ngx_http_rtaudit_sink_t    **sink;
    ngx_http_rtaudit_account_t  *account;

    if (slot == NULL) {
        return;
    }

    sink = sinks->elts;

    for (i = 0; i < sinks->nelts; i++) {
        account = &slot->account[sink[i]->id];

        ngx_http_rtaudit_add(&account->waived, 1);
        ngx_http_rtaudit_add(&account->settled, 1);
    }
}


/* for the sink of this id; slot NULL: it was not even begun */

static void
ngx_http_rtaudit_books_lost(ngx_uint_t id, ngx_http_rtaudit_slot_t *slot,
    rt_event_drop_e why)
{
    ngx_http_rtaudit_account_t  *account;

    if (slot) {
        account = &slot->account[id];
        ngx_http_rtaudit_add(&account->settled, 1);
        ngx_http_rtaudit_add(&account->lost, 1);

    } else {
        account = &ngx_http_rtaudit_books->zone->sink[id].nobody;
        ngx_http_rtaudit_add(&account->requests, 1);
        ngx_http_rtaudit_books->homeless[id]++;
    }

    ngx_http_rtaudit_add(&account->dropped[why], 1);
}


void
ngx_http_rtaudit_books_lose(ngx_array_t *sinks,
    ngx_http_rtaudit_slot_t *slot, rt_event_drop_e why)
{
    ngx_uint_t                 i;
    ngx_http_rtaudit_sink_t  **sink;

    if (ngx_http_rtaudit_books == NULL) {
        return;
    }

    sink = sinks->elts;

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
    e->slot = slot ? slot : ngx_http_rtaudit_books_begin(sinks);

    if (e->slot == NULL) {
        ngx_http_rtaudit_books_lose(sinks, NULL, RT_EVENT_DROP_FULL);
        return;
    }

    sink = sinks->elts;

    for (i = 0; i < sinks->nelts; i++) {
        e->left |= (uint32_t) 1 << sink[i]->id;
    }
}


/* almost always all of them: nothing was lost, or all lost the same */

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

        lost = ngx_http_rtaudit_get(&account->lost)
               - ngx_http_rtaudit_get(&account->told);

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


void
ngx_http_rtaudit_books_stamp(ngx_http_rtaudit_entry_t *e, rt_event_t *ev)
{
    ev->stream.data = ngx_http_rtaudit_books->stream;
    ev->stream.len = ngx_http_rtaudit_books->stream_len;
    ev->seq = e->slot->seq;
    ev->lost = e->lost;
}


void
ngx_http_rtaudit_books_put(ngx_http_rtaudit_entry_t *e, ngx_str_t *line,
    rt_event_drop_e why)
{
    uint32_t                  mark;
    ngx_str_t                 frame;
    ngx_uint_t                id;
    rt_status_e               rc;
    ngx_http_rtaudit_slot_t  *slot;

    slot = e->slot;
    rc = RT_ERROR;

    if (line) {
        mark = e->mark;
        frame = *line;

        if (e->lost) {
            mark |= NGX_HTTP_RTAUDIT_TELLS;
            frame.data -= sizeof(uint64_t);
            frame.len += sizeof(uint64_t);
            ngx_memcpy(frame.data, &e->lost, sizeof(uint64_t));
        }

        rc = rt_ring_put(&slot->ring, slot->area, mark, frame.data,
                         frame.len);

        why = (rc == RT_AGAIN) ? RT_EVENT_DROP_FULL : RT_EVENT_DROP_SIZE;
    }

    for (id = 0; e->mark >> id; id++) {

        if (!(e->mark >> id & 1)) {
            continue;
        }

        if (rc == RT_OK) {
            ngx_http_rtaudit_add(&slot->account[id].settled, 1);
            ngx_http_rtaudit_add(&slot->account[id].told, e->lost);

        } else {
            ngx_http_rtaudit_books_lost(id, slot, why);
        }
    }

    if (rc == RT_OK) {
        slot->seq++;
        ngx_http_rtaudit_writer_wake(ngx_http_rtaudit_books->writer, slot);
    }
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


/*
 * A quarter of the ring is kept for requests that were let in before it
 * filled up, and for those that are refused.
 */

ngx_int_t
ngx_http_rtaudit_books_gate(ngx_array_t *sinks)
{
    ngx_uint_t                 i;
    ngx_http_rtaudit_out_t    *out;
    ngx_http_rtaudit_slot_t   *slot;
    ngx_http_rtaudit_sink_t  **sink;

    slot = ngx_http_rtaudit_books ? ngx_http_rtaudit_books->slot : NULL;

    if (slot == NULL
        || rt_ring_used(&slot->ring) > slot->ring.size / 4 * 3)
    {
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

    /* ahead of it is room for what the line tells */

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
