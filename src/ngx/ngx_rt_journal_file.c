
#include <ngx_config.h>
#include <ngx_core.h>

#include <sys/file.h>

#include "ngx_rt_journal_file.h"
#include "ngx_rt_clock.h"
#include "text/rt_journal.h"


#define NGX_RT_JOURNAL_FILE_CHUNK  (4 * 1024 * 1024)    /* bytes that are
                                                           checked at once */
#define NGX_RT_JOURNAL_FILE_MISSED 3            /* looks in a row that have not
                                                   had the lock: then one waits
                                                   for it */
#define NGX_RT_JOURNAL_FILE_TURN   100          /* ms of taking the lock again
                                                   at once, and then */
#define NGX_RT_JOURNAL_FILE_GAP    2            /*   ms for others */
#define NGX_RT_JOURNAL_FILE_LONG   10000        /* ms of waiting that the log
                                                   tells of */


static void ngx_rt_journal_file_turn(ngx_rt_journal_file_t *f);
static ngx_atomic_uint_t ngx_rt_journal_file_now(void);
static ngx_uint_t ngx_rt_journal_file_there(ngx_rt_journal_file_t *f,
    struct stat *st);
static int ngx_rt_journal_file_whole(ngx_rt_journal_file_t *f,
    rt_str_t *lines, ngx_uint_t last);
static int ngx_rt_journal_file_sound(rt_str_t *lines);
static int ngx_rt_journal_file_folder(ngx_rt_journal_file_t *f);
static int ngx_rt_journal_file_write(int fd, rt_str_t *lines);
static int ngx_rt_journal_file_failed(ngx_rt_journal_file_t *other, int err);


int
ngx_rt_journal_file_open(ngx_rt_journal_file_t *f)
{
    int          fd, made;
    struct stat  st;

    if (f->fd != -1 && ngx_rt_journal_file_there(f, &st)) {
        return 0;
    }

    made = 0;
    fd = open(f->path, O_RDWR|O_APPEND|O_NOFOLLOW|O_CLOEXEC);

    if (fd == -1 && errno == ENOENT) {
        made = 1;
        fd = open(f->path, O_RDWR|O_APPEND|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC,
                  0600);
    }

    if (fd == -1) {
        return errno;
    }

    if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
        (void) close(fd);
        return EINVAL;
    }

    ngx_rt_journal_file_close(f);

    f->fd = fd;
    f->dev = st.st_dev;
    f->ino = st.st_ino;
    f->end = 0;
    f->made = made;

    return 0;
}


/* ret: 1, with *st, if the path leads to the file that is open */

static ngx_uint_t
ngx_rt_journal_file_there(ngx_rt_journal_file_t *f, struct stat *st)
{
    return stat(f->path, st) == 0
           && st->st_dev == f->dev && st->st_ino == f->ino;
}


/* Another process may replace the file while it holds the lock of this one. */

int
ngx_rt_journal_file_lock(ngx_rt_journal_file_t *f)
{
    int  fd, err;

    ngx_rt_journal_file_turn(f);

    for ( ;; ) {
        err = ngx_rt_journal_file_open(f);
        if (err) {
            return err;
        }

        fd = f->fd;

        f->waits = ngx_rt_journal_file_now();
        err = (flock(fd, LOCK_EX) == -1) ? errno : 0;
        f->waits = 0;

        if (err) {
            return err;
        }

        err = ngx_rt_journal_file_open(f);

        if (err) {
            ngx_rt_journal_file_unlock(f);
            return err;
        }

        if (f->fd == fd) {
            f->locked = 1;
            f->missed = 0;
            return 0;
        }
    }
}


/*
 * flock() does not serve those who wait in turn: whoever takes the lock again
 * at once, as a thread with much to do does, is there before they wake up.
 */

