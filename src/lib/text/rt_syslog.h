
/*
 * The header of a syslog message (RFC 5424, 6) whose text is an audit event.
 *
 *   LEN <PRI>1 TIME HOST APP PROCID MSGID - TEXT
 *
 * LEN counts the bytes behind its blank, and is there in a stream only (RFC
 * 6587, 3.4.1, and RFC 5425).  TIME is that of the event's id, a UUID of
 * version 7, so that no other byte of the event is looked at.
 */


#ifndef RT_SYSLOG_H_INCLUDED
#define RT_SYSLOG_H_INCLUDED


#include "rt_base.h"
#include "text/rt_time.h"


#pragma GCC visibility push(hidden)


#define RT_SYSLOG_HOST  255         /* bytes of each, as the RFC has it */
#define RT_SYSLOG_APP   48
#define RT_SYSLOG_WORD  32

#define RT_SYSLOG_HEAD  512         /* a header is shorter */


typedef struct {
    unsigned        pri;            /* facility * 8 + severity */
    size_t          host_len;
    size_t          app_len;
    size_t          procid_len;
    size_t          msgid_len;
    unsigned char   host[RT_SYSLOG_HOST];
    unsigned char   app[RT_SYSLOG_APP];
    unsigned char   procid[RT_SYSLOG_WORD];
    unsigned char   msgid[RT_SYSLOG_WORD];
    rt_time_kept_t  clock;
} rt_syslog_t;


/* ret: 0 to 23; -1: there is no facility of that name */
int rt_syslog_facility(const rt_str_t *name);

/*
 * A word of the header, cut to its bound; "?" stands for what none may hold,
 * and "-" for one that is empty.
 *
 * ret: its length
 */
size_t rt_syslog_word(unsigned char *dst, size_t max, const rt_str_t *text);

/*
 * in:   event    a line of JSON, without its LF
 *       counted  with LEN
 *       buf      RT_SYSLOG_HEAD bytes
 * ret:  the header, which lies in buf
 */
rt_str_t rt_syslog_head(rt_syslog_t *s, const rt_str_t *event, int counted,
    unsigned char *buf);


#pragma GCC visibility pop


#endif /* RT_SYSLOG_H_INCLUDED */
