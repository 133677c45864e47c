
#include "redact/rt_redact_head.h"
#include "redact/rt_redact_part.h"
#include "redact/rt_redact_url.h"
#include "text/rt_ip.h"


#define HEAD_NAME     128           /* bytes of a header's name */
#define PROTOCOL_MAX  32            /* ... of a subprotocol, which is no key */


typedef enum {
    HEAD_PLAIN = 0,
    HEAD_URL,
    HEAD_FORWARDED,
    HEAD_PROTOCOL,
    HEAD_SECRET,                    /* from here on: masked always */
    HEAD_AUTH,
    HEAD_COOKIE,
    HEAD_SET_COOKIE
} head_e;


/*
 * As rt_glob_fold() leaves them, without '-'; '*' at either end stands for any
 * characters.
 */

typedef struct {
    rt_str_t              name;
    head_e                kind;
} head_t;


static const head_t  heads[] = {
    { rt_string("authorization"), HEAD_AUTH },
    { rt_string("proxyauthorization"), HEAD_AUTH },
    { rt_string("cookie"), HEAD_COOKIE },
    { rt_string("cookie2"), HEAD_COOKIE },
    { rt_string("setcookie"), HEAD_SET_COOKIE },
    { rt_string("dpop"), HEAD_SECRET },
    { rt_string("referer"), HEAD_URL },
    { rt_string("location"), HEAD_URL },
    { rt_string("contentlocation"), HEAD_URL },
    { rt_string("destination"), HEAD_URL },
    { rt_string("xoriginaluri"), HEAD_URL },
    { rt_string("xoriginalurl"), HEAD_URL },
    { rt_string("xforwardeduri"), HEAD_URL },
    { rt_string("xrewriteurl"), HEAD_URL },
    { rt_string("xforwardedfor"), HEAD_FORWARDED },
    { rt_string("secwebsocketprotocol"), HEAD_PROTOCOL },
    { rt_string("xauthrequest*"), HEAD_SECRET },
    { rt_string("xmstoken*"), HEAD_SECRET },
    { rt_string("xmsclientprincipal"), HEAD_SECRET },
    { rt_string("xamznoidc*"), HEAD_SECRET },
    { rt_string("*authorization"), HEAD_SECRET },
    { rt_string("*token"), HEAD_SECRET },
    { rt_string("*secret"), HEAD_SECRET },
    { rt_string("*password"), HEAD_SECRET },
    { rt_string("*subscriptionkey"), HEAD_SECRET },
    { rt_string("*jwtassertion"), HEAD_SECRET },
    { rt_string("*apikey"), HEAD_SECRET }
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


/* is the folded name the one of a row? */

static int
is_head(const rt_str_t *row, const rt_str_t *name)
{
    if (row->data[0] == '*') {
        return name->len >= row->len - 1
               && memcmp(name->data + name->len - (row->len - 1),
                         row->data + 1, row->len - 1) == 0;
    }

    if (row->data[row->len - 1] == '*') {
        return name->len >= row->len - 1
               && memcmp(name->data, row->data, row->len - 1) == 0;
    }

    return rt_str_eq(row, name);
}


static head_e
head_kind(const rt_str_t *name)
{
    size_t         i;
    rt_str_t       folded;
    unsigned char  buf[HEAD_NAME];

    /* no header has such a name */

    if (name->len > sizeof(buf)) {
        return HEAD_SECRET;
    }

    folded.data = buf;
    folded.len = rt_glob_fold(buf, name);

    for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        if (is_head(&heads[i].name, &folded)) {
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

    n = rt_until(value, 0, RT_CHAR_BLANK);
    scheme = rt_slice(value, 0, n);

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

    eq = rt_until(piece, 0, RT_CHAR_EQUAL);
    name = rt_slice(piece, 0, eq);
    value = rt_slice(piece, eq < piece->len ? eq + 1 : eq, piece->len);

    act = rt_redact_name(rd, &name, &rule);

    if (act == RT_REDACT_DROP) {
        rt_redact_note(rd, "drop", &rule);

    } else {

        if (!*first) {
            rt_jsonw_str_text(w, &(rt_str_t) rt_string("; "));
        }

        *first = 0;

        if (eq < piece->len && name.len
            && rt_char_all(&name, RT_CHAR_TOKEN)
            && !rt_redact_telling(rd, &name, &rule))
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
        end = rt_until(value, i, RT_CHAR_SEMI);
        piece = rt_slice(value, i, end);

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
    rt_redact_act_e act, const rt_str_t *value, const rt_str_t *rule,
    size_t max)
{
    rt_str_t         stands;
    rt_jsonw_mark_t  mark;

    mark = rt_jsonw_mark(w);
    stands = rt_redact_instead(rd, act, value);

    switch (kind) {

    case HEAD_AUTH:
        write_credentials(w, value);
        break;

    case HEAD_COOKIE:
    case HEAD_SET_COOKIE:
        write_cookies(rd, w, value, kind == HEAD_COOKIE);
        break;

    default:
        rt_jsonw_str(w, &stands);
    }

    if (w->full || (size_t) (w->pos - mark.pos) > max + 2) {
        rt_jsonw_restore(w, &mark);
        rt_jsonw_str(w, &masked);
    }

    rt_redact_note(rd, "mask", rule);
}


/* the next member of a list, without blanks around it; 0 at the end */

static int
next_member(const rt_str_t *list, size_t *at, rt_str_t *member)
{
    size_t  end;

    if (*at >= list->len) {
        return 0;
    }

    end = rt_until(list, *at, RT_CHAR_COMMA);
    *member = rt_slice(list, *at, end);
    *at = end + 1;

    while (member->len && member->data[0] <= ' ') {
        *member = rt_slice(member, 1, member->len);
    }

    while (member->len && member->data[member->len - 1] <= ' ') {
        member->len--;
    }

    return 1;
}


static int
addresses(const rt_str_t *value)
{
    size_t    at;
    rt_str_t  member;

    for (at = 0; next_member(value, &at, &member); /* void */ ) {
        if (!rt_ip_valid(&member)) {
            return 0;
        }
    }

    return 1;
}


/*
 * Browsers cannot set Authorization on a WebSocket, so applications put what
 * would be in it among the subprotocols, behind a word that says so.
 */

static int
protocols(const rt_str_t *value)
{
    size_t         at, i, k;
    rt_str_t       member;
    unsigned char  buf[PROTOCOL_MAX];

    static const char *const  words[] = {
        "auth", "basic", "bearer", "jwt", "key", "secret", "token"
    };

    for (at = 0; next_member(value, &at, &member); /* void */ ) {

        if (member.len > PROTOCOL_MAX) {
            return 0;
        }

        for (i = 0; i < member.len; i++) {
            buf[i] = rt_lower(member.data[i]);
        }

        member.data = buf;

        for (k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
            if (rt_str_holds(&member, words[k])) {
                return 0;
            }
        }
    }

    return 1;
}


rt_status_e
rt_redact_header_value(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *name,
    const rt_str_t *value, rt_redact_act_e act, const rt_str_t *rule,
    size_t max)
{
    head_e    kind;
    rt_str_t  by;

    kind = head_kind(name);

    if (act != RT_REDACT_NONE || kind >= HEAD_SECRET) {
        by = (act != RT_REDACT_NONE) ? *rule : why_builtin;

        if (act == RT_REDACT_HMAC
            && rt_redact_shaped(rd, value, act, &by) != act)
        {
            act = RT_REDACT_MASK;
        }

        write_masked(rd, w, kind, act, value, &by, max);
        return RT_OK;
    }

    if (kind == HEAD_URL) {
        return rt_redact_url(rd, w, value, 1, max);
    }

    if ((kind == HEAD_FORWARDED && !addresses(value))
        || (kind == HEAD_PROTOCOL && !protocols(value)))
    {
        rt_redact_mask(rd, w, &why_builtin);
        return RT_OK;
    }

    return rt_redact_text_cut(rd, w, value, max);
}
