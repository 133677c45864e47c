
#include "provision/ngx_http_rtauth_scim_ask.h"
#include "keys/ngx_http_rtauth_revoked.h"
#include "revoke/ngx_http_rtauth_revoke.h"
#include "scim/ngx_http_rtauth_scim_effect.h"
#include "scim/rt_scim_id.h"
#include "scim/rt_scim_serve.h"
#include "text/rt_form.h"
#include "ngx_rt_body.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_wait.h"


#define NGX_HTTP_RTAUTH_SCIM_TEXTS  11


/* what the store's thread works with: nothing in it belongs to the request */

typedef struct {
    rt_scim_request_t              said;
    rt_scim_reply_t                reply;
    ngx_http_rtauth_main_conf_t   *mcf;
    u_char                         key[NGX_HTTP_RTAUTH_CALLER_ID];
} ngx_http_rtauth_scim_work_t;


static ngx_uint_t ngx_http_rtauth_scim_ask_busy(
    ngx_http_rtauth_scim_ask_t *ask);
static const rt_scim_error_t *ngx_http_rtauth_scim_ask_args(
    ngx_http_rtauth_scim_ask_t *ask);
static void ngx_http_rtauth_scim_ask_texts(rt_scim_request_t *said,
    rt_str_t **text);
static void ngx_http_rtauth_scim_ask_run(void *data,
    ngx_http_rtauth_scim_turn_t *turn);
static rt_status_e ngx_http_rtauth_scim_ask_left(void *data, rt_mem_t *mem);
static void ngx_http_rtauth_scim_ask_done(void *data,
    ngx_http_rtauth_scim_fault_e fault, void *ctx);
static void ngx_http_rtauth_scim_ask_fleet(
    ngx_http_rtauth_scim_work_t *work);
static void ngx_http_rtauth_scim_ask_late(ngx_http_rtauth_scim_work_t *work);
static ngx_int_t ngx_http_rtauth_scim_ask_room(
    ngx_http_rtauth_scim_ask_t *ask);
static void ngx_http_rtauth_scim_ask_keep(ngx_http_rtauth_scim_ask_t *ask,
    rt_scim_told_t *told);
static ngx_int_t ngx_http_rtauth_scim_ask_copy(ngx_http_request_t *r,
    rt_str_t *text);


static const rt_scim_error_t  ngx_http_rtauth_scim_ask_twice = {
    NGX_HTTP_BAD_REQUEST, "invalidValue",
    "an argument is malformed, or there twice, or there are too many"
};

static const rt_scim_error_t  ngx_http_rtauth_scim_ask_away = {
    NGX_HTTP_SERVICE_UNAVAILABLE, NULL, "users cannot be read now"
};

static const rt_scim_error_t  ngx_http_rtauth_scim_ask_many = {
    NGX_HTTP_SERVICE_UNAVAILABLE, NULL, "too many searches wait"
};


const rt_scim_error_t *
ngx_http_rtauth_scim_read(ngx_http_rtauth_scim_ask_t *ask)
{
    ngx_int_t            rc;
    rt_scim_request_t   *said;
    ngx_http_request_t  *r;

    static ngx_str_t  match = ngx_string("If-Match");
    static ngx_str_t  none_match = ngx_string("If-None-Match");

    r = ask->request;
    said = &ask->said;

    if (ask->at == NGX_HTTP_RTAUTH_SCIM_SEARCH) {
        said->what = RT_SCIM_DO_SEARCH;
        said->id = (rt_str_t) rt_null_string;

    } else if (ask->at == NGX_HTTP_RTAUTH_SCIM_ALL) {
        said->what = r->method == NGX_HTTP_POST ? RT_SCIM_DO_CREATE
                                                : RT_SCIM_DO_LIST;

    } else {
        said->what = r->method == NGX_HTTP_PUT ? RT_SCIM_DO_REPLACE
                     : r->method == NGX_HTTP_PATCH ? RT_SCIM_DO_PATCH
                     : r->method == NGX_HTTP_DELETE ? RT_SCIM_DO_DELETE
                     : RT_SCIM_DO_READ;
    }

    ngx_rt_headers_value(r, &match, ngx_rt_ngx(&said->if_match));
    ngx_rt_headers_value(r, &none_match, ngx_rt_ngx(&said->if_none_match));

    rc = ngx_rt_body_join(r, RT_SCIM_MAX_BODY, &said->body);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? &rt_scim_too_large : &rt_scim_no_memory;
    }

    if (said->what <= RT_SCIM_DO_SEARCH && ngx_http_rtauth_scim_ask_busy(ask)) {
        return &ngx_http_rtauth_scim_ask_many;
    }

    return ngx_http_rtauth_scim_ask_args(ask);
}


