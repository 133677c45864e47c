
/*
 * What a text hides, and what it does not: secrets in strings of any
 * notation are masked, ordinary text is left alone.
 */

#include "rt_test.h"
#include "redact/rt_redact.h"
#include "redact/rt_redact_part.h"
#include "redact/rt_redact_url.h"


#define SENTENCES  10000         /* none of twice as many values may change */

#define HEAD   "eyJhbGciOiJIUzI1NiJ9"
#define BODY   "eyJzdWIiOiJjYW5hcnkifQ"
#define SIGN   "SGFuZE1hZGVTaWduYXR1cmVGb3JUaGlzVGVzdA"
#define TOKEN  HEAD "." BODY "." SIGN


static rt_redact_t             rd;
static rt_redact_rule_t        rule[16];
static rt_redact_set_t         set;
static const rt_redact_set_t  *sets[1] = { &set };


static int
setup(void **state)
{
    size_t           i;
    unsigned         n;
    rt_str_t         arg;
    rt_str_t         err;

    static const char *const  rules[] = {
        "name:password", "name:*token*", "name:*secret*", "name:api_key",
        "name:pin", "name:authorization"
    };

    (void) arena_setup(state);
    set.rule = rule;
    set.n = 0;

    for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        arg = str(rules[i]);
        assert_int_equal(rt_redact_parse(&mem, &arg, 1, NULL, rule + set.n,
                                         &n, &err),
                         RT_OK);
        set.n += n;
    }

    rt_redact_init(&rd, &mem, sets, 1);

    return 0;
}


static rt_redact_look_e
look(const char *text, size_t len)
{
    rt_str_t  out, why, s = { len, (unsigned char *) text };

    return rt_redact_look(&rd, &s, &out, &why);
}

#define hides(s)                                                              \
    assert_int_equal(look(s, sizeof(s) - 1), RT_REDACT_HIDDEN)
#define shows(s)                                                              \
    assert_int_equal(look(s, sizeof(s) - 1), RT_REDACT_CLEAN)


/* tokens and users of addresses, with rules and without any */

static void
every_builtin(void)
{
    hides(TOKEN);
    hides("see " TOKEN " there");
    hides("x" TOKEN);

    /* padded, in the standard alphabet, encoded */

    hides(HEAD "=." BODY "=." SIGN "=");
    hides("eyJraWQiOiJhPz8/In0=.eyJhIjoiPz8+In0=.ab+/cd==");
    hides("eyJhbGciOiJIUzI1NiJ9%2E" BODY "%2E" SIGN);
    hides("%65yJhbGciOiJIUzI1NiJ9%252E" BODY "%252E" SIGN);
    hides("eyJraWQiOiJhPz8%2FIn0%3D.eyJhIjoiPz8%2BIn0%3D.ab");

    /* {TAB"alg", {CR"alg", { "alg" */

    hides("ewkiYWxnIjoiRVMyNTYifQ.e30.YQ");
    hides("ew0iYWxnIjoiRVMyNTYifQ.e30.YQ");
    hides("eyAgImFsZyI6IkVTMjU2In0.e30.YQ");

    /* users of addresses */

    hides("http://u:canary@h/");
    hides("see postgres://mary:canary@db1:5432/crm for it");
    hides("https://canary@h");
    hides("redis://:canary@h:6379/0");
    hides("//u:canary@h");
    hides("http:\\\\u:canary@h");
    hides("http%3A%2F%2Fu%3Acanary%40h%2F");

    /* words, hosts, assets */

    shows("mary@keysidebusinesscentre.co.uk");
    shows("/static/keyboard-shortcuts-help.min.js");
    shows("keyInputElement.value.length");
    shows("MonkeyBusinessCentre.example.org");
    shows("https://example.org/@mary/post");
    shows("git@github.com:org/repo.git");
    shows("// mary@example.org wrote this");
    shows("https://h/?mail=mary@example.org");
    shows("eyJ.eyJ.eyJ");
    shows(HEAD "." BODY);
}


static void
builtin(void **state)
{
    (void) state;

    every_builtin();

    rt_redact_init(&rd, &mem, NULL, 0);
    every_builtin();

    hides("password=x");
    hides("a=1;client-secret=x");
    shows("pin=x");
}


/* what tells by its looks that it is a key, wherever it stands */

