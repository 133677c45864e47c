
/*
 * What somebody handed over in a variable, as rows of a table: packed, as our
 * modules do (rt_event_packed.h), or an object of JSON, as a configuration may.
 *
 * Whoever wrote it is not believed: nothing of it gets into an event but the
 * values of rows that the table has, and they are encoded anew.
 */


#ifndef RT_EVENT_OBJECT_H_INCLUDED
#define RT_EVENT_OBJECT_H_INCLUDED


#include "rt_base.h"
#include "json/rt_json.h"


#pragma GCC visibility push(hidden)


#define RT_EVENT_ROWS  24       /* of one table, at most */


typedef struct {
    unsigned             there;                     /* it can be read */
    const rt_json_t     *member[RT_EVENT_ROWS];     /* a row's, or NULL */
    rt_json_t            node[RT_EVENT_ROWS];
} rt_event_object_t;


/* the names of a table: n of them, size bytes from one to the next */

typedef struct {
    const rt_str_t      *first;
    size_t               size;
    unsigned             n;
} rt_event_names_t;


/* what can be read neither way is not there */
void rt_event_object(rt_mem_t *mem, const rt_str_t *text,
    const rt_event_names_t *names, rt_event_object_t *object);


#pragma GCC visibility pop


#endif /* RT_EVENT_OBJECT_H_INCLUDED */
