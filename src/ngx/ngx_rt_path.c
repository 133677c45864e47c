
#include <ngx_config.h>
#include <ngx_core.h>

#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "ngx_rt_path.h"


#define NGX_RT_PATH_LINKS  40
#define NGX_RT_PATH_PROC   0x9fa0       /* PROC_SUPER_MAGIC */


typedef struct {
    u_char       here[NGX_MAX_PATH];    /* the folder's path, without links */
    u_char       rest[NGX_MAX_PATH];    /* still to be walked */
    ngx_uint_t   links;
} ngx_rt_path_walk_t;


static ngx_int_t ngx_rt_path_run(ngx_rt_path_t *p, ngx_str_t *path,
    ngx_uint_t adding);
static ngx_int_t ngx_rt_path_name(ngx_rt_path_t *p, ngx_rt_path_walk_t *w);
static ngx_int_t ngx_rt_path_step(ngx_rt_path_t *p, ngx_rt_path_walk_t *w);
static ngx_int_t ngx_rt_path_enter(ngx_rt_path_t *p, ngx_rt_path_walk_t *w,
    int fd);
static ngx_int_t ngx_rt_path_link(ngx_rt_path_t *p, ngx_rt_path_walk_t *w,
    int fd);
static ngx_int_t ngx_rt_path_join(u_char *dst, u_char *folder, u_char *name);
static void ngx_rt_path_judge(ngx_rt_path_t *p, ngx_rt_path_walk_t *w,
    struct stat *st);
static ngx_int_t ngx_rt_path_last(ngx_rt_path_t *p, ngx_rt_path_walk_t *w,
    ngx_uint_t adding);
static ngx_uint_t ngx_rt_path_frozen(int fd);
static ngx_uint_t ngx_rt_path_gave_up(void);
static void ngx_rt_path_blame(ngx_rt_path_t *p, ngx_rt_path_e fault,
    u_char *at);


ngx_int_t
ngx_rt_path_walk(ngx_rt_path_t *p, ngx_str_t *path)
{
    return ngx_rt_path_run(p, path, 1);
}


ngx_fd_t
ngx_rt_path_open(ngx_rt_path_t *p, ngx_str_t *path)
{
    if (ngx_rt_path_run(p, path, 0) != NGX_OK
        || p->fault == NGX_RT_PATH_PLANTED)
    {
        return NGX_INVALID_FILE;
    }

    /* NONBLOCK: opening a FIFO must not hang the master */

    return openat(p->folder, (char *) p->name,
                  O_RDONLY|O_NONBLOCK|O_NOFOLLOW|O_CLOEXEC);
}


/* adding: 1 for a file that is made or added to, 0 for one that is read */

static ngx_int_t
ngx_rt_path_run(ngx_rt_path_t *p, ngx_str_t *path, ngx_uint_t adding)
{
    int                 fd;
    ngx_int_t           rc;
    ngx_rt_path_walk_t  w;

    ngx_memzero(p, sizeof(ngx_rt_path_t));
    p->folder = -1;
    w.links = 0;

    if (path->len >= NGX_MAX_PATH) {
        ngx_set_errno(NGX_ENAMETOOLONG);
        return NGX_ERROR;
    }

    (void) ngx_cpystrn(w.rest, path->data, path->len + 1);

    fd = open("/", O_PATH|O_DIRECTORY|O_CLOEXEC);

    if (fd == -1 || ngx_rt_path_enter(p, &w, fd) != NGX_OK) {
        return NGX_ERROR;
    }

    do {
        rc = ngx_rt_path_name(p, &w);

        if (rc == NGX_OK) {
            rc = ngx_rt_path_step(p, &w);
        }

    } while (rc == NGX_AGAIN);

    if (rc == NGX_OK && p->fault != NGX_RT_PATH_PLANTED) {
        return ngx_rt_path_last(p, &w, adding);
    }

    return rc;
}


void
ngx_rt_path_close(ngx_rt_path_t *p)
{
    if (p->folder != -1) {
        (void) close(p->folder);
        p->folder = -1;
    }
}


/* takes the next name off the rest */

