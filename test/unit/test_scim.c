
/* Resources of SCIM: made of what a client writes, kept, shown; discovery. */

#include "rt_scim_test.h"
#include "scim/rt_scim_discovery.h"


#define USER        "urn:ietf:params:scim:schemas:core:2.0:User"
#define GROUP       "urn:ietf:params:scim:schemas:core:2.0:Group"
#define ENTERPRISE  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


static const struct {
    const char  *body;
    const char  *made;
    const char  *keys;          /* name|externalId|email */
} bodies[] = {
    { "{'userName':'Jo'}", "{'userName':'Jo','active':true}", "jo||" },

    /* order and case of names, values of the right type */

    { "{'active':'FALSE','USERNAME':'J\xc3\x96','externalID':'E','schemas':["
      "'" USER "','urn:x']}",
      "{'externalId':'E','userName':'J\xc3\x96','active':false}",
      "j\xc3\xb6|E|" },
    { "{'userName':'jo','emails':{'value':'A@b'}}",
      "{'userName':'jo','active':true,'emails':[{'value':'A@b'}]}",
      "jo||a@b" },
    { "{'userName':'jo','roles':['a',{'value':'b','primary':'True'}]}",
      "{'userName':'jo','active':true,'roles':[{'value':'a'},"
      "{'value':'b','primary':true}]}", "jo||" },
    { "{'userName':'jo','emails':[{'type':'x'},{'value':'1'},{'value':'2',"
      "'primary':true}]}",
      "{'userName':'jo','active':true,'emails':[{'type':'x'},{'value':'1'},"
      "{'value':'2','primary':true}]}", "jo||2" },
    { "{'userName':'jo','emails':[{'type':'x'},{'value':'1'},"
      "{'value':'2'}]}",
      "{'userName':'jo','active':true,'emails':[{'type':'x'},{'value':'1'},"
      "{'value':'2'}]}", "jo||1" },

    /* what is null or empty is unassigned */

    { "{'userName':'jo','externalId':'','name':{'givenName':null},"
      "'emails':[],'roles':[null,{}],'" ENTERPRISE "':{'manager':{}}}",
      "{'userName':'jo','active':true}", "jo||" },

    /* what we do not have, what is read-only, what is never kept */

    { "{'userName':'jo','id':'1','meta':{},'groups':[{'value':'g'}],"
      "'photos':[{'value':'p'}],'password':'s3cret','urn:x:User':{'a':1},"
      "'name':{'nothing':1,'givenName':'J'}}",
      "{'userName':'jo','name':{'givenName':'J'},'active':true}", "jo||" },
    { "{'userName':'jo','" ENTERPRISE "':{'manager':{'value':'m',"
      "'displayName':'M'},'department':'D'}}",
      "{'userName':'jo','active':true,'" ENTERPRISE "':{'department':'D',"
      "'manager':{'value':'m'}}}", "jo||" },

    { "{'displayName':'Ops','externalId':'x','active':false}",
      "{'externalId':'x','displayName':'Ops'}", "ops|x|" },
};


static void
test_create(void **state)
{
    char               keys[256];
    size_t             i;
    rt_json_t         *root;
    rt_scim_type_e     type;
    rt_scim_change_t   made, again;

    (void) state;

    for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        type = strstr(bodies[i].made, "userName") ? RT_SCIM_USER
                                                  : RT_SCIM_GROUP;

        assert_null(rt_scim_create(&mem, type, body_of(bodies[i].body), NULL,
                                   &made));
        assert_text(&made.text, bodies[i].made);

        (void) snprintf(keys, sizeof(keys), "%.*s|%.*s|%.*s",
                        (int) made.key[0].len, made.key[0].data,
                        (int) made.key[1].len, made.key[1].data,
                        (int) made.key[2].len, made.key[2].data);

        assert_string_equal(keys, bodies[i].keys);
        assert_int_equal(made.active,
                         strstr(bodies[i].made, "'active':false") == NULL);

        /* its text is the same resource */

        assert_int_equal(rt_scim_read(&mem, &made.text, &root), RT_OK);
        assert_null(rt_scim_create(&mem, type, root, NULL, &again));
        assert_true(rt_str_eq(&again.text, &made.text));
    }
}


