
#include "csp/rt_csp.h"
#include "csp/rt_csp_words.h"


static inline int
is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}


static int
is_name_byte(unsigned char c)
{
    c = rt_lower(c);

    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}


void
rt_csp_init(rt_csp_t *p, rt_mem_t *mem)
{
    memset(p, 0, sizeof(rt_csp_t));

    p->mem = mem;
}


rt_csp_directive_t *
rt_csp_get(const rt_csp_t *p, const rt_str_t *name)
{
    rt_csp_directive_t  *d;

    for (d = p->first; d != NULL; d = d->next) {
        if (rt_str_ieq(&d->name, name)) {
            return d;
        }
    }

    return NULL;
}


/* changes */


static rt_status_e
check_name(const rt_str_t *name)
{
    size_t  i;

    if (name->len == 0) {
        return RT_INVALID;
    }

    for (i = 0; i < name->len; i++) {
        if (!is_name_byte(name->data[i])) {
            return RT_INVALID;
        }
    }

    return RT_OK;
}


/* the directive of that name, made at the end if there is none */

static rt_status_e
make(rt_csp_t *p, const rt_str_t *name, rt_csp_directive_t **out)
{
    size_t                i;
    rt_csp_directive_t   *d, **last;

    d = rt_csp_get(p, name);

    if (d != NULL) {
        *out = d;
        return RT_OK;
    }

    if (check_name(name) != RT_OK) {
        return RT_INVALID;
    }

    if (p->n == RT_CSP_DIRECTIVES_MAX) {
        return RT_TOO_BIG;
    }

    d = rt_alloc(p->mem, sizeof(rt_csp_directive_t) + name->len);

    if (d == NULL) {
        return RT_ERROR;
    }

    memset(d, 0, sizeof(rt_csp_directive_t));

    d->name.data = (unsigned char *) (d + 1);
    d->name.len = name->len;

    for (i = 0; i < name->len; i++) {
        d->name.data[i] = rt_lower(name->data[i]);
    }

    for (last = &p->first; *last != NULL; last = &(*last)->next) {
        /* void */
    }

    *last = d;
    p->n++;
    *out = d;

    return RT_OK;
}


static rt_csp_kind_e
kind_of(const rt_str_t *name)
{
    const rt_csp_word_t  *word;

    word = rt_csp_word(name);

    /* nothing is known about an unknown one: nothing gets quotes */
    return word != NULL ? word->kind : RT_CSP_URIS;
}


/* a keyword, nonce or hash without its quotes? */

static int
lacks_quotes(rt_csp_kind_e kind, const rt_str_t *s)
{
    return rt_csp_keyword(kind, s)
           || (kind == RT_CSP_SOURCES
               && (rt_csp_nonce_source(s) || rt_csp_hash_source(s)));
}


static rt_status_e
quoted(rt_mem_t *mem, const rt_str_t *s, int quotes, rt_str_t *out)
{
    out->len = s->len + (quotes ? 2 : 0);
    out->data = rt_alloc(mem, out->len);

    if (out->data == NULL) {
        return RT_ERROR;
    }

    memcpy(out->data + (quotes != 0), s->data, s->len);

    if (quotes) {
        out->data[0] = '\'';
        out->data[out->len - 1] = '\'';
    }

    return RT_OK;
}


/* a token appended to the directive, which has room; *bare: it got quotes */

static rt_status_e
append(rt_csp_t *p, rt_csp_directive_t *d, const rt_str_t *token, int *bare)
{
    *bare = lacks_quotes(kind_of(&d->name), token);

    return quoted(p->mem, token, *bare, &d->values[d->n++]);
}


static int
has_value(const rt_csp_directive_t *d, const rt_str_t *token)
{
    unsigned  i;
    rt_str_t  bare;

    for (i = 0; i < d->n; i++) {
        if (rt_str_eq(&d->values[i], token)
            || (rt_csp_unquote(&d->values[i], &bare)
                && lacks_quotes(kind_of(&d->name), token)
                && rt_str_eq(&bare, token)))
        {
            return 1;
        }
    }

    return 0;
}


static rt_status_e
check_values(const rt_str_t *values, unsigned n, unsigned *count)
{
    size_t                i;
    unsigned              k;
    rt_str_t              token;
    const unsigned char  *p, *last;

    *count = 0;

    for (k = 0; k < n; k++) {
        for (i = 0; i < values[k].len; i++) {
            if (!is_blank(values[k].data[i])
                && !rt_csp_value_byte(values[k].data[i]))
            {
                return RT_INVALID;
            }
        }

        p = values[k].data;
        last = p + values[k].len;

        while (rt_csp_next_word(&p, last, &token)) {
            if (++*count > RT_CSP_VALUES_MAX) {
                return RT_TOO_BIG;
            }
        }
    }

    return RT_OK;
}


