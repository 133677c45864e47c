
/*
 * The nonce in tags that have none.  The first byte says what is allowed, in
 * its high bit whether the page is said to be UTF-8, in the next one whether a
 * browser guesses, and all of it the size of the pieces; the page follows.
 *
 *   - what is shown is the page, but for values of nonces; PASS points into
 *     the piece just given
 *   - the same for every split, counts and all
 *   - a nonce stands nowhere but in a tag as the scanner reports it, and all
 *     tags are those of the page
 *   - where every tag gets one, a second time changes nothing
 */

#include "html/rt_place.h"
#include "rt_fuzz_out.h"


#define NONCE  "\x11" "123456789abcdefghijklmnopqrstuv"

/* beside addresses */
enum {
    HASHES = 0,
    ADDRESSES,
    EVERY
};


typedef struct {
    out_t                 out;
    rt_place_t           *state;
    const unsigned char  *page;
} run_t;


/* state->done is where data stands in the page */

static rt_status_e
emit(void *ctx, rt_nonce_op_e op, const unsigned char *data, size_t len)
{
    run_t  *run = ctx;

    check(op != RT_NONCE_FILL);

    if (op != RT_NONCE_PUT) {
        check(memcmp(run->page + run->state->done, data, len) == 0);
    }

    put(&run->out, op, data, len);

    return RT_OK;
}


/* the state is as large as it has to be, which a sanitizer sees */

static void
rewrite(run_t *run, const rt_allow_t *allow, const unsigned char *page,
    size_t len, size_t split, unsigned char flags)
{
    size_t          n, at;
    rt_place_t     *state;
    unsigned char  *piece;

    static const rt_str_t  nonce = rt_string(NONCE);

    memset(run, 0, sizeof(run_t));

    state = malloc(rt_place_size(allow));
    check(state != NULL);

    run->state = state;
    run->page = page;

    rt_place_init(state, allow, &nonce, flags & 0x80, emit, run);

    if (flags & 0x40) {
        rt_place_guess(state);
    }

    for (at = 0; at < len; at += n) {
        n = len - at < split ? len - at : split;
        piece = piece_of(&run->out, page + at, n);

        check(rt_place_feed(state, piece, n, 0) == RT_OK);
        check(state->done + (state->held - state->first) == at + n);

        free(piece);
    }

    run->out.pos = NULL;
    run->out.last = NULL;
    check(rt_place_feed(state, NULL, 0, 1) == RT_OK && state->done == len);
}


/* the tags of both, side by side: nonces stand in them, and nowhere else */

static void
check_tags(const run_t *run, size_t len)
{
    int                   is;
    unsigned              placed;
    rt_html_tag_t         a, b;
    static rt_html_t      g, h;
    const unsigned char  *p, *q, *data;

    p = run->page;
    data = run->out.data;
    q = data;
    placed = run->state->placed;
    rt_html_init(&g);
    rt_html_init(&h);

    while (rt_html_next(&h, &q, data + run->out.len, &b) == RT_OK) {

        check(rt_html_next(&g, &p, run->page + len, &a) == RT_OK);
        check(a.tag == b.tag && a.markup == b.markup && a.text == b.text);

        is = b.nonce && b.nonce_end - b.nonce_start == sizeof(NONCE) - 1
             && memcmp(data + b.nonce_start, NONCE, sizeof(NONCE) - 1) == 0;

        check(!is || (!b.markup && placed > 0));
        placed -= (unsigned) is;
    }

    check(rt_html_next(&g, &p, run->page + len, &a) == RT_AGAIN);
    check(placed == 0 && g.tree.stopped == h.tree.stopped);
}


static void
done(run_t *run)
{
    free(run->state);
    free(run->out.data);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run_t                whole, parts, again;
    size_t               split;
    unsigned             way;
    const char          *why;
    const rt_allow_t    *list;

    static const rt_str_t  self = rt_string("/a/");
    static const rt_str_t  cdn = rt_string("https://b.c/");
    static const rt_str_t  text =
        rt_string("sha256-LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=");
    static rt_allow_src_t   src[2];
    static rt_allow_hash_t  hash[1];
    static rt_allow_t       allow = { src, hash, 2, 1 };

    if (size < 2 || size > 131072 || memchr(data + 1, 0x11, size - 1)) {
        return 0;
    }

    check(rt_allow_src(&src[0], &self, &why) == RT_OK
          && rt_allow_src(&src[1], &cdn, &why) == RT_OK
          && rt_allow_hash(&hash[0], &text) == RT_OK);

    way = data[0] % 3;
    split = 1 + data[0] % 61;
    allow.nhash = (way == HASHES);
    list = (way == EVERY) ? NULL : &allow;

    rewrite(&whole, list, data + 1, size - 1, size, data[0]);
    rewrite(&parts, list, data + 1, size - 1, split, data[0]);

    check(same(&whole.out, &parts.out));
    check(whole.state->placed == parts.state->placed
          && whole.state->refused == parts.state->refused
          && whole.state->lost.word == parts.state->lost.word
          && whole.state->lost.at == parts.state->lost.at);

    check_tags(&whole, size - 1);

    if (way == EVERY) {
        rewrite(&again, NULL, whole.out.data, whole.out.len, split, data[0]);
        check(again.state->placed == 0 && same(&again.out, &whole.out));
        done(&again);
    }

    done(&whole);
    done(&parts);

    return 0;
}
