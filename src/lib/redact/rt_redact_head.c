
#include "redact/rt_redact_head.h"


typedef struct {
    rt_str_t              scheme;   /* "https://", "//" or empty */
    rt_str_t              host;     /* with port */
    rt_str_t              path;
    rt_str_t              query;
    unsigned              opaque:1; /* no address we can take apart */
    unsigned              args:1;   /* it has a '?' */
} url_t;


typedef enum {
    HEAD_PLAIN = 0,
    HEAD_URL,
    HEAD_SECRET,                    /* from here on: masked always */
    HEAD_AUTH,
    HEAD_COOKIE,
    HEAD_SET_COOKIE
} head_e;


typedef struct {
    rt_str_t              name;
    head_e                kind;
} head_t;


static const head_t  heads[] = {
    { rt_string("authorization"), HEAD_AUTH },
    { rt_string("proxy-authorization"), HEAD_AUTH },
    { rt_string("cookie"), HEAD_COOKIE },
    { rt_string("cookie2"), HEAD_COOKIE },
    { rt_string("set-cookie"), HEAD_SET_COOKIE },
    { rt_string("x-api-key"), HEAD_SECRET },
    { rt_string("api-key"), HEAD_SECRET },
    { rt_string("apikey"), HEAD_SECRET },
    { rt_string("dd-api-key"), HEAD_SECRET },
    { rt_string("private-token"), HEAD_SECRET },
    { rt_string("x-access-token"), HEAD_SECRET },
    { rt_string("x-amz-security-token"), HEAD_SECRET },
    { rt_string("x-auth-token"), HEAD_SECRET },
    { rt_string("x-goog-api-key"), HEAD_SECRET },
    { rt_string("x-vault-token"), HEAD_SECRET },
    { rt_string("referer"), HEAD_URL },
    { rt_string("location"), HEAD_URL },
    { rt_string("content-location"), HEAD_URL },
    { rt_string("x-original-uri"), HEAD_URL },
    { rt_string("x-original-url"), HEAD_URL },
    { rt_string("x-forwarded-uri"), HEAD_URL },
    { rt_string("x-rewrite-url"), HEAD_URL }
};


/* schemes whose name may stay; anything else could be the secret itself */

static const rt_str_t  schemes[] = {
    rt_string("Bearer"), rt_string("Basic"), rt_string("Digest"),
    rt_string("Negotiate"), rt_string("NTLM"), rt_string("DPoP"),
    rt_string("GNAP"), rt_string("HOBA"), rt_string("Mutual"),
    rt_string("ApiKey"), rt_string("Token"), rt_string("Signature"),
    rt_string("AWS4-HMAC-SHA256"), rt_string("SCRAM-SHA-256")
};


static const rt_str_t  masked = rt_string(RT_REDACT_MASKED);

static const rt_str_t  why_builtin = rt_string("builtin");
static const rt_str_t  why_count = rt_string("count");
static const rt_str_t  why_name = rt_string("name");
static const rt_str_t  why_percent = rt_string("percent");
static const rt_str_t  why_url = rt_string("url");


/* arguments */


/*
 * A name that holds more than a name: JSON or parts of multipart sent as a
 * form, or arguments in an encoded name.  It must not be shown, in a note's
 * pointer neither.
 */

static int
telling_name(rt_redact_t *rd, const rt_str_t *name)
{
    size_t    i;
    rt_str_t  out, rule;

    for (i = 0; i < name->len && name->data[i] <= ' '; i++) { /* void */ }

    if (i < name->len && memchr("{[\"", name->data[i], 3)) {
        return 1;
    }

    if (name->len && memchr(name->data, '\n', name->len)) {
        return 1;
    }

    return rt_redact_look(rd, name, &out, &rule) != RT_REDACT_CLEAN;
}


static rt_redact_act_e
judge_arg(rt_redact_t *rd, const rt_form_field_t *field, rt_str_t *shown,
    rt_str_t *rule)
{
    rt_str_t         out;
    rt_redact_act_e  act;

    act = rt_redact_name(rd, &field->name, rule);

    if (act != RT_REDACT_NONE) {
        return act;
    }

    if (field->bad && rd->any) {
        *rule = why_percent;
        return RT_REDACT_MASK;
    }

    switch (rt_redact_look(rd, &field->value, &out, rule)) {

    case RT_REDACT_EDITED:
        *shown = out;
        return RT_REDACT_NONE;

    case RT_REDACT_HIDDEN:
        return RT_REDACT_MASK;

    default:
        return RT_REDACT_NONE;
    }
}


