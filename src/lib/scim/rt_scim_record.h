
/*
 * Records of the journal of users and groups (rt_journal.h).
 *
 *     S file version                      the head of a file: edits that make
 *                                         all there was then follow
 *     E version                           the end of these
 *     P|L|D version U|G a|i|g id created modified keys leave join json
 *                                         one edit; of an item that is active,
 *                                         inactive or gone
 *
 * Words have a blank between them, and numbers are decimal.  Ids and keys are
 * in base64url, keys with dots between them.  "leave" and "join" are the ids of
 * members, encoded as one piece; "leave" may be "*", which is all members.
 */


#ifndef RT_SCIM_RECORD_H_INCLUDED
#define RT_SCIM_RECORD_H_INCLUDED


#include "scim/rt_scim_db.h"


#pragma GCC visibility push(hidden)


#define RT_SCIM_RECORD_MEMBERS  16384   /* of one record, where a group's
                                           members may take several */


typedef enum {
    RT_SCIM_RECORD_HEAD = 0,
    RT_SCIM_RECORD_END,
    RT_SCIM_RECORD_EDIT
} rt_scim_record_e;


typedef struct {
    rt_scim_record_e  is;
    uint64_t          file;             /* of HEAD: the name of the file */
    uint64_t          version;          /* of HEAD and END */
    rt_scim_edit_t    edit;
} rt_scim_record_t;


/* the most bytes that rt_scim_record_write() writes */
size_t rt_scim_record_size(const rt_scim_record_t *record);

/* ret:  bytes written */
size_t rt_scim_record_write(const rt_scim_record_t *record,
    unsigned char *dst);

/*
 * out:  *record; its strings lie in text or in mem
 * ret:  RT_OK; RT_INVALID, this is no such record; RT_ERROR, memory is out
 */
rt_status_e rt_scim_record_read(rt_mem_t *mem, const rt_str_t *text,
    rt_scim_record_t *record);


#pragma GCC visibility pop


#endif /* RT_SCIM_RECORD_H_INCLUDED */
