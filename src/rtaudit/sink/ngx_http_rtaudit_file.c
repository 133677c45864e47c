
/*
 * The kind of sinks that are files: one for all workers.  Runs in the
 * writer's thread, but for open, reopen and close.
 *
 * The drain lets one process of this nginx write at a time; flock() makes it
 * one beside another nginx that has the file open, during an upgrade.  So the
 * file only grows by whole lines: a line that does not fit any more is cut
 * off again, or, where that cannot be (a pipe), nothing but its rest is
 * written next.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <sys/file.h>

#include "sink/ngx_http_rtaudit_chain.h"
#include "sink/ngx_http_rtaudit_file.h"
#include "sink/ngx_http_rtaudit_file_conf.h"


#define NGX_HTTP_RTAUDIT_FILE_LOCK   1000   /* ms; then the lines matter more */
#define NGX_HTTP_RTAUDIT_FILE_MOVED  10000  /* ms between rename and USR1 */
#define NGX_HTTP_RTAUDIT_FILE_TRIES  20     /* of 10 ms, for the lock of one
                                               that was killed */


typedef struct {
    int                          fd;        /* the thread's own */
    off_t                        end;       /* of the last line it wrote */
    _Atomic int                  next_fd;   /* to change to; -1: none */
    uint64_t                     waiting;   /* ms; for flock(), since */
    uint64_t                     moved;     /* ms; not at its path, since */
    ngx_err_t                    err;       /* of the commit of one that was
                                               changed from */
    unsigned                     commits:1; /* fsync= */
    unsigned                     dirty:1;   /* ... and something is out */
    u_char                       path[];
} ngx_http_rtaudit_file_t;


static ngx_int_t ngx_http_rtaudit_file_open(ngx_http_rtaudit_out_t *out,
    ngx_log_t *log);
static ngx_int_t ngx_http_rtaudit_file_write(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b);
static ngx_int_t ngx_http_rtaudit_file_undo(ngx_http_rtaudit_out_t *out,
    uint64_t number);
static ngx_int_t ngx_http_rtaudit_file_tail(ngx_http_rtaudit_out_t *out,
    rt_str_t *text);
static void ngx_http_rtaudit_file_reopen(ngx_http_rtaudit_out_t *out,
    ngx_log_t *log);
static ngx_int_t ngx_http_rtaudit_file_healthy(ngx_http_rtaudit_out_t *out);
static void ngx_http_rtaudit_file_close(ngx_http_rtaudit_out_t *out);
static ngx_int_t ngx_http_rtaudit_file_commit(ngx_http_rtaudit_out_t *out);
static ngx_int_t ngx_http_rtaudit_file_info(ngx_http_rtaudit_out_t *out,
    ngx_file_info_t *fi);

static int ngx_http_rtaudit_file_fd(ngx_http_rtaudit_sink_t *sink,
    ngx_log_t *log);
static int ngx_http_rtaudit_file_own_fd(int fd, ngx_str_t *path);
static int ngx_http_rtaudit_file_again(int fd, int flags);
static ngx_int_t ngx_http_rtaudit_file_change(ngx_http_rtaudit_file_t *file);
static ngx_uint_t ngx_http_rtaudit_file_changes(ngx_http_rtaudit_out_t *out);
static ngx_int_t ngx_http_rtaudit_file_lock(ngx_http_rtaudit_file_t *file);
static ngx_int_t ngx_http_rtaudit_file_resume(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b, struct stat *st, size_t *part);
static ngx_int_t ngx_http_rtaudit_file_whole(ngx_http_rtaudit_file_t *file,
    struct stat *st);
static void ngx_http_rtaudit_file_mark(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b, struct stat *st);
static void ngx_http_rtaudit_file_append(ngx_http_rtaudit_file_t *file,
    ngx_http_rtaudit_batch_t *b, struct stat *st, size_t *part);
static void ngx_http_rtaudit_file_torn(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b, struct stat *st, size_t part);


