
/*
 * Globs for names: "*token*".  '*' stands for any run of bytes, the empty
 * one too; everything else stands for itself.  Anchored at both ends.
 *
 * Names are compared folded, because an application folds them too before it
 * takes them for the same: ASCII case, and of what NFKC makes an ASCII letter
 * or digit the fullwidth forms, mathematical alphabets, letters in circles,
 * letterlike symbols and U+017F.  What only parts the words of a name does not
 * count: "api_key", "API-Key", "api.key", "api key" and "apiKey" are one name.
 * Neither do controls and characters of no width.
 *
 * The time is linear in pattern plus name: literals between stars are found
 * with the tables of Knuth, Morris and Pratt.
 */


#ifndef RT_GLOB_H_INCLUDED
#define RT_GLOB_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_GLOB_MAX  256        /* bytes of a pattern */


typedef struct {
    rt_str_t         lit;       /* folded text between two stars */
    uint16_t        *next;      /* its failure table */
} rt_glob_part_t;


typedef struct {
    rt_glob_part_t  *part;      /* the first and last are the anchors */
    unsigned         nparts;    /* stars + 1 */
    size_t           min;       /* the shortest name that can match */
} rt_glob_t;


/*
 * ret: RT_OK, RT_INVALID (empty), RT_TOO_BIG (longer than RT_GLOB_MAX),
 *      RT_ERROR (memory)
 */
rt_status_e rt_glob_compile(rt_mem_t *mem, const rt_str_t *pattern,
    rt_glob_t *glob);

/*
 * Folds a name; dst has room for name->len bytes.
 *
 * ret: the bytes written, never more than name->len
 */
size_t rt_glob_fold(unsigned char *dst, const rt_str_t *name);

/*
 * The two halves of it.  The first leaves what parts words and names, with
 * ' ' for any white space and '-' for any hyphen; the second takes out, in
 * place, what parts words.
 */
size_t rt_glob_plain(unsigned char *dst, const rt_str_t *name);
size_t rt_glob_squeeze(unsigned char *p, size_t len);

/*
 * The bytes of the white space, ASCII or Unicode, that ends at end; 0 if
 * there is none.
 */
size_t rt_glob_blank(const unsigned char *start, const unsigned char *end);

/* 1 if a name that was folded already matches, else 0 */
int rt_glob_match(const rt_glob_t *glob, const unsigned char *name,
    size_t len);


#pragma GCC visibility pop


#endif /* RT_GLOB_H_INCLUDED */
