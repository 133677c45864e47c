
/*
 * Requests to a service provider, served from a store: what is answered, which
 * edit is made, and what is told of it.
 */

#include "rt_scim_test.h"
#include "scim/rt_scim_id.h"
#include "scim/rt_scim_serve.h"


#define SIZE  (1024 * 1024)


static _Alignas(64) unsigned char  memory[SIZE];
static rt_scim_db_t               *db;
static uint64_t                    version, asked;
static rt_scim_edit_t              edit;
static rt_scim_reply_t             reply;
static rt_scim_index_e             link_by;


static void
nothing(void *ctx)
{
    (void) ctx;
}


static const rt_scim_lock_t  lock = { nothing, nothing, NULL };


static void
begin(void)
{
    db = rt_scim_db_init(memory, SIZE, 100, 20, 17);
    rt_scim_db_fill(db, &lock);
    rt_scim_db_filled(db, &lock, 0, 1);
    version = 0;
}


/* one request; what it edits is made.  ret: the status */

static unsigned
ask(rt_scim_do_e what, rt_scim_type_e type, const char *id, const char *body,
    const char *more)
{
    rt_scim_moment_t   moment;
    rt_scim_request_t  request;

    memset(&request, 0, sizeof(rt_scim_request_t));
    memset(&edit, 0, sizeof(rt_scim_edit_t));
    memset(&moment, 0, sizeof(rt_scim_moment_t));

    request.what = what;
    request.type = type;
    request.id = copied(id);
    request.base = copied("https://h/s");
    request.link = link_by;
    request.body = quoted(body);

    if (what == RT_SCIM_DO_LIST) {
        request.filter = quoted(more);

    } else {
        request.if_match = quoted(more);
    }

    asked = moment.now = 1000 + version;
    moment.version = version + 1;
    moment.fresh.data[0] = (unsigned char) (version + 1);

    rt_scim_serve(&mem, db, &request, &moment, &edit, &reply);

    if (edit.op != RT_SCIM_NOTHING) {
        assert_null(reply.error);
        edit.item.version = ++version;
        rt_scim_db_edit(db, &lock, &edit);
    }

    return reply.error ? reply.error->status : reply.status;
}


static const char *
id_of_last(void)
{
    unsigned char  *p;

    p = rt_alloc(&mem, RT_UUID_LEN + 1);
    rt_scim_id_text(&edit.item.id, p);
    p[RT_UUID_LEN] = '\0';

    return (char *) p;
}


static int
told(const char *action, const char *changed, const char *before,
    const char *after)
{
    rt_str_t  want[] = { copied(changed), copied(before), copied(after) };

    return reply.told.action && strcmp(reply.told.action, action) == 0
           && rt_str_eq(&reply.told.changed, &want[0])
           && rt_str_eq(&reply.told.before, &want[1])
           && rt_str_eq(&reply.told.after, &want[2]);
}


static const char *
patch(const char *op)
{
    static char  text[1024];

    (void) snprintf(text, sizeof(text), "{'schemas':['urn:ietf:params:scim:api:"
                    "messages:2.0:PatchOp'],'Operations':[%s]}", op);

    return text;
}


static void
an_id_is_read_as_it_was_written(void **state)
{
    size_t         i;
    rt_str_t       text;
    rt_scim_id_t   id, again;
    unsigned char  dst[RT_UUID_LEN];

    static const char *const  bad[] = {
        "", "01234567-89ab-cdef-0123-456789abcde",
        "01234567-89ab-cdef-0123-456789abcdef0",
        "01234567-89AB-cdef-0123-456789abcdef",
        "01234567089ab-cdef-0123-456789abcdef",
        "0123456789abcdef0123456789abcdef0000",
        "g1234567-89ab-cdef-0123-456789abcdef"
    };

    (void) state;

    for (i = 0; i < RT_SCIM_ID; i++) {
        id.data[i] = (unsigned char) (17 * i);
    }

    rt_scim_id_text(&id, dst);
    text.data = dst;
    text.len = RT_UUID_LEN;
    assert_true(rt_str_lit(&text, "00112233-4455-6677-8899-aabbccddeeff"));
    assert_int_equal(rt_scim_id_read(&text, &again), RT_OK);
    assert_int_equal(rt_scim_id_compare(&id, &again), 0);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        text = copied(bad[i]);
        assert_int_equal(rt_scim_id_read(&text, &id), RT_DECLINED);
    }
}


/*
 * Which names others are told, in this order, with a star behind those that
 * count up to some time before: "" for nobody's.
 */

