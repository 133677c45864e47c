
#include <jansson.h>
#include <regex.h>

#include "rt_test.h"
#include "rt_schema.h"
#include "event/rt_event_encode.h"
#include "event/rt_event_who.h"
#include "redact/rt_redact_url.h"


#define CANARY  "c4n4ry-7781-secret"


static json_t                 *schema;
static rt_redact_t             rd;
static rt_redact_rule_t        rule[8];
static rt_redact_set_t         set = { rule, 0 };
static const rt_redact_set_t  *sets[1] = { &set };
static unsigned char           out[RT_EVENT_MAX + 1];
static size_t                  out_len;
static json_t                 *line;

static rt_event_t              ev;
static rt_form_t               args;
static rt_body_t               body;
static rt_event_header_t       header[64];


static int
load(void **state)
{
    (void) state;

    schema = rt_schema_load();

    return schema ? 0 : -1;
}


static int
unload(void **state)
{
    (void) state;

    json_decref(schema);

    return 0;
}


/* a request with a bit of everything */

static int
setup(void **state)
{
    unsigned         n;
    rt_str_t         sel[] = { str("name:password"), str("name:*token*") };
    rt_str_t         err;

    (void) state;

    mem = rt_arena_init(&arena);
    line = NULL;

    assert_int_equal(rt_redact_parse(&mem, sel, 2, NULL, rule, &n, &err),
                     RT_OK);
    set.n = n;

    rt_event_init(&ev);
    memset(&args, 0, sizeof(args));
    memset(&body, 0, sizeof(body));
    memset(header, 0, sizeof(header));

    ev.level = RT_EVENT_REQUEST;
    ev.id = str("01920f5e-7a3b-7c11-9d2e-1b2c3d4e5f60");
    ev.created_ms = 1687792352652;
    ev.updated_ms = 1687792352765;
    ev.response_ms = 113;
    ev.ip = str("203.0.113.7");
    ev.action = str("QUERY_RUN");
    ev.method = str("POST");
    ev.url = str("/api/query?env=production");
    ev.http_version = str("2.0");
    ev.status = 200;
    ev.host = str("edge-1");
    ev.stream = str("edge-1/0/6f2c");
    ev.seq = 4711;
    ev.request_id = str("9f1c");
    ev.header = header;
    ev.args = &args;
    ev.body = &body;

    return 0;
}


static int
teardown(void **state)
{
    (void) state;

    json_decref(line);
    rt_arena_free(&arena);

    return 0;
}


/* encodes within size bytes; every line is valid, whatever is in it */

static void
encode(size_t size)
{
    rt_redact_init(&rd, &mem, sets, 1);
    memset(out, '#', sizeof(out));

    assert_int_equal(rt_event_encode(&ev, &rd, out, size, &out_len), RT_OK);

    assert_true(out_len <= size);
    assert_int_equal(out[size], '#');
    assert_true(rt_schema_line(schema, out, out_len));

    json_decref(line);
    line = json_loadb((char *) out, out_len, JSON_ALLOW_NUL, NULL);
    assert_non_null(line);
}


static const json_t *
at(const char *a, const char *b, const char *c)
{
    const json_t  *v;

    v = json_object_get(line, a);
    v = b ? json_object_get(v, b) : v;

    return c ? json_object_get(v, c) : v;
}


static void
is(const json_t *v, const char *expected)
{
    assert_non_null(v);
    assert_true(json_is_string(v));
    assert_string_equal(json_string_value(v), expected);
}


static void
set_body(const char *type, const char *data)
{
    body.type = str(type);
    body.data = str(data);
    body.bytes = body.data.len;

    assert_int_equal(rt_body_parse(&mem, &body), RT_OK);
}


static void
set_url(const char *url)
{
    rt_str_t     q;
    const char  *p;

    ev.url = str(url);
    p = strchr(url, '?');
    q = str(p ? p + 1 : "");

    assert_int_equal(rt_form_parse(&mem, &q, RT_REDACT_ARGS, &args), RT_OK);
}


static void
add_header(const char *name, const char *value)
{
    header[ev.nheaders].name = str(name);
    header[ev.nheaders++].value = str(value);
}


static void
shape(void **state)
{
    (void) state;

    set_url("/api/query?env=production&token=" CANARY);
    set_body("application/json", "{\"password\":\"" CANARY "\",\"n\":[1,2]}");
    add_header("User-Agent", "Mozilla/5.0");
    add_header("Authorization", "Bearer " CANARY);
    add_header("X-A", "1");
    add_header("x-a", "2");

    ev.user = str("{\"id\":\"u1\",\"email\":\"a@b\",\"groups\":[\"x\",1],"
                  "\"evil\":\"" CANARY "\",\"firstName\":5,"
                  "\"enabled\":true}");
    ev.rtauth = str("{\"decision\":\"allow\",\"reason\":\"ok\","
                    "\"provider\":\"corp\",\"token\":\"" CANARY "\"}");
    ev.rtcsp = str("{\"policy\":\"enforce\",\"nonce\":true}");

    encode(RT_EVENT_MAX);
    assert_null(memmem(out, out_len, CANARY, strlen(CANARY)));

    is(at("id", NULL, NULL), "01920f5e-7a3b-7c11-9d2e-1b2c3d4e5f60");
    is(at("userId", NULL, NULL), "u1");
    is(at("ipAddress", NULL, NULL), "203.0.113.7");
    is(at("actionType", NULL, NULL), "QUERY_RUN");
    is(at("statusText", NULL, NULL), "OK");
    is(at("createdAt", NULL, NULL), "2023-06-26T15:12:32.652Z");
    is(at("request", "url", NULL),
       "/api/query?env=production&token=[REDACTED]");
    is(at("request", "headers", "user-agent"), "Mozilla/5.0");
    is(at("request", "headers", "authorization"), "Bearer [REDACTED]");
    is(json_array_get(at("request", "headers", "x-a"), 1), "2");
    is(at("parameters", "env", NULL), "production");
    is(at("parameters", "password", NULL), "[REDACTED]");
    is(at("user", "email", NULL), "a@b");
    assert_int_equal(json_array_size(at("user", "groups", NULL)), 1);
    assert_null(at("user", "firstName", NULL));
    assert_true(json_is_true(at("user", "enabled", NULL)));
    is(at("metadata", "rtauth", "decision"), "allow");
    assert_true(json_is_true(at("metadata", "rtcsp", "nonce")));
    is(at("metadata", "body", "kind"), "json");
    assert_int_equal(json_array_size(at("metadata", "redactions", NULL)), 4);
    assert_true(json_is_false(at("isError", NULL, NULL)));
    assert_true(json_is_null(at("error", NULL, NULL)));
}


