
/*
 * What the programs of the benchmark have in common: they say what is wrong
 * and end, and count the CPU time of the process.
 */


#ifndef BENCH_H_INCLUDED
#define BENCH_H_INCLUDED


#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>


static inline void
die(const char *what)
{
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
    exit(1);
}


/* seconds */

static inline double
cpu_now(void)
{
    struct timespec  t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);

    return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}


#endif /* BENCH_H_INCLUDED */
