
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "sink/ngx_http_rtaudit_chain.h"
#include "sink/ngx_http_rtaudit_line.h"

#include "event/rt_event_class.h"


#define NGX_HTTP_RTAUDIT_LINE_ROOM  (512 * 1024)    /* bytes of a batch */


struct ngx_http_rtaudit_line_s {
    ngx_http_rtaudit_room_t     *room;
    ngx_uint_t                   classes;   /* 0: all */
    rt_event_view_t              view;      /* no format: as it is */
    rt_pseudonym_key_t           key;       /* empty: there is none */
    size_t                       len;
    u_char                       text[];    /* of view and key */
};


static ngx_int_t
ngx_http_rtaudit_line_room(ngx_http_rtaudit_room_t *room, size_t max_event,
    ngx_log_t *log)
{
    room->part_size = max_event + RT_EVENT_CLASS_MORE;
    room->size = NGX_HTTP_RTAUDIT_LINE_ROOM
                 + rt_event_format_most(room->part_size)
                 + RT_CHAIN_ROOM;

    room->start = ngx_alloc(room->size + room->part_size, log);
    if (room->start == NULL) {
        return NGX_ERROR;
    }

    room->part = room->start + room->size;

    return NGX_OK;
}


/* the thread may outlive the configuration: a copy of what it needs of it */

static void
ngx_http_rtaudit_line_copy(ngx_http_rtaudit_line_t *line, rt_str_t *text)
{
    u_char  *p;

    p = line->text + line->len;

    ngx_memcpy(p, text->data, text->len);
    text->data = p;
    line->len += text->len;
}


ngx_int_t
ngx_http_rtaudit_line_open(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_http_rtaudit_room_t *room,
    ngx_log_t *log)
{
    size_t                    size;
    rt_event_view_t           view;
    rt_pseudonym_key_t        key = { rt_null_string, rt_null_string };
    ngx_http_rtaudit_line_t  *line;

    view = out->sink->view;

    /* what is sent in requests waits as events, and is wrapped at the end */

    if (view.format && (out->sink->batches || view.format->make == NULL)) {
        view.format = NULL;
    }

    out->made = out->sink->made;

    if (ngx_http_rtaudit_chain_open(out, mcf, log) != NGX_OK) {
        return NGX_ERROR;
    }

    if (out->sink->classes == 0 && view.format == NULL && out->chain == NULL) {
        return NGX_OK;
    }

    if (room->start == NULL
        && ngx_http_rtaudit_line_room(room, ngx_max(mcf->max_event,
                                                    out->zone->ring / 2), log)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (mcf->keys.nelts) {
        key = *(rt_pseudonym_key_t *) mcf->keys.elts;
    }

    size = view.service.len + view.env.len + view.tags.len + view.index.len
           + key.kid.len + key.key.len;

    line = ngx_calloc(sizeof(ngx_http_rtaudit_line_t) + size, log);
    if (line == NULL) {
        return NGX_ERROR;
    }

    line->room = room;
    line->classes = out->sink->classes;
    line->view = view;
    line->key = key;

    ngx_http_rtaudit_line_copy(line, &line->view.service);
    ngx_http_rtaudit_line_copy(line, &line->view.env);
    ngx_http_rtaudit_line_copy(line, &line->view.tags);
    ngx_http_rtaudit_line_copy(line, &line->view.index);
    ngx_http_rtaudit_line_copy(line, &line->key.kid);
    ngx_http_rtaudit_line_copy(line, &line->key.key);

    out->line = line;
    ngx_crc32_update(&out->made, line->text, line->len);

    return NGX_OK;
}


void
ngx_http_rtaudit_line_close(ngx_http_rtaudit_out_t *out)
{
    ngx_http_rtaudit_chain_close(out);

    if (out->line) {
        ngx_explicit_memzero(out->line->text, out->line->len);
        ngx_free(out->line);
    }
}


/* a line, as this sink gets it, in what there is of the room */

static rt_status_e
ngx_http_rtaudit_line_text(ngx_http_rtaudit_line_t *line, struct iovec *iov,
    rt_str_t *room, size_t *len)
{
    rt_str_t     text, to;
    rt_status_e  rc;

    text.data = iov->iov_base;
    text.len = iov->iov_len;
    to = *room;

    if (line->classes) {

        if (line->view.format) {
            to.data = line->room->part;
            to.len = line->room->part_size;
        }

        rc = rt_event_project(&text, line->classes,
                              line->key.key.len ? &line->key : NULL,
                              to.data, to.len, len);

        if (rc != RT_OK || line->view.format == NULL) {
            return rc;
        }

        text.data = to.data;
        text.len = *len;
    }

    if (line->view.format) {
        return rt_event_format(&line->view, &text, room->data, room->len, len);
    }

    if (text.len > room->len) {
        return RT_TOO_BIG;
    }

    ngx_memcpy(room->data, text.data, text.len);
    *len = text.len;

    return RT_OK;
}


/* what this line of the batch becomes takes its place, and some of the room */

static ngx_int_t
ngx_http_rtaudit_line_make(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b, ngx_uint_t n, rt_str_t *room,
    rt_chain_head_t *head)
{
    size_t      len;
    rt_str_t    part;
    ngx_int_t   rc;

    part = *room;

    if (out->chain) {

        if (part.len < RT_CHAIN_ROOM) {
            return NGX_DECLINED;
        }

        part.len -= RT_CHAIN_ROOM;
    }

    if (ngx_http_rtaudit_line_text(out->line, &b->iov[n], &part, &len)
        != RT_OK)
    {
        return NGX_DECLINED;
    }

    if (out->chain) {
        rc = ngx_http_rtaudit_chain_seal(out, head, b->extra[n], part.data,
                                         &len);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    b->iov[n].iov_base = part.data;
    b->iov[n].iov_len = len;
    b->bytes += len;

    room->len -= len;
    room->data += len;

    return NGX_OK;
}


ngx_int_t
ngx_http_rtaudit_line(ngx_http_rtaudit_out_t *out, ngx_http_rtaudit_batch_t *b)
{
    rt_str_t          room;
    ngx_int_t         rc;
    ngx_uint_t        i;
    rt_chain_head_t   head;

    if (out->line == NULL) {
        return NGX_OK;
    }

    if (out->chain) {
        rc = ngx_http_rtaudit_chain_begin(out, &head);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    rc = NGX_OK;
    room.data = out->line->room->start;
    room.len = out->line->room->size;

    b->bytes = 0;

    for (i = 0; i < b->n; i++) {
        rc = ngx_http_rtaudit_line_make(out, b, i, &room, &head);

        if (rc != NGX_OK) {
            break;
        }
    }

    if (i == 0) {
        return rc;
    }

    if (i < b->n) {
        b->n = i;
        b->cursor = b->end[i - 1];
        b->broken = 0;
    }

    return NGX_OK;
}
