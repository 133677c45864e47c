
#include "event/rt_event_class.h"
#include "event/rt_event_scan.h"
#include "json/rt_jsonw.h"
#include "redact/rt_redact.h"


/*
 * A member: its classes, or, where those of an object's members differ, its
 * members' rows, from first to before end.
 */

typedef struct {
    rt_str_t                   name;
    unsigned                   classes;
    unsigned                   first;
    unsigned                   end;
} row_t;


typedef struct {
    rt_jsonw_t                 w;
    rt_str_t                   rest;        /* of the line */
    unsigned                   classes;
    const rt_pseudonym_key_t  *key;
    rt_str_t                   user;        /* userId, as it stands there */
    int                        told;        /* the line says its classes */
} project_t;


static const rt_str_t  names[RT_EVENT_CLASSES] = {
    rt_string("usage"), rt_string("metering"), rt_string("health"),
    rt_string("alert"), rt_string("pii"), rt_string("content")
};


/* what somebody has to look at, besides errors and losses */

static const rt_str_t  alerts[] = {
    rt_string("ACCESS_DENIED"), rt_string("ACCESS_ENDED"),
    rt_string("LOGIN_FAILED"), rt_string("SPOOF_BLOCKED"),
    rt_string("TOKEN_REJECTED")
};


/* how actions of rtaudit's own events begin */

static const rt_str_t  owns[] = {
    rt_string("AUDIT_"), rt_string("GRANT_EXPIRED")
};


/* "util/tables.py write" makes it of docs/event.schema.json */

