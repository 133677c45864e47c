
/*
 * From ring to file.  Runs in the writer's thread.
 *
 * All workers append to one file, so a lock (shm, robust) makes one write
 * at a time of this nginx; flock() makes it one beside another nginx that has
 * the file open, during an upgrade.  Within the lock the file only grows by
 * whole lines: a line that does not fit any more is cut off again, or, where
 * that cannot be (a pipe), nothing but its rest is written next.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <sys/file.h>
#include <sys/uio.h>

#include "ngx_http_rtaudit_writer.h"


#define LOCK_WAIT   200     /* ms for another writer to finish */
#define FLOCK_WAIT  1000    /* ms; then the lines matter more */
#define PAUSE_MIN   50      /* ms; back-off after an error, doubled ... */
#define PAUSE_MAX   2000    /* ... up to this */


typedef struct {
    struct iovec         iov[NGX_HTTP_RTAUDIT_BATCH];
    uint64_t             end[NGX_HTTP_RTAUDIT_BATCH];   /* cursor behind it */
    ngx_uint_t           n;
    ngx_uint_t           seen;      /* frames, also of other sinks */
    uint64_t             cursor;    /* behind the last one seen */
    size_t               bytes;     /* of the n lines */
    size_t               part;      /* of the first one not out, but begun */
    unsigned             broken:1;  /* the ring is no ring any more */
} batch_t;


static ngx_int_t lock(ngx_http_rtaudit_shared_t *sh,
    ngx_http_rtaudit_zone_t *zone, ngx_http_rtaudit_file_t *file);
static void recover(ngx_http_rtaudit_shared_t *sh,
    ngx_http_rtaudit_zone_t *zone, ngx_http_rtaudit_file_t *file);
static void collect(ngx_http_rtaudit_slot_t *slot, ngx_uint_t id, batch_t *b);
static ngx_int_t lock_file(ngx_http_rtaudit_file_t *file);
static void write_batch(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_file_t *file, ngx_http_rtaudit_slot_t *slot, batch_t *b);
static ngx_int_t resume(ngx_http_rtaudit_zone_t *zone,
    ngx_http_rtaudit_file_t *file, ngx_http_rtaudit_slot_t *slot,
    struct stat *st, batch_t *b);
static void intend(ngx_http_rtaudit_intent_t *intent, struct stat *st,
    ngx_http_rtaudit_slot_t *slot, uint64_t written, batch_t *b);
static ngx_uint_t append(ngx_http_rtaudit_file_t *file, batch_t *b,
    struct stat *st, ngx_err_t *err);
static void settle(ngx_http_rtaudit_shared_t *sh,
    ngx_http_rtaudit_slot_t *slot, ngx_uint_t id, struct stat *st, batch_t *b,
    ngx_uint_t n);
static void outcome(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_file_t *file, ngx_http_rtaudit_slot_t *slot,
    ngx_uint_t n, ngx_err_t err);
static void failed(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_file_t *file, ngx_http_rtaudit_slot_t *slot,
    ngx_err_t err);
static void relieve(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_file_t *file, ngx_http_rtaudit_slot_t *slot);
static void give_up(ngx_http_rtaudit_slot_t *slot, ngx_uint_t id,
    batch_t *b, rt_event_drop_e reason);


ngx_uint_t
ngx_http_rtaudit_drain(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_file_t *file, ngx_http_rtaudit_slot_t *slot)
{
    batch_t                      b;
    uint64_t                     before;
    ngx_uint_t                   id;
    ngx_http_rtaudit_shared_t   *sh;
    ngx_http_rtaudit_account_t  *account;

    id = file->id;
    account = &slot->account[id];

    if (ngx_http_rtaudit_get(&account->cursor)
        == ngx_http_rtaudit_get(&slot->ring.head))
    {
        return 0;
    }

    if (file->retry && ngx_http_rtaudit_now() < file->retry) {
        relieve(w, file, slot);
        return 0;
    }

    sh = &w->zone->sink[id];

    if (lock(sh, w->zone, file) != NGX_OK) {
        relieve(w, file, slot);
        return 0;
    }

    before = ngx_http_rtaudit_get(&account->cursor);

    collect(slot, id, &b);

    if (b.n) {
        write_batch(w, file, slot, &b);

    } else {
        ngx_http_rtaudit_set(&account->cursor, b.cursor);
    }

    if (b.broken) {
        ngx_http_rtaudit_add(&account->dropped[RT_EVENT_DROP_MEMORY], 1);
        ngx_http_rtaudit_add(&slot->lost, 1);
    }

    (void) pthread_mutex_unlock(&sh->lock);

    return ngx_http_rtaudit_get(&account->cursor) == before ? 0 : b.seen;
}


