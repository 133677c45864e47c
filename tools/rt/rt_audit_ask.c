
/* What a verb of rt audit is told: a filter, options, and files. */

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zlib.h>

#include "rt_audit_ask.h"
#include "rt_audit_read.h"
#include "rt_term.h"
#include "rt_words.h"


#define MAX_FILES  100000

/* the most lines of a file that are looked at for its first event */
#define FIRST      1000

/* how much later than its last line a file was written, at the most */
#define LATE       3600


int
rt_audit_failed(const rt_audit_ask_t *ask, const char *name, const char *why)
{
    rt_term_warning("%s: %s: %s\n", ask->verb, name, why);

    return RT_EXIT_FAILED;
}


void
rt_audit_open_told(rt_audit_ask_t *ask)
{
    if (ask->open && ask->open->full) {
        (void) rt_audit_failed(ask, "--open", "too many requests are not over, "
                               "some were left out");
        ask->trouble = 1;
    }
}


/*
 * Finds the time at which a file begins.  A file without events sorts first,
 * where it costs only a look.
 */

static const char *
first_of(rt_audit_file_t *file)
{
    unsigned         n;
    rt_str_t         line;
    const char      *why;
    rt_query_line_t  ev;
    rt_audit_read_t  in;

    memset(file->first, '0', sizeof(file->first));

    why = rt_audit_read_open(&in, file->name);

    if (why) {
        return why;
    }

    for (n = 0; n < FIRST && rt_audit_read_line(&in, &line); n++) {
        if (rt_query_line(&line, &ev) == RT_OK
            && rt_query_line_time(&ev, file->first) == RT_OK)
        {
            break;
        }
    }

    file->plain = gzdirect(in.gz) != 0;
    rt_audit_read_close(&in);

    return NULL;
}


/* 1: all of the file was written before "since". */

static int
too_old(const rt_audit_ask_t *ask, const struct stat *st)
{
    unsigned char  text[RT_TIME_ISO_LEN];

    rt_time_iso((uint64_t) (st->st_mtime + LATE) * 1000, text);

    return ask->query.has_since && !ask->follow
           && memcmp(text, ask->query.since, sizeof(text)) < 0;
}


static void
add_file(rt_audit_ask_t *ask, const char *name)
{
    unsigned          i;
    const char       *why;
    struct stat       st;
    rt_audit_file_t  *file;

    if (strcmp(name, "-") == 0) {
        memset(&st, 0, sizeof(st));

    } else if (stat(name, &st) == -1) {
        (void) rt_audit_failed(ask, name, strerror(errno));
        ask->trouble = 1;
        return;
    }

    for (i = 0; i < ask->nfiles; i++) {
        if (ask->file[i].dev == st.st_dev && ask->file[i].ino == st.st_ino) {
            return;
        }
    }

    if (S_ISREG(st.st_mode) && too_old(ask, &st)) {
        return;
    }

    file = &ask->file[ask->nfiles];
    file->name = name;
    file->dev = st.st_dev;
    file->ino = st.st_ino;
    file->size = (uint64_t) st.st_size;

    why = S_ISREG(st.st_mode) ? first_of(file) : NULL;

    if (S_ISDIR(st.st_mode)) {
        why = strerror(EISDIR);
    }

    if (why) {
        (void) rt_audit_failed(ask, name, why);
        ask->trouble = 1;
        return;
    }

    ask->nfiles++;
}


static int
by_time(const void *a, const void *b)
{
    int                     rc;
    const rt_audit_file_t  *one = a, *two = b;

    rc = memcmp(one->first, two->first, RT_TIME_ISO_LEN);

    return rc ? rc : strcmp(one->name, two->name);
}


/* Takes names as patterns; one that fits no file is a name. */

