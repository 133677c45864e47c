
#include "ngx_rt_show.h"
#include "rt_version.h"


static u_char *ngx_rt_show_to(void);
static ngx_fd_t ngx_rt_show_open(ngx_conf_t *cf, u_char *name);
static ngx_int_t ngx_rt_show_line(ngx_conf_t *cf, ngx_fd_t fd,
    const ngx_rt_show_t *show, ngx_rt_show_place_t *place);
static void ngx_rt_show_where(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_rt_show_place_t *place);
static void ngx_rt_show_listen(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_http_core_srv_conf_t *cscf);


/* NULL: nobody asks */

static u_char *
ngx_rt_show_to(void)
{
    char  *to;

    to = ngx_test_config ? getenv(NGX_RT_SHOW_ENV) : NULL;

    return (to && *to) ? (u_char *) to : NULL;
}


ngx_int_t
ngx_rt_show_note(ngx_conf_t *cf, ngx_array_t **places, void *conf)
{
    ngx_rt_show_place_t  *place;

    if (ngx_rt_show_to() == NULL) {
        return NGX_OK;
    }

    if (*places == NULL) {
        *places = ngx_array_create(cf->pool, 16, sizeof(ngx_rt_show_place_t));
        if (*places == NULL) {
            return NGX_ERROR;
        }
    }

    place = ngx_array_push(*places);
    if (place == NULL) {
        return NGX_ERROR;
    }

    place->conf = conf;
    place->server = ngx_http_conf_get_module_srv_conf(cf,
                                                      ngx_http_core_module);
    place->location = ngx_http_conf_get_module_loc_conf(cf,
                                                        ngx_http_core_module);

    return NGX_OK;
}


ngx_int_t
ngx_rt_show(ngx_conf_t *cf, ngx_array_t *places, const ngx_rt_show_t *show)
{
    u_char               *name;
    ngx_fd_t              fd;
    ngx_int_t             rc;
    ngx_uint_t            i;
    ngx_rt_show_place_t  *place;

    name = ngx_rt_show_to();
    if (name == NULL) {
        return NGX_OK;
    }

    fd = ngx_rt_show_open(cf, name);
    if (fd == NGX_INVALID_FILE) {
        return NGX_ERROR;
    }

    rc = ngx_rt_show_line(cf, fd, show, NULL);

    for (i = 0; rc == NGX_OK && places && i < places->nelts; i++) {
        place = places->elts;
        rc = ngx_rt_show_line(cf, fd, show, &place[i]);
    }

    if (rc != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "writing \"%s\" of %s failed", name,
                           NGX_RT_SHOW_ENV);
    }

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%s\" failed", name);
    }

    return rc;
}


static ngx_fd_t
ngx_rt_show_open(ngx_conf_t *cf, u_char *name)
{
    ngx_fd_t         fd;
    ngx_file_info_t  fi;

    fd = open((char *) name,
              O_WRONLY|O_APPEND|O_CREAT|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC, 0600);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%s\" of %s failed", name,
                           NGX_RT_SHOW_ENV);
        return NGX_INVALID_FILE;
    }

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR || !S_ISREG(fi.st_mode)
        || fi.st_uid != geteuid() || (fi.st_mode & 077) || fi.st_nlink > 1)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%s\" of %s is no file that is yours alone: name "
                           "one that does not exist", name, NGX_RT_SHOW_ENV);
        (void) ngx_close_file(fd);
        return NGX_INVALID_FILE;
    }

    return fd;
}


/* a buffer that is too small is made larger: it lives as long as this line */

