
/*
 * What a sink is: a row of functions, ngx_http_rtaudit_kind_t.
 *
 *   nginx -t, master      parse, own
 *   worker                open, reopen, tick, close
 *   the writer's thread   write, undo, commit, healthy
 *
 * The drain moves lines from rings to a sink, a batch at a time, and knows
 * nothing of what the sink does with them.  It calls write() of one sink in
 * one process at a time, and books what write() says is out.
 *
 * All sinks of a worker share one thread: write() and healthy() must not wait
 * for anybody but a local disk.  A kind that talks to a peer goes as far as it
 * can, and says NGX_AGAIN until the peer has the lines.
 */


#ifndef NGX_HTTP_RTAUDIT_KIND_H_INCLUDED
#define NGX_HTTP_RTAUDIT_KIND_H_INCLUDED


#include "ngx_http_rtaudit.h"
#include "sink/ngx_http_rtaudit_zone.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUDIT_BATCH     512      /* lines of one write */


typedef struct ngx_http_rtaudit_line_s   ngx_http_rtaudit_line_t;
typedef struct ngx_http_rtaudit_chain_s  ngx_http_rtaudit_chain_t;


/* a sink as a worker has it */

typedef struct {
    ngx_http_rtaudit_kind_t     *kind;
    ngx_http_rtaudit_sink_t     *sink;      /* not for the thread: it may
                                               outlive the configuration */
    ngx_http_rtaudit_zone_t     *zone;
    ngx_uint_t                   id;
    void                        *ctx;       /* the kind's */
    ngx_uint_t                   required;
    ngx_uint_t                   alone;     /* the only sink */
    ngx_http_rtaudit_line_t     *line;      /* NULL: lines as they are */
    ngx_http_rtaudit_chain_t    *chain;     /* NULL: they are not sealed */
    uint32_t                     made;      /* likewise: 0; else of how they
                                               are made */
    ngx_uint_t                   commits;   /* fsync= */
    ngx_msec_t                   fsync;     /* ... ms from one to the next */

    /* the thread's */
    uint64_t                     retry;     /* ms; not before */
    ngx_uint_t                   pause;     /* ms; the next back-off */
    uint64_t                     look;      /* ms; the next healthy() */
    ngx_uint_t                   busy;      /* its lock was held for long */
    uint64_t                     commit;    /* ms; the next, not before */
    unsigned                     gone:1;
    unsigned                     unsafe:1;  /* the last commit failed */

    _Atomic int                  again;     /* opened anew: no more pause */
    _Atomic int                  err;       /* of the last write; 0: none */
    _Atomic int                  passed;    /* errno of a commit that failed,
                                               for the worker to log; a good
                                               one after it leaves it */
    const char                  *_Atomic why;   /* ... or NULL: err tells */
    ngx_http_rtaudit_count_t     good;      /* ms: idle or progress */

    /* the worker's */
    int                          said;      /* err that was logged */
} ngx_http_rtaudit_out_t;


/* lines of one ring, oldest first */

typedef struct {
    struct iovec                 iov[NGX_HTTP_RTAUDIT_BATCH];
    uint64_t                     end[NGX_HTTP_RTAUDIT_BATCH];   /* cursor
                                                           behind the line */
    u_char                       extra[NGX_HTTP_RTAUDIT_BATCH]; /* it is no
                                                           request's event */
    ngx_uint_t                   n;
    size_t                       bytes;     /* of the n lines */
    uint64_t                     number;    /* of the sink's batches */
    uint64_t                     tells[NGX_HTTP_RTAUDIT_BATCH]; /* losses that
                                                           it tells of */
    ngx_http_rtaudit_slot_t     *slot;
    uint64_t                     cursor;    /* behind the last frame seen */
    ngx_uint_t                   seen;      /* frames, also of other sinks */
    unsigned                     broken:1;  /* the ring is no ring any more */

    /* what write() says */
    ngx_uint_t                   done;      /* whole lines that are out */
    ngx_err_t                    err;
    const char                  *why;       /* instead of err's text */
} ngx_http_rtaudit_batch_t;


struct ngx_http_rtaudit_kind_s {
    ngx_str_t                    name;      /* a target is NAME:... */
    char                        *target;    /* the same, for messages */

    /* reads cf->args from the target on; what a sink is in a cycle */
    char                      *(*parse)(ngx_conf_t *cf,
                                   ngx_http_rtaudit_sink_t *sink);

    /* the cycle's files are open: makes them the workers' user's; or NULL */
    ngx_int_t                  (*own)(ngx_http_rtaudit_sink_t *sink,
                                   ngx_uid_t user, ngx_log_t *log);

    /* fills out->ctx; says itself why not */
    ngx_int_t                  (*open)(ngx_http_rtaudit_out_t *out,
                                   ngx_log_t *log);

    /*
     * NGX_OK: all lines are out.  NGX_AGAIN: b->done of them are, which may
     * be none; the others are tried later.  b->err says why: EAGAIN is no
     * failure until it stays, anything else is one.
     */
    ngx_int_t                  (*write)(ngx_http_rtaudit_out_t *out,
                                   ngx_http_rtaudit_batch_t *b);

    /*
     * The batch of this number was being written when its process was
     * killed, and will be written again: takes back what is out of it.  NGX_OK,
     * or NGX_DECLINED: some of it may be there yet.  NULL: nothing can be.
     */
    ngx_int_t                  (*undo)(ngx_http_rtaudit_out_t *out,
                                   uint64_t number);

    /*
     * The last bytes of what the sink holds, at most text->len of them; none
     * if they cannot be read.  NGX_OK; NGX_BUSY: not now, see errno.  NULL:
     * lines of this kind are not sealed, for one may be there twice, or be
     * booked later than the next one is made.
     */
    ngx_int_t                  (*tail)(ngx_http_rtaudit_out_t *out,
                                   rt_str_t *text);

    /* nginx has opened its files anew (USR1); or NULL */
    void                       (*reopen)(ngx_http_rtaudit_out_t *out,
                                   ngx_log_t *log);

    /*
     * NGX_OK; NGX_AGAIN: lines can go nowhere at present; NGX_DECLINED:
     * likewise, and those written since the last look are lost.  See errno.
     * NGX_DONE: those are lost, others are taken.
     */
    ngx_int_t                  (*healthy)(ngx_http_rtaudit_out_t *out);
    char                        *mend;      /* what helps when it is not */

    /*
     * Each second, in the worker: what is to be logged.  The worker was told
     * to go: it leaves to others what they can do.  Or NULL.
     */
    void                       (*tick)(ngx_http_rtaudit_out_t *out,
                                   ngx_uint_t going, ngx_log_t *log);

    void                       (*close)(ngx_http_rtaudit_out_t *out);

    /*
     * Puts on disk what is out, and waits for it.  NGX_ERROR: some of it may
     * not be there; NGX_DECLINED: nobody finds it any more.  See errno.  NULL:
     * this kind has no fsync=.
     */
    ngx_int_t                  (*commit)(ngx_http_rtaudit_out_t *out);

    /* the file that lines go to: NGX_OK; or NULL, where there is none */
    ngx_int_t                  (*info)(ngx_http_rtaudit_out_t *out,
                                   ngx_file_info_t *fi);
};


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_KIND_H_INCLUDED */
