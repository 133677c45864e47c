
/*
 * The selectors and actions of rtaudit_redact, a table of each.
 */

#include "redact/rt_redact.h"
#include "redact/rt_shape.h"
#include "text/rt_char.h"
#include "text/rt_complain.h"


#define STEPS  32               /* of a path */


typedef struct {
    rt_str_t          start;
    rt_redact_kind_e  kind;
    rt_status_e     (*read)(rt_mem_t *mem, const rt_str_t *arg,
                            rt_redact_rule_t *rule, const char **why);
} selector_t;


typedef struct {
    rt_str_t          text;
    rt_redact_act_e   act;
} action_t;


/* names are compared without what a rule may not have */

static rt_status_e
glob(rt_mem_t *mem, const rt_str_t *text, rt_glob_t *g, const char **why)
{
    size_t       i;
    rt_status_e  rc;

    if (text->len && (memchr(text->data, '?', text->len) != NULL
                      || memchr(text->data, '\\', text->len) != NULL))
    {
        *why = "\"*\" is the only wildcard of a name, write it in place of"
               " \"?\" or \"\\\"";
        return RT_INVALID;
    }

    for (i = 0; i < text->len; i++) {
        if (text->data[i] < ' ' || text->data[i] == 0x7f) {
            *why = "a name has no control characters, write \"*\" in their"
                   " place";
            return RT_INVALID;
        }
    }

    rc = rt_glob_compile(mem, text, g);

    if (rc == RT_TOO_BIG) {
        *why = "a name has at most 256 characters, use \"*\" for the rest";
        return RT_INVALID;
    }

    return rc;
}


static rt_status_e
read_name(rt_mem_t *mem, const rt_str_t *arg, rt_redact_rule_t *rule,
    const char **why)
{
    *why = "a name is missing after \"name:\", for example"
           " \"name:password\"";

    return glob(mem, arg, &rule->glob, why);
}


static rt_status_e
read_user(rt_mem_t *mem, const rt_str_t *arg, rt_redact_rule_t *rule,
    const char **why)
{
    *why = "a member of the user is missing, for example \"user:email\"";

    rule->nsteps = 1;
    rule->step = rt_alloc(mem, sizeof(rt_glob_t));

    return rule->step ? glob(mem, arg, rule->step, why) : RT_ERROR;
}


static rt_status_e
read_path(rt_mem_t *mem, const rt_str_t *arg, rt_redact_rule_t *rule,
    const char **why)
{
    rt_str_t     rest, part;
    rt_status_e  rc;

    rest = *arg;
    rule->step = rt_alloc(mem, STEPS * sizeof(rt_glob_t));

    if (rule->step == NULL) {
        return RT_ERROR;
    }

    while (rest.len && rest.data[0] == '/') {

        if (rule->nsteps == STEPS) {
            *why = "a path has at most 32 parts";
            return RT_INVALID;
        }

        rest.data++;
        rest.len--;
        part = rest;
        part.len = rt_until(&rest, 0, RT_CHAR_SLASH);

        *why = "a part of a path is empty, for example \"json:/card/number\"";
        rc = glob(mem, &part, &rule->step[rule->nsteps++], why);

        if (rc != RT_OK) {
            return rc;
        }

        rest.data += part.len;
        rest.len -= part.len;
    }

    *why = "a path begins with \"/\", for example \"json:/card/number\"";

    return rest.len || rule->nsteps == 0 ? RT_INVALID : RT_OK;
}


static rt_status_e
read_uri(rt_mem_t *mem, const rt_str_t *arg, rt_redact_rule_t *rule,
    const char **why)
{
    unsigned     i;
    rt_status_e  rc;

    rc = read_path(mem, arg, rule, why);

    for (i = 0; rc == RT_OK && i < rule->nsteps; i++) {
        if (rt_redact_any(&rule->step[i])) {
            return RT_OK;
        }
    }

    if (rc == RT_OK) {
        *why = "the segment to be taken out is a \"*\", for example"
               " \"uri:/reset/*\"";
        return RT_INVALID;
    }

    return rc;
}


static rt_status_e
read_shape(rt_mem_t *mem, const rt_str_t *arg, rt_redact_rule_t *rule,
    const char **why)
{
    (void) mem;

    rule->shape = rt_shape_named(arg);
    *why = "a shape is card, iban, email, ip, jwt, bearer, pem or key";

    return rule->shape == -1 ? RT_INVALID : RT_OK;
}


