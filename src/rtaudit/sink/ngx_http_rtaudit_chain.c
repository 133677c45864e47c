
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <openssl/rand.h>

#include "sink/ngx_http_rtaudit_chain.h"


#define NGX_HTTP_RTAUDIT_CHAIN_TAIL  (256 * 1024)   /* bytes to look for the
                                                       line before */


struct ngx_http_rtaudit_chain_s {
    rt_chain_key_t               key;
    rt_str_t                     origin;    /* machine/sink */
    u_char                       text[];
};


ngx_uint_t
ngx_http_rtaudit_chain_seals(ngx_http_rtaudit_sink_t *sink)
{
    return sink->kind->tail != NULL
           && (sink->view.format == NULL || sink->view.format->make == NULL);
}


ngx_int_t
ngx_http_rtaudit_chain_open(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_log_t *log)
{
    ngx_str_t                 *name;
    ngx_http_rtaudit_chain_t  *chain;

    if (mcf->chain.key.len == 0 || !ngx_http_rtaudit_chain_seals(out->sink)) {
        return NGX_OK;
    }

    name = &out->sink->name;

    chain = ngx_calloc(sizeof(ngx_http_rtaudit_chain_t)
                       + ngx_cycle->hostname.len + 1 + name->len, log);
    if (chain == NULL) {
        return NGX_ERROR;
    }

    chain->origin.data = chain->text;
    chain->origin.len = ngx_sprintf(chain->text, "%V/%V",
                                    &ngx_cycle->hostname, name)
                        - chain->text;

    if (rt_chain_key_open(&chain->key, ngx_rt_str(&mcf->chain.key)) != RT_OK) {
        ngx_free(chain);
        return NGX_ERROR;
    }

    if (mcf->chain.sign.len
        && rt_chain_key_private(&chain->key, ngx_rt_str(&mcf->chain.sign))
           != RT_OK)
    {
        rt_chain_key_close(&chain->key);
        ngx_free(chain);
        return NGX_ERROR;
    }

    /* half a line is not ended with another key */

    ngx_crc32_update(&out->made, chain->key.kid, sizeof(chain->key.kid));
    ngx_crc32_update(&out->made, mcf->chain.sign.data, mcf->chain.sign.len);
    out->chain = chain;

    return NGX_OK;
}


void
ngx_http_rtaudit_chain_close(ngx_http_rtaudit_out_t *out)
{
    if (out->chain) {
        rt_chain_key_close(&out->chain->key);
        ngx_free(out->chain);
    }
}


/* the last line of a chain that stands whole in the text */

static void
ngx_http_rtaudit_chain_find(rt_str_t *text, rt_chain_head_t *head)
{
    u_char           *end, *start;
    rt_str_t          line;
    rt_chain_link_t   link;

    for (end = text->data + text->len; end > text->data; end = start) {

        start = end - 1;

        if (*start != LF) {
            continue;
        }

        while (start > text->data && start[-1] != LF) {
            start--;
        }

        line.data = start;
        line.len = end - start;

        if (rt_chain_read(&line, &link) == RT_OK) {
            *head = link.head;
            return;
        }
    }
}


/* finds what the chain comes after: in this zone, or else in the sink's file */

static ngx_int_t
ngx_http_rtaudit_chain_after(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_links_t *links)
{
    u_char     *buf;
    rt_str_t    text;
    ngx_int_t   rc;

    ngx_http_rtaudit_chain_head(&out->zone->sink[out->id], &links->after);

    buf = malloc(NGX_HTTP_RTAUDIT_CHAIN_TAIL);
    if (buf == NULL) {
        errno = ENOMEM;
        return NGX_BUSY;
    }

    text.data = buf;
    text.len = NGX_HTTP_RTAUDIT_CHAIN_TAIL;

    rc = out->kind->tail(out, &text);

    if (rc == NGX_OK && links->after.n == 0) {
        ngx_http_rtaudit_chain_find(&text, &links->after);
    }

    free(buf);

    return rc;
}


