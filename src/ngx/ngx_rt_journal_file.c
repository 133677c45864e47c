
#include <ngx_config.h>
#include <ngx_core.h>

#include <sys/file.h>

#include "ngx_rt_journal_file.h"


static int ngx_rt_journal_file_folder(ngx_rt_journal_file_t *f);
static int ngx_rt_journal_file_write(int fd, rt_str_t *lines);
static int ngx_rt_journal_file_failed(ngx_rt_journal_file_t *other, int err);


int
ngx_rt_journal_file_open(ngx_rt_journal_file_t *f)
{
    int          fd, made;
    struct stat  st;

    if (f->fd != -1 && stat(f->path, &st) == 0
        && st.st_dev == f->dev && st.st_ino == f->ino)
    {
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


/* who replaced the file had the lock of the one before */

int
ngx_rt_journal_file_lock(ngx_rt_journal_file_t *f)
{
    int  fd, err;

    for ( ;; ) {
        err = ngx_rt_journal_file_open(f);
        if (err) {
            return err;
        }

        fd = f->fd;

        if (flock(fd, LOCK_EX) == -1) {
            return errno;
        }

        err = ngx_rt_journal_file_open(f);

        if (err) {
            ngx_rt_journal_file_unlock(f);
            return err;
        }

        if (f->fd == fd) {
            return 0;
        }
    }
}


int
ngx_rt_journal_file_look(ngx_rt_journal_file_t *f)
{
    int  err;

    err = ngx_rt_journal_file_open(f);

    return err ? err : flock(f->fd, LOCK_EX|LOCK_NB) == -1 ? errno : 0;
}


void
ngx_rt_journal_file_unlock(ngx_rt_journal_file_t *f)
{
    if (f->fd != -1) {
        (void) flock(f->fd, LOCK_UN);
    }
}


void
ngx_rt_journal_file_close(ngx_rt_journal_file_t *f)
{
    if (f->fd != -1) {
        (void) close(f->fd);
        f->fd = -1;
    }
}


int
ngx_rt_journal_file_read(ngx_rt_journal_file_t *f, size_t most,
    rt_str_t *lines)
{
    int          err;
    size_t       size;
    ssize_t      n;
    struct stat  st;

    *lines = (rt_str_t) rt_null_string;

    if (fstat(f->fd, &st) == -1) {
        return errno;
    }

    /* somebody cut it: what was read is there no more, all is read anew */

    if (st.st_size < f->end) {
        f->end = 0;
    }

    if (st.st_size == f->end) {
        return 0;
    }

    size = ngx_min((size_t) (st.st_size - f->end), most);

    lines->data = malloc(size);
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

    err = (lines->len < size) ? EIO : 0;

    while (lines->len && lines->data[lines->len - 1] != '\n') {
        lines->len--;
    }

    f->end += (off_t) lines->len;

    return err;
}


int
ngx_rt_journal_file_append(ngx_rt_journal_file_t *f, rt_str_t *lines)
{
    int  err;

    if (ftruncate(f->fd, f->end) == -1) {
        return errno;
    }

    err = ngx_rt_journal_file_write(f->fd, lines);

    if (err == 0 && fdatasync(f->fd) == -1) {
        err = errno;
    }

    /* where that fails, too, who appends next cuts it off */

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

    /* for whoever opens it before we are ready */

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
    struct stat  st;

    if (fdatasync(other->fd) == -1 || fstat(other->fd, &st) == -1
        || rename(other->path, f->path) == -1)
    {
        return ngx_rt_journal_file_failed(other, errno);
    }

    /* the lock of the old one goes with it */

    (void) close(f->fd);

    f->fd = other->fd;
    f->dev = st.st_dev;
    f->ino = st.st_ino;
    f->end = other->end;
    f->made = 0;

    return ngx_rt_journal_file_folder(f);
}


/* a rename is on disk when its folder is */

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
