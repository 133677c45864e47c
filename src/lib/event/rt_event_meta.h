
/* The member of an event that the server fills: metadata. */


#ifndef RT_EVENT_META_H_INCLUDED
#define RT_EVENT_META_H_INCLUDED


#include "rt_base.h"
#include "event/rt_event_part.h"


#pragma GCC visibility push(hidden)


void rt_event_meta(rt_event_part_t *p);


#pragma GCC visibility pop


#endif /* RT_EVENT_META_H_INCLUDED */
