
/* rt audit tail: the last events of a file, and those that come after them. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "rt_audit.h"
#include "rt_audit_each.h"
#include "rt_audit_read.h"
#include "rt_term.h"


#define LAST    10              /* events that are shown first */
#define PIECE   (256 * 1024)
#define WAIT    200000000       /* ns between two looks at the file */

/* looks at a file that was rotated and grows no more, until it is left */
#define LEAVE   10


typedef struct {
    rt_audit_ask_t    ask;
    rt_audit_tally_t  tally;
    const char       *name;
    int               fd;
    uint64_t          offset;       /* bytes that were read */
    size_t            held;         /* bytes of a line that has no end yet */
    unsigned          idle;         /* looks without a byte */
    unsigned char    *buf;
} tail_t;


typedef struct last_s  last_t;

struct last_s {
    last_t           *next;
    uint64_t          left;         /* how many more are wanted */
    rt_str_t          line;
};


static int
print(void *ctx, const rt_str_t *line, const rt_query_line_t *ev)
{
    tail_t  *t = ctx;

    rt_audit_print(t->ask.format, line, ev);

    return 1;
}


/* Prints the lines in buf, and keeps the part of one that has no end yet. */

static void
lines(tail_t *t)
{
    rt_str_t        line;
    unsigned char  *p, *lf, *end;

    p = t->buf;
    end = p + t->held;

    while ((lf = memchr(p, '\n', (size_t) (end - p))) != NULL) {
        line.data = p;
        line.len = (size_t) (lf + 1 - p);
        (void) rt_audit_line(&t->ask, &t->tally, line, print, t);
        p = lf + 1;
    }

    t->held = (size_t) (end - p);
    memmove(t->buf, p, t->held);

    if (t->held >= RT_AUDIT_LINE_MAX) {
        t->tally.broken++;
        t->held = 0;
    }

    if (t->tally.broken || t->tally.other) {
        t->tally.first = 0;
        rt_audit_said(&t->ask, t->name, &t->tally);
        memset(&t->tally, 0, sizeof(rt_audit_tally_t));
    }
}


/* Reads what the file has by now; ret: 0: nothing new. */

static int
more(tail_t *t)
{
    int      any;
    ssize_t  n;

    for (any = 0; /* void */ ; any = 1) {
        n = pread(t->fd, t->buf + t->held, PIECE, (off_t) t->offset);

        if (n <= 0) {
            break;
        }

        t->offset += (uint64_t) n;
        t->held += (size_t) n;
        lines(t);
    }

    if (any) {
        (void) fflush(stdout);
    }

    return any;
}


static void
begin(tail_t *t, int fd, uint64_t offset)
{
    if (t->held) {
        t->tally.half = 1;
        rt_audit_said(&t->ask, t->name, &t->tally);
    }

    memset(&t->tally, 0, sizeof(rt_audit_tally_t));
    t->fd = fd;
    t->offset = offset;
    t->held = 0;
    t->idle = 0;
}


/*
 * One look at the file.  A file that was cut is read from its beginning.  One
 * whose name is another file's by now is read until nothing came for some
 * looks, because each of nginx's workers opens the new file in its own time.
 */

static void
look(tail_t *t)
{
    int          fd;
    struct stat  st, named;

    if (more(t)) {
        t->idle = 0;
        return;
    }

    if (fstat(t->fd, &st) == 0 && (uint64_t) st.st_size < t->offset) {
        rt_term_warning("rt audit tail: %s: was cut off, and begins anew\n",
                t->name);
        begin(t, t->fd, 0);
        return;
    }

    if (stat(t->name, &named) == -1
        || (named.st_ino == st.st_ino && named.st_dev == st.st_dev)
        || ++t->idle < LEAVE)
    {
        return;
    }

    fd = open(t->name, O_RDONLY|O_NONBLOCK|O_CLOEXEC);

    if (fd != -1) {
        (void) close(t->fd);
        begin(t, fd, 0);
    }
}


