
/*
 * Keyed pseudonyms: the same bytes under the same key have the same one, and
 * nobody without the key can find the bytes by trying them out, as he could
 * with a plain hash of a short value.
 *
 *     hmac-sha256:KID:64 digits of hex      (HMAC, RFC 2104, with SHA-256)
 */


#ifndef RT_PSEUDONYM_H_INCLUDED
#define RT_PSEUDONYM_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_PSEUDONYM_KID  32        /* bytes of a name, at most */
#define RT_PSEUDONYM_KEY  32        /* bytes of a key, at least */
#define RT_PSEUDONYM_MAX  (sizeof("hmac-sha256::") - 1 + RT_PSEUDONYM_KID + 64)


typedef struct {
    rt_str_t         kid;           /* rt_pseudonym_kid() */
    rt_str_t         key;
} rt_pseudonym_key_t;


/* 1 if this may be a name: [A-Za-z0-9_.-]{1,32} */
int rt_pseudonym_kid(const rt_str_t *kid);

/*
 * out:  dst, room for RT_PSEUDONYM_MAX bytes; *len, how many are written
 * ret:  RT_OK, RT_ERROR (OpenSSL)
 */
rt_status_e rt_pseudonym(const rt_pseudonym_key_t *key, const rt_str_t *value,
    unsigned char *dst, size_t *len);


#pragma GCC visibility pop


#endif /* RT_PSEUDONYM_H_INCLUDED */
