
/*
 * Literals of a GraphQL document (October 2021): strings, block strings and
 * numbers become '?', so do the words that stand as values under a name that a
 * rule covers; comments go.  Signs and names stay: they say what was asked
 * for.  A variable that stands there has its value elsewhere in the request.
 */

#include "redact/rt_redact.h"
#include "redact/rt_redact_graphql.h"
#include "text/rt_char.h"


typedef enum {
    SIGN = 0,
    NAME,
    LITERAL,
    IGNORED,                    /* blanks, commas, comments */
    WRONG
} kind_e;


typedef struct {
    rt_redact_t           *rd;
    const unsigned char   *pos;     /* of the token that comes next */
    const unsigned char   *end;
    unsigned char         *out;     /* NULL: variables are looked for */
    size_t                 len;     /* of what was written */

    unsigned               braces;
    unsigned               parens;
    unsigned               square;
    unsigned               depth;       /* where the covered name stands */
    rt_redact_act_e        act;         /* what is done to its value, */
    rt_str_t               rule;        /*   and by which */
    unsigned               covered:1;   /* what comes is the value of one */
    unsigned               variable:1;  /* '$' came last */
    unsigned               edited:1;
} document_t;


static const rt_str_t  why_graphql = rt_string("graphql");


static int
starts_name(unsigned char c)
{
    return (rt_lower(c) >= 'a' && rt_lower(c) <= 'z') || c == '_';
}


static int
digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}


static int
in_name(unsigned char c)
{
    return starts_name(c) || digit(c);
}


static const unsigned char *
block_end(const unsigned char *p, const unsigned char *end)
{
    for ( /* void */ ; end - p >= 3; p++) {

        if (*p == '\\' && end - p >= 4 && memcmp(p + 1, "\"\"\"", 3) == 0) {
            p += 3;

        } else if (memcmp(p, "\"\"\"", 3) == 0) {
            return p + 3;
        }
    }

    return NULL;
}


static const unsigned char *
string_end(const unsigned char *p, const unsigned char *end)
{
    if (end - p >= 3 && memcmp(p, "\"\"\"", 3) == 0) {
        return block_end(p + 3, end);
    }

    for (p++; p < end && *p != '\n' && *p != '\r'; p++) {

        if (*p == '"') {
            return p + 1;
        }

        p += (*p == '\\' && p + 1 < end);
    }

    return NULL;
}


/* the token at p; *next is its end */

static kind_e
token(const unsigned char *p, const unsigned char *end,
    const unsigned char **next)
{
    *next = p + 1;

    if (starts_name(*p)) {
        while (*next < end && in_name(**next)) { (*next)++; }
        return NAME;
    }

    if (digit(*p) || *p == '-') {

        while (*next < end && (in_name(**next) || **next == '.'
                               || **next == '+' || **next == '-'))
        {
            (*next)++;
        }

        return LITERAL;
    }

    switch (*p) {

    case '"':
        *next = string_end(p, end);
        return *next ? LITERAL : WRONG;

    case '#':
        while (*next < end && **next != '\n' && **next != '\r') { (*next)++; }
        return IGNORED;

    case ' ': case '\t': case '\n': case '\r': case ',':
        return IGNORED;

    case '!': case '$': case '&': case '(': case ')': case '.': case ':':
    case '=': case '@': case '[': case ']': case '{': case '|': case '}':
        return SIGN;

    case 0xef:                  /* U+FEFF */

        if (end - p >= 3 && p[1] == 0xbb && p[2] == 0xbf) {
            *next = p + 3;
            return IGNORED;
        }

        return WRONG;

    default:
        return WRONG;
    }
}


/* the first byte of what comes next that is not ignored, or 0 */

static unsigned char
peek(const unsigned char *p, const unsigned char *end)
{
    const unsigned char  *next;

    while (p < end) {
        if (token(p, end, &next) != IGNORED) {
            return *p;
        }

        p = next;
    }

    return 0;
}


static void
put(document_t *d, const void *p, size_t n)
{
    if (d->out) {
        memcpy(d->out + d->len, p, n);
        d->len += n;
    }
}


/* ret: 0 if a bracket closes what was not open */

static int
nest(document_t *d, unsigned char c)
{
    unsigned  *n;

    n = (c == '{' || c == '}') ? &d->braces
        : (c == '(' || c == ')') ? &d->parens
        : (c == '[' || c == ']') ? &d->square : NULL;

    if (n == NULL) {
        return 1;
    }

    if (c == '{' || c == '(' || c == '[') {
        (*n)++;

    } else if ((*n)-- == 0) {
        return 0;
    }

    if (d->braces + d->parens + d->square < d->depth) {
        d->covered = 0;
    }

    return 1;
}


/*
 * One whose name is covered as it is, as when it comes again, takes no room.
 * Without memory for it, as with too many, no name is known not to be one.
 */

