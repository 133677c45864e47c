
#include "text/rt_char.h"


#define WORD    (RT_CHAR_TOKEN|RT_CHAR_TYPE|RT_CHAR_HOST|BASE64)
#define BASE64  RT_CHAR_BASE64
#define GAP     RT_CHAR_GAP
#define PART    RT_CHAR_PART
#define BORDER  RT_CHAR_BORDER
#define TOKEN   RT_CHAR_TOKEN
#define TYPE    RT_CHAR_TYPE
#define HOST    RT_CHAR_HOST
#define QUOTED  RT_CHAR_QUOTED
#define CONTROL (GAP|QUOTED)

#define TWO(c, what)     [c] = what, [c + 1] = what
#define FOUR(c, what)    TWO(c, what), TWO(c + 2, what)
#define EIGHT(c, what)   FOUR(c, what), FOUR(c + 4, what)
#define LETTERS(c, what) EIGHT(c, what), EIGHT(c + 8, what),                  \
                         EIGHT(c + 16, what), TWO(c + 24, what)
#define HIGHS(c)         EIGHT(c, RT_CHAR_HIGH), EIGHT(c + 8, RT_CHAR_HIGH)


const uint32_t  rt_char[256] = {

    [0x00] = CONTROL|PART|BORDER,
    FOUR(0x01, CONTROL), FOUR(0x05, CONTROL),
    [0x09] = CONTROL,
    ['\n'] = CONTROL|BORDER|RT_CHAR_LINE,
    TWO(0x0b, CONTROL),
    ['\r'] = CONTROL|BORDER,
    TWO(0x0e, CONTROL), EIGHT(0x10, CONTROL), EIGHT(0x18, CONTROL),
    [' '] = GAP|RT_CHAR_BLANK,
    [0x7f] = GAP,

    ['!'] = BORDER|TOKEN|TYPE,
    ['"'] = BORDER|PART|QUOTED|RT_CHAR_JSON,
    ['#'] = BORDER|TOKEN|TYPE|RT_CHAR_HASH,
    ['$'] = PART|TOKEN|TYPE,
    ['%'] = TOKEN|RT_CHAR_PERCENT,
    ['&'] = BORDER|TOKEN|TYPE|RT_CHAR_AND,
    ['\''] = BORDER|PART|TOKEN,
    ['('] = BORDER,
    [')'] = BORDER,
    ['*'] = BORDER|TOKEN,
    ['+'] = TOKEN|TYPE|BASE64|RT_CHAR_PLUS,
    [','] = BORDER|RT_CHAR_COMMA,
    ['-'] = GAP|TOKEN|TYPE|HOST|BASE64,
    ['.'] = GAP|PART|TOKEN|TYPE|HOST|RT_CHAR_DOT,
    ['/'] = PART|BASE64|RT_CHAR_SLASH,
    [':'] = BORDER|PART|HOST|RT_CHAR_COLON,
    [';'] = BORDER|PART|RT_CHAR_SEMI,
    ['<'] = BORDER|RT_CHAR_ANGLE,
    ['='] = BORDER|RT_CHAR_EQUAL,
    ['>'] = BORDER,
    ['?'] = BORDER|PART|RT_CHAR_QUERY,
    ['@'] = BORDER|RT_CHAR_AT,
    ['['] = PART|HOST|RT_CHAR_BRACKET|RT_CHAR_JSON,
    ['\\'] = PART|QUOTED,
    [']'] = PART|HOST|RT_CHAR_BRACKET,
    ['^'] = BORDER|TOKEN|TYPE,
    ['_'] = GAP|TOKEN|TYPE|HOST|BASE64,
    ['`'] = BORDER|TOKEN,
    ['{'] = BORDER|RT_CHAR_JSON,
    ['|'] = BORDER|TOKEN,
    ['}'] = BORDER,
    ['~'] = BORDER|TOKEN,

    EIGHT('0', WORD), TWO('8', WORD),
    LETTERS('A', WORD|RT_CHAR_CAPITAL), LETTERS('a', WORD),

    HIGHS(0x80), HIGHS(0x90), HIGHS(0xa0), HIGHS(0xb0),
    HIGHS(0xc0), HIGHS(0xd0), HIGHS(0xe0), HIGHS(0xf0)
};
