
/*
 * Records of the journal of users and groups, one a line, without their sums.
 * One that is read is the same when it is written and read again; whatever is
 * replayed, the store holds together, and what it dumps makes another one that
 * is the same.  A journal of these records, cut at any byte, has those that
 * were whole before it, and the store that they make.
 */

#include "rt_fuzz_scim.h"
#include "text/rt_journal.h"


#define RECORDS  64
#define FEW      8          /* records, of which each beginning is replayed */


typedef struct {
    rt_mem_t          *mem;
    rt_scim_db_t      *db;
    rt_scim_replay_t   replay;
} target_t;


static _Alignas(64) unsigned char  memory[3][SIZE];


static rt_scim_db_t *
fresh(unsigned i)
{
    rt_scim_db_t  *db;

    db = rt_scim_db_init(memory[i], SIZE, USERS, GROUPS, 17);
    assert(db);

    return db;
}


static void
check_record(rt_mem_t *mem, const rt_str_t *text)
{
    rt_str_t          once, twice;
    rt_scim_record_t  record, again;

    if (rt_scim_record_read(mem, text, &record) != RT_OK) {
        return;
    }

    once = text_of(mem, &record);
    assert(rt_scim_record_read(mem, &once, &again) == RT_OK);
    twice = text_of(mem, &again);

    assert(rt_str_eq(&once, &twice));
    assert(again.is == record.is && again.edit.op == record.edit.op);
}


static rt_status_e
take(void *ctx, const rt_scim_record_t *record)
{
    rt_str_t   text;
    target_t  *to = ctx;

    text = text_of(to->mem, record);

    return rt_scim_replay(to->db, &lock, to->mem, &text, &to->replay);
}


/* what has grown by edits, and by what was there before, may be too much */

static void
check_dump(rt_mem_t *mem, const rt_scim_db_t *db)
{
    target_t     to;
    rt_status_e  rc;

    memset(&to, 0, sizeof(target_t));
    to.mem = mem;
    to.db = fresh(1);

    rc = rt_scim_dump(db, mem, 7, take, &to);
    check_store(to.db);

    if (rc == RT_OK) {
        rt_scim_replayed(to.db, &lock, &to.replay);
        assert(rt_scim_db_ready(to.db));
        check_same(mem, db, to.db);
    }
}


/* the journal has these records, and of a line that was cut none */

static void
check_cuts(rt_str_t journal, const rt_str_t *records, size_t n)
{
    size_t    i, len;
    rt_str_t  cut, record;

    for (i = 0; i < n; i++) {
        len = records[i].len + RT_JOURNAL_MORE;

        for (cut = journal, cut.len = 0; cut.len < len; cut.len++) {
            assert(rt_journal_next(&cut, &record) == RT_DONE);
            assert(cut.data == journal.data);
        }

        assert(rt_journal_next(&journal, &record) == RT_OK);
        assert(rt_str_eq(&record, &records[i]));
    }

    assert(journal.len == 0);
}


static void
replay_first(rt_mem_t *mem, rt_scim_db_t *db, const rt_str_t *records,
    size_t n)
{
    size_t            i;
    rt_scim_replay_t  replay;

    memset(&replay, 0, sizeof(rt_scim_replay_t));

    for (i = 0; i < n; i++) {
        (void) rt_scim_replay(db, &lock, mem, &records[i], &replay);
    }

    rt_scim_replayed(db, &lock, &replay);
    check_store(db);

    /* nobody is let in by half of a file */

    assert(!rt_scim_db_ready(db) || (replay.whole && !replay.lacks));
}


static size_t
cut(rt_mem_t *mem, rt_str_t rest, rt_str_t *records, rt_str_t *journal)
{
    size_t    n;
    rt_str_t  line;

    journal->data = rt_alloc(mem, rest.len + RECORDS * RT_JOURNAL_MORE + 1);
    journal->len = 0;

    for (n = 0; rest.len && n < RECORDS; /* void */ ) {
        (void) rt_str_cut(&rest, '\n', &line, &rest);

        if (rt_journal_line(journal->data + journal->len, &line) == RT_OK) {
            journal->len += line.len + RT_JOURNAL_MORE;
            records[n++] = line;
        }
    }

    return n;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t             i, n;
    rt_mem_t           mem;
    rt_str_t           text, journal, records[RECORDS];
    rt_arena_t         arena;
    rt_scim_db_t      *db;
    rt_scim_replay_t   replay;

    if (size > 8192) {
        return 0;
    }

    mem = rt_arena_init(&arena);

    text.data = rt_alloc(&mem, size + 1);
    text.len = size;
    memcpy(text.data, data, size);

    n = cut(&mem, text, records, &journal);

    check_cuts(journal, records, n);

    db = fresh(0);
    memset(&replay, 0, sizeof(rt_scim_replay_t));

    for (i = 0; i < n; i++) {
        check_record(&mem, &records[i]);
        (void) rt_scim_replay(db, &lock, &mem, &records[i], &replay);
        check_store(db);
    }

    /* from the beginning it makes the same once more */

    replay_first(&mem, fresh(2), records, n);
    check_same(&mem, db, (rt_scim_db_t *) memory[2]);

    for (i = 0; n <= FEW && i < n; i++) {
        replay_first(&mem, fresh(2), records, i);
    }

    if (replay.whole) {
        check_dump(&mem, db);
    }

    rt_arena_free(&arena);

    return 0;
}