static int
out_by(const char *names)
{
    size_t      n;
    uint32_t    i;
    const char *at;

    at = names;

    for (i = 0; i < reply.told.nnames; i++) {
        n = reply.told.names[i].name.len;

        if (strncmp(at, (char *) reply.told.names[i].name.data, n) != 0) {
            return 0;
        }

        at += n;

        if (reply.told.names[i].when != asked) {
            assert_true(reply.told.names[i].when < asked);

            if (*at++ != '*') {
                return 0;
            }
        }

        at += (*at == ' ');
    }

    return *at == '\0' && reply.told.out == (*names != '\0');
}


static const char *
patched(const char *id, const char *op)
{
    assert_int_equal(ask(RT_SCIM_DO_PATCH, RT_SCIM_USER, id, patch(op), ""),
                     200);

    return id;
}


static const char *
made(const char *body)
{
    assert_int_equal(ask(RT_SCIM_DO_CREATE, RT_SCIM_USER, "", body, ""), 201);

    return id_of_last();
}


/* his names of long before are his, up to then where another has them now */

static void
others_are_told_of_all_names(void **state)
{
    size_t       i;
    const char  *ann, *bob;
    char         op[128];

    (void) state;
    begin();

    ann = made("{'userName':'ann','externalId':'e'}");
    bob = made("{'userName':'bob'}");

    patched(ann, "{'op':'replace','path':'userName','value':'Two'}");
    assert_true(out_by(""));
    patched(ann, "{'op':'replace','path':'userName','value':'three'}");
    patched(ann, "{'op':'replace','path':'externalId','value':'f'}");
    patched(bob, "{'op':'replace','path':'userName','value':'bert'}");
    patched(ann, "{'op':'replace','path':'active','value':false}");
    assert_true(out_by("three two ann"));

    link_by = RT_SCIM_EXTERNAL;
    patched(ann, "{'op':'replace','path':'active','value':false}");
    assert_true(out_by("f e"));
    link_by = RT_SCIM_NAME;

    patched(bob, "{'op':'replace','path':'userName','value':'two'}");
    patched(ann, "{'op':'replace','path':'title','value':'x'}");
    assert_true(out_by("three two* ann"));

    assert_int_equal(ask(RT_SCIM_DO_DELETE, RT_SCIM_USER, ann, "", ""), 204);
    assert_true(out_by("three two* ann"));
    assert_int_equal(ask(RT_SCIM_DO_DELETE, RT_SCIM_USER, bob, "", ""), 204);
    assert_true(out_by("two bert bob"));

    /* that another one had it in between does not matter */

    ann = made("{'userName':'cat'}");
    bob = made("{'userName':'dan'}");
    patched(ann, "{'op':'replace','path':'userName','value':'cat2'}");
    patched(bob, "{'op':'replace','path':'userName','value':'cat'}");
    patched(bob, "{'op':'replace','path':'userName','value':'dan2'}");
    patched(ann, "{'op':'replace','path':'active','value':false}");
    assert_true(out_by("cat2 cat"));

    bob = made("{'userName':'n0'}");

    for (i = 1; i < 40; i++) {
        (void) snprintf(op, sizeof(op),
                        "{'op':'replace','path':'userName','value':'n%d'}",
                        (int) i);
        patched(bob, op);
    }

    patched(bob, "{'op':'replace','path':'active','value':false}");
    assert_int_equal(reply.told.nnames, 40);
    assert_true(rt_str_lit(&reply.told.names[1].name, "n38"));
    assert_true(rt_str_lit(&reply.told.names[39].name, "n0"));
}


