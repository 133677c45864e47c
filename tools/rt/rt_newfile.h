
/* A file that was not there before. */


#ifndef RT_NEWFILE_H_INCLUDED
#define RT_NEWFILE_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/*
 * Writes a file whole, or leaves nothing behind.  Nothing is overwritten, and
 * no link is followed.  Nobody can read the file at any time who may not read
 * it in the end.
 *
 * in:   mode; group, whose file it becomes; NULL: the caller's own
 * ret:  NULL, or why not
 */
const char *rt_newfile(const char *path, const rt_str_t *text, unsigned mode,
    const char *group);


#pragma GCC visibility pop


#endif /* RT_NEWFILE_H_INCLUDED */
