
/*
 * rt explain: which location and which rule decides about a request, and why.
 *
 * There is no second engine: nginx is run with a copy of the configuration, and
 * what it did with the request is read from what it says itself.
 */

#include <errno.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rt.h"
#include "rt_check_places.h"
#include "rt_check_tree.h"
#include "rt_explain_ask.h"
#include "rt_explain_conf.h"
#include "rt_input.h"
#include "rt_nginx.h"
#include "rt_term.h"
#include "rt_words.h"
#include "text/rt_field.h"
#include "text/rt_uri.h"


#define STOP  5                     /* seconds that nginx may take to end */


typedef struct {
    rt_mem_t           *mem;
    rt_nginx_t          nginx;
    const char         *url;
    const char         *token;      /* a file */
    const char         *data;       /* likewise */
    const char         *listen;
    int                 json;

    rt_scratch_t        scratch;
    rt_nginx_said_t     said;
    rt_merged_t         merged;
    rt_check_t          check;
    rt_explain_conf_t   conf;
    rt_explain_ask_t    ask;
    unsigned            port;
    char                from[40];   /* a header that nobody else can send */

    char                head[RT_EXPLAIN_HEAD];
    rt_str_t            log;        /* of nginx */
    rt_str_t            event;      /* what would be logged, or empty */
    char                copy[RT_SCRATCH_PATH];  /* of the configuration */
    unsigned            reached;    /* unsigned reached:1; an application */
    rt_json_t          *way;        /* what nginx says of the request */
    rt_jsonw_t          w;          /* with --json */
} explain_t;


static const char *
read_all(const char *name, rt_str_t *text)
{
    FILE        *in;
    const char  *why;

    in = fopen(name, "re");
    if (in == NULL) {
        return strerror(errno);
    }

    why = rt_input_all(in, text);
    fclose(in);

    return why;
}


/* -- what is asked */


/* "https://host:port/path?args" */

static const char *
read_url(explain_t *e)
{
    char         *end;
    size_t        len;
    const char   *p, *slash;

    p = e->url;

    if (strncmp(p, "https://", 8) == 0) {
        e->ask.tls = 1;
        e->port = 443;
        p += 8;

    } else if (strncmp(p, "http://", 7) == 0) {
        e->port = 80;
        p += 7;

    } else {
        return "--url begins with http:// or https://";
    }

    for (end = (char *) p; *end; end++) {
        if ((unsigned char) *end <= 0x20 || *end == 0x7f) {
            return "--url has a blank in it";
        }
    }

    len = strcspn(p, "/?#");
    slash = p + len;

    e->ask.host.data = (unsigned char *) p;
    e->ask.host.len = len;
    e->ask.name = e->ask.host;

    for (end = (char *) slash; end > p && end[-1] >= '0' && end[-1] <= '9';
         end--)
    {
        /* void */
    }

    if (end > p && end[-1] == ':' && end < slash) {
        e->port = (unsigned) atoi(end);
        e->ask.name.len = (size_t) (end - 1 - p);
    }

    if (e->ask.name.len == 0 || memchr(p, '@', len)) {
        return "--url names a host, and nobody before it";
    }

    e->ask.target.data = (unsigned char *) (*slash == '/' ? slash : "/");
    e->ask.target.len = *slash == '/' ? strcspn(slash, "#") : 1;

    return NULL;
}


/* one that could begin another header, or that is ours to say, is refused */

static const char *
read_header(explain_t *e, const char *header)
{
    size_t  i, len;

    len = strcspn(header, ":");

    if (header[len] != ':' || len == 0 || strpbrk(header, "\r\n")) {
        return "write --header 'Name: value', or --header @FILE";
    }

    static const char  *ours[] = { "host", "connection", "content-length",
                                   "transfer-encoding" };

    for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        if (strlen(ours[i]) == len && strncasecmp(ours[i], header, len) == 0) {
            return "Host comes from --url, and lengths from --data";
        }
    }

    if (e->ask.nheaders == RT_EXPLAIN_HEADERS) {
        return "there are too many --header";
    }

    e->ask.header[e->ask.nheaders++] = header;

    return NULL;
}


/* a header, or "@FILE" with one in a line, which no list of processes shows */

static const char *
read_headers(explain_t *e, const char *header)
{
    char        *line;
    rt_str_t     rest, part;
    const char  *why;

    if (header[0] != '@') {
        return read_header(e, header);
    }

    why = read_all(header + 1, &rest);

    while (why == NULL && rt_field_part(&rest, '\n', &part)) {

        if (part.len == 0) {
            continue;
        }

        line = strndup((char *) part.data, part.len);
        why = line ? read_header(e, line) : "no memory";
    }

    return why;
}


