
#include "text/rt_char.h"
#include "text/rt_cookie.h"
#include "text/rt_field.h"


/* more than all that is written besides name, value, path and domain */
#define COOKIE_ROOM  128


const char *const  rt_cookie_samesite[] = {
    [RT_SAMESITE_UNSET] = "",
    [RT_SAMESITE_LAX] = "; SameSite=Lax",
    [RT_SAMESITE_STRICT] = "; SameSite=Strict",
    [RT_SAMESITE_NONE] = "; SameSite=None"
};


static int
blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}


/* the bytes before the next ";", blanks and all; 0: there is no more */

static int
next(rt_str_t *rest, rt_str_t *piece)
{
    unsigned char  *end;

    if (rest->data == NULL) {
        return 0;
    }

    *piece = *rest;
    end = rest->len ? memchr(rest->data, ';', rest->len) : NULL;

    if (end == NULL) {
        *rest = (rt_str_t) rt_null_string;
        return 1;
    }

    piece->len = end - piece->data;
    rest->data = end + 1;
    rest->len -= piece->len + 1;

    return 1;
}


/* the name of a piece; ret: behind its "=", NULL when it has none */

static unsigned char *
split(const rt_str_t *piece, rt_str_t *name)
{
    unsigned char  *eq;

    *name = *piece;

    eq = piece->len ? memchr(piece->data, '=', piece->len) : NULL;

    if (eq) {
        name->len = eq - piece->data;
        eq++;
    }

    *name = rt_field_trim(name);

    return eq;
}


void
rt_cookie_find(const rt_str_t *line, const rt_str_t *name, rt_str_t *value,
    unsigned *count)
{
    rt_str_t        rest, piece, have;
    unsigned char  *text;

    rest = *line;

    while (next(&rest, &piece)) {

        text = split(&piece, &have);

        if (text == NULL || !rt_str_eq(&have, name)) {
            continue;
        }

        if ((*count)++ == 0) {
            value->data = text;
            value->len = piece.data + piece.len - text;
            *value = rt_field_trim(value);
        }
    }
}


static int
named(const rt_str_t *have, const rt_cookie_name_t *name)
{
    rt_str_t       begin;
    unsigned char  last;

    begin = *have;

    if (begin.len != name->name.len + name->numbered) {
        return 0;
    }

    if (name->numbered) {
        last = begin.data[--begin.len];

        if (last < '0' || last > '9') {
            return 0;
        }
    }

    return rt_str_eq(&begin, &name->name) || rt_str_ieq(&begin, &name->name);
}


static int
listed(const rt_str_t *piece, const rt_cookie_name_t *names, unsigned n)
{
    unsigned  i;
    rt_str_t  have;

    (void) split(piece, &have);

    for (i = 0; i < n; i++) {
        if (named(&have, &names[i])) {
            return 1;
        }
    }

    return 0;
}


/* is there a cookie, or are there blanks and ";" alone? */

static int
holds(const unsigned char *p, const unsigned char *end)
{
    while (p < end && (blank(*p) || *p == ';')) {
        p++;
    }

    return p < end;
}


/*
 * Writes what stays of the pieces behind the first one that went.  An empty
 * piece right behind one that went is dropped, too: it would be its leftover.
 * The first piece that stays has no blank before it, unless it was the first at
 * all.
 *
 * in:  first, 1 if no piece stays before these
 * ret: the end of what was written
 */

static unsigned char *
keep(unsigned char *dst, int first, rt_str_t *rest,
    const rt_cookie_name_t *names, unsigned n)
{
    int       gone;
    rt_str_t  piece, word;

    gone = 1;

    while (next(rest, &piece)) {

        word = rt_field_trim(&piece);

        if (listed(&word, names, n) || (gone && word.len == 0)) {
            gone = 1;
            continue;
        }

        if (!first) {
            *dst++ = ';';

        } else {
            piece.len -= word.data - piece.data;
            piece.data = word.data;
        }

        if (piece.len) {
            memcpy(dst, piece.data, piece.len);
            dst += piece.len;
        }

        first = 0;
        gone = 0;
    }

    return dst;
}


rt_status_e
rt_cookie_take_out(rt_mem_t *mem, const rt_str_t *line,
    const rt_cookie_name_t *names, unsigned n, rt_str_t *rest)
{
    int             first;
    size_t          before;
    rt_str_t        piece, behind;
    unsigned char  *p;

    *rest = *line;
    behind = *line;

    do {
        if (!next(&behind, &piece)) {
            return RT_DECLINED;
        }
    } while (!listed(&piece, names, n));

    p = rt_alloc(mem, line->len + 1);
    if (p == NULL) {
        return RT_ERROR;
    }

    /* without the ";" before the piece */

    first = (piece.data == line->data);
    before = first ? 0 : piece.data - line->data - 1;

    memcpy(p, line->data, before);

    rest->data = p;
    p = keep(p + before, first, &behind, names, n);

    rest->len = holds(rest->data, p) ? p - rest->data : 0;
    rest->data[rest->len] = '\0';

    return RT_OK;
}


