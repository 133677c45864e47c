
/*
 * A checker for the part of JSON Schema (Draft 2020-12) that
 * docs/event.schema.json uses.  A keyword it does not know fails the test:
 * nothing of the schema goes unchecked.
 */


#ifndef RT_SCHEMA_H_INCLUDED
#define RT_SCHEMA_H_INCLUDED


#include <regex.h>
#include <stdio.h>

#include <jansson.h>

#include "rt_base.h"
#include "text/rt_utf8.h"


/* loaded from the top of the tree, where tests run */

static inline json_t *
rt_schema_load(void)
{
    return json_load_file("docs/event.schema.json", JSON_REJECT_DUPLICATES,
                          NULL);
}


static int rt_schema_check(const json_t *schema, const json_t *v);


/* more than 0: a failure is an answer */
static unsigned  rt_schema_quiet;

/* of the line that is checked: names, or NULL: it has members of all */
static const json_t  *rt_schema_classes;
static int            rt_schema_own;

#define RT_SCHEMA_PATTERNS  64


static inline int
rt_schema_fail(const char *keyword, const json_t *v)
{
    char  *text;

    if (rt_schema_quiet) {
        return 0;
    }

    text = json_dumps(v, JSON_ENCODE_ANY);
    fprintf(stderr, "schema: %s: %.200s\n", keyword, text ? text : "?");
    free(text);

    return 0;
}


static inline int
rt_schema_is(const char *type, const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return strcmp(type, "object") == 0;
    case JSON_ARRAY:
        return strcmp(type, "array") == 0;
    case JSON_STRING:
        return strcmp(type, "string") == 0;
    case JSON_INTEGER:
        return strcmp(type, "integer") == 0 || strcmp(type, "number") == 0;
    case JSON_REAL:
        return strcmp(type, "number") == 0;
    case JSON_NULL:
        return strcmp(type, "null") == 0;
    default:
        return strcmp(type, "boolean") == 0;
    }
}


static inline int
rt_schema_type(const json_t *type, const json_t *v)
{
    size_t  i;

    if (json_is_string(type)) {
        return rt_schema_is(json_string_value(type), v);
    }

    for (i = 0; i < json_array_size(type); i++) {
        if (rt_schema_is(json_string_value(json_array_get(type, i)), v)) {
            return 1;
        }
    }

    return 0;
}


/* those of the schema stay as long as it does */