/* what of a response is shown, by its type */

static void
set_response(rt_body_t *b, const char *type, const char *data)
{
    memset(b, 0, sizeof(*b));

    b->type = str(type);
    b->data = str(data);
    b->bytes = b->data.len;

    assert_int_equal(rt_body_parse(&mem, b), RT_OK);
    assert_int_equal(rt_body_show(&mem, b), RT_OK);

    ev.response = b;
    encode(RT_EVENT_MAX);
    assert_null(memmem(out, out_len, CANARY, strlen(CANARY)));
}


static void
response(void **state)
{
    rt_body_t  b;

    (void) state;

    ev.level = RT_EVENT_RESPONSE;

    set_response(&b, "application/json",
                 "{\"a\":{\"password\":\"" CANARY "\"}}");
    is(at("metadata", "level", NULL), "response");
    is(at("metadata", "response", "kind"), "json");
    is(json_object_get(json_object_get(at("metadata", "response", "body"),
                                       "a"), "password"), "[REDACTED]");
    is(json_object_get(json_array_get(at("metadata", "redactions", NULL), 0),
                       "ptr"), "/metadata/response/body/a/password");
    assert_int_equal(json_object_size(at("parameters", NULL, NULL)), 0);
    assert_null(at("request", "body", NULL));

    set_response(&b, "application/json", "[1,{\"token\":\"" CANARY "\"}]");
    assert_int_equal(json_array_size(at("metadata", "response", "body")), 2);

    set_response(&b, "text/plain", "it is fine");
    is(at("metadata", "response", "body"), "it is fine");
    set_response(&b, "text/plain", "password=" CANARY);
    is(at("metadata", "response", "body"), "[REDACTED]");

    set_response(&b, "application/x-www-form-urlencoded",
                 "a=b&password=" CANARY);
    is(json_object_get(at("metadata", "response", "body"), "a"), "b");

    set_response(&b, "text/html", CANARY);
    is(at("metadata", "response", "kind"), "opaque");
    assert_null(at("metadata", "response", "body"));

    /* nothing is shown of a page that has a nonce */

    ev.rtcsp = str("{\"policy\":\"enforce\",\"nonce\":true}");
    set_response(&b, "text/plain", CANARY);
    is(at("metadata", "response", "kind"), "unparsed");
    is(at("metadata", "response", "why"), "nonce");
    assert_null(at("metadata", "response", "body"));

    set_response(&b, "text/html", CANARY);
    is(at("metadata", "response", "kind"), "opaque");
}


/* a charset beside the type counts as one within it */

static void
charset(void **state)
{
    rt_body_t  b;

    static const struct {
        const char  *type, *charset, *kind;
    } rows[] = {
        { "application/json", "", "json" },
        { "application/json", "utf-8", "json" },
        { "application/json", "koi8-r", "unparsed" },
        { "application/json; charset=utf-16", "utf-8", "unparsed" },
        { "text/plain", "utf-7", "unparsed" },
    };

    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(&b, 0, sizeof(b));
        b.type = str(rows[i].type);
        b.charset = str(rows[i].charset);
        b.data = str("1");
        b.bytes = 1;

        assert_true(rt_body_readable(&b.type));
        assert_int_equal(rt_body_parse(&mem, &b), RT_OK);
        assert_int_equal(rt_body_show(&mem, &b), RT_OK);
        assert_string_equal(rt_body_kind_name(b.kind), rows[i].kind);
    }

    b.type = str("text/html");
    assert_false(rt_body_readable(&b.type));
}


/* whatever the request takes, a response has room, and the rest fits as well */

static void
response_room(void **state)
{
    char        *text, *rows;
    size_t       i, n, size;
    rt_body_t    b;

    static const size_t  sizes[] = { RT_EVENT_MIN, 16384, RT_EVENT_MAX };

    (void) state;

    text = malloc(RT_EVENT_MAX + 1);
    rows = malloc(RT_EVENT_MAX + 1);
    assert_true(text && rows);
    ev.level = RT_EVENT_RESPONSE;

    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size = sizes[i];

        memset(text, 'p', size);
        memcpy(text, "[\"", 2);
        memcpy(text + size - 2, "\"]", 3);
        set_body("application/json", text);

        for (n = 0; n < size / 8; n++) {
            memcpy(rows + 8 * n, n ? ",7777777" : "[7777777", 9);
        }

        memcpy(rows + 8 * n - 1, "]", 2);

        memset(&b, 0, sizeof(b));
        b.type = str("application/json");
        b.data = str(rows);
        b.bytes = b.data.len;
        assert_int_equal(rt_body_parse(&mem, &b), RT_OK);
        ev.response = &b;

        encode(size);

        is(at("metadata", "response", "kind"), "json");
        assert_true(json_array_size(at("metadata", "response", "body"))
                    > size / 64);
        is(at("metadata", "body", "kind"), "json");
        assert_true(json_is_array(at("metadata", "truncated", NULL)));
        assert_non_null(at("metadata", "bytes", "in"));
    }

    free(text);
    free(rows);
}


