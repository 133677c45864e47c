
/*
 * What a sink gets of a line of the ring.  Runs in the writer's thread,
 * between collecting a batch and writing it.
 *
 *   ring:  id userId ... user request parameters metadata   one for all sinks
 *            |
 *            v  class=        the members of these classes
 *          id ... metadata
 *            |
 *            v  rtaudit_chain the member that seals it, or:
 *            v  format=       wrapped as a collector wants it
 *   sink:  {"timestamp":..,"retool":{id ... metadata}}
 *
 * The lines of a batch are made anew whenever it is collected, and come out
 * as the same bytes: nothing here depends on when, or by which worker.
 */


#ifndef NGX_HTTP_RTAUDIT_LINE_H_INCLUDED
#define NGX_HTTP_RTAUDIT_LINE_H_INCLUDED


#include "sink/ngx_http_rtaudit_kind.h"


#pragma GCC visibility push(hidden)


/* memory for the lines of one batch, which all sinks of a thread share */

typedef struct {
    u_char                      *start;
    size_t                       size;
    u_char                      *part;      /* for a line half made */
    size_t                       part_size;
} ngx_http_rtaudit_room_t;


/*
 * For a sink that does not get lines as they are in the ring: fills out->line
 * and, for the first such sink, the room.
 */
ngx_int_t ngx_http_rtaudit_line_open(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_http_rtaudit_room_t *room,
    ngx_log_t *log);
void ngx_http_rtaudit_line_close(ngx_http_rtaudit_out_t *out);

/*
 * Puts the sink's lines in place of those of the batch, as many as there is
 * room for: the batch may become shorter.  NGX_DECLINED: of the first line
 * none can be made; NGX_BUSY: not now, see errno.
 */
ngx_int_t ngx_http_rtaudit_line(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_LINE_H_INCLUDED */
