
#include "event/rt_event_handed.h"
#include "event/rt_event_packed.h"
#include "redact/rt_redact_url.h"


#define REFERENCE   16
#define IDENTITY    256         /* bytes of one, as user.id has */
#define CHANGE      4096        /* bytes of what was pushed, and no more than */
#define CHANGE_OF   2           /*   this part of the room that is left */
#define VIOLATIONS  16
#define ADDRESS     256         /* bytes of an address in a violation */


typedef enum {
    HANDED_ACTION,              /* what the event's action becomes */
    HANDED_WORD,                /* one of those that are listed */
    HANDED_CODE,                /* rt_event_code() */
    HANDED_REFERENCE,           /* 1 to REFERENCE hexadecimal digits */
    HANDED_TEXT,                /* a string, cut to RT_EVENT_WORD */
    HANDED_IDENTITY,            /* a user's, or of what is his */
    HANDED_CHANGE,              /* likewise, of very many */
    HANDED_BOOL,
    HANDED_NUMBER,
    HANDED_NAME,                /* letters and "-" */
    HANDED_ADDRESS,             /* an address without its query, or a word */
    HANDED_CLASSES,             /* an object, the rows of classes[] */
    HANDED_VIOLATIONS           /* a list of objects, rows of violation[] */
} handed_type_e;


typedef struct {
    rt_str_t         name;
    handed_type_e    type;
    const char      *words[8];
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

    [RT_RTAUTH_ACTION] = { rt_string("action"), HANDED_ACTION, { NULL } },

    /* of what was revoked, or pushed */
    [RT_RTAUTH_TARGET_KIND] = { rt_string("targetKind"), HANDED_WORD,
                                { "sub", "email", "sid", "jti", "everybody",
                                  "user", "group", NULL } },
    [RT_RTAUTH_TARGET] = { rt_string("target"), HANDED_IDENTITY, { NULL } },

    /* by whom it was pushed, and what it has changed */
    [RT_RTAUTH_KEY] = { rt_string("keyId"), HANDED_REFERENCE, { NULL } },
    [RT_RTAUTH_CHANGED] = { rt_string("changed"), HANDED_TEXT, { NULL } },
    [RT_RTAUTH_BEFORE] = { rt_string("before"), HANDED_IDENTITY, { NULL } },
    [RT_RTAUTH_AFTER] = { rt_string("after"), HANDED_CHANGE, { NULL } }
};

static const handed_t  rtcsp[RT_RTCSP_N] = {
    [RT_RTCSP_POLICY] = { rt_string("policy"), HANDED_WORD,
                          { "enforce", "report-only", "off", NULL } },

    /* whether there was one, never which */
    [RT_RTCSP_NONCE] = { rt_string("nonce"), HANDED_BOOL, { NULL } },

    /* why a tag with the placeholder got no nonce */
    [RT_RTCSP_LOST] = { rt_string("lost"), HANDED_CODE, { NULL } },

    [RT_RTCSP_ACTION] = { rt_string("action"), HANDED_ACTION, { NULL } },

    /* what browsers reported */
    [RT_RTCSP_REPORTS] = { rt_string("reports"), HANDED_NUMBER, { NULL } },
    [RT_RTCSP_CLASSES] = { rt_string("classes"), HANDED_CLASSES, { NULL } },
    [RT_RTCSP_VIOLATIONS] = { rt_string("violations"), HANDED_VIOLATIONS,
                              { NULL } }
};

static const handed_t  classes[] = {
    { rt_string("app"), HANDED_NUMBER, { NULL } },
    { rt_string("inline"), HANDED_NUMBER, { NULL } },
    { rt_string("eval"), HANDED_NUMBER, { NULL } },
    { rt_string("injected"), HANDED_NUMBER, { NULL } },
    { rt_string("extension"), HANDED_NUMBER, { NULL } }
};

