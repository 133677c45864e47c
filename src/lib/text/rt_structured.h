
/*
 * Structured Field Values for HTTP (RFC 9651): reads a Dictionary, as it
 * stands in Permissions-Policy and Document-Policy.  A browser that cannot
 * parse one member drops the whole header, so whoever writes one wants to
 * know which byte is wrong, and why.
 *
 *     camera=(), fullscreen=(self "https://a.example");report-to=x, y
 *     member     member      values                    parameter    member
 *
 * Pure: nothing is allocated, the text is not changed, and what is handed out
 * points into it.
 */


#ifndef RT_STRUCTURED_H_INCLUDED
#define RT_STRUCTURED_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_SF_TEXT_MAX     16384    /* bytes of a field */
#define RT_SF_DISPLAY_MAX  1024     /* bytes of a display string, decoded */


typedef enum {
    RT_SF_FLAG = 0,         /* a member without "=": true; text is empty */
    RT_SF_LIST,             /* "(": values follow; text is empty */
    RT_SF_NUMBER,
    RT_SF_STRING,           /* text has its quotes and escapes */
    RT_SF_TOKEN,
    RT_SF_BYTES,
    RT_SF_BOOLEAN,
    RT_SF_DATE,
    RT_SF_DISPLAY
} rt_sf_kind_e;


typedef struct {
    rt_sf_kind_e         kind;
    unsigned             in_list:1;
    rt_str_t             member;        /* whose value it is */
    rt_str_t             text;          /* as written */
} rt_sf_value_t;


/* parameters are checked, and not handed out */
typedef void (*rt_sf_value_pt)(void *ctx, const rt_sf_value_t *value);


typedef struct {
    size_t               offset;        /* of the byte that cannot stand */
    const char          *why;           /* a sentence, with the mend */
} rt_sf_error_t;


/*
 * RFC 9651, 4.2.2.
 *
 * text:  one line, without the header's name
 * take:  gets each value in order, also of a text that turns out to be wrong
 *        further on; may be NULL
 *
 * ret:   RT_OK; RT_INVALID (*error says where and why); RT_TOO_BIG (longer
 *        than a bound above; *error says which)
 */
rt_status_e rt_sf_dictionary(const rt_str_t *text, rt_sf_value_pt take,
    void *ctx, rt_sf_error_t *error);


#pragma GCC visibility pop


#endif /* RT_STRUCTURED_H_INCLUDED */
