
#include "redact/rt_redact.h"
#include "redact/rt_shape.h"
#include "text/rt_ip.h"


#define CARD_MIN  13            /* digits */
#define CARD_MAX  19
#define IBAN_MIN  15            /* letters and digits, Norway's */
#define IBAN_MAX  34


static int
digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}


static int
letter(unsigned char c)
{
    c = rt_lower(c);

    return c >= 'a' && c <= 'z';
}


static int
alnum(unsigned char c)
{
    return digit(c) || letter(c);
}


static int
parts(unsigned char c)
{
    return c == ' ' || c == '-';
}


/*
 * The letters and digits of a run that begins at i, single blanks and hyphens
 * left out, as many as dst has room for; *end is where it ends.
 */

static size_t
run(const rt_str_t *s, size_t i, int (*is)(unsigned char), unsigned char *dst,
    size_t max, size_t *end)
{
    size_t  n;

    for (n = 0; i < s->len; i++) {

        if (is(s->data[i])) {
            if (n < max) {
                dst[n] = s->data[i];
            }

            n++;

        } else if (!parts(s->data[i]) || i + 1 == s->len
                   || !is(s->data[i + 1]))
        {
            break;
        }
    }

    *end = i;

    return n;
}


/* do numbers of this length begin so? */

static int
issued(const unsigned char *d, size_t n)
{
    switch (d[0]) {

    case '2':
        return n == 16 && d[1] >= '2' && d[1] <= '7';

    case '3':
        return ((d[1] == '4' || d[1] == '7') && n == 15)
               || (d[1] == '5' && n >= 16)
               || ((d[1] == '0' || d[1] == '6' || d[1] == '8') && n >= 14);

    case '4':
        return n == 13 || n == 16 || n == 19;

    case '5':
        return n == 16 || d[1] == '0' || d[1] >= '6';

    case '6':
        return 1;

    default:
        return 0;
    }
}


static int
luhn(const unsigned char *d, size_t n)
{
    size_t    i;
    unsigned  sum, v;

    for (i = 0, sum = 0; i < n; i++) {
        v = (unsigned) (d[n - 1 - i] - '0');

        if (i % 2) {
            v *= 2;
            v -= (v > 9) ? 9 : 0;
        }

        sum += v;
    }

    return sum % 10 == 0;
}


static int
card(const rt_str_t *s)
{
    size_t         i, n, end;
    unsigned char  d[CARD_MAX];

    for (i = 0; i < s->len; i = end + 1) {
        n = run(s, i, digit, d, CARD_MAX, &end);

        if (n >= CARD_MIN && n <= CARD_MAX && issued(d, n) && luhn(d, n)) {
            return 1;
        }
    }

    return 0;
}


/* what is left of a number by 97 when this is put behind it; a letter is two
   digits */

static unsigned
mod97(unsigned left, unsigned char c)
{
    c = rt_lower(c);

    return digit(c) ? (left * 10 + c - '0') % 97
                    : (left * 100 + 10 + c - 'a') % 97;
}


/*
 * Right is 1 by 97, with the first four characters put behind the others: these
 * are two letters and two digits, and so six digits.
 */

static int
iban(const rt_str_t *s)
{
    size_t         i, k, n, end;
    rt_str_t       head;
    unsigned       first, left;
    unsigned char  a[IBAN_MAX];

    head.data = s->data;

    for (i = 0; i + IBAN_MIN <= s->len; i++) {

        if ((i && alnum(s->data[i - 1])) || !letter(s->data[i])
            || !letter(s->data[i + 1]) || !digit(s->data[i + 2])
            || !digit(s->data[i + 3]))
        {
            continue;
        }

        /* words may go on for long: no more of them than one can have */

        head.len = s->len - i < 2 * IBAN_MAX ? s->len : i + 2 * IBAN_MAX;
        n = run(&head, i, alnum, a, IBAN_MAX, &end);
        n = n < IBAN_MAX ? n : IBAN_MAX;

        for (k = 0, first = 0; k < 4; k++) {
            first = mod97(first, a[k]);
        }

        /* words may follow it, so each length is tried */

        for (left = 0; k < n; k++) {
            left = mod97(left, a[k]);

            if (k + 1 >= IBAN_MIN && (left * (1000000 % 97) + first) % 97 == 1)
            {
                return 1;
            }
        }
    }

    return 0;
}


static int
of_mailbox(unsigned char c)
{
    return alnum(c) || (c && strchr("._%+-", c) != NULL);
}


static int
email(const rt_str_t *s)
{
    size_t  i, k, dot;

    for (i = 1; i < s->len; i++) {

        if (s->data[i] != '@' || !of_mailbox(s->data[i - 1])) {
            continue;
        }

        for (k = i + 1, dot = 0; k < s->len; k++) {

            if (s->data[k] == '.') {
                dot = k;

            } else if (!alnum(s->data[k]) && s->data[k] != '-') {
                break;
            }
        }

        if (dot > i + 1 && k > dot + 2 && letter(s->data[dot + 1])) {
            return 1;
        }

        i = k - 1;
    }

    return 0;
}


static int
of_address(unsigned char c)
{
    return digit(c) || (rt_lower(c) >= 'a' && rt_lower(c) <= 'f') || c == ':'
           || c == '.';
}


static int
ip(const rt_str_t *s)
{
    size_t    i, end;
    rt_str_t  word, host, port;

    for (i = 0; i < s->len; i = end + 1) {

        for (end = i; end < s->len && of_address(s->data[end]); end++) {
            /* void */
        }

        word.data = s->data + i;
        word.len = end - i;

        while (word.len && word.data[word.len - 1] == '.') {
            word.len--;
        }

        if (word.len < 3) {
            continue;
        }

        if (rt_ip_valid(&word)
            || (rt_str_cut(&word, ':', &host, &port) && rt_ip_valid(&host)))
        {
            return 1;
        }
    }

    return 0;
}


static int
jwt(const rt_str_t *s)
{
    return rt_redact_token(s) < s->len;
}


/* "Bearer" and what lets its holder in */

static int
bearer(const rt_str_t *s)
{
    size_t    i;
    rt_str_t  word;

    for (i = 0; i + 8 < s->len; i++) {
        word.data = s->data + i;
        word.len = 7;

        if (rt_str_ieq(&word, &(rt_str_t) rt_string("bearer "))
            && s->data[i + 7] > ' ')
        {
            return 1;
        }
    }

    return 0;
}


static int
key(const rt_str_t *s)
{
    return rt_redact_key(s) < s->len;
}


typedef struct {
    rt_str_t          name;
    int             (*seen)(const rt_str_t *s);
} shape_t;


static const shape_t  shapes[] = {
    { rt_string("card"), card },
    { rt_string("iban"), iban },
    { rt_string("email"), email },
    { rt_string("ip"), ip },
    { rt_string("jwt"), jwt },
    { rt_string("bearer"), bearer },
    { rt_string("pem"), key },
    { rt_string("key"), key }
};


int
rt_shape_named(const rt_str_t *name)
{
    int  i;

    for (i = 0; i < (int) (sizeof(shapes) / sizeof(shapes[0])); i++) {
        if (rt_str_eq(&shapes[i].name, name)) {
            return i;
        }
    }

    return -1;
}


int
rt_shape_seen(const rt_str_t *s, int shape)
{
    return shapes[shape].seen(s);
}
