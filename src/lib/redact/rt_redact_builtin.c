
/*
 * What is masked in any text, whatever the rules say: tokens, and the users
 * of addresses.
 */

#include "text/rt_char.h"
#include "text/rt_form.h"
#include "text/rt_utf8.h"
#include "redact/rt_redact.h"
#include "redact/rt_redact_part.h"


#define HEAD_MIN   15           /* characters of {"alg":"x"} in base64 */
#define HEAD_LOOK  64           /* characters of a head that are decoded */


/* of both alphabets; -1 for all other characters */

static int
base64(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }

    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }

    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }

    switch (c) {
    case '-':
    case '+':
        return 62;
    case '_':
    case '/':
        return 63;
    default:
        return -1;
    }
}


static size_t
decode(const unsigned char *p, size_t len, unsigned char *dst)
{
    size_t    i, n;
    unsigned  bits;

    for (i = 0, n = 0, bits = 0; i < len; i++) {
        bits = (bits << 6) | (unsigned) base64(p[i]);

        if (i % 4) {
            dst[n++] = (unsigned char) (bits >> (6 - 2 * (i % 4)));
        }
    }

    return n;
}


static int
space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}


/*
 * Does a head begin here, which is an object of JSON?  Only '{' with a quote
 * or white space behind it is looked at further: "ey[A-DI-L]", "ew[k-r0-3]".
 */

static int
head_at(const unsigned char *p, size_t len)
{
    size_t         i, n;
    unsigned char  text[HEAD_LOOK];

    if (len <= HEAD_LOOK && len % 4 == 1) {
        return 0;
    }

    n = decode(p, 4, text);

    if (text[0] != '{' || (text[1] != '"' && !space(text[1]))) {
        return 0;
    }

    n = decode(p, len < HEAD_LOOK ? len : HEAD_LOOK, text);

    for (i = 1; i < n && space(text[i]); i++) { /* void */ }

    if (i < n && text[i] != '"') {
        return 0;
    }

    for (i = 0; i < n; i++) {
        if ((text[i] < ' ' && !space(text[i])) || text[i] == 0x7f) {
            return 0;
        }
    }

    /* the last character may be cut */

    return rt_utf8_span(text, n) + 3 >= n;
}


/* the end of a part that begins at p, its padding included */

static const unsigned char *
part_end(const unsigned char *p, const unsigned char *end)
{
    unsigned  pads;

    while (p < end && (rt_char[*p] & RT_CHAR_BASE64)) {
        p++;
    }

    for (pads = 0; pads < 2 && p < end && *p == '='; pads++) {
        p++;
    }

    return p;
}


/* where in the part that ends at its dot a head begins, or NULL */

static const unsigned char *
find_head(const unsigned char *start, const unsigned char *dot)
{
    unsigned              pads;
    const unsigned char  *p;

    for (pads = 0; pads < 2 && dot > start && dot[-1] == '='; pads++) {
        dot--;
    }

    for (p = dot; p > start && (rt_char[p[-1]] & RT_CHAR_BASE64); p--) {
        /* void */
    }

    for ( /* void */ ; dot - p >= HEAD_MIN; p++) {
        if (*p == 'e' && head_at(p, (size_t) (dot - p))) {
            return p;
        }
    }

    return NULL;
}


/* a head, and two dots around a part that may be empty: from dot to dot */

size_t
rt_redact_token(const rt_str_t *s)
{
    const unsigned char  *p, *dot, *second, *head, *end;

    p = s->data;
    end = p + s->len;

    while (end - p > HEAD_MIN) {
        dot = memchr(p, '.', (size_t) (end - p));
        if (dot == NULL) {
            break;
        }

        second = part_end(dot + 1, end);

        if (second < end && *second == '.') {
            head = find_head(p, dot);

            if (head) {
                return (size_t) (head - s->data);
            }
        }

        p = dot + 1;
    }

    return s->len;
}


/* a text, and so no word that only could be base64, with a ':' in it */

static int
is_pair(const unsigned char *p, const unsigned char *end)
{
    size_t         i, n;
    unsigned char  text[HEAD_LOOK];

    for (n = 0; p + n < end && n < HEAD_LOOK && base64(p[n]) != -1; n++) {
        /* void */
    }

    n = decode(p, n & ~(size_t) 1, text);

    for (i = 0; i < n && text[i] >= ' ' && text[i] != 0x7f; i++) { /* void */ }

    return n > 2 && i == n && memchr(text, ':', n) != NULL;
}


/* the name of the scheme with this first letter, and not the end of a word */

static int
basic_from(const rt_str_t *s, int first)
{
    rt_str_t              word;
    const unsigned char  *p, *end;

    static const rt_str_t  scheme = rt_string("basic ");

    for (p = s->data, end = p + s->len; (size_t) (end - p) > scheme.len; p++) {
        p = memchr(p, first, (size_t) (end - p) - scheme.len);

        if (p == NULL) {
            break;
        }

        word.data = (unsigned char *) p;
        word.len = scheme.len;

        if (!rt_str_ieq(&word, &scheme)
            || (p > s->data && base64(p[-1]) != -1 && p[-1] != '-'))
        {
            continue;
        }

        for (p += scheme.len; p < end && *p == ' '; p++) { /* void */ }

        if (is_pair(p--, end)) {
            return 1;
        }
    }

    return 0;
}


int
rt_redact_basic(const rt_str_t *s)
{
    return basic_from(s, 'B') || basic_from(s, 'b');
}


static int
slash(unsigned char c)
{
    return c == '/' || c == '\\';
}


int
rt_redact_userinfo(const rt_str_t *s)
{
    const unsigned char  *p, *host, *end;

    if (s->len == 0 || memchr(s->data, '@', s->len) == NULL) {
        return 0;
    }

    p = s->data;
    end = p + s->len;

    while (end - p > 3) {

        if (!slash(p[0]) || !slash(p[1])) {
            p++;
            continue;
        }

        for (p += 2, host = p;
             p < end && *p > ' ' && !slash(*p)
             && memchr("?#\"'<>", *p, 6) == NULL;
             p++)
        {
            if (*p == '@' && p > host) {
                return 1;
            }
        }
    }

    return 0;
}


int
rt_redact_builtin(rt_redact_t *rd, const rt_str_t *s)
{
    size_t    len;
    unsigned  i;
    rt_str_t  text;

    if (rt_redact_key(s) < s->len) {
        return 1;
    }

    if (rt_redact_plain(s, RT_CHAR_DOT|RT_CHAR_AT|RT_CHAR_PERCENT)) {
        rd->looked += s->len;
        return 0;
    }

    text = *s;

    for (i = 0; i <= RT_REDACT_TIMES; i++) {
        rd->looked += text.len;

        if (rt_redact_token(&text) < text.len || rt_redact_userinfo(&text)
            || rt_redact_basic(&text)
            || (i && rt_redact_key(&text) < text.len))
        {
            return 1;
        }

        if (text.len == 0 || memchr(text.data, '%', text.len) == NULL) {
            break;
        }

        if (i == 0) {
            text.data = rt_alloc(rd->mem, s->len);

            if (text.data == NULL) {
                return 1;
            }

            memcpy(text.data, s->data, s->len);
        }

        len = rt_form_unescape(text.data, text.len);

        if (len == text.len) {
            break;
        }

        text.len = len;
    }

    return 0;
}
