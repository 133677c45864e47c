
/*
 * The event as one line: the encoder.
 *
 * It takes what the server saw, redacts it and writes the line into the
 * caller's buffer in one pass; whatever it is given, the line is valid UTF-8
 * JSON that fits the schema, ends with LF, holds no other LF and is no longer
 * than the buffer.
 */


#ifndef RT_EVENT_ENCODE_H_INCLUDED
#define RT_EVENT_ENCODE_H_INCLUDED


#include "rt_base.h"
#include "event/rt_event.h"
#include "redact/rt_redact.h"


#pragma GCC visibility push(hidden)


/*
 * in:   ev, rd (rules; its notes and path are used), the arena behind
 *       rd->mem for parsed sub-objects, buf of size bytes, size at least
 *       RT_EVENT_MIN: the bound of the line
 * out:  *len bytes in buf, the last is LF
 * ret:  RT_OK, RT_TOO_BIG (size below RT_EVENT_MIN), RT_ERROR (memory);
 *       anything but RT_OK is a lost event that the caller counts
 */
rt_status_e rt_event_encode(const rt_event_t *ev, rt_redact_t *rd,
    unsigned char *buf, size_t size, size_t *len);


#pragma GCC visibility pop


#endif /* RT_EVENT_ENCODE_H_INCLUDED */
