
#include "text/rt_char.h"
#include "text/rt_form.h"


#define SHORT  64               /* bytes that memchr() is not called for */


size_t
rt_form_unescape(unsigned char *p, size_t len)
{
    int     hi, lo;
    size_t  i, n;

    for (i = 0, n = 0; i < len; i++) {
        hi = -1;
        lo = -1;

        if (p[i] == '%' && i + 2 < len) {
            hi = rt_hex(p[i + 1]);
            lo = rt_hex(p[i + 2]);
        }

        if (hi != -1 && lo != -1) {
            p[n++] = (unsigned char) (hi << 4 | lo);
            i += 2;

        } else {
            p[n++] = p[i];
        }
    }

    return n;
}


/* 1 if there is anything to decode in s */

static int
coded(const rt_str_t *s)
{
    if (s->len <= SHORT) {
        return rt_until(s, 0, RT_CHAR_PERCENT|RT_CHAR_PLUS) < s->len;
    }

    return memchr(s->data, '%', s->len) != NULL
           || memchr(s->data, '+', s->len) != NULL;
}


/* decodes s in place of *s, into the arena when anything changes */

static rt_status_e
decode(rt_mem_t *mem, rt_str_t *s, unsigned *bad)
{
    int             hi, lo;
    size_t          i;
    unsigned char  *dst, *out;

    if (!coded(s)) {
        return RT_OK;
    }

    dst = rt_alloc(mem, s->len);
    if (dst == NULL) {
        return RT_ERROR;
    }

    for (i = 0, out = dst; i < s->len; i++) {

        if (s->data[i] == '+') {
            *out++ = ' ';
            continue;
        }

        *out++ = s->data[i];

        if (s->data[i] != '%') {
            continue;
        }

        hi = (i + 1 < s->len) ? rt_hex(s->data[i + 1]) : -1;
        lo = (i + 2 < s->len) ? rt_hex(s->data[i + 2]) : -1;

        if (hi == -1 || lo == -1) {
            *bad = 1;
            continue;
        }

        out[-1] = (unsigned char) (hi << 4 | lo);
        i += 2;
    }

    s->data = dst;
    s->len = (size_t) (out - dst);

    return RT_OK;
}


void
rt_form_iter(rt_form_iter_t *it, const rt_str_t *text)
{
    it->pos = text->data;
    it->end = text->data + text->len;
}


/* the next piece between '&'s that is not empty; 0 when there is none */

static int
next_piece(rt_form_iter_t *it, rt_str_t *piece)
{
    const unsigned char  *p;

    while (it->pos < it->end && *it->pos == '&') {
        it->pos++;
    }

    if (it->pos >= it->end) {
        return 0;
    }

    p = memchr(it->pos, '&', (size_t) (it->end - it->pos));
    if (p == NULL) {
        p = it->end;
    }

    piece->data = (unsigned char *) it->pos;
    piece->len = (size_t) (p - it->pos);
    it->pos = p;

    return 1;
}


rt_status_e
rt_form_next(rt_mem_t *mem, rt_form_iter_t *it, rt_form_field_t *field)
{
    size_t    eq;
    unsigned  bad;

    if (!next_piece(it, &field->raw)) {
        return RT_DONE;
    }

    eq = rt_until(&field->raw, 0, RT_CHAR_EQUAL);

    field->eq = (eq < field->raw.len);
    field->name.data = field->raw.data;
    field->name.len = eq;
    field->value.data = field->raw.data + eq + field->eq;
    field->value.len = field->raw.len - eq - field->eq;

    bad = 0;

    if (decode(mem, &field->name, &bad) != RT_OK
        || decode(mem, &field->value, &bad) != RT_OK)
    {
        return RT_ERROR;
    }

    field->bad = (bad != 0);

    return RT_OK;
}


/* an upper bound of the number of fields */

static size_t
count(const rt_str_t *text, unsigned max)
{
    size_t                n;
    const unsigned char  *p, *end;

    p = text->data;
    end = p + text->len;

    for (n = 1; p < end && n < max; n++) {
        p = memchr(p, '&', (size_t) (end - p));
        if (p == NULL) {
            break;
        }

        p++;
    }

    return n;
}


rt_status_e
rt_form_parse(rt_mem_t *mem, const rt_str_t *text, unsigned max,
    rt_form_t *form)
{
    size_t            room;
    rt_str_t          piece;
    rt_status_e       rc;
    rt_form_iter_t    it;

    memset(form, 0, sizeof(*form));
    form->text = *text;

    if (text->len == 0) {
        return RT_OK;
    }

    room = count(text, max);

    form->field = rt_alloc(mem, room * sizeof(rt_form_field_t));
    if (form->field == NULL) {
        return RT_ERROR;
    }

    rt_form_iter(&it, text);

    while (form->n < room) {
        rc = rt_form_next(mem, &it, &form->field[form->n]);

        if (rc == RT_DONE) {
            return RT_OK;
        }

        if (rc != RT_OK) {
            return rc;
        }

        form->bad |= form->field[form->n].bad;
        form->n++;
    }

    form->many = (next_piece(&it, &piece) != 0);

    return RT_OK;
}


const rt_form_field_t *
rt_form_get(const rt_form_t *form, const rt_str_t *name)
{
    unsigned  i;

    for (i = 0; i < form->n; i++) {
        if (rt_str_eq(&form->field[i].name, name)) {
            return &form->field[i];
        }
    }

    return NULL;
}


rt_str_t
rt_form_only(const rt_form_t *form, const char *name)
{
    rt_str_t  value = rt_null_string;
    rt_str_t  want = rt_str_of(name);
    unsigned  i, n = 0;

    for (i = 0; i < form->n; i++) {
        if (rt_str_eq(&form->field[i].name, &want)) {
            value = form->field[i].value;
            n++;
        }
    }

    return n == 1 && !form->many ? value : (rt_str_t) rt_null_string;
}
