
#include "scim/ngx_http_rtauth_scim_journal.h"
#include "ngx_rt_clock.h"
#include "oidc/rt_seal.h"
#include "text/rt_journal.h"


#define NGX_HTTP_RTAUTH_SCIM_CHUNK  (4 * 1024 * 1024)   /* bytes read or written
                                                           at once */
#define NGX_HTTP_RTAUTH_SCIM_SMALL  (64 * 1024)         /* bytes that a file may
                                                           grow by before it is
                                                           made anew */
#define NGX_HTTP_RTAUTH_SCIM_FIRST  128                 /* bytes: a file's first
                                                           line has fewer */


/* a file that is made anew, while it is written */

typedef struct {
    ngx_http_rtauth_scim_journal_t  *journal;
    ngx_rt_journal_file_t            other;
    rt_str_t                         lines;
    size_t                           room;
    int                              err;
} ngx_http_rtauth_scim_anew_t;


static void ngx_http_rtauth_scim_journal_lock(void *ctx);
static void ngx_http_rtauth_scim_journal_unlock(void *ctx);
static uint64_t ngx_http_rtauth_scim_journal_name(
    ngx_http_rtauth_scim_journal_t *j);
static int ngx_http_rtauth_scim_journal_follow(
    ngx_http_rtauth_scim_journal_t *j);
static void ngx_http_rtauth_scim_journal_hide(
    ngx_http_rtauth_scim_journal_t *j);
static void ngx_http_rtauth_scim_journal_show(
    ngx_http_rtauth_scim_journal_t *j);
static void ngx_http_rtauth_scim_journal_clear(
    ngx_http_rtauth_scim_journal_t *j);
static void ngx_http_rtauth_scim_journal_nothing(
    ngx_http_rtauth_scim_journal_t *j);
static int ngx_http_rtauth_scim_journal_fill(
    ngx_http_rtauth_scim_journal_t *j, uint64_t name);
static int ngx_http_rtauth_scim_journal_check(
    ngx_http_rtauth_scim_journal_t *j, uint64_t from);
static rt_status_e ngx_http_rtauth_scim_journal_known(
    ngx_http_rtauth_scim_journal_t *j, rt_str_t *lines);
static int ngx_http_rtauth_scim_journal_read(
    ngx_http_rtauth_scim_journal_t *j);
static void ngx_http_rtauth_scim_journal_take(
    ngx_http_rtauth_scim_journal_t *j, rt_str_t lines,
    rt_scim_replay_t *replay);
static int ngx_http_rtauth_scim_journal_anew(
    ngx_http_rtauth_scim_journal_t *j);
static rt_status_e ngx_http_rtauth_scim_journal_emit(void *ctx,
    const rt_scim_record_t *record);
static int ngx_http_rtauth_scim_journal_flush(
    ngx_http_rtauth_scim_anew_t *anew);


void
ngx_http_rtauth_scim_journal_init(ngx_http_rtauth_scim_journal_t *j,
    ngx_http_rtauth_scim_shared_t *shared, ngx_shmtx_t *mutex, u_char *path)
{
    ngx_memzero(j, sizeof(ngx_http_rtauth_scim_journal_t));

    j->shared = shared;
    j->lock.lock = ngx_http_rtauth_scim_journal_lock;
    j->lock.unlock = ngx_http_rtauth_scim_journal_unlock;
    j->lock.ctx = mutex;
    j->file.path = (char *) path;
    j->file.fd = -1;

    ngx_http_rtauth_scim_arena_init(&j->arena);
}


uint64_t
ngx_http_rtauth_scim_now(void)
{
    return ngx_rt_clock_ms(CLOCK_REALTIME);
}


uint64_t
ngx_http_rtauth_scim_tick(void)
{
    return ngx_rt_clock_ms(CLOCK_BOOTTIME);
}


uint64_t
ngx_http_rtauth_scim_past(const ngx_http_rtauth_scim_shared_t *shared)
{
    uint64_t  now, passed;

    now = ngx_http_rtauth_scim_now();
    passed = shared->ahead + ngx_http_rtauth_scim_tick();

    return ngx_min(now, passed);
}


