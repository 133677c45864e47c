
#include "text/rt_b64.h"


/* made by util/tables.py */

static const unsigned char  b64_values[256] = {
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
     62, 255, 255,  52,  53,  54,  55,  56,  57,  58,  59,  60,  61, 255, 255,
    255, 255, 255, 255, 255,   0,   1,   2,   3,   4,   5,   6,   7,   8,   9,
     10,  11,  12,  13,  14,  15,  16,  17,  18,  19,  20,  21,  22,  23,  24,
     25, 255, 255, 255, 255,  63, 255,  26,  27,  28,  29,  30,  31,  32,  33,
     34,  35,  36,  37,  38,  39,  40,  41,  42,  43,  44,  45,  46,  47,  48,
     49,  50,  51, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255
};


/* the last two or three characters; their unused bits must be zero */

static int
decode_tail(const unsigned char *p, size_t n, unsigned char *dst)
{
    unsigned char  a, b, c;

    if (n == 0) {
        return 1;
    }

    if (n == 1) {
        return 0;
    }

    a = b64_values[p[0]];
    b = b64_values[p[1]];
    c = (n == 3) ? b64_values[p[2]] : 0;

    if ((a | b | c) & 0xc0) {
        return 0;
    }

    if (n == 2 ? (b & 0x0f) : (c & 0x03)) {
        return 0;
    }

    dst[0] = (unsigned char) (a << 2 | b >> 4);

    if (n == 3) {
        dst[1] = (unsigned char) (b << 4 | c >> 2);
    }

    return 1;
}


rt_status_e
rt_b64_decode_to(const rt_str_t *in, unsigned char *dst, size_t *len)
{
    size_t                n;
    unsigned char         a, b, c, d;
    const unsigned char  *p;

    *len = 0;
    p = in->data;

    for (n = in->len; n >= 4; n -= 4, p += 4) {
        a = b64_values[p[0]];
        b = b64_values[p[1]];
        c = b64_values[p[2]];
        d = b64_values[p[3]];

        if ((a | b | c | d) & 0xc0) {
            return RT_INVALID;
        }

        *dst++ = (unsigned char) (a << 2 | b >> 4);
        *dst++ = (unsigned char) (b << 4 | c >> 2);
        *dst++ = (unsigned char) (c << 6 | d);
    }

    if (!decode_tail(p, n, dst)) {
        return RT_INVALID;
    }

    *len = rt_b64_decoded_len(in->len);

    return RT_OK;
}


rt_status_e
rt_b64_decode(rt_mem_t *mem, const rt_str_t *in, rt_str_t *out)
{
    out->len = 0;

    out->data = rt_alloc(mem, rt_b64_decoded_len(in->len) + 1);
    if (out->data == NULL) {
        return RT_ERROR;
    }

    return rt_b64_decode_to(in, out->data, &out->len);
}


int
rt_b64_valid(const rt_str_t *in)
{
    size_t                n;
    unsigned char         bits, tail[2];
    const unsigned char  *p;

    p = in->data;
    bits = 0;

    for (n = in->len; n >= 4; n -= 4, p += 4) {
        bits |= b64_values[p[0]] | b64_values[p[1]]
                | b64_values[p[2]] | b64_values[p[3]];
    }

    return !(bits & 0xc0) && decode_tail(p, n, tail);
}


size_t
rt_b64_encode_to(const unsigned char *p, size_t len, unsigned char *dst)
{
    unsigned char      *start;

    static const char   alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "abcdefghijklmnopqrstuvwxyz0123456789-_";

    start = dst;

    for ( /* void */ ; len >= 3; len -= 3, p += 3) {
        *dst++ = (unsigned char) alphabet[p[0] >> 2];
        *dst++ = (unsigned char) alphabet[(p[0] & 0x03) << 4 | p[1] >> 4];
        *dst++ = (unsigned char) alphabet[(p[1] & 0x0f) << 2 | p[2] >> 6];
        *dst++ = (unsigned char) alphabet[p[2] & 0x3f];
    }

    if (len == 2) {
        *dst++ = (unsigned char) alphabet[p[0] >> 2];
        *dst++ = (unsigned char) alphabet[(p[0] & 0x03) << 4 | p[1] >> 4];
        *dst++ = (unsigned char) alphabet[(p[1] & 0x0f) << 2];

    } else if (len == 1) {
        *dst++ = (unsigned char) alphabet[p[0] >> 2];
        *dst++ = (unsigned char) alphabet[(p[0] & 0x03) << 4];
    }

    return (size_t) (dst - start);
}


rt_status_e
rt_b64_encode(rt_mem_t *mem, const rt_str_t *in, rt_str_t *out)
{
    out->len = 0;

    out->data = rt_alloc(mem, rt_b64_encoded_len(in->len) + 1);
    if (out->data == NULL) {
        return RT_ERROR;
    }

    out->len = rt_b64_encode_to(in->data, in->len, out->data);

    return RT_OK;
}
