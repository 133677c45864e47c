
/*
 * The store of users and groups against a model of arrays, by random edits;
 * and its journal, cut at every byte.
 */

#include "rt_test.h"
#include "scim/rt_scim_replay.h"
#include "text/rt_journal.h"


#define USERS   24
#define NODES   (USERS * 8)     /* with those who are gone */
#define KEEP    30              /* versions */
#define GROUPS  6
#define SIZE    (256 * 1024)
#define EDITS   4000
#define CROWD   600             /* in one group */
#define ROUNDS  200


typedef struct {
    rt_scim_item_t   item;
    char             text[RT_SCIM_KEYS][64];
    char             json[512];
    int              there;
    int              in[USERS];         /* of a group: its members */
} thing_t;


static _Alignas(64) unsigned char  memory[4][SIZE];
static thing_t        model[RT_SCIM_KINDS][USERS];
static unsigned       held, holds;
static uint64_t       version;
static rt_str_t       journal;


static void
hold(void *ctx)
{
    (void) ctx;
    assert_int_equal(held++, 0);
    holds++;
}


static void
let_go(void *ctx)
{
    (void) ctx;
    assert_int_equal(--held, 0);
}


static const rt_scim_lock_t  lock = { hold, let_go, NULL };


static rt_scim_db_t *
fresh(unsigned i, size_t size)
{
    rt_scim_db_t  *db;

    db = rt_scim_db_init(memory[i], size, size == SIZE ? NODES : USERS, GROUPS,
                         17);
    assert_non_null(db);
    rt_scim_db_keep(db, KEEP);

    rt_scim_db_fill(db, &lock);
    rt_scim_db_filled(db, &lock, 0, 1);
    assert_true(rt_scim_db_ready(db));

    return db;
}


static int
barred(const rt_scim_db_t *db, rt_scim_index_e key, const rt_str_t *value)
{
    rt_scim_node_t  n;

    return rt_scim_db_who(db, key, value, 0, &n) == RT_SCIM_IS_GONE;
}


/* in: kind: RT_SCIM_KINDS, of those who are gone; ret: 0: there is none */

static rt_scim_node_t
nth(const rt_scim_db_t *db, unsigned kind, unsigned index)
{
    uint32_t        place = 0;
    rt_scim_node_t  n;

    do {
        n = kind == RT_SCIM_KINDS ? rt_scim_db_gone(db, &place)
                                  : rt_scim_db_next(db, kind, &place);
    } while (index-- && n);

    return n;
}


static rt_scim_id_t
id_of(rt_scim_type_e kind, unsigned i)
{
    rt_scim_id_t  id;

    memset(&id, (int) kind, sizeof(id));
    id.data[3] = (unsigned char) i;

    return id;
}


static rt_status_e
keep(void *ctx, const rt_scim_record_t *record)
{
    rt_str_t  text;

    (void) ctx;

    text.data = rt_alloc(&mem, rt_scim_record_size(record));
    text.len = rt_scim_record_write(record, text.data);
    assert_true(text.len <= rt_scim_record_size(record));

    journal.data = realloc(journal.data,
                           journal.len + text.len + RT_JOURNAL_MORE);
    assert_int_equal(rt_journal_line(journal.data + journal.len, &text),
                     RT_OK);
    journal.len += text.len + RT_JOURNAL_MORE;

    return RT_OK;
}


/* ret: how many records were whole */

static unsigned
replay_at(rt_scim_db_t *db, size_t len, uint64_t now)
{
    rt_str_t          rest, text;
    unsigned          n;
    rt_scim_replay_t  state;

    memset(&state, 0, sizeof(rt_scim_replay_t));
    state.now = now;
    rest.data = journal.data;
    rest.len = len;

    for (n = 0; rt_journal_next(&rest, &text) == RT_OK; n++) {
        assert_int_equal(rt_scim_replay(db, &lock, &mem, &text, &state),
                         RT_OK);
        assert_false(state.file && rt_scim_db_ready(db));
    }

    rt_scim_replayed(db, &lock, &state);

    return n;
}


static unsigned
replay(rt_scim_db_t *db, size_t len)
{
    return replay_at(db, len, 0);
}


/* a random user or group, in the model and in the edit */

static void
draw(rt_scim_edit_t *edit, rt_scim_type_e kind, unsigned i)
{
    unsigned  k;
    thing_t  *thing = &model[kind][i];

    memset(&thing->item, 0, sizeof(rt_scim_item_t));

    thing->there = 1;
    thing->item.kind = kind;
    thing->item.id = id_of(kind, i);
    thing->item.active = chance(2) & 1;
    thing->item.created = i + 1;
    thing->item.modified = version;

    (void) snprintf(thing->text[0], 64, "name %c\n%u", 'A' + (char) kind, i);
    (void) snprintf(thing->text[1], 64, "%u", chance(5));
    (void) snprintf(thing->text[2], 64, "%.*s", (int) chance(60),
                    "an.email.that.may.be.long.and.longer.and.on@example.com");
    (void) snprintf(thing->json, sizeof(thing->json), "{\"%0*u\":1}",
                    (int) chance(400) + 1, i);

    for (k = 0; k < RT_SCIM_KEYS; k++) {
        thing->item.key[k].data = (unsigned char *) thing->text[k];
        thing->item.key[k].len = strlen(thing->text[k]);
    }

    thing->item.json.data = (unsigned char *) thing->json;
    thing->item.json.len = strlen(thing->json);

    edit->item = thing->item;
}


