
/*
 * UTF-8 as Unicode 15 defines it (table 3-7: no overlong forms, no
 * surrogates, nothing above U+10FFFF).
 *
 * Invalid bytes are counted and replaced by maximal subparts, the practice
 * of the Unicode standard, section 3.9, and of the WHATWG decoder: the
 * longest start of a well-formed sequence becomes one U+FFFD, any other byte
 * becomes one each.
 */


#ifndef RT_UTF8_H_INCLUDED
#define RT_UTF8_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_UTF8_BAD  0xffffffff     /* no code point */


/*
 * Reads one code point at p; p < end.
 *
 * ret: the code point with *len its bytes (1 to 4), or RT_UTF8_BAD with *len
 *      the bytes of the maximal subpart (1 to 3)
 */
uint32_t rt_utf8_step(const unsigned char *p, const unsigned char *end,
    size_t *len);

/*
 * Writes a code point; dst has room for 4 bytes.  A surrogate or a value
 * above U+10FFFF is written as U+FFFD.
 *
 * ret: the bytes written, 1 to 4
 */
size_t rt_utf8_put(unsigned char *dst, uint32_t cp);

/* the length in bytes of the longest well-formed prefix; len if all is */
size_t rt_utf8_span(const unsigned char *p, size_t len);

/* 1 if well-formed throughout (the empty string is), else 0 */
int rt_utf8_valid(const rt_str_t *s);

/* 1 if any character of well-formed text is C0, DEL or C1, else 0 */
int rt_utf8_has_control(const rt_str_t *s);

/* 1 if any of them may trim it: white space, and what has no width */
int rt_utf8_blank(uint32_t cp);

/*
 * A letter of ASCII in lower case, also for the four code points that become
 * one where a reader takes all of Unicode for letters without case; any other
 * code point as it is.
 */
uint32_t rt_utf8_fold(uint32_t cp);

/*
 * 1 if whoever is handed well-formed text in a header reads this text and no
 * other: it holds no control character and neither begins nor ends with a
 * blank.  Servers and applications trim what they are given: " boss@x" would
 * become the boss.  A blank is what any of them may trim: white space and the
 * characters of no width, as Unicode has them.
 */
int rt_utf8_plain(const rt_str_t *s);

/*
 * Replaces each maximal subpart by U+FFFD.
 *
 * in:   any bytes
 * out:  *out: the same bytes (not copied) when they are well-formed, else a
 *       new string in the arena of at most 3 * in->len bytes
 * ret:  RT_OK, RT_ERROR (memory)
 */
rt_status_e rt_utf8_repair(rt_mem_t *mem, const rt_str_t *in, rt_str_t *out);

/* the same into a buffer of at least 3 * len bytes; ret: bytes written */
size_t rt_utf8_repair_to(unsigned char *dst, const unsigned char *p,
    size_t len);


#pragma GCC visibility pop


#endif /* RT_UTF8_H_INCLUDED */
