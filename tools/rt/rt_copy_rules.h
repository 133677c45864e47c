
/*
 * How a directive is changed in the copy: a table with a row for each that does
 * not stay as it was.
 */


#ifndef RT_COPY_RULES_H_INCLUDED
#define RT_COPY_RULES_H_INCLUDED


#include "rt_copy.h"


#pragma GCC visibility push(hidden)


/* ret: 1: it was written otherwise, or left out; 0: it stays as it was */
int rt_copy_rule(rt_copy_t *k, const rt_nginxconf_t *d);

/* writes an address of "listen" as rt_copy_listen_t has it, cut to size */
void rt_copy_address(char *text, size_t size, const rt_str_t *address);

/* the number of an address, which is added if it is new */
unsigned rt_copy_listens(rt_copy_t *k, rt_str_t address);

int rt_copy_is_quic(const rt_nginxconf_t *listen);


#pragma GCC visibility pop


#endif /* RT_COPY_RULES_H_INCLUDED */
