
/*
 * html [--split=N] [--frames] [FILE]
 *
 * Reads FILE, or standard input, in pieces of N bytes (default: all at once)
 * and prints a JSON line for each script, style and link start tag that makes
 * an element: byte offsets of the tag, and the raw value of its first nonce
 * attribute as a string of ISO-8859-1 (one character a byte) or null.  When
 * the tokenizer stopped early, standard error says why (rt_hstop_e).
 *
 * --frames: the input is many documents, each as its length in decimal, a
 * newline, and so many bytes; after the tags of each comes {"stopped":N}.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "rt_html.h"


static unsigned char  *doc;
static size_t          len;


static int
read_all(FILE *in)
{
    size_t  n, room;

    room = 0;

    do {
        if (room - len < 65536) {
            room = room * 2 + 65536;
            doc = realloc(doc, room + 1);

            if (doc == NULL) {
                return -1;
            }
        }

        n = fread(doc + len, 1, room - len, in);
        len += n;

    } while (n);

    doc[len] = '\0';

    return ferror(in) ? -1 : 0;
}


static void
print_string(const unsigned char *p, size_t n)
{
    size_t  i;

    putchar('"');

    for (i = 0; i < n; i++) {
        if (p[i] == '"' || p[i] == '\\') {
            printf("\\%c", p[i]);

        } else if (p[i] < 0x20 || p[i] > 0x7e) {
            printf("\\u%04x", (unsigned) p[i]);

        } else {
            putchar(p[i]);
        }
    }

    putchar('"');
}


static void
print_tag(const rt_html_tag_t *tag)
{
    printf("{\"tag\":\"%s\",\"start\":%llu,\"end\":%llu,\"nonce\":",
           rt_htag_name(tag->tag), (unsigned long long) tag->start,
           (unsigned long long) tag->end);

    if (tag->nonce) {
        print_string(doc + tag->nonce_start,
                     (size_t) (tag->nonce_end - tag->nonce_start));
    } else {
        fputs("null", stdout);
    }

    puts("}");
}


static unsigned
run(size_t split)
{
    static rt_html_t      h;
    rt_html_tag_t         tag;
    const unsigned char  *p, *end, *last;

    rt_html_init(&h, 1);

    p = doc;
    end = doc + len;

    while (p < end) {
        last = (split && (size_t) (end - p) > split) ? p + split : end;

        while (rt_html_next(&h, &p, last, &tag) == RT_OK) {
            print_tag(&tag);
        }
    }

    return h.stopped;
}


static int
run_frames(size_t split)
{
    char           *line;
    unsigned char  *all, *end;

    all = doc;
    end = doc + len;

    while (all < end) {
        len = strtoul((char *) all, &line, 10);
        doc = (unsigned char *) line + 1;

        if (line == (char *) all || len > (size_t) (end - doc)) {
            fputs("html: bad frame\n", stderr);
            return 2;
        }

        printf("{\"stopped\":%u}\n", run(split));
        all = doc + len;
    }

    return 0;
}


int
main(int argc, char **argv)
{
    int       i, frames;
    FILE     *in;
    size_t    split;
    unsigned  stopped;

    in = stdin;
    split = 0;
    frames = 0;

    for (i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--split=", 8) == 0) {
            split = strtoul(argv[i] + 8, NULL, 10);

        } else if (strcmp(argv[i], "--frames") == 0) {
            frames = 1;

        } else if (strcmp(argv[i], "-") != 0) {
            in = fopen(argv[i], "rb");

            if (in == NULL) {
                fprintf(stderr, "html: %s: %s\n", argv[i], strerror(errno));
                return 2;
            }
        }
    }

    if (read_all(in) != 0) {
        fputs("html: cannot read the input\n", stderr);
        return 2;
    }

    if (frames) {
        return run_frames(split);
    }

    stopped = run(split);

    if (stopped) {
        fprintf(stderr, "html: stopped: %u\n", stopped);
    }

    return 0;
}
