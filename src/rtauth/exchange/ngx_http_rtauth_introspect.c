
#include "exchange/ngx_http_rtauth_introspect.h"
#include "exchange/ngx_http_rtauth_exchange.h"
#include "keys/ngx_http_rtauth_told.h"
#include "ngx_rt_kept.h"
#include "ngx_rt_log.h"
#include "oidc/rt_introspection.h"
#include "oidc/rt_shown.h"
#include "text/rt_field.h"


#define NGX_HTTP_RTAUTH_MAX_QUESTIONS  128      /* that are open, a provider and
                                                   worker */


/*
 * A question that this request asks for all that show the same token.  It is
 * asked to its end, though the client may have gone away.
 */

typedef struct {
    ngx_http_request_t           *request;
    ngx_http_rtauth_keys_t       *keys;
    u_char                        key[NGX_HTTP_RTAUTH_DIGEST];
    ngx_queue_t                   queue;        /* keys->questions */
    ngx_uint_t                    number;
    ngx_http_rtauth_exchange_t   *x;

    unsigned                      open:1;
    unsigned                      sent:1;
    unsigned                      failed:1;
} ngx_http_rtauth_question_t;


/*
 * An answer: claims as JSON, empty when the token is not active, and for how
 * long it holds.
 */

typedef struct {
    ngx_str_t                     answer;
    time_t                        until;
} ngx_http_rtauth_said_t;


static ngx_int_t ngx_http_rtauth_introspect_key(ngx_http_request_t *r,
    ngx_http_rtauth_keys_t *keys, ngx_str_t *token, u_char *key);
static ngx_int_t ngx_http_rtauth_introspect_said(ngx_http_request_t *r,
    ngx_http_rtauth_keys_t *keys, ngx_str_t *token,
    ngx_http_rtauth_said_t *said, rt_reason_e *reason);
static ngx_http_rtauth_question_t *ngx_http_rtauth_introspect_own(
    ngx_http_request_t *r, u_char *key);
static ngx_int_t ngx_http_rtauth_introspect_begin(ngx_http_request_t *r,
    ngx_http_rtauth_keys_t *keys, u_char *key,
    ngx_http_rtauth_question_t **question, rt_reason_e *reason);
static ngx_int_t ngx_http_rtauth_introspect_follow(ngx_http_request_t *r,
    ngx_http_rtauth_keys_t *keys, u_char *key);
static ngx_http_rtauth_question_t *ngx_http_rtauth_introspect_create(
    ngx_http_request_t *r, ngx_http_rtauth_keys_t *keys, u_char *key);
static ngx_int_t ngx_http_rtauth_introspect_ask(
    ngx_http_rtauth_question_t *q, ngx_str_t *token);
static ngx_int_t ngx_http_rtauth_introspect_read(
    ngx_http_rtauth_question_t *q, ngx_http_rtauth_said_t *said);
static ngx_int_t ngx_http_rtauth_introspect_parse(
    ngx_http_rtauth_question_t *q, rt_json_t **answer, const char **why);
static ngx_int_t ngx_http_rtauth_introspect_verify(
    ngx_http_rtauth_question_t *q, rt_json_t **answer, const char **why);
static ngx_int_t ngx_http_rtauth_introspect_status(rt_status_e rc);
static ngx_int_t ngx_http_rtauth_introspect_keep(
    ngx_http_rtauth_question_t *q, rt_json_t *answer,
    ngx_http_rtauth_said_t *said);
static ngx_int_t ngx_http_rtauth_introspect_unanswered(
    ngx_http_rtauth_question_t *q);
static ngx_int_t ngx_http_rtauth_introspect_fail(
    ngx_http_rtauth_question_t *q, const char *why);
static void ngx_http_rtauth_introspect_end(ngx_http_rtauth_question_t *q);
static void ngx_http_rtauth_introspect_cleanup(void *data);


