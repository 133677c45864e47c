
/*
 * Origins (RFC 6454), and whether a request that is believed because of a
 * cookie was started by a page of our own.
 */


#ifndef RT_ORIGIN_H_INCLUDED
#define RT_ORIGIN_H_INCLUDED


#include "rt_base.h"
#include "text/rt_url.h"


#pragma GCC visibility push(hidden)


typedef struct {
    rt_str_t   text;
    rt_url_t   url;
    unsigned   web:1;           /* http or https: url is set */
} rt_origin_t;


/*
 * Scheme, host and maybe a port, and nothing behind them (RFC 6454, 6.2).
 * Schemes of applications ("capacitor://localhost") are origins, too.  The
 * text "null" is none.
 *
 * out:  *origin, which points into text
 *       *why, after RT_DECLINED: a phrase, "has more than an origin"
 * ret:  RT_OK, RT_DECLINED
 */
rt_status_e rt_origin_parse(const rt_str_t *text, rt_origin_t *origin,
    const char **why);

/*
 * RFC 6454, 5: scheme and host in any case of letters, and the port, which is
 * the scheme's own when none is written.
 */
int rt_origin_same(const rt_origin_t *a, const rt_origin_t *b);


typedef struct {
    rt_str_t            method;
    rt_str_t            site;       /* Sec-Fetch-Site; data NULL: absent */
    rt_str_t            origin;     /* Origin; data NULL: absent */
    unsigned            websocket:1;    /* a handshake: GET is not safe */
    unsigned            repeated:1;     /* either came in several lines */
    const rt_origin_t  *ours;       /* NULL: not known, no Origin is ours */
    const rt_origin_t  *allowed;
    unsigned            nallowed;
} rt_origin_request_t;


/*
 * GET, HEAD and OPTIONS, unless they begin a WebSocket: such a request passes
 * whatever its headers say.  Looks at method and websocket alone.
 */
int rt_origin_safe(const rt_origin_request_t *request);

/*
 * A safe request passes.  Else: an Origin on the list of those allowed passes.
 * Sec-Fetch-Site "same-origin" and "none" pass, all others are refused; without
 * it, the Origin is absent or ours.
 *
 * out:  *why, after RT_DECLINED: a phrase about the request, "was started by
 *       another site"
 * ret:  RT_OK, RT_DECLINED
 */
rt_status_e rt_origin_check(const rt_origin_request_t *request,
    const char **why);


#pragma GCC visibility pop


#endif /* RT_ORIGIN_H_INCLUDED */