static ngx_uint_t
ngx_http_rtauth_scim_ask_busy(ngx_http_rtauth_scim_ask_t *ask)
{
    ngx_table_elt_t               *h;
    ngx_http_rtauth_scim_store_t  *store;

    store = ngx_http_rtauth_scim_opened(ask->mcf->scim);

    if (store == NULL || !ngx_http_rtauth_scim_busy(store)) {
        return 0;
    }

    h = ngx_rt_headers_add(ask->request, "Retry-After");

    if (h) {
        ngx_str_set(&h->value, "1");
    }

    return 1;
}


static const rt_scim_error_t *
ngx_http_rtauth_scim_ask_args(ngx_http_rtauth_scim_ask_t *ask)
{
    rt_mem_t      mem;
    rt_form_t     form;
    ngx_uint_t    i, j;

    struct {
        rt_str_t   name;
        rt_str_t  *value;
    } args[] = {
        { rt_string("attributes"), &ask->said.attributes },
        { rt_string("excludedAttributes"), &ask->said.excluded },
        { rt_string("filter"), &ask->said.filter },
        { rt_string("sortBy"), &ask->said.sort },
        { rt_string("startIndex"), &ask->said.start },
        { rt_string("count"), &ask->said.count }
    };

    mem = ngx_rt_str_mem(ask->request->pool);

    if (rt_form_parse(&mem, ngx_rt_str(&ask->request->args),
                      NGX_HTTP_RTAUTH_SCIM_ARGS, &form)
        != RT_OK)
    {
        return &rt_scim_no_memory;
    }

    if (form.bad || form.many) {
        return &ngx_http_rtauth_scim_ask_twice;
    }

    for (i = 0; i < form.n; i++) {

        for (j = 0; j < sizeof(args) / sizeof(args[0]); j++) {

            if (!rt_str_eq(&form.field[i].name, &args[j].name)) {
                continue;
            }

            if (args[j].value->data) {
                return &ngx_http_rtauth_scim_ask_twice;
            }

            *args[j].value = form.field[i].value;
        }
    }

    return NULL;
}


/* Lists all texts of a request, so that those of two requests can be paired. */

static void
ngx_http_rtauth_scim_ask_texts(rt_scim_request_t *said, rt_str_t **text)
{
    *text++ = &said->id;
    *text++ = &said->base;
    *text++ = &said->body;
    *text++ = &said->if_match;
    *text++ = &said->if_none_match;
    *text++ = &said->attributes;
    *text++ = &said->excluded;
    *text++ = &said->filter;
    *text++ = &said->sort;
    *text++ = &said->start;
    *text = &said->count;
}


const rt_scim_error_t *
ngx_http_rtauth_scim_begin(ngx_http_rtauth_scim_ask_t *ask)
{
    u_char                        *p;
    size_t                         size;
    rt_str_t                      *from[NGX_HTTP_RTAUTH_SCIM_TEXTS];
    rt_str_t                      *to[NGX_HTTP_RTAUTH_SCIM_TEXTS];
    ngx_uint_t                     i;
    ngx_http_rtauth_scim_work_t   *work;
    ngx_http_rtauth_scim_store_t  *store;

    if (ngx_http_rtauth_scim_ask_room(ask) != NGX_OK) {
        return &rt_scim_no_memory;
    }

    ngx_http_rtauth_scim_ask_texts(&ask->said, from);

    size = sizeof(ngx_http_rtauth_scim_work_t);

    for (i = 0; i < NGX_HTTP_RTAUTH_SCIM_TEXTS; i++) {
        size += from[i]->len;
    }

    store = ngx_http_rtauth_scim_opened(ask->mcf->scim);

    work = store ? ngx_http_rtauth_scim_job(store, size,
                                            ngx_http_rtauth_scim_ask_run,
                                            ngx_http_rtauth_scim_ask_done, ask)
                 : NULL;
    if (work == NULL) {
        return &rt_scim_no_memory;
    }

    work->said = ask->said;
    work->said.link = ask->mcf->scim->link;
    work->mcf = ask->mcf;
    ngx_memcpy(work->key, ask->key->id, sizeof(work->key));
    ngx_http_rtauth_scim_ask_texts(&work->said, to);

    p = (u_char *) (work + 1);

    for (i = 0; i < NGX_HTTP_RTAUTH_SCIM_TEXTS; i++) {
        to[i]->data = p;
        p = ngx_cpymem(p, from[i]->data, from[i]->len);
    }

    if (ask->said.what <= RT_SCIM_DO_SEARCH) {
        ngx_http_rtauth_scim_reads(work);
    }

    ask->job = work;
    ngx_http_rtauth_scim_keeps(work, ngx_http_rtauth_scim_ask_left);
    ngx_http_rtauth_scim_submit(work);

    return NULL;
}


