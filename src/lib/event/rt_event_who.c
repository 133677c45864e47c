
#include "event/rt_event_packed.h"
#include "event/rt_event_who.h"


#define GROUPS_MAX  64
#define VALUE_MAX   256


typedef enum {
    USER_STRING = 0,
    USER_ID,                        /* a string or an integer */
    USER_BOOL,
    USER_LIST                       /* an array of strings */
} user_type_e;


typedef struct {
    rt_str_t         name;
    user_type_e      type;
} user_member_t;


/* Retool's members of user{}, and groups: the configuration's, and a refused
   token's own; nothing else gets into an event */

static const user_member_t  members[RT_USER_N] = {
    [RT_USER_ID] = { rt_string("id"), USER_ID },
    [RT_USER_SID] = { rt_string("sid"), USER_STRING },
    [RT_USER_EMAIL] = { rt_string("email"), USER_STRING },
    [RT_USER_USER_NAME] = { rt_string("userName"), USER_STRING },
    [RT_USER_FIRST_NAME] = { rt_string("firstName"), USER_STRING },
    [RT_USER_LAST_NAME] = { rt_string("lastName"), USER_STRING },
    [RT_USER_USER_TYPE] = { rt_string("userType"), USER_STRING },
    [RT_USER_GROUPS] = { rt_string("groups"), USER_LIST },
    [RT_USER_TOKEN_GROUPS] = { rt_string("tokenGroups"), USER_LIST },
    [RT_USER_ORGANIZATION_ID] = { rt_string("organizationId"), USER_ID },
    [RT_USER_EXTERNAL_IDENTIFIER] =
        { rt_string("externalIdentifier"), USER_STRING },
    [RT_USER_TWO_FACTOR] = { rt_string("twoFactorAuthEnabled"), USER_BOOL },
    [RT_USER_ENABLED] = { rt_string("enabled"), USER_BOOL },
    [RT_USER_GOOGLE] = { rt_string("hasGoogleId"), USER_BOOL },
    [RT_USER_LAST_LOGGED_IN] = { rt_string("lastLoggedIn"), USER_STRING },
    [RT_USER_LAST_ACTIVE] = { rt_string("lastActive"), USER_STRING },
    [RT_USER_CREATED_AT] = { rt_string("createdAt"), USER_STRING },
    [RT_USER_UPDATED_AT] = { rt_string("updatedAt"), USER_STRING },
    [RT_USER_PHOTO] = { rt_string("profilePhotoUrl"), USER_STRING },
    [RT_USER_SALES_DISMISSED] = { rt_string("salesCTADismissed"), USER_BOOL },
    [RT_USER_TUTORIAL_DISMISSED] =
        { rt_string("tutorialCTADismissed"), USER_BOOL },
    [RT_USER_PASSWORD_EXPIRES_AT] =
        { rt_string("passwordExpiresAt"), USER_STRING }
};

_Static_assert(RT_USER_N <= RT_EVENT_ROWS, "a user has too many members");

static const rt_event_names_t  names = {
    &members[0].name, sizeof(user_member_t), RT_USER_N
};


int
rt_event_user_member(const rt_str_t *name)
{
    size_t  i;

    for (i = 0; i < RT_USER_N; i++) {
        if (rt_str_eq(&members[i].name, name)) {
            return 1;
        }
    }

    return 0;
}


/* what rtaudit_field says of this member, or NULL */

static const rt_str_t *
user_field(const rt_event_t *ev, const rt_str_t *name)
{
    unsigned  i;

    for (i = 0; i < ev->nuser_fields; i++) {
        if (ev->user_field[i].value.len
            && rt_str_eq(&ev->user_field[i].name, name))
        {
            return &ev->user_field[i].value;
        }
    }

    return NULL;
}


void
rt_event_user_read(rt_event_part_t *p)
{
    rt_event_object(p->rd->mem, &p->ev->user, &names, &p->user);
}


static const rt_json_t *
member(const rt_event_part_t *p, size_t row)
{
    return p->user.there ? p->user.member[row] : NULL;
}


/* a string or an integer; anything else is not there */

static const rt_json_t *
identifier(const rt_event_part_t *p, size_t row)
{
    int64_t           n;
    const rt_json_t  *v;

    v = member(p, row);

    if (v == NULL
        || (v->type == RT_JSON_STRING && v->str.len)
        || (v->type == RT_JSON_NUMBER && rt_json_int64(v, &n) == RT_OK))
    {
        return v;
    }

    return NULL;
}


