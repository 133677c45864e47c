
/*
 * Selectors other than names, and actions: where a value stands, what it
 * looks like, whose it is, and what stands in its place.
 */

#include "rt_test.h"
#include "json/rt_body.h"
#include "event/rt_params.h"
#include "redact/rt_redact.h"
#include "redact/rt_redact_head.h"
#include "redact/rt_redact_url.h"
#include "redact/rt_shape.h"


static rt_redact_t               rd;
static rt_redact_rule_t          rule[16];
static rt_redact_set_t           set = { rule, 0 };
static const rt_redact_set_t    *sets[1] = { &set };
static unsigned char             out[16384];

static const rt_pseudonym_key_t  key = {
    rt_string("k1"), rt_string("0123456789abcdef0123456789abcdef")
};


static int
setup(void **state)
{
    (void) arena_setup(state);
    set.n = 0;

    return 0;
}


static void
add(const char *selector, const char *action)
{
    unsigned  n;
    rt_str_t  args[2], err;

    args[0] = str(selector);
    args[1] = str(action);

    assert_int_equal(rt_redact_parse(&mem, args, 2, rule + set.n, &n, &err),
                     RT_OK);
    set.n += n;
}


static void
begin(rt_jsonw_t *w)
{
    rt_redact_init(&rd, &mem, sets, 1);
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
    assert_int_equal(rt_redact_parse(&mem, &s, 1, r, &n, &err), RT_INVALID);
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
    refused("regex:x", "json:, uri:, user: or shape:");
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


#define TEST(f)  cmocka_unit_test_setup_teardown(f, setup, arena_teardown)


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(rules),
        TEST(json),
        TEST(uri),
        TEST(shapes),
        TEST(shaped),
        TEST(hmac)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
