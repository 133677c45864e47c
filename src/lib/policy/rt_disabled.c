
#include <stdlib.h>

#include "policy/rt_disabled.h"
#include "json/rt_json.h"
#include "text/rt_fold.h"
#include "text/rt_utf8.h"


static rt_status_e lines(rt_mem_t *mem, const rt_str_t *text,
    rt_disabled_t *list);
static int next_line(rt_str_t *rest, rt_str_t *line, unsigned *number);
static rt_status_e array(rt_mem_t *mem, const rt_str_t *text,
    rt_disabled_t *list);
static rt_status_e element(rt_mem_t *mem, rt_disabled_t *list,
    const rt_json_t *v);
static rt_status_e word(rt_mem_t *mem, rt_disabled_t *list,
    const rt_str_t *text);
static rt_status_e add(rt_mem_t *mem, rt_disabled_t *list,
    const rt_str_t *name, const rt_str_t *value, const rt_str_t *issuer);
static rt_status_e refuse(rt_disabled_t *list, const char *why);
static int compare(const void *one, const void *two);
static int order(const rt_str_t *a, const rt_str_t *b);


static const rt_str_t  kinds[RT_DISABLED_KINDS] = {
    [RT_DISABLED_SUB] = rt_string("sub"),
    [RT_DISABLED_EMAIL] = rt_string("email"),
    [RT_DISABLED_SID] = rt_string("sid"),
    [RT_DISABLED_JTI] = rt_string("jti")
};


rt_status_e
rt_disabled_parse(rt_mem_t *mem, const rt_str_t *text, rt_disabled_t *list)
{
    size_t       i;
    rt_status_e  rc;

    memset(list, 0, sizeof(rt_disabled_t));

    list->unit = "line";

    for (i = 0; i < text->len && strchr(" \t\r\n", text->data[i])
                && text->data[i]; i++)
    {
        /* void */
    }

    rc = (i < text->len && text->data[i] == '[') ? array(mem, text, list)
                                                  : lines(mem, text, list);

    if (rc == RT_OK && list->n) {
        qsort(list->entry, list->n, sizeof(rt_disabled_entry_t), compare);
    }

    return rc;
}


static rt_status_e
lines(rt_mem_t *mem, const rt_str_t *text, rt_disabled_t *list)
{
    size_t       n;
    rt_str_t     rest, line;
    unsigned     number;
    rt_status_e  rc;

    rest = *text;
    number = 0;

    for (n = 0; next_line(&rest, &line, &number); n++) {
        if (n == RT_DISABLED_MAX) {
            list->at = number;
            (void) refuse(list, "is one entry too many");
            return RT_TOO_BIG;
        }
    }

    list->entry = rt_alloc(mem, (n + 1) * sizeof(rt_disabled_entry_t));
    if (list->entry == NULL) {
        return RT_ERROR;
    }

    rest = *text;

    while (next_line(&rest, &line, &list->at)) {
        rc = word(mem, list, &line);

        if (rc != RT_OK) {
            return rc;
        }
    }

    list->at = 0;

    return RT_OK;
}


/* the next one that names somebody; it may end as lines of Windows do */

static int
next_line(rt_str_t *rest, rt_str_t *line, unsigned *number)
{
    while (rest->len) {
        (void) rt_str_cut(rest, '\n', line, rest);
        (*number)++;

        rt_str_chomp(line);

        if (line->len && line->data[0] != '#') {
            return 1;
        }
    }

    return 0;
}


static rt_status_e
array(rt_mem_t *mem, const rt_str_t *text, rt_disabled_t *list)
{
    rt_json_t       *root, *v;
    rt_status_e      rc;

    static const rt_json_opts_t  opts = {
        RT_JSON_UNIQUE|RT_JSON_NO_NUL, 2, 3 * RT_DISABLED_MAX + 1
    };

    list->unit = "entry";

    rc = rt_json_parse(mem, text, &opts, &root, NULL);

    if (rc == RT_ERROR) {
        return RT_ERROR;
    }

    if (rc != RT_OK) {
        (void) refuse(list, rc == RT_TOO_BIG ? "has too many entries"
                                             : "is not strict JSON");
        return rc;
    }

    if (root->count > RT_DISABLED_MAX) {
        (void) refuse(list, "has too many entries");
        return RT_TOO_BIG;
    }

    list->entry = rt_alloc(mem, (root->count + 1)
                                * sizeof(rt_disabled_entry_t));
    if (list->entry == NULL) {
        return RT_ERROR;
    }

    for (v = root->child; v; v = v->next) {
        list->at++;
        rc = element(mem, list, v);

        if (rc != RT_OK) {
            return rc;
        }
    }

    list->at = 0;

    return RT_OK;
}


