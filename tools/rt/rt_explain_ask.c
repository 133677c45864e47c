
#include <errno.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rt_copy.h"
#include "rt_explain_ask.h"


#define START   500                 /* times 20 ms that nginx may take to
                                       listen */
#define ANSWER  20                  /* seconds for an answer, in all */
#define BODY    2                   /* seconds for what is behind its head */


/* a connection, in TLS or not */

typedef struct {
    int       fd;
    SSL_CTX  *ctx;
    SSL      *ssl;
} link_t;


static int
address(struct sockaddr_un *sun, const char *path)
{
    memset(sun, 0, sizeof(struct sockaddr_un));
    sun->sun_family = AF_UNIX;

    if (snprintf(sun->sun_path, sizeof(sun->sun_path), "%s", path)
        < (int) sizeof(sun->sun_path))
    {
        return 0;
    }

    errno = ENAMETOOLONG;

    return -1;
}


static int
reach(const char *path)
{
    int                 fd;
    struct timeval      tv = { ANSWER, 0 };
    struct sockaddr_un  sun;

    fd = address(&sun, path) == 0
         ? socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) : -1;

    if (fd == -1) {
        return -1;
    }

    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) != 0
        || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)) != 0
        || connect(fd, (struct sockaddr *) &sun, sizeof(sun)) != 0)
    {
        close(fd);
        return -1;
    }

    return fd;
}


/* Connects, and tries again until nginx listens. */

static const char *
wait_for(link_t *l, const char *path, pid_t pid)
{
    unsigned         i;
    siginfo_t        info;
    struct timespec  nap = { 0, 20 * 1000 * 1000 };

    for (i = 0; i < START && !rt_scratch_ended; i++) {

        l->fd = reach(path);
        if (l->fd != -1) {
            return NULL;
        }

        memset(&info, 0, sizeof(info));

        if (waitid(P_PID, (id_t) pid, &info, WEXITED|WNOHANG|WNOWAIT) != 0
            || info.si_pid == pid)
        {
            return "nginx did not start with the copy of its configuration";
        }

        nanosleep(&nap, NULL);
    }

    return rt_scratch_ended ? "it was ended" : "nginx does not answer";
}


static const char *
secure(link_t *l, const rt_explain_ask_t *ask)
{
    char  name[256];

    l->ctx = SSL_CTX_new(TLS_client_method());
    l->ssl = l->ctx ? SSL_new(l->ctx) : NULL;

    snprintf(name, sizeof(name), "%.*s", (int) ask->name.len, ask->name.data);

    if (l->ssl == NULL || SSL_set_fd(l->ssl, l->fd) != 1
        || SSL_set_tlsext_host_name(l->ssl, name) != 1)
    {
        return "no memory";
    }

    /* it is our own nginx, on a socket that nobody else can listen on */

    return SSL_connect(l->ssl) == 1
           ? NULL : "TLS failed: the server wants a client's certificate, or "
                    "has none itself";
}


static ssize_t
put(link_t *l, const void *data, size_t len)
{
    return l->ssl ? SSL_write(l->ssl, data, (int) len)
                  : send(l->fd, data, len, MSG_NOSIGNAL);
}


static int
put_all(link_t *l, const void *data, size_t len)
{
    size_t   sent;
    ssize_t  n;

    for (sent = 0; sent < len; sent += (size_t) n) {
        n = put(l, (const char *) data + sent, len - sent);

        if (n <= 0) {
            return -1;
        }
    }

    return 0;
}


static const char *
send_request(link_t *l, const rt_explain_ask_t *ask)
{
    int          rc;
    FILE        *out;
    char        *text;
    size_t       len;
    unsigned     i;

    text = NULL;
    out = open_memstream(&text, &len);
    if (out == NULL) {
        return "no memory";
    }

    fprintf(out, "%s %.*s HTTP/1.1\r\nHost: %.*s\r\nConnection: close\r\n",
            ask->method, (int) ask->target.len, ask->target.data,
            (int) ask->host.len, ask->host.data);

    if (ask->from) {
        fprintf(out, "%s: %s\r\n", ask->from, ask->address);
    }

    if (ask->token.len) {
        fprintf(out, "Authorization: Bearer %.*s\r\n", (int) ask->token.len,
                ask->token.data);
    }

    if (ask->body.len) {
        fprintf(out, "Content-Length: %zu\r\n", ask->body.len);
    }

    for (i = 0; i < ask->nheaders; i++) {
        fprintf(out, "%s\r\n", ask->header[i]);
    }

    fprintf(out, "\r\n");

    rc = fclose(out) == 0 ? put_all(l, text, len) : -1;

    if (text) {
        OPENSSL_cleanse(text, len);
        free(text);
    }

    if (rc == 0 && ask->body.len) {
        (void) put_all(l, ask->body.data, ask->body.len);
    }

    return rc == 0 ? NULL : "the request could not be sent";
}


