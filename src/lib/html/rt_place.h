
/*
 * Puts the nonce into those script, style and link start tags of a page that
 * rt_allow.h allows, or into every one that has none and, of links, loads a
 * style or a script.
 *
 *     <script src=/static/a.js>      -->  <script nonce=N src=/static/a.js>
 *     <script nonce="x" src=...>     -->  <script nonce="N" src=...> (allowed)
 *
 * A tag gets none that swallowed another, that is longer than
 * RT_NONCE_TAG_MAX, whose nonce has no value in quotes, that stands behind
 * where the scanner stopped, or whose text decides and is longer than
 * RT_PLACE_TEXT_MAX.
 *
 * In words:
 *   - the output less nonces equals the input (less the values of nonces that
 *     were replaced);
 *   - the output is the same for every split of the input;
 *   - what is held back is one tag, and its text where hashes are listed.
 */


#ifndef RT_PLACE_H_INCLUDED
#define RT_PLACE_H_INCLUDED


#include "rt_base.h"
#include "html/rt_allow.h"
#include "html/rt_html.h"
#include "html/rt_nonce.h"


#pragma GCC visibility push(hidden)


#define RT_PLACE_TEXT_MAX  65536     /* bytes of a script that is hashed */


typedef struct {
    const rt_allow_t         *allow;        /* NULL: every tag */
    rt_str_t                  nonce;
    rt_nonce_emit_pt          emit;
    void                     *ctx;
    int                       utf8;         /* the page is said to be */

    /* for status and events */
    unsigned                  placed;
    unsigned                  refused;
    rt_nonce_lost_t           lost;

    /* all offsets count bytes from the begin of the document */
    uint64_t                  base;         /* of the buffer being read */
    uint64_t                  end;
    uint64_t                  done;         /* what is before is emitted */
    const unsigned char      *buf;

    /* hold[first .. held) is the document from done on */
    size_t                    first;
    size_t                    held;

    rt_html_tag_t             tag;          /* whose text decides */
    unsigned                  waiting:1;

    rt_status_e               rc;           /* of emit() */

    rt_html_t                 tokens;

    /* " nonce=", the nonce, and a blank that parts it from a "/" */
    unsigned char             attr[RT_NONCE_SECRET_MAX + 8];

    unsigned char             hold[];
} rt_place_t;


/* bytes that an rt_place_t takes, with what it may have to hold */
size_t rt_place_size(const rt_allow_t *allow);

/*
 * Starts a document.
 *
 * n:      rt_place_size(allow) bytes
 * allow:  must outlive n; NULL: every tag has it
 * nonce:  1 to RT_NONCE_SECRET_MAX of base64url
 */
void rt_place_init(rt_place_t *n, const rt_allow_t *allow,
    const rt_str_t *nonce, int utf8, rt_nonce_emit_pt emit, void *ctx);

/* see rt_nonce_guess() */
#define rt_place_guess(n)  ((n)->tokens.guess = 1)

/*
 * Takes the next bytes of the document, as rt_nonce_feed() does; they need not
 * live any longer than this call.  It emits RT_NONCE_PASS, _COPY and _PUT.
 *
 * ret:  RT_OK, or what emit() returned
 */
rt_status_e rt_place_feed(rt_place_t *n, const unsigned char *buf, size_t len,
    int last);


#pragma GCC visibility pop


#endif /* RT_PLACE_H_INCLUDED */
