
/*
 * Answers of a Redis: an answer has the same end and the same values however
 * its bytes come in, what is handed out lies in them, in order and within its
 * bounds, and a bulk string of them is written as it was read.
 */

#include <stdlib.h>

#include "rt_arena.h"
#include "text/rt_resp.h"


static void
check(int ok)
{
    if (!ok) {
        abort();
    }
}


/* the same answer, a few bytes more each time */

static rt_status_e
slowly(const rt_str_t *bytes, size_t step, rt_resp_scan_t *scan)
{
    rt_str_t     some;
    rt_status_e  rc;

    memset(scan, 0, sizeof(rt_resp_scan_t));
    some = *bytes;
    some.len = 0;

    do {
        some.len = bytes->len - some.len > step ? some.len + step : bytes->len;

        rc = rt_resp_scan(scan, &some);

        check(scan->len <= some.len);

    } while (rc == RT_AGAIN && some.len < bytes->len);

    return rc;
}


static void
again(rt_mem_t *mem, const rt_str_t *text)
{
    rt_str_t   s;
    rt_resp_t  value;

    s.len = rt_resp_size(text, 1);
    s.data = rt_alloc(mem, s.len);

    check(rt_resp_write(s.data, text, 1) == s.data + s.len);
    check(rt_resp_next(&s, &value) == RT_OK);
    check(value.type == RT_RESP_ARRAY && value.number == 1);
    check(rt_resp_next(&s, &value) == RT_OK && s.len == 0);
    check(value.type == RT_RESP_BULK && rt_str_eq(&value.text, text));
}


static void
walk(rt_mem_t *mem, rt_str_t rest, unsigned values)
{
    rt_str_t         code;
    rt_resp_t        value;
    unsigned char   *pos;

    for (pos = rest.data; values; values--) {
        check(rt_resp_next(&rest, &value) == RT_OK);

        if (value.text.len) {
            check(value.text.data > pos
                  && value.text.data + value.text.len + 2 == rest.data);
        }

        if (value.type == RT_RESP_ERROR) {
            code = rt_resp_code(&value);
            check(code.len <= value.text.len);
        }

        if (value.type == RT_RESP_BULK) {
            check(value.text.len <= RT_RESP_MAX_BULK);
            again(mem, &value.text);
        }

        check(value.type != RT_RESP_ARRAY
              || (value.number >= 0 && value.number <= RT_RESP_MAX_VALUES));

        pos = rest.data;
    }

    check(rest.len == 0);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t        mem;
    rt_str_t        s;
    rt_arena_t      arena;
    rt_status_e     rc;
    rt_resp_scan_t  scan, other;

    mem = rt_arena_init(&arena);
    s.len = size;
    s.data = rt_alloc(&mem, size);
    memcpy(s.data, data, size);

    rc = slowly(&s, size + 1, &scan);

    check(slowly(&s, 1, &other) == rc && other.len == scan.len
          && other.values == scan.values);
    check(slowly(&s, 7, &other) == rc && other.len == scan.len);

    if (rc == RT_OK) {
        s.len = scan.len;
        walk(&mem, s, scan.values);
        check(rt_resp_skip(&s) == RT_OK && s.len == 0);
    }

    rt_arena_free(&arena);

    return 0;
}
