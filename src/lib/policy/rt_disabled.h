
/*
 * Who is switched off: the file of rtauth_disabled, and how one is named there
 * and in rtauth_revoke.
 *
 * A line names one, "sub:alice", "email:alice@example.com", "sid:..." or
 * "jti:...", and may end with " iss=ISSUER", which holds it to that issuer's;
 * a line that is empty or begins with "#" says nothing.  Or all of it is a JSON
 * array of such lines, and of objects like {"sub": "alice", "iss": "..."}.
 *
 * A file is taken as a whole or not at all: whom a half of it forgets would be
 * let in.
 */


#ifndef RT_DISABLED_H_INCLUDED
#define RT_DISABLED_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_DISABLED_MAX_TEXT   (1024 * 1024)    /* bytes */
#define RT_DISABLED_MAX        16384            /* entries */
#define RT_DISABLED_MAX_VALUE  1024             /* bytes of a value, or of an
                                                   issuer */


typedef enum {
    RT_DISABLED_SUB = 0,
    RT_DISABLED_EMAIL,
    RT_DISABLED_SID,
    RT_DISABLED_JTI,
    RT_DISABLED_KINDS
} rt_disabled_e;


typedef struct {
    rt_disabled_e         kind;
    rt_str_t              value;    /* of EMAIL, folded: rt_fold.h */
    rt_str_t              issuer;   /* empty: any */
} rt_disabled_entry_t;


typedef struct {
    rt_disabled_entry_t  *entry;    /* in order */
    size_t                n;

    /* after RT_INVALID and RT_TOO_BIG */

    const char           *unit;     /* "line" or "entry", */
    unsigned              at;       /*   its number, from 1; 0: all of it */
    const char           *why;      /* a predicate of that */
} rt_disabled_t;


/*
 * in:   text, of at most RT_DISABLED_MAX_TEXT bytes; it outlives the list
 * ret:  RT_OK, RT_INVALID, RT_TOO_BIG (more than RT_DISABLED_MAX), RT_ERROR
 */
rt_status_e rt_disabled_parse(rt_mem_t *mem, const rt_str_t *text,
    rt_disabled_t *list);

/* 1 if one of that kind and value, of that issuer or of any, is listed */
int rt_disabled_has(const rt_disabled_t *list, rt_disabled_e kind,
    const rt_str_t *value, const rt_str_t *issuer);

/* the kind of that name, RT_DISABLED_KINDS: none */
rt_disabled_e rt_disabled_kind(const rt_str_t *name);

/*
 * What names one, or an issuer: NULL if it can, else why not, a predicate.  No
 * claim that has control characters, or blanks around it, names anybody.
 */
const char *rt_disabled_fault(const rt_str_t *value);


#pragma GCC visibility pop


#endif /* RT_DISABLED_H_INCLUDED */
