
#include "rt_hex.h"
#include "oidc/rt_args.h"
#include "oidc/rt_callback.h"
#include "oidc/rt_login.h"
#include "oidc/rt_shown.h"
#include "text/rt_form.h"


static rt_callback_t  cb;


static void
accepted(const char *query)
{
    rt_str_t     q;
    const char  *why;

    q = copied(query);
    assert_int_equal(rt_callback_parse(&mem, &q, &cb, &why), RT_OK);
    assert_null(why);
}


static void
refused_bytes(rt_str_t query, const char *want)
{
    rt_str_t     q;
    const char  *why;

    q = copy_of(query.data, query.len);
    assert_int_equal(rt_callback_parse(&mem, &q, &cb, &why), RT_DECLINED);
    assert_string_equal(why, want);
    assert_null(cb.code.data);
    assert_null(cb.state.data);
    assert_null(cb.error.data);
}


static void
refused(const char *query, const char *want)
{
    refused_bytes(str(query), want);
}


static void
code(void **state)
{
    (void) state;

    accepted("code=abc&state=xyz");
    assert_str(&cb.code, "abc");
    assert_str(&cb.state, "xyz");
    assert_null(cb.iss.data);
    assert_int_equal(cb.error.len, 0);
    assert_int_equal(cb.description.len, 0);

    /* Google, Entra ID and Keycloak send more than they need to */

    accepted("state=s.t&iss=https%3A%2F%2Faccounts.google.com"
             "&code=4%2F0AVG&scope=openid%20email&authuser=0&hd=example.com"
             "&prompt=none&session_state=5b%2F&&");
    assert_str(&cb.code, "4/0AVG");
    assert_str(&cb.state, "s.t");
    assert_str(&cb.iss, "https://accounts.google.com");

    /* what is not ours may be odd */

    accepted("code=a&state=b&x=%zz&y=%00&y=2&st%61te%5B%5D=1&STATE=c");
    assert_str(&cb.state, "b");
}


static void
error(void **state)
{
    (void) state;

    accepted("error=access_denied&state=s"
             "&error_description=AADSTS65004%3A+%22declined%22+%0d%0a"
             "Trace+ID%3a+1");
    assert_int_equal(cb.code.len, 0);
    assert_str(&cb.error, "access_denied");
    assert_str(&cb.description, "AADSTS65004: declined Trace ID: 1");

    accepted("error=login_required&state=s&error_description=%zz"
             "<script>alert(1)</script>");
    assert_str(&cb.description, "%zz script alert(1) /script");
}


