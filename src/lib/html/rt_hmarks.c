
#include "html/rt_hmarks.h"
#include "html/rt_htag.h"

#if defined(__x86_64__)
#include <immintrin.h>

#elif defined(__aarch64__)
#include <arm_neon.h>
#endif


/*
 * Plain C: eight bytes are a word.  A byte of x is 0 where p has c; the sum
 * carries into a byte's top bit unless its lower seven are 0, and never beyond
 * it.  The product gathers the eight top bits in the uppermost byte.
 */

#define ONES  0x0101010101010101u
#define TOPS  0x8080808080808080u

static uint64_t
marks_plain(const unsigned char *p, size_t n, unsigned char c,
    uint64_t *masks)
{
    unsigned  i;
    uint64_t  x, mask, any;

    any = 0;

    for ( /* void */ ; n; n--, p += RT_HMARKS_SIZE) {
        mask = 0;

        for (i = 0; i < RT_HMARKS_SIZE; i += 8) {
            x = rt_htag_load(p + i) ^ (ONES * c);
            x = ~(((x & ~TOPS) + ~TOPS) | x) & TOPS;

            if (x) {
                mask |= (((x >> 7) * 0x0102040810204080u) >> 56) << i;
            }
        }

        *masks++ = mask;
        any |= mask;
    }

    return any;
}


#if defined(__x86_64__)

#define load128(p)  _mm_loadu_si128((const __m128i *) (p))
#define bits128(v)  ((uint64_t) (unsigned) _mm_movemask_epi8(v))

/* each 64-bit x86 has it */

static uint64_t
marks_sse2(const unsigned char *p, size_t n, unsigned char c, uint64_t *masks)
{
    __m128i   x;
    uint64_t  mask, any;

    x = _mm_set1_epi8((char) c);
    any = 0;

    for ( /* void */ ; n; n--, p += RT_HMARKS_SIZE) {
        mask = bits128(_mm_cmpeq_epi8(load128(p), x))
               | bits128(_mm_cmpeq_epi8(load128(p + 16), x)) << 16
               | bits128(_mm_cmpeq_epi8(load128(p + 32), x)) << 32
               | bits128(_mm_cmpeq_epi8(load128(p + 48), x)) << 48;
        *masks++ = mask;
        any |= mask;
    }

    return any;
}


#define load256(p)  _mm256_loadu_si256((const __m256i *) (p))
#define bits256(v)  ((uint64_t) (unsigned) _mm256_movemask_epi8(v))

__attribute__((target("avx2"))) static uint64_t
marks_avx2(const unsigned char *p, size_t n, unsigned char c, uint64_t *masks)
{
    __m256i   x;
    uint64_t  mask, any;

    x = _mm256_set1_epi8((char) c);
    any = 0;

    for ( /* void */ ; n; n--, p += RT_HMARKS_SIZE) {
        mask = bits256(_mm256_cmpeq_epi8(load256(p), x))
               | bits256(_mm256_cmpeq_epi8(load256(p + 32), x)) << 32;
        *masks++ = mask;
        any |= mask;
    }

    return any;
}

#elif defined(__aarch64__)

/*
 * Of each byte that is equal one bit is kept, another one for each place
 * modulo 8; adding neighbours three times makes 64 bytes eight.
 */

static uint64_t
marks_neon(const unsigned char *p, size_t n, unsigned char c, uint64_t *masks)
{
    uint64_t    mask, any;
    uint8x16_t  x, bit, a, b;

    static const unsigned char  bits[] = {
        1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128
    };

    x = vdupq_n_u8(c);
    bit = vld1q_u8(bits);
    any = 0;

    for ( /* void */ ; n; n--, p += RT_HMARKS_SIZE) {
        a = vpaddq_u8(vandq_u8(vceqq_u8(vld1q_u8(p), x), bit),
                      vandq_u8(vceqq_u8(vld1q_u8(p + 16), x), bit));
        b = vpaddq_u8(vandq_u8(vceqq_u8(vld1q_u8(p + 32), x), bit),
                      vandq_u8(vceqq_u8(vld1q_u8(p + 48), x), bit));
        a = vpaddq_u8(a, b);
        a = vpaddq_u8(a, a);

        mask = vgetq_lane_u64(vreinterpretq_u64_u8(a), 0);
        *masks++ = mask;
        any |= mask;
    }

    return any;
}

#endif


rt_hmarks_pt
rt_hmarks_way(unsigned i, const char **name)
{
#if defined(__x86_64__)

    if (!__builtin_cpu_supports("avx2")) {
        i++;
    }

    if (i == 0) {
        *name = "AVX2";
        return marks_avx2;
    }

    if (i == 1) {
        *name = "SSE2";
        return marks_sse2;
    }

    i -= 2;

#elif defined(__aarch64__)

    if (i == 0) {
        *name = "NEON";
        return marks_neon;
    }

    i--;

#endif

    *name = "plain C";

    return (i == 0) ? marks_plain : NULL;
}


rt_hmarks_pt
rt_hmarks(void)
{
    const char  *name;

    return rt_hmarks_way(0, &name);
}
