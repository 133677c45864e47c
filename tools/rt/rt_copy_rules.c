
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rt_check_tree.h"
#include "rt_copy_rules.h"


typedef void (*rule_pt)(rt_copy_t *k, const rt_nginxconf_t *d);


static void
rule_drop(rt_copy_t *k, const rt_nginxconf_t *d)
{
    (void) k;
    (void) d;
}


static void
rule_foreign(rt_copy_t *k, const rt_nginxconf_t *d)
{
    (void) d;

    rt_copy_note(k, "modsecurity and acme are not in the copy: they write "
                    "elsewhere");
}


static void
rule_redis(rt_copy_t *k, const rt_nginxconf_t *d)
{
    (void) d;

    rt_copy_note(k, "sessions and revocations in Redis are not looked at: a "
                    "cookie is that of nobody");
}


static void
rule_pass(rt_copy_t *k, const rt_nginxconf_t *d)
{
    fprintf(k->out, "proxy_pass http://unix:%s/" RT_COPY_APP ";",
            k->scratch->dir);
    rt_copy_line(k, d);
}


static void
rule_temp(rt_copy_t *k, const rt_nginxconf_t *d)
{
    fprintf(k->out, "%s %s/temp%u", (char *) d->word[0].data,
            k->scratch->dir, k->files++);
    rt_copy_words(k, d, 2);
    rt_copy_end(k, d);
}


static void
rule_cache(rt_copy_t *k, const rt_nginxconf_t *d)
{
    fprintf(k->out, "%s %s/cache%u", (char *) d->word[0].data,
            k->scratch->dir, k->files++);
    rt_copy_words(k, d, 2);
    rt_copy_end(k, d);
}


static void
rule_session(rt_copy_t *k, const rt_nginxconf_t *d)
{
    unsigned  i;

    fputs("rtauth_session", k->out);

    for (i = 1; i < d->nwords; i++) {

        if (rt_str_lit(&d->word[i], "store=cookie")) {
            rt_copy_note(k, "a session is what was known of it last: the "
                            "provider is not asked again, which would use up "
                            "its refresh token");
        }

        if (!rt_copy_begins(&d->word[i], "store=redis")
            && !rt_copy_begins(&d->word[i], "recheck"))
        {
            rt_copy_word(k, d, &d->word[i]);
        }
    }

    /* the longest time that may be written: nothing is asked again */

    fputs(" recheck=366d", k->out);
    rt_copy_end(k, d);
}


static void
rule_sink(rt_copy_t *k, const rt_nginxconf_t *d)
{
    fputs("rtaudit_sink", k->out);
    rt_copy_word(k, d, &d->word[1]);
    fprintf(k->out, " file:%s/audit/%u", k->scratch->dir, k->sinks++);
    rt_copy_end(k, d);
}


/* Copies a journal, so that the copy of nginx changes none but its own. */

static void
copy_state(rt_copy_t *k, const rt_str_t *from, char *to)
{
    int          in, out;
    char         path[RT_SCRATCH_PATH], buf[65536];
    ssize_t      n;
    struct stat  st;

    snprintf(path, sizeof(path), "%.*s", (int) from->len, from->data);
    in = open(path, O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC);

    if (in == -1 && errno == ENOENT) {
        return;
    }

    /* workers can read the copy: it must be of a file that they own, and not
       of one that a link of theirs leads to */

    if (in == -1 || fstat(in, &st) != 0 || !S_ISREG(st.st_mode)
        || (geteuid() == 0 && st.st_uid != k->uid))
    {
        rt_copy_note(k, "a state= could not be read: what was revoked or "
                        "pushed is not known");

        if (in != -1) {
            close(in);
        }

        return;
    }

    out = open(to, O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0600);

    while (out != -1 && (n = read(in, buf, sizeof(buf))) > 0) {
        if (write(out, buf, (size_t) n) != n) {
            k->why = "a state= could not be copied";
            break;
        }
    }

    if (out == -1 || (geteuid() == 0 && fchown(out, k->uid, k->gid) != 0)) {
        k->why = "a state= could not be copied";
    }

    close(in);

    if (out != -1) {
        close(out);
    }
}


