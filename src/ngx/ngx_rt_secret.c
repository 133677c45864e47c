#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_rt_secret.h"


static ngx_int_t ngx_rt_secret_file(ngx_conf_t *cf, const char *what,
    ngx_str_t *path, ngx_str_t *secret);
static ngx_int_t ngx_rt_secret_read(ngx_conf_t *cf, const char *what,
    ngx_str_t *path, ngx_fd_t fd, ngx_str_t *secret);
static ngx_int_t ngx_rt_secret_env(ngx_conf_t *cf, const char *what,
    ngx_str_t *name, ngx_str_t *secret);
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
    ngx_str_t  s;

    if (ngx_strncmp(spec->data, "file:", 5) == 0) {
        s.len = spec->len - 5;
        s.data = spec->data + 5;

        return ngx_rt_secret_file(cf, what, &s, secret);
    }

    if (ngx_strncmp(spec->data, "env:", 4) == 0) {
        s.len = spec->len - 4;
        s.data = spec->data + 4;

        return ngx_rt_secret_env(cf, what, &s, secret);
    }

    if (ngx_strncmp(spec->data, "data:", 5) == 0) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "the %s of \"%V\" stands in the configuration "
                           "itself, which is easily copied and printed: "
                           "use file:PATH or env:NAME",
                           what, ngx_rt_secret_directive(cf));

        secret->len = spec->len - 5;
        secret->data = spec->data + 5;

        return ngx_rt_secret_check(cf, what, "data:", NULL, secret);
    }

    /* what stands there may be the secret itself, so it is not printed */

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "the %s of \"%V\" does not say where it comes from: "
                       "write file:PATH, env:NAME or data:TEXT",
                       what, ngx_rt_secret_directive(cf));

    return NGX_ERROR;
}


static ngx_int_t
ngx_rt_secret_file(ngx_conf_t *cf, const char *what, ngx_str_t *path,
    ngx_str_t *secret)
{
    ngx_fd_t   fd;
    ngx_int_t  rc;

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

    /* NONBLOCK: opening a FIFO must not hang the master */

    fd = ngx_open_file(path->data, NGX_FILE_RDONLY|NGX_FILE_NONBLOCK,
                       NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "the %s of \"%V\" cannot be read from \"%V\": "
                           "create the file, readable by the user that "
                           "starts nginx and by nobody else",
                           what, ngx_rt_secret_directive(cf), path);
        return NGX_ERROR;
    }

    rc = ngx_rt_secret_read(cf, what, path, fd, secret);

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", path);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_rt_secret_check(cf, what, "file:", path, secret);
}


static ngx_int_t
ngx_rt_secret_read(ngx_conf_t *cf, const char *what, ngx_str_t *path,
    ngx_fd_t fd, ngx_str_t *secret)
{
    size_t           size;
    ssize_t          n;
    ngx_file_info_t  fi;

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_fd_info_n " \"%V\" failed", path);
        return NGX_ERROR;
    }

    if (!ngx_is_file(&fi)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the %s of \"%V\" cannot be read from \"%V\", "
                           "which is not a regular file: name a file",
                           what, ngx_rt_secret_directive(cf), path);
        return NGX_ERROR;
    }

    if (fi.st_mode & S_IRWXO) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the %s of \"%V\" is in \"%V\", which other users "
                           "may read, write or execute: chmod o= it",
                           what, ngx_rt_secret_directive(cf), path);
        return NGX_ERROR;
    }

    if (ngx_file_size(&fi) > NGX_RT_SECRET_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the %s of \"%V\" is in \"%V\", which has more "
                           "than %d bytes: name the file of the secret",
                           what, ngx_rt_secret_directive(cf), path,
                           NGX_RT_SECRET_MAX);
        return NGX_ERROR;
    }

    size = ngx_file_size(&fi);

    secret->data = ngx_pnalloc(cf->pool, size + 1);
    if (secret->data == NULL) {
        return NGX_ERROR;
    }

    n = ngx_read_fd(fd, secret->data, size);

    if (n == -1 || (size_t) n != size) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, (n == -1) ? ngx_errno : 0,
                           ngx_read_fd_n " \"%V\" failed", path);
        return NGX_ERROR;
    }

    secret->len = size;

    if (secret->len && secret->data[secret->len - 1] == LF) {
        secret->len--;
    }

    if (secret->len && secret->data[secret->len - 1] == CR) {
        secret->len--;
    }

    secret->data[secret->len] = '\0';

    return NGX_OK;
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

    if (len && secret->data[len - 1] == LF) {
        len--;
    }

    secret->data[len] = '\0';
    secret->len = len;

    return ngx_rt_secret_check(cf, what, "env:", name, secret);
}


static ngx_int_t
ngx_rt_secret_check(ngx_conf_t *cf, const char *what, const char *kind,
    ngx_str_t *source, ngx_str_t *secret)
{
    const char       *fault;
    static ngx_str_t  nowhere = ngx_string("");

    if (source == NULL) {
        source = &nowhere;
    }

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