static const handed_t  violation[] = {
    { rt_string("directive"), HANDED_NAME, { NULL } },
    { rt_string("class"), HANDED_WORD,
      { "app", "inline", "eval", "injected", "extension", NULL } },
    { rt_string("disposition"), HANDED_WORD, { "enforce", "report", NULL } },
    { rt_string("blocked"), HANDED_ADDRESS, { NULL } },
    { rt_string("document"), HANDED_ADDRESS, { NULL } },
    { rt_string("source"), HANDED_ADDRESS, { NULL } },
    { rt_string("line"), HANDED_NUMBER, { NULL } }
};

#define rows(table)  table, sizeof(table) / sizeof(table[0])

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


/* at most 32 bytes, of letters, "-" and these */

static int
name(const rt_str_t *s, const char *more)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {
        if ((s->data[i] < 'a' || s->data[i] > 'z') && s->data[i] != '-'
            && (s->data[i] == '\0' || strchr(more, s->data[i]) == NULL))
        {
            return 0;
        }
    }

    return s->len >= 1 && s->len <= 32;
}


/* is this what the table says of such a member? */

static int
fits(const handed_t *h, const rt_json_t *v)
{
    int64_t  n;

    switch (h->type) {

    case HANDED_BOOL:
        return v->type == RT_JSON_TRUE || v->type == RT_JSON_FALSE;

    case HANDED_NUMBER:
        return rt_json_int64(v, &n) == RT_OK && n >= 0;

    case HANDED_CLASSES:
        return v->type == RT_JSON_OBJECT;

    case HANDED_VIOLATIONS:
        return v->type == RT_JSON_ARRAY;

    default:
        break;
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

    case HANDED_NAME:
        return name(&v->str, "");

    case HANDED_ADDRESS:
        return rt_str_holds(&v->str, "://") || name(&v->str, ":");

    default: /* HANDED_TEXT, HANDED_IDENTITY, HANDED_CHANGE */
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


int
rt_event_handed_nonce(const rt_event_part_t *p)
{
    const rt_json_t  *v;

    v = p->rtcsp.there ? value(&p->rtcsp, rtcsp, RT_RTCSP_NONCE) : NULL;

    return v && v->type == RT_JSON_TRUE;
}


static void write_value(rt_event_part_t *p, const handed_t *row,
    const rt_json_t *v);


/*
 * Cut to as many bytes as its kind may have; the event says so.  A change is
 * the last row, and leaves room for what the event has besides it.
 */

static void
write_cut(rt_event_part_t *p, const handed_t *row, const rt_str_t *text)
{
    size_t  max, left;

    max = row->type == HANDED_CHANGE ? CHANGE
          : row->type == HANDED_IDENTITY ? IDENTITY : RT_EVENT_WORD;

    left = (size_t) (p->w.last - p->w.pos) / CHANGE_OF;

    if (row->type == HANDED_CHANGE && max > left) {
        max = left;
    }

    if (rt_jsonw_str_cut(&p->w, text, max) == RT_TOO_BIG) {
        rt_redact_cut(p->rd);
    }
}


/* whom it names is covered as in the event's user: user:MEMBER */

static void
write_identity(rt_event_part_t *p, const handed_t *row, const rt_str_t *text)
{
    int              own_id;
    rt_str_t         rule, by;
    rt_redact_act_e  act, own;
    const rt_str_t  *kind;

    static const rt_str_t  id = rt_string("id"), user_id = rt_string("userId");

    kind = rt_event_handed(p, "targetKind");
    own_id = kind && (rt_str_lit(kind, "sub") || rt_str_lit(kind, "user"));
    act = RT_REDACT_NONE;

    if (kind) {
        act = rt_redact_user(p->rd, own_id ? &id : kind, &rule);
    }

    if (own_id) {
        own = rt_redact_user(p->rd, &user_id, &by);

        if (own > act) {
            act = own;
            rule = by;
        }
    }

    if (act == RT_REDACT_DROP) {
        rt_redact_note(p->rd, "drop", &rule);
        return;
    }

    rt_jsonw_name(&p->w, (const char *) row->name.data, row->name.len);

    if (act == RT_REDACT_NONE) {
        write_cut(p, row, text);

    } else {
        rt_redact_put(p->rd, &p->w, act, text, &rule);
    }
}


static void
write_row(rt_event_part_t *p, const handed_t *row, const rt_json_t *v)
{
    size_t  saved;

    if (v == NULL || row->type == HANDED_ACTION || !fits(row, v)) {
        return;
    }

    saved = rt_redact_enter(p->rd, &row->name);

    if (row->type == HANDED_IDENTITY || row->type == HANDED_CHANGE) {
        write_identity(p, row, &v->str);

    } else {
        rt_jsonw_name(&p->w, (const char *) row->name.data, row->name.len);
        write_value(p, row, v);
    }

    rt_redact_leave(p->rd, saved);
}


/* the members of an object that a table has */

static void
write_object(rt_event_part_t *p, const rt_json_t *object, const handed_t *row,
    size_t n)
{
    size_t  i;

    rt_jsonw_open(&p->w, '{');

    for (i = 0; i < n; i++) {
        write_row(p, &row[i], rt_json_get(object, &row[i].name));
    }

    rt_jsonw_close(&p->w, '}');
}


/* as many as there is room for */

static void
write_violations(rt_event_part_t *p, const rt_json_t *list)
{
    size_t            saved;
    unsigned          n;
    rt_str_t          index;
    rt_json_t        *v;
    unsigned char     digits[RT_DECIMAL];
    rt_jsonw_mark_t   mark;

    rt_jsonw_open(&p->w, '[');

    for (v = list->child, n = 0; v && n < VIOLATIONS; v = v->next) {

        if (v->type != RT_JSON_OBJECT) {
            continue;
        }

        index = (rt_str_t) { rt_decimal(digits, n), digits };

        saved = rt_redact_enter(p->rd, &index);
        mark = rt_jsonw_mark(&p->w);
        write_object(p, v, rows(violation));
        rt_redact_leave(p->rd, saved);

        if (p->w.full) {
            rt_jsonw_restore(&p->w, &mark);
            break;
        }

        n++;
    }

    rt_jsonw_close(&p->w, ']');
}


static void
write_value(rt_event_part_t *p, const handed_t *row, const rt_json_t *v)
{
    int64_t  n;

    switch (row->type) {

    case HANDED_BOOL:
        rt_jsonw_bool(&p->w, v->type == RT_JSON_TRUE);
        break;

    case HANDED_NUMBER:
        (void) rt_json_int64(v, &n);
        rt_jsonw_uint(&p->w, (uint64_t) n);
        break;

    case HANDED_CLASSES:
        write_object(p, v, rows(classes));
        break;

    case HANDED_VIOLATIONS:
        write_violations(p, v);
        break;

    case HANDED_ADDRESS:
        if (rt_str_holds(&v->str, "://")) {
            (void) rt_redact_url(p->rd, &p->w, &v->str, 0, ADDRESS);
            break;
        }

        /* fall through */

    default:
        write_cut(p, row, &v->str);
    }
}


static void
write_rows(rt_event_part_t *p, const rt_str_t *name,
    const rt_event_object_t *object, const handed_t *row, size_t n)
{
    size_t           i, saved;
    rt_jsonw_mark_t  mark;

    if (!object->there) {
        return;
    }

    saved = rt_redact_into(p->rd, "metadata");
    (void) rt_redact_enter(p->rd, name);

    mark = rt_jsonw_mark(&p->w);

    rt_jsonw_name(&p->w, (const char *) name->data, name->len);
    rt_jsonw_open(&p->w, '{');

    for (i = 0; i < n; i++) {
        write_row(p, &row[i], object->member[i]);
    }

    rt_jsonw_close(&p->w, '}');

    if (p->w.full) {
        rt_jsonw_restore(&p->w, &mark);
        rt_redact_cut(p->rd);
    }

    rt_redact_leave(p->rd, saved);
}


void
rt_event_handed_rtauth(rt_event_part_t *p)
{
    static const rt_str_t  name = rt_string("rtauth");

    write_rows(p, &name, &p->rtauth, rtauth, RT_RTAUTH_N);
}


void
rt_event_handed_rtcsp(rt_event_part_t *p)
{
    static const rt_str_t  name = rt_string("rtcsp");

    write_rows(p, &name, &p->rtcsp, rtcsp, RT_RTCSP_N);
}
