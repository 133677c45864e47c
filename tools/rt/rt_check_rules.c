
#include <stdio.h>

#include "rt_check_guards.h"
#include "rt_check_headers.h"
#include "rt_check_rules.h"
#include "rt_check_tree.h"
#include "text/rt_complain.h"


static const rt_way_t  ways[] = {
    { "proxy_pass", "proxy_set_header", "",
      "proxy_cache", "proxy_cache_key" },
    { "grpc_pass", "grpc_set_header", "",
      NULL, NULL },
    { "fastcgi_pass", "fastcgi_param", "HTTP_",
      "fastcgi_cache", "fastcgi_cache_key" },
    { "uwsgi_pass", "uwsgi_param", "HTTP_",
      "uwsgi_cache", "uwsgi_cache_key" },
    { "scgi_pass", "scgi_param", "HTTP_",
      "scgi_cache", "scgi_cache_key" },
    { NULL, NULL, NULL, NULL, NULL }
};


static const char  open_id[] = "open-before-shared-upstream";


/* -- applications that are guarded in one place and open in another */


static int
reaches(const rt_pass_t *p, const rt_str_t *address)
{
    rt_str_t               v;
    const rt_nginxconf_t  *d;

    if (p->upstream == NULL) {
        return rt_str_ieq(&p->target, address);
    }

    for (d = own(p->upstream, "server"); d; d = again(d)) {
        v = value(d);

        if (rt_str_ieq(&v, address)) {
            return 1;
        }
    }

    return 0;
}


static int
is_shared(const rt_pass_t *a, const rt_pass_t *b)
{
    rt_str_t               v;
    const rt_nginxconf_t  *d;

    if (rt_str_ieq(&a->target, &b->target)) {
        return 1;
    }

    if (a->upstream == NULL) {
        return reaches(b, &a->target);
    }

    for (d = own(a->upstream, "server"); d; d = again(d)) {
        v = value(d);

        if (reaches(b, &v)) {
            return 1;
        }
    }

    return 0;
}


static const char *
what_is_open(const rt_pass_t *p)
{
    rt_str_t  path, last;

    path = value(p->at);
    last = p->at->word[p->at->nwords - 1];

    if (is_on(p->at, "rtauth")) {
        return rt_check_lets_all(p->at)
               ? "\"satisfy any\" and an \"allow\" let everybody in here, "
                 "so that rtauth does not count"
               : "rtauth_dry_run is on, and refuses nobody";
    }

    if (rt_check_is_inner(p->at)) {
        return "rtauth is off, and a location leads here that is for "
               "everybody, or a page of an error";
    }

    if (is_set(p->at, "rtauth_raw_path", "allow")) {
        return "rtauth is off, and with \"rtauth_raw_path allow\" a path like "
               "x/..%2fy is read by the application as one of its own choice: "
               "take \"allow\" away";
    }

    if (is(p->at, "location") && path.len && path.data[0] != '~'
        && last.len && last.data[last.len - 1] != '/')
    {
        return "rtauth is off, and the path goes on without a \"/\": end the "
               "location (and the URI of proxy_pass) with one, or write "
               "\"location = \"";
    }

    return "rtauth is off: whatever the application has under this path is for "
           "everybody";
}


static void
rule_open(rt_check_t *check, const rt_pass_t *p, const rt_pass_t *other)
{
    int          said;
    rt_str_t     path, text;
    rt_status_e  rc;

    said = effective(p->at, "rtauth") != NULL;
    path = value(p->at);

    /* "rtauth off" for a single path was meant */

    if (said && !is_on(p->at, "rtauth") && is(p->at, "location")
        && path.len && path.data[0] == '=')
    {
        return;
    }

    if (!rt_check_is_open(p->at)) {
        return;
    }

    rc = rt_complain(check->mem, &text,
                     "%s; the same application is guarded at %.*s:%u. If this "
                     "is meant, say so here: \"# rt check ok: %s\"",
                     said ? what_is_open(p)
                          : "there is no rtauth here, so that nobody is asked: "
                            "write one, or \"rtauth off;\" if this is for "
                            "everybody",
                     rt_str_args(&other->pass->file), other->pass->line,
                     open_id);

    rt_check_found(check, open_id, p->at, p->pass, rc, &text);
}


/* Rules about two places that pass requests to one application. */

