
#include <ngx_config.h>
#include <ngx_core.h>

#include <dirent.h>
#include <sys/file.h>

#include "sink/ngx_http_rtaudit_spool.h"

#include "text/rt_journal.h"


#define NGX_HTTP_RTAUDIT_SPOOL_OPEN     "open"
#define NGX_HTTP_RTAUDIT_SPOOL_REFUSED  "refused"
#define NGX_HTTP_RTAUDIT_SPOOL_SENDER   "sender"
#define NGX_HTTP_RTAUDIT_SPOOL_REST     "rest"

#define NGX_HTTP_RTAUDIT_SPOOL_ADD      (O_RDWR|O_APPEND|O_CREAT)


/* the segments that are closed */

typedef struct {
    uint64_t                first;
    uint64_t                last;
    ngx_uint_t              n;
} ngx_http_rtaudit_spool_list_t;


static ngx_uint_t ngx_http_rtaudit_spool_segment(const char *name);
static int ngx_http_rtaudit_spool_open(ngx_http_rtaudit_spool_t *spool,
    const char *name, int flags);
static int ngx_http_rtaudit_spool_fill(ngx_http_rtaudit_spool_t *spool,
    struct iovec *iov, ngx_uint_t n, ngx_uint_t *done);
static int ngx_http_rtaudit_spool_append(int fd, off_t size, u_char *data,
    size_t len);
static int ngx_http_rtaudit_spool_heal(int fd, off_t *size);
static int ngx_http_rtaudit_spool_close(ngx_http_rtaudit_spool_t *spool,
    ngx_uint_t most);
static int ngx_http_rtaudit_spool_copy(int fd, off_t *size,
    rt_batch_line_t *line, off_t most);
static int ngx_http_rtaudit_spool_cut(ngx_http_rtaudit_spool_t *spool);
static int ngx_http_rtaudit_spool_list(ngx_http_rtaudit_spool_t *spool,
    ngx_http_rtaudit_spool_list_t *list);