static ngx_int_t
ngx_rt_path_name(ngx_rt_path_t *p, ngx_rt_path_walk_t *w)
{
    u_char  *from, *to;

    from = w->rest;

    while (*from == '/') {
        from++;
    }

    for (to = from; *to && *to != '/'; to++) { /* void */ }

    if (to == from) {
        ngx_set_errno(NGX_EISDIR);
        return NGX_ERROR;
    }

    p->last = (*to == '\0');
    (void) ngx_cpystrn(p->name, from, to - from + 1);
    ngx_memmove(w->rest, to, ngx_strlen(to) + 1);

    return NGX_OK;
}


/* NGX_OK: the walk is over; NGX_AGAIN: there is more to walk */

static ngx_int_t
ngx_rt_path_step(ngx_rt_path_t *p, ngx_rt_path_walk_t *w)
{
    int            fd;
    ngx_int_t      rc;
    struct statfs  fs;

    fd = openat(p->folder, (char *) p->name, O_PATH|O_NOFOLLOW|O_CLOEXEC);

    if (fd == -1) {
        return (p->last && ngx_errno == NGX_ENOENT) ? NGX_OK : NGX_ERROR;
    }

    if (fstat(fd, &p->st) == -1 || fstatfs(fd, &fs) == -1) {
        (void) close(fd);
        return NGX_ERROR;
    }

    if (S_ISLNK(p->st.st_mode) && fs.f_type != NGX_RT_PATH_PROC) {
        rc = ngx_rt_path_link(p, w, fd);
        (void) close(fd);
        return rc;
    }

    /* a link of /proc is the kernel's, and may lead to what has no name */

    if (S_ISLNK(p->st.st_mode)) {
        (void) close(fd);

        fd = openat(p->folder, (char *) p->name, O_PATH|O_CLOEXEC);

        if (fd == -1) {
            return NGX_ERROR;
        }

        if (fstat(fd, &p->st) == -1) {
            (void) close(fd);
            return NGX_ERROR;
        }
    }

    if (p->last) {
        p->exists = 1;
        (void) close(fd);
        return NGX_OK;
    }

    rc = ngx_rt_path_enter(p, w, fd);

    return (rc == NGX_OK) ? NGX_AGAIN : rc;
}


static ngx_int_t
ngx_rt_path_enter(ngx_rt_path_t *p, ngx_rt_path_walk_t *w, int fd)
{
    ngx_int_t    rc;
    struct stat  st;

    if (p->folder == -1) {
        w->here[0] = '\0';
        rc = NGX_OK;

    } else {
        rc = ngx_rt_path_join(w->here, w->here, p->name);
        (void) close(p->folder);
    }

    p->folder = fd;

    if (rc != NGX_OK || fstat(fd, &st) == -1) {
        return NGX_ERROR;
    }

    if (!ngx_rt_path_frozen(fd)) {
        ngx_rt_path_judge(p, w, &st);
    }

    return NGX_OK;
}


/* a link of root, or of who runs nginx, is followed; fd is its own */

static ngx_int_t
ngx_rt_path_link(ngx_rt_path_t *p, ngx_rt_path_walk_t *w, int fd)
{
    int      root;
    ssize_t  n;
    u_char   target[NGX_MAX_PATH];

    if (p->st.st_uid != 0 && p->st.st_uid != ngx_rt_path_uid()) {
        (void) ngx_rt_path_join(target, w->here, p->name);
        ngx_rt_path_blame(p, NGX_RT_PATH_PLANTED, target);
        return NGX_OK;
    }

    if (++w->links > NGX_RT_PATH_LINKS) {
        ngx_set_errno(NGX_ELOOP);
        return NGX_ERROR;
    }

    n = readlinkat(fd, "", (char *) target, NGX_MAX_PATH - 1);

    if (n <= 0 || (size_t) n + ngx_strlen(w->rest) >= NGX_MAX_PATH) {
        ngx_set_errno(NGX_ENAMETOOLONG);
        return NGX_ERROR;
    }

    ngx_memmove(w->rest + n, w->rest, ngx_strlen(w->rest) + 1);
    ngx_memcpy(w->rest, target, n);

    if (target[0] != '/') {
        return NGX_AGAIN;
    }

    root = open("/", O_PATH|O_DIRECTORY|O_CLOEXEC);
    if (root == -1) {
        return NGX_ERROR;
    }

    (void) close(p->folder);
    p->folder = root;
    w->here[0] = '\0';

    return NGX_AGAIN;
}


