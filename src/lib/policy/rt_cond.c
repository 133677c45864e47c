
#include "text/rt_complain.h"
#include "policy/rt_cond.h"
#include "policy/rt_source.h"
#include "text/rt_utf8.h"


typedef struct {
    rt_str_t       name;
    rt_cond_op_e   op;
    unsigned       min;         /* values */
    unsigned       max;
    unsigned       negated;
} cond_op_t;


static const cond_op_t  cond_ops[] = {
    { rt_string("eq"), RT_COND_IN, 1, 1, 0 },
    { rt_string("ne"), RT_COND_IN, 1, 1, 1 },
    { rt_string("in"), RT_COND_IN, 1, RT_COND_MAX_VALUES, 0 },
    { rt_string("!in"), RT_COND_IN, 1, RT_COND_MAX_VALUES, 1 },
    { rt_string("has"), RT_COND_ANY, 1, 1, 0 },
    { rt_string("!has"), RT_COND_ANY, 1, 1, 1 },
    { rt_string("any"), RT_COND_ANY, 1, RT_COND_MAX_VALUES, 0 },
    { rt_string("!any"), RT_COND_ANY, 1, RT_COND_MAX_VALUES, 1 },
    { rt_string("~"), RT_COND_MATCH, 1, 1, 0 },
    { rt_string("!~"), RT_COND_MATCH, 1, 1, 1 },
    { rt_string("~*"), RT_COND_IMATCH, 1, 1, 0 },
    { rt_string("!~*"), RT_COND_IMATCH, 1, 1, 1 },
    { rt_string("gt"), RT_COND_GT, 1, 1, 0 },
    { rt_string("ge"), RT_COND_GE, 1, 1, 0 },
    { rt_string("lt"), RT_COND_LT, 1, 1, 0 },
    { rt_string("le"), RT_COND_LE, 1, 1, 0 },
    { rt_string("present"), RT_COND_PRESENT, 0, 0, 0 },
};


/* a configured number follows JSON's grammar, so that one rule reads both */

static rt_status_e
read_number(const rt_str_t *text, double *out)
{
    size_t          i, digits, exponent;
    rt_json_t       v;
    unsigned char   c;

    digits = 0;
    exponent = 0;

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if (c >= '0' && c <= '9') {

            /* 010 is eight to some applications */

            if (digits++ == 1 && text->data[i - 1] == '0') {
                return RT_INVALID;
            }

        } else if ((c == 'e' || c == 'E') && digits && !exponent) {
            exponent = i;

        } else if (c == '-' || c == '+') {
            if (i != 0 && (!exponent || i != exponent + 1)) {
                return RT_INVALID;
            }

        } else if (c != '.' || !digits || exponent
                   || memchr(text->data, '.', i))
        {
            return RT_INVALID;
        }
    }

    if (digits == 0 || text->data[0] == '+'
        || text->data[text->len - 1] < '0'
        || text->data[text->len - 1] > '9')
    {
        return RT_INVALID;
    }

    memset(&v, 0, sizeof(rt_json_t));
    v.type = RT_JSON_NUMBER;
    v.str = *text;

    return rt_json_double(&v, out);
}


static int
is_number_op(rt_cond_op_e op)
{
    return op == RT_COND_GT || op == RT_COND_GE
           || op == RT_COND_LT || op == RT_COND_LE;
}


static rt_status_e
compile_regex(rt_mem_t *mem, rt_cond_t *cond, rt_str_t *err)
{
    rt_str_t  why;

    if (cond->engine == NULL) {
        return rt_complain(mem, err, "operators \"~\" and \"~*\" need an "
                                     "nginx built with PCRE");
    }

    why.len = 0;
    why.data = (unsigned char *) "";

    cond->regex = cond->engine->compile(cond->engine->ctx, &cond->values[0],
                                        RT_REGEX_CLAIM,
                                        cond->op == RT_COND_IMATCH, &why);
    if (cond->regex == NULL) {
        return rt_complain(mem, err, "regular expression \"%.*s\": %.*s",
                           rt_str_args(&cond->values[0]),
                           rt_str_args(&why));
    }

    return RT_OK;
}


static rt_status_e
check_values(rt_mem_t *mem, rt_cond_t *cond, int dynamic, rt_str_t *err)
{
    double    number;
    unsigned  i;

    for (i = 0; i < cond->nvalues; i++) {
        if (cond->values[i].len == 0) {
            return rt_complain(mem, err,
                               "an empty value never holds, write one");
        }

        if (!dynamic && rt_source_is(&cond->values[i])) {
            return rt_complain(mem, err, "\"%.*s\" is a value of the request: "
                               "only rtauth_require can have one, and not "
                               "with \"~\"", rt_str_args(&cond->values[i]));
        }
    }

    if (cond->op == RT_COND_MATCH || cond->op == RT_COND_IMATCH) {
        return compile_regex(mem, cond, err);
    }

    if (is_number_op(cond->op) && !dynamic
        && read_number(&cond->values[0], &number) != RT_OK)
    {
        return rt_complain(mem, err, "\"%.*s\" is not a number, write 10 or "
                                     "2.5", rt_str_args(&cond->values[0]));
    }

    return RT_OK;
}


