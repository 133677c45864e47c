
#include "text/rt_cachecontrol.h"


typedef struct {
    const unsigned char  *pos;
    const unsigned char  *last;
} reader_t;


static reader_t
reader(const rt_str_t *s)
{
    reader_t  r = { s->data, s->len ? s->data + s->len : s->data };

    return r;
}


static void
blanks(reader_t *r)
{
    while (r->pos < r->last && (*r->pos == ' ' || *r->pos == '\t')) {
        r->pos++;
    }
}


/* all digits up to the end, saturated; -1: there is none, or something else */

static long
seconds(const unsigned char *p, const unsigned char *last)
{
    long  n;

    if (p == last) {
        return -1;
    }

    for (n = 0; p < last; p++) {

        if (*p < '0' || *p > '9') {
            return -1;
        }

        n = n * 10 + (*p - '0');

        if (n > RT_CACHECONTROL_MAX) {
            n = RT_CACHECONTROL_MAX;
        }
    }

    return n;
}


static rt_str_t
token(reader_t *r)
{
    rt_str_t  s;

    s.data = (unsigned char *) r->pos;

    while (r->pos < r->last && *r->pos > ' ' && *r->pos != ','
           && *r->pos != '=' && *r->pos != '"')
    {
        r->pos++;
    }

    s.len = r->pos - s.data;

    return s;
}


/* a token or a quoted string; of the latter what is between the quotes */

static rt_str_t
value(reader_t *r)
{
    rt_str_t  s;

    if (r->pos == r->last || *r->pos != '"') {
        return token(r);
    }

    s.data = (unsigned char *) ++r->pos;

    while (r->pos < r->last && *r->pos != '"') {
        if (*r->pos == '\\' && r->last - r->pos > 1) {
            r->pos++;
        }

        r->pos++;
    }

    s.len = r->pos - s.data;

    if (r->pos < r->last) {
        r->pos++;
    }

    return s;
}


/* up to the comma that ends this directive */

static void
rest(reader_t *r)
{
    while (r->pos < r->last && *r->pos != ',') {

        if (*r->pos == '"') {
            (void) value(r);
            continue;
        }

        r->pos++;
    }

    if (r->pos < r->last) {
        r->pos++;
    }
}


static long
max_age(const rt_str_t *control)
{
    long      found, n;
    reader_t  r;
    rt_str_t  name, v;

    r = reader(control);
    found = -1;

    while (r.pos < r.last) {

        blanks(&r);
        name = token(&r);

        if (rt_str_ilit(&name, "no-store") || rt_str_ilit(&name, "no-cache")) {
            return 0;
        }

        if (found < 0 && rt_str_ilit(&name, "max-age")
            && r.pos < r.last && *r.pos == '=')
        {
            r.pos++;
            v = value(&r);
            blanks(&r);

            n = seconds(v.data, v.data + v.len);

            if (r.pos == r.last || *r.pos == ',') {
                found = n;
            }
        }

        rest(&r);
    }

    return found;
}


long
rt_cachecontrol_fresh(const rt_str_t *control, const rt_str_t *age)
{
    long      fresh, old;
    reader_t  r;
    rt_str_t  first;

    fresh = max_age(control);

    if (fresh <= 0) {
        return fresh;
    }

    r = reader(age);
    blanks(&r);
    first = token(&r);
    old = seconds(first.data, first.data + first.len);

    return old < 0 ? fresh : old < fresh ? fresh - old : 0;
}


static int
word(const rt_str_t *s)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < s->len; i++) {
        c = rt_lower(s->data[i]);

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'
              || c == '_' || c == '.'))
        {
            return 0;
        }
    }

    return s->len != 0;
}


/* a word, or one with a value; leaves r behind it.  0: it is something else */

static int
directive(reader_t *r, rt_str_t *name)
{
    rt_str_t  v;

    *name = token(r);

    if (!word(name)) {
        return 0;
    }

    if (r->pos == r->last || *r->pos != '=') {
        return 1;
    }

    r->pos++;
    v = value(r);

    /* a quoted string has its end */

    return v.data[-1] == '"' ? v.data + v.len < r->pos : word(&v);
}


rt_status_e
rt_cachecontrol_private(rt_mem_t *mem, const rt_str_t *control, rt_str_t *out)
{
    int             good;
    reader_t        r;
    rt_str_t        s, name;
    unsigned char  *p;

    static const rt_str_t  only = rt_string("private");

    /* a directive has a byte and a comma at least: two bytes more are enough */

    p = rt_alloc(mem, only.len + 2 * control->len + 2);
    if (p == NULL) {
        return RT_ERROR;
    }

    out->data = p;
    memcpy(p, only.data, only.len);
    p += only.len;

    r = reader(control);

    while (r.pos < r.last) {

        blanks(&r);
        s.data = (unsigned char *) r.pos;
        good = directive(&r, &name);
        s.len = r.pos - s.data;
        blanks(&r);

        if (good && (r.pos == r.last || *r.pos == ',')
            && !rt_str_ilit(&name, "public") && !rt_str_ilit(&name, "private")
            && !rt_str_ilit(&name, "s-maxage"))
        {
            *p++ = ',';
            *p++ = ' ';
            memcpy(p, s.data, s.len);
            p += s.len;
        }

        rest(&r);
    }

    out->len = p - out->data;

    return RT_OK;
}
