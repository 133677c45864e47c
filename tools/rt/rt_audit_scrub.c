
#include <stdio.h>

#include "rt_audit_scrub.h"
#include "json/rt_jsonscan.h"
#include "redact/rt_redact_head.h"
#include "redact/rt_redact_url.h"


#define ANY_LENGTH  (SIZE_MAX / 4)
#define NOTES_SIZE  (256 * 1024)


typedef struct {
    rt_redact_t         rd;
    rt_jsonw_t         *w;
    rt_audit_scrub_t   *found;
    const rt_json_t    *notes;      /* metadata.redactions of the line */
    rt_str_t            raw_notes;
    uint64_t            overflow;   /* metadata.redactionOverflow */
    rt_str_t            kind;       /* metadata.rtauth.targetKind */
} scrub_t;


typedef struct member_s  member_t;

/* what becomes of a member; a member that no row names stays as it is */

struct member_s {
    rt_str_t          name;         /* empty in the last row: any other */
    void            (*write)(scrub_t *s, const rt_str_t *name,
                             const rt_str_t *raw, const rt_json_t *v);
    const member_t   *inner;        /* the members of an object */
};


static const rt_json_opts_t  opts = { 0, RT_JSONSCAN_DEPTH, ~0u };


static rt_status_e object(scrub_t *s, const member_t *members,
    rt_jsonscan_t *scan);


/* A value of which nothing more is known. */

static void
value(scrub_t *s, const rt_json_t *v)
{
    rt_redact_json(&s->rd, s->w, v);
}


static void
address(scrub_t *s, const rt_str_t *name, const rt_str_t *raw,
    const rt_json_t *v)
{
    (void) raw;

    rt_jsonw_key(s->w, name);

    if (v->type != RT_JSON_STRING) {
        value(s, v);

    } else if (rt_redact_url(&s->rd, s->w, &v->str, 1, ANY_LENGTH)
               == RT_ERROR)
    {
        s->w->full = 1;
    }
}


/* A value in which the steps of JSON rules are counted from here. */

static void
tree(scrub_t *s, const rt_str_t *name, const rt_str_t *raw,
    const rt_json_t *v)
{
    (void) raw;

    rt_jsonw_key(s->w, name);

    s->rd.root = s->rd.nsteps;
    value(s, v);
    s->rd.root = RT_REDACT_STEPS;
}


/*
 * A body.  One that is a string came as text or as a string of JSON: the line
 * says which, but only behind it.  So the rules for text are taken, which are
 * the stricter ones.
 */

static void
body(scrub_t *s, const rt_str_t *name, const rt_str_t *raw,
    const rt_json_t *v)
{
    if (v->type != RT_JSON_STRING) {
        tree(s, name, raw, v);
        return;
    }

    rt_jsonw_key(s->w, name);

    s->rd.root = s->rd.nsteps;

    if (rt_redact_text_body(&s->rd, s->w, &v->str, ANY_LENGTH) == RT_ERROR) {
        s->w->full = 1;
    }

    s->rd.root = RT_REDACT_STEPS;
}


static void
header_value(scrub_t *s, const rt_str_t *name, const rt_json_t *v,
    rt_redact_act_e act, const rt_str_t *rule)
{
    if (v->type != RT_JSON_STRING) {
        value(s, v);

    } else if (rt_redact_header_value(&s->rd, s->w, name, &v->str, act, rule,
                                      ANY_LENGTH)
               == RT_ERROR)
    {
        s->w->full = 1;
    }
}


static void
header(scrub_t *s, const rt_str_t *name, const rt_str_t *raw,
    const rt_json_t *v)
{
    rt_str_t          rule;
    rt_redact_act_e   act;
    const rt_json_t  *each;

    (void) raw;

    act = rt_redact_header(&s->rd, name, &rule);

    if (act == RT_REDACT_DROP) {
        rt_redact_note(&s->rd, "drop", &rule);
        return;
    }

    rt_jsonw_key(s->w, name);

    if (v->type != RT_JSON_ARRAY) {
        header_value(s, name, v, act, &rule);
        return;
    }

    rt_jsonw_open(s->w, '[');

    for (each = v->child; each; each = each->next) {
        header_value(s, name, each, act, &rule);
    }

    rt_jsonw_close(s->w, ']');
}


