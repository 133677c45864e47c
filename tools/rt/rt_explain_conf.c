
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rt_check_tree.h"
#include "rt_explain_conf.h"


typedef struct {
    rt_explain_conf_t  *c;
    FILE               *out;
    unsigned            room;       /* of c->at */
    unsigned            place;      /* the number of the last one */
    unsigned            files;      /* made in the folder */
    uid_t               uid;        /* of workers */
    const char         *why;        /* something cannot be done */
} copy_t;

typedef void (*rule_pt)(copy_t *k, const rt_nginxconf_t *d);

static void write_level(copy_t *k, const rt_nginxconf_t *level);


void
rt_explain_note(rt_explain_conf_t *c, const char *text)
{
    unsigned  i;

    for (i = 0; i < c->nnotes; i++) {
        if (c->note[i] == text) {
            return;
        }
    }

    if (c->nnotes < RT_EXPLAIN_NOTES) {
        c->note[c->nnotes++] = text;
    }
}


static void
note(copy_t *k, const char *text)
{
    rt_explain_note(k->c, text);
}


/* -- text */


/* the next line is of this directive */

static void
newline(copy_t *k, const rt_nginxconf_t *d)
{
    const rt_nginxconf_t  **at;

    if (k->c->lines == k->room) {
        k->room = k->room ? 2 * k->room : 1024;

        at = realloc(k->c->at, k->room * sizeof(*at));
        if (at == NULL) {
            k->why = "no memory";
            k->room = k->c->lines;
            return;
        }

        k->c->at = at;
    }

    k->c->at[k->c->lines++] = d;
    putc('\n', k->out);
}


/* in quotes, which nginx takes off again */

static void
put_word(copy_t *k, const rt_nginxconf_t *d, const rt_str_t *word)
{
    size_t  i;

    if (memmem(word->data, word->len, "server_port", 11)
        || memmem(word->data, word->len, "server_addr", 11))
    {
        note(k, "$server_addr and $server_port are those of a socket");
    }

    fputs(" \"", k->out);

    for (i = 0; i < word->len; i++) {

        if (word->data[i] == '\n') {
            newline(k, d);
            continue;
        }

        if (word->data[i] == '"' || word->data[i] == '\\') {
            putc('\\', k->out);
        }

        putc(word->data[i], k->out);
    }

    putc('"', k->out);
}


static void
put_words(copy_t *k, const rt_nginxconf_t *d, unsigned from)
{
    unsigned  i;

    for (i = from; i < d->nwords; i++) {
        put_word(k, d, &d->word[i]);
    }
}


static void
put_end(copy_t *k, const rt_nginxconf_t *d)
{
    if (!d->block) {
        putc(';', k->out);
        newline(k, d);
        return;
    }

    fputs(" {", k->out);
    newline(k, d);
    write_level(k, d);
    putc('}', k->out);
    newline(k, d);
}


static int
begins(const rt_str_t *word, const char *with)
{
    size_t  len;

    len = strlen(with);

    return word->len >= len && memcmp(word->data, with, len) == 0;
}


/* -- rules */


static void
rule_drop(copy_t *k, const rt_nginxconf_t *d)
{
    (void) k;
    (void) d;
}


static void
rule_foreign(copy_t *k, const rt_nginxconf_t *d)
{
    (void) d;

    note(k, "modsecurity and acme are not in the copy: they write elsewhere");
}


static void
rule_redis(copy_t *k, const rt_nginxconf_t *d)
{
    (void) d;

    note(k, "sessions and revocations in Redis are not looked at: a cookie is "
            "that of nobody");
}


static void
rule_other(copy_t *k, const rt_nginxconf_t *d)
{
    (void) d;

    k->why = "the configuration has code in it (Lua), which may do anything "
             "beside: it is not run";
}


static void
rule_pass(copy_t *k, const rt_nginxconf_t *d)
{
    fprintf(k->out, "proxy_pass http://unix:%s/" RT_EXPLAIN_APP ";",
            k->c->scratch->dir);
    newline(k, d);
}


static void
rule_temp(copy_t *k, const rt_nginxconf_t *d)
{
    fprintf(k->out, "%s %s/temp%u", (char *) d->word[0].data,
            k->c->scratch->dir, k->files++);
    put_words(k, d, 2);
    put_end(k, d);
}