ngx_http_rtaudit_kind_t  ngx_http_rtaudit_file = {
    ngx_string("file"),
    "file:PATH",
    ngx_http_rtaudit_file_parse,
    ngx_http_rtaudit_file_own,
    ngx_http_rtaudit_file_open,
    ngx_http_rtaudit_file_write,
    ngx_http_rtaudit_file_undo,
    ngx_http_rtaudit_file_tail,
    ngx_http_rtaudit_file_reopen,
    ngx_http_rtaudit_file_healthy,
    "send USR1 to the master process, which makes the file anew",
    NULL,
    ngx_http_rtaudit_file_close,
    ngx_http_rtaudit_file_commit,
    ngx_http_rtaudit_file_info
};


static ngx_int_t
ngx_http_rtaudit_file_open(ngx_http_rtaudit_out_t *out, ngx_log_t *log)
{
    ngx_str_t                *path;
    ngx_http_rtaudit_file_t  *file;

    path = &out->sink->target;

    file = ngx_calloc(sizeof(ngx_http_rtaudit_file_t) + path->len + 1, log);
    if (file == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_cpystrn(file->path, path->data, path->len + 1);
    atomic_init(&file->next_fd, -1);

    file->fd = ngx_http_rtaudit_file_fd(out->sink, log);

    if (file->fd == -1) {
        ngx_free(file);
        return NGX_ERROR;
    }

    file->commits = out->sink->commits;
    out->ctx = file;

    return NGX_OK;
}


/*
 * A pipe that nobody empties, or a terminal that is stopped, must not keep
 * the thread from other sinks; nobody but sinks writes through this file, so
 * that it may be made non-blocking.
 */

static int
ngx_http_rtaudit_file_fd(ngx_http_rtaudit_sink_t *sink, ngx_log_t *log)
{
    int                            fd;
    ngx_file_info_t                fi;
    ngx_http_rtaudit_file_conf_t  *fcf;

    fcf = sink->conf;

    fd = ngx_http_rtaudit_file_own_fd(fcf->file->fd, &sink->target);

    if (fd == -1) {
        fd = fcntl(fcf->file->fd, F_DUPFD_CLOEXEC, 0);
    }

    if (fd == -1) {
        ngx_log_error(NGX_LOG_ALERT, log, ngx_errno,
                      "rtaudit: fcntl(F_DUPFD_CLOEXEC) of \"%V\" failed",
                      &sink->target);
        return -1;
    }

    if (ngx_fd_info(fd, &fi) != NGX_FILE_ERROR && !ngx_is_file(&fi)) {
        (void) ngx_nonblocking(fd);
    }

    return fd;
}


/*
 * A duplicate is the same opening of the file, which all workers would share.
 * The system tells each opening once of a write that failed later, and its
 * lock goes with the process; and nginx's cannot be read.
 */

static int
ngx_http_rtaudit_file_own_fd(int fd, ngx_str_t *path)
{
    int          i, own, flags;
    struct stat  st, at;

    if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
        return -1;
    }

    flags = O_RDWR|O_APPEND|O_NONBLOCK|O_CLOEXEC;

    for (i = 0; i < 2; i++) {
        own = i ? open((char *) path->data, flags)
                : ngx_http_rtaudit_file_again(fd, flags);

        if (own == -1) {
            continue;
        }

        if (fstat(own, &at) == 0
            && at.st_dev == st.st_dev && at.st_ino == st.st_ino)
        {
            return own;
        }

        (void) close(own);
    }

    return -1;
}


/* another opening of the same file, whatever its name is now */

static int
ngx_http_rtaudit_file_again(int fd, int flags)
{
    char  proc[sizeof("/proc/self/fd/") + NGX_INT_T_LEN];

    (void) snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);

    return open(proc, flags);
}


/* nginx's opening, where there is no other, is for writing alone */

