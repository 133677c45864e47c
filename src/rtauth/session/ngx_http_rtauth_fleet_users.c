
#include "session/ngx_http_rtauth_fleet_users.h"
#include "keys/ngx_http_rtauth_revoked.h"
#include "keys/ngx_http_rtauth_provider.h"
#include "scim/ngx_http_rtauth_scim_effect.h"
#include "scim/rt_scim_out.h"


#define NGX_HTTP_RTAUTH_FLEET_USERS        256      /* names at a time */
#define NGX_HTTP_RTAUTH_FLEET_USERS_AGAIN  10000    /* ms, until names without
                                                       room are tried again */


typedef struct {
    ngx_http_rtauth_main_conf_t  *mcf;
    rt_scim_walk_t                before;
    rt_scim_walk_t                after;
    rt_status_e                   rc;
    ngx_uint_t                    untold;   /* at the beginning */
    ngx_uint_t                    lost;     /* no room for so many, so far */
    uint32_t                      n;
    rt_scim_out_t                 outs[NGX_HTTP_RTAUTH_FLEET_USERS];
} ngx_http_rtauth_fleet_users_step_t;


static ngx_int_t ngx_http_rtauth_fleet_users_step(
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_fleet_users_t *users,
    ngx_http_rtauth_fleet_users_step_t *last);
static void ngx_http_rtauth_fleet_users_run(void *data,
    ngx_http_rtauth_scim_turn_t *turn);
static void ngx_http_rtauth_fleet_users_done(void *data,
    ngx_http_rtauth_scim_fault_e fault, void *ctx);
static void ngx_http_rtauth_fleet_users_add(
    ngx_http_rtauth_fleet_users_step_t *step);


void
ngx_http_rtauth_fleet_users(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_fleet_users_t *users)
{
    users->done = 0;
    users->under_way = (ngx_http_rtauth_fleet_users_step(mcf, users, NULL)
                        == NGX_OK);
}


static ngx_int_t
ngx_http_rtauth_fleet_users_step(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_fleet_users_t *users,
    ngx_http_rtauth_fleet_users_step_t *last)
{
    ngx_http_rtauth_scim_store_t        *store;
    ngx_http_rtauth_fleet_users_step_t  *step;

    store = ngx_http_rtauth_scim_opened(mcf->scim);
    if (store == NULL) {
        return NGX_ERROR;
    }

    step = ngx_http_rtauth_scim_job(store,
                                    sizeof(ngx_http_rtauth_fleet_users_step_t),
                                    ngx_http_rtauth_fleet_users_run,
                                    ngx_http_rtauth_fleet_users_done, users);
    if (step == NULL) {
        return NGX_ERROR;
    }

    step->mcf = mcf;

    if (last) {
        step->before = last->after;
        step->untold = last->untold;
        step->lost = last->lost;

    } else {
        step->untold = ngx_http_rtauth_revoked_untold(mcf->zone);
    }

    ngx_http_rtauth_scim_submit(step);

    return NGX_OK;
}


/* Runs in the thread. */

static void
ngx_http_rtauth_fleet_users_run(void *data, ngx_http_rtauth_scim_turn_t *turn)
{
    ngx_http_rtauth_fleet_users_step_t *step = data;

    uint64_t                 keep;
    ngx_http_rtauth_scim_t  *scim;

    scim = step->mcf->scim;
    keep = (uint64_t) scim->conf.keep * 1000;

    step->after = step->before;
    step->rc = rt_scim_out(turn->mem, turn->db, scim->link,
                           turn->now > keep ? turn->now - keep : 0,
                           &step->after, step->outs,
                           NGX_HTTP_RTAUTH_FLEET_USERS, &step->n);
}


/* Where ctx is NULL this worker ends, and another one begins anew. */

static void
ngx_http_rtauth_fleet_users_done(void *data, ngx_http_rtauth_scim_fault_e fault,
    void *ctx)
{
    ngx_http_rtauth_fleet_users_t *users = ctx;
    ngx_http_rtauth_fleet_users_step_t *step = data;

    if (users == NULL) {
        return;
    }

    users->under_way = 0;

    if (fault != NGX_HTTP_RTAUTH_SCIM_SAVED || step->rc != RT_OK) {
        return;
    }

    ngx_http_rtauth_fleet_users_add(step);

    if (!step->after.over) {
        users->under_way = (ngx_http_rtauth_fleet_users_step(step->mcf, users,
                                                             step)
                            == NGX_OK);
        return;
    }

    users->done = 1;
    users->again = ngx_current_msec + NGX_HTTP_RTAUTH_FLEET_USERS_AGAIN;

    ngx_http_rtauth_revoked_retold(step->mcf->zone, step->untold, step->lost);

    if (step->lost && !users->full) {
        ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, 0,
                      "rtauth: other hosts are not told %ui names of users "
                      "whom \"rtauth_scim\" keeps out: \"rtauth_zone\" is "
                      "full, make it larger", step->lost);
    }

    users->full = (step->lost != 0);
}


static void
ngx_http_rtauth_fleet_users_add(ngx_http_rtauth_fleet_users_step_t *step)
{
    time_t                   when;
    uint32_t                 i;
    ngx_http_rtauth_scim_t  *scim;

    scim = step->mcf->scim;

    for (i = 0; i < step->n; i++) {
        when = (time_t) (step->outs[i].when / 1000);

        if (ngx_http_rtauth_revoked_add(step->mcf->zone,
                                        NGX_HTTP_RTAUTH_REVOKED_PUSHED,
                                        &scim->provider->issuer,
                                        ngx_rt_ngx(&step->outs[i].name),
                                        when, when + scim->conf.keep)
            == NGX_ERROR)
        {
            step->lost++;
        }
    }
}