/* RFC 6265, 4.1.1: visible, and none of these four */

static int
cookie_octet(unsigned char c)
{
    return c > ' ' && c < 0x7f && c != '"' && c != ',' && c != ';'
           && c != '\\';
}


static int
path_char(unsigned char c)
{
    return c > ' ' && c < 0x7f && c != ';';
}


static int
domain_char(unsigned char c)
{
    return (rt_lower(c) >= 'a' && rt_lower(c) <= 'z')
           || (c >= '0' && c <= '9') || c == '.' || c == '-';
}


static int
only(const rt_str_t *s, int (*allowed)(unsigned char c))
{
    size_t  i;

    for (i = 0; i < s->len && allowed(s->data[i]); i++) { /* void */ }

    return i == s->len;
}


/* rfc6265bis, 4.1.3: browsers know the prefixes in any case of letters */

static const char *
prefixes(const rt_cookie_t *c)
{
    if (rt_str_ibegins(&c->name, "__Secure-") && !c->secure) {
        return "begins with __Secure-, and is not Secure";
    }

    if (!rt_str_ibegins(&c->name, "__Host-")) {
        return NULL;
    }

    if (!c->secure) {
        return "begins with __Host-, and is not Secure";
    }

    if (!rt_str_lit(&c->path, "/")) {
        return "begins with __Host-, and its Path is not \"/\"";
    }

    if (c->domain.len) {
        return "begins with __Host-, and has a Domain";
    }

    return NULL;
}


static const char *
wrong(const rt_cookie_t *c)
{
    if (c->name.len == 0 || !rt_char_all(&c->name, RT_CHAR_TOKEN)) {
        return "has a name that is empty or no token";
    }

    if (!only(&c->value, cookie_octet)) {
        return "has a value that no cookie can have";
    }

    if (c->name.len + c->value.len > RT_COOKIE_MAX) {
        return "is longer than browsers keep";
    }

    if (c->path.len > RT_COOKIE_MAX_ATTR || !only(&c->path, path_char)
        || (c->path.len && c->path.data[0] != '/'))
    {
        return "has a Path that is too long or does not begin with \"/\"";
    }

    if (c->domain.len > RT_COOKIE_MAX_ATTR || !only(&c->domain, domain_char)) {
        return "has a Domain that is no name of a host";
    }

    if (c->samesite == RT_SAMESITE_NONE && !c->secure) {
        return "is SameSite=None, and is not Secure";
    }

    return prefixes(c);
}


rt_status_e
rt_cookie_check(const rt_cookie_t *cookie, const char **why)
{
    *why = wrong(cookie);

    return *why ? RT_DECLINED : RT_OK;
}


static void
add(rt_str_t *line, const char *before, const rt_str_t *s)
{
    size_t  len;

    len = strlen(before);
    memcpy(line->data + line->len, before, len);
    line->len += len;

    if (s->len) {
        memcpy(line->data + line->len, s->data, s->len);
        line->len += s->len;
    }
}


static void
add_number(rt_str_t *line, const char *before, int64_t n)
{
    unsigned char  buf[RT_DECIMAL];
    rt_str_t       digits = { rt_decimal(buf, (uint64_t) n), buf };

    add(line, before, &digits);
}


rt_status_e
rt_cookie_write(rt_mem_t *mem, const rt_cookie_t *cookie, rt_str_t *line,
    const char **why)
{
    static const rt_str_t  none = rt_null_string;

    if (rt_cookie_check(cookie, why) != RT_OK) {
        return RT_DECLINED;
    }

    line->len = 0;
    line->data = rt_alloc(mem, cookie->name.len + cookie->value.len
                          + cookie->path.len + cookie->domain.len
                          + COOKIE_ROOM);
    if (line->data == NULL) {
        return RT_ERROR;
    }

    add(line, "", &cookie->name);
    add(line, "=", &cookie->value);

    if (cookie->path.len) {
        add(line, "; Path=", &cookie->path);
    }

    if (cookie->domain.len) {
        add(line, "; Domain=", &cookie->domain);
    }

    if (cookie->max_age >= 0) {
        add_number(line, "; Max-Age=", cookie->max_age);
    }

    add(line, cookie->secure ? "; Secure" : "", &none);
    add(line, cookie->httponly ? "; HttpOnly" : "", &none);
    add(line, rt_cookie_samesite[cookie->samesite], &none);

    return RT_OK;
}
