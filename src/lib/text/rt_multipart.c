
#include "text/rt_char.h"
#include "text/rt_charset.h"
#include "text/rt_field.h"
#include "text/rt_multipart.h"
#include "text/rt_utf8.h"


typedef enum {
    DISPOSITION = 0,
    TYPE,
    ENCODING,
    LENGTH,
    NHEADERS
} header_e;


static const rt_str_t  headers[NHEADERS] = {
    [DISPOSITION] = rt_string("content-disposition"),
    [TYPE] = rt_string("content-type"),
    [ENCODING] = rt_string("content-transfer-encoding"),
    [LENGTH] = rt_string("content-length")
};


/*
 * A token, or one with some of the other signs in it, too.  Single quotes are
 * quotes to PHP.
 */

static int
is_token(const rt_str_t *s, const char *others)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < s->len; i++) {
        c = s->data[i];

        if (c == '\''
            || (!(rt_char[c] & RT_CHAR_TOKEN)
                && (c == '\0' || !strchr(others, c))))
        {
            return 0;
        }
    }

    return s->len != 0;
}


/*
 * The next "; name=value".  A backslash in quotes escapes for some and is a
 * byte like others for the rest.
 *
 * ret:  RT_OK, RT_DONE, RT_INVALID
 */

static rt_status_e
next_param(rt_str_t *rest, rt_str_t *name, rt_str_t *value)
{
    rt_str_t  s, quoted;

    s = rt_field_trim(rest);

    if (s.len == 0) {
        return RT_DONE;
    }

    if (s.data[0] != ';') {
        return RT_INVALID;
    }

    s.data++;
    s.len--;
    s = rt_field_trim(&s);

    if (!rt_str_cut(&s, '=', name, &s) || !is_token(name, "")) {
        return RT_INVALID;
    }

    if (s.len && s.data[0] == '"') {
        quoted.data = s.data + 1;
        quoted.len = s.len - 1;

        return rt_str_cut(&quoted, '"', value, rest)
               && (value->len == 0
                   || memchr(value->data, '\\', value->len) == NULL)
               ? RT_OK : RT_INVALID;
    }

    *value = s;
    value->len = rt_until(&s, 0, RT_CHAR_SEMI|RT_CHAR_BLANK);

    rest->data = s.data + value->len;
    rest->len = s.len - value->len;

    return is_token(value, "/:=?") ? RT_OK : RT_INVALID;
}


static int
take_boundary(rt_multipart_t *m, const rt_str_t *type)
{
    rt_str_t     media, rest, name, value;
    rt_status_e  rc;

    if (!rt_field_media(type, &media)
        || !rt_str_ilit(&media, "multipart/form-data"))
    {
        return 0;
    }

    rest.data = media.data + media.len;
    rest.len = (size_t) (type->data + type->len - rest.data);

    m->len = 0;

    while ((rc = next_param(&rest, &name, &value)) == RT_OK) {

        if (rt_str_ilit(&name, "charset")) {
            continue;
        }

        if (!rt_str_ilit(&name, "boundary")
            || m->len || !is_token(&value, "/:=?()")
            || value.len > RT_MULTIPART_BOUNDARY)
        {
            return 0;
        }

        memcpy(m->delimiter, "--", 2);
        memcpy(m->delimiter + 2, value.data, value.len);
        m->len = 2 + value.len;
    }

    return rc == RT_DONE && m->len;
}


static int
begins(const rt_str_t *s, const void *data, size_t len)
{
    return s->len >= len && memcmp(s->data, data, len) == 0;
}


static void
skip(rt_str_t *s, size_t n)
{
    s->data += n;
    s->len -= n;
}


rt_status_e
rt_multipart_begin(rt_multipart_t *m, const rt_str_t *type,
    const rt_str_t *body, const char **why)
{
    m->rest = *body;
    m->parts = 0;

    if (!take_boundary(m, type)) {
        *why = "has a Content-Type without a good boundary";
        return RT_INVALID;
    }

    if (!begins(&m->rest, m->delimiter, m->len)) {
        *why = "does not begin with its boundary";
        return RT_INVALID;
    }

    skip(&m->rest, m->len);

    return RT_OK;
}


/* where the delimiter stands, or the end */

static size_t
find(const rt_multipart_t *m, const rt_str_t *s)
{
    rt_str_t              tail;
    const unsigned char  *p;

    tail = *s;

    while (tail.len >= m->len) {
        p = memchr(tail.data, '-', tail.len);

        if (p == NULL) {
            break;
        }

        skip(&tail, (size_t) (p - tail.data));

        if (begins(&tail, m->delimiter, m->len)) {
            return s->len - tail.len;
        }

        skip(&tail, 1);
    }

    return s->len;
}


/* one line, without its CR LF; no other control may stand in it */

