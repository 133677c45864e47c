
#include <ngx_config.h>
#include <ngx_core.h>

#include <poll.h>
#include <sys/wait.h>
#include <time.h>

#include "ngx_rt_exec.h"
#include "ngx_rt_clock.h"
#include "ngx_rt_file.h"


#define NGX_RT_EXEC_ENV   64
#define NGX_RT_EXEC_TICK  10            /* ms, between looks at its end */


typedef struct {
    char        *argv[NGX_RT_EXEC_ARGS + 1];
    char        *env[NGX_RT_EXEC_ENV + 1];
    pid_t        pid;
    int          out[2];                /* pipes: of stdout, */
    int          said[2];               /*   of stderr */
    u_char      *buf;
    size_t       len;
    size_t       max;
    ngx_uint_t   line;                  /* stderr's first one is over */
    int64_t      until;                 /* ms */
    int          status;
} ngx_rt_exec_run_t;


static ngx_int_t ngx_rt_exec_words(ngx_conf_t *cf, ngx_str_t *command,
    ngx_rt_exec_t *e, ngx_rt_exec_run_t *run);
static void ngx_rt_exec_environ(ngx_rt_exec_run_t *run);
static ngx_int_t ngx_rt_exec_run(ngx_rt_exec_t *e, ngx_rt_exec_run_t *run);
static void ngx_rt_exec_child(ngx_rt_exec_run_t *run);
static ngx_int_t ngx_rt_exec_listen(ngx_rt_exec_t *e, ngx_rt_exec_run_t *run);
static ngx_int_t ngx_rt_exec_read(ngx_rt_exec_t *e, ngx_rt_exec_run_t *run,
    int *fd);
static void ngx_rt_exec_hear(ngx_rt_exec_t *e, ngx_rt_exec_run_t *run,
    u_char *p, size_t n);
static ngx_int_t ngx_rt_exec_wait(ngx_rt_exec_t *e, ngx_rt_exec_run_t *run);
static ngx_int_t ngx_rt_exec_judge(ngx_conf_t *cf, ngx_rt_exec_t *e,
    ngx_rt_exec_run_t *run);
static void ngx_rt_exec_close(int *fd);
static int64_t ngx_rt_exec_now(void);
static ngx_int_t ngx_rt_exec_fault(ngx_rt_exec_t *e, char *fault,
    ngx_err_t err);


