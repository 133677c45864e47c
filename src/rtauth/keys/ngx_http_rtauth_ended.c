
#include "keys/ngx_http_rtauth_ended.h"
#include "keys/ngx_http_rtauth_jwks.h"
#include "keys/ngx_http_rtauth_provider.h"
#include "keys/ngx_http_rtauth_revoked.h"
#include "keys/ngx_http_rtauth_state.h"
#include "scim/ngx_http_rtauth_scim_effect.h"
#include "text/rt_fold.h"


static rt_reason_e ngx_http_rtauth_ended_seen(ngx_http_rtauth_worker_t *w,
    ngx_http_rtauth_identity_t *identity, ngx_http_rtauth_seen_t *seen);
static rt_reason_e ngx_http_rtauth_ended_look(ngx_http_rtauth_worker_t *w,
    ngx_http_rtauth_identity_t *identity) __attribute__((noinline));
static void ngx_http_rtauth_ended_whose(ngx_http_rtauth_identity_t *identity,
    ngx_http_rtauth_revoked_of_t *of, u_char *folded);
static ngx_str_t ngx_http_rtauth_ended_text(
    ngx_http_rtauth_identity_t *identity, rt_str_t name);


rt_reason_e
ngx_http_rtauth_ended(ngx_http_rtauth_worker_t *w,
    ngx_http_rtauth_identity_t *identity, ngx_http_rtauth_seen_t *seen)
{
    rt_reason_e  reason;

    reason = ngx_http_rtauth_ended_seen(w, identity, seen);

    /* the damaged line may be one by which another nginx has revoked it */

    return reason == RT_REASON_OK && ngx_http_rtauth_state_damaged(w->mcf)
           ? RT_REASON_STORE_UNAVAILABLE : reason;
}


ngx_uint_t
ngx_http_rtauth_ended_note(ngx_http_rtauth_worker_t *w,
    ngx_http_rtauth_identity_t *identity, ngx_http_rtauth_seen_t *seen)
{
    rt_reason_e  reason;

    reason = ngx_http_rtauth_ended(w, identity, seen);

    identity->barred = (reason == RT_REASON_REVOKED) ? RT_REASON_OK : reason;

    return reason == RT_REASON_REVOKED;
}


static rt_reason_e
ngx_http_rtauth_ended_seen(ngx_http_rtauth_worker_t *w,
    ngx_http_rtauth_identity_t *identity, ngx_http_rtauth_seen_t *seen)
{
    uint64_t    pushed;
    ngx_uint_t  serial, number;

    serial = ngx_http_rtauth_revoked_serial(w->zone);
    number = w->disabled ? w->disabled->number : 0;
    pushed = w->mcf->scim ? ngx_http_rtauth_scim_serial(w->mcf) : 0;

    if (seen->revoked == serial && seen->disabled == number
        && seen->pushed == pushed)
    {
        return seen->reason;
    }

    seen->reason = ngx_http_rtauth_ended_look(w, identity);
    seen->revoked = serial;
    seen->disabled = number;

    /* what could not be read is read again for the next request */

    seen->pushed = (rt_reason(seen->reason)->status
                    >= NGX_HTTP_INTERNAL_SERVER_ERROR) ? 0 : pushed;

    return seen->reason;
}


static rt_reason_e
ngx_http_rtauth_ended_look(ngx_http_rtauth_worker_t *w,
    ngx_http_rtauth_identity_t *identity)
{
    u_char                         folded[RT_FOLD_ROOM(RT_DISABLED_MAX_VALUE)];
    u_char                         key[NGX_HTTP_RTAUTH_SCIM_KEY];
    rt_reason_e                    reason;
    ngx_http_rtauth_revoked_of_t   of;

    ngx_http_rtauth_ended_whose(identity, &of, folded);

    if (w->disabled && ngx_http_rtauth_disabled_has(w->disabled, &of)) {
        return RT_REASON_DISABLED;
    }

    reason = RT_REASON_OK;

    if (w->mcf->scim) {
        reason = ngx_http_rtauth_scim_verdict(w->mcf, identity);
        (void) ngx_http_rtauth_scim_key(w->mcf->scim, identity, key,
                                        &of.pushed);
    }

    /* a provider that has disabled him has revoked what he had, too */

    return reason != RT_REASON_DISABLED && ngx_http_rtauth_revoked(w->zone, &of)
           ? RT_REASON_REVOKED : reason;
}


static void
ngx_http_rtauth_ended_whose(ngx_http_rtauth_identity_t *identity,
    ngx_http_rtauth_revoked_of_t *of, u_char *folded)
{
    ngx_str_t  email;

    ngx_memzero(of, sizeof(ngx_http_rtauth_revoked_of_t));

    of->issuer = identity->provider->issuer;
    of->sub = identity->sub;
    of->jti = ngx_http_rtauth_ended_text(identity, (rt_str_t) rt_string("jti"));

    of->issued = identity->issued;

    if (identity->session) {
        of->sid = identity->sid;
        of->id = identity->id;

    } else {
        of->sid = ngx_http_rtauth_ended_text(identity,
                                             (rt_str_t) rt_string("sid"));
    }

    email = ngx_http_rtauth_ended_text(identity,
                                       (rt_str_t) rt_string("email"));

    /*
     * Nobody can have listed a longer one.  Whether it is verified is not asked
     * here: who is refused for another's address has only claimed it himself.
     */

    if (email.len && email.len <= RT_DISABLED_MAX_VALUE) {
        of->email.data = folded;
        of->email.len = rt_fold(folded, ngx_rt_str(&email));
    }
}


static ngx_str_t
ngx_http_rtauth_ended_text(ngx_http_rtauth_identity_t *identity, rt_str_t name)
{
    rt_json_t  *v;
    ngx_str_t   text;

    v = rt_json_get(identity->claims, &name);

    if (v && v->type == RT_JSON_STRING) {
        return ngx_rt_str_copy(&v->str);
    }

    ngx_str_null(&text);

    return text;
}


/*
 * Without "max_lifetime" nobody says how long: then for longer than anybody
 * would issue one for.  rtauth_scim bounds the tokens of its users itself, but
 * none that a provider is asked about.
 */

time_t
ngx_http_rtauth_tokens_live(ngx_http_rtauth_main_conf_t *mcf,
    ngx_uint_t pushed)
{
    time_t                             longest, most;
    ngx_uint_t                         i;
    ngx_http_rtauth_provider_t       **p;
    ngx_http_rtauth_provider_conf_t   *pcf;

    longest = 0;
    p = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {
        pcf = p[i]->conf;

        if (pushed && !ngx_http_rtauth_scim_of(mcf->scim, p[i])) {
            continue;
        }

        most = pushed ? (time_t) pcf->policy.max_lifetime : pcf->max_lifetime;

        if (most == 0) {
            return NGX_HTTP_RTAUTH_REVOKED_EVER;
        }

        longest = ngx_max(longest, most + 2 * pcf->leeway);
    }

    return longest;
}
