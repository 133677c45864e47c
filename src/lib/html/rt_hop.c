
/* memrchr() */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "html/rt_hop.h"


/* bytes that are read behind a "<" to tell whether it may matter */
#define AHEAD  3


#define L  RT_HC_LETTER

const unsigned char  rt_hclass[256] = {
    ['\t'] = RT_HC_SPACE, ['\n'] = RT_HC_SPACE, ['\f'] = RT_HC_SPACE,
    ['\r'] = RT_HC_SPACE, [' '] = RT_HC_SPACE, ['/'] = RT_HC_SLASH,
    ['>'] = RT_HC_GT, ['='] = RT_HC_EQUALS, ['"'] = RT_HC_DOUBLE,
    ['\''] = RT_HC_SINGLE, ['<'] = RT_HC_LT,

    ['A'] = L, ['B'] = L, ['C'] = L, ['D'] = L, ['E'] = L, ['F'] = L,
    ['G'] = L, ['H'] = L, ['I'] = L, ['J'] = L, ['K'] = L, ['L'] = L,
    ['M'] = L, ['N'] = L, ['O'] = L, ['P'] = L, ['Q'] = L, ['R'] = L,
    ['S'] = L, ['T'] = L, ['U'] = L, ['V'] = L, ['W'] = L, ['X'] = L,
    ['Y'] = L, ['Z'] = L,
    ['a'] = L, ['b'] = L, ['c'] = L, ['d'] = L, ['e'] = L, ['f'] = L,
    ['g'] = L, ['h'] = L, ['i'] = L, ['j'] = L, ['k'] = L, ['l'] = L,
    ['m'] = L, ['n'] = L, ['o'] = L, ['p'] = L, ['q'] = L, ['r'] = L,
    ['s'] = L, ['t'] = L, ['u'] = L, ['v'] = L, ['w'] = L, ['x'] = L,
    ['y'] = L, ['z'] = L
};


/*
 * next[state][class].  "<!", "<?" and "</" before another byte than a letter
 * begin a comment; these matter, so they are never run through.
 */

static const unsigned char  next[RT_HS_TAGS][RT_HC_N] = {

#define ROW(state, other, space, slash, gt, equals, dq, sq, lt, letter)       \
    [RT_HS_##state] = {                                                       \
        RT_HS_##other, RT_HS_##space, RT_HS_##slash, RT_HS_##gt,              \
        RT_HS_##equals, RT_HS_##dq, RT_HS_##sq, RT_HS_##lt, RT_HS_##letter    \
    }

    ROW(DATA, DATA, DATA, DATA, DATA, DATA, DATA, DATA, OPEN, DATA),
    ROW(OPEN, DATA, DATA, END_OPEN, DATA, DATA, DATA, DATA, OPEN, NAME),
    ROW(END_OPEN, DATA, DATA, DATA, DATA, DATA, DATA, DATA, DATA, NAME),
    ROW(NAME, NAME, BEFORE, SLASH, DATA, NAME, NAME, NAME, NAME, NAME),
    ROW(BEFORE, ATTR, BEFORE, SLASH, DATA, ATTR, ATTR, ATTR, ATTR, ATTR),
    ROW(ATTR, ATTR, AFTER, SLASH, DATA, EQUALS, ATTR, ATTR, ATTR, ATTR),
    ROW(AFTER, ATTR, AFTER, SLASH, DATA, EQUALS, ATTR, ATTR, ATTR, ATTR),
    ROW(EQUALS, BARE, EQUALS, BARE, DATA, BARE, DOUBLE, SINGLE, BARE, BARE),
    ROW(DOUBLE, DOUBLE, DOUBLE, DOUBLE, DOUBLE, DOUBLE, BEFORE, DOUBLE,
        DOUBLE, DOUBLE),
    ROW(SINGLE, SINGLE, SINGLE, SINGLE, SINGLE, SINGLE, SINGLE, BEFORE,
        SINGLE, SINGLE),
    ROW(BARE, BARE, BEFORE, BARE, DATA, BARE, BARE, BARE, BARE, BARE),
    ROW(SLASH, ATTR, BEFORE, SLASH, DATA, ATTR, ATTR, ATTR, ATTR, ATTR)
};