rt_redact_act_e
rt_redact_arg(rt_redact_t *rd, const rt_form_field_t *field, rt_str_t *shown,
    rt_str_t *rule)
{
    size_t           saved;
    rt_redact_act_e  act;

    *shown = field->value;

    if (rt_redact_token(&field->name) < field->name.len) {
        *rule = why_builtin;
        rt_redact_note(rd, "drop", rule);
        return RT_REDACT_DROP;
    }

    if (rd->any && telling_name(rd, &field->name)) {
        *rule = why_name;
        rt_redact_note(rd, "drop", rule);
        return RT_REDACT_DROP;
    }

    saved = rt_redact_enter(rd, &field->name);
    act = judge_arg(rd, field, shown, rule);

    if (act != RT_REDACT_NONE) {
        rt_redact_note(rd, rt_redact_act_name(act), rule);
    }

    rt_redact_leave(rd, saved);

    return act;
}


/* addresses */


/* the first byte of s from i on that is one of set, or the end */

static size_t
until(const rt_str_t *s, size_t i, const char *set)
{
    size_t  n;

    n = strlen(set);

    while (i < s->len && memchr(set, s->data[i], n) == NULL) {
        i++;
    }

    return i;
}


static rt_str_t
slice(const rt_str_t *s, size_t from, size_t to)
{
    rt_str_t  part;

    part.data = s->data + from;
    part.len = to - from;

    return part;
}


static void
take_apart(const rt_str_t *s, url_t *u)
{
    size_t  i, at, end, last;

    memset(u, 0, sizeof(*u));

    end = until(s, 0, "#");
    i = until(s, 0, "/?#");
    at = 0;

    if (i + 1 < end && s->data[i] == '/' && s->data[i + 1] == '/'
        && (i == 0 || s->data[i - 1] == ':'))
    {
        u->scheme = slice(s, 0, i + 2);

        at = i + 2;
        last = until(s, at, "/?#");

        for (i = last; i > at && s->data[i - 1] != '@'; i--) { /* void */ }

        u->host = slice(s, i, last);
        at = last;

    } else if (i > 0) {
        u->opaque = (until(s, 0, ":@") < i);
    }

    i = until(s, at, "?#");

    u->path = slice(s, at, i);

    if (i < end) {
        u->args = 1;
        u->query = slice(s, i + 1, end);
    }
}


/* a piece of a path, of which a token leaves "/" or "=" */

static void
write_piece(rt_redact_t *rd, rt_jsonw_t *w, rt_str_t part)
{
    rt_str_t  sign;

    if (rt_redact_token(&part) < part.len) {
        sign = slice(&part, 0, memchr("/=", part.data[0], 2) != NULL);
        part = masked;

        rt_jsonw_str_text(w, &sign);
        rt_redact_note(rd, "mask", &why_builtin);
    }

    rt_jsonw_str_text(w, &part);
}


/* the path, with the values of matrix parameters (";name=value") judged */

static void
write_path(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *path)
{
    size_t    from, eq, next;
    rt_str_t  part, rule;

    for (from = 0; from < path->len; from = next) {
        next = until(path, from + 1, ";/");
        part = slice(path, from, next);

        if (part.data[0] == ';') {
            eq = until(&part, 1, "=");
            part = slice(&part, 1, eq);

            rt_jsonw_str_text(w, &(rt_str_t) rt_string(";"));
            write_piece(rd, w, part);

            part = slice(path, from + eq, next);

            if (part.len
                && rt_redact_name(rd, &(rt_str_t) { eq - 1,
                                                    path->data + from + 1 },
                                  &rule)
                   != RT_REDACT_NONE)
            {
                rt_redact_note(rd, "mask", &rule);
                rt_jsonw_str_text(w, &(rt_str_t) rt_string("="));
                part = masked;
            }
        }

        write_piece(rd, w, part);
    }
}


static int
too_many(const rt_str_t *query)
{
    size_t  i, n;

    for (i = 0, n = 1; i < query->len; i++) {
        n += (query->data[i] == '&');
    }

    return n > RT_REDACT_ARGS;
}


/* one argument; raw is how it came */

static int
write_arg(rt_redact_t *rd, rt_jsonw_t *w, const rt_form_field_t *field,
    const rt_str_t *raw, int first)
{
    rt_str_t         shown, rule, name;
    rt_redact_act_e  act;

    act = rt_redact_arg(rd, field, &shown, &rule);

    if (act == RT_REDACT_DROP) {
        return 0;
    }

    if (!first) {
        rt_jsonw_str_text(w, &(rt_str_t) rt_string("&"));
    }

    if (act == RT_REDACT_NONE && shown.data == field->value.data) {
        rt_jsonw_str_text(w, raw);
        return 1;
    }

    name = slice(raw, 0, until(raw, 0, "="));

    rt_jsonw_str_text(w, &name);
    rt_jsonw_str_text(w, &(rt_str_t) rt_string("=" RT_REDACT_MASKED));

    return 1;
}


