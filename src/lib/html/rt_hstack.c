
#include "html/rt_hstack.h"


void
rt_hpop_to(rt_htree_t *t, unsigned depth)
{
    while (t->depth > depth) {
        rt_hpop(t);
    }
}


void
rt_hremove(rt_htree_t *t, unsigned i)
{
    t->open_p -= rt_hnode_is(&t->stack[i], RT_HTAG_P);
    t->depth--;

    memmove(&t->stack[i], &t->stack[i + 1],
            (t->depth - i) * sizeof(rt_hnode_t));
}


void
rt_hpop_until(rt_htree_t *t, rt_htag_e tag)
{
    while (t->depth) {
        if (rt_hcurrent_is(t, tag)) {
            rt_hpop(t);
            return;
        }

        rt_hpop(t);
    }
}


int
rt_hfind(const rt_htree_t *t, uint32_t serial)
{
    int  i;

    for (i = (int) t->depth - 1; i >= 0; i--) {
        if (t->stack[i].serial == serial) {
            return i;
        }
    }

    return -1;
}


int
rt_hmath_text(const rt_hnode_t *n)
{
    if (n->ns != RT_HNS_MATHML) {
        return 0;
    }

    return n->tag == RT_HTAG_MI || n->tag == RT_HTAG_MO
           || n->tag == RT_HTAG_MN || n->tag == RT_HTAG_MS
           || n->tag == RT_HTAG_MTEXT;
}


/* what is special in foreign content is also what ends a scope there */

static int
foreign_special(const rt_hnode_t *n)
{
    if (n->ns == RT_HNS_SVG) {
        return n->tag == RT_HTAG_FOREIGNOBJECT || n->tag == RT_HTAG_DESC
               || n->tag == RT_HTAG_TITLE;
    }

    return rt_hmath_text(n) || n->tag == RT_HTAG_ANNOTATION_XML;
}


int
rt_hspecial(const rt_hnode_t *n)
{
    if (n->ns == RT_HNS_HTML) {
        return (rt_htag_props[n->tag] & RT_HP_SPECIAL) != 0;
    }

    return foreign_special(n);
}


static int
ends_scope(const rt_hnode_t *n, rt_hscope_e scope)
{
    if (scope == RT_HSCOPE_TABLE) {
        return rt_hnode_is(n, RT_HTAG_HTML) || rt_hnode_is(n, RT_HTAG_TABLE)
               || rt_hnode_is(n, RT_HTAG_TEMPLATE);
    }

    if (n->ns != RT_HNS_HTML) {
        return foreign_special(n);
    }

    if (rt_htag_props[n->tag] & RT_HP_SCOPE) {
        return 1;
    }

    switch (scope) {

    case RT_HSCOPE_LIST:
        return n->tag == RT_HTAG_OL || n->tag == RT_HTAG_UL;

    case RT_HSCOPE_BUTTON:
        return n->tag == RT_HTAG_BUTTON;

    default:
        return 0;
    }
}


int
rt_hin_scope(const rt_htree_t *t, rt_htag_e tag, rt_hscope_e scope)
{
    const rt_hnode_t  *n;

    if (tag == RT_HTAG_P && t->open_p == 0) {
        return 0;
    }

    for (n = t->stack + t->depth; n-- > t->stack; /* void */ ) {

        if (rt_hnode_is(n, tag)) {
            return 1;
        }

        if (ends_scope(n, scope)) {
            return 0;
        }
    }

    return 0;
}


int
rt_hheading_in_scope(const rt_htree_t *t)
{
    const rt_hnode_t  *n;

    for (n = t->stack + t->depth; n-- > t->stack; /* void */ ) {

        if (rt_hnode_props(n) & RT_HP_HEADING) {
            return 1;
        }

        if (ends_scope(n, RT_HSCOPE)) {
            return 0;
        }
    }

    return 0;
}


