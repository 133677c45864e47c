
/*
 * Requests to a service provider, one a line, which begin with nobody there:
 *
 *     VERB KIND ID | body | If-Match | If-None-Match | attributes |
 *     excludedAttributes | filter | sortBy | startIndex | count
 *
 * with a tab in place of " | ".  VERB is of "RLSCUPD", in the order of
 * rt_scim_do_e, KIND U or G.  The n-th change makes an id of bytes n.
 *
 * Each is answered by a status that docs/scim.md has and by JSON of the right
 * schema.  Nothing but an edit changes the store, and who is refused has none.
 * What was made is shown as it was told, and is made again by its record.
 */

#include "rt_fuzz_scim.h"
#include "scim/rt_scim_id.h"
#include "scim/rt_scim_serve.h"


#define FIELDS  10

#define urn(name)  rt_string("urn:ietf:params:scim:" name)


static _Alignas(64) unsigned char  memory[2][SIZE];
static unsigned char               before[SIZE];


static void
cut(rt_str_t line, rt_scim_request_t *request)
{
    unsigned     i;
    rt_str_t     head, *field[FIELDS] = {
        &head, &request->body, &request->if_match, &request->if_none_match,
        &request->attributes, &request->excluded, &request->filter,
        &request->sort, &request->start, &request->count
    };
    const char  *verb, *verbs = "RLSCUPD";

    for (i = 0; i < FIELDS; i++) {
        (void) rt_str_cut(&line, '\t', field[i], &line);
    }

    if (head.len) {
        verb = memchr(verbs, head.data[0], strlen(verbs));
        request->what = verb ? (rt_scim_do_e) (verb - verbs) : RT_SCIM_DO_READ;
    }

    if (head.len > 2 && head.data[2] == 'G') {
        request->type = RT_SCIM_GROUP;
    }

    if (head.len > 4) {
        request->id.data = head.data + 4;
        request->id.len = head.len - 4;
    }

    request->base = (rt_str_t) rt_string("https://a");
}


static const rt_json_t *
typed(const rt_json_t *value, rt_json_type_e type)
{
    assert(value && value->type == type);

    return value;
}


#define member(object, name, type)                                            \
    typed(rt_json_member(object, name), type)


static int
has_schema(const rt_json_t *root, const rt_str_t *name)
{
    const rt_json_t  *one;

    one = member(root, "schemas", RT_JSON_ARRAY)->child;

    while (one && !rt_str_eq(&one->str, name)) {
        one = one->next;
    }

    return one != NULL;
}


static void
check_resource(const rt_json_t *root, rt_scim_type_e type)
{
    static const rt_str_t  schemas[] = {
        [RT_SCIM_USER] = urn("schemas:core:2.0:User"),
        [RT_SCIM_GROUP] = urn("schemas:core:2.0:Group")
    };

    assert(has_schema(root, &schemas[type]));
    assert(member(root, "id", RT_JSON_STRING)->str.len == RT_UUID_LEN);
}


static void
check_list(const rt_json_t *root, rt_scim_type_e type)
{
    int64_t           n, total, shown;
    const rt_json_t  *one;

    static const rt_str_t  schema = urn("api:messages:2.0:ListResponse");

    assert(has_schema(root, &schema));

    one = member(root, "Resources", RT_JSON_ARRAY)->child;

    for (n = 0; one; n++, one = one->next) {
        check_resource(one, type);
    }

    assert(rt_json_int64(member(root, "totalResults", RT_JSON_NUMBER), &total)
           == RT_OK);
    assert(rt_json_int64(member(root, "itemsPerPage", RT_JSON_NUMBER), &shown)
           == RT_OK);
    assert(n == shown && n <= total && n <= RT_SCIM_MAX_RESULTS);
}


static int
is_one_of(unsigned status, const unsigned *list)
{
    while (*list && *list != status) {
        list++;
    }

    return *list != 0;
}


static void
check_reply(rt_mem_t *mem, const rt_scim_request_t *request,
    const rt_scim_edit_t *edit, const rt_scim_reply_t *reply)
{
    rt_json_t       *root;
    rt_scim_edit_t   none;

    static const rt_json_opts_t  opts = { RT_JSON_UNIQUE, 32, 1000000 };

    static const unsigned  good[] = { 200, 201, 204, 304, 0 };
    static const unsigned  bad[] = { 400, 404, 409, 412, 413, 501, 0 };

    if (reply->error) {
        assert(is_one_of(reply->error->status, bad));
        assert(reply->told.action == NULL);

        memset(&none, 0, sizeof(rt_scim_edit_t));
        assert(memcmp(edit, &none, sizeof(rt_scim_edit_t)) == 0);
        return;
    }

    assert(is_one_of(reply->status, good));
    assert((reply->status == 201) == (request->what == RT_SCIM_DO_CREATE));
    assert(edit->op == RT_SCIM_NOTHING || request->what > RT_SCIM_DO_SEARCH);
    assert(edit->op == RT_SCIM_NOTHING || reply->told.action);

    if (reply->text.len == 0) {
        assert(reply->status == 204 || reply->status == 304);
        return;
    }

    assert(rt_json_parse(mem, &reply->text, &opts, &root, NULL) == RT_OK);

    if (request->what == RT_SCIM_DO_LIST
        || request->what == RT_SCIM_DO_SEARCH)
    {
        check_list(root, request->type);

    } else {
        check_resource(root, request->type);
    }
}


