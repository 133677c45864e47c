
/*
 * rt init: a first configuration.
 *
 * It writes below --out and nowhere else, and only what was not there.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "rt.h"
#include "rt_init.h"
#include "rt_input.h"
#include "rt_key_make.h"
#include "rt_newfile.h"
#include "rt_scratch.h"
#include "rt_term.h"
#include "rt_words.h"


#define MAX_FILES    8
#define MAX_FOLDERS  2
#define MAX_LINE     512


/* what was written, and is removed again when a later file cannot be */

typedef struct {
    char        *path[MAX_FILES];
    unsigned     n;
    const char  *folder[MAX_FOLDERS];       /* below --out */
    unsigned     nfolders;
} made_t;


static int
failed(const char *what, const char *why)
{
    rt_term_warning("rt init: %s: %s\n", what, why);

    return RT_EXIT_FAILED;
}


/*
 * Asks a question at a terminal, and reads a line.
 * ret: NULL: nothing came, the line was too long, or a signal came
 */

static char *
answer(const char *question, int hidden)
{
    char            *line;
    size_t           len;
    struct termios   old, off;

    line = calloc(1, MAX_LINE);

    hidden = hidden && tcgetattr(STDIN_FILENO, &old) == 0;

    if (hidden) {
        off = old;
        off.c_lflag &= ~(tcflag_t) ECHO;
        (void) tcsetattr(STDIN_FILENO, TCSAFLUSH, &off);
    }

    rt_term_warning("%s: ", question);

    if (line && (!rt_scratch_readable(STDIN_FILENO)
                 || fgets(line, MAX_LINE, stdin) == NULL))
    {
        line[0] = '\0';
    }

    if (hidden) {
        (void) tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
        fputc('\n', stderr);
    }

    len = line ? strcspn(line, "\r\n") : 0;

    if (len == MAX_LINE - 1) {
        rt_term_warning("rt init: an answer has at most %d bytes\n",
                        MAX_LINE - 2);
        len = 0;
    }

    if (len == 0) {
        free(line);
        return NULL;
    }

    line[len] = '\0';

    return line;
}


/* Asks for what no option said; an empty line leaves it out. */

static void
ask_people(rt_init_t *init)
{
    size_t  i, n;

    const struct {
        const char  **value;
        const char   *question;
    } questions[] = {
        { &init->origin, "What people type, https://tools.example.com" },
        { &init->app, "The application, http://127.0.0.1:3000" },
        { &init->issuer, "The provider's issuer" },
        { &init->client_id, "The client's id, for people who sign in" },
        { &init->audience, "The audience of tokens that requests bring along" },
        { &init->groups_list, "Groups, support=use:/apps/support,"
                              "builders=edit" }
    };

    /* the first two are for every module */
    n = strstr(init->modules, "rtauth")
        ? sizeof(questions) / sizeof(questions[0]) : 2;

    for (i = 0; i < n; i++) {
        if (*questions[i].value == NULL && !rt_scratch_ended) {
            *questions[i].value = answer(questions[i].question, 0);
        }
    }

    if (init->client_id && init->client_secret == NULL) {
        init->client_secret = "-";
    }
}


static int
put_file(made_t *made, const char *path, const rt_str_t *text, unsigned mode,
    const char *group)
{
    const char  *why;

    why = rt_newfile(path, text, mode, group);

    if (why) {
        return failed(path, why);
    }

    made->path[made->n++] = strdup(path);

    return RT_EXIT_OK;
}


static int
put_random(made_t *made, const rt_init_t *init, const char *name,
    const char *group)
{
    int             rc;
    char            path[MAX_LINE * 2];
    rt_str_t        text;
    unsigned char   bytes[RT_KEY_SECRET];

    (void) snprintf(path, sizeof(path), "%s/rt/%s", init->out, name);

    if (!rt_key_secret(bytes)) {
        return failed(path, "OpenSSL has no randomness");
    }

    text.data = bytes;
    text.len = sizeof(bytes);

    rc = put_file(made, path, &text, group ? 0640 : 0600, group);
    OPENSSL_cleanse(bytes, sizeof(bytes));

    return rc;
}