#undef L
#undef ROW


/*
 * What may matter: "<!", "<?", "</" before another byte than a letter, and
 * tags by the first three letters of their names.  (A <col> does in a template,
 * which is not hopped over.)  Of each byte: which of them have it there.
 */

enum {
    SCR = 0x00001, STY = 0x00002, LIN = 0x00004, TIT = 0x00008,
    TEX = 0x00010, XMP = 0x00020, IFR = 0x00040, NOE = 0x00080,
    NOF = 0x00100, NOS = 0x00200, PLA = 0x00400, SVG = 0x00800,
    MAT = 0x01000, SEL = 0x02000, FRA = 0x04000, TEM = 0x08000,

    ANY = 0x10000,              /* whatever follows */
    END = 0x20000,              /* unless a letter follows */

    MET = 0x40000               /* to who looks for it */
};

#define LETTER(upper, lower, first, second, third)                            \
    [upper] = { first, (second)|END, third },                                 \
    [lower] = { first, (second)|END, third }

static const struct {
    uint32_t  first;
    uint32_t  second;
    uint32_t  third;
} bears[256] = {
    ['!'] = { ANY, 0, 0 },
    ['?'] = { ANY, 0, 0 },
    ['/'] = { END, 0, 0 },

    LETTER('A', 'a', 0, MAT, PLA|FRA),
    LETTER('B', 'b', 0, 0, 0),
    LETTER('C', 'c', 0, SCR, 0),
    LETTER('D', 'd', 0, 0, 0),
    LETTER('E', 'e', 0, TEX|SEL|TEM|MET, NOE),
    LETTER('F', 'f', FRA, IFR, NOF),
    LETTER('G', 'g', 0, 0, SVG),
    LETTER('H', 'h', 0, 0, 0),
    LETTER('I', 'i', IFR, LIN|TIT, 0),
    LETTER('J', 'j', 0, 0, 0),
    LETTER('K', 'k', 0, 0, 0),
    LETTER('L', 'l', LIN, PLA, SEL),
    LETTER('M', 'm', MAT|MET, XMP, TEM),
    LETTER('N', 'n', NOE|NOF|NOS, 0, LIN),
    LETTER('O', 'o', 0, NOE|NOF|NOS, 0),
    LETTER('P', 'p', PLA, 0, XMP),
    LETTER('Q', 'q', 0, 0, 0),
    LETTER('R', 'r', 0, FRA, SCR|IFR),
    LETTER('S', 's', SCR|STY|SVG|SEL, 0, NOS),
    LETTER('T', 't', TIT|TEX|TEM, STY, TIT|MAT|MET),
    LETTER('U', 'u', 0, 0, 0),
    LETTER('V', 'v', 0, SVG, 0),
    LETTER('W', 'w', 0, 0, 0),
    LETTER('X', 'x', XMP, 0, TEX),
    LETTER('Y', 'y', 0, 0, STY),
    LETTER('Z', 'z', 0, 0, 0)
};


/* may what begins with the "<" at p matter?  Reads AHEAD bytes more. */

static inline uint32_t
matters(const unsigned char *p)
{
    uint32_t  second;

    second = bears[p[2]].second;

    return bears[p[1]].first
           & ((second & bears[p[3]].third) | ANY | (~second & END));
}


/* in which state is p, if first is in that one? */

static unsigned
run(unsigned state, const unsigned char *first, const unsigned char *p)
{
    while (first < p) {

        if (state == RT_HS_DATA || state == RT_HS_DOUBLE
            || state == RT_HS_SINGLE)
        {
            first = memchr(first, state == RT_HS_DATA ? '<'
                                  : state == RT_HS_DOUBLE ? '"' : '\'',
                           (size_t) (p - first));

            if (first == NULL) {
                return state;
            }
        }

        state = next[state][rt_hclass[*first++]];
    }

    return state;
}


