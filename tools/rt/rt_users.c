
/*
 * rt users: the users and groups that were pushed by SCIM, asked for at the
 * address that the provider pushes to.
 */

#include <stdio.h>
#include <stdlib.h>

#include "rt.h"
#include "rt_input.h"
#include "rt_term.h"
#include "rt_users_api.h"
#include "rt_users_import.h"
#include "rt_words.h"


typedef struct {
    const char      *verb;      /* as in "rt users list" */
    rt_users_api_t   api;
    int              json;
    const char      *filter;
    const char      *name;      /* of a user, or of a file */
} users_t;


typedef enum {
    NOBODY,
    FILTERED,                   /* there may be a filter */
    SOMEBODY,                   /* there must be a name */
    ANYBODY                     /* there may be a name */
} named_e;


static int list(rt_mem_t *mem, int argc, char **argv);
static int show(rt_mem_t *mem, int argc, char **argv);
static int disable(rt_mem_t *mem, int argc, char **argv);
static int enable(rt_mem_t *mem, int argc, char **argv);
static int groups(rt_mem_t *mem, int argc, char **argv);
static int export(rt_mem_t *mem, int argc, char **argv);
static int import(rt_mem_t *mem, int argc, char **argv);


static const rt_verb_t  verb[] = {
    { "list", "list [--json] [--filter FILTER]   users, one a line", list,
      NULL },
    { "show", "show [--json] USER                one user, by userName or id",
      show, NULL },
    { "disable", "disable [--json] USER             is let in no more, at once",
      disable, NULL },
    { "enable", "enable [--json] USER              is let in again", enable,
      NULL },
    { "groups", "groups [--json]                   groups, one a line",
      groups, NULL },
    { "export", "export [--json]                   all of it, a line of JSON "
      "each", export, NULL },
    { "import", "import [--json] [FILE]            makes or replaces what was "
      "exported", import, NULL }
};

const rt_verbs_t  rt_users_verbs = RT_VERBS("rt users", verb,
    "with --url URL --key file:PATH|env:NAME [--ca FILE], or "
    "RT_SCIM_URL and RT_SCIM_KEY\n");


/* ret: 0; -1: said why not */

static int
read_words(users_t *u, named_e named, int argc, char **argv)
{
    const rt_option_t  options[] = {
        { "--url", &u->api.url, NULL },
        { "--key", &u->api.key, NULL },
        { "--ca", &u->api.ca, NULL },
        { "--json", NULL, &u->json },
        { "--filter", &u->filter, NULL }
    };

    if (rt_words(u->verb, options, named == FILTERED ? 5 : 4, argc, argv,
                 named == SOMEBODY || named == ANYBODY ? &u->name : NULL)
        != 0)
    {
        return -1;
    }

    if (named == SOMEBODY && u->name == NULL) {
        rt_term_warning("%s: write a userName or an id\n", u->verb);
        return -1;
    }

    return 0;
}


/* ret: 0; -1: said why not */

static int
begin(users_t *u, rt_mem_t *mem, const char *verb, named_e named, int argc,
    char **argv)
{
    memset(u, 0, sizeof(users_t));

    u->verb = verb;
    u->api.mem = mem;
    u->api.url = getenv("RT_SCIM_URL");
    u->api.key = getenv("RT_SCIM_KEY");

    return read_words(u, named, argc, argv) == 0 ? rt_users_open(&u->api) : -1;
}


static int
is_active(const rt_json_t *user)
{
    const rt_json_t  *active;

    active = rt_json_member(user, "active");

    return active == NULL || active->type != RT_JSON_FALSE;
}


static void
print_text(const rt_json_t *resource, const char *name)
{
    rt_str_t  text;

    text = rt_json_text(resource, name);
    rt_term_text(&text);
}


static int
print_user(void *data, const rt_json_t *user)
{
    users_t *u = data;

    if (u->json) {
        return rt_users_print(user);
    }

    print_text(user, "id");
    printf("  %-8s  ", is_active(user) ? "active" : "disabled");
    print_text(user, "userName");
    putchar('\n');

    return 0;
}


static int
print_group(void *data, const rt_json_t *group)
{
    users_t *u = data;

    const rt_json_t  *members;

    if (u->json) {
        return rt_users_print(group);
    }

    members = rt_json_member(group, "members");

    print_text(group, "id");
    printf("  %5u  ", members ? members->count : 0);
    print_text(group, "displayName");
    putchar('\n');

    return 0;
}


static int
print_all(rt_mem_t *mem, const char *verb, named_e named, int argc,
    char **argv, const char *path,
    int (*print)(void *data, const rt_json_t *resource))
{
    users_t  u;

    return begin(&u, mem, verb, named, argc, argv) == 0
           && rt_users_each(&u.api, path, u.filter, print, &u) == 0
           ? RT_EXIT_OK : RT_EXIT_FAILED;
}


static int
list(rt_mem_t *mem, int argc, char **argv)
{
    return print_all(mem, "rt users list", FILTERED, argc, argv, "/Users",
                     print_user);
}


static int
groups(rt_mem_t *mem, int argc, char **argv)
{
    return print_all(mem, "rt users groups", NOBODY, argc, argv, "/Groups",
                     print_group);
}


