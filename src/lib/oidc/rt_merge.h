
/*
 * The claims of a session: those of the ID token, and what else the provider
 * said of the same user.
 */


#ifndef RT_MERGE_H_INCLUDED
#define RT_MERGE_H_INCLUDED


#include "rt_base.h"
#include "json/rt_json.h"


#pragma GCC visibility push(hidden)


/*
 * Writes one object with the members of all; of a name, the first one.  What
 * was for one answer of the provider alone (nonce, at_hash, c_hash, s_hash) is
 * left out.
 *
 * in:   objects, n of them, at least one; each an object, or NULL
 * out:  *json, in the arena
 * ret:  RT_OK, RT_ERROR (memory)
 */
rt_status_e rt_merge(rt_mem_t *mem, const rt_json_t *const *objects,
    unsigned n, rt_str_t *json);


#pragma GCC visibility pop


#endif /* RT_MERGE_H_INCLUDED */
