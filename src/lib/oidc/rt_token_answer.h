
/*
 * What a token endpoint answered, to a code or to a refresh token (RFC 6749,
 * 5.1 and 5.2; OpenID Connect Core 1.0, 3.1.3.3 and 12.2); and what the
 * endpoint for pushed authorization requests did (RFC 9126, 2.2 and 2.3).
 */


#ifndef RT_TOKEN_ANSWER_H_INCLUDED
#define RT_TOKEN_ANSWER_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_TOKEN_ANSWER_MAX        (64 * 1024)      /* bytes of the body */
#define RT_TOKEN_ANSWER_MAX_TOKEN  (16 * 1024)      /* bytes of each token */
#define RT_TOKEN_ANSWER_MAX_SCOPE  4096
#define RT_TOKEN_ANSWER_MAX_URI    2048             /* bytes of request_uri */


typedef struct {
    rt_str_t  access_token;     /* printable ASCII without blanks; so are the
                                   two below, or empty: a refresh need give
                                   neither */
    rt_str_t  refresh_token;
    rt_str_t  id_token;         /* not verified */
    rt_str_t  scope;            /* or empty */
    rt_str_t  request_uri;      /* of a pushed request; printable ASCII without
                                   blanks */
    int64_t   expires_in;       /* seconds, from now; 0: unknown */
    rt_str_t  error;            /* after RT_DECLINED and RT_AGAIN: a code, see
                                   rt_shown.h; or empty */
    rt_str_t  description;      /* by rt_shown(); or empty */
    unsigned  grant_over:1;     /* after RT_DECLINED: the code or the refresh
                                   token is worth nothing any more */
} rt_token_answer_t;


/*
 * in:   status, of HTTP; body, any bytes, any media type
 * out:  *answer, into body or the arena
 * ret:  RT_OK        tokens
 *       RT_DECLINED  the provider says no.  grant_over: invalid_grant, the
 *                    user has to do something (interaction_required and its
 *                    kin), or a 400 without a body; else it is about us
 *                    (invalid_client), or nobody knows
 *       RT_AGAIN     it cannot answer now: 5xx, 408, 429,
 *                    temporarily_unavailable, server_error
 *       RT_INVALID   a 200 that is no answer of a token endpoint, or another
 *                    status that is none (a redirect)
 *       RT_TOO_BIG, RT_ERROR
 *       with *why, a phrase, after all but RT_OK and RT_ERROR
 */
rt_status_e rt_token_answer_parse(rt_mem_t *mem, unsigned status,
    const rt_str_t *body, rt_token_answer_t *answer, const char **why);

/*
 * The same of a pushed request: RT_OK with request_uri, after 201 (or 200, for
 * some do not know of the other); grant_over means nothing here.
 */
rt_status_e rt_token_answer_pushed(rt_mem_t *mem, unsigned status,
    const rt_str_t *body, rt_token_answer_t *answer, const char **why);


#pragma GCC visibility pop


#endif /* RT_TOKEN_ANSWER_H_INCLUDED */
