
#include "ngx_rt_conf.h"
#include "ngx_rt_kept.h"


/* a directive that answers in its location */

typedef struct {
    ngx_http_core_loc_conf_t  *clcf;
    ngx_http_handler_pt        handler;
    ngx_str_t                  name;
    ngx_rt_where_t             where;
} ngx_rt_conf_answer_t;


static void ngx_rt_conf_log(ngx_uint_t level, ngx_conf_t *cf,
    ngx_rt_where_t *where, const char *fmt, va_list args);
static char *ngx_rt_conf_invalid_log(ngx_conf_t *cf, ngx_rt_where_t *where,
    const char *directive, const char *what, ngx_str_t *value, const char *fmt,
    va_list args);
static ngx_uint_t ngx_rt_conf_is_directive(ngx_conf_t *cf, ngx_str_t *word);
static void ngx_rt_conf_answered(void *data);


void
ngx_rt_conf_here(ngx_conf_t *cf, ngx_rt_where_t *where)
{
    if (cf->conf_file) {
        where->file = cf->conf_file->file.name;
        where->line = cf->conf_file->line;
    }
}


void
ngx_rt_conf_swap(ngx_conf_t *cf, ngx_rt_where_t *where)
{
    ngx_rt_where_t  here;

    if (cf->conf_file == NULL || where == NULL || where->file.len == 0) {
        return;
    }

    ngx_rt_conf_here(cf, &here);

    cf->conf_file->file.name = where->file;
    cf->conf_file->line = where->line;

    *where = here;
}


char *
ngx_rt_conf_error(ngx_conf_t *cf, ngx_rt_where_t *where, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    ngx_rt_conf_log(NGX_LOG_EMERG, cf, where, fmt, args);
    va_end(args);

    return NGX_CONF_ERROR;
}


void
ngx_rt_conf_warn(ngx_conf_t *cf, ngx_rt_where_t *where, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    ngx_rt_conf_log(NGX_LOG_WARN, cf, where, fmt, args);
    va_end(args);
}


void
ngx_rt_conf_late(ngx_uint_t level, ngx_log_t *log, ngx_err_t err,
    ngx_rt_where_t *where, const char *fmt, ...)
{
    u_char   text[NGX_MAX_CONF_ERRSTR], *p, *last;
    va_list  args;

    last = text + NGX_MAX_CONF_ERRSTR;

    va_start(args, fmt);
    p = ngx_vslprintf(text, last, fmt, args);
    va_end(args);

    if (err) {
        p = ngx_log_errno(p, last, err);
    }

    ngx_log_error(level, log, 0, "%*s in %V:%ui", (size_t) (p - text), text,
                  &where->file, where->line);
}


static void
ngx_rt_conf_log(ngx_uint_t level, ngx_conf_t *cf, ngx_rt_where_t *where,
    const char *fmt, va_list args)
{
    u_char  text[NGX_MAX_CONF_ERRSTR], *last;

    last = ngx_vslprintf(text, text + NGX_MAX_CONF_ERRSTR, fmt, args);

    ngx_rt_conf_swap(cf, where);

    ngx_conf_log_error(level, cf, 0, "%*s", (size_t) (last - text), text);

    ngx_rt_conf_swap(cf, where);
}


char *
ngx_rt_conf_invalid(ngx_conf_t *cf, const char *what, ngx_str_t *value,
    const char *fmt, ...)
{
    char       *rv;
    va_list     args;
    ngx_str_t  *word;

    word = cf->args->elts;

    va_start(args, fmt);
    rv = ngx_rt_conf_invalid_log(cf, NULL, (char *) word[0].data, what, value,
                                 fmt, args);
    va_end(args);

    return rv;
}


char *
ngx_rt_conf_invalid_late(ngx_conf_t *cf, ngx_rt_where_t *where,
    const char *directive, const char *what, ngx_str_t *value,
    const char *fmt, ...)
{
    char     *rv;
    va_list   args;

    va_start(args, fmt);
    rv = ngx_rt_conf_invalid_log(cf, where, directive, what, value, fmt, args);
    va_end(args);

    return rv;
}


