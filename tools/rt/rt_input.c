
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


void
rt_input_print(const rt_str_t *s)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {
        putchar(s->data[i] < 0x20 || s->data[i] == 0x7f ? '?' : s->data[i]);
    }
}