static const struct {
    rt_scim_type_e           type;
    const char              *body;
    const rt_scim_error_t   *error;
} refused[] = {
    { RT_SCIM_USER, "{}", &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':''}", &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':null}", &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':5}", &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':' jo'}", &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':'j\\to'}", &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':'jo','externalId':'x '}",
      &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':'jo','USERNAME':'boss'}",
      &rt_scim_invalid_syntax },
    { RT_SCIM_USER, "{'userName':'jo','active':'yes'}",
      &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':'jo','active':1}", &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':'jo','active':''}", &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':'jo','active':null}",
      &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':'jo','" USER "':{'active':false}}",
      &rt_scim_invalid_path },
    { RT_SCIM_USER, "{'userName':'jo','" USER ":active':false}",
      &rt_scim_invalid_path },
    { RT_SCIM_USER, "{'userName':'jo','" ENTERPRISE "':{'Active':false}}",
      &rt_scim_invalid_path },
    { RT_SCIM_USER, "{'userName':'jo','urn:x':[{'active':false}]}",
      &rt_scim_invalid_path },
    { RT_SCIM_USER, "{'userName':'jo','name':'Jo'}", &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':'jo','name':[]}", &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':'jo','title':['x']}",
      &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':'jo','password':5}", &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':'jo','emails':[{'primary':true,'value':'a'},"
                    "{'primary':true,'value':'b'}]}",
      &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':'jo','schemas':['" GROUP "']}",
      &rt_scim_invalid_syntax },
    { RT_SCIM_USER, "{'userName':'jo','schemas':'x'}",
      &rt_scim_invalid_syntax },
    { RT_SCIM_USER, "{'userName':'\xe2\x84\xaa" "elvin'}",
      &rt_scim_invalid_value },
    { RT_SCIM_USER, "{'userName':'jo','emails':[{'value':'jo\\u017f@x'}]}",
      &rt_scim_invalid_value },
    { RT_SCIM_GROUP, "{'displayName':'Admin\xc5\xbf'}",
      &rt_scim_invalid_value },
    { RT_SCIM_GROUP, "{'members':[]}", &rt_scim_invalid_value },
    { RT_SCIM_GROUP, "{'displayName':'a','members':[5]}",
      &rt_scim_invalid_value },
    { RT_SCIM_GROUP, "{'displayName':'a','members':[{'value':'a b'}]}",
      &rt_scim_invalid_value },
};


static void
test_refused(void **state)
{
    size_t                  i;
    rt_str_t                text;
    rt_json_t              *root;
    rt_scim_change_t        made;
    const rt_scim_error_t  *error;

    (void) state;

    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        text = quoted(refused[i].body);
        error = rt_scim_body(&mem, &text, &root);

        if (error == NULL) {
            error = rt_scim_create(&mem, refused[i].type, root, NULL, &made);
        }

        if (error != refused[i].error) {
            fail_msg("%s: %s", refused[i].body, error ? error->detail
                                                      : "made");
        }
    }
}


static void
test_old(void **state)
{
    rt_scim_change_t  old, made;

    (void) state;

    assert_null(rt_scim_create(&mem, RT_SCIM_USER,
                               body_of("{'userName':'jo','active':false}"),
                               NULL, &old));
    assert_null(rt_scim_create(&mem, RT_SCIM_USER,
                               body_of("{'userName':'jo'}"), old.root,
                               &made));
    assert_text(&made.text, "{'userName':'jo','active':false}");
    assert_int_equal(made.active, 0);

    assert_null(rt_scim_create(&mem, RT_SCIM_USER,
                               body_of("{'userName':'jo','active':true}"),
                               old.root, &made));
    assert_int_equal(made.active, 1);
}


static void
test_members(void **state)
{
    rt_scim_change_t  made;

    (void) state;

    assert_null(rt_scim_create(&mem, RT_SCIM_GROUP,
        body_of("{'displayName':'a','Members':[{'value':'b'},'a',"
                "{'value':'b','type':'User'}]}"), NULL, &made));
    assert_string_equal(members_of(&made.members), "=+a+b");

    assert_null(rt_scim_create(&mem, RT_SCIM_GROUP,
                               body_of("{'displayName':'a'}"), NULL, &made));
    assert_string_equal(members_of(&made.members), "=");
}


