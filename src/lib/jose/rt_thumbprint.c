
#include <openssl/evp.h>

#include "jose/rt_thumbprint.h"


#define THUMBPRINT_MEMBERS  4


/* of a kty, in the order of Unicode */

static const struct {
    rt_str_t  kty;
    rt_str_t  names[THUMBPRINT_MEMBERS];
} types[] = {
    { rt_string("EC"), { rt_string("crv"), rt_string("kty"), rt_string("x"),
                         rt_string("y") } },
    { rt_string("OKP"), { rt_string("crv"), rt_string("kty"),
                          rt_string("x") } },
    { rt_string("RSA"), { rt_string("e"), rt_string("kty"),
                          rt_string("n") } },
};


static const rt_str_t *
members(const rt_json_t *jwk)
{
    size_t      i;
    rt_json_t  *kty;

    kty = rt_json_member(jwk, "kty");

    for (i = 0; kty && i < sizeof(types) / sizeof(types[0]); i++) {
        if (kty->type == RT_JSON_STRING && rt_str_eq(&kty->str, &types[i].kty))
        {
            return types[i].names;
        }
    }

    return NULL;
}


/* whether a string stands in JSON as it is, and in no other spelling */

static int
plain(const rt_json_t *v)
{
    size_t         i;
    unsigned char  c;

    if (v == NULL || v->type != RT_JSON_STRING) {
        return 0;
    }

    for (i = 0; i < v->str.len; i++) {
        c = v->str.data[i];

        if (c < ' ' || c > '~' || c == '"' || c == '\\') {
            return 0;
        }
    }

    return 1;
}


static int
add(EVP_MD_CTX *md, const char *text, const rt_str_t *value)
{
    return EVP_DigestUpdate(md, text, strlen(text)) == 1
           && EVP_DigestUpdate(md, value->data, value->len) == 1;
}


rt_status_e
rt_thumbprint(const rt_json_t *jwk, unsigned char out[RT_THUMBPRINT])
{
    int              ok;
    size_t           i;
    rt_json_t       *v[THUMBPRINT_MEMBERS];
    EVP_MD_CTX      *md;
    const rt_str_t  *names;

    names = members(jwk);

    if (names == NULL) {
        return RT_DECLINED;
    }

    for (i = 0; i < THUMBPRINT_MEMBERS && names[i].len; i++) {
        v[i] = rt_json_get(jwk, &names[i]);

        if (!plain(v[i])) {
            return RT_DECLINED;
        }
    }

    md = EVP_MD_CTX_new();
    ok = md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;

    for (i = 0; i < THUMBPRINT_MEMBERS && names[i].len; i++) {
        ok = ok && add(md, i ? "\",\"" : "{\"", &names[i])
             && add(md, "\":\"", &v[i]->str);
    }

    ok = ok && EVP_DigestUpdate(md, "\"}", 2) == 1
         && EVP_DigestFinal_ex(md, out, NULL) == 1;

    EVP_MD_CTX_free(md);

    return ok ? RT_OK : RT_ERROR;
}
