
/*
 * What a sink may be given of an event: the members of some classes.
 *
 * docs/event.schema.json gives each leaf its classes; the table here is made
 * of it.  A line for a sink is made of the whole line by leaving members out:
 * what has none of the sink's classes, and what the table does not know.
 */


#ifndef RT_EVENT_CLASS_H_INCLUDED
#define RT_EVENT_CLASS_H_INCLUDED


#include "rt_base.h"
#include "redact/rt_pseudonym.h"


#pragma GCC visibility push(hidden)


#define RT_EVENT_USAGE     0x01
#define RT_EVENT_METERING  0x02
#define RT_EVENT_HEALTH    0x04
#define RT_EVENT_ALERT     0x08
#define RT_EVENT_PII       0x10
#define RT_EVENT_CONTENT   0x20
#define RT_EVENT_EVERY     0x40     /* what each line has */
#define RT_EVENT_OWN       0x80     /* ... each about rtaudit itself */

#define RT_EVENT_CLASSES   6

/* what a line can become longer by: its classes, and the user's pseudonym */
#define RT_EVENT_CLASS_MORE  (128 + RT_PSEUDONYM_MAX)


/* the class of this name, as a bit; 0: there is none */
unsigned rt_event_class(const rt_str_t *name);

/* the name of the class that is bit 1 << n, n below RT_EVENT_CLASSES */
const rt_str_t *rt_event_class_name(unsigned n);

/*
 * The line of these classes.
 *
 * in:   line, as rt_event_encode() writes it, with its LF
 *       classes, not RT_EVENT_EVERY
 *       key, which makes metadata.userPseudonym of userId for the class
 *       metering; NULL: there is none
 *       buf, of size bytes, which is not in the line
 * out:  *len, of the line in buf, with its LF
 * ret:  RT_OK, RT_TOO_BIG, RT_INVALID (this is no event), RT_ERROR (OpenSSL)
 */
rt_status_e rt_event_project(const rt_str_t *line, unsigned classes,
    const rt_pseudonym_key_t *key, unsigned char *buf, size_t size,
    size_t *len);

/*
 * 1 if an event is one for the class alert: an error of the server, a request
 * without an answer, an access or a sign-in that was refused, a loss, and
 * whatever the module says of itself.  So is a line that is no event.
 */
int rt_event_alert(const rt_str_t *line);


#pragma GCC visibility pop


#endif /* RT_EVENT_CLASS_H_INCLUDED */
