
/* Vectors of RFCs: bytes written as hexadecimal digits. */


#ifndef RT_HEX_H_INCLUDED
#define RT_HEX_H_INCLUDED


#include "rt_test.h"


static inline rt_str_t
hex(const char *digits)
{
    size_t    i;
    unsigned  byte;
    rt_str_t  s = { strlen(digits) / 2, rt_alloc(&mem, strlen(digits) / 2) };

    for (i = 0; i < s.len; i++) {
        assert_int_equal(sscanf(digits + 2 * i, "%2x", &byte), 1);
        s.data[i] = (unsigned char) byte;
    }

    return s;
}


static inline void
assert_hex(const void *bytes, size_t len, const char *digits)
{
    rt_str_t  want;

    want = hex(digits);
    assert_int_equal(len, want.len);
    assert_memory_equal(bytes, want.data, len);
}


static inline void
assert_str(const rt_str_t *s, const char *want)
{
    assert_int_equal(s->len, strlen(want));

    if (s->len) {
        assert_memory_equal(s->data, want, s->len);
    }
}


#endif /* RT_HEX_H_INCLUDED */