static int
next_line(rt_multipart_t *m, rt_str_t *line)
{
    size_t  i;

    for (i = 0; i < m->rest.len; i++) {
        if (m->rest.data[i] < ' ' || m->rest.data[i] == 0x7f) {
            break;
        }
    }

    line->data = m->rest.data;
    line->len = i;

    skip(&m->rest, i);

    if (!begins(&m->rest, "\r\n", 2) || find(m, line) < line->len
        || !rt_utf8_valid(line))
    {
        return 0;
    }

    skip(&m->rest, 2);

    return 1;
}


/* "%" is an escape to those who decode what browsers encode in names */

static int
take_disposition(const rt_str_t *value, rt_multipart_part_t *part)
{
    unsigned     named, *seen, file, extended;
    rt_str_t     kind, rest, name, text;
    rt_status_e  rc;

    named = 0;
    file = 0;
    extended = 0;

    part->filename = (rt_str_t) rt_null_string;

    kind = *value;
    kind.len = rt_until(value, 0, RT_CHAR_SEMI|RT_CHAR_BLANK);

    if (!rt_str_ilit(&kind, "form-data")) {
        return 0;
    }

    rest = *value;
    skip(&rest, kind.len);

    while ((rc = next_param(&rest, &name, &text)) == RT_OK) {

        seen = rt_str_ilit(&name, "name") ? &named
               : rt_str_ilit(&name, "filename") ? &file
               : rt_str_ilit(&name, "filename*")
                 ? &extended : NULL;

        if (seen == NULL || (*seen)++) {
            return 0;
        }

        if (seen == &named) {
            part->name = text;

        } else if (seen == &file) {
            part->filename = text;
        }
    }

    part->file = (file || extended);
    part->extended = extended;

    return rc == RT_DONE && named
           && !(rt_char_seen(&part->name) & RT_CHAR_PERCENT);
}


static int
as_is(const rt_str_t *encoding)
{
    return rt_str_ilit(encoding, "binary")
           || rt_str_ilit(encoding, "8bit")
           || rt_str_ilit(encoding, "7bit");
}


/* a part that is read in UTF-8 and holds no parts of its own */

static int
good_type(const rt_str_t *type, const rt_multipart_part_t *part)
{
    rt_str_t  media, top, sub;

    if (type->data == NULL) {
        return 1;
    }

    (void) rt_field_media(type, &media);
    (void) rt_str_cut(&media, '/', &top, &sub);

    return !rt_str_ilit(&top, "multipart")
           && !rt_str_ilit(&top, "message")
           && (part->file || rt_charset_type(type) <= RT_CHARSET_US_ASCII);
}


static const char *
take_head(rt_multipart_t *m, rt_multipart_part_t *part)
{
    size_t    i;
    rt_str_t  line, name, value, seen[NHEADERS];

    memset(seen, 0, sizeof(seen));

    for ( ;; ) {

        if (!next_line(m, &line)) {
            return "has a part with a malformed head";
        }

        if (line.len == 0) {
            break;
        }

        if (rt_field_line(&line, &name, &value) != RT_OK) {
            return "has a part with a malformed head";
        }

        for (i = 0; i < NHEADERS; i++) {
            if (rt_str_ieq(&name, &headers[i])) {
                break;
            }
        }

        if (i == NHEADERS || seen[i].data) {
            return "has a part with a header that is repeated or not known";
        }

        seen[i] = value;
    }

    part->type = seen[TYPE];

    return seen[DISPOSITION].data == NULL
           || !take_disposition(&seen[DISPOSITION], part)
           ? "has a part whose name can be read in two ways"
           : seen[ENCODING].data && !as_is(&seen[ENCODING])
           ? "has a part that is encoded"
           : !good_type(&seen[TYPE], part)
           ? "has a part of a type that can be read in two ways" : NULL;
}


rt_status_e
rt_multipart_next(rt_multipart_t *m, rt_multipart_part_t *part,
    const char **why)
{
    size_t  at;

    *why = "is cut off, or has a boundary in a wrong place";

    if (begins(&m->rest, "--", 2)) {
        skip(&m->rest, 2);

        return m->rest.len == 0 || rt_str_lit(&m->rest, "\r\n") ? RT_DONE
                                                                : RT_INVALID;
    }

    if (!begins(&m->rest, "\r\n", 2)) {
        return RT_INVALID;
    }

    skip(&m->rest, 2);

    if (++m->parts > RT_MULTIPART_PARTS) {
        *why = "has too many parts";
        return RT_INVALID;
    }

    *why = take_head(m, part);

    if (*why) {
        return RT_INVALID;
    }

    at = find(m, &m->rest);

    *why = "is cut off, or has a boundary in a wrong place";

    if (at == m->rest.len || at < 2
        || memcmp(m->rest.data + at - 2, "\r\n", 2) != 0)
    {
        return RT_INVALID;
    }

    part->value.data = m->rest.data;
    part->value.len = at - 2;

    skip(&m->rest, at + m->len);

    return RT_OK;
}