/* the last argument may be split=CHAR: then it is no value */

static rt_status_e
read_split(rt_mem_t *mem, const rt_str_t *args, size_t *nargs,
    rt_cond_t *cond, rt_str_t *err)
{
    unsigned char    c;
    const rt_str_t  *last;

    static const rt_str_t  name = rt_string("split=");

    last = &args[*nargs - 1];

    if (*nargs < 3 || last->len < name.len
        || memcmp(last->data, name.data, name.len) != 0)
    {
        return RT_OK;
    }

    c = (last->len == name.len + 1) ? last->data[name.len] : 0;

    if (c < ' ' || c > '~' || (c >= '0' && c <= '9')
        || (rt_lower(c) >= 'a' && rt_lower(c) <= 'z'))
    {
        return rt_complain(mem, err, "\"%.*s\": write \"split=\" and one "
                           "character of ASCII that is neither letter nor "
                           "digit", rt_str_args(last));
    }

    if (!rt_cond_is_array(cond)) {
        return rt_complain(mem, err, "\"%.*s\" makes a list of a string: "
                           "only operators \"has\" and \"any\", and their "
                           "negations, look into one", rt_str_args(last));
    }

    cond->split = c;
    (*nargs)--;

    return RT_OK;
}


rt_status_e
rt_cond_compile(rt_mem_t *mem, const rt_str_t *args, size_t nargs,
    int dynamic, const rt_regex_t *engine, rt_cond_t *cond, rt_str_t *err)
{
    size_t            i, n;
    rt_status_e       rc;
    const cond_op_t  *op;

    memset(cond, 0, sizeof(rt_cond_t));

    if (nargs < 2) {
        return rt_complain(mem, err, "a condition is CLAIM OPERATOR VALUE, "
                                     "such as \"groups has admins\"");
    }

    if (rt_json_path_check(&args[0]) != RT_OK) {
        return rt_complain(mem, err, "\"%.*s\" is not a path to a claim, "
                                     "write a.b[0], or a JSON Pointer such "
                                     "as /https:~1~1example.com~1groups",
                           rt_str_args(&args[0]));
    }

    op = NULL;

    for (i = 0; i < sizeof(cond_ops) / sizeof(cond_ops[0]); i++) {
        if (rt_str_eq(&cond_ops[i].name, &args[1])) {
            op = &cond_ops[i];
        }
    }

    if (op == NULL) {
        return rt_complain(mem, err, "unknown operator \"%.*s\", it is one of "
                                     "eq ne in !in has !has any !any ~ !~ ~* "
                                     "!~* gt ge lt le present",
                           rt_str_args(&args[1]));
    }

    cond->op = op->op;
    cond->negated = op->negated;

    rc = read_split(mem, args, &nargs, cond, err);
    if (rc != RT_OK) {
        return rc;
    }

    n = nargs - 2;

    if (n < op->min || n > op->max) {
        return rt_complain(mem, err, "operator \"%s\" takes %s, %u given",
                           (char *) op->name.data,
                           op->max == 0 ? "no value"
                           : op->max == 1 ? "one value" : "1 to 64 values",
                           (unsigned) n);
    }

    cond->path = args[0];
    cond->values = args + 2;
    cond->nvalues = (unsigned) n;
    cond->engine = engine;

    return check_values(mem, cond, dynamic, err);
}


const rt_str_t *
rt_cond_scalar(const rt_json_t *v)
{
    static const rt_str_t  yes = rt_string("true");
    static const rt_str_t  no = rt_string("false");

    switch (v->type) {

    case RT_JSON_STRING:
    case RT_JSON_NUMBER:
        return &v->str;

    case RT_JSON_TRUE:
        return &yes;

    case RT_JSON_FALSE:
        return &no;

    default:
        return NULL;
    }
}


int
rt_cond_part(rt_str_t *rest, unsigned char split, rt_str_t *part)
{
    while (rest->len) {
        (void) rt_str_cut(rest, split, part, rest);

        if (part->len) {
            return 1;
        }
    }

    return 0;
}


static int
is_one_of(const rt_str_t *text, const rt_str_t *values, unsigned nvalues)
{
    unsigned  i;

    if (text == NULL) {
        return 0;
    }

    for (i = 0; i < nvalues; i++) {
        if (rt_str_eq(text, &values[i])) {
            return 1;
        }
    }

    return 0;
}