ngx_int_t
ngx_http_rtauth_introspect(ngx_http_request_t *r, ngx_array_t *providers,
    ngx_str_t *token, ngx_http_rtauth_identity_t **identity,
    rt_reason_e *reason)
{
    ngx_int_t                    rc;
    ngx_http_rtauth_said_t       said;
    ngx_http_rtauth_worker_t    *w;
    ngx_http_rtauth_provider_t  *p;

    *reason = RT_REASON_INTERNAL;

    p = ngx_http_rtauth_verify_asks(providers);
    w = ngx_http_rtauth_worker(
             ngx_http_get_module_main_conf(r, ngx_http_rtauth_module));

    if (w == NULL) {
        return NGX_ERROR;
    }

    if (!rt_shown_is_bare(ngx_rt_str(token))) {
        *reason = RT_REASON_MALFORMED;
        return NGX_DECLINED;
    }

    rc = ngx_http_rtauth_introspect_said(r, &w->keys[p->index], token, &said,
                                         reason);
    if (rc != NGX_OK) {
        return rc;
    }

    if (said.answer.len == 0) {
        *reason = RT_REASON_INACTIVE;
        return NGX_DECLINED;
    }

    return ngx_http_rtauth_verify_told(r, p, token, &said.answer, said.until,
                                       identity, reason);
}


void
ngx_http_rtauth_introspect_leave(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t          *cln;
    ngx_http_rtauth_question_t  *q;

    cln = r->pool->cleanup;

    while ((q = ngx_rt_kept_next(&cln, ngx_http_rtauth_introspect_cleanup))) {

        if (q->request != r || !q->open) {
            continue;
        }

        if (q->x->job) {
            ngx_rt_http_cancel(q->x->job);
            q->x->job = NULL;
            q->x->pending = 0;
        }

        ngx_http_rtauth_introspect_end(q);
    }
}


/* the provider's policy is in it: another one never meets an old answer */

