
/* Writes text of strangers, and JSON, so that a terminal does nothing by it. */


#ifndef RT_TERM_H_INCLUDED
#define RT_TERM_H_INCLUDED


#include "json/rt_jsonw.h"


#pragma GCC visibility push(hidden)


/*
 * Writes one character to standard output.  One that a terminal acts upon, that
 * turns the direction of text around, or that has no width, is written as JSON
 * escapes it.
 *
 * in:   its bytes, and its code point
 * ret:  the columns it takes, where a wide one counts as one
 */
size_t rt_term_put(const unsigned char *p, size_t len, uint32_t cp);

/*
 * Writes any bytes likewise.  In JSON such characters stand only in strings,
 * which mean the same with escapes.  Bytes below 0x20 become blanks, and what
 * is no UTF-8 becomes U+FFFD.
 */
void rt_term_text(const rt_str_t *text);

/* likewise, with a format; only a last newline is written as one */
void rt_term_print(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* ... to standard error */
void rt_term_warning(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* begins an object in one line, for --json, of at most 1 MB; ret: 1; 0: no */
int rt_term_json_open(rt_jsonw_t *w, rt_mem_t *mem);
int rt_term_json_close(rt_jsonw_t *w);

/* a member of it; text may be NULL */
void rt_term_json_text(rt_jsonw_t *w, const char *name, const char *text);


#pragma GCC visibility pop


#endif /* RT_TERM_H_INCLUDED */
