
#include "view/ngx_http_rtaudit_view_read.h"
#include "ngx_http_rtaudit.h"
#include "ngx_rt_path.h"


#define NGX_HTTP_RTAUDIT_VIEW_READ_BUDGET  (8 * 1024 * 1024)
#define NGX_HTTP_RTAUDIT_VIEW_READ_FIRST   (128 * 1024)
#define NGX_HTTP_RTAUDIT_VIEW_READ_MOST    NGX_HTTP_RTAUDIT_VIEW_LINE
#define NGX_HTTP_RTAUDIT_VIEW_READ_FILES   32   /* PATH, PATH.1 ... PATH.31 */


/* where it is: what stands before "end" in this file was not looked at */

typedef struct {
    ngx_http_rtaudit_view_read_t  *rd;
    ngx_fd_t                       fd;
    uint64_t                       inode;
    off_t                          size;
    off_t                          end;
    u_char                        *buf;
    size_t                         window;      /* bytes of buf to read */
} ngx_http_rtaudit_view_read_at_t;


static ngx_int_t ngx_http_rtaudit_view_read_begin(
    ngx_http_rtaudit_view_read_at_t *at);
static ngx_int_t ngx_http_rtaudit_view_read_step(
    ngx_http_rtaudit_view_read_at_t *at);
static ngx_int_t ngx_http_rtaudit_view_read_lines(
    ngx_http_rtaudit_view_read_at_t *at, off_t from, size_t last);
static ngx_int_t ngx_http_rtaudit_view_read_line(
    ngx_http_rtaudit_view_read_at_t *at, off_t offset, rt_str_t *line);
static ngx_int_t ngx_http_rtaudit_view_read_put(
    ngx_http_rtaudit_view_read_t *rd, rt_str_t *line);
static void ngx_http_rtaudit_view_read_move(
    ngx_http_rtaudit_view_read_at_t *at, off_t end, rt_str_t *id);
static ngx_int_t ngx_http_rtaudit_view_read_older(
    ngx_http_rtaudit_view_read_at_t *at);
static ngx_uint_t ngx_http_rtaudit_view_read_packed(
    ngx_http_rtaudit_view_read_at_t *at, ngx_uint_t n);
static ngx_uint_t ngx_http_rtaudit_view_read_stands(
    ngx_http_rtaudit_view_read_at_t *at, rt_query_cursor_t *cursor);
static ngx_int_t ngx_http_rtaudit_view_read_find(
    ngx_http_rtaudit_view_read_at_t *at, uint64_t inode, ngx_uint_t *n);
static ngx_int_t ngx_http_rtaudit_view_read_open(
    ngx_http_rtaudit_view_read_at_t *at, ngx_uint_t n);
static void ngx_http_rtaudit_view_read_close(
    ngx_http_rtaudit_view_read_at_t *at);
static ssize_t ngx_http_rtaudit_view_read_bytes(
    ngx_http_rtaudit_view_read_at_t *at, size_t len, off_t from);


/* the id at a position where no event begins */

static rt_str_t  ngx_http_rtaudit_view_read_nobody =
    rt_string("00000000-0000-0000-0000-000000000000");


void
ngx_http_rtaudit_view_read(ngx_http_rtaudit_view_read_t *rd)
{
    ngx_http_rtaudit_view_read_at_t  at;

    ngx_memzero(&at, sizeof(ngx_http_rtaudit_view_read_at_t));

    at.rd = rd;
    at.fd = NGX_INVALID_FILE;
    at.window = NGX_HTTP_RTAUDIT_VIEW_READ_FIRST;
    at.buf = ngx_palloc(rd->pool, NGX_HTTP_RTAUDIT_VIEW_READ_MOST);

    if (at.buf == NULL) {
        rd->end = NGX_HTTP_RTAUDIT_VIEW_FAILED;
        rd->err = NGX_ENOMEM;
        return;
    }

    if (ngx_http_rtaudit_view_read_begin(&at) == NGX_OK) {
        while (ngx_http_rtaudit_view_read_step(&at) == NGX_AGAIN) { /* void */ }
    }

    ngx_http_rtaudit_view_read_close(&at);
    (void) ngx_pfree(rd->pool, at.buf);
}


/* between rename and USR1 there is no PATH, and PATH.1 is written on */

