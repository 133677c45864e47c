
/*
 * Which variables hold something of the user: those of rtauth, and those that
 * map, set, auth_request_set and rtauth_claim make from them.
 */


#ifndef RT_CHECK_VARS_H_INCLUDED
#define RT_CHECK_VARS_H_INCLUDED


#include "text/rt_nginxconf.h"


#pragma GCC visibility push(hidden)


typedef struct rt_var_s  rt_var_t;

struct rt_var_s {
    rt_str_t    name;           /* without "$" */
    rt_var_t   *next;
};


/* the variables that a set begins with, and those made from them */

typedef struct {
    int         who;            /* 1: only those that tell users apart, which
                                   a cache needs */
    rt_var_t   *first;
} rt_vars_t;


/* ret: RT_OK, RT_ERROR (memory) */
rt_status_e rt_check_vars(rt_mem_t *mem, const rt_nginxconf_t *root,
    rt_vars_t *vars);

/* 1: the text holds a variable of the set */
int rt_check_holds(const rt_vars_t *vars, const rt_str_t *text);


#pragma GCC visibility pop


#endif /* RT_CHECK_VARS_H_INCLUDED */
