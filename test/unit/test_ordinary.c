
/*
 * What is masked that hides nothing: of ordinary values, made from a grammar
 * and taken from prose and lists of words that Debian ships, without any rule
 * at most one in 10,000.
 */

#include <dirent.h>

#include "rt_test.h"
#include "redact/rt_redact.h"


#define MADE   60000            /* values of the grammar */
#define LINES  200000           /* of files, at most */
#define SHOWN  20               /* of what was masked, when there is too much */


static rt_redact_t  rd;
static unsigned     looked, masked;


static void
look(const char *text)
{
    rt_str_t  s, out, why;

    s = str(text);

    if (s.len == 0) {
        return;
    }

    rt_redact_init(&rd, &mem, NULL, 0);
    looked++;

    if (rt_redact_look(&rd, &s, &out, &why) != RT_REDACT_CLEAN) {

        if (masked++ < SHOWN) {
            print_message("%.*s: %s\n", (int) why.len, why.data, text);
        }
    }
}


static const char *
word(void)
{
    static const char *const  words[] = {
        "amber", "Berlin", "invoice", "Ocean", "report", "Maria", "window",
        "Nguyen", "shipment", "tokenizer", "secretary",
        "keyboard", "signed", "Basic", "bearer", "author", "sk", "pin", "key",
        "passport", "private", "public", "account", "monkey", "turkey",
        "access", "session", "cookie", "Schl\xc3\xbcssel", "\xe9\x8d\xb5",
        "otter"
    };

    return words[chance(sizeof(words) / sizeof(words[0]))];
}


/* n characters of an alphabet */

static const char *
run(unsigned n, const char *alphabet)
{
    unsigned     i;
    static char  text[4][512], *p;
    static unsigned  turn;

    p = text[turn++ % 4];

    for (i = 0; i < n; i++) {
        p[i] = alphabet[chance((uint32_t) strlen(alphabet))];
    }

    p[n] = '\0';

    return p;
}

#define HEX     "0123456789abcdef"
#define NUMBER  "0123456789"
#define BASE64                                                                \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


static void
make(char *s, size_t n)
{
    switch (chance(20)) {
    case 0:
        snprintf(s, n, "%s %s %s, %s.", word(), word(), word(), word());
        break;
    case 1:
        snprintf(s, n, "%s %s <%s.%s@%s.example>", word(), word(), word(),
                 word(), word());
        break;
    case 2:
        snprintf(s, n, "%s-Street %s, %s %s", word(), run(2, NUMBER),
                 run(5, NUMBER), word());
        break;
    case 3:
        snprintf(s, n, "SELECT id, name FROM %s WHERE %s_id = %s AND t > "
                 "'2026-01-%s' ORDER BY 1", word(), word(), run(4, NUMBER),
                 run(2, NUMBER));
        break;
    case 4:
        snprintf(s, n, "https://%s.example.com/%s/%s?page=%s&sort=%s#%s",
                 word(), word(), word(), run(2, NUMBER), word(), word());
        break;
    case 5:
        snprintf(s, n, "%s-%s-4%s-a%s-%s", run(8, HEX), run(4, HEX),
                 run(3, HEX), run(3, HEX), run(12, HEX));
        break;
    case 6:
        snprintf(s, n, "sha256:%s", run(64, HEX));
        break;
    case 7:
        snprintf(s, n, "2026-11-29T%s:00:01Z [info] %s: %s %s in %sms",
                 run(2, NUMBER), word(), word(), word(), run(3, NUMBER));
        break;
    case 8:
        snprintf(s, n, "%s-%s/%s", run(3, "ABCDEFGHKM"), run(6, NUMBER),
                 run(2, "ABC"));
        break;
    case 9:
        snprintf(s, n, "DE%s %s %s %s", run(2, NUMBER), run(4, NUMBER),
                 run(4, NUMBER), run(4, NUMBER));
        break;
    case 10:
        snprintf(s, n, "data:image/png;base64,iVBORw0KGgo%s==",
                 run(200, BASE64));
        break;
    case 11:
        snprintf(s, n, "<p class=\"%s\">%s <b>%s</b> %s</p>", word(), word(),
                 word(), word());
        break;
    case 12:
        snprintf(s, n, "{\"%s\": [1, \"%s\", {\"%s\": null}]}", word(), word(),
                 word());
        break;
    case 13:
        snprintf(s, n, "# %s\n\n- %s: %s %s\n- %s\n", word(), word(), word(),
                 word(), word());
        break;
    case 14:
        snprintf(s, n, "if (%s.length > %s) { return %s[%s]; }", word(),
                 run(2, NUMBER), word(), run(1, NUMBER));
        break;
    case 15:
        snprintf(s, n, "%s.%s.%s", run(12, BASE64), run(20, BASE64),
                 run(16, BASE64));
        break;
    case 16:
        snprintf(s, n, "/srv/%s/%s/%s.v%s.tar.gz", word(), word(), word(),
                 run(2, NUMBER));
        break;
    case 17:
        snprintf(s, n, "%s,%s,%s;%s\t%s", word(), run(3, NUMBER), word(),
                 run(6, NUMBER), word());
        break;
    case 18:
        snprintf(s, n, "%s%%20%s%%2C+%s", word(), word(), word());
        break;
    default:
        snprintf(s, n, "+49 30 %s %s", run(4, NUMBER), run(4, NUMBER));
    }
}


static void
file(const char *path)
{
    FILE      *f;
    char       line[512];
    unsigned   i;

    f = fopen(path, "r");

    if (f == NULL) {
        return;
    }

    for (i = 0; i < LINES && fgets(line, sizeof(line), f) != NULL; i++) {
        line[strcspn(line, "\n")] = '\0';
        look(line);

        if (i % 256 == 0) {
            rt_arena_free(&arena);
            (void) rt_arena_init(&arena);
        }
    }

    (void) fclose(f);
}


static void
fits(const char *what)
{
    print_message("%s: %u of %u values masked\n", what, masked, looked);
    assert_true((uint64_t) masked * 10000 <= looked);
    looked = 0;
    masked = 0;
}


static void
test_made(void **state)
{
    char      text[1024];
    unsigned  i;

    (void) state;

    for (i = 0; i < MADE; i++) {
        make(text, sizeof(text));
        look(text);

        if (i % 256 == 0) {
            rt_arena_free(&arena);
            (void) rt_arena_init(&arena);
        }
    }

    assert_int_equal(looked, MADE);
    fits("a grammar");
}


static void
test_prose(void **state)
{
    DIR            *dir;
    char            path[512];
    struct dirent  *e;

    static const char  licenses[] = "/usr/share/common-licenses";

    (void) state;

    dir = opendir(licenses);

    while (dir && (e = readdir(dir)) != NULL) {
        snprintf(path, sizeof(path), "%s/%.200s", licenses, e->d_name);

        if (e->d_name[0] != '.') {
            file(path);
        }
    }

    if (dir) {
        (void) closedir(dir);
    }

    file("/usr/share/dict/words");
    fits("prose and words");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_made),
        ARENA_TEST(test_prose),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
