
#include "html/rt_hscan.h"
#include "html/rt_hmode.h"


/* attr_kind */

#define KIND_NONCE     0x01
#define KIND_VALUE     0x02   /* the value is kept */


#define SPACE                                                                 \
    RT_HC_SPACE|RT_HC_TAG_END|RT_HC_NAME_END|RT_HC_VALUE_END

const unsigned char  rt_hclass[256] = {
    ['\t'] = SPACE, ['\n'] = SPACE, ['\f'] = SPACE, ['\r'] = SPACE,
    [' '] = SPACE,
    ['/'] = RT_HC_TAG_END|RT_HC_NAME_END,
    ['>'] = RT_HC_TAG_END|RT_HC_NAME_END|RT_HC_VALUE_END,
    ['='] = RT_HC_NAME_END
};


static inline uint64_t
at(const rt_html_t *h, const unsigned char *p)
{
    return h->offset + (uint64_t) (p - h->buf);
}


/*
 * A polynomial in the seed modulo 2^61 - 1: whoever does not know the seed
 * finds no two names that are taken for each other.  c: below 2^60
 */

#define PRIME  (((uint64_t) 1 << 61) - 1)

static inline uint64_t
hash_next(uint64_t hash, uint64_t seed, uint64_t c)
{
    unsigned __int128  product;

    product = (unsigned __int128) hash * seed + c + 1;
    hash = (uint64_t) (product & PRIME) + (uint64_t) (product >> 61);

    return hash >= PRIME ? hash - PRIME : hash;
}


/* where it does no harm when two are taken for each other */

static uint64_t
hash_fast(uint64_t hash, const unsigned char *p, const unsigned char *last)
{
    while (p < last) {
        hash = (hash ^ *p++) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }

    return hash;
}


uint64_t
rt_hname_hash(uint64_t hash, uint64_t seed, const unsigned char *name,
    unsigned len)
{
    unsigned  i, n;

    hash = hash_next(hash, seed, len);

    for (i = 0; i < len; i += n) {
        n = (len - i < 7) ? len - i : 7;
        hash = hash_next(hash, seed, rt_htag_word(name + i, n));
    }

    return hash;
}


static uint64_t
hash_lower(uint64_t hash, uint64_t seed, const unsigned char *p,
    const unsigned char *last)
{
    while (p < last) {
        hash = hash_next(hash, seed, rt_lower(*p++));
    }

    return hash;
}


/*
 * Bytes of a name in lower case: the first RT_HTML_NAME_MAX are stored, the
 * others only hashed.
 */

static inline void
take_name(rt_html_t *h, unsigned char *name, unsigned *len, uint64_t *hash,
    const unsigned char *p, const unsigned char *last)
{
    unsigned  n;

    n = *len;

    while (p < last && n < RT_HTML_NAME_MAX) {
        name[n++] = rt_lower(*p++);
    }

    if (p < last) {
        n = RT_HTML_NAME_MAX + 1;
        *hash = hash_lower(*hash, h->seed, p, last);
    }

    *len = n;
}


static inline unsigned
stored(unsigned len)
{
    return len < RT_HTML_NAME_MAX ? len : RT_HTML_NAME_MAX;
}


void
rt_html_init(rt_html_t *h, uint64_t seed)
{
    memset(h, 0, offsetof(rt_html_t, tree));

    rt_htree_init(&h->tree);

    h->seed = seed % (PRIME - 1000) + 500;
    h->text_matters = 1;
}


/* text */


void
rt_hflush_text(rt_html_t *h)
{
    if (h->text_seen) {
        rt_htree_text(&h->tree, h->text_seen);
        h->text_seen = 0;
        h->text_matters = (unsigned char) rt_htext_matters(&h->tree);
    }
}


void
rt_hsee_text(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    while (p < last && !(h->text_seen & RT_HSEEN_OTHER)) {

        if (rt_hclass[*p] & RT_HC_SPACE) {
            h->text_seen |= RT_HSEEN_SPACE;

        } else {
            h->text_seen |= *p ? RT_HSEEN_OTHER : RT_HSEEN_NUL;
        }

        p++;
    }
}


/* a byte order mark is no text */

