
/* PATCH of SCIM: what becomes of a resource, and what is refused. */

#include "jose/rt_claims.h"
#include "rt_scim_test.h"
#include "scim/rt_scim_patch.h"


#define CORE        "urn:ietf:params:scim:schemas:core:2.0:User"
#define ENTERPRISE  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define PATCH_OP    "urn:ietf:params:scim:api:messages:2.0:PatchOp"

#define JO    "{'userName':'jo','active':true}"
#define MAIL  "{'userName':'jo','active':true,'emails':["                     \
              "{'value':'w@a','type':'work','primary':true},"                 \
              "{'value':'h@a','type':'home'}]}"
#define NAME  "{'userName':'jo','name':{'familyName':'Doe',"                  \
              "'givenName':'Jo'},'active':true}"


static const struct {
    const char  *old;
    const char  *ops;
    const char  *made;
} patches[] = {

    /* one value */

    { JO, "{'op':'add','path':'title','value':'x'}",
      "{'userName':'jo','title':'x','active':true}" },
    { JO, "{'op':'replace','path':'userName','value':'Bo'}",
      "{'userName':'Bo','active':true}" },
    { "{'userName':'jo','title':'x','active':true}",
      "{'op':'remove','path':'title'}", JO },
    { JO, "{'op':'remove','path':'title'}", JO },
    { "{'userName':'jo','title':'x','active':true}",
      "{'op':'replace','path':'title','value':null}", JO },
    { "{'userName':'jo','title':'x','active':true}",
      "{'op':'add','path':'title','value':null}",
      "{'userName':'jo','title':'x','active':true}" },

    /* as Entra ID sends it */

    { JO, "{'op':'Replace','path':'active','value':'False'}",
      "{'userName':'jo','active':false}" },
    { JO, "{'OP':'REPLACE','Path':'ACTIVE','VALUE':'true'}", JO },
    { JO, "{'op':'Add','path':'name.givenName','value':'J'}",
      "{'userName':'jo','name':{'givenName':'J'},'active':true}" },
    { JO, "{'op':'Add','value':{'name.givenName':'J','title':'t'}}",
      "{'userName':'jo','name':{'givenName':'J'},'title':'t',"
      "'active':true}" },
    { JO, "{'op':'Add','path':'emails[type eq \\'work\\'].value',"
          "'value':'w@a'}",
      "{'userName':'jo','active':true,"
      "'emails':[{'value':'w@a','type':'work'}]}" },
    { MAIL, "{'op':'Replace','path':'emails[type eq \\'work\\'].value',"
            "'value':'x@a'}",
      "{'userName':'jo','active':true,'emails':["
      "{'value':'x@a','type':'work','primary':true},"
      "{'value':'h@a','type':'home'}]}" },
    { MAIL, "{'op':'add','value':{'emails[type eq \\'home\\'].display':'H'}}",
      "{'userName':'jo','active':true,'emails':["
      "{'value':'w@a','type':'work','primary':true},"
      "{'value':'h@a','display':'H','type':'home'}]}" },
    { JO, "{'op':'Add','path':'roles','value':[{'value':'a'},{'value':'b'}]},"
          "{'op':'Remove','path':'roles','value':[{'value':'a'}]}",
      "{'userName':'jo','active':true,'roles':[{'value':'b'}]}" },
    { JO, "{'op':'Add','path':'roles[primary eq \\'True\\'].value',"
          "'value':'admin'}",
      "{'userName':'jo','active':true,"
      "'roles':[{'value':'admin','primary':true}]}" },
    { JO, "{'op':'Add','path':'manager','value':[{'value':'m1'}]},"
          "{'op':'add','value':{'department':'D'}}",
      "{'userName':'jo','active':true,"
      "'" ENTERPRISE "':{'department':'D','manager':{'value':'m1'}}}" },
    { JO, "{'op':'Add','path':'" ENTERPRISE ":manager','value':'m1'}",
      "{'userName':'jo','active':true,"
      "'" ENTERPRISE "':{'manager':{'value':'m1'}}}" },
    { JO, "{'op':'replace','value':{'" ENTERPRISE ":department':'D'}}",
      "{'userName':'jo','active':true,"
      "'" ENTERPRISE "':{'department':'D'}}" },
    { "{'userName':'jo','active':true,"
      "'" ENTERPRISE "':{'department':'D','manager':{'value':'m'}}}",
      "{'op':'Remove','path':'" ENTERPRISE ":manager.value'}",
      "{'userName':'jo','active':true,"
      "'" ENTERPRISE "':{'department':'D'}}" },

    /* as Okta sends it: all of the resource, read-only attributes, too */

    { JO, "{'op':'replace','value':{'active':false}}",
      "{'userName':'jo','active':false}" },
    { JO, "{'op':'replace','path':'" CORE "','value':{'active':false}}",
      "{'userName':'jo','active':false}" },
    { JO, "{'op':'add','value':{'URN:IETF:params:scim:schemas:core:2.0:User':"
          "{'" CORE ":Active':'False','title':'x'}}}",
      "{'userName':'jo','title':'x','active':false}" },
    { JO, "{'op':'replace','value':{'urn:x:activeness':{'value':false}}}", JO },
    { JO, "{'op':'replace','value':{'urn:x':[{'a':'active'},'active']}}", JO },
    { JO, "{'op':'replace','value':{'active':true}},"
          "{'op':'replace','value':{'active':false}}",
      "{'userName':'jo','active':false}" },
    { JO, "{'op':'replace','value':{'id':'1','meta':{},'schemas':[],"
          "'groups':['g'],'password':'s3cret','userName':'jo'}}", JO },

    /* several sub-attributes: those that are named (RFC 7644, 3.5.2.3) */

    { NAME, "{'op':'replace','path':'name','value':{'givenName':'J',"
            "'middleName':'M'}}",
      "{'userName':'jo','name':{'familyName':'Doe','givenName':'J',"
      "'middleName':'M'},'active':true}" },
    { NAME, "{'op':'replace','path':'name','value':{'givenName':null}}",
      "{'userName':'jo','name':{'familyName':'Doe'},'active':true}" },
    { NAME, "{'op':'remove','path':'name.givenName'},"
            "{'op':'remove','path':'name.familyName'}", JO },
    { NAME, "{'op':'remove','path':'name'}", JO },
    { JO, "{'op':'add','path':'" ENTERPRISE "','value':{'manager':"
          "{'value':'m','displayName':'read-only'}}}",
      "{'userName':'jo','active':true,"
      "'" ENTERPRISE "':{'manager':{'value':'m'}}}" },

    /* several values */

    { MAIL, "{'op':'remove','path':'emails'}", JO },
    { MAIL, "{'op':'remove','path':'emails[type eq \\'home\\']'},"
            "{'op':'remove','path':'emails[type eq \\'WORK\\']'}", JO },
    { MAIL, "{'op':'remove','path':'emails[type eq \\'none\\']'}", MAIL },
    { MAIL, "{'op':'remove','path':'emails[value ew \\']\\']'}", MAIL },
    { MAIL, "{'op':'replace','path':'emails','value':{'value':'n@a'}}",
      "{'userName':'jo','active':true,'emails':[{'value':'n@a'}]}" },
    { MAIL, "{'op':'replace','path':'emails','value':[]}", JO },
    { MAIL, "{'op':'add','path':'emails','value':[{'type':'home',"
            "'value':'h@a'}]}", MAIL },
    { MAIL, "{'op':'replace','path':'emails[type eq \\'home\\']',"
            "'value':{'value':'n@a'}}",
      "{'userName':'jo','active':true,'emails':["
      "{'value':'w@a','type':'work','primary':true},{'value':'n@a'}]}" },
    { MAIL, "{'op':'add','path':'emails[type eq \\'home\\']',"
            "'value':{'display':'H'}}",
      "{'userName':'jo','active':true,'emails':["
      "{'value':'w@a','type':'work','primary':true},"
      "{'value':'h@a','display':'H','type':'home'}]}" },
    { MAIL, "{'op':'replace','path':'emails.display','value':'D'}",
      "{'userName':'jo','active':true,'emails':["
      "{'value':'w@a','display':'D','type':'work','primary':true},"
      "{'value':'h@a','display':'D','type':'home'}]}" },

    /* a new primary value takes it from the old one (RFC 7644, 3.5.2) */

    { MAIL, "{'op':'add','path':'emails','value':{'value':'n@a',"
            "'primary':true}}",
      "{'userName':'jo','active':true,'emails':["
      "{'value':'w@a','type':'work','primary':false},"
      "{'value':'h@a','type':'home'},{'value':'n@a','primary':true}]}" },
    { MAIL, "{'op':'add','path':'emails[type eq \\'home\\'].primary',"
            "'value':true}",
      "{'userName':'jo','active':true,'emails':["
      "{'value':'w@a','type':'work','primary':false},"
      "{'value':'h@a','type':'home','primary':true}]}" },

    /* who is disabled stays so until somebody says otherwise */

    { "{'userName':'jo','active':false}", "{'op':'remove','path':'active'}",
      "{'userName':'jo','active':false}" },

    /* what we do not have */

    { JO, "{'op':'add','path':'nothing','value':'x'},"
          "{'op':'replace','path':'urn:x:1.0:User:a','value':1},"
          "{'op':'add','path':'emails[type eq \\'a\\'].nothing','value':'x'},"
          "{'op':'add','value':{'photos':[{'value':'x'}]}}", JO },
};