/* Runs in the thread. */

static void
ngx_http_rtauth_scim_ask_run(void *data, ngx_http_rtauth_scim_turn_t *turn)
{
    ngx_http_rtauth_scim_work_t *work = data;

    rt_scim_moment_t  moment;

    moment.now = turn->now;
    moment.version = turn->version;
    moment.fresh = turn->fresh;

    rt_scim_serve(turn->mem, turn->db, &work->said, &moment, &turn->edit,
                  &work->reply);
}


/* Runs in the thread, too: copies the answer, so that all else can go. */

static rt_status_e
ngx_http_rtauth_scim_ask_left(void *data, rt_mem_t *mem)
{
    ngx_http_rtauth_scim_work_t *work = data;

    u_char           *p;
    uint32_t          i;
    rt_str_t         *text[5 + RT_SCIM_MAX_NAMES];
    ngx_uint_t        n;
    rt_scim_reply_t   left;

    left = work->reply;

    if (left.told.nnames) {
        left.told.names = rt_alloc(mem, left.told.nnames
                                        * sizeof(rt_scim_out_t));
        if (left.told.names == NULL) {
            return RT_ERROR;
        }
    }

    n = 0;
    text[n++] = &left.text;
    text[n++] = &left.location;
    text[n++] = &left.told.changed;
    text[n++] = &left.told.before;
    text[n++] = &left.told.after;

    for (i = 0; i < left.told.nnames; i++) {
        left.told.names[i] = work->reply.told.names[i];
        text[n++] = &left.told.names[i].name;
    }

    while (n--) {
        p = rt_alloc(mem, text[n]->len + 1);
        if (p == NULL) {
            return RT_ERROR;
        }

        if (text[n]->len) {
            ngx_memcpy(p, text[n]->data, text[n]->len);
        }

        text[n]->data = p;
    }

    work->reply = left;

    return RT_OK;
}


static void
ngx_http_rtauth_scim_ask_done(void *data, ngx_http_rtauth_scim_fault_e fault,
    void *ctx)
{
    ngx_http_rtauth_scim_ask_t *ask = ctx;
    ngx_http_rtauth_scim_work_t *work = data;

    static const rt_scim_error_t  *const faults[] = {
        [NGX_HTTP_RTAUTH_SCIM_SAVED] = NULL,
        [NGX_HTTP_RTAUTH_SCIM_FULL] = &rt_scim_no_room,
        [NGX_HTTP_RTAUTH_SCIM_BIG] = &rt_scim_too_large,
        [NGX_HTTP_RTAUTH_SCIM_DISK] = &rt_scim_no_room,
        [NGX_HTTP_RTAUTH_SCIM_AWAY] = &ngx_http_rtauth_scim_ask_away
    };

    if (fault == NGX_HTTP_RTAUTH_SCIM_SAVED && work->reply.told.out) {
        ngx_http_rtauth_scim_ask_fleet(work);
    }

    if (ask == NULL) {

        if (fault == NGX_HTTP_RTAUTH_SCIM_SAVED && work->reply.told.action) {
            ngx_http_rtauth_scim_ask_late(work);
        }

        return;
    }

    ask->job = NULL;

    if (fault != NGX_HTTP_RTAUTH_SCIM_SAVED) {
        ask->reply.error = faults[fault];

    } else {
        ask->reply = work->reply;
        ngx_http_rtauth_scim_ask_keep(ask, &work->reply.told);

        if (ngx_http_rtauth_scim_ask_copy(ask->request, &ask->reply.text)
            != NGX_OK
            || ngx_http_rtauth_scim_ask_copy(ask->request,
                                             &ask->reply.location)
               != NGX_OK)
        {
            ask->reply.error = &rt_scim_no_memory;
        }
    }

    ngx_rt_wait_over(ask->request);
}


