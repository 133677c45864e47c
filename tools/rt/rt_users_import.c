
#include <search.h>
#include <stdio.h>
#include <stdlib.h>

#include "rt.h"
#include "rt_term.h"
#include "rt_users_import.h"


#define BODY  (4 * 1024 * 1024)         /* bytes */


/* a user's id in the lines that are read, and the one he has now */

typedef struct {
    rt_str_t             old;
    rt_str_t             now;
} renamed_t;

typedef struct {
    rt_users_api_t      *api;
    renamed_t           *ids;
    size_t               nids;
    size_t               room;
    size_t               line;
    size_t               refused;
    void                *taken;     /* ids that lines were taken for, a tree */
    unsigned char       *body;
} import_t;


static int
by_text(const void *a, const void *b)
{
    const rt_str_t *x = a, *y = b;

    int     rc;
    size_t  n;

    n = x->len < y->len ? x->len : y->len;
    rc = n ? memcmp(x->data, y->data, n) : 0;

    return rc ? rc : (x->len > y->len) - (x->len < y->len);
}


static int
by_old(const void *a, const void *b)
{
    const renamed_t *x = a, *y = b;

    return by_text(&x->old, &y->old);
}


static int
remember(import_t *im, rt_str_t old, rt_str_t now)
{
    renamed_t  *p;

    if (im->nids == im->room) {
        im->room = im->room ? 2 * im->room : 1024;

        p = realloc(im->ids, im->room * sizeof(renamed_t));
        if (p == NULL) {
            return -1;
        }

        im->ids = p;
    }

    im->ids[im->nids].old = old;
    im->ids[im->nids++].now = now;

    return 0;
}


/* The members of a group by their ids of now, for users of these lines. */

static void
rename_members(import_t *im, rt_json_t *group)
{
    renamed_t  *found, key;
    rt_json_t  *v, *value;

    v = rt_json_member(group, "members");

    for (v = v ? v->child : NULL; v; v = v->next) {
        value = rt_json_member(v, "value");

        if (value == NULL || value->type != RT_JSON_STRING) {
            continue;
        }

        key.old = value->str;
        found = im->nids ? bsearch(&key, im->ids, im->nids, sizeof(renamed_t),
                                   by_old)
                         : NULL;
        if (found) {
            value->str = found->now;
        }
    }
}


/* ret: 0; -1: memory is out */

static int
mark(import_t *im, const rt_str_t *id)
{
    rt_str_t  *copy;

    copy = rt_alloc(im->api->mem, sizeof(rt_str_t));
    if (copy == NULL) {
        return -1;
    }

    *copy = *id;

    return tsearch(copy, &im->taken, by_text) ? 0 : -1;
}


static int
keep_id(void *data, const rt_json_t *resource)
{
    *(rt_str_t *) data = rt_json_text(resource, "id");

    return 0;
}


static int
put(import_t *im, const char *path, const char *attribute, rt_json_t *resource,
    rt_str_t *id)
{
    int          status;
    char        *filter, *name, at[512];
    rt_str_t     text, body;
    rt_json_t   *answer;
    rt_jsonw_t   w;

    text = rt_json_text(resource, attribute);
    name = strndup(text.len ? (char *) text.data : "", text.len);
    filter = name ? rt_users_filter(im->api->mem, attribute, name) : NULL;
    free(name);

    id->len = 0;

    if (filter == NULL
        || rt_users_each(im->api, path, filter, keep_id, id) != 0)
    {
        return -1;
    }

    /* names are the same in any case */

    if (tfind(id, &im->taken, by_text)) {
        rt_term_warning("rt users: line %zu is not taken: an earlier line has "
                        "this name\n", im->line);
        return 1;
    }

    rt_jsonw_init(&w, im->body, BODY);
    rt_jsonw_value(&w, resource);

    body.data = im->body;
    body.len = rt_jsonw_len(&w);

    if (w.full) {
        rt_term_warning("rt users: line %zu: is too long\n", im->line);
        return 1;
    }

    (void) snprintf(at, sizeof(at), "%s%s%.*s", path, id->len ? "/" : "",
                    (int) id->len, id->len ? (char *) id->data : "");

    status = rt_users_ask(im->api, id->len ? "PUT" : "POST", at, &body,
                          &answer);

    if (status != 200 && status != 201) {

        if (status >= 0) {
            rt_term_warning("rt users: line %zu is not taken\n", im->line);
            (void) rt_users_refused(status, answer);
        }

        return status < 0 || status == 401 || status >= 500 ? -1 : 1;
    }

    *id = rt_json_text(answer, "id");

    return mark(im, id);
}


/* ret: 0; 1: this one was refused; -1: all others would fail as well */

static int
take_line(import_t *im, const rt_str_t *line, int groups)
{
    int              rc, user;
    rt_str_t         id, old;
    rt_json_t       *v;
    rt_json_opts_t   opts;

    opts.flags = RT_JSON_UNIQUE;
    opts.max_depth = 32;
    opts.max_nodes = 1000000;

    if (rt_json_parse(im->api->mem, line, &opts, &v, NULL) != RT_OK
        || v->type != RT_JSON_OBJECT)
    {
        rt_term_warning("rt users: line %zu: is no object of JSON\n",
                im->line);
        return groups ? 0 : 1;
    }

    user = (rt_json_member(v, "userName") != NULL);

    if (user == groups) {
        return 0;
    }

    if (groups) {
        rename_members(im, v);
        return put(im, "/Groups", "displayName", v, &id);
    }

    old = rt_json_text(v, "id");
    rc = put(im, "/Users", "userName", v, &id);

    return rc == 0 && old.len ? remember(im, old, id) : rc;
}


static int
take_lines(import_t *im, const rt_str_t *text, int groups)
{
    int       rc;
    rt_str_t  rest, line;

    rest = *text;
    im->line = 0;

    while (rest.len) {
        (void) rt_str_cut(&rest, '\n', &line, &rest);
        im->line++;

        rc = line.len ? take_line(im, &line, groups) : 0;

        if (rc < 0) {
            return -1;
        }

        im->refused += (size_t) rc;
    }

    return 0;
}


int
rt_users_import(rt_users_api_t *api, const rt_str_t *text, int json)
{
    import_t  im;

    memset(&im, 0, sizeof(import_t));

    im.api = api;
    im.body = malloc(BODY);

    if (im.body == NULL || take_lines(&im, text, 0) != 0) {
        return RT_EXIT_FAILED;
    }

    if (im.nids) {
        qsort(im.ids, im.nids, sizeof(renamed_t), by_old);
    }

    if (take_lines(&im, text, 1) != 0) {
        return RT_EXIT_FAILED;
    }

    if (json) {
        printf("{\"lines\":%zu,\"refused\":%zu}\n", im.line, im.refused);
    }

    return im.refused ? RT_EXIT_FOUND : RT_EXIT_OK;
}
