#include "nonce/ngx_http_rtcsp_gate_conf.h"
#include "ngx_rt_file.h"


#define NGX_HTTP_RTCSP_GATE_TEXT    1048576     /* bytes of a file of hashes */
#define NGX_HTTP_RTCSP_GATE_HASHES  4096


static char *ngx_http_rtcsp_gate_conf_src(ngx_conf_t *cf, ngx_array_t *list,
    ngx_str_t *text);
static char *ngx_http_rtcsp_gate_conf_hash(ngx_conf_t *cf, ngx_array_t *list,
    ngx_str_t *text);
static char *ngx_http_rtcsp_gate_conf_lines(ngx_conf_t *cf, ngx_array_t *list,
    ngx_str_t *name, ngx_str_t *text);
static rt_status_e ngx_http_rtcsp_gate_conf_line(ngx_array_t *list,
    rt_str_t line);


char *
ngx_http_rtcsp_gate_conf(ngx_conf_t *cf, ngx_http_rtcsp_loc_conf_t *conf)
{
    char         *rv;
    ngx_str_t    *args, text;
    ngx_uint_t    i;
    ngx_array_t  *src, *hash;

    conf->allow = ngx_pcalloc(cf->pool, sizeof(rt_allow_t));
    src = ngx_array_create(cf->pool, 4, sizeof(rt_allow_src_t));
    hash = ngx_array_create(cf->pool, 16, sizeof(rt_allow_hash_t));

    if (conf->allow == NULL || src == NULL || hash == NULL) {
        return NGX_CONF_ERROR;
    }

    args = cf->args->elts;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strncmp(args[i].data, "src=", 4) == 0) {
            text.data = args[i].data + 4;
            text.len = args[i].len - 4;
            rv = ngx_http_rtcsp_gate_conf_src(cf, src, &text);

        } else if (ngx_strncmp(args[i].data, "hash=", 5) == 0) {
            text.data = args[i].data + 5;
            text.len = args[i].len - 5;
            rv = ngx_http_rtcsp_gate_conf_hash(cf, hash, &text);

        } else {
            rv = ngx_rt_conf_invalid(cf, "parameter", &args[i],
                                     "write src=PREFIX, hash=FILE or "
                                     "hash=sha256-...");
        }

        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    if (src->nelts == 0 && hash->nelts == 0) {
        return "allows no script: write src=PREFIX or hash=FILE behind gated";
    }

    conf->allow->src = src->elts;
    conf->allow->nsrc = src->nelts;
    conf->allow->hash = hash->elts;
    conf->allow->nhash = hash->nelts;
    conf->mode = NGX_HTTP_RTCSP_NONCE_GATED;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtcsp_gate_conf_src(ngx_conf_t *cf, ngx_array_t *list,
    ngx_str_t *text)
{
    const char      *why;
    rt_allow_src_t  *src;

    src = ngx_array_push(list);
    if (src == NULL) {
        return NGX_CONF_ERROR;
    }

    if (rt_allow_src(src, ngx_rt_str(text), &why) != RT_OK) {
        return ngx_rt_conf_invalid(cf, "src", text,
                                   "write a path such as /static/, or an "
                                   "address such as "
                                   "https://cdn.example.com/lib/: it %s", why);
    }

    if (src->path.len == 1) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"src=%V\" of \"rtcsp_nonce gated\" lets any "
                           "address of that host run as a script, uploads and "
                           "JSONP as well: name the folders of scripts", text);
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtcsp_gate_conf_hash(ngx_conf_t *cf, ngx_array_t *list,
    ngx_str_t *text)
{
    ngx_int_t       rc;
    ngx_str_t       name;
    ngx_rt_file_t   file;

    if (ngx_strncmp(text->data, "sha", 3) == 0) {
        return ngx_http_rtcsp_gate_conf_line(list, *ngx_rt_str(text)) == RT_OK
               ? NGX_CONF_OK
               : ngx_rt_conf_invalid(cf, "hash", text,
                                     "write sha256-, sha384- or sha512- and "
                                     "the digest in base64");
    }

    name = *text;

    if (name.len == 0 || ngx_conf_full_name(cf->cycle, &name, 1) != NGX_OK) {
        return ngx_rt_conf_invalid(cf, "hash", text, "name a file");
    }

    rc = ngx_rt_file_read(cf, &name, NGX_HTTP_RTCSP_GATE_TEXT, &file);

    if (rc == NGX_DECLINED) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, file.err,
                           "the hashes of \"rtcsp_nonce gated\" are not taken "
                           "from \"%V\", which %s", &name, file.fault);
    }

    return (rc == NGX_OK)
           ? ngx_http_rtcsp_gate_conf_lines(cf, list, &name, &file.text)
           : NGX_CONF_ERROR;
}


static char *
ngx_http_rtcsp_gate_conf_lines(ngx_conf_t *cf, ngx_array_t *list,
    ngx_str_t *name, ngx_str_t *text)
{
    rt_str_t     line, rest;
    ngx_uint_t   n;
    rt_status_e  rc;

    rest = *ngx_rt_str(text);

    for (n = 1; rest.len; n++) {

        (void) rt_str_cut(&rest, '\n', &line, &rest);

        rc = ngx_http_rtcsp_gate_conf_line(list, line);

        if (rc == RT_OK || rc == RT_DONE) {
            continue;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "line %ui of \"%V\", a file of hashes, %s", n, name,
                           (rc == RT_INVALID)
                           ? "is no hash: write sha256-, sha384- or sha512- "
                             "and the digest in base64, or a comment behind #"
                           : (rc == RT_TOO_BIG)
                             ? "is one too many: 4096 are the most"
                             : "cannot be kept: no memory");

        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* ret: RT_OK: a hash, which is on the list now; RT_DONE: there is none */

static rt_status_e
ngx_http_rtcsp_gate_conf_line(ngx_array_t *list, rt_str_t line)
{
    rt_str_t          tail;
    rt_allow_hash_t  *hash;

    (void) rt_str_cut(&line, '#', &line, &tail);

    while (line.len && line.data[line.len - 1] <= ' ') {
        line.len--;
    }

    while (line.len && line.data[0] <= ' ') {
        line.data++;
        line.len--;
    }

    if (line.len == 0) {
        return RT_DONE;
    }

    if (list->nelts == NGX_HTTP_RTCSP_GATE_HASHES) {
        return RT_TOO_BIG;
    }

    hash = ngx_array_push(list);

    return (hash == NULL) ? RT_ERROR : rt_allow_hash(hash, &line);
}