ngx_uint_t
ngx_http_rtaudit_drain_unknown(ngx_http_rtaudit_writer_t *w, ngx_uint_t id,
    ngx_http_rtaudit_slot_t *slot)
{
    batch_t  b;

    if (ngx_http_rtaudit_get(&slot->account[id].cursor)
        == ngx_http_rtaudit_get(&slot->ring.head))
    {
        return 0;
    }

    collect(slot, id, &b);
    give_up(slot, id, &b, RT_EVENT_DROP_SHUTDOWN);

    return b.seen;
}


/*
 * Waits in the thread, for a bounded time; not at all for one who has been
 * writing for longer than that already.
 */

static ngx_int_t
lock(ngx_http_rtaudit_shared_t *sh, ngx_http_rtaudit_zone_t *zone,
    ngx_http_rtaudit_file_t *file)
{
    int              rc;
    struct timespec  ts;

    rc = pthread_mutex_trylock(&sh->lock);

    if (rc == EBUSY && !file->busy) {

        (void) clock_gettime(CLOCK_REALTIME, &ts);

        ts.tv_nsec += LOCK_WAIT * 1000000;

        if (ts.tv_nsec >= 1000000000) {
            ts.tv_nsec -= 1000000000;
            ts.tv_sec++;
        }

        rc = pthread_mutex_timedlock(&sh->lock, &ts);
    }

    file->busy = (rc != 0 && rc != EOWNERDEAD);

    if (rc == EOWNERDEAD) {
        recover(sh, zone, file);
        (void) pthread_mutex_consistent(&sh->lock);
    }

    return file->busy ? NGX_BUSY : NGX_OK;
}


/*
 * The writer before died within the lock.  Unless its cursor says that the
 * lines are out, what it wrote of them is taken back: they are still in its
 * ring, and whoever drains that writes them again.  What somebody else has
 * written behind them since stays.
 */

static void
recover(ngx_http_rtaudit_shared_t *sh, ngx_http_rtaudit_zone_t *zone,
    ngx_http_rtaudit_file_t *file)
{
    ngx_uint_t                   id;
    struct stat                  st;
    ngx_http_rtaudit_intent_t   *intent;
    ngx_http_rtaudit_account_t  *account;

    id = sh - zone->sink;
    intent = &sh->intent;

    if (ngx_http_rtaudit_get(&intent->active)
        && intent->slot < zone->nslots)
    {
        account = &zone->slot[intent->slot].account[id];

        if (ngx_http_rtaudit_get(&account->cursor) >= intent->cursor) {
            ngx_http_rtaudit_set(&account->written,
                                 intent->written + intent->lines);

        } else if (fstat(file->fd, &st) == 0 && S_ISREG(st.st_mode)
                   && (uint64_t) st.st_dev == intent->dev
                   && (uint64_t) st.st_ino == intent->ino
                   && st.st_size > intent->size
                   && st.st_size <= intent->most)
        {
            while (ftruncate(file->fd, intent->size) == -1
                   && errno == EINTR)
            {
                /* again */
            }
        }
    }

    ngx_http_rtaudit_set(&intent->active, 0);
}


static void
collect(ngx_http_rtaudit_slot_t *slot, ngx_uint_t id, batch_t *b)
{
    rt_ring_frame_t  frame;

    b->n = 0;
    b->seen = 0;
    b->part = 0;
    b->bytes = 0;
    b->broken = 0;
    b->cursor = ngx_http_rtaudit_get(&slot->account[id].cursor);

    while (b->n < NGX_HTTP_RTAUDIT_BATCH) {

        switch (rt_ring_read(&slot->ring, slot->area, &b->cursor, &frame)) {

        case RT_OK:
            break;

        case RT_DONE:
            return;

        default:
            b->cursor = ngx_http_rtaudit_get(&slot->ring.head);
            b->broken = 1;
            return;
        }

        b->seen++;

        if (frame.mark & ((uint32_t) 1 << id)) {
            b->iov[b->n].iov_base = frame.data.data;
            b->iov[b->n].iov_len = frame.data.len;
            b->end[b->n] = b->cursor;
            b->bytes += frame.data.len;
            b->n++;
        }
    }
}


/*
 * Between two nginx that have the file open.  Anybody who may read it can
 * hold this lock, so it is waited for a little while only.
 */

