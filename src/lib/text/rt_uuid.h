
/*
 * UUID version 7 (RFC 9562, 5.7): sortable by time.
 *
 * Within one state the values grow strictly (RFC 9562, 6.2, method 1): the
 * 12 bits of rand_a are a counter that starts anew, below 2048, in each
 * millisecond; when it overflows, or the clock steps back, the time in the
 * value runs ahead of the clock.
 */


#ifndef RT_UUID_H_INCLUDED
#define RT_UUID_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_UUID        16       /* bytes */
#define RT_UUID_LEN    36       /* as text */
#define RT_UUID_RAND   10       /* random bytes for each value */


typedef struct {
    uint64_t        ms;
    unsigned        counter;
} rt_uuid_t;


/*
 * in:   *state zeroed before the first call, ms of the Unix epoch, rnd
 *       RT_UUID_RAND fresh random bytes
 * out:  dst, RT_UUID_LEN bytes of text, lower case, no NUL
 */
void rt_uuid7(rt_uuid_t *state, uint64_t ms, const unsigned char *rnd,
    unsigned char *dst);

/* any UUID of RT_UUID bytes as RT_UUID_LEN bytes of text */
void rt_uuid_text(const unsigned char *bytes, unsigned char *dst);


#pragma GCC visibility pop


#endif /* RT_UUID_H_INCLUDED */
