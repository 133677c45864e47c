
/*
 * URLs that a module itself goes to: http and https, absolute, plain.
 *
 * A URL may come from a provider's answer.  It is read by the server and again
 * by libcurl, and whatever the two could read differently is refused: user
 * names, fragments, backslashes, blanks, bytes that are not printable ASCII,
 * hosts of other characters than letters, digits, "-", "." and "_", and other
 * spellings of an IPv4 address than four decimal numbers (servers take
 * 0127.0.0.1 for 127.0.0.1, libcurl for 87.0.0.1).
 */


#ifndef RT_URL_H_INCLUDED
#define RT_URL_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_URL_MAX       2048       /* bytes */
#define RT_URL_MAX_HOST  255


typedef struct {
    rt_str_t       host;            /* without the brackets of an IPv6 one */
    rt_str_t       shown;           /* the URL up to its "?": fit for a log */
    uint16_t       port;            /* the scheme's own when there is none */
    unsigned       tls:1;
    unsigned       bracketed:1;     /* [...], not looked at any further */
    unsigned       quad:1;          /* an IPv4 address */
} rt_url_t;


/*
 * in:   text, any bytes
 * out:  *url, whose strings point into text
 *       *why, after RT_DECLINED: a phrase, "has no host"
 * ret:  RT_OK, RT_DECLINED
 */
rt_status_e rt_url_parse(const rt_str_t *text, rt_url_t *url,
    const char **why);

/*
 * True when a user name or password stands before the host, or seems to (its
 * "/" ends the host, and what is left is no port): such a URL is not to be
 * printed.
 */
int rt_url_login(const rt_str_t *text);

/* true when scheme, host and port are the same */
int rt_url_same_origin(const rt_url_t *a, const rt_url_t *b);


#pragma GCC visibility pop


#endif /* RT_URL_H_INCLUDED */
