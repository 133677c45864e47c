
/*
 * Names that are built in: what has one is masked without any rule.
 */


#ifndef RT_REDACT_NAMES_H_INCLUDED
#define RT_REDACT_NAMES_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* the letters of a name: a bit for each */

#define RT_REDACT_LETTER(c)  (1u << ((c) & 31))

static inline uint32_t
rt_redact_letters(const unsigned char *name, size_t len)
{
    size_t    i;
    uint32_t  letters;

    for (i = 0, letters = 0; i < len; i++) {
        letters |= RT_REDACT_LETTER(name[i]);
    }

    return letters;
}


/*
 * 1 if a name, folded as rt_glob_fold() does, is that of a password or of
 * something else that lets its holder in; letters are those that it has
 */
int rt_redact_builtin_name(const unsigned char *name, size_t len,
    uint32_t letters);


#pragma GCC visibility pop


#endif /* RT_REDACT_NAMES_H_INCLUDED */
