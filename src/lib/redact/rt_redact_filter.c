
/*
 * Comparisons of a filter in a text, as SCIM has them (RFC 7644, 3.4.2.2):
 *
 *     name.familyName co "x" and emails[type eq "work" and value eq "x"]
 *
 * What a rule covers is found by the name before the operator, and by that
 * before the bracket that is open.
 */

#include "redact/rt_redact.h"
#include "text/rt_char.h"


static int
blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '+';
}


/* the begin of what ends at p, and back over the blanks before it; or p */

static const unsigned char *
operator(const unsigned char *start, const unsigned char *p)
{
    size_t                i;
    const unsigned char  *from;

    static const char  names[][3] = {
        "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"
    };

    for (from = p; from > start && blank(from[-1]); from--) { /* void */ }

    if (from - start < 3 || !blank(from[-3])) {
        return p;
    }

    from -= 2;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {

        if (rt_lower(from[0]) == (unsigned char) names[i][0]
            && rt_lower(from[1]) == (unsigned char) names[i][1])
        {
            while (from > start && blank(from[-1])) { from--; }
            return from;
        }
    }

    return p;
}


static int
covered(rt_redact_t *rd, const unsigned char *start, const unsigned char *end,
    rt_str_t *rule)
{
    rt_str_t              name;
    const unsigned char  *p;

    for (p = end;
         p > start && !blank(p[-1]) && !(rt_char[p[-1]] & RT_CHAR_BORDER);
         p--)
    {
        /* void */
    }

    name.data = (unsigned char *) p;
    name.len = (size_t) (end - p);

    return name.len && rt_redact_name(rd, &name, rule) != RT_REDACT_NONE;
}


int
rt_redact_hides_filter(rt_redact_t *rd, const rt_str_t *s, rt_str_t *rule)
{
    const unsigned char  *p, *end, *open, *name;

    if (s->len == 0 || memchr(s->data, '"', s->len) == NULL) {
        return 0;
    }

    rd->looked += s->len;

    end = s->data + s->len;
    open = NULL;

    for (p = s->data; p < end; p++) {

        if (*p == '[') {
            open = p;

        } else if (*p == ']') {
            open = NULL;

        } else if (*p == '"') {
            name = operator(s->data, p);

            if (name != p
                && (covered(rd, s->data, name, rule)
                    || (open && covered(rd, s->data, open, rule))))
            {
                return 1;
            }
        }
    }

    return 0;
}