static void
agent(scrub_t *s, const rt_str_t *name, const rt_str_t *raw,
    const rt_json_t *v)
{
    rt_str_t         rule;
    rt_redact_act_e  act;

    (void) raw;

    act = rt_redact_header(&s->rd, &(rt_str_t) rt_string("user-agent"), &rule);

    if (act == RT_REDACT_DROP) {
        rt_redact_note(&s->rd, "drop", &rule);
        return;
    }

    rt_jsonw_key(s->w, name);
    header_value(s, name, v, act, &rule);
}


/* A member of the user, which is covered as a whole or not at all. */

static void
user(scrub_t *s, const rt_str_t *name, const rt_str_t *raw,
    const rt_json_t *v)
{
    int              text;
    rt_str_t         rule;
    rt_redact_act_e  act;

    text = v->type == RT_JSON_STRING || v->type == RT_JSON_NUMBER;
    act = v->type == RT_JSON_NULL ? RT_REDACT_NONE
                                  : rt_redact_user(&s->rd, name, &rule);

    if (act == RT_REDACT_DROP || (act != RT_REDACT_NONE && !text)) {
        rt_redact_note(&s->rd, "drop", &rule);
        return;
    }

    rt_jsonw_key(s->w, name);

    if (act != RT_REDACT_NONE) {
        rt_redact_put(&s->rd, s->w, act, &v->str, &rule);

    } else {
        rt_jsonw_raw(s->w, raw);
    }
}


/* The action for userId or organizationId, by their names or those in user. */

static rt_redact_act_e
identity_act(scrub_t *s, const rt_str_t *name, rt_str_t *rule)
{
    rt_str_t         by;
    rt_str_t         own = rt_string("id");
    rt_redact_act_e  act, other;

    act = rt_redact_user(&s->rd, name, rule);
    other = rt_redact_user(&s->rd, rt_str_lit(name, "userId") ? &own : name,
                           &by);

    if (other > act) {
        act = other;
        *rule = by;
    }

    return act;
}


static void
identity(scrub_t *s, const rt_str_t *name, const rt_str_t *raw,
    const rt_json_t *v)
{
    rt_str_t         rule;
    rt_redact_act_e  act;

    act = identity_act(s, name, &rule);

    rt_jsonw_key(s->w, name);

    if (act == RT_REDACT_NONE || v->type == RT_JSON_NULL) {
        rt_jsonw_raw(s->w, raw);

    } else if (act == RT_REDACT_DROP) {
        rt_jsonw_null(s->w);
        rt_redact_note(&s->rd, "drop", &rule);

    } else {
        rt_redact_put(&s->rd, s->w, act, &v->str, &rule);
    }
}


/* metadata.rtauth.target, by the rule for the member of user that it is. */

static void
target_kind(scrub_t *s, const rt_str_t *name, const rt_str_t *raw,
    const rt_json_t *v)
{
    s->kind = v->str;

    rt_jsonw_key(s->w, name);
    rt_jsonw_raw(s->w, raw);
}


static void
target(scrub_t *s, const rt_str_t *name, const rt_str_t *raw,
    const rt_json_t *v)
{
    rt_str_t         rule;
    rt_str_t         id = rt_string("userId");
    rt_redact_act_e  act;

    act = identity_act(s, rt_str_lit(&s->kind, "sub") ? &id : &s->kind, &rule);

    if (act == RT_REDACT_DROP) {
        rt_redact_note(&s->rd, "drop", &rule);
        return;
    }

    rt_jsonw_key(s->w, name);

    if (act == RT_REDACT_NONE) {
        rt_jsonw_raw(s->w, raw);

    } else {
        rt_redact_put(&s->rd, s->w, act, &v->str, &rule);
    }
}


/* metadata.rtcsp.violations: a list of objects with addresses in them. */

static void
violations(scrub_t *s, const rt_str_t *name, const rt_str_t *raw,
    const rt_json_t *v)
{
    size_t            saved, at;
    char              digits[24];
    unsigned          n;
    rt_str_t          index;
    const rt_json_t  *each, *m;

    (void) raw;

    rt_jsonw_key(s->w, name);
    rt_jsonw_open(s->w, '[');

    for (each = v->child, n = 0; each; each = each->next, n++) {

        index.data = (unsigned char *) digits;
        index.len = (size_t) snprintf(digits, sizeof(digits), "%u", n);
        saved = rt_redact_enter(&s->rd, &index);

        rt_jsonw_open(s->w, '{');

        for (m = each->child; m; m = m->next) {
            at = rt_redact_enter(&s->rd, &m->key);
            address(s, &m->key, NULL, m);
            rt_redact_leave(&s->rd, at);
        }

        rt_jsonw_close(s->w, '}');
        rt_redact_leave(&s->rd, saved);
    }

    rt_jsonw_close(s->w, ']');
}


