
/*
 * A multipart/form-data body (RFC 7578), of which all applications read the
 * same fields, or none.
 *
 * The threat: parsers of multipart differ more than those of any other form.
 * One takes a line feed for the end of a line, one the boundary anywhere in a
 * line, one the second name of two; one reads "\" in a quoted name, or single
 * quotes; one decodes base64; and whoever sends the body chooses the
 * boundary.  So this is the narrow form that browsers and libraries write, and
 * whatever is outside of it is refused:
 *
 *     --B CRLF
 *     Content-Disposition: form-data; name="N" [; filename="F"] CRLF
 *     [Content-Type: T CRLF] [Content-Length: ..., Content-Transfer-Encoding:
 *     7bit, 8bit or binary CRLF]
 *     CRLF
 *     value CRLF
 *     --B-- [CRLF]
 *
 * Wherever the bytes "--B" stand, they are a boundary of that form, or the
 * body is refused.  Nothing stands before the first or behind the last.
 */


#ifndef RT_MULTIPART_H_INCLUDED
#define RT_MULTIPART_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_MULTIPART_PARTS     1000     /* of one body */
#define RT_MULTIPART_BOUNDARY  70       /* bytes, RFC 2046, 5.1.1 */


typedef struct {
    rt_str_t         name;      /* UTF-8, nothing in it to be decoded */
    rt_str_t         value;     /* any bytes */
    rt_str_t         filename;  /* UTF-8, without "filename*" */
    rt_str_t         type;      /* Content-Type */
    unsigned         file:1;    /* there is a file name, or an empty one */
    unsigned         extended:1;    /* it is encoded: "filename*" (RFC 5987) */
} rt_multipart_part_t;


typedef struct {
    unsigned char    delimiter[2 + RT_MULTIPART_BOUNDARY];
    size_t           len;       /* of it, "--" included */
    rt_str_t         rest;
    unsigned         parts;
} rt_multipart_t;


/*
 * Begins at the first part.
 *
 * in:   type, the Content-Type; body, which must outlive all parts
 * ret:  RT_OK; RT_INVALID with *why a phrase, as below
 */
rt_status_e rt_multipart_begin(rt_multipart_t *m, const rt_str_t *type,
    const rt_str_t *body, const char **why);

/*
 * The next part.  What was read is good only when RT_DONE came.
 *
 * ret:  RT_OK, RT_DONE; RT_INVALID with *why a phrase such as "has a part
 *       without a name"
 */
rt_status_e rt_multipart_next(rt_multipart_t *m, rt_multipart_part_t *part,
    const char **why);


#pragma GCC visibility pop


#endif /* RT_MULTIPART_H_INCLUDED */