static void
ngx_rt_journal_file_turn(ngx_rt_journal_file_t *f)
{
    struct timespec    gap;
    ngx_atomic_uint_t  now;

    now = ngx_rt_journal_file_now();

    if (now - f->left >= NGX_RT_JOURNAL_FILE_GAP) {
        f->turn = now;
        return;
    }

    if (now - f->turn < NGX_RT_JOURNAL_FILE_TURN) {
        return;
    }

    gap.tv_sec = 0;
    gap.tv_nsec = NGX_RT_JOURNAL_FILE_GAP * 1000000;

    (void) nanosleep(&gap, NULL);

    f->turn = ngx_rt_journal_file_now();
}


/* never 0 */

static ngx_atomic_uint_t
ngx_rt_journal_file_now(void)
{
    return (ngx_atomic_uint_t) ngx_rt_clock_ms(CLOCK_MONOTONIC) + 1;
}


void
ngx_rt_journal_file_say(ngx_rt_journal_file_t *f, ngx_log_t *log)
{
    ngx_atomic_uint_t  waits;

    waits = f->waits;

    if (waits == 0 || waits == f->told
        || ngx_rt_journal_file_now() - waits < NGX_RT_JOURNAL_FILE_LONG)
    {
        return;
    }

    f->told = waits;

    ngx_log_error(NGX_LOG_CRIT, log, 0, "\"%s\" is locked by another process "
                  "for more than 10 seconds: until it lets go, nothing is "
                  "written to it, and changes by others are not heard",
                  f->path);
}


/* A file that was replaced before we had its lock is let go. */

int
ngx_rt_journal_file_look(ngx_rt_journal_file_t *f)
{
    int          err;
    struct stat  st;

    err = ngx_rt_journal_file_open(f);

    if (err == 0 && flock(f->fd, LOCK_EX|LOCK_NB) == -1) {
        err = errno;
    }

    if (err == 0 && !ngx_rt_journal_file_there(f, &st)) {
        ngx_rt_journal_file_unlock(f);
        err = EWOULDBLOCK;
    }

    f->missed = (err == EWOULDBLOCK) ? f->missed + 1 : 0;

    if (f->missed > NGX_RT_JOURNAL_FILE_MISSED) {
        f->missed = 0;
        return ngx_rt_journal_file_lock(f);
    }

    f->locked = (err == 0);

    return err;
}


void
ngx_rt_journal_file_unlock(ngx_rt_journal_file_t *f)
{
    if (f->fd != -1) {
        (void) flock(f->fd, LOCK_UN);
    }

    f->left = ngx_rt_journal_file_now();
    f->locked = 0;
}


void
ngx_rt_journal_file_close(ngx_rt_journal_file_t *f)
{
    if (f->fd != -1) {
        (void) close(f->fd);
        f->fd = -1;
        f->locked = 0;
    }
}


int
ngx_rt_journal_file_read(ngx_rt_journal_file_t *f, size_t most,
    rt_str_t *lines)
{
    int          err, whole;
    size_t       size;
    ssize_t      n;
    struct stat  st;

    *lines = (rt_str_t) rt_null_string;

    if (fstat(f->fd, &st) == -1) {
        return errno;
    }

    /* somebody cut the file: all of it is read anew */

    if (st.st_size < f->end) {
        f->end = 0;
    }

    if (st.st_size == f->end) {
        return 0;
    }

    if (st.st_ino == f->damaged.st_ino && st.st_size == f->damaged.st_size
        && ngx_memcmp(&st.st_mtim, &f->damaged.st_mtim, sizeof(st.st_mtim))
           == 0)
    {
        return EBADMSG;
    }

    size = ngx_min((size_t) (st.st_size - f->end), most);

    lines->data = malloc(size + 1);
    if (lines->data == NULL) {
        return ENOMEM;
    }

    while (lines->len < size) {
        n = pread(f->fd, lines->data + lines->len, size - lines->len,
                  f->end + (off_t) lines->len);

        if (n <= 0) {
            break;
        }

        lines->len += (size_t) n;
    }

    if (lines->len < size) {
        lines->len = 0;
        return EIO;
    }

    whole = ngx_rt_journal_file_whole(f, lines,
                                      f->end + (off_t) size == st.st_size);
    err = ngx_rt_journal_file_sound(lines);

    f->end += (off_t) lines->len;

    err = err ? err : whole;

    return err == EBADMSG ? ngx_rt_journal_file_damaged(f, f->end) : err;
}


