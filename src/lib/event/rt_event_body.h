
/*
 * Bodies in an event: what is said of one, and what is shown of it.
 */


#ifndef RT_EVENT_BODY_H_INCLUDED
#define RT_EVENT_BODY_H_INCLUDED


#include "event/rt_event_part.h"


#pragma GCC visibility push(hidden)


/*
 * request.body: a text, or a JSON body that is no object; of others nothing,
 * for objects and fields are parameters
 */
void rt_event_body_shown(rt_event_part_t *p);

/* metadata.body: what is said of the request's body */
void rt_event_body(rt_event_part_t *p);

/* metadata.response: likewise of the response's, and the body itself */
void rt_event_body_response(rt_event_part_t *p);


#pragma GCC visibility pop


#endif /* RT_EVENT_BODY_H_INCLUDED */
