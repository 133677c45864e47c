
/*
 * Which scripts, styles and links of a page may have its nonce, so that one
 * that somebody injected does not: those whose address is below a prefix, and
 * those whose text has a hash that is listed.
 *
 * An address is judged by its bytes, as they stand in the attribute, up to the
 * first "?" or "#".  It is absolute: a path that begins with one "/", or
 * "https://", a host and a path.  What a browser may read in any other way is
 * not allowed: addresses relative to the page's own, "//host", blanks and
 * control characters, backslashes, bytes that are not ASCII, "&", segments of
 * dots, percent-encoded slashes and dots (rt_uri_raw_check()).  A path is one
 * on the page's own origin as long as no <base> leads elsewhere, which is for
 * the policy to see (base-uri).
 *
 * A text is hashed as browsers do: as UTF-8, each CR LF and CR an LF.  One in
 * which a browser would replace bytes is not allowed.
 */


#ifndef RT_ALLOW_H_INCLUDED
#define RT_ALLOW_H_INCLUDED


#include "rt_base.h"
#include "html/rt_html.h"


#pragma GCC visibility push(hidden)


#define RT_ALLOW_PATH    2048       /* bytes of an address's path */
#define RT_ALLOW_DIGEST  64         /* of SHA-512 */


typedef struct {
    rt_str_t        origin;         /* "https://host"; empty: the page's own */
    rt_str_t        path;           /* one, or all below it: it ends in "/" */
} rt_allow_src_t;


typedef struct {
    unsigned char   way;            /* 0, 1, 2: SHA-256, SHA-384, SHA-512 */
    unsigned char   digest[RT_ALLOW_DIGEST];
} rt_allow_hash_t;


/* made at configuration time; read only after that */

typedef struct {
    const rt_allow_src_t   *src;
    const rt_allow_hash_t  *hash;
    size_t                  nsrc;
    size_t                  nhash;
} rt_allow_t;


/*
 * A prefix: "/static/", "/load.php", "https://cdn.example.com/lib/"
 *
 * out:  *src, which points into text
 *       *why, after RT_DECLINED: a phrase, "holds a backslash"
 * ret:  RT_OK, RT_DECLINED
 */
rt_status_e rt_allow_src(rt_allow_src_t *src, const rt_str_t *text,
    const char **why);

/* "sha256-BASE64", as in a policy but without quotes; ret: RT_OK, RT_INVALID */
rt_status_e rt_allow_hash(rt_allow_hash_t *hash, const rt_str_t *text);


/*
 * Is there text in the page that runs, or is a style?  Behind the tag, which
 * text is, from "<" to ">": that of a script without src that is no data.
 */
int rt_allow_inline(const rt_html_tag_t *tag, const rt_str_t *text);


typedef enum {
    RT_ALLOW_YES = 0,
    RT_ALLOW_NEEDLESS,      /* there is nothing that a nonce would let run */
    RT_ALLOW_TEXT,          /* its text decides */
    RT_ALLOW_NO             /* see *why */
} rt_allow_e;


/*
 * in:   text: the tag, from "<" to ">"
 * out:  *why, after RT_ALLOW_NO: RT_LOST_...
 */
rt_allow_e rt_allow_tag(const rt_allow_t *a, const rt_html_tag_t *tag,
    const rt_str_t *text, unsigned *why);

/*
 * in:   text of a script or style; utf8: the page is said to be UTF-8 (in
 *       another charset only ASCII has the bytes that a browser hashes)
 * ret:  1: allowed
 */
int rt_allow_text(const rt_allow_t *a, const rt_str_t *text, int utf8);


#pragma GCC visibility pop


#endif /* RT_ALLOW_H_INCLUDED */
