
#include "keys/ngx_http_rtauth_tally.h"


#define NGX_HTTP_RTAUTH_TALLY_SLOTS  (1 + NGX_HTTP_RTAUTH_MAX_PROVIDERS)
#define NGX_HTTP_RTAUTH_TALLY_NAME   64      /* bytes of a provider's name */


typedef struct {
    u_char                     name[NGX_HTTP_RTAUTH_TALLY_NAME];
    size_t                     len;
    ngx_uint_t                 conf;         /* number of the newest one that
                                                has it; 0: free */
    ngx_http_rtauth_counts_t   counts;
} ngx_http_rtauth_tally_slot_t;


typedef struct {
    ngx_pid_t                  pid;          /* 0: there was none yet */
    ngx_atomic_t               waits[NGX_HTTP_RTAUTH_WAITS];
} ngx_http_rtauth_tally_worker_t;


typedef struct {
    ngx_uint_t                      conf;    /* number of the last one */
    time_t                          since;
    ngx_http_rtauth_tally_worker_t  worker[NGX_MAX_PROCESSES];
    ngx_http_rtauth_tally_slot_t    slot[NGX_HTTP_RTAUTH_TALLY_SLOTS];
} ngx_http_rtauth_tally_root_t;


static ngx_int_t ngx_http_rtauth_tally_zone_init(ngx_shm_zone_t *zone,
    void *data);
static ngx_http_rtauth_tally_slot_t *ngx_http_rtauth_tally_find(
    ngx_http_rtauth_tally_root_t *root, ngx_str_t *name);
static ngx_http_rtauth_tally_slot_t *ngx_http_rtauth_tally_take(
    ngx_http_rtauth_tally_root_t *root, ngx_str_t *name);
static ngx_http_rtauth_tally_root_t *ngx_http_rtauth_tally_root(
    ngx_http_rtauth_tally_t *tally);


ngx_http_rtauth_tally_t *
ngx_http_rtauth_tally_create(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    size_t                    size;
    ngx_http_rtauth_tally_t  *tally;

    static ngx_str_t  name = ngx_string("rtauth_status");

    tally = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_tally_t));
    if (tally == NULL) {
        return NULL;
    }

    /* whatever is configured: a reload must find it with the same size */

    size = ngx_align(sizeof(ngx_http_rtauth_tally_root_t), ngx_pagesize)
           + 8 * ngx_pagesize;

    tally->zone = ngx_shared_memory_add(cf, &name, size,
                                        &ngx_http_rtauth_module);
    if (tally->zone == NULL) {
        return NULL;
    }

    tally->zone->init = ngx_http_rtauth_tally_zone_init;
    tally->zone->data = mcf;

    return tally;
}


static ngx_int_t
ngx_http_rtauth_tally_zone_init(ngx_shm_zone_t *zone, void *data)
{
    ngx_http_rtauth_main_conf_t *mcf = zone->data;

    ngx_uint_t                     i;
    ngx_slab_pool_t               *shpool;
    ngx_http_rtauth_provider_t   **p;
    ngx_http_rtauth_tally_root_t  *root;
    ngx_http_rtauth_tally_slot_t  *slot;

    shpool = (ngx_slab_pool_t *) zone->shm.addr;

    if (shpool->data == NULL) {
        root = ngx_slab_calloc(shpool, sizeof(ngx_http_rtauth_tally_root_t));
        if (root == NULL) {
            return NGX_ERROR;
        }

        root->since = ngx_time();
        shpool->data = root;
    }

    root = shpool->data;
    root->conf++;

    mcf->tally->counts[0] = &root->slot[0].counts;

    p = mcf->providers.elts;

    /* those that are there already, before others take what is left */

    for (i = 0; i < mcf->providers.nelts; i++) {
        slot = ngx_http_rtauth_tally_find(root, &p[i]->name);

        if (slot) {
            slot->conf = root->conf;
        }
    }

    for (i = 0; i < mcf->providers.nelts; i++) {
        slot = ngx_http_rtauth_tally_find(root, &p[i]->name);

        if (slot == NULL) {
            slot = ngx_http_rtauth_tally_take(root, &p[i]->name);
        }

        mcf->tally->counts[i + 1] = &slot->counts;
    }

    return NGX_OK;
}


