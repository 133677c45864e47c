
#include "text/rt_char.h"
#include "text/rt_form.h"
#include "redact/rt_redact.h"
#include "redact/rt_redact_names.h"


#define SEGMENT  64             /* bytes of one name in a pointer */


static const rt_str_t  oom = rt_string("memory");
static const rt_str_t  limit = rt_string("limit");
static const rt_str_t  builtin = rt_string("builtin");


void
rt_redact_init(rt_redact_t *rd, rt_mem_t *mem,
    const rt_redact_set_t *const *sets, unsigned nsets)
{
    unsigned  i, k;

    rd->mem = mem;
    rd->sets = sets;
    rd->nsets = nsets;
    rd->elsewhere = NULL;
    rd->nnotes = 0;
    rd->overflow = 0;
    rd->acts = 0;
    rd->cuts = 0;
    rd->nested = 0;
    rd->judged = 0;
    rd->looked = 0;
    rd->work = 0;
    rd->ruled = 0;
    rd->kinds = 0;
    rd->root = RT_REDACT_STEPS;
    rd->key = NULL;
    rd->nsteps = 0;
    rd->kept = NULL;
    rd->nvariables = 0;
    rd->cut = NULL;
    rd->cut_ctx = NULL;

    for (i = 0; i < nsets; i++) {
        rd->ruled |= sets[i]->n;

        for (k = 0; k < sets[i]->n; k++) {
            rd->kinds |= (1u << sets[i]->rule[k].kind) & ~1u;
        }
    }
}


/* names */


/* whose values a document of GraphQL gives to a covered name */

static rt_redact_act_e
judge_variable(const rt_redact_t *rd, const unsigned char *name, size_t len,
    rt_redact_act_e best, rt_str_t *rule)
{
    unsigned                     i;
    const rt_redact_variable_t  *v;

    if (rd->nvariables > RT_REDACT_VARIABLES) {
        *rule = best < RT_REDACT_MASK ? limit : *rule;
        return best < RT_REDACT_MASK ? RT_REDACT_MASK : best;
    }

    for (i = 0, v = rd->variable; i < rd->nvariables; i++, v++) {
        if (v->act > best && rt_str_is(&v->name, (const char *) name, len)) {
            best = v->act;
            *rule = v->rule;
        }
    }

    return best;
}


static rt_redact_act_e
judge(rt_redact_t *rd, const unsigned char *name, size_t len,
    uint32_t letters, rt_redact_act_e best, rt_str_t *rule)
{
    unsigned                 i, n;
    const rt_redact_rule_t  *r;

    rd->judged++;

    for (i = 0; i < rd->nsets; i++) {
        r = rd->sets[i]->rule;

        for (n = rd->sets[i]->n; n; n--, r++) {
            if (len >= r->glob.min && r->act > best
                && rt_glob_match(&r->glob, name, len))
            {
                best = r->act;
                *rule = r->text;
            }
        }
    }

    if (best == RT_REDACT_NONE && rt_redact_builtin_name(name, len, letters)) {
        best = RT_REDACT_MASK;
        *rule = builtin;
    }

    return rd->nvariables ? judge_variable(rd, name, len, best, rule) : best;
}


/*
 * A name, decoded, as a whole and each of its segments; buf has room for it
 * twice.
 *
 * RT_CHAR_PART is what frameworks put between the parts of a name:
 * user[password], user.password, form:password (JSF), ctl00$Password
 * (ASP.NET); what clients leave in front of or around it: ?password
 * (location.search as a body), amp;password (&amp; as a separator), quotes;
 * and NUL, where an application written in C stops to read.
 */

static rt_redact_act_e
judge_segments(rt_redact_t *rd, const rt_str_t *name, unsigned char *buf,
    rt_redact_act_e best, rt_str_t *rule)
{
    size_t          i, from, n;
    rt_str_t        plain;
    unsigned char  *part;

    plain.data = buf;
    plain.len = rt_glob_plain(buf, name);
    part = buf + plain.len;

    memcpy(part, buf, plain.len);
    n = rt_glob_squeeze(part, plain.len);
    best = judge(rd, part, n, rt_redact_letters(part, n), best, rule);

    for (from = 0; from <= plain.len && best != RT_REDACT_DROP; from = i + 1) {
        i = rt_until(&plain, from, RT_CHAR_PART);

        if (i - from < plain.len) {
            memcpy(part, buf + from, i - from);
            n = rt_glob_squeeze(part, i - from);

            if (n) {
                best = judge(rd, part, n, rt_redact_letters(part, n), best,
                             rule);
            }
        }
    }

    return best;
}


/* buf has room for the name three times */

static rt_redact_act_e
judge_decoded(rt_redact_t *rd, const rt_str_t *name, unsigned char *buf,
    rt_str_t *rule)
{
    unsigned         i;
    size_t           len;
    rt_str_t         s;
    rt_redact_act_e  act;

    s.data = buf;
    s.len = name->len;
    memcpy(buf, name->data, name->len);

    act = RT_REDACT_NONE;

    for (i = 0; i <= RT_REDACT_TIMES && act != RT_REDACT_DROP; i++) {
        act = judge_segments(rd, &s, buf + name->len, act, rule);

        len = rt_form_unescape(s.data, s.len);
        if (len == s.len) {
            break;
        }

        s.len = len;
    }

    return act;
}


/*
 * A name of one segment in ASCII without escapes, folded.
 *
 * ret: 1; 0: it is none, and nobody may look at *len and *letters
 */

