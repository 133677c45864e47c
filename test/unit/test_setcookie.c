
#include "rt_test.h"
#include "text/rt_setcookie.h"


#define ALL  { RT_SAMESITE_LAX, 1, 1 }
#define NONE { RT_SAMESITE_NONE, 0, 0 }
#define HTTP { RT_SAMESITE_UNSET, 0, 1 }


static void
lines(void **state)
{
    size_t       i;
    rt_str_t     line, out;
    const char  *why;

    static const struct {
        rt_setcookie_t   want;
        const char      *line;
        const char      *added;
        const char      *why;
    } cases[] = {
        { ALL, "sid=1", "; Secure; HttpOnly; SameSite=Lax", NULL },
        { ALL, "sid=1; Path=/; HttpOnly", "; Secure; SameSite=Lax", NULL },
        { ALL, "sid=1;secure;HTTPONLY;samesite=strict", "", NULL },
        { ALL, "sid=1; SameSite = None ;httponly", "; Secure", NULL },
        { ALL, "sid=1; SameSite=None; SameSite=x", "; Secure; HttpOnly"
               "; SameSite=Lax", NULL },
        { ALL, "sid=1; Secure=no; HttpOnly=", "; SameSite=Lax", NULL },

        /* no attributes, though they have their names */
        { ALL, "secure=1; xsecure; httponly2", "; Secure; HttpOnly"
               "; SameSite=Lax", NULL },
        { ALL, "sid=\"a; Secure\"", "; Secure; HttpOnly; SameSite=Lax",
          NULL },

        /* one that is deleted */
        { ALL, "sid=; Max-Age=0; Path=/x", "; Secure; HttpOnly; SameSite=Lax",
          NULL },

        { HTTP, "sid=1", "; HttpOnly", NULL },
        { HTTP, "sid=1; samesite=none", "; Secure; HttpOnly", NULL },
        { NONE, "sid=1", "; Secure; SameSite=None", NULL },
        { NONE, "sid=1; samesite=lax", "", NULL },

        { HTTP, "__Secure-a=1; Domain=x.y; HttpOnly", "; Secure", NULL },
        { HTTP, "__host-a=1; Path=/; HttpOnly", "; Secure", NULL },
        { HTTP, "__Host-a=1; Path=/x; HttpOnly; Secure", "",
          "begins with __Host-, and has no Path=/" },
        { HTTP, "__Host-a=1; HttpOnly; Secure", "",
          "begins with __Host-, and has no Path=/" },
        { HTTP, "__Host-a=1; Path=/; Domain=x.y; HttpOnly; Secure", "",
          "begins with __Host-, and has a Domain" },
        { HTTP, "__Host-a=1; Path=/; Domain=x; Domain=; HttpOnly; Secure", "",
          NULL },

        { NONE, "__Http-a=1; SameSite=Lax", "; Secure; HttpOnly", NULL },
        { NONE, "__host-http-a=1; Path=/; SameSite=Lax; Secure",
          "; HttpOnly", NULL },
        { NONE, "__Host-Http-a=1; SameSite=Lax", "; Secure; HttpOnly",
          "begins with __Host-, and has no Path=/" },

        { HTTP, "", "; HttpOnly", NULL },
        { HTTP, ";;;", "; HttpOnly", NULL }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        line = copied(cases[i].line);

        assert_int_equal(rt_setcookie(&mem, &cases[i].want, &line, &out, &why),
                         RT_OK);
        assert_true(out.len == line.len + strlen(cases[i].added));
        assert_memory_equal(out.data, cases[i].line, line.len);
        assert_memory_equal(out.data + line.len, cases[i].added,
                            strlen(cases[i].added));

        if (cases[i].why) {
            assert_string_equal(why, cases[i].why);

        } else {
            assert_null(why);
        }
    }
}


static void
names(void **state)
{
    size_t    i;
    rt_str_t  line, name;

    static const char  *cases[][2] = {
        { "sid=1; Path=/", "sid" }, { " sid = 1", "sid" }, { "=1", "" },
        { "sid", "" }, { "sid; a=1", "" }, { "", "" }, { "a=b=c", "a" }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        line = copied(cases[i][0]);
        rt_setcookie_name(&line, &name);
        assert_true(is_text(&name, cases[i][1]));
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(lines),
        ARENA_TEST(names)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
