
/*
 * A resource with those members that its tree does not have.  They are lent to
 * the tree for as long as somebody looks at it, and take no memory.
 */


#ifndef RT_SCIM_WHOLE_H_INCLUDED
#define RT_SCIM_WHOLE_H_INCLUDED


#include "scim/rt_scim_schema.h"
#include "text/rt_time.h"


#pragma GCC visibility push(hidden)


/*
 * The tree with schemas, id and meta.  A reference to another resource is its
 * id here; rt_scim_show() makes it a URL.
 */

typedef struct {
    rt_json_t        root;
    rt_json_t        schemas;
    rt_json_t        urn[2];
    rt_json_t        id;
    rt_json_t        meta;
    rt_json_t        about[5];
    unsigned char    created[RT_TIME_ISO_LEN];
    unsigned char    modified[RT_TIME_ISO_LEN];
    unsigned char    etag[RT_SCIM_ETAG_LEN];
} rt_scim_whole_t;

/* *whole is not to be moved */
void rt_scim_whole(rt_scim_whole_t *whole, const rt_scim_resource_t *res);


/* one value of members or groups */

typedef struct {
    rt_json_t        object;
    rt_json_t        value;
    rt_json_t        ref;
    rt_json_t        display;
} rt_scim_linked_t;

void rt_scim_linked(rt_scim_linked_t *linked, const rt_scim_ref_t *ref);


#pragma GCC visibility pop


#endif /* RT_SCIM_WHOLE_H_INCLUDED */
