
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_rt_clock.h"
#include "sink/ngx_http_rtaudit_books.h"
#include "sink/ngx_http_rtaudit_chain.h"
#include "sink/ngx_http_rtaudit_checkpoint.h"
#include "sink/ngx_http_rtaudit_own.h"


#define NGX_HTTP_RTAUDIT_CHECKPOINT_ROOM  16384     /* bytes of the event */


/* how many events the sinks with a chain have; *sinks becomes all sinks */

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


/*
 * The heads of the sinks of this zone, and of a zone that a reload has
 * replaced.
 */

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


void
ngx_http_rtaudit_checkpoint(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_main_conf_t *mcf)
{
    u_char                    id[RT_UUID_LEN];
    uint32_t                  sinks;
    uint64_t                  now, lines;
    rt_event_t                ev;
    rt_event_checkpoint_t     cp;
    ngx_http_rtaudit_zone_t  *zone;

    static ngx_str_t  action = ngx_string("AUDIT_CHECKPOINT");

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

    cp.nheads = 0;
    cp.clock = ngx_rt_clock_ms(CLOCK_REALTIME);
    cp.uptime = ngx_rt_clock_ms(CLOCK_BOOTTIME);
    ngx_http_rtaudit_checkpoint_heads(zone, &cp);

    if (ngx_http_rtaudit_books_uuid(cp.clock, id) != NGX_OK) {
        return;
    }

    ngx_http_rtaudit_zone_set(&zone->checkpoint, now);
    ngx_http_rtaudit_zone_set(&zone->checkpoint_lines, lines);

    rt_event_init(&ev);

    ev.id.data = id;
    ev.created_ms = cp.clock;
    ev.action = *ngx_rt_str(&action);
    ev.checkpoint = &cp;

    (void) ngx_http_rtaudit_own_put(&ev, sinks,
                                    NGX_HTTP_RTAUDIT_CHECKPOINT_ROOM,
                                    ngx_cycle->log);
}
