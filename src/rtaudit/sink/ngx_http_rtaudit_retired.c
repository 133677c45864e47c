
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <sys/mman.h>

#include "sink/ngx_http_rtaudit_chain.h"
#include "sink/ngx_http_rtaudit_drain.h"
#include "sink/ngx_http_rtaudit_retired.h"


typedef struct {
    ngx_http_rtaudit_zone_t    *zone;       /* in the second mapping */
    void                       *addr;
    size_t                      size;
} ngx_http_rtaudit_retired_t;


/* a move: from one ring of a retired zone to a ring of the present one */

typedef struct {
    ngx_http_rtaudit_zone_t    *zone;       /* the retired one */
    ngx_http_rtaudit_zone_t    *present;
    ngx_http_rtaudit_slot_t    *from;
    ngx_http_rtaudit_slot_t    *to;
    ngx_uint_t                  id[NGX_HTTP_RTAUDIT_SINKS];     /* of a sink's
                                               name in the present zone */
} ngx_http_rtaudit_retired_move_t;


#define NGX_HTTP_RTAUDIT_RETIRED_NONE  NGX_HTTP_RTAUDIT_SINKS


static ngx_shm_zone_t *ngx_http_rtaudit_retired_find(ngx_cycle_t *cycle);
static void ngx_http_rtaudit_retired_forget(ngx_uint_t n);
static ngx_uint_t ngx_http_rtaudit_retired_vacant(
    ngx_http_rtaudit_zone_t *zone);
static ngx_uint_t ngx_http_rtaudit_retired_move_zone(
    ngx_http_rtaudit_retired_move_t *m, ngx_log_t *log);
static ngx_int_t ngx_http_rtaudit_retired_move_slot(
    ngx_http_rtaudit_retired_move_t *m, ngx_uint_t *moved);
static uint64_t ngx_http_rtaudit_retired_cursor(
    ngx_http_rtaudit_retired_move_t *m);
static uint32_t ngx_http_rtaudit_retired_mark(
    ngx_http_rtaudit_retired_move_t *m, uint64_t cursor, uint32_t mark);
static void ngx_http_rtaudit_retired_book(ngx_http_rtaudit_retired_move_t *m,
    rt_ring_frame_t *frame, uint64_t cursor, uint64_t next, rt_status_e rc);
static void ngx_http_rtaudit_retired_untold(
    ngx_http_rtaudit_retired_move_t *m);
static void ngx_http_rtaudit_retired_ended(
    ngx_http_rtaudit_retired_move_t *m);


/* the master fills them in, its workers inherit them */

static ngx_uint_t                  ngx_http_rtaudit_retired_n;
static ngx_http_rtaudit_retired_t
    ngx_http_rtaudit_retired[NGX_HTTP_RTAUDIT_RETIRED];


void
ngx_http_rtaudit_retired_keep(ngx_cycle_t *cycle,
    ngx_http_rtaudit_zone_t *zone)
{
    ngx_uint_t                     i;
    ngx_shm_zone_t                *shm_zone;
    ngx_http_rtaudit_zone_t       *old;
    ngx_http_rtaudit_retired_t    *retired;
    ngx_http_rtaudit_main_conf_t  *mcf;

    for (i = ngx_http_rtaudit_retired_n; i-- > 0; /* void */ ) {
        if (atomic_load(&ngx_http_rtaudit_retired[i].zone->over)) {
            ngx_http_rtaudit_retired_forget(i);
        }
    }

    shm_zone = ngx_http_rtaudit_retired_find(cycle->old_cycle);

    if (shm_zone == NULL) {
        return;
    }

    mcf = shm_zone->data;
    old = mcf->sh;

    if (old == NULL || old == zone) {
        return;
    }

    if (ngx_http_rtaudit_retired_n == NGX_HTTP_RTAUDIT_RETIRED) {
        ngx_http_rtaudit_zone_final(ngx_http_rtaudit_retired[0].zone,
                                    cycle->log);
        ngx_http_rtaudit_retired_forget(0);
    }

    retired = &ngx_http_rtaudit_retired[ngx_http_rtaudit_retired_n];

    retired->size = shm_zone->shm.size;
    retired->addr = mremap(shm_zone->shm.addr, 0, retired->size,
                           MREMAP_MAYMOVE);

    if (retired->addr == MAP_FAILED) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, ngx_errno,
                      "rtaudit: mremap() of the old zone failed");
        ngx_http_rtaudit_zone_final(old, cycle->log);
        return;
    }

    retired->zone = (ngx_http_rtaudit_zone_t *)
                    ((u_char *) retired->addr
                     + ((u_char *) old - shm_zone->shm.addr));

    ngx_http_rtaudit_retired_n++;
}