static long
milliseconds(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (long) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


/*
 * Reads what is behind the head for a while and keeps nothing of it: nginx logs
 * a request that was not answered to the end as another one.
 */

static const char *
read_answer(link_t *l, char *head)
{
    int             whole;
    long            end, left;
    char            buf[16384];
    size_t          len, more;
    ssize_t         n;
    struct timeval  tv;

    whole = 0;
    end = milliseconds() + ANSWER * 1000;

    for (len = 0, n = 1; n > 0 && !rt_scratch_ended; /* void */) {
        left = end - milliseconds();

        if (left <= 0) {
            break;
        }

        tv.tv_sec = left / 1000;
        tv.tv_usec = left % 1000 * 1000;

        if (setsockopt(l->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) != 0) {
            break;
        }

        n = l->ssl ? SSL_read(l->ssl, buf, sizeof(buf))
                   : recv(l->fd, buf, sizeof(buf), 0);

        if (n > 0 && len < RT_EXPLAIN_HEAD - 1) {
            more = (size_t) n < RT_EXPLAIN_HEAD - 1 - len
                   ? (size_t) n : RT_EXPLAIN_HEAD - 1 - len;
            memcpy(head + len, buf, more);
            len += more;
            head[len] = '\0';
        }

        if (!whole && strstr(head, "\r\n\r\n")) {
            whole = 1;
            end = milliseconds() + BODY * 1000;
        }
    }

    return len ? NULL : "nginx closed the connection without an answer "
                        "(return 444, or another limit)";
}


const char *
rt_explain_ask(const rt_explain_ask_t *ask, const char *socket, pid_t pid,
    char *head)
{
    link_t       l = { -1, NULL, NULL };
    const char  *why;

    head[0] = '\0';
    why = wait_for(&l, socket, pid);

    if (why == NULL && ask->tls) {
        why = secure(&l, ask);
    }

    if (why == NULL) {
        why = send_request(&l, ask);
    }

    if (why == NULL) {
        why = read_answer(&l, head);
    }

    SSL_free(l.ssl);
    SSL_CTX_free(l.ctx);

    if (l.fd != -1) {
        close(l.fd);
    }

    return why;
}


/* -- in place of an application */


static void
answer(int fd, int reached)
{
    char            head[RT_EXPLAIN_HEAD];
    size_t          len;
    ssize_t         n;
    struct timeval  tv = { ANSWER, 0 };

    static const char  ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                              "Connection: close\r\n\r\n";

    (void) setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));

    for (len = 0, n = 1; n > 0 && len < sizeof(head) - 1; len += (size_t) n) {
        head[len] = '\0';

        if (strstr(head, "\r\n\r\n")) {
            break;
        }

        n = recv(fd, head + len, sizeof(head) - 1 - len, 0);
        n = n < 0 ? 0 : n;
    }

    if (len == 0 || eventfd_write(reached, 1) != 0
        || send(fd, ok, sizeof(ok) - 1, MSG_NOSIGNAL) == -1)
    {
        return;
    }

    shutdown(fd, SHUT_WR);

    /* the body is read, because nginx would see a reset if it were not */

    while (recv(fd, head, sizeof(head), 0) > 0) {
        /* void */
    }
}


pid_t
rt_explain_app(const rt_scratch_t *s, gid_t gid, int *reached)
{
    int                 fd, client;
    char                path[RT_SCRATCH_PATH];
    pid_t               pid;
    struct sockaddr_un  sun;

    rt_scratch_path(s, RT_COPY_APP, path);

    fd = address(&sun, path) == 0
         ? socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) : -1;

    if (fd == -1 || bind(fd, (struct sockaddr *) &sun, sizeof(sun)) != 0
        || (geteuid() == 0 && chown(path, 0, gid) != 0)
        || chmod(path, 0660) != 0 || listen(fd, 16) != 0)
    {
        return -1;
    }

    *reached = eventfd(0, EFD_CLOEXEC|EFD_NONBLOCK);
    if (*reached == -1) {
        return -1;
    }

    pid = fork();

    if (pid != 0) {
        close(fd);
        return pid;
    }

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
        _exit(127);
    }

    while (!rt_scratch_ended) {
        client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

        if (client == -1) {
            break;
        }

        answer(client, *reached);
        close(client);
    }

    _exit(0);
}