static void
keys(void **state)
{
    rt_redact_init(&rd, &mem, NULL, 0);

    (void) state;

    hides("AKIA" "IOSFODNN7EXAMPLE");
    hides("id ASIA" "IOSFODNN7EXAMPLE, that is it");
    hides("AIza" "SyA1234567890abcdefghijklmnopqrstuv");
    hides("ghp_" "abcdefghijklmnopqrstuvwxyz0123456789");
    hides("x ghs_" "abcdefghijklmnopqrstuvwxyz0123456789 y");
    hides("github_pat_" "11ABCDEFG0abcdefghijkl_mnop");
    hides("glpat-" "abcdefghij0123456789");
    hides("xoxb-" "1234567890-abcdef1");
    hides("(xoxp-" "123456789012345)");
    hides("sk_live_" "abcdefghij0123456789");
    hides("sk-" "proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD");
    hides("-----BEGIN PRIVATE KEY-----\nMII\n");
    hides("x\n-----BEGIN RSA PRIVATE KEY-----\nMII");
    hides("-----BEGIN OPENSSH PRIVATE KEY-----");
    hides("ghp%5Fabcdefghijklmnopqrstuvwxyz0123456789");
    hides("ghp%255Fabcdefghijklmnopqrstuvwxyz0123456789");

    shows("-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----");
    shows("-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----");
    shows("AKIA is how they begin");
    shows("ASIA-PACIFIC-REGIONAL-OFFICE");
    shows("/blog/sk-ii-facial-treatment-essence-review-and-comparison-2024");
    shows("npm_config_user_agent_and_other_environment_variables");
    shows("xapp-development-kit-for-ran");
    shows("whsec_is_the_prefix_of_webhook_secrets");
    shows("secretary: Anna, secretaryName=Bert");
    shows("xAKIA" "IOSFODNN7EXAMPLE");
    shows("ghp_is_not_a_key_but_some_words");
    shows("sk-learn and task-" "abcdefghijklmnopqrstuvwxyz0123456789ABCD");
    shows("0198c3f4-5b6c-7d8e-9fa0-b1c2d3e4f5a6");
    shows("some_words-with_signs-between_them-and_more");
}


/* XML by the names of its elements, and of what they are about */

static void
elements(void **state)
{
    (void) state;

    hides("<login><password>canary</password></login>");
    hides("<s:password xmlns:s=\"urn:s\">canary</s:password>");
    hides("<password\n>canary</password>");
    hides("<entry key=\"password\">canary</entry>");
    hides("<property name='password' value='canary'/>");
    hides("<c><add key = \"a\" value=\"b\"/><add name=\"password\"/></c>");

    shows("<login><user>mary</user></login>");
    shows("write <password> here");
    shows("<b>password</b>, <i>password</i>");
    shows("a < b, c </ d");
    shows("<entry key=\"user\">mary</entry>");
    shows("<<<<</");
}


static void
pairs(void **state)
{
    (void) state;

    hides("USER=mary\nPASSWORD=canary\n");
    hides("host=db1 user=mary password=canary dbname=crm");
    hides("a=1,password=canary");
    hides("a=1\tpassword=canary");
    hides("mysql --password=canary -h db1");
    hides("mysql --api-key=canary");

    /* behind the letter of an option */

    hides("java -Dpassword=canary -jar app.jar");
    hides("gradle -Ppassword=canary");
    hides("java -Dapp.password=canary");
    shows("-Xmx=4g -dry -D=password");
    shows("test-password-less");

    /* PHP's serialize() */

    hides("a:1:{s:8:\"password\";s:6:\"canary\";}");
    hides("a:2:{s:1:\"a\";i:1;s:8:\"password\";i:12345;}");
    hides("s:8:\"password\";s:6:\"canary\";");
    shows("a:1:{s:4:\"user\";s:4:\"mary\";}");

    hides("\"password\"=\"canary\"");
    hides("password = 'canary'");
    hides("user=mary\r\npassword=canary\r\n");
    hides("{\"a\": 1} password=canary");
    hides(":password => 'canary'");
    hides("password := canary");
    hides("$_POST['password'] = 'canary'");
    hides("<x password=\"canary\"/>");
    hides("my API key=canary");
    hides("user=mary\xc2\xa0password=canary");
    hides("Server=db1;Password=canary;");

    /* with a colon: in objects, in quotes, alone on a line */

    hides("{password: canary}");
    hides("say \"password\": \"canary\"");
    hides("user: mary\npassword: canary\n");
    hides("- password: canary");
    hides("curl -H 'Authorization: canary' h");
    hides("password:canary");

    shows("your password: it has at least twelve characters");
    shows("a=b, c=d");
    shows("the pins=2 rule");
    shows("at 12:30, page:2");
}