static const char *
read_secret(explain_t *e)
{
    size_t       i;
    const char  *why;

    why = read_all(e->token, &e->ask.token);
    if (why) {
        return why;
    }

    while (e->ask.token.len
           && e->ask.token.data[e->ask.token.len - 1] <= 0x20)
    {
        e->ask.token.len--;
    }

    for (i = 0; i < e->ask.token.len; i++) {
        if (e->ask.token.data[i] < 0x20) {
            return "the token has more than one line";
        }
    }

    return e->ask.token.len ? NULL : "there is no token in the file";
}


/* ret: the socket of the address that the request comes to; -1 */

static int
find_listen(explain_t *e)
{
    int                         found;
    char                        text[RT_EXPLAIN_ADDRESS];
    rt_str_t                    named;
    unsigned                    i;
    const rt_explain_listen_t  *l;

    if (e->listen) {
        named.data = (unsigned char *) e->listen;
        named.len = strlen(e->listen);
        rt_explain_address(text, sizeof(text), &named);
    }

    for (i = 0, found = -1; i < e->conf.nlistens; i++) {
        l = &e->conf.listen[i];

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


/* ends what we started, by its pid: first so that it writes what it knows */

static void
stop(pid_t pid, int sig)
{
    kill(pid, sig);
    (void) rt_scratch_wait(pid, STOP);
}


static const char *
run(explain_t *e)
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

    if (e->conf.listen[at].tls != e->ask.tls) {
        return e->ask.tls ? "that address has no TLS: write http://, or "
                            "--listen"
                          : "that address has TLS: write https://, or --listen";
    }

    app = rt_explain_app(&e->scratch, e->conf.gid, &reached);
    if (app == -1) {
        return strerror(errno);
    }

    n = 0;
    argv[n++] = (char *) (e->nginx.nginx ? e->nginx.nginx : "nginx");
    argv[n++] = "-c";
    argv[n++] = e->copy;
    argv[n++] = "-e";
    argv[n++] = rt_scratch_path(&e->scratch, RT_EXPLAIN_LOG, log);

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


/* -- what it says */


static const char *
read_said(explain_t *e)
{
    char                         name[32];
    size_t                       err;
    rt_str_t                     text, line;
    unsigned                     i;

    static const rt_json_opts_t  opts = { RT_JSON_REPAIR, 16, 10000 };

    (void) rt_scratch_read(&e->scratch, RT_EXPLAIN_LOG, &e->log);

    for (i = 0; i < e->conf.sinks && e->event.len == 0; i++) {
        snprintf(name, sizeof(name), "audit/%u", i);

        if (rt_scratch_read(&e->scratch, name, &text) != 0) {
            continue;
        }

        /* the first that is of a request: rtaudit has some of its own */

        while (e->event.len == 0 && rt_field_part(&text, '\n', &line)) {
            if (memmem(line.data, line.len, "\"actionType\":\"AUDIT_", 20)
                == NULL)
            {
                e->event = line;
            }
        }
    }

    if (rt_scratch_read(&e->scratch, RT_EXPLAIN_WAY, &text) != 0
        || !rt_field_part(&text, '\n', &line)
        || rt_json_parse(e->mem, &line, &opts, &e->way, &err) != RT_OK)
    {
        return "nginx did not say what it did with the request";
    }

    return NULL;
}


static const rt_place_t *
place_at(const explain_t *e, unsigned number)
{
    const rt_place_t  *p;

    for (p = e->merged.places; p && number; p = p->next) {
        number--;
    }

    return p;
}


/* calls put for each place that the request came by; ret: the last one */

static const rt_place_t *
each_place(explain_t *e, void (*put)(explain_t *e, const rt_place_t *p))
{
    char              *p, *end;
    rt_str_t           way;
    const rt_place_t  *place, *last;

    way = rt_merged_str(e->way, "places");
    p = strndup((char *) way.data, way.len);

    for (last = NULL, end = p; p && *end; /* void */) {
        place = place_at(e, (unsigned) strtoul(end, &end, 10));

        if (place) {
            put(e, place);
            last = place;
        }

        end += strspn(end, " ");
    }

    free(p);

    return last;
}


static void
note_asked(explain_t *e, const rt_place_t *p)
{
    if (is_on(p->at, "auth_request")) {
        rt_explain_note(&e->conf, "an auth_request that is passed on is "
                        "answered 200 by rt, and not by who is asked: it lets "
                        "everybody in");
    }
}


/* the value of a header of the answer; ret: 1; 0: there is none behind it */

static int
next_header(const char **p, const char *name, rt_str_t *value)
{
    size_t       len;
    const char  *line, *end;

    len = strlen(name);

    for (line = *p; line && *line && *line != '\r'; line = end + 2) {
        end = strstr(line, "\r\n");

        if (end == NULL) {
            return 0;
        }

        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            value->data = (unsigned char *) line + len + 1;
            value->len = (size_t) (end - line) - len - 1;
            *value = rt_field_trim(value);
            *p = end + 2;
            return 1;
        }
    }

    return 0;
}


static const char  *headers[] = {
    "Location", "WWW-Authenticate", "Content-Security-Policy",
    "Content-Security-Policy-Report-Only", "Strict-Transport-Security"
};


/*
 * A line of nginx's log about the request, from behind "*N " to ", client: ";
 * a place in the copy is told as the place that it is a copy of.
 */

static int
next_reason(explain_t *e, rt_str_t *rest, char *out, size_t size)
{
    char                  *p, *end, *at, *conf;
    size_t                 len;
    rt_str_t               line;
    unsigned               n;
    const rt_nginxconf_t  *d;

    len = strlen(e->copy);

    while (rt_field_part(rest, '\n', &line)) {
        p = memmem(line.data, line.len, ": *", 3);
        p = p ? memchr(p + 3, ' ', line.len - (size_t) (p + 3
                                               - (char *) line.data)) : NULL;
        end = memmem(line.data, line.len, ", client: ", 10);

        if (p == NULL || end == NULL || end <= p
            || memmem(line.data, line.len, " closed keepalive", 17))
        {
            continue;
        }

        snprintf(out, size, "%.*s", (int) (end - p - 1), p + 1);
        conf = strstr(out, e->copy);

        if (conf && conf[len] == ':') {
            n = (unsigned) strtoul(conf + len + 1, &at, 10);
            d = n && n <= e->conf.lines ? e->conf.at[n - 1] : NULL;
            end = strdup(at);

            if (d && end) {
                snprintf(conf, size - (size_t) (conf - out), "%.*s:%u%s",
                         (int) d->file.len, d->file.data, d->line, end);
            }

            free(end);
        }

        return 1;
    }

    return 0;
}


static void
put_text(const char *name, rt_str_t text)
{
    if (text.len) {
        printf("  %-10s ", name);
        rt_term_text(&text);
        printf("\n");
    }
}


static void
put_member(const explain_t *e, const char *name)
{
    put_text(name, rt_merged_str(e->way, name));
}


static void
put_place(explain_t *e, const rt_place_t *p)
{
    rt_str_t  label;

    label = rt_check_label(&e->check, p->at);

    printf("  %-10s ", (char *) p->at->word[0].data);
    rt_term_text(&label);
    printf(" (");
    rt_term_text(&p->at->file);
    printf(":%u)\n", p->at->line);
}


static void
print_text(explain_t *e)
{
    char               reason[4096];
    size_t             i;
    rt_str_t           value, rest;
    unsigned           k;
    const char        *p;
    const rt_place_t  *last;

    printf("%s ", e->ask.method);
    value.data = (unsigned char *) e->url;
    value.len = strlen(e->url);
    rt_term_text(&value);
    printf("\n");

    last = each_place(e, put_place);

    if (last) {
        rt_check_place(last, "    ");
    }

    put_member(e, "result");
    put_member(e, "user");
    put_member(e, "provider");
    put_member(e, "groups");
    put_member(e, "permission");
    put_member(e, "event");

    for (rest = e->log; next_reason(e, &rest, reason, sizeof(reason)); ) {
        value.data = (unsigned char *) reason;
        value.len = strlen(reason);
        put_text("because", value);
    }

    value.data = (unsigned char *) e->head;
    value.len = strcspn(e->head, "\r\n");
    put_text("answer", value);

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        for (p = e->head; next_header(&p, headers[i], &value); /* void */) {
            printf("    %s: ", headers[i]);
            rt_term_text(&value);
            printf("\n");
        }
    }

    put_text("reached", e->reached
                        ? (rt_str_t) rt_string("the application (rt in its "
                                               "place, which answers 200)")
                        : (rt_str_t) rt_string("no application"));
    put_text("logged", e->event);

    for (k = 0; k < e->conf.nnotes; k++) {
        printf("  %-10s %s\n", "note", e->conf.note[k]);
    }
}