static ngx_http_rtauth_tally_slot_t *
ngx_http_rtauth_tally_find(ngx_http_rtauth_tally_root_t *root, ngx_str_t *name)
{
    ngx_uint_t                     i;
    ngx_http_rtauth_tally_slot_t  *slot;

    for (i = 1; i < NGX_HTTP_RTAUTH_TALLY_SLOTS; i++) {
        slot = &root->slot[i];

        if (slot->len == name->len
            && ngx_memcmp(slot->name, name->data, name->len) == 0)
        {
            return slot;
        }
    }

    return NULL;
}


/*
 * There are as many as a configuration may have providers.  One that has gone
 * makes room, the longest gone first; a worker of an older configuration that
 * counts for it still adds to another one's numbers then, and to nothing else.
 */

static ngx_http_rtauth_tally_slot_t *
ngx_http_rtauth_tally_take(ngx_http_rtauth_tally_root_t *root, ngx_str_t *name)
{
    ngx_uint_t                     i;
    ngx_http_rtauth_tally_slot_t  *slot;

    slot = &root->slot[1];

    for (i = 2; i < NGX_HTTP_RTAUTH_TALLY_SLOTS; i++) {
        if (root->slot[i].conf < slot->conf) {
            slot = &root->slot[i];
        }
    }

    ngx_memzero(slot, sizeof(ngx_http_rtauth_tally_slot_t));
    ngx_memcpy(slot->name, name->data, name->len);

    slot->len = name->len;
    slot->conf = root->conf;

    return slot;
}


static ngx_http_rtauth_tally_root_t *
ngx_http_rtauth_tally_root(ngx_http_rtauth_tally_t *tally)
{
    return ((ngx_slab_pool_t *) tally->zone->shm.addr)->data;
}


/* a new worker may have the slot of one that was killed */

void
ngx_http_rtauth_tally_init_process(ngx_http_rtauth_tally_t *tally)
{
    ngx_http_rtauth_tally_worker_t  *worker;

    worker = &ngx_http_rtauth_tally_root(tally)->worker[ngx_process_slot];

    ngx_memzero(worker, sizeof(ngx_http_rtauth_tally_worker_t));
    worker->pid = ngx_pid;
}


void
ngx_http_rtauth_tally(ngx_http_rtauth_tally_t *tally,
    ngx_http_rtauth_provider_t *provider, ngx_http_rtauth_tally_e what,
    rt_reason_e reason)
{
    ngx_http_rtauth_counts_t  *counts;

    counts = tally->counts[provider ? provider->index + 1 : 0];

    (void) ngx_atomic_fetch_add(&(*counts)[what][reason], 1);
}


ngx_atomic_t *
ngx_http_rtauth_tally_gauge(ngx_http_rtauth_tally_t *tally,
    ngx_http_rtauth_waits_e what)
{
    return &ngx_http_rtauth_tally_root(tally)->worker[ngx_process_slot]
            .waits[what];
}


ngx_uint_t
ngx_http_rtauth_tally_waiting(ngx_http_rtauth_tally_t *tally,
    ngx_http_rtauth_waits_e what)
{
    ngx_uint_t                       i, n;
    ngx_http_rtauth_tally_worker_t  *worker;

    n = 0;
    worker = ngx_http_rtauth_tally_root(tally)->worker;

    for (i = 0; i < NGX_MAX_PROCESSES; i++) {

        if (worker[i].waits[what]
            && (kill(worker[i].pid, 0) == 0 || ngx_errno != NGX_ESRCH))
        {
            n += worker[i].waits[what];
        }
    }

    return n;
}


time_t
ngx_http_rtauth_tally_since(ngx_http_rtauth_tally_t *tally)
{
    return ngx_http_rtauth_tally_root(tally)->since;
}
