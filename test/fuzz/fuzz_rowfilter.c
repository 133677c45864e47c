/*
 * A filter of rows: a clause, a line end, claims.  Whatever was let in, its
 * parentheses begin and end the text for a reader of SQL, with and without
 * escapes in literals, and nothing in it begins a comment.
 */

#include "rt_arena.h"
#include "policy/rt_rowfilter.h"


static void
must(int ok)
{
    if (!ok) {
        abort();
    }
}


/* behind the quote that ends what begins at i */

static size_t
quoted(const rt_str_t *s, size_t i, int escapes)
{
    unsigned char  q = s->data[i];

    for (i++; i < s->len; i++) {

        if (escapes && s->data[i] == '\\') {
            i++;

        } else if (s->data[i] == q) {

            if (i + 1 == s->len || s->data[i + 1] != q) {
                return i + 1;
            }

            i++;
        }
    }

    must(0);

    return i;
}


static void
check(const rt_str_t *s, int escapes)
{
    size_t  i;
    int     depth;

    must(s->len > 2 && s->data[0] == '(');

    depth = 0;

    for (i = 0; i < s->len; /* void */ ) {

        must(s->data[i] >= 0x20 && s->data[i] != 0x7f);

        if (s->data[i] == '\'' || s->data[i] == '"') {
            i = quoted(s, i, escapes);
            continue;
        }

        must(s->data[i] != ';' && s->data[i] != '#');

        if (i + 1 < s->len) {
            must(memcmp(s->data + i, "--", 2) != 0);
            must(memcmp(s->data + i, "/*", 2) != 0);
        }

        depth += (s->data[i] == '(') - (s->data[i] == ')');
        i++;

        must(depth > 0 || i == s->len);
    }

    must(depth == 0);
}


static int
is_constant(const rt_str_t *s)
{
    return rt_str_lit(s, RT_ROWFILTER_NONE);
}


static void
evaluate(rt_mem_t *mem, const rt_rowfilter_t *filter, const rt_str_t *json)
{
    rt_str_t              text, claim;
    rt_json_t            *claims;
    rt_status_e           rc;
    rt_groups_t           groups;
    rt_rowfilter_user_t   user;

    static const rt_json_opts_t  opts = {
        RT_JSON_UNIQUE|RT_JSON_NO_NUL, 16, 1024
    };

    if (rt_json_parse(mem, json, &opts, &claims, NULL) != RT_OK) {
        return;
    }

    memset(&groups, 0, sizeof(rt_groups_t));

    user.claims = claims;
    user.name = *json;
    user.owns_email = 1;
    user.groups = &groups;

    rc = rt_rowfilter_text(mem, filter, &user, &text, &claim);

    must(text.len <= RT_ROWFILTER_MAX_TEXT);

    if (rc != RT_OK) {
        must(is_constant(&text));
        return;
    }

    check(&text, 0);
    check(&text, 1);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t          mem;
    rt_str_t          args[2], all, json, err;
    rt_arena_t        arena;
    rt_policy_t       policy;
    rt_rowfilters_t   set;

    mem = rt_arena_init(&arena);

    all.data = rt_alloc(&mem, size + 1);
    all.len = size;
    memcpy(all.data, data, size);

    args[0] = (rt_str_t) rt_string("orders");
    (void) rt_str_cut(&all, '\n', &args[1], &json);

    rt_policy_init(&policy, &mem);
    memset(&set, 0, sizeof(rt_rowfilters_t));
    set.mem = &mem;

    if (rt_rowfilter_add(&set, &policy, NULL, args, 2, &err) == RT_OK) {
        evaluate(&mem, set.filters, &json);

    } else {
        must(err.len > 0);
    }

    rt_arena_free(&arena);

    return 0;
}
