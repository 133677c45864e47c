
#include "rt_test.h"
#include "json/rt_body.h"
#include "event/rt_params.h"
#include "redact/rt_redact.h"
#include "redact/rt_redact_head.h"
#include "redact/rt_redact_url.h"


#define RULES  32


static rt_redact_t             rd;
static rt_redact_rule_t        rule[2][RULES];
static rt_redact_set_t         set[2];
static const rt_redact_set_t  *sets[2] = { &set[0], &set[1] };
static unsigned char           out[65536];


static int
setup(void **state)
{
    (void) arena_setup(state);

    set[0].rule = rule[0];
    set[0].n = 0;
    set[1].rule = rule[1];
    set[1].n = 0;

    return 0;
}


/* one line of arguments into a set */

static void
add(unsigned i, const char *a, const char *b, const char *c)
{
    unsigned         n, nargs;
    rt_str_t         args[3];
    rt_str_t         err;

    args[0] = str(a);
    args[1] = str(b ? b : "");
    args[2] = str(c ? c : "");
    nargs = 1 + (b != NULL) + (c != NULL);

    assert_int_equal(rt_redact_parse(&mem, args, nargs, NULL,
                                     rule[i] + set[i].n, &n, &err),
                     RT_OK);
    set[i].n += n;

    rt_redact_init(&rd, &mem, sets, 2);
}


static void
refused(const char *arg, const char *with, const char *sentence)
{
    unsigned           n, nargs;
    rt_str_t           args[2];
    rt_str_t           err;
    rt_redact_rule_t   r[2];

    args[0] = str(arg);
    args[1] = str(with ? with : "");
    nargs = 1 + (with != NULL);

    assert_int_equal(rt_redact_parse(&mem, args, nargs, NULL, r, &n, &err),
                     RT_INVALID);
    assert_non_null(strstr((char *) err.data, sentence));
}


static void
rules(void **state)
{
    (void) state;

    add(0, "name:password", "name:*token*", "action=drop");
    assert_int_equal(set[0].n, 2);
    assert_int_equal(rule[0][0].act, RT_REDACT_DROP);
    assert_int_equal(rule[0][1].act, RT_REDACT_DROP);

    add(0, "name:a", NULL, NULL);
    assert_int_equal(rule[0][2].act, RT_REDACT_MASK);

    refused("password", NULL, "name:GLOB");
    refused("name:", NULL, "name:password");
    refused("name:a?b", NULL, "only wildcard");
    refused("name:a\x01", NULL, "control characters");
    refused("name:\x7f*", NULL, "control characters");
    refused("action=drop", NULL, "selector is missing");
    refused("name:a", "action=hide", "action=mask");
    refused("action=drop", "action=drop", "twice");
    refused("regex:x", NULL, "built with PCRE");
}


static rt_redact_act_e
name(const char *s, size_t len)
{
    rt_str_t  why, n = { len, (unsigned char *) s };

    return rt_redact_name(&rd, &n, &why);
}

#define NAME(s)  name(s, sizeof(s) - 1)


static void
names(void **state)
{
    rt_str_t  why, n = rt_string("x_pin");

    (void) state;

    rt_redact_init(&rd, &mem, sets, 2);
    assert_int_equal(NAME("pin"), RT_REDACT_NONE);

    add(0, "name:password", "name:*_token", "name:pin");
    add(1, "name:session_token", "action=drop", NULL);

    assert_int_equal(NAME("PassWord"), RT_REDACT_MASK);
    assert_int_equal(NAME("user[password]"), RT_REDACT_MASK);
    assert_int_equal(NAME("?password"), RT_REDACT_MASK);
    assert_int_equal(NAME("/login?password"), RT_REDACT_MASK);
    assert_int_equal(NAME("amp;password"), RT_REDACT_MASK);
    assert_int_equal(NAME("\"password\""), RT_REDACT_MASK);
    assert_int_equal(NAME("'password'"), RT_REDACT_MASK);
    assert_int_equal(NAME("password\\"), RT_REDACT_MASK);
    assert_int_equal(NAME("password[]"), RT_REDACT_MASK);
    assert_int_equal(NAME("password[0][x]"), RT_REDACT_MASK);
    assert_int_equal(NAME("user[ Password ][x]"), RT_REDACT_MASK);
    assert_int_equal(NAME("user.password"), RT_REDACT_MASK);
    assert_int_equal(NAME("password\0.png"), RT_REDACT_MASK);
    assert_int_equal(NAME("pass\0word"), RT_REDACT_MASK);
    assert_int_equal(NAME("ctl00$Main$Password"), RT_REDACT_MASK);
    assert_int_equal(NAME("form:password"), RT_REDACT_MASK);
    assert_int_equal(NAME("pass%77ord"), RT_REDACT_MASK);
    assert_int_equal(NAME("pass%252577ord"), RT_REDACT_MASK);
    assert_int_equal(NAME("user%5Bpassword%5d"), RT_REDACT_MASK);
    assert_int_equal(NAME("pins"), RT_REDACT_NONE);
    assert_int_equal(NAME("pass"), RT_REDACT_NONE);
    assert_int_equal(NAME(""), RT_REDACT_NONE);
    assert_int_equal(NAME("access-Token"), RT_REDACT_MASK);

    /* the strictest of both sets */
    assert_int_equal(NAME("Session-Token"), RT_REDACT_DROP);

    assert_int_equal(rt_redact_name(&rd, &n, &why), RT_REDACT_NONE);

    n = str("session_token");
    (void) rt_redact_name(&rd, &n, &why);
    assert_true(rt_str_lit(&why, "name:session_token"));
}