static ngx_int_t
ngx_http_rtauth_introspect_key(ngx_http_request_t *r,
    ngx_http_rtauth_keys_t *keys, ngx_str_t *token, u_char *key)
{
    u_char     *p;
    ngx_str_t   text;

    text.len = sizeof(keys->pcf->fingerprint) + token->len;
    text.data = ngx_pnalloc(r->pool, text.len);

    if (text.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(text.data, keys->pcf->fingerprint,
                   sizeof(keys->pcf->fingerprint));
    ngx_memcpy(p, token->data, token->len);

    return ngx_http_rtauth_digest(keys->worker, &text, key);
}


static ngx_int_t
ngx_http_rtauth_introspect_said(ngx_http_request_t *r,
    ngx_http_rtauth_keys_t *keys, ngx_str_t *token,
    ngx_http_rtauth_said_t *said, rt_reason_e *reason)
{
    u_char                       key[NGX_HTTP_RTAUTH_DIGEST];
    ngx_int_t                    rc;
    ngx_http_rtauth_question_t  *q;

    if (ngx_http_rtauth_introspect_key(r, keys, token, key) != NGX_OK) {
        return NGX_ERROR;
    }

    q = ngx_http_rtauth_introspect_own(r, key);

    if (q == NULL) {
        rc = ngx_http_rtauth_told(keys->worker->zone, key, r->pool,
                                  &said->answer, &said->until);

        if (rc == NGX_DECLINED) {
            rc = ngx_http_rtauth_introspect_begin(r, keys, key, &q, reason);
        }

        if (rc != NGX_OK || q == NULL) {
            return rc;
        }
    }

    rc = q->failed ? NGX_ERROR : ngx_http_rtauth_introspect_ask(q, token);

    if (rc == NGX_OK) {
        rc = ngx_http_rtauth_introspect_read(q, said);
    }

    if (rc == NGX_ERROR) {
        *reason = RT_REASON_PROVIDER_UNAVAILABLE;
    }

    return rc;
}


/* a question that was answered is over: the zone has the answer */

static ngx_http_rtauth_question_t *
ngx_http_rtauth_introspect_own(ngx_http_request_t *r, u_char *key)
{
    ngx_pool_cleanup_t          *cln;
    ngx_http_rtauth_question_t  *q;

    cln = r->pool->cleanup;

    do {
        q = ngx_rt_kept_next(&cln, ngx_http_rtauth_introspect_cleanup);
    } while (q && (q->request != r || !(q->open || q->failed)
                   || ngx_memcmp(q->key, key, NGX_HTTP_RTAUTH_DIGEST) != 0));

    return q;
}


static ngx_int_t
ngx_http_rtauth_introspect_begin(ngx_http_request_t *r,
    ngx_http_rtauth_keys_t *keys, u_char *key,
    ngx_http_rtauth_question_t **question, rt_reason_e *reason)
{
    ngx_int_t                  rc;
    ngx_http_rtauth_budget_t  *budget;

    rc = ngx_http_rtauth_introspect_follow(r, keys, key);

    if (rc != NGX_DECLINED) {
        *reason = RT_REASON_PROVIDER_UNAVAILABLE;
        return rc;
    }

    budget = keys->worker->asks;

    if (!ngx_http_rtauth_budget_left(budget, r->connection)) {
        *reason = RT_REASON_TOO_MANY_BAD;
        return NGX_DECLINED;
    }

    if (keys->nquestions == NGX_HTTP_RTAUTH_MAX_QUESTIONS) {
        ngx_rt_log_error(NGX_LOG_ERR, r,
                         "rtauth_provider \"%V\": it is being asked about %d "
                         "tokens already", &keys->pcf->provider->name,
                         NGX_HTTP_RTAUTH_MAX_QUESTIONS);

        *reason = RT_REASON_PROVIDER_UNAVAILABLE;
        return NGX_ERROR;
    }

    *question = ngx_http_rtauth_introspect_create(r, keys, key);

    if (*question == NULL) {
        return NGX_ERROR;
    }

    ngx_http_rtauth_budget_spend(budget, r->connection);

    return NGX_OK;
}


/* NGX_DECLINED: nobody asks about this token now */

static ngx_int_t
ngx_http_rtauth_introspect_follow(ngx_http_request_t *r,
    ngx_http_rtauth_keys_t *keys, u_char *key)
{
    ngx_queue_t                 *e;
    ngx_http_rtauth_wait_t      *wait;
    ngx_http_rtauth_question_t  *q;

    wait = ngx_http_rtauth_wait_find(r);

    if (wait && wait->failed) {
        wait->failed = 0;
        return NGX_ERROR;
    }

    for (e = ngx_queue_head(&keys->questions);
         e != ngx_queue_sentinel(&keys->questions);
         e = ngx_queue_next(e))
    {
        q = ngx_queue_data(e, ngx_http_rtauth_question_t, queue);

        if (ngx_memcmp(q->key, key, NGX_HTTP_RTAUTH_DIGEST) == 0) {
            return ngx_http_rtauth_wait(r, &keys->asking, q->number, 0);
        }
    }

    return NGX_DECLINED;
}


static ngx_http_rtauth_question_t *
ngx_http_rtauth_introspect_create(ngx_http_request_t *r,
    ngx_http_rtauth_keys_t *keys, u_char *key)
{
    ngx_http_rtauth_question_t  *q;
    ngx_http_rtauth_exchange_t  *x;

    x = ngx_http_rtauth_exchange_create(r, keys->pcf->provider->client);
    if (x == NULL) {
        return NULL;
    }

    x->lasting = 1;

    if (keys->pcf->introspection == NGX_HTTP_RTAUTH_ASK_JWT) {
        ngx_str_set(&x->accept, "application/" RT_INTROSPECTION_TYPE);

    } else {
        ngx_str_set(&x->accept, "application/json, application/"
                                RT_INTROSPECTION_TYPE ";q=0.5");
    }

    q = ngx_rt_kept_add(r->pool, sizeof(ngx_http_rtauth_question_t),
                        ngx_http_rtauth_introspect_cleanup);
    if (q == NULL) {
        return NULL;
    }

    q->request = r;
    q->keys = keys;
    q->x = x;
    q->number = ++keys->question;
    q->open = 1;

    ngx_memcpy(q->key, key, NGX_HTTP_RTAUTH_DIGEST);

    ngx_queue_insert_tail(&keys->questions, &q->queue);
    keys->nquestions++;

    return q;
}


static ngx_int_t
ngx_http_rtauth_introspect_ask(ngx_http_rtauth_question_t *q,
    ngx_str_t *token)
{
    rt_arg_t        args[2];
    ngx_int_t       rc;
    rt_metadata_t  *m;

    if (q->sent) {
        return q->x->pending ? NGX_AGAIN : NGX_OK;
    }

    m = &q->keys->fetched.metadata;

    if (q->keys->pcf->ask.text.len == 0) {
        rc = ngx_http_rtauth_keys_await(q->keys, q->request, &m);

        if (rc == NGX_AGAIN) {
            return NGX_AGAIN;
        }

        if (rc != NGX_OK) {
            return ngx_http_rtauth_introspect_fail(q, "its metadata cannot be "
                                                      "had");
        }
    }

    args[0].name = (rt_str_t) rt_string("token");
    args[0].value = *ngx_rt_str(token);
    args[1].name = (rt_str_t) rt_string("token_type_hint");
    args[1].value = (rt_str_t) rt_string("access_token");

    q->sent = 1;

    rc = ngx_http_rtauth_exchange_post(q->x, m, RT_METADATA_INTROSPECTION,
                                       args, 2, 0);

    return rc == NGX_AGAIN ? NGX_AGAIN
                           : ngx_http_rtauth_introspect_unanswered(q);
}


static ngx_int_t
ngx_http_rtauth_introspect_read(ngx_http_rtauth_question_t *q,
    ngx_http_rtauth_said_t *said)
{
    ngx_int_t    rc;
    rt_json_t   *answer;
    const char  *why;

    if (q->x->error.len || q->x->status != NGX_HTTP_OK) {
        return ngx_http_rtauth_introspect_unanswered(q);
    }

    why = "out of memory";

    rc = ngx_http_rtauth_introspect_parse(q, &answer, &why);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc == NGX_DECLINED) {
        answer = NULL;
    }

    if (rc == NGX_ERROR
        || ngx_http_rtauth_introspect_keep(q, answer, said) != NGX_OK)
    {
        return ngx_http_rtauth_introspect_fail(q, why);
    }

    ngx_http_rtauth_introspect_end(q);

    return NGX_OK;
}