/* nobody has the userName of somebody else */

static void
check_names(rt_mem_t *mem, const rt_scim_db_t *db)
{
    uint32_t        place = 0;
    rt_scim_node_t  node, other;
    rt_scim_item_t  item;

    while ((node = rt_scim_db_next(db, RT_SCIM_USER, &place)) != 0) {
        assert(rt_scim_db_keys(db, node, mem, &item) == RT_OK);
        assert(item.key[RT_SCIM_NAME].len);
        other = rt_scim_db_key(db, RT_SCIM_USER, RT_SCIM_NAME,
                               &item.key[RT_SCIM_NAME], 0);
        assert(other == node);
        assert(rt_scim_db_key(db, RT_SCIM_USER, RT_SCIM_NAME,
                              &item.key[RT_SCIM_NAME], other) == 0);
    }
}


/* a user who was shown by the change is shown likewise when he is read */

static void
check_read(rt_mem_t *mem, const rt_scim_db_t *db,
    const rt_scim_request_t *changed, const rt_scim_reply_t *told)
{
    rt_scim_edit_t     edit;
    rt_scim_reply_t    reply;
    rt_scim_request_t  request;

    if (told->text.len == 0 || changed->type != RT_SCIM_USER) {
        return;
    }

    memset(&edit, 0, sizeof(rt_scim_edit_t));

    request = *changed;
    request.what = RT_SCIM_DO_READ;
    request.if_match.len = 0;
    request.if_none_match.len = 0;
    request.id.len = RT_UUID_LEN;
    request.id.data = told->location.data + told->location.len - RT_UUID_LEN;

    rt_scim_serve(mem, db, &request, NULL, &edit, &reply);

    assert(reply.error == NULL && reply.status == 200);
    assert(reply.version == told->version);
    assert(rt_str_eq(&reply.text, &told->text));
}


/* into both stores, into the second one by its record */

static void
make(rt_mem_t *mem, rt_scim_db_t **db, const rt_scim_edit_t *edit)
{
    rt_str_t          text;
    rt_scim_room_t    room;
    rt_scim_record_t  record;
    rt_scim_replay_t  replay;

    memset(&room, 0, sizeof(rt_scim_room_t));
    memset(&record, 0, sizeof(rt_scim_record_t));
    memset(&replay, 0, sizeof(rt_scim_replay_t));

    record.is = RT_SCIM_RECORD_EDIT;
    record.edit = *edit;
    text = text_of(mem, &record);

    if (rt_scim_db_room(db[0], edit, &room) != RT_OK) {
        return;                 /* 507 */
    }

    rt_scim_db_edit(db[0], &lock, edit);

    assert(rt_scim_replay(db[1], &lock, mem, &text, &replay) == RT_OK);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned           i;
    uint64_t           n;
    rt_mem_t           mem;
    rt_str_t           rest, line;
    rt_arena_t         arena;
    rt_scim_db_t      *db[2];
    rt_scim_edit_t     edit;
    rt_scim_reply_t    reply;
    rt_scim_moment_t   moment;
    rt_scim_request_t  request;

    mem = rt_arena_init(&arena);

    rest.data = rt_alloc(&mem, size + 1);
    rest.len = size;
    memcpy(rest.data, data, size);

    for (i = 0; i < 2; i++) {
        db[i] = rt_scim_db_init(memory[i], SIZE, USERS, GROUPS, 17);
        assert(db[i]);
        rt_scim_db_fill(db[i], &lock);
        rt_scim_db_filled(db[i], &lock, 0, 1);
    }

    for (n = 1; rest.len && n < 64; /* void */ ) {
        (void) rt_str_cut(&rest, '\n', &line, &rest);

        memset(&request, 0, sizeof(rt_scim_request_t));
        memset(&edit, 0, sizeof(rt_scim_edit_t));
        cut(line, &request);

        moment.now = 1700000000000 + n;
        moment.version = n;
        memset(&moment.fresh, (int) n, sizeof(rt_scim_id_t));
        memcpy(before, memory[0], SIZE);

        rt_scim_serve(&mem, db[0], &request, &moment, &edit, &reply);

        assert(memcmp(before, memory[0], SIZE) == 0);
        check_reply(&mem, &request, &edit, &reply);

        if (edit.op != RT_SCIM_NOTHING) {
            edit.item.version = n++;
            make(&mem, db, &edit);
            check_store(db[0]);
            check_names(&mem, db[0]);

            if (rt_scim_db_version(db[0]) == edit.item.version) {
                check_read(&mem, db[0], &request, &reply);
            }
        }
    }

    check_same(&mem, db[0], db[1]);

    rt_arena_free(&arena);

    return 0;
}
