
#include "html/rt_html.h"
#include "html/rt_hop.h"


/* beside those of rt_hop.h */

enum {
    DECLARATION = RT_HS_TAGS,       /* behind "<!" */
    DASH,                           /* "<!-" */
    CDATA_WORD,                     /* "<![" and more */
    COMMENT,
    COMMENT_BANG,                   /* "--!" in a comment */
    BOGUS,                          /* a comment up to the next ">" */
    CDATA,
    RAW,                            /* text up to an end tag */
    RAW_WORD,                       /* "<" in it, a "/", letters */
    RAW_BANG,                       /* "<!" in a script, and a dash */
    STATES
};


/*
 * Reads on from p, which is below last, in one state or a group of them;
 * ret: where the next state begins, or last
 */
typedef const unsigned char *(*read_pt)(rt_html_t *h, const unsigned char *p,
    const unsigned char *last);


static inline uint64_t
at(const rt_html_t *h, const unsigned char *p)
{
    return h->offset + (uint64_t) (p - h->buf);
}


static inline int
is_letter(unsigned char c)
{
    return rt_hclass[c] == RT_HC_LETTER;
}


/* ret: where c is, or last */

static inline const unsigned char *
find(const unsigned char *p, const unsigned char *last, unsigned char c)
{
    p = memchr(p, c, (size_t) (last - p));

    return p != NULL ? p : last;
}


static inline void
add_name(rt_htoken_t *k, unsigned char c)
{
    if (k->len < RT_HNAME_MAX) {
        k->name[k->len++] = rt_lower(c);

    } else {
        k->len = RT_HNAME_MAX + 1;
    }
}


/* tags */


static void
begin_tag(rt_html_t *h, unsigned end)
{
    memset(&h->token, 0, sizeof(rt_htoken_t));

    h->token.end = (unsigned char) end;
    h->state = RT_HS_NAME;
}


static void
end_name(rt_html_t *h)
{
    rt_htoken_t  *k;

    k = &h->token;

    k->tag = rt_htag_find(k->name, k->len);
    h->state = RT_HS_BEFORE;
    h->html = 0;

    h->wanted = !k->end && (k->tag == RT_HTAG_SCRIPT
                            || k->tag == RT_HTAG_STYLE
                            || k->tag == RT_HTAG_LINK
                            || (k->tag == RT_HTAG_META && h->meta));

    if (h->wanted) {
        rt_hattr_start(&h->attr, k->tag == RT_HTAG_META,
                       h->meta | h->links);
    }
}


/* at its ">" */

static void
end_tag(rt_html_t *h, unsigned self_closing)
{
    unsigned     wanted;
    rt_hmade_e   made;

    wanted = h->wanted;

    h->state = RT_HS_DATA;
    h->wanted = 0;

    if (h->raw != RT_HTAG_OTHER) {
        /* its text was no markup, so it is none of the tree's */
        h->raw = RT_HTAG_OTHER;
        return;
    }

    if (h->token.len == 0) {
        /* one of those that were hopped over */
        return;
    }

    if (h->token.end) {
        rt_htree_end(&h->tree, &h->token);
        return;
    }

    h->token.self_closing = (unsigned char) self_closing;

    made = rt_htree_start(&h->tree, &h->token);

    if (made == RT_HMADE_TEXT) {
        h->state = RAW;
        h->raw = h->token.tag;
        h->escape = 0;
        h->count = 0;
    }

    h->ready = (wanted && made != RT_HMADE_NOT) ? RT_HREADY_TAG
                                                : RT_HREADY_NOT;
}


static const unsigned char *
tag_name(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    while (p < last && !rt_hends_name(*p)) {
        add_name(&h->token, *p++);
    }

    if (p < last) {
        end_name(h);
    }

    return p;
}


static const unsigned char *
attr_name(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    const unsigned char  *begin;

    begin = p;

    while (p < last && *p != '=' && !rt_hends_name(*p)) {
        p++;
    }

    if (h->wanted) {
        rt_hattr_name(&h->attr, begin, p);
    }

    if (p == last) {
        return p;
    }

    if (h->wanted) {
        rt_hattr_end_name(&h->attr, at(h, p));
    }

    h->state = RT_HS_AFTER;

    return p;
}


static const unsigned char *
before_value(rt_html_t *h, const unsigned char *p)
{
    if (*p == '>') {
        h->state = RT_HS_AFTER;
        return p;
    }

    h->state = (*p == '"') ? RT_HS_DOUBLE
               : (*p == '\'') ? RT_HS_SINGLE : RT_HS_BARE;

    p += (h->state != RT_HS_BARE);

    if (h->wanted) {
        rt_hattr_begin_value(&h->attr, at(h, p));
    }

    return p;
}