/* who, what, where, status; nothing a client could have put a secret in */

static void
metadata(void **state)
{
    (void) state;

    set_url("/api/query?a=" CANARY);
    set_body("application/json", "[\"" CANARY "\"]");
    add_header("X-Plain", CANARY);
    ev.level = RT_EVENT_METADATA;
    ev.route = str("/api/:id");

    encode(RT_EVENT_MAX);

    assert_null(memmem(out, out_len, CANARY, strlen(CANARY)));
    is(at("request", "url", NULL), "/api/query");
    assert_null(at("request", "headers", NULL));
    assert_null(at("request", "body", NULL));
    assert_int_equal(json_object_size(at("parameters", NULL, NULL)), 0);
    assert_true(json_is_null(at("query", NULL, NULL)));
}


/* a secret in every place and disguise, and a rule with its plain name */

static void
canary(void **state)
{
    size_t  i, j;

    static const char *const  query[] = {
        "password=" CANARY, "PassWord=" CANARY, "pass%77ord=" CANARY,
        "pass%2577ord=" CANARY, "p%C1%A1ssword=" CANARY,
        "user[password]=" CANARY, "user%5Bpassword%5D%5B%5D=" CANARY,
        "a=1&password=1&password=" CANARY, "my_token[0]=" CANARY,
        "a=1;password=" CANARY, "a=%3Bpassword=" CANARY,
        "r=https%3A%2F%2Fh%2F%3Ftoken%3D" CANARY, "+password+=" CANARY,
        "v=%7B%22password%22:%22" CANARY "%22%7D", "%70assword=%zz" CANARY,
        "v=%5B%7B%22p%5Cu0061ssword%22:%22" CANARY "%22%7D%5D",
        "{\"password\":\"" CANARY "\"}", "x%26token%3D" CANARY,
        "q=mutation{l(password:%22" CANARY "%22)}",
        "\xef\xbd\x90" "assword=" CANARY, "b=%zz" CANARY
    };

    static const char *const  json[] = {
        "{\"password\":\"" CANARY "\"}", "{\"PASSWORD\":[\"" CANARY "\"]}",
        "{\"a\":[{\"b\":{\"p\\u0061ssword\":{\"c\":\"" CANARY "\"}}}]}",
        "[[{\"access_token\":\"" CANARY "\"}]]",
        "{\"v\":\"{\\\"password\\\":\\\"" CANARY "\\\"}\"}",
        "{\"v\":\"{\\\"a\\\":\\\"{\\\\\\\"token\\\\\\\":\\\\\\\"" CANARY
        "\\\\\\\"}\\\"}\"}",
        "{\"v\":\"{\\\"password\\\":\\\"" CANARY "\"}",
        "{\"v\":\"/x?password=" CANARY "\"}",
        "{\"query\":\"mutation{login(password:\\\"" CANARY "\\\")}\"}",
        "{\"user.password\":\"" CANARY "\"}",
        "{\"password\":\"x\",\"password\":\"" CANARY "\"}",
        "{\"password\":\"" CANARY "\"", "{'password':'" CANARY "'}",
        "{\"a\":\"" CANARY "\xff\"}"
    };

    static const char *const  type[] = {
        "application/json", "application/x-www-form-urlencoded",
        "text/plain", "multipart/form-data; boundary=x",
        "application/json; charset=utf-7", ""
    };

    (void) state;

    add_header("Cookie", "a=" CANARY "; b=\"x; " CANARY "=1\"");
    add_header("Authorization", CANARY);
    add_header("Proxy-Authorization", "Basic " CANARY);
    add_header("X-API-Key", CANARY);
    add_header("X_Auth_Token", CANARY);
    add_header("My-Token", CANARY);
    add_header("Referer", "http://u:" CANARY "@h/?my_token=" CANARY
               "#" CANARY);
    add_header("X-Json", "{\"password\":\"" CANARY "\"}");

    for (i = 0; i < sizeof(query) / sizeof(query[0]); i++) {
        char  url[256];

        snprintf(url, sizeof(url), "/a;token=%s/b?%s", CANARY, query[i]);
        set_url(url);
        set_body("application/x-www-form-urlencoded", query[i]);
        encode(RT_EVENT_MAX);

        if (memmem(out, out_len, CANARY, strlen(CANARY))) {
            fail_msg("%s: %.*s", query[i], (int) out_len, out);
        }
    }

    set_url("/");

    for (i = 0; i < sizeof(json) / sizeof(json[0]); i++) {
        for (j = 0; j < sizeof(type) / sizeof(type[0]); j++) {
            set_body(type[j], json[i]);
            encode(RT_EVENT_MAX);

            if (memmem(out, out_len, CANARY, strlen(CANARY))) {
                fail_msg("%s: %.*s", json[i], (int) out_len, out);
            }
        }
    }
}


/* variables of GraphQL among the arguments, its document in the body */