static void
ngx_http_rtauth_scim_journal_lock(void *ctx)
{
    ngx_shmtx_lock(ctx);
}


static void
ngx_http_rtauth_scim_journal_unlock(void *ctx)
{
    ngx_shmtx_unlock(ctx);
}


ngx_uint_t
ngx_http_rtauth_scim_journal_settled(ngx_http_rtauth_scim_journal_t *j)
{
    struct stat  st;

    return !rt_scim_db_torn(j->shared->db)
           && j->file.fd != -1 && stat(j->file.path, &st) == 0
           && st.st_ino == j->file.ino && st.st_dev == j->file.dev
           && (uint64_t) st.st_size == j->shared->end
           && ngx_http_rtauth_scim_journal_name(j) == j->shared->file;
}


void
ngx_http_rtauth_scim_journal_say(ngx_http_rtauth_scim_journal_t *j,
    ngx_log_t *log)
{
    ngx_atomic_uint_t  lost;

    lost = j->lost;

    switch (lost) {

    case NGX_HTTP_RTAUTH_SCIM_LOST_FILE:
        ngx_log_error(NGX_LOG_WARN, log, 0, "\"%s\" was gone, or empty: it has "
                      "the users again that nginx knows", j->file.path);
        break;

    case NGX_HTTP_RTAUTH_SCIM_LOST_END:
        ngx_log_error(NGX_LOG_CRIT, log, 0, "\"%s\" is shorter than it was: "
                      "what it had behind its end is undone, who was disabled "
                      "there may be let in", j->file.path);
        break;
    }

    /* the thread may have lost something else meanwhile */

    (void) ngx_atomic_cmp_set(&j->lost, lost, 0);
}


int
ngx_http_rtauth_scim_journal_enter(ngx_http_rtauth_scim_journal_t *j,
    ngx_uint_t wait)
{
    int  err;

    err = wait ? ngx_rt_journal_file_lock(&j->file)
               : ngx_rt_journal_file_look(&j->file);

    if (err == 0) {
        err = ngx_http_rtauth_scim_journal_follow(j);

        if (err == EBADMSG) {
            ngx_http_rtauth_scim_journal_hide(j);
        }

        if (err) {
            ngx_http_rtauth_scim_journal_leave(j);
        }
    }

    return err;
}


void
ngx_http_rtauth_scim_journal_leave(ngx_http_rtauth_scim_journal_t *j)
{
    ngx_rt_journal_file_unlock(&j->file);
}


/* The name that the open file gives itself; 0: it has none of ours. */

static uint64_t
ngx_http_rtauth_scim_journal_name(ngx_http_rtauth_scim_journal_t *j)
{
    u_char            text[NGX_HTTP_RTAUTH_SCIM_FIRST];
    ssize_t           n;
    rt_str_t          line, record;
    rt_scim_record_t  head;

    n = pread(j->file.fd, text, sizeof(text), 0);

    line.data = text;
    line.len = (n > 0) ? (size_t) n : 0;

    return (rt_journal_next(&line, &record) == RT_OK
            && rt_scim_record_read(&j->arena.mem, &record, &head) == RT_OK
            && head.is == RT_SCIM_RECORD_HEAD)
           ? head.file : 0;
}


/*
 * Brings the zone up to the end of the file.
 *
 * A file without a line is a new one, or stands in place of one that is gone:
 * it gets what the zone has.  Nothing is taken from a file that is damaged or
 * was cut, for the line that is lost may be the one that keeps somebody out.
 */