/* the values that are not there yet, into an array that is grown by count */

static rt_status_e
add_values(rt_csp_t *p, rt_csp_directive_t *d, const rt_str_t *values,
    unsigned n, unsigned count)
{
    int                   bare;
    unsigned              k;
    rt_str_t             *old, token;
    const unsigned char  *pos, *last;

    if (d->n + count > RT_CSP_VALUES_MAX) {
        return RT_TOO_BIG;
    }

    old = d->values;
    d->values = rt_alloc(p->mem, (d->n + count + 1) * sizeof(rt_str_t));

    if (d->values == NULL) {
        d->n = 0;
        return RT_ERROR;
    }

    if (d->n) {
        memcpy(d->values, old, d->n * sizeof(rt_str_t));
    }

    for (k = 0; k < n; k++) {
        pos = values[k].data;
        last = pos + values[k].len;

        while (rt_csp_next_word(&pos, last, &token)) {
            if (!has_value(d, &token)
                && append(p, d, &token, &bare) != RT_OK)
            {
                return RT_ERROR;
            }
        }
    }

    return RT_OK;
}


rt_status_e
rt_csp_set(rt_csp_t *p, const rt_str_t *name, const rt_str_t *values,
    unsigned n)
{
    unsigned             count;
    rt_status_e          rc;
    rt_csp_directive_t  *d;

    rc = check_values(values, n, &count);
    if (rc != RT_OK) {
        return rc;
    }

    rc = make(p, name, &d);
    if (rc != RT_OK) {
        return rc;
    }

    d->n = 0;

    return add_values(p, d, values, n, count);
}


static int
is_none(const rt_csp_directive_t *d)
{
    return d->n == 1 && rt_csp_is(&d->values[0], "'none'");
}


/* the directive of that name, or what browsers take in its place */

static rt_csp_directive_t *
effective(const rt_csp_t *p, const rt_str_t *name)
{
    unsigned              i;
    rt_str_t              s;
    rt_csp_directive_t   *d;
    const rt_csp_word_t  *word;

    d = rt_csp_get(p, name);
    word = rt_csp_word(name);

    for (i = 0; d == NULL && word != NULL && word->fallback[i] != NULL; i++) {
        s = rt_str_of(word->fallback[i]);

        d = rt_csp_get(p, &s);
    }

    return d;
}


/* 'none' is no value to be added: whoever says it means it alone */

static int
adds_none(const rt_str_t *values, unsigned n, unsigned count)
{
    unsigned              k;
    rt_str_t              token;
    const unsigned char  *p;

    for (k = 0; k < n && count == 1; k++) {
        p = values[k].data;

        if (rt_csp_next_word(&p, p + values[k].len, &token)) {
            return rt_csp_is(&token, "none") || rt_csp_is(&token, "'none'");
        }
    }

    return 0;
}


rt_status_e
rt_csp_add(rt_csp_t *p, const rt_str_t *name, const rt_str_t *values,
    unsigned n)
{
    unsigned             count;
    rt_status_e          rc;
    rt_csp_directive_t  *d, *from;

    rc = check_values(values, n, &count);
    if (rc != RT_OK) {
        return rc;
    }

    /* what was allowed without the directive stays allowed */

    from = adds_none(values, n, count) ? rt_csp_get(p, name)
                                       : effective(p, name);

    rc = rt_csp_set(p, name, from ? from->values : NULL, from ? from->n : 0);
    if (rc != RT_OK) {
        return rc;
    }

    d = rt_csp_get(p, name);

    if (count && is_none(d)) {
        d->n = 0;
    }

    return add_values(p, d, values, n, count);
}


rt_status_e
rt_csp_off(rt_csp_t *p, const rt_str_t *name)
{
    rt_csp_directive_t  *d, **last;

    for (last = &p->first; *last != NULL; last = &(*last)->next) {
        d = *last;

        if (rt_str_ieq(&d->name, name)) {
            *last = d->next;
            p->n--;
            return RT_OK;
        }
    }

    return RT_DECLINED;
}


rt_status_e
rt_csp_copy(rt_csp_t *to, rt_mem_t *mem, const rt_csp_t *from)
{
    rt_status_e                rc;
    const rt_csp_directive_t  *d;

    rt_csp_init(to, mem);

    for (d = from->first; d != NULL; d = d->next) {
        rc = rt_csp_set(to, &d->name, d->values, d->n);

        if (rc != RT_OK) {
            return rc;
        }
    }

    return RT_OK;
}


/* parse */


