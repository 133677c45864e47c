
/*
 * rt explain: which location and which rule decides about a request, and why.
 *
 * There is no second engine: nginx itself runs with a copy of the
 * configuration, and says what it did with the request.
 */

#include <errno.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "rt.h"
#include "rt_check_tree.h"
#include "rt_copy_conf.h"
#include "rt_copy_rules.h"
#include "rt_explain.h"
#include "rt_term.h"
#include "text/rt_uri.h"


#define STOP  5                     /* seconds that nginx may take to end */


/* ret: the socket of the address that the request comes to; -1 */

static int
find_listen(rt_explain_t *e)
{
    int                      found;
    char                     text[RT_COPY_ADDRESS];
    rt_str_t                 named;
    unsigned                 i;
    const rt_copy_listen_t  *l;

    if (e->listen) {
        named = rt_str_of(e->listen);
        rt_copy_address(text, sizeof(text), &named);
    }

    for (i = 0, found = -1; i < e->copy.nlistens; i++) {
        l = &e->copy.listen[i];

        if (e->listen) {
            if (rt_str_is(&l->address, text, strlen(text))) {
                return (int) i;
            }

        } else if (l->port == e->port
                   && (found == -1 || l->address.data[0] == '*'))
        {
            found = (int) i;
        }
    }

    return found;
}


/* -- nginx */


/* Ends nginx by its pid, first by a signal that lets it write its logs. */

static void
stop(pid_t pid, int sig)
{
    kill(pid, sig);
    (void) rt_scratch_wait(pid, STOP);
}


static const char *
run(rt_explain_t *e)
{
    int          n, at, reached;
    char         log[RT_SCRATCH_PATH];
    char         name[32], path[RT_SCRATCH_PATH], *argv[10];
    pid_t        nginx, app;
    eventfd_t    came;
    const char  *why;

    at = find_listen(e);

    if (at == -1) {
        return "no server listens on the port of --url: name the address of "
               "a \"listen\" with --listen";
    }

    if (e->copy.listen[at].tls != e->ask.tls) {
        return e->ask.tls ? "that address has no TLS: write http://, or "
                            "--listen"
                          : "that address has TLS: write https://, or --listen";
    }

    app = rt_explain_app(&e->scratch, e->copy.gid, &reached);
    if (app == -1) {
        return strerror(errno);
    }

    n = 0;
    argv[n++] = (char *) (e->nginx.nginx ? e->nginx.nginx : "nginx");
    argv[n++] = "-c";
    argv[n++] = e->conf;
    argv[n++] = "-e";
    argv[n++] = rt_scratch_path(&e->scratch, RT_COPY_LOG, log);

    if (e->nginx.prefix) {
        argv[n++] = "-p";
        argv[n++] = (char *) e->nginx.prefix;
    }

    argv[n] = NULL;

    nginx = rt_scratch_start(&e->scratch, argv);

    snprintf(name, sizeof(name), "in/%d", at);

    why = nginx == -1 ? strerror(errno)
          : rt_explain_ask(&e->ask, rt_scratch_path(&e->scratch, name, path),
                           nginx, e->head);

    if (nginx != -1) {
        stop(nginx, SIGQUIT);
    }

    stop(app, SIGTERM);

    e->reached = eventfd_read(reached, &came) == 0;
    close(reached);

    return rt_scratch_ended ? "it was ended" : why;
}


/* The path of an address of sign-in; it exists where a client is named. */

static int
is_sign_in(const rt_nginxconf_t *level, const rt_str_t *path)
{
    char                  *p;
    size_t                 i;
    rt_str_t               uri;
    const rt_nginxconf_t  *d;

    static const struct {
        const char  *name;
        rt_str_t     uri;           /* by default */
    } uris[] = {
        { "redirect_uri", rt_string("/oidc/callback") },
        { "logout_uri", rt_string("/oidc/logout") },
        { "backchannel_logout_uri", rt_string("") },
        { "frontchannel_logout_uri", rt_string("") }
    };

    for (d = level->child; d; d = d->next) {

        if (!is(d, "rtauth_provider")) {
            if (is_sign_in(d, path)) {
                return 1;
            }

            continue;
        }

        for (i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
            uri = own(d, uris[i].name) ? value(own(d, uris[i].name))
                                       : uris[i].uri;
            p = memmem(uri.data, uri.len, "://", 3);

            if (p) {
                p += 3;
                p += strcspn(p, "/?");
                uri.len -= (size_t) (p - (char *) uri.data);
                uri.data = (unsigned char *) p;
            }

            if (uri.len && own(d, "client_id") && rt_str_eq(&uri, path)) {
                return 1;
            }
        }
    }

    return 0;
}


