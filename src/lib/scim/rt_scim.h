
/*
 * Users and groups that a provider pushes: SCIM 2.0 (RFC 7643, RFC 7644).
 *
 * A resource in memory is a tree of JSON that holds what its client may write,
 * and nothing else: attributes under their names of RFC 7643 and in its order,
 * values of the right type, arrays where it says so, nothing that is null or
 * empty.  "id", "schemas", "meta", a group's "members" and a user's "groups"
 * are never in that tree: the store keeps them in its own form and hands them
 * in beside it, so that no cost grows with the members of a group unless they
 * are asked for.
 *
 * Attributes and schemas that are not in rt_scim_schema.c are ignored wherever
 * a client writes them (RFC 7644, 3.3: a service provider may), since
 * providers push whatever their administrators have mapped; so is "password",
 * which is checked to be a string and never kept.  In a filter they are an
 * error: a filter that finds nobody makes providers create users twice.
 */


#ifndef RT_SCIM_H_INCLUDED
#define RT_SCIM_H_INCLUDED


#include "json/rt_json.h"
#include "json/rt_jsonw.h"


#pragma GCC visibility push(hidden)


#define RT_SCIM_MAX_BODY      (4 * 1024 * 1024) /* bytes of a request */
#define RT_SCIM_MAX_NODES     262144    /* values of JSON in it */
#define RT_SCIM_MAX_DEPTH     16        /* their nesting */
#define RT_SCIM_MAX_RESOURCE  16384     /* bytes of a resource as text */
#define RT_SCIM_MAX_STRING    1024      /* bytes of a value */
#define RT_SCIM_MAX_VALUES    64        /* of a multi-valued attribute */
#define RT_SCIM_MAX_MEMBERS   65536     /* named in one request */
#define RT_SCIM_MAX_OPS       1000      /* of a PATCH, or names in its values */
#define RT_SCIM_MAX_PATH      512       /* bytes of one of its paths */
#define RT_SCIM_MAX_FILTER    2048      /* bytes of a filter */
#define RT_SCIM_MAX_NESTING   16        /* of its parentheses and brackets */
#define RT_SCIM_MAX_SHOWN     64        /* names in "attributes" */
#define RT_SCIM_MAX_ID        64        /* bytes of an id */
#define RT_SCIM_MAX_KEY       512       /* bytes of a key, folded */

#define RT_SCIM_KINDS         2         /* of rt_scim_type_e */


typedef enum {
    RT_SCIM_USER = 0,
    RT_SCIM_GROUP
} rt_scim_type_e;


/* what a user or a group is looked for by; an empty one is not looked for */

typedef enum {
    RT_SCIM_NAME = 0,       /* userName, displayName; folded (rt_fold.h) */
    RT_SCIM_EXTERNAL,       /* externalId, exact */
    RT_SCIM_EMAIL,          /* of users, the primary or the first; folded */
    RT_SCIM_KEYS
} rt_scim_index_e;


/* why a request is refused: RFC 7644, 3.12; nothing of the request is in it */

typedef struct {
    unsigned        status;     /* of HTTP */
    const char     *type;       /* scimType, or NULL */
    const char     *detail;
} rt_scim_error_t;


extern const rt_scim_error_t  rt_scim_no_memory;        /* 500 */
extern const rt_scim_error_t  rt_scim_invalid_syntax;   /* 400, of a body */
extern const rt_scim_error_t  rt_scim_invalid_filter;   /* 400 */
extern const rt_scim_error_t  rt_scim_too_many;         /* 400, of a filter */
extern const rt_scim_error_t  rt_scim_invalid_path;     /* 400 */
extern const rt_scim_error_t  rt_scim_invalid_value;    /* 400 */
extern const rt_scim_error_t  rt_scim_no_target;        /* 400 */
extern const rt_scim_error_t  rt_scim_mutability;       /* 400 */
extern const rt_scim_error_t  rt_scim_uniqueness;       /* 409 */
extern const rt_scim_error_t  rt_scim_not_found;        /* 404 */
extern const rt_scim_error_t  rt_scim_precondition;     /* 412, If-Match */
extern const rt_scim_error_t  rt_scim_too_large;        /* 413, a bound */
extern const rt_scim_error_t  rt_scim_not_implemented;  /* 501: sorting, bulk */
extern const rt_scim_error_t  rt_scim_no_room;          /* 507, the store */


/* one group of a user, or one user of a group */

typedef struct {
    rt_str_t            id;
    rt_str_t            display;    /* may be empty */
} rt_scim_ref_t;


typedef struct {
    rt_scim_type_e      type;
    rt_json_t          *root;       /* what a client may write, see above */
    rt_str_t            id;
    uint64_t            created;    /* ms since the Unix epoch */
    uint64_t            modified;
    uint64_t            version;    /* grows with each change */
    rt_str_t            base;       /* "https://host/scim/v2", no '/' behind */
    rt_scim_ref_t      *refs;       /* a user's groups, a group's members; */
    size_t              nrefs;      /*   only when they are wanted */
} rt_scim_resource_t;


/*
 * A request's body: one JSON object.  No object in it may have a name twice, in
 * whatever case (RFC 7643, 2.1), because nobody knows which of both counts.
 *
 * ret:  NULL; invalid_syntax, too_large, no_memory
 */
const rt_scim_error_t *rt_scim_body(rt_mem_t *mem, const rt_str_t *text,
    rt_json_t **root);

/*
 * A member by its name in any case (RFC 7643, 2.1).
 *
 * out:  *member, NULL if there is none
 * ret:  NULL; invalid_syntax: it is no object, or has two of that name
 */
const rt_scim_error_t *rt_scim_get(const rt_json_t *object,
    const rt_str_t *name, rt_json_t **member);

/* a value of its own, zeroed; NULL: memory is out */
rt_json_t *rt_scim_new(rt_mem_t *mem, rt_json_type_e type);

/* < 0, 0, > 0: by bytes */
int rt_scim_order(const rt_str_t *a, const rt_str_t *b);

/* 1: two values are equal; their arrays and objects have the same order, as
   those that rt_scim_value() makes */
int rt_scim_same(const rt_json_t *a, const rt_json_t *b);

/* ret:  NULL; invalid_syntax: "schemas" is there and does not have this one */
const rt_scim_error_t *rt_scim_says(const rt_json_t *body,
    const rt_str_t *urn);


/* behind the base of a resource's URL and before its id: "/Users/" */
extern const rt_str_t  rt_scim_places[RT_SCIM_KINDS];


/* a version as meta.version, ETag and If-Match have it: W/"17" */

#define RT_SCIM_ETAG_LEN  24

size_t rt_scim_etag(uint64_t version, unsigned char *dst);

/*
 * A field value of If-Match or If-None-Match: "*" and lists of tags, weak or
 * not (RFC 9110, 13.1; both compare weakly here: all of ours are weak).
 *
 * ret:  1, it names this version
 */
int rt_scim_etag_match(const rt_str_t *field, uint64_t version);


#pragma GCC visibility pop


#endif /* RT_SCIM_H_INCLUDED */
