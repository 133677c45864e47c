
#include "html/rt_nonce.h"


/*
 * The search.
 *
 * SECRET is searched for leftmost first and without overlap in the document
 * as a whole, whatever it is cut into.  Inside a buffer the search looks for
 * the rarest character of SECRET, 64 places at a time, and where it is for
 * the next rare one.  For the rest it looks at the two bytes where an
 * occurrence would end, and skips by a table (Horspool, with pairs).  At a
 * buffer's end it
 * notes how many bytes of SECRET are there (n->matched) and goes on from there
 * in the next by the table of borders (Knuth-Morris-Pratt).  Those bytes are
 * known, so they are held back without being stored.
 */


static inline unsigned
pair(const unsigned char *p)
{
    return (p[0] * 31u + p[1]) % RT_NONCE_SHIFTS;
}


static int
is_base64url(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
           || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}


static void
make_borders(rt_nonce_secret_t *s)
{
    unsigned  i, k;

    s->fail[0] = 0;
    s->fail[1] = 0;
    k = 0;

    for (i = 1; i < s->len; i++) {
        while (k && s->text[i] != s->text[k]) {
            k = s->fail[k];
        }

        k += (s->text[i] == s->text[k]);
        s->fail[i + 1] = (unsigned char) k;
    }
}


/* how often a character is met in pages, roughly */

static unsigned
frequency(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') {
        return 0;
    }

    if (c == '_' || c == 'q' || c == 'z' || c == 'j') {
        return 1;
    }

    if (strchr("etaoinsrl", c) != NULL) {
        return 4;
    }

    return (c >= 'a' && c <= 'z') ? 3 : 2;
}


/* the rarest comes first */

static void
find_rare(rt_nonce_secret_t *s)
{
    size_t    i;
    unsigned  f;

    s->rare[0] = 0;
    s->rare[1] = 0;

    for (i = 1; i < s->len; i++) {
        f = frequency(s->text[i]);

        if (f < frequency(s->text[s->rare[0]])) {
            s->rare[1] = s->rare[0];
            s->rare[0] = (unsigned char) i;

        } else if (s->rare[1] == s->rare[0]
                   || f < frequency(s->text[s->rare[1]]))
        {
            s->rare[1] = (unsigned char) i;
        }
    }
}


/* text: 2 to RT_NONCE_SECRET_MAX characters of base64url */

static void
make_tables(rt_nonce_secret_t *s, const unsigned char *text, size_t len)
{
    size_t  i;

    s->len = len;
    memcpy(s->text, text, s->len);

    make_borders(s);
    find_rare(s);

    memset(s->shift, (int) s->len - 1, RT_NONCE_SHIFTS);

    for (i = 1; i < s->len; i++) {
        s->shift[pair(&s->text[i - 1])] = (unsigned char) (s->len - 1 - i);
    }

    s->fill = 'x';

    while (s->fill == s->text[0] || s->fill == s->text[s->len - 1]) {
        s->fill++;
    }

    memset(s->filling, s->fill, RT_NONCE_SECRET_MAX);
}


/* ret: how many characters of base64url text begins with */

static size_t
span(const unsigned char *text, size_t len)
{
    size_t  i;

    for (i = 0; i < len && is_base64url(text[i]); i++) { /* void */ }

    return i;
}


rt_status_e
rt_nonce_secret(rt_nonce_secret_t *s, const rt_str_t *text)
{
    if (text->len < RT_NONCE_SECRET_MIN || text->len > RT_NONCE_SECRET_MAX) {
        return RT_TOO_BIG;
    }

    if (span(text->data, text->len) < text->len) {
        return RT_INVALID;
    }

    make_tables(s, text->data, text->len);

    s->before = 0;
    s->after = 0;

    return RT_OK;
}


rt_status_e
rt_nonce_token(rt_nonce_secret_t *s, const rt_str_t *token)
{
    size_t                n, at, len, run, begin;
    const unsigned char  *p;

    len = token->len;
    p = token->data;

    if (len < RT_NONCE_TOKEN_MIN || len > RT_NONCE_SECRET_MAX) {
        return RT_TOO_BIG;
    }

    /* one or two "=" may end it */

    len -= (p[len - 1] == '=');
    len -= (p[len - 1] == '=');

    n = 0;
    begin = 0;

    for (at = 0; at < len; at++) {
        run = span(p + at, len - at);

        if (run > n) {
            n = run;
            begin = at;
        }

        at += run;

        if (at < len && p[at] != '+' && p[at] != '/') {
            return RT_INVALID;
        }
    }

    if (n < RT_NONCE_RUN_MIN) {
        return RT_INVALID;
    }

    make_tables(s, p + begin, n);

    s->before = (unsigned char) begin;
    s->after = (unsigned char) (token->len - begin - n);

    return RT_OK;
}


/* one of the 64 places of SECRET's rarest character, from p on, that are set */

static const unsigned char *
find_marked(const rt_nonce_secret_t *s, const unsigned char *p, uint64_t mask)
{
    const unsigned char  *found;

    for ( /* void */ ; mask; mask &= mask - 1) {
        found = p + __builtin_ctzll(mask);

        if (found[s->rare[1]] == s->text[s->rare[1]]
            && memcmp(found, s->text, s->len) == 0)
        {
            return found;
        }
    }

    return NULL;
}