/* Refuses addresses of sign-in: the copy would use up a code, or sign a person
   out. */

static const char *
refuse_sign_in(rt_explain_t *e, const rt_nginxconf_t *root)
{
    size_t    i, n;
    rt_str_t  path, normal;

    path = e->ask.target;
    path.len = strcspn((char *) path.data, "?#");

    if (e->ask.target.len < path.len) {
        path.len = e->ask.target.len;
    }

    if (rt_uri_normal(e->mem, &path, &normal) != RT_OK
        || rt_uri_path(e->mem, &normal, &path) != RT_OK)
    {
        return "no memory";
    }

    for (i = 0, n = 0; i < path.len; i++) {
        if (path.data[i] != '/' || n == 0 || path.data[n - 1] != '/') {
            path.data[n++] = path.data[i];
        }
    }

    path.len = n;

    return is_sign_in(root, &path)
           ? "that is an address of sign-in or sign-out, where the provider "
             "would be asked to act: it is not explained" : NULL;
}


static const char *
prepare(rt_explain_t *e)
{
    size_t           i, at;
    rt_str_t         file, err;
    rt_status_e      rc;
    unsigned char    random[12];
    const char      *why;
    rt_nginxconf_t  *root;

    static const rt_str_t  none = rt_string("nginx -T");

    if (strpbrk(e->scratch.dir, " \t\r\n;{}\"'\\$:?#%")) {
        return "TMPDIR has a character that means something to nginx";
    }

    if (RAND_bytes(random, sizeof(random)) != 1) {
        return "there is no randomness";
    }

    at = (size_t) snprintf(e->from, sizeof(e->from), "X-Rt-");

    for (i = 0; i < sizeof(random); i++) {
        at += (size_t) snprintf(e->from + at, sizeof(e->from) - at, "%02x",
                                random[i]);
    }

    file = none;
    rc = rt_nginxconf_parse(e->mem, &file, &e->said.text, &root, &err);

    if (rc != RT_OK) {
        return rc == RT_ERROR ? "no memory" : (char *) err.data;
    }

    if (rt_merged(e->mem, root, &e->said.shown, &e->merged, &why) != RT_OK) {
        return why;
    }

    why = refuse_sign_in(e, root);
    if (why) {
        return why;
    }

    rt_scratch_path(&e->scratch, RT_COPY_CONF, e->conf);
    e->check.mem = e->mem;
    e->check.root = root;
    e->copy.scratch = &e->scratch;
    e->copy.said = &e->said;
    e->copy.merged = &e->merged;
    e->copy.from = e->from;

    return rt_copy_conf(&e->copy, root);
}


static int
explain(rt_explain_t *e)
{
    const char  *why;

    if (rt_nginx_ask(&e->nginx, &e->scratch, &e->said) != 0) {
        return RT_EXIT_FAILED;
    }

    why = prepare(e);

    if (why == NULL) {
        e->ask.from = e->copy.counted ? e->from : NULL;
        why = run(e);
    }

    if (why == NULL) {
        why = rt_explain_heard(e);
    }

    if (why) {
        rt_nginx_pass_on(&e->scratch);
        return rt_explain_failed("", why);
    }

    /* all is in memory by now, and printing may end rt: its reader may be
       gone */

    rt_scratch_remove(&e->scratch);

    return rt_explain_say(e);
}


int
rt_explain(rt_mem_t *mem, int argc, char **argv)
{
    int                  code;
    const char          *why;
    static rt_explain_t  e;

    e.mem = mem;
    e.nginx.verb = "rt explain";
    e.ask.method = "GET";
    e.ask.address = "127.0.0.1";

    if (rt_explain_words(&e, argc, argv) != 0) {
        return RT_EXIT_FAILED;
    }

    why = rt_scratch(&e.scratch);
    if (why) {
        return rt_explain_failed("a private folder", why);
    }

    code = explain(&e);

    rt_scratch_remove(&e.scratch);

    return code;
}
