
#include "html/rt_nonce.h"


static void
emit(rt_nonce_t *n, rt_nonce_op_e op, const unsigned char *data, size_t len)
{
    if (len && n->rc == RT_OK) {
        n->rc = n->emit(n->ctx, op, data, len);
    }
}


/* behind a SECRET that waits, all else waits, too */

static void
put(rt_nonce_t *n, const unsigned char *data, size_t len)
{
    if (!n->waiting) {
        emit(n, RT_NONCE_COPY, data, len);
        return;
    }

    memcpy(n->hold + n->held, data, len);
    n->held += len;
}


static void
put_fill(rt_nonce_t *n, size_t len)
{
    if (!n->waiting) {
        emit(n, RT_NONCE_FILL, n->secret->filling, len);
        return;
    }

    memset(n->hold + n->held, n->secret->fill, len);
    n->held += len;
}


static inline const unsigned char *
ptr(const rt_nonce_t *n, uint64_t offset)
{
    return n->buf + (offset - n->base);
}


/* the input up to to, as it is */

static void
pass(rt_nonce_t *n, uint64_t to)
{
    size_t    len;
    uint64_t  first;

    if (n->done < n->base && n->done < to) {

        /* bytes of the buffers before: they are SECRET's first */

        first = n->base - n->matched;
        len = (size_t) ((to < n->base ? to : n->base) - n->done);

        put(n, n->secret->text + (n->done - first), len);
        n->done += len;
    }

    if (n->done >= to) {
        return;
    }

    len = (size_t) (to - n->done);

    if (n->waiting) {
        put(n, ptr(n, n->done), len);

    } else {
        emit(n, RT_NONCE_PASS, ptr(n, n->done), len);
    }

    n->done = to;
}


/* why no nonce is placed any more, or in one tag */

static const struct {
    const char  *word;
    const char  *text;
} losses[] = {
    [RT_HSTOP_NONE] = { NULL, NULL },
    [RT_HSTOP_SELECT] = { "select", "a <select> before it, which may be open, "
                          "holds tags that browsers read differently: close "
                          "it, and keep to options in it" },
    [RT_HSTOP_FRAMESET] = { "frameset", "a <frameset> before it has no "
                            "scripts: remove it" },
    [RT_HSTOP_TEMPLATE] = { "template", "a <col> is the first in a <template> "
                            "before it, and drops what follows: put a "
                            "<colgroup> around it" },
    [RT_HSTOP_FOREIGN] = { "svg", "an <svg> or <math> before it is not closed, "
                           "or holds tags that may end it: close each element "
                           "in it" },
    [RT_HSTOP_DEPTH] = { "depth", "elements of an <svg> or <math> before it "
                         "are nested too deep, or have a long name: close "
                         "them" },
    [RT_HSTOP_PLAINTEXT] = { "plaintext", "all behind <plaintext> is text: "
                             "use <pre>" },
    [RT_HSTOP_CDATA] = { "cdata", "a \"<![CDATA[\" before it is read "
                         "differently by browsers: remove it" },
    [RT_HSTOP_LENGTH] = { "length", "it is behind the end that Content-Length "
                          "announced: let upstream send the right one" },
    [RT_HSTOP_CHARSET] = { "charset", "bytes before it may be UTF-16 or "
                           "ISO-2022: send UTF-8, and say so in Content-Type "
                           "(charset utf-8)" },
    [RT_LOST_TAG] = { "tag", "its tag is longer than 8192 bytes: move data "
                      "out of its attributes" },
    [RT_LOST_SRC] = { "src", "its address is not allowed: write it in full, "
                      "and a src= of \"rtcsp_nonce gated\" that it is below" },
    [RT_LOST_HASH] = { "hash", "the hash of its text is not allowed: write it "
                       "into the file of hash=, with \"rt csp hash\"" },
    [RT_LOST_BODY] = { "body", "its text is longer than 65536 bytes: move it "
                       "to a file" },
    [RT_LOST_FOREIGN] = { "foreign", "it is part of SVG or MathML: move it "
                          "out of there" },
    [RT_LOST_MARKUP] = { "markup", "its tag has another one in its "
                         "attributes: encode \"<\" there as \"&lt;\"" },
    [RT_LOST_VALUE] = { "value", "its nonce has no value in quotes: remove it, "
                        "or write nonce=\"\"" }
};


_Static_assert(sizeof(losses) / sizeof(losses[0]) <= RT_NONCE_LOSSES,
               "who counts by reason has no room for all");


const char *
rt_nonce_loss(unsigned why)
{
    return why < sizeof(losses) / sizeof(losses[0]) ? losses[why].word : NULL;
}


