
/*
 * Where a path leads, and who could change that.
 *
 * The master opens files as root: who can put a link in the way chooses the
 * file.  So the path is walked from "/" one name at a time.  Each name is
 * opened within the folder before it, without following links, and judged by
 * its descriptor; what was judged is what is used afterwards.  A folder of a
 * read-only mount is nobody's to change, whatever its mode (Kubernetes mounts
 * a ConfigMap as such a folder of mode 0777).
 */


#ifndef NGX_RT_PATH_H_INCLUDED
#define NGX_RT_PATH_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>


#pragma GCC visibility push(hidden)


/* from bad to worse */

typedef enum {
    NGX_RT_PATH_SAFE = 0,
    NGX_RT_PATH_SHARED,         /* others may write to a folder */
    NGX_RT_PATH_OPEN,           /* ... and anybody, as to root's */
    NGX_RT_PATH_PLANTED         /* a link that another user made */
} ngx_rt_path_e;


typedef struct {
    int            folder;              /* O_PATH; -1: none */
    u_char         name[NGX_MAX_PATH];  /* in the folder */
    struct stat    st;                  /* of the file */
    ngx_rt_path_e  fault;
    u_char         at[NGX_MAX_PATH];    /* the fault's place */
    unsigned       exists:1;
    unsigned       last:1;              /* the name is the file's */
} ngx_rt_path_t;


/*
 * Walks the absolute path of a file that is made or added to.  NGX_OK: folder
 * and name are where the file is or would be, unless fault is PLANTED: then
 * they are where that link is.  NGX_ERROR: see errno.  Either way
 * ngx_rt_path_close() follows.
 */
ngx_int_t ngx_rt_path_walk(ngx_rt_path_t *p, ngx_str_t *path);

/*
 * Walks the absolute path of a file that is only read, and opens it.  A folder
 * to which others may only add files is no fault here: they cannot replace this
 * one.  Returns the descriptor, or -1: fault is PLANTED, else see errno.
 * Either way ngx_rt_path_close() follows.
 */
ngx_fd_t ngx_rt_path_open(ngx_rt_path_t *p, ngx_str_t *path);

void ngx_rt_path_close(ngx_rt_path_t *p);

/*
 * The user that starts nginx, and his group, also in a worker that has given up
 * root: what it reads is judged as the master judges it.
 */
uid_t ngx_rt_path_uid(void);
gid_t ngx_rt_path_gid(void);

/* makes the file, if it is not there: NGX_OK; NGX_ERROR: see errno */
ngx_int_t ngx_rt_path_make(ngx_rt_path_t *p, ngx_uint_t mode);


#pragma GCC visibility pop


#endif /* NGX_RT_PATH_H_INCLUDED */
