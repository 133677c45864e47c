
#include "text/rt_complain.h"
#include "text/rt_regex.h"


typedef struct {
    rt_str_t         limit;     /* and options */
    rt_str_t         open;
} bound_t;


#define LIMIT(n)  "(*LIMIT_MATCH=" #n ")"
#define STEPS(n)  LIMIT(n)
#define UTF       "(*UTF)(*ANYCRLF)"

/*
 * Of itself PCRE reads a run such as [a-z]+ before "@" to its end in one step.
 * So does each place where a match could begin, and the square of a long text
 * is few steps.
 */

#define NO_POSSESS  "(*NO_AUTO_POSSESS)"


static const bound_t  bounds[] = {
    [RT_REGEX_CLAIM] = { rt_string(STEPS(RT_REGEX_CLAIM_STEPS) NO_POSSESS),
                         rt_string("\\A(?s:.*?)(?:") },
    [RT_REGEX_SHORT] = { rt_string(STEPS(RT_REGEX_SHORT_STEPS) UTF),
                         rt_string("\\A(?s:.*?)(?m:") },
    [RT_REGEX_LONG] = { rt_string(STEPS(RT_REGEX_LONG_STEPS) UTF
                                  NO_POSSESS),
                        rt_string("\\A(?s:.*?)(?m:") }
};


/* the options a pattern may begin with; the length of the first, or 0 */

static size_t
option_length(const rt_str_t *pattern)
{
    size_t  i;

    static const rt_str_t  options[] = {
        rt_string("(*UTF)"), rt_string("(*UTF8)"), rt_string("(*UCP)"),
    };

    for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (pattern->len >= options[i].len
            && memcmp(pattern->data, options[i].data, options[i].len) == 0)
        {
            return options[i].len;
        }
    }

    return 0;
}


/* what means another thing when the pattern is a part of a longer one */

static const char *
unbounded(const rt_str_t *pattern)
{
    size_t  i;

    static const char  *words[] = { "(*", "(?R", "(?0", "\\g<0", "\\g'0" };

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (rt_str_holds(pattern, words[i])) {
            return words[i];
        }
    }

    return NULL;
}


static unsigned char *
append(unsigned char *p, const rt_str_t *s)
{
    if (s->len) {
        memcpy(p, s->data, s->len);
    }

    return p + s->len;
}


rt_status_e
rt_regex_bounded(rt_mem_t *mem, const rt_str_t *pattern, rt_regex_use_e use,
    rt_str_t *bounded, rt_str_t *err)
{
    size_t           n;
    rt_str_t         rest, options;
    const char      *word;
    unsigned char   *p;
    const bound_t   *b = &bounds[use];

    rest = *pattern;

    while ((n = option_length(&rest)) != 0) {
        rest.data += n;
        rest.len -= n;
    }

    word = unbounded(&rest);

    if (word) {
        return rt_complain(mem, err, "\"%s\" is not taken: options are (*UTF) "
                           "and (*UCP) at the begin, and recursion names its "
                           "group", word);
    }

    p = rt_alloc(mem, b->limit.len + pattern->len + b->open.len + 1);
    if (p == NULL) {
        return RT_ERROR;
    }

    bounded->data = p;

    options.data = pattern->data;
    options.len = pattern->len - rest.len;

    p = append(p, &b->limit);
    p = append(p, &options);
    p = append(p, &b->open);
    p = append(p, &rest);
    *p++ = ')';

    bounded->len = (size_t) (p - bounded->data);

    return RT_OK;
}
