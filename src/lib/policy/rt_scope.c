
#include "policy/rt_cond.h"
#include "policy/rt_scope.h"


static int
listed(const rt_str_t *text, const rt_str_t *scope)
{
    rt_str_t  rest, word;

    for (rest = *text; rt_cond_part(&rest, ' ', &word); ) {
        if (rt_str_eq(&word, scope)) {
            return 1;
        }
    }

    return 0;
}


rt_json_t *
rt_scope_claim(const rt_json_t *claims)
{
    rt_json_t  *v;

    v = rt_json_member(claims, "scope");

    return v ? v : rt_json_member(claims, "scp");
}


int
rt_scope_has(const rt_json_t *claims, const rt_str_t *scope)
{
    const rt_json_t  *v, *e;

    v = rt_scope_claim(claims);

    if (v && v->type == RT_JSON_STRING) {
        return listed(&v->str, scope);
    }

    for (e = v && v->type == RT_JSON_ARRAY ? v->child : NULL; e; e = e->next) {
        if (e->type == RT_JSON_STRING && rt_str_eq(&e->str, scope)) {
            return 1;
        }
    }

    return 0;
}
