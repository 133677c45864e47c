
/*
 * nginx's configuration: every word, written again in quotes, is read again;
 * the tree is whole, and deeper than allowed nowhere.
 */

#include <stdio.h>
#include <stdlib.h>

#include "rt_arena.h"
#include "text/rt_nginxconf.h"


typedef struct {
    unsigned char  *data;
    size_t          len;
} out_t;


static void
must(int ok)
{
    if (!ok) {
        abort();
    }
}


/* room was made for twice the words, and more */

static void
put(out_t *out, unsigned char c)
{
    out->data[out->len++] = c;
}


static void
put_word(out_t *out, const rt_str_t *word)
{
    size_t  i;

    put(out, '"');

    for (i = 0; i < word->len; i++) {
        if (word->data[i] == '"' || word->data[i] == '\\') {
            put(out, '\\');
        }

        put(out, word->data[i]);
    }

    put(out, '"');
    put(out, ' ');
}


static size_t
room(const rt_nginxconf_t *d)
{
    size_t    n;
    unsigned  i;

    for (i = 0, n = 2; i < d->nwords; i++) {
        n += 2 * d->word[i].len + 3;
    }

    for (d = d->child; d; d = d->next) {
        n += room(d);
    }

    return n;
}


static void
write_again(out_t *out, const rt_nginxconf_t *parent, unsigned depth)
{
    unsigned               i;
    const rt_nginxconf_t  *d;

    must(depth <= RT_NGINXCONF_DEPTH);

    for (d = parent->child; d; d = d->next) {
        must(d->nwords > 0 && d->line > 0 && d->parent == parent);
        must(d->next != NULL || d == parent->last);

        for (i = 0; i < d->nwords; i++) {
            must(d->word[i].len < RT_NGINXCONF_WORD);
            put_word(out, &d->word[i]);
        }

        put(out, d->child ? '{' : ';');
        write_again(out, d, depth + 1);

        if (d->child) {
            put(out, '}');
        }
    }
}


static void
same(const rt_nginxconf_t *a, const rt_nginxconf_t *b)
{
    unsigned  i;

    for (a = a->child, b = b->child; a && b; a = a->next, b = b->next) {
        must(a->nwords == b->nwords);

        for (i = 0; i < a->nwords; i++) {
            must(rt_str_eq(&a->word[i], &b->word[i]));
        }

        same(a, b);
    }

    must(a == NULL && b == NULL);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    out_t            out;
    rt_mem_t         mem;
    rt_str_t         name, text, err;
    rt_arena_t       arena;
    rt_nginxconf_t  *root, *again;

    mem = rt_arena_init(&arena);

    name.data = (unsigned char *) "nginx.conf";
    name.len = strlen("nginx.conf");
    text.data = rt_alloc(&mem, size);
    text.len = size;
    memcpy(text.data, data, size);

    if (rt_nginxconf_parse(&mem, &name, &text, &root, &err) == RT_OK) {
        out.data = rt_alloc(&mem, room(root));
        out.len = 0;
        write_again(&out, root, 0);

        text.data = out.data;
        text.len = out.len;

        /* a word that was near the bound may be above it with its escapes */

        if (rt_nginxconf_parse(&mem, &name, &text, &again, &err) == RT_OK) {
            same(root, again);

        } else {
            must(rt_str_holds(&err, "too long")
                 || rt_str_holds(&err, "include"));
        }

    } else {
        must(err.len > 0);
    }

    rt_arena_free(&arena);

    return 0;
}