/*
 * Whole numbers are compared as such: beyond 2^53 two of them can be the
 * same double.
 */

static int
compare(const rt_json_t *v, const rt_str_t *value, int *out)
{
    double     a, b;
    int64_t    n, m;
    rt_json_t  other;

    if (read_number(value, &b) != RT_OK || rt_json_double(v, &a) != RT_OK) {
        return 0;
    }

    memset(&other, 0, sizeof(rt_json_t));
    other.type = RT_JSON_NUMBER;
    other.str = *value;

    if (rt_json_int64(v, &n) == RT_OK && rt_json_int64(&other, &m) == RT_OK) {
        *out = (n > m) - (n < m);

    } else {
        *out = (a > b) - (a < b);
    }

    return 1;
}


/* as text, and, when both are numbers, in value too: 0.0 is no way past 0 */

static int
differs(const rt_json_t *v, const rt_str_t *text, const rt_str_t *value)
{
    int  order;

    return !rt_str_eq(text, value)
           && !(compare(v, value, &order) && order == 0);
}


/* one element of an array, or a scalar; the negated way takes no other kind */

static int
is_meant(const rt_cond_t *cond, const rt_json_t *v, const rt_str_t *values)
{
    unsigned         i;
    const rt_str_t  *text;

    text = rt_cond_scalar(v);

    if (!cond->negated) {
        return is_one_of(text, values, cond->nvalues);
    }

    for (i = 0; text && i < cond->nvalues; i++) {
        if (!differs(v, text, &values[i])) {
            return 0;
        }
    }

    return text != NULL;
}


static int
contains(const rt_cond_t *cond, const rt_json_t *v, const rt_str_t *values)
{
    rt_str_t          part, rest;
    const rt_json_t  *e;

    if (v->type == RT_JSON_STRING && cond->split) {

        for (rest = v->str; rt_cond_part(&rest, cond->split, &part); ) {
            if (is_one_of(&part, values, cond->nvalues)) {
                return !cond->negated;
            }
        }

        return cond->negated;
    }

    if (v->type != RT_JSON_ARRAY) {
        return is_meant(cond, v, values);
    }

    for (e = v->child; e; e = e->next) {
        if (is_meant(cond, e, values) != cond->negated) {
            return !cond->negated;
        }
    }

    return cond->negated;
}


static int
number_holds(rt_cond_op_e op, const rt_json_t *v, const rt_str_t *value)
{
    int  order;

    if (!compare(v, value, &order)) {
        return 0;
    }

    switch (op) {

    case RT_COND_GT:
        return order > 0;

    case RT_COND_GE:
        return order >= 0;

    case RT_COND_LT:
        return order < 0;

    default:
        return order <= 0;
    }
}


static int
is_present(const rt_json_t *v)
{
    switch (v->type) {

    case RT_JSON_STRING:
        return v->str.len != 0;

    case RT_JSON_ARRAY:
    case RT_JSON_OBJECT:
        return v->count != 0;

    default:
        return 1;
    }
}


static int
matches(const rt_cond_t *cond, const rt_str_t *text)
{
    int  rc;

    if (text == NULL || rt_utf8_has_control(text)) {
        return 0;
    }

    if (text->len > RT_COND_MAX_SUBJECT) {
        return RT_COND_GAVE_UP;
    }

    rc = cond->engine->match(cond->engine->ctx, cond->regex, text);

    return rc == RT_COND_GAVE_UP ? rc : rc != (int) cond->negated;
}


int
rt_cond_is_lookup(const rt_cond_t *cond)
{
    return !cond->negated
           && (cond->op == RT_COND_IN || rt_cond_is_array(cond));
}


int
rt_cond_is_array(const rt_cond_t *cond)
{
    return cond->op == RT_COND_ANY;
}


int
rt_cond_eval(const rt_cond_t *cond, const rt_str_t *values,
    const rt_json_t *claims)
{
    unsigned          i;
    const rt_json_t  *v;

    v = rt_json_path(claims, &cond->path);

    if (v == NULL || v->type == RT_JSON_NULL) {
        return 0;
    }

    if (values == NULL) {
        values = cond->values;
    }

    for (i = 0; i < cond->nvalues; i++) {
        if (values[i].len == 0) {
            return 0;
        }
    }

    switch (cond->op) {

    case RT_COND_IN:
        return is_meant(cond, v, values);

    case RT_COND_ANY:
        return contains(cond, v, values);

    case RT_COND_MATCH:
    case RT_COND_IMATCH:
        return matches(cond, rt_cond_scalar(v));

    case RT_COND_PRESENT:
        return is_present(v);

    default:
        return number_holds(cond->op, v, &values[0]);
    }
}