/* NGX_DECLINED: the token is not active; NGX_ERROR: it does not say */

static ngx_int_t
ngx_http_rtauth_introspect_parse(ngx_http_rtauth_question_t *q,
    rt_json_t **answer, const char **why)
{
    rt_mem_t  mem;
    rt_str_t  type;

    static const rt_str_t  jwt = rt_string("application/"
                                           RT_INTROSPECTION_TYPE);

    (void) rt_field_media(ngx_rt_str(&q->x->type), &type);

    if (rt_str_ieq(&type, &jwt)) {
        return ngx_http_rtauth_introspect_verify(q, answer, why);
    }

    if (q->keys->pcf->introspection == NGX_HTTP_RTAUTH_ASK_JWT) {
        *why = "its answer is not signed, for which \"introspection jwt\" "
               "asks";
        return NGX_ERROR;
    }

    mem = ngx_rt_str_mem(q->request->pool);

    return ngx_http_rtauth_introspect_status(
               rt_introspection_parse(&mem, ngx_rt_str(&q->x->body), answer,
                                      why));
}


/* RFC 9701, 5 */

static ngx_int_t
ngx_http_rtauth_introspect_verify(ngx_http_rtauth_question_t *q,
    rt_json_t **answer, const char **why)
{
    ngx_int_t                     rc;
    rt_str_t                      type, client_id;
    rt_reason_e                   reason;
    rt_claims_policy_t            policy;
    ngx_http_rtauth_signed_t      once;
    ngx_http_rtauth_client_t     *client;

    client = q->x->client;
    client_id = *ngx_rt_str(&client->client_id);
    type = (rt_str_t) rt_string(RT_INTROSPECTION_TYPE);

    ngx_memzero(&policy, sizeof(rt_claims_policy_t));

    policy.issuer = *ngx_rt_str(&client->provider->issuer);
    policy.audiences = &client_id;
    policy.naudiences = 1;
    policy.types = &type;
    policy.ntypes = 1;
    policy.exp_optional = 1;
    policy.leeway = q->keys->pcf->leeway;

    ngx_memzero(&once, sizeof(ngx_http_rtauth_signed_t));

    once.policy = &policy;

    rc = ngx_http_rtauth_verify_once(q->request, client->provider,
                                     &q->x->body, &once, &reason);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc != NGX_OK) {
        *why = (char *) rt_reason(reason)->text.data;
        return NGX_ERROR;
    }

    return ngx_http_rtauth_introspect_status(
               rt_introspection_signed(once.claims, ngx_time(), policy.leeway,
                                       answer, why));
}


