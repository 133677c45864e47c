
#include "text/rt_utf8.h"


uint32_t
rt_utf8_step(const unsigned char *p, const unsigned char *end, size_t *len)
{
    size_t         i, need;
    uint32_t       cp;
    unsigned char  c, lo, hi;

    c = p[0];
    *len = 1;

    if (c < 0x80) {
        return c;
    }

    /* lo and hi bound the second byte, which rules out overlong forms,
       surrogates and what lies above U+10FFFF */

    lo = 0x80;
    hi = 0xbf;

    if (c >= 0xc2 && c <= 0xdf) {
        need = 2;
        cp = c & 0x1f;

    } else if (c >= 0xe0 && c <= 0xef) {
        need = 3;
        cp = c & 0x0f;
        lo = (c == 0xe0) ? 0xa0 : 0x80;
        hi = (c == 0xed) ? 0x9f : 0xbf;

    } else if (c >= 0xf0 && c <= 0xf4) {
        need = 4;
        cp = c & 0x07;
        lo = (c == 0xf0) ? 0x90 : 0x80;
        hi = (c == 0xf4) ? 0x8f : 0xbf;

    } else {
        return RT_UTF8_BAD;
    }

    for (i = 1; i < need; i++) {
        if (p + i == end || p[i] < lo || p[i] > hi) {
            *len = i;
            return RT_UTF8_BAD;
        }

        cp = cp << 6 | (p[i] & 0x3f);
        lo = 0x80;
        hi = 0xbf;
    }

    *len = need;

    return cp;
}


size_t
rt_utf8_put(unsigned char *dst, uint32_t cp)
{
    if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff)) {
        cp = 0xfffd;
    }

    if (cp < 0x80) {
        dst[0] = (unsigned char) cp;
        return 1;
    }

    if (cp < 0x800) {
        dst[0] = (unsigned char) (0xc0 | cp >> 6);
        dst[1] = (unsigned char) (0x80 | (cp & 0x3f));
        return 2;
    }

    if (cp < 0x10000) {
        dst[0] = (unsigned char) (0xe0 | cp >> 12);
        dst[1] = (unsigned char) (0x80 | (cp >> 6 & 0x3f));
        dst[2] = (unsigned char) (0x80 | (cp & 0x3f));
        return 3;
    }

    dst[0] = (unsigned char) (0xf0 | cp >> 18);
    dst[1] = (unsigned char) (0x80 | (cp >> 12 & 0x3f));
    dst[2] = (unsigned char) (0x80 | (cp >> 6 & 0x3f));
    dst[3] = (unsigned char) (0x80 | (cp & 0x3f));

    return 4;
}


size_t
rt_utf8_span(const unsigned char *p, size_t len)
{
    size_t                n;
    uint64_t              word;
    const unsigned char  *start, *end;

    start = p;
    end = p + len;

    while (p < end) {

        /* eight ASCII bytes at a time */

        while ((size_t) (end - p) >= sizeof(word)) {
            memcpy(&word, p, sizeof(word));

            if (word & 0x8080808080808080) {
                break;
            }

            p += sizeof(word);
        }

        if (p == end) {
            break;
        }

        if (rt_utf8_step(p, end, &n) == RT_UTF8_BAD) {
            break;
        }

        p += n;
    }

    return (size_t) (p - start);
}


int
rt_utf8_valid(const rt_str_t *s)
{
    return s->len == 0 || rt_utf8_span(s->data, s->len) == s->len;
}


int
rt_utf8_has_control(const rt_str_t *s)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {

        if (s->data[i] < 0x20 || s->data[i] == 0x7f) {
            return 1;
        }

        if (s->data[i] == 0xc2 && i + 1 < s->len && s->data[i + 1] < 0xa0) {
            return 1;
        }
    }

    return 0;
}


/* what one application or another trims: white space, and what has no width */

int
rt_utf8_blank(uint32_t c)
{
    return c == 0x20 || c == 0xa0 || c == 0xad || c == 0x1680 || c == 0x180e
           || (c >= 0x2000 && c <= 0x200f)
           || (c >= 0x2028 && c <= 0x202f)
           || (c >= 0x205f && c <= 0x2064)
           || c == 0x3000 || c == 0xfeff;
}


uint32_t
rt_utf8_fold(uint32_t cp)
{
    switch (cp) {

    case 0x212a:                    /* KELVIN SIGN */
        return 'k';

    case 0x017f:                    /* LONG S */
        return 's';

    case 0x0130:                    /* I WITH DOT ABOVE, DOTLESS I */
    case 0x0131:
        return 'i';

    default:
        return cp < 0x80 ? rt_lower((unsigned char) cp) : cp;
    }
}


int
rt_utf8_plain(const rt_str_t *s)
{
    size_t                len;
    const unsigned char  *last, *end;

    if (s->len == 0) {
        return 1;
    }

    if (rt_utf8_has_control(s)) {
        return 0;
    }

    end = s->data + s->len;
    last = end - 1;

    while (last > s->data && (*last & 0xc0) == 0x80) {
        last--;
    }

    return !rt_utf8_blank(rt_utf8_step(s->data, end, &len))
           && !rt_utf8_blank(rt_utf8_step(last, end, &len));
}


rt_status_e
rt_utf8_repair(rt_mem_t *mem, const rt_str_t *in, rt_str_t *out)
{
    if (rt_utf8_valid(in)) {
        *out = *in;
        return RT_OK;
    }

    if (in->len > SIZE_MAX / 3) {
        return RT_ERROR;
    }

    out->data = rt_alloc(mem, in->len * 3);
    if (out->data == NULL) {
        return RT_ERROR;
    }

    out->len = rt_utf8_repair_to(out->data, in->data, in->len);

    return RT_OK;
}


size_t
rt_utf8_repair_to(unsigned char *dst, const unsigned char *p, size_t len)
{
    size_t                n;
    unsigned char        *start;
    const unsigned char  *end;

    start = dst;
    end = p + len;

    while (p < end) {
        n = rt_utf8_span(p, (size_t) (end - p));

        memcpy(dst, p, n);
        dst += n;
        p += n;

        if (p < end) {
            (void) rt_utf8_step(p, end, &n);
            dst += rt_utf8_put(dst, 0xfffd);
            p += n;
        }
    }

    return (size_t) (dst - start);
}
