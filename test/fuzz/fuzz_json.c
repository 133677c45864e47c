
/*
 * rt_json: a text that is accepted is UTF-8, obeys its bounds and, written
 * anew and read again, gives the same text; what strict mode accepts repair
 * mode reads alike.
 */

#include <assert.h>

#include "rt_arena.h"
#include "jose/rt_claims.h"
#include "json/rt_json.h"
#include "text/rt_utf8.h"


#define MAX_DEPTH  16
#define MAX_NODES  256


static unsigned
check_tree(const rt_json_t *v, unsigned depth, unsigned flags)
{
    unsigned          n, nodes;
    const rt_json_t  *m, *other;

    assert(rt_utf8_valid(&v->str) && rt_utf8_valid(&v->key));
    assert(depth <= MAX_DEPTH || v->type < RT_JSON_ARRAY);

    if (flags & RT_JSON_NO_NUL) {
        assert(v->str.len == 0 || !memchr(v->str.data, '\0', v->str.len));
        assert(v->key.len == 0 || !memchr(v->key.data, '\0', v->key.len));
    }

    nodes = 1;
    n = 0;

    for (m = v->child; m; m = m->next) {
        n++;
        nodes += check_tree(m, depth + 1, flags);

        if (v->type == RT_JSON_OBJECT && (flags & RT_JSON_UNIQUE)) {
            for (other = m->next; other; other = other->next) {
                assert(!rt_str_eq(&m->key, &other->key));
            }
        }
    }

    assert(n == v->count);

    return nodes;
}


static int
accepts(rt_mem_t *mem, const rt_str_t *text, unsigned flags, rt_str_t *out)
{
    rt_json_t       *root;
    rt_json_opts_t   opts = { flags, MAX_DEPTH, MAX_NODES };

    if (rt_json_parse(mem, text, &opts, &root, NULL) != RT_OK) {
        assert(root == NULL);
        return 0;
    }

    assert(check_tree(root, 1, flags) <= MAX_NODES);
    assert(rt_claims_json(mem, root, out) == RT_OK);

    return 1;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned      flags;
    rt_mem_t      mem;
    rt_str_t      text, out, again;
    rt_arena_t    arena;

    mem = rt_arena_init(&arena);
    text.data = (unsigned char *) data;
    text.len = size;

    for (flags = 0; flags < 8; flags++) {

        if (accepts(&mem, &text, flags, &out)) {
            assert(accepts(&mem, &out, flags & ~RT_JSON_REPAIR, &again));
            assert(rt_str_eq(&out, &again));
        }
    }

    if (accepts(&mem, &text, RT_JSON_UNIQUE|RT_JSON_NO_NUL, &out)) {
        assert(accepts(&mem, &text, RT_JSON_REPAIR, &again));
        assert(rt_str_eq(&out, &again));
    }

    (void) rt_json_path_check(&text);

    rt_arena_free(&arena);

    return 0;
}
