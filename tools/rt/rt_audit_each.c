
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "rt_audit_each.h"
#include "rt_audit_read.h"
#include "rt_term.h"


#define PIECE   (1024 * 1024)

/* lines between two looks at the clock */
#define LOOK    4096


static time_t  last;            /* when progress was last shown */
static int     said;


/* Shows progress once a second, where standard error is a terminal. */

static void
progress(const rt_audit_ask_t *ask, const rt_audit_file_t *file,
    uint64_t offset, uint64_t lines)
{
    uint64_t  done, all;
    unsigned  i;

    if (lines % LOOK || !isatty(STDERR_FILENO) || isatty(STDOUT_FILENO)) {
        return;
    }

    if (last == 0 || last == time(NULL)) {
        last = time(NULL);
        return;
    }

    last = time(NULL);
    said = 1;

    for (i = 0, done = all = 0; i < ask->nfiles; i++) {
        all += ask->file[i].size;

        if (ask->reverse ? &ask->file[i] > file : &ask->file[i] < file) {
            done += ask->file[i].size;
        }
    }

    fprintf(stderr, "\r%s: %u %% of %llu MB\033[K\r", ask->verb,
            all ? (unsigned) ((done + offset) * 100 / all) : 0,
            (unsigned long long) all / 1000000);
}


void
rt_audit_said(const rt_audit_ask_t *ask, const char *name,
    const rt_audit_tally_t *tally)
{
    if (said) {
        fprintf(stderr, "\r\033[K");
        said = 0;
    }

    if (tally->broken) {
        rt_term_warning("%s: %s: %llu line%s no event", ask->verb,
                name, (unsigned long long) tally->broken,
                tally->broken == 1 ? " is" : "s are");

        if (tally->first) {
            rt_term_warning(", the first is line %llu",
                    (unsigned long long) tally->first);
        }

        rt_term_warning("\n");
    }

    if (tally->other) {
        rt_term_warning("%s: %s: %llu line%s of another format: only "
                "format=retool, the default, is read\n", ask->verb, name,
                (unsigned long long) tally->other,
                tally->other == 1 ? " is" : "s are");
    }

    if (tally->half) {
        rt_term_warning("%s: %s: the last line is cut off\n",
                ask->verb, name);
    }
}


int
rt_audit_line(const rt_audit_ask_t *ask, rt_audit_tally_t *tally,
    rt_str_t line, rt_audit_event_pt handler, void *ctx)
{
    int              asked;
    unsigned         whole;
    rt_query_line_t  ev;

    tally->lines++;
    whole = line.len && line.data[line.len - 1] == '\n';
    line.len -= whole;

    switch (rt_query_line(&line, &ev)) {

    case RT_OK:
        asked = rt_query_match(&ask->query, &ev);

        if (ask->open) {
            rt_audit_open_see(ask->open, &line, &ev, asked);
        }

        return asked && !(ask->over && rt_audit_open_is(&ev))
               ? handler(ctx, &line, &ev) : 1;

    case RT_DECLINED:
        tally->other++;
        return 1;

    default:

        if (!whole && line.len < RT_AUDIT_LINE_MAX) {
            tally->half = 1;

        } else if (tally->broken++ == 0) {
            tally->first = tally->lines;
        }

        return 1;
    }
}


int
rt_audit_each(rt_audit_ask_t *ask, const rt_audit_file_t *file,
    rt_audit_event_pt handler, void *ctx)
{
    int               more;
    rt_str_t          line;
    const char       *why;
    rt_audit_read_t   in;
    rt_audit_tally_t  tally;

    memset(&tally, 0, sizeof(rt_audit_tally_t));
    more = 1;
    why = rt_audit_read_open(&in, file->name);

    if (why == NULL) {
        while (more && rt_audit_read_line(&in, &line)) {
            more = rt_audit_line(ask, &tally, line, handler, ctx);
            progress(ask, file, (uint64_t) gzoffset(in.gz), tally.lines);
        }

        why = in.why;
        rt_audit_read_close(&in);
    }

    rt_audit_said(ask, file->name, &tally);

    if (why) {
        (void) rt_audit_failed(ask, file->name, why);
        ask->trouble = 1;
    }

    return more;
}


/*
 * A window that moves towards the beginning of a file.  The end of a line whose
 * beginning is not read yet stands at the end of buf.
 *
 *     file   |..........|pppppppppppp hhhh|lines that are done|
 *            0          offset
 *     buf               |     free    hhhh|      p: the next piece
 */

typedef struct {
    int              fd;
    uint64_t         offset;        /* of what is in buf */
    size_t           start;
    size_t           end;
    unsigned char    buf[RT_AUDIT_LINE_MAX + PIECE];
} back_t;


/* Reads the piece before; ret: 0: it cannot be read, see errno. */

static int
back_fill(back_t *b)
{
    size_t   n, held;
    ssize_t  got;

    held = b->end - b->start;
    memmove(b->buf + sizeof(b->buf) - held, b->buf + b->start, held);
    b->end = sizeof(b->buf);
    b->start = b->end - held;

    n = b->offset < PIECE ? (size_t) b->offset : PIECE;
    b->start -= n;
    b->offset -= n;

    for (held = 0; held < n; held += (size_t) got) {
        got = pread(b->fd, b->buf + b->start + held, n - held,
                    (off_t) (b->offset + held));

        if (got <= 0) {
            errno = got ? errno : ESTALE;
            return 0;
        }
    }

    return 1;
}


/*
 * The last line that is left, with its LF.
 * ret:  1; 0: there is no more, or errno is set
 */

static int
back_line(back_t *b, rt_str_t *line)
{
    size_t          n;
    unsigned char  *lf;

    errno = 0;

    for ( ;; ) {
        n = b->end - b->start;
        lf = n > 1 ? memrchr(b->buf + b->start, '\n', n - 1) : NULL;

        if (lf || b->offset == 0 || n >= RT_AUDIT_LINE_MAX) {
            break;
        }

        if (!back_fill(b)) {
            return 0;
        }
    }

    line->data = lf ? lf + 1 : b->buf + b->start;
    line->len = (size_t) (b->buf + b->end - line->data);
    b->end -= line->len;

    return line->len != 0;
}


int
rt_audit_each_back(rt_audit_ask_t *ask, const rt_audit_file_t *file,
    rt_audit_event_pt handler, void *ctx)
{
    int               more;
    back_t           *b;
    rt_str_t          line;
    rt_audit_tally_t  tally;

    memset(&tally, 0, sizeof(rt_audit_tally_t));
    more = 1;

    b = malloc(sizeof(back_t));

    if (b) {
        b->fd = open(file->name, O_RDONLY|O_NONBLOCK|O_CLOEXEC);
    }

    if (b == NULL || b->fd == -1) {
        free(b);
        ask->trouble = 1;
        (void) rt_audit_failed(ask, file->name, strerror(errno));
        return 1;
    }

    b->offset = file->size;
    b->start = b->end = sizeof(b->buf);

    while (more && back_line(b, &line)) {
        more = rt_audit_line(ask, &tally, line, handler, ctx);
        progress(ask, file, file->size - b->offset, tally.lines);
    }

    tally.first = 0;                    /* they were counted from the end */
    rt_audit_said(ask, file->name, &tally);

    if (more && errno) {
        ask->trouble = 1;
        (void) rt_audit_failed(ask, file->name, strerror(errno));
    }

    (void) close(b->fd);
    free(b);

    return more;
}
