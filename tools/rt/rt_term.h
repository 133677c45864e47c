
/* What is written to a terminal: text of strangers, and JSON. */


#ifndef RT_TERM_H_INCLUDED
#define RT_TERM_H_INCLUDED


#include "json/rt_jsonw.h"


#pragma GCC visibility push(hidden)


/*
 * One character to standard output; whatever a terminal acts upon, which turns
 * the direction of text around or has no width, is written as the escape that
 * JSON has for it.
 *
 * in:   the len bytes of it, and its code point
 * ret:  the columns it takes, a wide one counted as one
 */
size_t rt_term_put(const unsigned char *p, size_t len, uint32_t cp);

/*
 * The same of any bytes.  In JSON such characters stand in strings only, which
 * say the same with the escapes; bytes below 0x20 become blanks.
 */
void rt_term_text(const rt_str_t *text);

/* the same to standard error; a line's end counts at the end alone */
void rt_term_warning(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* one object in one line, as --json has it, of at most 1 MB; ret: 1, 0: no */
int rt_term_json_open(rt_jsonw_t *w, rt_mem_t *mem);
int rt_term_json_close(rt_jsonw_t *w);

/* a member of it; text may be NULL */
void rt_term_json_text(rt_jsonw_t *w, const char *name, const char *text);


#pragma GCC visibility pop


#endif /* RT_TERM_H_INCLUDED */
