
#include "text/rt_accept.h"
#include "text/rt_field.h"


/* RFC 9110, 12.4.2: from 0.001 to 1.000, three decimals at most */

static int
above_zero(const rt_str_t *weight)
{
    int                   above;
    const unsigned char  *p, *last;

    p = weight->data;
    last = p + weight->len;

    if (p == last || weight->len > 5 || (*p != '0' && *p != '1')
        || (weight->len > 1 && p[1] != '.'))
    {
        return 0;
    }

    above = (*p == '1');

    for (p += (weight->len > 1) ? 2 : 1; p < last; p++) {

        if (*p < '0' || *p > '9' || (weight->data[0] == '1' && *p != '0')) {
            return 0;
        }

        above |= (*p != '0');
    }

    return above;
}


/* the parameters behind a coding: is each weight among them above zero? */

static int
taken(rt_str_t *params)
{
    rt_str_t  part;

    while (rt_field_part(params, ';', &part)) {

        if (part.len < 2 || rt_lower(part.data[0]) != 'q'
            || part.data[1] != '=')
        {
            continue;
        }

        part.data += 2;
        part.len -= 2;

        if (!above_zero(&part)) {
            return 0;
        }
    }

    return 1;
}


int
rt_accept_gzip(const rt_str_t *value)
{
    int       found;
    rt_str_t  rest, coding, name, gzip = rt_string("gzip");

    rest = *value;
    found = 0;

    while (rt_field_next(&rest, &coding)) {

        if (!rt_field_part(&coding, ';', &name) || !rt_str_ieq(&name, &gzip)) {
            continue;
        }

        if (!taken(&coding)) {
            return 0;
        }

        found = 1;
    }

    return found;
}
