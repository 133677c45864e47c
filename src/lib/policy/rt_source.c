
#include "json/rt_json.h"
#include "text/rt_complain.h"
#include "text/rt_field.h"
#include "text/rt_form.h"
#include "policy/rt_source.h"
#include "text/rt_utf8.h"


static const struct {
    rt_str_t       prefix;
    rt_source_e    from;
    const char    *noun;
    const char    *signs;       /* of a name, beside letters and digits; NULL:
                                   it is a pointer */
} kinds[] = {
    { rt_string("arg:"), RT_SOURCE_ARG, "argument", "_-." },
    { rt_string("header:"), RT_SOURCE_HEADER, "header", "_-" },
    { rt_string("cookie:"), RT_SOURCE_COOKIE, "cookie", "_-." },
    { rt_string("form:"), RT_SOURCE_FORM, "form field", "_-." },
    { rt_string("json:"), RT_SOURCE_JSON, "JSON value", NULL },
};

#define NKINDS  (sizeof(kinds) / sizeof(kinds[0]))


/* the number of the kind, or NKINDS */

static size_t
kind_of(const rt_str_t *word)
{
    size_t  i;

    for (i = 0; i < NKINDS; i++) {
        if (word->len >= kinds[i].prefix.len
            && memcmp(word->data, kinds[i].prefix.data, kinds[i].prefix.len)
               == 0)
        {
            break;
        }
    }

    return i;
}


int
rt_source_is(const rt_str_t *word)
{
    return kind_of(word) < NKINDS;
}


const char *
rt_source_noun(rt_source_e from)
{
    size_t  i;

    for (i = 0; kinds[i].from != from; i++) {
        /* void */
    }

    return kinds[i].noun;
}


static int
is_alnum(uint32_t cp)
{
    return (cp >= '0' && cp <= '9') || (cp >= 'a' && cp <= 'z')
           || (cp >= 'A' && cp <= 'Z');
}


/* each step of a pointer is a name that others are compared with */

static int
is_pointer(const rt_str_t *s)
{
    rt_str_t  rest, step;

    if (s->len == 0 || s->data[0] != '/' || rt_json_path_check(s) != RT_OK) {
        return 0;
    }

    rest.data = s->data + 1;
    rest.len = s->len - 1;

    do {
        if (!rt_str_cut(&rest, '/', &step, &rest)) {
            rest.data = NULL;
        }

        if (!rt_source_alike(&step, &step)) {
            return 0;
        }

    } while (rest.data);

    return 1;
}


static int
is_name(const rt_str_t *s, const char *signs)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < s->len; i++) {
        c = s->data[i];

        if (!is_alnum(c) && (c == '\0' || !strchr(signs, c))) {
            return 0;
        }
    }

    return rt_source_alike(s, s);
}


rt_status_e
rt_source_parse(rt_mem_t *mem, const rt_str_t *word, rt_source_t *source,
    rt_str_t *err)
{
    size_t  k;

    k = kind_of(word);

    if (k == NKINDS) {
        return RT_DECLINED;
    }

    source->from = kinds[k].from;
    source->name.data = word->data + kinds[k].prefix.len;
    source->name.len = word->len - kinds[k].prefix.len;

    if (kinds[k].signs == NULL) {
        return is_pointer(&source->name)
               ? RT_OK
               : rt_complain(mem, err, "\"%.*s\" names no JSON value: behind "
                             "\"json:\" stands a JSON Pointer such as "
                             "\"/user/email\"", rt_str_args(word));
    }

    if (is_name(&source->name, kinds[k].signs)) {
        return RT_OK;
    }

    return rt_complain(mem, err, "\"%.*s\" names no %s: behind \"%s\" stand "
                       "letters, digits and any of \"%s\"",
                       rt_str_args(word), kinds[k].noun,
                       (char *) kinds[k].prefix.data, kinds[k].signs);
}


/* the next letter or digit of a name, folded; 0 at its end */

static unsigned char
next_letter(const unsigned char **p, const unsigned char *end, int begun)
{
    size_t    len;
    uint32_t  cp;

    while (*p < end) {
        cp = rt_utf8_step(*p, end, &len);
        *p += len;

        if ((cp == '[' || cp == ']') && begun) {
            *p = end;
            break;
        }

        cp = rt_utf8_fold(cp);

        if (is_alnum(cp)) {
            return (unsigned char) cp;
        }
    }

    return 0;
}


/* names without any letter are like none, themselves included */

int
rt_source_alike(const rt_str_t *a, const rt_str_t *b)
{
    int                   begun;
    unsigned char         c, d;
    const unsigned char  *p, *q;

    p = a->data;
    q = b->data;
    begun = 0;

    for ( ;; ) {
        c = next_letter(&p, a->data + a->len, begun);
        d = next_letter(&q, b->data + b->len, begun);

        if (c != d) {
            return 0;
        }

        if (c == 0) {
            return begun;
        }

        begun = 1;
    }
}


const char *
rt_source_fault(const rt_str_t *value)
{
    return !rt_utf8_valid(value) ? "is no UTF-8"
           : rt_utf8_has_control(value) ? "holds a control character"
           : !rt_utf8_plain(value) ? "begins or ends with white space"
           : NULL;
}


