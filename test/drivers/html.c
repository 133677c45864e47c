
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

#include "rt_driver.h"
#include "html/rt_html.h"


static void
print_tag(const unsigned char *doc, const rt_html_tag_t *tag)
{
    printf("{\"tag\":\"%s\",\"start\":%llu,\"end\":%llu,\"nonce\":",
           rt_htag_name(tag->tag), (unsigned long long) tag->start,
           (unsigned long long) tag->end);

    if (tag->nonce) {
        driver_string(doc + tag->nonce_start,
                     (size_t) (tag->nonce_end - tag->nonce_start));
    } else {
        fputs("null", stdout);
    }

    puts("}");
}


static unsigned
run(const unsigned char *doc, size_t len, size_t split)
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
            print_tag(doc, &tag);
        }
    }

    return h.stopped;
}


static int
run_frames(const driver_buf_t *in, size_t split)
{
    size_t          len;
    unsigned char  *p, *end, *doc;

    p = in->data;
    end = p + in->len;

    while (p < end) {
        doc = driver_frame(&p, end, &len);

        if (doc == NULL) {
            fputs("html: bad frame\n", stderr);
            return 2;
        }

        printf("{\"stopped\":%u}\n", run(doc, len, split));
    }

    return 0;
}


int
main(int argc, char **argv)
{
    int            i, frames;
    FILE          *in;
    size_t         split;
    unsigned       stopped;
    driver_buf_t   page = { NULL, 0, 0 };

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

    if (driver_read(in, &page) != RT_OK) {
        fputs("html: cannot read the input\n", stderr);
        return 2;
    }

    if (frames) {
        return run_frames(&page, split);
    }

    stopped = run(page.data, page.len, split);

    if (stopped) {
        fprintf(stderr, "html: stopped: %u\n", stopped);
    }

    return 0;
}
