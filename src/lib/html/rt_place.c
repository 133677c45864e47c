
#include "html/rt_place.h"


#define ATTR  (sizeof(" nonce=") - 1)


static void
emit(rt_place_t *n, rt_nonce_op_e op, const unsigned char *data, size_t len)
{
    if (len && n->rc == RT_OK) {
        n->rc = n->emit(n->ctx, op, data, len);
    }
}


static inline const unsigned char *
ptr(const rt_place_t *n, uint64_t offset)
{
    return n->buf + (offset - n->base);
}


/* the document up to to goes on as it is, or, not shown, is left out */

static void
advance(rt_place_t *n, uint64_t to, int shown)
{
    size_t  len;

    if (n->first < n->held && n->done < to) {

        len = n->held - n->first;
        len = len < to - n->done ? len : (size_t) (to - n->done);

        if (shown) {
            emit(n, RT_NONCE_COPY, n->hold + n->first, len);
        }

        n->first += len;
        n->done += len;
    }

    if (n->done < to) {

        if (shown) {
            emit(n, RT_NONCE_PASS, ptr(n, n->done), (size_t) (to - n->done));
        }

        n->done = to;
    }
}


/* what is not emitted yet is in hold up to to, or further */

static void
hold(rt_place_t *n, uint64_t to)
{
    size_t    len;
    uint64_t  from;

    if (n->first == n->held) {
        n->first = 0;
        n->held = 0;
    }

    from = n->done + (n->held - n->first);

    if (from < to) {
        len = (size_t) (to - from);

        memcpy(n->hold + n->held, ptr(n, from), len);
        n->held += len;
    }
}


/* a part of the document that is not emitted yet, in one piece */

static rt_str_t
part(rt_place_t *n, uint64_t from, uint64_t to)
{
    rt_str_t  text;

    text.len = (size_t) (to - from);

    if (from >= n->base) {
        text.data = (unsigned char *) ptr(n, from);

    } else {
        hold(n, to);
        text.data = n->hold + n->first + (from - n->done);
    }

    return text;
}


static void
refuse(rt_place_t *n, const rt_html_tag_t *tag, unsigned why)
{
    n->waiting = 0;
    n->refused++;

    rt_nonce_lose(&n->lost, why, tag->start);
}


/*
 * A nonce that is there is replaced, for a browser reads the first of two, and
 * CSP3 has it run neither.
 */

static void
place(rt_place_t *n, const rt_html_tag_t *tag)
{
    rt_str_t  next;
    uint64_t  at;

    n->waiting = 0;

    if (tag->nonce) {
        next = part(n, tag->nonce_start - 1, tag->nonce_start);

        if (tag->nonce_start == tag->nonce_end
            && next.data[0] != '"' && next.data[0] != '\'')
        {
            refuse(n, tag, RT_LOST_VALUE);
            return;
        }

        advance(n, tag->nonce_start, 1);
        emit(n, RT_NONCE_PUT, n->nonce.data, n->nonce.len);
        advance(n, tag->nonce_end, 0);

    } else {
        at = tag->start + 1 + strlen(rt_htag_name(tag->tag));
        next = part(n, at, at + 1);

        advance(n, at, 1);

        /* a "/" would be part of the value */

        emit(n, RT_NONCE_PUT, n->attr,
             ATTR + n->nonce.len + (next.data[0] == '/'));
    }

    n->placed++;
}


/* without a list */

static rt_allow_e
every(const rt_html_tag_t *tag, unsigned *why)
{
    if (tag->nonce || (tag->tag == RT_HTAG_LINK && !tag->loads)) {
        return RT_ALLOW_NEEDLESS;
    }

    *why = RT_LOST_MARKUP;

    return tag->markup ? RT_ALLOW_NO : RT_ALLOW_YES;
}


static void
start(rt_place_t *n, const rt_html_tag_t *tag)
{
    unsigned    why;
    rt_str_t    text;
    rt_allow_e  allowed;

    if (tag->end - tag->start > RT_NONCE_TAG_MAX) {
        refuse(n, tag, RT_LOST_TAG);
        return;
    }

    text = part(n, tag->start, tag->end);
    allowed = n->allow ? rt_allow_tag(n->allow, tag, &text, &why)
                       : every(tag, &why);

    switch (allowed) {

    case RT_ALLOW_YES:
        place(n, tag);
        break;

    case RT_ALLOW_TEXT:
        n->tag = *tag;
        n->waiting = 1;
        break;

    case RT_ALLOW_NO:
        refuse(n, tag, why);
        break;

    default: /* RT_ALLOW_NEEDLESS */
        break;
    }
}