static char *
ngx_rt_conf_invalid_log(ngx_conf_t *cf, ngx_rt_where_t *where,
    const char *directive, const char *what, ngx_str_t *value, const char *fmt,
    va_list args)
{
    u_char      text[NGX_MAX_CONF_ERRSTR], *last;
    ngx_str_t   none = ngx_null_string;
    ngx_uint_t  quoted;

    last = ngx_vslprintf(text, text + NGX_MAX_CONF_ERRSTR, fmt, args);
    quoted = (value != NULL);

    return ngx_rt_conf_error(cf, where, "invalid %s%s%V%s in \"%s\": %*s",
                             what, quoted ? " \"" : "",
                             quoted ? value : &none, quoted ? "\"" : "",
                             directive, (size_t) (last - text), text);
}


char *
ngx_rt_conf_once(ngx_conf_t *cf, const char *many)
{
    u_char      *p;
    ngx_str_t   *word, name;
    ngx_uint_t   i, k;

    word = cf->args->elts;

    for (i = 2; i < cf->args->nelts; i++) {
        name = word[i];
        p = ngx_strlchr(name.data, name.data + name.len, '=');

        if (p == NULL) {
            continue;
        }

        name.len = p + 1 - name.data;

        if (many && name.len == ngx_strlen(many)
            && ngx_memcmp(name.data, many, name.len) == 0)
        {
            continue;
        }

        for (k = 1; k < i; k++) {

            if (word[k].len >= name.len
                && ngx_memcmp(word[k].data, name.data, name.len) == 0)
            {
                return ngx_rt_conf_invalid(cf, "parameter", &name,
                                           "write it once");
            }
        }
    }

    return NGX_CONF_OK;
}


char *
ngx_rt_conf_swallowed(ngx_conf_t *cf)
{
    ngx_str_t   *word;
    ngx_uint_t   i;

    word = cf->args->elts;

    for (i = 1; i + 1 < cf->args->nelts; i++) {

        if (ngx_rt_conf_is_directive(cf, &word[i])) {
            return ngx_rt_conf_semicolon(cf, &word[i]);
        }
    }

    return NGX_CONF_OK;
}


char *
ngx_rt_conf_semicolon(ngx_conf_t *cf, ngx_str_t *word)
{
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "a semicolon is missing before \"%V\" in \"%V\"", word,
                       (ngx_str_t *) cf->args->elts);

    return NGX_CONF_ERROR;
}


static ngx_uint_t
ngx_rt_conf_is_directive(ngx_conf_t *cf, ngx_str_t *word)
{
    ngx_uint_t      i;
    ngx_command_t  *cmd;

    if (ngx_strncmp(word->data, "rt", 2) != 0
        && ngx_strchr(word->data, '_') == NULL)
    {
        return 0;
    }

    for (i = 0; cf->cycle->modules[i]; i++) {

        cmd = cf->cycle->modules[i]->commands;

        for ( /* void */ ; cmd && cmd->name.len; cmd++) {
            if (cmd->name.len == word->len
                && ngx_strncmp(cmd->name.data, word->data, word->len) == 0)
            {
                return 1;
            }
        }
    }

    return 0;
}


char *
ngx_rt_conf_handler(ngx_conf_t *cf, ngx_http_handler_pt handler)
{
    ngx_rt_conf_answer_t      *answer;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler) {
        return clcf->handler == handler
               ? "is duplicate" : "stands beside another handler of this "
                                  "location, such as proxy_pass";
    }

    answer = ngx_rt_kept_add(cf->temp_pool, sizeof(ngx_rt_conf_answer_t),
                             ngx_rt_conf_answered);
    if (answer == NULL) {
        return NGX_CONF_ERROR;
    }

    answer->clcf = clcf;
    answer->handler = handler;
    answer->name = *(ngx_str_t *) cf->args->elts;
    ngx_rt_conf_here(cf, &answer->where);

    clcf->handler = handler;

    return NGX_CONF_OK;
}


/* the record goes with the pool of the configuration that was read */

static void
ngx_rt_conf_answered(void *data)
{
}


