
/*
 * What a policy does that upstream sent: its nonces.
 */


#ifndef RT_CSP_FOREIGN_H_INCLUDED
#define RT_CSP_FOREIGN_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/*
 * Walks the nonces of a Content-Security-Policy line, any bytes, read as
 * browsers do: policies are separated by ',', directives by ';'.
 */

typedef struct {
    rt_str_t              nonce;        /* where it stands in the value */
    int                   acts;         /* it has an effect where it is */

    rt_str_t              rest;         /* behind the directive being read */
    const unsigned char  *pos;          /* in that */
    const unsigned char  *last;
} rt_csp_nonces_t;


void rt_csp_nonces_init(rt_csp_nonces_t *walk, const rt_str_t *value);

/* ret: 1: there is one more, see walk->nonce */
int rt_csp_nonces_next(rt_csp_nonces_t *walk);


/*
 * in:   value: of a Content-Security-Policy line
 *       own: n nonces that are not foreign
 * ret:  1 if another nonce stands in a directive in which one has an effect
 */
int rt_csp_foreign_nonce(const rt_str_t *value, const rt_str_t *own,
    unsigned n);


#pragma GCC visibility pop


#endif /* RT_CSP_FOREIGN_H_INCLUDED */