/* Writes the client's secret, from standard input or typed unseen. */

static int
put_client_secret(made_t *made, rt_init_t *init)
{
    int           rc;
    char         *path, *typed;
    size_t        size;
    rt_str_t      text;
    const char   *why;

    if (strcmp(init->client_secret, "-") != 0) {
        return RT_EXIT_OK;
    }

    size = strlen(init->out) + sizeof("/rt/client-secret");
    path = rt_alloc(init->mem, size);

    if (path == NULL) {
        return failed("--client-secret", "no memory");
    }

    (void) snprintf(path, size, "%s/rt/client-secret", init->out);
    init->client_secret = path;

    if (isatty(STDIN_FILENO)) {
        typed = answer("The client's secret, which is not shown", 1);
        text.data = (unsigned char *) typed;
        text.len = typed ? strlen(typed) : 0;

    } else {
        why = rt_input_all(stdin, &text);

        if (why) {
            return failed("standard input", why);
        }
    }

    if (text.len == 0) {
        return failed("--client-secret", "nothing came from standard input");
    }

    rc = put_file(made, path, &text, init->group ? 0640 : 0600, init->group);
    OPENSSL_cleanse(text.data, text.len);

    return rc;
}


/* Makes a folder that the application can go into, whatever the umask is. */

static int
put_folder(made_t *made, const char *out, const char *name)
{
    char  path[MAX_LINE * 2];

    (void) snprintf(path, sizeof(path), "%s/%s", out, name);

    if (mkdir(path, 0755) != 0) {
        return errno == EEXIST ? RT_EXIT_OK : failed(path, strerror(errno));
    }

    made->folder[made->nfolders++] = name;

    return chmod(path, 0755) == 0 ? RT_EXIT_OK
                                  : failed(path, strerror(errno));
}


static void
take_back(made_t *made, const char *out)
{
    char  path[MAX_LINE * 2];

    while (made->n) {
        (void) unlink(made->path[--made->n]);
    }

    while (made->nfolders) {
        (void) snprintf(path, sizeof(path), "%s/%s", out,
                        made->folder[--made->nfolders]);
        (void) rmdir(path);
    }
}


/* Writes the configuration, last: all that it names is there by then. */

static int
put_conf(made_t *made, const rt_init_t *init, const char *path)
{
    int       rc;
    FILE     *out;
    char     *data;
    rt_str_t  text;

    data = NULL;
    out = open_memstream(&data, &text.len);

    if (out == NULL) {
        return failed(path, strerror(errno));
    }

    rt_init_conf(init, out);

    if (fclose(out) != 0) {
        return failed(path, strerror(errno));
    }

    text.data = (unsigned char *) data;
    rc = put_file(made, path, &text, 0644, NULL);
    free(data);

    return rc;
}


static int
put_all(made_t *made, rt_init_t *init, const char *conf)
{
    int  rc;

    rc = put_folder(made, init->out, "conf.d");

    if (access(conf, F_OK) == 0) {
        return failed(conf, "is there already, and is not overwritten");
    }

    if (rc == RT_EXIT_OK) {
        rc = put_folder(made, init->out, "rt");
    }

    if (rc == RT_EXIT_OK && init->rtauth && init->client_id) {
        rc = put_client_secret(made, init);
    }

    if (rc == RT_EXIT_OK && init->rtauth && init->client_id) {
        rc = put_random(made, init, "session-key", init->group);
    }

    if (rc == RT_EXIT_OK && init->scim) {
        rc = put_random(made, init, "scim-key", init->group);
    }

    if (rc == RT_EXIT_OK && init->revoke) {
        rc = put_random(made, init, "revoke-key", init->group);
    }

    if (rc == RT_EXIT_OK && init->rtcsp) {
        rc = put_random(made, init, "nonce-placeholder",
                        init->app_group ? init->app_group : init->group);
    }

    return rc == RT_EXIT_OK ? put_conf(made, init, conf) : rc;
}


