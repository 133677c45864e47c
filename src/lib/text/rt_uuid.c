
#include "text/rt_uuid.h"


void
rt_uuid7(rt_uuid_t *state, uint64_t ms, const unsigned char *rnd,
    unsigned char *dst)
{
    unsigned       i;
    unsigned char  b[RT_UUID];

    if (ms > state->ms) {
        state->ms = ms;
        state->counter = ((unsigned) (rnd[0] & 0x07) << 8) | rnd[1];

    } else if (++state->counter > 0xfff) {
        state->ms++;
        state->counter = 0;
    }

    for (i = 0; i < 6; i++) {
        b[i] = (unsigned char) (state->ms >> (40 - 8 * i));
    }

    b[6] = (unsigned char) (0x70 | (state->counter >> 8));
    b[7] = (unsigned char) state->counter;

    memcpy(b + 8, rnd + 2, 8);
    b[8] = (unsigned char) (0x80 | (b[8] & 0x3f));

    rt_uuid_text(b, dst);
}


void
rt_uuid_text(const unsigned char *bytes, unsigned char *dst)
{
    size_t  i;

    for (i = 0; i < RT_UUID; i += 2) {

        if (i >= 4 && i <= 10) {
            *dst++ = '-';
        }

        dst = rt_hex_put(dst, bytes + i, 2);
    }
}