static inline regex_t *
rt_schema_regex(const char *pattern)
{
    size_t  i;

    static struct {
        const char  *pattern;
        regex_t      re;
    } known[RT_SCHEMA_PATTERNS];

    for (i = 0; i < RT_SCHEMA_PATTERNS && known[i].pattern; i++) {
        if (known[i].pattern == pattern) {
            return &known[i].re;
        }
    }

    if (i == RT_SCHEMA_PATTERNS
        || regcomp(&known[i].re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
    {
        return NULL;
    }

    known[i].pattern = pattern;

    return &known[i].re;
}


static inline int
rt_schema_pattern(const char *pattern, const json_t *v)
{
    regex_t     *re;
    const char  *s;

    s = json_string_value(v);

    if (s == NULL) {
        return 1;
    }

    re = rt_schema_regex(pattern);

    return re && regexec(re, s, 0, NULL, 0) == 0
           && strlen(s) == json_string_length(v);
}


/* is one of the line's classes among these, which spaces part? */

static inline int
rt_schema_class(const char *classes)
{
    size_t       i, len;
    const char  *at, *name;

    if (rt_schema_classes == NULL || strcmp(classes, "every") == 0
        || (rt_schema_own && strstr(classes, " own")))
    {
        return 1;
    }

    for (i = 0; i < json_array_size(rt_schema_classes); i++) {
        name = json_string_value(json_array_get(rt_schema_classes, i));
        len = name ? strlen(name) : 0;
        at = len ? strstr(classes, name) : NULL;

        if (at && (at == classes || at[-1] == ' ')
            && (at[len] == '\0' || at[len] == ' '))
        {
            return 1;
        }
    }

    return 0;
}


/* in code points */

static inline int
rt_schema_length(size_t max, const json_t *v)
{
    size_t       i, n;
    const char  *s;

    if (!json_is_string(v)) {
        return 1;
    }

    s = json_string_value(v);

    for (i = 0, n = 0; i < json_string_length(v); i++) {
        n += ((unsigned char) s[i] & 0xc0) != 0x80;
    }

    return n <= max;
}


static inline int
rt_schema_object(const json_t *schema, const json_t *v)
{
    const char  *key;
    json_t      *known, *value, *more;

    if (!json_is_object(v)) {
        return 1;
    }

    more = json_object_get(schema, "additionalProperties");

    json_object_foreach((json_t *) v, key, value) {
        known = json_object_get(json_object_get(schema, "properties"), key);

        if (known == NULL) {
            known = more;
        }

        if (json_is_false(known)) {
            return rt_schema_fail("additionalProperties", v);
        }

        if (json_is_object(known) && !rt_schema_check(known, value)) {
            return rt_schema_fail(key, value);
        }
    }

    return 1;
}


static inline int
rt_schema_required(const json_t *names, const json_t *v)
{
    size_t       i;
    const char  *key;

    for (i = 0; json_is_object(v) && i < json_array_size(names); i++) {
        key = json_string_value(json_array_get(names, i));

        if (json_object_get(v, key) == NULL) {
            return rt_schema_fail(key, v);
        }
    }

    return 1;
}


/* what does not hold here is no failure */

static inline int
rt_schema_if(const json_t *schema, const json_t *v)
{
    int  ok;

    rt_schema_quiet++;
    ok = rt_schema_check(json_object_get(schema, "if"), v);
    rt_schema_quiet--;

    return ok;
}


static inline int
rt_schema_items(const json_t *items, const json_t *v)
{
    size_t  i;

    for (i = 0; i < json_array_size(v); i++) {
        if (!rt_schema_check(items, json_array_get(v, i))) {
            return 0;
        }
    }

    return 1;
}


static inline int
rt_schema_enum(const json_t *values, const json_t *v)
{
    size_t  i;

    for (i = 0; i < json_array_size(values); i++) {
        if (json_equal(json_array_get(values, i), v)) {
            return 1;
        }
    }

    return 0;
}


static inline int
rt_schema_keyword(const char *k, const json_t *arg, const json_t *schema,
    const json_t *v)
{
    if (strcmp(k, "type") == 0) {
        return rt_schema_type(arg, v);
    }

    if (strcmp(k, "const") == 0) {
        return json_equal(arg, v);
    }

    if (strcmp(k, "enum") == 0) {
        return rt_schema_enum(arg, v);
    }

    if (strcmp(k, "pattern") == 0) {
        return rt_schema_pattern(json_string_value(arg), v);
    }

    if (strcmp(k, "maxLength") == 0) {
        return rt_schema_length((size_t) json_integer_value(arg), v);
    }

    if (strcmp(k, "minimum") == 0) {
        return json_number_value(v) >= json_number_value(arg);
    }

    if (strcmp(k, "maximum") == 0) {
        return json_number_value(v) <= json_number_value(arg);
    }

    if (strcmp(k, "maxItems") == 0) {
        return json_array_size(v) <= (size_t) json_integer_value(arg);
    }

    if (strcmp(k, "minItems") == 0) {
        return !json_is_array(v)
               || json_array_size(v) >= (size_t) json_integer_value(arg);
    }

    if (strcmp(k, "x-class") == 0) {
        return rt_schema_class(json_string_value(arg));
    }

    if (strcmp(k, "required") == 0) {
        return rt_schema_required(arg, v);
    }

    if (strcmp(k, "else") == 0) {
        return rt_schema_if(schema, v) || rt_schema_check(arg, v);
    }

    if (strcmp(k, "items") == 0) {
        return rt_schema_items(arg, v);
    }

    if (strcmp(k, "properties") == 0) {
        return rt_schema_object(schema, v);
    }

    if (strcmp(k, "additionalProperties") == 0) {
        return json_object_get(schema, "properties") != NULL
               || rt_schema_object(schema, v);
    }

    /* looked at with else, or words for people */

    return strcmp(k, "if") == 0 || strcmp(k, "description") == 0
           || strcmp(k, "title") == 0 || k[0] == '$';
}


static int
rt_schema_check(const json_t *schema, const json_t *v)
{
    json_t      *arg;
    const char  *k;

    json_object_foreach((json_t *) schema, k, arg) {
        if (!rt_schema_keyword(k, arg, schema, v)) {
            return rt_schema_fail(k, v);
        }
    }

    return 1;
}


/* NULL: it is no line */

static inline json_t *
rt_schema_parse(const unsigned char *line, size_t len)
{
    size_t     i;
    json_t    *v;
    rt_str_t   s;

    if (len == 0 || line[len - 1] != '\n') {
        (void) rt_schema_fail("no LF", NULL);
        return NULL;
    }

    s.data = (unsigned char *) line;
    s.len = len - 1;

    for (i = 0; i < s.len; i++) {
        if (line[i] < 0x20 || line[i] == 0x7f) {
            (void) rt_schema_fail("control character", NULL);
            return NULL;
        }
    }

    if (!rt_utf8_valid(&s)) {
        (void) rt_schema_fail("UTF-8", NULL);
        return NULL;
    }

    v = json_loadb((const char *) line, len, JSON_REJECT_DUPLICATES
                   | JSON_ALLOW_NUL, NULL);
    if (v == NULL) {
        (void) rt_schema_fail("JSON", NULL);
    }

    return v;
}


/* one that says its classes has members of these alone */

static inline int
rt_schema_event(const json_t *schema, const json_t *v)
{
    int            ok;
    const char    *stage;
    const json_t  *metadata;

    metadata = json_object_get(v, "metadata");
    stage = json_string_value(json_object_get(metadata, "stage"));

    rt_schema_own = stage && strcmp(stage, "module") == 0;
    rt_schema_classes = json_object_get(metadata, "class");
    ok = rt_schema_check(schema, v);
    rt_schema_classes = NULL;

    return ok;
}


/*
 * A line of an audit file: one, ended by LF, no control characters, valid
 * UTF-8, JSON without duplicate names, valid against the schema.
 */

static inline int
rt_schema_line(const json_t *schema, const unsigned char *line, size_t len)
{
    int      ok;
    json_t  *v;

    v = rt_schema_parse(line, len);
    ok = v && rt_schema_event(schema, v);
    json_decref(v);

    return ok;
}


#endif /* RT_SCHEMA_H_INCLUDED */