static void
put_uri(rt_jsonw_t *w, const char *name, const rt_init_t *init,
    const char *path)
{
    char      text[MAX_LINE * 2];
    rt_str_t  value;

    value.len = (size_t) snprintf(text, sizeof(text), "%s%s", init->origin,
                                  path);
    value.data = (unsigned char *) text;

    rt_jsonw_name(w, name, strlen(name));
    rt_jsonw_str(w, &value);
}


static int
say_json(const rt_init_t *init, const made_t *made)
{
    unsigned    i;
    rt_str_t    path;
    rt_jsonw_t  w;

    if (!rt_term_json_open(&w, init->mem)) {
        return failed("memory", strerror(errno));
    }

    rt_jsonw_lit(&w, "files");
    rt_jsonw_open(&w, '[');

    for (i = 0; i < made->n; i++) {
        path = rt_str_of(made->path[i]);
        rt_jsonw_str(&w, &path);
    }

    rt_jsonw_close(&w, ']');

    if (init->rtauth && init->client_id) {
        put_uri(&w, "redirectUri", init, "/oidc/callback");
        put_uri(&w, "postLogoutUri", init, "/signed-out");

        if (init->preset->backchannel) {
            put_uri(&w, "backchannelUri", init, "/oidc/backchannel");
        }
    }

    if (init->scim) {
        put_uri(&w, "scimUri", init, "/scim/v2/");
    }

    return rt_term_json_close(&w) ? RT_EXIT_OK
                                  : failed("answer", "is too long");
}


static int
read_options(rt_init_t *init, int argc, char **argv)
{
    const rt_option_t  options[] = {
        { "--json", NULL, &init->json },
        { "--issuer", &init->issuer, NULL },
        { "--client-id", &init->client_id, NULL },
        { "--client-secret", &init->client_secret, NULL },
        { "--audience", &init->audience, NULL },
        { "--jwks", &init->jwks, NULL },
        { "--origin", &init->origin, NULL },
        { "--server-name", &init->server_name, NULL },
        { "--listen", &init->listen, NULL },
        { "--certificate", &init->certificate, NULL },
        { "--certificate-key", &init->certificate_key, NULL },
        { "--app", &init->app, NULL },
        { "--groups", &init->groups_list, NULL },
        { "--groups-claim", &init->claim, NULL },
        { "--modules", &init->modules, NULL },
        { "--scim", NULL, &init->scim },
        { "--revoke", NULL, &init->revoke },
        { "--audit", &init->audit, NULL },
        { "--state", &init->state, NULL },
        { "--user", &init->user, NULL },
        { "--group", &init->group, NULL },
        { "--app-group", &init->app_group, NULL },
        { "--out", &init->out, NULL }
    };

    return rt_words("rt init", options, sizeof(options) / sizeof(options[0]),
                    argc, argv, NULL);
}


int
rt_init(rt_mem_t *mem, int argc, char **argv)
{
    int        rc;
    char       conf[MAX_LINE * 2];
    made_t     made = { .n = 0 };
    rt_init_t  init = {
        .mem = mem, .modules = "rtauth,rtaudit,rtcsp",
        .audit = "/var/log/rtaudit/audit.log",
        .state = "/var/lib/nginx/rtauth", .out = "/etc/nginx"
    };

    if (read_options(&init, argc, argv) != 0) {
        return RT_EXIT_FAILED;
    }

    rt_scratch_catch();

    if (isatty(STDIN_FILENO)) {
        ask_people(&init);
    }

    if (rt_scratch_ended) {
        return RT_EXIT_FAILED;
    }

    if (rt_init_check(&init) != 0) {
        return RT_EXIT_FAILED;
    }

    (void) snprintf(conf, sizeof(conf), "%s/conf.d/rt.conf", init.out);

    rc = put_all(&made, &init, conf);

    if (rc != RT_EXIT_OK) {
        take_back(&made, init.out);

        return rc;
    }

    if (init.json) {
        rc = say_json(&init, &made);

    } else {
        rt_init_say(&init, conf);
    }

    return rc;
}
