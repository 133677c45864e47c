
/*
 * The placeholder rewriter: a page carries nonce="SECRET", the client gets
 * nonce="<the nonce of this response>".
 *
 * SECRET becomes the nonce only where it is the whole raw value of the first
 * nonce attribute of a script, style or link start tag that makes an element
 * (rt_html.h).  Everywhere else it is overwritten: in text, comments, other
 * attributes and tags, raw text, scripts, in tags longer than
 * RT_NONCE_TAG_MAX, in tags that hold "<script", "<style" or "<link" in an
 * attribute (a dangling tag that swallowed ours), after the scanner has
 * stopped, and in a tag the document ends in.
 *
 * In words:
 *   - whatever the input, no SECRET is in the output;
 *   - the output less nonces and fill equals the input less SECRETs;
 *   - the output is the same for every split of the input.
 */


#ifndef RT_NONCE_H_INCLUDED
#define RT_NONCE_H_INCLUDED


#include "rt_base.h"
#include "html/rt_html.h"
#include "html/rt_nonce_secret.h"


#pragma GCC visibility push(hidden)


#define RT_NONCE_SPELLED      6      /* bytes of "&#x2B;" */
#define RT_NONCE_TAG_MAX      8192   /* bytes from "<" to ">" */

/* so many first characters of SECRET at the very end of a document are the
   rest of one that was cut, and overwritten as well */
#define RT_NONCE_SLICE        8

#define RT_NONCE_PIECES      16       /* fed before the scanner reads them */


typedef enum {
    RT_NONCE_PASS = 0,      /* data[0..len) lies in the input of this feed:
                               pass it on without copying */
    RT_NONCE_COPY,          /* data[0..len) is input of earlier feeds; copy
                               it, it lives until the callback returns */
    RT_NONCE_PUT,           /* the nonce goes here; data is the nonce, or
                               the whole attribute (rt_place.h) */
    RT_NONCE_FILL           /* what overwrites; data lies in the secret */
} rt_nonce_op_e;


/*
 * Why a SECRET that may be a nonce was overwritten even so, or a tag got none
 * (rt_place.h).
 */

#define RT_NONCE_LOSSES  32         /* there are no more reasons */

typedef struct {
    unsigned         why;           /* its number, see rt_nonce_loss() */
    const char      *word;          /* "select"; NULL: none was */
    const char      *text;          /* what it is about, and the mend */
    uint64_t         at;            /* where the first such one begins */
} rt_nonce_lost_t;


/* beside the reasons to stop, RT_HSTOP_... */

enum {
    RT_LOST_TAG = RT_HSTOP_N,       /* its tag is too long */
    RT_LOST_SRC,
    RT_LOST_HASH,
    RT_LOST_BODY,                   /* its text is too long */
    RT_LOST_FOREIGN,
    RT_LOST_MARKUP,
    RT_LOST_VALUE                   /* its nonce has none */
};


/* notes the first */
void rt_nonce_lose(rt_nonce_lost_t *lost, unsigned why, uint64_t at);


/* bytes of the document from base on, up to end */

typedef struct {
    const unsigned char      *buf;
    uint64_t                  base;
    uint64_t                  end;
} rt_nonce_piece_t;


/* anything but RT_OK ends the feed, which returns it */
typedef rt_status_e (*rt_nonce_emit_pt)(void *ctx, rt_nonce_op_e op,
    const unsigned char *data, size_t len);


typedef struct {
    const rt_nonce_secret_t  *secret;
    rt_str_t                  nonce;        /* empty: nothing to put */
    rt_nonce_emit_pt          emit;
    void                     *ctx;

    unsigned                  html:1;       /* else only overwrite */
    unsigned                  own:1;        /* see rt_nonce_own() */
    uint64_t                  length;       /* see rt_nonce_length() */

    /* for status and events */
    unsigned                  placed;
    unsigned                  scrubbed;
    rt_nonce_lost_t           lost;

    /* all offsets count bytes from the begin of the document */
    uint64_t                  base;         /* of the buffer being read */
    uint64_t                  done;         /* what is before is emitted,
                                               or in hold */
    const unsigned char      *buf;
    const unsigned char      *last;

    /* that the scanner may not have read yet; the last one is being fed */
    rt_nonce_piece_t          piece[RT_NONCE_PIECES];
    unsigned                  npieces;

    unsigned                  matched;      /* bytes of SECRET at the end of
                                               the buffer before */

    /*
     * A SECRET that may become the nonce once its tag is complete: SECRET
     * itself is not stored, hold is the part of the tag after it, secrets
     * already overwritten.
     */
    uint64_t                  wait;         /* its offset */
    unsigned                  waiting:1;
    size_t                    held;

    rt_status_e               rc;           /* of emit(); then nothing is
                                               emitted any more */

    rt_html_t                 tokens;
    unsigned char             hold[RT_NONCE_TAG_MAX];
} rt_nonce_t;


/*
 * Starts a document.
 *
 * secret:  must outlive n
 * nonce:   base64url; its bytes must outlive n.  Empty (randomness failed):
 *          every SECRET is overwritten
 * html:    0: any other text, every SECRET is overwritten
 */
void rt_nonce_init(rt_nonce_t *n, const rt_nonce_secret_t *secret,
    const rt_str_t *nonce, int html, rt_nonce_emit_pt emit, void *ctx);


/*
 * Nobody says what the document's charset is, so a browser guesses: behind
 * the first ESC it may read ISO-2022-JP, and no nonce is placed any more.
 * (A byte order mark of UTF-16 wins over any charset and is always minded.)
 */
#define rt_nonce_guess(n)  ((n)->tokens.guess = 1)


/* <meta name=csp-nonce content=SECRET> and the like are nonces as well */
#define rt_nonce_meta(n)  rt_html_meta(&(n)->tokens)


/*
 * The document is said to have len bytes: behind its last SECRET it need not
 * be read.  If it goes on after that many, no nonce is placed in what follows.
 */
#define rt_nonce_length(n, len)  ((n)->length = (len))


/*
 * May what is fed from now on be written?  Then a nonce as long as SECRET
 * overwrites it, and is passed on with what is around it.
 */
#define rt_nonce_own(n, yes)  ((n)->own = ((yes) != 0))


/*
 * Takes the next bytes of the document and emits what is decided, in order;
 * bytes of PASS are never emitted later than in the feed that brought them.
 * What is not decided (the beginning of a SECRET, the rest of a tag after a
 * SECRET) is kept in n and comes out of a later feed.  buf must live until
 * rt_nonce_settle(); it may be NULL when len is 0.  last != 0: nothing follows,
 * everything is decided.
 *
 * ret:  RT_OK, or what emit() returned
 */
rt_status_e rt_nonce_feed(rt_nonce_t *n, const unsigned char *buf, size_t len,
    int last);


/*
 * What was fed since the last call of this is about to go: reads what may
 * matter to a SECRET in what follows.
 */
void rt_nonce_settle(rt_nonce_t *n);


/* the word of each reason, from 1 on; NULL: there are no more */
const char *rt_nonce_loss(unsigned why);

#pragma GCC visibility pop


#endif /* RT_NONCE_H_INCLUDED */