static void
rule_cache(copy_t *k, const rt_nginxconf_t *d)
{
    fprintf(k->out, "%s %s/cache%u", (char *) d->word[0].data,
            k->c->scratch->dir, k->files++);
    put_words(k, d, 2);
    put_end(k, d);
}


static void
rule_session(copy_t *k, const rt_nginxconf_t *d)
{
    unsigned  i;

    fputs("rtauth_session", k->out);

    for (i = 1; i < d->nwords; i++) {

        if (rt_str_lit(&d->word[i], "store=cookie")) {
            note(k, "a session is what was known of it last: the provider is "
                    "not asked again, which would use up its refresh token");
        }

        if (!begins(&d->word[i], "store=redis")
            && !begins(&d->word[i], "recheck"))
        {
            put_word(k, d, &d->word[i]);
        }
    }

    /* the longest that there is */

    fputs(" recheck=366d", k->out);
    put_end(k, d);
}


static void
rule_sink(copy_t *k, const rt_nginxconf_t *d)
{
    fputs("rtaudit_sink", k->out);
    put_word(k, d, &d->word[1]);
    fprintf(k->out, " file:%s/audit/%u", k->c->scratch->dir, k->c->sinks++);
    put_end(k, d);
}


/* a journal is copied: what the copy does to it is nobody's */

static void
copy_state(copy_t *k, const rt_str_t *from, char *to)
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

    if (in == -1 || fstat(in, &st) != 0 || !S_ISREG(st.st_mode)) {
        note(k, "a state= could not be read: what was revoked or pushed is not "
                "known");

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

    if (out == -1 || (geteuid() == 0 && fchown(out, k->uid, k->c->gid) != 0)) {
        k->why = "a state= could not be copied";
    }

    close(in);

    if (out != -1) {
        close(out);
    }
}


static void
rule_zone(copy_t *k, const rt_nginxconf_t *d)
{
    char      name[32], path[RT_SCRATCH_PATH];
    rt_str_t  from;
    unsigned  i, kept;

    kept = 0;

    fprintf(k->out, "%s", (char *) d->word[0].data);

    for (i = 1; i < d->nwords; i++) {

        if (!begins(&d->word[i], "state=")) {
            put_word(k, d, &d->word[i]);
            continue;
        }

        from.data = d->word[i].data + sizeof("state=") - 1;
        from.len = d->word[i].len - (sizeof("state=") - 1);

        if (from.len == 0 || from.data[0] != '/') {
            note(k, "a state= with a path that does not begin with / is not "
                    "looked at");
            from.len = 0;
        }

        kept = 1;
        snprintf(name, sizeof(name), "state/%u", k->files++);
        rt_scratch_path(k->c->scratch, name, path);

        if (from.len) {
            copy_state(k, &from, path);
        }

        fprintf(k->out, " state=%s", path);
    }

    /* what Redis keeps needs another place where there is none */

    if (!kept && is(d, "rtauth_zone") && own(d->parent, "rtauth_redis")) {
        fprintf(k->out, " state=%s/state/%u", k->c->scratch->dir, k->files++);
    }

    put_end(k, d);
}


/* "8080" and "0.0.0.0:8080" are "*:8080" */

