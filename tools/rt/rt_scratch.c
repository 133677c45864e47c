
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rt_input.h"
#include "rt_scratch.h"
#include "rt_term.h"


#define NAP       10                /* milliseconds between two looks */
#define PATIENCE  5                 /* seconds for a program that was told to
                                       end */
#define DEPTH     32                /* folders in each other */
#define NAMES     1000000           /* in all folders */


volatile sig_atomic_t  rt_scratch_ended;

static const int  signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };


static void
ended(int sig)
{
    rt_scratch_ended = sig;
}


void
rt_scratch_catch(void)
{
    size_t            i;
    struct sigaction  sa;

    signal(SIGPIPE, SIG_IGN);

    memset(&sa, 0, sizeof(struct sigaction));
    sa.sa_handler = ended;          /* without SA_RESTART */

    for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        sigaction(signals[i], &sa, NULL);
    }
}


/* Signals are blocked but for the wait itself, so that one which comes before
   it is not lost. */

int
rt_scratch_readable(int fd)
{
    int            rc;
    size_t         i;
    sigset_t       some, old;
    struct pollfd  p = { .fd = fd, .events = POLLIN };

    sigemptyset(&some);

    for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        sigaddset(&some, signals[i]);
    }

    sigprocmask(SIG_BLOCK, &some, &old);
    rc = rt_scratch_ended ? 0 : ppoll(&p, 1, NULL, &old);
    sigprocmask(SIG_SETMASK, &old, NULL);

    return rc == 1;
}


const char *
rt_scratch(rt_scratch_t *s)
{
    const char  *tmp;

    /* nobody else may read what rt, or a program it starts, makes in there */

    umask(077);
    rt_scratch_catch();

    tmp = getenv("TMPDIR");

    if (tmp == NULL || tmp[0] != '/') {
        tmp = "/tmp";
    }

    if (snprintf(s->dir, sizeof(s->dir), "%s/rt-XXXXXX", tmp)
        >= (int) sizeof(s->dir))
    {
        s->dir[0] = '\0';
        return "TMPDIR is too long";
    }

    if (mkdtemp(s->dir) == NULL) {
        s->dir[0] = '\0';
        return strerror(errno);
    }

    return NULL;
}


char *
rt_scratch_path(const rt_scratch_t *s, const char *name, char *buf)
{
    snprintf(buf, RT_SCRATCH_PATH, "%s/%s", s->dir, name);

    return buf;
}


/*
 * Opens a folder to remove what is in it.
 *
 * Some folders belong to the workers, who may meanwhile rename what is in them
 * and put links there.  So a name is looked up only in an open folder, and no
 * link is followed.  A folder is entered only if it has the same owner as the
 * one around it: workers may have moved one there whose contents they could not
 * remove themselves.
 *
 * ret: a folder, open, with *st; -1
 */

static int
enter(int in, const char *name, const struct stat *around, struct stat *st)
{
    int  fd;

    fd = openat(in, name, O_RDONLY|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);

    if (fd == -1) {
        return -1;
    }

    if (fstat(fd, st) != 0
        || (around == NULL && st->st_uid != geteuid())
        || (around && st->st_dev != around->st_dev)
        || (around && around->st_uid != geteuid()
            && around->st_uid != st->st_uid))
    {
        close(fd);
        errno = EPERM;
        return -1;
    }

    return fd;
}


/* Empties a folder, and closes fd; ret: 0; -1 with errno. */

static int
empty(int fd, const struct stat *around, unsigned depth, unsigned *names)
{
    int             sub, err;
    DIR            *dir;
    const char     *name;
    struct stat     st;
    struct dirent  *entry;

    dir = fdopendir(fd);

    if (dir == NULL) {
        close(fd);
        return -1;
    }

    for (err = 0; (entry = readdir(dir)) != NULL; /* void */) {
        name = entry->d_name;

        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
            continue;
        }

        if (*names == NAMES) {
            err = E2BIG;
            break;
        }

        (*names)++;

        if (unlinkat(fd, name, 0) == 0 || errno == ENOENT) {
            continue;
        }

        sub = depth ? enter(fd, name, around, &st) : -1;

        if (sub == -1 || empty(sub, &st, depth - 1, names) != 0
            || unlinkat(fd, name, AT_REMOVEDIR) != 0)
        {
            err = errno;
        }
    }

    closedir(dir);
    errno = err;

    return err ? -1 : 0;
}


void
rt_scratch_remove(rt_scratch_t *s)
{
    int          fd;
    unsigned     names;
    struct stat  st;

    if (s->dir[0] == '\0') {
        return;
    }

    names = 0;
    fd = enter(AT_FDCWD, s->dir, NULL, &st);

    if (fd == -1 || empty(fd, &st, DEPTH, &names) != 0 || rmdir(s->dir) != 0) {
        rt_term_warning("rt: %s could not be removed: %s\n", s->dir,
                        strerror(errno));
    }

    s->dir[0] = '\0';
}


static int
opened(const rt_scratch_t *s, const char *name, int fd)
{
    int   file;
    char  path[RT_SCRATCH_PATH];

    file = open(rt_scratch_path(s, name, path),
                O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0600);

    return file == -1 || dup2(file, fd) == -1 ? -1 : 0;
}


pid_t
rt_scratch_start(const rt_scratch_t *s, char *const *argv)
{
    pid_t  pid;

    pid = fork();

    if (pid != 0) {
        return pid;
    }

    /* an nginx that finds this variable takes over another one's sockets */

    unsetenv("NGINX");
    signal(SIGPIPE, SIG_DFL);

    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0
        || opened(s, "out", STDOUT_FILENO) != 0
        || opened(s, "err", STDERR_FILENO) != 0)
    {
        _exit(127);
    }

    execvp(argv[0], argv);

    fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}


int
rt_scratch_wait(pid_t pid, unsigned seconds)
{
    int              status, told;
    pid_t            rc;
    unsigned         naps;
    struct timespec  nap = { 0, NAP * 1000 * 1000 };

    told = 0;
    naps = seconds * (1000 / NAP);

    while ((rc = waitpid(pid, &status, WNOHANG)) == 0
           || (rc == -1 && errno == EINTR))
    {
        if (naps == 0 || (rt_scratch_ended && !told)) {
            kill(pid, told ? SIGKILL : SIGTERM);
            naps = PATIENCE * (1000 / NAP);
            told = 1;
            continue;
        }

        naps--;
        nanosleep(&nap, NULL);
    }

    return rc == pid && WIFEXITED(status) && !told && !rt_scratch_ended
           ? WEXITSTATUS(status) : -1;
}


int
rt_scratch_read(const rt_scratch_t *s, const char *name, rt_str_t *text)
{
    int          fd;
    FILE        *in;
    char         path[RT_SCRATCH_PATH];
    const char  *why;
    struct stat  st;

    /* workers may put a link of either kind or a FIFO where their file was */

    fd = open(rt_scratch_path(s, name, path),
              O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC);
    if (fd == -1) {
        return -1;
    }

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1) {
        close(fd);
        errno = EINVAL;
        return -1;
    }

    in = fdopen(fd, "r");
    if (in == NULL) {
        close(fd);
        return -1;
    }

    why = rt_input_all(in, text);

    fclose(in);

    return why ? -1 : 0;
}
