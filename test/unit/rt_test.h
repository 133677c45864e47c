
/*
 * What unit tests share: cmocka, the arena of the test that runs, strings.
 * Other system headers go before it: rt_base.h hides what comes after.
 */


#ifndef RT_TEST_H_INCLUDED
#define RT_TEST_H_INCLUDED


#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rt_arena.h"


#define STR(lit)  ((rt_str_t) rt_string(lit))

/* a test with an arena of its own, and nothing else */
#define ARENA_TEST(f)                                                         \
    cmocka_unit_test_setup_teardown(f, arena_setup, arena_teardown)


static rt_arena_t  arena;
static rt_mem_t    mem = { rt_arena_alloc, &arena };


static inline int
arena_setup(void **state)
{
    (void) state;
    (void) rt_arena_init(&arena);
    return 0;
}


static inline int
arena_teardown(void **state)
{
    (void) state;
    rt_arena_free(&arena);
    return 0;
}


/*
 * A random choice below n.  The same seed makes the same choices: RT_SEED, or
 * else 1; make unit prints it.
 */

static inline uint32_t
chance(uint32_t n)
{
    const char       *seed;
    static int        sown;
    static uint32_t   state;

    if (!sown) {
        seed = getenv("RT_SEED");
        state = seed ? (uint32_t) strtoul(seed, NULL, 10) : 1;
        sown = 1;
    }

    state = state * 1664525u + 1013904223u;

    return (state >> 8) % n;
}


static inline rt_str_t
str(const char *s)
{
    rt_str_t  r = { strlen(s), (unsigned char *) s };

    return r;
}


/* an exact copy: a byte read behind it is seen by the sanitizer */

static inline rt_str_t
copy_of(const void *data, size_t len)
{
    rt_str_t  r = { len, rt_alloc(&mem, len) };

    memcpy(r.data, data, len);

    return r;
}


static inline rt_str_t
copied(const char *s)
{
    return copy_of(s, strlen(s));
}


static inline int
is_text(const rt_str_t *s, const char *text)
{
    return rt_str_is(s, text, strlen(text));
}


#endif /* RT_TEST_H_INCLUDED */
