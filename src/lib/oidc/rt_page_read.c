
#include <openssl/evp.h>

#include "oidc/rt_page_part.h"
#include "text/rt_utf8.h"


/* the base64 of a SHA-256, and the NUL of EVP_EncodeBlock() */
#define PAGE_HASH      45

/* the longest policy: all but the hashes is shorter than 200 bytes */
#define PAGE_MAX_CSP   (200 + RT_PAGE_MAX_STYLES * (PAGE_HASH + 16))


static const page_field_t  page_fields[] = {
    { rt_string("app"),       offsetof(rt_page_values_t, app), 0, 0 },
    { rt_string("message"),   offsetof(rt_page_values_t, message), 0, 0 },
    { rt_string("reference"), offsetof(rt_page_values_t, reference), 0, 0 },
    { rt_string("return"),    offsetof(rt_page_values_t, back), 0, 0 },
    { rt_string("links"),     0, 0, 1 },
    { rt_string("url"),       offsetof(rt_page_link_t, url), 1, 0 },
    { rt_string("title"),     offsetof(rt_page_link_t, title), 1, 0 },
};


/* elements that have what follows read otherwise, or run it */

static const rt_str_t  page_refused[] = {
    rt_string("script"),
    rt_string("iframe"),
    rt_string("frameset"),
    rt_string("noembed"),
    rt_string("noframes"),
    rt_string("noscript"),
    rt_string("plaintext"),
    rt_string("textarea"),
    rt_string("template"),
    rt_string("select"),
    rt_string("xmp"),
    rt_string("svg"),
    rt_string("math"),
};


/* attributes whose text nobody but a person reads */

static const rt_str_t  page_harmless[] = {
    rt_string("title"),
    rt_string("alt"),
    rt_string("aria-label"),
    rt_string("placeholder"),
    rt_string("value"),
};


/* a template being read */

typedef struct {
    rt_mem_t         *mem;
    rt_page_t        *page;
    unsigned char    *pos;
    unsigned char    *last;
    unsigned char    *text;         /* not yet in a part */
    const char       *why;

    unsigned          open[RT_PAGE_MAX_DEPTH];
    unsigned char     titled[RT_PAGE_MAX_DEPTH];  /* it opened in the title */
    unsigned          depth;

    rt_str_t          styles[RT_PAGE_MAX_STYLES];
    unsigned          nstyles;
    unsigned          title:1;      /* within it, nothing is a tag */
    unsigned          image:1;
} reader_t;


static rt_status_e
refuse(reader_t *r, const char *why)
{
    r->why = why;
    return RT_INVALID;
}


static rt_status_e
too_many(reader_t *r, const char *why)
{
    r->why = why;
    return RT_TOO_BIG;
}


static int
letter(unsigned char c)
{
    return rt_lower(c) >= 'a' && rt_lower(c) <= 'z';
}


static int
name_char(unsigned char c)
{
    return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_'
           || c == ':';
}


static int
white(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}


/* does this word, in any case of letters, stand here? */

static int
here(const reader_t *r, const unsigned char *p, const char *word)
{
    rt_str_t  rest = { (size_t) (r->last - p), (unsigned char *) p };

    return rt_str_ibegins(&rest, word);
}


/* where it stands next, and begins before the end; NULL: nowhere */

static unsigned char *
find(const reader_t *r, unsigned char *p, const unsigned char *end,
    const char *word)
{
    for ( /* void */ ; p < end; p++) {
        if (here(r, p, word)) {
            return p;
        }
    }

    return NULL;
}


static void
skip_white(reader_t *r)
{
    while (r->pos < r->last && white(*r->pos)) {
        r->pos++;
    }
}


static rt_str_t
word(reader_t *r)
{
    rt_str_t  name = { 0, r->pos };

    while (r->pos < r->last && name_char(*r->pos)) {
        r->pos++;
    }

    name.len = r->pos - name.data;

    return name;
}


static int
listed(const rt_str_t *name, const rt_str_t *list, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (rt_str_ieq(name, &list[i])) {
            return 1;
        }
    }

    return 0;
}


static rt_page_part_t *
push(reader_t *r, page_part_e kind)
{
    rt_page_part_t  *part;

    if (r->page->nparts == RT_PAGE_MAX_PARTS) {
        (void) too_many(r, "has too many values and sections");
        return NULL;
    }

    part = &r->page->parts[r->page->nparts++];
    memset(part, 0, sizeof(rt_page_part_t));
    part->kind = kind;

    return part;
}


/* what was read up to here as it is becomes a part */

