
/*
 * What is in effect at a level: http, server, location, "if", limit_except.
 *
 * A directive is inherited from the nearest outer level that has one of its
 * name.  Where it may stand several times, the lines of one level take the
 * place of all outer ones.  There are two exceptions: rtauth_strip_header adds
 * to what http has, and allow and deny are inherited together, as one list.  A
 * directive that passes requests on (proxy_pass) is not inherited, but an "if"
 * or limit_except without one has its location's.
 */


#ifndef RT_CHECK_TREE_H_INCLUDED
#define RT_CHECK_TREE_H_INCLUDED


#include "text/rt_nginxconf.h"


#pragma GCC visibility push(hidden)


static inline int
is(const rt_nginxconf_t *d, const char *name)
{
    return rt_str_is(&d->word[0], name, strlen(name));
}


/* The second word of a directive, empty if there is none. */

static inline rt_str_t
value(const rt_nginxconf_t *d)
{
    static const rt_str_t  none = rt_string("");

    return d && d->nwords > 1 ? d->word[1] : none;
}


/* d, or the next directive of this name behind it. */

static inline const rt_nginxconf_t *
from(const rt_nginxconf_t *d, const char *name)
{
    while (d && !is(d, name)) {
        d = d->next;
    }

    return d;
}


static inline const rt_nginxconf_t *
own(const rt_nginxconf_t *level, const char *name)
{
    return from(level->child, name);
}


static inline const rt_nginxconf_t *
again(const rt_nginxconf_t *d)
{
    return from(d->next, (char *) d->word[0].data);
}


/* The first line of a directive that is in effect at a level. */

static inline const rt_nginxconf_t *
effective(const rt_nginxconf_t *level, const char *name)
{
    const rt_nginxconf_t  *d;

    for (d = NULL; level && d == NULL; level = level->parent) {
        d = own(level, name);
    }

    return d;
}


static inline int
is_on(const rt_nginxconf_t *level, const char *name)
{
    const rt_nginxconf_t  *d;

    d = effective(level, name);

    return d && !rt_str_lit(&d->word[d->nwords > 1], "off");
}


static inline int
is_set(const rt_nginxconf_t *level, const char *name, const char *to)
{
    rt_str_t  v;

    v = value(effective(level, name));

    return rt_str_is(&v, to, strlen(to));
}


/* Whether a block has directives; "map" has words, and one may be "pid". */

static inline int
has_directives(const rt_nginxconf_t *level)
{
    return level->nwords == 0 || is(level, "http") || is(level, "location")
           || is(level, "if") || is(level, "limit_except")
           || (is(level, "server") && is(level->parent, "http"));
}


#pragma GCC visibility pop


#endif /* RT_CHECK_TREE_H_INCLUDED */
