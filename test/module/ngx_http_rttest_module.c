
/*
 * The HTTP client from a request, for t/ngx/http.t; never installed.
 *
 *   location = /post {
 *       rttest_http https://HOST/token method=POST body=grant_type=x
 *                   header=Authorization:Basic-x want=Retry-After expect=400;
 *   }
 *
 * answers with the status and the error of the exchange, the headers that
 * were wanted, an empty line, and the body.  Locations with the same ca= and
 * keepalive= share a client, as jobs of one provider do.
 *
 *   location = /hold { rttest_hold PATH; }
 *
 * gives nginx's threads a task that ends when there is a file of that name, and
 * answers at once, for t/rtaudit/view_life.t.
 *
 *   location = /shapes { rttest_body TEXT [chain] [flush] [sync] [last=WORD]; }
 *
 * answers with TEXT, a byte in each buffer: one chain of them, or a call of the
 * filters for each; each flushed; an empty sync buffer behind each; the last
 * one is that of the last byte ("byte"), one without a byte ("empty"), or is
 * flushed besides ("byte,flush", "empty,flush").  For t/rtcsp/shapes.t.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_rt_http.h"


#define NGX_HTTP_RTTEST_MAX  4      /* headers of each kind, statuses */


typedef struct {
    ngx_array_t            clients;     /* ngx_http_rttest_client_t * */
} ngx_http_rttest_main_conf_t;


typedef struct {
    ngx_rt_http_conf_t     conf;
    ngx_rt_http_client_t  *client;      /* this worker's */
} ngx_http_rttest_client_t;


typedef struct {
    ngx_rt_url_t               url;
    ngx_rt_http_t              job;     /* its request fields only */
    ngx_uint_t                 expected[NGX_HTTP_RTTEST_MAX + 1];
    ngx_str_t                  headers[NGX_HTTP_RTTEST_MAX];
    ngx_uint_t                 nheaders;
    ngx_str_t                  wanted[NGX_HTTP_RTTEST_MAX];
    ngx_rt_http_conf_t         conf;
    ngx_http_rttest_client_t  *client;
    ngx_str_t                  hold;
    void                      *pool;        /* ngx_thread_pool_t */
    ngx_str_t                  body;
    unsigned                   chain:1;
    unsigned                   flush:1;
    unsigned                   sync:1;
    unsigned                   last_empty:1;
    unsigned                   last_flush:1;
} ngx_http_rttest_loc_conf_t;


typedef struct {
    ngx_http_request_t    *request;
    ngx_rt_http_t         *job;
    ngx_rt_http_header_t   wanted[NGX_HTTP_RTTEST_MAX];
} ngx_http_rttest_ctx_t;


static ngx_int_t ngx_http_rttest_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_rttest_start(ngx_http_request_t *r,
    ngx_http_rttest_ctx_t *ctx);
static void ngx_http_rttest_cleanup(void *data);
static void ngx_http_rttest_done(ngx_rt_http_t *job);
static ngx_int_t ngx_http_rttest_send(ngx_http_request_t *r,
    ngx_http_rttest_ctx_t *ctx, ngx_rt_http_t *job);
