
/*
 * A clock of the system in milliseconds, for threads and for what may block:
 * nginx's own cached time is the loop's.
 */


#ifndef NGX_RT_CLOCK_H_INCLUDED
#define NGX_RT_CLOCK_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>


#pragma GCC visibility push(hidden)


static ngx_inline uint64_t
ngx_rt_clock_ms(clockid_t clock)
{
    struct timespec  ts;

    (void) clock_gettime(clock, &ts);

    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
}


#pragma GCC visibility pop


#endif /* NGX_RT_CLOCK_H_INCLUDED */