/* names longer than any buffer, and no memory for them */

/* a name of one segment is judged as the segment of another one */

static void
simple_names(void **state)
{
    char      text[64];
    size_t    i, len;
    unsigned  round, hits;

    static const char  some[] = "abckenpswordATOKENPIN-_ \x7f\x01*token";

    (void) state;

    add(0, "name:token", "name:*pass*", NULL);
    add(1, "name:p*n", "name:*ken", "action=drop");

    for (round = 0, hits = 0; round < 20000; round++) {
        text[0] = ':';
        len = 1 + chance(10);

        for (i = 1; i <= len; i++) {
            text[i] = some[chance(sizeof(some) - 1)];
        }

        if (round % 3 == 0) {
            memcpy(text + 1 + chance(3), round % 2 ? "ToKen" : "pAss", 4);
        }

        assert_int_equal(name(text + 1, len), name(text, len + 1));
        hits += (name(text + 1, len) != RT_REDACT_NONE);
        rd.judged = 0;
    }

    assert_in_range(hits, 100, 19900);
}


static void
long_names(void **state)
{
    char      *s;
    rt_str_t   why, n;

    (void) state;

    add(0, "name:*secret*", NULL, NULL);

    n.len = 70000;
    s = rt_alloc(&mem, n.len);
    memset(s, 'a', n.len);
    n.data = (unsigned char *) s;

    assert_int_equal(rt_redact_name(&rd, &n, &why), RT_REDACT_NONE);

    memcpy(s + 50000, "SECRET", 6);
    assert_int_equal(rt_redact_name(&rd, &n, &why), RT_REDACT_MASK);

    arena.left = 0;
    assert_int_equal(rt_redact_name(&rd, &n, &why), RT_REDACT_DROP);
    assert_true(rt_str_lit(&why, "memory"));
}


/* what one request may cost is bounded; beyond it nothing is shown */

static void
too_many_names(void **state)
{
    unsigned  i;

    (void) state;

    add(0, "name:password", NULL, NULL);

    for (i = 0; i < RT_REDACT_JUDGED; i++) {
        assert_int_equal(NAME("a"), RT_REDACT_NONE);
    }

    assert_int_equal(NAME("a"), RT_REDACT_MASK);
}


static void
json(const char *in, const char *expected)
{
    rt_str_t         text;
    rt_json_t       *v;
    rt_jsonw_t       w;
    rt_json_opts_t   opts = { RT_JSON_TWICE, 64, 10000 };

    text = str(in);
    assert_int_equal(rt_json_parse(&mem, &text, &opts, &v, NULL), RT_OK);

    rt_redact_init(&rd, &mem, sets, 2);
    rt_jsonw_init(&w, out, sizeof(out));
    rt_redact_json(&rd, &w, v);
    assert_false(w.full);

    out[rt_jsonw_len(&w)] = '\0';
    assert_string_equal((char *) out, expected);
}


static void
trees(void **state)
{
    (void) state;

    add(0, "name:password", "name:*token*", NULL);
    add(1, "name:pin", "action=drop", NULL);

    json("{\"password\":\"x\"}", "{\"password\":\"[REDACTED]\"}");
    json("{\"password\":123}", "{\"password\":\"[REDACTED]\"}");
    json("{\"password\":true,\"a\":null}",
         "{\"password\":\"[REDACTED]\",\"a\":null}");
    json("{\"password\":{\"a\":[1]},\"b\":1}",
         "{\"password\":\"[REDACTED]\",\"b\":1}");
    json("{\"password\":[\"x\"]}", "{\"password\":\"[REDACTED]\"}");
    json("{\"pass\\u0077ord\":1}", "{\"password\":\"[REDACTED]\"}");
    json("[{\"a\":{\"B-Token-c\":1}}]",
         "[{\"a\":{\"B-Token-c\":\"[REDACTED]\"}}]");
    json("{\"pin\":1}", "{}");

    /* a member twice: all its values, each redacted */

    json("{\"a\":{\"x\":1,\"y\":2,\"x\":{\"password\":3},\"x\":\"4\"}}",
         "{\"a\":{\"x\":[1,{\"password\":\"[REDACTED]\"},\"4\"],\"y\":2}}");
    json("{\"password\":1,\"password\":2,\"pin\":1,\"pin\":2}",
         "{\"password\":[\"[REDACTED]\",\"[REDACTED]\"]}");
    json("[\"{\\\"a\\\":1,\\\"a\\\":{\\\"password\\\":2}}\"]",
         "[\"{\\\"a\\\":[1,{\\\"password\\\":\\\"[REDACTED]\\\"}]}\"]");
    json("{\"{\\\"password\\\":\\\"x\\\"}\":\"\",\"a\":1}", "{\"a\":1}");
    json("{\"x\":{\"a=1&password=x\":1}}", "{\"x\":{}}");
    json("{\"a\":1,\"pin\":1,\"b\":2}", "{\"a\":1,\"b\":2}");

    /* numbers keep their text */
    json("[12345678901234567890123,1e400,-0.10]",
         "[12345678901234567890123,1e400,-0.10]");
}


