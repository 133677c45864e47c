
/*
 * Row filters: which rows of an application's tables a user may see, as the
 * condition of an SQL WHERE (Apache Superset's row level security).
 *
 * A filter has a name, base clauses, which hold for all users but the members
 * of some groups, and clauses of groups, which hold for their members.  What
 * holds for a user is joined: OR between clauses of one key, AND between keys;
 * a clause without a key is a key of its own.
 *
 *     base "tenant = {{claim:tenant}}"      (tenant = 'acme')
 *     in eu "region = 1" key=region         AND ((region = 1)
 *     in us "region = 2" key=region              OR (region = 2))
 *
 * Whatever cannot be said safely makes the whole filter RT_ROWFILTER_NONE, the
 * condition that no row meets: a claim that is absent, null, empty, an object
 * or an array of such, a string with a backslash or a control character (MySQL
 * reads escapes in literals, others do not), a text that is too long, and a
 * user whom no line of the filter speaks of.
 *
 * What a clause is given are literals and nothing else: 'text' with its quotes
 * doubled, a JSON number, TRUE or FALSE.  They are safe because of where they
 * may stand: never within quotes or brackets, never beside a letter, a quote
 * or an operator that would join them.
 */


#ifndef RT_ROWFILTER_H_INCLUDED
#define RT_ROWFILTER_H_INCLUDED


#include "rt_base.h"
#include "json/rt_json.h"
#include "policy/rt_policy.h"


#pragma GCC visibility push(hidden)


#define RT_ROWFILTER_MAX_NAMES   32
#define RT_ROWFILTER_MAX_NAME    64         /* bytes */
#define RT_ROWFILTER_MAX_LINES   256        /* of one filter */
#define RT_ROWFILTER_MAX_CLAUSE  1024       /* bytes, as configured */
#define RT_ROWFILTER_MAX_TEXT    4096       /* bytes, as an application sees */

#define RT_ROWFILTER_NONE        "1=0"
#define RT_ROWFILTER_ALL         "1=1"


typedef struct rt_rowfilter_s  rt_rowfilter_t;
typedef struct rt_rowline_s    rt_rowline_t;
typedef struct rt_rowpart_s    rt_rowpart_t;

struct rt_rowpart_s {
    rt_str_t       text;        /* as configured, or a claim's name */
    rt_str_t       path;        /* of a claim */
    unsigned       literal:1;   /* a user's value is put here, */
    unsigned       list:1;      /*   or the elements of an array */
    rt_rowpart_t  *next;
};

struct rt_rowline_s {
    rt_rowpart_t      *parts;       /* text, claim, text, ... */
    const rt_group_t  *group;       /* NULL: a base clause, */
    rt_groups_t        except;      /*   for all but these */
    rt_str_t           key;         /* empty: its own */
    rt_rowline_t      *next;        /* those of one key stand together */
};

struct rt_rowfilter_s {
    rt_str_t           name;
    rt_rowline_t      *lines;
    unsigned           nlines;
    unsigned           base;        /* 1: some line is a base clause */
    rt_rowfilter_t    *next;        /* in declared order */
};

typedef struct {
    rt_mem_t          *mem;
    rt_rowfilter_t    *filters;
    unsigned           n;
} rt_rowfilters_t;


/* ---- configuration time; *err, after RT_INVALID, is a sentence ---- */

/*
 * Adds a line: NAME CLAUSE [except=GROUP ...] of all users, NAME CLAUSE
 * [key=KEY] of a group's.
 *
 * in:   set, all zero but mem in the beginning; mem must outlive it
 *       policy, in which all groups are declared that args may name
 *       group, whose line it is; NULL: a base line
 *       args, without the directive; they must outlive the set
 * ret:  RT_OK, RT_INVALID, RT_ERROR (memory)
 */
rt_status_e rt_rowfilter_add(rt_rowfilters_t *set, const rt_policy_t *policy,
    const rt_group_t *group, const rt_str_t *args, size_t nargs,
    rt_str_t *err);


/* ---- request time ---- */

typedef struct {
    const rt_json_t   *claims;      /* verified, of well-formed UTF-8 */
    rt_str_t           name;        /* for {{user}}; empty: he has none */
    unsigned           owns_email;  /* 0: an email claim is not his */
    const rt_groups_t *groups;      /* he is in */
} rt_rowfilter_user_t;


/*
 * What an application puts behind WHERE.
 *
 * in:   user, NULL: nobody, or one who was refused
 * out:  *text, in the arena or constant, never empty, at most
 *       RT_ROWFILTER_MAX_TEXT bytes
 * ret:  RT_OK; after any other, *text is RT_ROWFILTER_NONE: RT_DECLINED (a
 *       claim cannot be a literal; *claim is what the clause calls it),
 *       RT_TOO_BIG, RT_ERROR (memory)
 */
rt_status_e rt_rowfilter_text(rt_mem_t *mem, const rt_rowfilter_t *filter,
    const rt_rowfilter_user_t *user, rt_str_t *text, rt_str_t *claim);


#pragma GCC visibility pop


#endif /* RT_ROWFILTER_H_INCLUDED */
