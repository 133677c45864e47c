
/*
 * Query strings and application/x-www-form-urlencoded bodies (WHATWG URL,
 * section 5.1): names and values, percent-decoded, '+' as space, in the
 * order of the text.
 *
 * A '%' without two hexadecimal digits stays as it is and marks the field
 * "bad", since nobody knows how the application reads it.  NUL is data.
 * Empty pieces ("a=1&&b=2") are no fields.
 */


#ifndef RT_FORM_H_INCLUDED
#define RT_FORM_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


typedef struct {
    rt_str_t             name;      /* decoded */
    rt_str_t             value;     /* decoded */
    rt_str_t             raw;       /* both, as they came */
    unsigned             bad:1;     /* a malformed percent sequence */
    unsigned             eq:1;      /* it had a '=' */
} rt_form_field_t;


typedef struct {
    rt_str_t             text;      /* as it came */
    rt_form_field_t     *field;
    unsigned             n;
    unsigned             bad:1;     /* any field is */
    unsigned             many:1;    /* more than max: the rest is not here */
} rt_form_t;


typedef struct {
    const unsigned char  *pos;
    const unsigned char  *end;
} rt_form_iter_t;


void rt_form_iter(rt_form_iter_t *it, const rt_str_t *text);

/*
 * The next field.  Pieces without escapes point into the text, others are
 * decoded into the arena.
 *
 * ret: RT_OK, RT_DONE, RT_ERROR (memory)
 */
rt_status_e rt_form_next(rt_mem_t *mem, rt_form_iter_t *it,
    rt_form_field_t *field);

/*
 * All fields, at most max.  More than that is not an error here: "many" is
 * set.
 *
 * ret: RT_OK, RT_ERROR (memory)
 */
rt_status_e rt_form_parse(rt_mem_t *mem, const rt_str_t *text, unsigned max,
    rt_form_t *form);

/*
 * Percent-decodes in place; '+' and malformed sequences stay as they are.
 *
 * ret: the bytes left, len if there was nothing to decode
 */
size_t rt_form_unescape(unsigned char *p, size_t len);

/* the first field of that decoded name (exact), or NULL */
const rt_form_field_t *rt_form_get(const rt_form_t *form,
    const rt_str_t *name);

/* its value when one field has that name, and no second can; else empty */
rt_str_t rt_form_only(const rt_form_t *form, const char *name);


#pragma GCC visibility pop


#endif /* RT_FORM_H_INCLUDED */
