
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "rt_check_tree.h"
#include "rt_copy_conf.h"
#include "rt_copy_folder.h"
#include "rt_copy_rules.h"


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


/* Bodies go to our folder also where nginx has a path of its own for them. */

static void
write_temp(rt_copy_t *k, const rt_nginxconf_t *http)
{
    char    name[40], without[40];
    size_t  i;

    static const char  *of[] = { "client_body", "fastcgi", "proxy", "scgi",
                                 "uwsgi" };

    for (i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
        snprintf(name, sizeof(name), "%s_temp_path", of[i]);
        snprintf(without, sizeof(without), "--without-http_%s_module", of[i]);

        if (own(http, name) == NULL
            && !(k->said->build.len
                 && strstr((char *) k->said->build.data, without)))
        {
            fprintf(k->out, "%s %s/temp%u;", name, k->scratch->dir,
                    k->files++);
            rt_copy_line(k, http);
        }
    }
}


/* nginx writes a line of JSON about the request, which rt reads. */

static void
write_http(rt_copy_t *k, const rt_nginxconf_t *http)
{
    fputs("uninitialized_variable_warn off;", k->out);
    rt_copy_line(k, http);
    fputs("log_format rt_explain escape=json '{\"places\":\"$rt_explain_way\","
          "\"status\":$status,\"uri\":\"$uri\",\"from\":\"$remote_addr\"",
          k->out);

    if (k->merged->http[RT_MERGED_AUTH].json) {
        fputs(",\"result\":\"$rtauth_result\",\"user\":\"$rtauth_user\","
              "\"provider\":\"$rtauth_provider\","
              "\"groups\":\"$rtauth_groups_list\","
              "\"permission\":\"$rtauth_permission\","
              "\"event\":\"$rtauth_event\"", k->out);
    }

    fputs("}';", k->out);
    rt_copy_line(k, http);
    fprintf(k->out, "access_log %s/" RT_COPY_WAY " rt_explain;",
            k->scratch->dir);
    rt_copy_line(k, http);
    write_temp(k, http);

    if (somewhere(http, "real_ip_header")) {
        rt_copy_note(k, "the client's address is that of a socket, and the "
                        "headers that say another one do not count");

    } else if (k->said->build.len
               && strstr((char *) k->said->build.data,
                         "http_realip_module"))
    {
        k->counted = 1;
        fprintf(k->out, "set_real_ip_from unix:; real_ip_header %s;",
                k->from);
        rt_copy_line(k, http);

    } else {
        rt_copy_note(k, "the client's address is \"unix:\", for this nginx has "
                        "no realip module");
    }
}


static void
write_place(rt_copy_t *k, const rt_nginxconf_t *at)
{
    const rt_nginxconf_t  *d;

    static const rt_str_t  any = rt_string("80");

    k->place++;

    if (is(at, "limit_except")) {
        rt_copy_note(k, "a limit_except does not say that a request came by "
                        "it");

    } else {
        fprintf(k->out, "set $rt_explain_way \"${rt_explain_way} %u\";",
                k->place - 1);
        rt_copy_line(k, at);
    }

    if (is(at, "server") && own(at, "listen") == NULL) {
        fprintf(k->out, "listen unix:%s/in/%u;", k->scratch->dir,
                rt_copy_listens(k, any));
        rt_copy_line(k, at);

    } else if (is(at, "server")) {

        for (d = own(at, "listen"); d && rt_copy_is_quic(d);
             d = from(d->next, "listen"))
        {
            /* void */
        }

        /* a server without a "listen" would listen on port 80 */

        if (d == NULL) {
            rt_copy_note(k, "a server that speaks QUIC alone is not asked");
            fprintf(k->out, "listen unix:%s/in/quic%u;", k->scratch->dir,
                    k->place);
            rt_copy_line(k, at);
        }
    }
}


/* Directives outside of http that neither listen nor write. */

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
write_one(rt_copy_t *k, const rt_nginxconf_t *d)
{
    if (!has_directives(d->parent)) {
        rt_copy_words(k, d, 0);
        rt_copy_end(k, d);
        return;
    }

    if (rt_copy_rule(k, d)) {
        return;
    }

    if (d->parent->nwords == 0 && !is_core(d)) {
        rt_copy_note(k, "what stands outside of http and is not of nginx's "
                        "core is not in the copy");
        return;
    }

    /* nginx knows the name of a directive in quotes as well */

    rt_copy_words(k, d, 0);
    rt_copy_end(k, d);
}


static void
write_level(rt_copy_t *k, const rt_nginxconf_t *level)
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


const char *
rt_copy_conf(rt_copy_t *k, const rt_nginxconf_t *root)
{
    int          fd;
    char         path[RT_SCRATCH_PATH];
    const char  *why;

    why = rt_copy_folder(k, root);
    if (why) {
        return why;
    }

    fd = open(rt_scratch_path(k->scratch, RT_COPY_CONF, path),
              O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0600);
    k->out = fd == -1 ? NULL : fdopen(fd, "w");

    if (k->out == NULL) {
        return strerror(errno);
    }

    /* modules have to be loaded before any other directive */

    k->level = write_level;
    write_level(k, root);

    fprintf(k->out, "daemon off; worker_processes 1; pid %s/pid; "
            "error_log %s/" RT_COPY_LOG " info; "
            "events { worker_connections 1024; }",
            k->scratch->dir, k->scratch->dir);
    rt_copy_line(k, root->child ? root->child : root);

    if (fclose(k->out) != 0 && k->why == NULL) {
        k->why = strerror(errno);
    }

    return k->why;
}