static void
sealed(scrub_t *s, const rt_str_t *name, const rt_str_t *raw,
    const rt_json_t *v)
{
    (void) name;
    (void) raw;
    (void) v;

    s->found->sealed = 1;
}


/* metadata.redactions is kept, and written when all new notes are known. */

static void
notes(scrub_t *s, const rt_str_t *name, const rt_str_t *raw,
    const rt_json_t *v)
{
    (void) name;

    if (v->type == RT_JSON_ARRAY) {
        s->notes = v;
        s->raw_notes = *raw;
    }
}


static void
overflow(scrub_t *s, const rt_str_t *name, const rt_str_t *raw,
    const rt_json_t *v)
{
    int64_t  n;

    (void) name;
    (void) raw;


    if (rt_json_int64(v, &n) == RT_OK && n > 0) {
        s->overflow = (uint64_t) n;
    }
}


static const member_t  headers_members[] = {
    { rt_null_string, header, NULL }
};

static const member_t  user_members[] = {
    { rt_null_string, user, NULL }
};

static const member_t  request_members[] = {
    { rt_string("url"), address, NULL },
    { rt_string("destination"), address, NULL },
    { rt_string("headers"), tree, headers_members },
    { rt_string("body"), body, NULL },
    { rt_null_string, NULL, NULL }
};

static const member_t  response_members[] = {
    { rt_string("body"), body, NULL },
    { rt_null_string, NULL, NULL }
};

static const member_t  rtauth_members[] = {
    { rt_string("targetKind"), target_kind, NULL },
    { rt_string("target"), target, NULL },
    { rt_null_string, NULL, NULL }
};

static const member_t  rtcsp_members[] = {
    { rt_string("violations"), violations, NULL },
    { rt_null_string, NULL, NULL }
};

static const member_t  metadata_members[] = {
    { rt_string("response"), tree, response_members },
    { rt_string("rtauth"), tree, rtauth_members },
    { rt_string("rtcsp"), tree, rtcsp_members },
    { rt_string("userAgent"), agent, NULL },
    { rt_string("redactions"), notes, NULL },
    { rt_string("redactionOverflow"), overflow, NULL },
    { rt_null_string, NULL, NULL }
};

static const member_t  top_members[] = {
    { rt_string("userId"), identity, NULL },
    { rt_string("organizationId"), identity, NULL },
    { rt_string("user"), tree, user_members },
    { rt_string("request"), tree, request_members },
    { rt_string("parameters"), tree, NULL },
    { rt_string("metadata"), tree, metadata_members },
    { rt_string("integrity"), sealed, NULL },
    { rt_null_string, NULL, NULL }
};


/* Whether the line itself has a note of this place. */

static int
noted(const scrub_t *s, const rt_str_t *ptr)
{
    const rt_json_t  *each, *at;

    for (each = s->notes ? s->notes->child : NULL; each; each = each->next) {
        at = rt_json_member(each, "ptr");

        if (at && rt_str_eq(&at->str, ptr)) {
            return 1;
        }
    }

    return 0;
}


/* Writes the notes that the line had, as they were, and the new ones. */

