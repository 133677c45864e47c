
#include "keys/ngx_http_rtauth_state.h"
#include "keys/ngx_http_rtauth_revoked.h"
#include "ngx_rt_journal_file.h"
#include "ngx_rt_journal_place.h"
#include "text/rt_journal.h"


#define NGX_HTTP_RTAUTH_STATE_TICK  200         /* ms */
#define NGX_HTTP_RTAUTH_STATE_TELL  32          /* records at a time */


/* the fourth word: see ngx_http_rtauth_keys_t */

struct ngx_http_rtauth_state_s {
    ngx_http_rtauth_main_conf_t  *mcf;
    ngx_shm_zone_t               *zone;
    ngx_rt_journal_t             *journal;
    ngx_int_t                     ident;
    ngx_event_t                   tick;
    ngx_uint_t                    full;         /* the zone has not all of it */
};


static ngx_int_t ngx_http_rtauth_state_open(ngx_http_rtauth_state_t *state);
static void ngx_http_rtauth_state_cleanup(void *data);
static void ngx_http_rtauth_state_take(void *data, rt_str_t *record);
static rt_str_t ngx_http_rtauth_state_all(void *data);
static void ngx_http_rtauth_state_tick(ngx_event_t *ev);
static void ngx_http_rtauth_state_written(void *data, ngx_err_t err);


