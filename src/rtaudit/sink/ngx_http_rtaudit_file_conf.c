
#include "sink/ngx_http_rtaudit_file_conf.h"
#include "sink/ngx_http_rtaudit_option_conf.h"
#include "ngx_rt_path.h"

#include "event/rt_event_class.h"


#define NGX_HTTP_RTAUDIT_FILE_CONF_FSYNC  1000  /* ms, at most */


static char *ngx_http_rtaudit_file_conf_target(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink);
static char *ngx_http_rtaudit_file_conf_option(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_str_t *value);
static char *ngx_http_rtaudit_file_conf_fsync(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_str_t *value);
static char *ngx_http_rtaudit_file_conf_mode(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_str_t *value);
static char *ngx_http_rtaudit_file_conf_register(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink);
static char *ngx_http_rtaudit_file_conf_check(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_rt_path_t *p);
static void ngx_http_rtaudit_file_conf_sync(ngx_rt_path_t *p);
static ngx_uint_t ngx_http_rtaudit_file_conf_taken(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, struct stat *st);
static ngx_int_t ngx_http_rtaudit_file_conf_pipe(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink);
static void ngx_http_rtaudit_file_conf_flush(ngx_open_file_t *file,
    ngx_log_t *log);
static void ngx_http_rtaudit_file_conf_renew(ngx_http_rtaudit_sink_t *sink,
    ngx_log_t *log);


