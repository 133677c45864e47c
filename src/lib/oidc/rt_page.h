
/*
 * The pages a person sees: HTML from a template and a few values.
 *
 *     {{name}}                a value
 *     {{#name}} ... {{/name}} what is between them, if the value is not empty
 *     {{#links}} ... {{/links}}   the same for each link; {{url}} and {{title}}
 *                             are those of the link
 *
 * Whoever writes a template is trusted, whoever makes a value is not.  A value
 * may stand in text and in the double quotes of an attribute known to be
 * harmless, where it is escaped; and as the whole of an href, which it becomes
 * only when it begins with a single "/", "https://" or "http://".  A template
 * with a value elsewhere, or with an element that changes how text is read
 * (script, svg, textarea ...), is refused when it is read.
 */


#ifndef RT_PAGE_H_INCLUDED
#define RT_PAGE_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_PAGE_MAX_TEXT   (64 * 1024)      /* bytes of a template */
#define RT_PAGE_MAX_PARTS  256              /* values, sections, text between */
#define RT_PAGE_MAX_DEPTH  4                /* sections within sections */
#define RT_PAGE_MAX_STYLES 4
#define RT_PAGE_MAX_LINKS  64
#define RT_PAGE_MAX_HTML   (256 * 1024)     /* bytes of a page */


typedef enum {
    RT_PAGE_CHOOSER = 0,        /* which provider?             links */
    RT_PAGE_SIGN_OUT,           /* really?                     return */
    RT_PAGE_SIGNED_OUT,         /*                             return */
    RT_PAGE_REFUSED,            /* 403: signed in, not allowed */
    RT_PAGE_AWAY,               /* 503: the provider or a store is away */
    RT_PAGE_FAILED,             /* the sign-in failed          reference */
    RT_PAGE_FRAME,              /* within a frame: go on in a page of its own;
                                   its CSP alone lets it be framed */
    RT_PAGE_MAX
} rt_page_e;


typedef struct {
    rt_str_t               url;
    rt_str_t               title;
} rt_page_link_t;


/* any of them may be empty */

typedef struct {
    rt_str_t               app;         /* {{app}}: what is signed in to */
    rt_str_t               message;     /* {{message}}: a sentence */
    rt_str_t               reference;   /* {{reference}}: as in the log */
    rt_str_t               back;        /* {{return}}: where to go on */
    const rt_page_link_t  *links;       /* {{#links}} */
    unsigned               nlinks;
} rt_page_values_t;


typedef struct rt_page_part_s  rt_page_part_t;

typedef struct {
    rt_page_part_t        *parts;
    unsigned               nparts;
    rt_str_t               csp;         /* its Content-Security-Policy */
} rt_page_t;


/* its name without ".html": "signed_out" */
const rt_str_t *rt_page_name(rt_page_e kind);

/* the built-in template */
const rt_str_t *rt_page_builtin(rt_page_e kind);

/*
 * Reads a template.
 *
 * in:   text, which must outlive *page
 * out:  *page, in the arena; its csp allows nothing but the template's own
 *       style elements, by their SHA-256, and images of this origin if there
 *       is an img
 *       *why, after an error: a phrase, "has a value within a tag"; and
 *       *line, where, from 1
 * ret:  RT_OK, RT_INVALID, RT_TOO_BIG, RT_ERROR (memory)
 */
rt_status_e rt_page_read(rt_mem_t *mem, const rt_str_t *text, rt_page_e kind,
    rt_page_t *page, const char **why, unsigned *line);

/*
 * Makes a page.  A URL that may not stand in an href becomes "/".
 *
 * out:  *html, in the arena
 * ret:  RT_OK, RT_TOO_BIG (more than RT_PAGE_MAX_LINKS or RT_PAGE_MAX_HTML),
 *       RT_ERROR (memory)
 */
rt_status_e rt_page_make(rt_mem_t *mem, const rt_page_t *page,
    const rt_page_values_t *values, rt_str_t *html);


#pragma GCC visibility pop


#endif /* RT_PAGE_H_INCLUDED */
