
/* A whole file, or standard input. */


#ifndef RT_INPUT_H_INCLUDED
#define RT_INPUT_H_INCLUDED


#include <stdio.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* ret: NULL, or why not; *text may be empty */
const char *rt_input_all(FILE *in, rt_str_t *text);

/*
 * The words of a verb that reads one file or standard input, and has --json and
 * one option more.
 */

typedef struct {
    const char  *verb;
    const char  *option;
    const char  *hint;          /* said when there is no input */

    int          on;            /* the option was given */
    int          json;          /* --json was given */
    const char  *name;
    rt_str_t     text;          /* may be empty */
} rt_input_t;


/* ret: 0; -1: said on standard error why not */
int rt_input_given(rt_input_t *given, int argc, char **argv);


#pragma GCC visibility pop


#endif /* RT_INPUT_H_INCLUDED */