static void
texts(void **state)
{
    (void) state;

    add(0, "name:password", NULL, NULL);

    json("[\"{\\\"password\\\":\\\"x\\\",\\\"n\\\":1}\"]",
         "[\"{\\\"password\\\":\\\"[REDACTED]\\\",\\\"n\\\":1}\"]");

    /* untouched to the byte when there is nothing in it */
    json("[\"{ \\\"n\\\" : 1.50 }\"]", "[\"{ \\\"n\\\" : 1.50 }\"]");

    /* twice in strings */
    json("[\"{\\\"a\\\":\\\"{\\\\\\\"password\\\\\\\":1}\\\"}\"]",
         "[\"{\\\"a\\\":\\\"{\\\\\\\"password\\\\\\\":"
         "\\\\\\\"[REDACTED]\\\\\\\"}\\\"}\"]");

    /* broken, other notations, arguments */
    json("[\"{\\\"a\\\":1\"]", "[\"[REDACTED]\"]");
    json("[\"{password: 'x'}\"]", "[\"[REDACTED]\"]");
    json("[\"mutation { login(password: \\\"x\\\") }\"]",
         "[\"[REDACTED]\"]");
    json("[\"https://h/?a=1&password=x\"]", "[\"[REDACTED]\"]");

    /* a private and a protected member of PHP */

    json("[\"O:1:\\\"U\\\":1:{s:11:"
         "\\\"\\u0000U\\u0000password\\\";s:1:\\\"x\\\";}\"]",
         "[\"[REDACTED]\"]");
    json("[\"O:1:\\\"U\\\":1:{s:11:"
         "\\\"\\u0000*\\u0000password\\\";s:1:\\\"x\\\";}\"]",
         "[\"[REDACTED]\"]");

    json("[\"a=1;password=x\",\"password=x\"]",
         "[\"[REDACTED]\",\"[REDACTED]\"]");

    /* encoded once more than it should be */
    json("[\"v=%7B%22password%22:1%7D\",\"%2570assword%3dx\"]",
         "[\"[REDACTED]\",\"[REDACTED]\"]");
    json("[\"100%25 of 50%\"]", "[\"100%25 of 50%\"]");

    /* and what only looks like it */
    json("[\"{{ user.name }}\",\"[note] a\",\"your password\",\"a=b\"]",
         "[\"{{ user.name }}\",\"[note] a\",\"your password\",\"a=b\"]");
}


/* JSON in JSON in ...: deeper than we look, it is masked */

static void
nested(void **state)
{
    int         i;
    rt_str_t    s;
    rt_jsonw_t  w;

    (void) state;

    add(0, "name:password", NULL, NULL);

    s = str("[\"canary\"]");

    for (i = 0; i < RT_REDACT_NESTED + 1; i++) {
        unsigned char  *buf;

        buf = rt_alloc(&mem, 8192);
        rt_jsonw_init(&w, buf, 8192);
        rt_jsonw_open(&w, '[');
        rt_jsonw_str(&w, &s);
        rt_jsonw_close(&w, ']');
        assert_false(w.full);

        s.data = buf;
        s.len = rt_jsonw_len(&w);
    }

    rt_jsonw_init(&w, out, sizeof(out));
    rt_redact_text(&rd, &w, &s);
    assert_false(w.full);
    out[rt_jsonw_len(&w)] = '\0';

    assert_null(strstr((char *) out, "canary"));
    assert_non_null(strstr((char *) out, "[REDACTED]"));
}


/* what does not fit is left out on its border, and told */

static unsigned  ncuts;

static void
on_cut(void *ctx, const rt_str_t *ptr)
{
    (void) ctx;
    assert_true(ptr->len > 0);
    ncuts++;
}


static void
cut_trees(void **state)
{
    size_t           size;
    unsigned         total;
    rt_str_t         text, got;
    rt_json_t       *v, *again;
    rt_jsonw_t       w;
    rt_json_opts_t   opts = { 0, 64, 10000 };

    (void) state;

    add(0, "name:password", NULL, NULL);

    text = str("{\"a\":[1,2,{\"b\":\"some text\"},[[]]],\"password\":5,"
               "\"c\":{\"d\":{\"e\":[true,false,null]}},\"f\":\"g\"}");
    assert_int_equal(rt_json_parse(&mem, &text, &opts, &v, NULL), RT_OK);

    for (size = 2, total = 0; size < 140; size++) {
        rt_redact_init(&rd, &mem, sets, 2);
        rd.cut = on_cut;
        ncuts = 0;

        rt_jsonw_init(&w, out, size);
        rt_redact_json(&rd, &w, v);
        assert_false(w.full);

        got.data = out;
        got.len = rt_jsonw_len(&w);
        assert_int_equal(rt_json_parse(&mem, &got, &opts, &again, NULL),
                         RT_OK);
        total += ncuts;
    }

    assert_int_equal(ncuts, 0);
    assert_true(total > 100);
}


