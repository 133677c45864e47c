
/*
 * The names of elements that the scanner knows, and what it has to know about
 * them (WHATWG HTML 13.2.6).
 */


#ifndef RT_HTAG_H_INCLUDED
#define RT_HTAG_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_HP_TEXT        0x01  /* all up to its end tag is text */
#define RT_HP_VOID        0x02  /* in HTML it is closed at once */
#define RT_HP_BREAKOUT    0x04  /* its start tag leaves SVG and MathML */
#define RT_HP_PART        0x08  /* of a table, a frameset, a select, a
                                   template: what becomes of it depends on what
                                   is open, however far outside */
#define RT_HP_SVG_POINT   0x10  /* in SVG, what is in it is HTML */
#define RT_HP_MATH_POINT  0x20  /* in MathML, what is in it is HTML */
#define RT_HP_HEAD        0x40  /* the first element of a template, it does
                                   not decide how the next ones are read */


/*
 * After a change here, "util/tables.py write" makes the slots in rt_htag.c.  It
 * says when two names share one, and rt_htag_short() needs another factor.
 */

#define RT_HTAGS(X)                                                           \
    X(B, "b", RT_HP_BREAKOUT)                                                 \
    X(I, "i", RT_HP_BREAKOUT)                                                 \
    X(P, "p", RT_HP_BREAKOUT)                                                 \
    X(S, "s", RT_HP_BREAKOUT)                                                 \
    X(U, "u", RT_HP_BREAKOUT)                                                 \
    X(BR, "br", RT_HP_BREAKOUT|RT_HP_VOID)                                    \
    X(DD, "dd", RT_HP_BREAKOUT)                                               \
    X(DL, "dl", RT_HP_BREAKOUT)                                               \
    X(DT, "dt", RT_HP_BREAKOUT)                                               \
    X(EM, "em", RT_HP_BREAKOUT)                                               \
    X(H1, "h1", RT_HP_BREAKOUT)                                               \
    X(H2, "h2", RT_HP_BREAKOUT)                                               \
    X(H3, "h3", RT_HP_BREAKOUT)                                               \
    X(H4, "h4", RT_HP_BREAKOUT)                                               \
    X(H5, "h5", RT_HP_BREAKOUT)                                               \
    X(H6, "h6", RT_HP_BREAKOUT)                                               \
    X(HR, "hr", RT_HP_BREAKOUT|RT_HP_VOID)                                    \
    X(LI, "li", RT_HP_BREAKOUT)                                               \
    X(MI, "mi", RT_HP_MATH_POINT)                                             \
    X(MN, "mn", RT_HP_MATH_POINT)                                             \
    X(MO, "mo", RT_HP_MATH_POINT)                                             \
    X(MS, "ms", RT_HP_MATH_POINT)                                             \
    X(OL, "ol", RT_HP_BREAKOUT)                                               \
    X(TD, "td", RT_HP_PART)                                                   \
    X(TH, "th", RT_HP_PART)                                                   \
    X(TR, "tr", RT_HP_PART)                                                   \
    X(TT, "tt", RT_HP_BREAKOUT)                                               \
    X(UL, "ul", RT_HP_BREAKOUT)                                               \
    X(BIG, "big", RT_HP_BREAKOUT)                                             \
    X(COL, "col", RT_HP_VOID|RT_HP_PART)                                      \
    X(DIV, "div", RT_HP_BREAKOUT)                                             \
    X(IMG, "img", RT_HP_BREAKOUT|RT_HP_VOID)                                  \
    X(PRE, "pre", RT_HP_BREAKOUT)                                             \
    X(SUB, "sub", RT_HP_BREAKOUT)                                             \
    X(SUP, "sup", RT_HP_BREAKOUT)                                             \
    X(SVG, "svg", 0)                                                          \
    X(VAR, "var", RT_HP_BREAKOUT)                                             \
    X(WBR, "wbr", RT_HP_VOID)                                                 \
    X(XMP, "xmp", RT_HP_TEXT)                                                 \
    X(AREA, "area", RT_HP_VOID)                                               \
    X(BASE, "base", RT_HP_VOID|RT_HP_HEAD)                                    \
    X(BODY, "body", RT_HP_BREAKOUT)                                           \
    X(CODE, "code", RT_HP_BREAKOUT)                                           \
    X(DESC, "desc", RT_HP_SVG_POINT)                                          \
    X(FONT, "font", 0)                                                        \
    X(HEAD, "head", RT_HP_BREAKOUT)                                           \
    X(LINK, "link", RT_HP_VOID|RT_HP_HEAD)                                    \
    X(MATH, "math", 0)                                                        \
    X(MENU, "menu", RT_HP_BREAKOUT)                                           \
    X(META, "meta", RT_HP_BREAKOUT|RT_HP_VOID|RT_HP_HEAD)                     \
    X(NOBR, "nobr", RT_HP_BREAKOUT)                                           \
    X(RUBY, "ruby", RT_HP_BREAKOUT)                                           \
    X(SPAN, "span", RT_HP_BREAKOUT)                                           \
    X(EMBED, "embed", RT_HP_BREAKOUT|RT_HP_VOID)                              \
    X(FRAME, "frame", RT_HP_PART)                                             \
    X(IMAGE, "image", RT_HP_VOID)                                             \
    X(INPUT, "input", RT_HP_VOID)                                             \
    X(MTEXT, "mtext", RT_HP_MATH_POINT)                                       \
    X(PARAM, "param", RT_HP_VOID)                                             \
    X(SMALL, "small", RT_HP_BREAKOUT)                                         \
    X(STYLE, "style", RT_HP_TEXT|RT_HP_HEAD)                                  \
    X(TABLE, "table", RT_HP_BREAKOUT|RT_HP_PART)                              \
    X(TBODY, "tbody", RT_HP_PART)                                             \
    X(TFOOT, "tfoot", RT_HP_PART)                                             \
    X(THEAD, "thead", RT_HP_PART)                                             \
    X(TITLE, "title", RT_HP_TEXT|RT_HP_SVG_POINT|RT_HP_HEAD)                  \
    X(TRACK, "track", RT_HP_VOID)                                             \
    X(CENTER, "center", RT_HP_BREAKOUT)                                       \
    X(IFRAME, "iframe", RT_HP_TEXT)                                           \
    X(KEYGEN, "keygen", RT_HP_VOID)                                           \
    X(MGLYPH, "mglyph", 0)                                                    \
    X(SCRIPT, "script", RT_HP_TEXT|RT_HP_HEAD)                                \
    X(SELECT, "select", RT_HP_PART)                                           \
    X(SOURCE, "source", RT_HP_VOID)                                           \
    X(STRIKE, "strike", RT_HP_BREAKOUT)                                       \
    X(STRONG, "strong", RT_HP_BREAKOUT)                                       \
    X(BGSOUND, "bgsound", RT_HP_VOID|RT_HP_HEAD)                              \
    X(CAPTION, "caption", RT_HP_PART)                                         \
    X(LISTING, "listing", RT_HP_BREAKOUT)                                     \
    X(NOEMBED, "noembed", RT_HP_TEXT)                                         \
    X(BASEFONT, "basefont", RT_HP_VOID|RT_HP_HEAD)                            \
    X(COLGROUP, "colgroup", RT_HP_PART)                                       \
    X(FRAMESET, "frameset", RT_HP_PART)                                       \
    X(NOFRAMES, "noframes", RT_HP_TEXT|RT_HP_HEAD)                            \
    X(NOSCRIPT, "noscript", RT_HP_TEXT)                                       \
    X(TEMPLATE, "template", RT_HP_PART|RT_HP_HEAD)                            \
    X(TEXTAREA, "textarea", RT_HP_TEXT)                                       \
    X(PLAINTEXT, "plaintext", 0)                                              \
    X(BLOCKQUOTE, "blockquote", RT_HP_BREAKOUT)                               \
    X(MALIGNMARK, "malignmark", 0)                                            \
    X(FOREIGNOBJECT, "foreignobject", RT_HP_SVG_POINT)                        \
    X(ANNOTATION_XML, "annotation-xml", 0)


