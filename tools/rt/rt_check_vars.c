
#include "rt_check_vars.h"


/* variables that tell users apart */

static const rt_str_t  names[] = {
    rt_string("rtauth_user"),
    rt_string("rtauth_user_json"),
    rt_string("rtauth_claim_sub"),
    rt_string("rtauth_session"),
    rt_string("http_authorization"),
    rt_null_string
};


static int
is_known(const rt_vars_t *vars, const rt_str_t *name)
{
    const rt_str_t   *s;
    const rt_var_t   *v;

    /* which address of rtauth this is, it says of anybody, and at any time */

    static const rt_str_t  endpoint = rt_string("rtauth_endpoint");

    if (!vars->who && rt_str_ibegins(name, "rtauth_")
        && !rt_str_ieq(name, &endpoint))
    {
        return 1;
    }

    for (s = names; vars->who && s->len; s++) {
        if (rt_str_ieq(s, name)) {
            return 1;
        }
    }

    for (v = vars->first; v; v = v->next) {
        if (rt_str_ieq(&v->name, name)) {
            return 1;
        }
    }

    return 0;
}


static int
is_name(unsigned char c)
{
    return (rt_lower(c) >= 'a' && rt_lower(c) <= 'z') || (c >= '0' && c <= '9')
           || c == '_';
}


int
rt_check_holds(const rt_vars_t *vars, const rt_str_t *text)
{
    size_t    i;
    rt_str_t  name;

    for (i = 0; i + 1 < text->len; i++) {

        if (text->data[i] != '$') {
            continue;
        }

        name.data = text->data + i + 1 + (text->data[i + 1] == '{');
        name.len = 0;

        while (name.data + name.len < text->data + text->len
               && is_name(name.data[name.len]))
        {
            name.len++;
        }

        if (name.len && is_known(vars, &name)) {
            return 1;
        }
    }

    return 0;
}


/* ret: RT_AGAIN if the variable, "$name", is new in the set */

static rt_status_e
add(rt_mem_t *mem, rt_vars_t *vars, const rt_str_t *word)
{
    rt_str_t   name;
    rt_var_t  *v;

    if (word->len < 2 || word->data[0] != '$') {
        return RT_OK;
    }

    name.data = word->data + 1;
    name.len = word->len - 1;

    if (is_known(vars, &name)) {
        return RT_OK;
    }

    v = rt_alloc(mem, sizeof(rt_var_t));
    if (v == NULL) {
        return RT_ERROR;
    }

    v->name = name;
    v->next = vars->first;
    vars->first = v;

    return RT_AGAIN;
}


/* Whether a map's variable holds something of the user.  What it chooses by
   his name says something of him, but not who he is. */

static int
map_holds(const rt_vars_t *vars, const rt_nginxconf_t *map)
{
    const rt_nginxconf_t  *d;

    if (!vars->who && rt_check_holds(vars, &map->word[1])) {
        return 1;
    }

    for (d = map->child; d; d = d->next) {
        if (d->nwords > 1 && rt_check_holds(vars, &d->word[1])) {
            return 1;
        }
    }

    return 0;
}


static int
claim_holds(const rt_vars_t *vars, const rt_str_t *path)
{
    return !vars->who || rt_str_lit(path, "sub") || rt_str_lit(path, "/sub");
}


/* The variable that a directive makes from one of the set, or NULL. */

static const rt_str_t *
made(const rt_vars_t *vars, const rt_nginxconf_t *d)
{
    const rt_str_t  *w;

    w = d->word;

    if (d->nwords < 3) {
        return NULL;
    }

    if (rt_str_lit(w, "set") || rt_str_lit(w, "auth_request_set")) {
        return rt_check_holds(vars, &w[2]) ? &w[1] : NULL;
    }

    if (rt_str_lit(w, "map")) {
        return map_holds(vars, d) ? &w[2] : NULL;
    }

    if (rt_str_lit(w, "rtauth_claim")) {
        return claim_holds(vars, &w[2]) ? &w[1] : NULL;
    }

    return NULL;
}


/* ret: RT_OK, RT_AGAIN (the set grew), RT_ERROR */

static rt_status_e
learn(rt_mem_t *mem, rt_vars_t *vars, const rt_nginxconf_t *level)
{
    rt_status_e            own, inner, rc;
    const rt_str_t        *name;
    const rt_nginxconf_t  *d;

    for (d = level->child, rc = RT_OK; d && rc != RT_ERROR; d = d->next) {
        name = made(vars, d);
        own = name ? add(mem, vars, name) : RT_OK;
        inner = learn(mem, vars, d);

        if (own != RT_OK || inner != RT_OK) {
            rc = own == RT_ERROR || inner == RT_ERROR ? RT_ERROR : RT_AGAIN;
        }
    }

    return rc;
}


/* Goes on until none is new: one may be made from another made further down. */

rt_status_e
rt_check_vars(rt_mem_t *mem, const rt_nginxconf_t *root, rt_vars_t *vars)
{
    rt_status_e  rc;

    do {
        rc = learn(mem, vars, root);
    } while (rc == RT_AGAIN);

    return rc;
}
