
/*
 * A nonce into every tag: the first byte is the size of the pieces, the rest
 * a page, in which no byte is 0x11.
 *
 *   - the output less the attributes is the input
 *   - the same for every split; PASS points into the piece just given
 *   - read again, each attribute is the nonce of a tag as the scanner reports
 *     it, and all tags are those of the input
 *   - a second time changes nothing
 */

#include <stdlib.h>

#include "html/rt_nonce.h"


#define NONCE  "\x11" "123456789abcdefghijklmnopqrstuv"
#define ATTR   " nonce=" NONCE
#define LEN    (sizeof(ATTR) - 1)


typedef struct {
    unsigned char        *data;
    size_t                len;
    size_t                room;
    const unsigned char  *pos;
    const unsigned char  *last;
    unsigned              n;
} out_t;


static void
check(int ok)
{
    if (!ok) {
        abort();
    }
}


static rt_status_e
emit(void *ctx, rt_nonce_op_e op, const unsigned char *data, size_t len)
{
    out_t  *o = ctx;

    check(len > 0 && op != RT_NONCE_FILL);

    if (o->room - o->len < len) {
        o->room = (o->len + len) * 2;
        o->data = realloc(o->data, o->room);
        check(o->data != NULL);
    }

    if (op == RT_NONCE_PASS) {
        check(data >= o->pos && data + len <= o->last);
        o->pos = data + len;

    } else if (op == RT_NONCE_PUT) {
        check(len - LEN <= 1 && memcmp(data, ATTR, LEN) == 0);
        o->n++;

    } else {
        check(len == 1 && *data == '/');
    }

    memcpy(o->data + o->len, data, len);
    o->len += len;

    return RT_OK;
}


static void
run(const unsigned char *doc, size_t len, size_t split, out_t *o)
{
    size_t             n;
    rt_str_t           nonce = rt_string(NONCE);
    unsigned char     *piece;
    static rt_nonce_t  state;

    memset(o, 0, sizeof(out_t));
    rt_nonce_every(&state, &nonce, emit, o);

    do {
        n = len < split ? len : split;
        piece = malloc(n + 1);
        check(piece != NULL);
        memcpy(piece, doc, n);
        o->pos = piece;
        o->last = piece + n;

        check(rt_nonce_feed(&state, piece, n, n == len) == RT_OK);
        rt_nonce_settle(&state);
        free(piece);

        doc += n;
        len -= n;
    } while (len);

    check(state.placed == o->n);
}


/* what was put is gone, then it is the input */

static void
compare(const unsigned char *in, size_t len, const out_t *o)
{
    size_t  i, k;

    for (i = 0, k = 0; k < o->len; i++, k++) {

        if (o->len - k >= LEN && memcmp(o->data + k, ATTR, LEN) == 0) {
            k += LEN;

            if (o->data[k] == ' ') {
                check(o->data[++k] == '/');
            }
        }

        check(i < len && in[i] == o->data[k]);
    }

    check(i == len);
}


/* the tags of both, side by side */

static void
check_tags(const unsigned char *in, size_t len, const out_t *o)
{
    unsigned              n;
    uint64_t              shift;
    rt_html_tag_t         a, b;
    static rt_html_t      g, h;
    const unsigned char  *p, *q;

    n = 0;
    shift = 0;
    p = in;
    q = o->data;
    rt_html_init(&g);
    rt_html_init(&h);

    while (rt_html_next(&h, &q, o->data + o->len, &b) == RT_OK) {

        check(rt_html_next(&g, &p, in + len, &a) == RT_OK);
        check(a.tag == b.tag && a.start + shift == b.start
              && a.slash == b.slash && a.markup == b.markup);

        if (b.end - b.start != a.end - a.start) {
            check(!a.nonce && b.nonce
                  && b.nonce_end - b.nonce_start == sizeof(NONCE) - 1
                  && o->data[b.nonce_start] == 0x11);
            n++;
        }

        shift = b.end - a.end;
    }

    check(rt_html_next(&g, &p, in + len, &a) == RT_AGAIN && n == o->n);
    check(g.tree.stopped == h.tree.stopped);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t          i, len;
    out_t           whole, parts, again;
    unsigned char  *doc;

    if (size < 2 || size > 65536) {
        return 0;
    }

    doc = malloc(size);
    check(doc != NULL);

    for (i = 1, len = 0; i < size; i++) {
        doc[len] = data[i];
        len += (data[i] != 0x11);
    }

    run(doc, len, len + 1, &whole);
    run(doc, len, 1 + data[0] % 61, &parts);

    check(whole.len == parts.len && whole.n == parts.n);

    if (whole.len) {
        check(memcmp(whole.data, parts.data, whole.len) == 0);

        compare(doc, len, &whole);
        check_tags(doc, len, &whole);

        run(whole.data, whole.len, 1 + data[0] % 61, &again);
        check(again.n == 0 && again.len == whole.len
              && memcmp(again.data, whole.data, whole.len) == 0);
        free(again.data);
    }

    free(whole.data);
    free(parts.data);
    free(doc);

    return 0;
}