#define RT_HTAG_ENUM(id, name, props)  RT_HTAG_##id,

typedef enum {
    RT_HTAG_OTHER = 0,
    RT_HTAGS(RT_HTAG_ENUM)
    RT_HTAG_N
} rt_htag_e;


/* RT_HP_... */
extern const unsigned char    rt_htag_props[RT_HTAG_N];


/* more than the longest name */
#define RT_HTAG_ROOM   16

#define RT_HTAG_SLOTS  512

typedef struct {
    unsigned char  text[RT_HTAG_ROOM - 1];
    unsigned char  len;
} rt_htag_name_t;


extern const rt_htag_name_t  rt_htag_names[RT_HTAG_N];
extern const unsigned char   rt_htag_slots[RT_HTAG_SLOTS];


/* the 8 bytes at p; the first is the lowest */

static inline uint64_t
rt_htag_load(const unsigned char *p)
{
    uint64_t  word;

    memcpy(&word, p, sizeof(uint64_t));

#if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
    word = __builtin_bswap64(word);
#endif

    return word;
}


/* the first len, 1 to 8, of the 8 bytes at name, which can all be read */

static inline uint64_t
rt_htag_word(const unsigned char *name, size_t len)
{
    return rt_htag_load(name) & (~(uint64_t) 0 >> (64 - 8 * len));
}


/* the tag whose name is that word */

static inline rt_htag_e
rt_htag_short(uint64_t word)
{
    unsigned  tag;

    tag = rt_htag_slots[(word * 0x79bf460678d3b455u) >> 55];

    return word == rt_htag_load(rt_htag_names[tag].text) ? (rt_htag_e) tag
                                                         : RT_HTAG_OTHER;
}


/* name: lower case, 8 bytes can be read; else it is RT_HTAG_OTHER */
rt_htag_e rt_htag_find(const unsigned char *name, size_t len);

/* "" for RT_HTAG_OTHER */
const char *rt_htag_name(rt_htag_e tag);


#pragma GCC visibility pop


#endif /* RT_HTAG_H_INCLUDED */
