
#include "text/rt_char.h"
#include "text/rt_glob.h"


/* a range of code points, and what each of them stands for */

typedef struct {
    unsigned  from;
    unsigned  to;
    int       as;               /* 0: nothing */
} meaning_t;


static const meaning_t  meanings[] = {
    { 0x0085, 0x0085, ' ' },
    { 0x00a0, 0x00a0, ' ' },
    { 0x00ad, 0x00ad, 0 },
    { 0x017f, 0x017f, 's' },
    { 0x034f, 0x034f, 0 },
    { 0x061c, 0x061c, 0 },
    { 0x115f, 0x1160, 0 },
    { 0x1680, 0x1680, ' ' },
    { 0x180b, 0x180f, 0 },
    { 0x2000, 0x200a, ' ' },
    { 0x200b, 0x200f, 0 },
    { 0x2010, 0x2015, '-' },
    { 0x2028, 0x2029, ' ' },
    { 0x202a, 0x202e, 0 },
    { 0x202f, 0x202f, ' ' },
    { 0x205f, 0x205f, ' ' },
    { 0x2060, 0x206f, 0 },
    { 0x2102, 0x2102, 'c' },
    { 0x210a, 0x210a, 'g' },
    { 0x210b, 0x210e, 'h' },
    { 0x2110, 0x2111, 'i' },
    { 0x2112, 0x2113, 'l' },
    { 0x2115, 0x2115, 'n' },
    { 0x2119, 0x2119, 'p' },
    { 0x211a, 0x211a, 'q' },
    { 0x211b, 0x211d, 'r' },
    { 0x2124, 0x2124, 'z' },
    { 0x2128, 0x2128, 'z' },
    { 0x212a, 0x212a, 'k' },
    { 0x212c, 0x212c, 'b' },
    { 0x212d, 0x212d, 'c' },
    { 0x212f, 0x2130, 'e' },
    { 0x2131, 0x2131, 'f' },
    { 0x2133, 0x2133, 'm' },
    { 0x2134, 0x2134, 'o' },
    { 0x2139, 0x2139, 'i' },
    { 0x2145, 0x2146, 'd' },
    { 0x2147, 0x2147, 'e' },
    { 0x2148, 0x2148, 'i' },
    { 0x2149, 0x2149, 'j' },
    { 0x3000, 0x3000, ' ' },
    { 0x3164, 0x3164, 0 },
    { 0xfe00, 0xfe0f, 0 },
    { 0xfeff, 0xfeff, 0 },
    { 0xffa0, 0xffa0, 0 }
};


/* several alphabets in a row, each of them 26 capitals and 26 small letters */

static int
alphabet(unsigned cp)
{
    if (cp >= 0x1d400 && cp <= 0x1d6a3) {
        return (int) ('a' + (cp - 0x1d400) % 26);
    }

    if (cp >= 0x24b6 && cp <= 0x24e9) {
        return (int) ('a' + (cp - 0x24b6) % 26);
    }

    if (cp >= 0x1d7ce && cp <= 0x1d7ff) {
        return (int) ('0' + (cp - 0x1d7ce) % 10);
    }

    return -1;
}


/*
 * One code point that some application takes for an ASCII character or for
 * nothing: that character, or 0, with *len the bytes it stood in; else -1.
 * Overlong forms are no UTF-8, but decoders exist that take them.
 */

static int
lookalike(const unsigned char *p, size_t left, size_t *len)
{
    size_t    i;
    unsigned  cp;

    if (left >= 2 && (p[0] & 0xe0) == 0xc0 && (p[1] & 0xc0) == 0x80) {
        *len = 2;
        cp = ((unsigned) (p[0] & 0x1f) << 6) | (p[1] & 0x3f);

    } else if (left >= 3 && (p[0] & 0xf0) == 0xe0 && (p[1] & 0xc0) == 0x80
               && (p[2] & 0xc0) == 0x80)
    {
        *len = 3;
        cp = ((unsigned) (p[0] & 0xf) << 12)
             | ((unsigned) (p[1] & 0x3f) << 6) | (p[2] & 0x3f);

    } else if (left >= 4 && (p[0] & 0xf8) == 0xf0 && (p[1] & 0xc0) == 0x80
               && (p[2] & 0xc0) == 0x80 && (p[3] & 0xc0) == 0x80)
    {
        *len = 4;
        cp = ((unsigned) (p[0] & 0x7) << 18)
             | ((unsigned) (p[1] & 0x3f) << 12)
             | ((unsigned) (p[2] & 0x3f) << 6) | (p[3] & 0x3f);

    } else {
        return -1;
    }

    if (cp < 0x80) {
        return (int) cp;
    }

    if (cp >= 0xff01 && cp <= 0xff5e) {
        return (int) (cp - 0xff01 + 0x21);
    }

    for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        if (cp >= meanings[i].from && cp <= meanings[i].to) {
            return meanings[i].as;
        }
    }

    return alphabet(cp);
}


