
/*
 * What a directive is in the copy, where it is not what it was: a row of a
 * table for each.
 */


#ifndef RT_COPY_RULES_H_INCLUDED
#define RT_COPY_RULES_H_INCLUDED


#include "rt_copy.h"


#pragma GCC visibility push(hidden)


/* ret: 1: it is written, or left out; 0: it is as it was */
int rt_copy_rule(rt_copy_t *k, const rt_nginxconf_t *d);

/* an address of "listen" as rt_copy_listen_t has it, or cut off */
void rt_copy_address(char *text, size_t size, const rt_str_t *address);

/* the number of an address, which may be new */
unsigned rt_copy_listens(rt_copy_t *k, rt_str_t address);

int rt_copy_is_quic(const rt_nginxconf_t *listen);


#pragma GCC visibility pop


#endif /* RT_COPY_RULES_H_INCLUDED */
