
/*
 * The policy: what a policy is built to is parsed to the same again, and
 * holds nothing that could begin a policy, a header or a line; with nonces,
 * each stands where the template says, and without them nothing is looser.
 * The parts of a source lie in it, in order.
 */

#include <stdlib.h>

#include "rt_arena.h"
#include "csp/rt_csp.h"
#include "csp/rt_csp_source.h"


#define NONCE  "0123456789abcdefghijklmnopqrstuv"


static const rt_str_t  nonce_in[] = {
    rt_string("script-src"), rt_string("style-src-elem")
};


static void
check(int ok)
{
    if (!ok) {
        abort();
    }
}


static void
check_bytes(const rt_str_t *s)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {
        check(s->data[i] >= 0x20 && s->data[i] < 0x7f && s->data[i] != ',');
    }
}


static void
check_fixpoint(rt_mem_t *mem, const rt_str_t *built)
{
    rt_csp_t           p;
    rt_str_t           again;
    rt_csp_findings_t  f;

    rt_csp_init(&p, mem);
    rt_csp_findings_init(&f, mem);

    check(rt_csp_parse(&p, built, &f) == RT_OK);
    check(f.first == NULL);
    check(rt_csp_build(&p, mem, NULL, 0, NULL, &again) == RT_OK);
    check(rt_str_eq(built, &again));
}


static void
check_template(rt_mem_t *mem, rt_csp_t *p)
{
    unsigned            i, n;
    rt_status_e         rc;
    unsigned char      *out;
    const rt_str_t     *bad;
    rt_csp_template_t   t;

    rc = rt_csp_nonce_in(p, nonce_in, 2, &bad);
    check(rc == RT_OK || rc == RT_DECLINED || rc == RT_TOO_BIG);

    check(rt_csp_compile(p, mem, nonce_in, 2, &t) == RT_OK);
    check_bytes(&t.with_nonce);
    check_bytes(&t.without);

    out = rt_alloc(mem, t.with_nonce.len + 1);
    check(rt_csp_render(&t, (const unsigned char *) NONCE, out)
          == out + t.with_nonce.len);

    n = (rt_csp_get(p, &nonce_in[0]) != NULL)
        + (rt_csp_get(p, &nonce_in[1]) != NULL);
    check(t.n == n && (rc != RT_OK || n == 2));

    for (i = 0; i < t.n; i++) {
        check(t.offsets[i] >= 7
              && t.offsets[i] + RT_CSP_NONCE_LEN < t.with_nonce.len);
        check(memcmp(out + t.offsets[i] - 7, "'nonce-" NONCE "'", 40) == 0);
    }
}


static void
check_source(const rt_str_t *text)
{
    rt_csp_source_t       s;
    const unsigned char  *last;

    last = text->data + text->len;

    if (rt_csp_source(&s, text) != NULL) {
        return;
    }

    check(s.scheme.len || s.host.len || s.any_host);
    check(!(s.any_host && s.host.len));

    if (s.path.len) {
        check(s.path.data[0] == '/' && s.path.data + s.path.len == last);
        last = s.path.data;
    }

    if (s.port.len) {
        check(s.port.data + s.port.len == last);
        last = s.port.data - 1;
    }

    check(s.host.len == 0 || s.host.data + s.host.len == last);
    check(s.scheme.len == 0 || s.scheme.data == text->data);

    if (rt_csp_source_anywhere(&s)) {
        check(rt_csp_source_weak(&s, 0) != NULL);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t           mem;
    rt_csp_t           p, copy;
    rt_str_t           text, built, twin;
    rt_arena_t         arena;
    rt_csp_lint_t      opts;
    rt_csp_findings_t  f;

    memset(&opts, 0, sizeof(opts));
    opts.report_only = 1;
    opts.nonce = 1;
    opts.nonce_in = nonce_in;
    opts.n = 2;

    mem = rt_arena_init(&arena);
    rt_csp_init(&p, &mem);
    rt_csp_findings_init(&f, &mem);

    text.len = size;
    text.data = rt_alloc(&mem, size);
    memcpy(text.data, data, size);

    check_source(&text);

    if (rt_csp_parse(&p, &text, &f) == RT_OK) {
        check(rt_csp_build(&p, &mem, NULL, 0, NULL, &built) == RT_OK);
        check_bytes(&built);
        check_fixpoint(&mem, &built);

        check(rt_csp_copy(&copy, &mem, &p) == RT_OK);
        check(rt_csp_build(&copy, &mem, NULL, 0, NULL, &twin) == RT_OK);
        check(rt_str_eq(&built, &twin));

        check(rt_csp_lint(&p, &opts, &f) == RT_OK);
        check_template(&mem, &p);

    } else {
        check(f.errors > 0);
    }

    rt_arena_free(&arena);

    return 0;
}