/* Keeps the last events, which come from the end: the oldest is then first. */

static int
keep(void *ctx, const rt_str_t *line, const rt_query_line_t *ev)
{
    last_t  *last, **first = ctx;

    (void) ev;

    last = malloc(sizeof(last_t) + line->len);

    if (last == NULL) {
        return 0;
    }

    last->line.data = (unsigned char *) (last + 1);
    last->line.len = line->len;
    memcpy(last->line.data, line->data, line->len);

    last->left = (*first)->left - 1;
    last->next = *first;
    *first = last;

    return last->left != 0;
}


static void
print_last(tail_t *t, rt_audit_file_t *file)
{
    last_t          *last, *next;
    last_t           none = { NULL, t->ask.limit, rt_null_string };
    rt_query_line_t  ev;

    file->size = t->offset;
    last = &none;

    if (t->ask.limit) {
        (void) rt_audit_each_back(&t->ask, file, keep, &last);
    }

    for ( /* void */ ; last != &none; last = next) {
        next = last->next;

        if (rt_query_line(&last->line, &ev) == RT_OK) {
            rt_audit_print(t->ask.format, &last->line, &ev);
        }

        free(last);
    }

    (void) fflush(stdout);
}


/* ret: where the last whole line ends that is before size */

static uint64_t
whole(tail_t *t, uint64_t size)
{
    size_t          n;
    ssize_t         got;
    uint64_t        from;
    unsigned char  *lf;

    n = size < RT_AUDIT_LINE_MAX ? (size_t) size : RT_AUDIT_LINE_MAX;
    from = size - n;
    got = pread(t->fd, t->buf, n, (off_t) from);
    lf = got > 0 ? memrchr(t->buf, '\n', (size_t) got) : NULL;

    return lf ? from + (uint64_t) (lf + 1 - t->buf) : from;
}


static int
tail(tail_t *t)
{
    const char             *why;
    struct stat             st;
    const struct timespec   wait = { 0, WAIT };

    why = t->ask.nfiles != 1 ? "write one file"
          : !t->ask.file[0].plain ? "is no plain file" : NULL;

    if (why) {
        return rt_audit_failed(&t->ask, t->ask.nfiles == 1 ? t->name : "FILE",
                               why);
    }

    t->buf = malloc(RT_AUDIT_LINE_MAX + PIECE);
    t->fd = open(t->name, O_RDONLY|O_NONBLOCK|O_CLOEXEC);

    if (t->buf == NULL || t->fd == -1 || fstat(t->fd, &st) == -1) {
        return rt_audit_failed(&t->ask, t->name, strerror(errno));
    }

    t->offset = whole(t, (uint64_t) st.st_size);

    rt_audit_print_head(t->ask.format);
    print_last(t, &t->ask.file[0]);

    while (t->ask.follow && !ferror(stdout)) {
        look(t);

        (void) nanosleep(&wait, NULL);
    }

    return t->ask.trouble ? RT_EXIT_FAILED : RT_EXIT_OK;
}


int
rt_audit_tail(rt_mem_t *mem, int argc, char **argv)
{
    tail_t  t;

    memset(&t, 0, sizeof(tail_t));
    t.ask.verb = "rt audit tail";
    t.ask.mem = mem;

    if (rt_audit_ask(&t.ask, argc, argv,
                     RT_AUDIT_LIMIT|RT_AUDIT_FOLLOW|RT_AUDIT_FORMAT)
        != RT_EXIT_OK)
    {
        return RT_EXIT_FAILED;
    }

    if (t.ask.trouble) {
        return RT_EXIT_FAILED;
    }

    if (t.ask.limit == UINT64_MAX) {
        t.ask.limit = LAST;
    }

    t.name = t.ask.nfiles ? t.ask.file[0].name : NULL;

    return tail(&t);
}
