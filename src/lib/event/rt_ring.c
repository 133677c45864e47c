
#include "event/rt_ring.h"


#define RT_RING_SKIP  0xffffffffu


typedef struct {
    uint32_t  len;
    uint32_t  mark;
} rt_ring_head_t;


_Static_assert(sizeof(rt_ring_head_t) == RT_RING_HEAD, "frame head");


void
rt_ring_init(rt_ring_t *ring, size_t size)
{
    atomic_init(&ring->head, 0);
    atomic_init(&ring->tail, 0);
    ring->size = size & ~(uint64_t) 7;
}


rt_status_e
rt_ring_put(rt_ring_t *ring, unsigned char *area, uint32_t mark,
    const unsigned char *data, size_t len)
{
    uint64_t        head, tail, need, rest, skip;
    rt_ring_head_t  h;

    if (len == 0) {
        return RT_INVALID;
    }

    if (len > ring->size / 2 - RT_RING_HEAD) {
        return RT_TOO_BIG;
    }

    need = rt_ring_need(len);

    head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    tail = atomic_load_explicit(&ring->tail, memory_order_acquire);

    rest = ring->size - head % ring->size;
    skip = (rest < need) ? rest : 0;

    if (head - tail + skip + need > ring->size) {
        return RT_AGAIN;
    }

    if (skip) {
        h.len = RT_RING_SKIP;
        h.mark = 0;
        memcpy(area + head % ring->size, &h, sizeof(h));
        head += skip;
    }

    h.len = (uint32_t) len;
    h.mark = mark;
    memcpy(area + head % ring->size, &h, sizeof(h));
    memcpy(area + head % ring->size + RT_RING_HEAD, data, len);

    atomic_store_explicit(&ring->head, head + need, memory_order_release);

    return RT_OK;
}


rt_status_e
rt_ring_read(rt_ring_t *ring, unsigned char *area, uint64_t *pos,
    rt_ring_frame_t *frame)
{
    uint64_t        head, rest;
    rt_ring_head_t  h;

    head = atomic_load_explicit(&ring->head, memory_order_acquire);

    for ( ;; ) {

        if (*pos == head) {
            return RT_DONE;
        }

        if (*pos > head || head - *pos > ring->size || *pos % 8 != 0) {
            return RT_INVALID;
        }

        rest = ring->size - *pos % ring->size;
        memcpy(&h, area + *pos % ring->size, sizeof(h));

        if (h.len == RT_RING_SKIP && *pos + rest < head) {
            *pos += rest;
            continue;
        }

        if (h.len == 0 || rt_ring_need(h.len) > rest
            || rt_ring_need(h.len) > head - *pos)
        {
            return RT_INVALID;
        }

        frame->data.data = area + *pos % ring->size + RT_RING_HEAD;
        frame->data.len = h.len;
        frame->mark = h.mark;

        *pos += rt_ring_need(h.len);

        return RT_OK;
    }
}