static void
draw_members(rt_scim_edit_t *edit, thing_t *group)
{
    unsigned  i, u;

    edit->all = chance(8) == 0;
    edit->nremove = edit->all ? 0 : chance(4);
    edit->nadd = chance(edit->all ? USERS : 6);
    edit->remove = rt_alloc(&mem, USERS * sizeof(rt_scim_id_t));
    edit->add = rt_alloc(&mem, USERS * sizeof(rt_scim_id_t));

    if (edit->all) {
        memset(group->in, 0, sizeof(group->in));
    }

    for (i = 0; i < edit->nremove; i++) {
        u = chance(USERS);
        edit->remove[i] = id_of(RT_SCIM_USER, u);
        group->in[u] = 0;
    }

    for (i = 0; i < edit->nadd; i++) {
        u = chance(USERS);
        edit->add[i] = id_of(RT_SCIM_USER, u);
        group->in[u] = model[RT_SCIM_USER][u].there;
    }
}


static void
drop(rt_scim_edit_t *edit, rt_scim_type_e kind, unsigned i)
{
    unsigned  g;
    thing_t  *thing = &model[kind][i];

    edit->op = RT_SCIM_DELETE;
    edit->item.kind = kind;
    edit->item.id = id_of(kind, i);
    edit->item.modified = version;

    for (g = 0; kind == RT_SCIM_USER && thing->there && g < GROUPS; g++) {
        if (model[RT_SCIM_GROUP][g].in[i]) {
            model[RT_SCIM_GROUP][g].in[i] = 0;
            model[RT_SCIM_GROUP][g].item.version = version;
            model[RT_SCIM_GROUP][g].item.modified = version;
        }
    }

    thing->there = 0;
    memset(thing->in, 0, sizeof(thing->in));
}


static void
change(rt_scim_db_t *db)
{
    unsigned          i;
    rt_scim_type_e    kind;
    rt_scim_record_t  record;

    memset(&record, 0, sizeof(rt_scim_record_t));
    record.is = RT_SCIM_RECORD_EDIT;
    version++;

    kind = chance(2) ? RT_SCIM_USER : RT_SCIM_GROUP;
    i = chance(kind == RT_SCIM_USER ? USERS : GROUPS);

    if (chance(4) == 0) {
        drop(&record.edit, kind, i);

    } else {
        record.edit.op = RT_SCIM_PUT;
        draw(&record.edit, kind, i);
        model[kind][i].item.version = version;

        if (kind == RT_SCIM_GROUP) {
            draw_members(&record.edit, &model[kind][i]);
        }
    }

    record.edit.item.version = version;

    assert_int_equal(rt_scim_db_make_room(db, &lock,
                                          record.edit.item.modified,
                                          &record.edit,
                                          &(rt_scim_room_t) { 0 }), RT_OK);
    rt_scim_db_edit(db, &lock, &record.edit);
    (void) keep(NULL, &record);
}


static void
same_item(const rt_scim_item_t *is, const rt_scim_item_t *as)
{
    unsigned  k;

    assert_int_equal(is->kind, as->kind);
    assert_int_equal(is->active, as->active);
    assert_int_equal(is->version, as->version);
    assert_int_equal(is->created, as->created);
    assert_int_equal(is->modified, as->modified);
    assert_true(rt_str_eq(&is->json, &as->json));

    for (k = 0; k < RT_SCIM_KEYS; k++) {
        assert_true(rt_str_eq(&is->key[k], &as->key[k]));
    }
}


/* it is found by that key, once */

static void
has_key(const rt_scim_db_t *db, rt_scim_node_t n, const rt_scim_item_t *item,
    rt_scim_index_e key)
{
    unsigned        found = 0;
    rt_scim_node_t  at = 0;

    do {
        at = rt_scim_db_key(db, item->kind, key, &item->key[key], at);
        found += (at == n);
    } while (at);

    assert_int_equal(found, item->key[key].len != 0);
}


static unsigned
same_members(const rt_scim_db_t *db, rt_scim_node_t group, const thing_t *as)
{
    unsigned          i, n = 0, links = 0;
    rt_scim_id_t      id;
    rt_scim_node_t    user;
    rt_scim_cursor_t  cursor = { 0, 0 };

    for (i = 0; i < USERS; i++) {
        id = id_of(RT_SCIM_USER, i);
        user = rt_scim_db_find(db, RT_SCIM_USER, &id);
        assert_int_equal(user && rt_scim_db_member(db, user, group),
                         as->in[i]);
        n += (unsigned) as->in[i];
    }

    while (rt_scim_db_link(db, group, &cursor)) {
        links++;
    }

    assert_int_equal(links, n);

    return n;
}


static void
same(const rt_scim_db_t *db)
{
    unsigned         i, kind, k, n[RT_SCIM_KINDS] = { 0 }, off = 0, links = 0;
    rt_scim_id_t     id;
    rt_scim_item_t   item;
    rt_scim_node_t   node;
    rt_scim_stats_t  stats;

    for (kind = 0; kind < RT_SCIM_KINDS; kind++) {
        for (i = 0; i < (kind == RT_SCIM_USER ? USERS : GROUPS); i++) {
            id = id_of(kind, i);
            node = rt_scim_db_find(db, kind, &id);
            assert_int_equal(node != 0, model[kind][i].there);

            if (node == 0) {
                continue;
            }

            n[kind]++;
            off += kind == RT_SCIM_USER && !model[kind][i].item.active;
            assert_int_equal(rt_scim_db_item(db, node, &mem, &item), RT_OK);
            same_item(&item, &model[kind][i].item);

            for (k = 0; k < RT_SCIM_KEYS; k++) {
                has_key(db, node, &item, k);
            }

            if (kind == RT_SCIM_GROUP) {
                links += same_members(db, node, &model[kind][i]);
            }
        }
    }

    rt_scim_db_stats(db, &stats);
    assert_int_equal(stats.n[RT_SCIM_USER], n[RT_SCIM_USER]);
    assert_int_equal(stats.n[RT_SCIM_GROUP], n[RT_SCIM_GROUP]);
    assert_int_equal(stats.off, off);
    assert_int_equal(stats.memberships, links);
    assert_int_equal(rt_scim_db_version(db), version);
}