static void
variable(document_t *d, const rt_str_t *s)
{
    rt_str_t               rule;
    rt_redact_t           *rd = d->rd;
    rt_redact_variable_t  *v;

    if (rt_redact_name(rd, s, &rule) >= d->act) {
        return;
    }

    if (rd->nvariables == 0) {
        rd->variable = rt_alloc(rd->mem, RT_REDACT_VARIABLES
                                         * sizeof(rt_redact_variable_t));
    }

    if (rd->nvariables >= RT_REDACT_VARIABLES || rd->variable == NULL) {
        rd->nvariables = RT_REDACT_VARIABLES + 1;
        return;
    }

    v = &rd->variable[rd->nvariables++];
    v->act = d->act;
    v->rule = d->rule;
    v->name.data = rt_alloc(rd->mem, s->len);

    if (v->name.data == NULL) {
        rd->nvariables = RT_REDACT_VARIABLES + 1;
        return;
    }

    v->name.len = rt_glob_squeeze(v->name.data,
                                  rt_glob_plain(v->name.data, s));
}


static void
name(document_t *d, const unsigned char *next)
{
    unsigned  depth;
    rt_str_t  s;

    s.data = (unsigned char *) d->pos;
    s.len = (size_t) (next - d->pos);

    depth = d->braces + d->parens + d->square;

    if (d->parens && peek(next, d->end) == ':' && !d->variable
        && (!d->covered || depth <= d->depth))
    {
        d->act = rt_redact_name(d->rd, &s, &d->rule);
        d->covered = (d->act != RT_REDACT_NONE);
        d->depth = depth;

    } else if (d->covered && d->variable && d->out == NULL) {
        variable(d, &s);

    } else if (d->covered && !d->variable && peek(next, d->end) != ':') {
        s = (rt_str_t) rt_string("?");
        d->edited = 1;
    }

    put(d, s.data, s.len);
}


/* ret: 0 if it is no document */

static int
rewrite(document_t *d)
{
    kind_e                kind;
    const unsigned char  *next;

    for ( /* void */ ; d->pos < d->end; d->pos = next) {
        kind = token(d->pos, d->end, &next);

        switch (kind) {

        case WRONG:
            return 0;

        case NAME:
            name(d, next);
            break;

        case LITERAL:
            put(d, "?", 1);
            d->edited = 1;
            break;

        case IGNORED:
            if (*d->pos == '#') {
                d->edited = 1;
                continue;
            }

            put(d, d->pos, (size_t) (next - d->pos));
            continue;

        default:
            if (!nest(d, *d->pos)) {
                return 0;
            }

            put(d, d->pos, 1);
        }

        d->variable = (*d->pos == '$');
    }

    return d->braces == 0 && d->parens == 0 && d->square == 0;
}


int
rt_redact_is_graphql(const rt_str_t *s)
{
    kind_e                kind;
    size_t                i, n;
    const unsigned char  *p, *end, *next;

    static const rt_str_t  words[] = {
        rt_string("query"), rt_string("mutation"), rt_string("subscription"),
        rt_string("fragment")
    };

    p = s->data;
    end = p + s->len;

    for ( /* void */ ; p < end; p = next) {

        /* a document may begin with a description */

        kind = token(p, end, &next);

        if (kind != IGNORED && (kind != LITERAL || *p != '"')) {
            break;
        }
    }

    if (p < end && *p == '{') {
        i = peek(p + 1, end);
        return starts_name((unsigned char) i) || i == '.';
    }

    n = 0;

    while (p + n < end && in_name(p[n])) { n++; }

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (words[i].len == n && memcmp(p, words[i].data, n) == 0) {
            return memchr(p, '{', (size_t) (end - p)) != NULL;
        }
    }

    return 0;
}


void
rt_redact_graphql_variables(rt_redact_t *rd, const rt_str_t *s)
{
    document_t  d;

    if (!rt_redact_is_graphql(s) || memchr(s->data, '$', s->len) == NULL) {
        return;
    }

    memset(&d, 0, sizeof(d));
    d.rd = rd;
    d.pos = s->data;
    d.end = s->data + s->len;

    (void) rewrite(&d);
}


void
rt_redact_graphql_members(rt_redact_t *rd, const rt_json_t *object)
{
    const rt_json_t  *v;

    for (v = object->child; v; v = v->next) {
        if (v->type == RT_JSON_STRING) {
            rt_redact_graphql_member(rd, &v->key, &v->str);
        }
    }
}


rt_redact_look_e
rt_redact_graphql(rt_redact_t *rd, const rt_str_t *s, rt_str_t *out,
    rt_str_t *rule)
{
    document_t  d;

    *rule = why_graphql;

    memset(&d, 0, sizeof(d));
    d.rd = rd;
    d.pos = s->data;
    d.end = s->data + s->len;
    d.out = rt_alloc(rd->mem, s->len + 1);

    if (d.out == NULL || !rewrite(&d)) {
        return RT_REDACT_HIDDEN;
    }

    if (!d.edited) {
        return RT_REDACT_CLEAN;
    }

    out->data = d.out;
    out->len = d.len;

    rt_redact_note(rd, "mask", rule);

    return RT_REDACT_EDITED;
}
