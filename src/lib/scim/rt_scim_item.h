
/* A user or a group as rt_scim_db.h keeps it, and a change of it. */


#ifndef RT_SCIM_ITEM_H_INCLUDED
#define RT_SCIM_ITEM_H_INCLUDED


#include "scim/rt_scim.h"


#pragma GCC visibility push(hidden)


#define RT_SCIM_ID        16                /* bytes: a UUID */
#define RT_SCIM_MAX_TIME  0xffffffffffff    /* ms: the year 10889 */


typedef struct {
    unsigned char    data[RT_SCIM_ID];
} rt_scim_id_t;


/* whoever fills an item says where its strings lie */

typedef struct {
    rt_scim_type_e   kind;
    rt_scim_id_t     id;
    rt_str_t         key[RT_SCIM_KEYS];
    rt_str_t         json;          /* rt_scim_text() */
    uint64_t         created;       /* ms of the Unix epoch */
    uint64_t         modified;      /* up to RT_SCIM_MAX_TIME */
    uint64_t         version;       /* grows with each change: the ETag */
    uint32_t         links;         /* how many members, or groups */
    unsigned         active:1;
    unsigned         gone:1;        /* was deleted */
} rt_scim_item_t;


typedef enum {
    RT_SCIM_NOTHING = 0,
    RT_SCIM_PUT,                    /* makes it, or replaces all but links */
    RT_SCIM_LINK,                   /* changes members: of "item" only kind, id
                                       and version count */
    RT_SCIM_DELETE                  /* the same, and modified */
} rt_scim_edit_e;


/*
 * One change.  Members leave and join a group by the ids of users; who is not
 * there, or is a member already, is passed over.
 */

typedef struct {
    rt_scim_edit_e   op;
    rt_scim_item_t   item;          /* its "links" is not looked at */
    unsigned         all;           /* 1: first all members leave */
    rt_scim_id_t    *remove;        /* then these leave */
    rt_scim_id_t    *add;           /* then these join */
    uint32_t         nremove;
    uint32_t         nadd;
} rt_scim_edit_t;


typedef struct {
    uint32_t         n[RT_SCIM_KINDS];      /* without gone nodes */
    uint32_t         max[RT_SCIM_KINDS];    /* of them and gone nodes */
    uint32_t         gone;                  /* nodes of users and lost keys */
    uint32_t         off;                   /* users who are not active */
    uint64_t         memberships;
    uint64_t         used;                  /* bytes of blocks in use */
    uint64_t         size;                  /* bytes of all blocks */
} rt_scim_stats_t;


typedef struct rt_scim_db_s  rt_scim_db_t;
typedef uint32_t             rt_scim_node_t;    /* 0: none */


/* where a walk over links is; zeroed before the first step */

typedef struct {
    uint32_t         block;
    uint32_t         n;             /* links of it that are left */
} rt_scim_cursor_t;


#pragma GCC visibility pop


#endif /* RT_SCIM_ITEM_H_INCLUDED */
