
#include "ngx_rt_block.h"
#include "ngx_rt_str.h"
#include "text/rt_url.h"


static char *ngx_rt_block_line(ngx_conf_t *cf, ngx_command_t *dummy,
    void *conf);
static ngx_rt_line_t *ngx_rt_block_find(ngx_rt_block_t *block,
    ngx_str_t *name, ngx_rt_lines_t **lines);
static char *ngx_rt_block_values(ngx_conf_t *cf, ngx_rt_block_t *block,
    ngx_uint_t max);
static ngx_int_t ngx_rt_block_time(ngx_conf_t *cf, ngx_rt_line_t *line,
    ngx_uint_t is_sec);


#define ngx_rt_block_err(cf, block, fmt, ...)                                 \
    (ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s \"%V\": " fmt,              \
                        (block)->directive, &(block)->name, ##__VA_ARGS__),   \
     NGX_CONF_ERROR)


char *
ngx_rt_block(ngx_conf_t *cf, ngx_rt_block_t *block)
{
    char        *rv;
    ngx_conf_t   save;

    save = *cf;
    cf->handler = ngx_rt_block_line;
    cf->handler_conf = (void *) block;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    return rv;
}


static char *
ngx_rt_block_line(ngx_conf_t *cf, ngx_command_t *dummy, void *conf)
{
    ngx_rt_block_t *block = conf;

    uint32_t         bit;
    ngx_str_t       *value;
    ngx_uint_t       max;
    ngx_rt_line_t   *line;
    ngx_rt_lines_t  *lines;

    value = cf->args->elts;

    line = ngx_rt_block_find(block, &value[0], &lines);

    if (line == NULL && cf->args->nelts == 2
        && ngx_strcmp(value[0].data, "include") == 0)
    {
        return ngx_conf_include(cf, dummy, conf);
    }

    if (line == NULL) {
        return ngx_rt_block_err(cf, block, "unknown directive \"%V\" in the "
                                "block", &value[0]);
    }

    max = line->max & ~NGX_RT_LINE_MANY;

    if (ngx_rt_block_values(cf, block, max) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    bit = 1u << (line - lines->rows);

    if ((lines->seen & bit) && !(line->max & NGX_RT_LINE_MANY)) {
        return ngx_rt_block_err(cf, block, "\"%V\" is duplicate%s", &value[0],
                                max == 1 ? "" : ", write all values in one "
                                                "line");
    }

    lines->seen |= bit;

    ngx_rt_conf_here(cf, ngx_rt_line_member(lines->conf, line->at,
                                            ngx_rt_where_t));

    return line->set(cf, lines->conf, line);
}


static ngx_rt_line_t *
ngx_rt_block_find(ngx_rt_block_t *block, ngx_str_t *name,
    ngx_rt_lines_t **lines)
{
    ngx_uint_t      i;
    ngx_rt_line_t  *line;

    for (i = 0; i < 2 && block->lines[i].rows; i++) {

        line = ngx_rt_conf_row(block->lines[i].rows, sizeof(ngx_rt_line_t),
                               name, 0);
        if (line) {
            *lines = &block->lines[i];
            return line;
        }
    }

    return NULL;
}


static char *
ngx_rt_block_values(ngx_conf_t *cf, ngx_rt_block_t *block, ngx_uint_t max)
{
    ngx_str_t       *value;
    ngx_uint_t       i, n;
    ngx_rt_lines_t  *lines;

    value = cf->args->elts;
    n = cf->args->nelts - 1;

    for (i = 1; i <= n; i++) {

        if (value[i].len == 0) {
            return ngx_rt_conf_invalid(cf, "value", &value[i],
                                       "write one, or leave the line out");
        }

        /* "audience tools" without ";" would swallow "max_lifetime 1h" */

        if (i < n && ngx_rt_block_find(block, &value[i], &lines)) {
            return ngx_rt_conf_semicolon(cf, &value[i]);
        }
    }

    if (n < 1 || n > max) {
        return ngx_rt_conf_invalid(cf, "number of arguments", NULL,
                                   max == 1 ? "write one value"
                                            : "write 1 to %ui values", max);
    }

    if (max == 1 && rt_url_login(ngx_rt_str(&value[1]))) {
        return ngx_rt_conf_invalid(cf, "URL", NULL,
                                   "write it without a user name and a "
                                   "password");
    }

    return NGX_CONF_OK;
}


char *
ngx_rt_line_str(ngx_conf_t *cf, void *conf, ngx_rt_line_t *line)
{
    *ngx_rt_line_member(conf, line->offset, ngx_str_t)
        = ((ngx_str_t *) cf->args->elts)[1];

    return NGX_CONF_OK;
}


char *
ngx_rt_line_flag(ngx_conf_t *cf, void *conf, ngx_rt_line_t *line)
{
    rt_str_t    *word;
    ngx_flag_t  *field;

    word = ngx_rt_str(&((ngx_str_t *) cf->args->elts)[1]);
    field = ngx_rt_line_member(conf, line->offset, ngx_flag_t);

    *field = rt_str_lit(word, "on");

    if (!*field && !rt_str_lit(word, "off")) {
        return ngx_rt_conf_invalid(cf, "value", ngx_rt_ngx(word),
                                   "write \"on\" or \"off\"");
    }

    return NGX_CONF_OK;
}


char *
ngx_rt_line_sec(ngx_conf_t *cf, void *conf, ngx_rt_line_t *line)
{
    ngx_int_t  sec;

    sec = ngx_rt_block_time(cf, line, 1);

    *ngx_rt_line_member(conf, line->offset, time_t) = sec;

    return sec == NGX_ERROR ? NGX_CONF_ERROR : NGX_CONF_OK;
}


char *
ngx_rt_line_msec(ngx_conf_t *cf, void *conf, ngx_rt_line_t *line)
{
    ngx_int_t  msec;

    msec = ngx_rt_block_time(cf, line, 0);

    *ngx_rt_line_member(conf, line->offset, ngx_msec_t) = msec;

    return msec == NGX_ERROR ? NGX_CONF_ERROR : NGX_CONF_OK;
}


static ngx_int_t
ngx_rt_block_time(ngx_conf_t *cf, ngx_rt_line_t *line, ngx_uint_t is_sec)
{
    ngx_int_t   time;
    ngx_str_t  *value, least, most;

    value = cf->args->elts;

    least.data = (u_char *) line->least;
    least.len = ngx_strlen(line->least);
    most.data = (u_char *) line->most;
    most.len = ngx_strlen(line->most);

    time = ngx_parse_time(&value[1], is_sec);

    if (time == NGX_ERROR || time < ngx_parse_time(&least, is_sec)
        || time > ngx_parse_time(&most, is_sec))
    {
        (void) ngx_rt_conf_invalid(cf, "time", &value[1],
                                   "write one from %s to %s", line->least,
                                   line->most);
        return NGX_ERROR;
    }

    return time;
}
