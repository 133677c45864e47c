
/*
 * The attributes of users and groups (RFC 7643, 3 and 4), as one table that
 * validation, filters, PATCH, projection and the endpoint /Schemas read.
 *
 * An extension is an attribute as well: a complex one whose name is its URN.
 * ims, photos and x509Certificates are left out, because nothing here uses
 * them.
 */


#ifndef RT_SCIM_SCHEMA_H_INCLUDED
#define RT_SCIM_SCHEMA_H_INCLUDED


#include "scim/rt_scim.h"


#pragma GCC visibility push(hidden)


#define RT_SCIM_URN_USER   "urn:ietf:params:scim:schemas:core:2.0:User"
#define RT_SCIM_URN_GROUP  "urn:ietf:params:scim:schemas:core:2.0:Group"
#define RT_SCIM_URN_ENTERPRISE                                                \
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


typedef enum {
    RT_SCIM_STRING = 0,
    RT_SCIM_BOOLEAN,
    RT_SCIM_DATETIME,
    RT_SCIM_REFERENCE,
    RT_SCIM_COMPLEX
} rt_scim_value_e;


#define RT_SCIM_MULTI      0x0001   /* multi-valued */
#define RT_SCIM_EXACT      0x0002   /* caseExact */
#define RT_SCIM_REQUIRED   0x0004
#define RT_SCIM_READONLY   0x0008   /* else readWrite */
#define RT_SCIM_IMMUTABLE  0x0010
#define RT_SCIM_WRITEONLY  0x0020   /* and never returned: password */
#define RT_SCIM_ALWAYS     0x0040   /* returned whatever is asked for */
#define RT_SCIM_UNIQUE     0x0080   /* uniqueness: server */
#define RT_SCIM_PLAIN      0x0100   /* we compare it with tokens:
                                       rt_utf8_plain(), not empty */
#define RT_SCIM_REFS       0x0200   /* members, groups: not in the tree */
#define RT_SCIM_EXTENSION  0x0400   /* its name is a URN */
#define RT_SCIM_COMMON     0x0800   /* id, externalId, meta, schemas: of no
                                       schema (RFC 7643, 3.1) */
#define RT_SCIM_ASSIGNED   0x1000   /* never null or an empty text */


typedef struct rt_scim_attr_s  rt_scim_attr_t;

struct rt_scim_attr_s {
    rt_str_t                name;
    rt_scim_value_e         type;
    unsigned                flags;
    const rt_scim_attr_t   *sub;    /* of a complex attribute: a table that
                                       ends with an empty name */
};


/* a resource as a complex attribute whose name is the schema's URN */
const rt_scim_attr_t *rt_scim_schema(rt_scim_type_e type);


/* RFC 7644, 3.10: an attribute, one of its sub-attributes ... */

#define RT_SCIM_STEPS  3            /* enterprise URN, manager, value */

typedef struct {
    unsigned                n;
    const rt_scim_attr_t   *step[RT_SCIM_STEPS];
} rt_scim_path_t;

/*
 * in:   of, where the path begins: rt_scim_schema(), or a complex attribute
 *       in whose brackets it stands
 *       text: "userName", "name.givenName", with or without its schema's URN
 *       and a colon before; in any case
 * ret:  RT_OK; RT_DECLINED, well-formed, but no attribute of ours; RT_INVALID
 */
rt_status_e rt_scim_path(const rt_scim_attr_t *of, const rt_str_t *text,
    rt_scim_path_t *path);


#pragma GCC visibility pop


#endif /* RT_SCIM_SCHEMA_H_INCLUDED */
