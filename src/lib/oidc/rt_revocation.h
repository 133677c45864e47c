
/*
 * One revocation as an entry of a fleet's Redis stream: "k", the name it has
 * in each host's zone, in hex; "b", the second up to which whatever was issued
 * is no good any more; "u", the second at which it may be forgotten.  One of a
 * user who was disabled by SCIM has "p" for "k": there may be very many of
 * these.  Nobody learns from it whose it is.
 *
 * In a journal these words are a record, with blanks between them.  One that is
 * taken back has "x" for "k" there: all of that name with no later "b" and no
 * later "u".  So it does not matter in which order they come, or how often.
 *
 * What is read may have been written by anybody who has the Redis.
 */


#ifndef RT_REVOCATION_H_INCLUDED
#define RT_REVOCATION_H_INCLUDED


#include "text/rt_resp.h"


#pragma GCC visibility push(hidden)


#define RT_REVOCATION_KEY    32         /* bytes */
#define RT_REVOCATION_ID     40         /* bytes of an entry's id, at most */
#define RT_REVOCATION_WORDS  6          /* of an entry's fields */
#define RT_REVOCATION_MAX    999999999999999999     /* of a second: for ever */
#define RT_REVOCATION_TEXT   (2 * RT_REVOCATION_KEY + 2 * 20)


typedef struct {
    unsigned char   key[RT_REVOCATION_KEY];
    int64_t         before;
    int64_t         until;
    unsigned        front:1;    /* nobody has signed it: its key is "f" */
    unsigned        lift:1;     /* it is taken back: its key is "x" */
    unsigned        pushed:1;   /* SCIM has disabled him: its key is "p" */
} rt_revocation_t;


/*
 * The words of an entry's fields, for XADD.
 * in: text: room for RT_REVOCATION_TEXT bytes, which the words lie in
 */
void rt_revocation_words(const rt_revocation_t *rev, unsigned char *text,
    rt_str_t *words);

/*
 * The answer of XREAD, of one stream.
 *
 * out:  *n: how many entries follow in *rest
 * ret:  RT_OK; RT_INVALID
 */
rt_status_e rt_revocation_entries(rt_str_t *rest, unsigned *n);

/*
 * The next entry.
 *
 * out:  *id: its id, as the server has it; after RT_OK and RT_DECLINED
 * ret:  RT_OK; RT_DECLINED: it is no revocation, and passed over; RT_INVALID
 */
rt_status_e rt_revocation_next(rt_str_t *rest, rt_str_t *id,
    rt_revocation_t *rev);


/* room for a record of a journal */
#define RT_REVOCATION_RECORD  (RT_REVOCATION_TEXT + 8)

/* in: text, RT_REVOCATION_RECORD bytes; ret: those that were written */
size_t rt_revocation_record(const rt_revocation_t *rev, unsigned char *text);

/* ret: RT_OK, RT_DECLINED: it is none */
rt_status_e rt_revocation_read(const rt_str_t *record, rt_revocation_t *rev);


#pragma GCC visibility pop


#endif /* RT_REVOCATION_H_INCLUDED */