static const unsigned char *
value(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    int                   quoted;
    const unsigned char  *end;

    quoted = (h->state != RT_HS_BARE);

    if (quoted) {
        end = find(p, last, h->state == RT_HS_DOUBLE ? '"' : '\'');

    } else {
        for (end = p; end < last && *end != '>'; end++) {
            if (rt_hclass[*end] == RT_HC_SPACE) {
                break;
            }
        }
    }

    if (h->wanted) {
        rt_hattr_value(&h->attr, p, end, quoted);
    }

    if (end == last) {
        return last;
    }

    if (h->wanted) {
        rt_hattr_end_value(&h->attr, at(h, end));
    }

    h->state = RT_HS_BEFORE;

    return end + quoted;
}


/* between two parts of a tag, or at its end */

static const unsigned char *
between(rt_html_t *h, const unsigned char *p)
{
    unsigned  state;

    state = h->state;

    switch (rt_hclass[*p]) {

    case RT_HC_SPACE:
        h->state = (state == RT_HS_SLASH) ? RT_HS_BEFORE : state;
        return p + 1;

    case RT_HC_GT:
        end_tag(h, state == RT_HS_SLASH);
        return p + 1;

    case RT_HC_SLASH:
        h->state = RT_HS_SLASH;
        return p + 1;

    case RT_HC_EQUALS:
        if (state == RT_HS_AFTER) {
            h->state = RT_HS_EQUALS;
            return p + 1;
        }

        break;

    default:
        break;
    }

    /* even a "=" is part of the name there */

    h->state = RT_HS_ATTR;

    if (h->wanted) {
        rt_hattr_begin_name(&h->attr);
        rt_hattr_name(&h->attr, p, p + 1);
    }

    return p + 1;
}


/* what says that HTML is in an annotation-xml: seldom, so not told exactly */

static void
see_html(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    static const unsigned char  word[] = "html";

    for ( /* void */ ; p < last; p++) {

        if (rt_lower(*p) == word[h->html]) {
            h->html++;

        } else {
            h->html = (rt_lower(*p) == 'h');
        }

        if (h->html == sizeof(word) - 1 || *p == '&') {
            h->token.html = 1;
            h->html = 0;
        }
    }
}


/* everything between a tag's name and its ">" */

static const unsigned char *
in_tag(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    const unsigned char  *begin;

    begin = p;

    switch (h->state) {

    case RT_HS_ATTR:
        p = attr_name(h, p, last);
        break;

    case RT_HS_DOUBLE:
    case RT_HS_SINGLE:
    case RT_HS_BARE:
        p = value(h, p, last);
        break;

    case RT_HS_EQUALS:
        p = (rt_hclass[*p] == RT_HC_SPACE) ? p + 1 : before_value(h, p);
        break;

    default: /* RT_HS_BEFORE, RT_HS_AFTER, RT_HS_SLASH */
        return between(h, p);
    }

    if (h->token.tag == RT_HTAG_ANNOTATION_XML) {
        see_html(h, begin, p);
    }

    return p;
}


/* text */


static const unsigned char *
data(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    if (rt_htree_plain(&h->tree)) {
        p = rt_hop(h->marks, p, last, h->meta, &h->state);

        if (h->state != RT_HS_DATA) {
            memset(&h->token, 0, sizeof(rt_htoken_t));
            return p;
        }
    }

    p = find(p, last, '<');

    if (p == last) {
        return last;
    }

    h->start = at(h, p);
    h->state = RT_HS_OPEN;

    return p + 1;
}


static const unsigned char *
tag_open(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    (void) last;

    if (is_letter(*p)) {
        begin_tag(h, 0);
        return p;
    }

    switch (*p) {

    case '/':
        h->state = RT_HS_END_OPEN;
        return p + 1;

    case '!':
        h->state = DECLARATION;
        return p + 1;

    case '?':
        h->state = BOGUS;
        return p + 1;

    default:
        h->state = RT_HS_DATA;
        return p;
    }
}


static const unsigned char *
end_tag_open(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    (void) last;

    if (is_letter(*p)) {
        begin_tag(h, 1);

    } else {
        h->state = BOGUS;
    }

    return p;
}


/* comments and CDATA sections */


