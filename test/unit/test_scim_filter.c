
/* Filters of SCIM: the grammar, what fits, and what an index may answer. */

#include "rt_scim_test.h"
#include "scim/rt_scim_filter.h"


#define ENTERPRISE  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


static const char  user[] =
    "{'userName':'Jo@X.com','externalId':'Ext','displayName':'J\xc3\x96',"
    "'name':{'familyName':'Doe'},'active':'False','emails':["
    "{'value':'jo@x.com','type':'work','primary':true},"
    "{'value':'j@home.org','type':'home'}],"
    "'" ENTERPRISE "':{'manager':'m1'}}";

static const char  group[] =
    "{'displayName':'Ops','members':[{'value':'u1'},{'value':'u2'}]}";

static const char  long_s[] = "{'userName':'Op\xc5\xbf','active':false}";


typedef struct {
    const char  *resource;
    const char  *filter;
    int          fits;
} fit_t;


static const fit_t  fits[] = {

    /* the operators (RFC 7644, table 3), without case */

    { user, "userName eq 'jo@x.COM'", 1 },
    { user, "USERNAME Eq 'jo@x.com'", 1 },
    { user, "userName eq 'jo'", 0 },
    { user, "userName ne 'jo'", 1 },
    { user, "userName ne 'jo@x.com'", 0 },
    { user, "userName co '@X'", 1 },
    { user, "userName co '@y'", 0 },
    { user, "userName sw 'JO@'", 1 },
    { user, "userName sw 'o@'", 0 },
    { user, "userName ew '.COM'", 1 },
    { user, "userName ew 'jo'", 0 },
    { user, "userName co 'jo@x.com and more'", 0 },
    { user, "userName gt 'jn'", 1 },
    { user, "userName gt 'jo@x.com'", 0 },
    { user, "userName ge 'jo@x.com'", 1 },
    { user, "userName lt 'jp'", 1 },
    { user, "userName lt 'jo@x.com'", 0 },
    { user, "userName le 'jo@x.com'", 1 },
    { user, "title pr", 0 },
    { user, "emails pr", 1 },
    { user, "title eq null", 1 },
    { user, "userName eq null", 0 },
    { user, "userName ne null", 1 },
    { user, "title ne 'x'", 1 },

    /* with case */

    { user, "externalId eq 'Ext'", 1 },
    { user, "externalId eq 'ext'", 0 },
    { user, "id eq '0190'", 1 },

    /* letters of all scripts: \303\266 is the small one */

    { user, "displayName eq 'j\xc3\xb6'", 1 },
    { user, "displayName eq 'j\\u00f6'", 1 },

    /* a sign that is folded to a letter of ASCII is not that letter */

    { group, "displayName eq 'Op\xc5\xbf'", 0 },
    { group, "displayName ne 'Op\xc5\xbf'", 1 },
    { long_s, "userName eq 'Ops'", 0 },
    { long_s, "userName eq 'oP\xc5\xbf'", 1 },

    /* booleans */

    { user, "active eq false", 1 },
    { user, "active eq True", 0 },
    { user, "active ne true", 1 },
    { user, "active eq 'False'", 1 },

    /* moments: .5 is 500 ms, and one moment has many names */

    { user, "meta.created eq '2023-11-14T23:13:20+01:00'", 1 },
    { user, "meta.lastModified eq '2023-11-14T22:13:20.5Z'", 1 },
    { user, "meta.lastModified gt '2023-11-14T22:13:20.499Z'", 1 },
    { user, "meta.lastModified lt '2023-11-14T22:13:20.500Z'", 0 },
    { user, "meta.resourceType eq 'User'", 1 },
    { user, "meta.version eq 'W/\\\"7\\\"'", 1 },

    /* not before and, and before or; parentheses before all */

    { user, "title pr and title pr or userName pr", 1 },
    { user, "userName pr or title pr and title pr", 1 },
    { user, "(userName pr or title pr) and title pr", 0 },
    { user, "not (title pr) and userName pr", 1 },
    { user, "not(title pr and userName pr)", 1 },
    { user, "not (not (userName pr))", 1 },

    /* several values: any; in brackets: one and the same */

    { user, "emails.type eq 'home'", 1 },
    { user, "emails co '@home'", 1 },
    { user, "emails.type eq 'work' and emails.value co '@home'", 1 },
    { user, "emails[type eq 'work' and value co '@home']", 0 },
    { user, "emails[type eq 'home' and value co '@home']", 1 },
    { user, "emails[not (type eq 'work')]", 1 },
    { user, "emails[type eq 'other']", 0 },
    { user, "emails[type eq 'home'].value co '@home'", 1 },
    { user, "emails[type eq 'work'].value co '@home' or title pr", 0 },
    { user, "emails[type eq 'home' or type eq 'x'].primary pr", 0 },
    { user, "emails[primary eq true] and userName pr", 1 },
    { user, "name[familyName eq 'doe']", 1 },

    /* names with their schema */

    { user, "urn:ietf:params:scim:schemas:core:2.0:User:userName pr", 1 },
    { user, "urn:ietf:params:scim:schemas:core:2.0:user:name.familyName pr",
      1 },
    { user, ENTERPRISE ":manager.value eq 'm1'", 1 },
    { user, ENTERPRISE ":manager eq 'm2'", 0 },
    { user, ENTERPRISE " pr", 1 },
    { user, "id eq '0190' and manager eq 'm1'", 1 },
    { user, "schemas eq '" ENTERPRISE "'", 1 },

    /* groups and members */

    { group, "displayName eq 'ops' and members eq 'u1'", 1 },
    { group, "members eq 'U1'", 0 },
    { group, "members.value eq 'u3'", 0 },
    { group, "members[value eq 'u2' and display pr]", 0 },
    { group, "members[value eq 'u1' and display eq 'one']", 1 },
    { user, "groups pr", 0 },
};


