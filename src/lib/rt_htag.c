
#include "rt_htag.h"


#define RT_HTAG_LONGEST  14
#define SLOTS            1024


#define RT_HTAG_PROPS(id, name, props)  props,
#define RT_HTAG_NAME(id, name, props)   name,


const unsigned short  rt_htag_props[RT_HTAG_N] = {
    0,
    RT_HTAGS(RT_HTAG_PROPS)
};


static const char  names[RT_HTAG_N][RT_HTAG_ROOM] = {
    "",
    RT_HTAGS(RT_HTAG_NAME)
};


/*
 * A perfect hash: every name has a slot of its own.  The factors were found
 * by trial; a unit test looks every name up.
 */

static inline unsigned
slot(const unsigned char *name, size_t len)
{
    return ((unsigned) len * 762u + name[0] * 954u + name[len - 1] * 516u
            + name[len / 2] * 383u) % SLOTS;
}


static const unsigned char  slots[SLOTS] = {
    [1] = RT_HTAG_AREA, [11] = RT_HTAG_STYLE, [23] = RT_HTAG_STRONG,
    [24] = RT_HTAG_RP, [32] = RT_HTAG_H4, [41] = RT_HTAG_DESC,
    [52] = RT_HTAG_MALIGNMARK, [59] = RT_HTAG_HTML, [74] = RT_HTAG_TITLE,
    [84] = RT_HTAG_B, [91] = RT_HTAG_SUMMARY, [107] = RT_HTAG_KEYGEN,
    [109] = RT_HTAG_OBJECT, [112] = RT_HTAG_PRE, [117] = RT_HTAG_DIR,
    [118] = RT_HTAG_LISTING, [133] = RT_HTAG_DIV, [140] = RT_HTAG_SOURCE,
    [151] = RT_HTAG_FIGURE, [157] = RT_HTAG_H3, [168] = RT_HTAG_SECTION,
    [170] = RT_HTAG_ADDRESS, [187] = RT_HTAG_TEXTAREA, [189] = RT_HTAG_BASE,
    [202] = RT_HTAG_WBR, [208] = RT_HTAG_HEADER, [215] = RT_HTAG_FRAMESET,
    [225] = RT_HTAG_MI, [233] = RT_HTAG_MAIN, [241] = RT_HTAG_XMP,
    [255] = RT_HTAG_LEGEND, [263] = RT_HTAG_ASIDE, [264] = RT_HTAG_CAPTION,
    [268] = RT_HTAG_COLGROUP, [279] = RT_HTAG_A, [282] = RT_HTAG_H2,
    [285] = RT_HTAG_EM, [287] = RT_HTAG_TBODY, [295] = RT_HTAG_LI,
    [304] = RT_HTAG_FOREIGNOBJECT, [314] = RT_HTAG_UL, [317] = RT_HTAG_HGROUP,
    [320] = RT_HTAG_TEMPLATE, [326] = RT_HTAG_MATH, [332] = RT_HTAG_FOOTER,
    [337] = RT_HTAG_SCRIPT, [348] = RT_HTAG_TABLE, [360] = RT_HTAG_TD,
    [407] = RT_HTAG_H1, [408] = RT_HTAG_TT, [413] = RT_HTAG_COL,
    [418] = RT_HTAG_SVG, [424] = RT_HTAG_LABEL, [426] = RT_HTAG_P,
    [427] = RT_HTAG_BGSOUND, [452] = RT_HTAG_OPTGROUP, [456] = RT_HTAG_DD,
    [465] = RT_HTAG_NAV, [473] = RT_HTAG_IFRAME, [474] = RT_HTAG_HR,
    [475] = RT_HTAG_U, [480] = RT_HTAG_DL, [493] = RT_HTAG_ANNOTATION_XML,
    [499] = RT_HTAG_MO, [504] = RT_HTAG_DT, [511] = RT_HTAG_MTEXT,
    [518] = RT_HTAG_CODE, [527] = RT_HTAG_SUB, [538] = RT_HTAG_NOSCRIPT,
    [542] = RT_HTAG_CENTER, [548] = RT_HTAG_RT, [551] = RT_HTAG_HEAD,
    [570] = RT_HTAG_NOBR, [575] = RT_HTAG_SMALL, [582] = RT_HTAG_FORM,
    [583] = RT_HTAG_SUP, [593] = RT_HTAG_OPTION, [596] = RT_HTAG_BUTTON,
    [614] = RT_HTAG_FONT, [617] = RT_HTAG_DETAILS, [624] = RT_HTAG_MN,
    [640] = RT_HTAG_MENU, [644] = RT_HTAG_PARAM, [652] = RT_HTAG_PLAINTEXT,
    [658] = RT_HTAG_TR, [664] = RT_HTAG_SEARCH, [668] = RT_HTAG_BODY,
    [670] = RT_HTAG_LINK, [679] = RT_HTAG_NOFRAMES, [693] = RT_HTAG_MGLYPH,
    [698] = RT_HTAG_APPLET, [725] = RT_HTAG_BIG, [730] = RT_HTAG_RTC,
    [734] = RT_HTAG_OL, [735] = RT_HTAG_IMAGE, [743] = RT_HTAG_IMG,
    [750] = RT_HTAG_RB, [763] = RT_HTAG_ARTICLE, [767] = RT_HTAG_I,
    [779] = RT_HTAG_TFOOT, [789] = RT_HTAG_STRIKE, [806] = RT_HTAG_H6,
    [808] = RT_HTAG_FIGCAPTION, [810] = RT_HTAG_META, [830] = RT_HTAG_RUBY,
    [845] = RT_HTAG_SPAN, [853] = RT_HTAG_SELECT, [856] = RT_HTAG_FIELDSET,
    [865] = RT_HTAG_S, [869] = RT_HTAG_NOEMBED, [878] = RT_HTAG_BASEFONT,
    [882] = RT_HTAG_EMBED, [884] = RT_HTAG_TH, [894] = RT_HTAG_BR,
    [908] = RT_HTAG_INPUT, [913] = RT_HTAG_VAR, [923] = RT_HTAG_BLOCKQUOTE,
    [931] = RT_HTAG_H5, [939] = RT_HTAG_MARQUEE, [945] = RT_HTAG_FRAME,
    [948] = RT_HTAG_DIALOG, [981] = RT_HTAG_THEAD, [1013] = RT_HTAG_TRACK,
    [1023] = RT_HTAG_MS
};


rt_htag_e
rt_htag_find(const unsigned char *name, size_t len)
{
    rt_htag_e  tag;

    if (len == 0 || len > RT_HTAG_LONGEST) {
        return RT_HTAG_OTHER;
    }

    tag = (rt_htag_e) slots[slot(name, len)];

    return memcmp(name, names[tag], RT_HTAG_ROOM) == 0 ? tag : RT_HTAG_OTHER;
}


const char *
rt_htag_name(rt_htag_e tag)
{
    return names[tag];
}
