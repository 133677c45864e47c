
/*
 * exec:PATH [ARG ...]: a program whose output is a secret.
 */


#ifndef NGX_RT_EXEC_H_INCLUDED
#define NGX_RT_EXEC_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>


#pragma GCC visibility push(hidden)


#define NGX_RT_EXEC_TIMEOUT  10000      /* milliseconds */
#define NGX_RT_EXEC_ARGS     32         /* with the program's path */
#define NGX_RT_EXEC_SAID     256        /* bytes of stderr's first line */


typedef struct {
    ngx_str_t    path;                  /* of the program */
    ngx_str_t    out;                   /* in the pool, a NUL follows; whoever
                                           takes it wipes it */
    u_char       said[NGX_RT_EXEC_SAID];    /* fit for a log */
    size_t       nsaid;
    u_char      *fault;                 /* after NGX_DECLINED: a predicate of
                                           the program, "took longer ..." */
    ngx_err_t    err;
} ngx_rt_exec_t;


/*
 * Runs a program while the configuration is read, and waits for it.
 *
 * No shell is in between: words end at blanks, and nothing else has a meaning.
 * The program is an absolute path that ngx_rt_file.h would take, for it runs
 * as the user that starts nginx.  It is a process group of its own, which is
 * gone when this function returns; it has no input, no other descriptor than
 * its output, and of the environment HOME, LANG, SSL_CERT_FILE, SSL_CERT_DIR
 * and what begins with AWS_ or VAULT_, with a PATH of the system's folders.
 *
 * in:   command   the words behind "exec:"
 *       max       bytes of output
 * ret:  NGX_OK; NGX_DECLINED: see fault, err, said, nothing was logged;
 *       NGX_ERROR: memory
 */
ngx_int_t ngx_rt_exec(ngx_conf_t *cf, ngx_str_t *command, size_t max,
    ngx_rt_exec_t *e);


#pragma GCC visibility pop


#endif /* NGX_RT_EXEC_H_INCLUDED */
