
/*
 * The audit event: one line of JSON in Retool's shape.
 *
 * docs/event.schema.json is the contract, docs/event.md explains it field by
 * field.  This is what the server saw; rt_event_encode.h makes the line of it.
 *
 * An empty string means "not known": the member is null or absent, as the
 * schema says.
 */


#ifndef RT_EVENT_H_INCLUDED
#define RT_EVENT_H_INCLUDED


#include "rt_base.h"
#include "event/rt_chain.h"
#include "json/rt_body.h"
#include "redact/rt_pseudonym.h"
#include "text/rt_form.h"
#include "text/rt_time.h"


#pragma GCC visibility push(hidden)


#define RT_EVENT_MIN   8192     /* bytes: the smallest bound on a line */
#define RT_EVENT_MAX   65536    /* the usual one */

#define RT_EVENT_XFF   16       /* members of metadata.net.forwardedFor */


typedef enum {
    RT_EVENT_METADATA = 0,
    RT_EVENT_REQUEST,
    RT_EVENT_RESPONSE
} rt_event_level_e;


typedef enum {
    RT_EVENT_COMPLETE = 0,
    RT_EVENT_ABORTED,           /* the client went away */
    RT_EVENT_RECEIVED,          /* the intent: it is let in, and not over */
    RT_EVENT_STARTED,           /* it has begun, takes long, and is not over */
    RT_EVENT_MODULE             /* the module's own: AUDIT_START, ... */
} rt_event_stage_e;


/* why events were lost; the members of metadata.counts.dropped */

typedef enum {
    RT_EVENT_DROP_FULL = 0,     /* the ring had no room */
    RT_EVENT_DROP_DISK,         /* the sink could not write */
    RT_EVENT_DROP_SIZE,         /* larger than the ring takes */
    RT_EVENT_DROP_MEMORY,
    RT_EVENT_DROP_CRASH,        /* a worker died with it in hand */
    RT_EVENT_DROP_SHUTDOWN,
    RT_EVENT_DROP_UNLINKED,     /* written into a file that was removed */
    RT_EVENT_DROPS
} rt_event_drop_e;


typedef struct {
    rt_str_t                 name;
    rt_str_t                 value;
} rt_event_header_t;


typedef struct {
    uint64_t                 written;
    uint64_t                 dropped[RT_EVENT_DROPS];
} rt_event_counts_t;


/* AUDIT_CHECKPOINT: how far the chains of the sinks go */

#define RT_EVENT_HEADS  32

typedef struct {
    rt_str_t                 sink;
    rt_chain_head_t          head;
} rt_event_head_t;

typedef struct {
    uint64_t                 clock;         /* ms since 1970 */
    uint64_t                 uptime;        /* ms; no one sets it */
    unsigned                 nheads;
    rt_event_head_t          head[RT_EVENT_HEADS];
} rt_event_checkpoint_t;


/* of AUDIT_CONFIG */

typedef struct {
    rt_str_t                 hash;          /* hex, of the directives */
    int                      changed;       /* since the one before; -1: there
                                               is none */
    uint64_t                 sinks;
    uint64_t                 audited;       /* servers, locations */
    uint64_t                 unaudited;
    uint64_t                 rules;         /* selectors of rtaudit_redact */
} rt_event_config_t;


typedef struct {
    rt_event_level_e         level;
    rt_event_stage_e         stage;

    rt_str_t                 id;            /* rt_uuid7 */
    uint64_t                 created_ms;    /* Unix epoch: request start */
    uint64_t                 updated_ms;    /* sealed */
    uint64_t                 response_ms;
    rt_time_kept_t          *clock;         /* from event to event, or NULL */

    /* who; of the user known members are taken */

    rt_str_t                 user_id;       /* else "id" of user */
    rt_str_t                 organization_id;
    rt_str_t                 user;          /* see rt_event_object.h */
    const rt_event_header_t *user_field;    /* rtaudit_field user.NAME */
    unsigned                 nuser_fields;
    rt_str_t                 ip;            /* after realip */
    unsigned                 port;          /* of the client; 0: not known */
    rt_str_t                 peer;          /* the TCP peer */
    rt_str_t                 forwarded_for; /* X-Forwarded-For, joined */
    rt_str_t                 country;       /* geo, all may be empty */
    rt_str_t                 region;
    rt_str_t                 city;

    /* what */

    rt_str_t                 action;        /* else HTTP_REQUEST */
    rt_str_t                 page_name;
    rt_str_t                 page_version;
    rt_str_t                 query_name;
    rt_str_t                 resource_name;
    rt_str_t                 route;         /* query.route */
    rt_str_t                 operation;     /* query.operation */

    /* the request; method empty: the line could not be read */

    rt_str_t                 method;
    rt_str_t                 url;           /* as received: path?query */
    rt_str_t                 http_version;  /* "1.1" */
    rt_str_t                 destination;   /* of COPY and MOVE (WebDAV) */
    const rt_event_header_t *header;        /* the ones to log */
    unsigned                 nheaders;
    const rt_form_t         *args;          /* of the query string */
    unsigned                 flat;          /* parameters are an array */
    const rt_body_t         *body;          /* parsed; NULL: no body */
    const rt_pseudonym_key_t *body_key;     /* of one that is not shown, or
                                               NULL */

    /* the outcome */

    const rt_body_t         *response;      /* parsed; NULL: not known */

    unsigned                 status;        /* 0: nothing was sent */
    rt_str_t                 error;         /* a code; "" when none */
    uint64_t                 bytes_in;
    uint64_t                 bytes_out;
    rt_str_t                 upstream_addr;
    unsigned                 upstream_status;   /* 0: there was none */
    int64_t                  upstream_connect_ms;   /* -1: not known */
    int64_t                  upstream_header_ms;
    int64_t                  upstream_response_ms;

    /* where it was seen */

    rt_str_t                 node;          /* this machine */
    rt_str_t                 host;          /* asked for, without port */
    rt_str_t                 scheme;        /* "http", "https" */
    rt_str_t                 tls;           /* "TLSv1.3", or "" */
    rt_str_t                 user_agent;
    rt_str_t                 environment;   /* rtaudit_field environment */
    rt_str_t                 stream;        /* host/slot/boot */
    uint64_t                 seq;
    rt_str_t                 request_id;
    rt_str_t                 traceparent;   /* W3C; checked here */
    rt_str_t                 server;        /* server_name */
    uint64_t                 lost;          /* since the last event */

    rt_str_t                 rtauth;        /* what the others said, likewise */
    rt_str_t                 rtcsp;

    const rt_event_counts_t *counts;        /* of stage MODULE, or NULL */
    const rt_event_config_t *config;        /* likewise */
    rt_str_t                 sink;          /* of stage MODULE */
    const rt_event_checkpoint_t *checkpoint;    /* likewise, or NULL */
} rt_event_t;


/* sets what does not start as zero */
void rt_event_init(rt_event_t *ev);

/* 1 if this may be an actionType: [A-Z][A-Z0-9_]{0,63} */
int rt_event_action_valid(const rt_str_t *s);

/* as members of metadata.counts.dropped are named */
const char *rt_event_drop_name(rt_event_drop_e drop);

/* the reason phrase of a status, our own table; "" if not in it */
const char *rt_event_status_text(unsigned status);


#pragma GCC visibility pop


#endif /* RT_EVENT_H_INCLUDED */