static void
test_body(void **state)
{
    char        *big;
    rt_str_t     text;
    rt_json_t   *root;

    (void) state;

    text = quoted("[]");
    assert_ptr_equal(rt_scim_body(&mem, &text, &root),
                     &rt_scim_invalid_syntax);
    text = quoted("{'a':1,'a':2}");
    assert_ptr_equal(rt_scim_body(&mem, &text, &root),
                     &rt_scim_invalid_syntax);
    text = quoted("{'a':'\\u0000'}");
    assert_ptr_equal(rt_scim_body(&mem, &text, &root),
                     &rt_scim_invalid_syntax);
    text = quoted("{'a':[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}");
    assert_ptr_equal(rt_scim_body(&mem, &text, &root), &rt_scim_too_large);

    big = rt_alloc(&mem, RT_SCIM_MAX_BODY + 1);
    memset(big, ' ', RT_SCIM_MAX_BODY + 1);
    memcpy(big, "{}", 2);
    text.data = (unsigned char *) big;
    text.len = RT_SCIM_MAX_BODY;
    assert_null(rt_scim_body(&mem, &text, &root));
    text.len++;
    assert_ptr_equal(rt_scim_body(&mem, &text, &root), &rt_scim_too_large);
}


static void
test_text_bound(void **state)
{
    int                i;
    char               body[32768], *p;
    rt_scim_change_t   made;

    (void) state;

    p = body + sprintf(body, "{'userName':'jo','roles':['x'");

    for (i = 0; i < 17; i++) {
        p += sprintf(p, ",'%0*d'", 1000, i);
    }

    (void) sprintf(p, "]}");
    assert_ptr_equal(rt_scim_create(&mem, RT_SCIM_USER, body_of(body), NULL,
                                    &made), &rt_scim_too_large);

    (void) sprintf(body, "{'userName':'%0*d'}", RT_SCIM_MAX_KEY, 1);
    assert_null(rt_scim_create(&mem, RT_SCIM_USER, body_of(body), NULL,
                               &made));
    (void) sprintf(body, "{'userName':'%0*d'}", RT_SCIM_MAX_KEY + 1, 1);
    assert_ptr_equal(rt_scim_create(&mem, RT_SCIM_USER, body_of(body), NULL,
                                    &made), &rt_scim_too_large);
}


#define META(type)                                                            \
    "'meta':{'resourceType':'" type "','created':'2023-11-14T22:13:20.000Z'," \
    "'lastModified':'2023-11-14T22:13:20.500Z','location':'https://a/scim/"   \
    type "s/0190','version':'W/\\'7\\''}"


static const struct {
    const char  *resource;
    const char  *attributes;
    const char  *excluded;
    const char  *shown;
    int          refs;
} shows[] = {
    { "{'userName':'jo'}", "", "",
      "{'schemas':['" USER "'],'id':'0190','userName':'jo','active':true,"
      META("User") "}", 1 },
    { "{'userName':'jo'}", "USERNAME, nothing,name.givenName", "",
      "{'schemas':['" USER "'],'id':'0190','userName':'jo'}", 0 },
    { "{'userName':'jo'}", "nothing", "",
      "{'schemas':['" USER "'],'id':'0190'}", 0 },
    { "{'userName':'jo','name':{'familyName':'F','givenName':'G'},"
      "'emails':[{'type':'x'},{'value':'v','type':'y'}]}",
      "name.givenName,emails.value", "",
      "{'schemas':['" USER "'],'id':'0190','name':{'givenName':'G'},"
      "'emails':[{'value':'v'}]}", 0 },
    { "{'userName':'jo','" ENTERPRISE "':{'department':'D',"
      "'manager':{'value':'m'}}}", ENTERPRISE ":manager", "",
      "{'schemas':['" USER "','" ENTERPRISE "'],'id':'0190',"
      "'" ENTERPRISE "':{'manager':{'value':'m'}}}", 0 },
    { "{'userName':'jo','name':{'givenName':'G'}}", "",
      "meta,id,name.givenName,groups.display",
      "{'schemas':['" USER "'],'id':'0190','userName':'jo','active':true}",
      1 },
    { "{'displayName':'a','members':['u1','u2']}", "", "meta",
      "{'schemas':['" GROUP "'],'id':'0190','displayName':'a','members':["
      "{'value':'u1','$ref':'https://a/scim/Users/u1','display':'One'},"
      "{'value':'u2','$ref':'https://a/scim/Users/u2'}]}", 1 },
    { "{'displayName':'a','members':['u1']}", "", "members,meta",
      "{'schemas':['" GROUP "'],'id':'0190','displayName':'a'}", 0 },
    { "{'displayName':'a','members':['u1']}", "members.value", "",
      "{'schemas':['" GROUP "'],'id':'0190','members':[{'value':'u1'}]}", 1 },
};


