
/* memmem(), which takes linear time whatever it looks for */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "scim/rt_scim_filter.h"
#include "scim/rt_scim_whole.h"
#include "text/rt_fold.h"
#include "text/rt_time.h"


typedef struct {
    rt_mem_t               *mem;
    const unsigned char    *p;
    const unsigned char    *end;
    unsigned                depth;
    const rt_scim_error_t  *error;
} scan_t;


/* one comparison, and the value that it is made with */

typedef struct {
    const rt_scim_filter_t    *filter;
    const rt_scim_resource_t  *res;     /* NULL: it is a value of one */
    rt_scim_op_e               op;
} test_t;


static const struct {
    rt_str_t      name;
    rt_scim_op_e  op;
} ops[] = {
    { rt_string("pr"), RT_SCIM_PR },
    { rt_string("eq"), RT_SCIM_EQ },
    { rt_string("ne"), RT_SCIM_NE },
    { rt_string("co"), RT_SCIM_CO },
    { rt_string("sw"), RT_SCIM_SW },
    { rt_string("ew"), RT_SCIM_EW },
    { rt_string("gt"), RT_SCIM_GT },
    { rt_string("ge"), RT_SCIM_GE },
    { rt_string("lt"), RT_SCIM_LT },
    { rt_string("le"), RT_SCIM_LE },
};


static const rt_str_t  word_and = rt_string("and");
static const rt_str_t  word_or = rt_string("or");
static const rt_str_t  word_not = rt_string("not");
static const rt_str_t  word_true = rt_string("true");
static const rt_str_t  word_false = rt_string("false");
static const rt_str_t  word_null = rt_string("null");


static rt_scim_filter_t *parse_or(scan_t *scan, const rt_scim_attr_t *of);
static int match(const rt_scim_filter_t *filter, const rt_scim_resource_t *res,
    const rt_json_t *object);


static void *
fail(scan_t *scan, const rt_scim_error_t *error)
{
    if (scan->error == NULL) {
        scan->error = error;
    }

    return NULL;
}


static rt_scim_filter_t *
make(scan_t *scan, rt_scim_op_e op)
{
    rt_scim_filter_t  *filter;

    filter = rt_alloc(scan->mem, sizeof(rt_scim_filter_t));

    if (filter == NULL) {
        return fail(scan, &rt_scim_no_memory);
    }

    memset(filter, 0, sizeof(rt_scim_filter_t));
    filter->op = op;

    return filter;
}


/* ret: whether there were any */

static int
blanks(scan_t *scan)
{
    const unsigned char  *begin = scan->p;

    while (scan->p < scan->end && *scan->p == ' ') {
        scan->p++;
    }

    return scan->p > begin;
}


static int
sign(scan_t *scan, unsigned char c)
{
    if (scan->p == scan->end || *scan->p != c) {
        return 0;
    }

    scan->p++;

    return 1;
}


/* The word that ends before a blank, a bracket or the end. */

static rt_str_t
word(const scan_t *scan)
{
    rt_str_t              found;
    const unsigned char  *p;

    for (p = scan->p; p < scan->end && !strchr(" ()[]\"", *p); p++) {
        /* void */
    }

    found.data = (unsigned char *) scan->p;
    found.len = (size_t) (p - scan->p);

    return found;
}


/* Takes a word of the grammar, written in any case. */

static int
take(scan_t *scan, const rt_str_t *name)
{
    rt_str_t  found = word(scan);

    if (!rt_str_ieq(&found, name)) {
        return 0;
    }

    scan->p += found.len;

    return 1;
}


static rt_scim_filter_t *
fold(scan_t *scan, rt_scim_filter_t *filter)
{
    unsigned char  *data;

    data = rt_alloc(scan->mem, RT_FOLD_ROOM(filter->text.len) + 1);

    if (data == NULL) {
        return fail(scan, &rt_scim_no_memory);
    }

    filter->value.len = rt_fold(data, &filter->text);
    filter->value.data = data;

    return filter;
}


/* "2026-11-29T15:48:51.25Z": RFC 3339 with or without a fraction, to ms */

