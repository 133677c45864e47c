
/*
 * Values of a request that are compared with what a token says.
 *
 *     arg:NAME        an argument of the query string
 *     header:NAME     a request header
 *     cookie:NAME     a cookie
 *     form:NAME       a field of a form; of this and the next, see
 *     json:/POINTER   rt_source_body.h
 *
 * Such a comparison holds only what the application reads the same way, and
 * applications differ: one takes the first of several, another the last; PHP
 * and Rails take NAME[] for NAME; some fold case, cut blanks, split at ";",
 * or see "_", "-" and "." as one.  So a value is one only when all of them
 * read the same: everything that any of them takes for NAME is counted, and
 * there must be one, spelled exactly as NAME.
 *
 * Names are alike when their letters and digits are, with case folded as
 * Unicode folds it, up to the first bracket behind a letter.
 */


#ifndef RT_SOURCE_H_INCLUDED
#define RT_SOURCE_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* above it PHP, qs and others leave arguments out */
#define RT_SOURCE_MAX_ARGS  1000


typedef enum {
    RT_SOURCE_ARG = 0,
    RT_SOURCE_HEADER,
    RT_SOURCE_COOKIE,
    RT_SOURCE_FORM,
    RT_SOURCE_JSON
} rt_source_e;


typedef struct {
    rt_source_e      from;
    rt_str_t         name;      /* as written; a pointer */
} rt_source_t;


/* is the word written as a source, with a good name or not */
int rt_source_is(const rt_str_t *word);

/* "argument", "header" and so on, for messages */
const char *rt_source_noun(rt_source_e from);

/*
 * Reads "arg:NAME" and its kin at configuration time.
 *
 * ret:  RT_OK, RT_DECLINED (no source), RT_INVALID with *err a sentence,
 *       RT_ERROR (memory)
 */
rt_status_e rt_source_parse(rt_mem_t *mem, const rt_str_t *word,
    rt_source_t *source, rt_str_t *err);

/* do names mean the same to any application */
int rt_source_alike(const rt_str_t *a, const rt_str_t *b);

/*
 * What makes a decoded value one that applications read differently: bytes
 * that are no UTF-8, control characters, white space at an end.
 *
 * ret:  NULL, or a phrase such as "holds a control character"
 */
const char *rt_source_fault(const rt_str_t *value);

/*
 * Likewise of a header's value, which is ASCII: other bytes are Latin-1 to one
 * application and UTF-8 to another.
 */
const char *rt_source_header(const rt_str_t *value);

/*
 * The value of an argument.
 *
 * in:   query, as in the request line, without the "?"
 *       name, of the argument, decoded
 * out:  *value, decoded, after RT_OK; may be empty
 *       *why, after RT_INVALID: a phrase such as "is repeated"
 * ret:  RT_OK, RT_DECLINED (nothing any application takes for it), RT_INVALID
 */
rt_status_e rt_source_arg(rt_mem_t *mem, const rt_str_t *query,
    const rt_str_t *name, rt_str_t *value, const char **why);

/*
 * Looks for a cookie in one Cookie line.  Beside what RFC 6265 reads, older
 * readers take a comma for a semicolon, quotes for quotes, and decode "%".
 *
 * in:   *found, how many lines before had one: 0 or 1
 * out:  *found; *value, of the one that was found
 * ret:  NULL; a phrase such as "is repeated"
 */
const char *rt_source_cookie(rt_mem_t *mem, const rt_str_t *line,
    const rt_str_t *name, rt_str_t *value, unsigned *found);


#pragma GCC visibility pop


#endif /* RT_SOURCE_H_INCLUDED */
