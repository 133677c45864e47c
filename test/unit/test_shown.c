
/*
 * What is shown of bodies: parts of multipart, documents of GraphQL, texts
 * that hide names.  Rows of a table: what came, and what an event has of it.
 */

#include "rt_test.h"
#include "json/rt_body.h"
#include "event/rt_params.h"
#include "redact/rt_redact.h"


#define JSON  "application/json"
#define FORM  "application/x-www-form-urlencoded"
#define MIME  "multipart/form-data; boundary=x"

#define PART(head, value)                                                     \
    "--x\r\nContent-Disposition: form-data; " head "\r\n\r\n" value "\r\n"
#define END   "--x--\r\n"

#define GONE  "\"[REDACTED]\""


typedef struct {
    const char  *type;
    const char  *body;
    const char  *want;          /* or why it is not shown */
} row_t;


static rt_redact_t             rd;
static rt_redact_rule_t        rule[4];
static rt_redact_set_t         set = { rule, 0 };
static const rt_redact_set_t  *sets[1] = { &set };
static unsigned char           out[16384];


static const char *
shown(const char *type, const rt_str_t *data, int flat)
{
    unsigned    n;
    rt_str_t    name, err;
    rt_body_t   body;
    rt_jsonw_t  w;

    name = str("name:pin");
    assert_int_equal(rt_redact_parse(&mem, &name, 1, NULL, rule, &n, &err),
                     RT_OK);
    set.n = n;

    memset(&body, 0, sizeof(body));
    body.type = str(type);
    body.data = *data;
    body.bytes = data->len;

    assert_int_equal(rt_body_parse(&mem, &body), RT_OK);
    assert_int_equal(rt_body_show(&mem, &body), RT_OK);

    if (body.why) {
        assert_int_equal(body.kind, RT_BODY_UNPARSED);
        assert_int_equal(body.form.n, 0);
        return body.why;
    }

    rt_redact_init(&rd, &mem, sets, 1);
    rt_jsonw_init(&w, out, sizeof(out) - 1);

    if (body.kind == RT_BODY_TEXT) {
        assert_int_equal(rt_redact_text_body(&rd, &w, data, 256),
                         data->len > 256 ? RT_TOO_BIG : RT_OK);

    } else {
        assert_int_equal(rt_params_write(&rd, &w, NULL, &body, flat), RT_OK);
    }

    assert_false(w.full);
    out[rt_jsonw_len(&w)] = '\0';

    return (char *) out;
}


static void
check(const row_t *row, size_t n)
{
    rt_str_t  data;

    for ( /* void */ ; n; n--, row++) {
        data = str(row->body);
        assert_string_equal(shown(row->type, &data, 0), row->want);
    }
}

#define CHECK(rows)  check(rows, sizeof(rows) / sizeof(rows[0]))