static rt_status_e
moment(const rt_str_t *text, int64_t *ms)
{
    size_t         i, n;
    int64_t        seconds, scale;
    rt_str_t       whole;
    unsigned char  copy[sizeof("2026-12-31T18:00:00+01:00") - 1];

    n = sizeof("2026-12-31T18:00:00") - 1;
    *ms = 0;
    i = n;

    if (text->len > n && text->data[n] == '.') {

        scale = 100;

        for (i++; i < text->len && text->data[i] >= '0'
                  && text->data[i] <= '9'; i++)
        {
            *ms += scale * (text->data[i] - '0');
            scale /= 10;
        }

        if (i == n + 1) {
            return RT_DECLINED;
        }
    }

    if (text->len < n || n + text->len - i > sizeof(copy)) {
        return RT_DECLINED;
    }

    memcpy(copy, text->data, n);
    memcpy(copy + n, text->data + i, text->len - i);

    whole.data = copy;
    whole.len = n + text->len - i;

    if (rt_time_parse(&whole, &seconds) != RT_OK) {
        return RT_DECLINED;
    }

    *ms += seconds * 1000;

    return RT_OK;
}


static int
is_part(rt_scim_op_e op)
{
    return op == RT_SCIM_CO || op == RT_SCIM_SW || op == RT_SCIM_EW;
}


/* Checks that a value has the type of its attribute. */

static rt_scim_filter_t *
typed(scan_t *scan, rt_scim_filter_t *filter, const rt_scim_attr_t *attr)
{
    int  same = (filter->op == RT_SCIM_EQ || filter->op == RT_SCIM_NE);

    filter->value = filter->text;

    if (filter->type == RT_JSON_NULL) {
        return same ? filter : fail(scan, &rt_scim_invalid_filter);
    }

    if (attr->type == RT_SCIM_BOOLEAN) {

        /* providers quote booleans and write them as their language does */

        if (rt_str_ieq(&filter->text, &word_true)) {
            filter->type = RT_JSON_TRUE;

        } else if (rt_str_ieq(&filter->text, &word_false)) {
            filter->type = RT_JSON_FALSE;

        } else {
            same = 0;
        }

        return same ? filter : fail(scan, &rt_scim_invalid_filter);
    }

    if (filter->type != RT_JSON_STRING) {
        return fail(scan, &rt_scim_invalid_filter);
    }

    if (attr->type == RT_SCIM_DATETIME) {
        return !is_part(filter->op)
               && moment(&filter->text, &filter->ms) == RT_OK
               ? filter : fail(scan, &rt_scim_invalid_filter);
    }

    return attr->flags & RT_SCIM_EXACT ? filter : fold(scan, filter);
}


/* Reads a value: a string of JSON, true, false or null. */

static rt_scim_filter_t *
literal(scan_t *scan, rt_scim_filter_t *filter)
{
    rt_str_t              text;
    rt_json_t            *value;
    rt_status_e           rc;
    const unsigned char  *p;

    static const rt_json_opts_t  opts = { RT_JSON_NO_NUL, 1, 1 };

    text = word(scan);

    if (rt_str_ieq(&text, &word_true) || rt_str_ieq(&text, &word_false)
        || rt_str_ieq(&text, &word_null))
    {
        filter->type = rt_str_ieq(&text, &word_null) ? RT_JSON_NULL
                                                     : RT_JSON_TRUE;
        filter->text = text;
        scan->p += text.len;

        return filter;
    }

    p = scan->p;

    if (p < scan->end && *p == '"') {
        for (p++; p < scan->end && *p != '"'; p++) {
            p += (*p == '\\' && p + 1 < scan->end);
        }
    }

    if (p == scan->end || *p != '"') {
        return fail(scan, &rt_scim_invalid_filter);
    }

    text.len = (size_t) (p + 1 - scan->p);
    rc = rt_json_parse(scan->mem, &text, &opts, &value, NULL);

    if (rc != RT_OK) {
        return fail(scan, rc == RT_ERROR ? &rt_scim_no_memory
                                         : &rt_scim_invalid_filter);
    }

    filter->type = RT_JSON_STRING;
    filter->text = value->str;
    scan->p = p + 1;

    return filter;
}


/* a complex attribute stands for its "value" */

static const rt_scim_attr_t *
compared(rt_scim_path_t *path)
{
    rt_scim_path_t         more;
    const rt_scim_attr_t  *attr;

    static const rt_str_t  value = rt_string("value");

    attr = path->step[path->n - 1];

    if (attr->type != RT_SCIM_COMPLEX) {
        return attr;
    }

    if (rt_scim_path(attr, &value, &more) != RT_OK) {
        return NULL;
    }

    path->step[path->n++] = more.step[0];

    return more.step[0];
}


