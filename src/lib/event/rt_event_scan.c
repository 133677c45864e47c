
#include "event/rt_event_scan.h"


static void
advance(rt_str_t *rest, size_t n)
{
    rest->data += n;
    rest->len -= n;
}


static int
next_is(const rt_str_t *rest, unsigned char c)
{
    return rest->len && *rest->data == c;
}


/* the quote that ends a string, of which p is behind the first; or NULL */

static const unsigned char *
string_end(const unsigned char *p, const unsigned char *end)
{
    const unsigned char  *quote, *c;

    while ((quote = memchr(p, '"', (size_t) (end - p))) != NULL) {

        for (c = quote; c > p && c[-1] == '\\'; c--) {
            /* an odd number of them makes the quote one of the string's */
        }

        if ((quote - c) % 2 == 0) {
            return quote;
        }

        p = quote + 1;
    }

    return NULL;
}


/* behind the brace or bracket that closes the one at p; or NULL */

static const unsigned char *
nested_end(const unsigned char *p, const unsigned char *end)
{
    size_t  depth;

    for (depth = 0; p < end; p++) {

        switch (*p) {

        case '"':
            p = string_end(p + 1, end);

            if (p == NULL) {
                return NULL;
            }

            break;

        case '{':
        case '[':
            depth++;
            break;

        case '}':
        case ']':
            if (--depth == 0) {
                return p + 1;
            }
        }
    }

    return NULL;
}


/* behind a number, true, false or null; or p itself */

static const unsigned char *
word_end(const unsigned char *p, const unsigned char *end)
{
    unsigned char  c;

    for ( /* void */ ; p < end; p++) {
        c = rt_lower(*p);

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-'
            && c != '+' && c != '.')
        {
            break;
        }
    }

    return p;
}


rt_status_e
rt_event_scan_open(rt_str_t *rest)
{
    if (!next_is(rest, '{')) {
        return RT_INVALID;
    }

    advance(rest, 1);

    return RT_OK;
}


rt_status_e
rt_event_scan_member(rt_str_t *rest, rt_str_t *name)
{
    const unsigned char  *quote;

    if (next_is(rest, '}')) {
        advance(rest, 1);
        return RT_DONE;
    }

    /* a comma before each of them but the first */

    if (next_is(rest, ',') != (rest->data[-1] != '{')) {
        return RT_INVALID;
    }

    if (next_is(rest, ',')) {
        advance(rest, 1);
    }

    if (!next_is(rest, '"')) {
        return RT_INVALID;
    }

    advance(rest, 1);
    quote = string_end(rest->data, rest->data + rest->len);

    if (quote == NULL) {
        return RT_INVALID;
    }

    name->data = rest->data;
    name->len = (size_t) (quote - rest->data);

    advance(rest, name->len + 1);

    if (!next_is(rest, ':')) {
        return RT_INVALID;
    }

    advance(rest, 1);

    return RT_OK;
}


rt_status_e
rt_event_scan_value(rt_str_t *rest, rt_str_t *value)
{
    const unsigned char  *p, *end;

    if (rest->len == 0) {
        return RT_INVALID;
    }

    end = rest->data + rest->len;

    switch (*rest->data) {

    case '"':
        p = string_end(rest->data + 1, end);
        p = p ? p + 1 : NULL;
        break;

    case '{':
    case '[':
        p = nested_end(rest->data, end);
        break;

    default:
        p = word_end(rest->data, end);
    }

    if (p == NULL || p == rest->data) {
        return RT_INVALID;
    }

    value->data = rest->data;
    value->len = (size_t) (p - rest->data);

    advance(rest, value->len);

    return RT_OK;
}


rt_str_t
rt_event_scan_text(const rt_str_t *value)
{
    rt_str_t  text = *value;

    if (text.len >= 2 && text.data[0] == '"') {
        text.data++;
        text.len -= 2;
    }

    return text;
}
