
#include "event/rt_event_meta.h"
#include "event/rt_event_body.h"
#include "event/rt_event_handed.h"
#include "text/rt_char.h"
#include "text/rt_field.h"
#include "text/rt_ip.h"


#define HOST_MAX   255
#define AGENT_MAX  256


/* members that never change are written as they are */

static const rt_str_t  levels[] = {
    rt_string("\"schema\":\"rtaudit/1.0\",\"level\":\"metadata\""),
    rt_string("\"schema\":\"rtaudit/1.0\",\"level\":\"request\""),
    rt_string("\"schema\":\"rtaudit/1.0\",\"level\":\"response\"")
};

static const rt_str_t  stages[] = {
    rt_string("\"stage\":\"complete\""),
    rt_string("\"stage\":\"aborted\""),
    rt_string("\"stage\":\"received\""),
    rt_string("\"stage\":\"started\""),
    rt_string("\"stage\":\"module\"")
};


#define number  rt_event_number


#define text  rt_event_word

#define optional(p, name, s)                                                  \
    do {                                                                      \
        if ((s)->len) {                                                       \
            text(p, name, s);                                                 \
        }                                                                     \
    } while (0)


static int
hex(const unsigned char *s, size_t len)
{
    size_t  i;
    int     any;

    for (i = 0, any = 0; i < len; i++) {
        if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'f'))) {
            return 0;
        }

        any |= (s[i] != '0');
    }

    return any;
}


/* W3C Trace Context, 3.2.2: 00-<32 hex>-<16 hex>-<2 hex>, not all zeroes */

static void
write_trace(rt_event_part_t *p)
{
    rt_str_t               s, part;
    const unsigned char   *t;

    s = p->ev->traceparent;
    t = s.data;

    if (s.len != 55 || memcmp(t, "00-", 3) != 0 || t[35] != '-'
        || t[52] != '-' || !hex(t + 3, 32) || !hex(t + 36, 16)
        || (!hex(t + 53, 2) && memcmp(t + 53, "00", 2) != 0))
    {
        return;
    }

    part.data = s.data + 3;
    part.len = 32;
    text(p, "traceId", &part);

    part.data = s.data + 36;
    part.len = 16;
    text(p, "spanId", &part);
}


/* addresses, or what stands for all of them; a client may write anything */

static void
write_forwarded(rt_event_part_t *p)
{
    size_t                 saved;
    unsigned               n, others;
    rt_str_t               rest, s;
    rt_jsonw_t            *w = &p->w;

    rest = p->ev->forwarded_for;
    others = 0;

    rt_jsonw_lit(w, "forwardedFor");
    rt_jsonw_open(w, '[');

    for (n = 0; n < RT_EVENT_XFF && rt_field_part(&rest, ',', &s); ) {
        if (rt_ip_valid(&s) || rt_str_lit(&s, RT_REDACT_MASKED)) {
            (void) rt_jsonw_str_cut(w, &s, 64);
            n++;

        } else {
            others++;
        }
    }

    rt_jsonw_close(w, ']');

    if (others) {
        saved = rt_redact_into(p->rd, "metadata");
        (void) rt_redact_into(p->rd, "net");
        (void) rt_redact_into(p->rd, "forwardedFor");
        rt_redact_note(p->rd, "drop", &(rt_str_t) rt_string("builtin"));
        rt_redact_leave(p->rd, saved);
    }
}


static void
write_net(rt_event_part_t *p)
{
    const rt_event_t  *ev = p->ev;

    if (ev->peer.len == 0 && ev->forwarded_for.len == 0) {
        return;
    }

    rt_jsonw_lit(&p->w, "net");
    rt_jsonw_open(&p->w, '{');

    optional(p, "peer", &ev->peer);

    if (ev->port) {
        number(p, "port", ev->port);
    }

    if (ev->forwarded_for.len) {
        write_forwarded(p);
    }

    rt_jsonw_close(&p->w, '}');
}


