
/*
 * The HTML element names that the tree builder knows (WHATWG HTML 13.2.6),
 * and what it has to know about them.
 */


#ifndef RT_HTAG_H_INCLUDED
#define RT_HTAG_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_HP_SPECIAL    0x0001  /* "special" category */
#define RT_HP_SCOPE      0x0002  /* ends a search "in scope" */
#define RT_HP_FORMAT     0x0004  /* a formatting element */
#define RT_HP_IMPLIED    0x0008  /* "generate implied end tags" pops it */
#define RT_HP_THOROUGH   0x0010  /* "thoroughly" pops these as well */
#define RT_HP_BREAKOUT   0x0020  /* its start tag leaves foreign content */
#define RT_HP_HEADING    0x0040
#define RT_HP_SELECT     0x0080  /* in a select: no parser, old or new, is
                                    left in another state by it */


/*
 * After a change here, "util/tables.py write" makes the slots in rt_htag.c.  It
 * says when two names share one, and rt_htag_short() needs another factor.
 */

#define RT_HTAGS(X)                                                           \
    X(A, "a", RT_HP_FORMAT)                                                   \
    X(B, "b", RT_HP_FORMAT|RT_HP_BREAKOUT)                                    \
    X(I, "i", RT_HP_FORMAT|RT_HP_BREAKOUT)                                    \
    X(P, "p", RT_HP_SPECIAL|RT_HP_IMPLIED|RT_HP_BREAKOUT|RT_HP_SELECT)        \
    X(S, "s", RT_HP_FORMAT|RT_HP_BREAKOUT)                                    \
    X(U, "u", RT_HP_FORMAT|RT_HP_BREAKOUT)                                    \
    X(BR, "br", RT_HP_SPECIAL|RT_HP_BREAKOUT|RT_HP_SELECT)                    \
    X(DD, "dd", RT_HP_SPECIAL|RT_HP_IMPLIED|RT_HP_BREAKOUT)                   \
    X(DL, "dl", RT_HP_SPECIAL|RT_HP_BREAKOUT)                                 \
    X(DT, "dt", RT_HP_SPECIAL|RT_HP_IMPLIED|RT_HP_BREAKOUT)                   \
    X(EM, "em", RT_HP_FORMAT|RT_HP_BREAKOUT)                                  \
    X(H1, "h1", RT_HP_SPECIAL|RT_HP_HEADING|RT_HP_BREAKOUT)                   \
    X(H2, "h2", RT_HP_SPECIAL|RT_HP_HEADING|RT_HP_BREAKOUT)                   \
    X(H3, "h3", RT_HP_SPECIAL|RT_HP_HEADING|RT_HP_BREAKOUT)                   \
    X(H4, "h4", RT_HP_SPECIAL|RT_HP_HEADING|RT_HP_BREAKOUT)                   \
    X(H5, "h5", RT_HP_SPECIAL|RT_HP_HEADING|RT_HP_BREAKOUT)                   \
    X(H6, "h6", RT_HP_SPECIAL|RT_HP_HEADING|RT_HP_BREAKOUT)                   \
    X(HR, "hr", RT_HP_SPECIAL|RT_HP_BREAKOUT)                                 \
    X(LI, "li", RT_HP_SPECIAL|RT_HP_IMPLIED|RT_HP_BREAKOUT)                   \
    X(MI, "mi", 0)                                                            \
    X(MN, "mn", 0)                                                            \
    X(MO, "mo", 0)                                                            \
    X(MS, "ms", 0)                                                            \
    X(OL, "ol", RT_HP_SPECIAL|RT_HP_BREAKOUT)                                 \
    X(RB, "rb", RT_HP_IMPLIED)                                                \
    X(RP, "rp", RT_HP_IMPLIED)                                                \
    X(RT, "rt", RT_HP_IMPLIED)                                                \
    X(TD, "td", RT_HP_SPECIAL|RT_HP_SCOPE|RT_HP_THOROUGH)                     \
    X(TH, "th", RT_HP_SPECIAL|RT_HP_SCOPE|RT_HP_THOROUGH)                     \
    X(TR, "tr", RT_HP_SPECIAL|RT_HP_THOROUGH)                                 \
    X(TT, "tt", RT_HP_FORMAT|RT_HP_BREAKOUT)                                  \
    X(UL, "ul", RT_HP_SPECIAL|RT_HP_BREAKOUT)                                 \
    X(BIG, "big", RT_HP_FORMAT|RT_HP_BREAKOUT)                                \
    X(COL, "col", RT_HP_SPECIAL)                                              \
    X(DIR, "dir", RT_HP_SPECIAL)                                              \
    X(DIV, "div", RT_HP_SPECIAL|RT_HP_BREAKOUT|RT_HP_SELECT)                  \
    X(IMG, "img", RT_HP_SPECIAL|RT_HP_BREAKOUT|RT_HP_SELECT)                  \
    X(NAV, "nav", RT_HP_SPECIAL)                                              \
    X(PRE, "pre", RT_HP_SPECIAL|RT_HP_BREAKOUT)                               \
    X(RTC, "rtc", RT_HP_IMPLIED)                                              \
    X(SUB, "sub", RT_HP_BREAKOUT)                                             \
    X(SUP, "sup", RT_HP_BREAKOUT)                                             \
    X(SVG, "svg", 0)                                                          \
    X(VAR, "var", RT_HP_BREAKOUT)                                             \
    X(WBR, "wbr", RT_HP_SPECIAL|RT_HP_SELECT)                                 \
    X(XMP, "xmp", RT_HP_SPECIAL)                                              \
    X(AREA, "area", RT_HP_SPECIAL)                                            \
    X(BASE, "base", RT_HP_SPECIAL)                                            \
    X(BODY, "body", RT_HP_SPECIAL|RT_HP_BREAKOUT)                             \
    X(CODE, "code", RT_HP_FORMAT|RT_HP_BREAKOUT)                              \
    X(DESC, "desc", 0)                                                        \
    X(FONT, "font", RT_HP_FORMAT)                                             \
    X(FORM, "form", RT_HP_SPECIAL)                                            \
    X(HEAD, "head", RT_HP_SPECIAL|RT_HP_BREAKOUT)                             \
    X(HTML, "html", RT_HP_SPECIAL|RT_HP_SCOPE)                                \
    X(LINK, "link", RT_HP_SPECIAL)                                            \
    X(MAIN, "main", RT_HP_SPECIAL)                                            \
    X(MATH, "math", 0)                                                        \
    X(MENU, "menu", RT_HP_SPECIAL|RT_HP_BREAKOUT)                             \
    X(META, "meta", RT_HP_SPECIAL|RT_HP_BREAKOUT)                             \
    X(NOBR, "nobr", RT_HP_FORMAT|RT_HP_BREAKOUT)                              \
    X(RUBY, "ruby", RT_HP_BREAKOUT)                                           \
    X(SPAN, "span", RT_HP_BREAKOUT|RT_HP_SELECT)                              \
    X(ASIDE, "aside", RT_HP_SPECIAL)                                          \
    X(EMBED, "embed", RT_HP_SPECIAL|RT_HP_BREAKOUT)                           \
    X(FRAME, "frame", RT_HP_SPECIAL)                                          \
    X(IMAGE, "image", 0)                                                      \
    X(INPUT, "input", RT_HP_SPECIAL)                                          \
    X(LABEL, "label", RT_HP_SELECT)                                           \
    X(MTEXT, "mtext", 0)                                                      \
    X(PARAM, "param", RT_HP_SPECIAL)                                          \
    X(SMALL, "small", RT_HP_FORMAT|RT_HP_BREAKOUT)                            \
    X(STYLE, "style", RT_HP_SPECIAL)                                          \
    X(TABLE, "table", RT_HP_SPECIAL|RT_HP_SCOPE|RT_HP_BREAKOUT)               \
    X(TBODY, "tbody", RT_HP_SPECIAL|RT_HP_THOROUGH)                           \
    X(TFOOT, "tfoot", RT_HP_SPECIAL|RT_HP_THOROUGH)                           \
    X(THEAD, "thead", RT_HP_SPECIAL|RT_HP_THOROUGH)                           \
    X(TITLE, "title", RT_HP_SPECIAL)                                          \
    X(TRACK, "track", RT_HP_SPECIAL)                                          \
    X(APPLET, "applet", RT_HP_SPECIAL|RT_HP_SCOPE)                            \
    X(BUTTON, "button", RT_HP_SPECIAL|RT_HP_SELECT)                           \
    X(CENTER, "center", RT_HP_SPECIAL|RT_HP_BREAKOUT)                         \
    X(DIALOG, "dialog", RT_HP_SPECIAL)                                        \
    X(FIGURE, "figure", RT_HP_SPECIAL)                                        \
    X(FOOTER, "footer", RT_HP_SPECIAL)                                        \
    X(HEADER, "header", RT_HP_SPECIAL)                                        \
    X(HGROUP, "hgroup", RT_HP_SPECIAL)                                        \
    X(IFRAME, "iframe", RT_HP_SPECIAL)                                        \
    X(KEYGEN, "keygen", RT_HP_SPECIAL)                                        \
    X(LEGEND, "legend", RT_HP_SELECT)                                         \
    X(MGLYPH, "mglyph", 0)                                                    \
    X(OBJECT, "object", RT_HP_SPECIAL|RT_HP_SCOPE)                            \
    X(OPTION, "option", RT_HP_IMPLIED)                                        \
    X(SCRIPT, "script", RT_HP_SPECIAL)                                        \
    X(SEARCH, "search", RT_HP_SPECIAL)                                        \
    X(SELECT, "select", RT_HP_SPECIAL)                                        \
    X(SOURCE, "source", RT_HP_SPECIAL)                                        \
    X(STRIKE, "strike", RT_HP_FORMAT|RT_HP_BREAKOUT)                          \
    X(STRONG, "strong", RT_HP_FORMAT|RT_HP_BREAKOUT)                          \
    X(ADDRESS, "address", RT_HP_SPECIAL)                                      \
    X(ARTICLE, "article", RT_HP_SPECIAL)                                      \
    X(BGSOUND, "bgsound", RT_HP_SPECIAL)                                      \
    X(CAPTION, "caption", RT_HP_SPECIAL|RT_HP_SCOPE|RT_HP_THOROUGH)           \
    X(DETAILS, "details", RT_HP_SPECIAL)                                      \
    X(LISTING, "listing", RT_HP_SPECIAL|RT_HP_BREAKOUT)                       \
    X(MARQUEE, "marquee", RT_HP_SPECIAL|RT_HP_SCOPE)                          \
    X(NOEMBED, "noembed", RT_HP_SPECIAL)                                      \
    X(SECTION, "section", RT_HP_SPECIAL)                                      \
    X(SUMMARY, "summary", RT_HP_SPECIAL)                                      \
    X(BASEFONT, "basefont", RT_HP_SPECIAL)                                    \
    X(COLGROUP, "colgroup", RT_HP_SPECIAL|RT_HP_THOROUGH)                     \
    X(FIELDSET, "fieldset", RT_HP_SPECIAL)                                    \
    X(FRAMESET, "frameset", RT_HP_SPECIAL)                                    \
    X(NOFRAMES, "noframes", RT_HP_SPECIAL)                                    \
    X(NOSCRIPT, "noscript", RT_HP_SPECIAL)                                    \
    X(OPTGROUP, "optgroup", RT_HP_IMPLIED)                                    \
    X(TEMPLATE, "template", RT_HP_SPECIAL|RT_HP_SCOPE)                        \
    X(TEXTAREA, "textarea", RT_HP_SPECIAL)                                    \
    X(PLAINTEXT, "plaintext", RT_HP_SPECIAL)                                  \
    X(BLOCKQUOTE, "blockquote", RT_HP_SPECIAL|RT_HP_BREAKOUT)                 \
    X(FIGCAPTION, "figcaption", RT_HP_SPECIAL)                                \
    X(MALIGNMARK, "malignmark", 0)                                            \
    X(FOREIGNOBJECT, "foreignobject", 0)                                      \
    X(ANNOTATION_XML, "annotation-xml", 0)


#define RT_HTAG_ENUM(id, name, props)  RT_HTAG_##id,

typedef enum {
    RT_HTAG_OTHER = 0,
    RT_HTAGS(RT_HTAG_ENUM)
    RT_HTAG_N
} rt_htag_e;


/* properties of an HTML element of that name, RT_HP_... */
extern const unsigned short rt_htag_props[RT_HTAG_N];


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


/*
 * The same of a name, in lower case if it is one we know; else what comes out
 * is none of those either, as long as no byte is below 0x20.
 */

static inline uint64_t
rt_htag_folded(const unsigned char *name, size_t len)
{
    return (rt_htag_load(name) | 0x2020202020202020u)
           & (~(uint64_t) 0 >> (64 - 8 * len));
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
