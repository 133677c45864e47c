
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "rt_audit_read.h"
#include "rt_input.h"


#define PIECE  (256 * 1024)


/* Opens a file; ret: NULL, or why not. */

static const char *
open_file(rt_audit_read_t *r, const char *name, int *fd)
{
    int          piped;
    const char  *why;

    /* where others may write, a pipe of theirs would be waited for */

    piped = strncmp(name, "/dev/fd/", 8) == 0;

    if (strcmp(name, "-") == 0) {
        *fd = -1;
        why = rt_input_once();

        if (why) {
            return why;
        }

        piped = 1;
        *fd = dup(STDIN_FILENO);

    } else {
        *fd = open(name, O_RDONLY|O_CLOEXEC|(piped ? 0 : O_NONBLOCK));
    }

    if (*fd == -1 || fstat(*fd, &r->st) == -1) {
        return strerror(errno);
    }

    return piped || S_ISREG(r->st.st_mode) ? NULL
           : S_ISDIR(r->st.st_mode) ? strerror(EISDIR) : "is no regular file";
}


const char *
rt_audit_read_open(rt_audit_read_t *r, const char *name)
{
    int  fd;

    memset(r, 0, sizeof(rt_audit_read_t));

    r->why = open_file(r, name, &fd);
    r->gz = r->why ? NULL : gzdopen(fd, "rb");
    r->buf = malloc(RT_AUDIT_LINE_MAX + PIECE);

    if (r->gz == NULL && fd != -1) {
        (void) close(fd);
    }

    if (r->gz == NULL || r->buf == NULL) {
        r->why = r->why ? r->why : strerror(ENOMEM);
        rt_audit_read_close(r);
        return r->why;
    }

    (void) gzbuffer(r->gz, PIECE);

    return NULL;
}


/* Moves the beginning of a line to the front, and reads more behind it. */

static void
fill(rt_audit_read_t *r)
{
    int  n;

    memmove(r->buf, r->buf + r->start, r->end - r->start);
    r->end -= r->start;
    r->start = 0;

    n = gzread(r->gz, r->buf + r->end, PIECE);

    if (n > 0) {
        r->end += (size_t) n;
        return;
    }

    r->eof = 1;
    (void) gzerror(r->gz, &n);          /* its text is freed by gzclose() */

    r->why = n == Z_OK ? NULL
             : n == Z_ERRNO ? strerror(errno)
             : n == Z_BUF_ERROR ? "is compressed, and cut off"
             : "is compressed, and damaged";
}


int
rt_audit_read_line(rt_audit_read_t *r, rt_str_t *line)
{
    size_t          seen;
    unsigned char  *lf;

    seen = 0;

    for ( ;; ) {
        line->data = r->buf + r->start;
        line->len = r->end - r->start;

        lf = line->len > seen
             ? memchr(line->data + seen, '\n', line->len - seen) : NULL;

        if (lf) {
            line->len = (size_t) (lf - line->data) + 1;
            break;
        }

        if (r->eof || line->len >= RT_AUDIT_LINE_MAX) {
            break;
        }

        seen = line->len;
        fill(r);
    }

    r->start += line->len;
    r->line += (line->len != 0);

    return line->len != 0;
}


void
rt_audit_read_close(rt_audit_read_t *r)
{
    if (r->gz) {
        (void) gzclose(r->gz);
    }

    free(r->buf);
    r->gz = NULL;
    r->buf = NULL;
}
