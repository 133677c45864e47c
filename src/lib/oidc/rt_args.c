
#include "oidc/rt_args.h"
#include "text/rt_form.h"


static int
stays(unsigned char c)
{
    return (rt_lower(c) >= 'a' && rt_lower(c) <= 'z')
           || (c >= '0' && c <= '9')
           || c == '-' || c == '.' || c == '_' || c == '~';
}


static size_t
escaped_len(const rt_str_t *s)
{
    size_t  i, n;

    for (i = 0, n = s->len; i < s->len; i++) {
        n += stays(s->data[i]) ? 0 : 2;
    }

    return n;
}


static unsigned char *
escape(unsigned char *p, const rt_str_t *s)
{
    size_t             i;
    unsigned char      c;

    static const char  digits[] = "0123456789ABCDEF";

    for (i = 0; i < s->len; i++) {
        c = s->data[i];

        if (stays(c)) {
            *p++ = c;
            continue;
        }

        *p++ = '%';
        *p++ = (unsigned char) digits[c >> 4];
        *p++ = (unsigned char) digits[c & 15];
    }

    return p;
}


rt_status_e
rt_args_escape(rt_mem_t *mem, const rt_str_t *in, rt_str_t *out)
{
    out->len = escaped_len(in);

    out->data = rt_alloc(mem, out->len + 1);
    if (out->data == NULL) {
        return RT_ERROR;
    }

    (void) escape(out->data, in);

    return RT_OK;
}


/* "head" as it is, and the arguments behind it, joined by "&" */

static rt_status_e
build(rt_mem_t *mem, const rt_str_t *head, char sep, const rt_arg_t *args,
    unsigned n, size_t max, rt_str_t *out)
{
    size_t          len;
    unsigned        i;
    unsigned char  *p;

    for (i = 0, len = head->len; i < n && len <= max; i++) {
        if (args[i].value.data) {
            len += 2 + escaped_len(&args[i].name)
                   + escaped_len(&args[i].value);
        }
    }

    if (len > max) {
        return RT_TOO_BIG;
    }

    p = rt_alloc(mem, len + 1);
    if (p == NULL) {
        return RT_ERROR;
    }

    out->data = p;

    if (head->len) {
        memcpy(p, head->data, head->len);
        p += head->len;
    }

    for (i = 0; i < n; i++) {

        if (args[i].value.data == NULL) {
            continue;
        }

        if (sep) {
            *p++ = (unsigned char) sep;
        }

        p = escape(p, &args[i].name);
        *p++ = '=';
        p = escape(p, &args[i].value);

        sep = '&';
    }

    out->len = (size_t) (p - out->data);

    return RT_OK;
}


rt_status_e
rt_args_form(rt_mem_t *mem, const rt_arg_t *args, unsigned n, rt_str_t *form)
{
    rt_str_t  none = rt_null_string;

    return build(mem, &none, 0, args, n, RT_ARGS_MAX_FORM, form);
}


/* RFC 6749, 3.1: no parameter more than once */

static rt_status_e
check_query(rt_mem_t *mem, const rt_str_t *query, const rt_arg_t *args,
    unsigned n)
{
    unsigned         i;
    rt_status_e      rc;
    rt_form_iter_t   it;
    rt_form_field_t  field;

    rt_form_iter(&it, query);

    while ((rc = rt_form_next(mem, &it, &field)) == RT_OK) {

        for (i = 0; i < n; i++) {
            if (args[i].value.data && rt_str_eq(&args[i].name, &field.name)) {
                return RT_INVALID;
            }
        }
    }

    return (rc == RT_DONE) ? RT_OK : rc;
}


rt_status_e
rt_args_url(rt_mem_t *mem, const rt_str_t *endpoint, const rt_arg_t *args,
    unsigned n, rt_str_t *url)
{
    char         sep;
    size_t       i;
    rt_str_t     query;
    rt_status_e  rc;

    for (i = 0; i < endpoint->len && endpoint->data[i] != '?'; i++) {
        if (endpoint->data[i] == '#') {
            return RT_INVALID;
        }
    }

    sep = '?';

    if (i < endpoint->len) {
        query.data = endpoint->data + i + 1;
        query.len = endpoint->len - i - 1;

        if (query.len && memchr(query.data, '#', query.len)) {
            return RT_INVALID;
        }

        rc = check_query(mem, &query, args, n);
        if (rc != RT_OK) {
            return rc;
        }

        sep = (query.len == 0 || query.data[query.len - 1] == '&') ? 0 : '&';
    }

    return build(mem, endpoint, sep, args, n, RT_ARGS_MAX_URL, url);
}
