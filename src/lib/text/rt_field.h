
/*
 * Pieces of a message's head (RFC 9110, RFC 9112): its lines, the comma lists
 * and media types in their values, the method of a request.  Whatever is
 * handed out lies in the bytes that came in, which may be any.
 *
 *     rt_str_t  list = *value, element;
 *
 *     while (rt_field_next(&list, &element)) {
 */


#ifndef RT_FIELD_H_INCLUDED
#define RT_FIELD_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/*
 * One line of a head, with or without its line end.
 *
 * out:  *name, *value: without the blanks around it; after RT_OK
 * ret:  RT_OK; RT_AGAIN: a status line, with which a head begins;
 *       RT_DONE: the empty line that ends it; RT_INVALID: no field, or one
 *       with a blank in or around its name, which RFC 9112, 5.1 forbids
 */
rt_status_e rt_field_line(const rt_str_t *line, rt_str_t *name,
    rt_str_t *value);

/* s without spaces and tabs around it */
rt_str_t rt_field_trim(const rt_str_t *s);

/*
 * The text before the next c, without blanks around it: it may be empty.
 *
 * in:   *rest, what was not read yet; *part is taken out of it
 * ret:  1; 0: nothing is left
 */
int rt_field_part(rt_str_t *rest, unsigned char c, rt_str_t *part);

/* likewise, the next element of a comma list, which is never empty */
int rt_field_next(rt_str_t *list, rt_str_t *element);

/* ret: 1 if an element is that token, whatever the case */
int rt_field_has(const rt_str_t *list, const char *token);

/*
 * What stands behind the last comma: what the last of several proxies added.
 * Unlike an element it may be empty.
 */
rt_str_t rt_field_last(const rt_str_t *list);

/*
 * The type and subtype of a Content-Type: up to the first ';' or blank.
 *
 * ret:  1; 0: *type is empty, or a ',' anywhere in the value lets a reader see
 *       several types, of which *type is the first
 */
int rt_field_media(const rt_str_t *value, rt_str_t *type);

/* the method of a request line; empty: the line begins with none */
rt_str_t rt_field_method(const rt_str_t *line);


#pragma GCC visibility pop


#endif /* RT_FIELD_H_INCLUDED */
