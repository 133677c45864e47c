
/*
 * Finds filters of SCIM (RFC 7644, 3.4.2.2) in a text:
 *
 *     name.familyName co "x" and emails[type eq "work" and value eq "x"]
 *
 * A value is covered by the rule for the name before its operator, or for the
 * name before the open bracket.
 */

#include "redact/rt_redact.h"
#include "text/rt_char.h"


static int
blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '+';
}


static const unsigned char *
back(const unsigned char *start, const unsigned char *p)
{
    while (p > start && blank(p[-1])) {
        p--;
    }

    return p;
}


/* Where the name ends before an operator that ends at p; NULL: none does. */

static const unsigned char *
operator(const unsigned char *start, const unsigned char *p)
{
    size_t  i;

    static const char  names[][3] = {
        "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"
    };

    if (p - start < 3 || !blank(p[-3])) {
        return NULL;
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {

        if (rt_lower(p[-2]) == (unsigned char) names[i][0]
            && rt_lower(p[-1]) == (unsigned char) names[i][1])
        {
            return back(start, p - 3);
        }
    }

    return NULL;
}


static int
covered(rt_redact_t *rd, const unsigned char *start, const unsigned char *end,
    rt_str_t *rule)
{
    rt_str_t              name;
    const unsigned char  *p;

    for (p = end;
         p > start && !blank(p[-1])
         && !(rt_char[p[-1]] & (RT_CHAR_BORDER|RT_CHAR_BRACKET));
         p--)
    {
        /* void */
    }

    name.data = (unsigned char *) p;
    name.len = (size_t) (end - p);

    return name.len && rt_redact_name(rd, &name, rule) != RT_REDACT_NONE;
}


/*
 * A text that has no quote is no filter, but where one belongs: there somebody
 * left the quotes out.  In one that has a quote, a value counts without quotes
 * as well.
 */

static int
may_be_one(const rt_redact_t *rd, const rt_str_t *s)
{
    const rt_str_t  *in;

    static const rt_str_t  filter = rt_string("filter");
    static const rt_str_t  path = rt_string("path");

    if (s->len == 0) {
        return 0;
    }

    if (memchr(s->data, '"', s->len) || memchr(s->data, '\'', s->len)) {
        return 1;
    }

    in = rd->nsteps ? &rd->step[rd->nsteps - 1] : NULL;

    return in && (rt_str_ieq(in, &filter) || rt_str_ieq(in, &path));
}


int
rt_redact_hides_filter(rt_redact_t *rd, const rt_str_t *s, rt_str_t *rule)
{
    int                   inside;
    const unsigned char  *p, *end, *name;

    if (!may_be_one(rd, s)) {
        return 0;
    }

    rd->looked += s->len;

    end = s->data + s->len;
    inside = 0;

    for (p = s->data + 1; p < end; p++) {

        if (*p == '[') {
            inside = covered(rd, s->data, back(s->data, p), rule);

        } else if (*p == ']') {
            inside = 0;

        } else if (blank(*p) || *p == '"' || *p == '\'') {
            name = operator(s->data, p);

            if (name && (inside || covered(rd, s->data, name, rule))) {
                return 1;
            }
        }
    }

    return 0;
}