static rt_scim_filter_t *
comparison(scan_t *scan, rt_scim_filter_t *filter)
{
    size_t                 i;
    const rt_scim_attr_t  *attr;

    if (!blanks(scan)) {
        return fail(scan, &rt_scim_invalid_filter);
    }

    for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        if (take(scan, &ops[i].name)) {
            break;
        }
    }

    if (i == sizeof(ops) / sizeof(ops[0])) {
        return fail(scan, &rt_scim_invalid_filter);
    }

    filter->op = ops[i].op;

    if (filter->op == RT_SCIM_PR) {
        return filter;
    }

    /* a resource's URL exists only when it is shown; a password is not kept */

    attr = compared(&filter->path);

    if (attr == NULL || !blanks(scan) || attr->flags & RT_SCIM_WRITEONLY
        || (attr->type == RT_SCIM_REFERENCE && attr->flags & RT_SCIM_READONLY
            && !(attr->flags & RT_SCIM_MULTI)))
    {
        return fail(scan, &rt_scim_invalid_filter);
    }

    return literal(scan, filter) ? typed(scan, filter, attr) : NULL;
}


/*
 * emails[type eq "work"].value eq "x": Entra ID sends this, though the grammar
 * of RFC 7644 does not have it.  One value has to fit both, as with "and"
 * within the brackets.
 */

static rt_scim_filter_t *
behind(scan_t *scan, rt_scim_filter_t *filter, const rt_scim_attr_t *of)
{
    rt_str_t           text;
    rt_scim_filter_t  *both, *last;

    text = word(scan);
    both = make(scan, RT_SCIM_AND);
    last = make(scan, RT_SCIM_VALUE);

    if (both == NULL || last == NULL
        || rt_scim_path(of, &text, &last->path) != RT_OK)
    {
        return fail(scan, &rt_scim_invalid_filter);
    }

    scan->p += text.len;

    both->term = filter->term;
    both->term->next = last;
    filter->term = both;

    return comparison(scan, last) ? filter : NULL;
}


/* An attribute with what is asked of it: a comparison or brackets. */

static rt_scim_filter_t *
parse_attr(scan_t *scan, const rt_scim_attr_t *of)
{
    rt_str_t           text;
    rt_scim_filter_t  *filter;

    filter = make(scan, RT_SCIM_VALUE);
    text = word(scan);

    if (filter == NULL || rt_scim_path(of, &text, &filter->path) != RT_OK) {
        return fail(scan, &rt_scim_invalid_filter);
    }

    scan->p += text.len;

    if (!sign(scan, '[')) {
        return comparison(scan, filter);
    }

    of = filter->path.step[filter->path.n - 1];

    if (of->type != RT_SCIM_COMPLEX) {
        return fail(scan, &rt_scim_invalid_filter);
    }

    filter->term = parse_or(scan, of);

    if (filter->term == NULL || !sign(scan, ']')) {
        return fail(scan, &rt_scim_invalid_filter);
    }

    return sign(scan, '.') ? behind(scan, filter, of) : filter;
}


static rt_scim_filter_t *
parse_term(scan_t *scan, const rt_scim_attr_t *of)
{
    unsigned               negated;
    rt_scim_filter_t      *filter, *term;
    const unsigned char   *begin;

    begin = scan->p;
    negated = 0;

    if (take(scan, &word_not)) {
        (void) blanks(scan);
        negated = (scan->p < scan->end && *scan->p == '(');
    }

    if (!negated) {
        scan->p = begin;
    }

    if (!sign(scan, '(')) {
        return parse_attr(scan, of);
    }

    term = parse_or(scan, of);

    if (term == NULL || !sign(scan, ')')) {
        return fail(scan, &rt_scim_invalid_filter);
    }

    if (!negated) {
        return term;
    }

    filter = make(scan, RT_SCIM_NOT);

    if (filter) {
        filter->term = term;
    }

    return filter;
}


/* Terms with one word between them.  A single term is returned as it is. */

