
#include "event/rt_event_handed.h"


#define REFERENCE  16


typedef enum {
    HANDED_ACTION,              /* what the event's action becomes */
    HANDED_WORD,                /* one of those that are listed */
    HANDED_CODE,                /* rt_event_code() */
    HANDED_REFERENCE,           /* 1 to REFERENCE hexadecimal digits */
    HANDED_TEXT,                /* a string, cut to RT_EVENT_WORD */
    HANDED_BOOL
} handed_type_e;


typedef enum {
    BY_RTAUTH = 0,
    BY_RTCSP
} handed_by_e;


typedef struct {
    handed_by_e      by;
    rt_str_t         name;
    handed_type_e    type;
    const char      *words[4];
} handed_t;


static const handed_t  table[] = {
    { BY_RTAUTH, rt_string("action"), HANDED_ACTION, { NULL } },
    { BY_RTAUTH, rt_string("decision"), HANDED_WORD,
      { "allow", "deny", "error", NULL } },
    { BY_RTAUTH, rt_string("reason"), HANDED_CODE, { NULL } },
    { BY_RTAUTH, rt_string("provider"), HANDED_TEXT, { NULL } },
    { BY_RTAUTH, rt_string("reference"), HANDED_REFERENCE, { NULL } },

    { BY_RTCSP, rt_string("action"), HANDED_ACTION, { NULL } },
    { BY_RTCSP, rt_string("policy"), HANDED_WORD,
      { "enforce", "report-only", "off", NULL } },

    /* whether there was one, never which */
    { BY_RTCSP, rt_string("nonce"), HANDED_BOOL, { NULL } },

    /* why a tag with the placeholder got no nonce */
    { BY_RTCSP, rt_string("lost"), HANDED_CODE, { NULL } }
};

#define NROWS  (sizeof(table) / sizeof(table[0]))


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


static const rt_json_t *
object(const rt_event_part_t *p, handed_by_e by)
{
    return by == BY_RTAUTH ? p->rtauth : p->rtcsp;
}


/* the value of this row, or NULL */

static const rt_json_t *
value(const rt_event_part_t *p, const handed_t *h)
{
    const rt_json_t  *v;

    v = rt_json_get(object(p, h->by), &h->name);

    return v && fits(h, v) ? v : NULL;
}


const rt_str_t *
rt_event_handed(const rt_event_part_t *p, const char *name)
{
    size_t            i;
    const rt_json_t  *v;

    for (i = 0; i < NROWS && (p->rtauth || p->rtcsp); i++) {

        if (table[i].type == HANDED_BOOL
            || !rt_str_is(&table[i].name, name, strlen(name)))
        {
            continue;
        }

        v = value(p, &table[i]);

        if (v) {
            return &v->str;
        }
    }

    return NULL;
}


static void
write_rows(rt_event_part_t *p, const char *name, handed_by_e by)
{
    size_t            i;
    const handed_t   *h;
    const rt_json_t  *v;

    if (object(p, by) == NULL) {
        return;
    }

    rt_jsonw_name(&p->w, name, strlen(name));
    rt_jsonw_open(&p->w, '{');

    for (i = 0; i < NROWS; i++) {
        h = &table[i];

        if (h->by != by || h->type == HANDED_ACTION) {
            continue;
        }

        v = value(p, h);

        if (v == NULL) {
            continue;
        }

        rt_jsonw_key(&p->w, &h->name);

        if (h->type == HANDED_BOOL) {
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
    write_rows(p, "rtauth", BY_RTAUTH);
}


void
rt_event_handed_rtcsp(rt_event_part_t *p)
{
    write_rows(p, "rtcsp", BY_RTCSP);
}