static rt_status_e
write_notes(scrub_t *s)
{
    rt_str_t      inner;
    unsigned      i, n, old;
    rt_jsonw_t    w;
    rt_redact_t  *rd = &s->rd;

    old = s->notes ? s->notes->count : 0;

    for (i = n = 0; i < rd->nnotes; i++) {
        if (noted(s, &rd->note[i].ptr)) {
            continue;
        }

        if (old + n < RT_REDACT_NOTES) {
            rd->note[n++] = rd->note[i];

        } else {
            rd->overflow++;
        }
    }

    rd->nnotes = n;
    inner.data = rt_alloc(rd->mem, NOTES_SIZE);

    if (inner.data == NULL) {
        return RT_ERROR;
    }

    rt_jsonw_init(&w, inner.data, NOTES_SIZE);
    rt_redact_write_notes(rd, &w);

    if (old + n) {
        rt_jsonw_lit(s->w, "redactions");
        rt_jsonw_open(s->w, '[');

        if (old) {
            rt_jsonw_put(s->w, s->raw_notes.data + 1, s->raw_notes.len - 2);
        }

        if (rd->nnotes) {
            rt_jsonw_put(s->w, inner.data + 1, rt_jsonw_len(&w) - 2);
        }

        rt_jsonw_close(s->w, ']');
    }

    if (s->overflow + rd->overflow) {
        rt_jsonw_lit(s->w, "redactionOverflow");
        rt_jsonw_uint(s->w, s->overflow + rd->overflow);
    }

    return RT_OK;
}


/* How many values are redacted now that the line still had. */

static unsigned
went(const scrub_t *s)
{
    unsigned  i, n;

    n = s->rd.overflow;

    for (i = 0; i < s->rd.nnotes; i++) {
        n += noted(s, &s->rd.note[i].ptr) ? 0 : s->rd.note[i].n;
    }

    return n;
}


static const member_t *
find(const member_t *members, const rt_str_t *name)
{
    while (members->name.len && !rt_str_eq(&members->name, name)) {
        members++;
    }

    return members;
}


/* Writes a member, whose value the scan is at; name is as the line has it. */

static rt_status_e
member(scrub_t *s, const member_t *m, const rt_str_t *name,
    rt_jsonscan_t *scan)
{
    size_t        saved;
    rt_str_t      raw;
    rt_json_t    *v;
    rt_status_e   rc;

    saved = rt_redact_enter(&s->rd, name);

    if (m->inner && *scan->p == '{') {
        rt_jsonw_key(s->w, name);
        rc = object(s, m->inner, scan);
        rt_redact_leave(&s->rd, saved);
        return rc;
    }

    rc = rt_jsonscan_skip(scan, &raw);

    if (rc == RT_OK && m->write) {
        rc = rt_json_parse(s->rd.mem, &raw, &opts, &v, NULL);

        if (rc == RT_OK) {
            m->write(s, name, &raw, v);
        }

    } else if (rc == RT_OK) {
        rt_jsonw_key(s->w, name);
        rt_jsonw_raw(s->w, &raw);
    }

    rt_redact_leave(&s->rd, saved);

    return rc;
}


/*
 * Writes an object.  A name with an escape is refused: nginx writes none where
 * rules go by names.
 */

static rt_status_e
object(scrub_t *s, const member_t *members, rt_jsonscan_t *scan)
{
    rt_str_t     name;
    rt_status_e  rc;

    rc = rt_jsonscan_enter(scan);

    if (rc != RT_OK) {
        return RT_INVALID;
    }

    rt_jsonw_open(s->w, '{');

    while ((rc = rt_jsonscan_member(scan, &name)) == RT_OK) {

        if (name.len && memchr(name.data, '\\', name.len)) {
            return RT_INVALID;
        }

        rc = member(s, find(members, &name), &name, scan);

        if (rc != RT_OK) {
            return rc;
        }
    }

    if (rc == RT_DONE && members == metadata_members) {
        rc = write_notes(s);

        if (rc != RT_OK) {
            return rc;
        }

        rc = RT_DONE;
    }

    rt_jsonw_close(s->w, '}');

    return rc == RT_DONE ? RT_OK : rc;
}


rt_status_e
rt_audit_scrub(rt_mem_t *mem, const rt_redact_set_t *rules,
    const rt_str_t *line, rt_jsonw_t *w, rt_audit_scrub_t *found)
{
    scrub_t        s;
    rt_status_e    rc;
    rt_jsonscan_t  scan;

    memset(&s, 0, sizeof(scrub_t));
    memset(found, 0, sizeof(rt_audit_scrub_t));
    rt_redact_init(&s.rd, mem, &rules, 1);
    s.w = w;
    s.found = found;

    rt_jsonscan_init(&scan, line);
    rc = object(&s, top_members, &scan);

    if (rc == RT_OK) {
        rc = rt_jsonscan_end(&scan);
    }

    found->values = went(&s);

    return rc == RT_OK && (w->full || s.rd.cuts) ? RT_TOO_BIG : rc;
}
