
/*
 * The members of a line of our own, one after the other, without a tree of
 * them and without memory.
 *
 * The line is what rt_event_encode() wrote: objects without white space, names
 * without escapes.  Whatever else stands there ends the scan, and no byte
 * beyond the line is read.  Values are told apart, not checked: what is in one
 * is as good as who wrote it.
 *
 *     rt_event_scan_open(&rest);
 *
 *     while (rt_event_scan_member(&rest, &name) == RT_OK) {
 *         rt_event_scan_value(&rest, &value);     or open() it
 *     }
 */


#ifndef RT_EVENT_SCAN_H_INCLUDED
#define RT_EVENT_SCAN_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/*
 * Each moves *rest, which begins at what it reads, behind it.
 *
 * ret: RT_OK, RT_INVALID
 */

/* the brace of an object */
rt_status_e rt_event_scan_open(rt_str_t *rest);

/* the next member's name; RT_DONE: the object has ended */
rt_status_e rt_event_scan_member(rt_str_t *rest, rt_str_t *name);

/* a member's value, whatever it is; in value as it stands there */
rt_status_e rt_event_scan_value(rt_str_t *rest, rt_str_t *value);

/* what is between the quotes of a string, escapes and all; else as it is */
rt_str_t rt_event_scan_text(const rt_str_t *value);


#pragma GCC visibility pop


#endif /* RT_EVENT_SCAN_H_INCLUDED */
