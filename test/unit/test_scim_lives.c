
/*
 * Who is let in by a key: users who come, are renamed, take each other's keys,
 * are disabled and go, in the store and in a list of all that ever was.
 */

#include "rt_test.h"
#include "scim/rt_scim_out.h"
#include "scim/rt_scim_replay.h"
#include "text/rt_journal.h"


#define LIVES   4096
#define VALUES  7               /* of each key; 0: he has none */
#define KEEP    40              /* steps */
#define STEPS   6000
#define SIZE    (512 * 1024)


/* a user, who is there, or was: what he has, and until when he lost what */

typedef struct {
    rt_scim_id_t     id;
    int              there;
    int              active;
    unsigned         has[RT_SCIM_KEYS];
    uint64_t         lost[RT_SCIM_KEYS][VALUES];
    uint64_t         changed;
} life_t;


typedef enum { UNKNOWN, IN, OFF, SEVERAL } verdict_e;


static _Alignas(64) unsigned char  memory[3][SIZE];
static life_t         lives[LIVES];
static unsigned       nlives;
static uint64_t       now;
static rt_str_t       journal;


static void
nothing(void *ctx)
{
    (void) ctx;
}


static const rt_scim_lock_t  lock = { nothing, nothing, NULL };


static rt_scim_db_t *
fresh(unsigned i)
{
    rt_scim_db_t  *db;

    db = rt_scim_db_init(memory[i], SIZE, LIVES / 4, 4, 17);
    assert_non_null(db);
    rt_scim_db_keep(db, KEEP);

    rt_scim_db_fill(db, &lock);
    rt_scim_db_filled(db, &lock, 0, 1);

    return db;
}


/* -- the store */

static rt_str_t
value_of(unsigned v)
{
    static const char  *values[VALUES] = {
        "", "a", "b", "c", "d", "e", "f"
    };

    return str(values[v]);
}


static verdict_e
says(const rt_scim_db_t *db, unsigned key, unsigned v, uint64_t issued)
{
    rt_str_t        value = value_of(v);
    rt_scim_node_t  n;

    switch (rt_scim_db_who(db, key, &value, issued, &n)) {

    case RT_SCIM_IS_UNKNOWN:
        return UNKNOWN;

    case RT_SCIM_IS_ACTIVE:
        return IN;

    case RT_SCIM_IS_SEVERAL:
        return SEVERAL;

    default:
        return OFF;
    }
}


static rt_status_e
keep(void *ctx, const rt_scim_record_t *record)
{
    rt_str_t  text;

    (void) ctx;

    text.data = rt_alloc(&mem, rt_scim_record_size(record));
    text.len = rt_scim_record_write(record, text.data);
    journal.data = realloc(journal.data,
                           journal.len + text.len + RT_JOURNAL_MORE);
    assert_int_equal(rt_journal_line(journal.data + journal.len, &text),
                     RT_OK);
    journal.len += text.len + RT_JOURNAL_MORE;

    return RT_OK;
}


static void
replay(rt_scim_db_t *db)
{
    rt_str_t          rest, text;
    rt_scim_replay_t  state;

    memset(&state, 0, sizeof(rt_scim_replay_t));
    rest = journal;

    while (rt_journal_next(&rest, &text) == RT_OK) {
        assert_int_equal(rt_scim_replay(db, &lock, &mem, &text, &state),
                         RT_OK);
    }

    rt_scim_replayed(db, &lock, &state);
    journal.len = 0;
}


static void
edit(rt_scim_db_t *db, rt_scim_edit_e op, life_t *life)
{
    unsigned          k;
    rt_scim_record_t  record;
    rt_scim_item_t   *item = &record.edit.item;

    memset(&record, 0, sizeof(rt_scim_record_t));
    record.is = RT_SCIM_RECORD_EDIT;
    record.edit.op = op;
    item->kind = RT_SCIM_USER;
    item->id = life->id;
    item->modified = now;
    life->changed = now;
    item->version = now;
    item->active = life->active & 1;
    item->json = STR("{}");

    for (k = 0; op == RT_SCIM_PUT && k < RT_SCIM_KEYS; k++) {
        item->key[k] = value_of(life->has[k]);
    }

    assert_int_equal(rt_scim_db_make_room(db, &lock, now, &record.edit,
                                          &(rt_scim_room_t) { 0 }), RT_OK);
    rt_scim_db_edit(db, &lock, &record.edit);
    (void) keep(NULL, &record);
}


/* -- the list */

static int
had(const life_t *life, unsigned key, unsigned v)
{
    return life->lost[key][v] && now < life->lost[key][v] + KEEP;
}


static verdict_e
model(unsigned key, unsigned v, uint64_t issued)
{
    int            ever = 0, since = 0, others = 0, n = 0, active = 0, bars;
    unsigned       i;
    const life_t  *life;

    for (i = 0; i < nlives; i++) {
        life = &lives[i];

        if (life->there && life->has[key] == v) {
            n++;
            active = life->active;

        } else if (had(life, key, v)) {
            bars = !life->there || !life->active;
            ever |= bars;
            since |= bars && life->lost[key][v] >= issued;
            others |= life->lost[key][v] >= issued;
        }
    }

    return (n ? since : ever) ? OFF
           : n == 0 ? UNKNOWN : n > 1 ? SEVERAL : !active ? OFF
           : others ? UNKNOWN : IN;
}


/* by what is issued now, and by what was */

static void
same(const rt_scim_db_t *db)
{
    unsigned  k, v;
    uint64_t  then;

    for (k = 0; k < RT_SCIM_KEYS; k++) {
        for (v = 1; v < VALUES; v++) {
            then = now > KEEP ? now + 1 - chance(KEEP + 2) : 0;

            assert_int_equal(says(db, k, v, now + 1), model(k, v, now + 1));
            assert_int_equal(says(db, k, v, then), model(k, v, then));
        }
    }
}


