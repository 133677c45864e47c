
/*
 * From the records of a journal (rt_scim_record.h) to what they say, and back.
 *
 * A file begins with all there was when it was made.  Whoever reads it from
 * the beginning has that instead of what he had; then each edit is made.  An
 * edit that was made before changes nothing when it is made again.
 */


#ifndef RT_SCIM_REPLAY_H_INCLUDED
#define RT_SCIM_REPLAY_H_INCLUDED


#include "scim/rt_scim_record.h"


#pragma GCC visibility push(hidden)


/* zeroed before the beginning of a file */

typedef struct {
    uint64_t    file;           /* its name, when its head was read */
    uint64_t    version;
    uint64_t    now;            /* ms, from whoever reads; 0: the records' time
                                   is enough */
    unsigned    lacks:1;        /* there was no room for something */
    unsigned    whole:1;        /* the end of what there was had come */
} rt_scim_replay_t;


/*
 * One record, in the file's order, with the journal's lock.
 *
 * in:   mem, which may be emptied between two calls
 * ret:  RT_OK; RT_INVALID, passed over; RT_TOO_BIG: there is no room, and db is
 *       not ready from now on; RT_ERROR: memory is out, and so it is
 */
rt_status_e rt_scim_replay(rt_scim_db_t *db, const rt_scim_lock_t *lock,
    rt_mem_t *mem, const rt_str_t *text, rt_scim_replay_t *replay);

/*
 * After the last record that there is: readers may read what a file said from
 * its beginning, and not before, for whom it lets in it may put out again.
 */
void rt_scim_replayed(rt_scim_db_t *db, const rt_scim_lock_t *lock,
    rt_scim_replay_t *replay);


/*
 * All there is, as the records of the beginning of a file of that name.
 *
 * in:   emit, which may empty mem: RT_OK, or else that is returned
 */
typedef rt_status_e (*rt_scim_emit_pt)(void *ctx,
    const rt_scim_record_t *record);

rt_status_e rt_scim_dump(const rt_scim_db_t *db, rt_mem_t *mem, uint64_t file,
    rt_scim_emit_pt emit, void *ctx);


#pragma GCC visibility pop


#endif /* RT_SCIM_REPLAY_H_INCLUDED */
