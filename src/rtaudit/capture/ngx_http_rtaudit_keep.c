
#include "capture/ngx_http_rtaudit_keep.h"


static void ngx_http_rtaudit_keep_copy(ngx_pool_t *pool,
    ngx_http_rtaudit_kept_t *kept, u_char *data, size_t len, size_t max,
    off_t announced);
static void ngx_http_rtaudit_keep_drop(ngx_pool_t *pool,
    ngx_http_rtaudit_kept_t *kept);


void
ngx_http_rtaudit_keep(ngx_pool_t *pool, ngx_http_rtaudit_kept_t *kept,
    ngx_chain_t *in, size_t max, off_t announced)
{
    size_t      len;
    ngx_buf_t  *b;

    for ( /* void */ ; in; in = in->next) {
        b = in->buf;
        len = ngx_buf_special(b) ? 0 : (size_t) ngx_buf_size(b);

        kept->seen += len;

        if (kept->seen > max) {
            ngx_http_rtaudit_keep_drop(pool, kept);

        } else if (len && ngx_buf_in_memory(b) && !kept->lost) {
            ngx_http_rtaudit_keep_copy(pool, kept, b->pos, len, max,
                                       announced);
        }

        if (b->last_buf) {
            kept->last = 1;
        }
    }
}


static void
ngx_http_rtaudit_keep_copy(ngx_pool_t *pool, ngx_http_rtaudit_kept_t *kept,
    u_char *data, size_t len, size_t max, off_t announced)
{
    size_t   size, want;
    u_char  *p;

    want = kept->len + len;

    if (want > kept->size) {

        size = ngx_max(2 * kept->size, 1024);
        size = ngx_max(size, want);

        if (announced > (off_t) size) {
            size = (size_t) announced;
        }

        size = ngx_min(size, max);

        p = ngx_palloc(pool, size);

        if (p == NULL) {
            kept->lost = 1;
            return;
        }

        if (kept->len) {
            ngx_memcpy(p, kept->data, kept->len);
            (void) ngx_pfree(pool, kept->data);
        }

        kept->data = p;
        kept->size = size;
    }

    ngx_memcpy(kept->data + kept->len, data, len);
    kept->len = want;
}


static void
ngx_http_rtaudit_keep_drop(ngx_pool_t *pool, ngx_http_rtaudit_kept_t *kept)
{
    if (kept->size) {
        (void) ngx_pfree(pool, kept->data);
    }

    kept->len = 0;
    kept->size = 0;
}
