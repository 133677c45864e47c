
#include "text/rt_charset.h"
#include "text/rt_field.h"


typedef struct {
    rt_str_t       name;
    unsigned       from;                /* numbers behind it, or none */
    unsigned       to;
    rt_charset_e   charset;
} label_t;


/*
 * Labels of the WHATWG Encoding standard whose decoders map the bytes
 * 0x00-0x7F to ASCII outside multi-byte sequences, and never take one of
 * < > " ' = / & or a blank as part of one: all but UTF-16, ISO-2022-JP and
 * "replacement".  Of a label that is not in the standard, a browser knows
 * nothing, and guesses.
 */

static const label_t  labels[] = {
    { rt_string("utf-8"), 0, 0, RT_CHARSET_UTF8 },
    { rt_string("utf8"), 0, 0, RT_CHARSET_UTF8 },
    { rt_string("us-ascii"), 0, 0, RT_CHARSET_US_ASCII },
    { rt_string("ascii"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("iso-8859-"), 1, 11, RT_CHARSET_ASCII },
    { rt_string("iso-8859-"), 13, 16, RT_CHARSET_ASCII },
    { rt_string("iso-8859-8-i"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("iso8859-"), 1, 11, RT_CHARSET_ASCII },
    { rt_string("iso8859-"), 13, 15, RT_CHARSET_ASCII },
    { rt_string("latin"), 1, 6, RT_CHARSET_ASCII },
    { rt_string("windows-"), 1250, 1258, RT_CHARSET_ASCII },
    { rt_string("cp"), 1250, 1258, RT_CHARSET_ASCII },
    { rt_string("koi8-r"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("koi8-u"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("ibm866"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("cp866"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("macintosh"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("shift_jis"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("shift-jis"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("windows-31j"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("euc-jp"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("euc-kr"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("gbk"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("gb2312"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("gb18030"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("big5"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("windows-874"), 0, 0, RT_CHARSET_ASCII },
    { rt_string("tis-620"), 0, 0, RT_CHARSET_ASCII }
};


/* its number, if it begins with name; 0: none, or another way to write it */

static unsigned
number(const rt_str_t *s, size_t name)
{
    size_t    i;
    unsigned  n;

    if (s->len - name > 4 || s->data[name] == '0') {
        return 0;
    }

    for (n = 0, i = name; i < s->len; i++) {

        if (s->data[i] < '0' || s->data[i] > '9') {
            return 0;
        }

        n = n * 10 + s->data[i] - '0';
    }

    return n;
}


static rt_charset_e
find(const rt_str_t *s)
{
    size_t          i;
    unsigned        n;
    rt_str_t        head;
    const label_t  *l;

    for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        l = &labels[i];

        head = *s;
        head.len = (l->from && s->len > l->name.len) ? l->name.len : s->len;

        if (!rt_str_ieq(&head, &l->name)) {
            continue;
        }

        n = head.len < s->len ? number(s, head.len) : 0;

        if (n >= l->from && n <= l->to) {
            return l->charset;
        }
    }

    return RT_CHARSET_OTHER;
}


/*
 * Up to the ';' that ends the parameter.  Whatever else stands there makes it
 * a label that nobody knows.
 */

static rt_charset_e
label(const unsigned char *p, const unsigned char *last)
{
    rt_str_t  s = { last - p, (unsigned char *) p }, rest;

    (void) rt_str_cut(&s, ';', &s, &rest);

    s = rt_field_trim(&s);

    if (s.len >= 2 && s.data[0] == '"' && s.data[s.len - 1] == '"') {
        s.data++;
        s.len -= 2;
    }

    return find(&s);
}


/* each "charset" between p and last, whatever stands in front of it */

static rt_charset_e
worst(const unsigned char *p, const unsigned char *last)
{
    rt_str_t      at, word = rt_string("charset");
    rt_charset_e  found, one;

    found = RT_CHARSET_NONE;
    at.len = word.len;

    for ( /* void */ ; (size_t) (last - p) >= word.len; p++) {

        at.data = (unsigned char *) p;

        if (!rt_str_ieq(&at, &word)) {
            continue;
        }

        for (p += word.len; p < last && (*p == ' ' || *p == '\t'); p++) {
            /* void */
        }

        if (p == last || *p != '=') {
            return RT_CHARSET_OTHER;
        }

        one = label(p + 1, last);

        if (one > found) {
            found = one;
        }
    }

    return found;
}


rt_charset_e
rt_charset_type(const rt_str_t *type)
{
    if (type->len == 0) {
        return RT_CHARSET_NONE;
    }

    return worst(type->data, type->data + type->len);
}


rt_charset_e
rt_charset_value(const rt_str_t *value)
{
    rt_charset_e          first, more;
    const unsigned char  *last;

    if (value->len == 0) {
        return RT_CHARSET_NONE;
    }

    last = value->data + value->len;

    first = label(value->data, last);
    more = worst(value->data, last);

    return first > more ? first : more;
}
