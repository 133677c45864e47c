
/*
 * Which events are asked for.
 *
 * A query is made of names with values, as they come from a command line or
 * an address.  Values of one name are alternatives; all names have to match.
 *
 *     user    userId, user.id or user.email
 *     action  actionType
 *     path    request.url without its query, percent-decoded once; begins
 *             with "/" or "*", or is refused
 *     id      the event's id
 *     status  "404", "4xx", ">=500", "200-299", and several with commas
 *     since   not older than that; see rt_query_time.h
 *     until   older than that
 *
 * In the first four '*' stands for any run of bytes.  Values are compared as
 * what they say, however they are escaped in the line.
 */


#ifndef RT_QUERY_H_INCLUDED
#define RT_QUERY_H_INCLUDED


#include "rt_base.h"
#include "event/rt_query_line.h"
#include "text/rt_time.h"
#include "text/rt_uuid.h"


#pragma GCC visibility push(hidden)


#define RT_QUERY_TEXT    256        /* bytes of a value */
#define RT_QUERY_VALUES  64         /* of all names together */


typedef enum {
    RT_QUERY_BY_USER = 0,
    RT_QUERY_BY_ACTION,
    RT_QUERY_BY_PATH,
    RT_QUERY_BY_ID,
    RT_QUERY_TEXTS
} rt_query_text_e;


typedef struct rt_query_value_s  rt_query_value_t;

struct rt_query_value_s {
    rt_str_t           text;
    rt_query_value_t  *next;
};


typedef struct {
    rt_mem_t          *mem;
    rt_query_value_t  *value[RT_QUERY_TEXTS];
    unsigned           nvalues;
    unsigned           by_status;
    unsigned char      status[125];             /* a bit for each up to 999 */
    unsigned           has_since;
    unsigned           has_until;
    unsigned char      since[RT_TIME_ISO_LEN];
    unsigned char      until[RT_TIME_ISO_LEN];
} rt_query_t;


/* a query that every event matches */
void rt_query_init(rt_query_t *query, rt_mem_t *mem);

/*
 * in:   value, which must outlive the query; now_ms of the Unix epoch, for
 *       times like "-1h"
 * out:  *why, a phrase about the value, if it is refused
 * ret:  RT_OK, RT_DECLINED (there is no such name), RT_INVALID, RT_TOO_BIG
 *       (a value or their number), RT_ERROR (memory)
 */
rt_status_e rt_query_add(rt_query_t *query, const rt_str_t *name,
    const rt_str_t *value, uint64_t now_ms, const char **why);

/* 1 if this event is asked for, else 0 */
int rt_query_match(const rt_query_t *query, const rt_query_line_t *ev);


/*
 * Where a reader stopped: the event of that id begins at this offset of the
 * file with this inode number, whatever the file is called by now.  As text it
 * is "INODE.OFFSET.ID", with hexadecimal numbers.  It comes back from
 * a client: whoever reads on looks first whether that event stands there.
 */

#define RT_QUERY_CURSOR_LEN  (16 + 1 + 16 + 1 + RT_UUID_LEN)

typedef struct {
    uint64_t           file;
    uint64_t           offset;
    unsigned char      id[RT_UUID_LEN];
} rt_query_cursor_t;


/* dst has room for RT_QUERY_CURSOR_LEN bytes; ret: the bytes written */
size_t rt_query_cursor_write(const rt_query_cursor_t *cursor,
    unsigned char *dst);

/* ret: RT_OK, RT_INVALID */
rt_status_e rt_query_cursor_read(const rt_str_t *text,
    rt_query_cursor_t *cursor);

/* 1 if this event is the one that the cursor names, else 0 */
int rt_query_cursor_at(const rt_query_cursor_t *cursor,
    const rt_query_line_t *ev);


#pragma GCC visibility pop


#endif /* RT_QUERY_H_INCLUDED */
