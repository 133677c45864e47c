
/*
 * Rules as the drivers take them: an array of strings, each the arguments
 * of one rtaudit_redact line ("name:*token* action=drop").
 */


#ifndef RT_RULES_H_INCLUDED
#define RT_RULES_H_INCLUDED


#include "json/rt_json.h"
#include "redact/rt_redact.h"


#define RT_RULES_MAX  256


typedef struct {
    rt_redact_rule_t        rule[RT_RULES_MAX];
    rt_redact_set_t         set;
    const rt_redact_set_t  *sets[1];
} rt_rules_t;


static inline unsigned
rt_rules_split(const rt_str_t *line, rt_str_t *args, unsigned max)
{
    size_t    i, from;
    unsigned  n;

    for (i = 0, from = 0, n = 0; i <= line->len && n < max; i++) {

        if (i < line->len && line->data[i] != ' ') {
            continue;
        }

        if (i > from) {
            args[n].data = line->data + from;
            args[n].len = i - from;
            n++;
        }

        from = i + 1;
    }

    return n;
}


/* ret: NULL, or what is wrong */

static inline const char *
rt_rules_read(rt_mem_t *mem, const rt_json_t *v, rt_rules_t *rules)
{
    unsigned     n, nargs;
    rt_str_t     args[64], err;
    rt_status_e  rc;

    rules->set.rule = rules->rule;
    rules->set.n = 0;
    rules->sets[0] = &rules->set;

    if (v && v->type != RT_JSON_ARRAY) {
        return "\"rules\" is an array of strings";
    }

    for (v = v ? v->child : NULL; v; v = v->next) {
        if (v->type != RT_JSON_STRING) {
            return "\"rules\" is an array of strings";
        }

        nargs = rt_rules_split(&v->str, args, 64);

        if (rules->set.n + nargs > RT_RULES_MAX) {
            return "too many rules";
        }

        rc = rt_redact_parse(mem, args, nargs, NULL,
                             rules->rule + rules->set.n, &n, &err);

        if (rc != RT_OK) {
            return rc == RT_INVALID ? (char *) err.data : "out of memory";
        }

        rules->set.n += n;
    }

    return NULL;
}


#endif /* RT_RULES_H_INCLUDED */