static void
json_place(explain_t *e, const rt_place_t *p)
{
    rt_str_t     label;
    rt_jsonw_t  *w;

    w = &e->w;
    label = rt_check_label(&e->check, p->at);

    rt_jsonw_open(w, '{');
    rt_jsonw_lit(w, "location");
    rt_jsonw_str(w, &label);
    rt_jsonw_lit(w, "file");
    rt_jsonw_str(w, &p->at->file);
    rt_jsonw_lit(w, "line");
    rt_jsonw_uint(w, p->at->line);
    rt_jsonw_close(w, '}');
}


static void
json_str(rt_jsonw_t *w, const char *name, rt_str_t value)
{
    rt_jsonw_name(w, name, strlen(name));
    rt_jsonw_str(w, &value);
}


static void
json_reasons(explain_t *e)
{
    char         reason[4096];
    rt_str_t     value, rest;
    rt_jsonw_t  *w;

    w = &e->w;

    rt_jsonw_lit(w, "because");
    rt_jsonw_open(w, '[');

    for (rest = e->log; next_reason(e, &rest, reason, sizeof(reason)); ) {
        value.data = (unsigned char *) reason;
        value.len = strlen(reason);
        rt_jsonw_str(w, &value);
    }

    rt_jsonw_close(w, ']');
}


