
/*
 * What a policy does that upstream sent: its nonces.
 */


#ifndef RT_CSP_FOREIGN_H_INCLUDED
#define RT_CSP_FOREIGN_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/*
 * in:   value: of a Content-Security-Policy line, any bytes, read as browsers
 *       do: policies are separated by ',', directives by ';'
 *       own: n nonces that are not foreign
 * ret:  1 if another nonce stands in a directive in which one has an effect
 */
int rt_csp_foreign_nonce(const rt_str_t *value, const rt_str_t *own,
    unsigned n);


#pragma GCC visibility pop


#endif /* RT_CSP_FOREIGN_H_INCLUDED */