static rt_status_e
write_query(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *query)
{
    int              first;
    rt_str_t         raw;
    rt_status_e      rc;
    rt_form_iter_t   it;
    rt_form_field_t  field;

    rt_jsonw_str_text(w, &(rt_str_t) rt_string("?"));

    if (rd->any && too_many(query)) {
        rt_jsonw_str_text(w, &masked);
        rt_redact_note(rd, "unparsed", &why_count);
        return RT_OK;
    }

    first = 1;
    rt_form_iter(&it, query);

    for ( ;; ) {
        raw.data = (unsigned char *) it.pos;

        while (raw.data < it.end && *raw.data == '&') {
            raw.data++;
        }

        rc = rt_form_next(rd->mem, &it, &field);

        if (rc != RT_OK) {
            return rc == RT_DONE ? RT_OK : rc;
        }

        raw.len = (size_t) (it.pos - raw.data);

        if (write_arg(rd, w, &field, &raw, first)) {
            first = 0;
        }
    }
}


static rt_status_e
write_url(rt_redact_t *rd, rt_jsonw_t *w, const url_t *u, int query)
{
    rt_status_e  rc;

    rc = RT_OK;

    rt_jsonw_str_open(w);
    rt_jsonw_str_text(w, &u->scheme);
    rt_jsonw_str_text(w, &u->host);
    write_path(rd, w, &u->path);

    if (query && u->args) {
        rc = write_query(rd, w, &u->query);
    }

    rt_jsonw_str_close(w);

    return rc;
}


/* as a whole with query and path, within max bytes between the quotes */

static rt_status_e
try_url(rt_redact_t *rd, rt_jsonw_t *w, const url_t *u, int query,
    size_t max)
{
    size_t       room, held;
    rt_status_e  rc;

    room = rt_jsonw_room(w);
    held = room > max + 2 ? room - max - 2 : 0;

    rt_jsonw_hold(w, held);
    rc = write_url(rd, w, u, query);
    rt_jsonw_release(w, held);

    return rc;
}


rt_status_e
rt_redact_url(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *url,
    int query, size_t max)
{
    url_t            u;
    size_t           n, end;
    rt_str_t         start;
    rt_status_e      rc;
    rt_jsonw_mark_t  mark;

    if (url->len == 0) {
        rt_jsonw_str(w, url);
        return RT_OK;
    }

    take_apart(url, &u);

    if (u.opaque) {
        rt_jsonw_str(w, &masked);
        rt_redact_note(rd, "unparsed", &why_url);
        return RT_OK;
    }

    mark = rt_jsonw_mark(w);
    rc = try_url(rd, w, &u, query, max);

    if (rc != RT_OK) {
        rt_jsonw_restore(w, &mark);
        return rc;
    }

    if (!w->full) {
        return RT_OK;
    }

    rt_jsonw_restore(w, &mark);
    (void) try_url(rd, w, &u, 0, max);

    if (!w->full) {
        return RT_TOO_BIG;
    }

    /* only the path's start, up to where a parameter or token begins */

    rt_jsonw_restore(w, &mark);

    end = until(&u.path, 0, ";");
    n = rt_redact_token(&u.path);
    end = n < end ? n : end;
    start = slice(&u.path, 0, end);
    end = rt_jsonw_room(w) > 3 ? rt_jsonw_room(w) - 3 : 0;

    (void) rt_jsonw_str_cut(w, &start, end < max ? end : max);

    return RT_TOO_BIG;
}


/* headers */


static head_e
head_kind(const rt_str_t *name)
{
    size_t         i;
    rt_str_t       folded;
    unsigned char  buf[32];

    if (name->len > sizeof(buf)) {
        return HEAD_PLAIN;
    }

    folded.data = buf;
    folded.len = rt_glob_fold(buf, name);

    for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        if (rt_str_eq(&heads[i].name, &folded)) {
            return heads[i].kind;
        }
    }

    return HEAD_PLAIN;
}


rt_redact_act_e
rt_redact_header(rt_redact_t *rd, const rt_str_t *name, rt_str_t *rule)
{
    rt_redact_act_e  act;

    act = rt_redact_name(rd, name, rule);

    if (act == RT_REDACT_NONE && head_kind(name) >= HEAD_SECRET) {
        *rule = why_builtin;
        return RT_REDACT_MASK;
    }

    return act;
}


