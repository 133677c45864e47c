
#include "oidc/rt_shown.h"

_Static_assert(RT_SHOWN_PIECE == sizeof(uint64_t), "a piece is one word");


static int
is_shown(unsigned char c)
{
    return c > ' ' && c < 0x7f && strchr("\"'\\<>&", c) == NULL;
}


rt_status_e
rt_shown(rt_mem_t *mem, const rt_str_t *in, rt_str_t *out)
{
    int             gap;
    size_t          i, n;
    unsigned char  *p;

    p = rt_alloc(mem, RT_SHOWN_MAX);
    if (p == NULL) {
        return RT_ERROR;
    }

    for (i = 0, n = 0, gap = 0; i < in->len; i++) {

        if (!is_shown(in->data[i])) {
            gap = (n > 0);
            continue;
        }

        if (n + gap + 1 > RT_SHOWN_MAX) {
            memcpy(p + RT_SHOWN_MAX - 3, "...", 3);
            n = RT_SHOWN_MAX;
            break;
        }

        if (gap) {
            p[n++] = ' ';
            gap = 0;
        }

        p[n++] = in->data[i];
    }

    out->data = p;
    out->len = n;

    return RT_OK;
}


int
rt_shown_is_code(const rt_str_t *s)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < s->len; i++) {
        c = rt_lower(s->data[i]);

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
              || c == '_' || c == '-' || c == '.'))
        {
            return 0;
        }
    }

    return s->len > 0 && s->len <= RT_SHOWN_ERROR;
}


int
rt_shown_is_bare(const rt_str_t *s)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {
        if (s->data[i] <= ' ' || s->data[i] >= 0x7f) {
            return 0;
        }
    }

    return 1;
}


int
rt_shown_repeats(const rt_str_t *text, const rt_str_t *secret)
{
    size_t    i, j;
    uint64_t  piece, window;

    if (text->len > RT_SHOWN_WORDS) {
        return 1;
    }

    for (i = 0; i + sizeof(piece) <= secret->len; i += sizeof(piece)) {
        memcpy(&piece, secret->data + i, sizeof(piece));

        for (j = 0; j + sizeof(piece) <= text->len; j++) {
            memcpy(&window, text->data + j, sizeof(piece));

            if (window == piece) {
                return 1;
            }
        }
    }

    return 0;
}
