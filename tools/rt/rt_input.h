
/* A whole file, or standard input. */


#ifndef RT_INPUT_H_INCLUDED
#define RT_INPUT_H_INCLUDED


#include <stdio.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* ret: NULL, or why not; *text may be empty */
const char *rt_input_all(FILE *in, rt_str_t *text);

/*
 * To be asked before standard input is read for a word of the command line: the
 * second one would find nothing there.  ret: NULL, or why not
 */
const char *rt_input_once(void);

/*
 * Reads a file, or standard input if the name is NULL or "-".
 *
 * out:  *name, as messages call it
 * ret:  NULL, or why not; *text may be empty
 */
const char *rt_input_file(const char **name, rt_str_t *text);


#pragma GCC visibility pop


#endif /* RT_INPUT_H_INCLUDED */
