
/*
 * What src/lib takes for two things that no request shows by itself: alone
 * JWKS PAGE SECONDS.  Prints a line for each, "NAME<TAB>FIGURE": the
 * milliseconds of CPU in which the RSA keys of the set are loaded ("keys"), and
 * how many GB of the page the scanner reads in a second, by each way of
 * rt_hmarks_way() and its name.
 */

#include "bench.h"
#include "html/rt_html.h"
#include "jose/rt_jwks.h"
#include "rt_arena.h"


#define BATCH  8


typedef struct {
    rt_str_t      keys;
    rt_str_t      page;
    rt_hmarks_pt  marks;
} job_t;


static rt_str_t
contents(const char *path)
{
    FILE      *f;
    long       size;
    rt_str_t   s;

    f = fopen(path, "rb");

    if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) <= 0) {
        die("cannot read a file");
    }

    rewind(f);

    s.len = (size_t) size;
    s.data = malloc(s.len);

    if (s.data == NULL || fread(s.data, 1, s.len, f) != s.len) {
        die("cannot read a file");
    }

    fclose(f);

    return s;
}


static void
load(const job_t *job)
{
    rt_mem_t     mem;
    rt_jwks_t    jwks;
    rt_arena_t   arena;
    const char  *why;

    mem = rt_arena_init(&arena);

    if (rt_jwks_load(&mem, &job->keys, 1u << RT_JWA_RS256, &jwks, &why) != RT_OK
        || jwks.nskips)
    {
        die("a key was not loaded");
    }

    rt_jwks_destroy(&jwks);
    rt_arena_free(&arena);
}


static void
scan(const job_t *job)
{
    size_t                n;
    rt_html_t             h;
    rt_html_tag_t         tag;
    const unsigned char  *p, *last;

    rt_html_init(&h);
    h.marks = job->marks;

    p = job->page.data;
    last = p + job->page.len;

    for (n = 0; rt_html_next(&h, &p, last, &tag) == RT_OK; n++) { /* void */ }

    if (n == 0 || p != last) {
        die("the scanner did not read the page");
    }
}


/* seconds of CPU that each takes */

static double
each(void (*act)(const job_t *job), const job_t *job, double seconds)
{
    int     i;
    double  start, spent, count;

    start = cpu_now();

    for (spent = 0, count = 0; spent < seconds; count += BATCH) {

        for (i = 0; i < BATCH; i++) {
            act(job);
        }

        spent = cpu_now() - start;
    }

    return spent / count;
}


int
main(int argc, char **argv)
{
    job_t        job;
    double       seconds;
    unsigned     i;
    const char  *name;

    if (argc != 4) {
        die("usage: alone JWKS PAGE SECONDS");
    }

    job.keys = contents(argv[1]);
    job.page = contents(argv[2]);
    seconds = atof(argv[3]);

    printf("keys\t%.3f\n", each(load, &job, seconds) * 1e3);

    for (i = 0; (job.marks = rt_hmarks_way(i, &name)) != NULL; i++) {
        printf("%s\t%.2f\n", name,
               (double) job.page.len / each(scan, &job, seconds) / 1e9);
    }

    free(job.keys.data);
    free(job.page.data);

    return 0;
}