static void
test_parts(void **state)
{
    rt_str_t  data;

    static const row_t  rows[] = {
        { MIME, PART("name=\"a\"", "1") PART("name=\"pin\"", "x")
          PART("name=\"a\"", "2") END,
          "{\"a\":[\"1\",\"2\"],\"pin\":" GONE "}" },
        { MIME, PART("name=\"u[pin]\"", "x") PART("name=\"password\"", "") END,
          "{\"u[pin]\":" GONE ",\"password\":" GONE "}" },
        { MIME, PART("name=\"name\"", "pin") PART("name=\"value\"", "x") END,
          "{\"name\":\"pin\",\"value\":" GONE "}" },
        { MIME, PART("name=\"j\"\r\nContent-Type: application/json",
                     "{\"pin\":1,\"b\":2}") END,
          "{\"j\":\"{\\\"pin\\\":\\\"[REDACTED]\\\",\\\"b\\\":2}\"}" },

        /* of a file its name, type and size */

        { MIME, PART("name=\"f\"; filename=\"a.png\"\r\n"
                     "Content-Type: image/png", "secret") END,
          "{\"f\":{\"filename\":\"a.png\",\"type\":\"image/png\","
          "\"bytes\":6}}" },
        { MIME, PART("name=\"f\"; filename=\"\"", "") END,
          "{\"f\":{\"filename\":\"\",\"bytes\":0}}" },
        { MIME, PART("name=\"pin\"; filename=\"x\"", "x") END,
          "{\"pin\":" GONE "}" },
        { MIME, PART("name=\"f\"; filename=\"pin=x\"", "x") END,
          "{\"f\":{\"filename\":" GONE ",\"bytes\":1}}" },
        { MIME, PART("name=\"f\"\r\nContent-Type: application/pdf", "x") END,
          "{\"f\":{\"type\":\"application/pdf\",\"bytes\":1}}" },
        { MIME, PART("name=\"f\"", "\xff") END, "{\"f\":{\"bytes\":1}}" },

        /* what others read in another way */

        { MIME, PART("name=\"f\"; filename*=UTF-8''x", "x") END, "multipart" },
        { MIME, PART("name=\"_charset_\"", "utf-7") END, "multipart" },
        { MIME, "--x\nContent-Disposition: form-data; name=\"a\"\n\n1\n--x--",
          "multipart" },
        { MIME, "preamble\r\n" PART("name=\"a\"", "1") END, "multipart" },
        { MIME, PART("name=\"a\"", "1") END "epilogue", "multipart" },
        { MIME, PART("name=\"a\"", "1"), "multipart" },
        { MIME, PART("name=\"a\"; name=\"b\"", "1") END, "multipart" },
        { MIME, PART("name=\"a\"\r\nContent-Transfer-Encoding: base64", "MQ==")
          END, "multipart" },
        { MIME, PART("name=\"a\"\r\nContent-Type: multipart/mixed; boundary=y",
                     "--y--") END, "multipart" },
        { MIME, PART("name=\"a\"", "--x1") END, "multipart" },
        { MIME, END, "{}" },
        { "multipart/form-data", PART("name=\"a\"", "1") END, "multipart" },
        { "multipart/mixed; boundary=x", PART("name=\"a\"", "1") END,
          "multipart" },
    };

    (void) state;

    CHECK(rows);

    data.data = (unsigned char *) PART("name=\"a\"", "x\0y") END;
    data.len = sizeof(PART("name=\"a\"", "x\0y") END) - 1;
    assert_string_equal(shown(MIME, &data, 0), "{\"a\":{\"bytes\":3}}");

    data = str(PART("name=\"a\"", "1") PART("name=\"f\"; filename=\"b\"", "")
               END);
    assert_string_equal(shown(MIME, &data, 1),
                        "[{\"name\":\"a\",\"value\":\"1\","
                        "\"where\":\"multipart\"},{\"name\":\"f\",\"value\":"
                        "\"{\\\"filename\\\":\\\"b\\\",\\\"bytes\\\":0}\","
                        "\"where\":\"multipart\"}]");
}


static void
test_many_parts(void **state)
{
    unsigned  i, n;
    rt_str_t  data;

    static const char  part[] = PART("name=\"a\"", "1");

    (void) state;

    for (n = RT_BODY_FIELDS; n <= RT_BODY_FIELDS + 1; n++) {
        data.data = rt_alloc(&mem, n * sizeof(part) + 16);
        data.len = 0;

        for (i = 0; i < n; i++) {
            memcpy(data.data + data.len, part, sizeof(part) - 1);
            data.len += sizeof(part) - 1;
        }

        memcpy(data.data + data.len, END, sizeof(END) - 1);
        data.len += sizeof(END) - 1;

        assert_int_equal(strcmp(shown(MIME, &data, 0), "count") == 0,
                         n > RT_BODY_FIELDS);
    }
}


#define QUERY(text)  "{\"query\":\"" text "\"}"

/* a document that gives the variable p to a covered name, and q to another */
#define LOGIN  "query($p:S,$q:S){ login(password: $p, user: $q) { id } }"

