
/*
 * What the endpoints of RFC 7644, 4 answer: what this service provider can do,
 * and what its resources are made of, from the table of rt_scim_schema.c.
 */


#ifndef RT_SCIM_DISCOVERY_H_INCLUDED
#define RT_SCIM_DISCOVERY_H_INCLUDED


#include "scim/rt_scim_show.h"


#pragma GCC visibility push(hidden)


/* bytes that each of these writes at most, with a base of 2 KB */
#define RT_SCIM_DISCOVERY_ROOM  65536


/* /ServiceProviderConfig; max: the most results of one answer */
void rt_scim_config(rt_jsonw_t *w, const rt_str_t *base, size_t max);

/*
 * /Schemas and /ResourceTypes: all of them when id is empty, else the one of
 * that URN or name.
 *
 * ret:  RT_OK; RT_DECLINED, there is no such one, and nothing was written
 */
rt_status_e rt_scim_schemas(rt_jsonw_t *w, const rt_str_t *base,
    const rt_str_t *id);
rt_status_e rt_scim_resource_types(rt_jsonw_t *w, const rt_str_t *base,
    const rt_str_t *id);


#pragma GCC visibility pop


#endif /* RT_SCIM_DISCOVERY_H_INCLUDED */
