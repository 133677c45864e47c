
/*
 * A journal: a file that only grows, a record a line.
 *
 *     sum, 16 hexadecimal digits | blank | record | LF
 *
 * The sum is the beginning of the record's SHA-256.  What a crash has left of
 * a line has no end, and is cut off by who appends next.  A line whose sum does
 * not hold was damaged later.  Whoever reads a journal goes no further than
 * there: nobody knows what that line said.
 */


#ifndef RT_JOURNAL_H_INCLUDED
#define RT_JOURNAL_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_JOURNAL_MAX   (2 * 1024 * 1024)  /* bytes of a record */
#define RT_JOURNAL_MORE  18         /* bytes of a line beside its record */


/*
 * in:   record, of at most RT_JOURNAL_MAX bytes, without LF
 *       dst, room for record->len + RT_JOURNAL_MORE bytes
 * ret:  RT_OK; RT_INVALID: it is no record; RT_ERROR
 */
rt_status_e rt_journal_line(unsigned char *dst, const rt_str_t *record);

/*
 * The next line.
 *
 * out:  *rest: what is behind it; after RT_DONE, a line without its end
 *       *record, after RT_OK; it lies in *rest
 * ret:  RT_OK; RT_DECLINED: a damaged line; RT_DONE; RT_ERROR: memory is out
 */
rt_status_e rt_journal_next(rt_str_t *rest, rt_str_t *record);

/* likewise, where _next() has found every line sound; ret: 0, there is none */
int rt_journal_cut(rt_str_t *rest, rt_str_t *record);


#pragma GCC visibility pop


#endif /* RT_JOURNAL_H_INCLUDED */
