
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "sink/ngx_http_rtaudit_line.h"

#include "event/rt_event_class.h"


#define NGX_HTTP_RTAUDIT_LINE_ROOM  (512 * 1024)    /* bytes of a batch */


/* the thread may outlive the configuration: a copy of what it needs */

struct ngx_http_rtaudit_line_s {
    ngx_http_rtaudit_room_t     *room;
    ngx_uint_t                   classes;
    rt_pseudonym_key_t           key;       /* empty: there is none */
    u_char                       text[];    /* of the key */
};


ngx_int_t
ngx_http_rtaudit_line_open(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_http_rtaudit_room_t *room,
    ngx_log_t *log)
{
    size_t                    size;
    rt_pseudonym_key_t       *key;
    ngx_http_rtaudit_line_t  *line;

    if (out->sink->classes == 0) {
        return NGX_OK;
    }

    if (room->start == NULL) {
        room->size = NGX_HTTP_RTAUDIT_LINE_ROOM + mcf->max_event
                     + RT_EVENT_CLASS_MORE;

        room->start = ngx_alloc(room->size, log);
        if (room->start == NULL) {
            return NGX_ERROR;
        }
    }

    key = mcf->keys.nelts ? mcf->keys.elts : NULL;
    size = key ? key->kid.len + key->key.len : 0;

    line = ngx_calloc(sizeof(ngx_http_rtaudit_line_t) + size, log);
    if (line == NULL) {
        return NGX_ERROR;
    }

    line->room = room;
    line->classes = out->sink->classes;
    out->line = line;
    out->made = out->sink->made;

    if (key) {
        line->key.kid.data = line->text;
        line->key.kid.len = key->kid.len;
        line->key.key.data = ngx_cpymem(line->text, key->kid.data,
                                        key->kid.len);
        line->key.key.len = key->key.len;
        ngx_memcpy(line->key.key.data, key->key.data, key->key.len);

        ngx_crc32_update(&out->made, line->text, size);
    }

    return NGX_OK;
}


void
ngx_http_rtaudit_line_close(ngx_http_rtaudit_out_t *out)
{
    if (out->line) {
        ngx_explicit_memzero(out->line->text, out->line->key.kid.len
                                              + out->line->key.key.len);
        ngx_free(out->line);
    }
}


/* the line at iov becomes what is made of it, in what is left of the room */

static rt_status_e
ngx_http_rtaudit_line_make(ngx_http_rtaudit_line_t *line, struct iovec *iov,
    rt_str_t *room)
{
    size_t       len;
    rt_str_t     text;
    rt_status_e  rc;

    text.data = iov->iov_base;
    text.len = iov->iov_len;

    rc = rt_event_project(&text, line->classes,
                          line->key.key.len ? &line->key : NULL,
                          room->data, room->len, &len);
    if (rc != RT_OK) {
        return rc;
    }

    iov->iov_base = room->data;
    iov->iov_len = len;

    room->data += len;
    room->len -= len;

    return RT_OK;
}


ngx_int_t
ngx_http_rtaudit_line(ngx_http_rtaudit_out_t *out, ngx_http_rtaudit_batch_t *b)
{
    rt_str_t    room;
    ngx_uint_t  i;

    if (out->line == NULL) {
        return NGX_OK;
    }

    room.data = out->line->room->start;
    room.len = out->line->room->size;

    b->bytes = 0;

    for (i = 0; i < b->n; i++) {

        if (ngx_http_rtaudit_line_make(out->line, &b->iov[i], &room)
            != RT_OK)
        {
            break;
        }

        b->bytes += b->iov[i].iov_len;
    }

    if (i == 0) {
        return NGX_DECLINED;
    }

    if (i < b->n) {
        b->n = i;
        b->cursor = b->end[i - 1];
        b->broken = 0;
    }

    return NGX_OK;
}