void
rt_explain_address(char *text, size_t size, const rt_str_t *address)
{
    int                   n;
    const unsigned char  *p, *port;

    n = (int) address->len;
    p = address->data;
    port = memchr(p, ':', address->len);

    if (begins(address, "unix:")) {
        snprintf(text, size, "%.*s", n, p);

    } else if (begins(address, "0.0.0.0:")) {
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


static unsigned
listens(copy_t *k, rt_str_t address)
{
    char                  text[RT_EXPLAIN_ADDRESS], *port;
    unsigned              i;
    rt_explain_listen_t  *l;

    rt_explain_address(text, sizeof(text), &address);

    for (i = 0; i < k->c->nlistens; i++) {
        if (rt_str_is(&k->c->listen[i].address, text, strlen(text))) {
            return i;
        }
    }

    if (i == RT_EXPLAIN_LISTENS) {
        k->why = "too many addresses are listened on";
        return 0;
    }

    l = &k->c->listen[k->c->nlistens++];
    l->address.data = (unsigned char *) strdup(text);
    l->address.len = strlen(text);
    port = strrchr(text, ':');
    l->port = begins(&address, "unix:") ? 0 : (unsigned) atoi(port + 1);

    if (l->address.data == NULL) {
        k->why = "no memory";
    }

    return i;
}


static int
is_quic(const rt_nginxconf_t *d)
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
rule_listen(copy_t *k, const rt_nginxconf_t *d)
{
    unsigned  i, n;

    if (is_quic(d)) {
        return;
    }

    n = listens(k, d->word[1]);

    fprintf(k->out, "listen unix:%s/in/%u", k->c->scratch->dir, n);

    for (i = 2; i < d->nwords; i++) {

        if (rt_str_lit(&d->word[i], "ssl")) {
            k->c->listen[n].tls = 1;
            fputs(" ssl", k->out);
        }

        if (begins(&d->word[i], "default")) {
            fputs(" default_server", k->out);
        }

        if (rt_str_lit(&d->word[i], "proxy_protocol")) {
            note(k, "the PROXY protocol is not spoken");
        }
    }

    putc(';', k->out);
    newline(k, d);
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
    { "working_directory", rule_drop },
    { NULL, NULL }
};


/* -- levels */


static int
somewhere(const rt_nginxconf_t *level, const char *name)
{
    const rt_nginxconf_t  *d;

    for (d = level->child; d; d = d->next) {
        if (is(d, name) || somewhere(d, name)) {
            return 1;
        }
    }

    return 0;
}


/* bodies go to the folder also where nginx has paths of its own for them */

static void
write_temp(copy_t *k, const rt_nginxconf_t *http)
{
    char    name[40], without[40];
    size_t  i;

    static const char  *of[] = { "client_body", "fastcgi", "proxy", "scgi",
                                 "uwsgi" };

    for (i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
        snprintf(name, sizeof(name), "%s_temp_path", of[i]);
        snprintf(without, sizeof(without), "--without-http_%s_module", of[i]);

        if (own(http, name) == NULL
            && !(k->c->said->build.len
                 && strstr((char *) k->c->said->build.data, without)))
        {
            fprintf(k->out, "%s %s/temp%u;", name, k->c->scratch->dir,
                    k->files++);
            newline(k, http);
        }
    }
}


/* what is said of the request, for rt to read: JSON in a line */

static void
write_http(copy_t *k, const rt_nginxconf_t *http)
{
    rt_explain_conf_t  *c;

    c = k->c;

    fputs("uninitialized_variable_warn off;", k->out);
    newline(k, http);
    fputs("log_format rt_explain escape=json '{\"places\":\"$rt_explain_way\","
          "\"status\":$status,\"uri\":\"$uri\",\"from\":\"$remote_addr\"",
          k->out);

    if (c->merged->http[RT_MERGED_AUTH].json) {
        fputs(",\"result\":\"$rtauth_result\",\"user\":\"$rtauth_user\","
              "\"provider\":\"$rtauth_provider\","
              "\"groups\":\"$rtauth_groups_list\","
              "\"permission\":\"$rtauth_permission\","
              "\"event\":\"$rtauth_event\"", k->out);
    }

    fputs("}';", k->out);
    newline(k, http);
    fprintf(k->out, "access_log %s/" RT_EXPLAIN_WAY " rt_explain;",
            c->scratch->dir);
    newline(k, http);
    write_temp(k, http);

    if (somewhere(http, "real_ip_header")) {
        note(k, "the client's address is that of a socket, and the headers "
                "that say another one do not count");

    } else if (c->said->build.len
               && strstr((char *) c->said->build.data,
                         "http_realip_module"))
    {
        c->counted = 1;
        fprintf(k->out, "set_real_ip_from unix:; real_ip_header %s;",
                c->from);
        newline(k, http);

    } else {
        note(k, "the client's address is \"unix:\", for this nginx has no "
                "realip module");
    }
}


static void
write_place(copy_t *k, const rt_nginxconf_t *at)
{
    const rt_nginxconf_t  *d;

    static const rt_str_t  any = rt_string("80");

    k->place++;

    if (is(at, "limit_except")) {
        note(k, "a limit_except does not say that a request came by it");

    } else {
        fprintf(k->out, "set $rt_explain_way \"${rt_explain_way} %u\";",
                k->place - 1);
        newline(k, at);
    }

    if (is(at, "server") && own(at, "listen") == NULL) {
        fprintf(k->out, "listen unix:%s/in/%u;", k->c->scratch->dir,
                listens(k, any));
        newline(k, at);

    } else if (is(at, "server")) {

        for (d = own(at, "listen"); d && is_quic(d);
             d = from(d->next, "listen"))
        {
            /* void */
        }

        /* nginx would listen on port 80 where nothing is said */

        if (d == NULL) {
            note(k, "a server that speaks QUIC alone is not asked");
            fprintf(k->out, "listen unix:%s/in/quic%u;", k->c->scratch->dir,
                    k->place);
            newline(k, at);
        }
    }
}


/* other blocks have words of their own: "map" may have one that is "pid" */

static int
has_directives(const rt_nginxconf_t *level)
{
    return level->nwords == 0 || is(level, "http") || is(level, "location")
           || is(level, "if") || is(level, "limit_except")
           || (is(level, "server") && is(level->parent, "http"));
}


/* outside of http, what neither listens nor writes */

static int
is_core(const rt_nginxconf_t *d)
{
    size_t  i;

    static const char  *core[] = {
        "env", "http", "load_module", "pcre_jit", "ssl_engine",
        "ssl_object_cache_inheritable", "thread_pool", "timer_resolution",
        "user", "worker_rlimit_nofile", "worker_shutdown_timeout"
    };

    for (i = 0; i < sizeof(core) / sizeof(core[0]); i++) {
        if (is(d, core[i])) {
            return 1;
        }
    }

    return 0;
}


static void
write_one(copy_t *k, const rt_nginxconf_t *d)
{
    size_t           i;
    const rt_str_t  *name;

    name = &d->word[0];

    if (!has_directives(d->parent)) {
        put_words(k, d, 0);
        put_end(k, d);
        return;
    }

    if (memmem(name->data, name->len, "_by_lua", 7)) {
        rule_other(k, d);
        return;
    }

    if (begins(name, "otel_")) {
        return;
    }

    for (i = 0; rules[i].name; i++) {
        if (is(d, rules[i].name) && !(d->block && rules[i].rule == rule_pass)) {
            rules[i].rule(k, d);
            return;
        }
    }

    if (d->parent->nwords == 0 && !is_core(d)) {
        note(k, "what stands outside of http and is not of nginx's core is "
                "not in the copy");
        return;
    }

    /* nginx looks for names of directives without quotes as with them */

    put_words(k, d, 0);
    put_end(k, d);
}


static void
write_level(copy_t *k, const rt_nginxconf_t *level)
{
    const rt_nginxconf_t  *d;

    if (level->nwords == 0) {
        /* void */

    } else if (is(level, "http")) {
        write_http(k, level);

    } else if (is(level, "server") && is(level->parent, "http")) {
        write_place(k, level);

    } else if (is(level, "location") || is(level, "if")
               || is(level, "limit_except"))
    {
        write_place(k, level);
    }

    for (d = level->child; d && k->why == NULL; d = d->next) {
        write_one(k, d);
    }
}


/* -- the folder */


/* the value of an option that nginx was built with, or another text */

static void
built_with(const copy_t *k, const char *option, const char *other, char *name,
    size_t size)
{
    char  *p;

    p = k->c->said->build.len
        ? strstr((char *) k->c->said->build.data, option) : NULL;

    if (p) {
        p += strlen(option);
        snprintf(name, size, "%.*s", (int) strcspn(p, " \n"), p);

    } else {
        snprintf(name, size, "%s", other);
    }
}


/* who workers are: "user" of the configuration, or of the build */

static void
find_user(copy_t *k, const rt_nginxconf_t *root)
{
    char                   name[64], group[64];
    struct group          *gr;
    struct passwd         *pw;
    const rt_nginxconf_t  *d;

    d = own(root, "user");

    if (d && d->nwords > 1) {
        snprintf(name, sizeof(name), "%s", (char *) d->word[1].data);
        snprintf(group, sizeof(group), "%s",
                 (char *) d->word[d->nwords - 1].data);

    } else {
        built_with(k, "--user=", "nobody", name, sizeof(name));
        built_with(k, "--group=", name, group, sizeof(group));
    }

    pw = getpwnam(name);
    gr = getgrnam(group);

    k->uid = pw ? pw->pw_uid : geteuid();
    k->c->gid = gr ? gr->gr_gid : pw ? pw->pw_gid : getegid();
}


/* what is in one folder is found in one of ours, too */

static int
link_folder(copy_t *k, const char *from, const char *into)
{
    int             rc;
    DIR            *dir;
    char            path[RT_SCRATCH_PATH], to[RT_SCRATCH_PATH];
    struct dirent  *entry;

    dir = opendir(from);

    if (dir == NULL) {
        return -1;
    }

    for (rc = 0; rc == 0 && (entry = readdir(dir)) != NULL; /* void */) {

        if (strcmp(entry->d_name, ".") == 0
            || strcmp(entry->d_name, "..") == 0)
        {
            continue;
        }

        if (snprintf(path, sizeof(path), "%s/%s", from, entry->d_name)
            >= (int) sizeof(path)
            || snprintf(to, sizeof(to), "%s/%s/%s", k->c->scratch->dir, into,
                        entry->d_name)
               >= (int) sizeof(to))
        {
            rc = -1;
            break;
        }

        rc = symlink(path, to);
    }

    closedir(dir);

    return rc;
}


/*
 * Files that are named from the configuration's folder, or the one above, are
 * found; nginx -T begins with the file that it was started with.
 */

static int
link_folders(copy_t *k)
{
    char         from[RT_SCRATCH_PATH], *p, *end, *slash;
    const char  *text;

    static const char  begin[] = "# configuration file ";

    text = k->c->said->text.len ? (char *) k->c->said->text.data : "";
    p = memmem(text, k->c->said->text.len, begin, sizeof(begin) - 1);
    end = p ? memchr(p, '\n', k->c->said->text.len - (size_t) (p - text))
            : NULL;

    if (end == NULL) {
        return -1;
    }

    p += sizeof(begin) - 1;
    snprintf(from, sizeof(from), "%.*s", (int) (end - p), p);
    slash = strrchr(from, '/');

    if (slash == NULL) {
        return -1;
    }

    *slash = '\0';

    if (link_folder(k, from, "up/rt-explain") != 0) {
        return -1;
    }

    slash = strrchr(from, '/');

    if (slash) {
        slash[slash == from] = '\0';
        (void) link_folder(k, from, "up");
    }

    return 0;
}


/* workers open files by their names, which they need not know */

static int
let_through(const copy_t *k, const char *path)
{
    return geteuid() != 0
           || (chown(path, 0, k->c->gid) == 0 && chmod(path, 0710) == 0);
}


static const char *
make_folder(copy_t *k)
{
    size_t  i;
    char    path[RT_SCRATCH_PATH];

    static const char  *folders[] = { "up", "up/rt-explain", "in", "log",
                                      "state", "audit" };

    for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        rt_scratch_path(k->c->scratch, folders[i], path);

        if (mkdir(path, 0700) != 0
            || (i > 3 && geteuid() == 0 && chown(path, k->uid, k->c->gid) != 0)
            || (i < 2 && !let_through(k, path)))
        {
            return strerror(errno);
        }
    }

    if (link_folders(k) != 0) {
        return "the folder of the configuration cannot be read";
    }

    /* workers go through it, to what is theirs and to our socket */

    return let_through(k, k->c->scratch->dir) ? NULL : strerror(errno);
}


const char *
rt_explain_conf(rt_explain_conf_t *c, const rt_nginxconf_t *root)
{
    int          fd;
    char         path[RT_SCRATCH_PATH];
    copy_t       k;
    const char  *why;

    memset(&k, 0, sizeof(copy_t));
    k.c = c;

    find_user(&k, root);
    why = make_folder(&k);

    if (why) {
        return why;
    }

    fd = open(rt_scratch_path(c->scratch, RT_EXPLAIN_CONF, path),
              O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0600);
    k.out = fd == -1 ? NULL : fdopen(fd, "w");

    if (k.out == NULL) {
        return strerror(errno);
    }

    /* modules are loaded before anything else is said */

    write_level(&k, root);

    fprintf(k.out, "daemon off; worker_processes 1; pid %s/pid; "
            "error_log %s/" RT_EXPLAIN_LOG " info; "
            "events { worker_connections 1024; }",
            c->scratch->dir, c->scratch->dir);
    newline(&k, root->child ? root->child : root);

    if (fclose(k.out) != 0 && k.why == NULL) {
        k.why = strerror(errno);
    }

    return k.why;
}
