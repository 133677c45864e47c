
#include "session/ngx_http_rtauth_store_redis.h"
#include "session/ngx_http_rtauth_fleet.h"
#include "oidc/rt_seal.h"
#include "text/rt_resp.h"


#define NGX_HTTP_RTAUTH_STORE_REDIS_WAIT  20        /* ms between two looks */
#define NGX_HTTP_RTAUTH_STORE_REDIS_NAME  (64 + sizeof("s:")                  \
                                           + 2 * NGX_HTTP_RTAUTH_STORE_KEY)


typedef ngx_int_t (*ngx_http_rtauth_store_redis_pt)(ngx_http_rtauth_op_t *op,
    rt_resp_t *value);


/*
 * The data of an event must look like a connection up to its fd, the fourth
 * word: nginx's debug log prints that.
 */

typedef struct {
    ngx_http_rtauth_op_t            *op;
    ngx_rt_redis_ask_t              *ask;       /* NULL: nothing is asked */
    ngx_http_rtauth_store_redis_pt   take;
    ngx_int_t                        ident;
    ngx_event_t                      wait;
    ngx_msec_t                       until;
} ngx_http_rtauth_store_redis_pending_t;


static ngx_int_t ngx_http_rtauth_store_redis_load(ngx_http_rtauth_op_t *op);
static ngx_int_t ngx_http_rtauth_store_redis_look(ngx_http_rtauth_op_t *op);
static ngx_int_t ngx_http_rtauth_store_redis_loaded(ngx_http_rtauth_op_t *op,
    rt_resp_t *value);
static ngx_int_t ngx_http_rtauth_store_redis_save(ngx_http_rtauth_op_t *op);
static ngx_int_t ngx_http_rtauth_store_redis_replace(ngx_http_rtauth_op_t *op);
static ngx_int_t ngx_http_rtauth_store_redis_replaced(ngx_http_rtauth_op_t *op,
    rt_resp_t *value);
static ngx_uint_t ngx_http_rtauth_store_redis_version(u_char *data,
    size_t len);
static ngx_int_t ngx_http_rtauth_store_redis_touch(ngx_http_rtauth_op_t *op);
static ngx_int_t ngx_http_rtauth_store_redis_remove(ngx_http_rtauth_op_t *op);
static ngx_int_t ngx_http_rtauth_store_redis_lock(ngx_http_rtauth_op_t *op);
static ngx_int_t ngx_http_rtauth_store_redis_unlock(ngx_http_rtauth_op_t *op);
static ngx_int_t ngx_http_rtauth_store_redis_done(ngx_http_rtauth_op_t *op,
    rt_resp_t *value);
static ngx_int_t ngx_http_rtauth_store_redis_found(ngx_http_rtauth_op_t *op,
    rt_resp_t *value);
static rt_str_t ngx_http_rtauth_store_redis_name(ngx_http_rtauth_op_t *op,
    char *kind, u_char *buf);
static rt_str_t ngx_http_rtauth_store_redis_number(uint64_t n, u_char *buf);
static rt_str_t ngx_http_rtauth_store_redis_ttl(ngx_http_rtauth_op_t *op,
    u_char *buf);
static ngx_int_t ngx_http_rtauth_store_redis_heard(ngx_http_rtauth_op_t *op);
static ngx_int_t ngx_http_rtauth_store_redis_ask(ngx_http_rtauth_op_t *op,
    rt_str_t *words, ngx_uint_t n, ngx_http_rtauth_store_redis_pt take);
static ngx_http_rtauth_store_redis_pending_t *
    ngx_http_rtauth_store_redis_pending(ngx_http_rtauth_op_t *op);
static void ngx_http_rtauth_store_redis_cleanup(void *data);
static void ngx_http_rtauth_store_redis_answer(void *data, rt_str_t *answer);
static void ngx_http_rtauth_store_redis_wait(ngx_event_t *ev);