void
rt_himplied(rt_htree_t *t, rt_htag_e except)
{
    const rt_hnode_t  *n;

    for ( ;; ) {
        n = rt_hcurrent(t);

        if (n == NULL
            || !(rt_hnode_props(n) & RT_HP_IMPLIED)
            || (except != RT_HTAG_OTHER && n->tag == except))
        {
            return;
        }

        rt_hpop(t);
    }
}


void
rt_himplied_thoroughly(rt_htree_t *t)
{
    while (t->depth
           && (rt_hnode_props(rt_hcurrent(t))
               & (RT_HP_IMPLIED | RT_HP_THOROUGH)))
    {
        rt_hpop(t);
    }
}


void
rt_hclear_back(rt_htree_t *t, rt_htag_e a, rt_htag_e b, rt_htag_e c)
{
    const rt_hnode_t  *n;

    while (t->depth) {
        n = rt_hcurrent(t);

        if (rt_hnode_is(n, a) || rt_hnode_is(n, b) || rt_hnode_is(n, c)
            || rt_hnode_is(n, RT_HTAG_TEMPLATE)
            || rt_hnode_is(n, RT_HTAG_HTML))
        {
            return;
        }

        rt_hpop(t);
    }
}


void
rt_hclose_p(rt_htree_t *t)
{
    if (rt_hin_scope(t, RT_HTAG_P, RT_HSCOPE_BUTTON)) {
        rt_himplied(t, RT_HTAG_P);
        rt_hpop_until(t, RT_HTAG_P);
    }
}


/* active formatting elements */


void
rt_hformat_remove(rt_htree_t *t, unsigned i)
{
    t->nformats--;

    memmove(&t->formats[i], &t->formats[i + 1],
            (t->nformats - i) * sizeof(rt_hformat_t));
}


static void
format_insert(rt_htree_t *t, unsigned i, const rt_hformat_t *f)
{
    if (t->nformats == RT_HTREE_FORMATS) {
        t->stopped = RT_HSTOP_DEPTH;
        return;
    }

    memmove(&t->formats[i + 1], &t->formats[i],
            (t->nformats - i) * sizeof(rt_hformat_t));

    t->formats[i] = *f;
    t->nformats++;
}


/* with the "Noah's Ark clause": of four that are equal the first leaves */

void
rt_hpush_format(rt_htree_t *t, const rt_htoken_t *token)
{
    int       i, first;
    unsigned  equal;

    if (t->stopped) {
        return;
    }

    first = 0;
    equal = 0;

    for (i = (int) t->nformats - 1; i >= 0; i--) {

        if (t->formats[i].tag == RT_HTAG_OTHER) {
            break;
        }

        if (t->formats[i].tag == token->tag
            && t->formats[i].attrs == token->attrs)
        {
            first = i;
            equal++;
        }
    }

    if (equal >= 3) {
        rt_hformat_remove(t, (unsigned) first);
    }

    rt_hformat_append(t, token->tag, token->attrs, rt_hcurrent(t)->serial);
}


void
rt_hreconstruct(rt_htree_t *t)
{
    unsigned       i;
    rt_hformat_t  *f;

    i = t->nformats;

    while (i) {
        f = &t->formats[i - 1];

        if (f->tag == RT_HTAG_OTHER || rt_hfind(t, f->serial) >= 0) {
            break;
        }

        i--;
    }

    for ( /* void */ ; i < t->nformats && !t->stopped; i++) {
        rt_hinsert(t, (rt_htag_e) t->formats[i].tag);
        t->formats[i].serial = t->serial;
    }
}


int
rt_hformat_find(const rt_htree_t *t, rt_htag_e tag)
{
    int  i;

    for (i = (int) t->nformats - 1; i >= 0; i--) {

        if (t->formats[i].tag == RT_HTAG_OTHER) {
            return -1;
        }

        if (t->formats[i].tag == tag) {
            return i;
        }
    }

    return -1;
}