/* the same nodes in the same order, and as many blocks */

static void
same_order(const rt_scim_db_t *a, const rt_scim_db_t *b)
{
    uint32_t         i, j;
    unsigned         kind;
    rt_scim_node_t   n, m;
    rt_scim_item_t   one, other;
    rt_scim_stats_t  as, bs;

    for (kind = 0; kind < RT_SCIM_KINDS; kind++) {
        i = j = 0;

        while ((n = rt_scim_db_next(a, kind, &i)) != 0) {
            m = rt_scim_db_next(b, kind, &j);
            assert_int_not_equal(m, 0);
            (void) rt_scim_db_item(a, n, NULL, &one);
            (void) rt_scim_db_item(b, m, NULL, &other);
            assert_memory_equal(&one.id, &other.id, RT_SCIM_ID);
        }
    }

    rt_scim_db_stats(a, &as);
    rt_scim_db_stats(b, &bs);
    assert_memory_equal(&as, &bs, sizeof(rt_scim_stats_t));
}


static void
begin(void)
{
    memset(model, 0, sizeof(model));
    free(journal.data);
    journal = (rt_str_t) rt_null_string;
    version = 0;
}


static void
edits_do_as_the_model(void **state)
{
    unsigned       i;
    rt_scim_db_t  *db, *late;

    begin();
    db = fresh(0, SIZE);
    late = fresh(1, SIZE);

    for (i = 0; i < EDITS; i++) {
        change(db);
        same(db);

        if (i % 50 == 0) {
            rt_arena_free(&arena);
        }

        /* all of it, read by one who has nothing, and by one who is late */

        if (i % 200 == 199) {
            free(journal.data);
            journal = (rt_str_t) rt_null_string;

            assert_int_equal(rt_scim_dump(db, &mem, 1, keep, NULL), RT_OK);
            (void) replay(fresh(2, SIZE), journal.len);
            (void) replay(late, journal.len);
            same((rt_scim_db_t *) memory[2]);
            same_order(db, (rt_scim_db_t *) memory[2]);
            same(late);
        }
    }

    (void) state;
}


/* wherever the file ends, what it has is what was said up to there */

static void
a_torn_journal_is_its_beginning(void **state)
{
    size_t         len, last;
    unsigned       i, n, was;
    uint64_t       versions[64];
    rt_scim_db_t  *db;

    (void) state;

    begin();
    db = fresh(0, SIZE);

    assert_int_equal(rt_scim_dump(db, &mem, 1, keep, NULL), RT_OK);

    for (i = 0; i < 12; i++) {
        change(db);
        versions[i] = version;
    }

    last = journal.len;
    was = 0;

    for (len = 0; len <= last; len++) {
        db = rt_scim_db_init(memory[1], SIZE, NODES, GROUPS, 17);
        rt_scim_db_keep(db, KEEP);
        n = replay(db, len);
        assert_true(n == was || n == was + 1);
        assert_int_equal(rt_scim_db_ready(db), n >= 2);
        assert_int_equal(rt_scim_db_version(db),
                         n > 2 ? versions[n - 3] : 0);
        was = n;
    }

    assert_int_equal(was, 14);
    same(db);
}


static void
a_change_that_is_made_again_is_one(void **state)
{
    unsigned       i;
    rt_scim_db_t  *db, *twice;

    (void) state;

    begin();
    db = fresh(0, SIZE);
    twice = fresh(1, SIZE);

    for (i = 0; i < 500; i++) {
        change(db);
        (void) replay(twice, journal.len);
        (void) replay(twice, journal.len);
        same(twice);
        same_order(db, twice);
        journal.len = 0;
    }
}


static void
what_has_no_room_is_refused(void **state)
{
    unsigned         i, n;
    rt_scim_db_t    *db;
    rt_scim_edit_t   edit;
    rt_scim_room_t   room;
    rt_scim_stats_t  stats;

    (void) state;

    begin();
    db = fresh(0, 6 * 1024);

    /* as many as the bytes have room for, and then one may be switched off */

    for (i = 0, n = 0; i < USERS; i++) {
        memset(&edit, 0, sizeof(rt_scim_edit_t));
        memset(&room, 0, sizeof(rt_scim_room_t));
        edit.op = RT_SCIM_PUT;
        draw(&edit, RT_SCIM_USER, i);
        edit.item.json = STR("{\"a\":\"a good deal of text to fill the room "
                             "that there is, and a little bit more of it\"}");
        edit.item.active = 1;
        edit.item.version = ++version;

        if (rt_scim_db_room(db, &edit, &room) == RT_OK) {
            rt_scim_db_edit(db, &lock, &edit);
            n++;
        }
    }

    rt_scim_db_stats(db, &stats);
    assert_int_equal(stats.n[RT_SCIM_USER], n);
    assert_in_range(n, 3, USERS - 1);
    assert_true(stats.used <= stats.size);
    assert_true(rt_scim_db_ready(db));

    (void) rt_scim_db_item(db, nth(db, RT_SCIM_USER, 0), &mem,
                           &edit.item);
    edit.op = RT_SCIM_PUT;
    edit.item.json = STR("{}");
    edit.item.active = 0;
    memset(&room, 0, sizeof(rt_scim_room_t));
    assert_int_equal(rt_scim_db_room(db, &edit, &room), RT_OK);
    rt_scim_db_edit(db, &lock, &edit);

    rt_scim_db_stats(db, &stats);
    assert_int_equal(stats.off, 1);

    edit.op = RT_SCIM_DELETE;
    memset(&room, 0, sizeof(rt_scim_room_t));
    assert_int_equal(rt_scim_db_room(db, &edit, &room), RT_OK);
    rt_scim_db_edit(db, &lock, &edit);

    rt_scim_db_stats(db, &stats);
    assert_int_equal(stats.gone, 1);
    assert_int_equal(stats.off, 0);
}


