
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "sink/ngx_http_rtaudit_books.h"
#include "sink/ngx_http_rtaudit_chain.h"
#include "sink/ngx_http_rtaudit_checkpoint.h"

#include "event/rt_event_encode.h"


#define NGX_HTTP_RTAUDIT_CHECKPOINT_ROOM  16384     /* bytes of the event */


static uint64_t
ngx_http_rtaudit_checkpoint_ms(clockid_t clock)
{
    struct timespec  ts;

    (void) clock_gettime(clock, &ts);

    return (uint64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


/* events that sinks with a chain have of requests; which sinks there are */

static uint64_t
ngx_http_rtaudit_checkpoint_lines(ngx_http_rtaudit_writer_t *w,
    uint32_t *sinks)
{
    uint64_t    n;
    ngx_uint_t  i, k, id;

    n = 0;
    *sinks = 0;

    for (i = 0; i < w->nouts; i++) {
        id = w->out[i].id;
        *sinks |= (uint32_t) 1 << id;

        for (k = 0; w->out[i].chain && k <= w->zone->nslots; k++) {
            n += ngx_http_rtaudit_zone_get(
                                   &w->zone->slot[k].account[id].written);
        }
    }

    return n;
}


/* of the sinks of this zone, and of one that a reload has replaced */

static void
ngx_http_rtaudit_checkpoint_heads(ngx_http_rtaudit_zone_t *zone,
    rt_event_checkpoint_t *cp)
{
    ngx_uint_t                  i;
    rt_event_head_t            *h;
    ngx_http_rtaudit_shared_t  *sh;

    for (i = 0; i < zone->nsinks; i++) {
        sh = &zone->sink[i];

        h = &cp->head[cp->nheads];
        ngx_http_rtaudit_chain_head(sh, &h->head);

        if (h->head.n) {
            h->sink.data = sh->name;
            h->sink.len = sh->len;
            cp->nheads++;
        }

        if (sh->links.ended.n) {
            h = &cp->head[cp->nheads++];
            h->head = sh->links.ended;
            h->sink.data = sh->name;
            h->sink.len = sh->len;
        }
    }
}


static ngx_int_t
ngx_http_rtaudit_checkpoint_encode(ngx_http_rtaudit_entry_t *e,
    rt_event_checkpoint_t *cp, ngx_pool_t *pool, ngx_str_t *line)
{
    size_t         size;
    u_char         id[RT_UUID_LEN];
    rt_mem_t       mem;
    rt_event_t     ev;
    rt_redact_t    rd;

    static ngx_str_t  action = ngx_string("AUDIT_CHECKPOINT");

    size = NGX_HTTP_RTAUDIT_CHECKPOINT_ROOM;
    line->data = ngx_http_rtaudit_books_scratch(&size);

    if (line->data == NULL
        || ngx_http_rtaudit_books_uuid(cp->clock, id) != NGX_OK)
    {
        return NGX_ERROR;
    }

    mem = ngx_rt_str_mem(pool);
    rt_redact_init(&rd, &mem, NULL, 0);
    rt_event_init(&ev);

    ev.stage = RT_EVENT_MODULE;
    ev.id.data = id;
    ev.id.len = RT_UUID_LEN;
    ev.created_ms = cp->clock;
    ev.updated_ms = cp->clock;
    ev.action = *ngx_rt_str(&action);
    ev.node = *ngx_rt_str(&ngx_cycle->hostname);
    ev.checkpoint = cp;

    ngx_http_rtaudit_books_stamp(e, &ev);

    return rt_event_encode(&ev, &rd, line->data, size, &line->len) == RT_OK
           ? NGX_OK : NGX_ERROR;
}


void
ngx_http_rtaudit_checkpoint(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_main_conf_t *mcf)
{
    uint32_t                   sinks;
    uint64_t                   now, lines;
    ngx_str_t                  line;
    ngx_pool_t                *pool;
    rt_event_checkpoint_t      cp;
    ngx_http_rtaudit_zone_t   *zone;
    ngx_http_rtaudit_entry_t   e;

    zone = w->zone;
    now = ngx_http_rtaudit_zone_now();

    if (mcf->chain.key.len == 0
        || now < ngx_http_rtaudit_zone_get(&zone->checkpoint)
                 + mcf->chain.checkpoint)
    {
        return;
    }

    lines = ngx_http_rtaudit_checkpoint_lines(w, &sinks);

    if (lines == ngx_http_rtaudit_zone_get(&zone->checkpoint_lines)) {
        return;
    }

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);
    if (pool == NULL) {
        return;
    }

    ngx_http_rtaudit_zone_set(&zone->checkpoint, now);
    ngx_http_rtaudit_zone_set(&zone->checkpoint_lines, lines);

    cp.nheads = 0;
    cp.clock = ngx_http_rtaudit_checkpoint_ms(CLOCK_REALTIME);
    cp.uptime = ngx_http_rtaudit_checkpoint_ms(CLOCK_BOOTTIME);
    ngx_http_rtaudit_checkpoint_heads(zone, &cp);

    ngx_http_rtaudit_books_extra(&e, sinks);

    while (ngx_http_rtaudit_books_next(&e)) {
        ngx_http_rtaudit_books_put(&e,
                    ngx_http_rtaudit_checkpoint_encode(&e, &cp, pool, &line)
                    == NGX_OK ? &line : NULL, RT_EVENT_DROP_MEMORY);
    }

    ngx_destroy_pool(pool);
}
