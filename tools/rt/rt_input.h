
/* A whole file, or standard input, and bytes of it on a terminal. */


#ifndef RT_INPUT_H_INCLUDED
#define RT_INPUT_H_INCLUDED


#include <stdio.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* ret: NULL, or why not; *text may be empty */
const char *rt_input_all(FILE *in, rt_str_t *text);

/* what a terminal could take for something else than text is a "?" */
void rt_input_print(const rt_str_t *s);


#pragma GCC visibility pop


#endif /* RT_INPUT_H_INCLUDED */