static int
ngx_http_rtauth_scim_journal_follow(ngx_http_rtauth_scim_journal_t *j)
{
    int          err;
    uint64_t     name;
    ngx_uint_t   known, cut;
    struct stat  st;

    if (rt_scim_db_torn(j->shared->db)) {
        ngx_http_rtauth_scim_journal_clear(j);
    }

    if (fstat(j->file.fd, &st) == -1) {
        return errno;
    }

    if (st.st_size == 0) {
        ngx_http_rtauth_scim_journal_show(j);

        if (!rt_scim_db_ready(j->shared->db)) {
            ngx_http_rtauth_scim_journal_nothing(j);

        } else if (j->shared->file && !j->reads) {
            j->lost = NGX_HTTP_RTAUTH_SCIM_LOST_FILE;
        }

        return j->reads ? 0 : ngx_http_rtauth_scim_journal_anew(j);
    }

    name = ngx_http_rtauth_scim_journal_name(j);

    if (name == 0) {
        j->bad = 0;
        return EBADMSG;
    }

    known = (name == j->shared->file);
    cut = (known && (uint64_t) st.st_size < j->shared->end);

    /* in a file that was cut the lines that are missing still count; a copy in
       its place, which is another inode, counts as it is */

    if (cut && j->file.ino == (ino_t) j->shared->ino) {
        j->bad = (ngx_atomic_uint_t) st.st_size;
        return EBADMSG;
    }

    known = known && !cut;

    err = ngx_http_rtauth_scim_journal_check(j, known ? j->shared->end : 0);

    if (err) {
        return err;
    }

    if (known) {
        return ngx_http_rtauth_scim_journal_read(j);
    }

    if (cut) {
        j->lost = NGX_HTTP_RTAUTH_SCIM_LOST_END;
    }

    j->shared->hidden = 0;              /* what was hidden belongs to another
                                           file, and is never shown again */

    return ngx_http_rtauth_scim_journal_fill(j, name);
}


/*
 * A damaged line may be the one that keeps somebody out, so that nobody is let
 * in by what the zone has until the file is mended and read.
 */

static void
ngx_http_rtauth_scim_journal_hide(ngx_http_rtauth_scim_journal_t *j)
{
    if (rt_scim_db_ready(j->shared->db)) {
        j->shared->hidden = 1;
        rt_scim_db_lacks(j->shared->db, &j->lock);
    }
}


static void
ngx_http_rtauth_scim_journal_show(ngx_http_rtauth_scim_journal_t *j)
{
    if (j->shared->hidden) {
        rt_scim_db_show(j->shared->db, &j->lock);
        j->shared->hidden = 0;
    }
}


static int
ngx_http_rtauth_scim_journal_check(ngx_http_rtauth_scim_journal_t *j,
    uint64_t from)
{
    int          err;
    u_char      *p;
    rt_str_t     lines;
    rt_status_e  rc;

    j->file.end = (off_t) from;
    j->whole = (from != 0);

    for ( ;; ) {
        err = ngx_rt_journal_file_read(&j->file, NGX_HTTP_RTAUTH_SCIM_CHUNK,
                                       &lines);

        if (lines.len == 0) {
            free(lines.data);
            break;
        }

        p = lines.data;
        rc = ngx_http_rtauth_scim_journal_known(j, &lines);
        free(p);

        if (rc == RT_ERROR) {
            return ENOMEM;
        }

        if (rc != RT_OK) {
            err = ngx_rt_journal_file_damaged(&j->file, j->file.end
                                                        - (off_t) lines.len);
        }

        if (err) {
            break;
        }
    }

    if (err == 0 && !j->whole) {
        err = ngx_rt_journal_file_damaged(&j->file, j->file.end);
    }

    if (err == EBADMSG) {
        j->bad = (ngx_atomic_uint_t) j->file.bad;
    }

    return err;
}


/*
 * Reads lines up to the first that is no good record of ours.
 * out:  *lines, what begins with that line
 * ret:  RT_OK, all are good; else what was found out about that line
 */

