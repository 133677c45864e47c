
/*
 * DPoP proofs that were seen: in the zone, a 32nd part of it, kept until they
 * are too old to be good.  None is forgotten before, whoever fills the room: a
 * proof that has no place is refused.
 *
 *     page     cells of 16 bytes, taken from the zone when first needed
 *      +- set  64 of them; a keyed hash of the proof says which set, so that
 *              nobody chooses whose set he fills
 */


#ifndef NGX_HTTP_RTAUTH_REPLAY_H_INCLUDED
#define NGX_HTTP_RTAUTH_REPLAY_H_INCLUDED


#include "keys/ngx_http_rtauth_jwks.h"


#pragma GCC visibility push(hidden)


/*
 * in:   id of a proof, 32 bytes; until: it is good before, in seconds
 * ret:  NGX_OK, it is new, and seen from now on; NGX_DECLINED, it was seen;
 *       NGX_ERROR, there is no room for it
 */
ngx_int_t ngx_http_rtauth_replay(ngx_http_rtauth_worker_t *w, u_char *id,
    time_t until);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REPLAY_H_INCLUDED */
