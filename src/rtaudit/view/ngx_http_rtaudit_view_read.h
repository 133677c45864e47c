
/*
 * Reads an audit file backwards, within bounds: for a thread, which may wait
 * for a disk.  Nothing here looks at the configuration or at a request.
 *
 *     <-- next page --|<------------- this page --------------|
 *     PATH.1 ... line line | line ... line line line line line|half a li
 *                     ^ next                             head ^
 *
 * A line is what ends with LF.  Whatever stands behind the last one is still
 * being written, and not looked at.  At the begin of PATH the reader goes on
 * at the end of PATH.1, and so on: it knows files by their inode, for while it
 * reads, or between two pages, each of them may get the next name.
 */


#ifndef NGX_HTTP_RTAUDIT_VIEW_READ_H_INCLUDED
#define NGX_HTTP_RTAUDIT_VIEW_READ_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>

#include "event/rt_query.h"
#include "json/rt_jsonw.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUDIT_VIEW_LINE  (2 * 1024 * 1024)   /* longer than any */


/* why there is nothing older to read */

typedef enum {
    NGX_HTTP_RTAUDIT_VIEW_MORE = 0,     /* there is: see next */
    NGX_HTTP_RTAUDIT_VIEW_OLDEST,
    NGX_HTTP_RTAUDIT_VIEW_PACKED,       /* the next file is compressed */
    NGX_HTTP_RTAUDIT_VIEW_AFTER,        /* it is as old as "after" */
    NGX_HTTP_RTAUDIT_VIEW_MISSING,      /* there is no file of that name */
    NGX_HTTP_RTAUDIT_VIEW_GONE,         /* ... nor any that was read from */
    NGX_HTTP_RTAUDIT_VIEW_FAILED        /* see err */
} ngx_http_rtaudit_view_end_e;


typedef struct {
    /* what is asked for */
    ngx_pool_t                   *pool;     /* the reader's alone, meanwhile */
    ngx_str_t                     file;
    rt_query_t                    query;
    rt_query_cursor_t             from;     /* read what is older */
    rt_query_cursor_t             after;    /* ... and stop at this one */
    ngx_uint_t                    limit;
    unsigned                      has_from:1;
    unsigned                      has_after:1;
    unsigned                      no_views:1;   /* without AUDIT_VIEW */

    /* what was found */
    ngx_http_rtaudit_view_end_e   end;
    ngx_err_t                     err;
    rt_jsonw_t                    events;   /* an array, begun by the caller,
                                               who has room for one event */
    ngx_uint_t                    found;
    ngx_uint_t                    lines;    /* looked at */
    ngx_uint_t                    garbage;  /* ... that are no events */
    ngx_uint_t                    huge;     /* longer than any event */
    size_t                        bytes;    /* read */
    rt_query_cursor_t             next;
    rt_query_cursor_t             head;     /* the newest event looked at */
    unsigned                      has_head:1;
    u_char                        oldest[RT_TIME_ISO_LEN];  /* when the last
                                               event looked at was; or zeroes */
} ngx_http_rtaudit_view_read_t;


void ngx_http_rtaudit_view_read(ngx_http_rtaudit_view_read_t *rd);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_VIEW_READ_H_INCLUDED */