static void
documents(void **state)
{
    size_t  i;

    static const struct {
        const char  *type;
        const char  *data;
    } rows[] = {
        { "application/json", "{\"query\":\"{a(pin:1,password:$p)}\"}" },
        { "application/x-www-form-urlencoded", "query={a(password:$p)}" },
        { "application/graphql", "query($p:S){a(password:$p)}" },
        { "text/plain", "{a(password:$p)}" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set_url("/q?variables={\"p\":\"" CANARY "\"}&p=" CANARY "&q=x");
        set_body(rows[i].type, rows[i].data);
        encode(RT_EVENT_MAX);

        if (memmem(out, out_len, CANARY, strlen(CANARY))) {
            fail_msg("%s: %.*s", rows[i].data, (int) out_len, out);
        }

        is(at("parameters", "q", NULL), "x");
    }
}


/* the same event in every bound: what is left out is said */

static void
bounded(void **state)
{
    size_t         size, i, n;
    char          *big;
    const size_t   len = 60000;

    (void) state;

    big = rt_alloc(&mem, len + 8);
    n = (size_t) sprintf(big, "{\"a\":{");

    for (i = 0; n < len - 100; i++) {
        n += (size_t) sprintf(big + n, "%s\"k%zu\":\"\\u0001\xc2\x80 text\"",
                              i ? "," : "", i);
    }

    strcpy(big + n, "}}");
    set_body("application/json", big);
    assert_int_equal(body.kind, RT_BODY_JSON);

    big = rt_alloc(&mem, 3001);
    memset(big, '\x02', 3000);
    big[3000] = '\0';

    for (i = 0; i < 64; i++) {
        header[i].name = str(big + 2990 - i);
        header[i].value = str(big);
    }

    ev.nheaders = 64;
    ev.page_name = ev.query_name = ev.resource_name = str(big);
    ev.page_version = ev.user_id = ev.organization_id = str(big);
    ev.ip = ev.host = ev.stream = ev.request_id = ev.server = str(big);
    ev.country = ev.region = ev.city = ev.method = ev.url = str(big);
    ev.http_version = ev.route = ev.operation = str(big);
    ev.upstream_addr = ev.peer = ev.forwarded_for = str(big);
    ev.status = 404;

    for (size = RT_EVENT_MIN; size <= RT_EVENT_MAX; size += 1733) {
        encode(size);
        assert_true(out_len > size / 2);
        assert_true(json_array_size(at("metadata", "truncated", NULL)) > 0);
    }

    assert_int_equal(rt_event_encode(&ev, &rd, out, RT_EVENT_MIN - 1,
                                     &out_len), RT_TOO_BIG);
}


/* the members of one table, each in its bounds; nothing else */

static void
handed(void **state)
{
    char             text[512];
    unsigned         n;
    rt_str_t         user = str("user:email"), err;
    rt_redact_set_t  own = { rule, 1 };

    (void) state;

    ev.rtauth = str("{\"decision\":\"error\",\"reason\":\"no_keys\","
                    "\"provider\":\"corp\",\"token\":\"secret\"}");
    ev.rtcsp = str("{\"policy\":\"report-only\",\"nonce\":false,"
                   "\"replaced\":3,\"lost\":\"select\","
                   "\"action\":\"CSP_VIOLATION\"}");
    encode(RT_EVENT_MAX);

    is(at("actionType", NULL, NULL), "CSP_VIOLATION");
    is(at("metadata", "rtauth", "decision"), "error");
    is(at("metadata", "rtauth", "reason"), "no_keys");
    is(at("metadata", "rtauth", "provider"), "corp");
    assert_int_equal(json_object_size(at("metadata", "rtauth", NULL)), 3);
    is(at("metadata", "rtcsp", "policy"), "report-only");
    assert_true(json_is_false(at("metadata", "rtcsp", "nonce")));
    is(at("metadata", "rtcsp", "lost"), "select");
    assert_int_equal(json_object_size(at("metadata", "rtcsp", NULL)), 3);

    /* a reference is a short number, for it was read out to somebody */

    ev.rtauth = str("{\"action\":\"LOGIN_FAILED\",\"reason\":\"login_state\","
                    "\"reference\":\"00c0ffee\"}");
    encode(RT_EVENT_MAX);
    is(at("actionType", NULL, NULL), "LOGIN_FAILED");
    is(at("metadata", "rtauth", "reference"), "00c0ffee");

    ev.rtauth = str("{\"reference\":\"00C0FFEE\"}");
    encode(RT_EVENT_MAX);
    assert_int_equal(json_object_size(at("metadata", "rtauth", NULL)), 0);

    ev.rtauth = str("{\"reference\":\"0123456789abcdef0\"}");
    encode(RT_EVENT_MAX);
    assert_int_equal(json_object_size(at("metadata", "rtauth", NULL)), 0);

    /* who was refused goes before what a page may run */

    ev.rtauth = str("{\"action\":\"ACCESS_DENIED\",\"provider\":\"\","
                    "\"reason\":[\"no_keys\"]}");
    ev.rtcsp = str("{\"action\":\"CSP_VIOLATION\",\"policy\":\"of\","
                   "\"nonce\":\"r4nd0m\"}");
    encode(RT_EVENT_MAX);

    is(at("actionType", NULL, NULL), "ACCESS_DENIED");
    assert_int_equal(json_object_size(at("metadata", "rtauth", NULL)), 0);
    assert_int_equal(json_object_size(at("metadata", "rtcsp", NULL)), 0);

    /* a decision that is none is not believed a word either */

    ev.status = 403;
    ev.rtauth = str("{\"decision\":\"maybe\",\"reason\":\"expired\"}");
    encode(RT_EVENT_MAX);
    is(at("error", "type", NULL), "forbidden");

    /* whom a revocation is about is covered as a user is */

    ev.rtauth = str("{\"action\":\"REVOKE\",\"targetKind\":\"email\","
                    "\"target\":\"ann@example.com\"}");
    encode(RT_EVENT_MAX);
    is(at("metadata", "rtauth", "targetKind"), "email");
    is(at("metadata", "rtauth", "target"), "ann@example.com");

    assert_int_equal(rt_redact_parse(&mem, &user, 1, NULL, rule, &n, &err),
                     RT_OK);
    sets[0] = &own;
    encode(RT_EVENT_MAX);
    is(at("metadata", "rtauth", "target"), "[REDACTED]");
    is(json_object_get(json_array_get(at("metadata", "redactions", NULL), 0),
                       "ptr"), "/metadata/rtauth/target");
    sets[0] = &set;

    /* long text is cut */

    snprintf(text, sizeof(text), "{\"provider\":\"%0200d\"}", 0);
    ev.rtauth = str(text);
    encode(RT_EVENT_MAX);
    assert_int_equal(json_string_length(at("metadata", "rtauth", "provider")),
                     128);
}


/* is that pointer among those of what was cut? */

static int
truncated(const char *ptr)
{
    size_t         i;
    const json_t  *v, *cuts;

    cuts = at("metadata", "truncated", NULL);

    for (i = 0; (v = json_array_get(cuts, i)) != NULL; i++) {
        if (strcmp(json_string_value(v), ptr) == 0) {
            return 1;
        }
    }

    return 0;
}


/* a group of very many: the rest of its event stays, and says what was cut */

static void
changed(void **state)
{
    size_t         size, n;
    char           text[8192], filler[9000];

    static const char  ptr[] = "/metadata/rtauth/after";

    (void) state;

    n = (size_t) snprintf(text, sizeof(text), "{\"targetKind\":\"group\","
                          "\"target\":\"g1\",\"keyId\":\"00c0ffee\","
                          "\"changed\":\"members\",\"before\":\"members=1\","
                          "\"after\":\"members=9 added=");
    memset(text + n, 'a', 5000);
    strcpy(text + n + 5000, "\"}");
    memset(filler, 'u', sizeof(filler) - 1);
    filler[0] = '/';
    filler[sizeof(filler) - 1] = '\0';

    ev.rtauth = str(text);
    ev.server = str("tools.example.com");
    ev.user_agent = str("pusher/1.0");

    for (size = RT_EVENT_MIN; size < 24 * 1024; size += 512) {
        ev.url = str(size & 512 ? filler : "/scim/v2/Groups/g1");
        ev.host = ev.url;
        encode(size);

        is(at("metadata", "rtauth", "keyId"), "00c0ffee");
        is(at("metadata", "rtauth", "changed"), "members");
        is(at("metadata", "rtauth", "before"), "members=1");
        is(at("metadata", "userAgent", NULL), "pusher/1.0");

        n = json_string_length(at("metadata", "rtauth", "after"));
        assert_in_range(n, 200, 4096);
        assert_true(truncated(ptr));
    }

    ev.url = str("/scim/v2/Groups/g1");
    encode(RT_EVENT_MAX);
    assert_int_equal(json_string_length(at("metadata", "rtauth", "after")),
                     4096);

    text[3000] = '"';
    text[3001] = '}';
    text[3002] = '\0';
    ev.rtauth = str(text);
    encode(RT_EVENT_MAX);
    assert_false(truncated(ptr));
}


/* what browsers reported: rows of tables, addresses without their queries */

static void
reported(void **state)
{
    size_t         i;
    char          *p;
    unsigned char  text[20000];
    const json_t  *list, *v;

    (void) state;

    ev.rtcsp = str("{\"action\":\"CSP_VIOLATION\",\"reports\":3,"
                   "\"classes\":{\"app\":2,\"eval\":-1,\"x\":1},"
                   "\"violations\":[1,{\"directive\":\"img-src\","
                   "\"class\":\"app\",\"disposition\":\"maybe\","
                   "\"blocked\":\"https://u:p@h/a?t=1#f\","
                   "\"document\":\"two words\",\"source\":\"data:\","
                   "\"line\":7,\"sample\":\"x\"},"
                   "{\"directive\":\"Img Src\",\"line\":\"7\"}]}");
    encode(RT_EVENT_MAX);

    is(at("actionType", NULL, NULL), "CSP_VIOLATION");
    assert_int_equal(json_integer_value(at("metadata", "rtcsp", "reports")), 3);

    v = at("metadata", "rtcsp", "classes");
    assert_int_equal(json_object_size(v), 1);
    assert_int_equal(json_integer_value(json_object_get(v, "app")), 2);

    list = at("metadata", "rtcsp", "violations");
    assert_int_equal(json_array_size(list), 2);

    v = json_array_get(list, 0);
    assert_int_equal(json_object_size(v), 5);
    is(json_object_get(v, "directive"), "img-src");
    is(json_object_get(v, "class"), "app");
    is(json_object_get(v, "blocked"), "https://h/a");
    is(json_object_get(v, "source"), "data:");
    assert_int_equal(json_integer_value(json_object_get(v, "line")), 7);
    assert_int_equal(json_object_size(json_array_get(list, 1)), 0);

    /* no more than 16, and of these as many as there is room for */

    p = (char *) text + sprintf((char *) text, "{\"violations\":[");

    for (i = 0; i < 20; i++) {
        p += sprintf(p, "%s{\"blocked\":\"https://h/%0240u\","
                     "\"document\":\"https://h/%0240u\","
                     "\"source\":\"https://h/%0240u\"}", i ? "," : "",
                     (unsigned) i, (unsigned) i, (unsigned) i);
    }

    sprintf(p, "]}");
    ev.rtcsp = str((char *) text);

    encode(RT_EVENT_MAX);
    assert_int_equal(json_array_size(at("metadata", "rtcsp", "violations")),
                     16);

    encode(RT_EVENT_MIN);
    i = json_array_size(at("metadata", "rtcsp", "violations"));
    assert_true(i > 0 && i < 16);
}


static void
errors(void **state)
{
    (void) state;

    ev.status = 404;
    encode(RT_EVENT_MAX);
    is(at("error", "type", NULL), "not_found");
    assert_true(json_is_true(at("isError", NULL, NULL)));

    ev.status = 401;
    ev.rtauth = str("{\"decision\":\"deny\",\"reason\":\"expired\","
                    "\"action\":\"TOKEN_REJECTED\"}");
    encode(RT_EVENT_MAX);
    is(at("error", "type", NULL), "expired");
    is(at("actionType", NULL, NULL), "TOKEN_REJECTED");

    ev.rtauth = str("{\"decision\":\"maybe\",\"reason\":\"Not A Code\","
                    "\"action\":\"lower\",\"provider\":7}");
    encode(RT_EVENT_MAX);
    is(at("error", "type", NULL), "unauthorized");
    is(at("actionType", NULL, NULL), "QUERY_RUN");
    assert_int_equal(json_object_size(at("metadata", "rtauth", NULL)), 0);

    ev.rtauth = str("[broken");
    ev.status = 0;
    ev.stage = RT_EVENT_ABORTED;
    ev.action = str("");
    encode(RT_EVENT_MAX);
    is(at("error", "type", NULL), "client_abort");
    is(at("actionType", NULL, NULL), "HTTP_REQUEST");
    assert_null(at("metadata", "rtauth", NULL));

    ev.error = str("GET /secret");
    encode(RT_EVENT_MAX);
    is(at("error", "type", NULL), "client_abort");
}


/* what analysts ask for first: at level metadata as well */

static void
seen(void **state)
{
    (void) state;

    ev.level = RT_EVENT_METADATA;
    ev.node = str("edge-1");
    ev.host = str("app.example.com");
    ev.scheme = str("https");
    ev.tls = str("TLSv1.3");
    ev.peer = str("192.0.2.1");
    ev.port = 50000;
    ev.environment = str("staging");
    ev.user_agent = str("Mozilla/5.0 (X11; Linux x86_64)");
    ev.destination = str("https://u:p@h/dav/b?token=canary#x");
    encode(RT_EVENT_MAX);

    is(at("metadata", "schema", NULL), "rtaudit/1.0");
    is(at("metadata", "node", NULL), "edge-1");
    is(at("metadata", "host", NULL), "app.example.com");
    is(at("metadata", "scheme", NULL), "https");
    is(at("metadata", "tls", NULL), "TLSv1.3");
    is(at("metadata", "environment", NULL), "staging");
    is(at("metadata", "userAgent", NULL), "Mozilla/5.0 (X11; Linux x86_64)");
    is(at("request", "destination", NULL), "https://h/dav/b");
    assert_int_equal(json_integer_value(at("metadata", "net", "port")),
                     50000);

    /* what is no host is none, a token is masked, a long text ends */

    ev.host = str("a b\"c");
    ev.user_agent = str("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2ln");
    encode(RT_EVENT_MAX);
    assert_null(at("metadata", "host", NULL));
    is(at("metadata", "userAgent", NULL), "[REDACTED]");

    ev.user_agent.data = memset(rt_alloc(&mem, 1000), 'a', 1000);
    ev.user_agent.len = 1000;
    encode(RT_EVENT_MAX);
    assert_int_equal(json_string_length(at("metadata", "userAgent", NULL)),
                     256);
}


static void
flat(void **state)
{
    const json_t  *v;

    (void) state;

    ev.flat = 1;
    encode(RT_EVENT_MAX);
    assert_true(json_is_array(at("parameters", NULL, NULL)));

    body.type = str("application/json");
    body.data = str("{\"a\":[1,{\"password\":\"canary\"}],\"b\":\"x\\\"y\"}");
    body.bytes = body.data.len;
    assert_int_equal(rt_body_parse(&mem, &body), RT_OK);
    ev.body = &body;
    ev.level = RT_EVENT_REQUEST;
    encode(RT_EVENT_MAX);

    v = at("parameters", NULL, NULL);
    v = json_array_get(v, json_array_size(v) - 2);
    is(json_object_get(v, "name"), "a");
    is(json_object_get(v, "value"), "[1,{\"password\":\"[REDACTED]\"}]");
    is(json_object_get(v, "where"), "json");

    v = at("parameters", NULL, NULL);
    v = json_array_get(v, json_array_size(v) - 1);
    is(json_object_get(v, "value"), "x\"y");

    /* at any bound the line stays valid */

    encode(RT_EVENT_MIN);
    assert_true(json_is_array(at("parameters", NULL, NULL)));
}


/* types of Retool's own events */

static void
retool_types(void **state)
{
    (void) state;

    ev.user = str("{\"id\":1,\"organizationId\":7,"
                  "\"twoFactorAuthEnabled\":null,\"enabled\":true}");
    encode(RT_EVENT_MAX);

    assert_int_equal(json_integer_value(at("organizationId", NULL, NULL)), 7);
    assert_true(json_is_null(at("user", "twoFactorAuthEnabled", NULL)));
    assert_true(json_is_true(at("user", "enabled", NULL)));

    ev.organization_id = str("acme");
    encode(RT_EVENT_MAX);
    is(at("organizationId", NULL, NULL), "acme");
}


#define HASH  "0123456789abcdef0123456789abcdef" \
              "0123456789abcdef0123456789abcdef"


static void
module_events(void **state)
{
    rt_event_counts_t  counts;
    rt_event_config_t  config = { rt_string(HASH), 1, 2, 3, 4, 5 };

    (void) state;

    memset(&counts, 0, sizeof(counts));
    counts.written = 10;
    counts.dropped[RT_EVENT_DROP_DISK] = 3;

    rt_event_init(&ev);
    ev.stage = RT_EVENT_MODULE;
    ev.id = str("01920f5e-7a3b-7c11-9d2e-1b2c3d4e5f60");
    ev.action = str("AUDIT_DROP");
    ev.sink = str("main");
    ev.counts = &counts;

    encode(RT_EVENT_MIN);

    is(at("actionType", NULL, NULL), "AUDIT_DROP");
    is(at("metadata", "sink", NULL), "main");
    is(at("metadata", "stage", NULL), "module");
    assert_true(json_is_null(at("request", NULL, NULL)));
    assert_true(json_is_false(at("isError", NULL, NULL)));
    assert_int_equal(json_integer_value(json_object_get(
                         at("metadata", "counts", "dropped"), "disk")), 3);
    assert_null(at("metadata", "config", NULL));

    ev.action = str("AUDIT_CONFIG");
    ev.config = &config;

    encode(RT_EVENT_MIN);

    is(at("metadata", "config", "hash"), HASH);
    assert_true(json_is_true(at("metadata", "config", "changed")));
    assert_int_equal(json_integer_value(at("metadata", "config", "rules")), 5);

    config.changed = -1;
    encode(RT_EVENT_MIN);
    assert_null(at("metadata", "config", "changed"));
}


/* AUDIT_CHECKPOINT: the heads of all sinks, in the smallest of events */

static void
checkpoint(void **state)
{
    unsigned                i;
    static unsigned char    name[63];
    rt_event_checkpoint_t   c;

    (void) state;

    memset(&c, 0, sizeof(c));
    memset(name, 's', sizeof(name));

    c.clock = 1780000000123;
    c.uptime = 4567;
    c.nheads = RT_EVENT_HEADS;

    for (i = 0; i < c.nheads; i++) {
        c.head[i].sink = (rt_str_t) { sizeof(name), name };
        c.head[i].head.n = 1 + i;
        memset(c.head[i].head.id, 'a', RT_CHAIN_ID);
        memset(c.head[i].head.mac, 'b', RT_CHAIN_MAC);
    }

    ev.stage = RT_EVENT_MODULE;
    ev.id = str("01920f5e-7a3b-7c11-9d2e-1b2c3d4e5f60");
    ev.action = str("AUDIT_CHECKPOINT");
    ev.checkpoint = &c;

    encode(RT_EVENT_MIN);
    assert_int_equal(json_array_size(at("metadata", "checkpoint", "heads")),
                     RT_EVENT_HEADS);
    assert_int_equal(json_integer_value(at("metadata", "checkpoint",
                                           "uptime")), 4567);
}


static void
intents(void **state)
{
    (void) state;

    rt_event_init(&ev);
    ev.stage = RT_EVENT_RECEIVED;
    ev.id = str("01920f5e-7a3b-7c11-9d2e-1b2c3d4e5f60");
    ev.method = str("POST");
    ev.url = str("/pay?card=1");

    encode(RT_EVENT_MIN);

    is(at("metadata", "stage", NULL), "received");
    is(at("request", "method", NULL), "POST");
    is(at("request", "url", NULL), "/pay");
    assert_int_equal(json_integer_value(at("status", NULL, NULL)), 0);
    assert_true(json_is_false(at("isError", NULL, NULL)));
    assert_true(json_is_null(at("error", NULL, NULL)));
    assert_true(json_is_null(at("statusText", NULL, NULL)));
}


/* it has an answer, of which nobody knows how it ends */

static void
long_ones(void **state)
{
    (void) state;

    rt_event_init(&ev);
    ev.stage = RT_EVENT_STARTED;
    ev.id = str("01920f5e-7a3b-7c11-9d2e-1b2c3d4e5f60");
    ev.method = str("GET");
    ev.url = str("/stream?key=1");
    ev.status = 500;

    encode(RT_EVENT_MIN);

    is(at("metadata", "stage", NULL), "started");
    is(at("request", "url", NULL), "/stream");
    assert_int_equal(json_integer_value(at("status", NULL, NULL)), 500);
    assert_true(json_is_false(at("isError", NULL, NULL)));
    assert_true(json_is_null(at("error", NULL, NULL)));
}


static void
who(void **state)
{
    rt_event_header_t  fields[] = {
        { rt_string("email"), rt_string("c@d") },
        { rt_string("groups"), rt_string("a,b") },
        { rt_string("enabled"), rt_string("true") },
        { rt_string("nonsense"), rt_string("x") }
    };

    (void) state;

    ev.user = str("{\"id\":634532,\"email\":\"a@b\"}");
    encode(RT_EVENT_MAX);
    assert_int_equal(json_integer_value(at("userId", NULL, NULL)), 634532);
    assert_int_equal(json_integer_value(at("user", "id", NULL)), 634532);

    ev.user_field = fields;
    ev.nuser_fields = 4;
    ev.user_id = str("other");
    encode(RT_EVENT_MAX);
    is(at("userId", NULL, NULL), "other");
    is(at("user", "email", NULL), "c@d");
    assert_int_equal(json_array_size(at("user", "groups", NULL)), 2);
    assert_null(at("user", "nonsense", NULL));

    assert_true(rt_event_user_member(&fields[0].name));
    assert_false(rt_event_user_member(&fields[3].name));

    ev.user = str("");
    ev.nuser_fields = 0;
    ev.user_id = str("");
    encode(RT_EVENT_MAX);
    assert_true(json_is_null(at("user", NULL, NULL)));
    assert_true(json_is_null(at("userId", NULL, NULL)));
}


static void
network(void **state)
{
    const json_t  *v;

    (void) state;

    ev.peer = str("10.0.0.1");
    ev.forwarded_for = str("1.1.1.1 , [2001:db8::1]:80,,x\n, unknown,"
                           "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln");
    ev.upstream_addr = str("127.0.0.1:8080");
    ev.upstream_status = 502;
    ev.upstream_header_ms = 7;
    ev.traceparent = str("00-4bf92f3577b34da6a3ce929d0e0e4736-"
                         "00f067aa0ba902b7-01");
    encode(RT_EVENT_MAX);

    v = at("metadata", "net", "forwardedFor");
    assert_int_equal(json_array_size(v), 2);
    is(json_array_get(v, 0), "1.1.1.1");
    is(json_array_get(v, 1), "[2001:db8::1]:80");

    v = json_array_get(at("metadata", "redactions", NULL), 0);
    is(json_object_get(v, "ptr"), "/metadata/net/forwardedFor");
    is(json_object_get(v, "rule"), "builtin");
    is(at("metadata", "traceId", NULL), "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_int_equal(json_integer_value(at("metadata", "upstream",
                                           "headerMs")), 7);
    assert_null(at("metadata", "upstream", "connectMs"));

    ev.traceparent = str("00-00000000000000000000000000000000-"
                         "00f067aa0ba902b7-01");
    encode(RT_EVENT_MAX);
    assert_null(at("metadata", "traceId", NULL));

    ev.traceparent = str("00-4bf92f3577b34da6a3ce929d0e0e4736-"
                         "00f067aa0ba902b7\"01");
    encode(RT_EVENT_MAX);
    assert_null(at("metadata", "traceId", NULL));
}


