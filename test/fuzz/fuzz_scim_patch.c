
/*
 * A user or a group, a line end, a PATCH of it.  What is made is within its
 * bounds, and is the same when it is made again of its own text; a PATCH that
 * is refused, and one that is not, leave what was there as it was.  What a
 * client is shown has room in what was told, and is JSON.
 */

#include <assert.h>

#include "rt_arena.h"
#include "jose/rt_claims.h"
#include "scim/rt_scim_patch.h"
#include "scim/rt_scim_show.h"


static void
check_ids(const rt_str_t *ids, size_t n)
{
    size_t  i;
    int     rc;

    for (i = 0; i < n; i++) {
        assert(ids[i].len > 0 && ids[i].len <= RT_SCIM_MAX_ID);

        if (i) {
            rc = memcmp(ids[i - 1].data, ids[i].data,
                        ids[i - 1].len < ids[i].len ? ids[i - 1].len
                                                    : ids[i].len);
            assert(rc < 0 || (rc == 0 && ids[i - 1].len < ids[i].len));
        }
    }
}


static void
check_members(const rt_scim_members_t *members)
{
    size_t  i, j;

    check_ids(members->added, members->nadded);
    check_ids(members->removed, members->nremoved);

    assert(!members->all || members->nremoved == 0);

    for (i = j = 0; i < members->nadded; i++) {
        for (j = 0; j < members->nremoved; j++) {
            assert(!rt_str_eq(&members->added[i], &members->removed[j]));
        }
    }
}


static void
check_shown(rt_mem_t *mem, rt_scim_type_e type, const rt_scim_change_t *made)
{
    size_t               i, room;
    rt_str_t             none = rt_null_string, text;
    rt_json_t           *root;
    rt_jsonw_t           w;
    rt_scim_shown_t      shown;
    rt_scim_resource_t   res;

    memset(&res, 0, sizeof(rt_scim_resource_t));
    res.type = type;
    res.root = made->root;
    res.id = (rt_str_t) rt_string("0190a1b2");
    res.base = (rt_str_t) rt_string("https://a");
    res.nrefs = made->members.nadded;
    res.refs = rt_alloc(mem, (res.nrefs + 1) * sizeof(rt_scim_ref_t));

    for (i = 0; i < res.nrefs; i++) {
        res.refs[i].id = made->members.added[i];
        res.refs[i].display = made->members.added[i];
    }

    room = rt_scim_show_room(&res);
    text.data = rt_alloc(mem, room);

    assert(rt_scim_shown(type, &none, &none, &shown) == NULL);

    rt_jsonw_init(&w, text.data, room);
    rt_scim_show(&w, &res, &shown);
    assert(!w.full);

    text.len = rt_jsonw_len(&w);
    assert(rt_scim_body(mem, &text, &root) == NULL);
}


/* what was made is what is made of its own text */

static void
check_made(rt_mem_t *mem, rt_scim_type_e type, const rt_scim_change_t *made)
{
    size_t             i;
    rt_str_t           text;
    rt_json_t         *root;
    rt_scim_change_t   again;

    assert(made->text.len <= RT_SCIM_MAX_RESOURCE);
    assert(rt_claims_json(mem, made->root, &text) == RT_OK);
    assert(rt_str_eq(&text, &made->text));

    assert(rt_scim_read(mem, &made->text, &root) == RT_OK);
    assert(rt_scim_create(mem, type, root, NULL, &again) == NULL);
    assert(rt_str_eq(&again.text, &made->text));
    assert(again.active == made->active);

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        assert(rt_str_eq(&again.key[i], &made->key[i]));
        assert(made->key[i].len <= RT_SCIM_MAX_KEY);
    }

    check_members(&made->members);
    check_shown(mem, type, made);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t                mem;
    rt_str_t                all, first, second, text;
    rt_json_t              *body, *operations;
    rt_arena_t              arena;
    rt_scim_type_e          type;
    rt_scim_change_t        old, new;
    const rt_scim_error_t  *error;

    mem = rt_arena_init(&arena);

    all.data = rt_alloc(&mem, size + 1);
    all.len = size;
    memcpy(all.data, data, size);

    (void) rt_str_cut(&all, '\n', &first, &second);

    for (type = RT_SCIM_USER; type <= RT_SCIM_GROUP; type++) {

        if (rt_scim_body(&mem, &first, &body)
            || rt_scim_create(&mem, type, body, NULL, &old))
        {
            continue;
        }

        check_made(&mem, type, &old);

        if (rt_scim_body(&mem, &second, &operations)) {
            continue;
        }

        error = rt_scim_patch(&mem, type, old.root, operations, &new);

        assert(error != &rt_scim_no_memory);
        assert(rt_claims_json(&mem, old.root, &text) == RT_OK);
        assert(rt_str_eq(&text, &old.text));

        if (error == NULL) {
            check_made(&mem, type, &new);
        }
    }

    rt_arena_free(&arena);

    return 0;
}
