
/* Reads the words behind a verb: its options, and those that are none. */


#ifndef RT_WORDS_H_INCLUDED
#define RT_WORDS_H_INCLUDED


#include <stddef.h>


#pragma GCC visibility push(hidden)


/*
 * "--NAME VALUE" or "--NAME=VALUE" sets value, and "--NAME" alone sets on: both
 * may be there once.  One that sets neither has a value, which take gets each
 * time that it is there; ret: 0, or it said why not.
 */

typedef struct {
    const char   *name;
    const char  **value;
    int          *on;
} rt_option_t;

typedef int (*rt_words_take_pt)(void *ctx, const char *name,
    const char *value);


/*
 * What is wrong is said in one line on standard error, such as "rt check:
 * --jsn: is no option of it".  A word that no option expects is not printed: it
 * may be a secret.
 *
 * in:   verb, such as "rt token inspect"; take, which gets ctx, or NULL
 * out:  argv, whose first words are those that are no option
 * ret:  the number of these words; -1: it was said why not
 */
int rt_words_all(const char *verb, const rt_option_t *options, size_t n,
    rt_words_take_pt take, void *ctx, int argc, char **argv);

/*
 * Likewise, for a verb that takes one word at most.
 *
 * in:   word, NULL: the verb takes none
 * out:  *word, the one that is no option; unchanged if there is none
 * ret:  0; -1: it was said why not
 */
int rt_words(const char *verb, const rt_option_t *options, size_t n, int argc,
    char **argv, const char **word);


#pragma GCC visibility pop


#endif /* RT_WORDS_H_INCLUDED */
