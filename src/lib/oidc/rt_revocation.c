
#include "oidc/rt_revocation.h"


#define DIGITS  18      /* of RT_REVOCATION_MAX */


static unsigned char *decimal(unsigned char *p, int64_t n, rt_str_t *word);
static int array(rt_str_t *rest, int64_t *n);
static int field(rt_revocation_t *rev, const rt_str_t *name,
    const rt_str_t *value);
static int hex(const rt_str_t *text, unsigned char *key);
static int seconds(const rt_str_t *text, int64_t *n);


void
rt_revocation_words(const rt_revocation_t *rev, unsigned char *text,
    rt_str_t *words)
{
    words[0] = rev->front ? (rt_str_t) rt_string("f")
               : rev->lift ? (rt_str_t) rt_string("x")
               : rev->pushed ? (rt_str_t) rt_string("p")
               : (rt_str_t) rt_string("k");
    words[1].data = text;
    words[1].len = 2 * RT_REVOCATION_KEY;

    text = rt_hex_put(text, rev->key, RT_REVOCATION_KEY);

    words[2] = (rt_str_t) rt_string("b");
    text = decimal(text, rev->before, &words[3]);

    words[4] = (rt_str_t) rt_string("u");
    (void) decimal(text, rev->until, &words[5]);
}


/* "for ever" may be a greater number */

static unsigned char *
decimal(unsigned char *p, int64_t n, rt_str_t *word)
{
    n = n < 0 ? 0
        : n > RT_REVOCATION_MAX ? RT_REVOCATION_MAX : n;

    word->data = p;
    word->len = rt_decimal(p, (uint64_t) n);

    return p + word->len;
}


rt_status_e
rt_revocation_entries(rt_str_t *rest, unsigned *n)
{
    int64_t      count;
    rt_resp_t    value;
    rt_status_e  rc;

    *n = 0;

    rc = rt_resp_next(rest, &value);

    if (rc == RT_OK && value.type == RT_RESP_NIL) {
        return RT_OK;
    }

    if (rc != RT_OK || value.type != RT_RESP_ARRAY || value.number != 1
        || !array(rest, &count) || count != 2
        || rt_resp_next(rest, &value) != RT_OK
        || value.type != RT_RESP_BULK
        || !array(rest, &count))
    {
        return RT_INVALID;
    }

    *n = (unsigned) count;

    return RT_OK;
}


rt_status_e
rt_revocation_next(rt_str_t *rest, rt_str_t *id, rt_revocation_t *rev)
{
    int          seen, one;
    int64_t      n;
    rt_str_t     fields;
    rt_resp_t    name, value;

    if (!array(rest, &n) || n != 2
        || rt_resp_next(rest, &value) != RT_OK
        || value.type != RT_RESP_BULK
        || value.text.len == 0 || value.text.len > RT_REVOCATION_ID)
    {
        return RT_INVALID;
    }

    *id = value.text;
    fields = *rest;

    if (rt_resp_skip(rest) != RT_OK) {
        return RT_INVALID;
    }

    memset(rev, 0, sizeof(rt_revocation_t));

    if (!array(&fields, &n) || n != RT_REVOCATION_WORDS) {
        return RT_DECLINED;
    }

    for (seen = 0; n; n -= 2) {

        if (rt_resp_next(&fields, &name) != RT_OK
            || rt_resp_next(&fields, &value) != RT_OK
            || name.type != RT_RESP_BULK || value.type != RT_RESP_BULK)
        {
            return RT_DECLINED;
        }

        one = field(rev, &name.text, &value.text);

        if (one == 0 || (seen & one)) {
            return RT_DECLINED;
        }

        seen |= one;
    }

    return RT_OK;
}


static int
array(rt_str_t *rest, int64_t *n)
{
    rt_resp_t  value;

    if (rt_resp_next(rest, &value) != RT_OK || value.type != RT_RESP_ARRAY) {
        return 0;
    }

    *n = value.number;

    return 1;
}


/* ret: a bit for each field; 0: it is not one of ours */

static int
field(rt_revocation_t *rev, const rt_str_t *name, const rt_str_t *value)
{
    if (rt_str_lit(name, "k") || rt_str_lit(name, "f")
        || rt_str_lit(name, "x") || rt_str_lit(name, "p"))
    {
        rev->front = name->data[0] == 'f';
        rev->lift = name->data[0] == 'x';
        rev->pushed = name->data[0] == 'p';
        return hex(value, rev->key) ? 1 : 0;
    }

    if (rt_str_lit(name, "b")) {
        return seconds(value, &rev->before) ? 2 : 0;
    }

    if (rt_str_lit(name, "u")) {
        return seconds(value, &rev->until) ? 4 : 0;
    }

    return 0;
}


static int
hex(const rt_str_t *text, unsigned char *key)
{
    int     n;
    size_t  i;

    if (text->len != 2 * RT_REVOCATION_KEY) {
        return 0;
    }

    for (i = 0; i < text->len; i++) {
        n = rt_hex(text->data[i]);

        if (n < 0) {
            return 0;
        }

        key[i / 2] = (unsigned char) (key[i / 2] << 4 | n);
    }

    return 1;
}


static int
seconds(const rt_str_t *text, int64_t *n)
{
    size_t  i;

    if (text->len == 0 || text->len > DIGITS) {
        return 0;
    }

    for (i = 0; i < text->len; i++) {

        if (text->data[i] < '0' || text->data[i] > '9') {
            return 0;
        }

        *n = *n * 10 + (text->data[i] - '0');
    }

    return 1;
}


size_t
rt_revocation_record(const rt_revocation_t *rev, unsigned char *text)
{
    unsigned        i;
    rt_str_t        words[RT_REVOCATION_WORDS];
    unsigned char  *p, room[RT_REVOCATION_TEXT];

    rt_revocation_words(rev, room, words);

    for (p = text, i = 0; i < RT_REVOCATION_WORDS; i++) {
        if (i) {
            *p++ = ' ';
        }

        memcpy(p, words[i].data, words[i].len);
        p += words[i].len;
    }

    return (size_t) (p - text);
}


rt_status_e
rt_revocation_read(const rt_str_t *record, rt_revocation_t *rev)
{
    int       seen, one, more;
    rt_str_t  rest, name, value;

    memset(rev, 0, sizeof(rt_revocation_t));

    rest = *record;
    seen = 0;

    do {
        (void) rt_str_cut(&rest, ' ', &name, &rest);
        more = rt_str_cut(&rest, ' ', &value, &rest);

        one = field(rev, &name, &value);

        if (one == 0 || (seen & one)) {
            return RT_DECLINED;
        }

        seen |= one;

    } while (more);

    return seen == 7 ? RT_OK : RT_DECLINED;
}