/*
 * A user with that much JSON, asked for room and made.
 * in:   name: NULL, as he is called; all: it is read from a file
 */

static rt_status_e
pushed(rt_scim_db_t *db, unsigned i, const char *name, int active, unsigned len,
    int all)
{
    char            own[16], json[2100];
    rt_scim_edit_t  edit;
    rt_scim_room_t  room;

    memset(&edit, 0, sizeof(rt_scim_edit_t));
    memset(&room, 0, sizeof(rt_scim_room_t));

    room.all = all & 1;

    (void) snprintf(own, sizeof(own), "user %u", i);
    (void) snprintf(json, sizeof(json), "{\"active\":%s,\"title\":\"%0*d\"}",
                    active ? "true" : "false", (int) len, 1);

    edit.op = RT_SCIM_PUT;
    edit.item.kind = RT_SCIM_USER;
    edit.item.id = id_of(RT_SCIM_USER, i);
    edit.item.active = active & 1;
    edit.item.key[RT_SCIM_NAME] = str(name ? name : own);
    edit.item.json = str(json);
    edit.item.version = ++version;

    if (rt_scim_db_room(db, &edit, &room) != RT_OK) {
        return RT_TOO_BIG;
    }

    rt_scim_db_edit(db, &lock, &edit);

    return RT_OK;
}


/* in:  len: users of up to so much JSON fill the bytes, or the nodes */

static void
all_go_in_a_full_zone(unsigned len)
{
    unsigned         i, n, lens[NODES], renamed;
    rt_scim_db_t    *db;
    rt_scim_stats_t  stats;

    begin();
    db = fresh(0, SIZE);

    for (n = 0; n < NODES; n++) {
        for (lens[n] = chance(len) + len; lens[n]; lens[n]--) {
            if (pushed(db, n, NULL, 1, lens[n], 0) == RT_OK) {
                break;
            }
        }

        if (lens[n] == 0) {
            break;
        }
    }

    assert_in_range(n, 100, NODES - 1);

    /* the last bytes that there are */

    for (i = 0; i < n; i++) {
        while (lens[i] < 2000
               && pushed(db, i, NULL, 1, lens[i] + 1, 0) == RT_OK)
        {
            lens[i]++;
        }
    }

    renamed = 0;

    for (i = 0; i < n; i++) {
        assert_int_equal(pushed(db, i, NULL, 0, lens[i], 0), RT_OK);
    }

    for (i = 0; i < n; i++) {
        (void) pushed(db, i, NULL, 1, lens[i], 0);

        if (pushed(db, i, "somebody who has left", 0, lens[i], 0) == RT_OK) {
            renamed++;
        } else {
            assert_int_equal(pushed(db, i, NULL, 0, lens[i], 0), RT_OK);
        }
    }

    assert_in_range(renamed, NODES / 64, n);

    rt_scim_db_stats(db, &stats);
    assert_int_equal(stats.off, n);
    assert_true(stats.used <= stats.size);
    assert_true(rt_scim_db_ready(db));

    /* and all of them are read again */

    journal.len = 0;
    assert_int_equal(rt_scim_dump(db, &mem, 1, keep, NULL), RT_OK);
    (void) replay(fresh(1, SIZE), journal.len);
    same_order(db, (rt_scim_db_t *) memory[1]);
}


static void
all_are_switched_off_in_a_full_zone(void **state)
{
    (void) state;

    all_go_in_a_full_zone(1000);
    all_go_in_a_full_zone(20);
}


/* a file that a larger zone wrote: who has no room is refused, nobody else */

static void
a_zone_full_from_its_file_stays_ready(void **state)
{
    unsigned         i, n, off, len, round, lens[NODES];
    rt_scim_db_t    *db;
    rt_scim_stats_t  stats;

    (void) state;

    for (round = 0; round < 20; round++) {
        begin();
        db = fresh(0, SIZE);

        for (n = 0; n < NODES; n++) {
            for (len = chance(1000) + 1000; len; len--) {
                if (pushed(db, n, NULL, 1, len, 1) == RT_OK) {
                    break;
                }
            }

            lens[n] = len;

            if (len == 0) {
                break;
            }
        }

        assert_in_range(n, 50, NODES - 1);
        assert_true(rt_scim_db_tight(db));

        for (i = 0, off = 0; i < n; i++) {
            off += (pushed(db, i, NULL, 0, lens[i], 0) == RT_OK);
            assert_true(rt_scim_db_ready(db));
        }

        rt_scim_db_stats(db, &stats);
        assert_true(stats.used <= stats.size);
        assert_int_equal(stats.off, off);
        assert_in_range(off, 1, n - 1);

        /* what leaves makes the room that they need */

        for (i = 0; i < n; i++) {
            if (i % 2 == 0) {
                assert_int_equal(pushed(db, i, NULL, 0, 1, 0), RT_OK);
            }
        }

        assert_false(rt_scim_db_tight(db));

        for (i = 0; i < n; i++) {
            assert_int_equal(pushed(db, i, NULL, 0, i % 2 ? lens[i] : 1, 0),
                             RT_OK);
        }

        rt_scim_db_stats(db, &stats);
        assert_int_equal(stats.off, n);
    }
}


/* several edits are asked for room before any of them is made */

