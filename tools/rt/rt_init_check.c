
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rt_init.h"
#include "rt_listen.h"
#include "rt_term.h"
#include "oidc/rt_origin.h"
#include "text/rt_url.h"


#define MAX_WORD  512


static int
wrong(const char *option, const char *why)
{
    rt_term_warning("rt init: %s: %s\n", option, why);

    return -1;
}


/* Printable text without signs that end or open anything in nginx.conf. */

static int
plain(const char *text)
{
    size_t  i;

    for (i = 0; text[i]; i++) {
        if (text[i] <= ' ' || text[i] > '~' || strchr(";{}\"'\\$#", text[i])) {
            return 0;
        }
    }

    return i > 0 && i <= MAX_WORD;
}


static int
check_word(const char *option, const char *text)
{
    return text == NULL || plain(text)
           ? 0 : wrong(option, "is no word without blanks, quotes and signs of "
                               "nginx.conf");
}


#define LETTERS  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"        \
                 "0123456789_-."


static int
check_name(const char *option, const char *text)
{
    if (text && (text[0] == '\0' || text[0] == '-' || text[0] == '.'
                 || strlen(text) > 64 || text[strspn(text, LETTERS)]))
    {
        return wrong(option, "is no name of letters, digits, \"_\", \"-\" and "
                             "\".\"");
    }

    return 0;
}


/* A path is also printed in lines for a shell, as a word without quotes. */

static int
check_path(const char *option, const char *text)
{
    if (text && (text[0] != '/' || strlen(text) > MAX_WORD
                 || text[strspn(text, LETTERS "/")] || strstr(text, "/..")))
    {
        return wrong(option, "is no absolute path of letters, digits, \"_\", "
                             "\"-\" and \".\"");
    }

    return 0;
}


static int
check_file(const char *option, const char *text)
{
    return text && text[0] && text[strlen(text) - 1] == '/'
           ? wrong(option, "is a folder, and no file in it")
           : check_path(option, text);
}


/*
 * nginx takes no secret that others may read, nor one of somebody else, who
 * could change it; the file may be made later.
 */

static int
check_secret(const char *option, const char *text)
{
    struct stat  sb;

    if (text == NULL || strcmp(text, "-") == 0) {
        return 0;
    }

    if (check_file(option, text) != 0) {
        return -1;
    }

    if (stat(text, &sb) != 0) {
        return 0;
    }

    if (sb.st_mode & S_IRWXO) {
        return wrong(option, "is a file that other users may read, write or "
                             "execute: chmod o= it");
    }

    if (sb.st_uid != 0 && sb.st_uid != geteuid()) {
        return wrong(option, "is a file of another user than root and you, "
                             "which nginx does not take: chown root it");
    }

    return 0;
}


/* ret: 0, and *url points into text */

static int
check_url(const char *option, const char *text, rt_url_t *url)
{
    rt_str_t     s;
    const char  *why;

    s = rt_str_of(text);

    if (rt_url_parse(&s, url, &why) != RT_OK) {
        return wrong(option, why);
    }

    return check_word(option, text);
}


/* Whether nobody on the way can read: by TLS, or because it is this machine. */

static int
is_safe(const rt_url_t *url)
{
    return url->tls || rt_str_lit(&url->host, "127.0.0.1")
           || rt_str_lit(&url->host, "localhost");
}


static int
check_issuer(rt_init_t *init)
{
    rt_url_t  url;

    if (init->issuer == NULL) {
        return wrong("--issuer", "is missing: https://login.example.com");
    }

    if (check_url("--issuer", init->issuer, &url) != 0) {
        return -1;
    }

    if (!is_safe(&url)) {
        return wrong("--issuer", "is not https");
    }

    if (strchr(init->issuer, '?')) {
        return wrong("--issuer", "has a query");
    }

    init->preset = rt_init_preset(init->issuer);

    return 0;
}