/* up to when other hosts are told to let nobody in by it; 0: they are not */

static uint64_t
model_told(unsigned key, unsigned v, uint64_t since)
{
    unsigned       i, n = 0;
    uint64_t       when, told = 0;
    const life_t  *life;

    for (i = 0; i < nlives; i++) {
        n += lives[i].there && lives[i].has[key] == v;
    }

    for (i = 0; i < nlives; i++) {
        life = &lives[i];

        if (life->there && life->active) {
            continue;
        }

        when = life->there && life->has[key] == v ? life->changed
               : !had(life, key, v) ? 0
               : n ? life->lost[key][v] : life->changed;

        if (when >= since && when > told) {
            told = when;
        }
    }

    return told;
}


/* whoever is let in here by what was issued then is let in there as well */

static void
same_told(const rt_scim_db_t *db)
{
    uint32_t        i, n;
    uint64_t        since, told[VALUES];
    unsigned        k, v;
    rt_scim_out_t   outs[3];
    rt_scim_walk_t  walk;

    since = now > KEEP ? now - KEEP : 1;

    for (k = 0; k < RT_SCIM_KEYS; k++) {
        memset(&walk, 0, sizeof(walk));
        memset(told, 0, sizeof(told));

        while (!walk.over) {
            assert_int_equal(rt_scim_out(&mem, db, k, since, &walk, outs, 3,
                                         &n), RT_OK);

            for (i = 0; i < n; i++) {
                v = outs[i].name.data[0] - 'a' + 1;

                if (outs[i].when > told[v]) {
                    told[v] = outs[i].when;
                }
            }
        }

        for (v = 1; v < VALUES; v++) {
            assert_int_equal(told[v], model_told(k, v, since));
            assert_true(told[v] == 0 || says(db, k, v, told[v]) != IN);
        }
    }
}


/* one whose userName nobody who is there has */

static unsigned
free_name(const life_t *life)
{
    unsigned  i, v;

    v = 1 + chance(VALUES - 1);

    for (i = 0; i < nlives; i++) {
        if (lives[i].there && &lives[i] != life && lives[i].has[0] == v) {
            return life->there ? life->has[0] : 0;
        }
    }

    return v;
}


static void
take(life_t *life, unsigned key, unsigned v)
{
    if (life->has[key] != v) {
        life->lost[key][life->has[key]] = now;
        life->has[key] = v;
    }
}


static life_t *
anybody(void)
{
    unsigned  i, n;

    for (i = 0; i < 20; i++) {
        n = nlives ? chance(nlives) : 0;

        if (n < nlives && lives[n].there) {
            return &lives[n];
        }
    }

    return NULL;
}


static life_t *
born(void)
{
    life_t  *life;

    life = &lives[nlives];
    memset(life, 0, sizeof(life_t));

    life->has[0] = free_name(life);

    if (life->has[0] == 0) {
        return NULL;
    }

    nlives++;
    life->there = 1;
    life->active = chance(4) != 0;
    life->has[1] = chance(VALUES);
    life->has[2] = chance(VALUES);
    memcpy(life->id.data, &now, sizeof(now));
    life->id.data[12] = 1;

    return life;
}


/* who has nothing more to say makes place */

static void
bury(void)
{
    int       says;
    unsigned  i, k, v;

    for (i = 0; i < nlives; i++) {
        says = lives[i].there;

        for (k = 0; k < RT_SCIM_KEYS; k++) {
            for (v = 0; v < VALUES; v++) {
                says |= had(&lives[i], k, v);
            }
        }

        if (!says) {
            lives[i--] = lives[--nlives];
        }
    }
}


static void
step(rt_scim_db_t *db)
{
    unsigned   k;
    life_t    *life;

    life = chance(5) ? anybody() : NULL;

    if (life == NULL) {
        life = born();

        if (life) {
            edit(db, RT_SCIM_PUT, life);
        }

        return;
    }

    switch (chance(6)) {

    case 0:
        for (k = 0; k < RT_SCIM_KEYS; k++) {
            life->lost[k][life->has[k]] = now;
        }

        life->there = 0;
        edit(db, RT_SCIM_DELETE, life);
        return;

    case 1:
    case 2:
        life->active = !life->active;
        break;

    default:
        take(life, 0, free_name(life));
        take(life, 1 + chance(2), chance(VALUES));
    }

    edit(db, RT_SCIM_PUT, life);
}


static void
who_is_let_in_is_as_all_that_was(void **state)
{
    unsigned       i, seen[4] = { 0 };
    rt_scim_db_t  *db, *late;

    (void) state;

    nlives = 0;
    db = fresh(0);
    late = fresh(1);

    for (i = 0, now = 1; i < STEPS; i++, now++) {
        step(db);
        while (rt_scim_db_expire(db, &lock, now)) { /* void */ }

        same(db);
        same_told(db);
        seen[model(0, 1, now + 1)]++;

        if (i % 3 == 0) {
            bury();
            replay(late);

            while (rt_scim_db_expire(late, &lock, now)) { /* void */ }

            same(late);
            same_told(late);
            rt_arena_free(&arena);
        }

        if (i % 100 == 99) {
            replay(late);
            assert_int_equal(rt_scim_dump(db, &mem, 1, keep, NULL), RT_OK);
            replay(fresh(2));
            same((rt_scim_db_t *) memory[2]);
        }
    }

    assert_true(seen[UNKNOWN] > 99 && seen[IN] > 99 && seen[OFF] > 99);
    free(journal.data);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(who_is_let_in_is_as_all_that_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
