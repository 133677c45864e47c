
/*
 * What the rewriter (rt_nonce.h) looks for in a page, and the search for it.
 *
 * SECRET is base64url, none of whose characters is changed by URL encoding
 * or HTML escaping, so the search for its raw bytes finds it however an
 * application escaped it.  (An application that goes out of its way to encode
 * single letters, "&#97;bc", hides it from us; such a value is never the
 * placeholder either.)
 */


#ifndef RT_NONCE_SECRET_H_INCLUDED
#define RT_NONCE_SECRET_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_NONCE_SECRET_MIN   22     /* 128 bits of base64url */
#define RT_NONCE_SECRET_MAX   128
#define RT_NONCE_TOKEN_MIN    16

/*
 * 48 bits.  Fewer would be met by chance, and overwritten where they are no
 * nonce: of 8 random characters that happens in one megabyte of text out of
 * 2^28.  They would also be easier to guess for who writes into a page that is
 * in the cache already, by a part that the server adds; each guess is a
 * request.
 */

#define RT_NONCE_RUN_MIN      8

#define RT_NONCE_SHIFTS       1024


/* made once, at configuration time or for one response; then only read */

typedef struct {
    size_t           len;

    /* characters of a token around SECRET; none around a placeholder */
    unsigned char    before;
    unsigned char    after;

    unsigned char    text[RT_NONCE_SECRET_MAX];
    unsigned char    fail[RT_NONCE_SECRET_MAX + 1];  /* borders (KMP) */
    unsigned char    shift[RT_NONCE_SHIFTS];         /* by last two bytes */
    unsigned char    rare[2];                        /* where its two rarest
                                                        characters are */

    /*
     * What overwrites: 'x'; another letter when SECRET begins or ends with
     * 'x', or fill and text next to it could make up a SECRET again.
     */
    unsigned char    fill;
    unsigned char    filling[RT_NONCE_SECRET_MAX];   /* all of that */
} rt_nonce_secret_t;


/*
 * ret:  RT_OK; RT_INVALID (a character that is not base64url);
 *       RT_TOO_BIG (not RT_NONCE_SECRET_MIN to RT_NONCE_SECRET_MAX long)
 */
rt_status_e rt_nonce_secret(rt_nonce_secret_t *s, const rt_str_t *text);

/*
 * A token: the nonce that an application made for one response, in which it
 * is the SECRET.  Of its characters "+", "/" and "=" may be spelled in many
 * ways ("&#43;" in HTML, "\/" in JSON, "%3D" in an address), so SECRET is the
 * longest part of it without these.  It is replaced where the value of nonce
 * has around it as many bytes as the other parts may take; these stay as they
 * are, in the page as in the policy: whether they are right is for the
 * browser to see.
 *
 * ret:  RT_OK: SECRET is token->data[before .. before + len);
 *       RT_INVALID (no base64 or base64url, or no RT_NONCE_RUN_MIN characters
 *       in a row without "+" and "/": of random tokens, one of 150 that have 22
 *       characters, one of 3,000 that have 32);
 *       RT_TOO_BIG (not RT_NONCE_TOKEN_MIN to RT_NONCE_SECRET_MAX long)
 */
rt_status_e rt_nonce_token(rt_nonce_secret_t *s, const rt_str_t *token);


/* ret: the first SECRET that is whole in [p, last), or NULL */
const unsigned char *rt_nonce_secret_find(const rt_nonce_secret_t *s,
    const unsigned char *p, const unsigned char *last);

/* how many bytes of SECRET, but not all, [p, last) ends with */
unsigned rt_nonce_secret_tail(const rt_nonce_secret_t *s,
    const unsigned char *p, const unsigned char *last);

/* one byte more behind k bytes of it; ret: how many then end with that byte */
unsigned rt_nonce_secret_step(const rt_nonce_secret_t *s, unsigned k,
    unsigned char c);

/*
 * Overwrites every SECRET in place, for text that is whole in memory (a
 * header's value).  ret: how many
 */
unsigned rt_nonce_scrub(const rt_nonce_secret_t *s, unsigned char *p,
    size_t len);


#pragma GCC visibility pop


#endif /* RT_NONCE_SECRET_H_INCLUDED */