/* a lost event is an answer, half a line is not */

static void
no_memory(void **state)
{
    long         left;
    rt_status_e  rc;
    unsigned     lost;

    (void) state;

    set_url("/a?a=%41&password=" CANARY);
    set_body("application/json", "{\"v\":\"{\\\"password\\\":\\\"" CANARY
             "\\\"}\"}");
    ev.user = str("{\"id\":\"u1\"}");

    for (left = 0, lost = 0; left < 60; left++) {
        rt_redact_init(&rd, &mem, sets, 1);
        arena.left = left;
        rc = rt_event_encode(&ev, &rd, out, RT_EVENT_MAX, &out_len);
        arena.left = -1;

        if (rc == RT_OK) {
            assert_true(rt_schema_line(schema, out, out_len));
            assert_null(memmem(out, out_len, CANARY, strlen(CANARY)));

        } else {
            assert_int_equal(rc, RT_ERROR);
            lost++;
        }
    }

    assert_true(lost > 0 && lost < 60);
}


/* each leaf of the schema has a class, each object is closed */

static unsigned  leaves;

static void
classes(const json_t *s)
{
    size_t         i;
    json_t        *v;
    const char    *k, *class;
    const json_t  *props, *more, *items;

    static const char *const  known[] = {
        "usage", "metering", "health", "pii", "content", "every",
        "usage alert", "usage alert own", "health alert", "metering alert"
    };

    props = json_object_get(s, "properties");
    more = json_object_get(s, "additionalProperties");
    items = json_object_get(s, "items");
    class = json_string_value(json_object_get(s, "x-class"));

    if (props) {
        assert_true(json_is_false(more));

        json_object_foreach((json_t *) props, k, v) {
            classes(v);
        }

        return;
    }

    if (more) {
        classes(more);
        return;
    }

    if (items) {
        classes(items);

        if (class == NULL) {
            return;
        }
    }

    assert_non_null(class);
    leaves++;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(class, known[i]) == 0) {
            return;
        }
    }

    fail_msg("unknown class %s", class);
}


