
#include "view/ngx_http_rtaudit_view_conf.h"
#include "sink/ngx_http_rtaudit_file.h"
#include "view/ngx_http_rtaudit_view.h"
#include "ngx_rt_guard.h"
#include "ngx_rt_path.h"


static char *ngx_http_rtaudit_view_conf_place(ngx_conf_t *cf,
    ngx_http_rtaudit_view_t *view);
static char *ngx_http_rtaudit_view_conf_pool(ngx_conf_t *cf,
    ngx_http_rtaudit_view_t *view);
static char *ngx_http_rtaudit_view_conf_guard(ngx_conf_t *cf,
    ngx_http_rtaudit_view_t *view);
static char *ngx_http_rtaudit_view_conf_file(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_http_rtaudit_view_t *view);
static char *ngx_http_rtaudit_view_conf_check(ngx_conf_t *cf,
    ngx_http_rtaudit_view_t *view);


char *
ngx_http_rtaudit_view(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtaudit_loc_conf_t *alcf = conf;

    ngx_str_t                      *value;
    ngx_uint_t                      i;
    ngx_http_rtaudit_view_t        *view, **viewp;
    ngx_http_rtaudit_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtaudit_module);

    view = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtaudit_view_t));
    viewp = ngx_array_push(&mcf->views);

    if (view == NULL || viewp == NULL) {
        return NGX_CONF_ERROR;
    }

    *viewp = view;
    alcf->view = view;

    view->loc_conf = ((ngx_http_conf_ctx_t *) cf->ctx)->loc_conf;
    ngx_rt_conf_here(cf, &view->where);

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "open") == 0 && !view->open) {
            view->open = 1;
            continue;
        }

        if (ngx_strncmp(value[i].data, "file=/", 6) != 0 || view->named) {
            return ngx_rt_conf_invalid(cf, "parameter", &value[i],
                                       "write \"file=\" with an absolute "
                                       "path, or \"open\", each once");
        }

        view->named = 1;
        view->file.data = value[i].data + 5;
        view->file.len = value[i].len - 5;
    }

    if (ngx_http_rtaudit_view_conf_place(cf, view) != NGX_CONF_OK
        || ngx_http_rtaudit_view_conf_pool(cf, view) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_rt_conf_handler(cf, ngx_http_rtaudit_view_handler);
}


/* the page asks for what stands below its own address */

static char *
ngx_http_rtaudit_view_conf_place(ngx_conf_t *cf, ngx_http_rtaudit_view_t *view)
{
    ngx_uint_t                 prefix;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    prefix = !clcf->exact_match && !clcf->named && clcf->name.len
             && clcf->name.data[clcf->name.len - 1] == '/';

#if (NGX_PCRE)
    prefix = prefix && clcf->regex == NULL;
#endif

    if (!prefix) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"rtaudit_view\" cannot answer in \"location %V\": "
                           "write it in one that ends with a slash, like "
                           "\"location /audit/\"", &clcf->name);
        return NGX_CONF_ERROR;
    }

    view->location = clcf->name;
    clcf->auto_redirect = 1;

    return NGX_CONF_OK;
}


/* files are read by threads: no worker waits for a disk */

static char *
ngx_http_rtaudit_view_conf_pool(ngx_conf_t *cf, ngx_http_rtaudit_view_t *view)
{
#if (NGX_THREADS)

    view->pool = ngx_thread_pool_add(cf, NULL);

    return view->pool ? NGX_CONF_OK : NGX_CONF_ERROR;

#else

    return ngx_rt_conf_error(cf, &view->where,
                             "\"rtaudit_view\" reads files in threads, which "
                             "this nginx has not: build it with "
                             "\"--with-threads\"");

#endif
}


char *
ngx_http_rtaudit_view_init(ngx_conf_t *cf, ngx_http_rtaudit_main_conf_t *mcf)
{
    ngx_uint_t                 i;
    ngx_http_rtaudit_view_t  **view;

    static ngx_str_t  result = ngx_string("rtauth_result");
    static ngx_str_t  nonce = ngx_string("rtcsp_nonce");

    ngx_rt_var_init(cf, &mcf->result, &result);
    ngx_rt_var_init(cf, &mcf->nonce, &nonce);

    view = mcf->views.elts;

    for (i = 0; i < mcf->views.nelts; i++) {

        if (ngx_http_rtaudit_view_conf_guard(cf, view[i]) != NGX_CONF_OK
            || ngx_http_rtaudit_view_conf_file(cf, mcf, view[i])
               != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtaudit_view_conf_guard(ngx_conf_t *cf, ngx_http_rtaudit_view_t *view)
{
    ngx_http_rtaudit_loc_conf_t  *alcf;

    if (!view->open
        && !(ngx_rt_guard(cf, view->loc_conf) & NGX_RT_GUARD_REQUIRES))
    {
        return ngx_rt_conf_error(cf, &view->where,
                                 "anybody could read \"rtaudit_view\": write "
                                 "\"rtauth NAME\" and an \"rtauth_require\", "
                                 "or \"open\" with \"allow\" and \"deny\"");
    }

    alcf = view->loc_conf[ngx_http_rtaudit_module.ctx_index];

    if (!alcf->enabled) {
        ngx_rt_conf_warn(cf, &view->where,
                         "who reads in \"rtaudit_view\" is in no event: write "
                         "\"rtaudit NAME\" in its location");
    }

    return NGX_CONF_OK;
}


/* without file=, that of the first sink that has one, of whole events */

static char *
ngx_http_rtaudit_view_conf_file(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_http_rtaudit_view_t *view)
{
    ngx_uint_t                 i;
    ngx_http_rtaudit_sink_t  **sink;

    sink = mcf->sinks.elts;

    for (i = 0; i < mcf->sinks.nelts && !view->named; i++) {

        if (sink[i]->kind == &ngx_http_rtaudit_file && sink[i]->classes == 0
            && (sink[i]->view.format == NULL
                || sink[i]->view.format->make == NULL))
        {
            view->file = sink[i]->target;
            break;
        }
    }

    if (view->file.len == 0) {
        return ngx_rt_conf_error(cf, &view->where,
                                 "no file for \"rtaudit_view\": write an "
                                 "\"rtaudit_sink\" that is a file, or "
                                 "\"file=PATH\"");
    }

    return ngx_http_rtaudit_view_conf_check(cf, view);
}


static char *
ngx_http_rtaudit_view_conf_check(ngx_conf_t *cf, ngx_http_rtaudit_view_t *view)
{
    ngx_int_t      rc;
    ngx_rt_path_t  p;

    rc = ngx_rt_path_walk(&p, &view->file);
    ngx_rt_path_close(&p);

    if (rc != NGX_OK) {
        return ngx_rt_conf_error(cf, &view->where,
                                 "\"rtaudit_view\" cannot read \"%V\": name a "
                                 "file in a directory that is there",
                                 &view->file);
    }

    if (p.fault == NGX_RT_PATH_PLANTED) {
        return ngx_rt_conf_error(cf, &view->where,
                                 "\"rtaudit_view\" cannot trust \"%s\", a link "
                                 "that another user made: name a file in a "
                                 "folder that only root may write to", p.at);
    }

    if (p.exists && !S_ISREG(p.st.st_mode)) {
        return ngx_rt_conf_error(cf, &view->where,
                                 "\"rtaudit_view\" cannot read \"%V\", which "
                                 "is no regular file: name one by \"file=\"",
                                 &view->file);
    }

    return NGX_CONF_OK;
}
