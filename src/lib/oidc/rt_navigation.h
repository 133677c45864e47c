
/*
 * Is a person's browser going to a page, so that sending it to a provider
 * makes sense?  Fetch Metadata (W3C, Fetch Metadata Request Headers) says
 * so; browsers leave it out over plain http, and older ones do not know it.
 */


#ifndef RT_NAVIGATION_H_INCLUDED
#define RT_NAVIGATION_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


typedef enum {
    RT_NAVIGATION_OTHER = 0,    /* script, image, API, prefetch, upgrade */
    RT_NAVIGATION_PAGE,         /* to a page of its own */
    RT_NAVIGATION_FRAME         /* into a frame of another page */
} rt_navigation_e;


/* header values; data is NULL: absent */

typedef struct {
    rt_str_t   method;
    rt_str_t   mode;            /* Sec-Fetch-Mode */
    rt_str_t   dest;            /* Sec-Fetch-Dest */
    rt_str_t   site;            /* Sec-Fetch-Site: only that it is there */
    rt_str_t   sec_purpose;
    rt_str_t   purpose;
    rt_str_t   accept;
    rt_str_t   requested_with;  /* X-Requested-With */
    rt_str_t   upgrade;
    unsigned   repeated:1;      /* one of these came in several lines, Accept
                                   excepted: nothing is guessed then */
} rt_navigation_t;


/*
 * PAGE: GET or HEAD with Sec-Fetch-Mode "navigate" and Sec-Fetch-Dest
 * "document"; or, without any Sec-Fetch header, with an Accept that names
 * text/html and without X-Requested-With.  FRAME: the same with a
 * Sec-Fetch-Dest of "iframe", "frame", "embed" or "object".  A prefetch, a
 * prerender and a request with Upgrade are OTHER.
 */
rt_navigation_e rt_navigation(const rt_navigation_t *request);


#pragma GCC visibility pop


#endif /* RT_NAVIGATION_H_INCLUDED */