static void
url(const char *in, const char *expected)
{
    rt_str_t    s;
    rt_jsonw_t  w;

    s = str(in);

    rt_redact_init(&rd, &mem, sets, 2);
    rt_jsonw_init(&w, out, sizeof(out));
    assert_int_equal(rt_redact_url(&rd, &w, &s, 1, 8192), RT_OK);

    out[rt_jsonw_len(&w) - 1] = '\0';
    assert_string_equal((char *) out + 1, expected);
}


static void
urls(void **state)
{
    (void) state;

    add(0, "name:password", "name:*token*", NULL);
    add(1, "name:pin", "action=drop", NULL);

    url("/", "/");
    url("/a?b=1&c=%20+&&d", "/a?b=1&c=%20+&d");
    url("/a?password=x&b=1", "/a?password=[REDACTED]&b=1");
    url("/a?pass%77ord=x", "/a?pass%77ord=[REDACTED]");
    url("/a?pass%2577ord=x", "/a?pass%2577ord=[REDACTED]");
    url("/a?PASSWORD=x&user%5Bpassword%5D=y",
        "/a?PASSWORD=[REDACTED]&user%5Bpassword%5D=[REDACTED]");
    url("/a?password", "/a?password=[REDACTED]");
    url("/a?b=1&pin=5&c=2", "/a?b=1&c=2");
    url("/a?pin=5&c=2", "/a?c=2");
    url("/a?b=%zz&c=1", "/a?b=[REDACTED]&c=1");
    url("/a?b=1;password=x", "/a?b=[REDACTED]");
    url("/a?next=https%3A%2F%2Fh%2F%3Faccess_token%3Dx",
        "/a?next=[REDACTED]");
    url("/a?v=%7B%22password%22%3A1%7D", "/a?v=[REDACTED]");
    url("/a?v=%7B%22name%22%3A1%7D", "/a?v=%7B%22name%22%3A1%7D");
    url("/a?{\"password\":\"x\"}", "/a?");
    url("/a?x%26password%3Dsecret", "/a?");
    url("/a;password=x/b;c=d?e#f", "/a;password=[REDACTED]/b;c=d?e");
    url("https://u:p@h:1/x?token=y#z", "https://h:1/x?token=[REDACTED]");
    url("https://u:p@h", "https://h");
    url("https://h?pin=1", "https://h?");
    url("//u:p@h/x", "//h/x");
    url("//x;password=y/z?a", "//x;password=[REDACTED]/z?a");
    url("//eyJhbGciOiJub25lIn0.e30.", "//[REDACTED]");
    url("https://eyJhbGciOiJub25lIn0.e30.x:80/y", "https://[REDACTED]/y");
    url("eyJhbGciOiJub25lIn0.e30.x://h/y", "[REDACTED]//h/y");
    url("chrome-extension://h/y", "chrome-extension://h/y");
    url("mailto:me@h", "[REDACTED]");
    url("/x/http://u:p@h/y", "/[REDACTED]");
    url("/a?name=password&value=x&b=1",
        "/a?name=password&value=[REDACTED]&b=1");
    url("/a?d[0][name]=password&d[0][value]=x",
        "/a?d[0][name]=password&d[0][value]=[REDACTED]");
    url("/a?name=user&value=x", "/a?name=user&value=x");
    url("/a?next=http://u:p@h/&b=1", "/a?next=[REDACTED]&b=1");
    url("*", "*");
}


static void
url_bounds(void **state)
{
    char         buf[2000];
    size_t       i;
    rt_str_t     s;
    rt_jsonw_t   w;

    (void) state;

    add(0, "name:password", NULL, NULL);

    memset(buf, 'a', sizeof(buf));
    buf[0] = '/';
    buf[100] = '?';
    s.data = (unsigned char *) buf;
    s.len = 1000;

    rt_jsonw_init(&w, out, sizeof(out));
    assert_int_equal(rt_redact_url(&rd, &w, &s, 1, 200), RT_TOO_BIG);
    assert_int_equal(rt_jsonw_len(&w), 102);

    rt_jsonw_init(&w, out, sizeof(out));
    assert_int_equal(rt_redact_url(&rd, &w, &s, 1, 50), RT_TOO_BIG);
    assert_int_equal(rt_jsonw_len(&w), 52);

    /* more arguments than are looked at */

    buf[1] = '?';

    for (i = 2; i + 1 < sizeof(buf); i += 2) {
        buf[i] = 'b';
        buf[i + 1] = '&';
    }

    s.len = 2 + 2 * RT_REDACT_ARGS + 1;
    rt_jsonw_init(&w, out, sizeof(out));
    assert_int_equal(rt_redact_url(&rd, &w, &s, 1, 8192), RT_OK);
    assert_memory_equal(out, "\"/?[REDACTED]\"", 14);
}