static ngx_int_t
lock_file(ngx_http_rtaudit_file_t *file)
{
    uint64_t  now;

    if (flock(file->fd, LOCK_EX|LOCK_NB) == 0 || errno != EWOULDBLOCK) {
        file->waiting = 0;
        return NGX_OK;
    }

    now = ngx_http_rtaudit_now();

    if (file->waiting == 0) {
        file->waiting = now;
    }

    return (now < file->waiting + FLOCK_WAIT) ? NGX_BUSY : NGX_OK;
}


static void
write_batch(ngx_http_rtaudit_writer_t *w, ngx_http_rtaudit_file_t *file,
    ngx_http_rtaudit_slot_t *slot, batch_t *b)
{
    ngx_err_t                   err;
    ngx_int_t                   rc;
    ngx_uint_t                  id, n;
    struct stat                 st;
    ngx_http_rtaudit_shared_t  *sh;

    id = file->id;
    sh = &w->zone->sink[id];

    if (fstat(file->fd, &st) == -1) {
        failed(w, file, slot, errno);
        return;
    }

    if (S_ISREG(st.st_mode)) {

        if (lock_file(file) != NGX_OK) {
            return;
        }

        /* what it is now, within the lock */

        (void) fstat(file->fd, &st);
    }

    n = 0;
    err = 0;
    rc = resume(w->zone, file, slot, &st, b);

    if (rc == NGX_OK) {

        if (S_ISREG(st.st_mode)) {
            intend(&sh->intent, &st, slot,
                   ngx_http_rtaudit_get(&slot->account[id].written), b);
        }

        n = append(file, b, &st, &err);
        settle(sh, slot, id, &st, b, n);

    } else {
        err = (rc == NGX_BUSY) ? EAGAIN : errno;
    }

    if (S_ISREG(st.st_mode)) {
        (void) flock(file->fd, LOCK_UN);
    }

    outcome(w, file, slot, n, err);
}


/*
 * How the next write begins: with the rest of a line of this slot, or, when
 * that line was given up, with the end of it.  NGX_BUSY: another slot's line
 * comes first; NGX_ERROR: see errno.
 */

static ngx_int_t
resume(ngx_http_rtaudit_zone_t *zone, ngx_http_rtaudit_file_t *file,
    ngx_http_rtaudit_slot_t *slot, struct stat *st, batch_t *b)
{
    ngx_http_rtaudit_torn_t     *torn;
    ngx_http_rtaudit_account_t  *account;

    torn = &zone->sink[file->id].torn;

    if (torn->len == 0) {
        return NGX_OK;
    }

    if (torn->dev != (uint64_t) st->st_dev
        || torn->ino != (uint64_t) st->st_ino)
    {
        /* another file since: the line goes there whole */

        if (torn->slot == slot->number) {
            torn->len = 0;
        }

        return NGX_OK;
    }

    account = &zone->slot[torn->slot].account[file->id];

    if (ngx_http_rtaudit_get(&account->cursor) != torn->cursor) {

        if (write(file->fd, "\n", 1) != 1) {
            return NGX_ERROR;
        }

        torn->len = 0;
        st->st_size++;

        return NGX_OK;
    }

    if (torn->slot != slot->number) {
        return NGX_BUSY;
    }

    b->part = torn->len;

    return NGX_OK;
}


static void
intend(ngx_http_rtaudit_intent_t *intent, struct stat *st,
    ngx_http_rtaudit_slot_t *slot, uint64_t written, batch_t *b)
{
    intent->dev = st->st_dev;
    intent->ino = st->st_ino;
    intent->size = st->st_size;
    intent->most = st->st_size + b->bytes;
    intent->slot = slot->number;
    intent->cursor = b->cursor;
    intent->written = written;
    intent->lines = b->n;

    ngx_http_rtaudit_set(&intent->active, 1);
}


/* is the part that is out the end of the file, and taken back? */

static ngx_uint_t
take_back(ngx_http_rtaudit_file_t *file, off_t size, size_t part)
{
    struct stat  st;

    return fstat(file->fd, &st) == 0 && S_ISREG(st.st_mode)
           && st.st_size == size + (off_t) part
           && ftruncate(file->fd, size) == 0;
}


/*
 * The number of whole lines that are out.  A pipe gets one at a time: it
 * takes up to PIPE_BUF bytes as a whole or not at all.
 */