static const rt_scim_error_t *
patch(const char *old, const char *ops, rt_scim_change_t *made)
{
    char                     body[2048];
    rt_str_t                 text, before, after;
    rt_json_t               *root;
    rt_scim_resource_t       res;
    const rt_scim_error_t   *error;

    (void) snprintf(body, sizeof(body),
                    "{'schemas':['" PATCH_OP "'],'Operations':[%s]}", ops);

    res = resource_of(old);

    assert_int_equal(rt_claims_json(&mem, res.root, &before), RT_OK);
    text = quoted(body);
    error = rt_scim_body(&mem, &text, &root);

    if (error == NULL) {
        error = rt_scim_patch(&mem, res.type, res.root, root, made);
    }

    assert_int_equal(rt_claims_json(&mem, res.root, &after), RT_OK);

    /* whatever became of it, the old one is as it was */

    assert_true(rt_str_eq(&before, &after));

    return error;
}


static void
test_patches(void **state)
{
    size_t             i;
    rt_scim_change_t   made;

    (void) state;

    for (i = 0; i < sizeof(patches) / sizeof(patches[0]); i++) {
        if (patch(patches[i].old, patches[i].ops, &made)) {
            fail_msg("refused: %s", patches[i].ops);
        }

        assert_text(&made.text, patches[i].made);
        assert_int_equal(made.active,
                         strstr(patches[i].made, "'active':true") != NULL);
    }
}


