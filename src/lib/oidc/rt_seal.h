
/*
 * Sealed bytes: what is handed to a browser or a store, and believed when it
 * comes back.  AES-256-GCM (NIST SP 800-38D), keys by HKDF-SHA256 (RFC 5869).
 *
 *     +------+-------------+------------------------+---------------+
 *     | 0x01 | IV, 12 bytes | ciphertext, as plain   | tag, 16 bytes |
 *     +------+-------------+------------------------+---------------+
 *
 * The IV is random: one key must not seal more than 2^32 texts.  The tag's
 * length is ours, never the input's.  Each use has an AAD of its own that
 * begins with a word for the purpose, so that no sealed text is taken for
 * another kind of it, nor one browser's or host's for another's.
 *
 * OpenSSL's error queue is left empty.
 */


#ifndef RT_SEAL_H_INCLUDED
#define RT_SEAL_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_SEAL_KEY       32
#define RT_SEAL_OVERHEAD  29            /* bytes more than the plain text */
#define RT_SEAL_MAX       (64 * 1024)   /* bytes of a plain text */
#define RT_SEAL_HASH      32            /* bytes of SHA-256 */


typedef struct {
    unsigned char  key[RT_SEAL_KEY];
} rt_seal_key_t;


/*
 * HKDF-SHA256.  The owner cleanses the key when its time is over; one of the
 * configuration lives as long as that.
 *
 * in:   ikm: what is secret; salt: may be secret, too.  One of them may be
 *       empty, not both
 *       info: the purpose
 * ret:  RT_OK, RT_INVALID (nothing secret came in), RT_ERROR
 */
rt_status_e rt_seal_derive(rt_seal_key_t *out, const rt_str_t *ikm,
    const rt_str_t *salt, const rt_str_t *info);

/*
 * in:   plain, at most RT_SEAL_MAX bytes, may be empty; aad, not empty
 * out:  *sealed, raw bytes in the arena
 * ret:  RT_OK, RT_INVALID (no AAD), RT_TOO_BIG, RT_ERROR
 */
rt_status_e rt_seal(rt_mem_t *mem, const rt_seal_key_t *key,
    const rt_str_t *aad, const rt_str_t *plain, rt_str_t *sealed);

/*
 * Opens it with the first of n keys that fits: the first one seals, all open,
 * so that keys can be changed and nobody is signed out.
 *
 * in:   sealed, any bytes; aad as it was when sealed
 * out:  *plain, in the arena; *which, the key's index, if which is not NULL
 * ret:  RT_OK; RT_DECLINED (anything but bytes that one of these keys sealed
 *       with this AAD: nobody learns which of it); RT_ERROR
 */
rt_status_e rt_unseal(rt_mem_t *mem, const rt_seal_key_t *keys, unsigned n,
    const rt_str_t *aad, const rt_str_t *sealed, rt_str_t *plain,
    unsigned *which);

/* the same two with base64url instead of raw bytes: cookies, state */
rt_status_e rt_seal_text(rt_mem_t *mem, const rt_seal_key_t *key,
    const rt_str_t *aad, const rt_str_t *plain, rt_str_t *text);
rt_status_e rt_unseal_text(rt_mem_t *mem, const rt_seal_key_t *keys,
    unsigned n, const rt_str_t *aad, const rt_str_t *text, rt_str_t *plain,
    unsigned *which);

/* HMAC-SHA256 (RFC 2104); the key is not empty.  RT_OK, RT_INVALID, RT_ERROR */
rt_status_e rt_seal_hmac(const rt_str_t *key, const char *label,
    unsigned char out[RT_SEAL_HASH]);

/* random bytes that nobody can guess; RT_OK, RT_ERROR: then do not go on */
rt_status_e rt_seal_random(void *p, size_t len);


#pragma GCC visibility pop


#endif /* RT_SEAL_H_INCLUDED */
