
#include "text/rt_structured.h"
#include "text/rt_utf8.h"


typedef struct {
    const unsigned char  *p;
    const unsigned char  *last;
    rt_sf_value_pt        take;
    void                 *ctx;
    rt_sf_value_t         value;        /* the one being read */
    const char           *why;
} in_t;


static rt_status_e
wrong(in_t *in, const char *why)
{
    in->why = why;

    return RT_INVALID;
}


/* the byte at p; 0, which stands nowhere in a field, at its end */

static unsigned char
peek(const in_t *in)
{
    return in->p < in->last ? *in->p : 0;
}


static int
is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}


static int
is_lower(unsigned char c)
{
    return c >= 'a' && c <= 'z';
}


static int
is_alpha(unsigned char c)
{
    return is_lower(rt_lower(c));
}


static int
is_one_of(unsigned char c, const char *set)
{
    return c != 0 && strchr(set, c) != NULL;
}


static void
skip(in_t *in, const char *set)
{
    while (is_one_of(peek(in), set)) {
        in->p++;
    }
}


static rt_status_e
read_key(in_t *in, rt_str_t *key)
{
    const unsigned char  *begin;

    begin = in->p;

    if (!is_lower(peek(in)) && peek(in) != '*') {
        return wrong(in, "a name begins with a small letter, and has small "
                         "letters, digits, \"-\" and \"_\"");
    }

    while (is_lower(peek(in)) || is_digit(peek(in))
           || is_one_of(peek(in), "_-.*"))
    {
        in->p++;
    }

    key->data = (unsigned char *) begin;
    key->len = (size_t) (in->p - begin);

    return RT_OK;
}


/* bare items: the first byte says which one it is */


static size_t
digits(in_t *in)
{
    const unsigned char  *begin;

    for (begin = in->p; is_digit(peek(in)); in->p++) {
        /* void */
    }

    return (size_t) (in->p - begin);
}


static rt_status_e
read_number(in_t *in)
{
    size_t  n;

    in->value.kind = RT_SF_NUMBER;
    in->p += (*in->p == '-');

    n = digits(in);

    if (n == 0 || n > 15) {
        return wrong(in, "a number has 1 to 15 digits");
    }

    if (peek(in) != '.') {
        return RT_OK;
    }

    in->p++;

    if (n > 12) {
        return wrong(in, "a decimal has up to 12 digits before its point");
    }

    n = digits(in);

    if (n == 0 || n > 3) {
        return wrong(in, "a decimal has 1 to 3 digits behind its point");
    }

    return RT_OK;
}


static rt_status_e
read_string(in_t *in)
{
    unsigned char  c;

    in->value.kind = RT_SF_STRING;

    for (in->p++; in->p < in->last; in->p++) {
        c = *in->p;

        if (c == '"') {
            in->p++;
            return RT_OK;
        }

        if (c < 0x20 || c > 0x7e) {
            return wrong(in, "a string is printable ASCII");
        }

        if (c != '\\') {
            continue;
        }

        in->p++;

        if (peek(in) != '"' && peek(in) != '\\') {
            return wrong(in, "a \"\\\" stands before a quote or another one");
        }
    }

    return wrong(in, "a string ends with a quote");
}


static rt_status_e
read_token(in_t *in)
{
    in->value.kind = RT_SF_TOKEN;

    while (is_alpha(peek(in)) || is_digit(peek(in))
           || is_one_of(peek(in), "!#$%&'*+-.^_`|~:/"))
    {
        in->p++;
    }

    return RT_OK;
}


static rt_status_e
read_bytes(in_t *in)
{
    unsigned  n;

    in->value.kind = RT_SF_BYTES;
    in->p++;

    while (is_alpha(peek(in)) || is_digit(peek(in))
           || is_one_of(peek(in), "+/"))
    {
        in->p++;
    }

    for (n = 0; n < 2 && peek(in) == '='; n++) {
        in->p++;
    }

    if (peek(in) != ':') {
        return wrong(in, "a byte sequence is base64 between two \":\"");
    }

    in->p++;

    return RT_OK;
}


static rt_status_e
read_boolean(in_t *in)
{
    in->value.kind = RT_SF_BOOLEAN;
    in->p++;

    if (peek(in) != '0' && peek(in) != '1') {
        return wrong(in, "a boolean is ?0 or ?1");
    }

    in->p++;

    return RT_OK;
}


static rt_status_e
read_date(in_t *in)
{
    size_t  n;

    in->value.kind = RT_SF_DATE;
    in->p++;
    in->p += (peek(in) == '-');

    n = digits(in);

    if (n == 0 || n > 15 || peek(in) == '.') {
        return wrong(in, "a date is \"@\" and seconds, 1 to 15 digits");
    }

    return RT_OK;
}


/* two lower case hex digits; -1: something else */

static int
hex(const in_t *in)
{
    int            value, k;
    unsigned char  c;

    if (in->last - in->p < 2) {
        return -1;
    }

    for (k = 0, value = 0; k < 2; k++) {
        c = in->p[k];

        if (!is_digit(c) && (c < 'a' || c > 'f')) {
            return -1;
        }

        value = value * 16 + (is_digit(c) ? c - '0' : c - 'a' + 10);
    }

    return value;
}