char *
ngx_rt_conf_handlers(ngx_conf_t *cf)
{
    ngx_pool_cleanup_t    *cln;
    ngx_rt_conf_answer_t  *answer;

    cln = cf->temp_pool->cleanup;

    while ((answer = ngx_rt_kept_next(&cln, ngx_rt_conf_answered)) != NULL) {

        if (answer->clcf->handler != answer->handler) {
            return ngx_rt_conf_error(cf, &answer->where,
                                     "\"%V\" does not answer in its location, "
                                     "for a directive behind it does, such as "
                                     "proxy_pass: give each a location of its "
                                     "own", &answer->name);
        }
    }

    return NGX_CONF_OK;
}


ngx_int_t
ngx_rt_conf_complex(ngx_conf_t *cf, ngx_str_t *text,
    ngx_http_complex_value_t *cv)
{
    ngx_http_compile_complex_value_t  ccv;

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = text;
    ccv.complex_value = cv;

    return ngx_http_compile_complex_value(&ccv);
}


ngx_shm_zone_t *
ngx_rt_conf_zone(ngx_conf_t *cf, ngx_str_t *name, size_t min, void *tag)
{
    ssize_t     size;
    ngx_str_t  *value;

    value = cf->args->elts;

    size = ngx_parse_size(&value[1]);

    if (size == NGX_ERROR || (size_t) size < min) {
        (void) ngx_rt_conf_invalid(cf, "size", &value[1],
                                   "write at least \"%uzk\", for example "
                                   "\"16m\"", min / 1024);
        return NULL;
    }

    return ngx_shared_memory_add(cf, name, size, tag);
}


ngx_uint_t
ngx_rt_conf_name(ngx_str_t *name, const char *more)
{
    u_char  c;
    size_t  i;

    for (i = 0; i < name->len; i++) {
        c = ngx_tolower(name->data[i]);

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9')
            && (c == '\0' || ngx_strchr(more, c) == NULL))
        {
            return 0;
        }
    }

    return name->len != 0;
}


void *
ngx_rt_conf_row(void *table, size_t size, ngx_str_t *name, ngx_uint_t how)
{
    u_char      *row;
    ngx_str_t   *has;
    ngx_uint_t   same;

    for (row = table; /* void */ ; row += size) {
        has = (ngx_str_t *) row;

        if (has->len == 0) {
            return NULL;
        }

        if (has->len > name->len
            || (has->len < name->len && !(how & NGX_RT_CONF_BEGINS)))
        {
            continue;
        }

        same = (how & NGX_RT_CONF_FOLD)
               ? ngx_strncasecmp(has->data, name->data, has->len) == 0
               : ngx_strncmp(has->data, name->data, has->len) == 0;

        if (same) {
            return row;
        }
    }
}


ngx_uint_t
ngx_rt_conf_among(ngx_str_t *table, u_char *name, size_t len)
{
    ngx_str_t  s = { len, name };

    return ngx_rt_conf_row(table, sizeof(ngx_str_t), &s, NGX_RT_CONF_FOLD)
           != NULL;
}


ngx_uint_t
ngx_rt_conf_variable(ngx_str_t *rest, ngx_str_t *name)
{
    u_char  c;

    while (rest->len) {

        c = *rest->data++;
        rest->len--;

        if (c != '$') {
            continue;
        }

        if (rest->len && *rest->data == '{') {
            rest->data++;
            rest->len--;
        }

        name->data = rest->data;

        while (rest->len) {
            c = ngx_tolower(*rest->data);

            if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_') {
                break;
            }

            rest->data++;
            rest->len--;
        }

        name->len = rest->data - name->data;

        return 1;
    }

    return 0;
}


ngx_int_t
ngx_rt_conf_inherit(ngx_conf_t *cf, ngx_array_t *outer, ngx_array_t **own)
{
    void         **p;
    ngx_array_t   *inner;

    inner = *own;

    if (outer == NULL) {
        return NGX_OK;
    }

    if (inner == NULL) {
        *own = outer;
        return NGX_OK;
    }

    *own = ngx_array_create(cf->pool, outer->nelts + inner->nelts,
                            sizeof(void *));
    if (*own == NULL) {
        return NGX_ERROR;
    }

    p = ngx_array_push_n(*own, outer->nelts + inner->nelts);

    ngx_memcpy(p, outer->elts, outer->nelts * sizeof(void *));
    ngx_memcpy(p + outer->nelts, inner->elts, inner->nelts * sizeof(void *));

    return NGX_OK;
}
