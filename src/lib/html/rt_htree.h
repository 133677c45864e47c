
/*
 * As much of an HTML tree (WHATWG HTML 13.2.6) as decides how the bytes behind
 * a tag are read.
 *
 * In HTML hardly anything does: wherever a script, style, title or textarea
 * start tag stands, it makes its element, and what follows is its text.  Of
 * what may be otherwise there is SVG and MathML, in which a style is no raw
 * text: their open elements are kept.  The elements outside are not, so where
 * these decide, or where parsers read a page differently, there is:
 *
 *   stop:   nothing is told of the rest of the page;
 *   doubt:  the tree may have left SVG or MathML, or not.  Both ways are read
 *           alike until both are in HTML again; a tag they read differently
 *           stops.
 */


#ifndef RT_HTREE_H_INCLUDED
#define RT_HTREE_H_INCLUDED


#include "rt_base.h"
#include "html/rt_htag.h"


#pragma GCC visibility push(hidden)


#define RT_HTREE_DEPTH  64      /* of SVG and MathML, and of templates */
#define RT_HNAME_MAX    31      /* bytes kept of a name */


/* why nothing more is told */

typedef enum {
    RT_HSTOP_NONE = 0,
    RT_HSTOP_SELECT,        /* what parsers drop in a select, or do not */
    RT_HSTOP_FRAMESET,      /* there are no scripts in it */
    RT_HSTOP_TEMPLATE,      /* behind a <col> in it all is dropped */
    RT_HSTOP_FOREIGN,       /* is this SVG, MathML or HTML? */
    RT_HSTOP_DEPTH,         /* a bound of this file */
    RT_HSTOP_PLAINTEXT,
    RT_HSTOP_CDATA,         /* a CDATA section, or a comment? */
    RT_HSTOP_LENGTH,        /* behind the end that was announced */
    RT_HSTOP_CHARSET,       /* for who knows the encoding, see rt_nonce.c */
    RT_HSTOP_N
} rt_hstop_e;


/* a whole tag */

typedef struct {
    rt_htag_e        tag;
    unsigned         len;               /* RT_HNAME_MAX + 1: or longer */
    unsigned char    name[RT_HNAME_MAX + 1];   /* in lower case, then zeroes */
    unsigned char    end;
    unsigned char    self_closing;
    unsigned char    html;              /* an annotation-xml that may say
                                           that HTML is in it */
} rt_htoken_t;


/* an open element since the outermost <svg> or <math> */

typedef struct {
    unsigned char    name[RT_HNAME_MAX];
    unsigned char    space;             /* RT_HSPACE_... */
    unsigned char    point;             /* RT_HPOINT_... */
} rt_hnode_t;


typedef struct {
    rt_hstop_e       stopped;
    unsigned         templates;         /* open ones of HTML, or more */
    uint64_t         undecided;         /* a bit each, the innermost lowest:
                                           its first element may be a <col> */
    unsigned char    select;            /* a <select> may be open */
    unsigned char    doubt;
    unsigned char    depth;             /* of nodes; 0: HTML */
    rt_hnode_t       nodes[RT_HTREE_DEPTH];
} rt_htree_t;


void rt_htree_init(rt_htree_t *t);


typedef enum {
    RT_HMADE_NOT = 0,       /* perhaps: it must not be relied on */
    RT_HMADE,               /* an element; more tags may follow */
    RT_HMADE_TEXT           /* an element; all up to its end tag is text */
} rt_hmade_e;

/* A start tag.  If t->stopped is set after that, it has made nothing. */
rt_hmade_e rt_htree_start(rt_htree_t *t, const rt_htoken_t *k);

void rt_htree_end(rt_htree_t *t, const rt_htoken_t *k);

/* ret: 1 if "<![CDATA[" begins a section; else a comment, if not stopped */
int rt_htree_cdata(rt_htree_t *t);


/* 1 if no tag of a name without a word in rt_hop.c can change the tree */

static inline int
rt_htree_plain(const rt_htree_t *t)
{
    return t->depth == 0 && !t->select && t->templates == 0;
}


#pragma GCC visibility pop


#endif /* RT_HTREE_H_INCLUDED */