static ngx_int_t
ngx_http_rtaudit_view_read_begin(ngx_http_rtaudit_view_read_at_t *at)
{
    ngx_uint_t                     n;
    ngx_http_rtaudit_view_read_t  *rd;

    rd = at->rd;

    if (rd->has_from) {

        if (ngx_http_rtaudit_view_read_find(at, rd->from.file, &n) != NGX_OK
            || !ngx_http_rtaudit_view_read_stands(at, &rd->from))
        {
            rd->end = NGX_HTTP_RTAUDIT_VIEW_GONE;
            return NGX_DECLINED;
        }

        rd->next = rd->from;
        at->end = (off_t) rd->from.offset;

        return NGX_OK;
    }

    for (n = 0; n < NGX_HTTP_RTAUDIT_VIEW_READ_FILES; n++) {

        if (ngx_http_rtaudit_view_read_open(at, n) == NGX_OK) {

            /* what is in this file may have been replaced */

            rd->has_after = rd->has_after
                            && (rd->after.file != at->inode
                                || ngx_http_rtaudit_view_read_stands(at,
                                                                 &rd->after));

            ngx_http_rtaudit_view_read_move(at, at->size,
                                          &ngx_http_rtaudit_view_read_nobody);
            return NGX_OK;
        }

        if (ngx_errno != NGX_ENOENT) {
            rd->end = NGX_HTTP_RTAUDIT_VIEW_FAILED;
            rd->err = ngx_errno;
            return NGX_DECLINED;
        }
    }

    rd->end = NGX_HTTP_RTAUDIT_VIEW_MISSING;

    return NGX_DECLINED;
}


/* reads what is before "end"; NGX_DONE: that is all */

static ngx_int_t
ngx_http_rtaudit_view_read_step(ngx_http_rtaudit_view_read_at_t *at)
{
    off_t                          from;
    size_t                         len, last;
    u_char                        *p;
    ssize_t                        n;
    ngx_http_rtaudit_view_read_t  *rd;

    rd = at->rd;

    if (rd->bytes >= NGX_HTTP_RTAUDIT_VIEW_READ_BUDGET) {
        return NGX_DONE;
    }

    if (at->end == 0) {
        return ngx_http_rtaudit_view_read_older(at);
    }

    len = (size_t) ngx_min((off_t) at->window, at->end);
    from = at->end - (off_t) len;

    n = ngx_http_rtaudit_view_read_bytes(at, len, from);

    if (n != (ssize_t) len) {
        rd->end = n < 0 ? NGX_HTTP_RTAUDIT_VIEW_FAILED
                        : NGX_HTTP_RTAUDIT_VIEW_GONE;    /* truncated */
        rd->err = n < 0 ? ngx_errno : 0;
        return NGX_DONE;
    }

    rd->bytes += len;

    /* half a line, or the rest of one that is too long */

    p = memrchr(at->buf, LF, len);
    last = p ? (size_t) (p + 1 - at->buf) : 0;

    if (last != len) {
        ngx_http_rtaudit_view_read_move(at, from + (off_t) last,
                                        &ngx_http_rtaudit_view_read_nobody);
    }

    return ngx_http_rtaudit_view_read_lines(at, from, last);
}


/* the lines that are wholly in the window, from the last one on */

static ngx_int_t
ngx_http_rtaudit_view_read_lines(ngx_http_rtaudit_view_read_at_t *at,
    off_t from, size_t last)
{
    u_char     *p;
    rt_str_t    line;
    ngx_int_t   rc;
    ngx_uint_t  n;

    for (n = 0; last; n++) {

        p = memrchr(at->buf, LF, last - 1);

        if (p == NULL && from) {
            break;
        }

        line.data = p ? p + 1 : at->buf;
        line.len = (size_t) (at->buf + last - 1 - line.data);
        last = (size_t) (line.data - at->buf);

        rc = ngx_http_rtaudit_view_read_line(at, from + (off_t) last, &line);
        if (rc != NGX_AGAIN) {
            return rc;
        }
    }

    if (n || last == 0) {
        return NGX_AGAIN;
    }

    if (at->window < NGX_HTTP_RTAUDIT_VIEW_READ_MOST) {
        at->window *= 2;
        return NGX_AGAIN;
    }

    at->rd->huge++;
    ngx_http_rtaudit_view_read_move(at, from,
                                    &ngx_http_rtaudit_view_read_nobody);
    return NGX_AGAIN;
}