static rt_status_e
read_regex(rt_mem_t *mem, const rt_str_t *arg, rt_redact_rule_t *rule,
    const char **why)
{
    size_t       i;
    rt_str_t     err, text;
    rt_status_e  rc;

    *why = "a pattern is missing after \"regex:\"";

    for (i = 0; i < arg->len; i++) {
        if (arg->data[i] < ' ' || arg->data[i] == 0x7f) {
            *why = "a pattern has no control characters, write \"\\t\"";
            return RT_INVALID;
        }
    }

    if (arg->len == 0) {
        return RT_INVALID;
    }

    if (rule->engine == NULL) {
        *why = "it needs an nginx built with PCRE";
        return RT_INVALID;
    }

    for (i = 0; i < 2; i++) {
        err = (rt_str_t) rt_string("it does not compile");

        rule->regex[i] = rule->engine->compile(rule->engine->ctx, arg,
                                               i ? RT_REGEX_LONG
                                                 : RT_REGEX_SHORT, 0, &err);
        if (rule->regex[i] == NULL) {
            rc = rt_complain(mem, &text, "%.*s", rt_str_args(&err));
            *why = (char *) text.data;
            return rc;
        }
    }

    return RT_OK;
}


static const selector_t  selectors[] = {
    { rt_string("name:"), RT_REDACT_NAME, read_name },
    { rt_string("json:"), RT_REDACT_JSON, read_path },
    { rt_string("uri:"), RT_REDACT_URI, read_uri },
    { rt_string("user:"), RT_REDACT_USER, read_user },
    { rt_string("shape:"), RT_REDACT_SHAPE, read_shape },
    { rt_string("regex:"), RT_REDACT_REGEX, read_regex }
};


static const action_t  actions[] = {
    { rt_string("action=mask"), RT_REDACT_MASK },
    { rt_string("action=drop"), RT_REDACT_DROP },
    { rt_string("action=hmac"), RT_REDACT_HMAC }
};


static int
begins(const rt_str_t *s, const rt_str_t *start)
{
    return s->len >= start->len
           && memcmp(s->data, start->data, start->len) == 0;
}


static rt_status_e
selector(rt_mem_t *mem, const rt_str_t *arg, const rt_regex_t *engine,
    rt_redact_rule_t *rule, const char **why)
{
    size_t       i;
    rt_str_t     rest;
    rt_status_e  rc;

    memset(rule, 0, sizeof(*rule));
    rule->engine = engine;

    for (i = 0; i < sizeof(selectors) / sizeof(selectors[0]); i++) {

        if (!begins(arg, &selectors[i].start)) {
            continue;
        }

        rest.data = arg->data + selectors[i].start.len;
        rest.len = arg->len - selectors[i].start.len;

        rule->kind = selectors[i].kind;
        rule->glob.min = (size_t) -1;

        rc = selectors[i].read(mem, &rest, rule, why);

        rule->text.len = arg->len;
        rule->text.data = rt_alloc(mem, arg->len);

        if (rule->text.data == NULL) {
            return RT_ERROR;
        }

        memcpy(rule->text.data, arg->data, arg->len);

        return rc;
    }

    *why = "a selector is \"name:GLOB\", for example \"name:*token*\", or"
           " begins with json:, uri:, user:, shape: or regex:";

    return RT_INVALID;
}


static rt_status_e
action(const rt_str_t *arg, rt_redact_act_e *act, const char **why)
{
    size_t  i;

    if (*act != RT_REDACT_NONE) {
        *why = "\"action=\" is given twice, one line has one action";
        return RT_INVALID;
    }

    for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (rt_str_eq(arg, &actions[i].text)) {
            *act = actions[i].act;
            return RT_OK;
        }
    }

    *why = "the action is \"action=mask\", \"action=drop\" or"
           " \"action=hmac\"";

    return RT_INVALID;
}


rt_status_e
rt_redact_parse(rt_mem_t *mem, const rt_str_t *args, unsigned nargs,
    const rt_regex_t *engine, rt_redact_rule_t *rules, unsigned *nrules,
    rt_str_t *err)
{
    unsigned         i, n;
    const char      *why;
    rt_status_e      rc;
    rt_redact_act_e  act;

    act = RT_REDACT_NONE;

    for (i = 0, n = 0; i < nargs; i++) {

        if (begins(&args[i], &(rt_str_t) rt_string("action="))) {
            rc = action(&args[i], &act, &why);

        } else {
            rc = selector(mem, &args[i], engine, &rules[n++], &why);
        }

        if (rc == RT_INVALID) {
            return rt_complain(mem, err, "\"%.*s\" cannot be used: %s",
                               rt_str_args(&args[i]), why);
        }

        if (rc != RT_OK) {
            return rc;
        }
    }

    if (n == 0) {
        return rt_complain(mem, err, "a selector is missing, for example "
                           "\"name:password\"");
    }

    *nrules = n;

    while (n--) {
        rules[n].act = (act == RT_REDACT_NONE) ? RT_REDACT_MASK : act;
    }

    return RT_OK;
}