/* the length of the piece that begins at i; it ends at "&", ";" or the end */

static size_t
piece_length(const rt_str_t *query, size_t i)
{
    size_t  n;

    for (n = i; n < query->len; n++) {
        if (query->data[n] == '&' || query->data[n] == ';') {
            break;
        }
    }

    return n - i;
}


static int
is_semicolon(const rt_str_t *query, size_t i)
{
    return i < query->len && query->data[i] == ';';
}


static const char *
look_at_name(rt_mem_t *mem, const rt_str_t *piece, rt_str_t *name)
{
    rt_str_t               text;
    rt_form_iter_t         it;
    rt_form_field_t        field;
    const unsigned char   *eq;

    eq = memchr(piece->data, '=', piece->len);

    text.data = piece->data;
    text.len = eq ? (size_t) (eq - piece->data) : piece->len;

    rt_form_iter(&it, &text);

    switch (rt_form_next(mem, &it, &field)) {

    case RT_OK:
        *name = field.name;

        return field.bad || rt_utf8_has_control(name) || !rt_utf8_valid(name)
               ? "comes with an argument whose name is malformed" : NULL;

    case RT_DONE:
        name->len = 0;
        name->data = text.data;
        return NULL;

    default:
        return "needs memory";
    }
}


static const char *
look_at_value(rt_mem_t *mem, const rt_str_t *piece, rt_str_t *value)
{
    rt_form_iter_t   it;
    rt_form_field_t  field;

    rt_form_iter(&it, piece);

    if (rt_form_next(mem, &it, &field) != RT_OK) {
        return "needs memory";
    }

    *value = field.value;

    return field.bad ? "is malformed" : rt_source_fault(value);
}


const char *
rt_source_header(const rt_str_t *value)
{
    size_t  i;

    for (i = 0; i < value->len; i++) {
        if (value->data[i] >= 0x80) {
            return "is not ASCII";
        }
    }

    return rt_source_fault(value);
}


rt_status_e
rt_source_arg(rt_mem_t *mem, const rt_str_t *query, const rt_str_t *name,
    rt_str_t *value, const char **why)
{
    size_t     i;
    rt_str_t   piece, other;
    unsigned   n, found;

    found = 0;
    n = 0;

    for (i = 0; i < query->len; i += piece.len + 1) {

        piece.data = query->data + i;
        piece.len = piece_length(query, i);

        if (piece.len == 0) {
            continue;
        }

        if (++n > RT_SOURCE_MAX_ARGS) {
            *why = "is one of too many arguments";
            return RT_INVALID;
        }

        *why = look_at_name(mem, &piece, &other);

        if (*why) {
            return RT_INVALID;
        }

        if (!rt_source_alike(&other, name)) {
            continue;
        }

        *why = found++ ? "is repeated"
               : !rt_str_eq(&other, name) ? "has another spelling"
               : is_semicolon(query, i + piece.len)
                 || (i && is_semicolon(query, i - 1)) ? "stands beside a \";\""
               : look_at_value(mem, &piece, value);

        if (*why) {
            return RT_INVALID;
        }
    }

    if (found && memchr(query->data, '#', query->len)) {
        *why = "stands beside a \"#\"";
        return RT_INVALID;
    }

    return found ? RT_OK : RT_DECLINED;
}


/* a value that is decoded by some, and unquoted by others */

static const char *
look_at_cookie(const rt_str_t *value)
{
    size_t  i;

    for (i = 0; i < value->len; i++) {
        if (memchr("%\"\\", value->data[i], 3)) {
            return "can be read in two ways";
        }
    }

    return rt_source_header(value);
}


/* the next piece between ";"s and ","s; 0 when there is none */

static int
next_cookie(const rt_str_t *line, size_t *i, rt_str_t *piece)
{
    size_t  n;

    if (*i >= line->len) {
        return 0;
    }

    for (n = *i; n < line->len; n++) {
        if (line->data[n] == ';' || line->data[n] == ',') {
            break;
        }
    }

    piece->data = line->data + *i;
    piece->len = n - *i;

    *i = n + 1;

    return 1;
}


const char *
rt_source_cookie(rt_mem_t *mem, const rt_str_t *line, const rt_str_t *name,
    rt_str_t *value, unsigned *found)
{
    size_t       i, begin;
    rt_str_t     piece, raw, rest, other;
    const char  *why;

    for (i = 0, begin = 0; next_cookie(line, &i, &piece); begin = i) {

        why = look_at_name(mem, &piece, &other);
        rest = rt_field_trim(&piece);

        /* "=a=b" is a to some, and has no name to others */

        if (why || (rest.len && rest.data[0] == '=')) {
            return "comes with a cookie whose name is malformed";
        }

        if (!rt_source_alike(&other, name)) {
            continue;
        }

        (void) rt_str_cut(&piece, '=', &raw, &rest);
        raw = rt_field_trim(&raw);
        *value = rest;

        why = (*found)++ ? "is repeated"
              : !rt_str_eq(&raw, name) ? "has another spelling"
              : (begin && line->data[begin - 1] == ',')
                || (i <= line->len && line->data[i - 1] == ',')
                ? "stands beside a \",\"" : look_at_cookie(value);

        if (why) {
            return why;
        }
    }

    return NULL;
}
