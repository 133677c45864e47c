
/*
 * What every file of src/lib rests on: strings, statuses, memory, clock.
 *
 * src/lib is the nginx-free logic of the rt modules.  It includes no nginx
 * header, keeps no mutable static state, takes memory and the clock from its
 * caller, answers with a status (and, where a decision is made, a reason)
 * and logs nothing.
 *
 * Visibility: nginx loads modules with RTLD_GLOBAL, so that equal names bind
 * to whichever module came first.  What a header of ours declares therefore
 * stays private to the .so it was linked into: each pushes hidden visibility
 * after its last #include and pops it at its end, so that no name of a library
 * included later is hidden too.
 */


#ifndef RT_BASE_H_INCLUDED
#define RT_BASE_H_INCLUDED


#include <stddef.h>
#include <stdint.h>
#include <string.h>


#pragma GCC visibility push(hidden)


/*
 * The layout of ngx_str_t; src/ngx/ngx_rt_str.h proves it, and casts between
 * them, which the attribute makes safe from type-based alias analysis.
 */

typedef struct __attribute__((__may_alias__)) {
    size_t          len;
    unsigned char  *data;
} rt_str_t;


#define rt_string(s)     { sizeof(s) - 1, (unsigned char *) s }
#define rt_null_string   { 0, NULL }


typedef enum {
    RT_OK = 0,
    RT_AGAIN,               /* more input (or output room) is needed */
    RT_DONE,                /* there is no more */
    RT_DECLINED,            /* understood and refused, or not found */
    RT_INVALID,             /* the input breaks its grammar */
    RT_TOO_BIG,             /* a bound on size, count or depth was reached */
    RT_ERROR                /* memory, randomness or a library failed */
} rt_status_e;


/*
 * An arena: memory is asked for and never given back one by one; the owner
 * frees all of it together (an nginx pool, or test/unit/rt_arena.h).
 * alloc() returns memory aligned for any type, or NULL.
 */

typedef struct {
    void  *(*alloc)(void *ctx, size_t size);
    void    *ctx;
} rt_mem_t;


static inline void *
rt_alloc(rt_mem_t *mem, size_t size)
{
    return mem->alloc(mem->ctx, size);
}


/* alloc() of an arena that is one piece: *left is what is left of it */

static inline void *
rt_alloc_from(void *left, size_t size)
{
    void      *p;
    rt_str_t  *rest = (rt_str_t *) left;

    /* before it is rounded up, for the greatest would be nothing then */

    if (size > (rest->len & ~(size_t) 15)) {
        return NULL;
    }

    size = (size + 15) & ~(size_t) 15;

    p = rest->data;
    rest->data += size;
    rest->len -= size;

    return p;
}


/* puts a text that ends with NUL behind s, which has room for it */

static inline void
rt_str_add(rt_str_t *s, const char *text)
{
    size_t  len;

    len = strlen(text);
    memcpy(s->data + s->len, text, len);
    s->len += len;
}


/* a text that ends with NUL, as a string without it */

static inline rt_str_t
rt_str_of(const char *text)
{
    return (rt_str_t) { strlen(text), (unsigned char *) text };
}


static inline int
rt_str_eq(const rt_str_t *a, const rt_str_t *b)
{
    return a->len == b->len
           && (a->len == 0 || (a->data[0] == b->data[0]
                               && memcmp(a->data, b->data, a->len) == 0));
}


static inline int
rt_str_is(const rt_str_t *s, const char *lit, size_t len)
{
    return s->len == len && (len == 0 || memcmp(s->data, lit, len) == 0);
}

/* compare with a string literal */
#define rt_str_lit(s, lit)  rt_str_is(s, lit, sizeof(lit) - 1)


/* 1 if a word, not empty, stands anywhere in it */

