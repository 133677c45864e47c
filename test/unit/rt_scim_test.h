
/*
 * Resources of SCIM for unit tests: written as JSON, with ' for ".
 */


#ifndef RT_SCIM_TEST_H_INCLUDED
#define RT_SCIM_TEST_H_INCLUDED


#include "rt_test.h"
#include "scim/rt_scim_resource.h"


static inline rt_str_t
quoted(const char *s)
{
    size_t    i;
    rt_str_t  text = copied(s);

    for (i = 0; i < text.len; i++) {
        if (text.data[i] == '\'') {
            text.data[i] = '"';
        }
    }

    return text;
}


static inline rt_json_t *
body_of(const char *s)
{
    rt_str_t    text = quoted(s);
    rt_json_t  *root;

    assert_null(rt_scim_body(&mem, &text, &root));

    return root;
}


/* the type is told from its name */

static inline rt_scim_type_e
type_of(const char *s)
{
    return strstr(s, "userName") ? RT_SCIM_USER : RT_SCIM_GROUP;
}


static inline rt_scim_resource_t
resource_of(const char *s)
{
    size_t               i;
    rt_scim_change_t     made;
    rt_scim_resource_t   res;

    memset(&res, 0, sizeof(rt_scim_resource_t));
    res.type = type_of(s);

    assert_null(rt_scim_create(&mem, res.type, body_of(s), NULL, &made));

    res.root = made.root;
    res.id = STR("0190");
    res.base = STR("https://a/scim");
    res.created = 1700000000000;
    res.modified = 1700000000500;
    res.version = 7;
    res.nrefs = made.members.nadded;
    res.refs = rt_alloc(&mem, (res.nrefs + 1) * sizeof(rt_scim_ref_t));

    for (i = 0; i < res.nrefs; i++) {
        res.refs[i].id = made.members.added[i];
        res.refs[i].display = rt_str_lit(&res.refs[i].id, "u1")
                              ? STR("One") : STR("");
    }

    return res;
}


/* "+a+b-c", with "=" before it if that is all of them */

static inline const char *
members_of(const rt_scim_members_t *members)
{
    char    *p, *text;
    size_t   i;

    text = rt_alloc(&mem, 4096);
    p = text;
    p += sprintf(p, "%s", members->all ? "=" : "");

    for (i = 0; i < members->nadded; i++) {
        p += sprintf(p, "+%.*s", (int) members->added[i].len,
                     members->added[i].data);
    }

    for (i = 0; i < members->nremoved; i++) {
        p += sprintf(p, "-%.*s", (int) members->removed[i].len,
                     members->removed[i].data);
    }

    return text;
}


static inline void
assert_text(const rt_str_t *text, const char *expected)
{
    rt_str_t  want = quoted(expected);

    if (!rt_str_eq(text, &want)) {
        fail_msg("%.*s\nis not\n%.*s", (int) text->len, text->data,
                 (int) want.len, want.data);
    }
}


#endif /* RT_SCIM_TEST_H_INCLUDED */
