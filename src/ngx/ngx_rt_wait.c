
#include "ngx_rt_wait.h"


void
ngx_rt_wait_watch(ngx_http_request_t *r)
{
    if (r == r->main && r->read_event_handler == ngx_http_block_reading) {
        r->read_event_handler = ngx_http_test_reading;

        /* who sent a request and went away is told of once, with the request */

        if (r->connection->read->ready) {
            ngx_post_event(r->connection->read, &ngx_posted_events);
        }
    }
}


void
ngx_rt_wait_unwatch(ngx_http_request_t *r)
{
    if (r == r->main && r->read_event_handler == ngx_http_test_reading) {
        r->read_event_handler = ngx_http_block_reading;
    }
}


void
ngx_rt_wait_over(ngx_http_request_t *r)
{
    ngx_connection_t  *c;

    c = r->connection;

    ngx_rt_wait_unwatch(r);

    ngx_http_set_log_request(c->log, r);

    r->write_event_handler(r);

    ngx_http_run_posted_requests(c);
}
