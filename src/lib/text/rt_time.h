
/*
 * Times as text: ISO 8601 / RFC 3339 in UTC with milliseconds,
 * "2023-06-26T15:12:32.652Z".
 */


#ifndef RT_TIME_H_INCLUDED
#define RT_TIME_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_TIME_ISO_LEN  24


/*
 * in:   ms since the Unix epoch; past the year 9999 that year's end is
 *       written
 * out:  dst, RT_TIME_ISO_LEN bytes, no NUL
 */
void rt_time_iso(uint64_t ms, unsigned char *dst);

/*
 * The same with the last second kept, of which only the milliseconds are
 * written anew; kept begins as zeroes.
 */
typedef struct {
    uint64_t         second;
    unsigned char    text[RT_TIME_ISO_LEN];
} rt_time_kept_t;

void rt_time_iso_kept(rt_time_kept_t *kept, uint64_t ms, unsigned char *dst);

/*
 * RFC 3339 in whole seconds, "2026-12-31T18:00:00+01:00" or "...Z", of the
 * years 1970 to 9999.  There is no 60th second: it would be another one.
 *
 * out:  *seconds since the Unix epoch
 * ret:  RT_OK, RT_DECLINED
 */
rt_status_e rt_time_parse(const rt_str_t *text, int64_t *seconds);


#pragma GCC visibility pop


#endif /* RT_TIME_H_INCLUDED */
