
/*
 * A bounded JSON writer (RFC 8259) into one buffer.
 *
 * Whatever bytes come in, what goes out is well-formed UTF-8 without raw
 * control characters: invalid bytes become U+FFFD, and C0, DEL, C1, U+2028,
 * U+2029, '"' and '\' are escaped, so that a line stays one line for every
 * reader, terminals and JavaScript included.
 *
 * The writer never writes past its end.  Each open array or object holds
 * back the byte that closes it, so closing always succeeds; everything else
 * may fail, which is remembered in "full".  A caller who wants to leave a
 * value out instead of losing the text sets a mark before and restores it:
 *
 *     mark = rt_jsonw_mark(w);
 *     ... write a member ...
 *     if (w->full) {
 *         rt_jsonw_restore(w, &mark);
 *     }
 */


#ifndef RT_JSONW_H_INCLUDED
#define RT_JSONW_H_INCLUDED


#include "json/rt_json.h"


#pragma GCC visibility push(hidden)


typedef struct {
    unsigned char   *start;
    unsigned char   *pos;       /* where the next byte goes */
    unsigned char   *last;      /* the end, less what is held back */
    unsigned char    comma;     /* the next value needs one before it */
    unsigned char    full;      /* something did not fit */
} rt_jsonw_t;


typedef struct {
    unsigned char   *pos;
    unsigned char   *last;
    unsigned char    comma;
    unsigned char    full;
} rt_jsonw_mark_t;


void rt_jsonw_init(rt_jsonw_t *w, unsigned char *buf, size_t size);


static inline rt_jsonw_mark_t
rt_jsonw_mark(const rt_jsonw_t *w)
{
    rt_jsonw_mark_t  mark;

    mark.pos = w->pos;
    mark.last = w->last;
    mark.comma = w->comma;
    mark.full = w->full;

    return mark;
}


static inline void
rt_jsonw_restore(rt_jsonw_t *w, const rt_jsonw_mark_t *mark)
{
    w->pos = mark->pos;
    w->last = mark->last;
    w->comma = mark->comma;
    w->full = mark->full;
}


/*
 * Holds n bytes back for what must be written later; release gives them
 * free again.  Ask for room first: hold sets "full" when there is none.
 */
void rt_jsonw_hold(rt_jsonw_t *w, size_t n);
void rt_jsonw_release(rt_jsonw_t *w, size_t n);


/* the number of bytes that may still be written */

static inline size_t
rt_jsonw_room(const rt_jsonw_t *w)
{
    return (size_t) (w->last - w->pos);
}


/* the number of bytes written so far */

static inline size_t
rt_jsonw_len(const rt_jsonw_t *w)
{
    return (size_t) (w->pos - w->start);
}


void rt_jsonw_open(rt_jsonw_t *w, int c);       /* '{' or '[' */
void rt_jsonw_close(rt_jsonw_t *w, int c);      /* '}' or ']' */

/* a member's name; the value must follow */
void rt_jsonw_key(rt_jsonw_t *w, const rt_str_t *name);


/* the same of plain ASCII text that needs no escapes */

static inline void
rt_jsonw_name(rt_jsonw_t *w, const char *name, size_t len)
{
    unsigned char  *p;

    if (w->full || rt_jsonw_room(w) < len + 3 + w->comma) {
        w->full = 1;
        return;
    }

    p = w->pos;
    *p = ',';
    p += w->comma;
    *p++ = '"';
    memcpy(p, name, len);
    p += len;
    *p++ = '"';
    *p++ = ':';

    w->pos = p;
    w->comma = 0;
}


#define rt_jsonw_lit(w, lit)  rt_jsonw_name(w, lit, sizeof(lit) - 1)

void rt_jsonw_str(rt_jsonw_t *w, const rt_str_t *s);

/*
 * At most max bytes between the quotes as written (escapes included), cut
 * between characters.
 *
 * ret: RT_OK, RT_TOO_BIG (cut; what stands there is valid)
 */
rt_status_e rt_jsonw_str_cut(rt_jsonw_t *w, const rt_str_t *s, size_t max);

/* a string in parts: quotes once, text as often as wanted */
void rt_jsonw_str_open(rt_jsonw_t *w);
void rt_jsonw_str_text(rt_jsonw_t *w, const rt_str_t *s);
void rt_jsonw_str_close(rt_jsonw_t *w);


/* bytes that are JSON already: a value, or members with their names */

static inline void
rt_jsonw_put(rt_jsonw_t *w, const void *json, size_t len)
{
    unsigned char  *p;

    if (w->full || rt_jsonw_room(w) < len + w->comma) {
        w->full = 1;
        return;
    }

    p = w->pos;

    if (w->comma) {
        *p++ = ',';
    }

    memcpy(p, json, len);

    w->pos = p + len;
    w->comma = 1;
}


#define rt_jsonw_json(w, lit)  rt_jsonw_put(w, lit, sizeof(lit) - 1)

void rt_jsonw_raw(rt_jsonw_t *w, const rt_str_t *s);
void rt_jsonw_uint(rt_jsonw_t *w, uint64_t n);


static inline void
rt_jsonw_bool(rt_jsonw_t *w, int b)
{
    if (b) {
        rt_jsonw_json(w, "true");

    } else {
        rt_jsonw_json(w, "false");
    }
}


static inline void
rt_jsonw_null(rt_jsonw_t *w)
{
    rt_jsonw_json(w, "null");
}


/* what was parsed; the depth of recursion is that of the parser */
void rt_jsonw_value(rt_jsonw_t *w, const rt_json_t *v);

/* one byte as it is, outside of values: the line's LF */
void rt_jsonw_byte(rt_jsonw_t *w, unsigned char c);


#pragma GCC visibility pop


#endif /* RT_JSONW_H_INCLUDED */