static void
header(const char *name, const char *value, const char *expected)
{
    rt_str_t         n, v, why;
    rt_jsonw_t       w;
    rt_redact_act_e  act;

    n = str(name);
    v = str(value);

    rt_redact_init(&rd, &mem, sets, 2);
    act = rt_redact_header(&rd, &n, &why);

    if (expected == NULL) {
        assert_int_equal(act, RT_REDACT_DROP);
        return;
    }

    rt_jsonw_init(&w, out, sizeof(out));
    assert_int_equal(rt_redact_header_value(&rd, &w, &n, &v, act, &why, 512),
                     RT_OK);

    out[rt_jsonw_len(&w) - 1] = '\0';
    assert_string_equal((char *) out + 1, expected);
}


static void
headers(void **state)
{
    (void) state;

    /* without any rule */

    header("Authorization", "Bearer abc", "Bearer [REDACTED]");
    header("authorization", "basic dTpw", "Basic [REDACTED]");
    header("Authorization", "s3cret abc", "[REDACTED]");
    header("Authorization", "s3cret", "[REDACTED]");
    header("Proxy-Authorization", "Digest username=\"a\"",
           "Digest [REDACTED]");
    header("Cookie", "sid=1; b=2;c", "sid=[REDACTED]; b=[REDACTED]; "
                                     "[REDACTED]");
    header("Cookie", "a=\"x; y=s3cret\"; b=1", "a=[REDACTED]");
    header("Cookie", "sid=abc,s3cret==; b=1", "sid=[REDACTED]; "
                                              "b=[REDACTED]");
    header("Cookie", "s3cret", "[REDACTED]");
    header("Set-Cookie", "sid=1; Path=/; Secure", "sid=[REDACTED]");
    header("X-Api-Key", "k", "[REDACTED]");
    header("x_api_key", "k", "[REDACTED]");
    header("User-Agent", "curl/8", "curl/8");

    header("X-Forwarded-Access-Token", "k", "[REDACTED]");
    header("X-Auth-Request-Access-Token", "k", "[REDACTED]");
    header("X-Auth-Request-Email", "k", "[REDACTED]");
    header("X-MS-TOKEN-AAD-ACCESS-TOKEN", "k", "[REDACTED]");
    header("Ocp-Apim-Subscription-Key", "k", "[REDACTED]");
    header("DPoP", "a.b.c", "[REDACTED]");
    header("dpop", "x", "[REDACTED]");
    header("X-Gitlab-Token", "k", "[REDACTED]");
    header("DD-API-KEY", "k", "[REDACTED]");
    header("X-Client-Secret", "k", "[REDACTED]");
    header("X-Tokens-Left", "7", "7");

    header("Sec-WebSocket-Protocol", "graphql-ws, chat.v2",
           "graphql-ws, chat.v2");
    header("Sec-WebSocket-Protocol", "Bearer, abc", "[REDACTED]");
    header("Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io."
           "YWJj, base64.binary.k8s.io", "[REDACTED]");
    header("Sec-WebSocket-Protocol", "v1, 0123456789abcdef0123456789abcdef0",
           "[REDACTED]");

    header("X-Forwarded-For", "192.0.2.1, 2001:db8::1",
           "192.0.2.1, 2001:db8::1");
    header("X-Forwarded-For", "192.0.2.1, canary", "[REDACTED]");

    add(0, "name:x-custom", "name:*token*", NULL);
    add(1, "name:x-gone", "name:sid", "action=drop");

    header("X_Custom", "v", "[REDACTED]");
    header("X-Gone", "v", NULL);
    header("Cookie", "sid=1; b=2", "b=[REDACTED]");
    header("Referer", "https://u:p@h/p?a=1&access_token=x#token=y",
           "https://h/p?a=1&access_token=[REDACTED]");
    header("X-Data", "{\"token\":1}", "{\\\"token\\\":\\\"[REDACTED]\\\"}");
    header("X-Data", "a=1&token=2", "[REDACTED]");
}


static void
params(const char *query, const char *type, const char *data,
    const char *expected)
{
    rt_str_t    q;
    rt_form_t   args;
    rt_body_t   body;
    rt_jsonw_t  w;

    memset(&body, 0, sizeof(body));
    body.type = str(type);
    body.data = str(data);
    body.bytes = body.data.len;
    q = str(query);

    assert_int_equal(rt_body_parse(&mem, &body), RT_OK);
    assert_int_equal(rt_form_parse(&mem, &q, 8, &args), RT_OK);

    rt_redact_init(&rd, &mem, sets, 2);
    rt_jsonw_init(&w, out, sizeof(out));
    assert_int_equal(rt_params_write(&rd, &w, &args, &body, 0), RT_OK);
    assert_false(w.full);

    out[rt_jsonw_len(&w)] = '\0';
    assert_string_equal((char *) out, expected);
}


