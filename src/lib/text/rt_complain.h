
/* The sentence a configuration error ends with. */


#ifndef RT_COMPLAIN_H_INCLUDED
#define RT_COMPLAIN_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_COMPLAIN_MAX  512        /* bytes; longer ones are cut */


/*
 * Formats (as printf; rt_str_t by "%.*s") into the arena.
 *
 * ret: RT_INVALID with *err, or RT_ERROR (memory): to be returned as it is
 */
rt_status_e rt_complain(rt_mem_t *mem, rt_str_t *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* the two arguments of "%.*s" */
#define rt_str_args(s)  (int) (s)->len, (const char *) (s)->data


#pragma GCC visibility pop


#endif /* RT_COMPLAIN_H_INCLUDED */