static ngx_int_t
ngx_rt_path_join(u_char *dst, u_char *folder, u_char *name)
{
    size_t  len;

    len = ngx_strlen(folder);

    if (len + 1 + ngx_strlen(name) >= NGX_MAX_PATH) {
        ngx_set_errno(NGX_ENAMETOOLONG);
        return NGX_ERROR;
    }

    ngx_memmove(dst, folder, len);
    dst[len] = '/';
    (void) ngx_cpystrn(dst + len + 1, name, NGX_MAX_PATH - len - 1);

    return NGX_OK;
}


/*
 * Whoever may write to a folder, or owns it, may put a link in place of what
 * is in it.  In a folder with the sticky bit they may replace their own files
 * alone.
 */

static void
ngx_rt_path_judge(ngx_rt_path_t *p, ngx_rt_path_walk_t *w, struct stat *st)
{
    if ((st->st_mode & S_IWOTH) && !(st->st_mode & S_ISVTX)) {
        ngx_rt_path_blame(p, ngx_rt_path_uid() == 0 ? NGX_RT_PATH_OPEN
                                                    : NGX_RT_PATH_SHARED,
                          w->here);
        return;
    }

    if (st->st_uid != 0 && st->st_uid != ngx_rt_path_uid()) {
        ngx_rt_path_blame(p, NGX_RT_PATH_SHARED, w->here);
    }
}


/*
 * In the file's own folder its group counts too (further up the group is the
 * system's, as it is in Ubuntu's /var/log), and where files are made, also who
 * may only add to it.
 */

static ngx_int_t
ngx_rt_path_last(ngx_rt_path_t *p, ngx_rt_path_walk_t *w, ngx_uint_t adding)
{
    struct stat  st;

    if (fstat(p->folder, &st) == -1) {
        return NGX_ERROR;
    }

    if (ngx_rt_path_frozen(p->folder)
        || (!adding && (st.st_mode & S_ISVTX)))
    {
        return NGX_OK;
    }

    if ((st.st_mode & S_IWOTH)
        || ((st.st_mode & S_IWGRP) && st.st_gid != 0
            && st.st_gid != ngx_rt_path_gid()))
    {
        ngx_rt_path_blame(p, NGX_RT_PATH_SHARED, w->here);
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_rt_path_frozen(int fd)
{
    struct statvfs  fs;

    return fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_RDONLY);
}


static void
ngx_rt_path_blame(ngx_rt_path_t *p, ngx_rt_path_e fault, u_char *at)
{
    if (fault > p->fault) {
        p->fault = fault;
        (void) ngx_cpystrn(p->at, *at ? at : (u_char *) "/", NGX_MAX_PATH);
    }
}


uid_t
ngx_rt_path_uid(void)
{
    return ngx_rt_path_gave_up() ? 0 : geteuid();
}


gid_t
ngx_rt_path_gid(void)
{
    return ngx_rt_path_gave_up() ? 0 : getegid();
}


/* nginx chooses a user for its workers only where root starts it */

static ngx_uint_t
ngx_rt_path_gave_up(void)
{
    ngx_core_conf_t  *ccf;

    if (ngx_process != NGX_PROCESS_WORKER) {
        return 0;
    }

    ccf = (ngx_core_conf_t *) ngx_get_conf(ngx_cycle->conf_ctx,
                                           ngx_core_module);

    return ccf->user != (ngx_uid_t) NGX_CONF_UNSET_UINT;
}


ngx_int_t
ngx_rt_path_make(ngx_rt_path_t *p, ngx_uint_t mode)
{
    int        fd;
    ngx_err_t  err;

    /* no mode at first: nobody may open it before it has its own */

    fd = openat(p->folder, (char *) p->name,
                O_WRONLY|O_APPEND|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC,
                (mode_t) 0);

    if (fd == -1) {
        return ngx_errno == NGX_EEXIST ? NGX_OK : NGX_ERROR;
    }

    /* fchmod is not subject to the umask */

    if (fchmod(fd, (mode_t) mode) == -1 || fstat(fd, &p->st) == -1) {
        err = ngx_errno;
        (void) close(fd);
        ngx_set_errno(err);
        return NGX_ERROR;
    }

    p->exists = 1;

    (void) close(fd);

    return NGX_OK;
}
