
/*
 * A line of an audit file as whoever searches it sees it: where in it the
 * members stand that are asked for, each at its place.  What a client named
 * "status", or wrote into a value so that it looks like a member, is none.
 *
 * The line is looked through once, whole, and no tree is made of it.
 */


#ifndef RT_QUERY_LINE_H_INCLUDED
#define RT_QUERY_LINE_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


typedef enum {
    RT_QUERY_ID = 0,
    RT_QUERY_USER_ID,               /* userId */
    RT_QUERY_IP,                    /* ipAddress */
    RT_QUERY_RESPONSE_MS,           /* responseTimeMs */
    RT_QUERY_ACTION,                /* actionType */
    RT_QUERY_STATUS,
    RT_QUERY_CREATED,               /* createdAt */
    RT_QUERY_USER,
    RT_QUERY_REQUEST,
    RT_QUERY_METADATA,
    RT_QUERY_USERS_ID,              /* user.id */
    RT_QUERY_USERS_EMAIL,
    RT_QUERY_METHOD,                /* request.method */
    RT_QUERY_URL,
    RT_QUERY_STAGE,                 /* metadata.stage */
    RT_QUERY_LOST,
    RT_QUERY_MEMBERS
} rt_query_member_e;


typedef struct {
    rt_str_t   at[RT_QUERY_MEMBERS];    /* as JSON; empty: it is not there */
} rt_query_line_t;


/*
 * in:   line, without its LF
 * out:  *ev, spans of line; of members that stand twice the first
 * ret:  RT_OK, RT_DECLINED (JSON, but no event as rtaudit writes them by
 *       default: it has neither an id nor an actionType), RT_INVALID (no
 *       JSON, or not all of it)
 */
rt_status_e rt_query_line(const rt_str_t *line, rt_query_line_t *ev);

/*
 * When it began, of createdAt, or else of an id of version 7.
 *
 * out:  text, RT_TIME_ISO_LEN bytes, which sort as their times do
 * ret:  RT_OK, RT_DECLINED (neither is there)
 */
rt_status_e rt_query_line_time(const rt_query_line_t *ev, unsigned char *text);

/* a member that is a number without sign and fraction; 0: it is none */
int rt_query_line_uint(const rt_query_line_t *ev, rt_query_member_e member,
    uint64_t *n);


#pragma GCC visibility pop


#endif /* RT_QUERY_LINE_H_INCLUDED */
