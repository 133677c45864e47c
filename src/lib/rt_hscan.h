
/*
 * States and character classes: private to the tokenizer.
 */


#ifndef RT_HSCAN_H_INCLUDED
#define RT_HSCAN_H_INCLUDED


#include "rt_base.h"
#include "rt_html.h"


#define RT_HC_SPACE      0x01   /* CR is one: it would have become LF */
#define RT_HC_TAG_END    0x02   /* ends a tag's name */
#define RT_HC_NAME_END   0x04   /* ends an attribute's name */
#define RT_HC_VALUE_END  0x08   /* ends an unquoted value */

extern const unsigned char  rt_hclass[256];


typedef enum {
    RT_HS_BOM = 0,
    RT_HS_DATA,
    RT_HS_TAG_OPEN,
    RT_HS_END_TAG_OPEN,
    RT_HS_TAG_NAME,

    /* these are the inside of a tag */
    RT_HS_BEFORE_NAME,
    RT_HS_ATTR_NAME,
    RT_HS_AFTER_NAME,
    RT_HS_BEFORE_VALUE,
    RT_HS_QUOTED,
    RT_HS_UNQUOTED,
    RT_HS_SLASH,

    RT_HS_DECLARATION,
    RT_HS_DASH,
    RT_HS_DOCTYPE_WORD,
    RT_HS_CDATA_WORD,
    RT_HS_COMMENT_START,
    RT_HS_COMMENT,
    RT_HS_COMMENT_BANG,
    RT_HS_BOGUS,
    RT_HS_DOCTYPE,
    RT_HS_CDATA,

    RT_HS_RAW,
    RT_HS_RAW_OPEN,
    RT_HS_RAW_END,

    /* script data */
    RT_HS_SCRIPT_DASH,
    RT_HS_ESCAPED,
    RT_HS_ESCAPED_OPEN,
    RT_HS_ESCAPED_NAME,
    RT_HS_N
} rt_hstate_e;


/*
 * Reads on from p, which is below last, in one state or a group of them;
 * ret: where the next state begins, or last
 */
typedef const unsigned char *(*rt_hscan_pt)(rt_html_t *h,
    const unsigned char *p, const unsigned char *last);


static inline int
rt_hletter(unsigned char c)
{
    c |= 0x20;

    return c >= 'a' && c <= 'z';
}


/* rt_html.c */
void rt_hflush_text(rt_html_t *h);
void rt_hsee_text(rt_html_t *h, const unsigned char *p,
    const unsigned char *last);
void rt_hbegin_tag(rt_html_t *h, unsigned end);

/* rt_hskip.c: one for each state from RT_HS_DECLARATION on */
extern const rt_hscan_pt  rt_hskip[RT_HS_N];


#endif /* RT_HSCAN_H_INCLUDED */