static void
what_several_edits_take_together_is_there(void **state)
{
    unsigned        i, round;
    rt_scim_db_t   *db;
    rt_scim_id_t    users[USERS];
    rt_scim_edit_t  edit[GROUPS];
    rt_scim_room_t  room;
    rt_scim_stats_t stats;

    (void) state;

    for (round = 0; round < 200; round++) {
        begin();
        db = fresh(0, 4096 + 64 * round);
        memset(&room, 0, sizeof(rt_scim_room_t));
        memset(edit, 0, sizeof(edit));

        for (i = 0; i < GROUPS; i++) {
            edit[i].op = RT_SCIM_PUT;
            draw(&edit[i], RT_SCIM_GROUP, i);
            edit[i].add = users;
            edit[i].nadd = USERS;
        }

        for (i = 0; i < USERS; i++) {
            users[i] = id_of(RT_SCIM_USER, i);
            edit[0].op = RT_SCIM_PUT;
        }

        for (i = 0; i < GROUPS; i++) {
            if (rt_scim_db_room(db, &edit[i], &room) != RT_OK) {
                edit[i].op = RT_SCIM_NOTHING;
            }
        }

        for (i = 0; i < GROUPS; i++) {
            if (edit[i].op) {
                rt_scim_db_edit(db, &lock, &edit[i]);
            }
        }

        rt_scim_db_stats(db, &stats);
        assert_true(stats.used <= stats.size);
        assert_true(rt_scim_db_ready(db));
    }
}


/* -- members of a large group who leave it at once */

typedef struct {
    rt_scim_db_t     *db;
    rt_scim_node_t    group;
    rt_scim_id_t      id[CROWD];
    unsigned          in[CROWD];
    rt_scim_id_t      list[CROWD];
} crowd_t;

static crowd_t        crowd;


static void
gather(void)
{
    unsigned        i;
    rt_scim_edit_t  edit;

    begin();
    memset(&crowd, 0, sizeof(crowd_t));
    crowd.db = rt_scim_db_init(memory, sizeof(memory), CROWD, GROUPS, 17);
    assert_non_null(crowd.db);

    for (i = 0; i < CROWD + 2; i++) {
        memset(&edit, 0, sizeof(rt_scim_edit_t));
        edit.op = RT_SCIM_PUT;
        edit.item.kind = i < CROWD ? RT_SCIM_USER : RT_SCIM_GROUP;
        edit.item.json = STR("{}");
        edit.item.id.data[2] = (unsigned char) (i >> 8);
        edit.item.id.data[5] = (unsigned char) i;
        edit.item.version = ++version;

        if (i < CROWD) {
            crowd.id[i] = edit.item.id;

        } else {
            edit.add = crowd.id;
            edit.nadd = (i == CROWD) ? CROWD : 0;   /* one has all of them */
        }

        rt_scim_db_edit(crowd.db, &lock, &edit);
    }

    crowd.group = nth(crowd.db, RT_SCIM_GROUP, 1);
    assert_int_not_equal(crowd.group, 0);
}


/* ret: how often the lock was held for it */

static unsigned
move(unsigned join, unsigned share)
{
    uint32_t        n;
    unsigned        i;
    rt_scim_edit_t  edit;

    memset(&edit, 0, sizeof(rt_scim_edit_t));
    edit.op = RT_SCIM_LINK;
    edit.item.version = ++version;
    edit.item.kind = RT_SCIM_GROUP;
    edit.item.id.data[2] = (unsigned char) ((CROWD + 1) >> 8);
    edit.item.id.data[5] = (unsigned char) (CROWD + 1);

    for (i = 0, n = 0; i < CROWD; i++) {
        if (chance(100) < share) {
            crowd.list[n++] = crowd.id[i];
            crowd.in[i] = join;
        }
    }

    if (join) {
        edit.add = crowd.list;
        edit.nadd = n;

    } else {
        edit.remove = crowd.list;
        edit.nremove = n;
    }

    holds = 0;
    rt_scim_db_edit(crowd.db, &lock, &edit);

    return holds;
}


static void
is_gathered(void)
{
    unsigned          i, n;
    rt_scim_node_t    user;
    rt_scim_stats_t   stats;
    rt_scim_cursor_t  cursor;

    for (i = 0, n = 0; i < CROWD; i++) {
        user = rt_scim_db_find(crowd.db, RT_SCIM_USER, &crowd.id[i]);
        assert_int_equal(rt_scim_db_member(crowd.db, user, crowd.group),
                         crowd.in[i]);
        n += crowd.in[i];
    }

    rt_scim_db_stats(crowd.db, &stats);
    assert_int_equal(stats.memberships, CROWD + n);

    memset(&cursor, 0, sizeof(rt_scim_cursor_t));

    for (i = 0;
         (user = rt_scim_db_link(crowd.db, crowd.group, &cursor)) != 0; i++)
    {
        assert_int_equal(rt_scim_db_member(crowd.db, user, crowd.group), 1);
    }

    assert_int_equal(i, n);
}


static void
many_leave_a_group_in_one_walk(void **state)
{
    unsigned         i;
    rt_scim_stats_t  before, after;

    (void) state;

    gather();
    rt_scim_db_stats(crowd.db, &before);

    for (i = 0; i < ROUNDS; i++) {
        (void) move(1, chance(101));
        is_gathered();

        (void) move(0, chance(101));
        is_gathered();
    }

    (void) move(1, 100);
    assert_in_range(move(0, 100), 1, CROWD / 10);
    is_gathered();

    rt_scim_db_stats(crowd.db, &after);
    assert_int_equal(after.used, before.used);
}