/* nothing goes out that is not JSON from its first byte to its last */

static ngx_int_t
ngx_http_rtaudit_view_read_line(ngx_http_rtaudit_view_read_at_t *at,
    off_t offset, rt_str_t *line)
{
    rt_str_t                       id;
    rt_query_line_t                ev;
    ngx_http_rtaudit_view_read_t  *rd;

    rd = at->rd;

    if (rd->has_after && at->inode == rd->after.file
        && (uint64_t) offset <= rd->after.offset)
    {
        rd->end = NGX_HTTP_RTAUDIT_VIEW_AFTER;
        return NGX_DONE;
    }

    rd->lines++;
    id = ngx_http_rtaudit_view_read_nobody;

    if (rt_query_line(line, &ev) != RT_OK) {
        rd->garbage++;

    } else {

        if (rt_query_match(&rd->query, &ev)
            && !(rd->no_views
                 && rt_str_lit(&ev.at[RT_QUERY_ACTION],
                               "\"" NGX_HTTP_RTAUDIT_VIEWED "\""))
            && ngx_http_rtaudit_view_read_put(rd, line) != NGX_OK)
        {
            return NGX_DONE;
        }

        (void) rt_query_line_time(&ev, rd->oldest);

        if (ev.at[RT_QUERY_ID].len == RT_UUID_LEN + 2) {
            id.data = ev.at[RT_QUERY_ID].data + 1;
        }
    }

    ngx_http_rtaudit_view_read_move(at, offset, &id);

    if (!rd->has_head) {
        rd->has_head = 1;
        rd->head = rd->next;
    }

    return rd->found == rd->limit ? NGX_DONE : NGX_AGAIN;
}


/* NGX_DECLINED: there is no room, it is for the next answer */

static ngx_int_t
ngx_http_rtaudit_view_read_put(ngx_http_rtaudit_view_read_t *rd,
    rt_str_t *line)
{
    rt_jsonw_mark_t  mark;

    mark = rt_jsonw_mark(&rd->events);
    rt_jsonw_raw(&rd->events, line);

    if (rd->events.full) {
        rt_jsonw_restore(&rd->events, &mark);
        return NGX_DECLINED;
    }

    rd->found++;

    return NGX_OK;
}


static void
ngx_http_rtaudit_view_read_move(ngx_http_rtaudit_view_read_at_t *at, off_t end,
    rt_str_t *id)
{
    at->end = end;

    at->rd->next.file = at->inode;
    at->rd->next.offset = (uint64_t) end;
    ngx_memcpy(at->rd->next.id, id->data, RT_UUID_LEN);
}


/*
 * From the begin of a file to the end of the one before it.  While a rotation
 * renames them one by one, a name may be missing.
 */

static ngx_int_t
ngx_http_rtaudit_view_read_older(ngx_http_rtaudit_view_read_at_t *at)
{
    uint64_t                       inode;
    ngx_uint_t                     i, n, tries;
    ngx_http_rtaudit_view_read_t  *rd;

    rd = at->rd;
    inode = at->inode;

    for (tries = 0; tries < 3; tries++) {

        if (ngx_http_rtaudit_view_read_find(at, inode, &n) != NGX_OK) {
            break;
        }

        for (i = n + 1; i <= n + 2; i++) {

            if (ngx_http_rtaudit_view_read_open(at, i) == NGX_OK) {
                break;
            }

            if (ngx_errno != NGX_ENOENT) {
                rd->end = NGX_HTTP_RTAUDIT_VIEW_FAILED;
                rd->err = ngx_errno;
                return NGX_DONE;
            }
        }

        if (at->fd == NGX_INVALID_FILE) {
            rd->end = ngx_http_rtaudit_view_read_packed(at, n)
                      ? NGX_HTTP_RTAUDIT_VIEW_PACKED
                      : NGX_HTTP_RTAUDIT_VIEW_OLDEST;
            return NGX_DONE;
        }

        if (at->inode != inode) {
            ngx_http_rtaudit_view_read_move(at, at->size,
                                          &ngx_http_rtaudit_view_read_nobody);
            return NGX_AGAIN;
        }
    }

    rd->end = NGX_HTTP_RTAUDIT_VIEW_GONE;

    return NGX_DONE;
}