static int
expand(rt_audit_ask_t *ask, glob_t *found, int argc, char **argv)
{
    int     i, rc;
    size_t  n;

    for (i = 0; i < argc; i++) {
        rc = glob(argv[i], GLOB_NOCHECK | (i ? GLOB_APPEND : 0), NULL, found);

        if (rc != 0 || found->gl_pathc > MAX_FILES) {
            return rt_audit_failed(ask, argv[i], "too many files");
        }
    }

    ask->file = calloc(found->gl_pathc + 1, sizeof(rt_audit_file_t));

    if (ask->file == NULL) {
        return rt_audit_failed(ask, "files", "no memory");
    }

    for (n = 0; n < found->gl_pathc; n++) {
        add_file(ask, found->gl_pathv[n]);
    }

    qsort(ask->file, ask->nfiles, sizeof(rt_audit_file_t), by_time);

    return RT_EXIT_OK;
}


static int
limit(rt_audit_ask_t *ask, const char *value)
{
    char  *end;

    errno = 0;
    ask->limit = strtoull(value, &end, 10);

    if (*value < '0' || *value > '9' || *end || errno) {
        return rt_audit_failed(ask, value, "is no number for --limit");
    }

    return RT_EXIT_OK;
}


static int
format(rt_audit_ask_t *ask, const char *value)
{
    size_t  i;

    static const char  *names[] = { "table", "json", "csv" };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(value, names[i]) == 0) {
            ask->format = i;
            return RT_EXIT_OK;
        }
    }

    return rt_audit_failed(ask, value,
                           "is no format: write table, json or csv");
}


/* Takes a condition of the query. */

static int
filter(void *ctx, const char *option, const char *value)
{
    rt_str_t         name, text;
    const char      *why;
    rt_audit_ask_t  *ask = ctx;

    name = rt_str_of(option + 2);
    text = rt_str_of(value);
    why = "no memory";

    return rt_query_add(&ask->query, &name, &text,
                        (uint64_t) time(NULL) * 1000, &why)
           == RT_OK ? RT_EXIT_OK : rt_audit_failed(ask, value, why);
}


int
rt_audit_ask(rt_audit_ask_t *ask, int argc, char **argv, unsigned takes)
{
    int          json;
    size_t       i, n;
    glob_t       found;
    rt_option_t  options[16];
    const char  *most, *form;

    static const char *const  filters[] = {
        "--user", "--action", "--path", "--id", "--status", "--since",
        "--until"
    };

    const struct { unsigned take; rt_option_t option; }  others[] = {
        { RT_AUDIT_LIMIT, { "--limit", &most, NULL } },
        { RT_AUDIT_FORMAT, { "--format", &form, NULL } },
        { RT_AUDIT_OPEN, { "--open", NULL, &ask->only_open } },
        { RT_AUDIT_REVERSE, { "--reverse", NULL, &ask->reverse } },
        { RT_AUDIT_FOLLOW, { "-f", NULL, &ask->follow } },
        { 0, { "--json", NULL, &json } }
    };

    rt_query_init(&ask->query, ask->mem);
    ask->limit = UINT64_MAX;
    most = form = NULL;
    json = 0;
    memset(options, 0, sizeof(options));

    for (n = 0; n < sizeof(filters) / sizeof(filters[0]); n++) {
        options[n].name = filters[n];
    }

    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if ((takes & others[i].take) == others[i].take) {
            options[n++] = others[i].option;
        }
    }

    argc = rt_words_all(ask->verb, options, n, filter, ask, argc, argv);

    if (argc < 0
        || (most && limit(ask, most) != RT_EXIT_OK)
        || (form && format(ask, form) != RT_EXIT_OK))
    {
        return RT_EXIT_FAILED;
    }

    if (json) {
        ask->format = RT_AUDIT_JSON;
    }

    if (argc == 0) {
        return rt_audit_failed(ask, "FILE", takes & RT_AUDIT_FOLLOW
                               ? "is missing"
                               : "is missing: name the files, or \"-\" for "
                                 "standard input");
    }

    return expand(ask, &found, argc, argv);
}
