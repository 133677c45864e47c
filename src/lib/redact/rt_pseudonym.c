
#include "redact/rt_pseudonym.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>


int
rt_pseudonym_kid(const rt_str_t *kid)
{
    size_t         i;
    unsigned char  c;

    if (kid->len == 0 || kid->len > RT_PSEUDONYM_KID) {
        return 0;
    }

    for (i = 0; i < kid->len; i++) {
        c = rt_lower(kid->data[i]);

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
              || c == '_' || c == '.' || c == '-'))
        {
            return 0;
        }
    }

    return 1;
}


rt_status_e
rt_pseudonym(const rt_pseudonym_key_t *key, const rt_str_t *value,
    unsigned char *dst, size_t *len)
{
    unsigned        n;
    unsigned char  *p, md[EVP_MAX_MD_SIZE];

    if (HMAC(EVP_sha256(), key->key.data, (int) key->key.len, value->data,
             value->len, md, &n)
        == NULL)
    {
        return RT_ERROR;
    }

    p = dst;

    memcpy(p, "hmac-sha256:", sizeof("hmac-sha256:") - 1);
    p += sizeof("hmac-sha256:") - 1;

    memcpy(p, key->kid.data, key->kid.len);
    p += key->kid.len;

    *p++ = ':';

    *len = (size_t) (rt_hex_put(p, md, n) - dst);

    return RT_OK;
}
