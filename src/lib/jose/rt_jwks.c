
#include "jose/rt_jwks.h"


#define JWKS_MAX_DEPTH  8
#define JWKS_MAX_NODES  16384


static int
same_kid(const rt_jwk_t *a, const rt_jwk_t *b)
{
    return (a->kid.data == NULL) == (b->kid.data == NULL)
           && rt_str_eq(&a->kid, &b->kid);
}


/* the very same key under the same kid, for the same algorithms, again */

static int
is_twin(const rt_jwks_t *jwks, const rt_jwk_t *key)
{
    unsigned  i;

    for (i = 0; i < jwks->nkeys; i++) {
        if (same_kid(&jwks->keys[i], key)
            && jwks->keys[i].algs == key->algs
            && rt_jwk_same(&jwks->keys[i], key))
        {
            return 1;
        }
    }

    return 0;
}


/* what a log line may show of a kid */

static rt_str_t
printable_kid(const rt_jwk_t *key)
{
    size_t    i;
    rt_str_t  none = rt_null_string;

    if (key->kid.len > 64) {
        return none;
    }

    for (i = 0; i < key->kid.len; i++) {
        if (key->kid.data[i] <= 0x20 || key->kid.data[i] >= 0x7f) {
            return none;
        }
    }

    return key->kid;
}


static rt_status_e
read_keys(rt_mem_t *mem, const rt_json_t *list, uint32_t accepted,
    rt_jwks_t *jwks)
{
    unsigned          index;
    rt_jwk_t         *key;
    const char       *why;
    rt_status_e       rc;
    rt_jwk_skip_t    *skip;
    const rt_json_t  *jwk;

    jwks->keys = rt_alloc(mem, (list->count + 1) * sizeof(rt_jwk_t));
    jwks->skips = rt_alloc(mem, (list->count + 1) * sizeof(rt_jwk_skip_t));

    if (jwks->keys == NULL || jwks->skips == NULL) {
        return RT_ERROR;
    }

    for (jwk = list->child, index = 0; jwk; jwk = jwk->next, index++) {
        key = &jwks->keys[jwks->nkeys];

        rc = rt_jwk_read(mem, jwk, accepted, key, &why);

        if (rc == RT_ERROR) {
            return RT_ERROR;
        }

        if (rc == RT_OK && is_twin(jwks, key)) {
            rt_jwk_free(key);
            why = "the same key stands before it";
        }

        if (why == NULL) {
            jwks->nkeys++;
            continue;
        }

        skip = &jwks->skips[jwks->nskips++];
        skip->index = index;
        skip->kid = printable_kid(key);
        skip->why = why;
    }

    return RT_OK;
}


static rt_status_e
parse_set(rt_mem_t *mem, const rt_str_t *text, rt_json_t **list,
    const char **why)
{
    rt_json_t    *root;
    rt_status_e   rc;

    static const rt_json_opts_t  opts = {
        RT_JSON_UNIQUE|RT_JSON_NO_NUL, JWKS_MAX_DEPTH, JWKS_MAX_NODES
    };

    if (text->len > RT_JWKS_MAX_TEXT) {
        *why = "is above 256 KiB";
        return RT_TOO_BIG;
    }

    rc = rt_json_parse(mem, text, &opts, &root, NULL);

    switch (rc) {

    case RT_OK:
        break;

    case RT_INVALID:
        *why = "is not strict JSON (syntax, UTF-8, NUL, or a member twice)";
        return rc;

    case RT_TOO_BIG:
        *why = "is nested too deep or holds too many values";
        return rc;

    default:
        *why = "no memory";
        return rc;
    }

    *list = rt_json_member(root, "keys");

    if (*list == NULL || (*list)->type != RT_JSON_ARRAY) {
        *why = "is not a JWK Set: it has no array \"keys\"";
        return RT_INVALID;
    }

    if ((*list)->count > RT_JWKS_MAX_KEYS) {
        *why = "holds more than 64 keys";
        return RT_TOO_BIG;
    }

    return RT_OK;
}


rt_status_e
rt_jwks_load(rt_mem_t *mem, const rt_str_t *text, uint32_t algs,
    rt_jwks_t *jwks, const char **why)
{
    rt_json_t    *list;
    rt_status_e   rc;

    memset(jwks, 0, sizeof(rt_jwks_t));
    *why = "";

    rc = parse_set(mem, text, &list, why);
    if (rc != RT_OK) {
        return rc;
    }

    rc = read_keys(mem, list, algs, jwks);

    if (rc != RT_OK) {
        *why = "no memory";

    } else if (jwks->nkeys == 0) {
        *why = list->count ? "holds no usable key" : "holds no key";
        rc = RT_DECLINED;
    }

    if (rc != RT_OK) {
        rt_jwks_destroy(jwks);
    }

    return rc;
}


void
rt_jwks_destroy(rt_jwks_t *jwks)
{
    unsigned  i;

    for (i = 0; i < jwks->nkeys; i++) {
        rt_jwk_free(&jwks->keys[i]);
    }

    jwks->nkeys = 0;
}
