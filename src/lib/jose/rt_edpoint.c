
#include "jose/rt_edpoint.h"


#define EDPOINT_MAX  57         /* bytes, of Ed448 */


/*
 * y of the four points of order 8 of Ed25519, least byte first: x is one of
 * two for each.  Those of order 1, 2 and 4 have y = 1, -1 and 0 on both
 * curves, and Ed448 has no others.
 */

static const unsigned char  edpoint_order8[2][32] = {
    {
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0,
        0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
        0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39,
        0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05
    },
    {
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f,
        0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
        0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6,
        0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a
    }
};


/* the prime of the field: 2^255 - 19, or 2^448 - 2^224 - 1 */

static void
prime(rt_crv_e crv, unsigned char *p)
{
    memset(p, 0xff, EDPOINT_MAX);

    if (crv == RT_CRV_ED25519) {
        p[0] = 0xed;
        p[31] = 0x7f;

    } else {
        p[28] = 0xfe;
        p[56] = 0;
    }
}


/* numbers of n bytes, the least byte first */

static int
is_below(const unsigned char *a, const unsigned char *b, size_t n)
{
    while (n--) {
        if (a[n] != b[n]) {
            return a[n] < b[n];
        }
    }

    return 0;
}


static int
is_small(rt_crv_e crv, const unsigned char *y, unsigned char *p, size_t n)
{
    static const unsigned char  two[EDPOINT_MAX] = { 2 };

    p[0]--;

    if (is_below(y, two, n) || memcmp(y, p, n) == 0) {
        return 1;
    }

    return crv == RT_CRV_ED25519
           && (memcmp(y, edpoint_order8[0], n) == 0
               || memcmp(y, edpoint_order8[1], n) == 0);
}


const char *
rt_edpoint_fault(rt_crv_e crv, const rt_str_t *x)
{
    size_t         n;
    unsigned char  y[EDPOINT_MAX], p[EDPOINT_MAX];

    n = (crv == RT_CRV_ED25519) ? 32 : EDPOINT_MAX;

    if (x->len != n) {
        return "a coordinate has not the length of its curve";
    }

    /* the highest bit is the sign of the other coordinate */

    memcpy(y, x->data, n);
    y[n - 1] &= 0x7f;

    prime(crv, p);

    if (!is_below(y, p, n)) {
        return "its coordinate is not below the prime of its curve";
    }

    if (is_small(crv, y, p, n)) {
        return "a point of small order verifies what nobody signed";
    }

    return NULL;
}