static rt_status_e
flush(reader_t *r)
{
    rt_page_part_t  *part;

    if (r->text == r->pos) {
        return RT_OK;
    }

    part = push(r, PAGE_TEXT);
    if (part == NULL) {
        return RT_TOO_BIG;
    }

    part->text.data = r->text;
    part->text.len = r->pos - r->text;

    return RT_OK;
}


static int
within_links(const reader_t *r)
{
    unsigned  i;

    for (i = 0; i < r->depth; i++) {
        if (r->page->parts[r->open[i]].field->list) {
            return 1;
        }
    }

    return 0;
}


/* {{x}}, {{#x}}, {{/x}} at pos; *sign is one of these, or NUL */

static rt_status_e
place(reader_t *r, const page_field_t **field, unsigned char *sign)
{
    size_t    i;
    rt_str_t  name;

    r->pos += 2;
    *sign = '\0';

    if (r->pos < r->last && (*r->pos == '#' || *r->pos == '/')) {
        *sign = *r->pos++;
    }

    name = word(r);

    if (!here(r, r->pos, "}}")) {
        return refuse(r, "has a \"{{\" without a name and \"}}\" behind it");
    }

    r->pos += 2;

    for (i = 0; i < sizeof(page_fields) / sizeof(page_fields[0]); i++) {
        *field = &page_fields[i];

        if (!rt_str_eq(&name, &(*field)->name)) {
            continue;
        }

        if ((*field)->link && !within_links(r)) {
            return refuse(r, "has a link's value outside of {{#links}}");
        }

        if ((*field)->list && *sign == '\0') {
            return refuse(r, "has {{links}} instead of {{#links}}");
        }

        return RT_OK;
    }

    return refuse(r, "has a value of a name that is not known");
}


static rt_status_e
open_section(reader_t *r, const page_field_t *field)
{
    rt_page_part_t  *part;

    if (field->list && within_links(r)) {
        return refuse(r, "has {{#links}} within {{#links}}");
    }

    if (r->depth == RT_PAGE_MAX_DEPTH) {
        return too_many(r, "has too many sections within each other");
    }

    part = push(r, PAGE_OPEN);
    if (part == NULL) {
        return RT_TOO_BIG;
    }

    part->field = field;
    r->titled[r->depth] = r->title;
    r->open[r->depth++] = r->page->nparts - 1;

    return RT_OK;
}


static rt_status_e
close_section(reader_t *r, const page_field_t *field)
{
    rt_page_part_t  *part, *open;

    open = r->depth ? &r->page->parts[r->open[r->depth - 1]] : NULL;

    if (open == NULL || open->field != field) {
        return refuse(r, "ends a section that is not the last one begun");
    }

    /* without the section, a browser would read on in another state */

    if (r->titled[r->depth - 1] != r->title) {
        return refuse(r, "has a section with one end of the title in it");
    }

    part = push(r, PAGE_CLOSE);
    if (part == NULL) {
        return RT_TOO_BIG;
    }

    open->end = r->page->nparts - 1;
    r->depth--;

    return RT_OK;
}


/* kind is that of a value here; sections stand in text alone */

static rt_status_e
read_place(reader_t *r, page_part_e kind, int text)
{
    rt_status_e          rc;
    unsigned char        sign;
    rt_page_part_t      *part;
    const page_field_t  *field;

    sign = 0;
    field = NULL;

    rc = flush(r);

    if (rc == RT_OK) {
        rc = place(r, &field, &sign);
    }

    if (rc != RT_OK) {
        return rc;
    }

    r->text = r->pos;

    if (sign) {
        if (!text) {
            return refuse(r, "has a section within a tag");
        }

        return (sign == '#') ? open_section(r, field)
                             : close_section(r, field);
    }

    part = push(r, kind);
    if (part == NULL) {
        return RT_TOO_BIG;
    }

    part->field = field;

    return RT_OK;
}


/* the value between double quotes; pos is behind the first of them */

static rt_status_e
read_quoted(reader_t *r, const rt_str_t *attr)
{
    int             href;
    rt_status_e     rc;
    unsigned char  *start;

    static const rt_str_t  name = rt_string("href");

    start = r->pos;
    href = rt_str_ieq(attr, &name);

    while (r->pos < r->last && *r->pos != '"') {

        if (!here(r, r->pos, "{{")) {
            r->pos++;
            continue;
        }

        if (!href && !listed(attr, page_harmless, sizeof(page_harmless)
                                                  / sizeof(page_harmless[0])))
        {
            return refuse(r, "has a value in an attribute that may not have "
                             "one");
        }

        if (href && r->pos != start) {
            return refuse(r, "has an href that is not a value as a whole");
        }

        rc = read_place(r, href ? PAGE_HREF : PAGE_VALUE, 0);
        if (rc != RT_OK) {
            return rc;
        }

        if (href && (r->pos == r->last || *r->pos != '"')) {
            return refuse(r, "has an href that is not a value as a whole");
        }
    }

    if (r->pos == r->last) {
        return refuse(r, "ends within a tag");
    }

    r->pos++;

    return RT_OK;
}