ngx_int_t
ngx_http_rtauth_state_prepare(ngx_http_rtauth_main_conf_t *mcf, ngx_log_t *log)
{
    char                   *fault;
    ngx_err_t               err;
    ngx_uint_t              line;
    ngx_rt_journal_file_t   file;

    fault = ngx_rt_journal_place(&mcf->state, mcf->cycle, &err);

    if (fault) {
        ngx_rt_conf_late(NGX_LOG_EMERG, log, err, &mcf->zone_where,
                         "\"state=%V\" of \"rtauth_zone\" %s", &mcf->state,
                         fault);
        return NGX_ERROR;
    }

    ngx_memzero(&file, sizeof(ngx_rt_journal_file_t));
    file.path = (char *) mcf->state.data;
    file.looks = ngx_test_config;

    err = ngx_rt_journal_file_check(&file, &line);

    if (err == EBADMSG) {
        ngx_rt_conf_late(NGX_LOG_EMERG, log, 0, &mcf->zone_where,
                         "line %ui of \"%V\" is damaged, and what it has "
                         "revoked would be let in: put a copy in its place by "
                         "\"mv\", or take it out by \"sed -i %uid %V\" and "
                         "revoke that again", line, &mcf->state, line,
                         &mcf->state);
        return NGX_ERROR;
    }

    if (err) {
        ngx_rt_conf_late(NGX_LOG_EMERG, log, err, &mcf->zone_where,
                         "\"state=%V\" of \"rtauth_zone\" cannot be read",
                         &mcf->state);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* made as ngx_http_rtauth_worker() is */

ngx_http_rtauth_state_t *
ngx_http_rtauth_state(ngx_http_rtauth_main_conf_t *mcf)
{
    ngx_pool_cleanup_t       *cln;
    ngx_http_rtauth_state_t  *state;

    if (mcf->journal) {
        return mcf->journal;
    }

    state = ngx_pcalloc(ngx_cycle->pool, sizeof(ngx_http_rtauth_state_t));
    cln = ngx_pool_cleanup_add(ngx_cycle->pool, 0);

    if (state == NULL || cln == NULL) {
        return NULL;
    }

    state->mcf = mcf;
    state->zone = mcf->zone;
    state->ident = -1;

    if (ngx_http_rtauth_state_open(state) != NGX_OK) {
        return NULL;
    }

    cln->handler = ngx_http_rtauth_state_cleanup;
    cln->data = mcf;

    mcf->journal = state;

    return state;
}


/*
 * What a worker that died has taken to write, and has not, is written again.
 * Whatever the file has needs not be.
 */

static ngx_int_t
ngx_http_rtauth_state_open(ngx_http_rtauth_state_t *state)
{
    ngx_http_rtauth_root_t  *root;
    ngx_rt_journal_owner_t   owner;

    owner.take = ngx_http_rtauth_state_take;
    owner.all = ngx_http_rtauth_state_all;
    owner.data = state;

    root = ngx_http_rtauth_root(state->zone);

    ngx_http_rtauth_lock(state->zone);
    root->journal = ngx_max(root->journal, state->mcf->number);
    ngx_http_rtauth_unlock(state->zone);

    ngx_http_rtauth_revoked_untell(state->zone,
                                   NGX_HTTP_RTAUTH_REVOKED_JOURNAL);

    state->journal = ngx_rt_journal_open(&state->mcf->state, &owner,
                                         ngx_cycle->log);
    if (state->journal == NULL) {
        return NGX_ERROR;
    }

    state->tick.data = state;
    state->tick.handler = ngx_http_rtauth_state_tick;
    state->tick.log = ngx_cycle->log;
    state->tick.cancelable = 1;

    ngx_add_timer(&state->tick, NGX_HTTP_RTAUTH_STATE_TICK);

    return NGX_OK;
}


ngx_uint_t
ngx_http_rtauth_state_damaged(ngx_http_rtauth_main_conf_t *mcf)
{
    return mcf->journal && ngx_rt_journal_damaged(mcf->journal->journal);
}


void
ngx_http_rtauth_state_exit(ngx_http_rtauth_main_conf_t *mcf)
{
    ngx_http_rtauth_state_cleanup(mcf);
}


static void
ngx_http_rtauth_state_cleanup(void *data)
{
    ngx_http_rtauth_main_conf_t *mcf = data;

    ngx_http_rtauth_state_t  *state;

    state = mcf->journal;

    if (state == NULL) {
        return;
    }

    mcf->journal = NULL;

    if (state->tick.timer_set) {
        ngx_del_timer(&state->tick);
    }

    ngx_rt_journal_close(state->journal);
}


static void
ngx_http_rtauth_state_take(void *data, rt_str_t *record)
{
    ngx_http_rtauth_state_t *state = data;

    ngx_uint_t       from;
    rt_revocation_t  rev;

    /* what an older configuration's file has need not be in the newest's */

    from = ngx_http_rtauth_root(state->zone)->journal == state->mcf->number
           ? NGX_HTTP_RTAUTH_REVOKED_JOURNAL : NGX_HTTP_RTAUTH_TELLINGS;

    if (rt_revocation_read(record, &rev) != RT_OK
        || ngx_http_rtauth_revoked_hear(state->zone, from, &rev) != NGX_ERROR
        || state->full)
    {
        return;
    }

    state->full = 1;

    ngx_rt_conf_late(NGX_LOG_CRIT, ngx_cycle->log, 0, &state->mcf->zone_where,
                     "not all that \"%V\" says was revoked is: "
                     "\"rtauth_zone\" is full, make it larger",
                     &state->mcf->state);
}


/* in the journal's thread */

static rt_str_t
ngx_http_rtauth_state_all(void *data)
{
    ngx_http_rtauth_state_t *state = data;

    u_char           *p, text[RT_REVOCATION_RECORD];
    rt_str_t          lines, record;
    ngx_uint_t        i, n, room;
    rt_revocation_t  *revs;

    lines = (rt_str_t) rt_null_string;

    /* a zone that is too small has not all of it */

    if (state->full) {
        return lines;
    }

    room = ngx_http_rtauth_revoked_all(state->zone, NULL, 0) + 64;
    revs = malloc(room * sizeof(rt_revocation_t));
    p = malloc(room * (RT_REVOCATION_RECORD + RT_JOURNAL_MORE));

    n = (revs && p) ? ngx_http_rtauth_revoked_all(state->zone, revs, room)
                    : room + 1;

    if (n > room) {
        free(revs);
        free(p);
        return lines;
    }

    lines.data = p;

    for (i = 0; i < n; i++) {
        record.data = text;
        record.len = rt_revocation_record(&revs[i], text);

        if (rt_journal_line(lines.data + lines.len, &record) != RT_OK) {
            free(revs);
            free(p);
            return (rt_str_t) rt_null_string;
        }

        lines.len += record.len + RT_JOURNAL_MORE;
    }

    free(revs);

    return lines;
}


void *
ngx_http_rtauth_state_write(ngx_http_rtauth_state_t *state,
    rt_revocation_t *rev, ngx_rt_journal_pt handler, void *data)
{
    u_char    text[RT_REVOCATION_RECORD];
    rt_str_t  record;

    record.data = text;
    record.len = rt_revocation_record(rev, text);

    return ngx_rt_journal_add(state->journal, &record, handler, data);
}


static void
ngx_http_rtauth_state_tick(ngx_event_t *ev)
{
    ngx_uint_t                i, n;
    rt_revocation_t           revs[NGX_HTTP_RTAUTH_STATE_TELL];
    ngx_http_rtauth_state_t  *state;

    state = ev->data;

    n = ngx_http_rtauth_revoked_tell(state->zone,
                                     NGX_HTTP_RTAUTH_REVOKED_JOURNAL,
                                     state->mcf->number, revs,
                                     NGX_HTTP_RTAUTH_STATE_TELL);

    for (i = 0; i < n; i++) {
        if (ngx_http_rtauth_state_write(state, &revs[i],
                                        ngx_http_rtauth_state_written, state)
            == NULL)
        {
            ngx_http_rtauth_state_written(state, NGX_ENOMEM);
        }
    }

    if (!ngx_exiting) {
        ngx_add_timer(ev, NGX_HTTP_RTAUTH_STATE_TICK);
    }
}


/* what was not written is looked for again */

static void
ngx_http_rtauth_state_written(void *data, ngx_err_t err)
{
    ngx_http_rtauth_state_t *state = data;

    if (err) {
        ngx_http_rtauth_revoked_untell(state->zone,
                                       NGX_HTTP_RTAUTH_REVOKED_JOURNAL);
    }
}
