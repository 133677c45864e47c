
/*
 * Events of rtaudit itself, each about one sink and written to it:
 *
 *   AUDIT_START    it begins, or a reload has brought it
 *   AUDIT_CONFIG   likewise, and at each reload: what is audited, as a hash
 *   AUDIT_ROTATE   its file is another one
 *   AUDIT_DROP     it lost events, and takes lines again
 *   AUDIT_STOP     it ends, or a reload has taken it away
 *
 * and one that rtauth has, to each sink:
 *
 *   GRANT_EXPIRED  a group with a time has ended
 *
 * One worker at a time tells what is due, within a lock (shm, robust), and
 * notes in the zone what it has told.  Should it die in between, the next one
 * tells it with the same id.  They are no requests' events: the books count
 * them apart.
 */


#ifndef NGX_HTTP_RTAUDIT_OWN_H_INCLUDED
#define NGX_HTTP_RTAUDIT_OWN_H_INCLUDED


#include "ngx_http_rtaudit.h"
#include "sink/ngx_http_rtaudit_writer.h"
#include "sink/ngx_http_rtaudit_zone.h"


#pragma GCC visibility push(hidden)


/* the master: this configuration is in use from now on */
void ngx_http_rtaudit_own_cycle(ngx_http_rtaudit_main_conf_t *mcf);

/* now and then, and when files were opened anew: tells what is due */
void ngx_http_rtaudit_own_tell(ngx_http_rtaudit_writer_t *writer,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_log_t *log);

/*
 * This worker ends, and its writer has stopped: the sinks that it is the last
 * one to have, a bit each, are told so.  The writer has to run once more.
 */
uint32_t ngx_http_rtaudit_own_stop(ngx_http_rtaudit_writer_t *writer,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_log_t *log);

/* it has: those that have their line have ended */
void ngx_http_rtaudit_own_stopped(ngx_http_rtaudit_writer_t *writer,
    uint32_t sinks);

/*
 * An event that is no request's, of at most size bytes, to these sinks; it has
 * its id (RT_UUID_LEN bytes), its time, its action and what it is about.
 * NGX_ERROR: there is no room for it, or no memory.
 */
ngx_int_t ngx_http_rtaudit_own_put(rt_event_t *ev, uint32_t sinks,
    size_t size, ngx_log_t *log);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_OWN_H_INCLUDED */
