
/*
 * A request's path as it may stand in a log: no query, nothing that looks
 * like a secret, one line, bounded.
 *
 * Secrets do stand in paths: a token in a link, a password behind
 * ";password=", user information of an address that is part of the path.  A
 * log is read by more people than an application's data, so that "*" stands
 * for whatever may be one:
 *
 *   - a segment of more than RT_LOGPATH_SEGMENT bytes: every signed or
 *     encrypted token is longer, and so are most other keys;
 *   - what a segment holds from its first "=" on, or from a percent sign
 *     that is itself encoded;
 *   - a segment with an "@";
 *   - the rest of the path from the head of a token on (an object in base64,
 *     with two dots somewhere behind it), for its alphabet may have slashes.
 *
 * A short secret that is a plain segment ("/reset/abc123") cannot be told
 * from a name.
 */


#ifndef RT_LOGPATH_H_INCLUDED
#define RT_LOGPATH_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_LOGPATH_MAX      256     /* bytes that are written at most */
#define RT_LOGPATH_SEGMENT  64      /* bytes of a segment that is shown */


/*
 * in:   path, raw or decoded; it ends at its "?" or "#", encoded ones too
 * out:  dst, room for RT_LOGPATH_MAX bytes: printable ASCII without quotes;
 *       other bytes are "\xHH"; "..." ends what was too long
 * ret:  the number of bytes written
 */
size_t rt_logpath(unsigned char *dst, const rt_str_t *path);


#pragma GCC visibility pop


#endif /* RT_LOGPATH_H_INCLUDED */