static void
a_deleted_user_is_told_from_an_unknown_one(void **state)
{
    rt_str_t         name;
    rt_scim_db_t    *db;
    rt_scim_edit_t   edit;
    rt_scim_node_t   n;
    rt_scim_item_t   item;

    (void) state;

    begin();
    db = fresh(0, SIZE);
    memset(&edit, 0, sizeof(rt_scim_edit_t));

    edit.op = RT_SCIM_PUT;
    draw(&edit, RT_SCIM_USER, 1);
    rt_scim_db_edit(db, &lock, &edit);
    name = edit.item.key[RT_SCIM_NAME];

    edit.op = RT_SCIM_DELETE;
    rt_scim_db_edit(db, &lock, &edit);

    assert_int_equal(rt_scim_db_find(db, RT_SCIM_USER, &edit.item.id), 0);
    assert_int_equal(nth(db, RT_SCIM_USER, 0), 0);

    assert_int_equal(rt_scim_db_key(db, RT_SCIM_USER, RT_SCIM_NAME, &name, 0),
                     0);
    assert_true(barred(db, RT_SCIM_NAME, &name));
    n = nth(db, RT_SCIM_KINDS, 0);
    assert_int_not_equal(n, 0);
    assert_int_equal(rt_scim_db_item(db, n, &mem, &item), RT_OK);
    assert_true(item.gone);
    assert_false(item.active);
    assert_int_equal(item.json.len, 0);

    /* another one with his name */

    edit.op = RT_SCIM_PUT;
    edit.item.id = id_of(RT_SCIM_USER, 2);
    edit.item.key[RT_SCIM_EXTERNAL] = STR("somebody else");
    rt_scim_db_edit(db, &lock, &edit);

    assert_true(barred(db, RT_SCIM_EXTERNAL,
                                  &item.key[RT_SCIM_EXTERNAL]));
    assert_false(barred(db, RT_SCIM_EXTERNAL,
                                   &edit.item.key[RT_SCIM_EXTERNAL]));

    /* one with all he had, who goes, too: one of both is enough */

    edit.item.id = id_of(RT_SCIM_USER, 3);
    memcpy(edit.item.key, item.key, sizeof(item.key));
    rt_scim_db_edit(db, &lock, &edit);
    assert_int_equal(nth(db, RT_SCIM_KINDS, 0), n);

    edit.op = RT_SCIM_DELETE;
    rt_scim_db_edit(db, &lock, &edit);
    assert_true(barred(db, RT_SCIM_EXTERNAL,
                                  &item.key[RT_SCIM_EXTERNAL]));
    assert_int_equal(nth(db, RT_SCIM_KINDS, 1), 0);
}


/* each of these keys bars whoever comes with it, or none does */

static void
one_of_old(const rt_scim_db_t *db, rt_str_t *was, int bars)
{
    unsigned  i;

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        assert_int_equal(barred(db, i, &was[i]), bars);
    }
}


static void
a_key_that_was_his_is_not_good_when_he_is_disabled(void **state)
{
    unsigned         i;
    rt_str_t         was[] = { STR("ann"), STR("o-1"), STR("ann@example.com") };
    rt_str_t         is[] = { STR("left"), STR("o-2"), STR("x@example.com") };
    rt_scim_db_t    *db, *late;
    rt_scim_edit_t   edit;
    rt_scim_stats_t  stats;

    (void) state;

    begin();
    db = fresh(0, SIZE);
    late = fresh(1, SIZE);

    memset(&edit, 0, sizeof(rt_scim_edit_t));
    edit.op = RT_SCIM_PUT;
    draw(&edit, RT_SCIM_USER, 1);
    edit.item.active = 1;
    edit.item.modified = 10;
    memcpy(edit.item.key, was, sizeof(was));
    rt_scim_db_edit(db, &lock, &edit);

    memcpy(edit.item.key, is, sizeof(is));
    edit.item.modified = 20;
    rt_scim_db_edit(db, &lock, &edit);
    one_of_old(db, was, 0);

    for (i = 0; i < 2; i++) {
        edit.item.active = 0;
        rt_scim_db_edit(db, &lock, &edit);
        one_of_old(db, was, 1);

        edit.item.active = 1;
        rt_scim_db_edit(db, &lock, &edit);
        one_of_old(db, was, 0);
    }

    edit.op = RT_SCIM_DELETE;
    rt_scim_db_edit(db, &lock, &edit);
    one_of_old(db, was, 1);
    one_of_old(db, is, 1);

    /* in another file, too */

    journal.len = 0;
    assert_int_equal(rt_scim_dump(db, &mem, 1, keep, NULL), RT_OK);
    (void) replay(late, journal.len);
    one_of_old(late, was, 1);
    one_of_old(late, is, 1);

    /* until it is forgotten */

    rt_scim_db_expire(db, &lock, 20 + KEEP - 1);
    one_of_old(db, was, 1);
    rt_scim_db_expire(db, &lock, 20 + KEEP);
    one_of_old(db, was, 0);

    rt_scim_db_stats(db, &stats);
    assert_int_equal(stats.gone, 0);
    assert_int_equal(stats.used, 0);
}


/* user i, with that email */

static void
holder(rt_scim_db_t *db, unsigned i, const char *email, int active)
{
    char            name[16];
    rt_scim_edit_t  edit;

    memset(&edit, 0, sizeof(rt_scim_edit_t));
    (void) snprintf(name, sizeof(name), "holder %u", i);

    edit.op = RT_SCIM_PUT;
    edit.item.id = id_of(RT_SCIM_USER, i);
    edit.item.active = active & 1;
    edit.item.modified = 10;
    edit.item.version = ++version;
    edit.item.json = STR("{}");
    edit.item.key[RT_SCIM_NAME] = str(name);
    edit.item.key[RT_SCIM_EMAIL] = str(email);

    rt_scim_db_edit(db, &lock, &edit);
}


