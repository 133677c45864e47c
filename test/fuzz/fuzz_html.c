
/*
 * The tokenizer: the first byte is the size of the pieces, the rest a page.
 * Whatever the split, the same tags and, after the last byte, the same open
 * elements: the quick way reads what is far from the end of a piece, the
 * states read the rest, so blanks follow the page.  Every tag begins with "<"
 * and its name, ends with ">", and its nonce lies in it behind that name.
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
    rt_html_tag_t *tags)
{
    unsigned              n;
    uint64_t              start;
    rt_html_tag_t         tag;
    unsigned char        *piece;
    const unsigned char  *p;
    size_t                at, size;

    n = 0;
    rt_html_init(h, 7);

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
            check(start <= h->offset && start > h->tag.start);
        }

        free(piece);
    }

    return n;
}


static int
same(const rt_html_tag_t *a, const rt_html_tag_t *b)
{
    return a->tag == b->tag && a->start == b->start && a->end == b->end
           && a->nonce == b->nonce && a->foreign == b->foreign
           && a->self_closing == b->self_closing && a->markup == b->markup
           && a->duplicate == b->duplicate
           && (!a->nonce || (a->nonce_start == b->nonce_start
                             && a->nonce_end == b->nonce_end));
}


static void
check_trees(const rt_htree_t *a, const rt_htree_t *b)
{
    unsigned  i;

    check(a->stopped == b->stopped && a->mode == b->mode
          && a->quirks == b->quirks && a->not_frameset == b->not_frameset
          && a->head == b->head && a->in_form == b->in_form
          && (!a->in_form || a->form == b->form) && a->serial == b->serial
          && a->depth == b->depth && a->nformats == b->nformats
          && a->ntemplates == b->ntemplates && a->open_p == b->open_p);

    check(memcmp(a->stack, b->stack, a->depth * sizeof(rt_hnode_t)) == 0);
    check(memcmp(a->templates, b->templates, a->ntemplates) == 0);

    for (i = 0; i < a->nformats; i++) {
        check(a->formats[i].tag == b->formats[i].tag);
        check(a->formats[i].tag == RT_HTAG_OTHER
              || (a->formats[i].serial == b->formats[i].serial
                  && a->formats[i].attrs == b->formats[i].attrs));
    }
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

    n = run(&one, doc, size, size, whole);
    k = run(&other, doc, size, 1 + data[0] % 37, parts);

    check(n == k && one.stopped == other.stopped);

    if (!one.stopped) {
        check_trees(&one.tree, &other.tree);
    }

    for (i = 0; i < n; i++) {
        check_tag(doc, &whole[i], i ? whole[i - 1].end : 0);
        check(same(&whole[i], &parts[i]));
    }

    free(doc);

    return 0;
}