static rt_status_e
ngx_http_rtauth_scim_journal_known(ngx_http_rtauth_scim_journal_t *j,
    rt_str_t *lines)
{
    rt_str_t           rest, record;
    rt_status_e        rc;
    rt_scim_record_t   parsed;

    rest = *lines;
    rc = RT_OK;

    while (rc == RT_OK && rt_journal_cut(&rest, &record)) {
        rc = rt_scim_record_read(&j->arena.mem, &record, &parsed);
        ngx_http_rtauth_scim_arena_empty(&j->arena);

        if (rc == RT_OK) {
            *lines = rest;
            j->whole = (j->whole && parsed.is != RT_SCIM_RECORD_HEAD)
                       || parsed.is == RT_SCIM_RECORD_END;
        }
    }

    return rc;
}


static void
ngx_http_rtauth_scim_journal_clear(ngx_http_rtauth_scim_journal_t *j)
{
    j->shared->file = 0;
    j->shared->hidden = 0;

    j->lock.lock(j->lock.ctx);
    rt_scim_db_clear(j->shared->db);
    j->lock.unlock(j->lock.ctx);
}


static void
ngx_http_rtauth_scim_journal_nothing(ngx_http_rtauth_scim_journal_t *j)
{
    rt_scim_db_fill(j->shared->db, &j->lock);
    rt_scim_db_filled(j->shared->db, &j->lock, 0, 1);
}


/*
 * Fills the zone from the beginning of the file.  Where the old contents and
 * the new ones have no room beside each other, the old ones are cleared first.
 */

static int
ngx_http_rtauth_scim_journal_fill(ngx_http_rtauth_scim_journal_t *j,
    uint64_t name)
{
    int         err;
    ngx_uint_t  again;

    for (again = 0; again < 2; again++) {
        j->shared->file = 0;
        j->shared->end = 0;

        err = ngx_http_rtauth_scim_journal_read(j);

        if (err) {
            return err;
        }

        if (rt_scim_db_ready(j->shared->db)) {
            break;
        }

        if (again == 0) {
            ngx_http_rtauth_scim_journal_clear(j);
        }
    }

    j->shared->base = j->shared->end;
    j->shared->file = name;
    j->shared->ino = (uint64_t) j->file.ino;

    return 0;
}


/*
 * Makes the edits from shared->end on.  Some may be in the zone already, if a
 * process made them and died before it wrote that down: they are made again.
 */

static int
ngx_http_rtauth_scim_journal_read(ngx_http_rtauth_scim_journal_t *j)
{
    int               err;
    rt_str_t          lines;
    rt_scim_replay_t  replay;

    ngx_memzero(&replay, sizeof(rt_scim_replay_t));
    replay.now = ngx_http_rtauth_scim_past(j->shared);
    j->file.end = (off_t) j->shared->end;

    for ( ;; ) {
        err = ngx_rt_journal_file_read(&j->file, NGX_HTTP_RTAUTH_SCIM_CHUNK,
                                       &lines);

        /* another process may have written these lines and died before they
           were on disk: from now on they count, and so must be there */

        if (err == 0 && lines.len && !j->reads && fdatasync(j->file.fd) == -1) {
            err = errno;
        }

        if (err == 0 && lines.len == 0) {
            rt_scim_replayed(j->shared->db, &j->lock, &replay);

            if (!replay.lacks) {
                ngx_http_rtauth_scim_journal_show(j);
            }

            j->shared->hidden = 0;
        }

        if (err || lines.len == 0) {
            free(lines.data);
            return err;
        }

        ngx_http_rtauth_scim_journal_take(j, lines, &replay);
        free(lines.data);

        j->shared->end = (uint64_t) j->file.end;
    }
}


static void
ngx_http_rtauth_scim_journal_take(ngx_http_rtauth_scim_journal_t *j,
    rt_str_t lines, rt_scim_replay_t *replay)
{
    rt_str_t  record;

    while (rt_journal_cut(&lines, &record)) {
        (void) rt_scim_replay(j->shared->db, &j->lock, &j->arena.mem, &record,
                              replay);
        ngx_http_rtauth_scim_arena_empty(&j->arena);
    }
}


int
ngx_http_rtauth_scim_journal_append(ngx_http_rtauth_scim_journal_t *j,
    rt_str_t *lines)
{
    return ngx_rt_journal_file_append(&j->file, lines);
}


