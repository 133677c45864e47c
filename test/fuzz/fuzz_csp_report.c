
/*
 * Any bytes as a report: what is handed out of them are words of tables and
 * addresses without user, query and fragment, and it is written as JSON that
 * fits whatever room there is.
 */

#include <stdlib.h>

#include "rt_arena.h"
#include "csp/rt_csp_report.h"
#include "json/rt_json.h"


#define ROOM  4096


static void
must(int ok)
{
    if (!ok) {
        abort();
    }
}


static void
check_address(const rt_str_t *s)
{
    size_t    i;
    rt_str_t  scheme, rest, host, path;

    must(s->len <= RT_CSP_REPORT_URL);

    for (i = 0; i < s->len; i++) {
        must(s->data[i] > ' ' && s->data[i] <= '~');
        must(strchr("?#;\"'\\<>", s->data[i]) == NULL);
    }

    /* nobody's name stands between the scheme and the path */

    (void) rt_str_cut(s, ':', &scheme, &rest);

    if (rest.len > 2) {
        must(memcmp(rest.data, "//", 2) == 0);
        rest.data += 2;
        rest.len -= 2;

        (void) rt_str_cut(&rest, '/', &host, &path);
        must(host.len && memchr(host.data, '@', host.len) == NULL);
    }
}


static void
check_text(rt_mem_t *mem, const rt_csp_report_t *report, size_t room)
{
    rt_str_t         text;
    rt_json_t       *root, *list;
    rt_jsonw_t       w;
    rt_json_opts_t   opts;

    text.data = malloc(room);
    rt_jsonw_init(&w, text.data, room);
    rt_csp_report_write(report, &w);
    text.len = rt_jsonw_len(&w);

    opts.flags = RT_JSON_UNIQUE;
    opts.max_depth = 4;
    opts.max_nodes = 1024;

    must(!w.full);
    must(rt_json_parse(mem, &text, &opts, &root, NULL) == RT_OK);

    list = rt_json_member(root, "violations");
    must(list->count <= RT_CSP_REPORT_SHOWN);
    must(list->count || room < ROOM);

    free(text.data);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned          i;
    rt_mem_t          mem;
    rt_str_t          body;
    rt_arena_t        arena;
    rt_csp_report_t  *report;

    mem = rt_arena_init(&arena);
    report = rt_alloc(&mem, sizeof(rt_csp_report_t));

    body.len = size;
    body.data = rt_alloc(&mem, size);
    memcpy(body.data, data, size);

    if (rt_csp_report(&mem, &body, report) == RT_OK && report->n) {
        must(report->n <= RT_CSP_REPORTS);

        for (i = 0; i < report->n; i++) {
            must(rt_csp_report_directive(report->violation[i].directive)
                 != NULL);
            must(rt_csp_report_class(report->violation[i].class) != NULL);
            check_address(&report->violation[i].blocked);
            check_address(&report->violation[i].document);
            check_address(&report->violation[i].source);
        }

        check_text(&mem, report, ROOM);
        check_text(&mem, report, 256 + size % 512);
    }

    rt_arena_free(&arena);

    return 0;
}