static ssize_t
ngx_http_rtaudit_file_read(ngx_http_rtaudit_file_t *file, void *buf,
    size_t size, off_t offset)
{
    int      fd;
    ssize_t  n;

    n = pread(file->fd, buf, size, offset);

    if (n != -1 || errno != EBADF) {
        return n;
    }

    fd = ngx_http_rtaudit_file_again(file->fd, O_RDONLY|O_CLOEXEC);

    if (fd != -1) {
        n = pread(fd, buf, size, offset);
        (void) close(fd);
    }

    return n;
}


static void
ngx_http_rtaudit_file_reopen(ngx_http_rtaudit_out_t *out, ngx_log_t *log)
{
    int                       fd;
    ngx_http_rtaudit_file_t  *file;

    file = out->ctx;
    fd = ngx_http_rtaudit_file_fd(out->sink, log);

    if (fd == -1) {
        return;
    }

    fd = atomic_exchange(&file->next_fd, fd);

    if (fd != -1) {
        (void) close(fd);
    }
}


static void
ngx_http_rtaudit_file_close(ngx_http_rtaudit_out_t *out)
{
    ngx_http_rtaudit_file_t  *file;

    file = out->ctx;

    (void) ngx_http_rtaudit_file_change(file);
    (void) close(file->fd);
    ngx_free(file);
}


/* as nginx has it open; the thread follows before the next line is written */

static ngx_int_t
ngx_http_rtaudit_file_info(ngx_http_rtaudit_out_t *out, ngx_file_info_t *fi)
{
    ngx_http_rtaudit_file_conf_t  *fcf;

    fcf = out->sink->conf;

    return (ngx_fd_info(fcf->file->fd, fi) != NGX_FILE_ERROR
            && ngx_is_file(fi))
           ? NGX_OK : NGX_DECLINED;
}


/*
 * Changes to the file that nginx has opened anew, of which the worker has
 * handed over a duplicate.  NGX_DONE: what was written lately went with a file
 * that has no name.
 */

static ngx_int_t
ngx_http_rtaudit_file_change(ngx_http_rtaudit_file_t *file)
{
    int          fd;
    ngx_int_t    rc;
    struct stat  st;

    fd = atomic_exchange(&file->next_fd, -1);

    if (fd == -1) {
        return NGX_OK;
    }

    /* nobody else would commit the old file */

    if (file->commits && file->dirty && fdatasync(file->fd) == -1) {
        file->err = errno;
    }

    rc = (fstat(file->fd, &st) == 0 && S_ISREG(st.st_mode)
          && st.st_nlink == 0) ? NGX_DONE : NGX_OK;

    if (rc == NGX_DONE && file->commits && file->dirty && file->err == 0) {
        file->err = ENOENT;
    }

    (void) close(file->fd);
    file->fd = fd;
    file->end = 0;
    file->dirty = 0;
    file->moved = 0;

    return rc;
}


/*
 * Nothing is written before ngx_http_rtaudit_file_healthy() has changed, and
 * what went with the old file is booked: it would count as lost, too.
 */

static ngx_uint_t
ngx_http_rtaudit_file_changes(ngx_http_rtaudit_out_t *out)
{
    ngx_http_rtaudit_file_t  *file;

    file = out->ctx;

    if (atomic_load(&file->next_fd) == -1) {
        return 0;
    }

    out->look = 0;

    return 1;
}


/* the lines of a file without a name are on disk, and lost */