static void
json_headers(explain_t *e)
{
    size_t       i;
    rt_str_t     value;
    rt_jsonw_t  *w;
    const char  *p;

    w = &e->w;

    rt_jsonw_lit(w, "headers");
    rt_jsonw_open(w, '[');

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        for (p = e->head; next_header(&p, headers[i], &value); /* void */) {
            rt_jsonw_open(w, '{');
            json_str(w, "name", (rt_str_t) { strlen(headers[i]),
                                          (unsigned char *) headers[i] });
            json_str(w, "value", value);
            rt_jsonw_close(w, '}');
        }
    }

    rt_jsonw_close(w, ']');
}


static int
print_json(explain_t *e)
{
    size_t             i;
    rt_str_t           value;
    unsigned           k;
    rt_jsonw_t        *w;

    static const char  *members[] = { "uri", "from", "result", "user",
                                      "provider", "groups", "permission" };

    w = &e->w;

    if (!rt_term_json_open(w, e->mem)) {
        return 0;
    }

    json_str(w, "method", (rt_str_t) { strlen(e->ask.method),
                                       (unsigned char *) e->ask.method });
    json_str(w, "url", (rt_str_t) { strlen(e->url),
                                    (unsigned char *) e->url });
    rt_jsonw_lit(w, "places");
    rt_jsonw_open(w, '[');
    each_place(e, json_place);
    rt_jsonw_close(w, ']');

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        json_str(w, members[i], rt_merged_str(e->way, members[i]));
    }

    value = rt_merged_str(e->way, "event");

    if (value.len) {
        rt_jsonw_lit(w, "event");
        rt_jsonw_raw(w, &value);
    }

    json_reasons(e);

    value = rt_json_member(e->way, "status")->str;
    rt_jsonw_lit(w, "status");
    rt_jsonw_raw(w, &value);
    json_headers(e);
    rt_jsonw_lit(w, "reached");
    rt_jsonw_bool(w, (int) e->reached);

    if (e->event.len) {
        rt_jsonw_lit(w, "logged");
        rt_jsonw_raw(w, &e->event);
    }

    rt_jsonw_lit(w, "notes");
    rt_jsonw_open(w, '[');

    for (k = 0; k < e->conf.nnotes; k++) {
        value.data = (unsigned char *) e->conf.note[k];
        value.len = strlen(e->conf.note[k]);
        rt_jsonw_str(w, &value);
    }

    rt_jsonw_close(w, ']');

    return rt_term_json_close(w);
}


/* -- the verb */


static int
failed(const char *what, const char *why)
{
    rt_term_warning("rt explain: %s%s%s\n", what, *what ? ": " : "", why);

    return RT_EXIT_FAILED;
}


/* the path of an address of sign-in, which a client's name makes count */

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


/* the copy would use up the code, or sign the person out */