/*
 * The other hosts of a fleet do not see who is disabled in this store.  So the
 * tokens that the user was given until now are revoked on all hosts; on this
 * one he is kept out anyhow.
 */

static void
ngx_http_rtauth_scim_ask_fleet(ngx_http_rtauth_scim_work_t *work)
{
    time_t                        when;
    ngx_uint_t                    i, lost;
    rt_scim_told_t               *told;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = work->mcf;
    told = &work->reply.told;

    if (mcf->redis.nelts == 0) {
        return;
    }

    lost = 0;

    for (i = 0; i < told->nnames; i++) {
        when = (time_t) (told->names[i].when / 1000);

        if (ngx_http_rtauth_revoked_add(mcf->zone,
                                        NGX_HTTP_RTAUTH_REVOKED_PUSHED,
                                        &mcf->scim->provider->issuer,
                                        ngx_rt_ngx(&told->names[i].name),
                                        when, when + mcf->scim->conf.keep)
            == NGX_ERROR)
        {
            lost++;
        }
    }

    if (lost) {
        ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, 0,
                      "rtauth: a user was disabled by \"rtauth_scim\", and "
                      "other hosts are not told %ui of his names: "
                      "\"rtauth_zone\" is full, make it larger", lost);
    }

    if (told->more) {
        ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, 0,
                      "rtauth: a user was disabled by \"rtauth_scim\", and "
                      "other hosts are told his latest %d names alone: he had "
                      "more", RT_SCIM_MAX_NAMES);
    }
}


/* Logs a change whose request is gone, so that no event tells of it. */

static void
ngx_http_rtauth_scim_ask_late(ngx_http_rtauth_scim_work_t *work)
{
    u_char  id[RT_UUID_LEN];

    rt_scim_id_text(&work->reply.told.id, id);

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "rtauth: \"rtauth_scim\" has made a change whose request was "
                  "given up: %s of %*s, with key %*s",
                  work->reply.told.action, (size_t) RT_UUID_LEN, id,
                  sizeof(work->key), work->key);
}


/* Takes the memory for a change's event before the change can be made. */

static ngx_int_t
ngx_http_rtauth_scim_ask_room(ngx_http_rtauth_scim_ask_t *ask)
{
    if (ask->said.what <= RT_SCIM_DO_SEARCH) {
        return NGX_OK;
    }

    ask->deed = ngx_http_rtauth_deed_room(ask->request);
    ask->told = ngx_pnalloc(ask->request->pool,
                            RT_UUID_LEN + 2 * RT_SCIM_MAX_TOLD
                            + RT_SCIM_MAX_AFTER);

    return ask->deed && ask->told ? NGX_OK : NGX_ERROR;
}


/* Copies what the event tells, because the job's memory is freed. */

static void
ngx_http_rtauth_scim_ask_keep(ngx_http_rtauth_scim_ask_t *ask,
    rt_scim_told_t *told)
{
    u_char                  *p;
    ngx_uint_t               i;
    ngx_http_rtauth_deed_t  *deed;

    static const rt_str_t  kinds[] = {
        [RT_SCIM_USER] = rt_string("user"),
        [RT_SCIM_GROUP] = rt_string("group")
    };

    rt_str_t   *from[] = { &told->changed, &told->before, &told->after };
    rt_str_t   *to[3];

    if (told->action == NULL
        || ngx_http_rtauth_deed_done(ask->request, ask->deed,
                                     (char *) told->action,
                                     ask->mcf->scim->provider, RT_REASON_OK,
                                     NULL)
           != NGX_OK)
    {
        return;
    }

    deed = ask->deed;
    p = ask->told;

    rt_scim_id_text(&told->id, p);

    deed->kind = kinds[ask->said.type];
    deed->target.data = p;
    deed->target.len = RT_UUID_LEN;
    deed->key.data = ask->key->id;
    deed->key.len = sizeof(ask->key->id);

    to[0] = &deed->changed;
    to[1] = &deed->before;
    to[2] = &deed->after;
    p += RT_UUID_LEN;

    for (i = 0; i < 3; i++) {
        to[i]->data = p;
        to[i]->len = from[i]->len;
        p = ngx_cpymem(p, from[i]->data, from[i]->len);
    }
}


static ngx_int_t
ngx_http_rtauth_scim_ask_copy(ngx_http_request_t *r, rt_str_t *text)
{
    u_char  *p;

    p = ngx_pnalloc(r->pool, text->len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, text->data, text->len);
    text->data = p;

    return NGX_OK;
}