static rt_status_e
check_text(const rt_str_t *text, rt_csp_findings_t *f)
{
    size_t         i;
    rt_str_t       bad;
    unsigned char  c;

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if (is_blank(c) || c == ';' || rt_csp_value_byte(c)) {
            continue;
        }

        bad.data = text->data + i;
        bad.len = 1;

        if (c == ',') {
            rt_csp_find(f, RT_CSP_ERROR, "comma", NULL, &bad,
                        "a comma begins another policy: separate values "
                        "with spaces and directives with \";\"");

        } else if (c == '\r' || c == '\n') {
            rt_csp_find(f, RT_CSP_ERROR, "line-break", NULL, NULL,
                        "a header is one line: write the policy in one "
                        "line");

        } else if (c >= 0x80) {
            rt_csp_find(f, RT_CSP_ERROR, "non-ascii", NULL, NULL,
                        "a policy is ASCII: write host names in their "
                        "xn-- form and quotes as '");

        } else {
            rt_csp_find(f, RT_CSP_ERROR, "control", NULL, NULL,
                        "a control character cannot stand in a header");
        }

        return RT_INVALID;
    }

    return RT_OK;
}


static void
find_bare(rt_csp_t *p, const rt_str_t *name, const unsigned char *pos,
    const unsigned char *last, rt_csp_findings_t *f)
{
    rt_str_t             token;
    rt_csp_directive_t  *d;

    d = rt_csp_get(p, name);

    while (rt_csp_next_word(&pos, last, &token)) {
        if (lacks_quotes(kind_of(name), &token)) {
            rt_csp_find(f, RT_CSP_WARN, "missing-quotes", &d->name, &token,
                        "without quotes it names a host: the quotes were "
                        "added, write them");
        }
    }
}


/* one directive of [pos, last) */

static rt_status_e
parse_directive(rt_csp_t *p, const unsigned char *pos,
    const unsigned char *last, rt_csp_findings_t *f)
{
    rt_str_t     name, rest;
    rt_status_e  rc;

    if (!rt_csp_next_word(&pos, last, &name)) {
        return RT_OK;
    }

    if (check_name(&name) != RT_OK) {
        rt_csp_find(f, RT_CSP_ERROR, "bad-name", &name, NULL,
                    "this is no name of a directive: a policy is "
                    "\"name value value; name value\"");
        return RT_INVALID;
    }

    if (rt_csp_get(p, &name) != NULL) {
        rt_csp_find(f, RT_CSP_ERROR, "duplicate-directive",
                    &rt_csp_get(p, &name)->name, NULL,
                    "browsers take the first and ignore this one: write "
                    "all values into one");
        return RT_OK;
    }

    rest.data = (unsigned char *) pos;
    rest.len = (size_t) (last - pos);

    rc = rt_csp_set(p, &name, &rest, 1);

    if (rc == RT_OK) {
        find_bare(p, &name, pos, last, f);
    }

    return rc;
}


rt_status_e
rt_csp_parse(rt_csp_t *p, const rt_str_t *text, rt_csp_findings_t *f)
{
    rt_status_e           rc;
    const unsigned char  *pos, *end, *last;

    if (text->len > RT_CSP_TEXT_MAX) {
        rt_csp_find(f, RT_CSP_ERROR, "too-long", NULL, NULL,
                    "the policy is longer than 16384 bytes: shorten it");
        return RT_TOO_BIG;
    }

    if (check_text(text, f) != RT_OK) {
        return RT_INVALID;
    }

    pos = text->data;
    last = pos + text->len;

    while (pos < last) {
        end = memchr(pos, ';', (size_t) (last - pos));

        if (end == NULL) {
            end = last;
        }

        rc = parse_directive(p, pos, end, f);

        if (rc == RT_TOO_BIG) {
            rt_csp_find(f, RT_CSP_ERROR, "too-many", NULL, NULL,
                        "more than 64 directives, or 256 values in one");
        }

        if (rc != RT_OK) {
            return rc;
        }

        pos = end + 1;
    }

    return RT_OK;
}


/* nonces */


int
rt_csp_nonce_name(const rt_str_t *name)
{
    const rt_csp_word_t  *word;

    word = rt_csp_word(name);

    return word != NULL && (word->flags & RT_CSP_NONCE_OK);
}


int
rt_csp_nonce_open(const rt_csp_t *p, const rt_str_t *name)
{
    rt_csp_directive_t  *d;

    d = effective(p, name);

    return d != NULL && !is_none(d);
}


rt_status_e
rt_csp_nonce_in(rt_csp_t *p, const rt_str_t *nonce_in, unsigned n,
    const rt_str_t **bad)
{
    unsigned             i;
    rt_status_e          rc;
    rt_csp_directive_t  *d;

    for (i = 0; i < n; i++) {
        *bad = &nonce_in[i];

        if (!rt_csp_nonce_name(&nonce_in[i])) {
            return RT_DECLINED;
        }

        if (rt_csp_get(p, &nonce_in[i]) != NULL) {
            continue;
        }

        d = effective(p, &nonce_in[i]);

        if (d == NULL) {
            return RT_DECLINED;
        }

        rc = rt_csp_set(p, &nonce_in[i], d->values, d->n);

        if (rc != RT_OK) {
            return rc;
        }
    }

    *bad = NULL;

    return RT_OK;
}


