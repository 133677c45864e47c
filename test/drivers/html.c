
/*
 * html [--split=N] [--frames] [--way=NAME] [--meta] [FILE]
 * html --ways
 *
 * Reads a page (rt_driver_page.h) and prints a JSON line for each script,
 * style and link start tag that makes an element: byte offsets of the tag, and
 * the raw value of its first nonce attribute as a string of ISO-8859-1 (one
 * character a byte) or null.  When the scanner stopped early, standard error
 * says why (rt_hstop_e).
 *
 * --way: AVX2, SSE2, NEON or "plain C" (rt_hmarks.h); default: the fastest.
 * --ways prints those that this machine has.
 *
 * --meta: meta start tags, too (rt_html_meta()).
 *
 * --frames: after the tags of each page comes {"stopped":N}.
 */

#include "rt_driver_page.h"


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


static int
run(unsigned char *doc, size_t len)
{
    static rt_html_t      h;
    rt_html_tag_t         tag;
    const unsigned char  *p, *end, *last;

    rt_html_init(&h);
    h.marks = marks ? marks : h.marks;

    if (meta) {
        rt_html_meta(&h);
    }

    p = doc;
    end = doc + len;

    while (p < end) {
        last = p + driver_piece((size_t) (end - p));

        while (rt_html_next(&h, &p, last, &tag) == RT_OK) {
            print_tag(doc, &tag);
        }
    }

    if (driver_frames) {
        printf("{\"stopped\":%u}\n", (unsigned) h.tree.stopped);

    } else if (h.tree.stopped) {
        fprintf(stderr, "html: stopped: %u\n", (unsigned) h.tree.stopped);
    }

    return 0;
}


/* want: NULL to print them; ret: 1: this machine has it */

static int
choose(const char *want)
{
    unsigned     i;
    const char  *name;

    for (i = 0; (marks = rt_hmarks_way(i, &name)) != NULL; i++) {
        if (want == NULL) {
            puts(name);

        } else if (strcmp(name, want) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
option(char *arg)
{
    if (strcmp(arg, "--meta") == 0) {
        meta = 1;
        return 1;
    }

    return strncmp(arg, "--way=", 6) == 0 && choose(arg + 6);
}


int
main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--ways") == 0) {
        choose(NULL);
        return 0;
    }

    return driver_pages(argc, argv, option, run);
}
