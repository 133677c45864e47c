#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_rt_conf.h"
#include "ngx_rt_exec.h"
#include "ngx_rt_file.h"
#include "ngx_rt_secret.h"
#include "ngx_rt_str.h"


/* a place that a secret comes from */

typedef struct {
    ngx_str_t    name;
    ngx_int_t  (*read)(ngx_conf_t *cf, const char *what, ngx_str_t *rest,
                       ngx_str_t *secret);
} ngx_rt_secret_kind_t;


static ngx_int_t ngx_rt_secret_file(ngx_conf_t *cf, const char *what,
    ngx_str_t *path, ngx_str_t *secret);
static ngx_int_t ngx_rt_secret_env(ngx_conf_t *cf, const char *what,
    ngx_str_t *name, ngx_str_t *secret);
static ngx_int_t ngx_rt_secret_exec(ngx_conf_t *cf, const char *what,
    ngx_str_t *command, ngx_str_t *secret);
static ngx_int_t ngx_rt_secret_data(ngx_conf_t *cf, const char *what,
    ngx_str_t *text, ngx_str_t *secret);
static ngx_int_t ngx_rt_secret_check(ngx_conf_t *cf, const char *what,
    const char *kind, ngx_str_t *source, ngx_str_t *secret);


static ngx_str_t *
ngx_rt_secret_directive(ngx_conf_t *cf)
{
    return cf->args->elts;
}


ngx_int_t
ngx_rt_secret(ngx_conf_t *cf, const char *what, ngx_str_t *spec,
    ngx_str_t *secret)
{
    ngx_str_t               rest;
    ngx_rt_secret_kind_t   *kind;

    static ngx_rt_secret_kind_t  kinds[] = {
        { ngx_string("file:"), ngx_rt_secret_file },
        { ngx_string("env:"), ngx_rt_secret_env },
        { ngx_string("exec:"), ngx_rt_secret_exec },
        { ngx_string("data:"), ngx_rt_secret_data },
        { ngx_null_string, NULL }
    };

    kind = ngx_rt_conf_row(kinds, sizeof(ngx_rt_secret_kind_t), spec,
                           NGX_RT_CONF_BEGINS);

    if (kind == NULL) {

        /* what stands there may be the secret itself, so it is not printed */

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the %s of \"%V\" does not say where it comes from: "
                           "write file:PATH, env:NAME, exec:PATH or data:TEXT",
                           what, ngx_rt_secret_directive(cf));
        return NGX_ERROR;
    }

    rest.len = spec->len - kind->name.len;
    rest.data = spec->data + kind->name.len;

    return kind->read(cf, what, &rest, secret);
}


static ngx_int_t
ngx_rt_secret_file(ngx_conf_t *cf, const char *what, ngx_str_t *path,
    ngx_str_t *secret)
{
    ngx_int_t      rc;
    ngx_rt_file_t  file;

    if (path->len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the %s of \"%V\" is \"file:\" without a path: "
                           "write file:PATH",
                           what, ngx_rt_secret_directive(cf));
        return NGX_ERROR;
    }

    if (ngx_conf_full_name(cf->cycle, path, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_rt_file_read(cf, path, NGX_RT_SECRET_MAX, &file);

    if (rc == NGX_DECLINED) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, file.err,
                           "the %s of \"%V\" is not taken from \"%V\", which "
                           "%s; it is a file that the user who starts nginx "
                           "may read, and others may not",
                           what, ngx_rt_secret_directive(cf), path,
                           file.fault);
        return NGX_ERROR;
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    if (file.others) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the %s of \"%V\" is in \"%V\", which other users "
                           "may read, write or execute: chmod o= it",
                           what, ngx_rt_secret_directive(cf), path);
        return NGX_ERROR;
    }

    *secret = file.text;

    return ngx_rt_secret_check(cf, what, "file:", path, secret);
}


static ngx_int_t
ngx_rt_secret_env(ngx_conf_t *cf, const char *what, ngx_str_t *name,
    ngx_str_t *secret)
{
    u_char  *value;
    size_t   len;

    value = (u_char *) getenv((char *) name->data);

    if (value == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the %s of \"%V\" is not in the environment: "
                           "set \"%V\", and write \"env %V;\" at the top of "
                           "nginx.conf so that it survives upgrades",
                           what, ngx_rt_secret_directive(cf), name, name);
        return NGX_ERROR;
    }

    len = ngx_strlen(value);

    secret->data = ngx_pnalloc(cf->pool, len + 1);
    if (secret->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(secret->data, value, len + 1);
    secret->len = len;

    return ngx_rt_secret_check(cf, what, "env:", name, secret);
}


/* what a program says of its failure is shown; what it wrote never is */

static ngx_int_t
ngx_rt_secret_exec(ngx_conf_t *cf, const char *what, ngx_str_t *command,
    ngx_str_t *secret)
{
    ngx_int_t      rc;
    ngx_rt_exec_t  e;

    rc = ngx_rt_exec(cf, command, NGX_RT_SECRET_MAX, &e);

    if (rc == NGX_DECLINED) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, e.err,
                           "the %s of \"%V\" is not taken from \"exec:%V\", "
                           "which %s%s%*s%s",
                           what, ngx_rt_secret_directive(cf), &e.path, e.fault,
                           e.nsaid ? ", and said: \"" : "", e.nsaid, e.said,
                           e.nsaid ? "\"" : "");
        return NGX_ERROR;
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    *secret = e.out;

    return ngx_rt_secret_check(cf, what, "exec:", &e.path, secret);
}


static ngx_int_t
ngx_rt_secret_data(ngx_conf_t *cf, const char *what, ngx_str_t *text,
    ngx_str_t *secret)
{
    static ngx_str_t  nowhere = ngx_string("");

    ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                       "the %s of \"%V\" stands in the configuration itself, "
                       "which is easily copied and printed: use file:PATH or "
                       "env:NAME", what, ngx_rt_secret_directive(cf));

    *secret = *text;

    return ngx_rt_secret_check(cf, what, "data:", &nowhere, secret);
}


/* takes off the end of its line, and looks whether the rest is a secret */

static ngx_int_t
ngx_rt_secret_check(ngx_conf_t *cf, const char *what, const char *kind,
    ngx_str_t *source, ngx_str_t *secret)
{
    const char  *fault;

    rt_str_chomp(ngx_rt_str(secret));

    secret->data[secret->len] = '\0';

    if (secret->len == 0) {
        fault = "is empty";

    } else if (ngx_strlen(secret->data) != secret->len) {
        fault = "holds a NUL byte";

    } else {
        return NGX_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "the %s of \"%V\" from \"%s%V\" %s: "
                       "write the secret there, as text on one line",
                       what, ngx_rt_secret_directive(cf), kind, source, fault);

    return NGX_ERROR;
}
