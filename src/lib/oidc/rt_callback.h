
/*
 * What the browser brings back from the provider (RFC 6749, 4.1.2; RFC 9207).
 *
 * Anybody can make a browser come here with any query.  Nothing of it is worth
 * anything before rt_login_state() said that the state is of an attempt of
 * this browser.
 */


#ifndef RT_CALLBACK_H_INCLUDED
#define RT_CALLBACK_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_CALLBACK_MAX       (8 * 1024)    /* bytes of the query */
#define RT_CALLBACK_MAX_CODE  4096          /* bytes; Entra ID's have 1,500 */
#define RT_CALLBACK_MAX_ARGS  32


typedef struct {
    rt_str_t  code;             /* or empty */
    rt_str_t  state;            /* never empty */
    rt_str_t  iss;              /* data NULL: there was none */
    rt_str_t  error;            /* a code, see rt_shown.h; or empty */
    rt_str_t  description;      /* by rt_shown(); or empty */
} rt_callback_t;


/*
 * Takes code, state, iss, error and error_description, decoded; others are
 * not looked at.  Refused: one of these twice, however its name is encoded;
 * a broken percent sign, a blank or a byte that is not printable ASCII in one
 * (but for the description); code and error together or neither; no state.
 *
 * in:   query, without the "?", any bytes
 * ret:  RT_OK, RT_DECLINED with *why, a phrase: "has two states"; RT_ERROR
 */
rt_status_e rt_callback_parse(rt_mem_t *mem, const rt_str_t *query,
    rt_callback_t *cb, const char **why);

/*
 * Is this answer from the provider we sent the browser to (RFC 9207, 2.4)?
 * An "iss" that is there is compared always, byte for byte.
 *
 * in:   required: the provider's metadata says that it sends one
 * ret:  RT_OK, RT_DECLINED with *why
 */
rt_status_e rt_callback_issuer(const rt_callback_t *cb,
    const rt_str_t *issuer, unsigned required, const char **why);


#pragma GCC visibility pop


#endif /* RT_CALLBACK_H_INCLUDED */