static void
write_text(rt_event_part_t *p, const char *name, const rt_str_t *s)
{
    if (s == NULL || s->len == 0) {
        rt_jsonw_null(&p->w);
        return;
    }

    rt_event_value(p, name, s, VALUE_MAX);
}


static void
write_id(rt_event_part_t *p, const char *name, const rt_json_t *v,
    const rt_str_t *text)
{
    if (text == NULL && v && v->type == RT_JSON_NUMBER) {
        rt_jsonw_raw(&p->w, &v->str);
        return;
    }

    if (text == NULL && v) {
        text = &v->str;
    }

    write_text(p, name, text);
}


/* what a rule says of a member at the top, by its name or the user's */

static void
write_top(rt_event_part_t *p, const char *name, size_t row,
    const rt_str_t *text)
{
    size_t            saved;
    rt_str_t          top, rule, by;
    rt_redact_act_e   act, own;
    const rt_json_t  *v;

    v = identifier(p, row);

    if (!rt_redact_has(p->rd, RT_REDACT_USER)) {
        write_id(p, name, v, text);
        return;
    }

    top.data = (unsigned char *) name;
    top.len = strlen(name);

    act = rt_redact_user(p->rd, &top, &rule);
    own = rt_redact_user(p->rd, &members[row].name, &by);

    if (own > act) {
        act = own;
        rule = by;
    }

    if (act == RT_REDACT_NONE || (text == NULL && v == NULL)) {
        write_id(p, name, v, text);
        return;
    }

    saved = rt_redact_enter(p->rd, &top);

    if (act == RT_REDACT_DROP) {
        rt_jsonw_null(&p->w);
        rt_redact_note(p->rd, "drop", &rule);

    } else {
        rt_redact_put(p->rd, &p->w, act, text ? text : &v->str, &rule);
    }

    rt_redact_leave(p->rd, saved);
}


void
rt_event_user_id(rt_event_part_t *p)
{
    const rt_str_t   *text;

    text = p->ev->user_id.len ? &p->ev->user_id
                              : user_field(p->ev, &members[RT_USER_ID].name);

    rt_jsonw_lit(&p->w, "userId");
    write_top(p, "userId", RT_USER_ID, text);
}


void
rt_event_organization_id(rt_event_part_t *p)
{
    const rt_str_t   *text;

    text = p->ev->organization_id.len
           ? &p->ev->organization_id
           : user_field(p->ev, &members[RT_USER_ORGANIZATION_ID].name);

    rt_jsonw_lit(&p->w, "organizationId");
    write_top(p, "organizationId", RT_USER_ORGANIZATION_ID, text);
}


static void
write_list(rt_event_part_t *p, const char *name, const rt_json_t *v)
{
    unsigned     n;
    rt_jsonw_t  *w = &p->w;

    rt_jsonw_name(w, name, strlen(name));
    rt_jsonw_open(w, '[');

    for (n = 0, v = v->child; v && n < GROUPS_MAX; v = v->next) {
        if (v->type == RT_JSON_STRING) {
            (void) rt_jsonw_str_cut(w, &v->str, VALUE_MAX);
            n++;
        }
    }

    rt_jsonw_close(w, ']');

    if (v) {
        rt_event_cut_name(p, name);
    }
}


/* "a,b" from a variable, which has no arrays */

static void
write_words(rt_event_part_t *p, const char *name, const rt_str_t *s)
{
    unsigned               n;
    rt_str_t               rest, word;
    rt_jsonw_t            *w = &p->w;

    rt_jsonw_name(w, name, strlen(name));
    rt_jsonw_open(w, '[');

    rest = *s;

    for (n = 0; rest.len && n < GROUPS_MAX; n++) {
        (void) rt_str_cut(&rest, ',', &word, &rest);
        (void) rt_jsonw_str_cut(w, &word, VALUE_MAX);
    }

    rt_jsonw_close(w, ']');
}


/* a member that a rule covers; what is no text is left out; ret: as below */

static int
write_covered(rt_event_part_t *p, const user_member_t *m, rt_redact_act_e act,
    const rt_str_t *value, const rt_str_t *rule)
{
    int     text;
    size_t  saved;

    text = (m->type == USER_STRING || m->type == USER_ID);
    saved = rt_redact_into(p->rd, "user");
    (void) rt_redact_enter(p->rd, &m->name);

    if (act == RT_REDACT_DROP || !text) {
        rt_redact_note(p->rd, "drop", rule);

    } else {
        rt_jsonw_name(&p->w, (const char *) m->name.data, m->name.len);
        rt_redact_put(p->rd, &p->w, act, value, rule);
    }

    rt_redact_leave(p->rd, saved);

    return act != RT_REDACT_DROP && text;
}


