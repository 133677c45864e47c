
/*
 * AUDIT_CHECKPOINT: an event of rtaudit itself that says how far the chains
 * of all sinks go, to each of them.  What a collector has of it shows later
 * that the end of a file was cut off.
 */


#ifndef NGX_HTTP_RTAUDIT_CHECKPOINT_H_INCLUDED
#define NGX_HTTP_RTAUDIT_CHECKPOINT_H_INCLUDED


#include "sink/ngx_http_rtaudit_writer.h"


#pragma GCC visibility push(hidden)


/*
 * In one worker, now and then: puts one into its ring when there are new lines
 * and the last one is old enough.
 */
void ngx_http_rtaudit_checkpoint(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_main_conf_t *mcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_CHECKPOINT_H_INCLUDED */