static void
test_show(void **state)
{
    size_t               i, room;
    rt_str_t             text, attributes, excluded;
    rt_jsonw_t           w;
    rt_scim_shown_t      shown;
    rt_scim_resource_t   res;

    (void) state;

    for (i = 0; i < sizeof(shows) / sizeof(shows[0]); i++) {
        res = resource_of(shows[i].resource);
        attributes = str(shows[i].attributes);
        excluded = str(shows[i].excluded);

        assert_null(rt_scim_shown(res.type, &attributes, &excluded, &shown));
        assert_int_equal(rt_scim_shown_refs(res.type, &shown), shows[i].refs);

        room = rt_scim_show_room(&res);
        text.data = rt_alloc(&mem, room);
        rt_jsonw_init(&w, text.data, room);
        rt_scim_show(&w, &res, &shown);

        assert_false(w.full);
        text.len = rt_jsonw_len(&w);
        assert_text(&text, shows[i].shown);
    }
}


static void
test_shown_refused(void **state)
{
    int               i;
    char              names[RT_SCIM_MAX_SHOWN * 3 + 4], *p;
    rt_str_t          none = rt_null_string, s;
    rt_scim_shown_t   shown;

    (void) state;

    s = STR("userName");
    assert_non_null(rt_scim_shown(RT_SCIM_USER, &s, &s, &shown));

    s = STR("user name");
    assert_non_null(rt_scim_shown(RT_SCIM_USER, &s, &none, &shown));

    for (i = 0, p = names; i < RT_SCIM_MAX_SHOWN; i++) {
        p = stpcpy(p, "id,");
    }

    s = str(names);
    assert_null(rt_scim_shown(RT_SCIM_USER, &s, &none, &shown));

    (void) stpcpy(p, "id");
    s = str(names);
    assert_non_null(rt_scim_shown(RT_SCIM_USER, &s, &none, &shown));
}


static void
test_list_and_error(void **state)
{
    rt_str_t        text;
    rt_jsonw_t      w;
    unsigned char   buf[RT_SCIM_ERROR_ROOM];

    (void) state;

    text.data = buf;

    rt_jsonw_init(&w, buf, RT_SCIM_LIST_ROOM);
    rt_scim_list_open(&w);
    rt_scim_list_close(&w, SIZE_MAX, SIZE_MAX, SIZE_MAX);
    assert_false(w.full);

    rt_jsonw_init(&w, buf, RT_SCIM_LIST_ROOM);
    rt_scim_list_open(&w);
    rt_scim_list_close(&w, 12, 3, 0);
    text.len = rt_jsonw_len(&w);
    assert_text(&text, "{'schemas':['urn:ietf:params:scim:api:messages:2.0:"
                       "ListResponse'],'Resources':[],'totalResults':12,"
                       "'startIndex':3,'itemsPerPage':0}");

    rt_jsonw_init(&w, buf, sizeof(buf));
    rt_scim_error(&w, &rt_scim_invalid_filter);
    assert_false(w.full);

    rt_jsonw_init(&w, buf, sizeof(buf));
    rt_scim_error(&w, &rt_scim_not_found);
    text.len = rt_jsonw_len(&w);
    assert_text(&text, "{'schemas':['urn:ietf:params:scim:api:messages:2.0:"
                       "Error'],'detail':'there is no such resource',"
                       "'status':'404'}");
}


