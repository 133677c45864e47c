
/*
 * rt_field, rt_csp_foreign: what is handed out lies in the bytes that came in
 * and has none of what separates it, nothing between separators is lost, and
 * what is put behind is found again.
 */

#include <stdlib.h>

#include "csp/rt_csp_foreign.h"
#include "text/rt_field.h"


static void
must(int ok)
{
    if (!ok) {
        abort();
    }
}


static void
inside(const rt_str_t *s, const rt_str_t *whole)
{
    must(s->len == 0
         || (s->data >= whole->data
             && s->data + s->len <= whole->data + whole->len));
}


static int
has(const rt_str_t *s, unsigned char c)
{
    return s->len && memchr(s->data, c, s->len) != NULL;
}


static void
trimmed(const rt_str_t *s)
{
    if (s->len) {
        must(s->data[0] != ' ' && s->data[0] != '\t');
        must(s->data[s->len - 1] != ' ' && s->data[s->len - 1] != '\t');
    }
}


/* the input with something behind it; to be freed */

static rt_str_t
with(const rt_str_t *s, const char *behind)
{
    rt_str_t  text;

    text.len = s->len + strlen(behind);
    text.data = malloc(text.len + 1);

    must(text.data != NULL);

    if (s->len) {
        memcpy(text.data, s->data, s->len);
    }

    memcpy(text.data + s->len, behind, strlen(behind));

    return text;
}


static size_t
count(const rt_str_t *s, unsigned char c)
{
    size_t  i, n;

    for (i = n = 0; i < s->len; i++) {
        n += (s->data[i] == c);
    }

    return n;
}


static void
check_list(const rt_str_t *s)
{
    size_t    n;
    rt_str_t  rest, part, more, last;

    rest = *s;

    for (n = 0; rt_field_part(&rest, ',', &part); n++) {
        inside(&part, s);
        trimmed(&part);
        must(!has(&part, ','));
    }

    must(n == count(s, ',') + (s->len && s->data[s->len - 1] != ','));

    rest = *s;

    while (rt_field_next(&rest, &part)) {
        inside(&part, s);
        trimmed(&part);
        must(part.len && !has(&part, ','));
    }

    more = with(s, ", \tUPgrade ,");
    must(rt_field_has(&more, "upgrade"));
    last = rt_field_last(&more);
    must(last.len == 0);
    free(more.data);

    last = rt_field_last(s);
    inside(&last, s);
    trimmed(&last);
    must(!has(&last, ','));
}


static void
check_media(const rt_str_t *s)
{
    int       single;
    rt_str_t  type, again, more;

    single = rt_field_media(s, &type);
    inside(&type, s);

    must(!has(&type, ';') && !has(&type, ' ') && !has(&type, '\t'));
    must(single == (type.len && !has(s, ',')));

    more = with(s, "; charset=x");
    must(rt_field_media(&more, &again) == single);
    must(rt_str_eq(&type, &again));
    free(more.data);
}


static void
check_line(const rt_str_t *s)
{
    size_t    i;
    rt_str_t  name, value, method;

    if (rt_field_line(s, &name, &value) == RT_OK) {
        inside(&name, s);
        inside(&value, s);
        trimmed(&value);
        must(name.len && name.data == s->data && !has(&name, ':'));
        must(s->data[name.len] == ':');
    }

    method = rt_field_method(s);
    inside(&method, s);
    must(method.len == 0 || s->data[method.len] == ' ');

    for (i = 0; i < method.len; i++) {
        must(method.data[i] >= '-' && method.data[i] <= '_');
    }
}


static void
check_nonce(const rt_str_t *s)
{
    int       foreign;
    rt_str_t  more, own = rt_string("own");

    foreign = rt_csp_foreign_nonce(s, &own, 1);

    must(!foreign || rt_csp_foreign_nonce(s, NULL, 0));

    more = with(s, ",script-src 'nonce-own'");
    must(rt_csp_foreign_nonce(&more, &own, 1) == foreign);
    must(rt_csp_foreign_nonce(&more, NULL, 0));
    free(more.data);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_str_t  s = { size, (unsigned char *) data };

    check_list(&s);
    check_media(&s);
    check_line(&s);
    check_nonce(&s);

    return 0;
}