/*
 * Cuts *lines, which have room for an LF, to whole ones.  The last line of the
 * file may lack only its LF, which an editor, or a crash in the middle of the
 * line, has left out.  Such a line counts, and the file gets the LF.
 */

static int
ngx_rt_journal_file_whole(ngx_rt_journal_file_t *f, rt_str_t *lines,
    ngx_uint_t last)
{
    size_t    len;
    rt_str_t  rest, record;

    len = lines->len;

    while (lines->len && lines->data[lines->len - 1] != '\n') {
        lines->len--;
    }

    rest.data = lines->data + lines->len;
    rest.len = len - lines->len;

    if (rest.len > RT_JOURNAL_MAX + RT_JOURNAL_MORE) {
        return EBADMSG;
    }

    if (rest.len == 0 || !last || !f->locked || f->looks) {
        return 0;
    }

    rest.data[rest.len++] = '\n';

    if (rt_journal_next(&rest, &record) != RT_OK) {
        return 0;
    }

    rest.data = (u_char *) "\n";
    rest.len = 1;

    if (ngx_rt_journal_file_write(f->fd, &rest) != 0) {
        return errno;
    }

    lines->len = len + 1;

    return 0;
}


/* out: *lines, those before the first damaged one; ret: 0, EBADMSG, ENOMEM */

static int
ngx_rt_journal_file_sound(rt_str_t *lines)
{
    rt_str_t     rest, record;
    rt_status_e  rc;

    rest = *lines;
    lines->len = 0;

    while ((rc = rt_journal_next(&rest, &record)) == RT_OK) {
        lines->len += record.len + RT_JOURNAL_MORE;
    }

    return rc == RT_DONE ? 0 : rc == RT_DECLINED ? EBADMSG : ENOMEM;
}


int
ngx_rt_journal_file_damaged(ngx_rt_journal_file_t *f, off_t bad)
{
    f->bad = bad;

    if (fstat(f->fd, &f->damaged) == -1) {
        ngx_memzero(&f->damaged, sizeof(struct stat));
    }

    return EBADMSG;
}


ngx_uint_t
ngx_rt_journal_file_line(ngx_rt_journal_file_t *f)
{
    off_t       at;
    u_char      text[4096], *p;
    size_t      left;
    ssize_t     n;
    ngx_uint_t  line;

    line = 1;

    for (at = 0; at < f->bad; at += n) {
        left = (size_t) (f->bad - at);
        n = pread(f->fd, text, ngx_min(left, sizeof(text)), at);

        if (n <= 0) {
            break;
        }

        for (p = text; p < text + n; p++) {
            line += (*p == '\n');
        }
    }

    return line;
}


/* Where another process has the lock to write, it has read the file itself. */

int
ngx_rt_journal_file_check(ngx_rt_journal_file_t *f, ngx_uint_t *line)
{
    int       err;
    rt_str_t  lines;

    f->fd = -1;
    err = ngx_rt_journal_file_look(f);

    if (err && err != EWOULDBLOCK) {
        return err;
    }

    do {
        err = ngx_rt_journal_file_read(f, NGX_RT_JOURNAL_FILE_CHUNK, &lines);
        free(lines.data);
    } while (err == 0 && lines.len);

    *line = (err == EBADMSG) ? ngx_rt_journal_file_line(f) : 0;

    ngx_rt_journal_file_unlock(f);
    ngx_rt_journal_file_close(f);

    return err;
}