static const struct {
    const char  *field;
    int          fits;
} tags[] = {
    { "*", 1 }, { "W/\"7\"", 1 }, { "\"7\"", 1 }, { "W/\"8\"", 0 }, { "", 0 },
    { "7", 0 }, { "\"a,b\", W/\"7\"", 1 }, { "\"1\" ,\tW/\"7\" ", 1 },
    { "W/\"77\"", 0 }, { "w/\"7\"", 0 }, { ",,", 0 },
};


static void
test_etag(void **state)
{
    size_t          i, n;
    rt_str_t        field;
    unsigned char   text[RT_SCIM_ETAG_LEN];

    (void) state;

    for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        field = copied(tags[i].field);
        assert_int_equal(rt_scim_etag_match(&field, 7), tags[i].fits);
    }

    n = rt_scim_etag(UINT64_MAX, text);
    assert_int_equal(n, RT_SCIM_ETAG_LEN);
    assert_memory_equal(text, "W/\"18446744073709551615\"", n);
    assert_int_equal(rt_scim_etag(0, text), 5);
}


static rt_json_t *
discovered(const rt_jsonw_t *w)
{
    rt_str_t    text = { rt_jsonw_len(w), w->start };
    rt_json_t  *root;

    assert_false(w->full);
    assert_null(rt_scim_body(&mem, &text, &root));

    return root;
}


static void
test_discovery(void **state)
{
    rt_str_t     base, id, path;
    rt_json_t   *root;
    rt_jsonw_t   w;

    (void) state;

    base = copy_of(rt_alloc(&mem, 2048), 2048);
    memset(base.data, 'b', base.len);
    w.start = rt_alloc(&mem, RT_SCIM_DISCOVERY_ROOM);

#define BEGIN(s)  rt_jsonw_init(&w, w.start, RT_SCIM_DISCOVERY_ROOM);         \
                  id = str(s)
#define IS(p, s)  path = str(p);                                              \
                  assert_non_null(rt_json_path(root, &path));                 \
                  assert_true(is_text(&rt_json_path(root, &path)->str, s))

    BEGIN("");
    rt_scim_config(&w, &base, 200);
    root = discovered(&w);
    IS("filter.maxResults", "200");
    IS("authenticationSchemes[0].type", "oauthbearertoken");

    BEGIN("");
    assert_int_equal(rt_scim_schemas(&w, &base, &id), RT_OK);
    root = discovered(&w);
    IS("totalResults", "3");
    IS("Resources[0].id", USER);
    IS("Resources[0].attributes[0].name", "userName");
    IS("Resources[0].attributes[0].uniqueness", "server");
    IS("Resources[2].id", ENTERPRISE);

    BEGIN(GROUP);
    assert_int_equal(rt_scim_schemas(&w, &base, &id), RT_OK);
    root = discovered(&w);
    IS("name", "Group");
    IS("attributes[1].name", "members");
    IS("attributes[1].subAttributes[0].mutability", "immutable");

    BEGIN("urn:x");
    assert_int_equal(rt_scim_schemas(&w, &base, &id), RT_DECLINED);
    assert_int_equal(rt_jsonw_len(&w), 0);

    BEGIN("");
    assert_int_equal(rt_scim_resource_types(&w, &base, &id), RT_OK);
    root = discovered(&w);
    IS("totalResults", "2");
    IS("Resources[0].schemaExtensions[0].schema", ENTERPRISE);

    BEGIN("Group");
    base = STR("https://a/scim");
    assert_int_equal(rt_scim_resource_types(&w, &base, &id), RT_OK);
    root = discovered(&w);
    IS("endpoint", "/Groups");
    IS("meta.location", "https://a/scim/ResourceTypes/Group");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_create),
        ARENA_TEST(test_refused),
        ARENA_TEST(test_old),
        ARENA_TEST(test_members),
        ARENA_TEST(test_body),
        ARENA_TEST(test_text_bound),
        ARENA_TEST(test_show),
        ARENA_TEST(test_shown_refused),
        ARENA_TEST(test_list_and_error),
        ARENA_TEST(test_etag),
        ARENA_TEST(test_discovery),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
