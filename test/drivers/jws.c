
/*
 * {"jwks":{},"algs":[],"token":""} a line in; "ok" or the reason out.  The
 * payload may be any bytes: only the signature is looked at.
 */

#include "jose_driver.h"


static const char *
answer(rt_mem_t *mem, const rt_str_t *line)
{
    rt_jws_t     jws;
    rt_json_t   *root;
    rt_jwks_t    jwks;
    const char  *why;

    root = driver_object(mem, line);
    if (root == NULL) {
        return "bad line: not a JSON object";
    }

    why = jose_verify(mem, root, &jwks, &jws);
    rt_jwks_destroy(&jwks);

    return why ? why : "ok";
}


int
main(void)
{
    return driver_run(answer);
}