size_t
rt_glob_blank(const unsigned char *start, const unsigned char *end)
{
    size_t  n, len;

    if (end == start) {
        return 0;
    }

    if (end[-1] < 0x80) {
        return end[-1] == ' ' || (end[-1] >= '\t' && end[-1] <= '\r');
    }

    for (n = 2; n <= 3 && n <= (size_t) (end - start); n++) {
        if (lookalike(end - n, n, &len) == ' ' && len == n) {
            return n;
        }
    }

    return 0;
}


size_t
rt_glob_plain(unsigned char *dst, const rt_str_t *name)
{
    int                   c;
    size_t                len;
    unsigned char        *out;
    const unsigned char  *p, *end;

    out = dst;
    p = name->data;
    end = p + name->len;

    for ( /* void */ ; p < end; p += len) {
        len = 1;
        c = *p;

        if (c >= 0x80) {
            c = lookalike(p, (size_t) (end - p), &len);

            if (c == 0 && *p >= 0xc2) {
                continue;
            }

            if (c == -1) {
                len = 1;
                c = *p;
            }
        }

        *out++ = rt_lower((unsigned char) c);
    }

    return (size_t) (out - dst);
}


size_t
rt_glob_squeeze(unsigned char *p, size_t len)
{
    size_t  i, n;

    for (i = 0, n = 0; i < len; i++) {
        if (!(rt_char[p[i]] & RT_CHAR_GAP)) {
            p[n++] = p[i];
        }
    }

    return n;
}


size_t
rt_glob_fold(unsigned char *dst, const rt_str_t *name)
{
    return rt_glob_squeeze(dst, rt_glob_plain(dst, name));
}


/* next[i]: the longest proper prefix of lit that ends at lit[i], too */

static void
failure_table(rt_glob_part_t *part)
{
    size_t    i;
    uint16_t  k;

    part->next[0] = 0;

    for (i = 1, k = 0; i < part->lit.len; i++) {

        while (k > 0 && part->lit.data[i] != part->lit.data[k]) {
            k = part->next[k - 1];
        }

        if (part->lit.data[i] == part->lit.data[k]) {
            k++;
        }

        part->next[i] = k;
    }
}


rt_status_e
rt_glob_compile(rt_mem_t *mem, const rt_str_t *pattern, rt_glob_t *glob)
{
    size_t           i, len, from;
    uint16_t        *next;
    unsigned char   *text;
    rt_glob_part_t  *part;

    if (pattern->len > RT_GLOB_MAX) {
        return RT_TOO_BIG;
    }

    if (pattern->len == 0) {
        return RT_INVALID;
    }

    text = rt_alloc(mem, pattern->len);
    next = rt_alloc(mem, pattern->len * sizeof(uint16_t));
    part = rt_alloc(mem, (pattern->len + 1) * sizeof(rt_glob_part_t));

    if (text == NULL || next == NULL || part == NULL) {
        return RT_ERROR;
    }

    len = rt_glob_fold(text, pattern);

    if (len == 0) {
        return RT_INVALID;
    }

    glob->part = part;
    glob->nparts = 0;
    glob->min = 0;

    for (i = 0, from = 0; i <= len; i++) {
        if (i < len && text[i] != '*') {
            continue;
        }

        part->lit.data = text + from;
        part->lit.len = i - from;
        part->next = next + from;

        if (part->lit.len) {
            failure_table(part);
        }

        glob->min += part->lit.len;
        glob->nparts++;
        part++;
        from = i + 1;
    }

    return RT_OK;
}


/* where the part's first occurrence ends, or NULL */

static const unsigned char *
find(const rt_glob_part_t *part, const unsigned char *p,
    const unsigned char *end)
{
    size_t  k;

    if (part->lit.len == 0) {
        return p;
    }

    p = memchr(p, part->lit.data[0], (size_t) (end - p));

    if (p == NULL) {
        return NULL;
    }

    for (k = 0; p < end; p++) {

        while (k > 0 && *p != part->lit.data[k]) {
            k = part->next[k - 1];
        }

        if (*p == part->lit.data[k]) {
            k++;
        }

        if (k == part->lit.len) {
            return p + 1;
        }
    }

    return NULL;
}


int
rt_glob_match(const rt_glob_t *glob, const unsigned char *name, size_t len)
{
    unsigned               i;
    const unsigned char   *end;
    const rt_glob_part_t  *head, *tail;

    if (len < glob->min) {
        return 0;
    }

    head = &glob->part[0];
    tail = &glob->part[glob->nparts - 1];
    end = name + len;

    if (glob->nparts == 1) {
        return len == head->lit.len
               && memcmp(name, head->lit.data, len) == 0;
    }

    if ((head->lit.len && memcmp(name, head->lit.data, head->lit.len) != 0)
        || (tail->lit.len
            && memcmp(end - tail->lit.len, tail->lit.data, tail->lit.len)
               != 0))
    {
        return 0;
    }

    name += head->lit.len;
    end -= tail->lit.len;

    for (i = 1; i < glob->nparts - 1; i++) {
        name = find(&glob->part[i], name, end);

        if (name == NULL) {
            return 0;
        }
    }

    return 1;
}
