
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

    /*
     * The raw value, without quotes, of the first attribute named nonce.  Of
     * a meta, which must be named csp-nonce: of the first that is named nonce
     * or content.
     */
    uint64_t             nonce_start;
    uint64_t             nonce_end;

    rt_htag_e            tag;          /* RT_HTAG_SCRIPT, _STYLE, _LINK, or
                                          _META where these are read */

    unsigned             nonce:1;      /* there is one; it may be empty */
    unsigned             markup:1;     /* it swallowed another: rt_hattr.h */
    unsigned             loads:1;      /* a link: of a style or a script */
    unsigned             text:1;       /* all up to its end tag is text: it is
                                          no element of SVG or MathML */
    unsigned             ends:1;       /* no start tag: the text of the last
                                          one ends at start; see texts */
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
    unsigned char        meta;         /* meta tags are read, too */
    unsigned char        links;        /* what links load is told */
    unsigned char        wanted;       /* it is one that may be reported */
    unsigned char        ready;        /* RT_HREADY_... */
    unsigned char        texts;        /* the end of a text, too: set it to
                                          RT_HREADY_TEXT */

    /* text up to an end tag, comments, CDATA sections */
    rt_htag_e            raw;          /* whose text is being read, or is
                                          ended by the tag being read */
    unsigned char        escape;       /* of script data: 2 is double */
    unsigned char        count;        /* of dashes, brackets, letters */
    unsigned char        fresh;        /* a comment of nothing but dashes */
    unsigned char        html;         /* letters of "html" in attributes */

    /* of the document's encoding: rt_html_look() */
    unsigned char        first;        /* byte of the document */
    unsigned char        guess;        /* nobody says what it is */
    uint64_t             esc;          /* where the first one is */

    rt_htree_t           tree;
} rt_html_t;


/* what is to be reported next */

enum {
    RT_HREADY_NOT = 0,
    RT_HREADY_TAG,
    RT_HREADY_TEXT
};


void rt_html_init(rt_html_t *h);

/*
 * Reports meta tags, too.  Rails and its Turbo print
 * <meta name="csp-nonce" content="..."> or, if told to, nonce="..."; Vite
 * <meta property="csp-nonce" nonce="...">.
 */
#define rt_html_meta(h)  ((h)->meta = 1)

/* Tells of links what they load. */
#define rt_html_links(h)  ((h)->links = 1)


/*
 * Looks at bytes that have yet to be read, from that offset on, for what they
 * tell of the encoding: a document that begins with a byte order mark of
 * UTF-16 stops; the first ESC is noted if a browser guesses (h->guess).
 */
void rt_html_look(rt_html_t *h, uint64_t offset, const unsigned char *buf,
    size_t len);


/*
 * Reads on in [*pos, last).
 *
 * ret:  RT_OK     *tag is the next script, style or link start tag, and *pos
 *                 is one after its ">" (or the end of a text); call again
 *       RT_AGAIN  *pos == last: the buffer is used up
 *
 * There is nothing to do at the end of the document: a tag without its ">"
 * is dropped by every parser.
 */
rt_status_e rt_html_next(rt_html_t *h, const unsigned char **pos,
    const unsigned char *last, rt_html_tag_t *tag);


/*
 * For who must decide before the tag's ">" is read: 1 if the bytes read so
 * far end inside a start tag that may be reported, whose first nonce
 * attribute has a value that began at *start (and may be complete already).
 * Whether the tag makes an element is only known at its ">".
 */
int rt_html_in_nonce(const rt_html_t *h, uint64_t *start);


/*
 * 1 if the bytes read so far end in what may become a script, style or link
 * start tag, or the end tag of a text, and began at *start.
 */
int rt_html_open(const rt_html_t *h, uint64_t *start);


#pragma GCC visibility pop


#endif /* RT_HTML_H_INCLUDED */
