
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rt.h"
#include "rt_explain.h"
#include "rt_input.h"
#include "rt_term.h"
#include "rt_token_read.h"
#include "rt_words.h"
#include "text/rt_field.h"


int
rt_explain_failed(const char *what, const char *why)
{
    rt_term_warning("rt explain: %s%s%s\n", what, *what ? ": " : "", why);

    return RT_EXIT_FAILED;
}


static int
wrong(const char *what, const char *why)
{
    (void) rt_explain_failed(what, why);

    return -1;
}


/* Reads "https://host:port/path?args". */

static const char *
read_url(rt_explain_t *e)
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


/* Reads a header.  One that could begin another, or that we set, is refused. */

static const char *
read_header(rt_explain_t *e, const char *header)
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


/*
 * Reads a header, or "@FILE" with a header in each line: a list of processes
 * shows a command line, but no file.
 */

static const char *
read_headers(rt_explain_t *e, const char *header)
{
    char        *line;
    rt_str_t     rest, part;
    const char  *why;

    if (header[0] != '@') {
        return read_header(e, header);
    }

    header++;
    why = rt_input_file(&header, &rest);

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
read_secret(rt_explain_t *e, const char *token)
{
    size_t       i;
    const char  *why;

    why = rt_input_file(&token, &e->ask.token);
    if (why) {
        return why;
    }

    e->ask.token = rt_token_alone(&e->ask.token);

    for (i = 0; i < e->ask.token.len; i++) {
        if (e->ask.token.data[i] < 0x20) {
            return "the token has more than one line";
        }
    }

    return e->ask.token.len ? NULL : "there is no token in the file";
}


static int
take_header(void *e, const char *option, const char *value)
{
    const char  *why;

    why = read_headers(e, value);

    return why ? wrong(option, why) : 0;
}


int
rt_explain_words(rt_explain_t *e, int argc, char **argv)
{
    const char  *token, *data, *why;

    const rt_option_t  options[] = {
        { "--url", &e->url, NULL },
        { "--method", &e->ask.method, NULL },
        { "--token", &token, NULL },
        { "--data", &data, NULL },
        { "--header", NULL, NULL },
        { "--from", &e->ask.address, NULL },
        { "--listen", &e->listen, NULL },
        { "--json", NULL, &e->json },
        { "--nginx", &e->nginx.nginx, NULL },
        { "-c", &e->nginx.conf, NULL },
        { "-p", &e->nginx.prefix, NULL }
    };

    token = data = NULL;
    argc = rt_words_all("rt explain", options,
                        sizeof(options) / sizeof(options[0]), take_header, e,
                        argc, argv);

    if (argc != 0) {
        return argc < 0 ? -1 : wrong("", "a word is too many");
    }

    if (e->url == NULL) {
        return wrong("", "say which request: --url https://HOST/PATH");
    }

    why = read_url(e);
    if (why) {
        return wrong(e->url, why);
    }

    if (e->ask.method[strspn(e->ask.method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")]) {
        return wrong("--method", "write capitals, such as POST");
    }

    if (strpbrk(e->ask.address, "\r\n")) {
        return wrong("--from", "is no address");
    }

    why = token ? read_secret(e, token) : NULL;
    if (why) {
        return wrong(token, why);
    }

    why = data ? rt_input_file(&data, &e->ask.body) : NULL;

    return why ? wrong(data, why) : 0;
}
