
/* What a template is read into, for the files that read it and make a page. */


#ifndef RT_PAGE_PART_H_INCLUDED
#define RT_PAGE_PART_H_INCLUDED


#include "oidc/rt_page.h"


#pragma GCC visibility push(hidden)


typedef enum {
    PAGE_TEXT = 0,
    PAGE_VALUE,
    PAGE_HREF,
    PAGE_OPEN,                      /* of a section */
    PAGE_CLOSE
} page_part_e;


typedef struct {
    rt_str_t        name;
    size_t          offset;
    unsigned        link:1;         /* it is a link's */
    unsigned        list:1;         /* it is the links themselves */
} page_field_t;


struct rt_page_part_s {
    page_part_e          kind;
    rt_str_t             text;
    const page_field_t  *field;
    unsigned             end;       /* of PAGE_OPEN: the PAGE_CLOSE */
};


#pragma GCC visibility pop


#endif /* RT_PAGE_PART_H_INCLUDED */
