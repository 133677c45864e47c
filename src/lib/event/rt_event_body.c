
#include "event/rt_event_body.h"
#include "event/rt_event_handed.h"
#include "event/rt_params.h"
#include "text/rt_char.h"


/* the media type without parameters, if it is one */

static void
write_type(rt_event_part_t *p, const rt_str_t *type)
{
    size_t         i, slash;
    rt_str_t       s;
    unsigned char  c;

    slash = 0;

    for (i = 0; i < type->len; i++) {
        c = type->data[i];

        if (c == '/' && slash == 0) {
            slash = i;
            continue;
        }

        if (!(rt_char[c] & RT_CHAR_TYPE)) {
            break;
        }
    }

    if (slash == 0 || i == slash + 1 || i > RT_EVENT_WORD) {
        return;
    }

    s.data = type->data;
    s.len = i;

    rt_event_word(p, "type", &s);
}


/* of a body that is all there and that nobody is shown */

static void
write_pseudonym(rt_event_part_t *p, const rt_body_t *body)
{
    size_t         len;
    rt_str_t       s;
    unsigned char  buf[RT_PSEUDONYM_MAX];

    if (p->ev->body_key == NULL || p->ev->level < RT_EVENT_REQUEST
        || body->data.len == 0 || body->data.len != body->bytes)
    {
        return;
    }

    if (body->kind != RT_BODY_MULTIPART && body->kind != RT_BODY_OPAQUE
        && body->kind != RT_BODY_UNPARSED)
    {
        return;
    }

    if (rt_pseudonym(p->ev->body_key, &body->data, buf, &len) != RT_OK) {
        return;
    }

    s.data = buf;
    s.len = len;

    rt_event_word(p, "hmac", &s);
}


static void
describe(rt_event_part_t *p, const rt_body_t *body)
{
    rt_str_t  kind, why;

    kind.data = (unsigned char *) rt_body_kind_name(body->kind);
    kind.len = strlen((char *) kind.data);
    rt_event_word(p, "kind", &kind);
    rt_event_number(p, "bytes", body->bytes);
    rt_event_number(p, "captured", body->data.len);

    if (body->kind != RT_BODY_NONE) {
        write_type(p, &body->type);
    }

    if (body->why) {
        why.data = (unsigned char *) body->why;
        why.len = strlen(body->why);
        rt_event_word(p, "why", &why);
    }

    write_pseudonym(p, body);

    if (body->json && body->json->again) {
        rt_jsonw_lit(&p->w, "duplicates");
        rt_jsonw_bool(&p->w, 1);
    }
}


void
rt_event_body(rt_event_part_t *p)
{
    if (p->ev->body == NULL) {
        return;
    }

    rt_jsonw_lit(&p->w, "body");
    rt_jsonw_open(&p->w, '{');
    describe(p, p->ev->body);
    rt_jsonw_close(&p->w, '}');
}


/* ret: 0 if it has names, or nothing to be shown */

static int
write_nameless(rt_event_part_t *p, const rt_body_t *body)
{
    size_t  max;

    if (body->kind == RT_BODY_TEXT) {
        max = rt_jsonw_room(&p->w) / 2;
        rt_jsonw_lit(&p->w, "body");

        if (rt_redact_text_body(p->rd, &p->w, &body->data, max) != RT_OK) {
            rt_redact_cut(p->rd);
        }

        return 1;
    }

    if (body->json && body->json->type != RT_JSON_OBJECT) {
        rt_jsonw_lit(&p->w, "body");
        p->rd->root = p->rd->nsteps;
        rt_redact_json(p->rd, &p->w, body->json);
        p->rd->root = RT_REDACT_STEPS;

        return 1;
    }

    return 0;
}


void
rt_event_body_shown(rt_event_part_t *p)
{
    if (p->ev->body) {
        (void) write_nameless(p, p->ev->body);
    }
}


static int
has_content(const rt_body_t *body)
{
    return body->json || body->form.n || body->kind == RT_BODY_TEXT;
}


static void
write_response_body(rt_event_part_t *p)
{
    const rt_body_t  *body = p->ev->response;

    if (!has_content(body) || write_nameless(p, body)) {
        return;
    }

    rt_jsonw_lit(&p->w, "body");

    if (rt_params_write(p->rd, &p->w, NULL, body, (int) p->ev->flat)
        != RT_OK)
    {
        rt_redact_cut(p->rd);
    }
}


void
rt_event_body_response(rt_event_part_t *p)
{
    size_t            saved, hold;
    rt_body_t         seen;
    const rt_body_t  *body = p->ev->response;

    if (body == NULL) {
        return;
    }

    /* of what is left, the members behind this one get a part */

    hold = rt_jsonw_room(&p->w) / 4;
    rt_jsonw_hold(&p->w, hold);

    saved = rt_redact_into(p->rd, "metadata");
    (void) rt_redact_into(p->rd, "response");

    rt_jsonw_lit(&p->w, "response");
    rt_jsonw_open(&p->w, '{');

    /* a page under a nonce holds it, whatever its type */

    if (has_content(body) && rt_event_handed_nonce(p)) {
        seen = *body;
        seen.kind = RT_BODY_UNPARSED;
        seen.why = "nonce";
        seen.json = NULL;
        describe(p, &seen);

    } else {
        describe(p, body);
        rt_event_may(p, "body", write_response_body);
    }

    rt_jsonw_close(&p->w, '}');

    rt_redact_leave(p->rd, saved);
    rt_jsonw_release(&p->w, hold);
}