void
ngx_http_rtauth_scim_journal_done(ngx_http_rtauth_scim_journal_t *j)
{
    j->shared->end = (uint64_t) j->file.end;

    if (j->shared->end
        > 2 * j->shared->base + NGX_HTTP_RTAUTH_SCIM_SMALL)
    {
        (void) ngx_http_rtauth_scim_journal_anew(j);

        /* if that failed, it is not tried again at once */

        j->shared->base = j->shared->end;
    }
}


/* Writes a file with what the zone has, in place of the one that grew. */

static int
ngx_http_rtauth_scim_journal_anew(ngx_http_rtauth_scim_journal_t *j)
{
    int                          err;
    uint64_t                     name, old;
    ngx_http_rtauth_scim_anew_t  anew;

    ngx_memzero(&anew, sizeof(ngx_http_rtauth_scim_anew_t));

    if (rt_seal_random(&name, sizeof(uint64_t)) != RT_OK) {
        return EIO;
    }

    name |= 1;                      /* never 0 */
    anew.journal = j;

    err = ngx_rt_journal_file_begin(&j->file, &anew.other);

    if (err) {
        return err;
    }

    if (rt_scim_dump(j->shared->db, &j->arena.mem, name,
                     ngx_http_rtauth_scim_journal_emit, &anew)
        != RT_OK)
    {
        if (anew.err == 0) {
            anew.err = ENOMEM;
            ngx_rt_journal_file_drop(&anew.other);
        }

    } else {
        anew.err = ngx_http_rtauth_scim_journal_flush(&anew);
    }

    ngx_http_rtauth_scim_arena_empty(&j->arena);
    free(anew.lines.data);

    if (anew.err) {
        return anew.err;
    }

    /* if this process dies here, the zone is filled from whichever file is
       there then */

    old = j->shared->file;
    j->shared->file = 0;

    err = ngx_rt_journal_file_replace(&j->file, &anew.other);

    if (anew.other.fd == -1) {
        j->shared->file = old;          /* it was dropped */
        return err;
    }

    j->shared->base = (uint64_t) j->file.end;
    j->shared->end = (uint64_t) j->file.end;
    j->shared->ino = (uint64_t) j->file.ino;
    j->shared->file = name;

    return err;
}


static rt_status_e
ngx_http_rtauth_scim_journal_emit(void *ctx, const rt_scim_record_t *record)
{
    ngx_http_rtauth_scim_anew_t *anew = ctx;

    u_char    *p;
    size_t     size;
    rt_str_t   text;

    size = rt_scim_record_size(record) + RT_JOURNAL_MORE;

    if (size > anew->room - anew->lines.len) {
        anew->err = ngx_http_rtauth_scim_journal_flush(anew);

        if (anew->err) {
            return RT_ERROR;
        }
    }

    if (size > anew->room) {
        anew->room = ngx_max(size, NGX_HTTP_RTAUTH_SCIM_CHUNK);
        p = realloc(anew->lines.data, anew->room);

        if (p == NULL) {
            anew->room = 0;
            return RT_ERROR;
        }

        anew->lines.data = p;
    }

    text.data = rt_alloc(&anew->journal->arena.mem, size);

    if (text.data == NULL) {
        return RT_ERROR;
    }

    text.len = rt_scim_record_write(record, text.data);

    if (rt_journal_line(anew->lines.data + anew->lines.len, &text) != RT_OK) {
        return RT_ERROR;
    }

    anew->lines.len += text.len + RT_JOURNAL_MORE;

    ngx_http_rtauth_scim_arena_empty(&anew->journal->arena);

    return RT_OK;
}


static int
ngx_http_rtauth_scim_journal_flush(ngx_http_rtauth_scim_anew_t *anew)
{
    int  err;

    if (anew->lines.len == 0) {
        return 0;
    }

    err = ngx_rt_journal_file_put(&anew->other, &anew->lines);
    anew->lines.len = 0;

    return err;
}
