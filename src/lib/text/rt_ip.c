
#include "text/rt_ip.h"


#define GROUPS  8               /* of 16 bits in an IPv6 address */


/* reads up to max digits; ret: how many, with *n their value */

static size_t
digits(const unsigned char *p, const unsigned char *end, size_t max,
    unsigned *n)
{
    size_t  i;

    *n = 0;

    for (i = 0; p + i < end && p[i] >= '0' && p[i] <= '9'; i++) {

        if (i == max) {
            return 0;
        }

        *n = *n * 10 + (unsigned) (p[i] - '0');
    }

    return i;
}


/* nothing, or a colon and a port */

static int
port(const unsigned char *p, const unsigned char *end)
{
    size_t    len;
    unsigned  n;

    if (p == end) {
        return 1;
    }

    if (*p != ':') {
        return 0;
    }

    len = digits(p + 1, end, 5, &n);

    return len && p + 1 + len == end && n <= 65535;
}


/* ret: the bytes of an IPv4 address at p, or 0 */

static size_t
ipv4(const unsigned char *p, const unsigned char *end)
{
    size_t                len;
    unsigned              i, n;
    const unsigned char  *start;

    for (i = 0, start = p; i < 4; i++) {

        if (i && (p == end || *p++ != '.')) {
            return 0;
        }

        len = digits(p, end, 3, &n);

        if (len == 0 || n > 255) {
            return 0;
        }

        p += len;
    }

    return (size_t) (p - start);
}


/* groups up to the end; "::" once, an IPv4 address in place of the last two */

static int
ipv6(const unsigned char *p, const unsigned char *end)
{
    int                   gap;
    unsigned              n;
    const unsigned char  *from;

    gap = 0;
    n = 0;

    if (end - p >= 2 && p[0] == ':' && p[1] == ':') {
        gap = 1;
        p += 2;
    }

    while (p < end && n < GROUPS) {

        for (from = p; p < end && p - from < 4 && rt_hex(*p) != -1; p++) {
            /* void */
        }

        if (p < end && *p == '.') {
            n += 2;
            p = from + ipv4(from, end);
            break;
        }

        if (p == from) {
            return 0;
        }

        n++;

        if (p == end) {
            break;
        }

        if (*p++ != ':' || p == end) {
            return 0;
        }

        if (*p == ':') {

            if (gap) {
                return 0;
            }

            gap = 1;
            p++;
        }
    }

    return p == end && (gap ? n < GROUPS : n == GROUPS);
}


int
rt_ip_valid(const rt_str_t *s)
{
    size_t                len;
    const unsigned char  *p, *end, *close;

    if (s->len == 0) {
        return 0;
    }

    p = s->data;
    end = p + s->len;

    if (*p == '[') {
        close = memchr(p, ']', s->len);

        return close && ipv6(p + 1, close) && port(close + 1, end);
    }

    len = ipv4(p, end);

    return (len && port(p + len, end)) || ipv6(p, end);
}