static void
a_user_is_made_changed_and_deleted(void **state)
{
    const char  *id;

    (void) state;
    begin();

    assert_int_equal(ask(RT_SCIM_DO_CREATE, RT_SCIM_USER, "",
                         "{'userName':'Ann','password':'never'}", ""), 201);
    id = id_of_last();
    assert_true(told("USER_CREATED", "userName,active", "", "active=true"));
    assert_true(rt_str_holds(&reply.location, id));
    assert_false(rt_str_holds(&reply.text, "never"));

    assert_int_equal(ask(RT_SCIM_DO_CREATE, RT_SCIM_USER, "",
                         "{'userName':'ANN'}", ""), 409);
    assert_int_equal(edit.op, RT_SCIM_NOTHING);

    assert_int_equal(ask(RT_SCIM_DO_PATCH, RT_SCIM_USER, id,
                         patch("{'op':'replace','path':'active',"
                               "'value':'False'}"), ""), 200);
    assert_true(told("USER_DISABLED", "active", "active=true",
                     "active=false"));
    assert_true(out_by("ann"));

    assert_int_equal(ask(RT_SCIM_DO_PATCH, RT_SCIM_USER, id,
                         patch("{'op':'replace','path':'active',"
                               "'value':false}"), ""), 200);
    assert_null(reply.told.action);
    assert_true(out_by("ann"));

    assert_int_equal(ask(RT_SCIM_DO_PATCH, RT_SCIM_USER, id,
                         patch("{'op':'replace','path':'userName',"
                               "'value':'Left'}"), ""), 200);
    assert_true(out_by("left ann"));

    assert_int_equal(ask(RT_SCIM_DO_PATCH, RT_SCIM_USER, id,
                         patch("{'op':'replace','path':'userName',"
                               "'value':'Ann'}"), ""), 200);

    assert_int_equal(ask(RT_SCIM_DO_CREATE, RT_SCIM_USER, "",
                         "{'userName':'off','active':false}", ""), 201);
    assert_true(out_by("off"));

    assert_int_equal(ask(RT_SCIM_DO_REPLACE, RT_SCIM_USER, id,
                         "{'userName':'Ann','title':'x','active':true}", ""),
                     200);
    assert_true(told("USER_ENABLED", "active,title", "active=false",
                     "active=true")
                || told("USER_ENABLED", "title,active", "active=false",
                        "active=true"));
    assert_false(reply.told.out);

    assert_int_equal(ask(RT_SCIM_DO_PATCH, RT_SCIM_USER, id,
                         patch("{'op':'remove','path':'title'}"), ""), 200);
    assert_true(told("USER_UPDATED", "title", "active=true", "active=true"));

    assert_int_equal(ask(RT_SCIM_DO_PATCH, RT_SCIM_USER, id,
                         patch("{'op':'remove','path':'title'}"), ""), 200);
    assert_null(reply.told.action);
    assert_int_equal(reply.version, version);

    assert_int_equal(ask(RT_SCIM_DO_READ, RT_SCIM_USER, id, "", ""), 200);
    assert_int_equal(ask(RT_SCIM_DO_READ, RT_SCIM_GROUP, id, "", ""), 404);
    assert_int_equal(ask(RT_SCIM_DO_DELETE, RT_SCIM_USER, id, "", "W/'1'"),
                     412);
    assert_int_equal(ask(RT_SCIM_DO_DELETE, RT_SCIM_USER, id, "", ""), 204);
    assert_string_equal(reply.told.action, "USER_DELETED");
    assert_true(reply.told.out);
    assert_int_equal(ask(RT_SCIM_DO_READ, RT_SCIM_USER, id, "", ""), 404);
    assert_int_equal(ask(RT_SCIM_DO_CREATE, RT_SCIM_USER, "",
                         "{'userName':'Ann'}", ""), 201);
}


static void
members_come_and_go(void **state)
{
    char         text[512];
    const char  *one, *two, *group;

    (void) state;
    begin();

    (void) ask(RT_SCIM_DO_CREATE, RT_SCIM_USER, "", "{'userName':'a'}", "");
    one = id_of_last();
    (void) ask(RT_SCIM_DO_CREATE, RT_SCIM_USER, "", "{'userName':'b'}", "");
    two = id_of_last();

    (void) snprintf(text, sizeof(text), "{'displayName':'G','members':["
                    "{'value':'%s'},{'value':'nobody'}]}", one);
    assert_int_equal(ask(RT_SCIM_DO_CREATE, RT_SCIM_GROUP, "", text, ""), 201);
    group = id_of_last();
    assert_true(rt_str_holds(&reply.text, one));
    assert_int_equal(edit.nadd, 1);

    (void) snprintf(text, sizeof(text), "{'displayName':'G','members':["
                    "{'value':'%s'}]}", two);
    assert_int_equal(ask(RT_SCIM_DO_REPLACE, RT_SCIM_GROUP, group, text, ""),
                     200);
    assert_int_equal(edit.nadd, 1);
    assert_int_equal(edit.nremove, 1);
    assert_true(rt_str_holds(&reply.text, two));
    assert_false(rt_str_holds(&reply.text, one));
    assert_true(rt_str_holds(&reply.told.after, one)
                && rt_str_holds(&reply.told.after, two));

    assert_int_equal(ask(RT_SCIM_DO_READ, RT_SCIM_USER, two, "", ""), 200);
    assert_true(rt_str_holds(&reply.text, "\"display\":\"G\""));

    (void) snprintf(text, sizeof(text), "{'op':'remove','path':"
                    "'members[value eq \\\"%s\\\"]'}", two);
    assert_int_equal(ask(RT_SCIM_DO_PATCH, RT_SCIM_GROUP, group, patch(text),
                         ""), 204);
    assert_string_equal(reply.told.action, "GROUP_CHANGED");
    assert_int_equal(ask(RT_SCIM_DO_DELETE, RT_SCIM_GROUP, group, "", ""),
                     204);
    assert_string_equal(reply.told.action, "GROUP_DELETED");
}


