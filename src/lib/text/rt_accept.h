
/*
 * Whether a client takes gzip, as its Accept-Encoding says (RFC 9110, 12.5.3).
 */


#ifndef RT_ACCEPT_H_INCLUDED
#define RT_ACCEPT_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/*
 * in:   value: the value of one Accept-Encoding line, any bytes
 * ret:  1 if it names gzip, and each time with a weight above zero or none
 *
 * A weight that is no weight counts as zero: a response that is not
 * compressed suits every client.  For the same reason "*" is not enough.
 */
int rt_accept_gzip(const rt_str_t *value);


#pragma GCC visibility pop


#endif /* RT_ACCEPT_H_INCLUDED */