/* the first line since the zone was made, or the key changed */

static ngx_int_t
ngx_http_rtaudit_chain_start(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_links_t *links)
{
    u_char            rnd[RT_CHAIN_RAND];
    ngx_int_t         rc;
    rt_chain_head_t   head;

    rc = ngx_http_rtaudit_chain_after(out, links);

    if (rc != NGX_OK) {
        return rc;
    }

    if (RAND_bytes(rnd, sizeof(rnd)) != 1
        || rt_chain_begin(&out->chain->key, &out->chain->origin, rnd, &head)
           != RT_OK)
    {
        errno = EIO;
        return NGX_BUSY;
    }

    links->head[(links->turn + 1) & 1] = head;
    ngx_http_rtaudit_zone_set(&links->turn, links->turn + 1);
    ngx_http_rtaudit_zone_set(&links->broken, 0);

    return NGX_OK;
}


ngx_int_t
ngx_http_rtaudit_chain_begin(ngx_http_rtaudit_out_t *out,
    rt_chain_head_t *head)
{
    ngx_int_t                  rc;
    ngx_http_rtaudit_links_t  *links;

    links = &out->zone->sink[out->id].links;
    *head = links->head[links->turn & 1];

    if (links->turn == 0 || ngx_http_rtaudit_zone_get(&links->broken)
        || ngx_memcmp(head->id, out->chain->key.kid,
                      sizeof(out->chain->key.kid))
           != 0)
    {
        rc = ngx_http_rtaudit_chain_start(out, links);

        if (rc != NGX_OK) {
            return rc;
        }

        *head = links->head[links->turn & 1];
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_rtaudit_chain_seal(ngx_http_rtaudit_out_t *out,
    rt_chain_head_t *head, ngx_uint_t extra, u_char *line, size_t *len)
{
    rt_str_t                   text;
    ngx_http_rtaudit_links_t  *links;

    text.data = line;
    text.len = *len;

    links = &out->zone->sink[out->id].links;

    if (rt_chain_seal(&out->chain->key, head, &links->after,
                      extra && rt_str_holds(&text, "\"stage\":\"module\""),
                      line, len)
        != RT_OK)
    {
        errno = EIO;
        return NGX_BUSY;
    }

    return NGX_OK;
}


void
ngx_http_rtaudit_chain_intend(ngx_http_rtaudit_shared_t *sh)
{
    sh->links.next = 0;
}


void
ngx_http_rtaudit_chain_pend(ngx_http_rtaudit_shared_t *sh, struct iovec *line)
{
    rt_str_t                   text;
    rt_chain_link_t            link;
    ngx_http_rtaudit_links_t  *links;

    links = &sh->links;

    text.data = line->iov_base;
    text.len = line->iov_len;

    if (rt_chain_read(&text, &link) == RT_OK) {
        links->head[(links->turn + 1) & 1] = link.head;
        links->next = links->turn + 1;
    }
}


void
ngx_http_rtaudit_chain_settle(ngx_http_rtaudit_shared_t *sh)
{
    if (sh->links.next > sh->links.turn) {
        ngx_http_rtaudit_zone_set(&sh->links.turn, sh->links.next);
    }
}


void
ngx_http_rtaudit_chain_break(ngx_http_rtaudit_shared_t *sh)
{
    ngx_http_rtaudit_zone_set(&sh->links.broken, 1);
}


/* the other one is written until turn moves, and this one only afterwards */

void
ngx_http_rtaudit_chain_head(ngx_http_rtaudit_shared_t *sh,
    rt_chain_head_t *head)
{
    uint64_t  turn;

    do {
        turn = ngx_http_rtaudit_zone_get(&sh->links.turn);
        *head = sh->links.head[turn & 1];
        atomic_thread_fence(memory_order_acquire);

    } while (turn != ngx_http_rtaudit_zone_get(&sh->links.turn));
}