static void
test_fits(void **state)
{
    size_t               i;
    rt_str_t             text;
    rt_scim_filter_t    *filter;
    rt_scim_resource_t   res;

    (void) state;

    for (i = 0; i < sizeof(fits) / sizeof(fits[0]); i++) {
        res = resource_of(fits[i].resource);
        text = quoted(fits[i].filter);

        if (rt_scim_filter_parse(&mem, rt_scim_schema(res.type), &text,
                                 &filter) != NULL)
        {
            fail_msg("refused: %s", fits[i].filter);
        }

        if (rt_scim_filter_match(filter, &res) != fits[i].fits) {
            fail_msg("not %d: %s", fits[i].fits, fits[i].filter);
        }
    }
}


static const char  *refused[] = {
    "", " ", "userName", "userName eq", "userName eq ", "userName eq x",
    "userName eq 'x", "userName eq 'x' and", "userName eq 'x' userName pr",
    "userName eq 'x' xor title pr", "(userName pr", "userName pr)", "()",
    "not userName pr", "userName is 'x'", "userName eq '\\x'",
    "userName eq '\\u0000'", "userName eq 'x'and title pr",

    /* attributes that we do not have */

    "foo eq 'x'", "name.foo pr", "emails.value.x pr", "emails[foo pr]",
    "urn:x:User:userName pr", ".userName pr", "userName. pr", "a..b pr",

    /* comparisons that an attribute does not have (RFC 7644, 3.4.2.2) */

    "active gt true", "active co 'true'", "active eq 'yes'", "active eq 'x'",
    "userName eq true", "userName eq 5", "userName gt null",
    "meta.created co '2023'", "meta.created gt 'yesterday'",
    "meta.created gt '2023-11-14T22:13:20.Z'", "meta.created gt '2023'",
    "name eq 'x'", "meta.location eq 'x'", "password eq 'x'",

    /* brackets */

    "emails[]", "emails[type eq 'work'", "emails[type eq 'work']]",
    "userName[value eq 'x']", "emails[type eq 'work'].foo eq 'x'",
    "emails[type eq 'work'].value", "emails[type eq 'work']. eq 'x'",
    "emails[type eq 'work'].type[value eq 'x']",
    "emails[type eq 'work']value eq 'x'",
    "emails[emails.type eq 'work']",
};


static const rt_scim_error_t *
parse(const char *s)
{
    rt_str_t           text = quoted(s);
    rt_scim_filter_t  *filter;

    return rt_scim_filter_parse(&mem, rt_scim_schema(RT_SCIM_USER), &text,
                                &filter);
}


