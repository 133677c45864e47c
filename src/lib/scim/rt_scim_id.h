
/*
 * An id as a client has it: the 36 characters of a UUID, in lower case, as we
 * wrote it.
 */


#ifndef RT_SCIM_ID_H_INCLUDED
#define RT_SCIM_ID_H_INCLUDED


#include "scim/rt_scim_item.h"
#include "text/rt_uuid.h"


#pragma GCC visibility push(hidden)


/* dst has room for RT_UUID_LEN bytes */
void rt_scim_id_text(const rt_scim_id_t *id, unsigned char *dst);

/* ret:  RT_OK; RT_DECLINED: this is no id of ours */
rt_status_e rt_scim_id_read(const rt_str_t *text, rt_scim_id_t *id);

/* for qsort() and bsearch(); their texts have the same order */
int rt_scim_id_compare(const void *a, const void *b);


#pragma GCC visibility pop


#endif /* RT_SCIM_ID_H_INCLUDED */