static void *ngx_http_rttest_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_rttest_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_rttest_http(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_rttest_option(ngx_conf_t *cf,
    ngx_http_rttest_loc_conf_t *lcf, char *name, ngx_str_t *value);
static char *ngx_http_rttest_read(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *text);
static ngx_http_rttest_client_t *ngx_http_rttest_client(ngx_conf_t *cf,
    ngx_rt_http_conf_t *conf);
static char *ngx_http_rttest_hold(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_rttest_hold_handler(ngx_http_request_t *r);
static void ngx_http_rttest_hold_run(void *data, ngx_log_t *log);
static void ngx_http_rttest_hold_done(ngx_event_t *ev);
static char *ngx_http_rttest_body(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_rttest_body_handler(ngx_http_request_t *r);
static ngx_chain_t *ngx_http_rttest_body_link(ngx_http_request_t *r,
    u_char *byte, ngx_chain_t ***last);
static ngx_int_t ngx_http_rttest_init_process(ngx_cycle_t *cycle);
static void ngx_http_rttest_exit_process(ngx_cycle_t *cycle);


static ngx_command_t  ngx_http_rttest_commands[] = {

    { ngx_string("rttest_http"),
      NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_rttest_http,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rttest_hold"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_rttest_hold,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rttest_body"),
      NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_rttest_body,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_rttest_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    ngx_http_rttest_create_main_conf,      /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_rttest_create_loc_conf,       /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_rttest_module = {
    NGX_MODULE_V1,
    &ngx_http_rttest_module_ctx,           /* module context */
    ngx_http_rttest_commands,              /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_rttest_init_process,          /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_rttest_exit_process,          /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_rttest_handler(ngx_http_request_t *r)
{
    ngx_int_t               rc;
    ngx_pool_cleanup_t     *cln;
    ngx_http_rttest_ctx_t  *ctx;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_rttest_ctx_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_rttest_ctx_t));

    ctx->request = r;
    cln->handler = ngx_http_rttest_cleanup;

    if (ngx_http_rttest_start(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;
    r->main->count++;

    return NGX_DONE;
}


static ngx_int_t
ngx_http_rttest_start(ngx_http_request_t *r, ngx_http_rttest_ctx_t *ctx)
{
    char                        *name;
    u_char                      *colon;
    ngx_str_t                    value;
    ngx_uint_t                   i;
    ngx_rt_http_t               *job;
    ngx_http_rttest_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_rttest_module);

    job = ngx_rt_http_create(lcf->client->client, &lcf->url);
    if (job == NULL) {
        return NGX_ERROR;
    }

    ctx->job = job;

    job->handler = ngx_http_rttest_done;
    job->data = ctx;
    job->method = lcf->job.method;
    job->content = lcf->job.content;
    job->once = lcf->job.once;
    job->hold = lcf->job.hold;
    job->expected = lcf->expected[0] ? lcf->expected : NULL;
    job->timeout = lcf->job.timeout ? lcf->job.timeout : job->timeout;
    job->max_body = lcf->job.max_body ? lcf->job.max_body : job->max_body;
    job->wanted = ctx->wanted;
    job->nwanted = lcf->job.nwanted;

    for (i = 0; i < job->nwanted; i++) {
        ctx->wanted[i].name = lcf->wanted[i];
    }

    for (i = 0; i < lcf->nheaders; i++) {
        colon = (u_char *) ngx_strchr(lcf->headers[i].data, ':');

        name = (char *) ngx_pstrdup(r->pool, &lcf->headers[i]);
        if (name == NULL) {
            return NGX_ERROR;
        }

        name[colon - lcf->headers[i].data] = '\0';

        value.data = colon + 1;
        value.len = lcf->headers[i].data + lcf->headers[i].len - value.data;

        if (ngx_rt_http_add_header(job, name, &value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    ngx_rt_http_start(job);

    return NGX_OK;
}


static void
ngx_http_rttest_cleanup(void *data)
{
    ngx_http_rttest_ctx_t *ctx = data;

    if (ctx->job) {
        ngx_rt_http_cancel(ctx->job);
    }
}


static void
ngx_http_rttest_done(ngx_rt_http_t *job)
{
    ngx_connection_t       *c;
    ngx_http_request_t     *r;
    ngx_http_rttest_ctx_t  *ctx;

    ctx = job->data;
    ctx->job = NULL;

    r = ctx->request;
    c = r->connection;

    ngx_http_finalize_request(r, ngx_http_rttest_send(r, ctx, job));

    ngx_http_run_posted_requests(c);
}


static ngx_int_t
ngx_http_rttest_send(ngx_http_request_t *r, ngx_http_rttest_ctx_t *ctx,
    ngx_rt_http_t *job)
{
    size_t        size;
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_uint_t    i;
    ngx_chain_t   out;

    size = NGX_INT_T_LEN + job->error.len + job->body.len + sizeof(" \n\n");

    for (i = 0; i < job->nwanted; i++) {
        size += job->wanted[i].name.len + job->wanted[i].value.len + 3;
    }

    b = ngx_create_temp_buf(r->pool, size);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->last = ngx_sprintf(b->last, "%ui %V\n", job->status, &job->error);

    for (i = 0; i < job->nwanted; i++) {
        if (job->wanted[i].count) {
            b->last = ngx_sprintf(b->last, "%V: %V\n", &job->wanted[i].name,
                                  &job->wanted[i].value);
        }
    }

    b->last = ngx_sprintf(b->last, "\n%V", &job->body);
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = b->last - b->pos;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


static void *
ngx_http_rttest_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_rttest_main_conf_t  *mcf;

    mcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rttest_main_conf_t));

    if (mcf == NULL
        || ngx_array_init(&mcf->clients, cf->pool, 4, sizeof(void *))
           != NGX_OK)
    {
        return NULL;
    }

    return mcf;
}


static void *
ngx_http_rttest_create_loc_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_rttest_loc_conf_t));
}


static char *
ngx_http_rttest_http(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rttest_loc_conf_t *lcf = conf;

    char                      *err, *name, *rv;
    u_char                    *p;
    ngx_str_t                 *value, rest;
    ngx_uint_t                 i;
    ngx_http_core_loc_conf_t  *clcf;

    value = cf->args->elts;

    if (ngx_rt_url_parse(cf->pool, &value[1], &lcf->url, &err) != NGX_OK
        || ngx_rt_url_resolve(cf->pool, &lcf->url, &err) != NGX_OK)
    {
        return err;
    }

    lcf->conf.agent = "rttest";
    lcf->job.hold = 1;

    for (i = 2; i < cf->args->nelts; i++) {
        name = (char *) value[i].data;
        p = (u_char *) ngx_strchr(name, '=');

        ngx_str_null(&rest);

        if (p) {
            *p++ = '\0';
            rest.data = p;
            rest.len = value[i].data + value[i].len - p;
        }

        rv = ngx_http_rttest_option(cf, lcf, name, &rest);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    lcf->client = ngx_http_rttest_client(cf, &lcf->conf);
    if (lcf->client == NULL) {
        return NGX_CONF_ERROR;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_rttest_handler;

    return NGX_CONF_OK;
}


static char *
ngx_http_rttest_option(ngx_conf_t *cf, ngx_http_rttest_loc_conf_t *lcf,
    char *name, ngx_str_t *value)
{
    ngx_uint_t  n;

    if (ngx_strcmp(name, "method") == 0) {
        lcf->job.method = NGX_RT_HTTP_POST;

    } else if (ngx_strcmp(name, "body") == 0) {
        lcf->job.content = *value;

    } else if (ngx_strcmp(name, "header") == 0
               && lcf->nheaders < NGX_HTTP_RTTEST_MAX
               && ngx_strchr(value->data, ':'))
    {
        lcf->headers[lcf->nheaders++] = *value;

    } else if (ngx_strcmp(name, "want") == 0
               && lcf->job.nwanted < NGX_HTTP_RTTEST_MAX)
    {
        lcf->wanted[lcf->job.nwanted++] = *value;

    } else if (ngx_strcmp(name, "expect") == 0) {
        for (n = 0; lcf->expected[n]; n++) { /* void */ }

        if (n == NGX_HTTP_RTTEST_MAX) {
            return "has too many values of \"expect\"";
        }

        lcf->expected[n] = ngx_atoi(value->data, value->len);

    } else if (ngx_strcmp(name, "timeout") == 0) {
        lcf->job.timeout = ngx_parse_time(value, 0);

    } else if (ngx_strcmp(name, "keepalive") == 0) {
        lcf->conf.keepalive = ngx_parse_time(value, 0);

    } else if (ngx_strcmp(name, "max_body") == 0) {
        lcf->job.max_body = ngx_parse_size(value);

    } else if (ngx_strcmp(name, "once") == 0) {
        lcf->job.once = 1;

    } else if (ngx_strcmp(name, "background") == 0) {
        lcf->job.hold = 0;

    } else if (ngx_strcmp(name, "ca") == 0) {
        return ngx_http_rttest_read(cf, value, &lcf->conf.trusted);

    } else {
        return "has an unknown option";
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rttest_read(ngx_conf_t *cf, ngx_str_t *name, ngx_str_t *text)
{
    ssize_t   n;
    ngx_fd_t  fd;

    fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);
    text->data = ngx_pnalloc(cf->pool, 65536);

    if (fd == NGX_INVALID_FILE || text->data == NULL) {
        return "has a file that cannot be read";
    }

    n = ngx_read_fd(fd, text->data, 65536);
    ngx_close_file(fd);

    if (n <= 0) {
        return "has an empty file";
    }

    text->len = n;

    return NGX_CONF_OK;
}


static ngx_http_rttest_client_t *
ngx_http_rttest_client(ngx_conf_t *cf, ngx_rt_http_conf_t *conf)
{
    ngx_uint_t                     i;
    ngx_http_rttest_client_t      *client, **clients;
    ngx_http_rttest_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rttest_module);
    clients = mcf->clients.elts;

    for (i = 0; i < mcf->clients.nelts; i++) {
        if (clients[i]->conf.keepalive == conf->keepalive
            && rt_str_eq(ngx_rt_str(&clients[i]->conf.trusted),
                         ngx_rt_str(&conf->trusted)))
        {
            return clients[i];
        }
    }

    clients = ngx_array_push(&mcf->clients);
    client = ngx_pcalloc(cf->pool, sizeof(ngx_http_rttest_client_t));

    if (clients == NULL || client == NULL) {
        return NULL;
    }

    client->conf = *conf;
    *clients = client;

    return client;
}


static char *
ngx_http_rttest_hold(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rttest_loc_conf_t *lcf = conf;

    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    value = cf->args->elts;
    lcf->hold = value[1];

#if (NGX_THREADS)
    lcf->pool = ngx_thread_pool_add(cf, NULL);
#endif

    if (lcf->pool == NULL) {
        return NGX_CONF_ERROR;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_rttest_hold_handler;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_rttest_hold_handler(ngx_http_request_t *r)
{
#if (NGX_THREADS)

    ngx_pool_t                  *pool;
    ngx_thread_task_t           *task;
    ngx_http_rttest_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_rttest_module);

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    task = ngx_thread_task_alloc(pool, lcf->hold.len + 1);
    if (task == NULL) {
        ngx_destroy_pool(pool);
        return NGX_ERROR;
    }

    ngx_memcpy(task->ctx, lcf->hold.data, lcf->hold.len);

    task->handler = ngx_http_rttest_hold_run;
    task->event.handler = ngx_http_rttest_hold_done;
    task->event.data = pool;

    if (ngx_thread_task_post(lcf->pool, task) != NGX_OK) {
        ngx_destroy_pool(pool);
        return NGX_ERROR;
    }

#endif

    return NGX_HTTP_NO_CONTENT;
}


/* in the thread; a test that died leaves no file */

static void
ngx_http_rttest_hold_run(void *data, ngx_log_t *log)
{
    ngx_uint_t       i;
    ngx_file_info_t  fi;

    for (i = 0; i < 12000; i++) {

        if (ngx_file_info(data, &fi) != NGX_FILE_ERROR) {
            return;
        }

        ngx_msleep(5);
    }
}


static void
ngx_http_rttest_hold_done(ngx_event_t *ev)
{
    ngx_destroy_pool(ev->data);
}


static char *
ngx_http_rttest_body(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rttest_loc_conf_t *lcf = conf;

    ngx_str_t                 *value;
    ngx_uint_t                 i;
    ngx_http_core_loc_conf_t  *clcf;

    value = cf->args->elts;
    lcf->body = value[1];

    for (i = 2; i < cf->args->nelts; i++) {

        lcf->chain |= ngx_strcmp(value[i].data, "chain") == 0;
        lcf->flush |= ngx_strcmp(value[i].data, "flush") == 0;
        lcf->sync |= ngx_strcmp(value[i].data, "sync") == 0;

        if (ngx_strncmp(value[i].data, "last=", 5) == 0) {
            lcf->last_empty = ngx_strstr(value[i].data, "empty") != NULL;
            lcf->last_flush = ngx_strstr(value[i].data, "flush") != NULL;
        }
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_rttest_body_handler;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_rttest_body_handler(ngx_http_request_t *r)
{
    size_t                        i;
    ngx_int_t                     rc;
    ngx_uint_t                    end;
    ngx_chain_t                  *out, *cl, **last;
    ngx_http_rttest_loc_conf_t   *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_rttest_module);

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = lcf->body.len;

    if (ngx_http_set_content_type(r) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    last = &out;

    for (i = 0; i < lcf->body.len + lcf->last_empty; i++) {

        end = (i == lcf->body.len + lcf->last_empty - 1);

        cl = ngx_http_rttest_body_link(r, i < lcf->body.len
                                          ? lcf->body.data + i : NULL, &last);
        if (cl == NULL) {
            return NGX_ERROR;
        }

        cl->buf->flush = end ? lcf->last_flush : lcf->flush;
        cl->buf->last_buf = end;

        if (lcf->sync && !end) {
            cl = ngx_http_rttest_body_link(r, NULL, &last);
            if (cl == NULL) {
                return NGX_ERROR;
            }

            cl->buf->sync = 1;
        }

        if (lcf->chain && !end) {
            continue;
        }

        rc = ngx_http_output_filter(r, out);
        if (rc == NGX_ERROR) {
            return rc;
        }

        last = &out;
    }

    return rc;
}


/* a buffer of one byte that nobody may write to, or of none */

static ngx_chain_t *
ngx_http_rttest_body_link(ngx_http_request_t *r, u_char *byte,
    ngx_chain_t ***last)
{
    ngx_chain_t  *cl;

    cl = ngx_alloc_chain_link(r->pool);
    if (cl == NULL) {
        return NULL;
    }

    cl->buf = ngx_calloc_buf(r->pool);
    if (cl->buf == NULL) {
        return NULL;
    }

    if (byte != NULL) {
        cl->buf->pos = byte;
        cl->buf->last = byte + 1;
        cl->buf->memory = 1;
    }

    cl->next = NULL;
    **last = cl;
    *last = &cl->next;

    return cl;
}


static ngx_int_t
ngx_http_rttest_init_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                     i;
    ngx_http_rttest_client_t     **clients;
    ngx_http_rttest_main_conf_t   *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_rttest_module);

    if (mcf == NULL) {
        return NGX_OK;
    }

    clients = mcf->clients.elts;

    for (i = 0; i < mcf->clients.nelts; i++) {
        clients[i]->client = ngx_rt_http_client_create(&clients[i]->conf,
                                                       cycle->log);
        if (clients[i]->client == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static void
ngx_http_rttest_exit_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                     i;
    ngx_http_rttest_client_t     **clients;
    ngx_http_rttest_main_conf_t   *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_rttest_module);

    if (mcf == NULL) {
        return;
    }

    clients = mcf->clients.elts;

    for (i = 0; i < mcf->clients.nelts; i++) {
        if (clients[i]->client) {
            ngx_rt_http_client_destroy(clients[i]->client);
        }
    }
}