/*
 * Looks at as many places as it can from *pos on, which it moves behind them.
 * ret: the first SECRET there, or NULL
 */

static const unsigned char *
find_wide(const rt_nonce_secret_t *s, const unsigned char **pos,
    const unsigned char *last)
{
    size_t                i, n;
    uint64_t              masks[RT_HMARKS_RUN];
    rt_hmarks_pt          marks;
    const unsigned char  *p, *found;

    marks = rt_hmarks();

    for (p = *pos; (size_t) (last - p) >= s->len + RT_HMARKS_SIZE - 1;
         *pos = p)
    {
        n = ((size_t) (last - p) - (s->len - 1)) / RT_HMARKS_SIZE;
        n = n < RT_HMARKS_RUN ? n : RT_HMARKS_RUN;

        if (marks(p + s->rare[0], n, s->text[s->rare[0]], masks) == 0) {
            p += n * RT_HMARKS_SIZE;
            continue;
        }

        for (i = 0; i < n; i++, p += RT_HMARKS_SIZE) {
            found = find_marked(s, p, masks[i]);

            if (found != NULL) {
                return found;
            }
        }
    }

    return NULL;
}


/* ret: the first SECRET that is whole in [p, last), or NULL */

static const unsigned char *
find(const rt_nonce_secret_t *s, const unsigned char *p,
    const unsigned char *last)
{
    size_t                shift;
    const unsigned char  *end;

    end = find_wide(s, &p, last);

    if (end != NULL) {
        return end;
    }

    if ((size_t) (last - p) < s->len) {
        return NULL;
    }

    /* end: the last byte of where SECRET may be */

    for (end = p + s->len - 1; end < last; end += shift) {
        shift = s->shift[pair(end - 1)];

        if (shift == 0) {
            p = end - (s->len - 1);

            if (memcmp(p, s->text, s->len) == 0) {
                return p;
            }

            shift = 1;
        }
    }

    return NULL;
}


/* one byte more; ret: how many bytes of SECRET end with it */

static inline unsigned
step(const rt_nonce_secret_t *s, unsigned k, unsigned char c)
{
    while (k && s->text[k] != c) {
        k = s->fail[k];
    }

    return k + (s->text[k] == c);
}


/* how many bytes of SECRET, but not all, [p, last) ends with */

static unsigned
tail(const rt_nonce_secret_t *s, const unsigned char *p,
    const unsigned char *last)
{
    size_t  k;

    k = (size_t) (last - p);
    k = k < s->len ? k : s->len - 1;

    while (k && (*(last - k) != s->text[0]
                 || memcmp(last - k, s->text, k) != 0))
    {
        k--;
    }

    return (unsigned) k;
}


unsigned
rt_nonce_scrub(const rt_nonce_secret_t *s, unsigned char *p, size_t len)
{
    unsigned              n;
    const unsigned char  *found;

    n = 0;

    while ((found = find(s, p, p + len)) != NULL) {
        len -= (size_t) (found - p) + s->len;
        p += found - p;

        memset(p, s->fill, s->len);

        p += s->len;
        n++;
    }

    return n;
}


/* what goes out */


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


/* a tag that has no secret: the attribute goes in front of its end */

static void
give(rt_nonce_t *n, const rt_html_tag_t *tag)
{
    if (tag->nonce || tag->markup || tag->open
        || (tag->tag == RT_HTAG_LINK && !tag->loads)
        || tag->end - tag->start > RT_NONCE_TAG_MAX)
    {
        return;
    }

    pass(n, tag->end - 1 - tag->slash);

    emit(n, RT_NONCE_PUT, n->attr, n->nonce.len + 7 + tag->slash);
    n->placed++;
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
        if (n->every) {
            give(n, &tag);
        }

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

        *k = step(n->secret, *k, *p++);

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
        while ((found = find(n->secret, p, n->last)) != NULL) {
            secret(n, n->base + (uint64_t) (found - n->buf));
            p = found + n->secret->len;
        }

        k = tail(n->secret, p, n->last);
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

    if (n->every) {
        tokenize(n, end, 0);
        k = (unsigned) rt_html_slash(&n->tokens);

        if (n->tokens.tree.stopped) {
            rt_nonce_lose(&n->lost, n->tokens.tree.stopped, n->tokens.start);
        }

    } else {
        k = search(n);
    }

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

    } else {
        n->tokens.tree.stopped = RT_HSTOP_NONE;
    }
}


/* the only byte that is held back, and known: "matched" is 1 or 0 */

static const rt_nonce_secret_t  slash = { .len = 1, .text = "/" };


void
rt_nonce_every(rt_nonce_t *n, const rt_str_t *nonce, rt_nonce_emit_pt emit_pt,
    void *ctx)
{
    unsigned char  *p;

    rt_nonce_init(n, &slash, nonce, 1, emit_pt, ctx);

    rt_html_links(&n->tokens);
    n->every = 1;

    p = n->attr;
    memcpy(p, " nonce=", 7);
    memcpy(p + 7, nonce->data, nonce->len);
    p[7 + nonce->len] = ' ';
}