static void
test_graphql(void **state)
{
    static const row_t  rows[] = {
        { JSON, QUERY("{ user(id: 5, n: \\\"x\\\") { id } }"),
          QUERY("{ user(id: ?, n: ?) { id } }") },
        { JSON, QUERY("query Q($p: S = \\\"x\\\") { f(password: $p) { a } }"),
          QUERY("query Q($p: S = ?) { f(password: $p) { a } }") },
        { JSON, QUERY("{a(x:-1.5e3,b:true,c:A,d:[1,B])@skip(if:$s){b:c}}"),
          QUERY("{a(x:?,b:true,c:A,d:[?,B])@skip(if:$s){b:c}}") },
        { JSON, QUERY("{ a # x\\n b }"), QUERY("{ a \\n b }") },
        { JSON, QUERY("{ a(b: \\\"\\\"\\\"x \\\\\\\"\\\"\\\" } x\\\"\\\"\\\")"
                      " }"), QUERY("{ a(b: ?) }") },
        { JSON, QUERY("{ a(b: \\\"x \\\\\\\" } x\\\", c: \\\"\\\") }"),
          QUERY("{ a(b: ?, c: ?) }") },
        { JSON, QUERY("fragment F on U { id } query { me { ...F } }"),
          QUERY("fragment F on U { id } query { me { ...F } }") },

        /* words that are values, under a name that is covered */

        { JSON, QUERY("mutation { a(pin: X, o: {pin: {b: Y, c: [Z]}, d: OK})"
                      " { pin: e } }"),
          QUERY("mutation { a(pin: ?, o: {pin: {b: ?, c: [?]}, d: OK})"
                " { pin: e } }") },

        /* variables that stand there, wherever their values are */

        { JSON, "{\"query\":\"" LOGIN "\",\"variables\":{\"p\":\"x\","
                "\"q\":\"u\"}}",
          "{\"query\":\"" LOGIN "\",\"variables\":{\"p\":" GONE
          ",\"q\":\"u\"}}" },
        { JSON, "{\"variables\":{\"p\":{\"a\":[\"x\"]},\"pp\":1},\"query\":\""
                LOGIN "\"}",
          "{\"variables\":{\"p\":" GONE ",\"pp\":1},\"query\":\"" LOGIN
          "\"}" },
        { JSON, "{\"a\":[{\"v\":{\"p\":1}},{\"variables\":{\"P_\":1},"
                "\"query\":\"{a(o:{pin:[$p_]},b:$q)}\"},{\"p\":2,\"q\":3}]}",
          "{\"a\":[{\"v\":{\"p\":1}},{\"variables\":{\"P_\":" GONE "},"
          "\"query\":\"{a(o:{pin:[$p_]},b:$q)}\"},{\"p\":" GONE ",\"q\":3}]}" },
        { FORM, "variables[p]=x&variables[q]=u&query=" LOGIN,
          "{\"variables[p]\":" GONE ",\"variables[q]\":\"u\",\"query\":\""
          LOGIN "\"}" },
        { FORM, "variables={\"p\":\"x\",\"q\":\"u\"}&query=" LOGIN,
          "{\"variables\":\"{\\\"p\\\":\\\"[REDACTED]\\\",\\\"q\\\":"
          "\\\"u\\\"}\",\"query\":\"" LOGIN "\"}" },
        { MIME, PART("name=\"operations\"", "{\"variables\":{\"p\":1},"
                     "\"query\":\"" LOGIN "\"}") END,
          "{\"operations\":\"{\\\"variables\\\":{\\\"p\\\":"
          "\\\"[REDACTED]\\\"},\\\"query\\\":\\\"" LOGIN
          "\\\"}\"}" },

        /* what is no document */

        { JSON, QUERY("{ a(b: \\\"x"), "{\"query\":" GONE "}" },
        { JSON, QUERY("{ a(b: \\\"x\\ny\\\") }"), "{\"query\":" GONE "}" },
        { JSON, QUERY("{ a } }"), "{\"query\":" GONE "}" },
        { JSON, QUERY("{ a(b: 'x') }"), "{\"query\":" GONE "}" },
        { JSON, QUERY("{ a(b: \\\"\\\"\\\"x) }"), "{\"query\":" GONE "}" },
        { JSON, QUERY("{ a(b: \\\"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcn"
                      "kifQ.c2ln\\\") }"), "{\"query\":" GONE "}" },
        { JSON, QUERY("query of a gene"), QUERY("query of a gene") },
        { JSON, "{\"other\":\"{ a(b: 5) }\"}", "{\"other\":\"{ a(b: 5) }\"}" },

        /* what stands in front of a document */

        { JSON, QUERY("\xef\xbb\xbf{ a(b: 5) }"),
          QUERY("\xef\xbb\xbf{ a(b: ?) }") },
        { JSON, QUERY("\\\"\\\"\\\"x\\\"\\\"\\\" query Q { a(b: 5) }"),
          QUERY("? query Q { a(b: ?) }") },
        { JSON, QUERY("\\\"x\\\" of a query"),
          QUERY("\\\"x\\\" of a query") },
        { JSON, "{\"Query\":\"{ a(b: 5) }\"}", "{\"Query\":\"{ a(b: ?) }\"}" },

        /* wherever a request may be */

        { FORM, "query={a(b:5)}&variables={\"pin\":1}",
          "{\"query\":\"{a(b:?)}\",\"variables\":\"{\\\"pin\\\":"
          "\\\"[REDACTED]\\\"}\"}" },
        { MIME, PART("name=\"operations\"", QUERY("{a(b:5)}")) END,
          "{\"operations\":\"{\\\"query\\\":\\\"{a(b:?)}\\\"}\"}" },
    };

    (void) state;

    CHECK(rows);
}