static void
graphql(void **state)
{
    (void) state;

    hides("mutation{login(password,:\"canary\"){id}}");
    hides("mutation{login(password # it: is\n : \"canary\"){id}}");
    hides("mutation{login(password#a\n,#b\r\n\t,:\"canary\"){id}}");
    hides("mutation{login(password\xef\xbb\xbf:\"canary\"){id}}");
    hides("mutation{login(password \xef\xbb\xbf , :\"canary\"){id}}");
    shows("query{users(first,:2){id}}");
}


static rt_redact_act_e
name(const char *s)
{
    rt_str_t  why, n = str(s);

    return rt_redact_name(&rd, &n, &why);
}


/* what parts the words of a name, and what nobody sees in it */

static void
names(void **state)
{
    size_t  i;

    static const char *const  same[] = {
        "api_key", "api-key", "api.key", "api key", "apiKey", "ApiKey",
        "APIKEY", "user[apiKey]", "user.api_key", "api\xc2\xa0key",
        "\xef\xbb\xbf" "apikey", "api\xc2\xadkey", "a\xe2\x80\x8bpi_key",
        "apikey\xe2\x81\xa0", "api\xe2\x80\x90key", "\xc2\xa0" "apikey ",
        "api\xe3\x80\x80key", "api%EF%BB%BF_key", "a\xe2\x80\xae" "pikey"
    };

    static const char *const  other[] = {
        "apike", "ap\xc3\xadkey", "key", "api", "apik_y"
    };

    (void) state;

    for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        assert_int_equal(name(same[i]), RT_REDACT_MASK);
    }

    for (i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        assert_int_equal(name(other[i]), RT_REDACT_NONE);
    }
}


/* a name that no rule covers */

static void
builtin_names(void **state)
{
    size_t  i;

    static const char *const  secret[] = {
        "password", "Password2", "db_password_new", "PASSWD", "passphrase",
        "client_secret", "secret", "secretKey", "x-api-key", "API_KEYS",
        "aws_access_key_id", "privateKeyPem", "token", "accessToken",
        "csrf-token", "pwd", "jwt", "otp", "cvv", "sig", "X-Amz-Signature",
        "set-cookie", "setCookie", "csrf", "_csrf", "XSRF", "JSESSIONID",
        "PHPSESSID", "session_key",
        "SAMLResponse", "client_assertion", "credentials", "user[pwd]",
        "pass%77ord", "\xef\xbd\x90" "wd_token"
    };

    static const char *const  open[] = {
        "tokens_used", "max_tokens", "token_type", "pass", "passenger",
        "compass", "key", "keys", "author", "signed", "sign", "design",
        "optional", "user", "pw", "access", "private", "card", "pin",
        "cookie", "session", "sessions", "session_id", "sid", "obsessed"
    };

    (void) state;

    rt_redact_init(&rd, &mem, NULL, 0);

    for (i = 0; i < sizeof(secret) / sizeof(secret[0]); i++) {
        assert_int_equal(name(secret[i]), RT_REDACT_MASK);
    }

    for (i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
        assert_int_equal(name(open[i]), RT_REDACT_NONE);
    }
}


static int
telling(const char *s)
{
    rt_str_t  why, n = str(s);

    return rt_redact_telling(&rd, &n, &why);
}


/* names that tell a value */

static void
telling_names(void **state)
{
    (void) state;

    assert_true(telling("{\"password\":\"canary\"}"));
    assert_true(telling("[{\"password\":\"canary\"}]"));
    assert_true(telling("a=1&password=canary"));
    assert_true(telling("password:canary"));
    assert_true(telling("user[password]: canary"));
    assert_true(telling("http://u:canary@h"));
    assert_true(telling(TOKEN));
    assert_true(telling(HEAD "%2E" BODY "%2E" SIGN));

    assert_false(telling("form:password"));
    assert_false(telling("user[password][0]"));
    assert_false(telling("[Measures].[Sales]"));
    assert_false(telling("a b: c"));
}


/* ordinary text: none of it is touched */

#define ONE(words)  words[chance(sizeof(words) / sizeof(words[0]))]