/* by the list: an old cycle may have had no room for this module */

static ngx_shm_zone_t *
ngx_http_rtaudit_retired_find(ngx_cycle_t *cycle)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_shm_zone_t   *shm_zone;

    if (cycle == NULL || ngx_is_init_cycle(cycle)) {
        return NULL;
    }

    for (part = &cycle->shared_memory.part; part; part = part->next) {
        shm_zone = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (shm_zone[i].tag == &ngx_http_rtaudit_module
                && shm_zone[i].data)
            {
                return &shm_zone[i];
            }
        }
    }

    return NULL;
}


static void
ngx_http_rtaudit_retired_forget(ngx_uint_t n)
{
    ngx_http_rtaudit_retired_t  *retired;

    retired = &ngx_http_rtaudit_retired[n];

    (void) munmap(retired->addr, retired->size);

    ngx_http_rtaudit_retired_n--;

    ngx_memmove(retired, retired + 1, (ngx_http_rtaudit_retired_n - n)
                                      * sizeof(ngx_http_rtaudit_retired_t));
}


void
ngx_http_rtaudit_retired_final(ngx_log_t *log)
{
    ngx_uint_t                i;
    ngx_http_rtaudit_zone_t  *zone;

    for (i = 0; i < ngx_http_rtaudit_retired_n; i++) {
        zone = ngx_http_rtaudit_retired[i].zone;

        if (!atomic_load(&zone->over)) {
            ngx_http_rtaudit_zone_final(zone, log);
        }
    }
}


ngx_uint_t
ngx_http_rtaudit_retired_left(uint64_t *events)
{
    uint64_t                  left, untold;
    ngx_uint_t                i, id, n;
    ngx_http_rtaudit_zone_t  *zone;

    n = 0;
    *events = 0;

    for (i = 0; i < ngx_http_rtaudit_retired_n; i++) {
        zone = ngx_http_rtaudit_retired[i].zone;

        if (atomic_load(&zone->over)) {
            continue;
        }

        n++;

        for (id = 0; id < zone->nsinks; id++) {
            ngx_http_rtaudit_zone_left(zone, id, &left, &untold);
            *events += left;
        }
    }

    return n;
}


ngx_uint_t
ngx_http_rtaudit_retired_move(ngx_http_rtaudit_zone_t *zone,
    ngx_http_rtaudit_slot_t *slot, ngx_log_t *log)
{
    ngx_str_t                         name;
    ngx_uint_t                        i, k, moved;
    ngx_http_rtaudit_zone_t          *old;
    ngx_http_rtaudit_retired_move_t   m;

    moved = 0;

    for (i = 0; i < ngx_http_rtaudit_retired_n; i++) {
        old = ngx_http_rtaudit_retired[i].zone;

        if (atomic_load(&old->over)
            || ngx_http_rtaudit_trylock(&old->late_lock) == NGX_BUSY)
        {
            continue;
        }

        if (!atomic_load(&old->over) && ngx_http_rtaudit_retired_vacant(old)) {

            m.zone = old;
            m.present = zone;
            m.to = slot;

            for (k = 0; k < old->nsinks; k++) {
                name.len = old->sink[k].len;
                name.data = old->sink[k].name;

                m.id[k] = ngx_http_rtaudit_zone_sink(zone, &name);

                if (m.id[k] == zone->nsinks) {
                    m.id[k] = NGX_HTTP_RTAUDIT_RETIRED_NONE;
                }
            }

            moved += ngx_http_rtaudit_retired_move_zone(&m, log);
        }

        (void) pthread_mutex_unlock(&old->late_lock);
    }

    return moved;
}