static void
write_upstream(rt_event_part_t *p)
{
    const rt_event_t  *ev = p->ev;

    if (ev->upstream_addr.len == 0) {
        return;
    }

    rt_jsonw_lit(&p->w, "upstream");
    rt_jsonw_open(&p->w, '{');

    text(p, "addr", &ev->upstream_addr);

    if (ev->upstream_status) {
        number(p, "status", ev->upstream_status);
    }

    if (ev->upstream_connect_ms >= 0) {
        number(p, "connectMs", (uint64_t) ev->upstream_connect_ms);
    }

    if (ev->upstream_header_ms >= 0) {
        number(p, "headerMs", (uint64_t) ev->upstream_header_ms);
    }

    if (ev->upstream_response_ms >= 0) {
        number(p, "responseMs", (uint64_t) ev->upstream_response_ms);
    }

    rt_jsonw_close(&p->w, '}');
}


static void
write_bytes(rt_event_part_t *p)
{
    if (p->ev->stage == RT_EVENT_MODULE) {
        return;
    }

    rt_jsonw_lit(&p->w, "bytes");
    rt_jsonw_open(&p->w, '{');
    number(p, "in", p->ev->bytes_in);
    number(p, "out", p->ev->bytes_out);
    rt_jsonw_close(&p->w, '}');
}


static void
write_counts(rt_event_part_t *p)
{
    unsigned                   i;
    const char                *name;
    const rt_event_counts_t   *c = p->ev->counts;

    if (c == NULL) {
        return;
    }

    rt_jsonw_lit(&p->w, "counts");
    rt_jsonw_open(&p->w, '{');

    number(p, "written", c->written);

    rt_jsonw_lit(&p->w, "dropped");
    rt_jsonw_open(&p->w, '{');

    for (i = 0; i < RT_EVENT_DROPS; i++) {
        name = rt_event_drop_name(i);
        rt_jsonw_name(&p->w, name, strlen(name));
        rt_jsonw_uint(&p->w, c->dropped[i]);
    }

    rt_jsonw_close(&p->w, '}');
    rt_jsonw_close(&p->w, '}');
}


static void
write_checkpoint(rt_event_part_t *p)
{
    unsigned                      i;
    rt_str_t                      id, mac;
    const rt_event_head_t        *h;
    const rt_event_checkpoint_t  *c = p->ev->checkpoint;

    if (c == NULL) {
        return;
    }

    rt_jsonw_lit(&p->w, "checkpoint");
    rt_jsonw_open(&p->w, '{');

    number(p, "clock", c->clock);
    number(p, "uptime", c->uptime);

    rt_jsonw_lit(&p->w, "heads");
    rt_jsonw_open(&p->w, '[');

    for (i = 0; i < c->nheads; i++) {
        h = &c->head[i];
        id = (rt_str_t) { RT_CHAIN_ID, (unsigned char *) h->head.id };
        mac = (rt_str_t) { RT_CHAIN_MAC, (unsigned char *) h->head.mac };

        rt_jsonw_open(&p->w, '{');
        text(p, "sink", &h->sink);
        text(p, "chain", &id);
        number(p, "n", h->head.n);
        text(p, "mac", &mac);
        rt_jsonw_close(&p->w, '}');
    }

    rt_jsonw_close(&p->w, ']');
    rt_jsonw_close(&p->w, '}');
}


static void
write_config(rt_event_part_t *p)
{
    const rt_event_config_t  *c = p->ev->config;

    if (c == NULL) {
        return;
    }

    rt_jsonw_lit(&p->w, "config");
    rt_jsonw_open(&p->w, '{');

    text(p, "hash", &c->hash);

    if (c->changed != -1) {
        rt_jsonw_lit(&p->w, "changed");
        rt_jsonw_bool(&p->w, c->changed);
    }

    number(p, "sinks", c->sinks);
    number(p, "audited", c->audited);
    number(p, "unaudited", c->unaudited);
    number(p, "rules", c->rules);

    rt_jsonw_close(&p->w, '}');
}