static const row_t  rt_event_class_rows[] = {
    { rt_string(""), 0, 1, 24 },
    { rt_string("id"), RT_EVENT_EVERY, 0, 0 },
    { rt_string("userId"), RT_EVENT_PII, 0, 0 },
    { rt_string("organizationId"), RT_EVENT_METERING, 0, 0 },
    { rt_string("ipAddress"), RT_EVENT_PII, 0, 0 },
    { rt_string("geoLocation"), RT_EVENT_PII, 0, 0 },
    { rt_string("responseTimeMs"), RT_EVENT_HEALTH, 0, 0 },
    { rt_string("actionType"),
      RT_EVENT_USAGE | RT_EVENT_ALERT | RT_EVENT_OWN, 0, 0 },
    { rt_string("pageName"), RT_EVENT_USAGE, 0, 0 },
    { rt_string("queryName"), RT_EVENT_USAGE, 0, 0 },
    { rt_string("resourceName"), RT_EVENT_USAGE, 0, 0 },
    { rt_string("pageVersion"), RT_EVENT_USAGE, 0, 0 },
    { rt_string("error"), RT_EVENT_HEALTH | RT_EVENT_ALERT, 0, 0 },
    { rt_string("query"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("status"), RT_EVENT_HEALTH | RT_EVENT_ALERT, 0, 0 },
    { rt_string("isError"), RT_EVENT_HEALTH | RT_EVENT_ALERT, 0, 0 },
    { rt_string("statusText"), RT_EVENT_HEALTH | RT_EVENT_ALERT, 0, 0 },
    { rt_string("createdAt"), RT_EVENT_EVERY, 0, 0 },
    { rt_string("updatedAt"), RT_EVENT_HEALTH, 0, 0 },
    { rt_string("user"), RT_EVENT_PII, 0, 0 },
    { rt_string("request"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("parameters"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("metadata"), 0, 24, 57 },
    { rt_string("integrity"), RT_EVENT_EVERY, 0, 0 },
    { rt_string("schema"), RT_EVENT_EVERY, 0, 0 },
    { rt_string("class"), RT_EVENT_EVERY, 0, 0 },
    { rt_string("userPseudonym"), RT_EVENT_METERING, 0, 0 },
    { rt_string("level"), RT_EVENT_HEALTH | RT_EVENT_ALERT, 0, 0 },
    { rt_string("stage"), RT_EVENT_EVERY, 0, 0 },
    { rt_string("node"), RT_EVENT_EVERY, 0, 0 },
    { rt_string("environment"), RT_EVENT_USAGE, 0, 0 },
    { rt_string("host"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("scheme"), RT_EVENT_HEALTH, 0, 0 },
    { rt_string("tls"), RT_EVENT_HEALTH, 0, 0 },
    { rt_string("userAgent"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("stream"), RT_EVENT_EVERY, 0, 0 },
    { rt_string("seq"), RT_EVENT_EVERY, 0, 0 },
    { rt_string("requestId"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("server"), RT_EVENT_HEALTH | RT_EVENT_ALERT, 0, 0 },
    { rt_string("sink"), RT_EVENT_HEALTH | RT_EVENT_ALERT, 0, 0 },
    { rt_string("lost"), RT_EVENT_EVERY, 0, 0 },
    { rt_string("checkpoint"), RT_EVENT_EVERY, 0, 0 },
    { rt_string("config"), RT_EVENT_HEALTH | RT_EVENT_ALERT, 0, 0 },
    { rt_string("counts"), RT_EVENT_HEALTH | RT_EVENT_ALERT, 0, 0 },
    { rt_string("rtauth"), 0, 57, 69 },
    { rt_string("rtcsp"), 0, 69, 75 },
    { rt_string("body"), 0, 75, 82 },
    { rt_string("response"), 0, 82, 90 },
    { rt_string("truncated"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("truncatedOverflow"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("traceId"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("spanId"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("bytes"), RT_EVENT_METERING, 0, 0 },
    { rt_string("net"), RT_EVENT_PII, 0, 0 },
    { rt_string("upstream"), RT_EVENT_HEALTH, 0, 0 },
    { rt_string("redactions"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("redactionOverflow"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("decision"), RT_EVENT_USAGE | RT_EVENT_ALERT, 0, 0 },
    { rt_string("reason"), RT_EVENT_USAGE | RT_EVENT_ALERT, 0, 0 },
    { rt_string("provider"), RT_EVENT_USAGE | RT_EVENT_ALERT, 0, 0 },
    { rt_string("reference"), RT_EVENT_USAGE | RT_EVENT_ALERT, 0, 0 },
    { rt_string("grant"), RT_EVENT_USAGE | RT_EVENT_ALERT, 0, 0 },
    { rt_string("grantReason"), RT_EVENT_USAGE, 0, 0 },
    { rt_string("targetKind"), RT_EVENT_USAGE | RT_EVENT_ALERT, 0, 0 },
    { rt_string("target"), RT_EVENT_PII, 0, 0 },
    { rt_string("keyId"), RT_EVENT_USAGE | RT_EVENT_ALERT, 0, 0 },
    { rt_string("changed"), RT_EVENT_USAGE | RT_EVENT_ALERT, 0, 0 },
    { rt_string("before"), RT_EVENT_PII, 0, 0 },
    { rt_string("after"), RT_EVENT_PII, 0, 0 },
    { rt_string("policy"), RT_EVENT_HEALTH, 0, 0 },
    { rt_string("nonce"), RT_EVENT_HEALTH, 0, 0 },
    { rt_string("lost"), RT_EVENT_HEALTH, 0, 0 },
    { rt_string("reports"), RT_EVENT_METERING | RT_EVENT_ALERT, 0, 0 },
    { rt_string("classes"), RT_EVENT_METERING | RT_EVENT_ALERT, 0, 0 },
    { rt_string("violations"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("kind"), RT_EVENT_HEALTH, 0, 0 },
    { rt_string("bytes"), RT_EVENT_METERING, 0, 0 },
    { rt_string("captured"), RT_EVENT_METERING, 0, 0 },
    { rt_string("type"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("why"), RT_EVENT_HEALTH, 0, 0 },
    { rt_string("hmac"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("duplicates"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("kind"), RT_EVENT_HEALTH, 0, 0 },
    { rt_string("bytes"), RT_EVENT_METERING, 0, 0 },
    { rt_string("captured"), RT_EVENT_METERING, 0, 0 },
    { rt_string("type"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("why"), RT_EVENT_HEALTH, 0, 0 },
    { rt_string("hmac"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("duplicates"), RT_EVENT_CONTENT, 0, 0 },
    { rt_string("body"), RT_EVENT_CONTENT, 0, 0 }
};


unsigned
rt_event_class(const rt_str_t *name)
{
    unsigned  i;

    for (i = 0; i < RT_EVENT_CLASSES; i++) {
        if (rt_str_eq(&names[i], name)) {
            return 1u << i;
        }
    }

    return 0;
}


const rt_str_t *
rt_event_class_name(unsigned n)
{
    return &names[n];
}


/* the row of this name; they mostly stand in the order of the table */

static const row_t *
find(const row_t *object, const rt_str_t *name, unsigned *next)
{
    unsigned  i, n;

    n = object->end - object->first;

    for (i = 0; i < n; i++, (*next)++) {
        if (*next == object->end) {
            *next = object->first;
        }

        if (rt_str_eq(&rt_event_class_rows[*next].name, name)) {
            return &rt_event_class_rows[(*next)++];
        }
    }

    return NULL;
}


/*
 * Who it was is not for whoever only counts; how many there were is.  A user
 * that a rule has taken out cannot be told from others.
 */

static rt_status_e
write_pseudonym(project_t *p)
{
    size_t         len;
    rt_str_t       user, pseudonym;
    unsigned char  buf[RT_PSEUDONYM_MAX];

    user = rt_event_scan_text(&p->user);

    if (p->key == NULL || !(p->classes & RT_EVENT_METERING)
        || user.len == 0 || rt_str_lit(&p->user, "null")
        || rt_str_lit(&user, RT_REDACT_MASKED))
    {
        return RT_OK;
    }

    if (rt_pseudonym(p->key, &user, buf, &len) != RT_OK) {
        return RT_ERROR;
    }

    pseudonym.data = buf;
    pseudonym.len = len;

    rt_jsonw_lit(&p->w, "userPseudonym");
    rt_jsonw_str(&p->w, &pseudonym);

    return RT_OK;
}


/* what metadata has that the line has not */

static rt_status_e
write_told(project_t *p)
{
    unsigned  i;

    rt_jsonw_lit(&p->w, "class");
    rt_jsonw_open(&p->w, '[');

    for (i = 0; i < RT_EVENT_CLASSES; i++) {
        if (p->classes & (1u << i)) {
            rt_jsonw_str(&p->w, &names[i]);
        }
    }

    rt_jsonw_close(&p->w, ']');
    p->told = 1;

    return write_pseudonym(p);
}


/* the value of a member that rest begins before; RT_DONE: it is not there */

static rt_status_e
member(rt_str_t rest, const char *name, rt_str_t *value)
{
    rt_str_t     key;
    rt_status_e  rc;

    while ((rc = rt_event_scan_member(&rest, &key)) == RT_OK
           && (rc = rt_event_scan_value(&rest, value)) == RT_OK)
    {
        if (rt_str_is(&key, name, strlen(name))) {
            break;
        }
    }

    return rc;
}


static int
own_event(rt_str_t metadata)
{
    rt_str_t  stage;

    return rt_event_scan_open(&metadata) == RT_OK
           && member(metadata, "stage", &stage) == RT_OK
           && rt_str_lit(&stage, "\"module\"");
}


/* of an own event, and not of a request that has an action of that name */

static int
own_action(const rt_str_t *value, rt_str_t rest)
{
    size_t    i;
    rt_str_t  action, metadata;

    action = rt_event_scan_text(value);

    for (i = 0; i < sizeof(owns) / sizeof(owns[0]); i++) {
        if (action.len >= owns[i].len
            && memcmp(action.data, owns[i].data, owns[i].len) == 0)
        {
            return member(rest, "metadata", &metadata) == RT_OK
                   && own_event(metadata);
        }
    }

    return 0;
}


static rt_status_e  write_object(project_t *p, const row_t *object);


/* an object of which not everything may be kept, nor anything */

static rt_status_e
write_some(project_t *p, const row_t *row)
{
    size_t           len;
    rt_status_e      rc;
    rt_jsonw_mark_t  mark;

    mark = rt_jsonw_mark(&p->w);

    rt_jsonw_name(&p->w, (const char *) row->name.data, row->name.len);
    len = rt_jsonw_len(&p->w);

    rc = write_object(p, row);

    if (rc == RT_OK && rt_jsonw_len(&p->w) == len + 2) {
        rt_jsonw_restore(&p->w, &mark);
    }

    return rc;
}


static rt_status_e
write_object(project_t *p, const row_t *object)
{
    unsigned      next = object->first;
    rt_str_t      name, value = rt_null_string;
    rt_status_e   rc;
    const row_t  *row;

    if (rt_event_scan_open(&p->rest) != RT_OK) {
        return RT_INVALID;
    }

    rt_jsonw_open(&p->w, '{');

    if (rt_str_lit(&object->name, "metadata")) {
        rc = p->told ? RT_INVALID : write_told(p);

        if (rc != RT_OK) {
            return rc;
        }
    }

    while ((rc = rt_event_scan_member(&p->rest, &name)) == RT_OK) {

        row = find(object, &name, &next);

        if (row && row->end) {
            rc = write_some(p, row);

        } else {
            rc = rt_event_scan_value(&p->rest, &value);
        }

        if (rc != RT_OK) {
            return rc;
        }

        if (rt_str_lit(&name, "userId")) {
            p->user = value;
        }

        if (row == NULL
            || (!(row->classes & p->classes)
                && !(row->classes & RT_EVENT_OWN
                     && own_action(&value, p->rest))))
        {
            continue;
        }

        /* both as they stand there, with their quotes */

        rt_jsonw_put(&p->w, name.data - 1,
                     (size_t) (value.data + value.len - name.data) + 1);
    }

    rt_jsonw_close(&p->w, '}');

    if (rc != RT_DONE) {
        return rc;
    }

    return p->w.full ? RT_TOO_BIG : RT_OK;
}


rt_status_e
rt_event_project(const rt_str_t *line, unsigned classes,
    const rt_pseudonym_key_t *key, unsigned char *buf, size_t size,
    size_t *len)
{
    project_t    p;
    rt_status_e  rc;

    memset(&p, 0, sizeof(p));

    p.rest = *line;
    p.classes = classes | RT_EVENT_EVERY;
    p.key = key;

    rt_jsonw_init(&p.w, buf, size);

    rt_jsonw_hold(&p.w, 1);
    rc = write_object(&p, rt_event_class_rows);
    rt_jsonw_release(&p.w, 1);
    rt_jsonw_byte(&p.w, '\n');

    if (rc != RT_OK) {
        return rc;
    }

    if (!p.told || !rt_str_lit(&p.rest, "\n")) {
        return RT_INVALID;
    }

    *len = rt_jsonw_len(&p.w);

    return p.w.full ? RT_TOO_BIG : RT_OK;
}


static int
alert_action(const rt_str_t *value)
{
    size_t    i;
    rt_str_t  action;

    action = rt_event_scan_text(value);

    for (i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++) {
        if (rt_str_eq(&alerts[i], &action)) {
            return 1;
        }
    }

    return 0;
}


/* a server's error, and a request that got no answer */

static int
alert_status(const rt_str_t *status)
{
    return status->len != 3 || status->data[0] >= '5';
}


/* of the module's own, and those that tell of a loss */

static int
alert_metadata(const rt_str_t *metadata)
{
    rt_str_t  rest, lost;

    rest = *metadata;

    return own_event(rest)
           || rt_event_scan_open(&rest) != RT_OK
           || member(rest, "lost", &lost) != RT_DONE;
}


int
rt_event_alert(const rt_str_t *line)
{
    rt_str_t     rest, name, value;
    rt_status_e  rc;

    rest = *line;
    rc = rt_event_scan_open(&rest);

    while (rc == RT_OK
           && (rc = rt_event_scan_member(&rest, &name)) == RT_OK)
    {
        rc = rt_event_scan_value(&rest, &value);

        if (rc == RT_OK
            && ((rt_str_lit(&name, "actionType") && alert_action(&value))
                || (rt_str_lit(&name, "status") && alert_status(&value))
                || (rt_str_lit(&name, "metadata") && alert_metadata(&value))))
        {
            return 1;
        }
    }

    return rc != RT_DONE;
}
