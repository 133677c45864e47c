
#include "text/rt_field.h"


static int
blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}


rt_str_t
rt_field_trim(const rt_str_t *s)
{
    rt_str_t  t;

    t = *s;

    while (t.len && blank(t.data[0])) {
        t.data++;
        t.len--;
    }

    while (t.len && blank(t.data[t.len - 1])) {
        t.len--;
    }

    return t;
}


rt_status_e
rt_field_line(const rt_str_t *line, rt_str_t *name, rt_str_t *value)
{
    size_t    i;
    rt_str_t  s, http = rt_string("HTTP/");

    s = *line;

    while (s.len && (s.data[s.len - 1] == '\r' || s.data[s.len - 1] == '\n')) {
        s.len--;
    }

    if (s.len == 0) {
        return RT_DONE;
    }

    name->data = s.data;
    name->len = s.len < http.len ? s.len : http.len;

    if (rt_str_ieq(name, &http)) {
        return RT_AGAIN;
    }

    if (!rt_str_cut(&s, ':', name, value) || name->len == 0) {
        return RT_INVALID;
    }

    for (i = 0; i < name->len; i++) {
        if (name->data[i] <= ' ' || name->data[i] >= 0x7f) {
            return RT_INVALID;
        }
    }

    *value = rt_field_trim(value);

    return RT_OK;
}


int
rt_field_part(rt_str_t *rest, unsigned char c, rt_str_t *part)
{
    if (rest->len == 0) {
        return 0;
    }

    (void) rt_str_cut(rest, c, part, rest);
    *part = rt_field_trim(part);

    return 1;
}


/* RFC 9110, 5.6.1.2: empty elements do not count */

int
rt_field_next(rt_str_t *list, rt_str_t *element)
{
    while (rt_field_part(list, ',', element)) {
        if (element->len) {
            return 1;
        }
    }

    return 0;
}


int
rt_field_has(const rt_str_t *list, const char *token)
{
    rt_str_t  rest, element, want = rt_str_of(token);

    rest = *list;

    while (rt_field_next(&rest, &element)) {
        if (rt_str_ieq(&element, &want)) {
            return 1;
        }
    }

    return 0;
}


rt_str_t
rt_field_last(const rt_str_t *list)
{
    rt_str_t  last, before, behind;

    last = *list;

    while (rt_str_cut(&last, ',', &before, &behind)) {
        last = behind;
    }

    return rt_field_trim(&last);
}


int
rt_field_media(const rt_str_t *value, rt_str_t *type)
{
    int       single;
    size_t    i;
    rt_str_t  first, more;

    *type = rt_field_trim(value);
    single = !rt_str_cut(type, ',', &first, &more);

    for (i = 0; i < type->len; i++) {
        if (blank(type->data[i]) || type->data[i] == ';') {
            break;
        }
    }

    type->len = i;

    return single && i != 0;
}


rt_str_t
rt_field_method(const rt_str_t *line)
{
    size_t         i;
    rt_str_t       method = rt_null_string;
    unsigned char  c;

    for (i = 0; i < line->len; i++) {
        c = line->data[i];

        if (c == ' ') {
            method.data = line->data;
            method.len = i;
            break;
        }

        if ((c < 'A' || c > 'Z') && c != '_' && c != '-') {
            break;
        }
    }

    return method;
}