static rt_status_e
read_display(in_t *in)
{
    int            c;
    rt_str_t       s;
    unsigned char  text[RT_SF_DISPLAY_MAX];

    in->value.kind = RT_SF_DISPLAY;
    in->p++;

    if (peek(in) != '"') {
        return wrong(in, "a display string begins with %\"");
    }

    in->p++;
    s.data = text;
    s.len = 0;

    while (in->p < in->last && *in->p != '"') {
        c = *in->p++;

        if (c == '%') {
            c = hex(in);

            if (c < 0) {
                return wrong(in, "a \"%\" stands before two small hex digits");
            }

            in->p += 2;

        } else if (c < 0x20 || c > 0x7e) {
            in->p--;
            return wrong(in, "a display string is printable ASCII");
        }

        if (s.len == RT_SF_DISPLAY_MAX) {
            in->why = "a display string has up to 1024 bytes";
            return RT_TOO_BIG;
        }

        text[s.len++] = (unsigned char) c;
    }

    if (in->p == in->last || !rt_utf8_valid(&s)) {
        return wrong(in, "a display string is UTF-8, and ends with a quote");
    }

    in->p++;

    return RT_OK;
}


static rt_status_e
read_bare(in_t *in)
{
    rt_status_e           rc;
    unsigned char         c;
    const unsigned char  *begin;

    begin = in->p;
    c = peek(in);

    rc = is_digit(c) || c == '-' ? read_number(in)
         : c == '"' ? read_string(in)
         : is_alpha(c) || c == '*' ? read_token(in)
         : c == ':' ? read_bytes(in)
         : c == '?' ? read_boolean(in)
         : c == '@' ? read_date(in)
         : c == '%' ? read_display(in)
         : wrong(in, c == '\'' ? "quotes are double, and stand around origins"
                               : "a value is missing or begins with a "
                                 "character that none begins with");

    in->value.text.data = (unsigned char *) begin;
    in->value.text.len = (size_t) (in->p - begin);

    return rc;
}


static void
give(in_t *in)
{
    if (in->take != NULL) {
        in->take(in->ctx, &in->value);
    }
}


/* a member that has no text of its own: a flag, the begin of a list */

static void
give_kind(in_t *in, rt_sf_kind_e kind)
{
    in->value.kind = kind;
    in->value.text.data = (unsigned char *) in->p;
    in->value.text.len = 0;

    give(in);
}


static rt_status_e
read_parameters(in_t *in)
{
    rt_str_t     key;
    rt_status_e  rc;

    while (peek(in) == ';') {
        in->p++;
        skip(in, " ");

        rc = read_key(in, &key);

        if (rc == RT_OK && peek(in) == '=') {
            in->p++;
            rc = read_bare(in);
        }

        if (rc != RT_OK) {
            return rc;
        }
    }

    return RT_OK;
}


static rt_status_e
read_item(in_t *in)
{
    rt_status_e  rc;

    rc = read_bare(in);

    if (rc != RT_OK) {
        return rc;
    }

    give(in);

    return read_parameters(in);
}


static rt_status_e
read_list(in_t *in)
{
    rt_status_e  rc;

    give_kind(in, RT_SF_LIST);

    in->p++;
    in->value.in_list = 1;

    for ( ;; ) {
        skip(in, " ");

        if (peek(in) == ')') {
            in->p++;
            in->value.in_list = 0;

            return read_parameters(in);
        }

        if (in->p == in->last) {
            return wrong(in, "a list ends with \")\"");
        }

        rc = read_item(in);

        if (rc != RT_OK) {
            return rc;
        }

        if (in->p < in->last && *in->p != ' ' && *in->p != ')') {
            return wrong(in, "blanks, and nothing else, stand between the "
                             "values of a list, and \")\" behind them");
        }
    }
}


static rt_status_e
read_member(in_t *in)
{
    rt_status_e  rc;

    rc = read_key(in, &in->value.member);

    if (rc != RT_OK) {
        return rc;
    }

    if (peek(in) != '=') {
        give_kind(in, RT_SF_FLAG);
        return read_parameters(in);
    }

    in->p++;

    return peek(in) == '(' ? read_list(in) : read_item(in);
}


static rt_status_e
read_members(in_t *in)
{
    rt_status_e  rc;

    skip(in, " ");

    while (in->p < in->last) {

        rc = read_member(in);

        if (rc != RT_OK) {
            return rc;
        }

        skip(in, " \t");

        if (in->p == in->last) {
            return RT_OK;
        }

        if (*in->p != ',') {
            return wrong(in, "a \"=\" has no blanks around it, and a comma "
                             "stands behind each feature but the last");
        }

        in->p++;
        skip(in, " \t");

        if (in->p == in->last) {
            return wrong(in, "behind the last feature stands no comma");
        }
    }

    return RT_OK;
}


rt_status_e
rt_sf_dictionary(const rt_str_t *text, rt_sf_value_pt take, void *ctx,
    rt_sf_error_t *error)
{
    in_t         in;
    rt_status_e  rc;

    memset(&in, 0, sizeof(in_t));

    in.p = text->data;
    in.last = text->data + text->len;
    in.take = take;
    in.ctx = ctx;

    if (text->len > RT_SF_TEXT_MAX) {
        in.why = "a header has up to 16384 bytes";
        rc = RT_TOO_BIG;

    } else {
        rc = read_members(&in);
    }

    error->offset = (size_t) (in.p - text->data);
    error->why = in.why;

    return rc;
}
