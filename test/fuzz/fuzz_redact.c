
/*
 * No secret survives: the input's bytes decide how a document is built
 * around canaries that stand under secret names (a JSON tree with JSON in
 * its strings, a form, a query), or are the document themselves.  Whatever
 * comes out must be JSON, and hold no canary.
 */

#include <stdio.h>

#include "rt_arena.h"
#include "json/rt_body.h"
#include "json/rt_jsonw.h"
#include "event/rt_params.h"
#include "redact/rt_redact.h"
#include "redact/rt_redact_head.h"
#include "redact/rt_redact_url.h"


#define CANARY  "zQ7canaryZ"
#define ROOM    (1 << 16)


typedef struct {
    const uint8_t   *pos;
    const uint8_t   *end;
    rt_mem_t        *mem;
    int              depth;
} source_t;


static const char *const  secret[] = {
    "password", "PassWord", "user[password]", "password[]", "a.password",
    "my_token_1", "TOKEN", "x-token-", "pin", "Pin[0]", " password ",
    "pass%77ord", ("\xef\xbd\x90" "assword"), "passWord", "pass-word",
    ("pass\xc2\xad" "word"), ("\xef\xbb\xbf" "pin"), ("p\xe2\x80\x8b" "in"),
    "myToken"
};

#define NSECRETS  (sizeof(secret) / sizeof(secret[0]))


static rt_redact_rule_t        rule[16];
static rt_redact_set_t         set = { rule, 0 };
static const rt_redact_set_t  *sets[1] = { &set };
static rt_arena_t              forever;

static const rt_pseudonym_key_t  key = {
    rt_string("k1"), rt_string("0123456789abcdef0123456789abcdef")
};
static unsigned char           out[4 * ROOM];


static void
must(int ok)
{
    if (!ok) {
        abort();
    }
}


static unsigned
take(source_t *s)
{
    return s->pos < s->end ? *s->pos++ : 0;
}


static rt_str_t
bytes(source_t *s, unsigned max)
{
    size_t    n;
    rt_str_t  b;

    n = take(s) % max;

    if (n > (size_t) (s->end - s->pos)) {
        n = (size_t) (s->end - s->pos);
    }

    b.data = (unsigned char *) s->pos;
    b.len = n;
    s->pos += n;

    return b;
}


static rt_str_t
str(const char *s)
{
    rt_str_t  r = { strlen(s), (unsigned char *) s };

    return r;
}


/* a value; hidden: it stands under a secret name, canaries are welcome */

static void
value(source_t *s, rt_jsonw_t *w, int hidden)
{
    unsigned    i, n, kind;
    rt_str_t    b, key, inner;
    rt_jsonw_t  in;

    kind = take(s) % 8;

    if (++s->depth > 12) {
        kind %= 4;
    }

    switch (kind) {

    case 0:
        rt_jsonw_uint(w, take(s));
        break;

    case 1:
        rt_jsonw_bool(w, 1);
        break;

    case 2:
    case 3:
        b = hidden ? str(CANARY) : bytes(s, 24);
        rt_jsonw_str(w, &b);
        break;

    case 4:
        rt_jsonw_open(w, '[');

        for (i = 0, n = take(s) % 4; i < n; i++) {
            value(s, w, hidden);
        }

        rt_jsonw_close(w, ']');
        break;

    case 5:
        inner.data = rt_alloc(s->mem, ROOM);
        rt_jsonw_init(&in, inner.data, ROOM);
        rt_jsonw_open(&in, '{');
        rt_jsonw_lit(&in, "v");
        value(s, &in, hidden);
        rt_jsonw_lit(&in, "token");
        value(s, &in, 1);
        rt_jsonw_close(&in, '}');

        inner.len = in.full ? 0 : rt_jsonw_len(&in);
        rt_jsonw_str(w, &inner);
        break;

    default:
        rt_jsonw_open(w, '{');

        for (i = 0, n = take(s) % 4; i < n; i++) {
            if (take(s) % 2) {
                key = str(secret[take(s) % NSECRETS]);
                rt_jsonw_key(w, &key);
                value(s, w, 1);

            } else {
                key = bytes(s, 12);
                rt_jsonw_key(w, &key);
                value(s, w, hidden);
            }
        }

        rt_jsonw_close(w, '}');
    }

    s->depth--;
}


