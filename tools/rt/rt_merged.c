
#include "rt_check_tree.h"
#include "rt_merged.h"
#include "text/rt_field.h"


typedef struct {
    rt_mem_t     *mem;
    rt_str_t      rest[RT_MERGED_MODULES];   /* lines not looked at yet */
    rt_place_t  **last;
    rt_status_e   rc;
} join_t;


static const rt_str_t  modules[RT_MERGED_MODULES] = {
    rt_string("rtauth"), rt_string("rtaudit"), rt_string("rtcsp")
};


int
rt_merged_is(const rt_json_t *row, const char *name)
{
    const rt_str_t    key = rt_str_of(name);
    const rt_json_t  *v = rt_json_get(row, &key);

    return v && v->type == RT_JSON_TRUE;
}


/* Finds the next line of this module; ret: 1; 0: there is none. */

static int
next_row(join_t *j, unsigned m, rt_merged_row_t *row)
{
    size_t    err;
    rt_str_t  name;

    static const rt_json_opts_t  opts = { RT_JSON_UNIQUE, 16, 1000000 };

    while (rt_field_part(&j->rest[m], '\n', &row->text)) {

        if (row->text.len == 0) {
            continue;
        }

        if (rt_json_parse(j->mem, &row->text, &opts, &row->json, &err)
            != RT_OK)
        {
            j->rc = RT_INVALID;
            return 0;
        }

        name = rt_json_text(row->json, "module");

        if (rt_str_eq(&name, &modules[m])) {
            return 1;
        }
    }

    row->json = NULL;
    row->text.len = 0;

    return 0;
}


/* nginx calls both "=/x" and "= /x" the location /x. */

static int
is_place(const rt_nginxconf_t *at, const rt_json_t *row)
{
    rt_str_t         kind, name;
    const rt_str_t  *word;

    kind = rt_json_text(row, "kind");
    name = rt_json_text(row, "name");

    if (!is(at, "location")) {
        return rt_str_eq(&at->word[0], &kind);
    }

    word = &at->word[at->nwords - 1];

    return !rt_str_lit(&kind, "if") && !rt_str_lit(&kind, "limit_except")
           && !rt_str_lit(&kind, "server") && word->len >= name.len
           && memcmp(word->data + word->len - name.len, name.data, name.len)
              == 0;
}


static void
add(join_t *j, const rt_nginxconf_t *server, const rt_nginxconf_t *at)
{
    unsigned     m;
    rt_place_t  *place;

    place = rt_alloc(j->mem, sizeof(rt_place_t));
    if (place == NULL) {
        j->rc = RT_ERROR;
        return;
    }

    memset(place, 0, sizeof(rt_place_t));
    place->server = server;
    place->at = at;

    *j->last = place;
    j->last = &place->next;

    for (m = 0; m < RT_MERGED_MODULES && j->rc == RT_OK; m++) {
        if (next_row(j, m, &place->row[m])
            && !is_place(at, place->row[m].json))
        {
            j->rc = RT_INVALID;
        }
    }
}


static void
walk(join_t *j, const rt_nginxconf_t *server, const rt_nginxconf_t *level)
{
    const rt_nginxconf_t  *d;

    add(j, server, level);

    for (d = level->child; d && j->rc == RT_OK; d = d->next) {
        if (is(d, "location") || is(d, "if") || is(d, "limit_except")) {
            walk(j, server, d);
        }
    }
}


/* Whether there is a directive of this module, by the name it begins with. */

static int
is_spoken_of(const rt_nginxconf_t *level, const rt_str_t *module)
{
    const rt_nginxconf_t  *d;

    if (!has_directives(level)) {
        return 0;
    }

    for (d = level->child; d; d = d->next) {
        if ((d->word[0].len >= module->len
             && memcmp(d->word[0].data, module->data, module->len) == 0)
            || is_spoken_of(d, module))
        {
            return 1;
        }
    }

    return 0;
}


rt_status_e
rt_merged(rt_mem_t *mem, const rt_nginxconf_t *root, const rt_str_t *text,
    rt_merged_t *shown, const char **why)
{
    join_t                 j;
    unsigned               m;
    rt_merged_row_t         more;
    const rt_nginxconf_t  *http, *server;

    memset(shown, 0, sizeof(rt_merged_t));
    memset(&j, 0, sizeof(join_t));

    j.mem = mem;
    j.last = &shown->places;
    j.rc = RT_OK;

    for (m = 0; m < RT_MERGED_MODULES; m++) {
        j.rest[m] = *text;
        next_row(&j, m, &shown->http[m]);
    }

    for (http = own(root, "http"); http; http = again(http)) {
        for (server = own(http, "server"); server && j.rc == RT_OK;
             server = again(server))
        {
            walk(&j, server, server);
        }
    }

    /* a module shows either all places or none */

    for (m = 0; m < RT_MERGED_MODULES && j.rc == RT_OK; m++) {
        if (next_row(&j, m, &more)) {
            j.rc = RT_INVALID;
        }
    }

    *why = j.rc == RT_OK ? NULL
           : j.rc == RT_ERROR ? "no memory"
           : "what the modules said of it does not fit what nginx -T printed";

    for (m = 0; m < RT_MERGED_MODULES && j.rc == RT_OK; m++) {
        if (shown->http[m].json == NULL && is_spoken_of(root, &modules[m])) {
            *why = "the modules said nothing of it: they are older than this "
                   "rt, or what runs nginx (sudo, a container) leaves RT_SHOW "
                   "out of its environment";
            j.rc = RT_DECLINED;
        }
    }

    return j.rc;
}
