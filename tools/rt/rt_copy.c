
#include <stdlib.h>
#include <string.h>

#include "rt_copy.h"


void
rt_copy_note(rt_copy_t *k, const char *text)
{
    unsigned  i;

    for (i = 0; i < k->nnotes; i++) {
        if (k->note[i] == text) {
            return;
        }
    }

    if (k->nnotes < RT_COPY_NOTES) {
        k->note[k->nnotes++] = text;
    }
}


void
rt_copy_line(rt_copy_t *k, const rt_nginxconf_t *d)
{
    const rt_nginxconf_t  **at;

    if (k->lines == k->room) {
        k->room = k->room ? 2 * k->room : 1024;

        at = realloc(k->at, k->room * sizeof(*at));
        if (at == NULL) {
            k->why = "no memory";
            k->room = k->lines;
            return;
        }

        k->at = at;
    }

    k->at[k->lines++] = d;
    putc('\n', k->out);
}


void
rt_copy_word(rt_copy_t *k, const rt_nginxconf_t *d, const rt_str_t *word)
{
    size_t  i;

    if (memmem(word->data, word->len, "server_port", 11)
        || memmem(word->data, word->len, "server_addr", 11))
    {
        rt_copy_note(k, "$server_addr and $server_port are those of a socket");
    }

    fputs(" \"", k->out);

    for (i = 0; i < word->len; i++) {

        if (word->data[i] == '\n') {
            rt_copy_line(k, d);
            continue;
        }

        if (word->data[i] == '"' || word->data[i] == '\\') {
            putc('\\', k->out);
        }

        putc(word->data[i], k->out);
    }

    putc('"', k->out);
}


void
rt_copy_words(rt_copy_t *k, const rt_nginxconf_t *d, unsigned from)
{
    unsigned  i;

    for (i = from; i < d->nwords; i++) {
        rt_copy_word(k, d, &d->word[i]);
    }
}


void
rt_copy_end(rt_copy_t *k, const rt_nginxconf_t *d)
{
    if (!d->block) {
        putc(';', k->out);
        rt_copy_line(k, d);
        return;
    }

    fputs(" {", k->out);
    rt_copy_line(k, d);
    k->level(k, d);
    putc('}', k->out);
    rt_copy_line(k, d);
}