/* percent-encodes as the input says; separators always */

static size_t
put(source_t *s, unsigned char *dst, const rt_str_t *text)
{
    size_t  i, n;

    for (i = 0, n = 0; i < text->len; i++) {

        if (text->data[i] <= ' ' || text->data[i] >= 0x7f
            || memchr("&=%+#;?", text->data[i], 7) || take(s) % 4 == 1)
        {
            n += (size_t) sprintf((char *) dst + n, "%%%02X",
                                  text->data[i]);

        } else {
            dst[n++] = text->data[i];
        }
    }

    return n;
}


static rt_str_t
form(source_t *s)
{
    size_t          n;
    unsigned        i, fields;
    rt_str_t        name, v, text;
    rt_jsonw_t      w;
    unsigned char  *buf;

    text.data = rt_alloc(s->mem, 16 * ROOM);
    n = 0;

    for (i = 0, fields = take(s) % 5; i < fields; i++) {
        buf = rt_alloc(s->mem, ROOM);

        switch (take(s) % 3) {

        case 0:
            name = bytes(s, 16);
            v = bytes(s, 16);
            break;

        case 1:
            name = str(secret[take(s) % NSECRETS]);
            v = str(CANARY);
            break;

        default:
            name = str("v");
            rt_jsonw_init(&w, buf, ROOM);
            value(s, &w, 0);
            v.data = buf;
            v.len = w.full ? 0 : rt_jsonw_len(&w);
        }

        n += put(s, text.data + n, &name);
        text.data[n++] = '=';
        n += put(s, text.data + n, &v);
        text.data[n++] = '&';
    }

    text.len = n;

    return text;
}


/* the same bytes under the names of other types */

static void
as_other(rt_redact_t *r, rt_jsonw_t *w, const rt_str_t *data)
{
    size_t     i;
    rt_body_t  body;

    static const char *const  types[] = {
        "text/plain", "text/xml", "multipart/form-data; boundary=x"
    };

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        memset(&body, 0, sizeof(body));
        body.type = str(types[i]);
        body.data = *data;
        body.bytes = data->len;

        must(rt_body_parse(r->mem, &body) == RT_OK);
        must(rt_body_show(r->mem, &body) == RT_OK);
        must((body.kind == RT_BODY_UNPARSED) == (body.why != NULL));

        if (body.kind == RT_BODY_TEXT) {
            (void) rt_redact_text_body(r, w, data, 4096);

        } else {
            must(rt_params_write(r, w, NULL, &body, 0) == RT_OK);
        }
    }
}


/* everything there is to show of a body and an address, in one array */