/*
 * Is nobody left who had this zone?  None comes any more, and who gives a
 * ring back has a hand by then.
 */

static ngx_uint_t
ngx_http_rtaudit_retired_vacant(ngx_http_rtaudit_zone_t *zone)
{
    ngx_uint_t  i;

    for (i = 0; i <= zone->nslots; i++) {
        if (ngx_http_rtaudit_slot_held(zone, &zone->slot[i])) {
            return 0;
        }
    }

    return ngx_http_rtaudit_hands_settle(zone) == 0;
}


static ngx_uint_t
ngx_http_rtaudit_retired_move_zone(ngx_http_rtaudit_retired_move_t *m,
    ngx_log_t *log)
{
    ngx_int_t   rc;
    ngx_uint_t  i, moved;

    moved = 0;

    for (i = 0; i < m->zone->nsinks; i++) {
        if (ngx_http_rtaudit_drain_inherit(m->zone, i) != NGX_OK) {
            return 0;
        }
    }

    for (i = 0; i <= m->zone->nslots; i++) {
        m->from = &m->zone->slot[i];

        rc = ngx_http_rtaudit_retired_move_slot(m, &moved);

        if (rc != NGX_OK) {
            return moved;
        }

        ngx_http_rtaudit_retired_untold(m);
    }

    ngx_http_rtaudit_retired_ended(m);
    ngx_http_rtaudit_zone_final(m->zone, log);
    atomic_store(&m->zone->over, 1);

    return moved;
}


/* NGX_OK: the ring is empty; NGX_AGAIN: the other one takes no more */

static ngx_int_t
ngx_http_rtaudit_retired_move_slot(ngx_http_rtaudit_retired_move_t *m,
    ngx_uint_t *moved)
{
    uint32_t         mark;
    uint64_t         cursor, next;
    rt_ring_t       *ring;
    rt_status_e      rc;
    rt_ring_frame_t  frame;

    ring = &m->from->ring;
    cursor = ngx_http_rtaudit_retired_cursor(m);

    for ( ;; ) {
        next = cursor;

        rc = rt_ring_read(ring, ngx_http_rtaudit_zone_area(m->from), &next,
                          &frame);

        if (rc == RT_INVALID) {
            next = ngx_http_rtaudit_zone_get(&ring->head);
        }

        if (rc != RT_OK) {
            break;
        }

        mark = ngx_http_rtaudit_retired_mark(m, cursor, frame.mark);

        if (mark) {
            rc = RT_AGAIN;

            if (rt_ring_used(&m->to->ring) < m->to->ring.size / 4) {
                rc = rt_ring_put(&m->to->ring,
                                 ngx_http_rtaudit_zone_area(m->to), mark,
                                 frame.data.data, frame.data.len);
            }

            if (rc == RT_AGAIN) {
                return NGX_AGAIN;
            }

            *moved += (rc == RT_OK);
        }

        ngx_http_rtaudit_retired_book(m, &frame, cursor, next, rc);

        cursor = next;
    }

    rt_ring_release(ring, next);

    return NGX_OK;
}


/* the place of the first line that was not written to all its sinks */

static uint64_t
ngx_http_rtaudit_retired_cursor(ngx_http_rtaudit_retired_move_t *m)
{
    uint64_t    tail, cursor, first;
    ngx_uint_t  i;

    tail = ngx_http_rtaudit_zone_get(&m->from->ring.tail);
    first = ngx_http_rtaudit_zone_get(&m->from->ring.head);

    for (i = 0; i < m->zone->nsinks; i++) {
        cursor = ngx_http_rtaudit_zone_get(&m->from->account[i].cursor);
        first = ngx_min(first, cursor);
    }

    return ngx_max(first, tail);
}


/* the sinks of the present zone that have to get the line at this cursor */