void
rt_nonce_lose(rt_nonce_lost_t *lost, unsigned why, uint64_t at)
{
    if (lost->word == NULL) {
        lost->why = why;
        lost->word = losses[why].word;
        lost->text = losses[why].text;
        lost->at = at;
    }
}


/* the nonce for the SECRET that waits: over it, where that may be written */

static void
place(rt_nonce_t *n)
{
    unsigned char  *p;

    if (!n->own || n->wait < n->base || n->nonce.len != n->secret->len) {
        emit(n, RT_NONCE_PUT, n->nonce.data, n->nonce.len);
        return;
    }

    p = (unsigned char *) ptr(n, n->wait);

    memcpy(p, n->nonce.data, n->nonce.len);
    emit(n, RT_NONCE_PASS, p, n->nonce.len);
}


/* the decision about the SECRET that waits */

static void
resolve(rt_nonce_t *n, int good)
{
    size_t  held;

    held = n->held;
    n->waiting = 0;
    n->held = 0;

    if (good) {
        n->placed++;
        place(n);

    } else {
        n->scrubbed++;
        emit(n, RT_NONCE_FILL, n->secret->filling, n->secret->len);
    }

    emit(n, RT_NONCE_COPY, n->hold, held);
}


/* are these as many bytes as so many characters of a token may take? */

static int
fits(uint64_t bytes, unsigned characters)
{
    return bytes >= characters && bytes <= characters * RT_NONCE_SPELLED;
}


/* is the SECRET that waits the whole value, in a tag that is all right? */

static int
is_nonce(const rt_nonce_t *n, const rt_html_tag_t *tag)
{
    uint64_t  end;

    end = n->wait + n->secret->len;

    return tag->nonce
           && tag->nonce_start <= n->wait
           && tag->nonce_end >= end
           && fits(n->wait - tag->nonce_start, n->secret->before)
           && fits(tag->nonce_end - end, n->secret->after)
           && tag->end - tag->start <= RT_NONCE_TAG_MAX
           && !tag->markup;
}


/* is the tag, whose end is not before to, longer than hold has room for? */

static int
too_long(const rt_nonce_t *n, uint64_t to)
{
    return to - n->tokens.start > RT_NONCE_TAG_MAX;
}


/* does the document up to here end in a nonce value in which at is fine? */

static int
in_nonce(const rt_nonce_t *n, uint64_t at)
{
    uint64_t  begun;

    return rt_html_in_nonce(&n->tokens, &begun) && begun <= at
           && fits(at - begun, n->secret->before);
}


static void
read_piece(rt_nonce_t *n, const rt_nonce_piece_t *piece, uint64_t to, int brief)
{
    rt_html_tag_t         tag;
    const unsigned char  *p, *last;

    if (to > piece->end) {
        to = piece->end;
    }

    if (n->tokens.offset >= to) {
        return;
    }

    p = piece->buf + (n->tokens.offset - piece->base);
    last = piece->buf + (to - piece->base);

    while (rt_html_next(&n->tokens, &p, last, &tag) == RT_OK) {
        if (!n->waiting) {
            continue;
        }

        if (tag.end - tag.start > RT_NONCE_TAG_MAX) {
            rt_nonce_lose(&n->lost, RT_LOST_TAG, n->wait);
        }

        resolve(n, is_nonce(n, &tag));

        if (brief) {
            return;
        }
    }
}


static void
read_to(rt_nonce_t *n, uint64_t to, int brief)
{
    unsigned  i;

    for (i = 0; i < n->npieces; i++) {
        read_piece(n, &n->piece[i], to, brief);
    }
}


/*
 * Lets the scanner read up to to, or, brief, until the SECRET that waits is
 * decided.  If one still waits after that, its tag goes on at to, and is not
 * too long so far.
 */

static void
tokenize(rt_nonce_t *n, uint64_t to, int brief)
{
    if (!n->html || n->tokens.offset >= to) {
        return;
    }

    if (to > n->tokens.esc && !n->tokens.tree.stopped) {
        read_to(n, n->tokens.esc, brief);

        if (n->tokens.offset < n->tokens.esc) {
            return;
        }

        n->tokens.tree.stopped = RT_HSTOP_CHARSET;
    }

    read_to(n, to, brief);

    if (!n->waiting) {
        return;
    }

    if (n->tokens.tree.stopped) {
        rt_nonce_lose(&n->lost, n->tokens.tree.stopped, n->wait);
        resolve(n, 0);

    } else if (!in_nonce(n, n->wait)) {
        resolve(n, 0);

    } else if (too_long(n, to)) {
        rt_nonce_lose(&n->lost, RT_LOST_TAG, n->wait);
        resolve(n, 0);
    }
}


