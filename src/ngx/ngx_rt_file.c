
#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_rt_file.h"
#include "ngx_rt_path.h"


static ngx_int_t ngx_rt_file_opened(ngx_conf_t *cf, ngx_str_t *name,
    ngx_rt_path_t *p, ngx_rt_file_t *f, ngx_fd_t *fd);
static ngx_int_t ngx_rt_file_text(ngx_conf_t *cf, ngx_fd_t fd, size_t max,
    ngx_rt_file_t *f);
static char *ngx_rt_file_judge(ngx_file_info_t *fi, size_t max);
static ngx_int_t ngx_rt_file_fault(ngx_rt_file_t *f, char *fault);
static ngx_int_t ngx_rt_file_fault_at(ngx_conf_t *cf, ngx_rt_file_t *f,
    char *fault, u_char *at);


ngx_int_t
ngx_rt_file_read(ngx_conf_t *cf, ngx_str_t *name, size_t max,
    ngx_rt_file_t *f)
{
    ngx_fd_t       fd;
    ngx_int_t      rc;
    ngx_rt_path_t  p;

    ngx_memzero(f, sizeof(ngx_rt_file_t));

    rc = ngx_rt_file_opened(cf, name, &p, f, &fd);
    ngx_rt_path_close(&p);

    if (rc == NGX_OK) {
        rc = ngx_rt_file_text(cf, fd, max, f);
    }

    if (rc == NGX_DECLINED
        && (f->err == NGX_EMFILE || f->err == NGX_ENFILE
            || f->err == NGX_ENOMEM))
    {
        ngx_conf_log_error(NGX_LOG_CRIT, cf, f->err,
                           "\"%V\" cannot be read now", name);
        f->fault = NULL;
        rc = NGX_ERROR;
    }

    if (fd != NGX_INVALID_FILE && ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", name);
    }

    return rc;
}


ngx_int_t
ngx_rt_file_program(ngx_conf_t *cf, ngx_str_t *name, ngx_rt_file_t *f)
{
    char             *fault;
    ngx_fd_t          fd;
    ngx_int_t         rc;
    ngx_rt_path_t     p;
    ngx_file_info_t   fi;

    ngx_memzero(f, sizeof(ngx_rt_file_t));

    rc = ngx_rt_file_opened(cf, name, &p, f, &fd);
    ngx_rt_path_close(&p);

    if (rc == NGX_OK) {

        fault = ngx_fd_info(fd, &fi) == NGX_FILE_ERROR
                ? "cannot be looked at"
                : ngx_rt_file_judge(&fi, NGX_MAX_SIZE_T_VALUE / 2);

        if (fault == NULL && (fi.st_mode & S_IXUSR) == 0) {
            fault = "is no program: chmod u+x it";
        }

        if (fault) {
            rc = ngx_rt_file_fault(f, fault);
        }
    }

    if (fd != NGX_INVALID_FILE) {
        (void) ngx_close_file(fd);
    }

    return rc;
}


static ngx_int_t
ngx_rt_file_opened(ngx_conf_t *cf, ngx_str_t *name, ngx_rt_path_t *p,
    ngx_rt_file_t *f, ngx_fd_t *fd)
{
    *fd = ngx_rt_path_open(p, name);
    f->err = (*fd == NGX_INVALID_FILE) ? ngx_errno : 0;

    switch (p->fault) {

    case NGX_RT_PATH_PLANTED:
        f->err = 0;
        return ngx_rt_file_fault_at(cf, f, "is reached by \"%s\", a link that "
                                    "another user made: name the file itself",
                                    p->at);

    case NGX_RT_PATH_OPEN:
        f->err = 0;
        return ngx_rt_file_fault_at(cf, f, "could be another one tomorrow, "
                                    "for all users may write to the folder "
                                    "\"%s\": chmod o-w it", p->at);

    default:
        break;
    }

    if (*fd == NGX_INVALID_FILE) {
        return ngx_rt_file_fault(f, "cannot be opened, mend the path or who "
                                    "may read it");
    }

    if (p->fault == NGX_RT_PATH_SHARED) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "others may put another file in place of \"%V\": "
                           "let only root, or the user that starts nginx, "
                           "own \"%s\" and write to it", name, p->at);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_rt_file_text(ngx_conf_t *cf, ngx_fd_t fd, size_t max, ngx_rt_file_t *f)
{
    char             *fault;
    size_t            size;
    ssize_t           n;
    ngx_file_info_t   fi;

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR) {
        f->err = ngx_errno;
        return ngx_rt_file_fault(f, "cannot be looked at");
    }

    fault = ngx_rt_file_judge(&fi, max);
    if (fault) {
        return ngx_rt_file_fault(f, fault);
    }

    size = ngx_file_size(&fi);

    f->others = fi.st_mode & S_IRWXO;
    f->text.data = ngx_pnalloc(cf->pool, size + 1);
    if (f->text.data == NULL) {
        return NGX_ERROR;
    }

    n = ngx_read_fd(fd, f->text.data, size);

    if (n == -1 || (size_t) n != size) {
        f->err = (n == -1) ? ngx_errno : 0;
        return ngx_rt_file_fault(f, "cannot be read");
    }

    f->text.data[size] = '\0';
    f->text.len = size;

    return NGX_OK;
}


ngx_uint_t
ngx_rt_file_changed(ngx_str_t *name, ngx_rt_file_seen_t *seen)
{
    ngx_uint_t          changed;
    ngx_file_info_t     fi;
    ngx_rt_file_seen_t  now;

    ngx_memzero(&now, sizeof(ngx_rt_file_seen_t));

    if (ngx_file_info(name->data, &fi) != NGX_FILE_ERROR) {
        now.dev = fi.st_dev;
        now.ino = fi.st_ino;
        now.size = fi.st_size;
        now.changed = fi.st_ctim;
    }

    changed = now.dev != seen->dev || now.ino != seen->ino
              || now.size != seen->size
              || now.changed.tv_sec != seen->changed.tv_sec
              || now.changed.tv_nsec != seen->changed.tv_nsec;

    *seen = now;

    return changed;
}


/* NULL: it is good */

static char *
ngx_rt_file_judge(ngx_file_info_t *fi, size_t max)
{
    if (!ngx_is_file(fi) || ngx_file_size(fi) == 0
        || ngx_file_size(fi) > (off_t) max)
    {
        return "is empty, too large or no regular file";
    }

    if (fi->st_uid != 0 && fi->st_uid != ngx_rt_path_uid()) {
        return "belongs to another user than root and the one that starts "
               "nginx, who could write what he likes there: chown root it";
    }

    if (fi->st_mode & S_IWOTH) {
        return "may be written by all users: chmod o-w it";
    }

    if ((fi->st_mode & S_IWGRP) && fi->st_gid != 0
        && fi->st_gid != ngx_rt_path_gid())
    {
        return "may be written by a group that is neither root's nor that of "
               "the user that starts nginx: chmod g-w it";
    }

    return NULL;
}


static ngx_int_t
ngx_rt_file_fault(ngx_rt_file_t *f, char *fault)
{
    f->fault = (u_char *) fault;

    return NGX_DECLINED;
}


static ngx_int_t
ngx_rt_file_fault_at(ngx_conf_t *cf, ngx_rt_file_t *f, char *fault, u_char *at)
{
    size_t  len;

    len = ngx_strlen(fault) + ngx_strlen(at) + 1;

    f->fault = ngx_pnalloc(cf->pool, len);
    if (f->fault == NULL) {
        return NGX_ERROR;
    }

    *ngx_snprintf(f->fault, len - 1, fault, at) = '\0';

    return NGX_DECLINED;
}
