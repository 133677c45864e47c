
/*
 * Selectors other than names, and actions: where a value stands, what it
 * looks like, whose it is, and what stands in its place.
 */

#include <regex.h>

#include "rt_test.h"
#include "json/rt_body.h"
#include "event/rt_params.h"
#include "redact/rt_redact.h"
#include "redact/rt_redact_head.h"
#include "redact/rt_redact_url.h"
#include "redact/rt_shape.h"
#include "text/rt_complain.h"


static rt_redact_t               rd;
static rt_redact_rule_t          rule[16];
static rt_redact_set_t           set = { rule, 0 };
static const rt_redact_set_t    *sets[1] = { &set };
static const rt_redact_set_t    *elsewhere;    /* then there are no others */
static unsigned char             out[16384];

static const rt_pseudonym_key_t  key = {
    rt_string("k1"), rt_string("0123456789abcdef0123456789abcdef")
};


/* POSIX's; some values are too much for it, as for PCRE with its limit */

static regex_t   regexes[16];
static size_t    nregexes;
static unsigned  tried[2];


static void *
compile(void *ctx, const rt_str_t *pattern, rt_regex_use_e use, int icase,
    rt_str_t *err)
{
    char      text[256];
    regex_t  *re;

    (void) ctx;

    assert_false(icase);
    assert_true(use == RT_REGEX_SHORT || use == RT_REGEX_LONG);

    re = &regexes[nregexes];
    snprintf(text, sizeof(text), "%.*s", rt_str_args(pattern));

    if (regcomp(re, text, REG_EXTENDED|REG_NOSUB|REG_NEWLINE)) {
        *err = (rt_str_t) rt_string("it is odd");
        return NULL;
    }

    nregexes++;

    return re;
}


static int
match(void *ctx, void *regex, const rt_str_t *s)
{
    char  text[1024];

    (void) ctx;

    tried[s->len > RT_REGEX_SHORT_MAX]++;
    snprintf(text, sizeof(text), "%.*s", rt_str_args(s));

    return strcmp(text, "trap") == 0 ? RT_REGEX_GAVE_UP
                                     : regexec(regex, text, 0, NULL, 0) == 0;
}


static const rt_regex_t  engine = { NULL, compile, match };


static int
setup(void **state)
{
    (void) arena_setup(state);
    set.n = 0;
    elsewhere = NULL;
    memset(tried, 0, sizeof(tried));

    return 0;
}


static int
teardown(void **state)
{
    while (nregexes) {
        regfree(&regexes[--nregexes]);
    }

    return arena_teardown(state);
}


static void
add(const char *selector, const char *action)
{
    unsigned  n;
    rt_str_t  args[2], err;

    args[0] = str(selector);
    args[1] = str(action);

    assert_int_equal(rt_redact_parse(&mem, args, 2, &engine, rule + set.n, &n,
                                     &err),
                     RT_OK);
    set.n += n;
}


static void
begin(rt_jsonw_t *w)
{
    rt_redact_init(&rd, &mem, sets, elsewhere ? 0 : 1);
    rd.elsewhere = elsewhere;
    rd.key = &key;
    rt_jsonw_init(w, out, sizeof(out) - 1);
}


static void
ended(rt_jsonw_t *w, const char *want)
{
    assert_false(w->full);
    out[rt_jsonw_len(w)] = '\0';
    assert_string_equal((char *) out, want);
}


/* what is shown of arguments and of a body */

static void
shown(const char *query, const char *type, const char *data, const char *want)
{
    rt_str_t    text;
    rt_form_t   args;
    rt_body_t   body;
    rt_jsonw_t  w;

    memset(&body, 0, sizeof(body));
    body.type = str(type);
    body.data = str(data);
    body.bytes = body.data.len;
    text = str(query);

    assert_int_equal(rt_body_parse(&mem, &body), RT_OK);
    assert_int_equal(rt_form_parse(&mem, &text, 64, &args), RT_OK);

    begin(&w);
    assert_int_equal(rt_params_write(&rd, &w, &args, &body, 0), RT_OK);
    ended(&w, want);
}

#define JSON(data, want)  shown("", "application/json", data, want)


static void
address(const char *url, const char *want)
{
    rt_str_t    s;
    rt_jsonw_t  w;

    s = str(url);
    begin(&w);
    assert_int_equal(rt_redact_url(&rd, &w, &s, 1, 4096), RT_OK);
    ended(&w, want);
}


