
#include "html/rt_htag.h"


#define RT_HTAG_PROPS(id, name, props)  props,
#define RT_HTAG_NAME(id, name, props)   { name, sizeof(name) - 1 },


const unsigned char  rt_htag_props[RT_HTAG_N] = {
    0,
    RT_HTAGS(RT_HTAG_PROPS)
};


const rt_htag_name_t  rt_htag_names[RT_HTAG_N] = {
    { "", 0 },
    RT_HTAGS(RT_HTAG_NAME)
};


/*
 * A perfect hash: each of the names of up to 8 bytes has a slot of its own.
 * Made by util/tables.py; a unit test looks every name up.
 */

const unsigned char  rt_htag_slots[RT_HTAG_SLOTS] = {
    [13] = RT_HTAG_MN, [14] = RT_HTAG_BASEFONT, [15] = RT_HTAG_SVG, [16] =
    RT_HTAG_EMBED, [30] = RT_HTAG_H5, [34] = RT_HTAG_PRE, [36] = RT_HTAG_H1,
    [46] = RT_HTAG_BASE, [74] = RT_HTAG_XMP, [76] = RT_HTAG_THEAD, [93] =
    RT_HTAG_IMAGE, [115] = RT_HTAG_STRIKE, [116] = RT_HTAG_DT, [119] =
    RT_HTAG_BIG, [128] = RT_HTAG_DL, [131] = RT_HTAG_NOSCRIPT, [134] =
    RT_HTAG_MGLYPH, [135] = RT_HTAG_P, [140] = RT_HTAG_DD, [144] =
    RT_HTAG_NOFRAMES, [145] = RT_HTAG_LISTING, [146] = RT_HTAG_DIV, [147] =
    RT_HTAG_SCRIPT, [148] = RT_HTAG_MI, [151] = RT_HTAG_TFOOT, [159] =
    RT_HTAG_H4, [171] = RT_HTAG_UL, [175] = RT_HTAG_TR, [178] = RT_HTAG_MENU,
    [187] = RT_HTAG_COLGROUP, [188] = RT_HTAG_SMALL, [197] = RT_HTAG_AREA, [199]
    = RT_HTAG_TBODY, [208] = RT_HTAG_FRAMESET, [228] = RT_HTAG_STRONG, [234] =
    RT_HTAG_BGSOUND, [238] = RT_HTAG_FONT, [239] = RT_HTAG_INPUT, [242] =
    RT_HTAG_EM, [246] = RT_HTAG_OL, [247] = RT_HTAG_META, [255] = RT_HTAG_RUBY,
    [261] = RT_HTAG_CENTER, [281] = RT_HTAG_IMG, [286] = RT_HTAG_COL, [289] =
    RT_HTAG_H3, [310] = RT_HTAG_B, [311] = RT_HTAG_LINK, [325] = RT_HTAG_HR,
    [328] = RT_HTAG_U, [329] = RT_HTAG_FRAME, [343] = RT_HTAG_MATH, [351] =
    RT_HTAG_SPAN, [352] = RT_HTAG_KEYGEN, [353] = RT_HTAG_S, [366] =
    RT_HTAG_TEMPLATE, [381] = RT_HTAG_SUP, [383] = RT_HTAG_TITLE, [384] =
    RT_HTAG_IFRAME, [389] = RT_HTAG_MS, [390] = RT_HTAG_SOURCE, [395] =
    RT_HTAG_MO, [397] = RT_HTAG_VAR, [400] = RT_HTAG_BR, [408] =
    RT_HTAG_TEXTAREA, [412] = RT_HTAG_H6, [416] = RT_HTAG_LI, [418] =
    RT_HTAG_H2, [420] = RT_HTAG_PARAM, [428] = RT_HTAG_TT, [434] =
    RT_HTAG_TABLE, [435] = RT_HTAG_NOEMBED, [440] = RT_HTAG_STYLE, [446] =
    RT_HTAG_TH, [451] = RT_HTAG_TRACK, [452] = RT_HTAG_TD, [463] =
    RT_HTAG_SELECT, [468] = RT_HTAG_SUB, [470] = RT_HTAG_MTEXT, [473] =
    RT_HTAG_CODE, [478] = RT_HTAG_I, [479] = RT_HTAG_NOBR, [488] = RT_HTAG_BODY,
    [493] = RT_HTAG_CAPTION, [501] = RT_HTAG_DESC, [503] = RT_HTAG_HEAD, [511] =
    RT_HTAG_WBR
};


/* the others */

static const unsigned char  longer[] = {
    RT_HTAG_PLAINTEXT, RT_HTAG_BLOCKQUOTE, RT_HTAG_MALIGNMARK,
    RT_HTAG_FOREIGNOBJECT, RT_HTAG_ANNOTATION_XML
};


rt_htag_e
rt_htag_find(const unsigned char *name, size_t len)
{
    size_t                 i;
    const rt_htag_name_t  *known;

    /* a NUL at the end is part of the name */

    if (len == 0 || name[len - 1] == '\0') {
        return RT_HTAG_OTHER;
    }

    if (len <= sizeof(uint64_t)) {
        return rt_htag_short(rt_htag_word(name, len));
    }

    for (i = 0; i < sizeof(longer); i++) {
        known = &rt_htag_names[longer[i]];

        if (len == known->len && memcmp(name, known->text, len) == 0) {
            return (rt_htag_e) longer[i];
        }
    }

    return RT_HTAG_OTHER;
}


const char *
rt_htag_name(rt_htag_e tag)
{
    return (const char *) rt_htag_names[tag].text;
}
