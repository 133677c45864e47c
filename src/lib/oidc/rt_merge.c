
#include "oidc/rt_merge.h"
#include "jose/rt_claims.h"
#include "json/rt_jsonw.h"


static int
is_of_one_answer(const rt_str_t *name)
{
    return rt_str_lit(name, "nonce") || rt_str_lit(name, "at_hash")
           || rt_str_lit(name, "c_hash") || rt_str_lit(name, "s_hash");
}


/* is it in none of those before? */

static int
is_wanted(const rt_json_t *const *objects, unsigned i, const rt_json_t *v)
{
    if (is_of_one_answer(&v->key)) {
        return 0;
    }

    while (i > 0) {
        i--;

        if (rt_json_get(objects[i], &v->key)) {
            return 0;
        }
    }

    return 1;
}


static void
write_object(const rt_json_t *const *objects, unsigned i, rt_jsonw_t *w)
{
    const rt_json_t  *v;

    for (v = objects[i] ? objects[i]->child : NULL; v; v = v->next) {

        if (is_wanted(objects, i, v)) {
            rt_jsonw_key(w, &v->key);
            rt_jsonw_value(w, v);
        }
    }
}


/* what is written takes no more than all of them do, one behind the other */

rt_status_e
rt_merge(rt_mem_t *mem, const rt_json_t *const *objects, unsigned n,
    rt_str_t *json)
{
    size_t          size;
    unsigned        i;
    rt_str_t        text;
    rt_jsonw_t      w;
    unsigned char  *buf;

    size = sizeof("{}");

    for (i = 0; i < n; i++) {
        if (rt_claims_json(mem, objects[i], &text) != RT_OK) {
            return RT_ERROR;
        }

        size += text.len;
    }

    buf = rt_alloc(mem, size);
    if (buf == NULL) {
        return RT_ERROR;
    }

    rt_jsonw_init(&w, buf, size);
    rt_jsonw_open(&w, '{');

    for (i = 0; i < n; i++) {
        write_object(objects, i, &w);
    }

    rt_jsonw_close(&w, '}');

    json->data = buf;
    json->len = rt_jsonw_len(&w);

    return w.full ? RT_ERROR : RT_OK;
}
