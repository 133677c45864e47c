
/*
 * A Set-Cookie line of somebody else, made stricter.
 *
 * Only attributes that are missing are added: an application that says
 * SameSite=None goes on to be framed by others, and a cookie that it deletes
 * goes on to be deleted, for which browsers look at name, domain and path.
 */


#ifndef RT_SETCOOKIE_H_INCLUDED
#define RT_SETCOOKIE_H_INCLUDED


#include "rt_base.h"
#include "text/rt_cookie.h"


#pragma GCC visibility push(hidden)


typedef struct {
    rt_samesite_e   samesite;       /* RT_SAMESITE_UNSET: not added */
    unsigned        secure:1;
    unsigned        httponly:1;
} rt_setcookie_t;


/*
 * The cookie's name, without the blanks around it, as browsers read it: what is
 * before the first "=" of the first part; empty when there is none.  It points
 * into line.
 */
void rt_setcookie_name(const rt_str_t *line, rt_str_t *name);

/*
 * Secure is also added to what no browser keeps without it: SameSite=None, and
 * names that begin with __Secure- or __Host- (rfc6265bis, 4.1.3, 5.7).  Of
 * several SameSite the last counts, and one of another value is none.
 *
 * in:   line, a value of Set-Cookie; its bytes are not looked at further
 * out:  *out: line itself, or a longer one in the arena
 *       *why: what a browser drops the cookie for even so, a phrase; or NULL
 * ret:  RT_OK, RT_ERROR (memory)
 */
rt_status_e rt_setcookie(rt_mem_t *mem, const rt_setcookie_t *want,
    const rt_str_t *line, rt_str_t *out, const char **why);


#pragma GCC visibility pop


#endif /* RT_SETCOOKIE_H_INCLUDED */