static int
check_origin(rt_init_t *init)
{
    char         *text;
    size_t        len;
    rt_str_t      s;
    const char   *why;
    rt_origin_t   origin;

    if (init->origin == NULL && init->server_name) {
        len = sizeof("https://") + strlen(init->server_name);
        text = rt_alloc(init->mem, len);

        if (text == NULL) {
            return wrong("--server-name", "no memory");
        }

        (void) snprintf(text, len, "https://%s", init->server_name);
        init->origin = text;
    }

    if (init->origin == NULL) {
        return wrong("--origin", "is missing: https://tools.example.com");
    }

    s = rt_str_of(init->origin);

    if (rt_origin_parse(&s, &origin, &why) != RT_OK) {
        return wrong("--origin", why);
    }

    if (!origin.web || origin.url.bracketed) {
        return wrong("--origin", "is not https://HOST");
    }

    if (init->rtauth && !is_safe(&origin.url)) {
        return wrong("--origin", "is not https: a browser sends no Secure "
                                 "cookie over http, and anybody on the way "
                                 "could take a session or a token");
    }

    if (init->certificate && !origin.url.tls) {
        return wrong("--origin", "is not https, which --certificate is for");
    }

    init->tls = origin.url.tls;

    if (init->server_name == NULL) {
        text = rt_alloc(init->mem, origin.url.host.len + 1);

        if (text == NULL) {
            return wrong("--origin", "no memory");
        }

        memcpy(text, origin.url.host.data, origin.url.host.len);
        text[origin.url.host.len] = '\0';
        init->server_name = text;
    }

    return check_word("--origin", init->origin) == 0
           ? check_name("--server-name", init->server_name) : -1;
}


/* Refuses plain http for the network: sessions and tokens could be read. */

static int
check_listen(const rt_init_t *init)
{
    rt_str_t  s;

    if (init->listen == NULL || init->certificate || !init->rtauth) {
        return 0;
    }

    s = rt_str_of(init->listen);

    return rt_listen_is_local(&s)
           ? 0 : wrong("--listen", "is plain http for the whole network: write "
                                   "--certificate, or 127.0.0.1:PORT or unix: "
                                   "behind what ends TLS");
}


/* An application is a host: a path would replace that of the request. */

static int
check_app(rt_init_t *init)
{
    rt_url_t     url;
    const char  *host;

    if (init->app == NULL) {
        return wrong("--app", "is missing: http://127.0.0.1:3000");
    }

    if (check_url("--app", init->app, &url) != 0) {
        return -1;
    }

    host = strstr(init->app, "://") + 3;

    return strchr(host, '/') || strchr(host, '?')
           ? wrong("--app", "has more than a scheme, a host and a port") : 0;
}


/* Whether a group before the last one, which is being read, has this name. */

static int
is_known(const rt_init_t *init, const char *name)
{
    unsigned  i;

    for (i = 0; i + 1 < init->ngroups; i++) {
        if (strcmp(init->groups[i].name, name) == 0) {
            return 1;
        }
    }

    return 0;
}


/* Reads "support=use:/apps/support,builders=edit". */

static int
check_groups(rt_init_t *init)
{
    char             *text, *next;
    rt_init_group_t  *g;

    if (init->groups_list == NULL) {
        rt_term_warning("rt init: no groups: everybody whom the provider "
                        "vouches for gets in\n");
        return 0;
    }

    if (init->groups_list[0] == '\0') {
        return wrong("--groups", "are none, and then everybody would get in: "
                                 "leave the option out if that is meant");
    }

    text = strdup(init->groups_list);

    if (text == NULL) {
        return wrong("--groups", "no memory");
    }

    for ( /* void */ ; *text; text = next) {
        next = strchr(text, ',');
        next = next ? (*next = '\0', next + 1) : text + strlen(text);

        if (init->ngroups == RT_INIT_GROUPS) {
            return wrong("--groups", "are more than 32");
        }

        g = &init->groups[init->ngroups++];
        g->name = text;
        g->permission = strchr(text, '=');

        if (g->permission == NULL) {
            return wrong("--groups", "is NAME=use|edit|own[:/PATH], ...");
        }

        *g->permission++ = '\0';
        g->path = strchr(g->permission, ':');

        if (g->path) {
            *g->path++ = '\0';
        }

        if (strcmp(g->permission, "use") && strcmp(g->permission, "edit")
            && strcmp(g->permission, "own"))
        {
            return wrong("--groups", "has a permission that is not use, edit "
                                     "or own");
        }

        if (is_known(init, g->name)) {
            return wrong("--groups", "has a group twice");
        }

        if (check_name("--groups", g->name) != 0
            || check_path("--groups", g->path) != 0)
        {
            return -1;
        }
    }

    return 0;
}


