
/* The members of an event that say who: userId, user, geoLocation. */


#ifndef RT_EVENT_WHO_H_INCLUDED
#define RT_EVENT_WHO_H_INCLUDED


#include "rt_base.h"
#include "event/rt_event_part.h"


#pragma GCC visibility push(hidden)


/* before anything else here is called */
void rt_event_user_read(rt_event_part_t *p);

/* "userId", from the event or from its user object; "user" */
void rt_event_organization_id(rt_event_part_t *p);
void rt_event_user_id(rt_event_part_t *p);
void rt_event_user(rt_event_part_t *p);

/* "geoLocation" */
void rt_event_geo(rt_event_part_t *p);

/* 1 if a member of user{} has that name: for rtaudit_field user.NAME */
int rt_event_user_member(const rt_str_t *name);


#pragma GCC visibility pop


#endif /* RT_EVENT_WHO_H_INCLUDED */
