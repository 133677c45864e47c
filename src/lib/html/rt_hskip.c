
/*
 * What the tokenizer only has to find the end of: comments, doctype, CDATA
 * sections, and the text of raw text elements and scripts.
 */

#include "html/rt_hscan.h"


/* comments, doctype, CDATA sections */


static const unsigned char *
declaration(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    (void) last;

    h->count = 1;

    switch (*p) {

    case '-':
        h->state = RT_HS_DASH;
        return p + 1;

    case 'd':
    case 'D':
        h->state = RT_HS_DOCTYPE_WORD;
        return p + 1;

    case '[':
        h->state = RT_HS_CDATA_WORD;
        return p + 1;

    default:
        h->state = RT_HS_BOGUS;
        return p;
    }
}


static const unsigned char *
dash(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    (void) last;

    if (*p != '-') {
        h->state = RT_HS_BOGUS;
        return p;
    }

    h->state = RT_HS_COMMENT_START;
    h->count = 0;

    return p + 1;
}


static const unsigned char *
doctype_word(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    static const char  word[] = "doctype";

    (void) last;

    if (rt_lower(*p) != (unsigned char) word[h->count]) {
        h->state = RT_HS_BOGUS;
        return p;
    }

    if (++h->count == sizeof(word) - 1) {
        h->state = RT_HS_DOCTYPE;
        h->doctype_len = 0;
    }

    return p + 1;
}


static const unsigned char *
cdata_word(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    static const char  word[] = "[CDATA[";

    (void) last;

    if (*p != (unsigned char) word[h->count]) {
        h->state = RT_HS_BOGUS;
        return p;
    }

    if (++h->count == sizeof(word) - 1) {
        rt_hflush_text(h);
        h->state = rt_htree_cdata(&h->tree) ? RT_HS_CDATA : RT_HS_BOGUS;
        h->stopped = h->tree.stopped;
        h->count = 0;
    }

    return p + 1;
}


/* "<!-->" and "<!--->" are whole comments */

static const unsigned char *
comment_start(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    (void) last;

    if (*p == '>') {
        h->state = RT_HS_DATA;
        return p + 1;
    }

    if (*p == '-' && h->count == 0) {
        h->count = 1;
        return p + 1;
    }

    /* a second dash is the first half of an end with the one before */
    h->state = RT_HS_COMMENT;

    return p;
}


/* count: dashes before p */

static const unsigned char *
comment(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    while (p < last) {

        if (*p == '-') {
            h->count += (h->count < 2);
            p++;
            continue;
        }

        if (h->count == 2 && *p == '>') {
            h->state = RT_HS_DATA;
            return p + 1;
        }

        if (h->count == 2 && *p == '!') {
            h->state = RT_HS_COMMENT_BANG;
            return p + 1;
        }

        h->count = 0;
        p = memchr(p, '-', (size_t) (last - p));

        if (p == NULL) {
            return last;
        }
    }

    return last;
}


/* "--!" was read: with ">" it is an end as well */

static const unsigned char *
comment_bang(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    (void) last;

    if (*p == '>') {
        h->state = RT_HS_DATA;
        return p + 1;
    }

    h->state = RT_HS_COMMENT;
    h->count = 0;

    return p;
}


static const unsigned char *
bogus(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    p = memchr(p, '>', (size_t) (last - p));

    if (p == NULL) {
        return last;
    }

    h->state = RT_HS_DATA;

    return p + 1;
}


static const unsigned char *
doctype(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    while (p < last) {

        if (*p == '>') {
            rt_hflush_text(h);
            rt_htree_doctype(&h->tree, h->doctype, h->doctype_len);
            h->state = RT_HS_DATA;
            return p + 1;
        }

        if ((h->doctype_len || !(rt_hclass[*p] & RT_HC_SPACE))
            && h->doctype_len < RT_HDOCTYPE_MAX)
        {
            h->doctype[h->doctype_len++] = rt_lower(*p);
        }

        p++;
    }

    return p;
}


/* count: brackets before p */

static const unsigned char *
cdata(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    while (p < last) {

        if (*p == ']') {
            h->count += (h->count < 2);
            p++;
            continue;
        }

        if (*p == '>' && h->count == 2) {
            h->state = RT_HS_DATA;
            return p + 1;
        }

        if (h->text_matters) {
            if (h->count) {
                h->text_seen |= RT_HSEEN_OTHER;
            }

            rt_hsee_text(h, p, p + 1);
        }

        h->count = 0;
        p++;
    }

    return p;
}