static void
parameters(void **state)
{
    const char  *urlenc = "application/x-www-form-urlencoded";
    const char  *json = "application/json";

    (void) state;

    add(0, "name:password", "name:*token*", NULL);
    add(1, "name:pin", "action=drop", NULL);

    params("", "", "", "{}");
    params("a=1&b=+%2b", "", "", "{\"a\":\"1\",\"b\":\" +\"}");
    params("a=1&b=2&a=3", urlenc, "a=4&c=5",
           "{\"a\":[\"1\",\"3\",\"4\"],\"b\":\"2\",\"c\":\"5\"}");
    params("a=1", json, "{\"a\":{\"b\":2},\"c\":[3]}",
           "{\"a\":[\"1\",{\"b\":2}],\"c\":[3]}");
    params("password=1&a=2&password=3", json, "{\"password\":4}",
           "{\"password\":[\"[REDACTED]\",\"[REDACTED]\",\"[REDACTED]\"],"
           "\"a\":\"2\"}");
    params("pin=1&a=2", json, "{\"pin\":4}", "{\"a\":\"2\"}");
    params("x=%zz", "", "", "{\"x\":\"[REDACTED]\"}");
    params("a=1", "application/x-www-form-urlencoded", "password:x",
           "{\"a\":\"1\"}");
    params("", "application/x-www-form-urlencoded",
           "user=mary%0D%0Apassword=x", "{\"user\":\"[REDACTED]\"}");
    params("", json, "{\"{\\\"password\\\":\\\"x\\\"}\":\"\"}", "{}");
    params("{\"password\":\"x\"}", "", "", "{}");

    /* two broken names that become one are no duplicates */
    params("a%ff=1&a%fe=2", "", "", "{\"a\xef\xbf\xbd\":[\"1\",\"2\"]}");

    params("x=0", json, "{\"sql\":\"drop\",\"x\":1,\"x\":{\"pin\":1}}",
           "{\"x\":[\"0\",1,{}],\"sql\":\"drop\"}");

    /* not ours to show */
    params("a=1", json, "{\"password\":\"x\"", "{\"a\":\"1\"}");
    params("a=1", json, "[1]", "{\"a\":\"1\"}");
    params("1&2&3&4&5&6&7&8&9", "", "", "{}");
    assert_int_equal(rd.nnotes, 1);
    assert_string_equal(rd.note[0].act, "unparsed");
}


/* tokens: masked always, first without any rule */

#define JWT   "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2ln-_A"
#define JWE   "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..aXY.Y2FuYXJ5.dGFn"
#define NONE  "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ."

static void
every_token(void)
{
    url("/a?t=" JWT "&b=1", "/a?t=[REDACTED]&b=1");
    url("/a?t=Bearer+" JWT, "/a?t=[REDACTED]");
    url("/a?t=" JWE "&u=" NONE, "/a?t=[REDACTED]&u=[REDACTED]");
    url("/a?" JWT "&b=1", "/a?b=1");
    url("/a?n=https%3A%2F%2Fh%2F%3Ft%3D" JWT, "/a?n=[REDACTED]");
    url("https://h/reset/" JWT "/x;v=" JWT ";" JWT,
        "https://h/reset/[REDACTED]/x;v=[REDACTED];[REDACTED]");
    url(JWT, "[REDACTED]");

    /* what an application decodes, and what the standard alphabet parts */

    url("/verify/eyJhbGciOiJFUzI1NiJ9%2EeyJzdWIiOiJjYW5hcnkifQ%2Ec2ln/x",
        "/verify/[REDACTED]/x");
    url("/v/eyJhbGciOiJFUzI1NiJ9.eyJh/IjoiY2FuYXJ5In0.c2ln", "/[REDACTED]");
    url("/v/%65yJhbGciOiJFUzI1NiJ9.eyJh%2fIjoiY2FuYXJ5In0%252E/x",
        "/v/[REDACTED]/x");

    header("X-Jwt", JWT, "[REDACTED]");
    header("X-Jwt", "bearer " JWT, "[REDACTED]");
    header("Referer", "https://h/?a=1&t=" JWT, "https://h/?a=1&t=[REDACTED]");
    header("Referer", "https://h/v/eyJhbGciOiJFUzI1NiJ9%2EeyJhIjoieCJ9%2Ec2",
           "https://h/v/[REDACTED]");
    header("Cookie", JWT "=1; b=2", "[REDACTED]; b=[REDACTED]");

    json("{\"a\":\"" JWT "\",\"b\":[\"Bearer " JWE "\",\"x\"]}",
         "{\"a\":\"[REDACTED]\",\"b\":[\"[REDACTED]\",\"x\"]}");
    json("{\"" JWT "\":1,\"b\":2}", "{\"b\":2}");

    params("a=" JWT "&b=1", "application/x-www-form-urlencoded",
           "c=" JWT "&" NONE "=1",
           "{\"a\":\"[REDACTED]\",\"b\":\"1\",\"c\":\"[REDACTED]\"}");
    params("", "application/json", "{\"a\":\"" JWT "\",\"" JWT "\":1}",
           "{\"a\":\"[REDACTED]\"}");

    /* {LF"alg":"ES256"}, { "alg":"ES256" } */

    url("/?a=ewoiYWxnIjoiRVMyNTYifQ.e30.YQ", "/?a=[REDACTED]");
    url("/?a=eyAiYWxnIjoiRVMyNTYifQ.e30.YQ", "/?a=[REDACTED]");
}


