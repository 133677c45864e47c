
/*
 * Who is in which group.
 *
 * Most conditions look for an equal value, as "groups has NAME" does.  One by
 * one, they would compare every group of a token with every group declared.
 * So their values are in a hash table, where each value of a token is looked
 * up once:
 *
 *     paths     "groups", "dept", ...       walked once a token each; one
 *                                           that is split is another one
 *     buckets   hash of path and value  ->  entry  ->  entry
 *     rest      all other conditions, evaluated one by one
 *
 * The table holds configured values alone: no token makes a chain longer.
 */

#include "policy/rt_policy_index.h"
#include "policy/rt_policy_member.h"


typedef struct {
    const rt_str_t      *name;
    unsigned char        split;         /* as of rt_cond_t */
} path_t;


typedef struct entry_s  entry_t;

struct entry_s {
    unsigned             path;          /* of paths */
    const rt_str_t      *value;
    const rt_group_t    *group;
    unsigned             array;         /* has, any */
    entry_t             *next;
};


typedef struct {
    const rt_cond_t     *cond;
    const rt_group_t    *group;
} rest_t;


struct rt_policy_index_s {
    path_t              *paths;
    unsigned             npaths;
    entry_t             *entries;
    unsigned             nentries;
    entry_t            **buckets;
    uint32_t             mask;
    rest_t              *rest;          /* in declared order */
    unsigned             nrest;
};


/* FNV-1a */

static uint32_t
hash(unsigned path, const rt_str_t *value)
{
    size_t    i;
    uint32_t  h;

    h = 2166136261u ^ path;

    for (i = 0; i < value->len; i++) {
        h = (h ^ value->data[i]) * 16777619u;
    }

    return h;
}


/* room for all of it */

static rt_status_e
make_room(rt_policy_t *policy, rt_policy_index_t *index)
{
    size_t             matches, values, buckets;
    const rt_group_t  *g;
    const rt_match_t  *m;

    matches = 1;
    values = 1;

    for (g = policy->groups; g; g = g->next) {
        for (m = g->matches; m; m = m->next) {
            matches++;
            values += m->cond.nvalues;
        }
    }

    for (buckets = 16; buckets < 2 * values; buckets *= 2) {
        /* void */
    }

    index->paths = rt_alloc(policy->mem, matches * sizeof(path_t));
    index->rest = rt_alloc(policy->mem, matches * sizeof(rest_t));
    index->entries = rt_alloc(policy->mem, values * sizeof(entry_t));
    index->buckets = rt_alloc(policy->mem, buckets * sizeof(entry_t *));

    if (index->paths == NULL || index->rest == NULL
        || index->entries == NULL || index->buckets == NULL)
    {
        return RT_ERROR;
    }

    memset(index->buckets, 0, buckets * sizeof(entry_t *));
    index->mask = (uint32_t) buckets - 1;

    return RT_OK;
}


static unsigned
path_number(rt_policy_index_t *index, const rt_cond_t *cond)
{
    unsigned  i;

    for (i = 0; i < index->npaths; i++) {
        if (index->paths[i].split == cond->split
            && rt_str_eq(index->paths[i].name, &cond->path))
        {
            return i;
        }
    }

    index->paths[index->npaths].name = &cond->path;
    index->paths[index->npaths].split = cond->split;

    return index->npaths++;
}


static void
add_values(rt_policy_index_t *index, const rt_group_t *group,
    const rt_cond_t *cond)
{
    entry_t   *e, **bucket;
    unsigned   i, path;

    path = path_number(index, cond);

    for (i = 0; i < cond->nvalues; i++) {
        e = &index->entries[index->nentries++];

        e->path = path;
        e->value = &cond->values[i];
        e->group = group;
        e->array = rt_cond_is_array(cond);

        bucket = &index->buckets[hash(path, e->value) & index->mask];
        e->next = *bucket;
        *bucket = e;
    }
}