int
ngx_rt_journal_file_append(ngx_rt_journal_file_t *f, rt_str_t *lines)
{
    int          err;
    struct stat  st;

    if (ftruncate(f->fd, f->end) == -1) {
        return errno;
    }

    err = ngx_rt_journal_file_write(f->fd, lines);

    if (err == 0 && fdatasync(f->fd) == -1) {
        err = errno;
    }

    if (err == 0 && !ngx_rt_journal_file_there(f, &st)) {
        err = ESTALE;
    }

    /* what cannot be cut off here is cut off by whoever appends next */

    if (err) {
        return ftruncate(f->fd, f->end) == -1 ? errno : err;
    }

    f->end += (off_t) lines->len;

    return 0;
}


static int
ngx_rt_journal_file_write(int fd, rt_str_t *lines)
{
    ssize_t  n;

    do {
        n = write(fd, lines->data, lines->len);
    } while (n == -1 && errno == EINTR);

    if (n == -1) {
        return errno;
    }

    return ((size_t) n != lines->len) ? ENOSPC : 0;
}


int
ngx_rt_journal_file_begin(ngx_rt_journal_file_t *f,
    ngx_rt_journal_file_t *other)
{
    if (fstat(f->fd, &other->old) == -1) {
        return errno;
    }

    (void) snprintf(other->name, sizeof(other->name), "%s.new", f->path);
    (void) unlink(other->name);

    other->path = other->name;
    other->end = 0;
    other->fd = open(other->path,
                     O_RDWR|O_APPEND|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC,
                     0600);

    if (other->fd == -1) {
        return errno;
    }

    /* the lock keeps out whoever opens the file before it is complete */

    return flock(other->fd, LOCK_EX) == -1
           ? ngx_rt_journal_file_failed(other, errno) : 0;
}


int
ngx_rt_journal_file_put(ngx_rt_journal_file_t *other, rt_str_t *lines)
{
    int  err;

    err = ngx_rt_journal_file_write(other->fd, lines);

    if (err) {
        return ngx_rt_journal_file_failed(other, err);
    }

    other->end += (off_t) lines->len;

    return 0;
}


static int
ngx_rt_journal_file_failed(ngx_rt_journal_file_t *other, int err)
{
    ngx_rt_journal_file_drop(other);

    return err;
}


void
ngx_rt_journal_file_drop(ngx_rt_journal_file_t *other)
{
    (void) unlink(other->path);
    ngx_rt_journal_file_close(other);
}


int
ngx_rt_journal_file_replace(ngx_rt_journal_file_t *f,
    ngx_rt_journal_file_t *other)
{
    struct stat  st, now;

    if (fdatasync(other->fd) == -1 || fstat(other->fd, &st) == -1) {
        return ngx_rt_journal_file_failed(other, errno);
    }

    if (!ngx_rt_journal_file_there(f, &now)
        || now.st_size != other->old.st_size
        || ngx_memcmp(&now.st_mtim, &other->old.st_mtim, sizeof(now.st_mtim))
           != 0)
    {
        return ngx_rt_journal_file_failed(other, ESTALE);
    }

    if (rename(other->path, f->path) == -1) {
        return ngx_rt_journal_file_failed(other, errno);
    }

    /* this gives the lock of the old file back */

    (void) close(f->fd);

    f->fd = other->fd;
    f->dev = st.st_dev;
    f->ino = st.st_ino;
    f->end = other->end;
    f->made = 0;

    return ngx_rt_journal_file_folder(f);
}


/* A rename is on disk once its folder is. */

static int
ngx_rt_journal_file_folder(ngx_rt_journal_file_t *f)
{
    int    fd, err;
    char   name[NGX_MAX_PATH + 8], *slash;

    (void) snprintf(name, sizeof(name), "%s", f->path);

    slash = strrchr(name, '/');
    if (slash == NULL) {
        return EINVAL;
    }

    slash[slash == name] = '\0';

    fd = open(name, O_RDONLY|O_DIRECTORY|O_CLOEXEC);
    if (fd == -1) {
        return errno;
    }

    err = fsync(fd) == -1 ? errno : 0;
    (void) close(fd);

    return err;
}
