
/*
 * schema: whether files of rtaudit are what they say, line by line.
 *
 *     schema FILE ...
 *
 * Each line is what rt_schema.h asks of one; of format=datadog the event is a
 * member of it.  The first lines of a file that are not are printed with their
 * file, number and fault; the exit code is 1 then.  It runs at the top of the
 * tree, where the schema is.
 */


#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rt_schema.h"


#define DIGITS  15          /* of a number that jansson surely takes */
#define SHOWN   5           /* lines of a file */


/*
 * What clients send as numbers may be beyond any type of C: outside of strings
 * a long one, or one with an exponent, is read as a short one.
 */

static void
tame(char *line, size_t len)
{
    int     string;
    size_t  i, n;

    for (i = string = 0; i < len; i++) {

        if (string) {
            if (line[i] == '\\') {
                i++;

            } else {
                string = line[i] != '"';
            }

            continue;
        }

        string = line[i] == '"';

        if (line[i] == '\0' || strchr("-0123456789", line[i]) == NULL) {
            continue;
        }

        n = strspn(line + i, "0123456789.eE+-");

        if (n > DIGITS || memchr(line + i, 'e', n)
            || memchr(line + i, 'E', n))
        {
            memset(line + i, ' ', n);
            line[i] = '1';
        }

        i += n - 1;
    }
}


static int
valid(const json_t *schema, char *line, size_t len)
{
    int      ok;
    json_t  *v, *inner;

    tame(line, len);

    v = rt_schema_parse((unsigned char *) line, len);
    inner = json_object_get(v, "retool");
    ok = v && rt_schema_event(schema, inner ? inner : v);
    json_decref(v);

    return ok;
}


static int
check(const json_t *schema, const char *name)
{
    int       bad;
    FILE     *file;
    char     *line, *copy;
    size_t    size, n;
    ssize_t   len;

    file = fopen(name, "r");

    if (file == NULL) {
        printf("%s: %s\n", name, strerror(errno));
        return 1;
    }

    line = NULL;
    size = 0;
    bad = 0;

    for (n = 1; bad < SHOWN && (len = getline(&line, &size, file)) != -1; n++) {
        copy = strndup(line, (size_t) len);

        if (!valid(schema, line, (size_t) len)) {
            bad++;
            printf("%s:%zu: %.1000s\n", name, n, copy ? copy : "?");
        }

        free(copy);
    }

    free(line);
    (void) fclose(file);

    return bad != 0;
}


int
main(int argc, char **argv)
{
    int      i, bad;
    json_t  *schema;

    schema = rt_schema_load();

    if (argc < 2 || schema == NULL) {
        fprintf(stderr, "usage, at the top of the tree: schema FILE ...\n");
        return 2;
    }

    /* the faults, ahead of their lines */

    setvbuf(stdout, NULL, _IONBF, 0);

    if (dup2(STDOUT_FILENO, STDERR_FILENO) == -1) {
        return 2;
    }

    for (i = 1, bad = 0; i < argc; i++) {
        bad |= check(schema, argv[i]);
    }

    json_decref(schema);

    return bad;
}