static void
rules_shared(rt_check_t *check, const rt_pass_t *p)
{
    int               on, done;
    const rt_pass_t  *other;

    on = is_on(p->at, "rtauth");
    done = rt_check_held(p->at);

    for (other = check->passes; other; other = other->next) {

        if (other == p || !is_shared(p, other)) {
            continue;
        }

        if (other->server != p->server) {
            rt_check_not_stripped_there(check, p, other);
        }

        if (!done && (on ? rt_check_held(other->at)
                         : is_on(other->at, "rtauth")))
        {
            rule_open(check, p, other);
            done = 1;
        }
    }
}


/* -- pages */


static void
rule_cache(rt_check_t *check, const rt_pass_t *p)
{
    unsigned               i;
    rt_str_t               text;
    rt_status_e            rc;
    const rt_nginxconf_t  *key;

    if (p->way->cache == NULL || !is_on(p->at, p->way->cache)
        || !is_on(p->at, "rtauth") || !is_set(p->at, "rtauth_cache", "on"))
    {
        return;
    }

    key = effective(p->at, p->way->key);

    for (i = 1; key && i < key->nwords; i++) {
        if (rt_check_holds(&check->who, &key->word[i])) {
            return;
        }
    }

    rc = rt_complain(check->mem, &text,
                     "rtauth_cache is on, and %sthe key holds neither "
                     "$rtauth_user nor $rtauth_claim_sub, so that one user "
                     "gets the page of another: add them to \"%s\", or write "
                     "\"rtauth_cache off;\"",
                     key ? "" : "by default ", p->way->key);

    rt_check_found(check, "cache-key-without-user", p->at,
          key ? key : effective(p->at, p->way->cache), rc, &text);
}


static void
rule_upgrade(rt_check_t *check, const rt_pass_t *p)
{
    rt_str_t               text, v;
    rt_status_e            rc;
    const rt_nginxconf_t  *line;

    static const rt_str_t  upgrade = rt_string("Upgrade");
    static const rt_str_t  placeholder = rt_string("placeholder=");

    v = value(effective(p->at, "rtcsp_nonce"));

    if (!rt_str_lit(&v, "upstream")
        && (v.len < placeholder.len
            || memcmp(v.data, placeholder.data, placeholder.len) != 0))
    {
        return;
    }

    line = rt_check_sets(effective(p->at, p->way->header), &upgrade);

    if (line == NULL || line->word[2].len == 0) {
        return;
    }

    rc = rt_complain(check->mem, &text,
                     "what an upgraded connection carries is not searched for "
                     "the placeholder, and so may show it to a browser: give "
                     "WebSockets a location of their own, with \"rtcsp_nonce "
                     "off;\"");

    rt_check_found(check, "placeholder-with-upgrade", p->at, line, rc, &text);
}


/* A "return" is answered before rtauth, which makes such an answer 403. */

static void
rule_return(rt_check_t *check, const rt_nginxconf_t *level)
{
    size_t                 i;
    rt_str_t               v, text;
    unsigned               code;
    rt_status_e            rc;
    const rt_nginxconf_t  *line;

    line = own(level, "return");
    v = value(line);

    if (v.len != 3 || !is_on(level, "rtauth")) {
        return;
    }

    for (i = 0, code = 0; i < v.len; i++) {
        code = code * 10 + (unsigned) (v.data[i] - '0');
    }

    if (code < 200 || code > 299) {
        return;
    }

    rc = rt_complain(check->mem, &text,
                     "a \"return\" is answered before anybody was asked, so "
                     "that rtauth makes it 403: write \"rtauth off;\" if it is "
                     "for everybody, or else \"try_files /none =%u;\"", code);

    rt_check_found(check, "return-under-rtauth", level, line, rc, &text);
}


/* Rules about a check that is there and keeps nobody out. */

