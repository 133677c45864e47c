
/*
 * A provider's metadata (OpenID Connect Discovery 1.0, 3 and 4.3; RFC 8414;
 * RFC 8705, 5; RFC 9126, 5; RFC 9207, 3), as far as we act on it.
 */


#ifndef RT_METADATA_H_INCLUDED
#define RT_METADATA_H_INCLUDED


#include "rt_base.h"
#include "text/rt_url.h"


#pragma GCC visibility push(hidden)


#define RT_METADATA_MAX  (128 * 1024)       /* bytes of the document */


typedef enum {
    RT_METADATA_AUTHORIZATION = 0,
    RT_METADATA_TOKEN,
    RT_METADATA_USERINFO,
    RT_METADATA_JWKS,
    RT_METADATA_PAR,
    RT_METADATA_END_SESSION,
    RT_METADATA_REVOCATION,
    RT_METADATA_INTROSPECTION,
    RT_METADATA_ENDPOINTS
} rt_metadata_endpoint_e;


/* token_endpoint_auth_methods_supported: bits */

#define RT_METADATA_BASIC            0x01   /* client_secret_basic */
#define RT_METADATA_POST             0x02   /* client_secret_post */
#define RT_METADATA_PRIVATE_KEY_JWT  0x04
#define RT_METADATA_TLS              0x08   /* tls_client_auth, self_signed_ */
#define RT_METADATA_NONE             0x10


typedef struct {
    rt_str_t  endpoint[RT_METADATA_ENDPOINTS];      /* or empty */
    rt_str_t  mtls[RT_METADATA_ENDPOINTS];          /* mtls_endpoint_aliases */
    unsigned  auth_methods;     /* bits; the RFC's BASIC when none are named */
    unsigned  par_required:1;   /* require_pushed_authorization_requests */
    unsigned  iss_returned:1;   /* authorization_response_iss_parameter_... */
    unsigned  claims_taken:1;   /* claims_parameter_supported */
} rt_metadata_t;


/*
 * All strings point into text or the arena.
 *
 * The issuer is ours, byte for byte.  An endpoint is https, or of the origin
 * of "from", the address the document came from: who set http there chose it.
 * Which endpoints have to be there is the caller's to say.  Members of a wrong
 * type, also "true" for true, are refused, not passed over.
 *
 * ret:  RT_OK; RT_DECLINED (another issuer, an endpoint of another scheme) and
 *       RT_INVALID (no such document), each with *why, a phrase: "has no
 *       issuer"; RT_TOO_BIG with *why; RT_ERROR
 */
rt_status_e rt_metadata_parse(rt_mem_t *mem, const rt_str_t *text,
    const rt_str_t *issuer, const rt_url_t *from, rt_metadata_t *m,
    const char **why);

/* where to go: the alias for a client that shows a certificate, if there is
   one (RFC 8705, 5); empty when the provider names none */
const rt_str_t *rt_metadata_endpoint(const rt_metadata_t *m,
    rt_metadata_endpoint_e id, unsigned tls);


#pragma GCC visibility pop


#endif /* RT_METADATA_H_INCLUDED */