static const char *const  people[] = {
    "mary", "joel", "oyelaran", "beyonce", "kieran.mackey", "h.dewey",
    "Andrew", "hockey-club", "turkeyfarm", "newt", "jewel", "eyal"
};

static const char *const  hosts[] = {
    "keysidebusinesscentre.co.uk", "monkeyIslandgames.example.org",
    "surveyIndustrypartners.com.au", "journeyLondontravel.example.net",
    "newportharbourview.co.nz", "thekeyAccountants.co.uk", "db-1.internal",
    "jewelleryDesignersguild.org.uk", "reviewkingdomofflowers.com.br",
    "eyBarringtonandsons.co.uk", "viewpointresearch.ac.uk",
    "abbeyCottageholidays.gov.ie", "mayew.keycdn.example.com"
};

static const char *const  assets[] = {
    "/static/keyboard-shortcuts-help.min.js", "/img/eyeDropperTool.2x.png",
    "/js/keyInputHandlersAndFriends.bundle.map", "/new0rder.form.css",
    "/fonts/journeyKalligraphic.v2.woff", "/viewportResizeObserver.es.min.js",
    "/a/eyebrowRaisedPerson-Light.svg.gz", "/ew0k.village.map.json",
    "/v1/tokens:refresh", "/docs/password-policy.en.html",
    "/x;v=2/keyIndexSignatureRules.d.ts"
};

static const char *const  prose[] = {
    "the password policy: it asks for at least twelve characters",
    "token ring was a network, and it had tokens of its own",
    "please reset your password: the link below is valid for a day",
    "E = mc2, and a == b if c <= d", "we meet at 12:30 in room B:4",
    "the ratio is 3:1 (or 75%), 100%25 sure", "Dear {{ user.name }}, hello",
    "see page=2&sort=asc of the list", "C:\\Users\\mary\\notes",
    "the key: eyes, ears and views", "[note] nothing is secret here",
    "caf\xc3\xa9 \xe2\x80\x94 d\xc3\xa9j\xc3\xa0 vu : oui, mon ami",
    "a pin, a needle; size: 3, colour: blue", "why? because: reasons!",
    "keyInfo.isValid.toString() and window.eyI.x", "SELECT * FROM t WHERE a=1",
    "an API key is asked for by the form", "3 + 4 = 7; 2 / 1 = 2"
};

static const char *const  shapes[] = {
    "%s wrote to %s: %s", "from %s@%s, %s", "%s opened https://%s/, %s",
    "ticket of %s at %s - \"%s\"", "%s (host=%s): %s", "cc %s; via %s\n%s"
};


/* one format is chosen of a fixed list */

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static int
sentence(char *buf, size_t size)
{
    return snprintf(buf, size, ONE(shapes), ONE(people), ONE(hosts),
                    ONE(prose));
}

#pragma GCC diagnostic pop


static void
ordinary_text(void **state)
{
    int            i, n;
    char           buf[512], path[512];
    rt_str_t       s;
    rt_jsonw_t     w;
    unsigned char  out[1024];

    (void) state;

    for (i = 0; i < SENTENCES; i++) {
        n = sentence(buf, sizeof(buf));
        assert_in_range(n, 10, sizeof(buf) - 1);

        if (look(buf, (size_t) n) != RT_REDACT_CLEAN) {
            fail_msg("hidden: %s", buf);
        }

        rt_redact_init(&rd, &mem, sets, 1);
    }

    for (i = 0; i < SENTENCES; i++) {
        n = snprintf(path, sizeof(path), "%s?from=%s%%40%s&n=%d", ONE(assets),
                     ONE(people), ONE(hosts), i);
        s.data = (unsigned char *) path;
        s.len = (size_t) n;

        rt_jsonw_init(&w, out, sizeof(out));
        assert_int_equal(rt_redact_url(&rd, &w, &s, 1, 512), RT_OK);

        if (rt_jsonw_len(&w) != s.len + 2
            || memcmp(out + 1, path, s.len) != 0)
        {
            fail_msg("hidden: %s", path);
        }

        rt_redact_init(&rd, &mem, sets, 1);
    }
}


/*
 * What a long text costs is counted, for time is no measure of a test.  Each
 * decoding of "%25%25..." is one more pass over what is left of it.
 */