/* of more variables than are kept none is known */

static void
test_variables(void **state)
{
    char      body[4096];
    int       i, n, k;
    rt_str_t  data;

    (void) state;

    for (k = RT_REDACT_VARIABLES; k <= RT_REDACT_VARIABLES + 1; k++) {
        n = snprintf(body, sizeof(body), "{\"query\":\"{a(pin:[");

        for (i = 0; i < k; i++) {
            n += snprintf(body + n, sizeof(body) - n, "$v%d ", i);
        }

        snprintf(body + n, sizeof(body) - n,
                 "])}\",\"v%d\":\"x\",\"other\":\"y\"}", k - 1);

        data = str(body);
        (void) shown(JSON, &data, 0);

        assert_null(strstr((char *) out, "\"x\""));
        assert_int_equal(strstr((char *) out, "\"y\"") != NULL,
                         k == RT_REDACT_VARIABLES);
    }

    /* one that is given to many names is one */

    n = snprintf(body, sizeof(body), "{\"query\":\"{a(pin:[");

    for (i = 0; i <= RT_REDACT_VARIABLES; i++) {
        n += snprintf(body + n, sizeof(body) - n, "$v $V_ ");
    }

    snprintf(body + n, sizeof(body) - n,
             "])}\",\"v\":\"x\",\"other\":\"y\"}");

    data = str(body);
    (void) shown(JSON, &data, 0);

    assert_null(strstr((char *) out, "\"x\""));
    assert_non_null(strstr((char *) out, "\"y\""));
}


#define TEXT(text)  "{\"a\":\"" text "\"}"
#define HIDDEN      "{\"a\":" GONE "}"