static void
write_truncated(rt_event_part_t *p)
{
    unsigned  i;

    if (p->ncuts == 0 && p->cuts_over == 0) {
        return;
    }

    rt_jsonw_lit(&p->w, "truncated");
    rt_jsonw_open(&p->w, '[');

    for (i = 0; i < p->ncuts; i++) {
        (void) rt_jsonw_str_cut(&p->w, &p->cut[i], RT_EVENT_WORD);
    }

    rt_jsonw_close(&p->w, ']');

    if (p->cuts_over) {
        number(p, "truncatedOverflow", p->cuts_over);
    }
}


static void
write_redactions(rt_event_part_t *p)
{
    const size_t  hold = sizeof(",\"redactionOverflow\":4294967295") - 1;

    if (p->rd->nnotes == 0 && p->rd->overflow == 0) {
        return;
    }

    rt_jsonw_hold(&p->w, hold);
    rt_jsonw_lit(&p->w, "redactions");
    rt_redact_write_notes(p->rd, &p->w);
    rt_jsonw_release(&p->w, hold);

    if (p->rd->overflow) {
        number(p, "redactionOverflow", p->rd->overflow);
    }
}


/* the authority that was asked for, if it is one */

static void
write_host(rt_event_part_t *p)
{
    const rt_str_t  *s = &p->ev->host;

    if (s->len && s->len <= HOST_MAX && rt_char_all(s, RT_CHAR_HOST)) {
        rt_jsonw_lit(&p->w, "host");
        rt_jsonw_str(&p->w, s);
    }
}


static void
write_transport(rt_event_part_t *p)
{
    optional(p, "environment", &p->ev->environment);
    write_host(p);
    optional(p, "scheme", &p->ev->scheme);
    optional(p, "tls", &p->ev->tls);
}


static void
write_agent(rt_event_part_t *p)
{
    size_t           saved;
    rt_str_t         rule;
    rt_redact_act_e  act;
    const rt_str_t   name = rt_string("user-agent");

    if (p->ev->user_agent.len == 0) {
        return;
    }

    saved = rt_redact_into(p->rd, "metadata");
    (void) rt_redact_into(p->rd, "userAgent");

    act = rt_redact_known(p->rd, &name, &rule);

    if (act == RT_REDACT_DROP) {
        rt_redact_note(p->rd, "drop", &rule);

    } else {
        rt_jsonw_lit(&p->w, "userAgent");

        if (act != RT_REDACT_NONE) {
            rt_redact_put(p->rd, &p->w, act, &p->ev->user_agent, &rule);

        } else {
            (void) rt_redact_text_cut(p->rd, &p->w, &p->ev->user_agent,
                                      AGENT_MAX);
        }
    }

    rt_redact_leave(p->rd, saved);
}


/* what may be left out, in the order of how much it would be missed */

typedef void (*write_pt)(rt_event_part_t *p);

static const write_pt  parts[] = {
    write_checkpoint,
    write_counts,
    write_config,
    rt_event_handed_rtauth,
    rt_event_handed_rtcsp,
    rt_event_body,
    rt_event_body_response,
    write_truncated,
    write_transport,
    write_agent,
    write_trace,
    write_bytes,
    write_net,
    write_upstream,
    write_redactions
};


void
rt_event_meta(rt_event_part_t *p)
{
    size_t            i;
    rt_jsonw_t       *w = &p->w;
    rt_jsonw_mark_t   mark;
    const rt_event_t *ev = p->ev;

    rt_jsonw_lit(w, "metadata");
    rt_jsonw_open(w, '{');

    rt_jsonw_raw(w, &levels[ev->level]);
    rt_jsonw_raw(w, &stages[ev->stage]);
    text(p, "node", &ev->node);
    text(p, "stream", &ev->stream);
    number(p, "seq", ev->seq);
    text(p, "requestId", &ev->request_id);
    optional(p, "server", &ev->server);
    optional(p, "sink", &ev->sink);

    if (ev->lost) {
        number(p, "lost", ev->lost);
    }

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        mark = rt_jsonw_mark(w);
        parts[i](p);

        if (w->full) {
            rt_jsonw_restore(w, &mark);
        }
    }

    rt_jsonw_close(w, '}');
}
