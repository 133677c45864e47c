
/*
 * Times as a person asks for them: "2026-11-29", "2026-11-29T10:00",
 * "2026-11-29 10:00:30", "2026-11-29T10:00:30.652+01:00", "-90s", "-15m",
 * "-1h", "-7d", "-2w", "now", "today", "yesterday".  Events have their times in
 * UTC: what names no zone is UTC.
 */


#ifndef RT_QUERY_TIME_H_INCLUDED
#define RT_QUERY_TIME_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/*
 * in:   now_ms and out: *ms, since the Unix epoch; what was before is 0
 * ret:  RT_OK, RT_DECLINED
 */
rt_status_e rt_query_time(const rt_str_t *text, uint64_t now_ms, uint64_t *ms);


#pragma GCC visibility pop


#endif /* RT_QUERY_TIME_H_INCLUDED */