static inline int
rt_str_holds(const rt_str_t *s, const char *word)
{
    size_t  i, len;

    len = strlen(word);

    for (i = 0; i + len <= s->len; i++) {
        if (memcmp(s->data + i, word, len) == 0) {
            return 1;
        }
    }

    return 0;
}


/*
 * The text before the first c, and what is behind it; both lie in s, and
 * either may be s itself.  ret: 1; 0: there is no c, and all of it is head
 */

static inline int
rt_str_cut(const rt_str_t *s, unsigned char c, rt_str_t *head, rt_str_t *tail)
{
    rt_str_t        all = *s;
    unsigned char  *at;

    at = all.len ? (unsigned char *) memchr(all.data, c, all.len) : NULL;

    *head = all;
    *tail = (rt_str_t) rt_null_string;

    if (at != NULL) {
        head->len = (size_t) (at - all.data);
        tail->len = all.len - head->len - 1;
        tail->data = at + 1;
    }

    return at != NULL;
}


/* takes off the end of a line, as any system writes it: LF, or CR and LF */

static inline void
rt_str_chomp(rt_str_t *s)
{
    if (s->len && s->data[s->len - 1] == '\n') {
        s->len--;
    }

    if (s->len && s->data[s->len - 1] == '\r') {
        s->len--;
    }
}


static inline unsigned char
rt_lower(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') ? (unsigned char) (c | 0x20) : c;
}


/* ret: what a hexadecimal digit means, in either case; -1: it is none */

static inline int
rt_hex(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c = rt_lower(c);

    return (c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
}


/* four of them at p; -1: there are none */

static inline int
rt_hex4(const unsigned char *p, const unsigned char *end)
{
    int  i, v, digit;

    if (end - p < 4) {
        return -1;
    }

    for (i = v = 0; i < 4; i++) {
        digit = rt_hex(p[i]);

        if (digit == -1) {
            return -1;
        }

        v = v << 4 | digit;
    }

    return v;
}


#define RT_DECIMAL  20              /* digits of the greatest number */

static inline size_t
rt_digits(uint64_t n)
{
    size_t  len;

    for (len = 1; n >= 10; len++) { n /= 10; }

    return len;
}


/* a number's digits, all of them, in front of end */

static inline void
rt_decimal_before(unsigned char *end, uint64_t n)
{
    do {
        *--end = (unsigned char) ('0' + n % 10);
        n /= 10;
    } while (n);
}


/* the same from dst on, up to RT_DECIMAL bytes; ret: how many */

static inline size_t
rt_decimal(unsigned char *dst, uint64_t n)
{
    size_t  len;

    len = rt_digits(n);
    rt_decimal_before(dst + len, n);

    return len;
}


/* two digits a byte, in lower case; ret: where the next sign goes */

static inline unsigned char *
rt_hex_put(unsigned char *dst, const unsigned char *src, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        *dst++ = (unsigned char) "0123456789abcdef"[src[i] >> 4];
        *dst++ = (unsigned char) "0123456789abcdef"[src[i] & 0xf];
    }

    return dst;
}


/* ASCII case folded; neither side needs a trailing NUL */

static inline int
rt_str_ieq(const rt_str_t *a, const rt_str_t *b)
{
    size_t  i;

    if (a->len != b->len) {
        return 0;
    }

    for (i = 0; i < a->len; i++) {
        if (rt_lower(a->data[i]) != rt_lower(b->data[i])) {
            return 0;
        }
    }

    return 1;
}

/* the same with a string literal */
#define rt_str_ilit(s, lit)  rt_str_ieq(s, &(rt_str_t) rt_string(lit))


/* does it begin so, whatever the case of its letters? */

static inline int
rt_str_ibegins(const rt_str_t *s, const char *with)
{
    rt_str_t  want = rt_str_of(with), head = { want.len, s->data };

    return s->len >= want.len && rt_str_ieq(&head, &want);
}


#pragma GCC visibility pop


#endif /* RT_BASE_H_INCLUDED */