char *
ngx_http_rtaudit_file_parse(ngx_conf_t *cf, ngx_http_rtaudit_sink_t *sink)
{
    ngx_str_t                     *value;
    ngx_uint_t                     i;
    ngx_http_rtaudit_file_conf_t  *fcf;
    static ngx_str_t               off = ngx_string("fsync=off");

    fcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtaudit_file_conf_t));
    if (fcf == NULL) {
        return NGX_CONF_ERROR;
    }

    fcf->mode = 0600;
    sink->conf = fcf;

    if (ngx_http_rtaudit_file_conf_target(cf, sink) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    for (i = 3; i < cf->args->nelts; i++) {
        if (ngx_http_rtaudit_file_conf_option(cf, sink, &value[i])
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    if (sink->strict && fcf->off) {
        return ngx_rt_conf_invalid(cf, "parameter", &off,
                                   "a sink that is \"strict\" waits for the "
                                   "disk, write \"fsync=0\" or a time");
    }

    if (sink->strict && (sink->classes & RT_EVENT_ALERT)) {
        return ngx_rt_conf_invalid(cf, "parameter", NULL,
                                   "an intent is no alert, leave out "
                                   "\"strict\" or \"class=alert\"");
    }

    sink->commits |= sink->strict;

    return ngx_http_rtaudit_file_conf_register(cf, sink);
}


static char *
ngx_http_rtaudit_file_conf_target(ngx_conf_t *cf, ngx_http_rtaudit_sink_t *sink)
{
    ngx_str_t   path, *value;

    value = cf->args->elts;
    value += 2;

    path.data = value->data + 5;
    path.len = value->len - 5;

    if (path.len < 2 || path.data[0] != '/'
        || path.data[path.len - 1] == '/')
    {
        return ngx_rt_conf_invalid(cf, "target", value,
                                   "write the absolute path of a file, like "
                                   "file:/var/log/nginx/audit.log");
    }

    if (ngx_strlchr(path.data, path.data + path.len, '$')) {
        return ngx_rt_conf_invalid(cf, "target", value,
                                   "write one fixed path, without variables");
    }

    sink->target = path;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtaudit_file_conf_option(ngx_conf_t *cf, ngx_http_rtaudit_sink_t *sink,
    ngx_str_t *value)
{
    ngx_int_t  rc;

    rc = ngx_http_rtaudit_option(cf, sink, value);

    if (rc != NGX_DECLINED) {
        return rc == NGX_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    if (value->len >= 5 && ngx_strncmp(value->data, "mode=", 5) == 0) {
        return ngx_http_rtaudit_file_conf_mode(cf, sink, value);
    }

    if (value->len >= 6 && ngx_strncmp(value->data, "fsync=", 6) == 0) {
        return ngx_http_rtaudit_file_conf_fsync(cf, sink, value);
    }

    if (value->len == 6 && ngx_strncmp(value->data, "strict", 6) == 0) {
        sink->required = 1;
        sink->strict = 1;
        return NGX_CONF_OK;
    }

    return ngx_rt_conf_invalid(cf, "parameter", value,
                               "write " NGX_HTTP_RTAUDIT_OPTIONS
                               ", \"strict\", \"fsync=0\" or \"mode=0600\"");
}


static char *
ngx_http_rtaudit_file_conf_fsync(ngx_conf_t *cf, ngx_http_rtaudit_sink_t *sink,
    ngx_str_t *value)
{
    ngx_int_t                      ms;
    ngx_str_t                      time;
    ngx_http_rtaudit_file_conf_t  *fcf;

    fcf = sink->conf;

    time.data = value->data + 6;
    time.len = value->len - 6;

    if (time.len == 3 && ngx_strncmp(time.data, "off", 3) == 0) {
        fcf->off = 1;
        return NGX_CONF_OK;
    }

    ms = time.len ? ngx_parse_time(&time, 0) : NGX_ERROR;

    if (ms == NGX_ERROR || ms > NGX_HTTP_RTAUDIT_FILE_CONF_FSYNC) {
        return ngx_rt_conf_invalid(cf, "parameter", value,
                                   "write \"fsync=off\", or a time from 0 to "
                                   "1s");
    }

    sink->commits = 1;
    sink->fsync = (ngx_msec_t) ms;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtaudit_file_conf_mode(ngx_conf_t *cf, ngx_http_rtaudit_sink_t *sink,
    ngx_str_t *value)
{
    u_char                         c;
    size_t                         i;
    ngx_uint_t                     n;
    ngx_http_rtaudit_file_conf_t  *fcf;

    n = 0;

    for (i = 5; i < value->len; i++) {
        c = value->data[i];

        if (c < '0' || c > '7') {
            n = 0;
            break;
        }

        n = n * 8 + (c - '0');
    }

    /* the owner writes; nobody executes */

    if (value->len < 8 || value->len > 9 || (n & 0200) == 0
        || (n & ~(ngx_uint_t) 0666) != 0)
    {
        return ngx_rt_conf_invalid(cf, "parameter", value,
                                   "write mode=0600, mode=0640, mode=0660 or "
                                   "another that lets its owner write and "
                                   "nobody execute");
    }

    fcf = sink->conf;
    fcf->mode = n;

    return NGX_CONF_OK;
}


/* 0640 as three digits, for ngx_sprintf() has no octal numbers */

static ngx_uint_t
ngx_http_rtaudit_file_conf_octal(ngx_uint_t mode)
{
    return (mode >> 6 & 7) * 100 + (mode >> 3 & 7) * 10 + (mode & 7);
}


static char *
ngx_http_rtaudit_file_conf_register(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink)
{
    char                          *rv;
    ngx_rt_path_t                  p;
    ngx_http_rtaudit_file_conf_t  *fcf;

    rv = ngx_http_rtaudit_file_conf_check(cf, sink, &p);
    ngx_rt_path_close(&p);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (ngx_http_rtaudit_file_conf_taken(cf, sink, &p.st)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"rtaudit_sink %V\" cannot write to \"%V\", "
                           "which another log or sink writes: name another "
                           "file", &sink->name, &sink->target);
        return NGX_CONF_ERROR;
    }

    if (sink->commits && !S_ISREG(p.st.st_mode)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"rtaudit_sink %V\" has \"fsync\" or \"strict\", "
                           "and \"%V\" is no file of a disk: name one, or "
                           "leave them out", &sink->name, &sink->target);
        return NGX_CONF_ERROR;
    }

    if (S_ISFIFO(p.st.st_mode)
        && ngx_http_rtaudit_file_conf_pipe(cf, sink) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    fcf = sink->conf;

    fcf->file = ngx_conf_open_file(cf->cycle, &sink->target);
    if (fcf->file == NULL) {
        return NGX_CONF_ERROR;
    }

    fcf->file->flush = ngx_http_rtaudit_file_conf_flush;
    fcf->file->data = sink;

    return NGX_CONF_OK;
}


/* the file, which is made if it is not there, and where it is */

static char *
ngx_http_rtaudit_file_conf_check(ngx_conf_t *cf, ngx_http_rtaudit_sink_t *sink,
    ngx_rt_path_t *p)
{
    ngx_int_t                      rc;
    ngx_http_rtaudit_file_conf_t  *fcf;

    fcf = sink->conf;
    rc = ngx_rt_path_walk(p, &sink->target);

    if (rc == NGX_OK
        && ngx_http_rtaudit_file_conf_trust(cf, sink, p) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (rc != NGX_OK
        || (!p->exists
            && ngx_rt_path_make(p, fcf->mode) != NGX_OK))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "\"rtaudit_sink %V\" cannot make \"%V\": name a "
                           "file in a directory that is there and may be "
                           "written", &sink->name, &sink->target);
        return NGX_CONF_ERROR;
    }

    if (sink->commits) {
        ngx_http_rtaudit_file_conf_sync(p);
    }

    if (S_ISDIR(p->st.st_mode)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"rtaudit_sink %V\" cannot write to \"%V\", "
                           "which is a directory: name a file in it",
                           &sink->name, &sink->target);
        return NGX_CONF_ERROR;
    }

    if (S_ISREG(p->st.st_mode) && (p->st.st_mode & 0777 & ~fcf->mode)) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"rtaudit_sink %V\": \"%V\" was there before "
                           "with mode 0%03ui: chmod it to 0%03ui if that "
                           "was not meant", &sink->name, &sink->target,
                           ngx_http_rtaudit_file_conf_octal(p->st.st_mode
                                                            & 0777),
                           ngx_http_rtaudit_file_conf_octal(fcf->mode));
    }

    return NGX_CONF_OK;
}


