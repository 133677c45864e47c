
/*
 * An HTML tokenizer that finds the script, style and link start tags of a
 * page while the page streams by (WHATWG HTML 13.2.5), together with as much
 * of the tree builder (13.2.6) as decides how the next bytes are read: see
 * rt_htree.h.
 *
 * The state has a fixed size and is kept over buffers: the result is the same
 * for every split of the input.  Nothing is allocated, nothing is copied but
 * short names.  The input is bytes of any encoding in which the ASCII bytes
 * mean ASCII (UTF-8, ISO-8859-*, windows-125x; the trail bytes of Shift_JIS,
 * GBK, Big5 and EUC are never one of < > " ' = / & or white space); it must
 * not be used for UTF-16, UTF-7 or ISO-2022-*.  Scripting is taken to be on.
 *
 * It fails closed: where browsers of today read a page differently, or a
 * bound is reached, no further tag is reported and h->stopped says why.  A
 * tag that is not reported gets no nonce, and a browser does not run it.
 */


#ifndef RT_HTML_H_INCLUDED
#define RT_HTML_H_INCLUDED


#include "rt_base.h"
#include "html/rt_htree.h"


#pragma GCC visibility push(hidden)


/* an attribute name longer than this is none of those we look for */
#define RT_HTML_NAME_MAX   32

/* more attributes in one script, style or link tag than this: duplicates are
   no longer told apart, and the tag counts as one with duplicates */
#define RT_HTML_ATTRS_MAX  64


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
    unsigned             foreign:1;    /* an SVG or MathML element */
    unsigned             self_closing:1;

    /*
     * What speaks against the tag.  "markup" is the trace of a dangling tag
     * that swallowed the next one, and its nonce, in duplicates too:
     *
     *     <script src=//evil a="<p title="b" nonce=SECRET>
     *
     * a quoted value has "<script", "<style" or "<link" in it; a name or an
     * unquoted value has a "<"; or one of these has a quote in it and comes
     * after a quoted value that has a "<".  CSP3 ("is element nonceable")
     * has browsers look for "<script" and "<style" alone.
     * "duplicate": some attribute's name came twice.
     */
    unsigned             markup:1;
    unsigned             duplicate:1;
} rt_html_tag_t;


typedef struct {
    unsigned             state;        /* of the tokenizer */
    uint64_t             offset;       /* of the next byte to be read */
    uint64_t             seed;
    const unsigned char *buf;          /* where offset is */

    rt_hstop_e           stopped;      /* not 0: no tag is reported any more */

    /* the tag being read */
    rt_html_tag_t        tag;
    rt_htoken_t          token;
    uint64_t             name_hash;
    unsigned             name_len;
    unsigned             want;         /* what of its attributes is kept */
    unsigned char        ready;        /* it is to be reported */
    unsigned char        in_nonce;     /* its first nonce value has begun */
    unsigned char        text_matters;
    unsigned char        escape;       /* of script data: 2 is double */
    unsigned             text_seen;    /* RT_HSEEN_... since the last tag */
    rt_htag_e            raw;          /* whose text is being read */
    unsigned             count;        /* of dashes, brackets, letters */

    /* the attribute being read */
    uint64_t             attr_hash;
    uint64_t             value_hash;
    unsigned             attr_len;
    unsigned             attr_kind;
    unsigned             value_len;
    unsigned             match;        /* of "<script" and others */
    unsigned char        quote;
    unsigned char        quoted_lt;    /* a quoted value had a "<" */

    unsigned char        name[RT_HTML_NAME_MAX + 8];
    unsigned char        attr[RT_HTML_NAME_MAX];
    unsigned char        value[RT_HTML_NAME_MAX];

    unsigned             nattrs;
    uint32_t             attrs[RT_HTML_ATTRS_MAX];

    unsigned             doctype_len;
    unsigned char        doctype[RT_HDOCTYPE_MAX];

    rt_htree_t           tree;
} rt_html_t;


/*
 * seed: any number an author of pages does not know (names of unknown
 * elements are compared by a hash keyed with it)
 */
void rt_html_init(rt_html_t *h, uint64_t seed);


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