static void
write_credentials(rt_jsonw_t *w, const rt_str_t *value)
{
    size_t    i, n;
    rt_str_t  scheme;

    n = until(value, 0, " ");
    scheme = slice(value, 0, n);

    rt_jsonw_str_open(w);

    if (n < value->len) {
        for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
            if (rt_str_ieq(&schemes[i], &scheme)) {
                rt_jsonw_str_text(w, &schemes[i]);
                rt_jsonw_str_text(w, &(rt_str_t) rt_string(" "));
                break;
            }
        }
    }

    rt_jsonw_str_text(w, &masked);
    rt_jsonw_str_close(w);
}


/* characters of a token (RFC 9110, 5.6.2) */

static int
token(const rt_str_t *s)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < s->len; i++) {
        c = rt_lower(s->data[i]);

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
              || memchr("!#$%&'*+-.^_`|~", c, 15) != NULL))
        {
            return 0;
        }
    }

    return s->len != 0;
}


/*
 * One "name=value"; the value is left out.
 *
 * ret: 0 if it hides where it ends (a quoted string goes on behind ';')
 */

static int
write_cookie(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *piece,
    int *first)
{
    size_t           eq;
    rt_str_t         name, value, rule;
    rt_redact_act_e  act;

    eq = until(piece, 0, "=");
    name = slice(piece, 0, eq);
    value = slice(piece, eq < piece->len ? eq + 1 : eq, piece->len);

    act = rt_redact_name(rd, &name, &rule);

    if (act == RT_REDACT_DROP) {
        rt_redact_note(rd, "drop", &rule);

    } else {

        if (!*first) {
            rt_jsonw_str_text(w, &(rt_str_t) rt_string("; "));
        }

        *first = 0;

        if (eq < piece->len && token(&name)
            && rt_redact_token(&name) == name.len)
        {
            rt_jsonw_str_text(w, &name);
            rt_jsonw_str_text(w, &(rt_str_t) rt_string("="));
        }

        rt_jsonw_str_text(w, &masked);
    }

    return value.len == 0 || value.data[0] != '"'
           || (value.len > 1 && value.data[value.len - 1] == '"');
}


static void
write_cookies(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *value, int all)
{
    int       first;
    size_t    i, end;
    rt_str_t  piece;

    rt_jsonw_str_open(w);

    first = 1;

    for (i = 0; i < value->len; i = end + 1) {
        end = until(value, i, ";");
        piece = slice(value, i, end);

        while (piece.len && piece.data[0] == ' ') {
            piece.data++;
            piece.len--;
        }

        if (piece.len && !write_cookie(rd, w, &piece, &first)) {
            break;
        }

        if (!all) {
            break;
        }
    }

    rt_jsonw_str_close(w);
}


static void
write_masked(rt_redact_t *rd, rt_jsonw_t *w, head_e kind,
    const rt_str_t *value, const rt_str_t *rule, size_t max)
{
    rt_jsonw_mark_t  mark;

    mark = rt_jsonw_mark(w);

    switch (kind) {

    case HEAD_AUTH:
        write_credentials(w, value);
        break;

    case HEAD_COOKIE:
    case HEAD_SET_COOKIE:
        write_cookies(rd, w, value, kind == HEAD_COOKIE);
        break;

    default:
        rt_jsonw_str(w, &masked);
    }

    if (w->full || (size_t) (w->pos - mark.pos) > max + 2) {
        rt_jsonw_restore(w, &mark);
        rt_jsonw_str(w, &masked);
    }

    rt_redact_note(rd, "mask", rule);
}


rt_status_e
rt_redact_header_value(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *name,
    const rt_str_t *value, rt_redact_act_e act, const rt_str_t *rule,
    size_t max)
{
    head_e    kind;
    rt_str_t  out, why;

    kind = head_kind(name);

    if (act != RT_REDACT_NONE || kind >= HEAD_SECRET) {
        write_masked(rd, w, kind, value,
                     act != RT_REDACT_NONE ? rule : &why_builtin, max);
        return RT_OK;
    }

    if (kind == HEAD_URL) {
        return rt_redact_url(rd, w, value, 1, max);
    }

    switch (rt_redact_look(rd, value, &out, &why)) {

    case RT_REDACT_CLEAN:
        return rt_jsonw_str_cut(w, value, max);

    case RT_REDACT_EDITED:
        return rt_jsonw_str_cut(w, &out, max);

    default:
        rt_redact_mask(rd, w, &why);
        return RT_OK;
    }
}