static const unsigned char *
declaration(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    static const unsigned char  word[] = "CDATA[";

    (void) last;

    if (h->state == DECLARATION && *p == '-') {
        h->state = DASH;
        return p + 1;
    }

    if (h->state == DECLARATION && *p == '[') {
        h->state = CDATA_WORD;
        h->count = 0;
        return p + 1;
    }

    if (h->state == DASH && *p == '-') {
        h->state = COMMENT;
        h->count = 0;
        h->fresh = 1;
        return p + 1;
    }

    if (h->state == CDATA_WORD && *p == word[h->count]) {

        if (++h->count == sizeof(word) - 1) {
            h->state = rt_htree_cdata(&h->tree) ? CDATA : BOGUS;
            h->count = 0;
        }

        return p + 1;
    }

    h->state = BOGUS;

    return p;
}


static const unsigned char *
bogus(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    p = find(p, last, '>');

    if (p == last) {
        return last;
    }

    h->state = RT_HS_DATA;

    return p + 1;
}


/*
 * h->count: dashes in front of p, 2 are enough.  The ones that begin a comment
 * end it, too, if a ">" follows, or one dash and a ">".
 */

static const unsigned char *
comment(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    if (h->state == COMMENT_BANG) {
        h->state = (*p == '>') ? RT_HS_DATA : COMMENT;
        h->count = 0;
        return p + (*p == '>');
    }

    if (*p == '-') {
        h->count += (h->count < 2);
        return p + 1;
    }

    if (*p == '>' && (h->count == 2 || h->fresh)) {
        h->state = RT_HS_DATA;
        return p + 1;
    }

    if (*p == '!' && h->count == 2) {
        h->state = COMMENT_BANG;
    }

    h->count = 0;
    h->fresh = 0;

    return (h->state == COMMENT_BANG) ? p + 1 : find(p + 1, last, '-');
}


static const unsigned char *
cdata(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    if (*p == ']') {
        h->count += (h->count < 2);
        return p + 1;
    }

    if (*p == '>' && h->count == 2) {
        h->state = RT_HS_DATA;
        return p + 1;
    }

    h->count = 0;

    return find(p + 1, last, ']');
}


/* text up to an end tag */


/* h->count: dashes in front of p, if it is escaped script data */

static const unsigned char *
raw(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    if (h->escape == 0) {
        p = find(p, last, '<');

        if (p == last) {
            return last;
        }
    }

    switch (*p) {

    case '<':
        h->state = RAW_WORD;
        h->start = at(h, p);
        h->token.len = 0;
        h->count = 0;
        break;

    case '-':
        h->count += (h->count < 2);
        break;

    case '>':
        if (h->count == 2) {
            h->escape = 0;
        }

        h->count = 0;
        break;

    default:
        h->count = 0;
        break;
    }

    return p + 1;
}


/*
 * "<script" and then "</script" in a "<!--" of a script begin and end a script
 * in it, whose own end tag is text.
 */

static void
raw_word(rt_html_t *h)
{
    rt_htag_e     tag;
    rt_htoken_t  *k;

    k = &h->token;

    k->end = (k->len && k->name[0] == '/');
    memmove(k->name, k->name + k->end, k->len);
    k->len -= k->end;
    memset(k->name + k->len, 0, RT_HTAG_ROOM);

    tag = rt_htag_find(k->name, k->len);
    h->state = RAW;

    if (k->end && tag == h->raw) {

        if (h->escape == 2) {
            h->escape = 1;

        } else {
            h->state = RT_HS_BEFORE;
            h->ready = h->texts;
            h->wanted = 0;
            k->tag = RT_HTAG_OTHER;
        }

    } else if (!k->end && tag == RT_HTAG_SCRIPT && h->escape == 1) {
        h->escape = 2;
    }
}


static const unsigned char *
raw_open(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    rt_htoken_t  *k;

    k = &h->token;

    for ( /* void */ ; p < last; p++) {

        if (is_letter(*p) || (*p == '/' && k->len == 0)) {

            /* no name that is looked for is that long */

            if (k->len == RT_HTAG_ROOM - 1) {
                h->state = RAW;
                return p;
            }

            k->name[k->len++] = rt_lower(*p);
            continue;
        }

        if (*p == '!' && k->len == 0 && h->raw == RT_HTAG_SCRIPT
            && h->escape == 0)
        {
            h->state = RAW_BANG;
            return p + 1;
        }

        h->state = RAW;

        if (rt_hends_name(*p)) {
            raw_word(h);
        }

        return p;
    }

    return last;
}


/* the two dashes that escape script data end that, too, if a ">" follows */

static const unsigned char *
raw_bang(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    (void) last;

    if (*p != '-') {
        h->state = RAW;
        h->count = 0;
        return p;
    }

    if (++h->count == 2) {
        h->state = RAW;
        h->escape = 1;
    }

    return p + 1;
}


