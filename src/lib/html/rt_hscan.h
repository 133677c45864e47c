
/*
 * States and character classes: private to the tokenizer.
 */


#ifndef RT_HSCAN_H_INCLUDED
#define RT_HSCAN_H_INCLUDED


#include "rt_base.h"
#include "html/rt_html.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif


#pragma GCC visibility push(hidden)


#define RT_HC_SPACE      0x01   /* CR is one: it would have become LF */
#define RT_HC_TAG_END    0x02   /* ends a tag's name */
#define RT_HC_NAME_END   0x04   /* ends an attribute's name */
#define RT_HC_VALUE_END  0x08   /* ends an unquoted value */

extern const unsigned char  rt_hclass[256];


typedef enum {
    RT_HS_BOM = 0,
    RT_HS_DATA,
    RT_HS_TAG_OPEN,
    RT_HS_END_TAG_OPEN,
    RT_HS_TAG_NAME,

    /* these are the inside of a tag */
    RT_HS_BEFORE_NAME,
    RT_HS_ATTR_NAME,
    RT_HS_AFTER_NAME,
    RT_HS_BEFORE_VALUE,
    RT_HS_QUOTED,
    RT_HS_UNQUOTED,
    RT_HS_SLASH,

    RT_HS_DECLARATION,
    RT_HS_DASH,
    RT_HS_DOCTYPE_WORD,
    RT_HS_CDATA_WORD,
    RT_HS_COMMENT_START,
    RT_HS_COMMENT,
    RT_HS_COMMENT_BANG,
    RT_HS_BOGUS,
    RT_HS_DOCTYPE,
    RT_HS_CDATA,

    RT_HS_RAW,
    RT_HS_RAW_OPEN,
    RT_HS_RAW_END,

    /* script data */
    RT_HS_SCRIPT_DASH,
    RT_HS_ESCAPED,
    RT_HS_ESCAPED_OPEN,
    RT_HS_ESCAPED_NAME,
    RT_HS_N
} rt_hstate_e;


/*
 * Reads on from p, which is below last, in one state or a group of them;
 * ret: where the next state begins, or last
 */
typedef const unsigned char *(*rt_hscan_pt)(rt_html_t *h,
    const unsigned char *p, const unsigned char *last);


static inline int
rt_hletter(unsigned char c)
{
    c |= 0x20;

    return c >= 'a' && c <= 'z';
}


#if defined(__SSE2__)

/*
 * The first 16 bytes at once.  What ends a name is among the bytes up to 0x20
 * and / > =, so a bit here is a candidate, and no bit means none of the 16.
 */

static inline unsigned
rt_hname_ends(const unsigned char *p)
{
    __m128i  v, low, end;

    v = _mm_loadu_si128((const __m128i *) p);
    low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x20)), v);
    end = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('/')),
                       _mm_cmpeq_epi8(v, _mm_set1_epi8('>')));
    end = _mm_or_si128(end, _mm_cmpeq_epi8(v, _mm_set1_epi8('=')));

    return (unsigned) _mm_movemask_epi8(_mm_or_si128(low, end));
}


/* name[0 .. 16): the n bytes at p in lower case, and zeroes */

static inline void
rt_htake_name(unsigned char *name, const unsigned char *p, unsigned n)
{
    __m128i  v, upper, keep;

    keep = _mm_cmplt_epi8(_mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
                                        12, 13, 14, 15),
                          _mm_set1_epi8((char) n));

    v = _mm_loadu_si128((const __m128i *) p);
    upper = _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8('A' - 1)),
                          _mm_cmplt_epi8(v, _mm_set1_epi8('Z' + 1)));
    v = _mm_or_si128(v, _mm_and_si128(upper, _mm_set1_epi8(0x20)));

    _mm_storeu_si128((__m128i *) name, _mm_and_si128(v, keep));
}

#endif


/* memchr(), with the call saved when c is near; NULL: there is none */

static inline const unsigned char *
rt_hfind_byte(const unsigned char *p, const unsigned char *last,
    unsigned char c)
{
#if defined(__SSE2__)
    unsigned  mask;
    __m128i   v;

    if (last - p >= 16) {
        v = _mm_loadu_si128((const __m128i *) p);
        mask = (unsigned) _mm_movemask_epi8(
                              _mm_cmpeq_epi8(v, _mm_set1_epi8((char) c)));

        if (mask) {
            return p + __builtin_ctz(mask);
        }

        p += 16;
    }
#endif

    return memchr(p, c, (size_t) (last - p));
}


/* where a name ends: the first byte of [p, last) of that class, or last */

static inline const unsigned char *
rt_hfind_end(const unsigned char *p, const unsigned char *last,
    unsigned class)
{
#if defined(__SSE2__)
    unsigned  mask;

    if (last - p >= 16) {
        mask = rt_hname_ends(p);
        p += mask ? __builtin_ctz(mask) : 16;
    }
#endif

    while (p < last && !(rt_hclass[*p] & class)) {
        p++;
    }

    return p;
}


/* what is kept of the attributes of a start tag */

#define RT_HWANT_TAG       0x01   /* script, style, link: it is reported */
#define RT_HWANT_TYPE      0x02
#define RT_HWANT_ENCODING  0x04
#define RT_HWANT_FONT      0x08
#define RT_HWANT_HASH      0x10   /* formatting elements: are two alike? */

extern const unsigned char  rt_hwanted[RT_HTAG_N];


/* rt_html.c */

/* hash: of what comes before; name: 8 bytes more can be read */
uint64_t rt_hname_hash(uint64_t hash, uint64_t seed,
    const unsigned char *name, unsigned len);

void rt_hflush_text(rt_html_t *h);
void rt_hsee_text(rt_html_t *h, const unsigned char *p,
    const unsigned char *last);
void rt_hbegin_tag(rt_html_t *h, unsigned end);

/* h->token is complete, of attributes h->want is kept; p: one after '>' */
void rt_hend_tag(rt_html_t *h, const unsigned char *p);


/*
 * rt_hquick.c: text and tags, in RT_HS_DATA, as far as the quick way goes.
 * ret: where a tag begins that it did not take, or last, or where something
 * else than RT_HS_DATA begins or the tokenizer has stopped
 */
const unsigned char *rt_hquick(rt_html_t *h, const unsigned char *p,
    const unsigned char *last);

/* rt_hskip.c: one for each state from RT_HS_DECLARATION on */
extern const rt_hscan_pt  rt_hskip[RT_HS_N];


#pragma GCC visibility pop


#endif /* RT_HSCAN_H_INCLUDED */
