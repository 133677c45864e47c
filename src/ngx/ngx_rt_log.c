
#include "ngx_rt_log.h"
#include "ngx_rt_str.h"
#include "text/rt_logpath.h"


static void ngx_rt_log_text(ngx_str_t *text, const char *fmt, va_list args);
static ngx_uint_t ngx_rt_log_full(ngx_rt_log_kind_t *kind,
    ngx_http_request_t *r);
static void ngx_rt_log_leave_out(ngx_rt_log_kind_t *kind, ngx_uint_t level,
    ngx_http_request_t *r, ngx_str_t *text);
static void ngx_rt_log_end(ngx_event_t *ev);
static void ngx_rt_log_write(ngx_uint_t level, ngx_http_request_t *r,
    ngx_str_t *text);
static u_char *ngx_rt_log_request(u_char *p, u_char *last,
    ngx_http_request_t *r);
static size_t ngx_rt_log_path(u_char *dst, ngx_http_request_t *r,
    ngx_str_t *path);


/* two paths, an address, a name of a server, a method, what is between them */

#define NGX_RT_LOG_CONTEXT  (2 * RT_LOGPATH_MAX + 400)

#define NGX_RT_LOG_METHOD   32          /* bytes of a method that are shown */


void ngx_cdecl
ngx_rt_log(ngx_rt_log_kind_t *kind, ngx_uint_t level, ngx_http_request_t *r,
    const char *fmt, ...)
{
    u_char      buf[NGX_RT_LOG_TEXT];
    va_list     args;
    ngx_str_t   text;
    ngx_uint_t  full;

    if (r->connection->log->log_level < level) {
        return;
    }

    full = kind ? ngx_rt_log_full(kind, r) : 0;

    if (full && kind->left_out++ > 0) {
        return;
    }

    text.data = buf;

    va_start(args, fmt);
    ngx_rt_log_text(&text, fmt, args);
    va_end(args);

    if (full) {
        ngx_rt_log_leave_out(kind, level, r, &text);
        return;
    }

    ngx_rt_log_write(level, r, &text);
}


void
ngx_rt_log_line(ngx_uint_t level, ngx_http_request_t *r, const char *fmt,
    va_list args)
{
    u_char     buf[NGX_RT_LOG_TEXT];
    ngx_str_t  text;

    if (r->connection->log->log_level < level) {
        return;
    }

    text.data = buf;

    ngx_rt_log_text(&text, fmt, args);
    ngx_rt_log_write(level, r, &text);
}


/* text->data has room for NGX_RT_LOG_TEXT */

static void
ngx_rt_log_text(ngx_str_t *text, const char *fmt, va_list args)
{
    u_char  *p, *last;

    p = text->data;
    last = ngx_vslprintf(p, p + NGX_RT_LOG_TEXT, fmt, args);

    text->len = last - p;

    /* a value that somebody forgot to escape begins no line of its own */

    for ( /* void */ ; p < last; p++) {
        if (*p < ' ' || *p == 0x7f) {
            *p = '?';
        }
    }
}


static ngx_uint_t
ngx_rt_log_full(ngx_rt_log_kind_t *kind, ngx_http_request_t *r)
{
    void                *location;
    ngx_uint_t           i;
    ngx_rt_log_place_t  *place;

    if (!kind->end.timer_set
        && ngx_current_msec - kind->begun >= NGX_RT_LOG_WINDOW)
    {
        kind->begun = ngx_current_msec;
        ngx_memzero(kind->places, sizeof(kind->places));
    }

    location = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    place = kind->places;

    for (i = 1; i < NGX_RT_LOG_PLACES; i++, place++) {

        if (place->location == NULL) {
            place->location = location;
        }

        if (place->location == location) {
            break;
        }
    }

    if (place->lines == NGX_RT_LOG_LINES) {
        return 1;
    }

    place->lines++;

    return 0;
}


/* the first line that is left out names the kind, and starts the timer */

static void
ngx_rt_log_leave_out(ngx_rt_log_kind_t *kind, ngx_uint_t level,
    ngx_http_request_t *r, ngx_str_t *text)
{
    ngx_msec_t                 passed;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    /* a single process outlives the configuration */

    kind->log = (ngx_process == NGX_PROCESS_SINGLE) ? ngx_cycle->log
                                                    : clcf->error_log;
    kind->level = level;
    kind->len = ngx_min(text->len, NGX_RT_LOG_SAMPLE);
    ngx_memcpy(kind->sample, text->data, kind->len);

    kind->end.data = kind;
    kind->end.handler = ngx_rt_log_end;
    kind->end.log = ngx_cycle->log;
    kind->end.cancelable = 1;

    passed = ngx_current_msec - kind->begun;

    ngx_add_timer(&kind->end, NGX_RT_LOG_WINDOW
                              - ngx_min(passed, NGX_RT_LOG_WINDOW));
}


static void
ngx_rt_log_end(ngx_event_t *ev)
{
    ngx_rt_log_kind_t *kind = ev->data;

    ngx_log_error(kind->level, kind->log, 0, "\"%*s\": %ui more in the last "
                  "%M s", kind->len, kind->sample, kind->left_out,
                  (ngx_current_msec - kind->begun) / 1000);

    kind->left_out = 0;
}


/* the copy writes where the log does, and has no handler that appends */

static void
ngx_rt_log_write(ngx_uint_t level, ngx_http_request_t *r, ngx_str_t *text)
{
    u_char     context[NGX_RT_LOG_CONTEXT], *last;
    ngx_log_t  log;

    log = *r->connection->log;
    log.handler = NULL;

    last = ngx_rt_log_request(context, context + NGX_RT_LOG_CONTEXT, r);

    ngx_log_error(level, &log, 0, "%V%*s", text,
                  (size_t) (last - context), context);
}


/* the client's request; in a subrequest, that one's path as well */

static u_char *
ngx_rt_log_request(u_char *p, u_char *last, ngx_http_request_t *r)
{
    size_t                     len;
    u_char                     path[RT_LOGPATH_MAX];
    ngx_http_request_t        *main;
    ngx_http_core_srv_conf_t  *cscf;

    main = r->main;
    cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);

    p = ngx_slprintf(p, last, ", client: %V, server: %V",
                     &r->connection->addr_text, &cscf->server_name);

    if (main->method_name.len) {
        len = ngx_rt_log_path(path, main, &main->unparsed_uri);

        p = ngx_slprintf(p, last, ", request: \"%*s %*s\"",
                         ngx_min(main->method_name.len, NGX_RT_LOG_METHOD),
                         main->method_name.data, len, path);
    }

    if (r != main) {
        len = ngx_rt_log_path(path, r, &r->uri);
        p = ngx_slprintf(p, last, ", subrequest: \"%*s\"", len, path);
    }

    return p;
}


/* rtaudit, where it is loaded, knows which segments are secret */

static size_t
ngx_rt_log_path(u_char *dst, ngx_http_request_t *r, ngx_str_t *path)
{
    rt_str_t                    shown;
    ngx_http_variable_value_t  *vv;
    static ngx_str_t            name = ngx_string("rtaudit_path");

    vv = ngx_http_get_variable(r, &name, ngx_hash_key(name.data, name.len));

    if (vv == NULL) {
        return 0;
    }

    if (vv->not_found) {
        return rt_logpath(dst, ngx_rt_str(path));
    }

    shown.data = vv->data;
    shown.len = vv->len;

    return rt_logpath(dst, &shown);
}