static void
refused(const char *arg, const char *sentence)
{
    unsigned          n;
    rt_str_t          s, err;
    rt_redact_rule_t  r[1];

    s = str(arg);
    assert_int_equal(rt_redact_parse(&mem, &s, 1, &engine, r, &n, &err),
                     RT_INVALID);
    assert_non_null(strstr((char *) err.data, sentence));
}


static void
rules(void **state)
{
    (void) state;

    refused("json:card", "begins with \"/\"");
    refused("json:", "begins with \"/\"");
    refused("json:/a//b", "is empty");
    refused("json:/a/", "is empty");
    refused("json:/a?", "only wildcard");
    refused("uri:/reset", "is a \"*\"");
    refused("uri:reset/" "*", "begins with \"/\"");
    refused("user:", "user:email");
    refused("shape:cards", "a shape is card");
    refused("shape:", "a shape is card");
    refused("json:/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a"
            "/a/a/a", "at most 32");
    refused("regexp:x", "json:, uri:, user:, shape: or regex:");
    refused("regex:", "a pattern is missing");
    refused("regex:a\tb", "no control characters");
    refused("regex:(", "it is odd");
}


static void
json(void **state)
{
    (void) state;

    add("json:/card/number", "action=mask");
    add("json:/items/" "*" "/note", "action=drop");
    add("json:/list/1", "action=mask");

    JSON("{\"card\":{\"number\":\"1\",\"name\":\"m\"},\"number\":2}",
         "{\"card\":{\"number\":\"[REDACTED]\",\"name\":\"m\"},\"number\":2}");
    JSON("{\"Card\":{\"num_ber\":{\"a\":1}}}",
         "{\"Card\":{\"num_ber\":\"[REDACTED]\"}}");
    JSON("{\"items\":[{\"note\":\"a\",\"x\":1},{\"note\":2}]}",
         "{\"items\":[{\"x\":1},{}]}");
    JSON("{\"list\":[1,2,[3]]}", "{\"list\":[1,\"[REDACTED]\",[3]]}");
    JSON("{\"x\":{\"card\":{\"number\":1}}}",
         "{\"x\":{\"card\":{\"number\":1}}}");
    JSON("{\"card\":\"{\\\"number\\\":1}\"}",
         "{\"card\":\"{\\\"number\\\":\\\"[REDACTED]\\\"}\"}");
    JSON("{\"card\":{\"number\":1},\"card\":{\"number\":2}}",
         "{\"card\":[{\"number\":\"[REDACTED]\"},"
         "{\"number\":\"[REDACTED]\"}]}");

    /* an argument is a member, and may be JSON */

    shown("card=%7B%22number%22:1%7D&list=1", "", "",
          "{\"card\":\"{\\\"number\\\":\\\"[REDACTED]\\\"}\",\"list\":\"1\"}");
}


static void
uri(void **state)
{
    (void) state;

    add("uri:/reset/" "*", "action=mask");
    add("uri:/users/" "*" "/keys/" "*", "action=mask");

    address("/reset/abc", "\"/reset/[REDACTED]\"");
    address("/reset/abc/done?x=1", "\"/reset/[REDACTED]/done?x=1\"");
    address("/Reset/abc;v=1/", "\"/Reset/[REDACTED]/\"");
    address("/users/7/keys/8", "\"/users/[REDACTED]/keys/[REDACTED]\"");
    address("/users", "\"/users\"");
    address("/a/reset/b", "\"/a/reset/b\"");

    /* however it is spelled */

    address("/%72eset/abc", "\"/%72eset/[REDACTED]\"");
    address("//reset//abc", "\"//reset//[REDACTED]\"");
    address("/./reset/./abc", "\"/./reset/./[REDACTED]\"");
    address("/x/../reset/abc", "\"/x/../reset/[REDACTED]\"");
    address("/reset/abc/../def", "\"/reset/[REDACTED]/../[REDACTED]\"");
    address("//h/reset/abc", "\"//h/reset/[REDACTED]\"");
    address("/reset%2Fabc", "\"/[REDACTED]\"");
    address("/reset%252Fabc", "\"/[REDACTED]\"");
    address("/reset;a=b/abc", "\"/reset;a=b/[REDACTED]\"");

    /* in other addresses */

    address("https://h/reset/abc#x", "\"https://h/reset/[REDACTED]\"");
    shown("next=/reset/abc&to=https://h/reset/abc&q=reset/abc&r=//h/reset/abc"
          "&x=/a/b", "", "",
          "{\"next\":\"[REDACTED]\",\"to\":\"[REDACTED]\","
          "\"q\":\"[REDACTED]\",\"r\":\"[REDACTED]\",\"x\":\"/a/b\"}");
}