static void
work(void **state)
{
    size_t    i;
    rt_str_t  s, out, why;

    (void) state;

    s.len = 4 << 20;
    s.data = rt_alloc(&mem, s.len);

    for (i = 0; i < s.len; i++) {
        s.data[i] = (unsigned char) "%25"[i % 3];
    }

    assert_int_equal(rt_redact_look(&rd, &s, &out, &why), RT_REDACT_CLEAN);
    assert_in_range(rd.looked, s.len, 2 * s.len);

    /* with signs of pairs in it, all passes count */

    memset(s.data, ' ', s.len);
    memcpy(s.data, "{a:%25=", 7);
    rt_redact_init(&rd, &mem, sets, 1);

    assert_int_equal(rt_redact_look(&rd, &s, &out, &why), RT_REDACT_CLEAN);
    assert_in_range(rd.looked, 3 * s.len, 6 * s.len);

    /* more than one event may cost is masked */

    for (i = 0; i < RT_REDACT_LOOKED / s.len; i++) {
        (void) rt_redact_look(&rd, &s, &out, &why);
    }

    assert_int_equal(rt_redact_look(&rd, &s, &out, &why), RT_REDACT_HIDDEN);
    assert_true(rt_str_lit(&why, "limit"));
}


/*
 * A short text without signs is not looked at: the same one in a longer text,
 * which is, hides nothing either.
 */

static void
without_signs(void **state)
{
    size_t         i, plain;
    rt_str_t       s, why;
    unsigned       round;
    unsigned char  text[40], longer[128];

    static const char  some[] = "{[\".@=:%;#?&'\\/+-_ \n]}(password=token";

    (void) state;

    for (round = 0, plain = 0; round < 20000; round++) {
        s.data = text;
        s.len = 1 + chance(sizeof(text));

        for (i = 0; i < s.len; i++) {
            text[i] = (unsigned char)
                      some[chance(sizeof(some) - 1 - round % 20)
                           + round % 20];
        }

        if (!rt_redact_plain(&s, RT_REDACT_SIGNS)) {
            continue;
        }

        plain++;

        assert_int_equal(rt_redact_token(&s), s.len);
        assert_false(rt_redact_userinfo(&s));
        assert_false(rt_redact_hides_pair(&rd, &s, 1, &why));

        memset(longer, 'a', sizeof(longer));
        memcpy(longer, text, s.len);
        longer[s.len] = '\n';
        s.data = longer;
        s.len = sizeof(longer);

        assert_false(rt_redact_plain(&s, RT_REDACT_SIGNS));
        assert_int_equal(look((char *) longer, s.len), RT_REDACT_CLEAN);
        assert_false(rt_redact_builtin(&rd, &s));
        assert_false(rt_redact_telling(&rd, &s, &why));
    }

    assert_true(plain > 1000);
}


/* comparisons of SCIM */

static void
filters(void **state)
{
    (void) state;

    hides("password eq \"x\"");
    hides("password eq\"x\"");
    hides("PassWord  NE\t\"x\"");
    hides("userName sw \"a\" and not(password co \"x\")");
    hides("urn:ietf:params:scim:schemas:core:2.0:User:password ew \"x\"");
    hides("emails[type eq \"work\" and api_key eq \"x\"]");
    hides("pin[type eq \"work\" and value eq \"x\"].display");
    hides("pin[value eq \"x\"");
    hides("a[b eq \"c\"] and user.pin gt \"1\"");
    hides("password+eq+%22x%22");
    hides("password%2520eq%2520%2522x%2522");
    hides("password eq 77123477 and userName eq \"a\"");
    hides("password\r\neq\n\"hunter2\"");
    hides("pin [value eq \"1234\"]");
    hides("emails[[password eq \"1\"]]");

    shows("userName eq \"x\"");
    shows("userName eq \"password\"");
    shows("pin[type pr] and emails[value eq \"x\"]");
    shows("emails[type eq \"work\" and value eq \"x\"]");
    shows("password pr and userName eq \"x\"");
    shows("password \"x\"");
    shows("userName eq password or \"x\"");
    shows("a password, or eq, or \"one of\" ten");
    shows("eq \"x\"");
    shows(" eq \"x\"");
    shows("\"x\"");
}


#define TEST(f)  cmocka_unit_test_setup_teardown(f, setup, arena_teardown)


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(builtin),
        TEST(keys),
        TEST(builtin_names),
        TEST(elements),
        TEST(pairs),
        TEST(filters),
        TEST(graphql),
        TEST(names),
        TEST(telling_names),
        TEST(ordinary_text),
        TEST(work),
        TEST(without_signs)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