static int
format_of(const rt_htree_t *t, uint32_t serial)
{
    int  i;

    for (i = (int) t->nformats - 1; i >= 0; i--) {
        if (t->formats[i].tag != RT_HTAG_OTHER
            && t->formats[i].serial == serial)
        {
            return i;
        }
    }

    return -1;
}


void
rt_hend_any(rt_htree_t *t, const rt_htoken_t *token)
{
    unsigned     i;
    rt_hnode_t  *n;

    for (i = t->depth; i-- > 0; /* void */ ) {
        n = &t->stack[i];

        if (n->ns == RT_HNS_HTML && n->tag == token->tag
            && n->name == token->name)
        {
            /* implied end tags of others than this are popped with it */
            rt_hpop_to(t, i);
            return;
        }

        if (rt_hspecial(n)) {
            return;
        }
    }
}


/*
 * The part of the adoption agency that moves the formatting element at
 * stack[fe], formats[f] below the furthest block at stack[fb].  What the
 * algorithm clones keeps its identity here: the original is open no more.
 */

static void
adopt_below(rt_htree_t *t, unsigned f, unsigned fe, unsigned fb)
{
    int           a;
    unsigned      i, inner, bookmark;
    rt_hnode_t    node;
    rt_hformat_t  format;

    bookmark = f;
    inner = 0;

    for (i = fb; i-- > fe + 1; /* void */ ) {
        inner++;
        a = format_of(t, t->stack[i].serial);

        if (inner > 3 && a >= 0) {
            rt_hformat_remove(t, (unsigned) a);

            bookmark -= (unsigned) a < bookmark;
            f -= (unsigned) a < f;
            a = -1;
        }

        if (a < 0) {
            rt_hremove(t, i);
            fb--;
            continue;
        }

        if (i == fb - 1) {
            bookmark = (unsigned) a + 1;
        }
    }

    format = t->formats[f];
    node = t->stack[fe];

    rt_hformat_remove(t, f);
    bookmark -= f < bookmark;
    format_insert(t, bookmark, &format);

    /* out from above, in below: the furthest block moves up by one */
    memmove(&t->stack[fe], &t->stack[fe + 1],
            (fb - fe) * sizeof(rt_hnode_t));
    t->stack[fb] = node;
}


static int
furthest_block(const rt_htree_t *t, unsigned fe)
{
    unsigned  i;

    for (i = fe + 1; i < t->depth; i++) {
        if (rt_hspecial(&t->stack[i])) {
            return (int) i;
        }
    }

    return -1;
}


/* in scope, by identity */

static int
node_in_scope(const rt_htree_t *t, unsigned i)
{
    unsigned  k;

    for (k = t->depth - 1; k > i; k--) {
        if (ends_scope(&t->stack[k], RT_HSCOPE)) {
            return 0;
        }
    }

    return 1;
}


void
rt_hadopt(rt_htree_t *t, const rt_htoken_t *token)
{
    int       f, fe, fb;
    unsigned  outer;

    if (rt_hcurrent_is(t, token->tag)
        && format_of(t, rt_hcurrent(t)->serial) < 0)
    {
        rt_hpop(t);
        return;
    }

    for (outer = 0; outer < 8 && !t->stopped; outer++) {
        f = rt_hformat_find(t, token->tag);

        if (f < 0) {
            rt_hend_any(t, token);
            return;
        }

        fe = rt_hfind(t, t->formats[f].serial);

        if (fe < 0) {
            rt_hformat_remove(t, (unsigned) f);
            return;
        }

        if (!node_in_scope(t, (unsigned) fe)) {
            return;
        }

        fb = furthest_block(t, (unsigned) fe);

        if (fb < 0) {
            rt_hpop_to(t, (unsigned) fe);
            rt_hformat_remove(t, (unsigned) f);
            return;
        }

        adopt_below(t, (unsigned) f, (unsigned) fe, (unsigned) fb);
    }
}
