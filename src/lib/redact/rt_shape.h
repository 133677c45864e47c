
/*
 * What a text looks like, whatever its name: card numbers, account numbers,
 * addresses.  Numbers count only with a right check digit.
 */


#ifndef RT_SHAPE_H_INCLUDED
#define RT_SHAPE_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/*
 * The place of this name in the table of shapes, from 0 on; -1: there is none.
 * card (13 to 19 digits of a known issuer, ISO/IEC 7812 with Luhn's digit),
 * iban (ISO 13616 with its check digits), email, ip (IPv4 and IPv6), jwt,
 * bearer, pem (a private key), key (of a cloud or a forge).
 */
int rt_shape_named(const rt_str_t *name);

/* 1 if the text has the shape of that place in the table somewhere */
int rt_shape_seen(const rt_str_t *s, int shape);


#pragma GCC visibility pop


#endif /* RT_SHAPE_H_INCLUDED */
