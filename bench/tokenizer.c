
/*
 * How fast the HTML tokenizer reads, alone: tokenizer SECONDS FILE ...
 * Prints a line for each file: bytes of CPU second, tags found, name.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "html/rt_html.h"


#define SEED  20240229


static void
die(const char *what, const char *name)
{
    fprintf(stderr, "tokenizer: %s %s\n", what, name);
    exit(1);
}


static double
cpu_now(void)
{
    struct timespec  t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);

    return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}


static unsigned char *
read_file(const char *name, size_t *len)
{
    long            size;
    FILE           *f;
    unsigned char  *data;

    f = fopen(name, "rb");
    if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) <= 0) {
        die("cannot read", name);
    }

    rewind(f);

    data = malloc((size_t) size);
    if (data == NULL || fread(data, 1, (size_t) size, f) != (size_t) size) {
        die("cannot read", name);
    }

    fclose(f);

    *len = (size_t) size;

    return data;
}


static unsigned
tags_of(const unsigned char *data, size_t len)
{
    unsigned              tags;
    rt_html_t             h;
    rt_html_tag_t         tag;
    const unsigned char  *p, *last;

    p = data;
    last = data + len;
    tags = 0;

    rt_html_init(&h, SEED);

    while (rt_html_next(&h, &p, last, &tag) == RT_OK) {
        tags++;
    }

    return tags;
}


static void
measure(const char *name, double seconds)
{
    double          start, spent;
    size_t          len, rounds;
    unsigned        tags;
    unsigned char  *data;

    data = read_file(name, &len);
    tags = tags_of(data, len);

    if (tags == 0) {
        die("no tag found in", name);
    }

    rounds = 0;
    start = cpu_now();

    do {
        if (tags_of(data, len) != tags) {
            die("not the same twice:", name);
        }

        rounds++;
        spent = cpu_now() - start;

    } while (spent < seconds);

    printf("%.0f %u %s\n", (double) len * (double) rounds / spent, tags, name);

    free(data);
}


int
main(int argc, char **argv)
{
    int  i;

    if (argc < 3) {
        die("usage: tokenizer", "SECONDS FILE ...");
    }

    for (i = 2; i < argc; i++) {
        measure(argv[i], atof(argv[1]));
    }

    return 0;
}
