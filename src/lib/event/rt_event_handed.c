
#include "event/rt_event_handed.h"
#include "event/rt_event_packed.h"


#define REFERENCE  16


typedef enum {
    HANDED_ACTION,              /* what the event's action becomes */
    HANDED_WORD,                /* one of those that are listed */
    HANDED_CODE,                /* rt_event_code() */
    HANDED_REFERENCE,           /* 1 to REFERENCE hexadecimal digits */
    HANDED_TEXT,                /* a string, cut to RT_EVENT_WORD */
    HANDED_BOOL
} handed_type_e;


typedef struct {
    rt_str_t         name;
    handed_type_e    type;
    const char      *words[5];
} handed_t;


static const handed_t  rtauth[RT_RTAUTH_N] = {
    [RT_RTAUTH_DECISION] = { rt_string("decision"), HANDED_WORD,
                             { "allow", "deny", "error", "end", NULL } },
    [RT_RTAUTH_REASON] = { rt_string("reason"), HANDED_CODE, { NULL } },
    [RT_RTAUTH_PROVIDER] = { rt_string("provider"), HANDED_TEXT, { NULL } },
    [RT_RTAUTH_REFERENCE] = { rt_string("reference"), HANDED_REFERENCE,
                              { NULL } },

    /* a group with a time that made the difference, and what it is for */
    [RT_RTAUTH_GRANT] = { rt_string("grant"), HANDED_TEXT, { NULL } },
    [RT_RTAUTH_GRANT_REASON] = { rt_string("grantReason"), HANDED_TEXT,
                                 { NULL } },

    [RT_RTAUTH_ACTION] = { rt_string("action"), HANDED_ACTION, { NULL } }
};

static const handed_t  rtcsp[RT_RTCSP_N] = {
    [RT_RTCSP_POLICY] = { rt_string("policy"), HANDED_WORD,
                          { "enforce", "report-only", "off", NULL } },

    /* whether there was one, never which */
    [RT_RTCSP_NONCE] = { rt_string("nonce"), HANDED_BOOL, { NULL } },

    /* why a tag with the placeholder got no nonce */
    [RT_RTCSP_LOST] = { rt_string("lost"), HANDED_CODE, { NULL } },

    [RT_RTCSP_ACTION] = { rt_string("action"), HANDED_ACTION, { NULL } }
};

static const rt_event_names_t  rtauth_names = {
    &rtauth[0].name, sizeof(handed_t), RT_RTAUTH_N
};

static const rt_event_names_t  rtcsp_names = {
    &rtcsp[0].name, sizeof(handed_t), RT_RTCSP_N
};


void
rt_event_handed_read(rt_event_part_t *p)
{
    rt_event_object(p->rd->mem, &p->ev->rtauth, &rtauth_names, &p->rtauth);
    rt_event_object(p->rd->mem, &p->ev->rtcsp, &rtcsp_names, &p->rtcsp);
}


static int
listed(const rt_str_t *s, const char *const *words)
{
    for ( /* void */ ; *words; words++) {
        if (rt_str_is(s, *words, strlen(*words))) {
            return 1;
        }
    }

    return 0;
}


static int
reference(const rt_str_t *s)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {
        if (rt_hex(s->data[i]) == -1 || rt_lower(s->data[i]) != s->data[i]) {
            return 0;
        }
    }

    return s->len >= 1 && s->len <= REFERENCE;
}


/* is this what the table says of such a member? */

static int
fits(const handed_t *h, const rt_json_t *v)
{
    if (h->type == HANDED_BOOL) {
        return v->type == RT_JSON_TRUE || v->type == RT_JSON_FALSE;
    }

    if (v->type != RT_JSON_STRING) {
        return 0;
    }

    switch (h->type) {

    case HANDED_ACTION:
        return rt_event_action_valid(&v->str);

    case HANDED_WORD:
        return listed(&v->str, h->words);

    case HANDED_CODE:
        return rt_event_code(&v->str);

    case HANDED_REFERENCE:
        return reference(&v->str);

    default: /* HANDED_TEXT */
        return v->str.len != 0;
    }
}


/* the value of this row, or NULL */

static const rt_json_t *
value(const rt_event_object_t *object, const handed_t *row, size_t i)
{
    const rt_json_t  *v;

    v = object->member[i];

    return v && fits(&row[i], v) ? v : NULL;
}


static const rt_str_t *
said(const rt_event_object_t *object, const handed_t *row, size_t n,
    const char *name, size_t len)
{
    size_t            i;
    const rt_json_t  *v;

    for (i = 0; object->there && i < n; i++) {
        if (rt_str_is(&row[i].name, name, len)) {
            v = value(object, row, i);
            return v ? &v->str : NULL;
        }
    }

    return NULL;
}


const rt_str_t *
rt_event_handed(const rt_event_part_t *p, const char *name)
{
    size_t           len;
    const rt_str_t  *s;

    len = strlen(name);

    s = said(&p->rtauth, rtauth, RT_RTAUTH_N, name, len);

    return s ? s : said(&p->rtcsp, rtcsp, RT_RTCSP_N, name, len);
}


static void
write_rows(rt_event_part_t *p, const rt_event_object_t *object,
    const handed_t *row, size_t n)
{
    size_t            i;
    const rt_json_t  *v;

    rt_jsonw_open(&p->w, '{');

    for (i = 0; i < n; i++) {
        v = (row[i].type == HANDED_ACTION) ? NULL : value(object, row, i);

        if (v == NULL) {
            continue;
        }

        rt_jsonw_name(&p->w, (const char *) row[i].name.data, row[i].name.len);

        if (row[i].type == HANDED_BOOL) {
            rt_jsonw_bool(&p->w, v->type == RT_JSON_TRUE);

        } else {
            (void) rt_jsonw_str_cut(&p->w, &v->str, RT_EVENT_WORD);
        }
    }

    rt_jsonw_close(&p->w, '}');
}


void
rt_event_handed_rtauth(rt_event_part_t *p)
{
    if (p->rtauth.there) {
        rt_jsonw_lit(&p->w, "rtauth");
        write_rows(p, &p->rtauth, rtauth, RT_RTAUTH_N);
    }
}


void
rt_event_handed_rtcsp(rt_event_part_t *p)
{
    if (p->rtcsp.there) {
        rt_jsonw_lit(&p->w, "rtcsp");
        write_rows(p, &p->rtcsp, rtcsp, RT_RTCSP_N);
    }
}
