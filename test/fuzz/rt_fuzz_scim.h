
/*
 * What the targets of the store of users and groups share: a small store, what
 * holds of each, and when two are the same.
 */


#ifndef RT_FUZZ_SCIM_H_INCLUDED
#define RT_FUZZ_SCIM_H_INCLUDED


#include <assert.h>

#include "rt_arena.h"
#include "scim/rt_scim_replay.h"


#define SIZE    (32 * 1024)
#define USERS   24
#define GROUPS  6


static unsigned  held;


static void
hold(void *ctx)
{
    (void) ctx;
    assert(held++ == 0);
}


static void
let_go(void *ctx)
{
    (void) ctx;
    assert(--held == 0);
}


static const rt_scim_lock_t  lock = { hold, let_go, NULL };


/* the next user, group, or user who is gone; 0: there is no more */

static rt_scim_node_t
node_next(const rt_scim_db_t *db, unsigned list, uint32_t *place)
{
    return list == RT_SCIM_KINDS ? rt_scim_db_gone(db, place)
                                 : rt_scim_db_next(db, list, place);
}


/* ret: 1, the one has the other, once */

static int
is_linked(const rt_scim_db_t *db, rt_scim_node_t from, rt_scim_node_t to)
{
    uint32_t          n;
    rt_scim_node_t    node;
    rt_scim_cursor_t  cursor = { 0, 0 };

    n = 0;

    while ((node = rt_scim_db_link(db, from, &cursor)) != 0) {
        n += (node == to);
    }

    return n == 1;
}


/*
 * Whoever is there is found by his id, once; who is in a group has the group,
 * and the other way; numbers are those of what is there.
 */

static void
check_store(const rt_scim_db_t *db)
{
    uint32_t          i, links, off, place;
    uint64_t          all[RT_SCIM_KINDS + 1];
    unsigned          list;
    rt_scim_item_t    item, other;
    rt_scim_node_t    node, end;
    rt_scim_stats_t   stats;
    rt_scim_cursor_t  cursor;

    rt_scim_db_stats(db, &stats);
    off = 0;

    for (list = 0; list <= RT_SCIM_KINDS; list++) {
        all[list] = 0;
        place = 0;

        for (i = 0; (node = node_next(db, list, &place)) != 0; i++) {
            assert(rt_scim_db_item(db, node, NULL, &item) == RT_OK);
            assert(item.gone == (list == RT_SCIM_KINDS));
            assert(rt_scim_db_find(db, item.kind, &item.id)
                   == (item.gone ? 0 : node));

            off += (list == RT_SCIM_USER && !item.active);
            cursor = (rt_scim_cursor_t) { 0, 0 };

            for (links = 0; (end = rt_scim_db_link(db, node, &cursor)) != 0;
                 links++)
            {
                assert(rt_scim_db_item(db, end, NULL, &other) == RT_OK);
                assert(!other.gone && other.kind != item.kind);
                assert(is_linked(db, node, end) && is_linked(db, end, node));
            }

            assert(links == item.links);
            all[list] += links;
        }

        assert(i == (list == RT_SCIM_KINDS ? stats.gone : stats.n[list]));
    }

    assert(all[RT_SCIM_USER] == stats.memberships);
    assert(all[RT_SCIM_GROUP] == stats.memberships);
    assert(all[RT_SCIM_KINDS] == 0);
    assert(off == stats.off);
    assert(stats.n[RT_SCIM_USER] + stats.gone <= stats.max[RT_SCIM_USER]);
    assert(stats.n[RT_SCIM_GROUP] <= stats.max[RT_SCIM_GROUP]);
    assert(stats.used <= stats.size);
    assert(held == 0);
}


static void
check_same_node(rt_mem_t *mem, const rt_scim_db_t *a, rt_scim_node_t m,
    const rt_scim_db_t *b, rt_scim_node_t n)
{
    unsigned          i;
    rt_scim_item_t    one, two;
    rt_scim_node_t    end;
    rt_scim_cursor_t  cursor = { 0, 0 };

    assert(rt_scim_db_item(a, m, mem, &one) == RT_OK);
    assert(rt_scim_db_item(b, n, mem, &two) == RT_OK);

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        assert(rt_str_eq(&one.key[i], &two.key[i]));
    }

    assert(one.kind == two.kind
           && memcmp(&one.id, &two.id, sizeof(rt_scim_id_t)) == 0);
    assert(rt_str_eq(&one.json, &two.json));
    assert(one.created == two.created && one.modified == two.modified);
    assert(one.version == two.version && one.links == two.links);
    assert(one.active == two.active && one.gone == two.gone);

    while (one.kind == RT_SCIM_GROUP
           && (end = rt_scim_db_link(a, m, &cursor)) != 0)
    {
        assert(rt_scim_db_item(a, end, NULL, &one) == RT_OK);
        end = rt_scim_db_find(b, RT_SCIM_USER, &one.id);
        assert(end && rt_scim_db_member(b, end, n));
        one.kind = RT_SCIM_GROUP;
    }
}


/* in: mem, which takes what is read of both */

static void
check_same(rt_mem_t *mem, const rt_scim_db_t *a, const rt_scim_db_t *b)
{
    uint32_t        i, j;
    unsigned        list;
    rt_scim_node_t  m, n;

    for (list = 0; list <= RT_SCIM_KINDS; list++) {
        i = j = 0;

        while ((m = node_next(a, list, &i)) != 0) {
            n = node_next(b, list, &j);
            assert(n);
            check_same_node(mem, a, m, b, n);
        }

        assert(node_next(b, list, &j) == 0);
    }

    assert(rt_scim_db_version(a) == rt_scim_db_version(b));
}


static rt_str_t
text_of(rt_mem_t *mem, const rt_scim_record_t *record)
{
    size_t    size;
    rt_str_t  text;

    size = rt_scim_record_size(record);
    text.data = rt_alloc(mem, size);
    text.len = rt_scim_record_write(record, text.data);
    assert(text.len <= size);

    return text;
}


#endif /* RT_FUZZ_SCIM_H_INCLUDED */
