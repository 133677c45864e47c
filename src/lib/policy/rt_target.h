
/*
 * What a line of a group is about: [METHOD,...:]PATH, [METHOD,...:]=PATH.
 */


#ifndef RT_TARGET_H_INCLUDED
#define RT_TARGET_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


typedef struct {
    rt_str_t         methods;   /* "GET,POST"; empty: all */
    rt_str_t         path;      /* empty: everything */
    unsigned         exact;     /* =/x */
} rt_target_t;


/*
 * GET includes HEAD, as in limit_except.  A path is written decoded and
 * normalised, as locations are.
 *
 * out:  *target, which points into arg; *err, after RT_INVALID, a sentence
 * ret:  RT_OK, RT_INVALID, RT_ERROR (memory)
 */
rt_status_e rt_target_parse(rt_mem_t *mem, const rt_str_t *arg,
    rt_target_t *target, rt_str_t *err);

/* method as in the request line; path normalised and decoded by the server */
int rt_target_covers(const rt_target_t *target, const rt_str_t *method,
    const rt_str_t *path);

/*
 * Is a path another spelling of one that a target names, or of one below it?
 * See rt_uri_alike(), which is asked about as many segments of the path as the
 * target has, if that is not exact.
 */
int rt_target_alike(const rt_target_t *target, const rt_str_t *path);


#pragma GCC visibility pop


#endif /* RT_TARGET_H_INCLUDED */