static void
test_refused(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (parse(refused[i]) != &rt_scim_invalid_filter) {
            fail_msg("not refused: %s", refused[i]);
        }
    }
}


static void
test_bounds(void **state)
{
    char  s[RT_SCIM_MAX_FILTER + 2];

    (void) state;

    /* 15 and the filter's own */

    assert_null(parse("((((((((((((((("  "id pr"  ")))))))))))))))"));
    assert_ptr_equal(parse("((((((((((((((((" "id pr" "))))))))))))))))"),
                     &rt_scim_invalid_filter);

    memset(s, ' ', sizeof(s));
    memcpy(s, "id pr", 5);
    s[RT_SCIM_MAX_FILTER] = '\0';
    assert_null(parse(s));

    s[RT_SCIM_MAX_FILTER] = ' ';
    s[RT_SCIM_MAX_FILTER + 1] = '\0';
    assert_ptr_equal(parse(s), &rt_scim_invalid_filter);
}


static const struct {
    rt_scim_type_e   type;
    const char      *filter;
    unsigned         by;
    const char      *value;
    int              refs;
} keys[] = {
    { RT_SCIM_USER, "userName eq 'Jo'", RT_SCIM_NAME, "jo", 0 },
    { RT_SCIM_USER, "externalId eq 'Jo'", RT_SCIM_EXTERNAL, "Jo", 0 },
    { RT_SCIM_USER, "id eq 'a'", RT_SCIM_BY_ID, "a", 0 },
    { RT_SCIM_GROUP, "displayName eq 'Ops'", RT_SCIM_NAME, "ops", 0 },
    { RT_SCIM_GROUP, "id eq 'a' and members eq 'b'", RT_SCIM_BY_ID, "a", 1 },
    { RT_SCIM_USER, "active eq true and (userName eq 'Jo')", RT_SCIM_NAME,
      "jo", 0 },
    { RT_SCIM_USER, "displayName eq 'Ops'", RT_SCIM_BY_NONE, NULL, 0 },
    { RT_SCIM_USER, "userName eq 'a' or userName eq 'b'", RT_SCIM_BY_NONE,
      NULL, 0 },
    { RT_SCIM_USER, "not (userName eq 'a')", RT_SCIM_BY_NONE, NULL, 0 },
    { RT_SCIM_USER, "userName sw 'a'", RT_SCIM_BY_NONE, NULL, 0 },
    { RT_SCIM_USER, "userName ne 'a'", RT_SCIM_BY_NONE, NULL, 0 },
    { RT_SCIM_USER, "externalId eq null", RT_SCIM_BY_NONE, NULL, 0 },
    { RT_SCIM_USER, "emails eq 'a'", RT_SCIM_BY_NONE, NULL, 0 },
    { RT_SCIM_USER, "title pr or not (groups[value eq 'a'])",
      RT_SCIM_BY_NONE, NULL, 1 },
};


static void
test_keys(void **state)
{
    size_t             i;
    rt_str_t           text, value;
    rt_scim_filter_t  *filter;

    (void) state;

    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        text = quoted(keys[i].filter);

        assert_null(rt_scim_filter_parse(&mem, rt_scim_schema(keys[i].type),
                                         &text, &filter));
        assert_int_equal(rt_scim_filter_key(filter, &value), keys[i].by);
        assert_int_equal(rt_scim_filter_refs(filter), keys[i].refs);

        if (keys[i].value) {
            assert_true(is_text(&value, keys[i].value));
        }
    }
}


/* whatever allocation fails: an error, and nothing else */

static void
test_memory(void **state)
{
    long                    left;
    rt_str_t                text;
    rt_scim_filter_t       *filter;
    const rt_scim_error_t  *error;

    (void) state;

    text = quoted("emails[type eq 'work' or value pr] and not (active pr)");
    left = 0;

    do {
        arena.left = left++;
        error = rt_scim_filter_parse(&mem, rt_scim_schema(RT_SCIM_USER),
                                     &text, &filter);
        arena.left = -1;

        assert_true(error == NULL || error == &rt_scim_no_memory);

    } while (error);

    assert_true(left > 5);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_fits),
        ARENA_TEST(test_refused),
        ARENA_TEST(test_bounds),
        ARENA_TEST(test_keys),
        ARENA_TEST(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