static void
test_texts(void **state)
{
    static const row_t  rows[] = {
        { JSON, TEXT("AccountName=x;AccountKey=y==;End=z"), HIDDEN },
        { JSON, "{\"tokens\":[1],\"refreshTokens\":2,\"max_tokens\":3}",
          "{\"tokens\":" GONE ",\"refreshTokens\":" GONE
          ",\"max_tokens\":3}" },

        /* XML: the name of the next element, and what was cut */

        { JSON, TEXT("<dict><key>pin</key><string>x</string></dict>"),
          HIDDEN },
        { JSON, TEXT("<dict><key>n</key><string>x</string></dict>"),
          TEXT("<dict><key>n</key><string>x</string></dict>") },
        { JSON, TEXT("<a><pin>x"), HIDDEN },
        { JSON, TEXT(" <pin a='b'"), HIDDEN },
        { JSON, TEXT("x</pin></a>"), HIDDEN },
        { JSON, TEXT("<pin of a suit>"), TEXT("<pin of a suit>") },
        { JSON, TEXT("write <pin> here"), TEXT("write <pin> here") },

        /* credentials of HTTP */

        { JSON, TEXT("Basic dXNlcjpzZWNyZXQ="), HIDDEN },
        { JSON, TEXT("curl -H 'Authorization: basic dXNlcjpzZWNyZXQ'"),
          HIDDEN },
        { JSON, TEXT("x\\nAuthorization: Token abc\\ny"), HIDDEN },
        { JSON, TEXT("Basic    "), TEXT("Basic    ") },
        { JSON, TEXT("Basic  basic dXNlcjpzZWNyZXQ="), HIDDEN },
        { JSON, TEXT("Basic training"), TEXT("Basic training") },
        { JSON, TEXT("basic understanding of it"),
          TEXT("basic understanding of it") },
        { JSON, TEXT("unbasic dXNlcjpzZWNyZXQ="),
          TEXT("unbasic dXNlcjpzZWNyZXQ=") },

        /* JSON Patch */

        { JSON, "{\"o\":[{\"op\":\"add\",\"path\":\"/u/0/pin\","
                "\"value\":1}]}",
          "{\"o\":[{\"op\":\"add\",\"path\":\"/u/0/pin\",\"value\":" GONE
          "}]}" },
    };

    (void) state;

    CHECK(rows);
}


#define XML    "application/soap+xml; charset=UTF-8"
#define PLAIN  "text/plain"

