
/*
 * A ring of frames between one producer and one consumer, in memory that two
 * processes, or two threads, may share.  Neither side ever waits.
 *
 *        tail                     head
 *         v                        v
 *   +-----+------+------+----------+-----------------------+------+
 *   | free| frame| frame| frame    |  free                 | skip |
 *   +-----+------+------+----------+-----------------------+------+
 *
 * A frame is contiguous: { length, mark } and the bytes, padded to 8.  One
 * that would cross the end of the area is put at its beginning, and a "skip"
 * takes the rest.  Positions count bytes since the ring was made and never
 * wrap (64 bits); the place in the area is the position modulo the size.
 *
 * The producer writes the bytes first and publishes them by a release store
 * of head; a producer killed in between has put nothing.  The consumer hands
 * space back by a release store of tail.  The mark is the producer's word to
 * the consumer, one bit a reader, say.
 */


#ifndef RT_RING_H_INCLUDED
#define RT_RING_H_INCLUDED


#include <stdatomic.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_RING_HEAD  8         /* bytes a frame has before its own */


typedef struct {
    _Alignas(64) _Atomic uint64_t  head;        /* written by the producer */
    _Alignas(64) _Atomic uint64_t  tail;        /* written by the consumer */
    _Alignas(64) uint64_t          size;        /* bytes, a multiple of 8 */
} rt_ring_t;


typedef struct {
    rt_str_t                       data;        /* in the ring, not a copy */
    uint32_t                       mark;
} rt_ring_frame_t;


/* size is rounded down to a multiple of 8; area is aligned to 8 */
void rt_ring_init(rt_ring_t *ring, size_t size);


/*
 * Bytes a frame of len bytes takes at most: what is still free must be more
 * than this for rt_ring_put() to be sure to succeed, because of the skip.
 */

static inline uint64_t
rt_ring_need(size_t len)
{
    return RT_RING_HEAD + (((uint64_t) len + 7) & ~(uint64_t) 7);
}


static inline uint64_t
rt_ring_used(rt_ring_t *ring)
{
    return atomic_load_explicit(&ring->head, memory_order_acquire)
           - atomic_load_explicit(&ring->tail, memory_order_acquire);
}


/*
 * Producer.  RT_OK; RT_AGAIN: full at present; RT_TOO_BIG: never fits, a
 * frame takes at most half of the ring; RT_INVALID: len is 0.
 */
rt_status_e rt_ring_put(rt_ring_t *ring, unsigned char *area, uint32_t mark,
    const unsigned char *data, size_t len);


/*
 * Consumer.  Reads the frame at *pos, a position between tail and head, and
 * moves *pos behind it.  RT_OK; RT_DONE: *pos is head; RT_INVALID: what lies
 * there is no frame (the memory was overwritten): go on at head.
 */
rt_status_e rt_ring_read(rt_ring_t *ring, unsigned char *area, uint64_t *pos,
    rt_ring_frame_t *frame);


/* Consumer: everything before pos may be overwritten. */

static inline void
rt_ring_release(rt_ring_t *ring, uint64_t pos)
{
    atomic_store_explicit(&ring->tail, pos, memory_order_release);
}


#pragma GCC visibility pop


#endif /* RT_RING_H_INCLUDED */