static int
check_modules(rt_init_t *init)
{
    size_t       len;
    const char  *p;

    for (p = init->modules; *p; p += len + (p[len] == ',')) {
        len = strcspn(p, ",");

        if (len == 6 && memcmp(p, "rtauth", len) == 0) {
            init->rtauth = 1;

        } else if (len == 7 && memcmp(p, "rtaudit", len) == 0) {
            init->rtaudit = 1;

        } else if (len == 5 && memcmp(p, "rtcsp", len) == 0) {
            init->rtcsp = 1;

        } else {
            return wrong("--modules", "are of rtauth,rtaudit,rtcsp");
        }
    }

    if (p == init->modules) {
        return wrong("--modules", "are none");
    }

    return 0;
}


/* Refuses options of rtauth without rtauth: they would do nothing. */

static int
check_unused(const rt_init_t *init)
{
    size_t  i;

    const struct {
        const char  *option;
        int          given;
    } needs[] = {
        { "--issuer", init->issuer != NULL },
        { "--client-id", init->client_id != NULL },
        { "--client-secret", init->client_secret != NULL },
        { "--audience", init->audience != NULL },
        { "--jwks", init->jwks != NULL },
        { "--groups", init->groups_list != NULL },
        { "--groups-claim", init->claim != NULL },
        { "--scim", init->scim },
        { "--revoke", init->revoke }
    };

    for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        if (!init->rtauth && needs[i].given) {
            return wrong(needs[i].option, "needs rtauth, which --modules has "
                                          "not");
        }
    }

    return 0;
}


static int
check_auth(rt_init_t *init)
{
    if (init->claim == NULL) {
        init->claim = "groups";
    }

    if (check_issuer(init) != 0) {
        return -1;
    }

    if (init->client_id == NULL && init->audience == NULL) {
        return wrong("--client-id", "is missing, by which people sign in, and "
                                    "so is --audience, for tokens alone");
    }

    if (init->client_id && init->client_secret == NULL) {
        return wrong("--client-secret", "is missing: a file with the secret of "
                                        "the client, or \"-\"");
    }

    return check_groups(init);
}


int
rt_init_check(rt_init_t *init)
{
    size_t  i;

    const struct {
        const char  *option;
        const char  *text;
        int        (*check)(const char *option, const char *text);
    } words[] = {
        { "--client-id", init->client_id, check_word },
        { "--audience", init->audience, check_word },
        { "--groups-claim", init->claim, check_word },
        { "--client-secret", init->client_secret, check_secret },
        { "--listen", init->listen, check_word },
        { "--jwks", init->jwks, check_file },
        { "--certificate", init->certificate, check_file },
        { "--certificate-key", init->certificate_key, check_file },
        { "--audit", init->audit, check_file },
        { "--state", init->state, check_path },
        { "--out", init->out, check_path },
        { "--user", init->user, check_name },
        { "--group", init->group, check_name },
        { "--app-group", init->app_group, check_name }
    };

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (words[i].check(words[i].option, words[i].text) != 0) {
            return -1;
        }
    }

    if ((init->certificate == NULL) != (init->certificate_key == NULL)) {
        return wrong("--certificate", "and --certificate-key are for each "
                                      "other");
    }

    if (check_modules(init) != 0 || check_unused(init) != 0
        || check_listen(init) != 0 || check_origin(init) != 0
        || check_app(init) != 0)
    {
        return -1;
    }

    return init->rtauth ? check_auth(init) : 0;
}