static const unsigned char *
bom(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    static const unsigned char  mark[] = { 0xef, 0xbb, 0xbf };

    (void) last;

    if (*p == mark[h->count]) {
        if (++h->count == sizeof(mark)) {
            h->state = RT_HS_DATA;
        }

        return p + 1;
    }

    if (h->count) {
        h->text_seen |= RT_HSEEN_OTHER;
    }

    h->state = RT_HS_DATA;

    return p;
}


/* tags */


void
rt_hbegin_tag(rt_html_t *h, unsigned end)
{
    h->name_len = 0;
    h->name_hash = 0;
    memset(h->name, 0, RT_HTAG_ROOM);

    h->token.end = (unsigned char) end;
    h->token.flags = 0;
    h->token.self_closing = 0;
    h->token.attrs = 0;

    h->state = RT_HS_TAG_NAME;
}


static const unsigned char *
tag_open(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    (void) last;

    if (rt_hletter(*p)) {
        rt_hbegin_tag(h, 0);
        return p;
    }

    switch (*p) {

    case '/':
        h->state = RT_HS_END_TAG_OPEN;
        return p + 1;

    case '!':
        h->state = RT_HS_DECLARATION;
        return p + 1;

    case '?':
        h->state = RT_HS_BOGUS;
        return p + 1;

    default:
        h->text_seen |= RT_HSEEN_OTHER;
        h->state = RT_HS_DATA;
        return p;
    }
}


static const unsigned char *
end_tag_open(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    (void) last;

    if (rt_hletter(*p)) {
        rt_hbegin_tag(h, 1);
        return p;
    }

    if (*p == '>') {
        h->state = RT_HS_DATA;
        return p + 1;
    }

    h->state = RT_HS_BOGUS;

    return p;
}


#define ROW(name, what)  [RT_HTAG_##name] = what

const unsigned char  rt_hwanted[RT_HTAG_N] = {
    ROW(SCRIPT, RT_HWANT_TAG), ROW(STYLE, RT_HWANT_TAG),
    ROW(LINK, RT_HWANT_TAG),

    ROW(INPUT, RT_HWANT_TYPE), ROW(ANNOTATION_XML, RT_HWANT_ENCODING),
    ROW(FONT, RT_HWANT_FONT|RT_HWANT_HASH),

    /* of "a" there are never two in the list */

    ROW(B, RT_HWANT_HASH), ROW(BIG, RT_HWANT_HASH), ROW(CODE, RT_HWANT_HASH),
    ROW(EM, RT_HWANT_HASH), ROW(I, RT_HWANT_HASH), ROW(NOBR, RT_HWANT_HASH),
    ROW(S, RT_HWANT_HASH), ROW(SMALL, RT_HWANT_HASH),
    ROW(STRIKE, RT_HWANT_HASH), ROW(STRONG, RT_HWANT_HASH),
    ROW(TT, RT_HWANT_HASH), ROW(U, RT_HWANT_HASH)
};


static void
end_tag_name(rt_html_t *h)
{
    rt_htag_e  tag;

    tag = rt_htag_find(h->name, h->name_len);

    h->token.tag = tag;
    h->token.name = 0;

    if (tag == RT_HTAG_OTHER) {
        h->token.name = rt_hname_hash(h->name_hash, h->seed, h->name,
                                      stored(h->name_len));
    }

    h->want = h->token.end ? 0 : rt_hwanted[tag];
    h->state = RT_HS_BEFORE_NAME;

    if (h->want) {
        h->nattrs = 0;
        h->tag.nonce = 0;
        h->tag.markup = 0;
        h->tag.duplicate = 0;
        h->quoted_lt = 0;
    }
}


void
rt_hend_tag(rt_html_t *h, const unsigned char *p)
{
    rt_hresult_t  r;

    h->state = RT_HS_DATA;

    if (h->raw) {
        h->raw = RT_HTAG_OTHER;
        return;
    }

    rt_hflush_text(h);

    rt_htree_tag(&h->tree, &h->token, &r);

    h->text_matters = (unsigned char) rt_htext_matters(&h->tree);
    h->stopped = h->tree.stopped;
    h->in_nonce = 0;

    if (!r.made) {
        return;
    }

    if (r.text != RT_HTEXT_DATA) {
        /* its end tag is all that ends its text, whatever kind it is of;
           script data has more to it: rt_hskip.c */
        h->state = RT_HS_RAW;
        h->raw = h->token.tag;
        h->escape = 0;
    }

    if (h->want & RT_HWANT_TAG) {
        h->ready = 1;
        h->tag.tag = h->token.tag;
        h->tag.end = at(h, p);
        h->tag.foreign = r.foreign;
        h->tag.self_closing = h->token.self_closing;
    }
}