/* the text of the tag that waits ends at offset at */

static void
decide(rt_place_t *n, uint64_t at)
{
    rt_str_t  text;

    if (at - n->tag.end > RT_PLACE_TEXT_MAX) {
        refuse(n, &n->tag, RT_LOST_BODY);
        return;
    }

    text = part(n, n->tag.end, at);

    if (rt_allow_text(n->allow, &text, n->utf8)) {
        place(n, &n->tag);

    } else {
        refuse(n, &n->tag, RT_LOST_HASH);
    }
}


static void
scan(rt_place_t *n, size_t len)
{
    size_t                upto;
    rt_html_tag_t         tag;
    const unsigned char  *p;

    if (n->tokens.tree.stopped) {
        return;
    }

    rt_html_look(&n->tokens, n->base, n->buf, len);

    upto = n->tokens.esc < n->end ? (size_t) (n->tokens.esc - n->base)
                                     : len;
    p = n->buf;

    while (rt_html_next(&n->tokens, &p, n->buf + upto, &tag) == RT_OK) {

        if (!tag.ends) {
            start(n, &tag);

        } else if (n->waiting) {
            decide(n, tag.start);
        }
    }

    if (n->tokens.tree.stopped) {
        rt_nonce_lose(&n->lost, n->tokens.tree.stopped, n->tokens.start);

    } else if (upto < len) {
        n->tokens.tree.stopped = RT_HSTOP_CHARSET;
        rt_nonce_lose(&n->lost, RT_HSTOP_CHARSET, n->tokens.esc);
    }
}


/* ret: from where on the document, up to n->end, waits for what follows */

static uint64_t
undecided(rt_place_t *n)
{
    int       open;
    uint64_t  begun;

    if (n->tokens.tree.stopped) {
        return n->end;
    }

    open = rt_html_open(&n->tokens, &begun);

    if (n->waiting) {

        if ((open ? begun : n->end) - n->tag.end <= RT_PLACE_TEXT_MAX) {
            return n->tag.start;
        }

        refuse(n, &n->tag, RT_LOST_BODY);
    }

    return open && n->end - begun <= RT_NONCE_TAG_MAX ? begun : n->end;
}


rt_status_e
rt_place_feed(rt_place_t *n, const unsigned char *buf, size_t len, int last)
{
    uint64_t  keep;

    n->buf = buf;
    n->end = n->base + len;

    if (len) {
        scan(n, len);
    }

    keep = undecided(n);

    if (last) {
        keep = n->end;
    }

    /* stopped, or at the end, in a text */

    if (n->waiting && keep == n->end) {
        refuse(n, &n->tag, RT_LOST_HASH);
    }

    advance(n, keep, 1);
    hold(n, n->end);

    n->base = n->end;

    return n->rc;
}


static int
hashes(const rt_allow_t *allow)
{
    return allow != NULL && allow->nhash;
}


/* a text is held with what its end tag's name begins with */

size_t
rt_place_size(const rt_allow_t *allow)
{
    return sizeof(rt_place_t) + RT_NONCE_TAG_MAX
           + (hashes(allow) ? RT_PLACE_TEXT_MAX + RT_HTAG_ROOM + 2 : 0);
}


void
rt_place_init(rt_place_t *n, const rt_allow_t *allow, const rt_str_t *nonce,
    int utf8, rt_nonce_emit_pt emit_pt, void *ctx)
{
    memset(n, 0, offsetof(rt_place_t, tokens));

    n->allow = allow;
    n->nonce.len = nonce->len;
    n->nonce.data = n->attr + ATTR;
    n->utf8 = utf8;
    n->emit = emit_pt;
    n->ctx = ctx;

    rt_html_init(&n->tokens);

    rt_html_links(&n->tokens);
    n->tokens.texts = hashes(allow) ? RT_HREADY_TEXT : RT_HREADY_NOT;

    memcpy(n->attr, " nonce=", ATTR);
    memcpy(n->nonce.data, nonce->data, nonce->len);
    n->nonce.data[nonce->len] = ' ';
}
