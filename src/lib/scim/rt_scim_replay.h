
/*
 * From the records of a journal (rt_scim_record.h) to what they say, and back.
 *
 * A file begins with all there was when it was made.  Whoever reads it from
 * its beginning drops what he had and takes that instead; then each edit is
 * made.  An edit that was made before changes nothing when it is made again.
 */


#ifndef RT_SCIM_REPLAY_H_INCLUDED
#define RT_SCIM_REPLAY_H_INCLUDED


#include "scim/rt_scim_record.h"


#pragma GCC visibility push(hidden)


/* zeroed before the beginning of a file */

typedef struct {
    uint64_t    file;           /* its name, once its head was read */
    uint64_t    version;
    uint64_t    now;            /* ms, set by whoever reads; 0: the records'
                                   time is taken */
    unsigned    lacks:1;        /* there was no room for something */
    unsigned    whole:1;        /* the E record was read */
} rt_scim_replay_t;


/*
 * Takes one record, in the file's order, with the journal's lock.
 *
 * in:   mem, which may be emptied between two calls
 * ret:  RT_OK; RT_INVALID, the record was passed over; RT_TOO_BIG, there is no
 *       room for it; RT_ERROR, memory is out.  After the last two db is not
 *       ready any more
 */
rt_status_e rt_scim_replay(rt_scim_db_t *db, const rt_scim_lock_t *lock,
    rt_mem_t *mem, const rt_str_t *text, rt_scim_replay_t *replay);

/*
 * Call this after the last record that there is.  Only now may readers read
 * what a file said from its beginning: an early record may let somebody in whom
 * a later one keeps out.
 */
void rt_scim_replayed(rt_scim_db_t *db, const rt_scim_lock_t *lock,
    rt_scim_replay_t *replay);


/*
 * Writes all there is, as the records that a file of that name begins with.
 *
 * in:   emit, which may empty mem; what it returns other than RT_OK is returned
 */
typedef rt_status_e (*rt_scim_emit_pt)(void *ctx,
    const rt_scim_record_t *record);

rt_status_e rt_scim_dump(const rt_scim_db_t *db, rt_mem_t *mem, uint64_t file,
    rt_scim_emit_pt emit, void *ctx);


#pragma GCC visibility pop


#endif /* RT_SCIM_REPLAY_H_INCLUDED */