static void
rule_zone(rt_copy_t *k, const rt_nginxconf_t *d)
{
    char      name[32], path[RT_SCRATCH_PATH];
    rt_str_t  from;
    unsigned  i, kept;

    kept = 0;

    fprintf(k->out, "%s", (char *) d->word[0].data);

    for (i = 1; i < d->nwords; i++) {

        if (!rt_copy_begins(&d->word[i], "state=")) {
            rt_copy_word(k, d, &d->word[i]);
            continue;
        }

        from.data = d->word[i].data + sizeof("state=") - 1;
        from.len = d->word[i].len - (sizeof("state=") - 1);

        if (from.len == 0 || from.data[0] != '/') {
            rt_copy_note(k, "a state= with a path that does not begin with / "
                            "is not looked at");
            from.len = 0;
        }

        kept = 1;
        snprintf(name, sizeof(name), "state/%u", k->files++);
        rt_scratch_path(k->scratch, name, path);

        if (from.len) {
            copy_state(k, &from, path);
        }

        fprintf(k->out, " state=%s", path);
    }

    /* the copy has no Redis: what would be kept there needs a journal */

    if (!kept && is(d, "rtauth_zone") && own(d->parent, "rtauth_redis")) {
        fprintf(k->out, " state=%s/state/%u", k->scratch->dir, k->files++);
    }

    rt_copy_end(k, d);
}


/* "8080" and "0.0.0.0:8080" both become "*:8080". */

void
rt_copy_address(char *text, size_t size, const rt_str_t *address)
{
    int                   n;
    const unsigned char  *p, *port;

    n = (int) address->len;
    p = address->data;
    port = memchr(p, ':', address->len);

    if (rt_copy_begins(address, "unix:")) {
        snprintf(text, size, "%.*s", n, p);

    } else if (rt_copy_begins(address, "0.0.0.0:")) {
        snprintf(text, size, "*%.*s", n - 7, p + 7);

    } else if (port == NULL
               && strspn((char *) p, "0123456789") == address->len)
    {
        snprintf(text, size, "*:%.*s", n, p);

    } else {
        snprintf(text, size, "%.*s%s", n, p,
                 port && p[n - 1] != ']' ? "" : ":80");
    }
}


unsigned
rt_copy_listens(rt_copy_t *k, rt_str_t address)
{
    char               text[RT_COPY_ADDRESS], *port;
    unsigned           i;
    rt_copy_listen_t  *l;

    rt_copy_address(text, sizeof(text), &address);

    for (i = 0; i < k->nlistens; i++) {
        if (rt_str_is(&k->listen[i].address, text, strlen(text))) {
            return i;
        }
    }

    if (i == RT_COPY_LISTENS) {
        k->why = "too many addresses are listened on";
        return 0;
    }

    l = &k->listen[k->nlistens++];
    l->address.data = (unsigned char *) strdup(text);
    l->address.len = strlen(text);
    port = strrchr(text, ':');
    l->port = rt_copy_begins(&address, "unix:") ? 0 : (unsigned) atoi(port + 1);

    if (l->address.data == NULL) {
        k->why = "no memory";
    }

    return i;
}


int
rt_copy_is_quic(const rt_nginxconf_t *d)
{
    unsigned  i;

    for (i = 2; i < d->nwords; i++) {
        if (rt_str_lit(&d->word[i], "quic")) {
            return 1;
        }
    }

    return 0;
}


static void
rule_listen(rt_copy_t *k, const rt_nginxconf_t *d)
{
    unsigned  i, n;

    if (rt_copy_is_quic(d)) {
        return;
    }

    n = rt_copy_listens(k, d->word[1]);

    fprintf(k->out, "listen unix:%s/in/%u", k->scratch->dir, n);

    for (i = 2; i < d->nwords; i++) {

        if (rt_str_lit(&d->word[i], "ssl")) {
            k->listen[n].tls = 1;
            fputs(" ssl", k->out);
        }

        if (rt_copy_begins(&d->word[i], "default")) {
            fputs(" default_server", k->out);
        }

        if (rt_str_lit(&d->word[i], "proxy_protocol")) {
            rt_copy_note(k, "the PROXY protocol is not spoken");
        }
    }

    putc(';', k->out);
    rt_copy_line(k, d);
}


