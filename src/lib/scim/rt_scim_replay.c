
#include "scim/rt_scim_replay.h"


typedef struct {
    const rt_scim_db_t  *db;
    rt_mem_t            *mem;
    rt_scim_emit_pt      emit;
    void                *ctx;
} dump_t;


/*
 * Nodes are dropped by the earlier of the two clocks, the record's and now: a
 * record from a clock that was ahead drops nobody who is still kept.
 */

static rt_status_e
edit(rt_scim_db_t *db, const rt_scim_lock_t *lock, const rt_scim_edit_t *edit,
    uint64_t now)
{
    rt_status_e     rc;
    rt_scim_room_t  room;

    memset(&room, 0, sizeof(rt_scim_room_t));
    room.all = 1;

    if (now == 0 || now > edit->item.modified) {
        now = edit->item.modified;
    }

    rc = rt_scim_db_make_room(db, lock, now, edit, &room);

    if (rc == RT_OK) {
        rt_scim_db_edit(db, lock, edit);
    }

    return rc;
}


rt_status_e
rt_scim_replay(rt_scim_db_t *db, const rt_scim_lock_t *lock, rt_mem_t *mem,
    const rt_str_t *text, rt_scim_replay_t *replay)
{
    rt_status_e       rc;
    rt_scim_record_t  record;

    rc = rt_scim_record_read(mem, text, &record);

    if (rc == RT_OK) {
        switch (record.is) {

        case RT_SCIM_RECORD_HEAD:
            replay->file = record.file;
            replay->version = record.version;
            replay->whole = 0;
            rt_scim_db_fill(db, lock);
            break;

        case RT_SCIM_RECORD_END:
            rt_scim_db_filled(db, lock, replay->version, 0);
            replay->whole = 1;
            break;

        default:
            rc = edit(db, lock, &record.edit, replay->now);
        }
    }

    if (rc == RT_TOO_BIG || rc == RT_ERROR) {
        replay->lacks = 1;
        rt_scim_db_lacks(db, lock);
    }

    return rc;
}


void
rt_scim_replayed(rt_scim_db_t *db, const rt_scim_lock_t *lock,
    rt_scim_replay_t *replay)
{
    if (replay->whole && !replay->lacks) {
        rt_scim_db_show(db, lock);
    }
}


static rt_status_e
dump_mark(const dump_t *d, rt_scim_record_e is, uint64_t file)
{
    rt_scim_record_t  record;

    memset(&record, 0, sizeof(rt_scim_record_t));

    record.is = is;
    record.file = file;
    record.version = rt_scim_db_version(d->db);

    return d->emit(d->ctx, &record);
}


/* A group with all its members, in as many records as they take. */

static rt_status_e
dump_group(const dump_t *d, rt_scim_node_t n, rt_scim_edit_t *edit,
    rt_scim_record_t *record)
{
    rt_status_e       rc;
    rt_scim_item_t    user;
    rt_scim_node_t    member;
    rt_scim_cursor_t  cursor = { 0, 0 };

    edit->all = 1;
    member = rt_scim_db_link(d->db, n, &cursor);

    do {
        edit->add = rt_alloc(d->mem,
                             RT_SCIM_RECORD_MEMBERS * sizeof(rt_scim_id_t));
        if (edit->add == NULL) {
            return RT_ERROR;
        }

        for (edit->nadd = 0; member && edit->nadd < RT_SCIM_RECORD_MEMBERS;
             edit->nadd++)
        {
            (void) rt_scim_db_item(d->db, member, NULL, &user);
            edit->add[edit->nadd] = user.id;
            member = rt_scim_db_link(d->db, n, &cursor);
        }

        rc = d->emit(d->ctx, record);

        (void) rt_scim_db_item(d->db, n, NULL, &edit->item);
        edit->op = RT_SCIM_LINK;
        edit->all = 0;

    } while (rc == RT_OK && member);

    return rc;
}


static rt_status_e
dump_node(const dump_t *d, rt_scim_node_t n)
{
    rt_status_e       rc;
    rt_scim_edit_t   *edit;
    rt_scim_record_t  record;

    memset(&record, 0, sizeof(rt_scim_record_t));

    record.is = RT_SCIM_RECORD_EDIT;
    edit = &record.edit;
    edit->op = RT_SCIM_PUT;

    rc = rt_scim_db_item(d->db, n, d->mem, &edit->item);

    if (rc != RT_OK) {
        return rc;
    }

    return edit->item.kind == RT_SCIM_USER
           ? d->emit(d->ctx, &record) : dump_group(d, n, edit, &record);
}


rt_status_e
rt_scim_dump(const rt_scim_db_t *db, rt_mem_t *mem, uint64_t file,
    rt_scim_emit_pt emit, void *ctx)
{
    dump_t           d = { db, mem, emit, ctx };
    uint32_t         place;
    rt_status_e      rc;
    rt_scim_node_t   n;

    rc = dump_mark(&d, RT_SCIM_RECORD_HEAD, file);
    place = 0;

    while (rc == RT_OK
           && (n = rt_scim_db_next(db, RT_SCIM_USER, &place)) != 0)
    {
        rc = dump_node(&d, n);
    }

    place = 0;

    while (rc == RT_OK && (n = rt_scim_db_gone(db, &place)) != 0) {
        rc = dump_node(&d, n);
    }

    place = 0;

    while (rc == RT_OK
           && (n = rt_scim_db_next(db, RT_SCIM_GROUP, &place)) != 0)
    {
        rc = dump_node(&d, n);
    }

    return rc == RT_OK ? dump_mark(&d, RT_SCIM_RECORD_END, file) : rc;
}
