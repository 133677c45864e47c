
/*
 * A chain over the lines that a sink holds, so that a line that was changed,
 * put in, taken out or moved is found.
 *
 *   {"id":..,"metadata":{..},"integrity":{"chain":"C","n":7,"prev":"P",
 *    "mac":"M","sig":"S"}}
 *
 *   C  32 digits of hex, of which the first 8 tell the key, the next 8 the
 *      sink and its machine, and the others no other chain has
 *   n  1, 2, 3 .. without gaps
 *   P  the MAC of the line before
 *   M  HMAC-SHA256 of all bytes of this line up to M itself, with P among them
 *   S  Ed25519 of "rtaudit chain" and M's 64 digits, base64url; in some lines
 *
 * The first line of a chain has "after":"C:n" and that line's MAC as P, when
 * another chain came before it; without one P is 64 zeros.  It is signed, and
 * so is a line that the caller wants signed.
 *
 * A chain is one sink's: the lines of several rings are in it in the order of
 * the file.  It ends with the memory that holds its head, and the next one
 * names the line that it found last.  There is no key that evolves: whoever
 * has the key, which lies on the machine, can make another chain from any
 * line on.  He cannot make it fit a head that somebody else knows.
 */


#ifndef RT_CHAIN_H_INCLUDED
#define RT_CHAIN_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_CHAIN_ID    32       /* digits of a chain's name */
#define RT_CHAIN_MAC   64       /* digits of a MAC */
#define RT_CHAIN_SIG   86       /* characters of a signature */
#define RT_CHAIN_RAND  8        /* bytes of randomness in a name */
#define RT_CHAIN_KEY   32       /* bytes of a key, at least */
#define RT_CHAIN_ROOM  400      /* bytes that a line grows by, at most */


/* a line of a chain: the last one that was sealed, say; n 0: there is none */

typedef struct {
    uint64_t              n;
    unsigned char         id[RT_CHAIN_ID];
    unsigned char         mac[RT_CHAIN_MAC];
} rt_chain_head_t;


typedef struct {
    void                 *mac;              /* OpenSSL's */
    void                 *pkey;             /* ... or NULL: no signatures */
    unsigned char         kid[8];           /* of the names of its chains */
} rt_chain_key_t;


/* what a line says of itself */

typedef struct {
    rt_chain_head_t       head;             /* this line */
    rt_chain_head_t       after;            /* of a first line; mac: not set */
    unsigned char         prev[RT_CHAIN_MAC];
    size_t                sealed;           /* bytes that the MAC is made of */
    size_t                text;             /* ... and those of the event */
    const unsigned char  *sig;              /* RT_CHAIN_SIG of them, or NULL */
} rt_chain_link_t;


/*
 * in:   secret, of RT_CHAIN_KEY bytes at least; not needed afterwards
 * ret:  RT_OK, RT_INVALID (too short), RT_ERROR; the key is to be closed
 *       after RT_OK only.  One thread at a time uses it.
 */
rt_status_e rt_chain_key_open(rt_chain_key_t *key, const rt_str_t *secret);

/*
 * in:   pem, an Ed25519 key: the private one to sign with, or the public one
 *       to look at signatures
 * ret:  RT_OK, RT_INVALID (it is none, or encrypted)
 */
rt_status_e rt_chain_key_private(rt_chain_key_t *key, const rt_str_t *pem);
rt_status_e rt_chain_key_public(rt_chain_key_t *key, const rt_str_t *pem);

void rt_chain_key_close(rt_chain_key_t *key);

/*
 * A new chain, no line of which is sealed yet.
 *
 * in:   origin, the machine and the sink in any form; random, of
 *       RT_CHAIN_RAND bytes
 */
rt_status_e rt_chain_begin(rt_chain_key_t *key, const rt_str_t *origin,
    const unsigned char *random, rt_chain_head_t *head);

/*
 * Seals the next line.
 *
 * in:   head, of the line before; after, the line that a first one comes
 *       after (n 0: none); line, *len bytes that end with "}\n", and
 *       RT_CHAIN_ROOM bytes of room behind them; sign: a signature, if
 *       there is a key for it
 * out:  line and *len, sealed; head, of this line
 * ret:  RT_OK, RT_INVALID (no such line), RT_ERROR (OpenSSL); head is as it
 *       was then
 */
rt_status_e rt_chain_seal(rt_chain_key_t *key, rt_chain_head_t *head,
    const rt_chain_head_t *after, int sign, unsigned char *line, size_t *len);

/*
 * Reads what a line, with its LF or without, says of itself; believes nothing.
 * ret: RT_OK, RT_DECLINED (it is in no chain)
 */
rt_status_e rt_chain_read(const rt_str_t *line, rt_chain_link_t *link);

/* "C:n" or, with MAC, "C:n:MAC"; ret: RT_OK, RT_INVALID */
rt_status_e rt_chain_head_read(const rt_str_t *text, int mac,
    rt_chain_head_t *head);

/* was the line that was read so sealed with this key?  ret: 1, 0 */
int rt_chain_sealed(rt_chain_key_t *key, const rt_str_t *line,
    const rt_chain_link_t *link);

/* is its signature of this key?  ret: 1, 0, also when it has none */
int rt_chain_signed(rt_chain_key_t *key, const rt_chain_link_t *link);


#pragma GCC visibility pop


#endif /* RT_CHAIN_H_INCLUDED */
