
/*
 * A session as bytes: one encoding for all stores, in which it is always
 * sealed.
 *
 *     0x01 | id, 16 | created, seen, expires, auth_time, checked,
 *     access_expires, stepup: 8 each | provider, 4 | five strings: length, 4,
 *     and bytes | the end
 *
 * Numbers are big-endian.  A record of another version is none: whoever had
 * that session signs in again.
 */


#ifndef RT_SESSION_H_INCLUDED
#define RT_SESSION_H_INCLUDED


#include "rt_base.h"
#include "oidc/rt_seal.h"


#pragma GCC visibility push(hidden)


#define RT_SESSION_MAX  RT_SEAL_MAX     /* bytes of a record */
#define RT_SESSION_ID   16


/* times are seconds, from 0 to RT_CLAIMS_MAX_TIME */

typedef struct {
    unsigned char  id[RT_SESSION_ID];   /* random; in logs and events as hex.
                                           It is not the cookie */
    int64_t        created;
    int64_t        seen;
    int64_t        expires;         /* created and the absolute limit */
    int64_t        auth_time;       /* of the ID token; 0: it has none */
    int64_t        checked;         /* the provider last said the claims */
    int64_t        access_expires;  /* of the access token; 0: unknown */
    int64_t        stepup;          /* the caller's note; 0: none */
    uint32_t       provider;        /* rt_login_provider() */
    rt_str_t       sid;             /* the provider's; or empty */
    rt_str_t       claims;          /* text of a JSON object, not empty */
    rt_str_t       id_token;        /* or empty, as the two below */
    rt_str_t       access_token;
    rt_str_t       refresh_token;
} rt_session_t;


/*
 * out:  *bytes, in the arena: tokens stand in it, the caller cleanses it
 * ret:  RT_OK, RT_INVALID (a time out of range, no claims), RT_TOO_BIG,
 *       RT_ERROR
 */
rt_status_e rt_session_encode(rt_mem_t *mem, const rt_session_t *s,
    rt_str_t *bytes);

/*
 * in:   bytes: what was sealed; must outlive *s, which points into it
 * ret:  RT_OK, RT_INVALID (anything that rt_session_encode() does not make)
 */
rt_status_e rt_session_decode(const rt_str_t *bytes, rt_session_t *s);


#pragma GCC visibility pop


#endif /* RT_SESSION_H_INCLUDED */