#define OPS  "{'displayName':'Ops'}"


static const struct {
    const char  *ops;
    const char  *members;
    const char  *made;
} groups[] = {
    { "{'op':'add','path':'members','value':[{'value':'b'},{'value':'a'},"
      "{'value':'b','display':'B'}]}", "+a+b", OPS },
    { "{'op':'Add','path':'members','value':{'value':'a'}}", "+a", OPS },
    { "{'op':'add','path':'members','value':'a'}", "+a", OPS },
    { "{'op':'remove','path':'members[value eq \\'a\\']'}", "-a", OPS },
    { "{'op':'remove','path':'members[value eq \\'a\\' or "
      "value eq \\'B\\']'}", "-B-a", OPS },
    { "{'op':'Remove','path':'members','value':[{'value':'a'}]}", "-a", OPS },
    { "{'op':'remove','path':'members','value':[]}", "", OPS },
    { "{'op':'remove','path':'members'}", "=", OPS },
    { "{'op':'replace','path':'members','value':[{'value':'a'}]}", "=+a",
      OPS },
    { "{'op':'replace','path':'members','value':null}", "=", OPS },
    { "{'op':'replace','value':{'displayName':'X','id':'1',"
      "'members':[{'value':'a'}]}}", "=+a", "{'displayName':'X'}" },
    { "{'op':'add','value':{'members':[{'value':'a'}]}}", "+a", OPS },
    { "{'op':'add','path':'externalId','value':'e'}", "",
      "{'externalId':'e','displayName':'Ops'}" },

    /* the last word counts */

    { "{'op':'add','path':'members','value':['a','b']},"
      "{'op':'remove','path':'members[value eq \\'a\\']'}", "+b-a", OPS },
    { "{'op':'remove','path':'members[value eq \\'a\\']'},"
      "{'op':'add','path':'members','value':['a']}", "+a", OPS },
    { "{'op':'add','path':'members','value':['a']},"
      "{'op':'remove','path':'members'},"
      "{'op':'add','path':'members','value':['b','c']},"
      "{'op':'remove','path':'members[value eq \\'c\\']'}", "=+b", OPS },
};