static ngx_uint_t
append(ngx_http_rtaudit_file_t *file, batch_t *b, struct stat *st,
    ngx_err_t *err)
{
    size_t       part, left;
    ssize_t      n;
    ngx_uint_t   i, lines;
    off_t        size;

    part = b->part;
    size = st->st_size - (off_t) part;
    i = 0;

    while (i < b->n) {

        lines = S_ISREG(st->st_mode) ? b->n - i : 1;

        left = b->iov[i].iov_len;
        b->iov[i].iov_base = (u_char *) b->iov[i].iov_base + part;
        b->iov[i].iov_len -= part;

        n = writev(file->fd, &b->iov[i], (int) lines);

        b->iov[i].iov_base = (u_char *) b->iov[i].iov_base - part;
        b->iov[i].iov_len = left;

        if (n <= 0) {
            if (n == -1 && errno == EINTR) {
                continue;
            }

            *err = (n == 0) ? ENOSPC : errno;
            break;
        }

        part += n;

        while (i < b->n && part >= b->iov[i].iov_len) {
            part -= b->iov[i].iov_len;
            size += b->iov[i].iov_len;
            i++;
        }
    }

    if (part && take_back(file, size, part)) {
        part = 0;
    }

    b->part = part;

    return i;
}


/* books n whole lines, and a part of the next one */

static void
settle(ngx_http_rtaudit_shared_t *sh, ngx_http_rtaudit_slot_t *slot,
    ngx_uint_t id, struct stat *st, batch_t *b, ngx_uint_t n)
{
    uint64_t                     cursor;
    ngx_http_rtaudit_account_t  *account;

    account = &slot->account[id];

    cursor = (n == b->n) ? b->cursor
             : n ? b->end[n - 1] : ngx_http_rtaudit_get(&account->cursor);

    sh->torn.len = b->part;

    if (b->part) {
        sh->torn.dev = st->st_dev;
        sh->torn.ino = st->st_ino;
        sh->torn.slot = slot->number;
        sh->torn.cursor = cursor;
    }

    if (n) {
        sh->intent.lines = n;
        sh->intent.cursor = cursor;
        ngx_http_rtaudit_set(&account->cursor, cursor);
        ngx_http_rtaudit_add(&account->written, n);
    }

    ngx_http_rtaudit_set(&sh->intent.active, 0);
}


/* a pipe that is full is a failure only when it stays so */

static void
outcome(ngx_http_rtaudit_writer_t *w, ngx_http_rtaudit_file_t *file,
    ngx_http_rtaudit_slot_t *slot, ngx_uint_t n, ngx_err_t err)
{
    uint64_t  now;

    now = ngx_http_rtaudit_now();

    if (n) {
        ngx_http_rtaudit_set(&file->good, now);
    }

    if (err && err != EAGAIN) {
        failed(w, file, slot, err);
        return;
    }

    file->retry = 0;
    file->pause = 0;

    if (err == 0 || n) {
        atomic_store(&file->err, 0);

    } else if (now >= ngx_http_rtaudit_get(&file->good)
                      + NGX_HTTP_RTAUDIT_STALE)
    {
        atomic_store(&file->err, err);
    }

    if (err) {
        relieve(w, file, slot);
    }
}


static void
failed(ngx_http_rtaudit_writer_t *w, ngx_http_rtaudit_file_t *file,
    ngx_http_rtaudit_slot_t *slot, ngx_err_t err)
{
    atomic_store(&file->err, err);

    file->pause = ngx_min(ngx_max(2 * file->pause, PAUSE_MIN), PAUSE_MAX);
    file->retry = ngx_http_rtaudit_now() + file->pause;

    relieve(w, file, slot);
}


/*
 * The lines stay in the ring and are tried again, unless they would keep
 * others from a sink that works.
 */

static void
relieve(ngx_http_rtaudit_writer_t *w, ngx_http_rtaudit_file_t *file,
    ngx_http_rtaudit_slot_t *slot)
{
    batch_t     b;
    ngx_uint_t  id;

    if (w->nfiles == 1 || file->required) {
        return;
    }

    id = file->id;

    while (rt_ring_used(&slot->ring) > slot->ring.size / 2
           && ngx_http_rtaudit_get(&slot->ring.head)
              - ngx_http_rtaudit_get(&slot->account[id].cursor)
              > slot->ring.size / 2)
    {
        collect(slot, id, &b);
        give_up(slot, id, &b, RT_EVENT_DROP_DISK);
    }
}


static void
give_up(ngx_http_rtaudit_slot_t *slot, ngx_uint_t id, batch_t *b,
    rt_event_drop_e reason)
{
    ngx_http_rtaudit_add(&slot->account[id].dropped[reason], b->n);
    ngx_http_rtaudit_add(&slot->lost, b->n);
    ngx_http_rtaudit_set(&slot->account[id].cursor, b->cursor);
}