static rt_status_e
read_attribute(reader_t *r)
{
    rt_str_t  name, value;

    name = word(r);

    if (name.len == 0) {
        return refuse(r, here(r, r->pos, "{{")
                         ? "has a value within a tag, outside of quotes"
                         : "has a tag that is not plain");
    }

    skip_white(r);

    if (r->pos == r->last || *r->pos != '=') {
        return RT_OK;
    }

    r->pos++;
    skip_white(r);

    if (r->pos < r->last && *r->pos == '"') {
        r->pos++;
        return read_quoted(r, &name);
    }

    value = word(r);

    /* a "/" belongs to it, and so does all behind that, up to a blank */

    if (value.len == 0
        || (r->pos < r->last && !white(*r->pos) && *r->pos != '>'))
    {
        return refuse(r, "has an attribute without double quotes");
    }

    return RT_OK;
}


/* the text of a style element, up to its end tag */

static rt_status_e
read_style(reader_t *r)
{
    rt_str_t       *style;
    unsigned char  *end, *brace;

    end = find(r, r->pos, r->last, "</style");
    if (end == NULL || !here(r, end, "</style>")) {
        return refuse(r, "has a style that does not end with \"</style>\"");
    }

    brace = find(r, r->pos, end, "{{");

    if (brace) {
        r->pos = brace;
        return refuse(r, "has a value within a style");
    }

    if (r->nstyles == RT_PAGE_MAX_STYLES) {
        return too_many(r, "has too many styles");
    }

    style = &r->styles[r->nstyles++];
    style->data = r->pos;
    style->len = end - r->pos;

    r->pos = end;

    return RT_OK;
}


static rt_status_e
read_start_tag(reader_t *r)
{
    rt_str_t     name;
    rt_status_e  rc;

    static const rt_str_t  style = rt_string("style");
    static const rt_str_t  title = rt_string("title");
    static const rt_str_t  img = rt_string("img");

    r->pos++;
    name = word(r);

    if (listed(&name, page_refused,
               sizeof(page_refused) / sizeof(page_refused[0])))
    {
        return refuse(r, "has an element that a page of ours may not have");
    }

    for ( ;; ) {

        while (r->pos < r->last && (white(*r->pos) || *r->pos == '/')) {
            r->pos++;
        }

        if (r->pos == r->last) {
            return refuse(r, "ends within a tag");
        }

        if (*r->pos == '>') {
            break;
        }

        rc = read_attribute(r);
        if (rc != RT_OK) {
            return rc;
        }
    }

    r->pos++;
    r->title = rt_str_ieq(&name, &title);
    r->image |= rt_str_ieq(&name, &img);

    return rt_str_ieq(&name, &style) ? read_style(r) : RT_OK;
}


/* end tag, doctype: nothing but names and blanks up to ">" */

static rt_status_e
read_plain_tag(reader_t *r)
{
    rt_str_t  name;

    r->pos += 2;
    name = word(r);
    skip_white(r);

    while (r->pos < r->last && name.len && *r->pos != '>') {
        name = word(r);
        skip_white(r);
    }

    if (r->pos == r->last || *r->pos != '>') {
        return refuse(r, "has a tag that is not plain");
    }

    r->pos++;

    return RT_OK;
}


static rt_status_e
read_comment(reader_t *r)
{
    unsigned char  *end;

    /* "<!-->" is a comment, and a whole one */

    end = find(r, r->pos + 2, r->last, "-->");

    if (end == NULL || find(r, r->pos, end, "{{")
        || find(r, r->pos + 2, end, "--!>"))
    {
        return refuse(r, "has a comment that does not end with \"-->\", or a "
                         "value within one");
    }

    r->pos = end + 3;

    return RT_OK;
}


