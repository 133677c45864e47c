
#include "rt_test.h"
#include "text/rt_nginxconf.h"


/* a tree as text: words in brackets, blocks in braces */

static char    shown[8192];
static size_t  nshown;


static void
put(const char *data, size_t len)
{
    assert_true(nshown + len < sizeof(shown));
    memcpy(shown + nshown, data, len);
    nshown += len;
    shown[nshown] = '\0';
}


static void
show(const rt_nginxconf_t *parent)
{
    unsigned               i;
    const rt_nginxconf_t  *d;

    for (d = parent->child; d; d = d->next) {
        assert_ptr_equal(d->parent, parent);
        assert_ptr_equal(d->next ? NULL : d, d->next ? NULL : parent->last);

        for (i = 0; i < d->nwords; i++) {
            put("[", 1);
            put((char *) d->word[i].data, d->word[i].len);
            put("]", 1);
        }

        if (d->child) {
            put("{", 1);
            show(d);
            put("}", 1);
        }
    }
}


static rt_nginxconf_t *
parsed(const char *text, size_t len)
{
    rt_str_t         s, err;
    rt_nginxconf_t  *root;

    nshown = 0;
    shown[0] = '\0';
    s = copy_of(text, len);

    if (rt_nginxconf_parse(&mem, &STR("nginx.conf"), &s, &root, &err)
        != RT_OK)
    {
        fail_msg("%.*s: %.*s", (int) len, text, (int) err.len, err.data);
    }

    show(root);

    return root;
}


static void
refused(const char *text, rt_status_e rc, const char *why)
{
    rt_str_t         s, err;
    rt_nginxconf_t  *root;

    s = copied(text);

    assert_int_equal(rt_nginxconf_parse(&mem, &STR("nginx.conf"), &s, &root,
                                        &err), rc);
    assert_string_equal((char *) err.data, why);
}


static void
words_are_nginx_words(void **state)
{
    size_t  i;

    static const struct {
        const char  *text, *shown;
    } cases[] = {
        { "", "" },
        { "a;", "[a]" },
        { "a b;c\td\r\ne ;", "[a][b][c][d][e]" },
        { "a { b; } c{}", "[a]{[b]}[c]" },
        { "a 'b c' \"d;{}#\";", "[a][b c][d;{}#]" },
        { "a b#c; # d;\n#e\nf;", "[a][b#c][f]" },
        { "a # b;\nc;", "[a][c]" },
        { "a ${b}c $d{e;}", "[a][${b}c][$d]{[e]}" },
        { "a ${${b;", "[a][${${b]" },
        { "a b\"c'd;", "[a][b\"c'd]" },
        { "a b}c;", "[a][b}c]" },
        { "if ($a = \"b\") { c; }", "[if][($a][=][b][)]{[c]}" },
        { "a \"\\\"\\\\\" '\\'' \\;b \\n\\x;", "[a][\"\\][\'][\\;b][\n\\x]" },
        { "a '\\t\\r';", "[a][\t\r]" },
        { "a \"\";", "[a][]" },
        { "content_by_lua_block { a = \"}\" -- }\n b = [==[ } ]] ]==] {} '}'\n"
          "--[[ } ]] } a;", "[content_by_lua_block][a]" },
        { "x_by_lua_block { a[b[1]] = '\\'}' }", "[x_by_lua_block]" },
        { "a; # rt check ok: b c\n", "[a][#][ok:][b][c]" },
        { "a { # rt check ok: b\n}", "[a]{[#][ok:][b]}" },
        { "a # rt check ok: b\n;", "[a]" },
        { "# rt checked\n", "" },
        { "# rt check \"a;b", "[#]" },
        { "# configuration file a", "" },
        { "a { # configuration file b:\n}", "[a]" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void) parsed(cases[i].text, strlen(cases[i].text));
        assert_string_equal(shown, cases[i].shown);
    }

    (void) parsed("a\0 b;", 5);
    assert_int_equal(nshown, 7);
}