static void
tokens(void **state)
{
    (void) state;

    every_token();

    assert_int_equal(rd.nnotes, 1);
    assert_true(rt_str_lit(&rd.note[0].rule, "builtin"));
    assert_true(rt_str_lit(&rd.note[0].ptr, "/a"));

    /* none of these is a token */

    url("/?a=eyJhbGciOiJFUzI1NiJ9&b=x.eyJ.y",
        "/?a=eyJhbGciOiJFUzI1NiJ9&b=x.eyJ.y");
    url("/?a=www.eyes.example.com&b=ewok.a.b", "/?a=www.eyes.example.com"
                                               "&b=ewok.a.b");
    json("[\"eyJ\",\"ey\",\"e\",\"\",\"1.2.3\",\"they. say. no.\"]",
         "[\"eyJ\",\"ey\",\"e\",\"\",\"1.2.3\",\"they. say. no.\"]");

    /* nor does a rule change that, which finds more */

    add(0, "name:zz", NULL, NULL);
    every_token();

    json("{\"a\":\"{\\\"b\\\":\\\"" JWT "\\\"}\"}",
         "{\"a\":\"{\\\"b\\\":\\\"[REDACTED]\\\"}\"}");
    url("/a?t=%2565yJhbGciOiJub25lIn0.e30.", "/a?t=[REDACTED]");
}


/* a path that does not fit is cut before the token in it */

static void
cut_token(void **state)
{
    rt_str_t    s;
    rt_jsonw_t  w;

    (void) state;

    s = str("/reset/" JWT "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");

    rt_redact_init(&rd, &mem, sets, 2);
    rt_jsonw_init(&w, out, sizeof(out));
    assert_int_equal(rt_redact_url(&rd, &w, &s, 1, 30), RT_TOO_BIG);

    out[rt_jsonw_len(&w)] = '\0';
    assert_string_equal((char *) out, "\"/reset/\"");
}


/* {"name":"password","value":"x"} */

static void
pairs(void **state)
{
    const char  *type = "application/json";

    (void) state;

    add(0, "name:password", NULL, NULL);
    add(1, "name:pin", "action=drop", NULL);

    json("[{\"name\":\"user\",\"value\":\"a\"},"
         "{\"name\":\"user[Password]\",\"value\":\"x\"}]",
         "[{\"name\":\"user\",\"value\":\"a\"},"
         "{\"name\":\"user[Password]\",\"value\":\"[REDACTED]\"}]");
    json("{\"Value\":[1,{\"a\":2}],\"key\":\"password\",\"b\":1}",
         "{\"Value\":\"[REDACTED]\",\"key\":\"password\",\"b\":1}");
    json("[{\"field\":\"pin\",\"value\":1}]", "[{\"field\":\"pin\"}]");
    json("{\"name\":[\"password\"],\"value\":1,\"a\":\"password\"}",
         "{\"name\":[\"password\"],\"value\":1,\"a\":\"password\"}");
    json("{\"v\":\"[{\\\"name\\\":\\\"password\\\",\\\"value\\\":1}]\"}",
         "{\"v\":\"[{\\\"name\\\":\\\"password\\\","
         "\\\"value\\\":\\\"[REDACTED]\\\"}]\"}");

    json("[[\"password\",\"x\"],[\"user\",\"a\"],[\"pin\",1]]",
         "[[\"password\",\"[REDACTED]\"],[\"user\",\"a\"],[\"pin\"]]");
    json("[\"password\",\"x\",\"y\"]", "[\"password\",\"x\",\"y\"]");

    params("", "application/x-www-form-urlencoded",
           "name=password&value=x&b=1",
           "{\"name\":\"password\",\"value\":\"[REDACTED]\",\"b\":\"1\"}");
    params("name=user&value=y", "application/x-www-form-urlencoded",
           "key=pin&i[value]=x",
           "{\"name\":\"user\",\"value\":\"y\",\"key\":\"pin\"}");

    params("value=1", type, "{\"name\":\"password\",\"value\":\"x\"}",
           "{\"value\":[\"1\",\"[REDACTED]\"],\"name\":\"password\"}");
    params("", type, "{\"name\":\"pin\",\"value\":\"x\"}",
           "{\"name\":\"pin\"}");
    params("", type, "{\"name\":\"a\",\"value\":\"x\"}",
           "{\"name\":\"a\",\"value\":\"x\"}");
}


static void
notes(void **state)
{
    unsigned    i;
    char        buf[32];
    size_t      saved;
    rt_str_t    s, why = rt_string("name:x");
    rt_jsonw_t  w;

    (void) state;

    rt_redact_init(&rd, &mem, sets, 2);

    for (i = 0; i < 200; i++) {
        s.len = (size_t) snprintf(buf, sizeof(buf), "a/%u~", i / 2);
        s.data = (unsigned char *) buf;

        saved = rt_redact_enter(&rd, &s);
        rt_redact_note(&rd, "mask", &why);
        rt_redact_leave(&rd, saved);
    }

    assert_int_equal(rd.nnotes, RT_REDACT_NOTES);
    assert_int_equal(rd.overflow, 200 - 2 * RT_REDACT_NOTES);
    assert_int_equal(rd.note[0].n, 2);
    assert_true(rt_str_lit(&rd.note[7].ptr, "/a~17~0"));

    rt_jsonw_init(&w, out, 150);
    rt_redact_write_notes(&rd, &w);
    assert_false(w.full);

    out[rt_jsonw_len(&w)] = '\0';
    assert_string_equal((char *) out,
        "[{\"ptr\":\"/a~10~0\",\"act\":\"mask\",\"rule\":\"name:x\",\"n\":2},"
        "{\"ptr\":\"/a~11~0\",\"act\":\"mask\",\"rule\":\"name:x\","
        "\"n\":2}]");
    assert_int_equal(rd.nnotes, 2);
    assert_int_equal(rd.overflow, 200 - 2 * RT_REDACT_NOTES
                                  + RT_REDACT_NOTES - 2);
}