static ngx_uint_t
ngx_http_rtaudit_view_read_packed(ngx_http_rtaudit_view_read_at_t *at,
    ngx_uint_t n)
{
    u_char           name[NGX_MAX_PATH + sizeof(".32.gz")];
    ngx_uint_t       i;
    ngx_file_info_t  fi;

    for (i = n + 1; i <= n + 2; i++) {
        *ngx_snprintf(name, sizeof(name) - 1, "%V.%ui.gz", &at->rd->file, i)
            = '\0';

        if (ngx_file_info(name, &fi) != NGX_FILE_ERROR) {
            return 1;
        }
    }

    return 0;
}


/* does the event that the cursor names still stand there? */

static ngx_uint_t
ngx_http_rtaudit_view_read_stands(ngx_http_rtaudit_view_read_at_t *at,
    rt_query_cursor_t *cursor)
{
    u_char           *p;
    ssize_t           n;
    rt_str_t          line;
    rt_query_line_t   ev;

    if (cursor->offset > (uint64_t) at->size) {
        return 0;
    }

    if (ngx_memcmp(cursor->id, ngx_http_rtaudit_view_read_nobody.data,
                   RT_UUID_LEN)
        == 0)
    {
        return 1;
    }

    n = ngx_http_rtaudit_view_read_bytes(at, NGX_HTTP_RTAUDIT_VIEW_READ_MOST,
                                         (off_t) cursor->offset);

    p = n > 0 ? memchr(at->buf, LF, (size_t) n) : NULL;

    if (p == NULL) {
        return 0;
    }

    line.data = at->buf;
    line.len = (size_t) (p - at->buf);

    return rt_query_line(&line, &ev) == RT_OK
           && rt_query_cursor_at(cursor, &ev);
}


/* opens the file of that inode, whatever it is called by now: PATH.n */

static ngx_int_t
ngx_http_rtaudit_view_read_find(ngx_http_rtaudit_view_read_at_t *at,
    uint64_t inode, ngx_uint_t *n)
{
    for (*n = 0; *n < NGX_HTTP_RTAUDIT_VIEW_READ_FILES; (*n)++) {

        if (ngx_http_rtaudit_view_read_open(at, *n) == NGX_OK
            && at->inode == inode)
        {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


/* NGX_ERROR: see errno */

static ngx_int_t
ngx_http_rtaudit_view_read_open(ngx_http_rtaudit_view_read_at_t *at,
    ngx_uint_t n)
{
    u_char         text[NGX_MAX_PATH + sizeof(".32")];
    ngx_str_t      name;
    struct stat    st;
    ngx_rt_path_t  p;

    ngx_http_rtaudit_view_read_close(at);

    name.data = text;
    name.len = (n ? ngx_snprintf(text, sizeof(text), "%V.%ui", &at->rd->file,
                                 n)
                  : ngx_snprintf(text, sizeof(text), "%V", &at->rd->file))
               - text;

    at->fd = ngx_rt_path_open(&p, &name);
    ngx_rt_path_close(&p);

    if (at->fd == NGX_INVALID_FILE) {

        if (p.fault == NGX_RT_PATH_PLANTED) {
            ngx_set_errno(NGX_EACCES);
        }

        return NGX_ERROR;
    }

    if (fstat(at->fd, &st) == -1 || !S_ISREG(st.st_mode)) {
        ngx_http_rtaudit_view_read_close(at);
        ngx_set_errno(NGX_EINVAL);
        return NGX_ERROR;
    }

    at->inode = (uint64_t) st.st_ino;
    at->size = st.st_size;

    return NGX_OK;
}


static void
ngx_http_rtaudit_view_read_close(ngx_http_rtaudit_view_read_at_t *at)
{
    if (at->fd != NGX_INVALID_FILE) {
        (void) close(at->fd);
        at->fd = NGX_INVALID_FILE;
    }
}


/* all of them, but for the end of the file; -1: see errno */

static ssize_t
ngx_http_rtaudit_view_read_bytes(ngx_http_rtaudit_view_read_at_t *at,
    size_t len, off_t from)
{
    size_t   got;
    ssize_t  n;

    for (got = 0; got < len; got += (size_t) n) {

        n = pread(at->fd, at->buf + got, len - got, from + (off_t) got);

        if (n == -1 && ngx_errno == NGX_EINTR) {
            n = 0;
            continue;
        }

        if (n <= 0) {
            return n ? -1 : (ssize_t) got;
        }
    }

    return (ssize_t) got;
}
