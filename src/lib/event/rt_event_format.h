
/*
 * Formats of other people's: how a line is wrapped for a collector, and how
 * lines become the body of a request.
 *
 *     retool      {..}                                    LF between lines
 *     datadog     {"ddsource":..,"retool":{..}}           [ , ]
 *     loki        ["TIME","{..}"]                         {"streams":[ , ]}
 *     es_bulk     {"@timestamp":..,..}                    {"create":..} LF
 *     splunk_hec  {"time":..,"event":{..}}                LF
 *
 * What is put beside the line comes out of it: a line that holds a part of an
 * event is wrapped with what that part has, and nothing else.
 *
 * What waits for a request waits as an event, and is wrapped when the request
 * is made: by then a reload may have changed the format.
 */


#ifndef RT_EVENT_FORMAT_H_INCLUDED
#define RT_EVENT_FORMAT_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_EVENT_SERVICE   0x01     /* options a format has */
#define RT_EVENT_ENV       0x02
#define RT_EVENT_TAGS      0x04
#define RT_EVENT_INDEX     0x08

#define RT_EVENT_OPTION    200      /* bytes of one, at most */
#define RT_EVENT_BEFORE    (RT_EVENT_OPTION + 128)
#define RT_EVENT_BEGIN     (2 * RT_EVENT_OPTION + 128)


typedef struct rt_event_view_s  rt_event_view_t;
typedef struct rt_event_seen_s  rt_event_seen_t;


typedef struct {
    rt_str_t         name;
    unsigned         options;
    unsigned         alone;     /* a line is of use outside of a request */

    /* the body of a request: begin, line, between, line, ..., end */

    rt_str_t         type;      /* of the content */
    unsigned         items;     /* the answer has a status for each line */
    rt_str_t         between;
    rt_str_t         end;

    /* writes the line that is made of one; NULL: it stays as it is */
    rt_status_e    (*make)(const rt_event_view_t *view, const rt_str_t *line,
                        const rt_event_seen_t *seen, unsigned char *buf,
                        size_t size, size_t *len);

    /* what stands before all lines, and before each; NULL: nothing */
    size_t         (*begin)(const rt_event_view_t *view, unsigned char *buf);
    size_t         (*before)(const rt_event_view_t *view,
                        const rt_str_t *line, unsigned char *buf);
} rt_event_format_t;


/* a format with its options, which may be empty */

struct rt_event_view_s {
    const rt_event_format_t  *format;
    rt_str_t                  service;
    rt_str_t                  env;
    rt_str_t                  tags;
    rt_str_t                  index;
};


/* the format of this name, or NULL */
const rt_event_format_t *rt_event_format_find(const rt_str_t *name);

/*
 * 1 if the value of an option is one: letters, digits and "_-./:", in tags
 * commas, too; nothing of it needs an escape anywhere.
 */
int rt_event_format_option(unsigned option, const rt_str_t *value);

/* what a line of len bytes becomes at most */

static inline size_t
rt_event_format_most(size_t len)
{
    return 2 * len + 16384;
}


/*
 * The line in this view.
 *
 * in:   line, as rt_event_encode() or rt_event_project() writes it, with LF
 *       buf, of size bytes, which is not in the line
 * out:  *len, of the line in buf: with LF, and no other one
 * ret:  RT_OK, RT_TOO_BIG, RT_INVALID (this is no event)
 */
rt_status_e rt_event_format(const rt_event_view_t *view, const rt_str_t *line,
    unsigned char *buf, size_t size, size_t *len);

/*
 * What a request has before its first line, and before each: of line, that is
 * one that was made, with its LF or without.
 *
 * out:  buf, RT_EVENT_BEGIN and RT_EVENT_BEFORE bytes
 * ret:  how many are written
 */
size_t rt_event_format_begin(const rt_event_view_t *view, unsigned char *buf);
size_t rt_event_format_before(const rt_event_view_t *view,
    const rt_str_t *line, unsigned char *buf);


#pragma GCC visibility pop


#endif /* RT_EVENT_FORMAT_H_INCLUDED */