static rt_status_e
read_tag(reader_t *r)
{
    /* "</titles>" ends none: what follows it is text to a browser */

    if (r->title && !here(r, r->pos, "</title>")) {
        return refuse(r, "has a \"<\" within the title");
    }

    if (here(r, r->pos, "<!--")) {
        return read_comment(r);
    }

    if (here(r, r->pos, "<!doctype")) {
        return read_plain_tag(r);
    }

    if (here(r, r->pos, "</") && r->pos + 2 < r->last && letter(r->pos[2])) {
        r->title = 0;
        return read_plain_tag(r);
    }

    if (r->pos + 1 < r->last && letter(r->pos[1])) {
        return read_start_tag(r);
    }

    return refuse(r, "has a \"<\" that begins no tag");
}


static rt_status_e
read_text(reader_t *r)
{
    rt_status_e  rc;

    rc = RT_OK;

    while (rc == RT_OK && r->pos < r->last) {

        if (*r->pos == '<') {
            rc = read_tag(r);

        } else if (here(r, r->pos, "{{")) {
            rc = read_place(r, PAGE_VALUE, 1);

        } else {
            r->pos++;
        }
    }

    if (rc != RT_OK) {
        return rc;
    }

    if (r->depth) {
        return refuse(r, "has a section without an end");
    }

    return flush(r);
}


/* of what a browser hashes: its line ends are LF, whatever they were */

static rt_status_e
add_hash(reader_t *r, const rt_str_t *style)
{
    size_t          i, n;
    unsigned char  *copy, hash[EVP_MAX_MD_SIZE], text[PAGE_HASH];

    copy = rt_alloc(r->mem, style->len + 1);
    if (copy == NULL) {
        return RT_ERROR;
    }

    for (i = 0, n = 0; i < style->len; i++) {

        if (style->data[i] == '\r') {
            copy[n++] = '\n';
            i += (i + 1 < style->len && style->data[i + 1] == '\n');

        } else {
            copy[n++] = style->data[i];
        }
    }

    if (EVP_Q_digest(NULL, "SHA256", NULL, copy, n, hash, NULL) != 1) {
        return RT_ERROR;
    }

    EVP_EncodeBlock(text, hash, 32);

    rt_str_add(&r->page->csp, " 'sha256-");
    rt_str_add(&r->page->csp, (char *) text);
    rt_str_add(&r->page->csp, "'");

    return RT_OK;
}


static rt_status_e
make_csp(reader_t *r, rt_page_e kind)
{
    unsigned   i;
    rt_str_t  *csp;

    csp = &r->page->csp;
    csp->len = 0;
    csp->data = rt_alloc(r->mem, PAGE_MAX_CSP);
    if (csp->data == NULL) {
        return RT_ERROR;
    }

    rt_str_add(csp, "default-src 'none'");

    for (i = 0; i < r->nstyles; i++) {
        rt_str_add(csp, i ? "" : "; style-src");

        if (add_hash(r, &r->styles[i]) != RT_OK) {
            return RT_ERROR;
        }
    }

    rt_str_add(csp, r->image ? "; img-src 'self'" : "");
    rt_str_add(csp, "; base-uri 'none'");
    rt_str_add(csp, (kind == RT_PAGE_FRAME) ? "" : "; frame-ancestors 'none'");
    rt_str_add(csp, "; form-action 'self'");

    return RT_OK;
}


static unsigned
line_of(const rt_str_t *text, const unsigned char *pos)
{
    unsigned              line;
    const unsigned char  *p;

    for (p = text->data, line = 1; p < pos; p++) {
        line += (*p == '\n');
    }

    return line;
}


rt_status_e
rt_page_read(rt_mem_t *mem, const rt_str_t *text, rt_page_e kind,
    rt_page_t *page, const char **why, unsigned *line)
{
    reader_t     r;
    rt_status_e  rc;

    memset(page, 0, sizeof(rt_page_t));
    memset(&r, 0, sizeof(reader_t));

    r.mem = mem;
    r.page = page;
    r.pos = text->data;
    r.text = text->data;
    r.last = text->data + text->len;
    r.why = "no memory";

    if (text->len > RT_PAGE_MAX_TEXT) {
        rc = too_many(&r, "is too long");

    } else if (!rt_utf8_valid(text)
               || (text->len && memchr(text->data, '\0', text->len)))
    {
        rc = refuse(&r, "is not UTF-8, or has a NUL");

    } else {
        page->parts = rt_alloc(mem, RT_PAGE_MAX_PARTS
                                    * sizeof(rt_page_part_t));
        rc = page->parts ? read_text(&r) : RT_ERROR;
    }

    if (rc == RT_OK) {
        rc = make_csp(&r, kind);
    }

    *why = r.why;
    *line = line_of(text, r.pos);

    return rc;
}
