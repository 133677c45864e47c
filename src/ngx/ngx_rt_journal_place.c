
#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_rt_journal_place.h"
#include "ngx_rt_path.h"


static char *ngx_rt_journal_place_fault(ngx_rt_path_t *p, uid_t user);
static char *ngx_rt_journal_place_make(ngx_rt_path_t *p, uid_t user);


char *
ngx_rt_journal_place(ngx_str_t *path, ngx_cycle_t *cycle, ngx_err_t *err)
{
    char             *fault;
    uid_t             user;
    ngx_rt_path_t     p;
    ngx_core_conf_t  *ccf;

    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);

    user = geteuid() == 0 ? ccf->user : geteuid();

    if (ngx_rt_path_walk(&p, path) != NGX_OK) {
        *err = ngx_errno;
        fault = "cannot be reached: make its folder";

    } else {
        *err = 0;
        fault = ngx_rt_journal_place_fault(&p, user);

        if (fault == NULL && !p.exists) {
            fault = ngx_rt_journal_place_make(&p, user);
            *err = ngx_errno;
        }
    }

    ngx_rt_path_close(&p);

    return fault;
}


ngx_uint_t
ngx_rt_journal_none(ngx_str_t *path)
{
    ngx_file_info_t  fi;

    return ngx_file_info(path->data, &fi) == NGX_FILE_ERROR
           && ngx_errno == NGX_ENOENT;
}


/* workers replace the file when it has grown: the folder is theirs, too */

static char *
ngx_rt_journal_place_fault(ngx_rt_path_t *p, uid_t user)
{
    struct stat  st;

    if (p->fault >= NGX_RT_PATH_OPEN) {
        return "is reached by a link of another user, or through a folder that "
               "all users may write to";
    }

    if (fstat(p->folder, &st) == -1 || st.st_uid != user
        || (st.st_mode & (S_IWGRP|S_IWOTH)))
    {
        return "needs a folder that belongs to the user of the workers, and "
               "that nobody else may write to: \"install -d -m 700 -o USER\"";
    }

    if (p->exists && (!S_ISREG(p->st.st_mode) || p->st.st_uid != user
                      || p->st.st_nlink != 1
                      || (p->st.st_mode & (S_IRWXG|S_IRWXO))))
    {
        return "is no file of mode 0600 that belongs to the user of the "
               "workers";
    }

    return NULL;
}


static char *
ngx_rt_journal_place_make(ngx_rt_path_t *p, uid_t user)
{
    int  fd, rc;

    fd = openat(p->folder, (char *) p->name,
                O_RDWR|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0600);
    if (fd == -1) {
        return "cannot be made";
    }

    rc = (geteuid() == 0) ? fchown(fd, user, (gid_t) -1) : 0;
    (void) close(fd);

    return rc == -1 ? "cannot be given to the user of the workers" : NULL;
}