static void
test_groups(void **state)
{
    size_t             i;
    rt_scim_change_t   made;

    (void) state;

    for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (patch(OPS, groups[i].ops, &made)) {
            fail_msg("refused: %s", groups[i].ops);
        }

        assert_string_equal(members_of(&made.members), groups[i].members);
        assert_text(&made.text, groups[i].made);
        assert_int_equal(made.active, 1);
    }
}


static const struct {
    const char               *old;
    const char               *ops;
    const rt_scim_error_t    *error;
} refused[] = {
    { JO, "", &rt_scim_invalid_syntax },
    { JO, "1", &rt_scim_invalid_syntax },
    { JO, "{'path':'title','value':'x'}", &rt_scim_invalid_syntax },
    { JO, "{'op':'move','path':'title','value':'x'}",
      &rt_scim_invalid_syntax },
    { JO, "{'op':'add','OP':'remove','path':'title','value':'x'}",
      &rt_scim_invalid_syntax },
    { JO, "{'op':'add','path':'title'}", &rt_scim_invalid_value },
    { JO, "{'op':'add','path':'title','value':5}", &rt_scim_invalid_value },
    { JO, "{'op':'add','path':'name','value':'x'}", &rt_scim_invalid_value },
    { JO, "{'op':'add','path':'name','value':[]}", &rt_scim_invalid_value },
    { JO, "{'op':'replace','path':'active','value':'no'}",
      &rt_scim_invalid_value },
    { JO, "{'op':'replace','path':'active','value':''}",
      &rt_scim_invalid_value },
    { JO, "{'op':'add','path':'active','value':null}",
      &rt_scim_invalid_value },
    { JO, "{'op':'replace','value':{'active':null,'title':'x'}}",
      &rt_scim_invalid_value },
    { JO, "{'op':'replace','path':'active.value','value':false}",
      &rt_scim_invalid_path },
    { JO, "{'op':'remove','path':'urn:x:User:ACTIVE'}",
      &rt_scim_invalid_path },
    { JO, "{'op':'replace','path':'" ENTERPRISE ":active','value':false}",
      &rt_scim_invalid_path },
    { JO, "{'op':'replace','value':{'" ENTERPRISE "':{'active':false}}}",
      &rt_scim_invalid_path },
    { JO, "{'op':'replace','value':{'urn:x':{'urn:y':{'Active':false}}}}",
      &rt_scim_invalid_path },
    { JO, "{'op':'replace','value':{'urn:x':[{'active':false}]}}",
      &rt_scim_invalid_path },
    { JO, "{'op':'replace','value':{'urn:x':[[{'a':{'ACTIVE':false}}]]}}",
      &rt_scim_invalid_path },
    { JO, "{'op':'add','path':'urn:x','value':[{'y':1},{'active':false}]}",
      &rt_scim_invalid_path },
    { JO, "{'op':'replace','value':{'active':true,'" CORE ":active':false}}",
      &rt_scim_invalid_value },
    { JO, "{'op':'add','value':{'" CORE "':{'active':false},'active':true}}",
      &rt_scim_invalid_value },
    { JO, "{'op':'add','value':{'name.givenName':'a',"
          "'" CORE ":name.givenName':'b'}}", &rt_scim_invalid_value },
    { JO, "{'op':'replace','value':{'active':true,'Active':false}}",
      &rt_scim_invalid_syntax },
    { JO, "{'op':'remove','path':'" CORE "'}", &rt_scim_no_target },
    { JO, "{'op':'replace','path':'" CORE "','value':false}",
      &rt_scim_invalid_value },
    { JO, "{'op':'replace','path':'userName','value':''}",
      &rt_scim_invalid_value },
    { JO, "{'op':'replace','path':'userName','value':' boss'}",
      &rt_scim_invalid_value },
    { JO, "{'op':'add','value':'x'}", &rt_scim_invalid_value },
    { JO, "{'op':'add','path':'emails','value':[{'value':'a',"
          "'primary':true},{'value':'b','primary':true}]}",
      &rt_scim_invalid_value },
    { MAIL, "{'op':'add','path':'emails[type pr].primary','value':true}",
      &rt_scim_invalid_value },
    { JO, "{'op':'remove'}", &rt_scim_no_target },
    { MAIL, "{'op':'replace','path':'emails[type eq \\'x\\'].value',"
            "'value':'v'}", &rt_scim_no_target },
    { JO, "{'op':'add','path':'emails[type sw \\'x\\'].value','value':'v'}",
      &rt_scim_no_target },
    { JO, "{'op':'remove','path':'userName'}", &rt_scim_mutability },
    { JO, "{'op':'replace','path':'id','value':'x'}", &rt_scim_mutability },
    { JO, "{'op':'add','path':'groups','value':[{'value':'g'}]}",
      &rt_scim_mutability },
    { JO, "{'op':'replace','path':'meta.version','value':'x'}",
      &rt_scim_mutability },
    { OPS, "{'op':'replace','path':'members[value eq \\'a\\'].value',"
           "'value':'b'}", &rt_scim_mutability },
    { OPS, "{'op':'add','value':{'members.value':'a'}}",
      &rt_scim_mutability },
    { OPS, "{'op':'remove','path':'displayName'}", &rt_scim_mutability },
    { OPS, "{'op':'remove','path':'members[display eq \\'a\\']'}",
      &rt_scim_invalid_filter },
    { OPS, "{'op':'add','path':'members','value':[{'display':'a'}]}",
      &rt_scim_invalid_value },
    { OPS, "{'op':'add','path':'members','value':['a b']}",
      &rt_scim_invalid_value },
    { JO, "{'op':'add','path':'emails[type eq \\'x\\'','value':'v'}",
      &rt_scim_invalid_path },
    { JO, "{'op':'add','path':'emails[type eq \\'x\\']value','value':'v'}",
      &rt_scim_invalid_path },
    { JO, "{'op':'add','path':'name[givenName pr]','value':'v'}",
      &rt_scim_invalid_path },
    { JO, "{'op':'add','path':'.title','value':'v'}", &rt_scim_invalid_path },
    { JO, "{'op':'add','path':5,'value':'v'}", &rt_scim_invalid_path },
    { JO, "{'op':'add','path':'emails[kind eq \\'x\\'].value','value':'v'}",
      &rt_scim_invalid_filter },

    /* the last of several: none is done */

    { JO, "{'op':'add','path':'title','value':'x'},"
          "{'op':'remove','path':'id'}", &rt_scim_mutability },
};