static ngx_int_t
ngx_http_rtauth_introspect_status(rt_status_e rc)
{
    return rc == RT_OK ? NGX_OK : rc == RT_DECLINED ? NGX_DECLINED : NGX_ERROR;
}


/*
 * Keeps what was said of a token.  Without an answer it is not active.  An
 * active one gives its address back what the question took of its budget.
 */

static ngx_int_t
ngx_http_rtauth_introspect_keep(ngx_http_rtauth_question_t *q,
    rt_json_t *answer, ngx_http_rtauth_said_t *said)
{
    rt_mem_t                   mem;
    ngx_http_rtauth_worker_t  *w;

    w = q->keys->worker;

    ngx_str_null(&said->answer);
    said->until = ngx_time() + ngx_min(q->keys->pcf->told,
                                       NGX_HTTP_RTAUTH_TOLD_NOT);

    if (answer) {
        mem = ngx_rt_str_mem(q->request->pool);

        if (rt_claims_json(&mem, answer, ngx_rt_str(&said->answer)) != RT_OK) {
            return NGX_ERROR;
        }

        said->until = ngx_time() + q->keys->pcf->told;

        ngx_http_rtauth_budget_return(w->asks, q->request->connection);
    }

    ngx_http_rtauth_told_keep(w->zone, q->key, &said->answer, said->until);

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_introspect_unanswered(ngx_http_rtauth_question_t *q)
{
    u_char  why[NGX_MAX_ERROR_STR];

    if (q->x->status == NGX_HTTP_UNAUTHORIZED) {
        return ngx_http_rtauth_introspect_fail(q, "it refuses this client with "
                                                  "401, mend \"client_id\", "
                                                  "\"client_secret\" or "
                                                  "\"client_auth\"");
    }

    if (q->x->status && q->x->status != NGX_HTTP_OK) {
        ngx_snprintf(why, sizeof(why), "it answers with %ui%Z", q->x->status);

    } else {
        ngx_snprintf(why, sizeof(why), "%V%Z", &q->x->error);
    }

    why[sizeof(why) - 1] = '\0';

    return ngx_http_rtauth_introspect_fail(q, (char *) why);
}


static ngx_int_t
ngx_http_rtauth_introspect_fail(ngx_http_rtauth_question_t *q,
    const char *why)
{
    ngx_rt_log_error(NGX_LOG_ERR, q->request,
                     "rtauth_provider \"%V\": it does not say whether a token "
                     "is active: %s", &q->keys->pcf->provider->name, why);

    q->failed = 1;

    ngx_http_rtauth_budget_return(q->keys->worker->asks,
                                  q->request->connection);

    ngx_http_rtauth_introspect_end(q);

    return NGX_ERROR;
}


static void
ngx_http_rtauth_introspect_end(ngx_http_rtauth_question_t *q)
{
    if (!q->open) {
        return;
    }

    ngx_queue_remove(&q->queue);
    q->keys->nquestions--;
    q->open = 0;

    ngx_http_rtauth_wait_answered(&q->keys->asking, q->number, q->failed);
}


/* a request that ends before its answer came leaves it to another one to ask */

static void
ngx_http_rtauth_introspect_cleanup(void *data)
{
    ngx_http_rtauth_introspect_end(data);
}
