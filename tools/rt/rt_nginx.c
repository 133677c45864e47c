
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "rt_nginx.h"
#include "rt_term.h"
#include "text/rt_field.h"


#define WAIT  30                    /* seconds that nginx -T may take */


static int
failed(const rt_nginx_t *nginx, const char *why, const char *more)
{
    rt_term_warning("%s: %s%s\n", nginx->verb, why, more);

    return -1;
}


/* Whether a line is none for an operator.  nginx says "syntax is ok" also of a
   configuration in which rt then finds a fault. */

static int
is_all_well(const rt_str_t *line)
{
    size_t  i, len;

    static const char  *ends[] = { " syntax is ok", " test is successful" };

    for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        len = strlen(ends[i]);

        if (line->len >= len
            && memcmp(line->data + line->len - len, ends[i], len) == 0)
        {
            return 1;
        }
    }

    return memmem(line->data, line->len, "[notice]", 8) != NULL
           || memmem(line->data, line->len, "[info]", 6) != NULL;
}


void
rt_nginx_pass_on(const rt_scratch_t *scratch)
{
    rt_str_t  text, rest, line;

    if (rt_scratch_read(scratch, "err", &text) != 0) {
        return;
    }

    for (rest = text; rt_field_part(&rest, '\n', &line); /* void */) {
        if (line.len && !is_all_well(&line)) {
            rt_term_warning("%.*s\n", (int) line.len, line.data);
        }
    }

    free(text.data);
}


static int
run(const rt_nginx_t *nginx, rt_scratch_t *scratch, const char *what)
{
    int    n;
    pid_t  pid;
    char  *argv[8];

    n = 0;
    argv[n++] = (char *) (nginx->nginx ? nginx->nginx : "nginx");
    argv[n++] = (char *) what;

    if (nginx->conf) {
        argv[n++] = "-c";
        argv[n++] = (char *) nginx->conf;
    }

    if (nginx->prefix) {
        argv[n++] = "-p";
        argv[n++] = (char *) nginx->prefix;
    }

    argv[n] = NULL;

    pid = rt_scratch_start(scratch, argv);

    return pid == -1 ? -1 : rt_scratch_wait(pid, WAIT);
}


/* Reads "nginx version: nginx/1.22.1 (Debian)" and the lines behind it. */

static void
read_build(rt_scratch_t *scratch, rt_nginx_said_t *said)
{
    char      *p;
    unsigned   major, minor, patch;

    if (rt_scratch_read(scratch, "err", &said->build) != 0
        || said->build.len == 0)
    {
        return;
    }

    said->build.data[--said->build.len] = '\0';
    p = strchr((char *) said->build.data, '/');

    if (p && sscanf(p, "/%3u.%3u.%3u", &major, &minor, &patch) == 3) {
        said->version = major * 1000000 + minor * 1000 + patch;
    }
}


int
rt_nginx_ask(const rt_nginx_t *nginx, rt_scratch_t *scratch,
    rt_nginx_said_t *said)
{
    int   rc;
    char  path[RT_SCRATCH_PATH];

    memset(said, 0, sizeof(rt_nginx_said_t));

    rc = run(nginx, scratch, "-V");

    if (rc == 0) {
        read_build(scratch, said);

        setenv("RT_SHOW", rt_scratch_path(scratch, "shown", path), 1);
        rc = run(nginx, scratch, "-T");
        unsetenv("RT_SHOW");
    }

    if (rt_scratch_ended) {
        return -1;
    }

    if (rc != 0) {
        rt_nginx_pass_on(scratch);
        return failed(nginx, "nginx refuses the configuration, is not "
                             "there, or does not end", "");
    }

    if (rt_scratch_read(scratch, "out", &said->text) != 0) {
        return failed(nginx, "what nginx -T printed: ", strerror(errno));
    }

    if (rt_scratch_read(scratch, "shown", &said->shown) != 0
        && errno != ENOENT)
    {
        return failed(nginx, "what the modules said: ", strerror(errno));
    }

    return 0;
}
