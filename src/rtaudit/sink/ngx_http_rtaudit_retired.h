
/*
 * Zones that a reload replaced, because their size changed.
 *
 * The workers of such a zone drain it as long as they live.  When the last of
 * them is gone, one worker of the present configuration moves what they left
 * into its own ring: the lines, with their place in the books, and the number
 * of losses that no event has told yet.  The lines of a sink that there is no
 * more are booked as dropped; whatever was not written is said.
 *
 * nginx unmaps the zone in the master process.  So the master makes a second
 * mapping of it before, which the new workers get by fork.
 */


#ifndef NGX_HTTP_RTAUDIT_RETIRED_H_INCLUDED
#define NGX_HTTP_RTAUDIT_RETIRED_H_INCLUDED


#include "ngx_http_rtaudit.h"
#include "sink/ngx_http_rtaudit_zone.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUDIT_RETIRED  8         /* kept at a time */


/* the master has read a new configuration, whose zone this is, or NULL */
void ngx_http_rtaudit_retired_keep(ngx_cycle_t *cycle,
    ngx_http_rtaudit_zone_t *zone);

/*
 * Moves what fits into this slot of zone, which the worker holds: as long as
 * a quarter of its ring is used, nothing does.  Returns the number of lines.
 */
ngx_uint_t ngx_http_rtaudit_retired_move(ngx_http_rtaudit_zone_t *zone,
    ngx_http_rtaudit_slot_t *slot, ngx_log_t *log);

/* how many zones are not empty yet, and how many events wait in them */
ngx_uint_t ngx_http_rtaudit_retired_left(uint64_t *events);

/* no worker is left: says what is in zones that were not emptied */
void ngx_http_rtaudit_retired_final(ngx_log_t *log);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_RETIRED_H_INCLUDED */
