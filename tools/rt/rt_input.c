
#include <errno.h>
#include <stdlib.h>

#include "rt_input.h"


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


const char *
rt_input_once(void)
{
    static int  read;

    return read++ ? "was read already: of all words, \"-\" can be one" : NULL;
}


const char *
rt_input_file(const char **name, rt_str_t *text)
{
    FILE        *in;
    const char  *why;

    if (*name == NULL || strcmp(*name, "-") == 0) {
        *name = "standard input";
        why = rt_input_once();

        return why ? why : rt_input_all(stdin, text);
    }

    in = fopen(*name, "re");

    if (in == NULL) {
        return strerror(errno);
    }

    why = rt_input_all(in, text);
    (void) fclose(in);

    return why;
}
