
#include <string.h>

#include "rt_check_headers.h"
#include "rt_check_tree.h"
#include "text/rt_complain.h"


static const char  not_stripped[] = "identity-header-not-stripped";


/* X-Email and x_email are one name to many applications. */

static int
is_alike(const rt_str_t *a, const rt_str_t *b)
{
    size_t         i;
    unsigned char  c, d;

    if (a->len != b->len) {
        return 0;
    }

    for (i = 0; i < a->len; i++) {
        c = a->data[i] == '_' ? '-' : rt_lower(a->data[i]);
        d = b->data[i] == '_' ? '-' : rt_lower(b->data[i]);

        if (c != d) {
            return 0;
        }
    }

    return 1;
}


/* Whether this line sends something of the user. */

static int
is_identity(const rt_check_t *check, const rt_nginxconf_t *line)
{
    return line->nwords > 2 && rt_check_holds(&check->any, &line->word[2]);
}


/* out: *name, as a client would send it; ret: 0: no client can send this one */

static int
as_sent(const rt_way_t *way, const rt_nginxconf_t *line, rt_str_t *name)
{
    size_t  len;

    *name = line->word[1];
    len = strlen(way->prefix);

    if (name->len <= len || memcmp(name->data, way->prefix, len) != 0) {
        return 0;
    }

    name->data += len;
    name->len -= len;

    return 1;
}


/*
 * Whether rtauth takes a header off.  Headers that nginx or rtauth reads itself
 * cannot be stripped, and count as if they were.
 */

static int
is_stripped(const rt_nginxconf_t *server, const rt_str_t *name)
{
    unsigned               i;
    const rt_nginxconf_t  *d;

    static const rt_str_t  needed[] = {
        rt_string("Authorization"), rt_string("Cookie"), rt_string("Host"),
        rt_string("Connection"), rt_string("Upgrade"), rt_string("Expect"),
        rt_string("Content-Length"), rt_string("Transfer-Encoding")
    };

    for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (is_alike(&needed[i], name)) {
            return 1;
        }
    }

    for ( /* void */ ; server; server = server->parent) {
        for (d = own(server, "rtauth_strip_header"); d; d = again(d)) {
            for (i = 1; i < d->nwords; i++) {
                if (is_alike(&d->word[i], name)) {
                    return 1;
                }
            }
        }
    }

    return 0;
}


const rt_nginxconf_t *
rt_check_sets(const rt_nginxconf_t *line, const rt_str_t *name)
{
    for ( /* void */ ; line; line = again(line)) {
        if (line->nwords > 2 && is_alike(&line->word[1], name)) {
            break;
        }
    }

    return line;
}


void
rt_check_not_stripped(rt_check_t *check, const rt_pass_t *p)
{
    rt_str_t               name, text;
    rt_status_e            rc;
    const rt_nginxconf_t  *line;

    for (line = effective(p->at, p->way->header); line; line = again(line)) {

        if (!is_identity(check, line) || !as_sent(p->way, line, &name)
            || is_stripped(p->server, &name))
        {
            continue;
        }

        rc = rt_complain(check->mem, &text,
                         "\"%.*s\" tells the application who the user is, and "
                         "a client can send it as well, in another spelling "
                         "or another location: add \"rtauth_strip_header "
                         "%.*s;\" to the server or to http",
                         rt_str_args(&name), rt_str_args(&name));

        rt_check_found(check, not_stripped, p->at, line, rc, &text);
    }
}


void
rt_check_not_stripped_there(rt_check_t *check, const rt_pass_t *p,
    const rt_pass_t *other)
{
    rt_str_t               name, text;
    rt_status_e            rc;
    const rt_nginxconf_t  *line;

    for (line = effective(other->at, other->way->header); line;
         line = again(line))
    {
        if (!is_identity(check, line) || !as_sent(other->way, line, &name)
            || is_stripped(p->server, &name)
            || rt_check_sets(effective(p->at, p->way->header), &line->word[1]))
        {
            continue;
        }

        rc = rt_complain(check->mem, &text,
                         "the application behind \"%.*s\" is told by \"%.*s\" "
                         "who the user is (%.*s:%u), and here a client's own "
                         "reaches it: add \"rtauth_strip_header %.*s;\" to "
                         "this server or to http",
                         rt_str_args(&p->target), rt_str_args(&name),
                         rt_str_args(&line->file), line->line,
                         rt_str_args(&name));

        rt_check_found(check, not_stripped, p->at, p->pass, rc, &text);
    }
}


void
rt_check_lost(rt_check_t *check, const rt_pass_t *p)
{
    int                    sent;
    rt_str_t               name, text;
    rt_status_e            rc;
    const rt_nginxconf_t  *first, *outer, *line;

    first = effective(p->at, p->way->header);

    for (outer = first ? first->parent : NULL; outer; outer = outer->parent) {
        for (line = own(outer, p->way->header); line; line = again(line)) {

            if (!is_identity(check, line)
                || rt_check_sets(first, &line->word[1]))
            {
                continue;
            }

            sent = as_sent(p->way, line, &name)
                   && !is_stripped(p->server, &name);

            if (!sent && !is_on(p->at, "rtauth")) {
                continue;
            }

            rc = rt_complain(check->mem, &text,
                             "the \"%s\" lines of this level take the place "
                             "of the outer ones, and \"%.*s\" (%.*s:%u) is not "
                             "among them: the application gets %s; repeat the "
                             "line here", p->way->header, rt_str_args(&name),
                             rt_str_args(&line->file), line->line,
                             sent ? "what a client sends" : "none");

            rt_check_found(check, "identity-header-lost", p->at, first, rc,
                           &text);
        }
    }
}
