
#include <stdint.h>
#include <string.h>

#include "rt_term.h"
#include "rt_words.h"


static int
refused(const char *verb, const char *word, size_t len, const char *why)
{
    rt_term_warning("%s: %.*s: %s\n", verb, (int) len, word, why);

    return -1;
}


typedef struct {
    const char         *verb;
    const rt_option_t  *option;
    size_t              n;
    rt_words_take_pt    take;
    void               *ctx;
    uint64_t            seen;           /* a bit for each option */
} words_t;


/* Reads one; ret: the number of words it took; -1: it was said why not. */

static int
read_option(words_t *w, int argc, char **argv)
{
    int                 once, words;
    size_t              i, len;
    const char         *value;
    const rt_option_t  *option;

    value = strchr(argv[0], '=');
    len = value ? (size_t) (value - argv[0]) : strlen(argv[0]);

    for (i = 0; i < w->n; i++) {
        if (strlen(w->option[i].name) == len
            && memcmp(w->option[i].name, argv[0], len) == 0)
        {
            break;
        }
    }

    if (i == w->n) {
        return refused(w->verb, argv[0], len, "is no option of it");
    }

    option = &w->option[i];
    once = option->value || option->on;

    if (once && (w->seen >> i & 1)) {
        return refused(w->verb, argv[0], len, "is there twice");
    }

    w->seen |= (uint64_t) 1 << i;

    if (option->on) {
        if (value) {
            return refused(w->verb, argv[0], len, "has no value");
        }

        *option->on = 1;
        return 1;
    }

    if (value == NULL && argc < 2) {
        return refused(w->verb, argv[0], len, "needs a value");
    }

    words = value ? 1 : 2;
    value = value ? value + 1 : argv[1];

    if (once) {
        *option->value = value;
        return words;
    }

    return w->take(w->ctx, option->name, value) == 0 ? words : -1;
}


int
rt_words_all(const char *verb, const rt_option_t *options, size_t n,
    rt_words_take_pt take, void *ctx, int argc, char **argv)
{
    int      i, took, only_words, words;
    words_t  w = { verb, options, n, take, ctx, 0 };

    only_words = words = 0;

    for (i = 0; i < argc; i += took) {
        took = 1;

        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = 1;

        } else if (!only_words && argv[i][0] == '-' && argv[i][1] != '\0') {
            took = read_option(&w, argc - i, argv + i);

            if (took < 0) {
                return -1;
            }

        } else {
            argv[words++] = argv[i];
        }
    }

    return words;
}


int
rt_words(const char *verb, const rt_option_t *options, size_t n, int argc,
    char **argv, const char **word)
{
    int  words;

    words = rt_words_all(verb, options, n, NULL, NULL, argc, argv);

    if (words > (word ? 1 : 0)) {
        rt_term_warning("%s: a word is too many\n", verb);
        return -1;
    }

    if (words == 1) {
        *word = argv[0];
    }

    return words < 0 ? -1 : 0;
}
