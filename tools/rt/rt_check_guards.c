
#include "rt_check_guards.h"
#include "rt_check_tree.h"


/* the most steps from one location to another that are followed */

#define MAX_LED  4

/* the largest network that somebody can have for himself is fc00::/7 */

#define OWN_BITS  7


static int  is_open(const rt_nginxconf_t *at, unsigned depth);


/* Whether a word is "all", or a network with so few bits that it is nearly. */

static int
is_everybody(const rt_str_t *network)
{
    size_t          i;
    unsigned        bits;
    unsigned char  *p, *end;

    if (rt_str_lit(network, "all")) {
        return 1;
    }

    p = network->len ? memchr(network->data, '/', network->len) : NULL;
    end = network->data + network->len;

    for (i = 0, bits = 0; p && ++p < end && i < 4; i++) {

        if (*p < '0' || *p > '9') {
            return 0;
        }

        bits = bits * 10 + (unsigned) (*p - '0');
    }

    return i > 0 && bits < OWN_BITS;
}


/*
 * The line of allow and deny that decides for everybody; NULL: there is none.
 * The two are inherited together.
 */

static const rt_nginxconf_t *
for_everybody(const rt_nginxconf_t *level)
{
    rt_str_t               v;
    const rt_nginxconf_t  *d;

    while (level && own(level, "allow") == NULL && own(level, "deny") == NULL) {
        level = level->parent;
    }

    for (d = level ? level->child : NULL; d; d = d->next) {
        v = value(d);

        if ((is(d, "deny") && rt_str_lit(&v, "all"))
            || (is(d, "allow") && is_everybody(&v)))
        {
            break;
        }
    }

    return d;
}


int
rt_check_lets_all(const rt_nginxconf_t *at)
{
    const rt_nginxconf_t  *d;

    d = is_set(at, "satisfy", "any") ? for_everybody(at) : NULL;

    return d && is(d, "allow");
}


int
rt_check_held(const rt_nginxconf_t *at)
{
    return is_on(at, "rtauth") && !is_on(at, "rtauth_dry_run")
           && !rt_check_lets_all(at);
}


int
rt_check_held_otherwise(const rt_nginxconf_t *at)
{
    unsigned               i;
    const rt_nginxconf_t  *d;

    static const char  *guards[] = { "auth_request", "auth_basic", "auth_jwt" };

    if (is_set(at, "ssl_verify_client", "on")) {
        return 1;
    }

    if (rt_check_lets_all(at)) {
        return 0;
    }

    d = for_everybody(at);

    if (d && is(d, "deny")) {
        return 1;
    }

    for (i = 0; i < sizeof(guards) / sizeof(guards[0]); i++) {
        if (is_on(at, guards[i])) {
            return 1;
        }
    }

    return 0;
}


/* The location that a place is in; NULL: it is in none. */

static const rt_nginxconf_t *
location_of(const rt_nginxconf_t *at)
{
    while (at && at->nwords && !is(at, "location")) {
        at = at->parent;
    }

    return at && at->nwords ? at : NULL;
}


int
rt_check_is_inner(const rt_nginxconf_t *at)
{
    rt_str_t  v;

    at = location_of(at);
    v = value(at);

    return at && (own(at, "internal") || (v.len && v.data[0] == '@'));
}


/* Whether the last word of a line, an address, leads into a location. */

static int
leads(const rt_nginxconf_t *line, const rt_nginxconf_t *location)
{
    rt_str_t         to;
    const rt_str_t  *path;

    to = line->word[line->nwords - 1];
    path = &location->word[location->nwords - 1];

    if (line->nwords < 3 || path->len == 0) {
        return 0;
    }

    return path->data[0] == '@'
           ? rt_str_eq(&to, path)
           : to.len >= path->len && memcmp(to.data, path->data, path->len) == 0;
}


/* Whether an error_page also answers clients that are refused. */

static int
is_for_refused(const rt_nginxconf_t *line)
{
    size_t    k;
    unsigned  i;

    static const char  *later[] = { "404", "405", "502", "504" };

    for (i = 1; i + 1 < line->nwords; i++) {

        if (line->word[i].len != 3) {
            continue;           /* "=", "=200" */
        }

        for (k = 0; k < sizeof(later) / sizeof(later[0]); k++) {
            if (rt_str_is(&line->word[i], later[k], 3)) {
                break;
            }
        }

        if (k == sizeof(later) / sizeof(later[0])) {
            return 1;
        }
    }

    return 0;
}


/* Whether an unasked client is led here from this level or one below. */

static int
is_led(const rt_nginxconf_t *level, const rt_nginxconf_t *location,
    unsigned depth)
{
    int                    here;
    const rt_nginxconf_t  *d;

    here = !is(level, "server") || rt_check_serves_itself(level);

    for (d = here ? own(level, "try_files") : NULL; d; d = again(d)) {
        if (leads(d, location) && is_open(level, depth)) {
            return 1;
        }
    }

    for (d = here ? effective(level, "error_page") : NULL; d; d = again(d)) {
        if (leads(d, location)
            && (is_for_refused(d) || is_open(level, depth)))
        {
            return 1;
        }
    }

    for (d = level->child; d; d = d->next) {
        if ((is(d, "location") || is(d, "if")) && d != location
            && is_led(d, location, depth))
        {
            return 1;
        }
    }

    return 0;
}


static int
is_open(const rt_nginxconf_t *at, unsigned depth)
{
    const rt_nginxconf_t  *location, *server;

    if (rt_check_held(at) || rt_check_held_otherwise(at)) {
        return 0;
    }

    if (!rt_check_is_inner(at) || depth == MAX_LED) {
        return 1;
    }

    location = location_of(at);

    for (server = location; !is(server, "server"); server = server->parent) {
        /* void */
    }

    return is_led(server, location, depth + 1);
}


int
rt_check_is_open(const rt_nginxconf_t *at)
{
    return is_open(at, 0);
}


int
rt_check_serves_itself(const rt_nginxconf_t *server)
{
    const rt_str_t        *path;
    const rt_nginxconf_t  *d;

    for (d = own(server, "location"); d; d = again(d)) {
        path = &d->word[d->nwords - 1];

        if ((rt_str_lit(path, "/")
             && (d->nwords == 2 || rt_str_lit(&d->word[1], "^~")))
            || rt_str_lit(path, "^~/"))
        {
            return 0;
        }
    }

    return own(server, "return") == NULL;
}
