
/*
 * rt_accept, rt_charset, rt_bearer: values of header fields.  What is said is
 * taken from the bytes that are there, and a refusal anywhere holds whatever
 * stands around it.
 */

#include <stdlib.h>

#include "jose/rt_bearer.h"
#include "text/rt_accept.h"
#include "text/rt_charset.h"


static void
must(int ok)
{
    if (!ok) {
        abort();
    }
}


/* before, the input, behind; to be freed */

static rt_str_t
around(const char *before, const rt_str_t *s, const char *behind)
{
    rt_str_t  text;

    text.len = strlen(before) + s->len + strlen(behind);
    text.data = malloc(text.len + 1);

    must(text.data != NULL);

    memcpy(text.data, before, strlen(before));

    if (s->len) {
        memcpy(text.data + strlen(before), s->data, s->len);
    }

    memcpy(text.data + strlen(before) + s->len, behind, strlen(behind));

    return text;
}


static int
named(const rt_str_t *s, const char *word)
{
    size_t    i;
    rt_str_t  at, want = { strlen(word), (unsigned char *) word };

    at.len = want.len;

    for (i = 0; i + want.len <= s->len; i++) {
        at.data = s->data + i;

        if (rt_str_ieq(&at, &want)) {
            return 1;
        }
    }

    return 0;
}


static void
check_accept(const rt_str_t *s)
{
    rt_str_t  more;

    if (rt_accept_gzip(s)) {
        must(named(s, "gzip"));
    }

    more = around("", s, ",gzip;q=0");
    must(!rt_accept_gzip(&more));
    free(more.data);

    more = around("gzip;q=0,", s, "");
    must(!rt_accept_gzip(&more));
    free(more.data);
}


static void
check_charset(const rt_str_t *s)
{
    rt_str_t      more;
    rt_charset_e  type, value;

    type = rt_charset_type(s);
    value = rt_charset_value(s);

    must((type != RT_CHARSET_NONE) == named(s, "charset"));
    must((value != RT_CHARSET_NONE) == (s->len != 0));
    must(value >= type);

    more = around("", s, "; charset=utf-8");
    must(rt_charset_type(&more) >= type);
    must(rt_charset_type(&more) >= RT_CHARSET_UTF8);
    free(more.data);

    more = around("", s, ";charset=utf-16");
    must(rt_charset_type(&more) == RT_CHARSET_OTHER);
    free(more.data);

    more = around("text/html;charset=utf-16;", s, "");
    must(rt_charset_type(&more) == RT_CHARSET_OTHER);
    free(more.data);
}


static void
check_bearer(const rt_str_t *s)
{
    rt_str_t  more, token;

    if (rt_bearer_token(s, &token) == RT_OK) {
        must(named(s, "bearer"));
        must(token.data >= s->data + 6);
        must(token.data + token.len <= s->data + s->len);

        must(token.len == 0
             || (token.data[0] != ' ' && token.data[token.len - 1] != ' '
                 && token.data[token.len - 1] != '\t'));
    }

    /* with its scheme in front, it is there, whatever it is */

    more = around("\tbEARER ", s, " ");
    must(rt_bearer_token(&more, &token) == RT_OK);
    must(token.len <= s->len);
    free(more.data);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_str_t  s = { size, (unsigned char *) data };

    check_accept(&s);
    check_charset(&s);
    check_bearer(&s);

    return 0;
}