static void
test_text_bodies(void **state)
{
    rt_str_t  data;

    static char  text[300];

    static const row_t  rows[] = {
        { PLAIN, "a note, which says nothing: 12:30", "\"a note, which says "
          "nothing: 12:30\"" },
        { PLAIN, "user: x\r\npin: two words\r\n", GONE },
        { PLAIN, "a=1&p%69n=x", GONE },
        { PLAIN, "{\"pin\":1,\"b\":2}",
          "\"{\\\"pin\\\":\\\"[REDACTED]\\\",\\\"b\\\":2}\"" },
        { PLAIN, "{\"pin\":1", GONE },

        /* what only begins as JSON does */

        { PLAIN, "[12:00] my pin: x ok", GONE },
        { PLAIN, "{a} my pin: x ok", GONE },
        { PLAIN, "[12:00] noted", "\"[12:00] noted\"" },
        { PLAIN, "[{\"pin\":1}]", "\"[{\\\"pin\\\":\\\"[REDACTED]\\\"}]\"" },

        /* names that stand apart from their values */

        { PLAIN, "user;pin\nbob;x", GONE },
        { PLAIN, "\"user\", \"pin\"\r\n\"bob\",\"x\"", GONE },
        { PLAIN, "\xef\xbb\xbfpin,user\nx,bob", GONE },
        { PLAIN, "user|api key\nbob|x", GONE },
        { PLAIN, "pin\tx", GONE },
        { PLAIN, "user;name\nbob;pin", "\"user;name\\nbob;pin\"" },
        { PLAIN, "a pin of steel, and more", "\"a pin of steel, and more\"" },
        { PLAIN, "name=pin\nvalue=x", GONE },
        { PLAIN, "- name: 'pin'\n  value: x", GONE },
        { PLAIN, "key: pin\nx", GONE },
        { PLAIN, "\"field\" : \"pin\" x", GONE },
        { PLAIN, "rename: pin\nx", "\"rename: pin\\nx\"" },
        { PLAIN, "name: pinball\nx", "\"name: pinball\\nx\"" },
        { PLAIN, "name=", "\"name=\"" },
        { PLAIN, "run --pin x", GONE },
        { PLAIN, "run a--pin x --pinball y", "\"run a--pin x --pinball y\"" },
        { PLAIN, "--", "\"--\"" },

        /* GraphQL, and what is like it */

        { PLAIN, "mutation { login(a: \"x\", b: 5) { id } }",
          "\"mutation { login(a: ?, b: ?) { id } }\"" },
        { PLAIN, "{ a(pin: \"x\") }", GONE },
        { PLAIN, "{ a(b: 'x') }", "\"{ a(b: 'x') }\"" },

        /* what still shows, as docs/event.md says */

        { PLAIN, "then set pin x", "\"then set pin x\"" },
        { PLAIN, "curl -u bob:x", "\"curl -u bob:x\"" },
        { XML, "<a Name=\"p&amp;in\">y</a>",
          "\"<a Name=\\\"p&amp;in\\\">y</a>\"" },
        { MIME, PART("name=\"a\"", "pin x") END, "{\"a\":\"pin x\"}" },

        { PLAIN, "x Basic dXNlcjpzZWNyZXQ= y", GONE },
        { PLAIN, "a\x01", "charset" },
        { PLAIN, "a\xff", "charset" },
        { "text/plain; charset=utf-16", "ab", "charset" },

        { XML, "<?xml version=\"1.0\" encoding=\"utf-8\"?><a b='1'>x &amp; y"
          "</a>", "\"<?xml version=\\\"1.0\\\" encoding=\\\"utf-8\\\"?>"
          "<a b='1'>x &amp; y</a>\"" },
        { XML, "<a><s:pin t='x'>y</s:pin></a>", GONE },
        { XML, "<a pin='y'/>", GONE },
        { XML, "<d><key>pin</key><string>y</string></d>", GONE },
        { XML, "<a><pin>y", GONE },
        { "text/xml", "<p><entry key='pin'>y</entry></p>", GONE },

        { XML, "<e><string>pin</string><string>y</string></e>", GONE },
        { XML, "<p><ParameterName> pin\n</ParameterName><v>y</v></p>", GONE },
        { XML, "<a><type>userPassword</type><v>y</v></a>", GONE },
        { XML, "<attr id='pin'>y</attr>", GONE },
        { XML, "<input type = \"password\">y</input>", GONE },
        { XML, "<a b='1' c='//host/pin'>the pin</a>",
          "\"<a b='1' c='//host/pin'>the pin</a>\"" },
        { XML, "<methodCall><params><param><value>y</value></param></params>"
          "</methodCall>", GONE },

        { XML, "<!DOCTYPE a [<!ENTITY p 'pin'>]><a>&p;</a>", "xml" },
        { XML, "<a>&#112;in</a>", "xml" },
        { XML, "<a><![CDATA[<pin>y</pin>]]></a>", "xml" },
        { XML, "<e key='p&#105;n'>y</e>", "xml" },
        { XML, "<pi<!-- -->n>y</pin>", "xml" },
        { XML, "<a><?php x ?></a>", "xml" },
        { XML, "<?xml version='1.0' encoding='utf-7'?><a/>", "xml" },
        { XML, "<?xml version='1.0' encoding='utf-8x'?><a/>", "xml" },
        { XML, "<?xml version='1.0' encoding=", "xml" },
        { "application/xml; charset=utf-16", "<a/>", "charset" },
    };

    (void) state;

    CHECK(rows);

    memset(text, 'x', sizeof(text) - 1);
    data = str(text);
    assert_int_equal(strlen(shown(PLAIN, &data, 0)), 258);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_parts),
        ARENA_TEST(test_many_parts),
        ARENA_TEST(test_graphql),
        ARENA_TEST(test_variables),
        ARENA_TEST(test_texts),
        ARENA_TEST(test_text_bodies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
