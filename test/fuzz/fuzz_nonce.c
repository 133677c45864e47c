
/*
 * The rewriter: the first byte is the size of the pieces, in its high bit
 * whether the text is HTML, and in the next whether SECRET is part of a token
 * of upstream; in the page after it each byte 0x01 stands
 * for SECRET, 0x02 for the first half of it and 0x03 for the other.
 *
 *   - no SECRET in the output
 *   - the output less nonces and fill is the input less SECRETs, and less
 *     the beginning of one at the very end
 *   - the same for every split, and where the pieces may be written; PASS
 *     points into the piece just given
 *   - a nonce stands nowhere but in a tag as the scanner reports it
 */

#include "rt_fuzz_out.h"


#define SECRET  "SEcretSEcretSEcretSEcr-0"
#define NONCE   "\x11" "123456789abcdefghijklmn"
#define LEN     (sizeof(SECRET) - 1)

/* the characters of the token around it */
#define TOKEN   "a+" SECRET "/b="
#define BEFORE  2
#define AFTER   3

/* a letter as well, but one that the input has not */
#define FILLED  'Q'


/* a nonce is written as it is, fill as FILLED */

static rt_status_e
emit(void *ctx, rt_nonce_op_e op, const unsigned char *data, size_t len)
{
    out_t  *o = ctx;

    put(o, op, data, len);

    if (op == RT_NONCE_FILL) {
        memset(o->data + o->len - len, FILLED, len);
    }

    return RT_OK;
}


#define BATCH  20       /* pieces that live together, at most */


static void
run(const rt_nonce_secret_t *s, const unsigned char *doc, size_t len,
    size_t split, size_t batch, int html, uint64_t length, int own, out_t *o)
{
    size_t              n, k;
    rt_str_t            nonce = rt_string(NONCE);
    unsigned char      *piece[BATCH];
    static rt_nonce_t   state;

    memset(o, 0, sizeof(out_t));
    rt_nonce_init(&state, s, &nonce, html, emit, o);
    rt_nonce_length(&state, length);
    rt_nonce_own(&state, own);

    k = 0;

    do {
        n = len < split ? len : split;
        piece[k] = piece_of(o, doc, n);

        check(rt_nonce_feed(&state, piece[k], n, 0) == RT_OK);

        doc += n;
        len -= n;

        if (++k == batch || len == 0) {
            rt_nonce_settle(&state);

            while (k) {
                free(piece[--k]);
            }
        }
    } while (len);

    o->pos = NULL;
    o->last = NULL;
    check(rt_nonce_feed(&state, NULL, 0, 1) == RT_OK);
}


/* page's 0x01 .. 0x03 written out */

static unsigned char *
expand(const unsigned char *p, size_t size, size_t *len)
{
    size_t          i;
    unsigned char  *doc;

    doc = malloc(size * LEN + 1);
    check(doc != NULL);
    *len = 0;

    for (i = 0; i < size; i++) {

        if (p[i] == 0x01 || p[i] == 0x02) {
            memcpy(doc + *len, SECRET, p[i] == 0x01 ? LEN : LEN / 2);
            *len += p[i] == 0x01 ? LEN : LEN / 2;

        } else if (p[i] == 0x03) {
            memcpy(doc + *len, &SECRET[LEN / 2], LEN - LEN / 2);
            *len += LEN - LEN / 2;

        } else if (p[i] != 0x11 && p[i] != FILLED) {
            doc[(*len)++] = p[i];
        }
    }

    return doc;
}


/* walks input and output together */

static void
compare(const unsigned char *in, size_t len, const out_t *o)
{
    size_t  i, k, rest;

    for (i = 0, k = 0; i < len; /* void */ ) {
        rest = len - i;

        if (rest >= LEN && memcmp(in + i, SECRET, LEN) == 0) {
            check(k < o->len);

            if (o->data[k] == 0x11) {
                check(o->len - k >= sizeof(NONCE) - 1
                      && memcmp(o->data + k, NONCE, sizeof(NONCE) - 1) == 0);
                k += sizeof(NONCE) - 1;

            } else {
                for (rest = LEN; rest; rest--) {
                    check(k < o->len && o->data[k++] == FILLED);
                }
            }

            i += LEN;
            continue;
        }

        check(k < o->len);

        if (o->data[k] == FILLED) {
            /* the cut beginning of one, up to the end */
            check(rest >= RT_NONCE_SLICE && rest < LEN
                  && memcmp(in + i, SECRET, rest) == 0
                  && o->len - k == rest);
            return;
        }

        check(in[i++] == o->data[k++]);
    }

    check(k == o->len);
}


/* nonces stand in tags that the scanner reports, of the output as well */

static void
check_places(const out_t *o, int token)
{
    size_t                at, begin, end;
    static rt_html_t      h;
    rt_html_tag_t         tag;
    const unsigned char  *p, *found;

    p = o->data;
    at = 0;
    rt_html_init(&h);

    while (rt_html_next(&h, &p, o->data + o->len, &tag) == RT_OK) {

        found = memchr(o->data + at, 0x11, o->len - at);

        if (found == NULL || (size_t) (found - o->data) >= tag.end) {
            continue;
        }

        begin = (size_t) (found - o->data);
        end = begin + sizeof(NONCE) - 1;

        check(tag.nonce && !tag.markup && tag.nonce_start <= begin
              && tag.nonce_end >= end);
        check(token ? begin - tag.nonce_start >= BEFORE
                      && tag.nonce_end - end >= AFTER
                    : begin == tag.nonce_start && end == tag.nonce_end);

        at = tag.end;
    }

    check(at == o->len || memchr(o->data + at, 0x11, o->len - at) == NULL);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int                       html, token;
    out_t                     whole, parts, said;
    size_t                    len, split;
    rt_str_t                  text = rt_string(SECRET);
    rt_str_t                  made_of = rt_string(TOKEN);
    unsigned char            *doc;
    static rt_nonce_secret_t  s;

    if (size < 1 || size > 65536) {
        return 0;
    }

    html = !(data[0] & 0x80);
    token = (data[0] & 0x40) != 0;

    check((token ? rt_nonce_token(&s, &made_of) : rt_nonce_secret(&s, &text))
          == RT_OK);
    check(s.len == LEN && memcmp(s.text, SECRET, LEN) == 0);
    s.fill = FILLED;

    doc = expand(data + 1, size - 1, &len);

    split = 1 + (data[0] & 0x7f) % 41;

    run(&s, doc, len, len + 1, 1, html, UINT64_MAX, 0, &whole);
    run(&s, doc, len, split, 1 + (data[0] & 0x7f) % BATCH, html, len, 1,
        &parts);
    run(&s, doc, len, split, 1 + (data[0] & 0x7f) % 3, html, len / 2, 0,
        &said);

    check(same(&whole, &parts));

    compare(doc, len, &whole);

    /* a length that lies costs nonces, and gives none away */

    compare(doc, len, &said);

    if (said.len) {
        check_places(&said, token);
    }

    if (html && whole.len) {
        check_places(&whole, token);

    } else if (whole.len) {
        check(memchr(whole.data, 0x11, whole.len) == NULL);
    }

    free(whole.data);
    free(parts.data);
    free(said.data);
    free(doc);

    return 0;
}
