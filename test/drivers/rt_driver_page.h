
/*
 * What the drivers share that read pages:
 *
 *     NAME [--split=N] [--frames] [its own options] [FILE]
 *
 * FILE, or standard input, is a page, which is read in pieces of N bytes
 * (default: all at once; random: of 1 to 200, the same in each run).
 *
 * --frames: the input is many pages, each as its length in decimal, a newline,
 * and so many bytes; pages are printed in the same way.
 */


#ifndef RT_DRIVER_PAGE_H_INCLUDED
#define RT_DRIVER_PAGE_H_INCLUDED


#include "rt_driver.h"
#include "html/rt_nonce.h"


#define DRIVER_RANDOM  SIZE_MAX


/* ret: 1: it is an option of the driver, and good */
typedef int (*driver_option_pt)(char *arg);

/* prints what is made of a page; ret: 0, or the exit status */
typedef int (*driver_page_pt)(unsigned char *page, size_t len);


static size_t  driver_split;
static int     driver_frames;


/* how much of len bytes is the next piece */

static inline size_t
driver_piece(size_t len)
{
    size_t           n;
    static uint32_t  seed = 1;

    n = driver_split;

    if (n == DRIVER_RANDOM) {
        seed = seed * 1664525u + 1013904223u;
        n = 1 + (seed >> 16) % 200;
    }

    return (n && n < len) ? n : len;
}


/* what a rewriter emits, into a driver_buf_t */

static inline rt_status_e
driver_emit(void *ctx, rt_nonce_op_e op, const unsigned char *data, size_t len)
{
    driver_buf_t  *b = ctx;

    (void) op;

    if (driver_room(b, len) != RT_OK) {
        return RT_ERROR;
    }

    memcpy(b->data + b->len, data, len);
    b->len += len;

    return RT_OK;
}


/* prints a page, and makes b empty for the next */

static inline int
driver_print(driver_buf_t *b)
{
    if (driver_frames) {
        printf("%zu\n", b->len);
    }

    fwrite(b->data, 1, b->len, stdout);
    b->len = 0;

    return 0;
}


static inline FILE *
driver_options(int argc, char **argv, driver_option_pt option)
{
    int    i;
    FILE  *in;

    in = stdin;

    for (i = 1; i < argc && in != NULL; i++) {

        if (strcmp(argv[i], "--split=random") == 0) {
            driver_split = DRIVER_RANDOM;

        } else if (strncmp(argv[i], "--split=", 8) == 0) {
            driver_split = strtoul(argv[i] + 8, NULL, 10);

        } else if (strcmp(argv[i], "--frames") == 0) {
            driver_frames = 1;

        } else if (strncmp(argv[i], "--", 2) == 0) {

            if (!option(argv[i])) {
                fprintf(stderr, "%s: bad option %s\n", argv[0], argv[i]);
                return NULL;
            }

        } else {
            in = fopen(argv[i], "rb");

            if (in == NULL) {
                fprintf(stderr, "%s: %s: %s\n", argv[0], argv[i],
                        strerror(errno));
            }
        }
    }

    return in;
}


/* ret: the exit status */

static inline int
driver_pages(int argc, char **argv, driver_option_pt option,
    driver_page_pt page)
{
    int             rc;
    char           *digits;
    FILE           *in;
    size_t          len;
    driver_buf_t    all = { NULL, 0, 0 };
    unsigned char  *p, *end;

    in = driver_options(argc, argv, option);

    if (in == NULL || driver_read(in, &all) != RT_OK) {
        fprintf(stderr, "%s: there is no input\n", argv[0]);
        return 2;
    }

    if (!driver_frames) {
        return page(all.data, all.len);
    }

    end = all.data + all.len;

    for (rc = 0, p = all.data; rc == 0 && p < end; p += len) {

        len = strtoul((char *) p, &digits, 10);

        if (digits == (char *) p || (unsigned char *) digits >= end
            || len > (size_t) (end - (unsigned char *) digits - 1))
        {
            fprintf(stderr, "%s: bad frame\n", argv[0]);
            return 2;
        }

        p = (unsigned char *) digits + 1;
        rc = page(p, len);
    }

    return rc;
}


#endif /* RT_DRIVER_PAGE_H_INCLUDED */
