
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "rt_input.h"
#include "rt_term.h"
#include "rt_words.h"


#define MAX_TEXT  (64 * 1024 * 1024)


const char *
rt_input_all(FILE *in, rt_str_t *text)
{
    size_t          room;
    unsigned char  *p;

    text->data = NULL;
    text->len = room = 0;

    do {
        if (text->len == room) {
            room = room ? room * 2 : 65536;

            p = room <= MAX_TEXT ? realloc(text->data, room) : NULL;
            if (p == NULL) {
                return "is too big";
            }

            text->data = p;
        }

        text->len += fread(text->data + text->len, 1, room - text->len, in);

        if (ferror(in)) {
            return strerror(errno);
        }

    } while (!feof(in));

    return NULL;
}


static int
failed(const rt_input_t *given, const char *why)
{
    rt_term_warning("%s: %s: %s\n", given->verb, given->name, why);

    return -1;
}


int
rt_input_given(rt_input_t *given, int argc, char **argv)
{
    FILE        *in;
    const char  *why;

    const rt_option_t  options[] = {
        { given->option, NULL, &given->on },
        { "--json", NULL, &given->json }
    };

    given->on = given->json = 0;
    given->name = NULL;

    if (rt_words(given->verb, options, sizeof(options) / sizeof(options[0]),
                 argc, argv, &given->name)
        != 0)
    {
        return -1;
    }

    in = given->name ? fopen(given->name, "r") : stdin;
    given->name = given->name ? given->name : "standard input";

    if (in == NULL) {
        return failed(given, strerror(errno));
    }

    if (isatty(fileno(in))) {
        return failed(given, given->hint);
    }

    why = rt_input_all(in, &given->text);

    return why ? failed(given, why) : 0;
}