/* a SECRET at offset o */

static void
secret(rt_nonce_t *n, uint64_t o)
{
    uint64_t  end;

    end = o + n->secret->len;

    tokenize(n, end, 0);
    pass(n, o);

    if (n->html && n->nonce.len && !n->waiting && !n->tokens.tree.stopped
        && in_nonce(n, o) && !too_long(n, end))
    {
        n->waiting = 1;
        n->wait = o;
        n->held = 0;

    } else {
        if (n->html && n->nonce.len) {
            rt_nonce_lose(&n->lost, n->tokens.tree.stopped
                                    ? n->tokens.tree.stopped
                                    : !n->waiting && in_nonce(n, o)
                                      ? RT_LOST_TAG : RT_HSTOP_NONE, o);
        }

        put_fill(n, n->secret->len);
        n->scrubbed++;
    }

    n->done = end;
}


/*
 * Goes on with a SECRET that began in an earlier buffer.  ret: where to
 * search on, or last if it is not decided; *k: bytes of SECRET before that
 */

static const unsigned char *
begun(rt_nonce_t *n, const unsigned char *p, unsigned *k)
{
    const unsigned char  *buf;

    for (buf = p; *k > (size_t) (p - buf); /* void */ ) {

        if (p == n->last) {
            return p;
        }

        *k = rt_nonce_secret_step(n->secret, *k, *p++);

        if (*k == n->secret->len) {
            secret(n, n->base + (uint64_t) (p - buf) - n->secret->len);
            break;
        }
    }

    /* what has begun in this buffer is found by the search */

    p -= (*k == n->secret->len) ? 0 : *k;
    *k = 0;

    return p;
}


static void
finish(rt_nonce_t *n, uint64_t end, unsigned k)
{
    if (n->waiting) {
        resolve(n, 0);
    }

    pass(n, end - k);

    if (k >= RT_NONCE_SLICE) {
        put_fill(n, k);
        n->done = end;
    }

    pass(n, end);
}


/* the buffer that is being fed, which ends at end */

static void
add_piece(rt_nonce_t *n, uint64_t end)
{
    rt_nonce_piece_t  *piece;

    if (n->npieces == RT_NONCE_PIECES) {
        tokenize(n, n->base, 0);
        n->npieces = 0;
    }

    if (n->npieces == 0 && n->html && n->tokens.offset < n->base) {
        n->tokens.offset = n->base;
        n->tokens.tree.stopped = RT_HSTOP_LENGTH;
    }

    piece = &n->piece[n->npieces++];

    piece->buf = n->buf;
    piece->base = n->base;
    piece->end = end;
}


/* ret: how many bytes of SECRET the buffer ends with */

static unsigned
search(rt_nonce_t *n)
{
    unsigned              k;
    const unsigned char  *p, *found;

    k = n->matched;
    p = begun(n, n->buf, &k);

    if (k == 0) {
        while ((found = rt_nonce_secret_find(n->secret, p, n->last)) != NULL) {
            secret(n, n->base + (uint64_t) (found - n->buf));
            p = found + n->secret->len;
        }

        k = rt_nonce_secret_tail(n->secret, p, n->last);
    }

    if (n->waiting) {
        tokenize(n, n->base + (uint64_t) (n->last - n->buf), 1);
    }

    return k;
}


rt_status_e
rt_nonce_feed(rt_nonce_t *n, const unsigned char *buf, size_t len, int last)
{
    unsigned  k;
    uint64_t  end;

    n->buf = len ? buf : (const unsigned char *) "";
    n->last = n->buf + len;
    end = n->base + len;

    if (n->html) {
        rt_html_look(&n->tokens, n->base, buf, len);
    }

    add_piece(n, end);

    k = search(n);

    if (last) {
        finish(n, end, k);

    } else {
        pass(n, end - k);
    }

    n->base = end;
    n->matched = k;
    n->length = last ? end : n->length;

    return n->rc;
}


void
rt_nonce_settle(rt_nonce_t *n)
{
    /* behind the document's last SECRET nothing is left to be decided */

    if (n->base < n->length) {
        tokenize(n, n->base, 0);
    }

    n->npieces = 0;
}


void
rt_nonce_init(rt_nonce_t *n, const rt_nonce_secret_t *s,
    const rt_str_t *nonce, int html, rt_nonce_emit_pt emit_pt, void *ctx)
{
    memset(n, 0, offsetof(rt_nonce_t, tokens));

    n->secret = s;
    n->nonce = *nonce;
    n->html = (html != 0);
    n->length = UINT64_MAX;
    n->emit = emit_pt;
    n->ctx = ctx;

    if (html) {
        rt_html_init(&n->tokens);
    }
}
