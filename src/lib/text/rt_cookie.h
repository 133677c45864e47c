
/*
 * Cookies of HTTP (RFC 6265): what a Cookie line holds, a Cookie line without
 * some of them, and a Set-Cookie line.
 *
 * A Cookie line is pairs with ";" between them (section 5.4).  Blanks around
 * a name or a value do not count; a quote is a byte like others, as it is for
 * browsers.  HTTP/2 and HTTP/3 split the line: each part is a line here.
 */


#ifndef RT_COOKIE_H_INCLUDED
#define RT_COOKIE_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* what browsers keep: name and value together, and the value of an attribute
   (draft-ietf-httpbis-rfc6265bis, 5.6) */
#define RT_COOKIE_MAX       4096
#define RT_COOKIE_MAX_ATTR  1024


/*
 * Looks for a cookie of exactly this name, in one pass over the line.
 *
 * in:   *count, how many were found in the lines before; 0 at first
 * out:  *count, with those of this line
 *       *value, that of the very first one, pointing into its line; left
 *       alone when there is none
 */
void rt_cookie_find(const rt_str_t *line, const rt_str_t *name,
    rt_str_t *value, unsigned *count);


typedef struct {
    rt_str_t   name;
    unsigned   numbered;            /* 1: one digit stands behind the name */
} rt_cookie_name_t;


/*
 * Takes cookies out of a line: of these names, however often they stand
 * there, in whatever case of letters, with a value or without one.  All that
 * rt_cookie_find() finds is among them.  What stays, stays byte for byte and
 * in its order; no ";" is left over before, behind or between.
 *
 * out:  *rest, in the arena, with a NUL behind its end; it may be empty
 * ret:  RT_OK; RT_DECLINED: none of them stands in the line, *rest is the
 *       line itself; RT_ERROR (memory)
 */
rt_status_e rt_cookie_take_out(rt_mem_t *mem, const rt_str_t *line,
    const rt_cookie_name_t *names, unsigned n, rt_str_t *rest);


typedef enum {
    RT_SAMESITE_UNSET = 0,
    RT_SAMESITE_LAX,
    RT_SAMESITE_STRICT,
    RT_SAMESITE_NONE
} rt_samesite_e;

/* as they stand in a line, "; SameSite=Lax"; empty: UNSET */
extern const char *const  rt_cookie_samesite[];


typedef struct {
    rt_str_t        name;
    rt_str_t        value;
    rt_str_t        path;           /* empty: not written */
    rt_str_t        domain;         /* empty: not written */
    int64_t         max_age;        /* seconds; 0 deletes the cookie; below
                                       0: not written, the browser drops it
                                       when it is closed */
    rt_samesite_e   samesite;
    unsigned        secure:1;
    unsigned        httponly:1;
} rt_cookie_t;


/*
 * Would a browser keep this cookie as it is meant?  The name is a token and
 * the value of cookie-octets (RFC 6265, 4.1.1), the path is absolute, the
 * domain a name, all within the bounds above; a name that begins with
 * __Host- or __Secure-, in any case of letters, keeps to the rules of these
 * prefixes, and SameSite=None is Secure (rfc6265bis, 4.1.3, 5.7).
 *
 * out:  *why, after RT_DECLINED: a phrase, "begins with __Host-, and has a
 *       Domain"
 * ret:  RT_OK, RT_DECLINED
 */
rt_status_e rt_cookie_check(const rt_cookie_t *cookie, const char **why);

/*
 * The value of a Set-Cookie line: name, value, Path, Domain, Max-Age,
 * Secure, HttpOnly, SameSite.  Checks first.
 *
 * out:  *line, in the arena
 * ret:  RT_OK, RT_DECLINED with *why, RT_ERROR (memory)
 */
rt_status_e rt_cookie_write(rt_mem_t *mem, const rt_cookie_t *cookie,
    rt_str_t *line, const char **why);


#pragma GCC visibility pop


#endif /* RT_COOKIE_H_INCLUDED */
