
/* Look-ups in a parsed tree: members, paths, machine numbers. */

#include <math.h>
#include <stdlib.h>

#include "json/rt_json.h"


/* a longer number has no use as a machine number */
#define JSON_MAX_NUMBER  255
#define JSON_EXACT       ((int64_t) 1 << 53)    /* of a double */


rt_json_t *
rt_json_get(const rt_json_t *v, const rt_str_t *name)
{
    rt_json_t  *m;

    if (v == NULL || v->type != RT_JSON_OBJECT) {
        return NULL;
    }

    for (m = v->child; m; m = m->next) {
        if (rt_str_eq(&m->key, name)) {
            return m;
        }
    }

    return NULL;
}


rt_str_t
rt_json_text(const rt_json_t *v, const char *name)
{
    const rt_str_t  key = rt_str_of(name);

    v = rt_json_get(v, &key);

    return v && v->type == RT_JSON_STRING ? v->str : (rt_str_t) rt_string("");
}


rt_json_t *
rt_json_at(const rt_json_t *v, size_t n)
{
    rt_json_t  *e;

    if (v == NULL || v->type != RT_JSON_ARRAY || n >= v->count) {
        return NULL;
    }

    for (e = v->child; n > 0; n--) {
        e = e->next;
    }

    return e;
}


/* an index as in a[12] or /12: digits, no leading zero */

static int
array_index(const unsigned char *p, const unsigned char *end, size_t *out)
{
    size_t  n;

    if (p == end || end - p > 9 || (*p == '0' && end - p > 1)) {
        return 0;
    }

    for (n = 0; p < end; p++) {
        if (*p < '0' || *p > '9') {
            return 0;
        }

        n = n * 10 + (size_t) (*p - '0');
    }

    *out = n;

    return 1;
}


/* a member whose name is the escaped reference token p..end (RFC 6901, 3) */

static rt_json_t *
pointer_member(const rt_json_t *v, const unsigned char *p,
    const unsigned char *end)
{
    size_t                i;
    rt_json_t            *m;
    unsigned char         c;
    const unsigned char  *q;

    for (m = v->child; m; m = m->next) {

        for (q = p, i = 0; q < end && i < m->key.len; q++, i++) {
            c = *q;

            if (c == '~') {
                c = (*++q == '0') ? '~' : '/';
            }

            if (c != m->key.data[i]) {
                break;
            }
        }

        if (q == end && i == m->key.len) {
            return m;
        }
    }

    return NULL;
}


/* one step of a JSON Pointer, *pp on its slash */

static rt_status_e
pointer_step(const rt_json_t **v, const unsigned char **pp,
    const unsigned char *end)
{
    size_t                n;
    const unsigned char  *p, *start;

    start = *pp + 1;

    for (p = start; p < end && *p != '/'; p++) {
        if (*p == '~') {
            p++;

            if (p == end || (*p != '0' && *p != '1')) {
                return RT_INVALID;
            }
        }
    }

    *pp = p;

    if (*v == NULL) {
        return RT_OK;
    }

    if ((*v)->type == RT_JSON_OBJECT) {
        *v = pointer_member(*v, start, p);

    } else if (array_index(start, p, &n)) {
        *v = rt_json_at(*v, n);

    } else {
        *v = NULL;
    }

    return RT_OK;
}


/* one step of a.b[0]: a name (with the dot before it) or an index */

static rt_status_e
dotted_step(const rt_json_t **v, const unsigned char **pp,
    const unsigned char *end, int first)
{
    size_t                n;
    rt_str_t              name;
    const unsigned char  *p, *start;

    p = *pp;

    if (*p == '[') {
        start = ++p;
        p = memchr(p, ']', (size_t) (end - p));

        if (p == NULL || !array_index(start, p, &n)) {
            return RT_INVALID;
        }

        *v = rt_json_at(*v, n);
        *pp = p + 1;

        return RT_OK;
    }

    if (!first) {
        if (*p++ != '.') {
            return RT_INVALID;
        }
    }

    start = p;

    while (p < end && *p != '.' && *p != '[') {
        if (*p++ == ']') {
            return RT_INVALID;
        }
    }

    if (p == start) {
        return RT_INVALID;
    }

    name.data = (unsigned char *) start;
    name.len = (size_t) (p - start);

    *v = rt_json_get(*v, &name);
    *pp = p;

    return RT_OK;
}


/*
 * Walks the whole path even when a step is absent: the same grammar decides
 * at configuration and at request time.
 */

static rt_status_e
walk_path(const rt_json_t **v, const rt_str_t *path)
{
    int                   first;
    rt_status_e           rc;
    const unsigned char  *p, *end;

    if (path->len == 0) {
        return RT_INVALID;
    }

    p = path->data;
    end = p + path->len;
    first = 1;

    do {
        if (path->data[0] == '/') {
            rc = pointer_step(v, &p, end);

        } else {
            rc = dotted_step(v, &p, end, first);
        }

        if (rc != RT_OK) {
            return rc;
        }

        first = 0;

    } while (p < end);

    return RT_OK;
}


rt_json_t *
rt_json_path(const rt_json_t *v, const rt_str_t *path)
{
    if (walk_path(&v, path) != RT_OK) {
        return NULL;
    }

    return (rt_json_t *) v;
}


rt_status_e
rt_json_path_check(const rt_str_t *path)
{
    const rt_json_t  *v;

    v = NULL;

    /* read as a path, "https://example.com/x" is two members that never are */

    if (rt_str_holds(path, "://")) {
        return RT_INVALID;
    }

    return walk_path(&v, path);
}


rt_status_e
rt_json_double(const rt_json_t *v, double *out)
{
    char     buf[JSON_MAX_NUMBER + 1], *end;
    int64_t  n;

    if (v == NULL || v->type != RT_JSON_NUMBER) {
        return RT_DECLINED;
    }

    /* times mostly are: strtod() takes twenty times as long */

    if (rt_json_int64(v, &n) == RT_OK && n >= -JSON_EXACT && n <= JSON_EXACT) {
        *out = (double) n;
        return RT_OK;
    }

    if (v->str.len > JSON_MAX_NUMBER) {
        return RT_INVALID;
    }

    memcpy(buf, v->str.data, v->str.len);
    buf[v->str.len] = '\0';

    *out = strtod(buf, &end);

    /* in a locale with a decimal comma strtod() stops at the dot */

    return (*end == '\0' && isfinite(*out)) ? RT_OK : RT_INVALID;
}


rt_status_e
rt_json_int64(const rt_json_t *v, int64_t *out)
{
    int                   minus;
    int64_t               n, d;
    const unsigned char  *p, *end;

    if (v == NULL || v->type != RT_JSON_NUMBER) {
        return RT_DECLINED;
    }

    p = v->str.data;
    end = p + v->str.len;
    minus = (*p == '-');

    /* counted below zero, where there is room for INT64_MIN */

    for (n = 0, p += minus; p < end; p++) {
        if (*p < '0' || *p > '9') {
            return RT_INVALID;
        }

        d = *p - '0';

        if (n < (INT64_MIN + d) / 10) {
            return RT_INVALID;
        }

        n = n * 10 - d;
    }

    if (!minus && n == INT64_MIN) {
        return RT_INVALID;
    }

    *out = minus ? n : -n;

    return RT_OK;
}