static int
simple(const rt_str_t *name, unsigned char *dst, size_t *len,
    uint32_t *letters)
{
    size_t         i, n;
    uint32_t       what, seen;
    unsigned char  c;

    for (i = 0, n = 0, seen = 0; i < name->len; i++) {
        c = name->data[i];
        what = rt_char[c];

        if (what & (RT_CHAR_HIGH|RT_CHAR_PART|RT_CHAR_PERCENT|RT_CHAR_GAP)) {

            if (what & (RT_CHAR_HIGH|RT_CHAR_PART|RT_CHAR_PERCENT)) {
                return 0;
            }

            continue;
        }

        c = rt_char_lower(c, what);
        dst[n++] = c;
        seen |= RT_REDACT_LETTER(c);
    }

    *len = n;
    *letters = seen;

    return 1;
}


rt_redact_act_e
rt_redact_name(rt_redact_t *rd, const rt_str_t *name, rt_str_t *rule)
{
    size_t          len;
    uint32_t        letters;
    unsigned char  *buf, local[768];

    if (name->len == 0) {
        return RT_REDACT_NONE;
    }

    if (rd->judged >= RT_REDACT_JUDGED) {
        *rule = limit;
        return RT_REDACT_MASK;
    }

    buf = local;

    if (name->len > sizeof(local) / 3) {
        buf = rt_alloc(rd->mem, 3 * name->len);

        if (buf == NULL) {
            *rule = oom;
            return RT_REDACT_DROP;
        }
    }

    if (simple(name, buf, &len, &letters)) {
        return judge(rd, buf, len, letters, RT_REDACT_NONE, rule);
    }

    if (rt_until(name, 0, RT_CHAR_PERCENT) < name->len) {
        return judge_decoded(rd, name, buf, rule);
    }

    return judge_segments(rd, name, buf, RT_REDACT_NONE, rule);
}


/* the pointer and the notes */


/* RFC 6901; a segment that finds no room is left out */

static rt_str_t
pointer(const rt_redact_t *rd, unsigned char *buf, size_t size)
{
    size_t           i, k, n;
    rt_str_t         ptr;
    unsigned char   *p;
    const rt_str_t  *s;

    for (k = 0, p = buf; k < rd->nsteps; k++) {
        s = &rd->step[k];
        n = s->len < SEGMENT ? s->len : SEGMENT;

        if ((size_t) (p - buf) + 1 + 2 * n > size) {
            continue;
        }

        *p++ = '/';

        for (i = 0; i < n; i++) {
            if (s->data[i] == '/' || s->data[i] == '~') {
                *p++ = '~';
                *p++ = (s->data[i] == '/') ? '1' : '0';

            } else {
                *p++ = s->data[i];
            }
        }
    }

    ptr.data = buf;
    ptr.len = (size_t) (p - buf);

    return ptr;
}


const char *
rt_redact_act_name(rt_redact_act_e act)
{
    return act == RT_REDACT_DROP ? "drop"
           : act == RT_REDACT_HMAC ? "hmac" : "mask";
}


void
rt_redact_note(rt_redact_t *rd, const char *act, const rt_str_t *rule)
{
    rt_str_t           ptr;
    unsigned char      buf[RT_REDACT_PTR];
    rt_redact_note_t  *last;

    rd->acts++;

    ptr = pointer(rd, buf, sizeof(buf));

    if (rd->nnotes) {
        last = &rd->note[rd->nnotes - 1];

        if (rt_str_eq(&last->ptr, &ptr) && rt_str_eq(&last->rule, rule)
            && strcmp(last->act, act) == 0)
        {
            last->n++;
            return;
        }
    }

    if (rd->nnotes == RT_REDACT_NOTES) {
        rd->overflow++;
        return;
    }

    ptr.data = rt_alloc(rd->mem, ptr.len ? ptr.len : 1);

    if (ptr.data == NULL) {
        rd->overflow++;
        return;
    }

    memcpy(ptr.data, buf, ptr.len);

    last = &rd->note[rd->nnotes++];
    last->ptr = ptr;
    last->act = act;
    last->rule = *rule;
    last->n = 1;
}


static void
write_note(rt_jsonw_t *w, const rt_redact_note_t *note)
{
    rt_str_t  act;

    act.data = (unsigned char *) note->act;
    act.len = strlen(note->act);

    rt_jsonw_open(w, '{');
    rt_jsonw_lit(w, "ptr");
    (void) rt_jsonw_str_cut(w, &note->ptr, RT_REDACT_PTR);
    rt_jsonw_lit(w, "act");
    rt_jsonw_str(w, &act);
    rt_jsonw_lit(w, "rule");
    (void) rt_jsonw_str_cut(w, &note->rule, RT_REDACT_PTR);

    if (note->n > 1) {
        rt_jsonw_lit(w, "n");
        rt_jsonw_uint(w, note->n);
    }

    rt_jsonw_close(w, '}');
}


void
rt_redact_write_notes(rt_redact_t *rd, rt_jsonw_t *w)
{
    unsigned         i;
    rt_jsonw_mark_t  mark;

    rt_jsonw_open(w, '[');

    if (w->full) {
        return;
    }

    for (i = 0; i < rd->nnotes; i++) {
        mark = rt_jsonw_mark(w);
        write_note(w, &rd->note[i]);

        if (w->full) {
            rt_jsonw_restore(w, &mark);
            rd->overflow += rd->nnotes - i;
            rd->nnotes = i;
        }
    }

    rt_jsonw_close(w, ']');
}


void
rt_redact_cut(rt_redact_t *rd)
{
    rt_str_t       ptr;
    unsigned char  buf[RT_REDACT_PTR];

    rd->cuts++;

    if (rd->cut && rd->nested == 0) {
        ptr = pointer(rd, buf, sizeof(buf));
        rd->cut(rd->cut_ctx, &ptr);
    }
}
