
/*
 * A bounded, strict JSON parser (RFC 8259) into a tree in the caller's arena.
 *
 * One parser serves tokens, claims, key sets and captured bodies.  A library
 * is not used here for two reasons that are common in the wild: numbers that
 * fit no machine type must survive unchanged (kept as their literal text), and
 * invalid UTF-8 must be a decision of the caller (refuse, or repair with
 * U+FFFD), not a lost field.
 */


#ifndef RT_JSON_H_INCLUDED
#define RT_JSON_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


typedef enum {
    RT_JSON_NULL = 0,
    RT_JSON_FALSE,
    RT_JSON_TRUE,
    RT_JSON_NUMBER,
    RT_JSON_STRING,
    RT_JSON_ARRAY,
    RT_JSON_OBJECT
} rt_json_type_e;


typedef struct rt_json_s  rt_json_t;

struct rt_json_s {
    rt_json_type_e   type;
    unsigned         count;     /* members or elements */
    rt_str_t         key;       /* decoded name, when member of an object */
    rt_str_t         str;       /* decoded string; a number's literal text */
    rt_json_t       *child;     /* first member or element */
    rt_json_t       *next;      /* next sibling, in document order */
    rt_json_t       *same;      /* with TWICE: the next member of that name */
    unsigned         again;     /* with TWICE: not the first of its name; of
                                   the root: some object has such members */
};


#define RT_JSON_UNIQUE    0x01  /* equal member names in one object: INVALID */
#define RT_JSON_TWICE     0x02  /* equal member names are tied together */
#define RT_JSON_CASELESS  0x04  /* with UNIQUE or TWICE: letters of ASCII are
                                   equal whatever their case */
#define RT_JSON_NO_NUL    0x08  /* U+0000 in a name or string: INVALID */
#define RT_JSON_REPAIR    0x10  /* invalid UTF-8 and lone surrogates become
                                   U+FFFD; without it: INVALID */

typedef struct {
    unsigned         flags;     /* RT_JSON_... */
    unsigned         max_depth; /* nesting of arrays and objects, >= 1 */
    unsigned         max_nodes; /* values in the whole text, >= 1 */
} rt_json_opts_t;


/*
 * Parses exactly one JSON value with optional white space around it.
 *
 * in:   text, any bytes, need not end with NUL, must outlive the tree when
 *       strings without escapes point into it (they do)
 * out:  *root in the arena
 * ret:  RT_OK, RT_INVALID (grammar, flags), RT_TOO_BIG (depth, nodes),
 *       RT_ERROR (memory); with *err the byte offset where it stopped, if
 *       err is not NULL
 */
rt_status_e rt_json_parse(rt_mem_t *mem, const rt_str_t *text,
    const rt_json_opts_t *opts, rt_json_t **root, size_t *err);

/* the first member of that name, or NULL; v may be NULL or of any type */
rt_json_t *rt_json_get(const rt_json_t *v, const rt_str_t *name);

/* the same with a literal */
#define rt_json_member(v, lit)                                                \
    rt_json_get(v, &(rt_str_t) rt_string(lit))

/* the text of a member that is a string; empty if there is none */
rt_str_t rt_json_text(const rt_json_t *v, const char *name);

/* the nth element of an array, or NULL */
rt_json_t *rt_json_at(const rt_json_t *v, size_t n);

/*
 * A path: "a.b[0]", or a JSON Pointer (RFC 6901) when it begins with '/'.
 * ret: the value, or NULL when any step is absent or the path is malformed
 */
rt_json_t *rt_json_path(const rt_json_t *v, const rt_str_t *path);

/*
 * RT_OK when the path is well-formed: for configuration time.  A name that is
 * a URL has to be written as a JSON Pointer, /https:~1~1example.com~1x.
 */
rt_status_e rt_json_path_check(const rt_str_t *path);

/*
 * A number as double: RT_OK, RT_DECLINED (not a number), RT_INVALID (not
 * finite as a double, 1e400; a literal above 255 bytes; a fraction, if some
 * other code has set a locale with a decimal comma).
 */
rt_status_e rt_json_double(const rt_json_t *v, double *out);

/*
 * An integral number (no fraction, no exponent) that fits int64_t: RT_OK,
 * RT_DECLINED (not a number), RT_INVALID (any other number).
 */
rt_status_e rt_json_int64(const rt_json_t *v, int64_t *out);


#pragma GCC visibility pop


#endif /* RT_JSON_H_INCLUDED */