/* that the file is in its folder is on disk, too */

static void
ngx_http_rtaudit_file_conf_sync(ngx_rt_path_t *p)
{
    int  fd;

    fd = openat(p->folder, ".", O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (fd != -1) {
        (void) fsync(fd);
        (void) close(fd);
    }
}


char *
ngx_http_rtaudit_file_conf_trust(ngx_conf_t *cf, ngx_http_rtaudit_sink_t *sink,
    ngx_rt_path_t *p)
{
    switch (p->fault) {

    case NGX_RT_PATH_PLANTED:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"rtaudit_sink %V\" cannot trust \"%s\", a link "
                           "that another user made: name a file in a folder "
                           "that only root may write to", &sink->name, p->at);
        return NGX_CONF_ERROR;

    case NGX_RT_PATH_OPEN:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"rtaudit_sink %V\" cannot trust \"%s\", a "
                           "folder that anybody may write to: chmod o-w it, "
                           "or name a file in a folder that only root may "
                           "write to", &sink->name, p->at);
        return NGX_CONF_ERROR;

    case NGX_RT_PATH_SHARED:
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"rtaudit_sink %V\": others may put files into "
                           "\"%s\": let only root, or the user that starts "
                           "nginx, own it and write to it", &sink->name,
                           p->at);
        return NGX_CONF_OK;

    default:
        return NGX_CONF_OK;
    }
}


/* has another log, or a sink, asked nginx to open this file, by any path? */

static ngx_uint_t
ngx_http_rtaudit_file_conf_taken(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, struct stat *st)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_open_file_t  *file;
    ngx_file_info_t   fi;

    for (part = &cf->cycle->open_files.part; part; part = part->next) {

        file = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (file[i].name.len == sink->target.len
                && ngx_strncmp(file[i].name.data, sink->target.data,
                               sink->target.len)
                   == 0)
            {
                return 1;
            }

            if (file[i].name.len && S_ISREG(st->st_mode)
                && ngx_file_info(file[i].name.data, &fi) != NGX_FILE_ERROR
                && fi.st_dev == st->st_dev && fi.st_ino == st->st_ino)
            {
                return 1;
            }
        }
    }

    return 0;
}


/*
 * Opening a pipe to write waits for somebody who reads it.  With a reading
 * end of our own nobody waits: not nginx -t, not a worker at USR1.
 */

