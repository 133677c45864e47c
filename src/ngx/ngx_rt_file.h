
/*
 * A file that decides whom nginx believes: keys, certificates, secrets.
 */


#ifndef NGX_RT_FILE_H_INCLUDED
#define NGX_RT_FILE_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>


#pragma GCC visibility push(hidden)


typedef struct {
    ngx_str_t   text;       /* in cf->pool, NUL-terminated */
    ngx_uint_t  others;     /* what all users may do with it: S_IRWXO */
    ngx_err_t   err;
    u_char     *fault;      /* after NGX_DECLINED: a predicate of the file,
                               with its mend, such as "is empty ..." */
} ngx_rt_file_t;


/*
 * Reads a whole file while the configuration is read, or later in a worker,
 * with a cf that has a pool and a log, and no file.
 *
 * Whoever may change the file signs for anybody.  So it belongs to root or to
 * the user that starts nginx; only these, their group or root's may write to
 * it (an image for any user, as OpenShift has them, is of group root); and no
 * other user chose it by a link, nor could by renaming what is in a folder on
 * the way.  That is judged on what was opened, not on the path.
 *
 * Kubernetes' mounted secrets, which are links to files of root with mode
 * 0644, or 0640 and a group of their own, are such files.
 *
 * A folder that another user could rename is warned of where it is no error:
 * see ngx_rt_path.h.
 *
 * in:   name  absolute
 *       max   bytes
 * ret:  NGX_OK; NGX_DECLINED: see f->fault and f->err, nothing was logged;
 *       NGX_ERROR: memory or descriptors are out, it says nothing of the file
 */
ngx_int_t ngx_rt_file_read(ngx_conf_t *cf, ngx_str_t *name, size_t max,
    ngx_rt_file_t *f);

/* a file as it was looked at; all zero: it was not, or is not there */

typedef struct {
    dev_t            dev;
    ino_t            ino;
    off_t            size;
    struct timespec  changed;   /* ctime: its mode counts */
} ngx_rt_file_seen_t;


/* ret: 1 if it is another one now than *seen, which becomes what it is */
ngx_uint_t ngx_rt_file_changed(ngx_str_t *name, ngx_rt_file_seen_t *seen);

/*
 * Judges a program that is to run as the user who starts nginx, in the same
 * way, and does not read it.
 */
ngx_int_t ngx_rt_file_program(ngx_conf_t *cf, ngx_str_t *name,
    ngx_rt_file_t *f);


#pragma GCC visibility pop


#endif /* NGX_RT_FILE_H_INCLUDED */