/* serialisation */


typedef struct {
    unsigned char        *p;            /* NULL: only count */
    size_t                len;
    unsigned             *offsets;      /* of nonces, or NULL */
    unsigned              n;
} out_t;


static void
put(out_t *o, const void *data, size_t len)
{
    if (o->p != NULL && len) {
        memcpy(o->p + o->len, data, len);
    }

    o->len += len;
}


#define put_lit(o, lit)  put(o, lit, sizeof(lit) - 1)


static void
put_nonce(out_t *o, const rt_str_t *nonce)
{
    put_lit(o, " 'nonce-");

    if (o->offsets != NULL) {
        o->offsets[o->n] = (unsigned) o->len;
    }

    o->n++;

    put(o, nonce->data, nonce->len);
    put_lit(o, "'");
}


/*
 * Without its nonce a directive must not allow more than with it: there
 * 'unsafe-inline' would come to life.
 */

static void
put_directive(out_t *o, const rt_csp_directive_t *d, int nonce_in,
    const rt_str_t *nonce)
{
    unsigned  i, n;

    put(o, d->name.data, d->name.len);

    n = 0;

    for (i = 0; i < d->n; i++) {

        if (nonce_in
            && (rt_csp_is(&d->values[i], "'none'")
                || (nonce == NULL
                    && rt_csp_is(&d->values[i], "'unsafe-inline'"))))
        {
            continue;
        }

        put_lit(o, " ");
        put(o, d->values[i].data, d->values[i].len);
        n++;
    }

    if (nonce_in && nonce != NULL) {
        put_nonce(o, nonce);

    } else if (nonce_in && n == 0) {
        put_lit(o, " 'none'");
    }
}


static void
put_policy(out_t *o, const rt_csp_t *p, const rt_str_t *nonce_in, unsigned n,
    const rt_str_t *nonce)
{
    const rt_csp_directive_t  *d;

    for (d = p->first; d != NULL; d = d->next) {

        if (d != p->first) {
            put_lit(o, "; ");
        }

        put_directive(o, d, rt_csp_listed(nonce_in, n, &d->name), nonce);
    }
}


rt_status_e
rt_csp_build(const rt_csp_t *p, rt_mem_t *mem, const rt_str_t *nonce_in,
    unsigned n, const rt_str_t *nonce, rt_str_t *out)
{
    out_t  o;

    memset(&o, 0, sizeof(out_t));
    put_policy(&o, p, nonce_in, n, nonce);

    out->len = o.len;
    out->data = rt_alloc(mem, o.len + 1);

    if (out->data == NULL) {
        return RT_ERROR;
    }

    memset(&o, 0, sizeof(out_t));
    o.p = out->data;
    put_policy(&o, p, nonce_in, n, nonce);
    out->data[out->len] = '\0';

    return RT_OK;
}


rt_status_e
rt_csp_compile(const rt_csp_t *p, rt_mem_t *mem, const rt_str_t *nonce_in,
    unsigned n, rt_csp_template_t *t)
{
    out_t          o;
    rt_str_t       room;
    unsigned char  blank[RT_CSP_NONCE_LEN];

    memset(t, 0, sizeof(rt_csp_template_t));
    memset(blank, '-', RT_CSP_NONCE_LEN);

    room.data = blank;
    room.len = RT_CSP_NONCE_LEN;

    if (rt_csp_build(p, mem, nonce_in, n, &room, &t->with_nonce) != RT_OK
        || rt_csp_build(p, mem, nonce_in, n, NULL, &t->without) != RT_OK)
    {
        return RT_ERROR;
    }

    t->offsets = rt_alloc(mem, (p->n + 1) * sizeof(unsigned));

    if (t->offsets == NULL) {
        return RT_ERROR;
    }

    memset(&o, 0, sizeof(out_t));
    o.offsets = t->offsets;
    put_policy(&o, p, nonce_in, n, &room);
    t->n = o.n;

    return RT_OK;
}


unsigned char *
rt_csp_render(const rt_csp_template_t *t, const unsigned char *nonce,
    unsigned char *out)
{
    unsigned  i;

    memcpy(out, t->with_nonce.data, t->with_nonce.len);

    for (i = 0; i < t->n; i++) {
        memcpy(out + t->offsets[i], nonce, RT_CSP_NONCE_LEN);
    }

    return out + t->with_nonce.len;
}