static ngx_int_t
ngx_http_rtaudit_file_conf_pipe(ngx_conf_t *cf, ngx_http_rtaudit_sink_t *sink)
{
    ngx_pool_cleanup_t       *cln;
    ngx_pool_cleanup_file_t  *clnf;

    cln = ngx_pool_cleanup_add(cf->cycle->pool,
                               sizeof(ngx_pool_cleanup_file_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    clnf = cln->data;
    clnf->name = sink->target.data;
    clnf->log = &cf->cycle->new_log;   /* "log" is the old cycle's yet */
    clnf->fd = open((char *) sink->target.data, O_RDWR|O_NONBLOCK|O_CLOEXEC);

    if (clnf->fd != -1) {
        cln->handler = ngx_pool_cleanup_file;
        return NGX_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                       "\"rtaudit_sink %V\" cannot open the pipe \"%V\": let "
                       "the user nginx starts as read and write it",
                       &sink->name, &sink->target);
    return NGX_ERROR;
}


/*
 * nginx is about to open the file anew (USR1): first the master, who gives
 * it to the workers' user, then each worker.
 */

static void
ngx_http_rtaudit_file_conf_flush(ngx_open_file_t *file, ngx_log_t *log)
{
    ngx_http_rtaudit_sink_t  *sink;

    sink = file->data;

    if (ngx_process == NGX_PROCESS_MASTER
        || ngx_process == NGX_PROCESS_SINGLE)
    {
        ngx_http_rtaudit_file_conf_renew(sink, log);
    }

    /* the worker looks at its files as soon as nginx is done with them */

    if (sink->reopen && !sink->reopen->timer_set) {
        ngx_add_timer(sink->reopen, 1);
    }
}


/* nginx itself would make the file readable for everybody */

static void
ngx_http_rtaudit_file_conf_renew(ngx_http_rtaudit_sink_t *sink, ngx_log_t *log)
{
    ngx_int_t                      rc;
    ngx_rt_path_t                  p;
    ngx_http_rtaudit_file_conf_t  *fcf;

    fcf = sink->conf;
    rc = ngx_rt_path_walk(&p, &sink->target);

    if (rc == NGX_OK && p.fault == NGX_RT_PATH_PLANTED && p.last) {
        ngx_log_error(NGX_LOG_ALERT, log, 0,
                      "rtaudit: \"%s\" is a link that another user made, it "
                      "is removed", p.at);

        (void) unlinkat(p.folder, (char *) p.name, 0);
        ngx_rt_path_close(&p);
        rc = ngx_rt_path_walk(&p, &sink->target);
    }

    if (rc == NGX_OK && p.fault >= NGX_RT_PATH_OPEN) {
        ngx_log_error(NGX_LOG_ALERT, log, 0,
                      "rtaudit: \"%V\" is not made: \"%s\" is a folder that "
                      "anybody may write to, or a link that another user made",
                      &sink->target, p.at);

    } else if (rc != NGX_OK
               || ngx_rt_path_make(&p, fcf->mode) != NGX_OK)
    {
        ngx_log_error(NGX_LOG_ALERT, log, ngx_errno,
                      "rtaudit: making \"%V\" failed", &sink->target);

    } else if (sink->commits) {
        ngx_http_rtaudit_file_conf_sync(&p);
    }

    ngx_rt_path_close(&p);
}


/*
 * To the workers' user, if it is a file of root's own, and still the one
 * the path leads to: nginx opened it by its name.
 */

ngx_int_t
ngx_http_rtaudit_file_own(ngx_http_rtaudit_sink_t *sink, ngx_uid_t user,
    ngx_log_t *log)
{
    ngx_int_t                      rc;
    ngx_file_info_t                fi;
    ngx_rt_path_t                  p;
    ngx_http_rtaudit_file_conf_t  *fcf;

    fcf = sink->conf;

    if (ngx_fd_info(fcf->file->fd, &fi) == NGX_FILE_ERROR
        || !ngx_is_file(&fi) || fi.st_uid != 0 || fi.st_nlink > 1)
    {
        return NGX_OK;
    }

    rc = ngx_rt_path_walk(&p, &sink->target);
    ngx_rt_path_close(&p);

    if (rc != NGX_OK || p.fault >= NGX_RT_PATH_OPEN || !p.exists
        || p.st.st_dev != fi.st_dev || p.st.st_ino != fi.st_ino)
    {
        ngx_rt_conf_late(NGX_LOG_EMERG, log, 0, &sink->where,
                         "\"rtaudit_sink %V\": \"%V\" was replaced while it "
                         "was opened: let only root write to its folder",
                         &sink->name, &sink->target);
        return NGX_ERROR;
    }

    if (fchown(fcf->file->fd, user, (gid_t) -1) == -1) {
        ngx_rt_conf_late(NGX_LOG_EMERG, log, ngx_errno, &sink->where,
                         "\"rtaudit_sink %V\": giving \"%V\" to the user of "
                         "the workers failed", &sink->name, &sink->target);
        return NGX_ERROR;
    }

    return NGX_OK;
}
