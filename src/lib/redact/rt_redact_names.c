
#include "redact/rt_redact_names.h"


/*
 * Names of passwords, keys, and what stands for them, folded.  A word of the
 * first table may stand anywhere in a name ("db_password_new"), one of the
 * second is its end ("accessToken"), one of the third is all of it.  A word of
 * the first is searched by a letter of it that few names have.
 */

typedef struct {
    unsigned char    letter;
    unsigned char    at;        /* where it stands in the word */
    rt_str_t         word;
} within_t;


static const within_t  within[] = {
    { 'w', 4, rt_string("password") }, { 'w', 4, rt_string("passwd") },
    { 'h', 5, rt_string("passphrase") }, { 'c', 2, rt_string("secret") },
    { 'k', 3, rt_string("apikey") }, { 'k', 6, rt_string("accesskey") },
    { 'k', 7, rt_string("privatekey") }, { 'k', 7, rt_string("accountkey") },
    { 'k', 7, rt_string("sessionkey") }
};

static const rt_str_t  endings[] = {
    rt_string("token"), rt_string("assertion"), rt_string("signature"),
    rt_string("authorization"), rt_string("accesstokens"),
    rt_string("refreshtokens"), rt_string("apitokens"),
    rt_string("authtokens"), rt_string("sessiontokens")
};

static const rt_str_t  wholes[] = {
    rt_string("pwd"), rt_string("jwt"), rt_string("otp"), rt_string("totp"),
    rt_string("cvv"), rt_string("cvc"), rt_string("cvv2"), rt_string("sig"),
    rt_string("samlresponse"), rt_string("credentials"), rt_string("tokens"),
    rt_string("setcookie"), rt_string("csrf"), rt_string("xsrf"),
    rt_string("jsessionid"), rt_string("phpsessid")
};

#define ROWS(table)  (sizeof(table) / sizeof(table[0]))
#define BIT(c)       RT_REDACT_LETTER(c)
#define PIVOTS       (BIT('w')|BIT('h')|BIT('c')|BIT('k'))

/* most names have too few of these to be one of them */

#define RARE         (PIVOTS|BIT('g')|BIT('j')|BIT('v')|BIT('z'))
#define ASSERTION    (BIT('a')|BIT('s')|BIT('e')|BIT('r')|BIT('t')|BIT('n'))
#define OTP          (BIT('o')|BIT('t')|BIT('p'))
#define RESPONSE     (BIT('m')|BIT('l')|BIT('p')|BIT('o')|BIT('n'))
#define XSRF         (BIT('x')|BIT('s')|BIT('r')|BIT('f'))

#define SHORTEST     3          /* bytes of a whole; all are SHORT or LONG */
#define SHORT        6
#define LONG         9


static int
begins(const unsigned char *s, size_t len, const rt_str_t *word)
{
    return len >= word->len && s[0] == word->data[0]
           && memcmp(s, word->data, word->len) == 0;
}


/* a person, or an office */

static int
is_secretary(const unsigned char *s, size_t len)
{
    static const rt_str_t  person = rt_string("secretar");

    return begins(s, len, &person);
}


static int
holds_word(const unsigned char *name, size_t len)
{
    size_t  i, k, at;

    for (i = 2; i + 1 < len; i++) {

        if (!(PIVOTS & BIT(name[i]))) {
            continue;
        }

        for (k = 0; k < ROWS(within); k++) {
            at = within[k].at;

            if (within[k].letter == name[i] && at <= i
                && begins(name + i - at, len - i + at, &within[k].word)
                && !is_secretary(name + i - at, len - i + at))
            {
                return 1;
            }
        }
    }

    return 0;
}


int
rt_redact_builtin_name(const unsigned char *name, size_t len,
    uint32_t letters)
{
    size_t         k;
    unsigned char  last;

    if (len < SHORTEST
        || !((letters & RARE) || (letters & ASSERTION) == ASSERTION
             || (letters & OTP) == OTP || (letters & RESPONSE) == RESPONSE
             || (letters & XSRF) == XSRF))
    {
        return 0;
    }

    for (k = 0; (len <= SHORT || len >= LONG) && k < ROWS(wholes); k++) {
        if (len == wholes[k].len && begins(name, len, &wholes[k])) {
            return 1;
        }
    }

    last = name[len - 1];

    for (k = 0;
         (last == 'n' || last == 'e' || last == 's') && k < ROWS(endings);
         k++)
    {
        if (len >= endings[k].len
            && begins(name + len - endings[k].len, endings[k].len,
                      &endings[k]))
        {
            return 1;
        }
    }

    return holds_word(name, len);
}
