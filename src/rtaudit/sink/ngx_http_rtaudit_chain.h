
/*
 * The chain of a sink's lines (rtaudit_chain).  Runs in the writer's thread,
 * within the sink's lock, but for open and close.
 *
 * The head of the chain is in the sink's entry of the zone, and moves when
 * lines are booked: a batch that is collected again is sealed again as the
 * same bytes.  There are two heads, of which turn says which is valid, so that
 * a writer that is killed leaves a whole one:
 *
 *     begin   turn      seal from head[turn]
 *     pend    turn      head[turn + 1] is of the last line that is out
 *             the ring's cursor moves: the lines are booked
 *     settle  turn + 1
 *
 * A chain ends with its zone, with its key, and where lines are out that could
 * not be taken back and will be written again: two lines of one number would
 * look as if somebody had put one in.
 */


#ifndef NGX_HTTP_RTAUDIT_CHAIN_H_INCLUDED
#define NGX_HTTP_RTAUDIT_CHAIN_H_INCLUDED


#include "sink/ngx_http_rtaudit_kind.h"

#include "event/rt_chain.h"


#pragma GCC visibility push(hidden)


/* are there chains of lines of this sink? */
ngx_uint_t ngx_http_rtaudit_chain_seals(ngx_http_rtaudit_sink_t *sink);

/* fills out->chain when lines of this sink are sealed */
ngx_int_t ngx_http_rtaudit_chain_open(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_log_t *log);
void ngx_http_rtaudit_chain_close(ngx_http_rtaudit_out_t *out);

/*
 * A batch begins: the head to seal its first line from.  NGX_BUSY: not now,
 * see errno.
 */
ngx_int_t ngx_http_rtaudit_chain_begin(ngx_http_rtaudit_out_t *out,
    rt_chain_head_t *head);

/*
 * Seals a line of *len bytes, and moves the head; one that is no request's may
 * get a signature.  Behind the line is room for RT_CHAIN_ROOM bytes.
 */
ngx_int_t ngx_http_rtaudit_chain_seal(ngx_http_rtaudit_out_t *out,
    rt_chain_head_t *head, ngx_uint_t extra, u_char *line, size_t *len);

/* a write begins; this line is the last that is out; it is booked */
void ngx_http_rtaudit_chain_intend(ngx_http_rtaudit_shared_t *sh);
void ngx_http_rtaudit_chain_pend(ngx_http_rtaudit_shared_t *sh,
    struct iovec *line);
void ngx_http_rtaudit_chain_settle(ngx_http_rtaudit_shared_t *sh);

/* the next line begins a chain of its own */
void ngx_http_rtaudit_chain_break(ngx_http_rtaudit_shared_t *sh);

/* anybody, without the lock: the last line that is booked; n 0: none is */
void ngx_http_rtaudit_chain_head(ngx_http_rtaudit_shared_t *sh,
    rt_chain_head_t *head);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_CHAIN_H_INCLUDED */