const ngx_http_rtauth_store_t  ngx_http_rtauth_store_redis = {
    .name = ngx_string("redis"),
    .load = ngx_http_rtauth_store_redis_load,
    .save = ngx_http_rtauth_store_redis_save,
    .touch = ngx_http_rtauth_store_redis_touch,
    .remove = ngx_http_rtauth_store_redis_remove,
    .lock = ngx_http_rtauth_store_redis_lock,
    .unlock = ngx_http_rtauth_store_redis_unlock
};


/* a record that another has saved meanwhile ends in other bytes than ours */

static char  ngx_http_rtauth_store_redis_replacing[] =
    "local tail=redis.call('getrange',KEYS[1],-#ARGV[1],-1) "
    "if tail=='' then return nil end "
    "if tail~=ARGV[1] then return 0 end "
    "return redis.call('set',KEYS[1],ARGV[2],'PX',ARGV[3])";


/*
 * A mark tells requests that go on that a session was ended, and did not just
 * lie idle for too long.  A Redis that is full takes none.
 */

static char  ngx_http_rtauth_store_redis_removing[] =
    "local had=redis.call('del',KEYS[1]) "
    "if had==1 then redis.pcall('set',KEYS[2],'-','PX',ARGV[1]) end "
    "return had";

static char  ngx_http_rtauth_store_redis_looking[] =
    "local value=redis.call('getrange',KEYS[1],0,ARGV[1]) "
    "if value=='' then return redis.call('get',KEYS[2]) or '' end "
    "return value";


/* a lock that lapsed may be another's by now */

static char  ngx_http_rtauth_store_redis_unlocking[] =
    "if redis.call('get',KEYS[1])==ARGV[1] then "
    "return redis.call('del',KEYS[1]) end return 0";


/*
 * Nobody is let in by a host that does not know what was revoked.  What is
 * longer than a record, whoever put it there, is not read to its end.
 */