/* an address and the parameters of it, with their notes */

static size_t
shown_twice(const rt_str_t *url, const rt_form_t *args, int keep,
    unsigned char *buf, size_t size)
{
    size_t      saved;
    rt_jsonw_t  w;

    rt_redact_init(&rd, &mem, sets, 2);
    rt_jsonw_init(&w, buf, size);

    if (keep) {
        rt_redact_keep(&rd, args);
    }

    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "url");
    saved = rt_redact_into(&rd, "url");
    assert_int_equal(rt_redact_url(&rd, &w, url, 1, 4096), RT_OK);
    rt_redact_leave(&rd, saved);

    rt_jsonw_lit(&w, "parameters");
    saved = rt_redact_into(&rd, "parameters");
    assert_int_equal(rt_params_write(&rd, &w, args, NULL, 0), RT_OK);
    rt_redact_leave(&rd, saved);

    rt_jsonw_lit(&w, "redactions");
    rt_redact_write_notes(&rd, &w);
    rt_jsonw_close(&w, '}');
    assert_false(w.full);

    return rt_jsonw_len(&w);
}


/* what is kept of an argument's first place is what the second would find */

static void
kept(void **state)
{
    unsigned              i, round;
    size_t                len, end;
    rt_str_t              url, query;
    rt_form_t             args;
    unsigned char         text[1024];
    static unsigned char  again[65536];

    static const char *const  pieces[] = {
        "a", "password", "name", "value", "key", "pass%77ord", "user[pin]",
        "=", "=", "=", "&", "&", "&", "&&", "+", "%zz", "%0a", "1", "x y",
        "%7B%22password%22%3A%22x%22%7D", "%5B1%5D", "a%3Dtoken%3Dx",
        "https://u:p@h/", "access_token", "eyJhbGciOiJub25lIn0.e30.", "item[0]"
    };

    (void) state;

    add(0, "name:password", "name:*token*", NULL);
    add(1, "name:pin", "action=drop", NULL);

    for (round = 0; round < 3000; round++) {
        memcpy(text, "/p?", 3);
        end = 3;

        for (i = chance(24); i; i--) {
            query = str(pieces[chance(sizeof(pieces) / sizeof(pieces[0]))]);
            memcpy(text + end, query.data, query.len);
            end += query.len;
        }

        url = (rt_str_t) { end, text };
        query = (rt_str_t) { end - 3, text + 3 };

        assert_int_equal(rt_form_parse(&mem, &query, 512, &args), RT_OK);

        len = shown_twice(&url, &args, 0, out, sizeof(out));
        assert_int_equal(shown_twice(&url, &args, 1, again, sizeof(again)),
                         len);
        assert_memory_equal(again, out, len);
    }
}


/* memory that ends at any point never shows what a rule hides */

static void
no_memory(void **state)
{
    long             left;
    rt_str_t         text, q;
    rt_json_t       *v;
    rt_form_t        args;
    rt_jsonw_t       w;
    rt_json_opts_t   opts = { 0, 64, 10000 };

    (void) state;

    add(0, "name:password", NULL, NULL);

    text = str("{\"a\":\"{\\\"password\\\":\\\"canary\\\"}\"}");
    q = str("x=%7B%22password%22%3A%22canary%22%7D&pass%77ord=canary");

    assert_int_equal(rt_json_parse(&mem, &text, &opts, &v, NULL), RT_OK);
    assert_int_equal(rt_form_parse(&mem, &q, 8, &args), RT_OK);

    for (left = 0; left < 40; left++) {
        rt_redact_init(&rd, &mem, sets, 2);
        rt_jsonw_init(&w, out, sizeof(out));
        arena.left = left;

        rt_redact_keep(&rd, left % 2 ? &args : NULL);
        rt_redact_json(&rd, &w, v);
        (void) rt_params_write(&rd, &w, &args, NULL, 0);

        arena.left = -1;
        out[rt_jsonw_len(&w)] = '\0';
        assert_null(strstr((char *) out, "canary"));
    }
}


#define TEST(f)  cmocka_unit_test_setup_teardown(f, setup, arena_teardown)


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(rules),
        TEST(names),
        TEST(simple_names),
        TEST(long_names),
        TEST(too_many_names),
        TEST(trees),
        TEST(texts),
        TEST(nested),
        TEST(cut_trees),
        TEST(urls),
        TEST(url_bounds),
        TEST(headers),
        TEST(parameters),
        TEST(tokens),
        TEST(cut_token),
        TEST(pairs),
        TEST(notes),
        TEST(kept),
        TEST(no_memory)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