static void
errors_say_where(void **state)
{
    size_t  i;

    static const struct {
        const char  *text, *why;
    } cases[] = {
        { "a", "the file ends too early in nginx.conf:1" },
        { "a {\nb;\n", "the file ends too early in nginx.conf:3" },
        { "a {\nb }", "unexpected \"}\" in nginx.conf:2" },
        { "~\\.(a|b){2} c;", "the file ends too early in nginx.conf:1" },
        { "\n}", "unexpected \"}\" in nginx.conf:2" },
        { "a {\n b c\n ; }\n}", "unexpected \"}\" in nginx.conf:4" },
        { ";", "a \";\" or \"{\" has no name before it in nginx.conf:1" },
        { "a;\n{}", "a \";\" or \"{\" has no name before it in nginx.conf:2" },
        { "a\n'b;\n", "a quote is not closed in nginx.conf:2" },
        { "a \"b\\\"", "a quote is not closed in nginx.conf:1" },
        { "a 'b'c;", "something follows a quote without a blank in "
          "nginx.conf:1" },
        { "a_by_lua_block { '}' ", "a block of Lua is not closed in "
          "nginx.conf:1" },
        { "a_by_lua_block { --[[ }", "a block of Lua is not closed in "
          "nginx.conf:1" },
        { "include x;", "\"include\" names a file that is not here (nginx -T "
          "prints all of them) in nginx.conf:1" },
        { "include x/*;", "\"include\" names a file that is not here (nginx "
          "-T prints all of them) in nginx.conf:1" },
        { "# configuration file /e/n:\na;\n# configuration file /e/b:\n\n}\n",
          "unexpected \"}\" in /e/b:2" },
        { "# configuration file /e/n:\n\ninclude b;\n",
          "\"include\" names a file that is not here (nginx -T prints all of "
          "them) in /e/n:2" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        refused(cases[i].text, RT_INVALID, cases[i].why);
    }
}


static void
includes_take_their_files(void **state)
{
    rt_nginxconf_t  *root, *d;

    static const char  text[] =
        "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n"
        "nginx: configuration file /etc/nginx/nginx.conf test is successful\n"
        "# configuration file /etc/nginx/nginx.conf:\n"
        "a;\n"
        "b {\n"
        "    include conf.d/*.conf;\n"
        "    include /srv/[xy].conf;\n"
        "    include none/*;\n"
        "    include empty;\n"
        "}\n"
        "include conf.d/2.conf;\n"
        "rtauth_group g { include b; }\n"
        "\n"
        "# configuration file /etc/nginx/conf.d/1.conf:\n"
        "# configuration file 'c':\n"
        "\n"
        "# configuration file /etc/nginx/conf.d/2.conf:\n"
        "\n"
        "d { e\n"
        "# configuration file /in/a/block:\n"
        "f; } # no newline\n"
        "# configuration file /etc/nginx/conf.d/deep/3.conf:\n"
        "g;\n"
        "# configuration file /etc/nginx/conf.d/.4.conf:\n"
        "h;\n"
        "# configuration file /etc/nginx/empty:\n"
        "# configuration file /srv/x.conf:\n"
        "x;\n";

    (void) state;

    root = parsed(text, sizeof(text) - 1);
    assert_string_equal(shown, "[a][b]{[d]{[e][f]}[x]}[d]{[e][f]}"
                        "[rtauth_group][g]{[include][b]}");

    assert_int_equal(root->child->line, 1);
    assert_int_equal(root->child->next->line, 2);

    d = root->child->next->next;
    assert_true(rt_str_lit(&d->file, "/etc/nginx/conf.d/2.conf"));
    assert_int_equal(d->line, 2);
    assert_int_equal(d->child->line, 2);
}


static void
sizes_are_bounded(void **state)
{
    size_t           i;
    rt_str_t         s, err;
    static char      text[64 * 1024];
    rt_nginxconf_t  *root;

    (void) state;

    memset(text, 'a', RT_NGINXCONF_WORD + 2);
    strcpy(text + RT_NGINXCONF_WORD - 1, ";");
    (void) parsed(text, strlen(text));

    strcpy(text + RT_NGINXCONF_WORD - 1, "a;");
    refused(text, RT_INVALID, "a word is too long in nginx.conf:1");

    for (i = 0; i < RT_NGINXCONF_WORDS; i++) {
        memcpy(text + 2 * i, "a ", 3);
    }

    strcat(text, ";");
    s = str(text);
    assert_int_equal(rt_nginxconf_parse(&mem, &STR("x"), &s, &root, &err),
                     RT_OK);

    strcpy(text + 2 * i, "a;");
    refused(text, RT_TOO_BIG, "a directive has too many words in nginx.conf:1");

    memset(text, 0, sizeof(text));

    for (i = 0; i < RT_NGINXCONF_DEPTH; i++) {
        strcat(text, "a{");
    }

    strcat(text, "b{");
    refused(text, RT_TOO_BIG,
            "blocks and includes are nested too deep in nginx.conf:1");

    refused("# configuration file /a:\ninclude a;\n", RT_TOO_BIG,
            "blocks and includes are nested too deep in /a:1");

    text[0] = '\0';
    strcat(text, "# configuration file /a:\n");

    for (i = 0; i < 200; i++) {
        strcat(text, "include b;");
    }

    strcat(text, "\n# configuration file /b:\n");

    for (i = 0; i < 200; i++) {
        strcat(text, "include c;");
    }

    strcat(text, "\n# configuration file /c:\n");
    refused(text, RT_TOO_BIG, "there are too many includes in /b:1");
}


static void
memory_may_fail(void **state)
{
    long             n;
    rt_str_t         s, err;
    rt_status_e      rc;
    rt_nginxconf_t  *root;

    (void) state;

    for (n = 0, rc = RT_ERROR; rc != RT_OK; n++) {
        s = STR("# configuration file /a:\na { include b; }\n"
                "# configuration file /b:\n# rt check ok: x\nc 'd';\n");
        arena.left = n;
        rc = rt_nginxconf_parse(&mem, &STR("x"), &s, &root, &err);
        assert_true(rc == RT_OK || rc == RT_ERROR);
    }

    assert_true(n > 10);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(words_are_nginx_words),
        ARENA_TEST(errors_say_where),
        ARENA_TEST(includes_take_their_files),
        ARENA_TEST(sizes_are_bounded),
        ARENA_TEST(memory_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
