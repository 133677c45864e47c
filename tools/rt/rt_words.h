
/* Reads the words behind a verb: its options, and at most one word more. */


#ifndef RT_WORDS_H_INCLUDED
#define RT_WORDS_H_INCLUDED


#include <stddef.h>


#pragma GCC visibility push(hidden)


/* "--NAME VALUE" or "--NAME=VALUE" sets value; "--NAME" alone sets on */

typedef struct {
    const char   *name;
    const char  **value;
    int          *on;
} rt_option_t;


/*
 * Where an option is given twice, the last one counts.
 *
 * in:   verb, such as "rt token inspect"
 *       word, NULL: the verb takes none
 * out:  *word, the one that is no option; unchanged if there is none
 * ret:  0; -1: said on standard error why not.  A word that no option expects
 *       is not printed: it may be a secret
 */
int rt_words(const char *verb, const rt_option_t *options, size_t n, int argc,
    char **argv, const char **word);


#pragma GCC visibility pop


#endif /* RT_WORDS_H_INCLUDED */