ngx_int_t
ngx_rt_exec(ngx_conf_t *cf, ngx_str_t *command, size_t max, ngx_rt_exec_t *e)
{
    ngx_int_t          rc;
    ngx_rt_file_t      file;
    ngx_rt_exec_run_t  run;

    ngx_memzero(e, sizeof(ngx_rt_exec_t));
    ngx_memzero(&run, sizeof(ngx_rt_exec_run_t));

    rc = ngx_rt_exec_words(cf, command, e, &run);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_rt_file_program(cf, &e->path, &file);

    if (rc == NGX_DECLINED) {
        e->fault = file.fault;
        e->err = file.err;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_rt_exec_environ(&run);

    run.max = max;
    run.buf = ngx_alloc(max + 1, cf->log);
    if (run.buf == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_rt_exec_run(e, &run);

    if (rc == NGX_OK) {
        rc = ngx_rt_exec_judge(cf, e, &run);
    }

    ngx_explicit_memzero(run.buf, max + 1);
    ngx_free(run.buf);

    return rc;
}


static ngx_int_t
ngx_rt_exec_words(ngx_conf_t *cf, ngx_str_t *command, ngx_rt_exec_t *e,
    ngx_rt_exec_run_t *run)
{
    char        *p;
    ngx_uint_t   n;

    p = (char *) ngx_pnalloc(cf->pool, command->len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_cpystrn((u_char *) p, command->data, command->len + 1);

    for (n = 0; ; n++) {

        while (*p == ' ' || *p == '\t') {
            *p++ = '\0';
        }

        if (*p == '\0') {
            break;
        }

        if (n == NGX_RT_EXEC_ARGS) {
            return ngx_rt_exec_fault(e, "has more than 32 words, write a "
                                        "script", 0);
        }

        run->argv[n] = p;
        p += strcspn(p, " \t");
    }

    if (n == 0 || run->argv[0][0] != '/') {
        return ngx_rt_exec_fault(e, "is no absolute path, write "
                                    "exec:/PATH", 0);
    }

    e->path.data = (u_char *) run->argv[0];
    e->path.len = ngx_strlen(run->argv[0]);

    return NGX_OK;
}


static void
ngx_rt_exec_environ(ngx_rt_exec_run_t *run)
{
    char        **var;
    size_t        len;
    ngx_uint_t    i, n;

    static char  *names[] = {
        "HOME=", "LANG=", "SSL_CERT_FILE=", "SSL_CERT_DIR=", "AWS_", "VAULT_",
        NULL
    };

    n = 0;
    run->env[n++] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                    "/sbin:/bin";

    for (var = environ; *var && n < NGX_RT_EXEC_ENV; var++) {
        for (i = 0; names[i]; i++) {

            len = ngx_strlen(names[i]);

            if (ngx_strncmp(*var, names[i], len) == 0) {
                run->env[n++] = *var;
                break;
            }
        }
    }
}


/*
 * The master's own handler waits for any child, and would take this one away:
 * SIGCHLD is blocked meanwhile.  Who starts nginx may ignore it, and then
 * nobody could wait; where nginx handles it, its handler stays, or the end of
 * a worker would be lost.
 */

static ngx_int_t
ngx_rt_exec_run(ngx_rt_exec_t *e, ngx_rt_exec_run_t *run)
{
    sigset_t          set, old;
    ngx_int_t         rc;
    struct sigaction  was, plain;

    if (pipe2(run->out, O_CLOEXEC) == -1) {
        return ngx_rt_exec_fault(e, "cannot be given a pipe", ngx_errno);
    }

    if (pipe2(run->said, O_CLOEXEC) == -1) {
        rc = ngx_rt_exec_fault(e, "cannot be given a pipe", ngx_errno);
        ngx_rt_exec_close(&run->out[0]);
        ngx_rt_exec_close(&run->out[1]);
        return rc;
    }

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    (void) sigprocmask(SIG_BLOCK, &set, &old);

    ngx_memzero(&plain, sizeof(struct sigaction));
    plain.sa_handler = SIG_DFL;
    (void) sigaction(SIGCHLD, NULL, &was);

    if (was.sa_handler == SIG_IGN) {
        (void) sigaction(SIGCHLD, &plain, NULL);
    }

    run->until = ngx_rt_exec_now() + NGX_RT_EXEC_TIMEOUT;
    run->pid = fork();

    if (run->pid == 0) {
        ngx_rt_exec_child(run);
    }

    ngx_rt_exec_close(&run->out[1]);
    ngx_rt_exec_close(&run->said[1]);

    if (run->pid == -1) {
        rc = ngx_rt_exec_fault(e, "cannot be started", ngx_errno);

    } else {
        (void) setpgid(run->pid, run->pid);

        rc = ngx_rt_exec_listen(e, run);

        if (ngx_rt_exec_wait(e, run) != NGX_OK) {
            rc = NGX_DECLINED;
        }
    }

    ngx_rt_exec_close(&run->out[0]);
    ngx_rt_exec_close(&run->said[0]);

    (void) sigaction(SIGCHLD, &was, NULL);
    (void) sigprocmask(SIG_SETMASK, &old, NULL);

    return rc;
}


static void
ngx_rt_exec_child(ngx_rt_exec_run_t *run)
{
    int               fd, sig, last;
    sigset_t          none;
    struct sigaction  plain;

    ngx_memzero(&plain, sizeof(struct sigaction));
    plain.sa_handler = SIG_DFL;

    for (sig = 1; sig < NSIG; sig++) {
        (void) sigaction(sig, &plain, NULL);
    }

    sigemptyset(&none);
    (void) sigprocmask(SIG_SETMASK, &none, NULL);

    (void) setpgid(0, 0);

    /* neither pipe may stand where the other is to go */

    run->out[1] = fcntl(run->out[1], F_DUPFD, 3);
    run->said[1] = fcntl(run->said[1], F_DUPFD, 3);

    fd = open("/dev/null", O_RDONLY);

    if (fd == -1 || dup2(fd, 0) == -1 || dup2(run->out[1], 1) == -1
        || dup2(run->said[1], 2) == -1 || chdir("/") == -1)
    {
        _exit(127);
    }

    last = (int) sysconf(_SC_OPEN_MAX);

    if (close_range(3, ~0U, 0) == -1) {
        for (fd = 3; fd < last; fd++) {
            (void) close(fd);
        }
    }

    (void) execve(run->argv[0], run->argv, run->env);

    _exit(127);
}


/* until both pipes are at their end, the time is over, or it is too much */

static ngx_int_t
ngx_rt_exec_listen(ngx_rt_exec_t *e, ngx_rt_exec_run_t *run)
{
    int            n;
    int64_t        left;
    struct pollfd  fds[2];

    while (run->out[0] != -1 || run->said[0] != -1) {

        left = run->until - ngx_rt_exec_now();

        if (left <= 0) {
            return ngx_rt_exec_fault(e, "took longer than 10 seconds", 0);
        }

        fds[0].fd = run->out[0];
        fds[1].fd = run->said[0];
        fds[0].events = fds[1].events = POLLIN;
        fds[0].revents = fds[1].revents = 0;

        n = poll(fds, 2, (int) left);

        if (n == -1 && ngx_errno != NGX_EINTR) {
            return ngx_rt_exec_fault(e, "cannot be listened to", ngx_errno);
        }

        if (n > 0
            && ((fds[0].revents
                 && ngx_rt_exec_read(e, run, &run->out[0]) != NGX_OK)
                || (fds[1].revents
                    && ngx_rt_exec_read(e, run, &run->said[0]) != NGX_OK)))
        {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_rt_exec_read(ngx_rt_exec_t *e, ngx_rt_exec_run_t *run, int *fd)
{
    ssize_t  n;
    u_char   said[512];

    if (fd == &run->said[0]) {
        n = read(*fd, said, sizeof(said));

        if (n > 0) {
            ngx_rt_exec_hear(e, run, said, n);
        }

    } else {

        /* one byte more than may come shows that it is too much */

        n = read(*fd, run->buf + run->len, run->max + 1 - run->len);

        if (n > 0) {
            run->len += n;
        }

        if (run->len > run->max) {
            return ngx_rt_exec_fault(e, "wrote more than a secret may have",
                                     0);
        }
    }

    if (n == 0 || (n == -1 && ngx_errno != NGX_EINTR)) {
        ngx_rt_exec_close(fd);
    }

    return NGX_OK;
}


/* the first line of stderr, printable; the rest is read and forgotten */

static void
ngx_rt_exec_hear(ngx_rt_exec_t *e, ngx_rt_exec_run_t *run, u_char *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n && !run->line; i++) {

        if (p[i] == LF || p[i] == CR) {
            run->line = (e->nsaid != 0);
            continue;
        }

        if (e->nsaid < NGX_RT_EXEC_SAID) {
            e->said[e->nsaid++] = (p[i] < 0x20 || p[i] > 0x7e || p[i] == '"'
                                   || p[i] == '\\') ? '?' : p[i];
        }
    }
}


/* for the program's end; then whatever it has left behind goes, too */

static ngx_int_t
ngx_rt_exec_wait(ngx_rt_exec_t *e, ngx_rt_exec_run_t *run)
{
    pid_t      pid;
    ngx_int_t  rc;

    rc = NGX_OK;

    for ( ;; ) {
        pid = waitpid(run->pid, &run->status, WNOHANG);

        if (pid == run->pid || (pid == -1 && ngx_errno != NGX_EINTR)) {
            break;
        }

        if (e->fault == NULL && ngx_rt_exec_now() >= run->until) {
            rc = ngx_rt_exec_fault(e, "took longer than 10 seconds", 0);
        }

        if (e->fault) {
            (void) kill(-run->pid, SIGKILL);
            (void) kill(run->pid, SIGKILL);
        }

        ngx_msleep(NGX_RT_EXEC_TICK);
    }

    (void) kill(-run->pid, SIGKILL);

    if (pid == -1) {
        return ngx_rt_exec_fault(e, "was waited for by another", ngx_errno);
    }

    return rc;
}


static ngx_int_t
ngx_rt_exec_judge(ngx_conf_t *cf, ngx_rt_exec_t *e, ngx_rt_exec_run_t *run)
{
    u_char  *fault;

    if (!WIFEXITED(run->status) || WEXITSTATUS(run->status) != 0) {

        fault = ngx_pnalloc(cf->pool, 64);
        if (fault == NULL) {
            return NGX_ERROR;
        }

        if (WIFSIGNALED(run->status)) {
            ngx_sprintf(fault, "was ended by signal %d%Z",
                        WTERMSIG(run->status));

        } else {
            ngx_sprintf(fault, "ended with status %d%Z",
                        WEXITSTATUS(run->status));
        }

        return ngx_rt_exec_fault(e, (char *) fault, 0);
    }

    e->out.len = run->len;
    e->out.data = ngx_pnalloc(cf->pool, run->len + 1);
    if (e->out.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(e->out.data, run->buf, run->len);
    e->out.data[run->len] = '\0';

    return NGX_OK;
}


static void
ngx_rt_exec_close(int *fd)
{
    if (*fd != -1) {
        (void) close(*fd);
        *fd = -1;
    }
}


static int64_t
ngx_rt_exec_now(void)
{
    return (int64_t) ngx_rt_clock_ms(CLOCK_MONOTONIC);
}


static ngx_int_t
ngx_rt_exec_fault(ngx_rt_exec_t *e, char *fault, ngx_err_t err)
{
    e->fault = (u_char *) fault;
    e->err = err;

    return NGX_DECLINED;
}