/* attributes */


static void
begin_attr(rt_html_t *h)
{
    h->attr_len = 0;
    h->attr_hash = 0;
    h->attr_kind = 0;
    h->match = 0;
    h->state = RT_HS_ATTR_NAME;
}


/*
 * In a quoted value, which may hold markup for reasons of its own: looks for
 * "<script", "<style" and "<link", case folded.  The state is the
 * number of characters matched, plus MATCH_STYLE or MATCH_LINK when no other
 * name is possible any more, and MATCHED at the end.
 */

#define MATCH_STYLE  8
#define MATCH_LINK   16
#define MATCHED      64

static void
match_markup(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    unsigned               m;
    unsigned char          c;
    static const char      script[] = "<script", style[] = "<style";
    static const char      link[] = "<link";

    m = h->match;

    if (m == 0) {
        p = rt_hfind_byte(p, last, '<');

        if (p == NULL) {
            return;
        }
    }

    h->quoted_lt = 1;

    for ( /* void */ ; p < last && m != MATCHED; p++) {
        c = rt_lower(*p);

        if (m == 1 && c == 'l') {
            m = MATCH_LINK + 2;

        } else if (m == 2 && c == 't') {
            m = MATCH_STYLE + 3;

        } else if (c == (unsigned char)
                        (m < MATCH_STYLE ? script[m]
                         : m < MATCH_LINK ? style[m - MATCH_STYLE]
                         : link[m - MATCH_LINK]))
        {
            m++;

        } else {
            m = (c == '<');
        }

        if (m == sizeof(script) - 1 || m == MATCH_STYLE + sizeof(style) - 1
            || m == MATCH_LINK + sizeof(link) - 1)
        {
            m = MATCHED;
            h->tag.markup = 1;
        }
    }

    h->match = m;
}


/*
 * Outside of quotes, in a name or an unquoted value: looks for the "<" of the
 * tag that was swallowed.  If a quoted value has taken that "<" in, it ended
 * where a value of the swallowed tag begins, and the quote that ends that one
 * is found here.
 */

static void
match_bare(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    for ( /* void */ ; p < last; p++) {

        if (*p == '<' || (h->quoted_lt && (*p == '"' || *p == '\''))) {
            h->tag.markup = 1;
            return;
        }
    }
}


static void
take_attr(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    take_name(h, h->attr, &h->attr_len, &h->attr_hash, p, last);

    if (h->want & RT_HWANT_TAG) {
        match_bare(h, p, last);
    }
}


#define attr_is(h, lit)                                                       \
    ((h)->attr_len == sizeof(lit) - 1                                         \
     && memcmp((h)->attr, lit, sizeof(lit) - 1) == 0)


/* ret: 1 if an attribute of this name was there before */

static int
seen_attr(rt_html_t *h)
{
    unsigned  i;
    uint32_t  hash;

    hash = (uint32_t) h->attr_hash;

    for (i = 0; i < h->nattrs; i++) {
        if (h->attrs[i] == hash) {
            return 1;
        }
    }

    if (h->nattrs == RT_HTML_ATTRS_MAX) {
        return 1;
    }

    h->attrs[h->nattrs++] = hash;

    return 0;
}


