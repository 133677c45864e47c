
/*
 * rt_cookie, against a slow model that cuts the line into pieces first: the
 * same cookies are found, the same are taken out, and all other pieces stay
 * as they were.  Nothing is found in what is left, nor taken out of it again.
 */

#include <assert.h>
#include <strings.h>

#include "rt_arena.h"
#include "text/rt_cookie.h"


#define PIECES  1024


static const rt_cookie_name_t  ours[] = {
    { rt_string("rt"), 0 },
    { rt_string("rt_"), 1 },
};


typedef struct {
    char      *piece[PIECES];       /* each ends with NUL */
    unsigned   n;
} model_t;


/* 0: more pieces than the model has, or a NUL, which is not of this model */

static int
cut(rt_mem_t *mem, const rt_str_t *line, model_t *model)
{
    char  *text, *end;

    if (memchr(line->data, '\0', line->len + 1) != line->data + line->len) {
        return 0;
    }

    text = rt_alloc(mem, line->len + 1);
    memcpy(text, line->data, line->len + 1);

    for (model->n = 0; model->n < PIECES; text = end + 1) {

        model->piece[model->n++] = text;

        end = strchr(text, ';');
        if (end == NULL) {
            return 1;
        }

        *end = '\0';
    }

    return 0;
}


/* the name of a piece without blanks around it, to be freed */

static char *
name_of(const char *piece)
{
    char    *name;
    size_t   len;

    piece += strspn(piece, " \t");
    len = strcspn(piece, "=");

    while (len && strchr(" \t", piece[len - 1])) {
        len--;
    }

    name = strndup(piece, len);
    assert(name);

    return name;
}


static int
is_ours(const char *piece)
{
    int    listed;
    char  *name;

    name = name_of(piece);
    listed = strcasecmp(name, "rt") == 0
             || (strlen(name) == 4 && strncasecmp(name, "rt_", 3) == 0
                 && strchr("0123456789", name[3]));
    free(name);

    return listed;
}


static int
empty(const char *piece)
{
    return piece[strspn(piece, " \t")] == '\0';
}


static unsigned
count(const model_t *model)
{
    char      *name;
    unsigned   i, n;

    for (i = 0, n = 0; i < model->n; i++) {
        name = name_of(model->piece[i]);
        n += strcmp(name, "rt") == 0 && strchr(model->piece[i], '=') != NULL;
        free(name);
    }

    return n;
}


/* the model's way: first all that goes is struck out, then the rest joined */

static char *
without(rt_mem_t *mem, const model_t *model, size_t len, int *any)
{
    int        full;
    char      *text;
    unsigned   i, last, gone[PIECES];

    text = rt_alloc(mem, len + 1);
    text[0] = '\0';
    *any = 0;
    full = 0;

    for (i = 0; i < model->n; i++) {
        gone[i] = is_ours(model->piece[i])
                  || (i && gone[i - 1] && empty(model->piece[i]));
        *any |= gone[i];
        full |= !gone[i] && !empty(model->piece[i]);
    }

    last = model->n;

    for (i = 0; full && i < model->n; i++) {

        if (gone[i]) {
            continue;
        }

        if (last < model->n) {
            strcat(text, ";");
            strcat(text, model->piece[i]);

        } else {
            strcat(text, model->piece[i]
                         + (i ? strspn(model->piece[i], " \t") : 0));
        }

        last = i;
    }

    return text;
}


static void
check(rt_mem_t *mem, const rt_str_t *line, const model_t *model)
{
    int        any;
    char      *want;
    unsigned   n;
    rt_str_t   rest, again, value, name = rt_string("rt");

    n = 0;
    rt_cookie_find(line, &name, &value, &n);
    assert(n == count(model));
    assert(n == 0 || (value.data >= line->data
                      && value.data + value.len <= line->data + line->len));

    want = without(mem, model, line->len, &any);

    if (rt_cookie_take_out(mem, line, ours, 2, &rest) != RT_OK) {
        assert(!any && rest.data == line->data && rest.len == line->len);
        return;
    }

    assert(any && rest.len < line->len);
    assert(strlen(want) == rest.len
           && memcmp(want, rest.data, rest.len + 1) == 0);

    n = 0;
    rt_cookie_find(&rest, &name, &value, &n);
    assert(n == 0);
    assert(rt_cookie_take_out(mem, &rest, ours, 2, &again) == RT_DECLINED);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    model_t      model;
    rt_mem_t     mem;
    rt_str_t     line;
    rt_arena_t   arena;

    mem = rt_arena_init(&arena);

    line.len = size;
    line.data = rt_alloc(&mem, size + 1);
    memcpy(line.data, data, size);
    line.data[size] = '\0';

    if (cut(&mem, &line, &model)) {
        check(&mem, &line, &model);
    }

    rt_arena_free(&arena);

    return 0;
}