/* RCDATA, raw text and script data: up to the end tag of raw */


static const unsigned char *
raw(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    p = memchr(p, '<', (size_t) (last - p));

    if (p == NULL) {
        return last;
    }

    h->state = RT_HS_RAW_OPEN;
    h->count = 0;

    return p + 1;
}


static const unsigned char *
raw_open(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    (void) last;

    if (*p == '/') {
        h->state = RT_HS_RAW_END;
        return p + 1;
    }

    if (*p == '!' && h->raw == RT_HTAG_SCRIPT) {
        h->state = RT_HS_SCRIPT_DASH;
        return p + 1;
    }

    h->state = RT_HS_RAW;

    return p;
}


/* the next letter of the name of the raw element; ret: 1 if it is */

static int
raw_letter(rt_html_t *h, unsigned char c)
{
    const char  *name;

    name = rt_htag_name(h->raw);

    if (name[h->count] == '\0'
        || rt_lower(c) != (unsigned char) name[h->count])
    {
        return 0;
    }

    h->count++;

    return 1;
}


static int
raw_name_ends(const rt_html_t *h, unsigned char c)
{
    return rt_htag_name(h->raw)[h->count] == '\0'
           && (rt_hclass[c] & RT_HC_TAG_END);
}


/* "</" was read; count: letters of the name matched */

static const unsigned char *
raw_end(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    while (p < last && raw_letter(h, *p)) {
        p++;
    }

    if (p == last) {
        return p;
    }

    if (raw_name_ends(h, *p)) {
        rt_hbegin_tag(h, 1);
        h->want = 0;
        h->state = RT_HS_BEFORE_NAME;

    } else {
        h->state = h->escape ? RT_HS_ESCAPED : RT_HS_RAW;
        h->count = 0;
    }

    return p;
}


/* "<!" was read in script data; count: dashes */

static const unsigned char *
script_dash(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    (void) last;

    if (*p != '-') {
        h->state = RT_HS_RAW;
        return p;
    }

    if (++h->count == 2) {
        h->state = RT_HS_ESCAPED;
        h->escape = 1;
    }

    return p + 1;
}


/* after "<!--" in script data; count: dashes before p */

static const unsigned char *
escaped(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    for ( /* void */ ; p < last; p++) {

        switch (*p) {

        case '-':
            h->count += (h->count < 2);
            continue;

        case '<':
            h->state = RT_HS_ESCAPED_OPEN;
            h->count = 0;
            return p + 1;

        case '>':
            if (h->count == 2) {
                h->state = RT_HS_RAW;
                h->escape = 0;
                return p + 1;
            }
        }

        h->count = 0;
    }

    return p;
}


static const unsigned char *
escaped_open(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    (void) last;

    if (*p == '/') {
        h->state = h->escape == 2 ? RT_HS_ESCAPED_NAME : RT_HS_RAW_END;
        return p + 1;
    }

    h->state = (h->escape == 1 && rt_hletter(*p)) ? RT_HS_ESCAPED_NAME
                                                  : RT_HS_ESCAPED;
    return p;
}


/* "<script" begins the double escaped state, "</script" ends it */

static const unsigned char *
escaped_name(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    while (p < last && raw_letter(h, *p)) {
        p++;
    }

    if (p == last) {
        return p;
    }

    if (raw_name_ends(h, *p)) {
        h->escape = 3 - h->escape;
        p++;
    }

    h->state = RT_HS_ESCAPED;
    h->count = 0;

    return p;
}


const rt_hscan_pt  rt_hskip[RT_HS_N] = {
    [RT_HS_DECLARATION] = declaration,
    [RT_HS_DASH] = dash,
    [RT_HS_DOCTYPE_WORD] = doctype_word,
    [RT_HS_CDATA_WORD] = cdata_word,
    [RT_HS_COMMENT_START] = comment_start,
    [RT_HS_COMMENT] = comment,
    [RT_HS_COMMENT_BANG] = comment_bang,
    [RT_HS_BOGUS] = bogus,
    [RT_HS_DOCTYPE] = doctype,
    [RT_HS_CDATA] = cdata,
    [RT_HS_RAW] = raw,
    [RT_HS_RAW_OPEN] = raw_open,
    [RT_HS_RAW_END] = raw_end,
    [RT_HS_SCRIPT_DASH] = script_dash,
    [RT_HS_ESCAPED] = escaped,
    [RT_HS_ESCAPED_OPEN] = escaped_open,
    [RT_HS_ESCAPED_NAME] = escaped_name,
};