static rt_status_e
element(rt_mem_t *mem, rt_disabled_t *list, const rt_json_t *v)
{
    rt_json_t  *iss, *who;

    static const rt_str_t  any = rt_null_string;

    if (v->type == RT_JSON_STRING) {
        return word(mem, list, &v->str);
    }

    iss = (v->type == RT_JSON_OBJECT) ? rt_json_member(v, "iss") : NULL;

    if (v->type != RT_JSON_OBJECT || v->count != (iss ? 2u : 1u)) {
        return refuse(list, "must be a string, or an object of one of sub, "
                            "email, sid and jti, with iss or without");
    }

    who = (v->child == iss) ? iss->next : v->child;

    if (who->type != RT_JSON_STRING || (iss && iss->type != RT_JSON_STRING)) {
        return refuse(list, "has a member that is no string");
    }

    if (iss && iss->str.len == 0) {
        return refuse(list, "has an empty iss");
    }

    return add(mem, list, &who->key, &who->str, iss ? &iss->str : &any);
}


/* the last " iss=" counts: a value may hold another one */

static rt_status_e
word(rt_mem_t *mem, rt_disabled_t *list, const rt_str_t *text)
{
    size_t    i;
    rt_str_t  name, value, issuer;

    if (!rt_str_cut(text, ':', &name, &value)) {
        return refuse(list, "has no \":\"");
    }

    issuer = (rt_str_t) rt_null_string;

    for (i = value.len; i-- > 0; ) {
        if (value.len - i >= 5 && memcmp(value.data + i, " iss=", 5) == 0) {
            issuer.data = value.data + i + 5;
            issuer.len = value.len - i - 5;
            value.len = i;

            if (issuer.len == 0) {
                return refuse(list, "has an empty iss");
            }

            break;
        }
    }

    return add(mem, list, &name, &value, &issuer);
}


static rt_status_e
add(rt_mem_t *mem, rt_disabled_t *list, const rt_str_t *name,
    const rt_str_t *value, const rt_str_t *issuer)
{
    const char           *why;
    rt_disabled_entry_t  *e;

    e = &list->entry[list->n];

    e->kind = rt_disabled_kind(name);
    e->value = *value;
    e->issuer = *issuer;

    if (e->kind == RT_DISABLED_KINDS) {
        return refuse(list, "names no \"sub\", \"email\", \"sid\" or \"jti\"");
    }

    why = rt_disabled_fault(value);

    if (why == NULL && issuer->len) {
        why = rt_disabled_fault(issuer);
    }

    if (why) {
        return refuse(list, why);
    }

    if (e->kind == RT_DISABLED_EMAIL) {
        e->value.data = rt_alloc(mem, RT_FOLD_ROOM(value->len));
        if (e->value.data == NULL) {
            return RT_ERROR;
        }

        e->value.len = rt_fold(e->value.data, value);
    }

    list->n++;

    return RT_OK;
}


static rt_status_e
refuse(rt_disabled_t *list, const char *why)
{
    list->why = why;

    return RT_INVALID;
}


rt_disabled_e
rt_disabled_kind(const rt_str_t *name)
{
    unsigned  i;

    for (i = 0; i < RT_DISABLED_KINDS; i++) {
        if (rt_str_eq(&kinds[i], name)) {
            break;
        }
    }

    return (rt_disabled_e) i;
}


const char *
rt_disabled_fault(const rt_str_t *value)
{
    if (value->len == 0) {
        return "has an empty value";
    }

    if (value->len > RT_DISABLED_MAX_VALUE) {
        return "is too long";
    }

    if (!rt_utf8_valid(value)) {
        return "is no UTF-8";
    }

    if (!rt_utf8_plain(value)) {
        return "has a control character, or blanks around its value";
    }

    return NULL;
}


int
rt_disabled_has(const rt_disabled_t *list, rt_disabled_e kind,
    const rt_str_t *value, const rt_str_t *issuer)
{
    rt_disabled_entry_t  e;

    if (list->n == 0) {
        return 0;
    }

    e.kind = kind;
    e.value = *value;
    e.issuer = (rt_str_t) rt_null_string;

    if (bsearch(&e, list->entry, list->n, sizeof(e), compare)) {
        return 1;
    }

    e.issuer = *issuer;

    return bsearch(&e, list->entry, list->n, sizeof(e), compare) != NULL;
}


static int
compare(const void *one, const void *two)
{
    int                         rc;
    const rt_disabled_entry_t  *a, *b;

    a = one;
    b = two;

    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }

    rc = order(&a->value, &b->value);

    return rc ? rc : order(&a->issuer, &b->issuer);
}


static int
order(const rt_str_t *a, const rt_str_t *b)
{
    if (a->len != b->len) {
        return a->len < b->len ? -1 : 1;
    }

    return a->len ? memcmp(a->data, b->data, a->len) : 0;
}