static void
test_refused(void **state)
{
    size_t                  i;
    rt_scim_change_t        made;
    const rt_scim_error_t  *error;

    (void) state;

    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        error = patch(refused[i].old, refused[i].ops, &made);

        if (error != refused[i].error) {
            fail_msg("%s: %s", refused[i].ops, error ? error->detail : "done");
        }
    }
}


/* a body with n times the same between two texts */

static rt_json_t *
repeated(const char *begin, const char *each, size_t n, const char *end)
{
    char    *s, *p;

    s = rt_alloc(&mem, strlen(begin) + n * strlen(each) + strlen(end) + 1);
    p = stpcpy(s, begin);

    while (n--) {
        p = stpcpy(p, each);
    }

    (void) strcpy(p, end);

    return body_of(s);
}


static void
test_bounds(void **state)
{
    rt_json_t         *root;
    rt_scim_change_t   made;

    static const char  op[] =
        ",{'op':'add','path':'members','value':[{'value':'a'}]}";

    (void) state;

    root = resource_of(OPS).root;

    assert_null(rt_scim_patch(&mem, RT_SCIM_GROUP, root,
        repeated("{'Operations':[{'op':'remove','path':'externalId'}", op,
                 RT_SCIM_MAX_OPS - 1, "]}"), &made));
    assert_string_equal(members_of(&made.members), "+a");

    assert_ptr_equal(rt_scim_patch(&mem, RT_SCIM_GROUP, root,
        repeated("{'Operations':[{'op':'remove','path':'externalId'}", op,
                 RT_SCIM_MAX_OPS, "]}"), &made), &rt_scim_too_large);

    /* each name in a value without a path counts, too */

    assert_ptr_equal(rt_scim_patch(&mem, RT_SCIM_GROUP, root,
        repeated("{'Operations':[{'op':'add','value':{'a':1,'b':1}}", op,
                 RT_SCIM_MAX_OPS - 1, "]}"), &made), &rt_scim_too_large);

    assert_null(rt_scim_patch(&mem, RT_SCIM_GROUP, root,
        repeated("{'Operations':[{'op':'add','path':'members','value':['a'",
                 ",'b'", RT_SCIM_MAX_MEMBERS - 1, "]}]}"), &made));
    assert_string_equal(members_of(&made.members), "+a+b");

    assert_ptr_equal(rt_scim_patch(&mem, RT_SCIM_GROUP, root,
        repeated("{'Operations':[{'op':'add','path':'members','value':['a'",
                 ",'b'", RT_SCIM_MAX_MEMBERS, "]}]}"), &made),
        &rt_scim_too_large);
}