static void
end_attr_name(rt_html_t *h, const unsigned char *p)
{
    h->attr_hash = hash_fast(h->attr_hash, h->attr,
                             h->attr + stored(h->attr_len));
    h->value_hash = 0;
    h->value_len = 0;

    if (seen_attr(h)) {
        h->tag.duplicate = 1;
        return;
    }

    if (h->want & RT_HWANT_HASH) {
        h->token.attrs += h->attr_hash;
    }

    if ((h->want & RT_HWANT_TAG) && attr_is(h, "nonce")) {
        h->attr_kind = KIND_NONCE;
        h->tag.nonce = 1;
        h->tag.nonce_start = at(h, p);
        h->tag.nonce_end = h->tag.nonce_start;

    } else if (((h->want & RT_HWANT_TYPE) && attr_is(h, "type"))
               || ((h->want & RT_HWANT_ENCODING) && attr_is(h, "encoding")))
    {
        h->attr_kind = KIND_VALUE;

    } else if ((h->want & RT_HWANT_FONT)
               && (attr_is(h, "color") || attr_is(h, "face")
                   || attr_is(h, "size")))
    {
        h->token.flags |= RT_HATTR_FONT;
    }
}


static void
begin_value(rt_html_t *h, const unsigned char *p)
{
    h->match = 0;

    if (h->attr_kind == KIND_NONCE) {
        h->in_nonce = 1;
        h->tag.nonce_start = at(h, p);
    }
}


static void
take_value(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    if (h->want == 0) {
        return;
    }

    if (h->want & RT_HWANT_TAG) {

        if (h->state == RT_HS_QUOTED) {
            match_markup(h, p, last);

        } else {
            match_bare(h, p, last);
        }
    }

    if (h->want & RT_HWANT_HASH) {
        h->value_hash = hash_fast(h->value_hash, p, last);
    }

    if (h->attr_kind == KIND_VALUE) {

        if (memchr(p, '&', (size_t) (last - p)) != NULL) {
            h->token.flags |= RT_HATTR_UNSURE;
        }

        take_name(h, h->value, &h->value_len, &h->value_hash, p, last);
    }
}


#define value_is(h, lit)                                                      \
    ((h)->value_len == sizeof(lit) - 1                                        \
     && memcmp((h)->value, lit, sizeof(lit) - 1) == 0)


static void
end_value(rt_html_t *h, const unsigned char *p)
{
    if (h->attr_kind == KIND_NONCE) {
        h->tag.nonce_end = at(h, p);

    } else if (h->attr_kind == KIND_VALUE) {

        if ((h->want & RT_HWANT_TYPE) && value_is(h, "hidden")) {
            h->token.flags |= RT_HATTR_HIDDEN;
        }

        if ((h->want & RT_HWANT_ENCODING)
            && (value_is(h, "text/html")
                || value_is(h, "application/xhtml+xml")))
        {
            h->token.flags |= RT_HATTR_HTML;
        }
    }

    if (h->want & RT_HWANT_HASH) {
        h->token.attrs += h->value_hash * (h->attr_hash | 1);
    }
}


static const unsigned char *
attr_name(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    const unsigned char  *begin;

    begin = p;

    p = rt_hfind_end(p, last, RT_HC_NAME_END);

    if (h->want) {
        take_attr(h, begin, p);
    }

    if (p == last) {
        return p;
    }

    if (h->want) {
        end_attr_name(h, p);
    }

    if (*p == '=') {
        h->state = RT_HS_BEFORE_VALUE;
        return p + 1;
    }

    h->state = RT_HS_AFTER_NAME;

    return p;
}


static const unsigned char *
value(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    const unsigned char  *end;

    if (h->state == RT_HS_QUOTED) {
        end = rt_hfind_byte(p, last, h->quote);

        if (end == NULL) {
            end = last;
        }

    } else {
        end = p;

        while (end < last && !(rt_hclass[*end] & RT_HC_VALUE_END)) {
            end++;
        }
    }

    if (h->want) {
        take_value(h, p, end);
    }

    if (end == last) {
        return last;
    }

    if (h->want) {
        end_value(h, end);
    }

    end += (h->state == RT_HS_QUOTED);
    h->state = RT_HS_BEFORE_NAME;

    return end;
}


static const unsigned char *
before_value(rt_html_t *h, const unsigned char *p)
{
    if (*p == '"' || *p == '\'') {
        h->quote = *p++;
        h->state = RT_HS_QUOTED;
        begin_value(h, p);

    } else if (*p == '>') {
        h->state = RT_HS_AFTER_NAME;

    } else {
        h->state = RT_HS_UNQUOTED;
        begin_value(h, p);
    }

    return p;
}


/* everything between a tag's name and its '>' */

