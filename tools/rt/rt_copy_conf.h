
/* The file of the copy, level by level. */


#ifndef RT_COPY_CONF_H_INCLUDED
#define RT_COPY_CONF_H_INCLUDED


#include "rt_copy.h"


#pragma GCC visibility push(hidden)


/* makes the folder and writes the file; ret: NULL, or why it cannot be done */
const char *rt_copy_conf(rt_copy_t *k, const rt_nginxconf_t *root);


#pragma GCC visibility pop


#endif /* RT_COPY_CONF_H_INCLUDED */
