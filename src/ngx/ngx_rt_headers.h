
/*
 * Lists of header lines: walk, compare, rebuild.
 *
 *     ngx_table_elt_t   *h;
 *     ngx_rt_headers_t   walk;
 *
 *     ngx_rt_headers_first(&walk, &r->headers_in.headers);
 *
 *     while ((h = ngx_rt_headers_next(&walk)) != NULL) {
 */


#ifndef NGX_RT_HEADERS_H_INCLUDED
#define NGX_RT_HEADERS_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


typedef struct {
    ngx_list_part_t  *part;
    ngx_uint_t        i;
} ngx_rt_headers_t;


/* ret: NGX_OK keeps the line, NGX_DECLINED leaves it out, NGX_ERROR */
typedef ngx_int_t (*ngx_rt_header_pt)(ngx_http_request_t *r,
    ngx_table_elt_t *h, void *data);


static ngx_inline void
ngx_rt_headers_first(ngx_rt_headers_t *walk, ngx_list_t *list)
{
    walk->part = &list->part;
    walk->i = 0;
}


/* every line, also those that were dropped (hash = 0); NULL is the end */
ngx_table_elt_t *ngx_rt_headers_next(ngx_rt_headers_t *walk);

/* likewise, without those */
ngx_table_elt_t *ngx_rt_headers_live(ngx_rt_headers_t *walk);

/* ret: 1 if the line has that name, whatever the case */
ngx_uint_t ngx_rt_header_is(ngx_table_elt_t *h, ngx_str_t *name);

#define NGX_RT_HEADERS_VALUE  4096      /* bytes of values, joined */

/*
 * The request header of that name; several of them joined by ", ", as many
 * as fit.  Empty when there is none.
 */
void ngx_rt_headers_value(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value);

/*
 * The last line of that name in the request, without those that were dropped.
 * ret: how many there are; without one, *value stays
 */
ngx_uint_t ngx_rt_headers_last(ngx_http_request_t *r, char *name,
    ngx_str_t *value);

/*
 * A new line of the response, whose value the caller sets; name is a constant.
 * NULL: out of memory
 */
ngx_table_elt_t *ngx_rt_headers_add(ngx_http_request_t *r, char *name);

/*
 * Where a browser is to go, byte for byte, in place of what was there.  nginx
 * would put the listener's scheme and port before a path, and the client's
 * Host: r->headers_out.location stays empty.
 */
ngx_int_t ngx_rt_headers_location(ngx_http_request_t *r, ngx_str_t *to);

/* drops all lines of that name from the response */
void ngx_rt_headers_drop(ngx_http_request_t *r, ngx_str_t *name);

/*
 * The response's lines of that name, joined by ", ".  Empty when there is none.
 * NGX_ERROR: out of memory
 */
ngx_int_t ngx_rt_headers_said(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value);

/*
 * Drops the headers that tell caches in front to keep the response.  They have
 * names of their own (RFC 9213), which win over Cache-Control.
 */
void ngx_rt_headers_unshare(ngx_http_request_t *r);

/*
 * "Cache-Control: value" in place of the lines that are there; returns the new
 * one.  NULL: out of memory
 */
ngx_table_elt_t *ngx_rt_headers_cache_control(ngx_http_request_t *r,
    ngx_str_t *value);

/*
 * Drops whatever tells a cache, by whatever name, to keep the response.  Adds
 * "Cache-Control: value", and returns that line.  NULL: out of memory
 */
ngx_table_elt_t *ngx_rt_headers_uncache(ngx_http_request_t *r,
    ngx_str_t *value);

/*
 * ret: 1 if two names are one to an application that gets headers as variables:
 * there letters have no case, and whatever is neither letter nor digit is '_'
 */
ngx_uint_t ngx_rt_header_alike(ngx_str_t *name, u_char *data, size_t len);

/* ret: 1 if a name is alike to one of names (ngx_str_t) */
ngx_uint_t ngx_rt_header_among(ngx_array_t *names, u_char *data, size_t len);

/*
 * Gives the request a new list of headers, those that keep() keeps.  The old
 * lines stay where they are, for r->headers_in points at them.
 */
ngx_int_t ngx_rt_headers_rebuild(ngx_http_request_t *r, ngx_rt_header_pt keep,
    void *data);


#pragma GCC visibility pop


#endif /* NGX_RT_HEADERS_H_INCLUDED */
