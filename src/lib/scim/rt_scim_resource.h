
/*
 * A resource as its client writes it is checked against the schema and brought
 * into the form that rt_scim.h describes.  Beside it stand the text that the
 * store keeps of it and the keys to find it by.
 */


#ifndef RT_SCIM_RESOURCE_H_INCLUDED
#define RT_SCIM_RESOURCE_H_INCLUDED


#include "scim/rt_scim_members.h"
#include "scim/rt_scim_schema.h"


#pragma GCC visibility push(hidden)


typedef struct {
    rt_json_t          *root;       /* of rt_scim_resource_t */
    rt_str_t            text;       /* the same as a line of JSON, up to
                                       RT_SCIM_MAX_RESOURCE bytes */
    rt_str_t            key[RT_SCIM_KEYS];
    unsigned            active;     /* a group always is */
    rt_scim_members_t   members;    /* of a group */
} rt_scim_change_t;


/*
 * POST of a new resource, and PUT of one that is there.
 *
 * "active" is never left unassigned.  Where a body does not say it, it stays
 * what it was in old, and is true in a new user.  So a disabled user stays
 * disabled until somebody says otherwise.
 *
 * in:   body, of rt_scim_body(); old, or NULL
 * out:  *change in the arena; strings may point into body and old
 * ret:  NULL; invalid_syntax, invalid_value, too_large, no_memory
 */
const rt_scim_error_t *rt_scim_create(rt_mem_t *mem, rt_scim_type_e type,
    const rt_json_t *body, const rt_json_t *old, rt_scim_change_t *change);


/*
 * Reads the text of an rt_scim_change_t back.
 *
 * ret:  RT_OK; RT_INVALID, this is no such text; RT_ERROR
 */
rt_status_e rt_scim_read(rt_mem_t *mem, const rt_str_t *text,
    rt_json_t **root);


/* -- for PATCH, which makes a resource by pieces */

/*
 * Checks a value of an attribute and brings it into our form.  Unknown and
 * read-only sub-attributes are left out.
 *
 * in:   attr, without RT_SCIM_REFS; value, of any type
 *       each: 1, value is one value of a multi-valued attribute; 0, all of it
 * out:  *made; NULL: the attribute is unassigned by this value
 * ret:  NULL; invalid_syntax, invalid_value, too_large, no_memory
 */
const rt_scim_error_t *rt_scim_value(rt_mem_t *mem, const rt_scim_attr_t *attr,
    const rt_json_t *value, unsigned each, rt_json_t **made);

/* 1: the value is null or an empty text, and the attribute has to have one */
int rt_scim_unassigned(const rt_scim_attr_t *attr, const rt_json_t *value);

/*
 * 1: a name that is not understood says something of "active".  It is refused
 * instead of ignored, for its client may believe that it disabled somebody.
 *
 * in:   the name of a member, or a path; its value, or NULL
 */
int rt_scim_stray(const rt_scim_attr_t *schema, const rt_str_t *name,
    const rt_json_t *value);

/*
 * How many values of a multi-valued attribute are "primary".  Only one may be.
 *
 * in:   array, or NULL
 * out:  *first, the "primary" of the first of them, or NULL
 */
unsigned rt_scim_primaries(const rt_json_t *array, rt_json_t **first);

/*
 * Sets a member of an object, or takes it away where value is NULL.
 *
 * in:   of, what the object is a value of; attr, one of of->sub
 */
void rt_scim_put(rt_json_t *object, const rt_scim_attr_t *of,
    const rt_scim_attr_t *attr, rt_json_t *value);

/* fills in *change from a root that is complete, all but the members */
const rt_scim_error_t *rt_scim_made(rt_mem_t *mem, rt_scim_type_e type,
    rt_json_t *root, const rt_json_t *old, rt_scim_change_t *change);


#pragma GCC visibility pop


#endif /* RT_SCIM_RESOURCE_H_INCLUDED */