rt_status_e
rt_policy_index(rt_policy_t *policy)
{
    const rt_group_t   *g;
    const rt_match_t   *m;
    rt_policy_index_t  *index;

    index = rt_alloc(policy->mem, sizeof(rt_policy_index_t));
    if (index == NULL) {
        return RT_ERROR;
    }

    memset(index, 0, sizeof(rt_policy_index_t));

    if (make_room(policy, index) != RT_OK) {
        return RT_ERROR;
    }

    for (g = policy->groups; g; g = g->next) {
        for (m = g->matches; m; m = m->next) {

            if (rt_cond_is_lookup(&m->cond)) {
                add_values(index, g, &m->cond);
                continue;
            }

            index->rest[index->nrest].cond = &m->cond;
            index->rest[index->nrest].group = g;
            index->nrest++;
        }
    }

    policy->index = index;

    return RT_OK;
}


/* one value of a claim: the claim itself, or an element of its list */

static void
look_up(const rt_policy_index_t *index, unsigned path, const rt_str_t *text,
    unsigned element, const rt_str_t *provider, rt_groups_t *set)
{
    const entry_t  *e;

    if (text == NULL) {
        return;
    }

    for (e = index->buckets[hash(path, text) & index->mask]; e; e = e->next) {

        if (e->path == path && (e->array || !element)
            && rt_str_eq(e->value, text) && rt_group_takes(e->group, provider))
        {
            rt_policy_matched(set, e->group);
        }
    }
}


/* all values of a claim */

static void
look_at_claim(const rt_policy_index_t *index, unsigned path,
    const rt_json_t *v, const rt_str_t *provider, rt_groups_t *set)
{
    rt_str_t          part, rest;
    unsigned char     split;
    const rt_json_t  *e;

    split = index->paths[path].split;

    if (v->type == RT_JSON_ARRAY) {
        for (e = v->child; e; e = e->next) {
            look_up(index, path, rt_cond_scalar(e), 1, provider, set);
        }

    } else if (v->type == RT_JSON_STRING && split) {
        for (rest = v->str; rt_cond_part(&rest, split, &part); ) {
            look_up(index, path, &part, 1, provider, set);
        }

    } else {
        look_up(index, path, rt_cond_scalar(v), 0, provider, set);
    }
}


/* see RT_POLICY_MAX_GIVEN_UP */

static const rt_cond_t *
look_at_rest(const rt_policy_index_t *index, const rt_json_t *claims,
    const rt_str_t *provider, rt_groups_t *set)
{
    unsigned          i, given_up;
    const rest_t     *rest;
    const rt_cond_t  *first;

    first = NULL;
    given_up = 0;

    for (i = 0; i < index->nrest; i++) {
        rest = &index->rest[i];

        if (rt_groups_has(set, rest->group->index)
            || !rt_group_takes(rest->group, provider)
            || (rest->cond->regex && given_up == RT_POLICY_MAX_GIVEN_UP))
        {
            continue;
        }

        switch (rt_cond_eval(rest->cond, NULL, claims)) {

        case 1:
            rt_policy_matched(set, rest->group);
            break;

        case RT_COND_GAVE_UP:
            given_up++;
            first = first ? first : rest->cond;
            break;
        }
    }

    return first;
}


const rt_cond_t *
rt_policy_groups(const rt_policy_t *policy, const rt_json_t *claims,
    const rt_str_t *provider, rt_groups_t *set)
{
    unsigned                  i;
    const rt_json_t          *v;
    const rt_policy_index_t  *index;

    memset(set, 0, sizeof(rt_groups_t));

    index = policy->index;

    if (claims == NULL || index == NULL) {
        return NULL;
    }

    for (i = 0; i < index->npaths; i++) {

        v = rt_json_path(claims, index->paths[i].name);

        if (v) {
            look_at_claim(index, i, v, provider, set);
        }
    }

    return look_at_rest(index, claims, provider, set);
}
