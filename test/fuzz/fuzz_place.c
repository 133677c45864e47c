
/*
 * The gate: the first byte is the size of the pieces, in its high bit whether
 * the page is said to be UTF-8, and in the next one whether a browser guesses;
 * the page follows.
 *
 *   - what is shown is the page, but for values of nonces; PASS points into
 *     the piece just given
 *   - the same for every split, counts and all
 *   - a nonce stands nowhere but in a tag as the scanner reports it
 */

#include <stdlib.h>

#include "html/rt_place.h"


#define NONCE  "\x11" "123456789abcdefghijklmnopqrstuv"


typedef struct {
    unsigned char        *data;
    size_t                len;
    size_t                room;
    const unsigned char  *doc;
    const unsigned char  *pos;
    const unsigned char  *last;
} out_t;


static rt_place_t  state;


static void
check(int ok)
{
    if (!ok) {
        abort();
    }
}


/* state.done is where data stands in the page */

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
    }

    if (op != RT_NONCE_PUT) {
        check(memcmp(o->doc + state.done, data, len) == 0);
    }

    memcpy(o->data + o->len, data, len);
    o->len += len;

    return RT_OK;
}


static void
run(const rt_allow_t *allow, const unsigned char *doc, size_t len,
    size_t split, unsigned char flags, out_t *o)
{
    size_t          n, at;
    unsigned char  *piece;

    static const rt_str_t  nonce = rt_string(NONCE);

    memset(o, 0, sizeof(out_t));
    o->doc = doc;

    rt_place_init(&state, allow, &nonce, flags & 0x80, emit, o);

    if (flags & 0x40) {
        rt_place_guess(&state);
    }

    for (at = 0; at < len; at += n) {
        n = len - at < split ? len - at : split;
        piece = malloc(n);
        check(piece != NULL);
        memcpy(piece, doc + at, n);
        o->pos = piece;
        o->last = piece + n;

        check(rt_place_feed(&state, piece, n, 0) == RT_OK);
        check(state.held - state.first <= RT_PLACE_HOLD
              && state.done + (state.held - state.first) == at + n);

        free(piece);
    }

    o->pos = NULL;
    o->last = NULL;
    check(rt_place_feed(&state, NULL, 0, 1) == RT_OK && state.done == len);
}


/* nonces stand in tags that the scanner reports of the output */

static void
check_places(const out_t *o, unsigned placed)
{
    static rt_html_t      h;
    rt_html_tag_t         tag;
    const unsigned char  *p;

    if (o->len == 0) {
        return;
    }

    p = o->data;
    rt_html_init(&h);

    while (rt_html_next(&h, &p, o->data + o->len, &tag) == RT_OK) {

        if (tag.nonce && tag.nonce_end - tag.nonce_start == sizeof(NONCE) - 1
            && memcmp(o->data + tag.nonce_start, NONCE, sizeof(NONCE) - 1)
               == 0)
        {
            check(!tag.markup && placed > 0);
            placed--;
        }
    }

    check(placed == 0);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    out_t         whole, parts;
    unsigned      placed, refused;
    const char   *word;
    uint64_t      at;

    static const rt_str_t  self = rt_string("/a/");
    static const rt_str_t  cdn = rt_string("https://b.c/");
    static const rt_str_t  text =
        rt_string("sha256-LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=");
    static rt_allow_src_t   src[2];
    static rt_allow_hash_t  hash[1];
    static rt_allow_t       allow = { src, hash, 2, 1 };

    if (size < 1 || size > 131072 || memchr(data + 1, 0x11, size - 1)) {
        return 0;
    }

    check(rt_allow_src(&src[0], &self, &word) == RT_OK
          && rt_allow_src(&src[1], &cdn, &word) == RT_OK
          && rt_allow_hash(&hash[0], &text) == RT_OK);

    run(&allow, data + 1, size - 1, size, data[0], &whole);

    placed = state.placed;
    refused = state.refused;
    word = state.lost.word;
    at = state.lost.at;

    check_places(&whole, placed);

    run(&allow, data + 1, size - 1, 1 + data[0] % 41, data[0], &parts);

    check(placed == state.placed && refused == state.refused
          && word == state.lost.word && at == state.lost.at);
    check(whole.len == parts.len
          && (whole.len == 0
              || memcmp(whole.data, parts.data, whole.len) == 0));

    free(whole.data);
    free(parts.data);

    return 0;
}