static rt_scim_filter_t *
parse_list(scan_t *scan, const rt_scim_attr_t *of, rt_scim_op_e op)
{
    const rt_str_t         *between;
    rt_scim_filter_t       *list, *term, **last;
    const unsigned char    *begin;

    list = make(scan, op);
    if (list == NULL) {
        return NULL;
    }

    between = (op == RT_SCIM_OR) ? &word_or : &word_and;
    last = &list->term;

    do {
        (void) blanks(scan);

        term = (op == RT_SCIM_OR) ? parse_list(scan, of, RT_SCIM_AND)
                                  : parse_term(scan, of);
        if (term == NULL) {
            return NULL;
        }

        *last = term;
        last = &term->next;
        begin = scan->p;

    } while (blanks(scan) && take(scan, between));

    scan->p = begin;

    return list->term->next ? list : list->term;
}


static rt_scim_filter_t *
parse_or(scan_t *scan, const rt_scim_attr_t *of)
{
    rt_scim_filter_t  *filter;

    if (scan->depth == RT_SCIM_MAX_NESTING) {
        return fail(scan, &rt_scim_invalid_filter);
    }

    scan->depth++;
    filter = parse_list(scan, of, RT_SCIM_OR);
    scan->depth--;

    (void) blanks(scan);

    return filter;
}


const rt_scim_error_t *
rt_scim_filter_parse(rt_mem_t *mem, const rt_scim_attr_t *of,
    const rt_str_t *text, rt_scim_filter_t **filter)
{
    scan_t  scan;

    if (text->len == 0 || text->len > RT_SCIM_MAX_FILTER) {
        return &rt_scim_invalid_filter;
    }

    memset(&scan, 0, sizeof(scan_t));

    scan.mem = mem;
    scan.p = text->data;
    scan.end = text->data + text->len;

    *filter = parse_or(&scan, of);

    if (*filter && scan.p < scan.end) {
        return &rt_scim_invalid_filter;
    }

    return scan.error;
}


static int
fits(rt_scim_op_e op, int order)
{
    switch (op) {

    case RT_SCIM_GT:
        return order > 0;

    case RT_SCIM_GE:
        return order >= 0;

    case RT_SCIM_LT:
        return order < 0;

    case RT_SCIM_LE:
        return order <= 0;

    default:
        return order == 0;
    }
}


static int
compare_text(rt_scim_op_e op, const rt_str_t *s, const rt_str_t *part)
{
    size_t  behind;

    if (!is_part(op)) {
        return fits(op, rt_scim_order(s, part));
    }

    if (op == RT_SCIM_CO) {
        return memmem(s->data, s->len, part->data, part->len) != NULL;
    }

    if (s->len < part->len) {
        return 0;
    }

    behind = (op == RT_SCIM_EW) ? s->len - part->len : 0;

    return memcmp(s->data + behind, part->data, part->len) == 0;
}


static int
compare(const test_t *test, const rt_scim_attr_t *attr, const rt_json_t *v)
{
    int64_t         ms;
    rt_str_t        text;
    unsigned char   folded[RT_FOLD_ROOM(RT_SCIM_MAX_STRING)];

    if (attr->type == RT_SCIM_BOOLEAN) {
        return v->type == test->filter->type;
    }

    text = v->str;

    if (v->type != RT_JSON_STRING || text.len > RT_SCIM_MAX_STRING) {
        return 0;
    }

    if (attr->type == RT_SCIM_DATETIME) {
        return moment(&text, &ms) == RT_OK
               && fits(test->op, (ms > test->filter->ms)
                                 - (ms < test->filter->ms));
    }

    if (attr->flags & RT_SCIM_EXACT) {
        return compare_text(test->op, &text, &test->filter->value);
    }

    text.len = rt_fold(folded, &text);
    text.data = folded;

    /* who looks for a name with a sign in it means nobody with the letter */

    return compare_text(test->op, &text, &test->filter->value)
           && (test->op != RT_SCIM_EQ
               || rt_fold_strange(&v->str, &text)
                  == rt_fold_strange(&test->filter->text,
                                     &test->filter->value));
}


static int visit(const test_t *test, const rt_json_t *object, unsigned i);


/* Whether one value of the path's step i fits. */

static int
meet(const test_t *test, const rt_json_t *v, unsigned i)
{
    const rt_scim_path_t  *path = &test->filter->path;

    if (i + 1 < path->n) {
        return visit(test, v, i + 1);
    }

    switch (test->op) {

    case RT_SCIM_PR:
        return 1;

    case RT_SCIM_VALUE:
        return match(test->filter->term, NULL, v);

    default:
        return compare(test, path->step[i], v);
    }
}


