
#include <stddef.h>

#include "jose/rt_bound.h"
#include "text/rt_b64.h"


typedef struct {
    rt_str_t  name;
    unsigned  way;
    size_t    offset;               /* of the digest in rt_bound_t */
} bound_member_t;


static const bound_member_t  members[] = {
    { rt_string("jkt"), RT_BOUND_DPOP, offsetof(rt_bound_t, jkt) },
    { rt_string("x5t#S256"), RT_BOUND_MTLS, offsetof(rt_bound_t, x5t) },
};


static const bound_member_t *
find(const rt_str_t *name)
{
    size_t  i;

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (rt_str_eq(&members[i].name, name)) {
            return &members[i];
        }
    }

    return NULL;
}


rt_reason_e
rt_bound_read(const rt_json_t *claims, unsigned ways, rt_bound_t *bound)
{
    size_t                 len;
    rt_json_t             *cnf, *v;
    const bound_member_t  *m;

    memset(bound, 0, sizeof(rt_bound_t));

    cnf = rt_json_member(claims, "cnf");

    if (cnf == NULL) {
        return RT_REASON_UNBOUND;
    }

    /*
     * A "cnf" that is no object, or an empty one, names no way to prove
     * anything.
     */

    for (v = cnf->type == RT_JSON_OBJECT ? cnf->child : NULL; v; v = v->next) {
        m = find(&v->key);

        if (m == NULL || !(m->way & ways) || v->type != RT_JSON_STRING
            || rt_b64_decoded_len(v->str.len) != RT_BOUND_HASH
            || rt_b64_decode_to(&v->str, (unsigned char *) bound + m->offset,
                                &len)
               != RT_OK)
        {
            return RT_REASON_CONFIRMATION;
        }

        bound->ways |= m->way;
    }

    return bound->ways ? RT_REASON_OK : RT_REASON_CONFIRMATION;
}
