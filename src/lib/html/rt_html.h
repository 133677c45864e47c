
/*
 * An HTML scanner that finds the script, style and link start tags of a page
 * while the page streams by (WHATWG HTML 13.2.5), together with as much of
 * the tree (rt_htree.h) as decides how the next bytes are read.
 *
 * Text in which nothing decides is hopped over (rt_hop.h); all else is read
 * byte by byte, in these states.  The state has a fixed size and is kept over
 * buffers: the result is the same for every split of the input.  Nothing is
 * allocated, nothing is copied but short names, and no byte outside of a
 * buffer is read.  The input is bytes of any encoding in which the ASCII bytes
 * mean ASCII (UTF-8, ISO-8859-*, windows-125x; the trail bytes of Shift_JIS,
 * GBK, Big5 and EUC are never one of < > " ' = / & or white space); it must
 * not be used for UTF-16, UTF-7 or ISO-2022-*.  Scripting is taken to be on.
 *
 * It fails closed: where the tree cannot be told, where browsers of today read
 * a page differently, or a bound is reached, no further tag is reported and
 * h->tree.stopped says why.  A tag that is not reported gets no nonce, and a
 * browser does not run it.
 */


#ifndef RT_HTML_H_INCLUDED
#define RT_HTML_H_INCLUDED


#include "rt_base.h"
#include "html/rt_hattr.h"
#include "html/rt_hmarks.h"
#include "html/rt_htree.h"


#pragma GCC visibility push(hidden)


/*
 * A script, style or link start tag that makes an element, in whatever
 * namespace.  All offsets count bytes from the begin of the document.
 */

typedef struct {
    uint64_t             start;        /* of "<" */
    uint64_t             end;          /* one after ">" */

    /* the raw value, without quotes, of the first attribute named nonce */
    uint64_t             nonce_start;
    uint64_t             nonce_end;

    rt_htag_e            tag;          /* RT_HTAG_SCRIPT, _STYLE, _LINK */

    unsigned             nonce:1;      /* there is one; it may be empty */
    unsigned             markup:1;     /* it swallowed another: rt_hattr.h */
} rt_html_tag_t;


typedef struct {
    unsigned             state;
    uint64_t             offset;       /* of the next byte to be read */
    const unsigned char *buf;          /* where offset is */
    rt_hmarks_pt         marks;

    /* the tag being read */
    uint64_t             start;
    rt_htoken_t          token;
    rt_hattr_t           attr;
    unsigned char        wanted;       /* it is one that may be reported */
    unsigned char        ready;        /* it is to be reported */

    /* text up to an end tag, comments, CDATA sections */
    rt_htag_e            raw;          /* whose text is being read, or is
                                          ended by the tag being read */
    unsigned char        escape;       /* of script data: 2 is double */
    unsigned char        count;        /* of dashes, brackets, letters */
    unsigned char        fresh;        /* a comment of nothing but dashes */
    unsigned char        html;         /* letters of "html" in attributes */

    rt_htree_t           tree;
} rt_html_t;


void rt_html_init(rt_html_t *h);


/*
 * Reads on in [*pos, last).
 *
 * ret:  RT_OK     *tag is the next script, style or link start tag, and *pos
 *                 is one after its ">"; call again
 *       RT_AGAIN  *pos == last: the buffer is used up
 *
 * There is nothing to do at the end of the document: a tag without its ">"
 * is dropped by every parser.
 */
rt_status_e rt_html_next(rt_html_t *h, const unsigned char **pos,
    const unsigned char *last, rt_html_tag_t *tag);


/*
 * For who must decide before the tag's ">" is read: 1 if the bytes read so
 * far end inside a start tag named script, style or link whose first nonce
 * attribute has a value that began at *start (and may be complete already).
 * Whether the tag makes an element is only known at its ">".
 */
int rt_html_in_nonce(const rt_html_t *h, uint64_t *start);


#pragma GCC visibility pop


#endif /* RT_HTML_H_INCLUDED */
