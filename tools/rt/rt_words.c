
#include <stdio.h>
#include <string.h>

#include "rt_term.h"
#include "rt_words.h"


static int
refused(const char *verb, const char *word, size_t len, const char *why)
{
    rt_term_warning("%s: %.*s%s\n", verb, (int) len, word, why);

    return -1;
}


/* ret: the number of words it took; -1: said why not */

static int
read_option(const char *verb, const rt_option_t *options, size_t n, int argc,
    char **argv)
{
    size_t       i, len;
    const char  *value;

    value = strchr(argv[0], '=');
    len = value ? (size_t) (value - argv[0]) : strlen(argv[0]);

    for (i = 0; i < n; i++) {
        if (strlen(options[i].name) == len
            && memcmp(options[i].name, argv[0], len) == 0)
        {
            break;
        }
    }

    if (i == n) {
        return refused(verb, argv[0], len, " is no option of it");
    }

    if (options[i].value == NULL) {
        if (value) {
            return refused(verb, argv[0], len, " has no value");
        }

        *options[i].on = 1;
        return 1;
    }

    if (value == NULL && argc < 2) {
        return refused(verb, argv[0], len, " needs a value");
    }

    *options[i].value = value ? value + 1 : argv[1];

    return value ? 1 : 2;
}


int
rt_words(const char *verb, const rt_option_t *options, size_t n, int argc,
    char **argv, const char **word)
{
    int  i, took, only_words, words;

    only_words = words = 0;

    for (i = 0; i < argc; i += took) {
        took = 1;

        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = 1;

        } else if (!only_words && argv[i][0] == '-' && argv[i][1] != '\0') {
            took = read_option(verb, options, n, argc - i, argv + i);

            if (took < 0) {
                return -1;
            }

        } else if (word == NULL || words++) {
            return refused(verb, "", 0, "a word is too many");

        } else {
            *word = argv[i];
        }
    }

    return 0;
}
