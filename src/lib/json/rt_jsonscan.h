
/*
 * Looks through JSON text without making a tree of it: strict as rt_json.h is,
 * in one pass, and without memory of its own.
 *
 * What is found are spans of the text, not decoded.  Who compares one with
 * something does so through rt_jsonscan_byte(), which reads a string as what
 * it says: "\u0061" is an "a".
 */


#ifndef RT_JSONSCAN_H_INCLUDED
#define RT_JSONSCAN_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_JSONSCAN_DEPTH  128      /* nesting of arrays and objects */


typedef struct {
    const unsigned char   *p;
    const unsigned char   *end;
    unsigned               depth;   /* how many are open */
    unsigned               first;   /* the next member is its object's first */
} rt_jsonscan_t;


void rt_jsonscan_init(rt_jsonscan_t *scan, const rt_str_t *text);

/*
 * Enters an object.
 *
 * ret:  RT_OK, RT_DECLINED (here is another value: nothing was read),
 *       RT_TOO_BIG (depth)
 */
rt_status_e rt_jsonscan_enter(rt_jsonscan_t *scan);

/*
 * The next member of the object entered last; its value must be entered or
 * skipped before the next call.
 *
 * out:  *name as it stands between its quotes
 * ret:  RT_OK, RT_DONE (the object is closed, and left), RT_INVALID
 */
rt_status_e rt_jsonscan_member(rt_jsonscan_t *scan, rt_str_t *name);

/*
 * Reads over one value of any type.
 *
 * out:  *value, all of it, with the quotes of a string
 * ret:  RT_OK, RT_INVALID, RT_TOO_BIG (depth)
 */
rt_status_e rt_jsonscan_skip(rt_jsonscan_t *scan, rt_str_t *value);

/* RT_OK if nothing but white space is left, else RT_INVALID */
rt_status_e rt_jsonscan_end(rt_jsonscan_t *scan);


/*
 * The bytes that a scalar stands for, one after the other: of a string its
 * decoded text, of another value what is written.  A reader may be copied, to
 * go back to where it was.
 */

typedef struct {
    const unsigned char   *p;
    const unsigned char   *end;
    unsigned char          left;    /* bytes of held that are to come */
    unsigned char          held[4]; /* of an escape, the last one first */
} rt_jsonscan_text_t;


/* in: a value that rt_jsonscan_skip() found, or a name between its quotes */
void rt_jsonscan_text(rt_jsonscan_text_t *text, const rt_str_t *value);
void rt_jsonscan_name(rt_jsonscan_text_t *text, const rt_str_t *name);

/* ret: the next byte; -1: there is none */
int rt_jsonscan_byte(rt_jsonscan_text_t *text);


#pragma GCC visibility pop


#endif /* RT_JSONSCAN_H_INCLUDED */