/* Whether any value fits that the object has at step i of the path. */

static int
visit(const test_t *test, const rt_json_t *object, unsigned i)
{
    size_t                 n;
    const rt_json_t       *v;
    rt_scim_linked_t       linked;
    const rt_scim_attr_t  *attr;

    attr = test->filter->path.step[i];

    if (attr->flags & RT_SCIM_REFS) {

        for (n = 0; n < test->res->nrefs; n++) {
            rt_scim_linked(&linked, &test->res->refs[n]);

            if (meet(test, &linked.object, i)) {
                return 1;
            }
        }

        return 0;
    }

    v = rt_json_get(object, &attr->name);

    if (v == NULL || v->type != RT_JSON_ARRAY) {
        return v && meet(test, v, i);
    }

    for (v = v->child; v; v = v->next) {
        if (meet(test, v, i)) {
            return 1;
        }
    }

    return 0;
}


static int
match_attr(const rt_scim_filter_t *filter, const rt_scim_resource_t *res,
    const rt_json_t *object)
{
    int     negated;
    test_t  test;

    test.filter = filter;
    test.res = res;
    test.op = filter->op;
    negated = 0;

    if (test.op == RT_SCIM_NE) {
        test.op = RT_SCIM_EQ;
        negated = 1;
    }

    if (test.op == RT_SCIM_EQ && filter->type == RT_JSON_NULL) {
        test.op = RT_SCIM_PR;
        negated = !negated;
    }

    return visit(&test, object, 0) != negated;
}


static int
match(const rt_scim_filter_t *filter, const rt_scim_resource_t *res,
    const rt_json_t *object)
{
    const rt_scim_filter_t  *term;

    switch (filter->op) {

    case RT_SCIM_AND:
    case RT_SCIM_OR:

        for (term = filter->term; term; term = term->next) {
            if (match(term, res, object) == (filter->op == RT_SCIM_OR)) {
                return filter->op == RT_SCIM_OR;
            }
        }

        return filter->op == RT_SCIM_AND;

    case RT_SCIM_NOT:
        return !match(filter->term, res, object);

    default:
        return match_attr(filter, res, object);
    }
}


int
rt_scim_filter_match(const rt_scim_filter_t *filter,
    const rt_scim_resource_t *res)
{
    rt_scim_whole_t  whole;

    rt_scim_whole(&whole, res);

    return match(filter, res, &whole.root);
}


int
rt_scim_filter_value(const rt_scim_filter_t *filter, const rt_json_t *value)
{
    return match(filter, NULL, value);
}


unsigned
rt_scim_filter_count(const rt_scim_filter_t *filter)
{
    unsigned                 n;
    const rt_scim_filter_t  *term;

    n = filter->op >= RT_SCIM_PR;

    for (term = filter->term; term; term = term->next) {
        n += rt_scim_filter_count(term);
    }

    return n;
}


int
rt_scim_filter_refs(const rt_scim_filter_t *filter)
{
    const rt_scim_filter_t  *term;

    if (filter->path.n) {
        return (filter->path.step[0]->flags & RT_SCIM_REFS) != 0;
    }

    for (term = filter->term; term; term = term->next) {
        if (rt_scim_filter_refs(term)) {
            return 1;
        }
    }

    return 0;
}


unsigned
rt_scim_filter_key(const rt_scim_filter_t *filter, rt_str_t *value)
{
    unsigned                 by;
    const rt_str_t          *name;
    const rt_scim_filter_t  *term;

    by = RT_SCIM_BY_NONE;

    if (filter->op == RT_SCIM_AND) {

        for (term = filter->term; term && by == RT_SCIM_BY_NONE;
             term = term->next)
        {
            by = rt_scim_filter_key(term, value);
        }

        return by;
    }

    if (filter->op != RT_SCIM_EQ || filter->type != RT_JSON_STRING
        || filter->path.n != 1)
    {
        return RT_SCIM_BY_NONE;
    }

    name = &filter->path.step[0]->name;
    *value = filter->value;

    if (rt_str_lit(name, "id")) {
        by = RT_SCIM_BY_ID;

    } else if (rt_str_lit(name, "externalId")) {
        by = RT_SCIM_EXTERNAL;

    } else if (filter->path.step[0]->flags & RT_SCIM_REQUIRED) {
        by = RT_SCIM_NAME;
    }

    return by;
}