ngx_int_t
ngx_http_rtaudit_spool_init(ngx_http_rtaudit_spool_t *spool, ngx_str_t *path,
    ngx_uint_t most, ngx_log_t *log)
{
    spool->folder = -1;
    spool->most = most;
    spool->path = ngx_alloc(path->len + 1, log);
    spool->buf = ngx_alloc(NGX_HTTP_RTAUDIT_SEGMENT, log);

    if (spool->path == NULL || spool->buf == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_cpystrn((u_char *) spool->path, path->data, path->len + 1);

    return NGX_OK;
}


void
ngx_http_rtaudit_spool_free(ngx_http_rtaudit_spool_t *spool)
{
    if (spool->folder != -1) {
        (void) close(spool->folder);
    }

    ngx_free(spool->path);
    ngx_free(spool->buf);
}


ngx_uint_t
ngx_http_rtaudit_spool_foreign(const char *path)
{
    DIR            *dir;
    ngx_uint_t      i, foreign;
    struct dirent  *entry;

    static const char  *own[] = {
        ".", "..", NGX_HTTP_RTAUDIT_SPOOL_OPEN, NGX_HTTP_RTAUDIT_SPOOL_REFUSED,
        NGX_HTTP_RTAUDIT_SPOOL_SENDER, NGX_HTTP_RTAUDIT_SPOOL_REST, NULL
    };

    foreign = 0;
    dir = opendir(path);

    while (dir && !foreign && (entry = readdir(dir)) != NULL) {

        for (i = 0; own[i] && strcmp(own[i], entry->d_name) != 0; i++) {
            /* void */
        }

        foreign = !own[i] && !ngx_http_rtaudit_spool_segment(entry->d_name);
    }

    if (dir) {
        (void) closedir(dir);
    }

    return foreign;
}


int
ngx_http_rtaudit_spool_ready(ngx_http_rtaudit_spool_t *spool)
{
    struct stat  st;

    if (spool->folder != -1
        && fstat(spool->folder, &st) == 0 && st.st_nlink)
    {
        return 0;
    }

    if (spool->folder != -1) {
        (void) close(spool->folder);
    }

    spool->folder = open(spool->path, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    return spool->folder == -1 ? errno : 0;
}


/* opens files alone, and no pipe, which would be waited for */

static int
ngx_http_rtaudit_spool_open(ngx_http_rtaudit_spool_t *spool, const char *name,
    int flags)
{
    int          fd;
    struct stat  st;

    fd = openat(spool->folder, name,
                flags|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC, 0600);

    if (fd != -1 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
        (void) close(fd);
        errno = EINVAL;
        return -1;
    }

    return fd;
}


int
ngx_http_rtaudit_spool_add(ngx_http_rtaudit_spool_t *spool, struct iovec *iov,
    ngx_uint_t n, ngx_uint_t *done)
{
    int  err;

    *done = 0;

    err = ngx_http_rtaudit_spool_ready(spool);

    if (err == 0 && flock(spool->folder, LOCK_EX|LOCK_NB) == -1) {
        err = (errno == EWOULDBLOCK) ? EAGAIN : errno;
    }

    if (err) {
        return err;
    }

    while (err == 0 && *done < n) {
        err = ngx_http_rtaudit_spool_fill(spool, iov, n, done);
    }

    (void) flock(spool->folder, LOCK_UN);

    return err;
}


/*
 * As many lines as the segment takes; it is closed when it takes none.  Of the
 * spool one quarter is for lines that were refused, and one segment for a copy.
 */

static int
ngx_http_rtaudit_spool_fill(ngx_http_rtaudit_spool_t *spool,
    struct iovec *iov, ngx_uint_t n, ngx_uint_t *done)
{
    int         fd, err;
    off_t       size;
    size_t      len;
    rt_str_t    line;
    ngx_uint_t  i;

    fd = ngx_http_rtaudit_spool_open(spool, NGX_HTTP_RTAUDIT_SPOOL_OPEN,
                                     NGX_HTTP_RTAUDIT_SPOOL_ADD);
    if (fd == -1) {
        return errno;
    }

    len = 0;
    err = ngx_http_rtaudit_spool_heal(fd, &size);

    for (i = *done; err == 0 && i < n; i++) {
        line.data = iov[i].iov_base;
        line.len = iov[i].iov_len - 1;

        if ((size_t) size + len + line.len + RT_JOURNAL_MORE
            > NGX_HTTP_RTAUDIT_SEGMENT)
        {
            break;
        }

        err = rt_journal_line(spool->buf + len, &line) == RT_OK ? 0 : EINVAL;
        len += line.len + RT_JOURNAL_MORE;
    }

    if (err == 0 && len) {
        err = ngx_http_rtaudit_spool_append(fd, size, spool->buf, len);
        *done = err ? *done : i;

    } else if (err == 0) {
        err = size ? ngx_http_rtaudit_spool_close(spool,
                                                  spool->most * 3 / 4 - 2)
                   : EMSGSIZE;
    }

    (void) close(fd);

    return err;
}


/* all of it, or nothing */

static int
ngx_http_rtaudit_spool_append(int fd, off_t size, u_char *data, size_t len)
{
    int      err;
    ssize_t  n;

    do {
        n = write(fd, data, len);
    } while (n == -1 && errno == EINTR);

    if (n == (ssize_t) len) {
        return 0;
    }

    err = (n == -1) ? errno : ENOSPC;

    /* where that fails, too, who adds next cuts it off */

    while (ftruncate(fd, size) == -1 && errno == EINTR) { /* void */ }

    return err;
}


/* what a process that was killed, or a power cut, has left of a line goes */

static int
ngx_http_rtaudit_spool_heal(int fd, off_t *size)
{
    off_t        from, whole;
    u_char       buf[4096];
    ssize_t      n;
    struct stat  st;

    if (fstat(fd, &st) == -1) {
        return errno;
    }

    whole = st.st_size;
    n = 0;

    while (whole && n == 0) {
        from = ngx_max(whole - (off_t) sizeof(buf), 0);
        n = pread(fd, buf, whole - from, from);

        if (n != whole - from) {
            return n == -1 ? errno : EIO;
        }

        while (n && buf[n - 1] != LF) {
            n--;
        }

        whole = from + n;
    }

    *size = whole;

    return (whole != st.st_size && ftruncate(fd, whole) == -1) ? errno : 0;
}


/* within the lock: the lines that were added become a segment */

static int
ngx_http_rtaudit_spool_close(ngx_http_rtaudit_spool_t *spool,
    ngx_uint_t most)
{
    int                            err;
    char                           name[17];
    ngx_http_rtaudit_spool_list_t  list;

    err = ngx_http_rtaudit_spool_list(spool, &list);

    if (err) {
        return err;
    }

    if (list.n >= most) {
        return EDQUOT;
    }

    (void) snprintf(name, sizeof(name), "%016llx",
                    (unsigned long long) list.last + 1);

    return renameat(spool->folder, NGX_HTTP_RTAUDIT_SPOOL_OPEN, spool->folder,
                    name) == -1 ? errno : 0;
}


static ngx_uint_t
ngx_http_rtaudit_spool_segment(const char *name)
{
    return strlen(name) == 16 && strspn(name, "0123456789abcdef") == 16;
}


static int
ngx_http_rtaudit_spool_list(ngx_http_rtaudit_spool_t *spool,
    ngx_http_rtaudit_spool_list_t *list)
{
    int             fd, err;
    DIR            *dir;
    uint64_t        number;
    struct dirent  *entry;

    ngx_memzero(list, sizeof(ngx_http_rtaudit_spool_list_t));

    fd = openat(spool->folder, ".", O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (fd == -1) {
        return errno;
    }

    dir = fdopendir(fd);

    if (dir == NULL) {
        err = errno;
        (void) close(fd);
        return err;
    }

    while ((entry = readdir(dir)) != NULL) {

        if (!ngx_http_rtaudit_spool_segment(entry->d_name)) {
            continue;
        }

        number = strtoull(entry->d_name, NULL, 16);

        list->first = list->n ? ngx_min(list->first, number) : number;
        list->last = ngx_max(list->last, number);
        list->n++;
    }

    (void) closedir(dir);

    return 0;
}


int
ngx_http_rtaudit_spool_lead(ngx_http_rtaudit_spool_t *spool, int *fd)
{
    int          err;
    struct stat  st;

    if (*fd != -1 && fstat(*fd, &st) == 0 && st.st_nlink) {
        return 0;
    }

    if (*fd != -1) {
        (void) close(*fd);
        *fd = -1;
    }

    /* a segment of this name may be another one by now */

    spool->name[0] = '\0';

    err = ngx_http_rtaudit_spool_ready(spool);

    if (err) {
        return err;
    }

    *fd = ngx_http_rtaudit_spool_open(spool, NGX_HTTP_RTAUDIT_SPOOL_SENDER,
                                      NGX_HTTP_RTAUDIT_SPOOL_ADD);
    if (*fd == -1) {
        return errno;
    }

    if (flock(*fd, LOCK_EX|LOCK_NB) == -1) {
        err = errno;
        (void) close(*fd);
        *fd = -1;
    }

    return err;
}


/* when no segment is closed, what was added so far becomes one */

int
ngx_http_rtaudit_spool_read(ngx_http_rtaudit_spool_t *spool,
    rt_str_t *segment)
{
    int                            fd, err;
    ssize_t                        n;
    ngx_http_rtaudit_spool_list_t  list;

    err = ngx_http_rtaudit_spool_list(spool, &list);

    if (err == 0 && list.n == 0) {
        err = ngx_http_rtaudit_spool_cut(spool);

        if (err == 0) {
            err = ngx_http_rtaudit_spool_list(spool, &list);
        }
    }

    if (err || list.n == 0) {
        return err ? err : ENOENT;
    }

    (void) snprintf(spool->name, sizeof(spool->name), "%016llx",
                    (unsigned long long) list.first);

    fd = ngx_http_rtaudit_spool_open(spool, spool->name, O_RDONLY);

    if (fd == -1) {
        return errno;
    }

    segment->data = spool->buf;
    segment->len = 0;

    do {
        n = read(fd, spool->buf + segment->len,
                 NGX_HTTP_RTAUDIT_SEGMENT - segment->len);
        segment->len += ngx_max(n, 0);

    } while (n > 0 || (n == -1 && errno == EINTR));

    err = (n == -1) ? errno : 0;
    (void) close(fd);

    return err;
}


static int
ngx_http_rtaudit_spool_cut(ngx_http_rtaudit_spool_t *spool)
{
    int    fd, err;
    off_t  size;

    if (flock(spool->folder, LOCK_EX|LOCK_NB) == -1) {
        return errno;
    }

    size = 0;
    fd = ngx_http_rtaudit_spool_open(spool, NGX_HTTP_RTAUDIT_SPOOL_OPEN,
                                     O_RDWR);

    err = (fd == -1) ? errno : ngx_http_rtaudit_spool_heal(fd, &size);

    if (err == 0) {
        err = size ? ngx_http_rtaudit_spool_close(spool, NGX_MAX_UINT32_VALUE)
                   : ENOENT;
    }

    if (fd != -1) {
        (void) close(fd);
    }

    (void) flock(spool->folder, LOCK_UN);

    return err;
}


int
ngx_http_rtaudit_spool_remove(ngx_http_rtaudit_spool_t *spool)
{
    return unlinkat(spool->folder, spool->name, 0) == -1 ? errno : 0;
}


int
ngx_http_rtaudit_spool_refuse(ngx_http_rtaudit_spool_t *spool,
    rt_batch_t *batch)
{
    int     fd, err;
    off_t   size;
    size_t  i;

    fd = ngx_http_rtaudit_spool_open(spool, NGX_HTTP_RTAUDIT_SPOOL_REFUSED,
                                     NGX_HTTP_RTAUDIT_SPOOL_ADD);
    if (fd == -1) {
        return errno;
    }

    err = ngx_http_rtaudit_spool_heal(fd, &size);

    for (i = 0; err == 0 && i < batch->n; i++) {

        if (batch->line[i].state != RT_BATCH_REFUSED) {
            continue;
        }

        err = ngx_http_rtaudit_spool_copy(fd, &size, &batch->line[i],
                        (off_t) spool->most / 4 * NGX_HTTP_RTAUDIT_SEGMENT);

        if (err == 0) {
            batch->line[i].state = RT_BATCH_SENT;
        }
    }

    (void) close(fd);

    return err;
}


int
ngx_http_rtaudit_spool_rest(ngx_http_rtaudit_spool_t *spool,
    rt_batch_t *batch)
{
    int     fd, err;
    off_t   size;
    size_t  i;

    fd = ngx_http_rtaudit_spool_open(spool, NGX_HTTP_RTAUDIT_SPOOL_REST,
                                     NGX_HTTP_RTAUDIT_SPOOL_ADD|O_TRUNC);
    if (fd == -1) {
        return errno;
    }

    err = 0;
    size = 0;

    for (i = 0; err == 0 && i < batch->n; i++) {
        if (batch->line[i].state == RT_BATCH_WAITS) {
            err = ngx_http_rtaudit_spool_copy(fd, &size, &batch->line[i],
                                              NGX_HTTP_RTAUDIT_SEGMENT);
        }
    }

    (void) close(fd);

    if (err == 0 && renameat(spool->folder, NGX_HTTP_RTAUDIT_SPOOL_REST,
                             spool->folder, spool->name)
                    == -1)
    {
        err = errno;
    }

    return err;
}


/* it lies in its segment as it was added: with its sum before it */

static int
ngx_http_rtaudit_spool_copy(int fd, off_t *size, rt_batch_line_t *line,
    off_t most)
{
    int     err;
    size_t  len;

    len = line->text.len + RT_JOURNAL_MORE;

    if (*size + (off_t) len > most) {
        return EDQUOT;
    }

    err = ngx_http_rtaudit_spool_append(fd, *size,
                                  line->text.data - (RT_JOURNAL_MORE - 1),
                                  len);
    if (err == 0) {
        *size += len;
    }

    return err;
}


uint64_t
ngx_http_rtaudit_spool_waiting(ngx_http_rtaudit_spool_t *spool)
{
    struct stat                    st;
    ngx_http_rtaudit_spool_list_t  list;

    if (ngx_http_rtaudit_spool_list(spool, &list) != 0) {
        return 0;
    }

    if (fstatat(spool->folder, NGX_HTTP_RTAUDIT_SPOOL_OPEN, &st,
                AT_SYMLINK_NOFOLLOW)
        == -1)
    {
        st.st_size = 0;
    }

    return (uint64_t) list.n * NGX_HTTP_RTAUDIT_SEGMENT + st.st_size;
}
