
/*
 * From ring to file.  Runs in the writer's thread.
 *
 * All workers append to one file, so a lock (shm, robust) makes one write
 * at a time of this nginx; flock() makes it one beside another nginx that has
 * the file open, during an upgrade.  Within the lock the file only grows by
 * whole lines: a line that does not fit any more is cut off again.
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
static ngx_uint_t append(ngx_http_rtaudit_file_t *file, batch_t *b,
    struct stat *st, ngx_err_t *err);
static void failed(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_file_t *file, ngx_http_rtaudit_slot_t *slot,
    ngx_err_t err);
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
        return 0;
    }

    sh = &w->zone->sink[id];

    if (lock(sh, w->zone, file) != NGX_OK) {
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


/* waits in the thread, for a bounded time */

static ngx_int_t
lock(ngx_http_rtaudit_shared_t *sh, ngx_http_rtaudit_zone_t *zone,
    ngx_http_rtaudit_file_t *file)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);

    ts.tv_nsec += LOCK_WAIT * 1000000;

    if (ts.tv_nsec >= 1000000000) {
        ts.tv_nsec -= 1000000000;
        ts.tv_sec++;
    }

    switch (pthread_mutex_timedlock(&sh->lock, &ts)) {

    case 0:
        return NGX_OK;

    case EOWNERDEAD:
        recover(sh, zone, file);
        (void) pthread_mutex_consistent(&sh->lock);
        return NGX_OK;

    default:
        return NGX_BUSY;
    }
}


/*
 * The writer before died within the lock.  Unless its cursor says that the
 * lines are out, what it wrote of them is taken back: they are still in its
 * ring, and whoever drains that writes them again.
 */

static void
recover(ngx_http_rtaudit_shared_t *sh, ngx_http_rtaudit_zone_t *zone,
    ngx_http_rtaudit_file_t *file)
{
    ngx_uint_t                  id;
    struct stat                 st;
    ngx_http_rtaudit_slot_t    *slot;
    ngx_http_rtaudit_intent_t  *intent;

    intent = &sh->intent;

    if (ngx_http_rtaudit_get(&intent->active)
        && intent->slot < zone->nslots)
    {
        id = sh - zone->sink;
        slot = &zone->slot[intent->slot];

        if (ngx_http_rtaudit_get(&slot->account[id].cursor) < intent->cursor
            && fstat(file->fd, &st) == 0 && S_ISREG(st.st_mode)
            && (uint64_t) st.st_dev == intent->dev
            && (uint64_t) st.st_ino == intent->ino
            && st.st_size > intent->size)
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
    uint64_t         tail;
    rt_ring_frame_t  frame;

    b->n = 0;
    b->seen = 0;
    b->broken = 0;
    b->cursor = ngx_http_rtaudit_get(&slot->account[id].cursor);

    /* a sink that was away for a while begins where the others are */

    tail = ngx_http_rtaudit_get(&slot->ring.tail);
    b->cursor = ngx_max(b->cursor, tail);

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
    ngx_err_t                    err;
    ngx_uint_t                   id, n;
    struct stat                  st;
    ngx_http_rtaudit_intent_t   *intent;
    ngx_http_rtaudit_account_t  *account;

    id = file->id;
    account = &slot->account[id];
    intent = &w->zone->sink[id].intent;

    if (fstat(file->fd, &st) == -1) {
        failed(w, file, slot, errno);
        return;
    }

    if (S_ISREG(st.st_mode)) {

        if (lock_file(file) != NGX_OK || fstat(file->fd, &st) == -1) {
            return;
        }

        intent->dev = st.st_dev;
        intent->ino = st.st_ino;
        intent->size = st.st_size;
        intent->slot = slot->number;
        intent->cursor = b->cursor;
        ngx_http_rtaudit_set(&intent->active, 1);
    }

    err = 0;
    n = append(file, b, &st, &err);

    ngx_http_rtaudit_add(&account->written, n);

    if (n == b->n) {
        ngx_http_rtaudit_set(&account->cursor, b->cursor);

    } else if (n) {
        ngx_http_rtaudit_set(&account->cursor, b->end[n - 1]);
    }

    ngx_http_rtaudit_set(&intent->active, 0);

    if (S_ISREG(st.st_mode)) {
        (void) flock(file->fd, LOCK_UN);
    }

    if (err) {
        failed(w, file, slot, err);
        return;
    }

    atomic_store(&file->err, 0);
    ngx_http_rtaudit_set(&file->good, ngx_http_rtaudit_now());
    file->retry = 0;
    file->pause = 0;
}


/* the number of whole lines that are out */

static ngx_uint_t
append(ngx_http_rtaudit_file_t *file, batch_t *b, struct stat *st,
    ngx_err_t *err)
{
    size_t       part, left;
    ssize_t      n;
    ngx_uint_t   i;
    off_t        size;

    part = file->part;
    size = st->st_size;
    i = 0;

    while (i < b->n) {

        left = b->iov[i].iov_len;
        b->iov[i].iov_base = (u_char *) b->iov[i].iov_base + part;
        b->iov[i].iov_len -= part;

        n = writev(file->fd, &b->iov[i], (int) (b->n - i));

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

    if (part && S_ISREG(st->st_mode) && ftruncate(file->fd, size) == 0) {
        part = 0;
    }

    file->part = part;

    return i;
}


/*
 * The lines stay in the ring and are tried again, unless they would keep
 * others from a sink that works.
 */

static void
failed(ngx_http_rtaudit_writer_t *w, ngx_http_rtaudit_file_t *file,
    ngx_http_rtaudit_slot_t *slot, ngx_err_t err)
{
    batch_t     b;
    ngx_uint_t  id;

    atomic_store(&file->err, err);

    file->pause = ngx_min(ngx_max(2 * file->pause, PAUSE_MIN), PAUSE_MAX);
    file->retry = ngx_http_rtaudit_now() + file->pause;

    if (w->nfiles == 1 || file->required || file->part) {
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
