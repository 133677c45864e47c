
/*
 * Templates of pages: one that is accepted gives, whatever the values are, a
 * page with the tags it has for plain values, none of them a script.
 *
 * The input is a template, a byte 0xff, and the text of all values.
 */

#include <assert.h>

#include "rt_arena.h"
#include "html/rt_html.h"
#include "oidc/rt_page.h"


typedef struct {
    size_t     lt;              /* bytes of the page, one of each kind */
    size_t     gt;
    size_t     quotes;
    unsigned   tags;            /* style and link */
    unsigned   scripts;
    rt_hstop_e stopped;
} seen_t;


static seen_t
see(const rt_str_t *html)
{
    size_t                i;
    seen_t                seen;
    rt_html_t             h;
    rt_html_tag_t         tag;
    const unsigned char  *pos;

    memset(&seen, 0, sizeof(seen_t));

    for (i = 0; i < html->len; i++) {
        seen.lt += (html->data[i] == '<');
        seen.gt += (html->data[i] == '>');
        seen.quotes += (html->data[i] == '"' || html->data[i] == '\'');
        assert(html->data[i] != '\0');
    }

    rt_html_init(&h);
    pos = html->data;

    while (rt_html_next(&h, &pos, html->data + html->len, &tag) == RT_OK) {
        seen.tags += (tag.tag != RT_HTAG_SCRIPT);
        seen.scripts += (tag.tag == RT_HTAG_SCRIPT);
    }

    seen.stopped = h.tree.stopped;

    return seen;
}


static rt_status_e
make(rt_mem_t *mem, const rt_page_t *page, rt_str_t text, rt_str_t *html)
{
    rt_page_link_t     links[2];
    rt_page_values_t   v;

    links[0].url = text;
    links[0].title = text;
    links[1] = links[0];

    v.app = text;
    v.message = text;
    v.reference = text;
    v.back = text;
    v.links = links;
    v.nlinks = 2;

    return rt_page_make(mem, page, &v, html);
}


static void
check(rt_mem_t *mem, const rt_page_t *page, rt_str_t text)
{
    seen_t     a, b;
    rt_str_t   html, plain, bare;

    static const rt_str_t  benign = rt_string("/x");
    static const rt_str_t  none = rt_string("");

    assert(page->csp.len && page->nparts <= RT_PAGE_MAX_PARTS);

    if (text.len == 0 || make(mem, page, text, &html) != RT_OK
        || make(mem, page, benign, &plain) != RT_OK
        || make(mem, page, none, &bare) != RT_OK)
    {
        return;
    }

    assert(html.len <= RT_PAGE_MAX_HTML);

    a = see(&html);
    b = see(&plain);

    assert(a.lt == b.lt && a.gt == b.gt && a.quotes == b.quotes);
    assert(a.tags == b.tags && a.stopped == b.stopped);
    assert(a.scripts == 0 && b.scripts == 0 && see(&bare).scripts == 0);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t         mem;
    rt_str_t         template, text;
    unsigned         line;
    rt_page_t        page;
    rt_arena_t       arena;
    const char      *why;
    const uint8_t   *end;

    mem = rt_arena_init(&arena);

    end = size ? memchr(data, 0xff, size) : NULL;
    end = end ? end : data + size;

    template.data = (unsigned char *) data;
    template.len = end - data;
    text.data = (unsigned char *) end;
    text.len = size - template.len;
    why = NULL;

    if (rt_page_read(&mem, &template, RT_PAGE_FAILED, &page, &why, &line)
        == RT_OK)
    {
        check(&mem, &page, text);

    } else {
        assert(why != NULL && line >= 1);
    }

    rt_arena_free(&arena);

    return 0;
}