static ngx_int_t
ngx_http_rtauth_store_redis_load(ngx_http_rtauth_op_t *op)
{
    u_char    last[NGX_INT64_LEN], name[NGX_HTTP_RTAUTH_STORE_REDIS_NAME];
    rt_str_t  words[4];

    if (ngx_http_rtauth_store_redis_heard(op) == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (op->hold) {
        return ngx_http_rtauth_store_redis_look(op);
    }

    words[0] = (rt_str_t) rt_string("GETRANGE");
    words[1] = ngx_http_rtauth_store_redis_name(op, "s:", name);
    words[2] = (rt_str_t) rt_string("0");
    words[3] = ngx_http_rtauth_store_redis_number(NGX_HTTP_RTAUTH_STORE_MAX,
                                                  last);

    return ngx_http_rtauth_store_redis_ask(op, words, 4,
                                           ngx_http_rtauth_store_redis_loaded);
}


/* the mark of a session that was ended is shorter than any record */

static ngx_int_t
ngx_http_rtauth_store_redis_look(ngx_http_rtauth_op_t *op)
{
    u_char    last[NGX_INT64_LEN], name[NGX_HTTP_RTAUTH_STORE_REDIS_NAME];
    u_char    mark[NGX_HTTP_RTAUTH_STORE_REDIS_NAME];
    rt_str_t  words[6];

    words[0] = (rt_str_t) rt_string("EVAL");
    words[1] = (rt_str_t) rt_string(ngx_http_rtauth_store_redis_looking);
    words[2] = (rt_str_t) rt_string("2");
    words[3] = ngx_http_rtauth_store_redis_name(op, "s:", name);
    words[4] = ngx_http_rtauth_store_redis_name(op, "e:", mark);
    words[5] = ngx_http_rtauth_store_redis_number(NGX_HTTP_RTAUTH_STORE_MAX,
                                                  last);

    return ngx_http_rtauth_store_redis_ask(op, words, 6,
                                           ngx_http_rtauth_store_redis_loaded);
}


static ngx_int_t
ngx_http_rtauth_store_redis_loaded(ngx_http_rtauth_op_t *op, rt_resp_t *value)
{
    ngx_uint_t  version;

    if (value->type != RT_RESP_BULK) {
        return NGX_ERROR;
    }

    if (value->text.len == 0 && op->hold) {
        return NGX_DONE;
    }

    if (value->text.len < RT_SEAL_OVERHEAD
        || value->text.len > NGX_HTTP_RTAUTH_STORE_MAX)
    {
        return NGX_DECLINED;
    }

    version = ngx_http_rtauth_store_redis_version(value->text.data,
                                                  value->text.len);
    ngx_str_null(&op->value);

    if (version != op->version) {
        op->value.data = ngx_pnalloc(op->pool, value->text.len);
        if (op->value.data == NULL) {
            return NGX_ERROR;
        }

        op->value.len = value->text.len;
        ngx_memcpy(op->value.data, value->text.data, value->text.len);
    }

    op->version = version;

    return NGX_OK;
}


/* its last bytes, the tag of its seal, which differ whenever anything does */

static ngx_uint_t
ngx_http_rtauth_store_redis_version(u_char *data, size_t len)
{
    ngx_uint_t  version;

    ngx_memcpy(&version, data + len - sizeof(version), sizeof(version));

    return version ? version : 1;
}


static ngx_int_t
ngx_http_rtauth_store_redis_save(ngx_http_rtauth_op_t *op)
{
    u_char    ttl[NGX_INT64_LEN], name[NGX_HTTP_RTAUTH_STORE_REDIS_NAME];
    rt_str_t  words[5];

    if (op->again) {
        return ngx_http_rtauth_store_redis_replace(op);
    }

    words[0] = (rt_str_t) rt_string("SET");
    words[1] = ngx_http_rtauth_store_redis_name(op, "s:", name);
    words[2] = *ngx_rt_str(&op->value);
    words[3] = (rt_str_t) rt_string("PX");
    words[4] = ngx_http_rtauth_store_redis_ttl(op, ttl);

    return ngx_http_rtauth_store_redis_ask(op, words, 5,
                                           ngx_http_rtauth_store_redis_done);
}


static ngx_int_t
ngx_http_rtauth_store_redis_replace(ngx_http_rtauth_op_t *op)
{
    u_char    ttl[NGX_INT64_LEN], name[NGX_HTTP_RTAUTH_STORE_REDIS_NAME];
    rt_str_t  words[7];

    words[0] = (rt_str_t) rt_string("EVAL");
    words[1] = (rt_str_t) rt_string(ngx_http_rtauth_store_redis_replacing);
    words[2] = (rt_str_t) rt_string("1");
    words[3] = ngx_http_rtauth_store_redis_name(op, "s:", name);
    words[4].data = (u_char *) &op->version;
    words[4].len = sizeof(op->version);
    words[5] = *ngx_rt_str(&op->value);
    words[6] = ngx_http_rtauth_store_redis_ttl(op, ttl);

    return ngx_http_rtauth_store_redis_ask(op, words, 7,
                                        ngx_http_rtauth_store_redis_replaced);
}


static ngx_int_t
ngx_http_rtauth_store_redis_replaced(ngx_http_rtauth_op_t *op,
    rt_resp_t *value)
{
    if (value->type == RT_RESP_NIL) {
        return NGX_DECLINED;
    }

    if (value->type == RT_RESP_INTEGER) {
        return NGX_BUSY;
    }

    op->version = ngx_http_rtauth_store_redis_version(op->value.data,
                                                      op->value.len);
    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_store_redis_touch(ngx_http_rtauth_op_t *op)
{
    u_char    ttl[NGX_INT64_LEN], name[NGX_HTTP_RTAUTH_STORE_REDIS_NAME];
    rt_str_t  words[3];

    words[0] = (rt_str_t) rt_string("PEXPIRE");
    words[1] = ngx_http_rtauth_store_redis_name(op, "s:", name);
    words[2] = ngx_http_rtauth_store_redis_ttl(op, ttl);

    return ngx_http_rtauth_store_redis_ask(op, words, 3,
                                           ngx_http_rtauth_store_redis_found);
}


static ngx_int_t
ngx_http_rtauth_store_redis_remove(ngx_http_rtauth_op_t *op)
{
    u_char    ttl[NGX_INT64_LEN], name[NGX_HTTP_RTAUTH_STORE_REDIS_NAME];
    u_char    mark[NGX_HTTP_RTAUTH_STORE_REDIS_NAME];
    rt_str_t  words[6];

    op->ttl = op->sessions->absolute;

    words[0] = (rt_str_t) rt_string("EVAL");
    words[1] = (rt_str_t) rt_string(ngx_http_rtauth_store_redis_removing);
    words[2] = (rt_str_t) rt_string("2");
    words[3] = ngx_http_rtauth_store_redis_name(op, "s:", name);
    words[4] = ngx_http_rtauth_store_redis_name(op, "e:", mark);
    words[5] = ngx_http_rtauth_store_redis_ttl(op, ttl);

    return ngx_http_rtauth_store_redis_ask(op, words, 6,
                                           ngx_http_rtauth_store_redis_done);
}


static ngx_int_t
ngx_http_rtauth_store_redis_lock(ngx_http_rtauth_op_t *op)
{
    u_char    ttl[NGX_INT64_LEN], token[NGX_INT64_LEN];
    u_char    name[NGX_HTTP_RTAUTH_STORE_REDIS_NAME];
    rt_str_t  words[6];

    if (rt_seal_random((unsigned char *) &op->version, sizeof(op->version))
        != RT_OK)
    {
        return NGX_ERROR;
    }

    words[0] = (rt_str_t) rt_string("SET");
    words[1] = ngx_http_rtauth_store_redis_name(op, "l:", name);
    words[2] = ngx_http_rtauth_store_redis_number(op->version, token);
    words[3] = (rt_str_t) rt_string("NX");
    words[4] = (rt_str_t) rt_string("PX");
    words[5] = ngx_http_rtauth_store_redis_ttl(op, ttl);

    return ngx_http_rtauth_store_redis_ask(op, words, 6,
                                           ngx_http_rtauth_store_redis_done);
}


static ngx_int_t
ngx_http_rtauth_store_redis_unlock(ngx_http_rtauth_op_t *op)
{
    u_char    token[NGX_INT64_LEN], name[NGX_HTTP_RTAUTH_STORE_REDIS_NAME];
    rt_str_t  words[5];

    words[0] = (rt_str_t) rt_string("EVAL");
    words[1] = (rt_str_t) rt_string(ngx_http_rtauth_store_redis_unlocking);
    words[2] = (rt_str_t) rt_string("1");
    words[3] = ngx_http_rtauth_store_redis_name(op, "l:", name);
    words[4] = ngx_http_rtauth_store_redis_number(op->version, token);

    return ngx_http_rtauth_store_redis_ask(op, words, 5,
                                           ngx_http_rtauth_store_redis_done);
}


/* the answer to a SET with "NX" is nil when it was in vain */

static ngx_int_t
ngx_http_rtauth_store_redis_done(ngx_http_rtauth_op_t *op, rt_resp_t *value)
{
    return (value->type == RT_RESP_NIL) ? NGX_DECLINED : NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_store_redis_found(ngx_http_rtauth_op_t *op, rt_resp_t *value)
{
    return (value->number == 0) ? NGX_DECLINED : NGX_OK;
}


static rt_str_t
ngx_http_rtauth_store_redis_name(ngx_http_rtauth_op_t *op, char *kind,
    u_char *buf)
{
    u_char    *p;
    rt_str_t   name;

    p = ngx_sprintf(buf, "%V%s", &op->sessions->redis->prefix, kind);
    p = ngx_hex_dump(p, op->key, NGX_HTTP_RTAUTH_STORE_KEY);

    name.data = buf;
    name.len = p - buf;

    return name;
}


static rt_str_t
ngx_http_rtauth_store_redis_number(uint64_t n, u_char *buf)
{
    rt_str_t  text;

    text.data = buf;
    text.len = ngx_sprintf(buf, "%uL", n) - buf;

    return text;
}


static rt_str_t
ngx_http_rtauth_store_redis_ttl(ngx_http_rtauth_op_t *op, u_char *buf)
{
    return ngx_http_rtauth_store_redis_number(
               (uint64_t) ngx_max(op->ttl, 1) * 1000, buf);
}


static ngx_int_t
ngx_http_rtauth_store_redis_heard(ngx_http_rtauth_op_t *op)
{
    return ngx_http_rtauth_fleet_heard(op->sessions->redis, op->sessions->zone);
}


static ngx_int_t
ngx_http_rtauth_store_redis_ask(ngx_http_rtauth_op_t *op, rt_str_t *words,
    ngx_uint_t n, ngx_http_rtauth_store_redis_pt take)
{
    ngx_rt_redis_t                         *redis;
    ngx_http_rtauth_store_redis_pending_t  *pending;

    redis = ngx_http_rtauth_fleet_redis(op->sessions);
    pending = ngx_http_rtauth_store_redis_pending(op);

    if (redis == NULL || pending == NULL) {
        return NGX_ERROR;
    }

    pending->take = take;
    pending->until = ngx_current_msec + op->sessions->redis->conf.timeout;
    pending->ask = ngx_rt_redis_ask(redis, words, n, 0,
                                    ngx_http_rtauth_store_redis_answer,
                                    pending);

    return pending->ask ? NGX_AGAIN : NGX_ERROR;
}


static ngx_http_rtauth_store_redis_pending_t *
ngx_http_rtauth_store_redis_pending(ngx_http_rtauth_op_t *op)
{
    ngx_pool_cleanup_t                     *cln;
    ngx_http_rtauth_store_redis_pending_t  *pending;

    if (op->pending) {
        return op->pending;
    }

    cln = ngx_pool_cleanup_add(op->pool,
                               sizeof(ngx_http_rtauth_store_redis_pending_t));
    if (cln == NULL) {
        return NULL;
    }

    pending = cln->data;
    ngx_memzero(pending, sizeof(ngx_http_rtauth_store_redis_pending_t));

    pending->op = op;
    pending->ident = -1;
    pending->wait.data = pending;
    pending->wait.handler = ngx_http_rtauth_store_redis_wait;
    pending->wait.log = ngx_cycle->log;

    cln->handler = ngx_http_rtauth_store_redis_cleanup;
    op->pending = pending;

    return pending;
}


/* nobody waits any more; Redis does what it was asked all the same */

static void
ngx_http_rtauth_store_redis_cleanup(void *data)
{
    ngx_http_rtauth_store_redis_pending_t *pending = data;

    if (pending->ask) {
        ngx_rt_redis_forget(pending->ask);
    }

    if (pending->wait.timer_set) {
        ngx_del_timer(&pending->wait);
    }
}


static void
ngx_http_rtauth_store_redis_answer(void *data, rt_str_t *answer)
{
    ngx_http_rtauth_store_redis_pending_t *pending = data;

    ngx_int_t              rc;
    rt_resp_t              value;
    ngx_http_rtauth_op_t  *op;

    op = pending->op;
    pending->ask = NULL;

    rc = answer && rt_resp_next(answer, &value) == RT_OK
         ? pending->take(op, &value) : NGX_ERROR;

    if (rc == NGX_OK
        && pending->take == ngx_http_rtauth_store_redis_loaded
        && ngx_http_rtauth_store_redis_heard(op) != NGX_OK)
    {
        ngx_add_timer(&pending->wait, NGX_HTTP_RTAUTH_STORE_REDIS_WAIT);
        return;
    }

    op->handler(op, rc);
}


/* a host that has just begun hears within a moment what was revoked */

static void
ngx_http_rtauth_store_redis_wait(ngx_event_t *ev)
{
    ngx_int_t                               rc;
    ngx_http_rtauth_store_redis_pending_t  *pending;

    pending = ev->data;

    rc = ngx_http_rtauth_store_redis_heard(pending->op);

    if (rc == NGX_AGAIN
        && (ngx_msec_int_t) (pending->until - ngx_current_msec) > 0)
    {
        ngx_add_timer(ev, NGX_HTTP_RTAUTH_STORE_REDIS_WAIT);
        return;
    }

    pending->op->handler(pending->op, rc == NGX_OK ? NGX_OK : NGX_ERROR);
}
