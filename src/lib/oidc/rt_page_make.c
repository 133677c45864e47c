
#include "oidc/rt_page_part.h"


/* a page being made: first counted, then written */

typedef struct {
    const rt_page_t         *page;
    const rt_page_values_t  *values;
    unsigned char           *dst;       /* NULL: it is counted */
    size_t                   len;
} maker_t;


static void
put(maker_t *m, const void *data, size_t len)
{
    if (m->dst && len) {
        memcpy(m->dst + m->len, data, len);
    }

    m->len += len;
}


/* for text and double quotes alike */

static void
put_escaped(maker_t *m, const rt_str_t *s)
{
    size_t          i;
    unsigned char   c;

    for (i = 0; i < s->len; i++) {
        c = s->data[i];

        switch (c) {

        case '&':
            put(m, "&amp;", 5);
            break;

        case '<':
            put(m, "&lt;", 4);
            break;

        case '>':
            put(m, "&gt;", 4);
            break;

        case '"':
            put(m, "&quot;", 6);
            break;

        case '\'':
            put(m, "&#39;", 5);
            break;

        default:
            put(m, (c < ' ' || c == 0x7f) ? (unsigned char *) " " : &c, 1);
        }
    }
}


/*
 * Browsers drop line breaks and tabs out of a URL, and take "\" for "/":
 * what would begin with "//" then is an address elsewhere.
 */

static int
is_url(const rt_str_t *s)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {
        if (s->data[i] <= ' ' || s->data[i] == 0x7f || s->data[i] == '\\') {
            return 0;
        }
    }

    if (rt_str_ibegins(s, "https://") || rt_str_ibegins(s, "http://")) {
        return 1;
    }

    return rt_str_ibegins(s, "/") && !rt_str_ibegins(s, "//");
}


static const rt_str_t *
value_of(const maker_t *m, const page_field_t *field,
    const rt_page_link_t *link)
{
    const void  *base;

    base = field->link ? (const void *) link : (const void *) m->values;

    return (const rt_str_t *) ((const char *) base + field->offset);
}


static void make_parts(maker_t *m, unsigned first, unsigned end,
    const rt_page_link_t *link);


static void
make_section(maker_t *m, unsigned open, const rt_page_link_t *link)
{
    unsigned               i;
    const rt_page_part_t  *part;

    part = &m->page->parts[open];

    if (!part->field->list) {
        if (value_of(m, part->field, link)->len) {
            make_parts(m, open + 1, part->end, link);
        }

        return;
    }

    for (i = 0; i < m->values->nlinks; i++) {
        make_parts(m, open + 1, part->end, &m->values->links[i]);
    }
}


static void
make_parts(maker_t *m, unsigned first, unsigned end,
    const rt_page_link_t *link)
{
    unsigned               i;
    const rt_str_t        *value;
    const rt_page_part_t  *part;

    static const rt_str_t  root = rt_string("/");

    for (i = first; i < end; i++) {
        part = &m->page->parts[i];

        switch (part->kind) {

        case PAGE_TEXT:
            put(m, part->text.data, part->text.len);
            break;

        case PAGE_VALUE:
            put_escaped(m, value_of(m, part->field, link));
            break;

        case PAGE_HREF:
            value = value_of(m, part->field, link);
            put_escaped(m, is_url(value) ? value : &root);
            break;

        case PAGE_OPEN:
            make_section(m, i, link);
            i = part->end;
            break;

        case PAGE_CLOSE:
            break;
        }
    }
}


rt_status_e
rt_page_make(rt_mem_t *mem, const rt_page_t *page,
    const rt_page_values_t *values, rt_str_t *html)
{
    maker_t  m = { page, values, NULL, 0 };

    if (values->nlinks > RT_PAGE_MAX_LINKS) {
        return RT_TOO_BIG;
    }

    make_parts(&m, 0, page->nparts, NULL);

    if (m.len > RT_PAGE_MAX_HTML) {
        return RT_TOO_BIG;
    }

    m.dst = rt_alloc(mem, m.len + 1);
    if (m.dst == NULL) {
        return RT_ERROR;
    }

    m.len = 0;
    make_parts(&m, 0, page->nparts, NULL);

    html->data = m.dst;
    html->len = m.len;

    return RT_OK;
}
