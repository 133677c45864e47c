
/*
 * Structured fields: values lie in the text, in order, each in the form of
 * its kind; what is wrong is a byte of the text or its end; a field that
 * parses does so again with a member more, and not with a comma more.
 */

#include <stdlib.h>

#include "rt_arena.h"
#include "csp/rt_csp_field.h"


typedef struct {
    const unsigned char  *pos;
    const unsigned char  *last;
    unsigned              n;
} seen_t;


static void
check(int ok)
{
    if (!ok) {
        abort();
    }
}


static int
begins(const rt_sf_value_t *v, const char *with)
{
    return memchr(with, v->text.data[0], strlen(with)) != NULL;
}


static void
take(void *ctx, const rt_sf_value_t *v)
{
    seen_t *seen = ctx;

    check(v->member.len > 0 && v->member.data < v->text.data);
    check(v->text.data >= seen->pos
          && v->text.data + v->text.len <= seen->last);
    check((v->text.len == 0)
          == (v->kind == RT_SF_FLAG || v->kind == RT_SF_LIST));
    check(!v->in_list || v->text.len != 0);

    if (v->text.len) {
        check(begins(v, v->kind == RT_SF_NUMBER ? "-0123456789"
                        : v->kind == RT_SF_STRING ? "\""
                        : v->kind == RT_SF_BYTES ? ":"
                        : v->kind == RT_SF_BOOLEAN ? "?"
                        : v->kind == RT_SF_DATE ? "@"
                        : v->kind == RT_SF_DISPLAY ? "%"
                        : "*abcdefghijklmnopqrstuvwxyz"
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
    }

    seen->pos = v->text.data + v->text.len;
    seen->n++;
}


static rt_status_e
parse(const rt_str_t *s, seen_t *seen, rt_sf_error_t *error)
{
    rt_status_e  rc;

    seen->pos = s->data;
    seen->last = s->data + s->len;
    seen->n = 0;

    rc = rt_sf_dictionary(s, take, seen, error);

    check(error->offset <= s->len);
    check((rc == RT_OK) == (error->why == NULL));

    return rc;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    seen_t             seen;
    unsigned           n;
    rt_mem_t           mem;
    rt_str_t           s;
    rt_arena_t         arena;
    rt_status_e        rc;
    rt_sf_error_t      error;
    rt_csp_findings_t  f;

    mem = rt_arena_init(&arena);
    s.len = size;
    s.data = rt_alloc(&mem, size + 3);
    memcpy(s.data, data, size);

    rc = parse(&s, &seen, &error);
    n = seen.n;

    rt_csp_findings_init(&f, &mem);
    check(rt_csp_field(RT_CSP_PERMISSIONS, &s, &f, &error) == rc);
    check(f.errors == 0 && (rc == RT_OK || f.first == NULL));
    check(rt_csp_field(RT_CSP_DOCUMENT, &s, &f, &error) == rc);

    if (rc == RT_OK && n && size + 3 <= RT_SF_TEXT_MAX) {
        memcpy(s.data + size, ",a", 2);

        s.len = size + 1;
        check(parse(&s, &seen, &error) == RT_INVALID);

        s.len = size + 2;
        check(parse(&s, &seen, &error) == RT_OK && seen.n == n + 1);
    }

    rt_arena_free(&arena);

    return 0;
}