/* may p stand in a value with that quote?  known is in that state. */

static int
may_be_quoted(unsigned state, const unsigned char *known,
    const unsigned char *p, unsigned quoted)
{
    const unsigned char  *q;

    q = memrchr(known, quoted == RT_HS_DOUBLE ? '"' : '\'',
                (size_t) (p - known));

    if (q == NULL) {
        return state == quoted;
    }

    while (q > known && rt_hclass[q[-1]] == RT_HC_SPACE) {
        q--;
    }

    return q == known || q[-1] == '=';
}


/*
 * The state p is in.  What lies between known, which is in that state, and p
 * has no "<" of text that matters; p is the next to be known, so all of this
 * is linear.
 */

static unsigned
state_at(unsigned state, const unsigned char *known, const unsigned char *p)
{
    unsigned              found, quoted;
    const unsigned char  *gt;

    gt = memrchr(known, '>', (size_t) (p - known));

    if (gt == NULL) {
        return run(state, known, p);
    }

    gt++;
    found = run(RT_HS_DATA, gt, p);

    for (quoted = RT_HS_DOUBLE; quoted <= RT_HS_SINGLE; quoted++) {

        if (may_be_quoted(state, known, gt, quoted)
            && run(quoted, gt, p) != found)
        {
            return run(state, known, p);
        }
    }

    return found;
}


/*
 * Of the "<" in p[0 .. 64), which lt marks: the first that may matter and is
 * text.  ret: NULL if there is none; *known has been moved to the last one
 * that was looked at
 */

static const unsigned char *
find_text(const unsigned char *p, uint64_t lt, unsigned meta, unsigned *state,
    const unsigned char **known)
{
    uint32_t              why;
    const unsigned char  *q;

    for ( /* void */ ; lt; lt &= lt - 1) {
        q = p + __builtin_ctzll(lt);
        why = matters(q);

        if (why == 0 || (why == MET && !meta)) {
            continue;
        }

        *state = state_at(*state, *known, q);
        *known = q;

        /* "<<": the second one begins a tag, too */

        if (*state <= RT_HS_OPEN) {
            return q;
        }
    }

    return NULL;
}


/*
 * No "<" of text in [known, p) matters: where the byte-wise way goes on, at the
 * last "<" of all
 */

static const unsigned char *
leave(const unsigned char *known, const unsigned char *p, unsigned *state)
{
    const unsigned char  *lt;

    lt = memrchr(known, '<', (size_t) (p - known));

    if (lt == NULL) {
        return (*state == RT_HS_DATA) ? p : known;
    }

    *state = state_at(*state, known, lt);

    if (*state == RT_HS_OPEN) {
        *state = RT_HS_DATA;
    }

    return lt;
}


const unsigned char *
rt_hop(rt_hmarks_pt marks, const unsigned char *p, const unsigned char *last,
    unsigned meta, unsigned *state)
{
    size_t                i, n, most;
    uint64_t              masks[RT_HMARKS_RUN];
    const unsigned char  *known, *found;

    known = p;
    most = 4;
    *state = RT_HS_DATA;

    while ((size_t) (last - p) >= RT_HMARKS_SIZE + AHEAD) {

        n = (size_t) (last - p - AHEAD) / RT_HMARKS_SIZE;
        n = n < most ? n : most;
        most = RT_HMARKS_RUN;

        marks(p, n, '<', masks);

        for (i = 0; i < n; i++, p += RT_HMARKS_SIZE) {

            found = find_text(p, masks[i], meta, state, &known);

            if (found != NULL) {
                *state = RT_HS_DATA;
                return found;
            }
        }
    }

    return leave(known, p, state);
}