static const struct {
    const char  *name;
    rule_pt      rule;
} rules[] = {
    { "#", rule_drop },
    { "access_log", rule_drop },
    { "acme_certificate", rule_foreign },
    { "acme_issuer", rule_foreign },
    { "acme_shared_zone", rule_foreign },
    { "client_body_in_file_only", rule_drop },
    { "client_body_temp_path", rule_temp },
    { "daemon", rule_drop },
    { "dav_methods", rule_drop },
    { "error_log", rule_drop },
    { "events", rule_drop },
    { "fastcgi_bind", rule_drop },
    { "fastcgi_cache_path", rule_cache },
    { "fastcgi_pass", rule_pass },
    { "fastcgi_store", rule_drop },
    { "fastcgi_temp_path", rule_temp },
    { "google_perftools_profiles", rule_drop },
    { "grpc_bind", rule_drop },
    { "grpc_pass", rule_pass },
    { "health_check", rule_drop },
    { "js_shared_dict_zone", rule_zone },
    { "keyval_zone", rule_zone },
    { "listen", rule_listen },
    { "lock_file", rule_drop },
    { "log_subrequest", rule_drop },
    { "mail", rule_drop },
    { "master_process", rule_drop },
    { "memcached_bind", rule_drop },
    { "memcached_pass", rule_pass },
    { "mirror", rule_drop },
    { "modsecurity", rule_foreign },
    { "modsecurity_rules", rule_foreign },
    { "modsecurity_rules_file", rule_foreign },
    { "modsecurity_rules_remote", rule_foreign },
    { "modsecurity_transaction_id", rule_foreign },
    { "modsecurity_use_error_log", rule_foreign },
    { "open_log_file_cache", rule_drop },
    { "pid", rule_drop },
    { "proxy_bind", rule_drop },
    { "proxy_cache_path", rule_cache },
    { "proxy_pass", rule_pass },
    { "proxy_store", rule_drop },
    { "proxy_temp_path", rule_temp },
    { "rtaudit_chain", rule_drop },
    { "rtaudit_sink", rule_sink },
    { "rtauth_redis", rule_redis },
    { "rtauth_scim_zone", rule_zone },
    { "rtauth_session", rule_session },
    { "rtauth_zone", rule_zone },
    { "scgi_bind", rule_drop },
    { "scgi_cache_path", rule_cache },
    { "scgi_pass", rule_pass },
    { "scgi_store", rule_drop },
    { "scgi_temp_path", rule_temp },
    { "ssl_stapling", rule_drop },
    { "stream", rule_drop },
    { "upstream", rule_drop },
    { "uwsgi_bind", rule_drop },
    { "uwsgi_cache_path", rule_cache },
    { "uwsgi_pass", rule_pass },
    { "uwsgi_store", rule_drop },
    { "uwsgi_temp_path", rule_temp },
    { "worker_cpu_affinity", rule_drop },
    { "worker_priority", rule_drop },
    { "worker_processes", rule_drop },
    { "working_directory", rule_drop }
};


int
rt_copy_rule(rt_copy_t *k, const rt_nginxconf_t *d)
{
    size_t           i;
    const rt_str_t  *name;

    name = &d->word[0];

    if (memmem(name->data, name->len, "_by_lua", 7)) {
        k->why = "the configuration has code in it (Lua), which may do "
                 "anything beside: it is not run";
        return 1;
    }

    if (rt_copy_begins(name, "otel_")) {
        return 1;
    }

    for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (is(d, rules[i].name) && !(d->block && rules[i].rule == rule_pass)) {
            rules[i].rule(k, d);
            return 1;
        }
    }

    return 0;
}
