
/*
 * What each byte is to those who take a text apart: signs of addresses, of
 * forms and of names, and what is worth a closer look before it is shown.
 */


#ifndef RT_CHAR_H_INCLUDED
#define RT_CHAR_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* one sign each */

#define RT_CHAR_SLASH     0x000001      /* '/' */
#define RT_CHAR_QUERY     0x000002      /* '?' */
#define RT_CHAR_HASH      0x000004      /* '#' */
#define RT_CHAR_COLON     0x000008      /* ':' */
#define RT_CHAR_AT        0x000010      /* '@' */
#define RT_CHAR_SEMI      0x000020      /* ';' */
#define RT_CHAR_EQUAL     0x000040      /* '=' */
#define RT_CHAR_PERCENT   0x000080      /* '%' */
#define RT_CHAR_DOT       0x000100      /* '.' */
#define RT_CHAR_COMMA     0x000200      /* ',' */
#define RT_CHAR_BLANK     0x000400      /* ' ' */
#define RT_CHAR_LINE      0x000800      /* LF */
#define RT_CHAR_AND       0x001000      /* '&' */
#define RT_CHAR_PLUS      0x002000      /* '+' */

/* several */

#define RT_CHAR_BRACKET   0x004000      /* [ ] */
#define RT_CHAR_JSON      0x008000      /* { [ ": JSON may begin with it */
#define RT_CHAR_PART      0x010000      /* parts a name from what it is of */
#define RT_CHAR_BORDER    0x020000      /* no name goes on before it */
#define RT_CHAR_GAP       0x040000      /* does not count in a name */
#define RT_CHAR_TOKEN     0x080000      /* of a token (RFC 9110, 5.6.2) */
#define RT_CHAR_TYPE      0x100000      /* of a media type's halves */
#define RT_CHAR_HOST      0x200000      /* of an authority */
#define RT_CHAR_HIGH      0x400000      /* not ASCII */
#define RT_CHAR_QUOTED    0x800000      /* ends a run in a string of JSON */

#define RT_CHAR_ANGLE     0x1000000     /* '<' */
#define RT_CHAR_CAPITAL   0x2000000     /* of ASCII */
#define RT_CHAR_BASE64    0x4000000     /* of either alphabet */


/* what rt_lower() makes of a byte whose signs were looked up already */

static inline unsigned char
rt_char_lower(unsigned char c, uint32_t what)
{
    return (unsigned char) (c | ((what / (RT_CHAR_CAPITAL / 0x20)) & 0x20));
}


extern const uint32_t  rt_char[256];


/* the first byte of s from i on that is one of them, or the end */

static inline size_t
rt_until(const rt_str_t *s, size_t i, uint32_t signs)
{
    while (i < s->len && !(rt_char[s->data[i]] & signs)) {
        i++;
    }

    return i;
}


/* all that there is in s */

static inline uint32_t
rt_char_seen(const rt_str_t *s)
{
    size_t    i;
    uint32_t  seen;

    for (i = 0, seen = 0; i < s->len; i++) {
        seen |= rt_char[s->data[i]];
    }

    return seen;
}


/* 1 if each byte of s is one of them */

static inline int
rt_char_all(const rt_str_t *s, uint32_t signs)
{
    size_t  i;

    for (i = 0; i < s->len && rt_char[s->data[i]] & signs; i++) { /* void */ }

    return i == s->len;
}


#pragma GCC visibility pop


#endif /* RT_CHAR_H_INCLUDED */