static int
write_flag(rt_event_part_t *p, const rt_str_t *name, const rt_str_t *text,
    const rt_json_t *v)
{
    if (text == NULL
        && (v == NULL || (v->type != RT_JSON_TRUE && v->type != RT_JSON_FALSE
                          && v->type != RT_JSON_NULL)))
    {
        return 0;
    }

    rt_jsonw_name(&p->w, (const char *) name->data, name->len);

    if (text) {
        rt_jsonw_bool(&p->w, rt_str_lit(text, "true") || rt_str_lit(text, "1"));

    } else if (v->type == RT_JSON_NULL) {
        rt_jsonw_null(&p->w);

    } else {
        rt_jsonw_bool(&p->w, v->type == RT_JSON_TRUE);
    }

    return 1;
}


/* ret: 0 if there is nothing of that name and type */

static int
write_member(rt_event_part_t *p, size_t row)
{
    rt_str_t              rule;
    const char           *name;
    rt_redact_act_e       act;
    const rt_str_t       *text;
    const rt_json_t      *v;
    const user_member_t  *m;

    m = &members[row];
    name = (const char *) m->name.data;
    text = user_field(p->ev, &m->name);
    v = member(p, row);

    if (rt_redact_has(p->rd, RT_REDACT_USER) && (text || v)) {
        act = rt_redact_user(p->rd, &m->name, &rule);

        if (act != RT_REDACT_NONE) {
            return write_covered(p, m, act, text ? text : &v->str, &rule);
        }
    }

    switch (m->type) {

    case USER_ID:
        v = identifier(p, row);

        if (text || v) {
            rt_jsonw_name(&p->w, name, m->name.len);
            write_id(p, name, v, text);
            return 1;
        }

        return 0;

    case USER_BOOL:
        return write_flag(p, &m->name, text, v);

    case USER_LIST:
        if (text) {
            write_words(p, name, text);
            return 1;
        }

        if (v && v->type == RT_JSON_ARRAY) {
            write_list(p, name, v);
            return 1;
        }

        return 0;

    default:
        if (text == NULL && v && v->type == RT_JSON_STRING) {
            text = &v->str;
        }

        if (text) {
            rt_jsonw_name(&p->w, name, m->name.len);
            write_text(p, name, text);
            return 1;
        }

        return 0;
    }
}


void
rt_event_user(rt_event_part_t *p)
{
    int              any;
    size_t           i;
    rt_jsonw_t      *w = &p->w;
    const rt_str_t   ptr = rt_string("/user");
    rt_jsonw_mark_t  mark, each;

    if (!p->user.there && p->ev->nuser_fields == 0) {
        rt_jsonw_json(w, "\"user\":null");
        return;
    }

    mark = rt_jsonw_mark(w);
    any = 0;
    p->at = "/user";

    rt_jsonw_lit(w, "user");
    rt_jsonw_open(w, '{');

    for (i = 0; i < RT_USER_N && !w->full; i++) {

        if (member(p, i) == NULL && p->ev->nuser_fields == 0) {
            continue;
        }

        each = rt_jsonw_mark(w);
        any |= write_member(p, i);

        if (w->full) {
            rt_jsonw_restore(w, &each);
            rt_event_cut(p, &ptr);
        }
    }

    rt_jsonw_close(w, '}');
    p->at = "";

    if (w->full || !any) {
        rt_jsonw_restore(w, &mark);
        rt_jsonw_lit(w, "user");
        rt_jsonw_null(w);
    }
}


void
rt_event_geo(rt_event_part_t *p)
{
    rt_jsonw_t       *w = &p->w;
    const rt_event_t *ev = p->ev;

    if (ev->country.len + ev->region.len + ev->city.len == 0) {
        rt_jsonw_json(w, "\"geoLocation\":null");
        return;
    }

    rt_jsonw_lit(w, "geoLocation");
    rt_jsonw_open(w, '{');

    if (ev->country.len) {
        rt_event_text(p, "country", &ev->country, 64);
    }

    if (ev->region.len) {
        rt_event_text(p, "region", &ev->region, 64);
    }

    if (ev->city.len) {
        rt_event_text(p, "city", &ev->city, 128);
    }

    rt_jsonw_close(w, '}');
}