static const unsigned char *
in_tag(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    while (p < last) {

        switch (h->state) {

        case RT_HS_ATTR_NAME:
            p = attr_name(h, p, last);
            continue;

        case RT_HS_QUOTED:
        case RT_HS_UNQUOTED:
            p = value(h, p, last);
            continue;

        case RT_HS_SLASH:
            if (*p == '>') {
                h->token.self_closing = 1;
                rt_hend_tag(h, p + 1);
                return p + 1;
            }

            h->state = RT_HS_BEFORE_NAME;
            continue;
        }

        if (rt_hclass[*p] & RT_HC_SPACE) {
            p++;
            continue;
        }

        if (h->state == RT_HS_BEFORE_VALUE) {
            p = before_value(h, p);
            continue;
        }

        /* RT_HS_BEFORE_NAME or RT_HS_AFTER_NAME */

        if (*p == '>') {
            rt_hend_tag(h, p + 1);
            return p + 1;
        }

        if (*p == '/') {
            h->state = RT_HS_SLASH;
            p++;

        } else if (*p == '=' && h->state == RT_HS_AFTER_NAME) {
            h->state = RT_HS_BEFORE_VALUE;
            p++;

        } else {
            begin_attr(h);

            /* even a '=' is part of the name there */

            if (h->want) {
                take_attr(h, p, p + 1);
            }

            p++;
        }
    }

    return p;
}


static const unsigned char *
tag_name(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    const unsigned char  *begin;

    begin = p;
    p = rt_hfind_end(p, last, RT_HC_TAG_END);

#if defined(__SSE2__)

    if (last - begin >= 16 && p - begin <= 16 && h->name_len == 0) {
        h->name_len = (unsigned) (p - begin);
        rt_htake_name(h->name, begin, h->name_len);

    } else
#endif
    {
        take_name(h, h->name, &h->name_len, &h->name_hash, begin, p);
    }

    if (p == last) {
        return p;
    }

    end_tag_name(h);

    if (*p == '>') {
        rt_hend_tag(h, p + 1);
        return p + 1;
    }

    return in_tag(h, p, last);
}


static const unsigned char *
data(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    const unsigned char  *lt;

    p = rt_hquick(h, p, last);

    if (p == last || h->state != RT_HS_DATA || h->stopped) {
        return p;
    }

    lt = rt_hfind_byte(p, last, '<');

    if (h->text_matters) {
        rt_hsee_text(h, p, lt != NULL ? lt : last);
    }

    if (lt == NULL) {
        return last;
    }

    h->tag.start = at(h, lt);
    h->state = RT_HS_TAG_OPEN;

    return lt + 1;
}


static const rt_hscan_pt  scan[RT_HS_DECLARATION] = {
    [RT_HS_BOM] = bom,
    [RT_HS_DATA] = data,
    [RT_HS_TAG_OPEN] = tag_open,
    [RT_HS_END_TAG_OPEN] = end_tag_open,
    [RT_HS_TAG_NAME] = tag_name,
    [RT_HS_BEFORE_NAME] = in_tag,
    [RT_HS_ATTR_NAME] = in_tag,
    [RT_HS_AFTER_NAME] = in_tag,
    [RT_HS_BEFORE_VALUE] = in_tag,
    [RT_HS_QUOTED] = in_tag,
    [RT_HS_UNQUOTED] = in_tag,
    [RT_HS_SLASH] = in_tag,
};


rt_status_e
rt_html_next(rt_html_t *h, const unsigned char **pos,
    const unsigned char *last, rt_html_tag_t *tag)
{
    const unsigned char  *p;

    p = *pos;
    h->buf = p;
    h->ready = 0;

    while (p < last && !h->ready) {

        if (h->stopped) {
            p = last;
            break;
        }

        p = (h->state < RT_HS_DECLARATION ? scan : rt_hskip)[h->state](h, p,
                                                                      last);
    }

    h->offset += (uint64_t) (p - *pos);
    *pos = p;

    if (h->ready) {
        h->ready = 0;
        *tag = h->tag;
        return RT_OK;
    }

    return RT_AGAIN;
}


int
rt_html_in_nonce(const rt_html_t *h, uint64_t *start)
{
    *start = h->tag.nonce_start;

    return h->in_nonce;
}