static ngx_int_t
ngx_http_rtaudit_file_commit(ngx_http_rtaudit_out_t *out)
{
    struct stat               st;
    ngx_http_rtaudit_file_t  *file;

    file = out->ctx;

    if (file->err) {
        errno = file->err;
        file->err = 0;
        return NGX_ERROR;
    }

    if (fdatasync(file->fd) == -1 || fstat(file->fd, &st) == -1) {
        return NGX_ERROR;
    }

    file->dirty = 0;

    if (st.st_nlink == 0) {
        errno = ENOENT;
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/*
 * A file without a name takes its lines along.  One that was renamed keeps
 * them, and is written until USR1, but not for ever: who renames it and
 * sends no signal looks for events in another file.
 */

static ngx_int_t
ngx_http_rtaudit_file_healthy(ngx_http_rtaudit_out_t *out)
{
    uint64_t                  now;
    struct stat               st, at;
    ngx_http_rtaudit_file_t  *file;

    file = out->ctx;

    if (ngx_http_rtaudit_file_change(file) == NGX_DONE) {
        return NGX_DONE;
    }

    if (fstat(file->fd, &st) == -1 || !S_ISREG(st.st_mode)) {
        return NGX_OK;
    }

    if (st.st_nlink == 0) {
        errno = ENOENT;
        return NGX_DECLINED;
    }

    if (stat((char *) file->path, &at) == 0) {

        if (at.st_dev == st.st_dev && at.st_ino == st.st_ino) {
            file->moved = 0;
            return NGX_OK;
        }

    } else if (errno != ENOENT && errno != ENOTDIR) {

        /* the workers' user may not look there */

        return NGX_OK;
    }

    now = ngx_http_rtaudit_zone_now();

    if (file->moved == 0) {
        file->moved = now;
    }

    if (now < file->moved + NGX_HTTP_RTAUDIT_FILE_MOVED) {
        return NGX_OK;
    }

    errno = ENOENT;

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_rtaudit_file_write(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b)
{
    size_t                    part;
    ngx_int_t                 rc;
    struct stat               st;
    ngx_http_rtaudit_file_t  *file;

    file = out->ctx;

    if (ngx_http_rtaudit_file_changes(out)) {
        b->err = EAGAIN;
        return NGX_AGAIN;
    }

    if (fstat(file->fd, &st) == -1) {
        b->err = errno;
        return NGX_AGAIN;
    }

    if (S_ISREG(st.st_mode)) {

        if (ngx_http_rtaudit_file_lock(file) != NGX_OK) {
            b->err = EAGAIN;
            return NGX_AGAIN;
        }

        /* what it is now, within the lock */

        (void) fstat(file->fd, &st);
    }

    rc = ngx_http_rtaudit_file_resume(out, b, &st, &part);

    if (rc == NGX_OK && part == 0) {
        rc = ngx_http_rtaudit_file_whole(file, &st);
    }

    if (rc == NGX_OK) {

        if (S_ISREG(st.st_mode)) {
            ngx_http_rtaudit_file_mark(out, b, &st);
        }

        file->dirty = 1;
        ngx_http_rtaudit_file_append(file, b, &st, &part);
        ngx_http_rtaudit_file_torn(out, b, &st, part);

    } else {
        b->err = (rc == NGX_BUSY) ? EAGAIN : errno;
    }

    if (S_ISREG(st.st_mode)) {
        (void) flock(file->fd, LOCK_UN);
    }

    return b->done == b->n ? NGX_OK : NGX_AGAIN;
}


/*
 * Between two nginx that have the file open.  Anybody who may read it can
 * hold this lock, so it is waited for a little while only.
 */

static ngx_int_t
ngx_http_rtaudit_file_lock(ngx_http_rtaudit_file_t *file)
{
    uint64_t  now;

    if (flock(file->fd, LOCK_EX|LOCK_NB) == 0 || errno != EWOULDBLOCK) {
        file->waiting = 0;
        return NGX_OK;
    }

    now = ngx_http_rtaudit_zone_now();

    if (file->waiting == 0) {
        file->waiting = now;
    }

    return (now < file->waiting + NGX_HTTP_RTAUDIT_FILE_LOCK) ? NGX_BUSY
                                                              : NGX_OK;
}


/*
 * How the write begins: with the rest of a line of this slot, of which part
 * bytes are out, or, when that line was given up, or a reload has changed how
 * it is made, with the end of it.
 * NGX_BUSY: another slot's line comes first; NGX_ERROR: see errno.
 */

static ngx_int_t
ngx_http_rtaudit_file_resume(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b, struct stat *st, size_t *part)
{
    ngx_http_rtaudit_file_t     *file;
    ngx_http_rtaudit_torn_t     *torn;
    ngx_http_rtaudit_account_t  *account;

    *part = 0;
    file = out->ctx;
    torn = &out->zone->sink[out->id].torn;

    if (torn->len == 0) {
        return NGX_OK;
    }

    if (torn->dev != (uint64_t) st->st_dev
        || torn->ino != (uint64_t) st->st_ino)
    {
        /* another file since: the line goes there whole */

        if (torn->slot == b->slot->number) {
            torn->len = 0;
        }

        return NGX_OK;
    }

    account = &out->zone->slot[torn->slot].account[out->id];

    if (ngx_http_rtaudit_zone_get(&account->cursor) != torn->cursor
        || out->made != torn->made)
    {

        if (write(file->fd, "\n", 1) != 1) {
            return NGX_ERROR;
        }

        torn->len = 0;
        st->st_size++;

        if (out->chain) {

            /* the lines of this batch go on from before that one */

            ngx_http_rtaudit_chain_break(&out->zone->sink[out->id]);
            return NGX_BUSY;
        }

        return NGX_OK;
    }

    if (torn->slot != b->slot->number) {
        return NGX_BUSY;
    }

    *part = torn->len;

    return NGX_OK;
}


/* a machine that stopped, or somebody else, may have left half a line */

static ngx_int_t
ngx_http_rtaudit_file_whole(ngx_http_rtaudit_file_t *file, struct stat *st)
{
    char  last;

    if (st->st_size == 0 || st->st_size == file->end
        || ngx_http_rtaudit_file_read(file, &last, 1, st->st_size - 1) != 1
        || last == LF)
    {
        return NGX_OK;
    }

    if (write(file->fd, "\n", 1) != 1) {
        return NGX_ERROR;
    }

    st->st_size++;

    return NGX_OK;
}


/* for ngx_http_rtaudit_file_undo(): where this batch begins */

static void
ngx_http_rtaudit_file_mark(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b, struct stat *st)
{
    ngx_http_rtaudit_mark_t  *mark;

    mark = &out->zone->sink[out->id].mark;

    ngx_http_rtaudit_zone_set(&mark->number, 0);

    mark->dev = st->st_dev;
    mark->ino = st->st_ino;
    mark->size = st->st_size;
    mark->most = st->st_size + b->bytes;

    ngx_http_rtaudit_zone_set(&mark->number, b->number);
}


/*
 * What somebody else has written behind it since stays.  The lock goes with
 * the process that was killed, a little later than the one of the zone.
 */

static ngx_int_t
ngx_http_rtaudit_file_undo(ngx_http_rtaudit_out_t *out, uint64_t number)
{
    ngx_int_t                 rc;
    ngx_uint_t                i;
    struct stat               st;
    ngx_http_rtaudit_file_t  *file;
    ngx_http_rtaudit_mark_t  *mark;

    file = out->ctx;
    mark = &out->zone->sink[out->id].mark;

    if (fstat(file->fd, &st) == -1 || !S_ISREG(st.st_mode)) {
        return NGX_DECLINED;
    }

    if (ngx_http_rtaudit_zone_get(&mark->number) != number) {

        /* the write had not begun */

        return NGX_OK;
    }

    for (i = 0; flock(file->fd, LOCK_EX|LOCK_NB) == -1; i++) {

        if (errno == EWOULDBLOCK && i == NGX_HTTP_RTAUDIT_FILE_TRIES) {
            return NGX_DECLINED;
        }

        if (errno != EWOULDBLOCK) {
            break;
        }

        ngx_msleep(10);
    }

    rc = (fstat(file->fd, &st) == 0
          && (uint64_t) st.st_dev == mark->dev
          && (uint64_t) st.st_ino == mark->ino
          && st.st_size >= mark->size && st.st_size <= mark->most
          && ftruncate(file->fd, mark->size) == 0) ? NGX_OK : NGX_DECLINED;

    (void) flock(file->fd, LOCK_UN);

    return rc;
}


static ngx_int_t
ngx_http_rtaudit_file_tail(ngx_http_rtaudit_out_t *out, rt_str_t *text)
{
    size_t                    most;
    ssize_t                   n;
    struct stat               st;
    ngx_http_rtaudit_file_t  *file;

    file = out->ctx;
    most = text->len;
    text->len = 0;

    if (ngx_http_rtaudit_file_changes(out)) {
        errno = EAGAIN;
        return NGX_BUSY;
    }

    if (fstat(file->fd, &st) == -1 || !S_ISREG(st.st_mode)) {
        return NGX_OK;
    }

    if (ngx_http_rtaudit_file_lock(file) != NGX_OK) {
        errno = EAGAIN;
        return NGX_BUSY;
    }

    /* what it is now, within the lock */

    (void) fstat(file->fd, &st);

    n = ngx_http_rtaudit_file_read(file, text->data, most,
                                   ngx_max(st.st_size - (off_t) most, 0));
    text->len = ngx_max(n, 0);

    (void) flock(file->fd, LOCK_UN);

    return NGX_OK;
}


/* is the part that is out the end of the file, and taken back? */

static ngx_uint_t
ngx_http_rtaudit_file_take_back(ngx_http_rtaudit_file_t *file, off_t size,
    size_t part)
{
    struct stat  st;

    return fstat(file->fd, &st) == 0 && S_ISREG(st.st_mode)
           && st.st_size == size + (off_t) part
           && ftruncate(file->fd, size) == 0;
}


/*
 * Counts whole lines that are out, and leaves in part what is out of the
 * next one.  A pipe gets one line at a time: it takes up to PIPE_BUF bytes
 * as a whole or not at all.
 */

static void
ngx_http_rtaudit_file_append(ngx_http_rtaudit_file_t *file,
    ngx_http_rtaudit_batch_t *b, struct stat *st, size_t *part)
{
    off_t          size;
    size_t         left;
    ssize_t        n;
    ngx_uint_t     lines;
    struct iovec  *iov;

    size = st->st_size - (off_t) *part;

    while (b->done < b->n) {

        iov = &b->iov[b->done];
        lines = S_ISREG(st->st_mode) ? b->n - b->done : 1;

        left = iov->iov_len;
        iov->iov_base = (u_char *) iov->iov_base + *part;
        iov->iov_len -= *part;

        n = writev(file->fd, iov, (int) lines);

        iov->iov_base = (u_char *) iov->iov_base - *part;
        iov->iov_len = left;

        if (n <= 0) {
            if (n == -1 && errno == EINTR) {
                continue;
            }

            b->err = (n == 0) ? ENOSPC : errno;
            break;
        }

        *part += n;

        while (b->done < b->n && *part >= b->iov[b->done].iov_len) {
            *part -= b->iov[b->done].iov_len;
            size += b->iov[b->done].iov_len;
            b->done++;
        }
    }

    if (*part && ngx_http_rtaudit_file_take_back(file, size, *part)) {
        *part = 0;
    }

    file->end = size;
}


static void
ngx_http_rtaudit_file_torn(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b, struct stat *st, size_t part)
{
    ngx_http_rtaudit_torn_t     *torn;
    ngx_http_rtaudit_account_t  *account;

    torn = &out->zone->sink[out->id].torn;
    account = &b->slot->account[out->id];

    torn->len = part;

    if (part) {
        torn->dev = st->st_dev;
        torn->ino = st->st_ino;
        torn->slot = b->slot->number;
        torn->made = out->made;
        torn->cursor = b->done ? b->end[b->done - 1]
                               : ngx_http_rtaudit_zone_get(&account->cursor);
    }
}