/* in:   group, or NULL: it is made; its members are "many", from that one on */

static unsigned
regroup(const char *group, char id[][RT_UUID_LEN + 1], unsigned from,
    unsigned many)
{
    size_t       n;
    unsigned     i;
    static char  text[200 * 64];

    n = (size_t) snprintf(text, sizeof(text),
                          "{'displayName':'G','members':[");

    for (i = from; i < from + many; i++) {
        n += (size_t) snprintf(text + n, sizeof(text) - n, "%s{'value':'%s'}",
                               i > from ? "," : "", id[i]);
    }

    (void) snprintf(text + n, sizeof(text) - n, "]}");

    return group ? ask(RT_SCIM_DO_REPLACE, RT_SCIM_GROUP, group, text, "")
                 : ask(RT_SCIM_DO_CREATE, RT_SCIM_GROUP, "", text, "");
}


static void
who_came_and_went_is_counted(void **state)
{
    char        text[64], group[RT_UUID_LEN + 1];
    unsigned    i;
    static char id[160][RT_UUID_LEN + 1];

    (void) state;
    begin();

    for (i = 0; i < 160; i++) {
        (void) snprintf(text, sizeof(text), "{'userName':'u%u'}", i);
        assert_int_equal(ask(RT_SCIM_DO_CREATE, RT_SCIM_USER, "", text, ""),
                         201);
        (void) snprintf(id[i], sizeof(id[i]), "%s", id_of_last());
    }

    assert_int_equal(regroup(NULL, id, 0, 100), 201);
    (void) snprintf(group, sizeof(group), "%s", id_of_last());
    assert_true(rt_str_holds(&reply.told.after, "members=100 added="));
    assert_false(rt_str_holds(&reply.told.after, "+"));

    /* 60 came, and 60 went: there is room for half of each */

    assert_int_equal(regroup(group, id, 60, 100), 200);
    assert_int_equal(edit.nadd, 60);
    assert_int_equal(edit.nremove, 60);
    assert_true(rt_str_holds(&reply.told.after, ",+6 removed="));
    assert_in_range(reply.told.after.len, 3900, RT_SCIM_MAX_AFTER);
    assert_memory_equal(reply.told.after.data + reply.told.after.len - 3,
                        ",+5", 3);

    assert_int_equal(regroup(group, id, 0, 160), 200);
    assert_false(rt_str_holds(&reply.told.after, "+"));
    assert_int_equal(regroup(group, id, 0, 0), 200);
    assert_true(rt_str_holds(&reply.told.after, "members=0 removed="));
    assert_true(rt_str_holds(&reply.told.after, ",+"));
}