static uint32_t
ngx_http_rtaudit_retired_mark(ngx_http_rtaudit_retired_move_t *m,
    uint64_t cursor, uint32_t mark)
{
    uint32_t    to;
    ngx_uint_t  i;

    to = 0;

    for (i = 0; i < m->zone->nsinks; i++) {
        if ((mark >> i & 1)
            && m->id[i] != NGX_HTTP_RTAUDIT_RETIRED_NONE
            && ngx_http_rtaudit_zone_get(&m->from->account[i].cursor) <= cursor)
        {
            to |= (uint32_t) 1 << m->id[i];
        }
    }

    return to ? to | (mark & (NGX_HTTP_RTAUDIT_TELLS|NGX_HTTP_RTAUDIT_EXTRA))
              : 0;
}


/* the line between these cursors was moved, or is lost */

static void
ngx_http_rtaudit_retired_book(ngx_http_rtaudit_retired_move_t *m,
    rt_ring_frame_t *frame, uint64_t cursor, uint64_t next, rt_status_e rc)
{
    uint64_t                     n, tells;
    ngx_uint_t                   i;
    ngx_http_rtaudit_account_t  *from, *to;

    tells = 0;

    if ((frame->mark & NGX_HTTP_RTAUDIT_TELLS)
        && frame->data.len > sizeof(uint64_t))
    {
        ngx_memcpy(&tells, frame->data.data, sizeof(uint64_t));
    }

    for (i = 0; i < m->zone->nsinks; i++) {
        from = &m->from->account[i];

        if (ngx_http_rtaudit_zone_get(&from->cursor) > cursor) {
            continue;
        }

        ngx_http_rtaudit_zone_set(&from->cursor, next);

        if (!(frame->mark >> i & 1)) {
            continue;
        }

        n = (frame->mark & NGX_HTTP_RTAUDIT_EXTRA) ? 0 : 1;

        if (rc == RT_OK && m->id[i] != NGX_HTTP_RTAUDIT_RETIRED_NONE) {
            to = &m->to->account[m->id[i]];

            ngx_http_rtaudit_zone_add(&to->requests, n);
            ngx_http_rtaudit_zone_add(&to->settled, n);
            ngx_http_rtaudit_zone_add(&from->requests, -n);
            ngx_http_rtaudit_zone_add(&from->settled, -n);
            continue;
        }

        ngx_http_rtaudit_zone_add(&from->dropped[rc == RT_OK
                                            ? RT_EVENT_DROP_SHUTDOWN
                                            : RT_EVENT_DROP_SIZE], n);
        ngx_http_rtaudit_zone_add(&from->extra_dropped, 1 - n);
        ngx_http_rtaudit_zone_add(&from->lost, n + tells);
    }
}


/* the next event of the worker tells of them */

static void
ngx_http_rtaudit_retired_untold(ngx_http_rtaudit_retired_move_t *m)
{
    uint64_t                     n;
    ngx_uint_t                   i;
    ngx_http_rtaudit_account_t  *from;

    for (i = 0; i < m->zone->nsinks; i++) {
        from = &m->from->account[i];

        n = ngx_http_rtaudit_zone_get(&from->lost)
            - ngx_http_rtaudit_zone_get(&from->told);

        if (n && m->id[i] != NGX_HTTP_RTAUDIT_RETIRED_NONE) {
            ngx_http_rtaudit_zone_add(&from->told, n);
            ngx_http_rtaudit_zone_add(&m->to->account[m->id[i]].lost, n);
        }
    }
}


/* the next checkpoint says where the chains of the old zone end */

static void
ngx_http_rtaudit_retired_ended(ngx_http_rtaudit_retired_move_t *m)
{
    ngx_uint_t        i;
    rt_chain_head_t  *ended;

    for (i = 0; i < m->zone->nsinks; i++) {

        if (m->id[i] != NGX_HTTP_RTAUDIT_RETIRED_NONE) {
            ended = &m->present->sink[m->id[i]].links.ended;
            ngx_http_rtaudit_chain_head(&m->zone->sink[i], ended);
        }
    }
}