static void
test_values_bound(void **state)
{
    size_t             i;
    rt_json_t         *root, *body;
    rt_scim_change_t   made;

    (void) state;

    root = resource_of(JO).root;

    for (i = 0; i < RT_SCIM_MAX_VALUES; i++) {
        body = repeated("{'Operations':[{'op':'add','path':'roles',"
                        "'value':'r", "r", i, "'}]}");
        assert_null(rt_scim_patch(&mem, RT_SCIM_USER, root, body, &made));
        root = made.root;
    }

    body = repeated("{'Operations':[{'op':'add','path':'roles','value':'x",
                    "x", 1, "'}]}");
    assert_ptr_equal(rt_scim_patch(&mem, RT_SCIM_USER, root, body, &made),
                     &rt_scim_too_large);

    body = repeated("{'Operations':[{'op':'add','path':'title','value':'",
                    "x", RT_SCIM_MAX_STRING, "'}]}");
    assert_null(rt_scim_patch(&mem, RT_SCIM_USER, root, body, &made));

    body = repeated("{'Operations':[{'op':'add','path':'title','value':'",
                    "x", RT_SCIM_MAX_STRING + 1, "'}]}");
    assert_ptr_equal(rt_scim_patch(&mem, RT_SCIM_USER, root, body, &made),
                     &rt_scim_too_large);
}


/* what was kept in another order than ours has nothing twice after a change */

static void
test_order(void **state)
{
    rt_str_t           kept;
    rt_json_t         *root, *body;
    rt_scim_change_t   made;

    (void) state;

    kept = quoted("{'emails':[{'value':'a@x'}],'active':true,"
                  "'userName':'jo','title':'x'}");
    body = body_of("{'Operations':[{'op':'replace','value':{'title':'y',"
                   "'active':false,'emails':[{'value':'b@x'}]}},"
                   "{'op':'replace','path':'userName','value':'Jo'}]}");

    assert_int_equal(rt_scim_read(&mem, &kept, &root), RT_OK);
    assert_null(rt_scim_patch(&mem, RT_SCIM_USER, root, body, &made));
    assert_int_equal(rt_scim_read(&mem, &made.text, &root), RT_OK);
    assert_int_equal(root->count, 4);
    assert_false(made.active);
}


static void
test_memory(void **state)
{
    long                     left;
    rt_json_t               *body;
    rt_scim_change_t         made;
    rt_scim_resource_t       res;
    const rt_scim_error_t   *error;

    (void) state;

    res = resource_of(MAIL);
    body = body_of("{'Operations':["
                   "{'op':'add','path':'emails[type eq \\'x\\'].value',"
                   "'value':'v'},{'op':'add','path':'roles','value':['a']},"
                   "{'op':'replace','value':{'name':{'givenName':'x'}}}]}");
    left = 0;

    do {
        arena.left = left++;
        error = rt_scim_patch(&mem, RT_SCIM_USER, res.root, body, &made);
        arena.left = -1;

        assert_true(error == NULL || error == &rt_scim_no_memory);

    } while (error);

    assert_true(left > 10);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_patches),
        ARENA_TEST(test_groups),
        ARENA_TEST(test_refused),
        ARENA_TEST(test_bounds),
        ARENA_TEST(test_values_bound),
        ARENA_TEST(test_order),
        ARENA_TEST(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
