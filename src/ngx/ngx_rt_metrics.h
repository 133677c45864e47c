
/*
 * The answer of a location that shows what a server counts and measures:
 * what is written with rt_metrics.h, sent; and whether anybody may read it.
 */


#ifndef NGX_RT_METRICS_H_INCLUDED
#define NGX_RT_METRICS_H_INCLUDED


#include "ngx_rt_conf.h"

#include "metrics/rt_metrics.h"


#pragma GCC visibility push(hidden)


/* writes all metrics; called again when the text found no room */

typedef void (*ngx_rt_metrics_pt)(rt_metrics_t *m, void *data);


/* GET and HEAD, never cached; ret: as a location's handler */
ngx_int_t ngx_rt_metrics_answer(ngx_http_request_t *r, rt_metrics_form_e form,
    ngx_rt_metrics_pt write, void *data);

/* what such an answer has in common with others; ret: NGX_OK, or a status */
ngx_int_t ngx_rt_metrics_head(ngx_http_request_t *r);


/* locations that show what is not for everybody */

typedef struct {
    ngx_rt_where_t    where;
    void            **loc_conf;
} ngx_rt_metrics_place_t;


/* notes the location that is being read: in an array of places */
ngx_int_t ngx_rt_metrics_place(ngx_conf_t *cf, ngx_array_t *places);

/*
 * "DIRECTIVE [json | prometheus]", of the location that is being read: notes it
 * and gives it one of both handlers.  ret: what a directive is told
 */
char *ngx_rt_metrics_conf(ngx_conf_t *cf, ngx_array_t *places,
    ngx_http_handler_pt json, ngx_http_handler_pt prometheus);

/* all is merged: warns of those where nothing asks who reads */
void ngx_rt_metrics_warn(ngx_conf_t *cf, ngx_array_t *places,
    const char *directive);


#pragma GCC visibility pop


#endif /* NGX_RT_METRICS_H_INCLUDED */