static void
rules_held(rt_check_t *check, const rt_nginxconf_t *level)
{
    rt_str_t     text;
    rt_status_e  rc;

    if (is_on(level, "rtauth") && is_on(level, "rtauth_dry_run")) {
        rc = rt_complain(check->mem, &text,
                         "rtauth refuses nobody here, known or not: it only "
                         "writes down whom it would refuse; once that is what "
                         "you want, take the line away");

        rt_check_found(check, "dry-run", level,
                       effective(level, "rtauth_dry_run"), rc, &text);
    }

    if (rt_check_lets_all(level)
        && (is_on(level, "rtauth") || is_on(level, "auth_request")
            || is_on(level, "auth_basic") || is_on(level, "auth_jwt")))
    {
        rc = rt_complain(check->mem, &text,
                         "\"satisfy any\" lets in whom one check lets in, and "
                         "\"allow\" lets in everybody: nobody is asked who he "
                         "is; take one of the two away");

        rt_check_found(check, "satisfy-any-for-everybody", level,
                       effective(level, "satisfy"), rc, &text);
    }
}


/* Numbers or events that anybody can read; "ready" shows neither. */

static void
rule_status(rt_check_t *check, const rt_nginxconf_t *level)
{
    unsigned               i;
    rt_str_t               v, text;
    rt_status_e            rc;
    const rt_nginxconf_t  *line;

    static const char  *shows[] = { "rtauth_status", "rtaudit_status",
                                    "rtcsp_status", "rtaudit_view" };

    for (i = 0; i < sizeof(shows) / sizeof(shows[0]); i++) {
        line = own(level, shows[i]);
        v = value(line);

        if (line == NULL || rt_str_lit(&v, "ready")
            || !rt_check_is_open(level))
        {
            continue;
        }

        rc = rt_complain(check->mem, &text,
                         "anybody can read what \"%s\" shows: write \"allow\" "
                         "and \"deny all;\", or \"rtauth NAME;\"", shows[i]);

        rt_check_found(check, "status-for-everybody", level, line, rc, &text);
    }
}


/* "zone=NAME:SIZE", "zone=NAME" or, of limit_conn, "NAME" */

static rt_str_t
zone_name(const rt_nginxconf_t *line)
{
    unsigned        i;
    rt_str_t        name;
    unsigned char  *end;

    static const char  begin[] = "zone=";

    name = value(line);

    for (i = 1; i < line->nwords; i++) {
        if (line->word[i].len > sizeof(begin) - 1
            && memcmp(line->word[i].data, begin, sizeof(begin) - 1) == 0)
        {
            name.data = line->word[i].data + sizeof(begin) - 1;
            name.len = line->word[i].len - (sizeof(begin) - 1);
        }
    }

    end = name.len ? memchr(name.data, ':', name.len) : NULL;
    name.len = end ? (size_t) (end - name.data) : name.len;

    return name;
}


/* A limit reads its key before rtauth knows the user, unless told not to. */

static void
rule_limit(rt_check_t *check, const rt_nginxconf_t *level,
    const rt_nginxconf_t *http, const char *limit)
{
    char                   zone[32];
    rt_str_t               name, other, text;
    rt_status_e            rc;
    const rt_nginxconf_t  *line, *z;

    snprintf(zone, sizeof(zone), "%s_zone", limit);

    if (!is_on(level, "rtauth") || is_set(level, "rtauth_phase", "preaccess")) {
        return;
    }

    for (line = effective(level, limit); line; line = again(line)) {
        name = zone_name(line);

        for (z = own(http, zone); z; z = again(z)) {
            other = zone_name(z);

            if (!rt_str_eq(&name, &other) || z->nwords < 2
                || !rt_check_holds(&check->any, &z->word[1]))
            {
                continue;
            }

            rc = rt_complain(check->mem, &text,
                             "the key of \"%.*s\" (%.*s:%u) is of the user, "
                             "who is not known yet when it is read: it is "
                             "empty, and limits nobody; write \"rtauth_phase "
                             "preaccess;\" here", rt_str_args(&name),
                             rt_str_args(&z->file), z->line);

            rt_check_found(check, "limit-before-user", level, line, rc, &text);
        }
    }
}


/*
 * What the rewrite phase reads is read before anybody was asked.  Where an
 * error, or an application, leads, somebody may have been.
 */

static void
rule_rewrite(rt_check_t *check, const rt_nginxconf_t *level)
{
    unsigned               i;
    rt_str_t               text;
    rt_status_e            rc;
    const rt_nginxconf_t  *d;

    if (!is_on(level, "rtauth") || rt_check_is_inner(level)) {
        return;
    }

    for (d = level->child; d; d = d->next) {

        if (!is(d, "if") && !is(d, "set") && !is(d, "rewrite")
            && !is(d, "return"))
        {
            continue;
        }

        for (i = 1; i < d->nwords; i++) {
            if (rt_check_holds(&check->any, &d->word[i])) {
                break;
            }
        }

        if (i == d->nwords) {
            continue;
        }

        rc = rt_complain(check->mem, &text,
                         "\"%.*s\" is run before anybody was asked, and what "
                         "rtauth says of the user is empty then, whoever he "
                         "is: write \"rtauth_require\" for what he must be",
                         rt_str_args(&d->word[0]));

        rt_check_found(check, "rewrite-before-user", level, d, rc, &text);
    }
}


