
/*
 * What the files of the event encoder share.
 *
 * Every part writes members of the object that is open.  Mandatory members
 * fit by construction: room for them is held back before anything that a
 * client can make long is written.  The rest is written between a mark and
 * a restore, and told to rt_event_cut() when it found no room.
 */


#ifndef RT_EVENT_PART_H_INCLUDED
#define RT_EVENT_PART_H_INCLUDED


#include "rt_base.h"
#include "event/rt_event.h"
#include "event/rt_event_object.h"
#include "json/rt_jsonw.h"
#include "redact/rt_redact.h"
#include "text/rt_time.h"


#pragma GCC visibility push(hidden)


#define RT_EVENT_CUTS       16      /* members of metadata.truncated */
#define RT_EVENT_WORD       128     /* bytes of an id, a host, a code */


typedef struct {
    rt_jsonw_t           w;
    const rt_event_t    *ev;
    rt_redact_t         *rd;
    size_t               text_max;  /* bytes of a name or title */
    size_t               url_max;

    const char          *at;        /* pointer of the object that is open */

    rt_event_object_t    user;
    rt_event_object_t    rtauth;
    rt_event_object_t    rtcsp;

    rt_str_t             cut[RT_EVENT_CUTS];
    unsigned             ncuts;
    unsigned             cuts_over;

    rt_time_kept_t       clock;     /* unless the event has one */
} rt_event_part_t;


/* records a pointer in metadata.truncated; signature of rt_redact_t.cut */
void rt_event_cut(void *part, const rt_str_t *ptr);

/* ... of the member of this name in the object that "at" points to */
void rt_event_cut_name(rt_event_part_t *p, const char *name);

/* the value of the member whose name was written, cut to max */
void rt_event_value(rt_event_part_t *p, const char *name, const rt_str_t *s,
    size_t max);

/* a member that may be left out, and is told to rt_event_cut() then */
typedef void (*rt_event_write_pt)(rt_event_part_t *p);
void rt_event_may(rt_event_part_t *p, const char *name,
    rt_event_write_pt write);

/* a string that must be there, if only empty */
#define rt_event_word(p, name, s)                                             \
    do {                                                                      \
        rt_jsonw_lit(&(p)->w, name);                                          \
        (void) rt_jsonw_str_cut(&(p)->w, s, RT_EVENT_WORD);                   \
    } while (0)

/* a string, cut to max, or null when empty; name is a literal, as below */
#define rt_event_text(p, name, s, max)                                        \
    do {                                                                      \
        if ((s)->len) {                                                       \
            rt_jsonw_lit(&(p)->w, name);                                      \
            rt_event_value(p, name, s, max);                                  \
                                                                              \
        } else {                                                              \
            rt_jsonw_json(&(p)->w, "\"" name "\":null");                      \
        }                                                                     \
    } while (0)

#define rt_event_number(p, name, n)                                           \
    do {                                                                      \
        rt_jsonw_lit(&(p)->w, name);                                          \
        rt_jsonw_uint(&(p)->w, n);                                            \
    } while (0)

/* a code: 1 if s is [a-z][a-z0-9_]{0,63} */
int rt_event_code(const rt_str_t *s);


#pragma GCC visibility pop


#endif /* RT_EVENT_PART_H_INCLUDED */
