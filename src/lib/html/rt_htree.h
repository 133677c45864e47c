
/*
 * The tree builder (WHATWG HTML 13.2.6) without a tree: the stack of open
 * elements, the list of active formatting elements and the insertion modes,
 * followed exactly, because they decide
 *
 *   - how the text after a start tag is read (RCDATA, raw text, script data),
 *   - whether the next tag is in foreign content, where that is off and
 *     CDATA sections are on,
 *   - whether a start tag makes an element or is ignored.
 *
 *        tokens                         stack             formatting
 *   <p><b><svg><title>   =>   html body p b svg title       b
 *                                           '---------' foreign
 *
 * Browsers do not agree on everything, or not any more: the standard dropped
 * the insertion mode "in select" in 2025.  What is the same before and after
 * is followed; at anything else this stops (rt_hstop_e), as it does when a
 * bound is reached.  A link in a select is the one element that is merely not
 * reported: old parsers do not make it.
 */


#ifndef RT_HTREE_H_INCLUDED
#define RT_HTREE_H_INCLUDED


#include "rt_base.h"
#include "html/rt_htag.h"


#pragma GCC visibility push(hidden)


#define RT_HTREE_DEPTH     512       /* open elements */
#define RT_HTREE_FORMATS   64        /* active formatting elements, markers */
#define RT_HTREE_TEMPLATES 64        /* templates in templates */
#define RT_HDOCTYPE_MAX    128       /* bytes of a doctype that are looked at */


typedef enum {
    RT_HSTOP_NONE = 0,
    RT_HSTOP_SELECT,        /* select: old and new parsers differ */
    RT_HSTOP_FRAMESET,      /* nothing in a frameset makes an element */
    RT_HSTOP_DEPTH,         /* a bound above */
    RT_HSTOP_VALUE,         /* a character reference in an attribute that
                               decides how the page is read */
    RT_HSTOP_PLAINTEXT,     /* the rest of the document is text */
    RT_HSTOP_CDATA,         /* "<![CDATA[" in an integration point: a section
                               for the standard and Gecko, a comment for Blink
                               and WebKit */
    RT_HSTOP_CHARSET        /* ASCII bytes do not, or may not, mean ASCII */
} rt_hstop_e;


typedef enum {
    RT_HTEXT_DATA = 0,
    RT_HTEXT_RCDATA,
    RT_HTEXT_RAWTEXT,
    RT_HTEXT_SCRIPT,
    RT_HTEXT_PLAINTEXT
} rt_htext_e;


typedef enum {
    RT_HNS_HTML = 0,
    RT_HNS_SVG,
    RT_HNS_MATHML
} rt_hns_e;


/* characters seen between two tags */

#define RT_HSEEN_SPACE     0x01
#define RT_HSEEN_OTHER     0x02
#define RT_HSEEN_NUL       0x04


/* attributes the tree builder asks for */

#define RT_HATTR_HIDDEN    0x01      /* input: type is "hidden" */
#define RT_HATTR_FONT      0x02      /* font: color, face or size */
#define RT_HATTR_HTML      0x04      /* annotation-xml: encoding is HTML's */
#define RT_HATTR_UNSURE    0x08      /* one of these has a '&' in its value */


typedef struct {
    uint64_t             name;       /* of RT_HTAG_OTHER: its keyed hash */
    uint64_t             attrs;      /* of formatting elements: their hash */
    rt_htag_e            tag;
    unsigned char        end;        /* an end tag */
    unsigned char        self_closing;
    unsigned char        flags;      /* RT_HATTR_... */
} rt_htoken_t;


typedef struct {
    uint64_t             name;
    uint32_t             serial;     /* identity */
    unsigned char        tag;
    unsigned char        ns;
    unsigned char        html;       /* an integration point for HTML */
    unsigned char        unused;
} rt_hnode_t;


typedef struct {
    uint64_t             attrs;
    uint32_t             serial;
    unsigned char        tag;        /* RT_HTAG_OTHER: a marker */
} rt_hformat_t;


typedef struct {
    unsigned char        mode;
    unsigned char        quirks;
    unsigned char        not_frameset;  /* the "frameset-ok flag", inverted */
    unsigned char        head;       /* there is a head element */
    unsigned char        in_form;    /* the form element pointer is set, ... */
    uint32_t             form;       /* ... to this serial */
    uint32_t             serial;

    rt_hstop_e           stopped;

    unsigned             depth;
    unsigned             nformats;
    unsigned             ntemplates;
    unsigned             open_p;     /* p elements on the stack */

    rt_hformat_t         formats[RT_HTREE_FORMATS];
    unsigned char        templates[RT_HTREE_TEMPLATES];
    rt_hnode_t           stack[RT_HTREE_DEPTH];
} rt_htree_t;


typedef struct {
    unsigned char        made;       /* the start tag made an element, ... */
    unsigned char        foreign;    /* ... in SVG or MathML */
    rt_htext_e           text;       /* how to read on */
} rt_hresult_t;


void rt_htree_init(rt_htree_t *t);

/* text: what follows "<!doctype", without white space in front, lower case */
void rt_htree_doctype(rt_htree_t *t, const unsigned char *text, size_t len);

/* seen: RT_HSEEN_... */
void rt_htree_text(rt_htree_t *t, unsigned seen);

/*
 * A start or end tag.  Elements whose content is read as text are not put on
 * the stack: the tokenizer finds their end tag itself, and tells nobody.
 */
void rt_htree_tag(rt_htree_t *t, const rt_htoken_t *token, rt_hresult_t *r);

/* is "<![CDATA[" here the begin of a section?  May stop. */
int rt_htree_cdata(rt_htree_t *t);


#pragma GCC visibility pop


#endif /* RT_HTREE_H_INCLUDED */