/* -- the walk */


/* The host and port, or the name, that a request is passed to. */

static rt_str_t
target(const rt_nginxconf_t *pass)
{
    size_t          i;
    rt_str_t        t;
    unsigned char  *end;

    static const rt_str_t  socket = rt_string("unix:");

    t = value(pass);

    for (i = 0; i + 2 < t.len; i++) {
        if (memcmp(t.data + i, "://", 3) == 0) {
            t.data += i + 3;
            t.len -= i + 3;
            break;
        }
    }

    i = (t.len > socket.len && memcmp(t.data, socket.data, socket.len) == 0)
        ? socket.len : 0;

    end = memchr(t.data + i, i ? ':' : '/', t.len - i);
    t.len = end ? (size_t) (end - t.data) : t.len;

    return t;
}


static const rt_nginxconf_t *
upstream(const rt_nginxconf_t *http, const rt_str_t *name)
{
    rt_str_t               v;
    const rt_nginxconf_t  *d;

    for (d = own(http, "upstream"); d; d = again(d)) {
        v = value(d);

        if (rt_str_ieq(&v, name)) {
            break;
        }
    }

    return d;
}


static void
add_pass(rt_check_t *check, const rt_nginxconf_t *server,
    const rt_nginxconf_t *at)
{
    rt_pass_t             *p;
    const rt_way_t        *way;
    const rt_nginxconf_t  *pass;

    for (way = ways; way->pass; way++) {
        pass = own(at, way->pass);

        if (pass == NULL && is(at, "limit_except") && own(at, "rtauth")) {
            pass = own(at->parent, way->pass);
        }

        if (pass == NULL) {
            continue;
        }

        p = rt_alloc(check->mem, sizeof(rt_pass_t));
        if (p == NULL) {
            check->failed = 1;
            return;
        }

        p->way = way;
        p->pass = pass;
        p->at = at;
        p->server = server;
        p->target = target(pass);
        p->upstream = upstream(server->parent, &p->target);
        p->next = NULL;

        *check->last_pass = p;
        check->last_pass = &p->next;
    }
}


static void
walk(rt_check_t *check, const rt_nginxconf_t *server,
    const rt_nginxconf_t *level)
{
    const rt_nginxconf_t  *d;

    rule_return(check, level);
    rule_rewrite(check, level);

    if (level != server || rt_check_serves_itself(server)) {
        rules_held(check, level);
    }

    for (d = level->child; d; d = d->next) {

        if (is(d, "location")) {
            check->locations++;
            check->guarded += (unsigned) rt_check_held(d);
            rule_status(check, d);
            rule_limit(check, d, server->parent, "limit_req");
            rule_limit(check, d, server->parent, "limit_conn");
            add_pass(check, server, d);
            walk(check, server, d);

        } else if (level != server && (is(d, "if") || is(d, "limit_except"))) {
            rules_held(check, d);
            rule_rewrite(check, d);
            add_pass(check, server, d);
        }
    }
}


void
rt_check_rules(rt_check_t *check)
{
    const rt_pass_t       *p;
    const rt_nginxconf_t  *http, *server;

    check->last_pass = &check->passes;
    check->who.who = 1;

    if (rt_check_vars(check->mem, check->root, &check->any) != RT_OK
        || rt_check_vars(check->mem, check->root, &check->who) != RT_OK)
    {
        check->failed = 1;
        return;
    }

    for (http = own(check->root, "http"); http; http = again(http)) {
        for (server = own(http, "server"); server; server = again(server)) {
            check->servers++;
            walk(check, server, server);
        }
    }

    for (p = check->passes; p; p = p->next) {
        rt_check_not_stripped(check, p);
        rt_check_lost(check, p);
        rules_shared(check, p);
        rule_cache(check, p);
        rule_upgrade(check, p);
    }
}
