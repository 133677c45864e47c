
/*
 * What rtauth and rtcsp hand over of a request: $rtauth_event, $rtcsp_event.
 *
 * Anybody may set a variable of that name where the module is not loaded, so
 * what is in there is a stranger's: only the members of one table get into an
 * event, each in its own bounds, and whatever else is said is not there.
 */


#ifndef RT_EVENT_HANDED_H_INCLUDED
#define RT_EVENT_HANDED_H_INCLUDED


#include "rt_base.h"
#include "event/rt_event_part.h"


#pragma GCC visibility push(hidden)


/* before anything else here is called */
void rt_event_handed_read(rt_event_part_t *p);

/*
 * A string that one of them says, "action", "decision" or "reason": rtauth's
 * word goes before rtcsp's.
 *
 * ret: NULL if none does, or it is not what such a member may be
 */
const rt_str_t *rt_event_handed(const rt_event_part_t *p, const char *name);

/* 1 if rtcsp says that the page has a nonce */
int rt_event_handed_nonce(const rt_event_part_t *p);

/* metadata's members: "rtauth":{...}, "rtcsp":{...} */
void rt_event_handed_rtauth(rt_event_part_t *p);
void rt_event_handed_rtcsp(rt_event_part_t *p);


#pragma GCC visibility pop


#endif /* RT_EVENT_HANDED_H_INCLUDED */