static void
lists_are_filtered_and_cut(void **state)
{
    unsigned  i;
    char      text[64];

    (void) state;
    begin();

    for (i = 0; i < 30; i++) {
        (void) snprintf(text, sizeof(text), "{'userName':'u%u'}", i);
        assert_int_equal(ask(RT_SCIM_DO_CREATE, RT_SCIM_USER, "", text, ""),
                         201);
    }

    assert_int_equal(ask(RT_SCIM_DO_LIST, RT_SCIM_USER, "", "", ""), 200);
    assert_true(rt_str_holds(&reply.text, "\"totalResults\":30"));
    assert_int_equal(ask(RT_SCIM_DO_LIST, RT_SCIM_USER, "", "",
                         "userName eq 'U7'"), 200);
    assert_true(rt_str_holds(&reply.text, "\"totalResults\":1"));
    assert_int_equal(ask(RT_SCIM_DO_LIST, RT_SCIM_USER, "", "",
                         "userName ew '7'"), 200);
    assert_true(rt_str_holds(&reply.text, "\"totalResults\":3"));
    assert_int_equal(ask(RT_SCIM_DO_LIST, RT_SCIM_USER, "", "", "x"), 400);

    /* each comparison is made with every user: there are eight at most */

    assert_int_equal(ask(RT_SCIM_DO_LIST, RT_SCIM_USER, "", "",
                         "title pr or (title co '1' or not (title co '2')) or "
                         "emails[type eq '3' and value co '4'] or "
                         "title co '6' or title co '7' or title co '8'"), 200);
    assert_int_equal(ask(RT_SCIM_DO_LIST, RT_SCIM_USER, "", "",
                         "title pr or (title co '1' or not (title co '2')) or "
                         "emails[type eq '3' and value co '4'] or "
                         "title co '6' or title co '7' or title co '8' or "
                         "title co '9'"), 400);
    assert_string_equal(reply.error->type, "tooMany");

    assert_int_equal(ask(RT_SCIM_DO_SEARCH, RT_SCIM_USER, "",
                         "{'filter':'userName sw \\\"u1\\\"','startIndex':2,"
                         "'count':3,'attributes':['userName','id']}", ""),
                     200);
    assert_true(rt_str_holds(&reply.text, "\"totalResults\":11"));
    assert_true(rt_str_holds(&reply.text, "\"itemsPerPage\":3"));
    assert_false(rt_str_holds(&reply.text, "\"active\""));
    assert_int_equal(ask(RT_SCIM_DO_SEARCH, RT_SCIM_USER, "",
                         "{'attributes':'userName'}", ""), 400);
    assert_int_equal(ask(RT_SCIM_DO_SEARCH, RT_SCIM_USER, "",
                         "{'sortBy':'userName'}", ""), 501);
    assert_int_equal(ask(RT_SCIM_DO_SEARCH, RT_SCIM_USER, "",
                         "{'count':-1}", ""), 200);
    assert_true(rt_str_holds(&reply.text, "\"totalResults\":30"));
}


/* memory that counts what is taken */

static void *
counted(void *ctx, size_t size)
{
    *(size_t *) ctx += size;

    return rt_alloc(&mem, size);
}


/* what one group takes while a filter looks at it, the next one takes, too */

static void
a_filter_of_large_groups_takes_no_more_than_one_does(void **state)
{
    size_t              taken = 0;
    rt_mem_t            count = { counted, &taken };
    uint32_t            i, n;
    rt_str_t            name;
    rt_scim_id_t       *ids;
    unsigned char       text[RT_DECIMAL], *big;
    rt_scim_request_t   request;

    const size_t        users = 7000, groups = 20, size = 16 * 1024 * 1024;

    (void) state;

    big = aligned_alloc(64, size);
    db = rt_scim_db_init(big, size, (uint32_t) users, (uint32_t) groups, 17);
    ids = rt_alloc(&mem, users * sizeof(rt_scim_id_t));
    assert_true(big && db && ids);

    rt_scim_db_fill(db, &lock);
    rt_scim_db_filled(db, &lock, 0, 1);
    memset(ids, 0, users * sizeof(rt_scim_id_t));

    for (i = 0; i < users + groups; i++) {
        memset(&edit, 0, sizeof(rt_scim_edit_t));
        edit.op = RT_SCIM_PUT;
        edit.item.kind = i < users ? RT_SCIM_USER : RT_SCIM_GROUP;
        edit.item.version = i + 1;
        edit.item.active = 1;
        edit.item.json = quoted("{'displayName':'G'}");
        name = (rt_str_t) { rt_decimal(text, i), text };
        edit.item.key[RT_SCIM_NAME] = name;
        n = i + 1;
        memcpy(edit.item.id.data, &n, sizeof(n));

        if (i < users) {
            ids[i] = edit.item.id;

        } else {
            edit.add = ids;
            edit.nadd = (uint32_t) users;
        }

        rt_scim_db_edit(db, &lock, &edit);
    }

    memset(&request, 0, sizeof(rt_scim_request_t));
    memset(&reply, 0, sizeof(rt_scim_reply_t));
    request.what = RT_SCIM_DO_LIST;
    request.type = RT_SCIM_GROUP;
    request.base = copied("https://h/s");
    request.filter = quoted("members.value eq 'x'");

    rt_scim_serve(&count, db, &request, NULL, &edit, &reply);

    assert_null(reply.error);
    assert_non_null(strstr((char *) reply.text.data, "\"totalResults\":0"));
    assert_true(taken < 4 * 1024 * 1024);

    free(big);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(an_id_is_read_as_it_was_written),
        ARENA_TEST(a_user_is_made_changed_and_deleted),
        ARENA_TEST(others_are_told_of_all_names),
        ARENA_TEST(members_come_and_go),
        ARENA_TEST(who_came_and_went_is_counted),
        ARENA_TEST(lists_are_filtered_and_cut),
        ARENA_TEST(a_filter_of_large_groups_takes_no_more_than_one_does)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