static void
show(rt_mem_t *mem, const char *type, const rt_str_t *data,
    const rt_str_t *query, size_t room, rt_str_t *shown)
{
    rt_str_t            url, name;
    rt_form_t           args;
    rt_body_t           body;
    rt_jsonw_t          w;
    rt_jsonw_mark_t     mark;
    static rt_redact_t  rd;

    memset(&body, 0, sizeof(body));
    body.type = str(type);
    body.data = *data;
    body.bytes = data->len;

    must(rt_body_parse(mem, &body) == RT_OK);
    must(rt_body_show(mem, &body) == RT_OK);
    must(rt_form_parse(mem, query, 64, &args) == RT_OK);

    url.data = rt_alloc(mem, query->len + 3);
    memcpy(url.data, "/?", 2);
    memcpy(url.data + 2, query->data, query->len);
    url.len = query->len + 2;

    name = str("referer");

    rt_redact_init(&rd, mem, sets, 1);
    rd.key = &key;
    rt_jsonw_init(&w, out, room);

    rt_jsonw_open(&w, '[');

    mark = rt_jsonw_mark(&w);
    must(rt_params_write(&rd, &w, &args, &body, 0) == RT_OK);

    must(rt_params_write(&rd, &w, &args, &body, 1) == RT_OK);

    if (body.json) {
        rt_redact_json(&rd, &w, body.json);
    }

    as_other(&rd, &w, data);

    (void) rt_redact_url(&rd, &w, &url, 1, room / 4);
    (void) rt_redact_header_value(&rd, &w, &name, &url, RT_REDACT_NONE,
                                  &name, room / 4);
    name = str("x-data");
    (void) rt_redact_header_value(&rd, &w, &name, data, RT_REDACT_NONE,
                                  &name, room);
    rt_redact_write_notes(&rd, &w);

    if (w.full) {
        rt_jsonw_restore(&w, &mark);
    }

    rt_jsonw_close(&w, ']');
    must(!w.full && rt_jsonw_len(&w) <= room);

    shown->data = out;
    shown->len = rt_jsonw_len(&w);
}


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    unsigned         n;
    rt_mem_t         mem;
    rt_str_t         mask[] = { rt_string("name:password"),
                                rt_string("name:*token*") };
    rt_str_t         drop[] = { rt_string("name:pin"),
                                rt_string("action=drop") };
    rt_str_t         more[] = { rt_string("shape:card"),
                                rt_string("shape:iban"),
                                rt_string("shape:email"),
                                rt_string("shape:ip"),
                                rt_string("shape:bearer"),
                                rt_string("uri:/a/" "*"),
                                rt_string("json:/v/" "*"),
                                rt_string("action=hmac") };
    rt_str_t         err;

    (void) argc;
    (void) argv;

    mem = rt_arena_init(&forever);

    must(rt_redact_parse(&mem, mask, 2, NULL, rule, &n, &err) == RT_OK);
    must(rt_redact_parse(&mem, drop, 2, NULL, rule + 2, &n, &err) == RT_OK);
    must(rt_redact_parse(&mem, more, 8, NULL, rule + 3, &n, &err) == RT_OK);
    set.n = 3 + n;

    return 0;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t           room;
    unsigned         mode;
    rt_mem_t         mem;
    rt_str_t         text, query, shown;
    rt_json_t       *v;
    source_t         s;
    rt_arena_t       arena;
    rt_jsonw_t       w;
    rt_json_opts_t   opts = { 0, 128, 100000 };

    /* a canary in an open place of the input is none of ours */

    if (memmem(data, size, CANARY, strlen(CANARY)) != NULL) {
        return 0;
    }

    mem = rt_arena_init(&arena);

    s.pos = data;
    s.end = data + size;
    s.mem = &mem;
    s.depth = 0;

    mode = take(&s);
    room = (mode & 0x80) ? sizeof(out) : 64 + 32 * (mode & 0x1f);

    text.data = rt_alloc(&mem, ROOM);
    rt_jsonw_init(&w, text.data, ROOM);

    if (mode & 0x40) {                  /* the document is the input */
        text.data = (unsigned char *) s.pos;
        text.len = (size_t) (s.end - s.pos);
        query = text;

    } else {
        value(&s, &w, 0);
        text.len = w.full ? 0 : rt_jsonw_len(&w);
        query = form(&s);
    }

    show(&mem, (mode & 0x20) ? "application/x-www-form-urlencoded"
                             : "application/json",
         (mode & 0x60) == 0x20 ? &query : &text, &query, room, &shown);

    must(rt_json_parse(&mem, &shown, &opts, &v, NULL) == RT_OK);

    must((mode & 0x40)
         || memmem(shown.data, shown.len, CANARY, strlen(CANARY)) == NULL);

    rt_arena_free(&arena);

    return 0;
}
