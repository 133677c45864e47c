
/*
 * Questions about request paths, asked of raw bytes.
 */


#ifndef RT_URI_H_INCLUDED
#define RT_URI_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_URI_MAX_RETURN  2048     /* bytes of a return address */


/*
 * Could an application read this path otherwise than the server did?
 *
 * Refused: segments . and .., and others that end with two dots (also with
 * spaces behind the dots); a backslash, ";" (path parameters), "#", a control
 * character; all of these, the slash and "?" percent-encoded; overlong UTF-8,
 * which is one more way to write them; a broken percent sign; whatever a
 * second decoding would still change; two slashes at the beginning.
 *
 * in:   path, the request target as the client sent it, up to its "?"; it may
 *       be empty ("http://host?x")
 * out:  *why, after RT_DECLINED: a phrase, "holds an encoded slash"
 * ret:  RT_OK, RT_DECLINED, RT_ERROR (memory; asked for only when there is a
 *       percent sign)
 */
rt_status_e rt_uri_raw_check(rt_mem_t *mem, const rt_str_t *path,
    const char **why);

/*
 * Is this an address on this very site that a browser may be sent to: a
 * return address, a default_app?
 *
 * It begins with one slash, and is a path with, maybe, a query and a
 * fragment: no scheme, no host.  Refused anywhere: control characters,
 * encoded or not, space, non-ASCII bytes, overlong UTF-8, a broken percent
 * sign, more than RT_URI_MAX_RETURN bytes.  Refused in the path, also
 * percent-encoded once or several times over: a backslash, two slashes in a
 * row, segments of dots or of spaces.
 *
 * ret:  RT_OK, RT_DECLINED with *why, RT_ERROR (memory)
 */
rt_status_e rt_uri_return_check(rt_mem_t *mem, const rt_str_t *uri,
    const char **why);

/*
 * The path of an address that rt_uri_return_check() accepted: without query and
 * fragment, decoded once, as $uri would be.
 *
 * ret:  RT_OK, RT_ERROR (memory)
 */
rt_status_e rt_uri_path(rt_mem_t *mem, const rt_str_t *uri, rt_str_t *path);

/*
 * A raw path in the one spelling of RFC 3986, 6.2.2 and 6.2.3: whatever need
 * not be percent-encoded is not, hexadecimal digits are large, no segments "."
 * and "..", and an empty path is "/".  Runs of slashes stay.
 *
 * in:   path, any bytes, without a query; one that does not begin with a slash
 *       ("*") is left alone
 * out:  *out, in the arena
 * ret:  RT_OK, RT_ERROR (memory)
 */
rt_status_e rt_uri_normal(rt_mem_t *mem, const rt_str_t *path, rt_str_t *out);

/*
 * Is a path, normalised by the server, at or below another? "/a" holds "/a",
 * "/a/" and "/a/b" but not "/ab"; "/a/" holds "/a/" and "/a/b"; "/" holds
 * everything.  Case matters.
 */
int rt_uri_below(const rt_str_t *path, const rt_str_t *top);

/*
 * Is this path another spelling of a name, to a reader that knows no case
 * (of the letters of ASCII, and what Unicode folds to them), or drops slashes,
 * dots, blanks or a suffix at the end?  "/Admin/", "/admin.", "/admin.json" are
 * spellings of "/admin"; "/admin" itself is not, nor is "/administrator" or
 * "/admin/x".  Runs of slashes are one.
 *
 * in:   both as the server decodes and normalises them
 */
int rt_uri_alike(const rt_str_t *path, const rt_str_t *name);


#pragma GCC visibility pop


#endif /* RT_URI_H_INCLUDED */
