
#include <openssl/err.h>
#include <openssl/rand.h>

#include "json/rt_jsonw.h"
#include "oidc/rt_assertion.h"
#include "text/rt_b64.h"


#define ASSERTION_CLAIMS  8192      /* bytes */
#define ASSERTION_JTI     16        /* random bytes, 22 characters of text */


rt_status_e
rt_assertion(rt_mem_t *mem, rt_sign_t *sign, const rt_str_t *client_id,
    const rt_str_t *audience, int64_t now, rt_str_t *token)
{
    rt_str_t       claims, id;
    rt_jsonw_t     w;
    unsigned char  rnd[ASSERTION_JTI], text[ASSERTION_JTI * 2];

    claims.data = rt_alloc(mem, ASSERTION_CLAIMS);

    if (claims.data == NULL || RAND_bytes(rnd, sizeof(rnd)) != 1) {
        ERR_clear_error();
        return RT_ERROR;
    }

    id.data = text;
    id.len = rt_b64_encode_to(rnd, sizeof(rnd), text);

    rt_jsonw_init(&w, claims.data, ASSERTION_CLAIMS);

    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "iss");
    rt_jsonw_str(&w, client_id);
    rt_jsonw_lit(&w, "sub");
    rt_jsonw_str(&w, client_id);
    rt_jsonw_lit(&w, "aud");
    rt_jsonw_str(&w, audience);
    rt_jsonw_lit(&w, "jti");
    rt_jsonw_str(&w, &id);
    rt_jsonw_lit(&w, "iat");
    rt_jsonw_uint(&w, (uint64_t) now);
    rt_jsonw_lit(&w, "exp");
    rt_jsonw_uint(&w, (uint64_t) now + RT_ASSERTION_TIME);
    rt_jsonw_close(&w, '}');

    if (w.full) {
        return RT_TOO_BIG;
    }

    claims.len = rt_jsonw_len(&w);

    return rt_sign(mem, sign, &claims, token);
}