/* those of other locations: for addresses with a host */

static void
uri_elsewhere(void **state)
{
    (void) state;

    add("uri:/reset/" "*", "action=mask");
    elsewhere = &set;

    address("/reset/abc", "\"/reset/abc\"");
    address("//reset/abc", "\"//reset/abc\"");
    address("//h/reset/abc?x=1", "\"//h/reset/[REDACTED]?x=1\"");
    address("//u@h:8/%72eset/abc/d", "\"//h:8/%72eset/[REDACTED]/d\"");
    address("https://h/reset/abc#x", "\"https://h/reset/[REDACTED]\"");
    shown("next=/reset/abc&to=https://h/reset/abc&r=//h/reset/abc&x=//a/b",
          "", "",
          "{\"next\":\"/reset/abc\",\"to\":\"[REDACTED]\","
          "\"r\":\"[REDACTED]\",\"x\":\"//a/b\"}");
}


static void
seen(const char *shape, const char *text, int want)
{
    int       i;
    rt_str_t  s, name;

    name = str(shape);
    s = str(text);
    i = rt_shape_named(&name);

    assert_int_not_equal(i, -1);
    assert_int_equal(rt_shape_seen(&s, i), want);
}


static void
shapes(void **state)
{
    (void) state;

    seen("card", "4111111111111111", 1);
    seen("card", "paid with 4111 1111 1111 1111 today", 1);
    seen("card", "5500-0000-0000-0004", 1);
    seen("card", "378282246310005", 1);
    seen("card", "4111111111111112", 0);
    seen("card", "1234567812345670", 0);
    seen("card", "41111111111111110000000000", 0);
    seen("card", "", 0);

    seen("iban", "DE89370400440532013000", 1);
    seen("iban", "to GB82 WEST 1234 5698 7654 32 please", 1);
    seen("iban", "no9386011117947", 1);
    seen("iban", "DE89370400440532013001", 0);
    seen("iban", "XX00", 0);

    seen("email", "mary@example.org", 1);
    seen("email", "<mary.s+x@mail.example.co.uk>", 1);
    seen("email", "@mary said", 0);
    seen("email", "a@b", 0);
    seen("email", "git@host:repo", 0);

    seen("ip", "from 192.0.2.1.", 1);
    seen("ip", "192.0.2.1:8080", 1);
    seen("ip", "2001:db8::1", 1);
    seen("ip", "12:30", 0);
    seen("ip", "1.2.3", 0);
    seen("ip", "256.1.1.1", 0);

    seen("bearer", "Authorization: bearer abc", 1);
    seen("bearer", "bearer", 0);
    seen("pem", "-----BEGIN PRIVATE KEY-----", 1);
    seen("key", "AKIA" "IOSFODNN7EXAMPLE", 1);
    seen("jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2ln", 1);
    seen("jwt", "a.b.c", 0);
}


static void
shaped(void **state)
{
    (void) state;

    add("shape:card", "action=mask");
    add("shape:email", "action=drop");

    JSON("{\"a\":\"4111 1111 1111 1111\",\"b\":4111111111111111,"
         "\"c\":[\"x\",4111111111111111],\"d\":\"a@b.org\",\"e\":1}",
         "{\"a\":\"[REDACTED]\",\"b\":\"[REDACTED]\","
         "\"c\":[\"x\",\"[REDACTED]\"],\"e\":1}");
    JSON("{\"a\":\"{\\\"b\\\":4111111111111111}\"}",
         "{\"a\":\"[REDACTED]\"}");
    shown("a=4111%201111%201111%201111&b=a%2540b.org&c=a@b.org", "", "",
          "{\"a\":\"[REDACTED]\",\"b\":\"[REDACTED]\"}");
    address("/pay/4111111111111111/x;c=4111111111111111?m=a@b.org",
            "\"/pay/[REDACTED]/x;c=[REDACTED]?\"");
}