static const char *
refuse_sign_in(explain_t *e, const rt_nginxconf_t *root)
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
prepare(explain_t *e)
{
    rt_str_t         file, err;
    rt_status_e      rc;
    unsigned char    random[12];
    unsigned         i;
    const char      *why;
    rt_nginxconf_t  *root;

    static const rt_str_t  none = rt_string("nginx -T");

    if (strpbrk(e->scratch.dir, " \t\r\n;{}\"'\\$:?#%")) {
        return "TMPDIR has a character that means something to nginx";
    }

    if (RAND_bytes(random, sizeof(random)) != 1) {
        return "there is no randomness";
    }

    i = (unsigned) snprintf(e->from, sizeof(e->from), "X-Rt-");

    for (rc = 0; (size_t) rc < sizeof(random); rc++) {
        i += (unsigned) snprintf(e->from + i, sizeof(e->from) - i, "%02x",
                                 random[rc]);
    }

    file = none;
    rc = rt_nginxconf_parse(e->mem, &file, &e->said.text, &root, &err);

    if (rc != RT_OK) {
        return rc == RT_ERROR ? "no memory" : (char *) err.data;
    }

    if (rt_merged(e->mem, root, &e->said.shown, &e->merged) != RT_OK) {
        return "what the modules said does not fit what nginx -T printed";
    }

    why = refuse_sign_in(e, root);
    if (why) {
        return why;
    }

    rt_scratch_path(&e->scratch, RT_EXPLAIN_CONF, e->copy);
    e->check.mem = e->mem;
    e->check.root = root;
    e->conf.mem = e->mem;
    e->conf.scratch = &e->scratch;
    e->conf.said = &e->said;
    e->conf.merged = &e->merged;
    e->conf.from = e->from;

    return rt_explain_conf(&e->conf, root);
}


static int
explain(explain_t *e)
{
    int          code;
    const char  *why;

    if (rt_nginx_ask(&e->nginx, &e->scratch, &e->said) != 0) {
        return RT_EXIT_FAILED;
    }

    why = prepare(e);

    if (why == NULL) {
        e->ask.from = e->conf.counted ? e->from : NULL;
        why = run(e);
    }

    if (why == NULL) {
        why = read_said(e);
    }

    if (why == NULL) {
        each_place(e, note_asked);
    }

    if (why) {
        rt_nginx_pass_on(&e->scratch);
        return failed("", why);
    }

    code = strtoul((char *) rt_json_member(e->way, "status")->str.data, NULL,
                   10) < 400 ? RT_EXIT_OK : RT_EXIT_FOUND;

    /* what is printed is in memory, and whoever reads it may be gone */

    rt_scratch_remove(&e->scratch);

    if (!e->json) {
        print_text(e);

    } else if (!print_json(e)) {
        return failed("", "the answer is too long");
    }

    return fflush(stdout) == 0 ? code : failed("standard output",
                                               strerror(errno));
}


/* takes the --header of the words; ret: how many words are left, or -1 */

static int
take_headers(explain_t *e, int argc, char **argv)
{
    int          i, left;
    const char  *header, *why;

    for (i = 0, left = 0; i < argc; i++) {

        header = strncmp(argv[i], "--header=", 9) == 0 ? argv[i] + 9
                 : strcmp(argv[i], "--header") == 0 && i + 1 < argc
                 ? argv[++i] : NULL;

        if (header == NULL) {
            argv[left++] = argv[i];
            continue;
        }

        why = read_headers(e, header);

        if (why) {
            failed("--header", why);
            return -1;
        }
    }

    return left;
}


int
rt_explain(rt_mem_t *mem, int argc, char **argv)
{
    int                code;
    const char        *why;
    static explain_t   e;

    const rt_option_t  options[] = {
        { "--url", &e.url, NULL },
        { "--method", &e.ask.method, NULL },
        { "--token", &e.token, NULL },
        { "--data", &e.data, NULL },
        { "--from", &e.ask.address, NULL },
        { "--listen", &e.listen, NULL },
        { "--json", NULL, &e.json },
        { "--nginx", &e.nginx.nginx, NULL },
        { "-c", &e.nginx.conf, NULL },
        { "-p", &e.nginx.prefix, NULL }
    };

    e.mem = mem;
    e.nginx.verb = "rt explain";
    e.ask.method = "GET";
    e.ask.address = "127.0.0.1";

    argc = take_headers(&e, argc, argv);

    if (argc == -1
        || rt_words("rt explain", options,
                    sizeof(options) / sizeof(options[0]), argc, argv, NULL)
           != 0)
    {
        return RT_EXIT_FAILED;
    }

    if (e.url == NULL) {
        return failed("", "say which request: --url https://HOST/PATH");
    }

    why = read_url(&e);

    if (why) {
        return failed(e.url, why);
    }

    if (strspn(e.ask.method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        != strlen(e.ask.method)
        || strpbrk(e.ask.address, "\r\n"))
    {
        return failed("--method", "write capitals, such as POST");
    }

    why = e.token ? read_secret(&e) : NULL;

    if (why) {
        return failed(e.token, why);
    }

    why = e.data ? read_all(e.data, &e.ask.body) : rt_scratch(&e.scratch);

    if (why == NULL && e.data) {
        why = rt_scratch(&e.scratch);
    }

    if (why) {
        return failed(e.data ? e.data : "a private folder", why);
    }

    code = explain(&e);

    rt_scratch_remove(&e.scratch);

    return code;
}
