
/*
 * base64url (RFC 4648, section 5) as JOSE uses it (RFC 7515, section 2): no
 * padding, no other alphabet, no white space, and the unused bits of the last
 * character are zero.  So one string of bytes has exactly one encoding, and
 * one token exactly one spelling.
 */


#ifndef RT_B64_H_INCLUDED
#define RT_B64_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* bytes needed to decode, or to encode, len bytes */
#define rt_b64_decoded_len(len)  ((len) / 4 * 3 + ((len) % 4 + 1) / 2)
#define rt_b64_encoded_len(len)  ((len) / 3 * 4 + (len) % 3 + !!((len) % 3))

/*
 * Decodes into the arena.  Empty input gives an empty output.
 *
 * in:   any bytes
 * out:  *out, exactly the decoded bytes, no NUL is added
 * ret:  RT_OK, RT_INVALID (not canonical base64url), RT_ERROR (memory)
 */
rt_status_e rt_b64_decode(rt_mem_t *mem, const rt_str_t *in, rt_str_t *out);

/*
 * The same into a buffer of rt_b64_decoded_len(in->len) bytes.
 * ret:  RT_OK with *len set, RT_INVALID
 */
rt_status_e rt_b64_decode_to(const rt_str_t *in, unsigned char *dst,
    size_t *len);

/* 1 if in is canonical base64url, else 0; decodes nothing */
int rt_b64_valid(const rt_str_t *in);

/*
 * Encodes into a buffer of rt_b64_encoded_len(len) bytes.
 * ret: bytes written
 */
size_t rt_b64_encode_to(const unsigned char *p, size_t len,
    unsigned char *dst);

/* encodes into the arena; RT_OK or RT_ERROR (memory) */
rt_status_e rt_b64_encode(rt_mem_t *mem, const rt_str_t *in, rt_str_t *out);


#pragma GCC visibility pop


#endif /* RT_B64_H_INCLUDED */