static ngx_int_t
ngx_rt_show_line(ngx_conf_t *cf, ngx_fd_t fd, const ngx_rt_show_t *show,
    ngx_rt_show_place_t *place)
{
    size_t       size;
    u_char      *buf;
    ssize_t      n;
    rt_jsonw_t   w;

    for (size = 64 * 1024; size <= NGX_RT_SHOW_MAX; size *= 4) {

        buf = ngx_alloc(size, cf->log);
        if (buf == NULL) {
            return NGX_ERROR;
        }

        rt_jsonw_init(&w, buf, size);
        rt_jsonw_open(&w, '{');
        rt_jsonw_lit(&w, "module");
        ngx_rt_show_word(&w, show->module);

        if (place) {
            ngx_rt_show_where(&w, cf, place);
            show->place(&w, cf, place);

        } else {
            rt_jsonw_lit(&w, "version");
            ngx_rt_show_word(&w, RT_VERSION);
            show->http(&w, cf, NULL);
        }

        rt_jsonw_close(&w, '}');
        rt_jsonw_byte(&w, LF);

        if (w.full) {
            ngx_free(buf);
            continue;
        }

        n = ngx_write_fd(fd, buf, rt_jsonw_len(&w));
        size = rt_jsonw_len(&w);

        ngx_free(buf);

        return n == (ssize_t) size ? NGX_OK : NGX_ERROR;
    }

    return NGX_ERROR;
}


/* which place it is: nginx's own names for it, and where its server stands */

static void
ngx_rt_show_where(rt_jsonw_t *w, ngx_conf_t *cf, ngx_rt_show_place_t *place)
{
    ngx_str_t                  file;
    ngx_uint_t                 i;
    const char                *kind;
    ngx_http_server_name_t    *name;
    ngx_http_core_srv_conf_t  *cscf;
    ngx_http_core_loc_conf_t  *clcf;

    cscf = place->server;
    clcf = place->location;

    rt_jsonw_lit(w, "server");
    rt_jsonw_open(w, '{');

    file.data = cscf->file_name;
    file.len = ngx_strlen(file.data);

    ngx_rt_show_str(w, "file", &file);
    ngx_rt_show_uint(w, "line", cscf->line);

    rt_jsonw_lit(w, "names");
    rt_jsonw_open(w, '[');

    name = cscf->server_names.elts;

    for (i = 0; i < cscf->server_names.nelts; i++) {
        rt_jsonw_str(w, ngx_rt_str(&name[i].name));
    }

    rt_jsonw_close(w, ']');

    ngx_rt_show_listen(w, cf, cscf);

    rt_jsonw_close(w, '}');

    kind = cscf->ctx->loc_conf[ngx_http_core_module.ctx_index] == clcf
           ? "server"
           : clcf->lmt_excpt ? "limit_except"
           : clcf->noname ? "if"
           : clcf->exact_match ? "="
#if (NGX_PCRE)
           : clcf->regex ? "~"
#endif
           : clcf->named ? "@"
           : clcf->noregex ? "^~" : "";

    rt_jsonw_lit(w, "kind");
    ngx_rt_show_word(w, kind);
    ngx_rt_show_str(w, "name", &clcf->name);
}


static void
ngx_rt_show_listen(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_http_core_srv_conf_t *cscf)
{
    ngx_uint_t                   p, a, s;
    ngx_http_conf_port_t        *port;
    ngx_http_conf_addr_t        *addr;
    ngx_http_core_srv_conf_t   **server;
    ngx_http_core_main_conf_t   *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    rt_jsonw_lit(w, "listen");
    rt_jsonw_open(w, '[');

    port = cmcf->ports ? cmcf->ports->elts : NULL;

    for (p = 0; port && p < cmcf->ports->nelts; p++) {
        addr = port[p].addrs.elts;

        for (a = 0; a < port[p].addrs.nelts; a++) {
            server = addr[a].servers.elts;

            for (s = 0; s < addr[a].servers.nelts; s++) {
                if (server[s] == cscf) {
                    rt_jsonw_str(w, ngx_rt_str(&addr[a].opt.addr_text));
                }
            }
        }
    }

    rt_jsonw_close(w, ']');
}


void
ngx_rt_show_strs(rt_jsonw_t *w, ngx_array_t *strs)
{
    ngx_str_t   *s;
    ngx_uint_t   i;

    rt_jsonw_open(w, '[');

    for (i = 0; strs && i < strs->nelts; i++) {
        s = strs->elts;
        rt_jsonw_str(w, ngx_rt_str(&s[i]));
    }

    rt_jsonw_close(w, ']');
}


void
ngx_rt_show_word(rt_jsonw_t *w, const char *word)
{
    const rt_str_t  s = rt_str_of(word);

    rt_jsonw_str(w, &s);
}
