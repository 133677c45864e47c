
/*
 * The arguments of rtaudit_redact, one a line.  A line of them that is taken
 * hides the names it was written for, if it is of names; one that is not is
 * told why.
 */

#include <stdlib.h>

#include "rt_arena.h"
#include "redact/rt_redact.h"
#include "text/rt_char.h"


#define ARGS  16


static void
must(int ok)
{
    if (!ok) {
        abort();
    }
}


/* an engine of no expressions: of every text that is not empty it gives up */

static void *
compile(void *ctx, const rt_str_t *pattern, rt_regex_use_e use, int icase,
    rt_str_t *err)
{
    rt_str_t  bounded;

    must(!icase);

    return rt_regex_bounded(ctx, pattern, use, &bounded, err) == RT_OK
           ? pattern->data : NULL;
}


static int
match(void *ctx, void *regex, const rt_str_t *subject)
{
    must(ctx && regex);

    return subject->len ? RT_REGEX_GAVE_UP : 0;
}


/* a name that a selector is for */

static rt_str_t
example(rt_mem_t *mem, const rt_str_t *selector)
{
    size_t    i;
    rt_str_t  name = { 0, rt_alloc(mem, selector->len) };

    /* the prefix of each kind has as many letters as a colon shows */

    i = (size_t) ((unsigned char *) memchr(selector->data, ':', selector->len)
                  - selector->data) + 1;

    for ( /* void */ ; i < selector->len; i++) {
        name.data[name.len++] = selector->data[i] == '*' ? 'x'
                                                         : selector->data[i];
    }

    return name;
}


/* a path behind a host */

static rt_str_t
behind(rt_mem_t *mem, const rt_str_t *path)
{
    rt_str_t  s;

    s.len = sizeof("//h") - 1 + path->len;
    s.data = rt_alloc(mem, s.len);
    memcpy(s.data, "//h", sizeof("//h") - 1);
    memcpy(s.data + sizeof("//h") - 1, path->data, path->len);

    return s;
}


static void
check_rules(rt_mem_t *mem, const rt_str_t *args, unsigned nargs,
    const rt_redact_rule_t *rules, unsigned n)
{
    unsigned                i, k;
    rt_str_t                name, by;
    rt_redact_t             rd, away;
    rt_redact_set_t         set = { rules, n };
    const rt_redact_set_t  *sets = &set;

    must(n >= 1 && n <= nargs && nargs <= n + 1);
    rt_redact_init(&rd, mem, &sets, 1);
    rt_redact_init(&away, mem, NULL, 0);
    away.elsewhere = &set;

    for (i = 0, k = 0; i < n; i++, k++) {

        /* one argument may be the action */

        if (!rt_str_eq(&rules[i].text, &args[k])) {
            k++;
        }

        must(rt_str_eq(&rules[i].text, &args[k]));
        must(rules[i].act == rules[0].act && rules[i].act != RT_REDACT_NONE);

        if (rules[i].kind == RT_REDACT_NAME) {
            name = example(mem, &rules[i].text);
            must(rt_redact_name(&rd, &name, &by) >= rules[i].act);

        } else if (rules[i].kind == RT_REDACT_REGEX) {
            must(rt_redact_value(&rd, &rules[i].text, RT_REDACT_NONE, &by)
                 >= rules[i].act);

        } else if (rules[i].kind == RT_REDACT_USER) {
            name = example(mem, &rules[i].text);
            must(rt_redact_user(&rd, &name, &by) >= rules[i].act);

        } else if (rules[i].kind == RT_REDACT_URI
                   && !(rt_char_seen(&rules[i].text)
                        & (RT_CHAR_DOT|RT_CHAR_SEMI|RT_CHAR_PERCENT
                           |RT_CHAR_QUERY|RT_CHAR_HASH)))
        {
            name = example(mem, &rules[i].text);
            must(rt_redact_leads(&rd, &name, &by));

            name = behind(mem, &name);
            must(rt_redact_leads(&away, &name, &by));
        }
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t             i, start;
    unsigned           n, nargs;
    rt_str_t           args[ARGS];
    rt_arena_t         arena;
    rt_mem_t           mem;
    rt_str_t           err;
    rt_status_e        rc;
    rt_regex_t         engine = { &mem, compile, match };
    rt_redact_rule_t   rules[ARGS];

    nargs = 0;

    for (i = 0, start = 0; i <= size && nargs < ARGS; i++) {
        if (i == size || data[i] == '\n') {
            args[nargs].data = (unsigned char *) data + start;
            args[nargs++].len = i - start;
            start = i + 1;
        }
    }

    mem = rt_arena_init(&arena);

    rc = rt_redact_parse(&mem, args, nargs, &engine, rules, &n, &err);

    if (rc == RT_OK) {
        check_rules(&mem, args, nargs, rules, n);

    } else {
        must(rc == RT_INVALID && err.len != 0);
    }

    rt_arena_free(&arena);

    return 0;
}