static void
regex(void **state)
{
    char      text[300], want[320];
    rt_str_t  s, err;
    unsigned  n;

    (void) state;

    s = str("regex:x");
    assert_int_equal(rt_redact_parse(&mem, &s, 1, NULL, rule, &n, &err),
                     RT_INVALID);
    assert_non_null(strstr((char *) err.data, "built with PCRE"));

    add("regex:^[0-9]{3}-[0-9]{2}$", "action=mask");
    add("regex:^K-[0-9]+$", "action=drop");

    JSON("{\"a\":\"123-45\",\"b\":\"K-1\",\"c\":[\"x K-1\",\"K-2\"],"
         "\"d\":{\"e\":\"1234-5\"},\"K-3\":1}",
         "{\"a\":\"[REDACTED]\",\"c\":[\"x K-1\"],"
         "\"d\":{\"e\":\"1234-5\"}}");
    shown("a=123%2D45&b=K%2D1&c=K-1x&d=x%0A123-45%0A&e=123%0A-45&f=trap", "",
          "", "{\"a\":\"[REDACTED]\",\"c\":\"K-1x\",\"d\":\"[REDACTED]\","
          "\"e\":\"[REDACTED]\"}");
    address("/a/123-45/%4B-7;v=123-45/K-1x/trap",
            "\"/a/[REDACTED]/[REDACTED];v=[REDACTED]/K-1x/[REDACTED]\"");

    /* a long text has the steps of one */

    memset(tried, 0, sizeof(tried));
    snprintf(text, sizeof(text), "a=%0257d", 0);
    snprintf(want, sizeof(want), "{\"a\":\"%s\"}", text + 2);
    shown(text, "", "", want);
    assert_true(tried[1] > 0);
}


/* when an event has had its steps, values are masked without a look */

static void
worked(void **state)
{
    unsigned    i;
    rt_str_t    list;
    rt_body_t   body;
    rt_jsonw_t  w;

    static unsigned char  room[1 << 20];

    (void) state;

    add("regex:x", "action=mask");

    rt_jsonw_init(&w, room, sizeof(room));
    rt_jsonw_open(&w, '[');

    for (i = 0; i < 16000; i++) {
        rt_jsonw_uint(&w, i);
    }

    rt_jsonw_close(&w, ']');

    memset(&body, 0, sizeof(body));
    body.type = str("application/json");
    body.data.data = room;
    body.data.len = rt_jsonw_len(&w);
    body.bytes = body.data.len;

    assert_int_equal(rt_body_parse(&mem, &body), RT_OK);

    list.len = sizeof(room);
    list.data = rt_alloc(&mem, list.len);
    rt_redact_init(&rd, &mem, sets, 1);
    rt_jsonw_init(&w, list.data, list.len);
    rt_redact_json(&rd, &w, body.json);

    assert_false(w.full);
    assert_int_equal(tried[0], RT_REDACT_WORK / RT_REGEX_SHORT_STEPS);
    assert_int_equal(tried[1], 0);
    assert_non_null(memmem(list.data, 64, "[0,1,2,", 7));
    assert_non_null(memmem(list.data + rt_jsonw_len(&w) - 14, 14,
                           "\"[REDACTED]\"]", 13));
}


static void
hmac(void **state)
{
    char  want[256], text[RT_PSEUDONYM_MAX + 1];

    size_t    n;
    rt_str_t  value = rt_string("x");

    (void) state;

    assert_int_equal(rt_pseudonym(&key, &value, (unsigned char *) text, &n),
                     RT_OK);
    text[n] = '\0';

    add("name:customer", "action=hmac");
    add("name:customer_pin", "action=mask");
    add("json:/a/b", "action=hmac");

    (void) snprintf(want, sizeof(want), "{\"customer\":\"%s\"}", text);
    JSON("{\"customer\":\"x\"}", want);
    shown("customer=x", "", "", want);

    (void) snprintf(want, sizeof(want), "{\"a\":{\"b\":\"%s\"}}", text);
    JSON("{\"a\":{\"b\":\"x\"}}", want);

    (void) snprintf(want, sizeof(want), "\"/p?customer=%s\"", text);
    address("/p?customer=x", want);

    /* what is no text is masked, and a stricter rule wins */

    JSON("{\"customer\":{\"x\":1},\"customer_pin\":\"x\"}",
         "{\"customer\":\"[REDACTED]\",\"customer_pin\":\"[REDACTED]\"}");
}


#define TEST(f)  cmocka_unit_test_setup_teardown(f, setup, teardown)


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(rules),
        TEST(json),
        TEST(uri),
        TEST(uri_elsewhere),
        TEST(shapes),
        TEST(shaped),
        TEST(regex),
        TEST(worked),
        TEST(hmac)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