/* a key that so many had is not looked at to its end, and bars */

static void
a_key_of_very_many_bars(void **state)
{
    unsigned         i;
    rt_str_t         old = STR("none@example.com");
    rt_scim_db_t    *db;
    rt_scim_stats_t  stats;

    (void) state;

    begin();
    db = fresh(0, SIZE);

    for (i = 0; i <= RT_SCIM_MAX_HOLDERS; i++) {
        holder(db, i, "none@example.com", 1);
        holder(db, i, "", 1);
        assert_int_equal(barred(db, RT_SCIM_EMAIL, &old),
                         i == RT_SCIM_MAX_HOLDERS);
    }

    /* one fewer, and one of them who was disabled, the first or the last */

    holder(db, 7, "none@example.com", 1);
    assert_int_not_equal(rt_scim_db_key(db, RT_SCIM_USER, RT_SCIM_EMAIL, &old,
                                        0), 0);
    assert_false(barred(db, RT_SCIM_EMAIL, &old));

    for (i = 0; i <= RT_SCIM_MAX_HOLDERS; i += RT_SCIM_MAX_HOLDERS) {
        holder(db, i, "", 0);
        assert_true(barred(db, RT_SCIM_EMAIL, &old));
        holder(db, i, "", 1);
        assert_false(barred(db, RT_SCIM_EMAIL, &old));
    }

    /* they are forgotten by steps, of which each says that it did something */

    holder(db, 7, "", 1);
    assert_false(rt_scim_db_expire(db, &lock, 10 + KEEP - 1));

    for (i = 0; rt_scim_db_expire(db, &lock, 10 + KEEP); i++) {
        assert_false(barred(db, RT_SCIM_EMAIL, &old));
    }

    assert_int_equal(i, (RT_SCIM_MAX_HOLDERS + 16) / 16);
    rt_scim_db_stats(db, &stats);
    assert_int_equal(stats.gone, 0);
}


/* a zone full of what nobody has to know any more has room */

static void
what_is_forgotten_makes_room(void **state)
{
    unsigned          i;
    rt_scim_db_t     *db;
    rt_scim_edit_t    edit;
    rt_scim_room_t    room;

    (void) state;

    begin();
    db = fresh(0, SIZE);
    memset(&edit, 0, sizeof(rt_scim_edit_t));

    for (i = 0; i < NODES; i++) {
        holder(db, i, "none@example.com", 1);
    }

    for (i = 0; i < NODES; i++) {
        edit.op = RT_SCIM_DELETE;
        edit.item.id = id_of(RT_SCIM_USER, i);
        edit.item.modified = i < NODES / 2 ? 100 * KEEP : 20;
        edit.item.version = ++version;
        rt_scim_db_edit(db, &lock, &edit);
    }

    /* the first ones went while the clock was ahead: the others make it */

    edit.op = RT_SCIM_PUT;
    edit.item.id.data[9] = 1;
    memset(&room, 0, sizeof(rt_scim_room_t));

    assert_int_equal(rt_scim_db_make_room(db, &lock, 20 + KEEP - 1, &edit,
                                          &room), RT_TOO_BIG);
    assert_int_equal(nth(db, RT_SCIM_KINDS, NODES), 0);
    assert_int_not_equal(nth(db, RT_SCIM_KINDS, NODES - 1), 0);

    assert_int_equal(rt_scim_db_make_room(db, &lock, 20 + KEEP, &edit, &room),
                     RT_OK);
    assert_int_not_equal(nth(db, RT_SCIM_KINDS, 0), 0);
}


/* in a file, too: a record of a clock that was ahead is no later time */

static void
a_clock_that_was_ahead_forgets_nobody(void **state)
{
    unsigned         i;
    rt_str_t         name;
    rt_scim_db_t    *db, *other;
    rt_scim_edit_t   edit;

    (void) state;

    begin();
    db = fresh(0, SIZE);
    memset(&edit, 0, sizeof(rt_scim_edit_t));

    edit.op = RT_SCIM_PUT;
    draw(&edit, RT_SCIM_USER, 1);
    edit.item.modified = 20;
    rt_scim_db_edit(db, &lock, &edit);
    name = edit.item.key[RT_SCIM_NAME];
    edit.op = RT_SCIM_DELETE;
    rt_scim_db_edit(db, &lock, &edit);

    memset(&edit, 0, sizeof(rt_scim_edit_t));
    edit.op = RT_SCIM_PUT;
    draw(&edit, RT_SCIM_GROUP, 1);
    edit.item.modified = 100 * KEEP;
    rt_scim_db_edit(db, &lock, &edit);

    for (i = 0; i < 2; i++) {
        journal.len = 0;
        assert_int_equal(rt_scim_dump(db, &mem, 7, keep, NULL), RT_OK);

        other = fresh(1, SIZE);
        (void) replay_at(other, journal.len, 20 + KEEP - 1 + i);

        assert_int_equal(barred(other, RT_SCIM_NAME, &name), i == 0);
    }
}


/* what is not in a file goes when it was read; its groups stay as they are */

