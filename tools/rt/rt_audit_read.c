
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "rt_audit_read.h"


#define PIECE  (256 * 1024)


const char *
rt_audit_read_open(rt_audit_read_t *r, const char *name)
{
    int  fd;

    memset(r, 0, sizeof(rt_audit_read_t));

    errno = ENOMEM;
    fd = dup(STDIN_FILENO);

    if (strcmp(name, "-") == 0) {
        r->gz = fd == -1 ? NULL : gzdopen(fd, "rb");

    } else {
        (void) close(fd);
        r->gz = gzopen(name, "rbe");
    }

    r->buf = malloc(RT_AUDIT_LINE_MAX + PIECE);

    if (r->gz == NULL || r->buf == NULL) {
        r->why = strerror(errno);
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