static void
twice(void **state)
{
    size_t  i;

    static const struct {
        const char  *query, *why;
    } rows[] = {
        { "code=a&code=a&state=s", "has two codes" },
        { "code=a&state=s&code=", "has two codes" },
        { "code&code=a&state=s", "has two codes" },
        { "code=a&state=s&state=t", "has two states" },
        { "code=a&state=s&st%61te=s", "has two states" },
        { "code=a&state=s&%73%74%61%74%65=t", "has two states" },
        { "code=a&state=s&iss=i&iss=i", "has two issuers" },
        { "error=a&error=b&state=s", "has two errors" },
        { "error=a&state=s&error_description=a&error_description=b",
          "has two error descriptions" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        refused(rows[i].query, rows[i].why);
    }
}


static void
incomplete(void **state)
{
    (void) state;

    refused("", "has no state");
    refused("code=a", "has no state");
    refused("code=a&state=", "has no state");
    refused("code=a&state", "has no state");
    refused("state=s", "has no code");
    refused("state=s&code=", "has no code");
    refused("state=s&iss=i", "has no code");
    refused("state=s&code=a&error=access_denied",
            "has both a code and an error");
    refused("state=s&code=&error=access_denied",
            "has both a code and an error");
    refused("state=s&code=a&error=", "has both a code and an error");
    refused("state=s&error=", "has a malformed error");
}


static void
malformed(void **state)
{
    (void) state;

    refused("code=%zz&state=s", "has a malformed code");
    refused("code=a%00b&state=s", "has a malformed code");
    refused("code=a%0d%0aX&state=s", "has a malformed code");
    refused("code=a+b&state=s", "has a malformed code");
    refused("code=a%7f&state=s", "has a malformed code");
    refused("code=%C3%A4&state=s", "has a malformed code");
    refused("code=a\x01&state=s", "has a malformed code");
    refused("code=a&state=%", "has a malformed state");
    refused("code=a&state=s%20", "has a malformed state");
    refused("code=a&state=s&iss=a%09b", "has a malformed issuer");
    refused("state=s&error=a%0ab", "has a malformed error");
    refused("state=s&error=%3Cb%3E", "has a malformed error");
    refused("state=s&error=a'b", "has a malformed error");
    refused_bytes(STR("code=a\0b&state=s"), "has a malformed code");
}


/* "head", then n times the byte, then "tail" */

static rt_str_t
grown(const char *head, size_t n, const char *tail)
{
    rt_str_t  s;

    s.len = strlen(head) + n + strlen(tail);
    s.data = rt_alloc(&mem, s.len);
    memset(s.data, 'x', s.len);
    memcpy(s.data, head, strlen(head));
    memcpy(s.data + strlen(head) + n, tail, strlen(tail));

    return s;
}


static void
bounds(void **state)
{
    unsigned     i;
    char         many[4 * RT_CALLBACK_MAX_ARGS + 32];
    rt_str_t     q;
    const char  *why;

    (void) state;

    q = grown("code=", RT_CALLBACK_MAX_CODE, "&state=s");
    assert_int_equal(rt_callback_parse(&mem, &q, &cb, &why), RT_OK);
    assert_int_equal(cb.code.len, RT_CALLBACK_MAX_CODE);

    refused_bytes(grown("code=", RT_CALLBACK_MAX_CODE + 1, "&state=s"),
                  "has a malformed code");
    refused_bytes(grown("code=a&state=", RT_LOGIN_MAX_STATE + 1, ""),
                  "has a malformed state");
    refused_bytes(grown("code=a&state=s&iss=", 2049, ""),
                  "has a malformed issuer");
    refused_bytes(grown("error=", 65, "&state=s"), "has a malformed error");

    q = grown("code=a&state=", RT_LOGIN_MAX_STATE, "");
    assert_int_equal(rt_callback_parse(&mem, &q, &cb, &why), RT_OK);
    q = grown("error=", 64, "&state=s");
    assert_int_equal(rt_callback_parse(&mem, &q, &cb, &why), RT_OK);

    q = grown("code=a&state=s&x=", RT_CALLBACK_MAX - 17, "");
    assert_int_equal(rt_callback_parse(&mem, &q, &cb, &why), RT_OK);
    refused_bytes(grown("code=a&state=s&x=", RT_CALLBACK_MAX - 16, ""),
                  "is too long");

    strcpy(many, "code=a&state=s&");

    for (i = 2; i < RT_CALLBACK_MAX_ARGS; i++) {
        strcat(many, "x=&");
    }

    accepted(many);
    strcat(many, "x");
    refused(many, "has too many arguments");
}


/* RFC 9207, 2.4: a mix-up sends the browser here with another one's answer */

static void
issuer(void **state)
{
    rt_str_t     ours;
    const char  *why;

    (void) state;

    ours = STR("https://idp.example.com/realms/a");

    accepted("code=a&state=s&iss=https%3A%2F%2Fidp.example.com%2Frealms%2Fa");
    assert_int_equal(rt_callback_issuer(&cb, &ours, 1, &why), RT_OK);
    assert_int_equal(rt_callback_issuer(&cb, &ours, 0, &why), RT_OK);

    accepted("code=a&state=s");
    assert_int_equal(rt_callback_issuer(&cb, &ours, 0, &why), RT_OK);
    assert_int_equal(rt_callback_issuer(&cb, &ours, 1, &why), RT_DECLINED);
    assert_string_equal(why, "has no issuer");

    /* also when the provider's metadata does not say that it sends one */

    accepted("code=a&state=s&iss=https%3A%2F%2Fevil.example");
    assert_int_equal(rt_callback_issuer(&cb, &ours, 0, &why), RT_DECLINED);
    assert_string_equal(why, "has another issuer");

    accepted("code=a&state=s&iss=https%3A%2F%2Fidp.example.com%2Frealms%2Fa/");
    assert_int_equal(rt_callback_issuer(&cb, &ours, 0, &why), RT_DECLINED);
    accepted("code=a&state=s&iss=HTTPS%3A%2F%2Fidp.example.com%2Frealms%2Fa");
    assert_int_equal(rt_callback_issuer(&cb, &ours, 0, &why), RT_DECLINED);
    accepted("code=a&state=s&iss=");
    assert_int_equal(rt_callback_issuer(&cb, &ours, 0, &why), RT_DECLINED);
    accepted("error=access_denied&state=s&iss=https%3A%2F%2Fevil.example");
    assert_int_equal(rt_callback_issuer(&cb, &ours, 0, &why), RT_DECLINED);
}


static void
shown(void **state)
{
    rt_str_t  in, out;

    (void) state;

    in = STR(" \t a \r\n\r\n b\0\"c'd\\e <f>&g \xc3\xa4 \x7f");
    assert_int_equal(rt_shown(&mem, &in, &out), RT_OK);
    assert_str(&out, "a b c d e f g");

    in = (rt_str_t) rt_null_string;
    assert_int_equal(rt_shown(&mem, &in, &out), RT_OK);
    assert_int_equal(out.len, 0);

    in = grown("", RT_SHOWN_MAX, "");
    assert_int_equal(rt_shown(&mem, &in, &out), RT_OK);
    assert_true(rt_str_eq(&in, &out));

    in = grown("", RT_SHOWN_MAX, " \n");
    assert_int_equal(rt_shown(&mem, &in, &out), RT_OK);
    assert_int_equal(out.len, RT_SHOWN_MAX);
    assert_int_equal(out.data[RT_SHOWN_MAX - 1], 'x');

    in = grown("", RT_SHOWN_MAX - 1, " x");
    assert_int_equal(rt_shown(&mem, &in, &out), RT_OK);
    assert_int_equal(out.len, RT_SHOWN_MAX);
    assert_memory_equal(out.data + RT_SHOWN_MAX - 4, "x...", 4);

    arena.left = 0;
    assert_int_equal(rt_shown(&mem, &in, &out), RT_ERROR);
}


static void
codes(void **state)
{
    size_t    i;
    rt_str_t  s;

    static const char *const  good[] = { "azAZ09_-.", "x", "access_denied" };

    static const char *const  bad[] = {
        "", "a b", "a/b", "a:b", "a@b", "a`b", "a[b", "a{b", "a\nb"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        s = str(good[i]);
        assert_true(rt_shown_is_code(&s));
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        s = str(bad[i]);
        assert_false(rt_shown_is_code(&s));
    }
}


static void
repeats(void **state)
{
    char      text[RT_SHOWN_WORDS + 2];
    size_t    i;
    rt_str_t  s, secret;

    static const struct {
        const char  *text;
        const char  *secret;
        int          want;
    } rows[] = {
        { "", "0123456789abcdef", 0 },
        { "code 0123456789abcdef is over", "0123456789abcdef", 1 },
        { "0123456789abcde", "0123456789abcdef", 1 },
        { "code xx89abcdefxx", "0123456789abcdef", 1 },
        { "89abcdef", "0123456789abcdef", 1 },
        { "456789ab", "0123456789abcdef", 0 },      /* short, and between */
        { "3456789abcdefgh", "0123456789abcdefghijklmn", 1 },
        { "89abcde", "0123456789abcdef", 0 },
        { "the code is over", "0123456789abcdef", 0 },
        { "hunter2", "hunter2", 0 },
        { "changeme", "changeme", 1 },
        { "changeme", "", 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        s = str(rows[i].text);
        secret = str(rows[i].secret);
        assert_int_equal(rt_shown_repeats(&s, &secret), rows[i].want);
    }

    /* nobody has looked through all of that */

    memset(text, 'x', RT_SHOWN_WORDS + 1);
    text[RT_SHOWN_WORDS + 1] = '\0';
    s = str(text);
    secret = str("0123456789abcdef");
    assert_true(rt_shown_repeats(&s, &secret));

    s.len--;
    assert_false(rt_shown_repeats(&s, &secret));
}


#define ARG(n, v)  { rt_string(n), rt_string(v) }


static void
form(void **state)
{
    rt_str_t   out;
    rt_form_t  back;

    static const rt_arg_t  args[] = {
        ARG("grant_type", "authorization_code"),
        { rt_string("left_out"), rt_null_string },
        ARG("client_secret", "a+b c&d=e%f/~-._Az09\xc3\xa4"),
        ARG("empty", "")
    };

    (void) state;

    assert_int_equal(rt_args_form(&mem, args, 4, &out), RT_OK);
    assert_str(&out, "grant_type=authorization_code&client_secret="
                     "a%2Bb%20c%26d%3De%25f%2F~-._Az09%C3%A4&empty=");

    assert_int_equal(rt_form_parse(&mem, &out, 8, &back), RT_OK);
    assert_int_equal(back.n, 3);
    assert_true(rt_str_eq(&back.field[1].value, &args[2].value));

    assert_int_equal(rt_args_form(&mem, args, 0, &out), RT_OK);
    assert_int_equal(out.len, 0);

    assert_int_equal(rt_args_escape(&mem, &args[2].value, &out), RT_OK);
    assert_str(&out, "a%2Bb%20c%26d%3De%25f%2F~-._Az09%C3%A4");
}


static void
url(void **state)
{
    size_t     i;
    rt_str_t   out, endpoint;

    static const rt_arg_t  args[] = {
        ARG("scope", "openid email"), ARG("state", "a.b")
    };

    static const struct {
        const char  *endpoint, *url;
    } rows[] = {
        { "https://a/b", "https://a/b?scope=openid%20email&state=a.b" },
        { "https://a/b?", "https://a/b?scope=openid%20email&state=a.b" },
        { "https://a/b?p=B2C_1",
          "https://a/b?p=B2C_1&scope=openid%20email&state=a.b" },
        { "https://a/b?p=1&",
          "https://a/b?p=1&scope=openid%20email&state=a.b" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        endpoint = str(rows[i].endpoint);
        assert_int_equal(rt_args_url(&mem, &endpoint, args, 2, &out), RT_OK);
        assert_str(&out, rows[i].url);
    }

    endpoint = STR("https://a/b?p=1");
    assert_int_equal(rt_args_url(&mem, &endpoint, args, 0, &out), RT_OK);
    assert_str(&out, "https://a/b?p=1");
}


static void
url_refused(void **state)
{
    size_t    i;
    rt_str_t  out, endpoint;

    static const rt_arg_t  args[] = {
        ARG("state", "a"), { rt_string("nonce"), rt_null_string }
    };

    static const char *const  rows[] = {
        "https://a/b#c", "https://a/b?#c", "https://a/b?c#", "#?",
        "https://a/b?state=x", "https://a/b?x=1&st%61te"
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        endpoint = str(rows[i]);
        assert_int_equal(rt_args_url(&mem, &endpoint, args, 2, &out),
                         RT_INVALID);
    }

    /* one that is left out is not there twice */

    endpoint = STR("https://a/b?nonce=1");
    assert_int_equal(rt_args_url(&mem, &endpoint, args, 2, &out), RT_OK);
    assert_str(&out, "https://a/b?nonce=1&state=a");
}


static void
args_bounds(void **state)
{
    rt_str_t  out, endpoint;
    rt_arg_t  arg;

    (void) state;

    arg.name = STR("a");
    arg.value = grown("", RT_ARGS_MAX_FORM - 3, "");
    assert_int_equal(rt_args_form(&mem, &arg, 1, &out), RT_OK);
    assert_int_equal(out.len, RT_ARGS_MAX_FORM - 1);

    arg.value = grown("", RT_ARGS_MAX_FORM, "");
    assert_int_equal(rt_args_form(&mem, &arg, 1, &out), RT_TOO_BIG);

    /* counted as it is sent */

    memset(arg.value.data, ' ', arg.value.len);
    arg.value.len = RT_ARGS_MAX_FORM / 3;
    assert_int_equal(rt_args_form(&mem, &arg, 1, &out), RT_TOO_BIG);

    endpoint = STR("https://a/b");
    arg.value = grown("", RT_ARGS_MAX_URL - 14, "");
    assert_int_equal(rt_args_url(&mem, &endpoint, &arg, 1, &out), RT_OK);
    assert_int_equal(out.len, RT_ARGS_MAX_URL);
    arg.value = grown("", RT_ARGS_MAX_URL - 13, "");
    assert_int_equal(rt_args_url(&mem, &endpoint, &arg, 1, &out), RT_TOO_BIG);

    endpoint = grown("https://a/", RT_ARGS_MAX_URL, "");
    assert_int_equal(rt_args_url(&mem, &endpoint, &arg, 0, &out), RT_TOO_BIG);

    endpoint = STR("https://a/b?c=%20");
    arg.value = STR("b");
    arena.left = 0;
    assert_int_equal(rt_args_form(&mem, &arg, 1, &out), RT_ERROR);
    assert_int_equal(rt_args_escape(&mem, &endpoint, &out), RT_ERROR);
    assert_int_equal(rt_args_url(&mem, &endpoint, &arg, 1, &out), RT_ERROR);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(code),
        ARENA_TEST(error),
        ARENA_TEST(twice),
        ARENA_TEST(incomplete),
        ARENA_TEST(malformed),
        ARENA_TEST(bounds),
        ARENA_TEST(issuer),
        ARENA_TEST(shown),
        ARENA_TEST(codes),
        ARENA_TEST(repeats),
        ARENA_TEST(form),
        ARENA_TEST(url),
        ARENA_TEST(url_refused),
        ARENA_TEST(args_bounds)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