static void
a_group_is_as_the_file_says(void **state)
{
    rt_scim_db_t    *db;
    rt_scim_id_t     user;
    rt_scim_item_t   item;
    rt_scim_edit_t   edit;
    rt_scim_node_t   group;

    (void) state;

    begin();
    db = fresh(0, SIZE);
    version = 7;
    user = id_of(RT_SCIM_USER, 1);

    memset(&edit, 0, sizeof(rt_scim_edit_t));
    edit.op = RT_SCIM_PUT;
    draw(&edit, RT_SCIM_USER, 1);
    rt_scim_db_edit(db, &lock, &edit);

    draw(&edit, RT_SCIM_GROUP, 1);
    edit.item.version = 7;
    edit.add = &user;
    edit.nadd = 1;
    rt_scim_db_edit(db, &lock, &edit);

    rt_scim_db_fill(db, &lock);
    edit.nadd = 0;
    rt_scim_db_edit(db, &lock, &edit);
    rt_scim_db_filled(db, &lock, 7, 1);

    assert_int_equal(nth(db, RT_SCIM_USER, 0), 0);
    group = nth(db, RT_SCIM_GROUP, 0);
    assert_int_equal(rt_scim_db_item(db, group, &mem, &item), RT_OK);
    assert_int_equal(item.links, 0);
    assert_int_equal(item.version, 7);
    assert_int_equal(item.modified, 7);
}


/* whoever dies with a change begun, and with a file half read */

static void
memory_that_is_torn_is_seen(void **state)
{
    rt_scim_db_t    *db;
    rt_scim_edit_t   edit;

    (void) state;

    begin();
    db = fresh(0, SIZE);
    assert_false(rt_scim_db_torn(db));

    rt_scim_db_fill(db, &lock);
    assert_true(rt_scim_db_torn(db));
    assert_false(rt_scim_db_ready(db));

    rt_scim_db_clear(db);
    assert_false(rt_scim_db_torn(db));
    assert_false(rt_scim_db_ready(db));

    memset(&edit, 0, sizeof(rt_scim_edit_t));
    edit.op = RT_SCIM_PUT;
    draw(&edit, RT_SCIM_USER, 1);
    rt_scim_db_edit(db, &lock, &edit);
    assert_int_not_equal(nth(db, RT_SCIM_USER, 0), 0);
    assert_false(rt_scim_db_ready(db));

    db = fresh(0, SIZE);
    rt_scim_db_lacks(db, &lock);
    assert_false(rt_scim_db_ready(db));
    assert_false(rt_scim_db_torn(db));
}


static void
a_zone_that_is_too_small_lacks_something(void **state)
{
    rt_str_t          rest, text;
    unsigned          i, refused;
    rt_scim_db_t     *db;
    rt_scim_replay_t  r;

    (void) state;

    begin();
    db = fresh(0, SIZE);

    for (i = 0; i < 200; i++) {
        change(db);
    }

    journal.len = 0;
    assert_int_equal(rt_scim_dump(db, &mem, 1, keep, NULL), RT_OK);

    db = fresh(1, 3 * 1024);
    memset(&r, 0, sizeof(rt_scim_replay_t));
    rest = journal;

    for (refused = 0; rt_journal_next(&rest, &text) == RT_OK; /* void */ ) {
        refused += rt_scim_replay(db, &lock, &mem, &text, &r) == RT_TOO_BIG;
    }

    rt_scim_replayed(db, &lock, &r);

    assert_int_not_equal(refused, 0);
    assert_false(rt_scim_db_ready(db));
    assert_false(rt_scim_db_torn(db));
}


static void
what_is_no_record_is_passed_over(void **state)
{
    unsigned          i;
    rt_str_t          text;
    rt_scim_record_t  record;

    static const char *bad[] = {
        "", "P", "X 1", "S 1", "S x 1", "S 1 99999999999999999999999", "E ",
        "P 1 U a AAAAAAAAAAAAAAAAAAAAAA 1 1 ..  ",
        "P 1 U a AAAAAAAAAAAAAAAAAAAAAA 1 1 .   {}",
        "P 1 U a AAAAAAAAAAAAAAAAAAAAAA 1 1 ...   {}",
        "P 1 U a AAAAAAAAAAAAAAAAAAAAA 1 1 ..   {}",
        "P 1 U b AAAAAAAAAAAAAAAAAAAAAA 1 1 ..   {}",
        "P 1 V a AAAAAAAAAAAAAAAAAAAAAA 1 1 ..   {}",
        "P 1 U a AAAAAAAAAAAAAAAAAAAAAA 1 1 ..  AAAA {}",
        "P 1 U a AAAAAAAAAAAAAAAAAAAAAA 1 1 .. AA  {}",
        "P 1 G g AAAAAAAAAAAAAAAAAAAAAA 1 1 ..   {}"
    };

    (void) state;

    text = STR("P 1 U a AAAAAAAAAAAAAAAAAAAAAA 1 1 ..   {}");
    assert_int_equal(rt_scim_record_read(&mem, &text, &record), RT_OK);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        text.data = (unsigned char *) bad[i];
        text.len = strlen(bad[i]);
        assert_int_equal(rt_scim_record_read(&mem, &text, &record),
                         RT_INVALID);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(edits_do_as_the_model),
        ARENA_TEST(a_torn_journal_is_its_beginning),
        ARENA_TEST(a_change_that_is_made_again_is_one),
        ARENA_TEST(what_has_no_room_is_refused),
        ARENA_TEST(all_are_switched_off_in_a_full_zone),
        ARENA_TEST(a_zone_full_from_its_file_stays_ready),
        ARENA_TEST(what_several_edits_take_together_is_there),
        ARENA_TEST(many_leave_a_group_in_one_walk),
        ARENA_TEST(a_deleted_user_is_told_from_an_unknown_one),
        ARENA_TEST(a_key_that_was_his_is_not_good_when_he_is_disabled),
        ARENA_TEST(a_key_of_very_many_bars),
        ARENA_TEST(what_is_forgotten_makes_room),
        ARENA_TEST(a_clock_that_was_ahead_forgets_nobody),
        ARENA_TEST(a_group_is_as_the_file_says),
        ARENA_TEST(memory_that_is_torn_is_seen),
        ARENA_TEST(a_zone_that_is_too_small_lacks_something),
        ARENA_TEST(what_is_no_record_is_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
