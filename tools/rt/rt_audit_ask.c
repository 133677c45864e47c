
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


#define MAX_FILES  100000

/* the most lines of a file that are looked at for its first event */
#define FIRST      1000

/* how much later than its last line a file was written, at the most */
#define LATE       3600


int
rt_audit_failed(const rt_audit_ask_t *ask, const char *name, const char *why)
{
    rt_term_warning("rt %s: %s: %s\n", ask->verb, name, why);

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


/* Takes a name as it is, or as a pattern if there is no such file. */

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


/* Reads "--NAME VALUE"; ret: RT_EXIT_OK, or it was said why not. */

static int
valued(rt_audit_ask_t *ask, const char *word, char *value, unsigned takes)
{
    rt_str_t     name, text;
    const char  *why;

    static const char  none[] = "is no option of it";

    if (value == NULL) {
        return rt_audit_failed(ask, word, "needs a value, or is no option");
    }

    if (strcmp(word, "--limit") == 0) {
        return takes & RT_AUDIT_LIMIT ? limit(ask, value)
                                      : rt_audit_failed(ask, word, none);
    }

    if (strcmp(word, "--format") == 0) {
        return takes & RT_AUDIT_FORMAT ? format(ask, value)
                                       : rt_audit_failed(ask, word, none);
    }

    name.data = (unsigned char *) word + 2;
    name.len = strlen(word + 2);
    text.data = (unsigned char *) value;
    text.len = strlen(value);
    why = "no memory";

    switch (rt_query_add(&ask->query, &name, &text,
                         (uint64_t) time(NULL) * 1000, &why))
    {
    case RT_OK:
        return RT_EXIT_OK;

    case RT_DECLINED:
        return rt_audit_failed(ask, word, none);

    default:
        return rt_audit_failed(ask, value, why);
    }
}


/* Reads an option without a value; ret: 0: this is no such option. */

static int
flag(rt_audit_ask_t *ask, const char *word, unsigned takes)
{
    if (strcmp(word, "--json") == 0) {
        ask->format = RT_AUDIT_JSON;

    } else if (strcmp(word, "--open") == 0 && takes & RT_AUDIT_OPEN) {
        ask->only_open = 1;

    } else if (strcmp(word, "--reverse") == 0 && takes & RT_AUDIT_REVERSE) {
        ask->reverse = 1;

    } else if ((strcmp(word, "-f") == 0 || strcmp(word, "--follow") == 0)
               && takes & RT_AUDIT_FOLLOW)
    {
        ask->follow = 1;

    } else {
        return 0;
    }

    return 1;
}


/* Cuts "--NAME=VALUE" in two; ret: the value; NULL: there is none. */

static char *
part(char *word)
{
    char  *value;

    value = strchr(word, '=');

    if (value) {
        *value++ = '\0';
    }

    return value;
}


int
rt_audit_ask(rt_audit_ask_t *ask, int argc, char **argv, unsigned takes)
{
    int     i, n, options;
    char   *value;
    glob_t  found;

    rt_query_init(&ask->query, ask->mem);
    ask->limit = UINT64_MAX;
    options = 1;

    for (i = n = 0; i < argc; i++) {

        if (!options || argv[i][0] != '-' || argv[i][1] == '\0') {
            argv[n++] = argv[i];
            continue;
        }

        if (strcmp(argv[i], "--") == 0) {
            options = 0;
            continue;
        }

        if (flag(ask, argv[i], takes)) {
            continue;
        }

        if (strncmp(argv[i], "--", 2) != 0) {
            return rt_audit_failed(ask, argv[i], "is no option of it");
        }

        value = part(argv[i]);

        if (value == NULL) {
            value = i + 1 < argc ? argv[i + 1] : NULL;
            i++;
            if (valued(ask, argv[i - 1], value, takes) != RT_EXIT_OK) {
                return RT_EXIT_FAILED;
            }

        } else if (valued(ask, argv[i], value, takes) != RT_EXIT_OK) {
            return RT_EXIT_FAILED;
        }
    }

    if (n == 0) {
        return rt_audit_failed(ask, "FILE", "is missing: name the files, or "
                               "\"-\" for standard input");
    }

    return expand(ask, &found, n, argv);
}
