
/*
 * html [--split=N] [--way=NAME] [--meta] [--frames] [FILE]
 * html --ways
 *
 * Reads FILE, or standard input, in pieces of N bytes (default: all at once;
 * random: of 1 to 200) and prints a JSON line for each script, style and link
 * start tag that makes an element: byte offsets of the tag, and the raw value
 * of its first nonce attribute as a string of ISO-8859-1 (one character a
 * byte) or null.  When the scanner stopped early, standard error says why
 * (rt_hstop_e).
 *
 * --way: AVX2, SSE2, NEON or "plain C" (rt_hmarks.h); default: the fastest.
 * --ways prints those that this machine has.
 *
 * --meta: meta start tags, too (rt_html_meta()).
 *
 * --frames: the input is many documents, each as its length in decimal, a
 * newline, and so many bytes; after the tags of each comes {"stopped":N}.
 */

#include "rt_driver.h"
#include "html/rt_html.h"


static rt_hmarks_pt  marks;
static int           meta;


#if defined(RT_HTREE_GUARDS)

/* for test/diff/guards.mjs: all guards of the tree but one */

int
rt_htree_guarded(const char *name)
{
    const char  *off;

    off = getenv("RT_WITHOUT");

    return off == NULL || strcmp(off, name) != 0;
}

#endif


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

    rt_html_init(&h);
    h.marks = marks;

    if (meta) {
        rt_html_meta(&h);
    }

    p = doc;
    end = doc + len;

    while (p < end) {
        last = p + driver_piece(split, (size_t) (end - p));

        while (rt_html_next(&h, &p, last, &tag) == RT_OK) {
            print_tag(doc, &tag);
        }
    }

    return h.tree.stopped;
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


/* want: NULL to print them */

static int
choose(const char *want)
{
    unsigned     i;
    const char  *name;

    for (i = 0; (marks = rt_hmarks_way(i, &name)) != NULL; i++) {
        if (want == NULL) {
            puts(name);

        } else if (strcmp(name, want) == 0) {
            return 0;
        }
    }

    if (want == NULL) {
        return 0;
    }

    fprintf(stderr, "html: this machine has no %s\n", want);

    return 2;
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
    marks = rt_hmarks();

    for (i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--split=", 8) == 0) {
            split = driver_split(argv[i] + 8);

        } else if (strcmp(argv[i], "--ways") == 0) {
            return choose(NULL);

        } else if (strncmp(argv[i], "--way=", 6) == 0) {
            if (choose(argv[i] + 6) != 0) {
                return 2;
            }

        } else if (strcmp(argv[i], "--meta") == 0) {
            meta = 1;

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
