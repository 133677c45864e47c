
/*
 * The scanner: the first byte is the size of the pieces, the rest a page.
 * Whatever the split, and however it searches, the same tags and, after the
 * last byte, the same state and the same open elements: text far from the end
 * of a piece is hopped over, the states read the rest, so blanks follow the
 * page.  Every tag begins with "<" and its name, ends with ">", and its nonce
 * lies in it behind that name.
 */

#include <stdlib.h>

#include "html/rt_html.h"


#define TAGS_MAX  256
#define BLANKS    160


static void
check(int ok)
{
    if (!ok) {
        abort();
    }
}


static void
check_tag(const unsigned char *doc, const rt_html_tag_t *t, uint64_t after)
{
    size_t       i, len;
    const char  *name;

    name = rt_htag_name(t->tag);
    len = strlen(name);

    check(t->tag == RT_HTAG_SCRIPT || t->tag == RT_HTAG_STYLE
          || t->tag == RT_HTAG_LINK);
    check(t->start >= after && t->end > t->start + len + 1);
    check(doc[t->start] == '<' && doc[t->end - 1] == '>');

    for (i = 0; i < len; i++) {
        check(rt_lower(doc[t->start + 1 + i]) == (unsigned char) name[i]);
    }

    if (t->nonce) {
        check(t->nonce_start > t->start + len && t->nonce_end < t->end
              && t->nonce_start <= t->nonce_end);
    }
}


static unsigned
run(rt_html_t *h, const unsigned char *doc, size_t len, size_t split,
    rt_hmarks_pt marks, rt_html_tag_t *tags)
{
    unsigned              n;
    uint64_t              start;
    rt_html_tag_t         tag;
    unsigned char        *piece;
    const unsigned char  *p;
    size_t                at, size;

    n = 0;
    rt_html_init(h);
    h->marks = marks;

    for (at = 0; at < len; at += size) {
        size = len - at < split ? len - at : split;
        piece = malloc(size);
        memcpy(piece, doc + at, size);
        p = piece;

        while (rt_html_next(h, &p, piece + size, &tag) == RT_OK) {
            check(p > piece && p <= piece + size);

            if (n < TAGS_MAX) {
                tags[n++] = tag;
            }
        }

        check(p == piece + size && h->offset == at + size);

        if (rt_html_in_nonce(h, &start)) {
            check(start <= h->offset && start > h->start);
        }

        free(piece);
    }

    return n;
}


static int
same(const rt_html_tag_t *a, const rt_html_tag_t *b)
{
    return a->tag == b->tag && a->start == b->start && a->end == b->end
           && a->nonce == b->nonce && a->markup == b->markup
           && (!a->nonce || (a->nonce_start == b->nonce_start
                             && a->nonce_end == b->nonce_end));
}


static void
check_states(const rt_html_t *a, const rt_html_t *b)
{
    unsigned           i;
    const rt_htree_t  *t, *u;

    check(a->state == b->state && a->raw == b->raw && a->escape == b->escape);

    t = &a->tree;
    u = &b->tree;

    check(t->stopped == u->stopped && t->templates == u->templates
          && t->select == u->select && t->doubt == u->doubt
          && t->depth == u->depth && t->depth <= RT_HTREE_DEPTH);

    for (i = 0; i < t->depth; i++) {
        check(memcmp(&t->nodes[i], &u->nodes[i], sizeof(rt_hnode_t)) == 0);
    }
}


/* plain C */

static rt_hmarks_pt
slowest(void)
{
    unsigned       i;
    const char    *name;
    rt_hmarks_pt   marks, next;

    marks = NULL;

    for (i = 0; (next = rt_hmarks_way(i, &name)) != NULL; i++) {
        marks = next;
    }

    return marks;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned              i, n, k;
    unsigned char        *doc;
    static rt_html_t      one, other;
    static rt_html_tag_t  whole[TAGS_MAX], parts[TAGS_MAX];

    if (size < 1) {
        return 0;
    }

    doc = malloc(size - 1 + BLANKS);
    memcpy(doc, data + 1, size - 1);
    memset(doc + size - 1, ' ', BLANKS);
    size += BLANKS - 1;

    n = run(&one, doc, size, size, rt_hmarks(), whole);
    k = run(&other, doc, size, 1 + data[0] % 200, slowest(), parts);

    check(n == k && one.tree.stopped == other.tree.stopped);

    if (!one.tree.stopped) {
        check_states(&one, &other);
    }

    for (i = 0; i < n; i++) {
        check_tag(doc, &whole[i], i ? whole[i - 1].end : 0);
        check(same(&whole[i], &parts[i]));
    }

    free(doc);

    return 0;
}