static void
closed(void **state)
{
    (void) state;

    classes(schema);
    assert_true(leaves > 80);
}


/* the checker itself must be able to say no */

static void
checker(void **state)
{
    size_t        i;
    const char   *end;
    char         *s;

    (void) state;

    encode(RT_EVENT_MAX);
    s = rt_alloc(&mem, out_len + 32);

    /* every single member left out, and one too many */

    assert_true(rt_schema_line(schema, out, out_len));

    end = memchr(out, ',', out_len);
    i = (size_t) (end - (char *) out);

    s[0] = '{';
    memcpy(s + 1, out + i + 1, out_len - i - 1);
    assert_false(rt_schema_line(schema, (unsigned char *) s, out_len - i));

    memcpy(s, "{\"more\":1,", 10);
    memcpy(s + 10, out + 1, out_len - 1);
    assert_false(rt_schema_line(schema, (unsigned char *) s, out_len + 9));

    assert_false(rt_schema_line(schema, out, out_len - 1));
}


#define TEST(f)  cmocka_unit_test_setup_teardown(f, setup, teardown)


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(shape),
        TEST(response),
        TEST(charset),
        TEST(response_room),
        TEST(metadata),
        TEST(canary),
        TEST(documents),
        TEST(bounded),
        TEST(handed),
        TEST(changed),
        TEST(reported),
        TEST(errors),
        TEST(seen),
        TEST(flat),
        TEST(retool_types),
        TEST(module_events),
        TEST(intents),
        TEST(long_ones),
        TEST(checkpoint),
        TEST(who),
        TEST(network),
        TEST(no_memory),
        TEST(closed),
        TEST(checker)
    };

    return cmocka_run_group_tests(tests, load, unload);
}