static const read_pt  reads[STATES] = {
    [RT_HS_DATA] = data,
    [RT_HS_OPEN] = tag_open,
    [RT_HS_END_OPEN] = end_tag_open,
    [RT_HS_NAME] = tag_name,
    [RT_HS_BEFORE] = in_tag,
    [RT_HS_ATTR] = in_tag,
    [RT_HS_AFTER] = in_tag,
    [RT_HS_EQUALS] = in_tag,
    [RT_HS_DOUBLE] = in_tag,
    [RT_HS_SINGLE] = in_tag,
    [RT_HS_BARE] = in_tag,
    [RT_HS_SLASH] = in_tag,
    [DECLARATION] = declaration,
    [DASH] = declaration,
    [CDATA_WORD] = declaration,
    [COMMENT] = comment,
    [COMMENT_BANG] = comment,
    [BOGUS] = bogus,
    [CDATA] = cdata,
    [RAW] = raw,
    [RAW_WORD] = raw_open,
    [RAW_BANG] = raw_bang
};


void
rt_html_init(rt_html_t *h)
{
    memset(h, 0, offsetof(rt_html_t, tree));

    h->marks = rt_hmarks();
    h->esc = UINT64_MAX;

    rt_htree_init(&h->tree);
}


/* CSP's style-src or script-src decides about what it loads */

static int
loads(const rt_hattr_t *a)
{
    return rt_hattr_has(a, RT_HATTR_REL, "stylesheet")
           || rt_hattr_has(a, RT_HATTR_REL, "modulepreload")
           || (rt_hattr_has(a, RT_HATTR_REL, "preload")
               && (rt_hattr_has(a, RT_HATTR_AS, "script")
                   || rt_hattr_has(a, RT_HATTR_AS, "style")));
}


void
rt_html_look(rt_html_t *h, uint64_t offset, const unsigned char *buf,
    size_t len)
{
    size_t                i;
    const unsigned char  *esc;

    for (i = 0; i < len && offset + i < 2; i++) {

        if (offset + i == 0) {
            h->first = buf[i];

        } else if ((h->first == 0xfe && buf[i] == 0xff)
                   || (h->first == 0xff && buf[i] == 0xfe))
        {
            h->tree.stopped = RT_HSTOP_CHARSET;
        }
    }

    if (h->guess && h->esc == UINT64_MAX && len) {
        esc = memchr(buf, 0x1b, len);

        if (esc != NULL) {
            h->esc = offset + (uint64_t) (esc - buf);
        }
    }
}


static void
report(const rt_html_t *h, const unsigned char *p, rt_html_tag_t *tag)
{
    tag->start = h->start;
    tag->end = at(h, p);
    tag->tag = h->token.tag;
    tag->nonce = h->attr.nonce
                 && (tag->tag != RT_HTAG_META
                     || rt_hattr_is(&h->attr, RT_HATTR_NAMED, "csp-nonce")
                     || rt_hattr_is(&h->attr, RT_HATTR_PROPERTY, "csp-nonce"));
    tag->nonce_start = h->attr.start;
    tag->nonce_end = h->attr.end;
    tag->markup = h->attr.markup;
    tag->loads = (tag->tag == RT_HTAG_LINK && h->links && loads(&h->attr));
    tag->text = (h->state == RAW);
    tag->ends = (h->ready == RT_HREADY_TEXT);
}


rt_status_e
rt_html_next(rt_html_t *h, const unsigned char **pos,
    const unsigned char *last, rt_html_tag_t *tag)
{
    const unsigned char  *p;

    p = *pos;
    h->buf = p;
    h->ready = RT_HREADY_NOT;

    while (p < last && !h->ready) {

        if (h->tree.stopped) {
            p = last;
            break;
        }

        p = reads[h->state](h, p, last);
    }

    if (h->ready) {
        report(h, p, tag);
    }

    h->offset += (uint64_t) (p - *pos);
    *pos = p;

    return h->ready ? RT_OK : RT_AGAIN;
}


int
rt_html_in_nonce(const rt_html_t *h, uint64_t *start)
{
    *start = h->attr.start;

    return h->wanted && h->attr.in_nonce;
}


int
rt_html_open(const rt_html_t *h, uint64_t *start)
{
    *start = h->start;

    switch (h->state) {

    case RT_HS_OPEN:
    case RAW_WORD:
        return 1;

    case RT_HS_NAME:
        return !h->token.end && h->token.len < sizeof("script");

    default:
        return h->wanted;
    }
}
