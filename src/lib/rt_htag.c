
#include "rt_htag.h"


#define RT_HTAG_LONGEST  14


#define RT_HTAG_PROPS(id, name, props)  props,
#define RT_HTAG_NAME(id, name, props)   name,


const unsigned short  rt_htag_props[RT_HTAG_N] = {
    0,
    RT_HTAGS(RT_HTAG_PROPS)
};


static const char *const  names[RT_HTAG_N] = {
    "",
    RT_HTAGS(RT_HTAG_NAME)
};


/* where the names of a length begin; [n + 1] is where they end */

static const unsigned char  first[RT_HTAG_LONGEST + 2] = {
    0, RT_HTAG_A, RT_HTAG_BR, RT_HTAG_BIG, RT_HTAG_AREA, RT_HTAG_ASIDE,
    RT_HTAG_APPLET, RT_HTAG_ADDRESS, RT_HTAG_BASEFONT, RT_HTAG_PLAINTEXT,
    RT_HTAG_BLOCKQUOTE, RT_HTAG_N - 2, RT_HTAG_N - 2, RT_HTAG_FOREIGNOBJECT,
    RT_HTAG_ANNOTATION_XML, RT_HTAG_N
};


rt_htag_e
rt_htag_find(const unsigned char *name, size_t len)
{
    unsigned  i;

    if (len == 0 || len > RT_HTAG_LONGEST) {
        return RT_HTAG_OTHER;
    }

    for (i = first[len]; i < first[len + 1]; i++) {
        if (names[i][0] == (char) name[0]
            && names[i][len - 1] == (char) name[len - 1]
            && memcmp(names[i], name, len) == 0)
        {
            return (rt_htag_e) i;
        }
    }

    return RT_HTAG_OTHER;
}


const char *
rt_htag_name(rt_htag_e tag)
{
    return names[tag];
}
