
#include "text/rt_charset.h"
#include "text/rt_field.h"


static const rt_str_t  utf8[] = {
    rt_string("utf-8"),
    rt_string("utf8"),
    rt_string("us-ascii"),
    rt_null_string
};


/*
 * Encodings of the WHATWG Encoding standard whose decoders map the bytes
 * 0x00-0x7F to ASCII outside multi-byte sequences, and never take one of
 * < > " ' = / & or a blank as part of one: all but UTF-16, ISO-2022-JP and
 * "replacement".  A '*' stands for letters, digits and '-'.
 */

static const rt_str_t  ascii[] = {
    rt_string("ascii"),
    rt_string("iso-8859-*"),
    rt_string("iso8859-*"),
    rt_string("latin1"),
    rt_string("windows-125*"),
    rt_string("windows-874"),
    rt_string("cp125*"),
    rt_string("koi8-*"),
    rt_string("ibm866"),
    rt_string("cp866"),
    rt_string("macintosh"),
    rt_string("shift_jis"),
    rt_string("shift-jis"),
    rt_string("windows-31j"),
    rt_string("euc-jp"),
    rt_string("euc-kr"),
    rt_string("gbk"),
    rt_string("gb2312"),
    rt_string("gb18030"),
    rt_string("big5"),
    rt_string("tis-620"),
    rt_null_string
};


static int
plain(const unsigned char *p, const unsigned char *last)
{
    unsigned char  c;

    for ( /* void */ ; p < last; p++) {
        c = rt_lower(*p);

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') {
            return 0;
        }
    }

    return 1;
}


static int
listed(const rt_str_t *label, const rt_str_t *known)
{
    rt_str_t              head, want;
    const unsigned char  *last;

    last = label->data + label->len;

    for ( /* void */ ; known->len; known++) {

        head = *label;
        want = *known;

        if (want.data[want.len - 1] == '*' && label->len >= want.len) {
            want.len--;
            head.len = want.len;
        }

        if (rt_str_ieq(&head, &want) && plain(head.data + head.len, last)) {
            return 1;
        }
    }

    return 0;
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

    return listed(&s, utf8) ? RT_CHARSET_UTF8
           : listed(&s, ascii) ? RT_CHARSET_ASCII : RT_CHARSET_OTHER;
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
