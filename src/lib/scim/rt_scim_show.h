
/*
 * What a client is shown: resources with the attributes that it asks for
 * (RFC 7644, 3.9), lists, errors.
 */


#ifndef RT_SCIM_SHOW_H_INCLUDED
#define RT_SCIM_SHOW_H_INCLUDED


#include "scim/rt_scim_schema.h"


#pragma GCC visibility push(hidden)


typedef struct {
    unsigned            only;       /* 1: only these; 0: all but these */
    unsigned            npaths;
    rt_scim_path_t      paths[RT_SCIM_MAX_SHOWN];
} rt_scim_shown_t;

/*
 * in:   the arguments "attributes" and "excludedAttributes", decoded, empty if
 *       there are none; names that we do not know are passed over
 * ret:  NULL; invalid_value: both are there, a word is no name, or there are
 *       too many
 */
const rt_scim_error_t *rt_scim_shown(rt_scim_type_e type,
    const rt_str_t *attributes, const rt_str_t *excluded,
    rt_scim_shown_t *shown);

/* 1: members or groups are shown, and res->refs must be there */
int rt_scim_shown_refs(rt_scim_type_e type, const rt_scim_shown_t *shown);


/* the most bytes that rt_scim_show() writes */
size_t rt_scim_show_room(const rt_scim_resource_t *res);

void rt_scim_show(rt_jsonw_t *w, const rt_scim_resource_t *res,
    const rt_scim_shown_t *shown);


/* bytes of a ListResponse without its resources */
#define RT_SCIM_LIST_ROOM  256

/* rt_scim_list_open(), rt_scim_show() of each, rt_scim_list_close() */
void rt_scim_list_open(rt_jsonw_t *w);
void rt_scim_list_close(rt_jsonw_t *w, size_t total, size_t start,
    size_t count);


/* bytes of an error */
#define RT_SCIM_ERROR_ROOM  512

void rt_scim_error(rt_jsonw_t *w, const rt_scim_error_t *error);


/* writes a member of the object that is open */
void rt_scim_say(rt_jsonw_t *w, const char *name, const char *value);


#pragma GCC visibility pop


#endif /* RT_SCIM_SHOW_H_INCLUDED */
