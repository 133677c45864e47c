
#include "login/ngx_http_rtauth_push.h"
#include "login/ngx_http_rtauth_page.h"
#include "login/ngx_http_rtauth_redirect.h"
#include "oidc/rt_token_answer.h"


ngx_int_t
ngx_http_rtauth_push(ngx_http_request_t *r, ngx_http_rtauth_client_t *client,
    const rt_metadata_t *m, rt_arg_t *args, ngx_uint_t nargs)
{
    rt_str_t                    *endpoint;
    ngx_http_rtauth_exchange_t  *x;

    x = ngx_http_rtauth_exchange_create(r, client);
    endpoint = ngx_palloc(r->pool, sizeof(rt_str_t));

    if (x == NULL || endpoint == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* metadata may be another when the answer is there */

    *endpoint = m->endpoint[RT_METADATA_AUTHORIZATION];

    endpoint->data = ngx_pstrdup(r->pool, ngx_rt_ngx(endpoint));
    if (endpoint->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    x->data = endpoint;

    if (ngx_http_rtauth_exchange_post(x, m, RT_METADATA_PAR, args, nargs, 1)
        == NGX_AGAIN)
    {
        return NGX_DONE;
    }

    return ngx_http_rtauth_page_failed(r, RT_REASON_PROVIDER_UNAVAILABLE,
                                       client->provider,
                                       (char *) x->error.data);
}


ngx_int_t
ngx_http_rtauth_push_answered(ngx_http_rtauth_exchange_t *x)
{
    rt_mem_t            mem;
    const char         *why;
    rt_status_e         rc;
    rt_reason_e         reason;
    rt_token_answer_t   answer;

    if (x->pending) {
        return NGX_DONE;
    }

    reason = RT_REASON_PROVIDER_UNAVAILABLE;

    if (x->status == 0 || (x->error.len && x->status / 100 == 2)) {
        return ngx_http_rtauth_page_failed(x->request, reason,
                                           x->client->provider,
                                           "its endpoint for pushed requests "
                                           "does not answer, or not to the "
                                           "end");
    }

    mem = ngx_rt_str_mem(x->request->pool);

    rc = rt_token_answer_pushed(&mem, x->status, ngx_rt_str(&x->body), &answer,
                                &why);

    if (rc == RT_OK) {

        rt_arg_t  args[] = {
            { rt_string("client_id"), *ngx_rt_str(&x->client->client_id) },
            { rt_string("request_uri"), answer.request_uri }
        };

        return ngx_http_rtauth_redirect_provider(x->request,
                                                 x->client->provider, x->data,
                                                 args, 2);
    }

    switch (rc) {

    case RT_ERROR:
        return NGX_HTTP_INTERNAL_SERVER_ERROR;

    case RT_DECLINED:
        why = ngx_http_rtauth_exchange_says(x, &answer.error,
                                            &answer.description);
        if (why == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        reason = RT_REASON_LOGIN_FAILED;

        break;

    case RT_AGAIN:
        break;

    default:
        reason = RT_REASON_LOGIN_FAILED;
    }

    return ngx_http_rtauth_page_failed(x->request, reason,
                                       x->client->provider, why);
}