static int
export(rt_mem_t *mem, int argc, char **argv)
{
    users_t  u;

    if (begin(&u, mem, "rt users export", NOBODY, argc, argv) != 0) {
        return RT_EXIT_FAILED;
    }

    u.json = 1;

    return rt_users_each(&u.api, "/Users", NULL, print_user, &u) == 0
           && rt_users_each(&u.api, "/Groups", NULL, print_group, &u) == 0
           ? RT_EXIT_OK : RT_EXIT_FAILED;
}


static int
keep_one(void *data, const rt_json_t *user)
{
    *(const rt_json_t **) data = user;

    return 0;
}


/*
 * Finds a user by userName, or else by id.
 * ret:  RT_EXIT_OK, RT_EXIT_FOUND: there is none, RT_EXIT_FAILED
 */

static int
find(users_t *u, const rt_json_t **user)
{
    char    *filter;
    size_t   i;

    static const char *const  attribute[] = { "userName", "id" };

    *user = NULL;

    for (i = 0; i < 2; i++) {
        filter = rt_users_filter(u->api.mem, attribute[i], u->name);

        if (filter == NULL
            || rt_users_each(&u->api, "/Users", filter, keep_one, user) != 0)
        {
            return RT_EXIT_FAILED;
        }

        if (*user) {
            return RT_EXIT_OK;
        }
    }

    rt_term_warning("rt users: %s: there is no such user\n", u->name);

    return RT_EXIT_FOUND;
}


static void
print_list(const rt_json_t *user, const char *name, const char *of,
    const char *what)
{
    rt_str_t          text;
    const rt_str_t    key = rt_str_of(name);
    const rt_json_t  *v;

    v = rt_json_get(user, &key);

    for (v = v ? v->child : NULL; v; v = v->next) {
        text = rt_json_text(v, of);
        printf("%-12s", what);
        rt_term_text(&text);
        putchar('\n');
    }
}


static int
show(rt_mem_t *mem, int argc, char **argv)
{
    int               rc;
    size_t            i;
    users_t           u;
    const rt_json_t  *user;

    static const char *const  texts[] = {
        "id", "userName", "externalId", "displayName"
    };

    rc = begin(&u, mem, "rt users show", SOMEBODY, argc, argv) == 0
         ? find(&u, &user) : RT_EXIT_FAILED;

    if (rc != RT_EXIT_OK) {
        return rc;
    }

    if (u.json) {
        return rt_users_print(user) == 0 ? RT_EXIT_OK : RT_EXIT_FAILED;
    }

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (rt_json_text(user, texts[i]).len) {
            printf("%-12s", texts[i]);
            print_text(user, texts[i]);
            putchar('\n');
        }
    }

    printf("%-12s%s\n", "state", is_active(user) ? "active" : "disabled");
    print_list(user, "emails", "value", "email");
    print_list(user, "groups", "display", "group");

    printf("%-12s", "created");
    print_text(rt_json_member(user, "meta"), "created");
    printf("\n%-12s", "changed");
    print_text(rt_json_member(user, "meta"), "lastModified");
    putchar('\n');

    return RT_EXIT_OK;
}


static int
print_active(rt_mem_t *mem, const rt_str_t *id, const char *value)
{
    rt_jsonw_t  w;

    if (!rt_term_json_open(&w, mem)) {
        return RT_EXIT_FAILED;
    }

    rt_jsonw_lit(&w, "id");
    rt_jsonw_str(&w, id);
    rt_jsonw_lit(&w, "active");
    rt_jsonw_put(&w, value, strlen(value));

    return rt_term_json_close(&w) ? RT_EXIT_OK : RT_EXIT_FAILED;
}


static int
set_active(rt_mem_t *mem, const char *verb, int argc, char **argv,
    const char *value)
{
    int               rc, status;
    char              path[256], text[256];
    users_t           u;
    rt_str_t          id, body;
    rt_json_t        *answer;
    const rt_json_t  *user;

    rc = begin(&u, mem, verb, SOMEBODY, argc, argv) == 0
         ? find(&u, &user) : RT_EXIT_FAILED;

    if (rc != RT_EXIT_OK) {
        return rc;
    }

    id = rt_json_text(user, "id");

    (void) snprintf(path, sizeof(path), "/Users/%.*s", (int) id.len,
                    (char *) id.data);

    body.data = (unsigned char *) text;
    body.len = (size_t) snprintf(text, sizeof(text),
                     "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
                     "PatchOp\"],\"Operations\":[{\"op\":\"replace\","
                     "\"path\":\"active\",\"value\":%s}]}", value);

    status = rt_users_ask(&u.api, "PATCH", path, &body, &answer);

    if (status != 200 && status != 204) {
        if (status >= 0) {
            (void) rt_users_refused(status, answer);
        }

        return RT_EXIT_FAILED;
    }

    return u.json ? print_active(mem, &id, value) : RT_EXIT_OK;
}


static int
disable(rt_mem_t *mem, int argc, char **argv)
{
    return set_active(mem, "rt users disable", argc, argv, "false");
}


static int
enable(rt_mem_t *mem, int argc, char **argv)
{
    return set_active(mem, "rt users enable", argc, argv, "true");
}


static int
import(rt_mem_t *mem, int argc, char **argv)
{
    users_t      u;
    rt_str_t     text;
    const char  *why;

    if (begin(&u, mem, "rt users import", ANYBODY, argc, argv) != 0) {
        return RT_EXIT_FAILED;
    }

    why = rt_input_file(&u.name, &text);

    if (why) {
        rt_term_warning("rt users: %s: %s\n", u.name, why);
        return RT_EXIT_FAILED;
    }

    return rt_users_import(&u.api, &text, u.json);
}
