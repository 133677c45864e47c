
#include "provision/ngx_http_rtauth_scim_conf.h"
#include "keys/ngx_http_rtauth_provider.h"
#include "keys/ngx_http_rtauth_revoked.h"
#include "provision/ngx_http_rtauth_scim.h"
#include "scim/ngx_http_rtauth_scim_effect.h"
#include "policy/ngx_http_rtauth_group_conf.h"
#include "keys/ngx_http_rtauth_ended.h"
#include "session/ngx_http_rtauth_session.h"
#include "ngx_rt_journal_place.h"
#include "ngx_rt_peer.h"
#include "ngx_rt_str.h"


#define NGX_HTTP_RTAUTH_SCIM_LIFETIME  (365 * 86400)    /* s: max_lifetime of
                                                           tokens, where the
                                                           provider has none */
#define NGX_HTTP_RTAUTH_SCIM_BUFFER    (RT_SCIM_MAX_BODY / 16 * 17)
                                                        /* bytes: a body with
                                                           the sizes of its
                                                           chunks */


static ngx_http_rtauth_scim_t *ngx_http_rtauth_scim_conf_main(ngx_conf_t *cf);
static char *ngx_http_rtauth_scim_conf_option(ngx_conf_t *cf,
    ngx_http_rtauth_scim_t *scim, ngx_str_t *value);
static char *ngx_http_rtauth_scim_conf_link(ngx_conf_t *cf,
    ngx_http_rtauth_scim_t *scim, ngx_str_t *value);
static char *ngx_http_rtauth_scim_conf_add(ngx_conf_t *cf,
    ngx_http_rtauth_scim_loc_t *slcf, ngx_http_rtauth_scim_t *said);
static char *ngx_http_rtauth_scim_conf_unused(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);
static time_t ngx_http_rtauth_scim_conf_keep(
    ngx_http_rtauth_main_conf_t *mcf);
static void ngx_http_rtauth_scim_conf_link_warn(ngx_conf_t *cf,
    ngx_http_rtauth_scim_t *scim);
static void ngx_http_rtauth_scim_conf_deny_warn(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);
static void ngx_http_rtauth_scim_conf_tls(ngx_conf_t *cf,
    ngx_http_rtauth_scim_loc_t *slcf);
static ngx_uint_t ngx_http_rtauth_scim_conf_plain(ngx_http_conf_addr_t *addr,
    ngx_http_core_srv_conf_t *server);


static ngx_conf_enum_t  ngx_http_rtauth_scim_conf_links[] = {
    { ngx_string("userName"), RT_SCIM_NAME },
    { ngx_string("externalId"), RT_SCIM_EXTERNAL },
    { ngx_string("email"), RT_SCIM_EMAIL },
    { ngx_null_string, 0 }
};


/* Made by whichever of the two directives stands first; NULL: memory is out. */

static ngx_http_rtauth_scim_t *
ngx_http_rtauth_scim_conf_main(ngx_conf_t *cf)
{
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    if (mcf->scim == NULL) {
        mcf->scim = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_scim_t));

        if (mcf->scim
            && ngx_array_init(&mcf->scim->places, cf->pool, 1, sizeof(void *))
               != NGX_OK)
        {
            mcf->scim = NULL;
        }
    }

    return mcf->scim;
}


char *
ngx_http_rtauth_scim_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ssize_t                            size;
    ngx_str_t                         *value;
    ngx_http_rtauth_scim_t            *scim;
    ngx_http_rtauth_scim_zone_conf_t  *store;

    scim = ngx_http_rtauth_scim_conf_main(cf);
    if (scim == NULL) {
        return NGX_CONF_ERROR;
    }

    store = &scim->conf;

    if (store->size) {
        return "is duplicate";
    }

    value = cf->args->elts;
    size = ngx_parse_size(&value[1]);

    if (size < NGX_HTTP_RTAUTH_SCIM_MIN) {
        return ngx_rt_conf_invalid(cf, "size", &value[1],
                                   "write at least \"%dk\", for example "
                                   "\"16m\"", NGX_HTTP_RTAUTH_SCIM_MIN / 1024);
    }

    if (ngx_strncmp(value[2].data, "state=", 6) != 0 || value[2].len == 6) {
        return ngx_rt_conf_invalid(cf, "value", &value[2],
                                   "write \"state=PATH\": a restart would "
                                   "forget who is disabled");
    }

    store->size = size;
    store->path.data = value[2].data + 6;
    store->path.len = value[2].len - 6;
    ngx_rt_conf_here(cf, &store->where);

    return ngx_conf_full_name(cf->cycle, &store->path, 1) == NGX_OK
           && ngx_http_rtauth_scim_zone_add(cf, store) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_rtauth_scim(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_str_t                    *value;
    ngx_uint_t                    i;
    ngx_http_rtauth_scim_t        said;
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_rtauth_scim_loc_t   *slcf;

    slcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_scim_loc_t));

    if (slcf == NULL || ngx_rt_conf_once(cf, "key=") != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&said, sizeof(ngx_http_rtauth_scim_t));
    ngx_rt_conf_here(cf, &slcf->where);

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if ((ngx_strncmp(value[i].data, "key=", 4) == 0
             ? ngx_http_rtauth_caller_conf(cf, &slcf->caller, &value[i])
             : ngx_http_rtauth_scim_conf_option(cf, &said, &value[i]))
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    if (slcf->caller.n == 0) {
        return ngx_rt_conf_invalid(cf, "number of keys", NULL,
                                   "write \"key=SECRET\", which the provider "
                                   "sends as bearer token");
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->exact_match || clcf->noname || clcf->named
#if (NGX_PCRE)
        || clcf->regex
#endif
       )
    {
        return "needs a location that is a prefix, such as \"/scim/v2/\"";
    }

    slcf->location = clcf;
    slcf->server = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);
    rlcf->scim = slcf;

    if (ngx_http_rtauth_scim_conf_add(cf, slcf, &said) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_rt_conf_handler(cf, ngx_http_rtauth_scim_handler);
}


static char *
ngx_http_rtauth_scim_conf_option(ngx_conf_t *cf, ngx_http_rtauth_scim_t *scim,
    ngx_str_t *value)
{
    if (ngx_strncmp(value->data, "provider=", 9) == 0) {
        scim->name.data = value->data + 9;
        scim->name.len = value->len - 9;
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(value->data, "link=", 5) == 0) {
        return ngx_http_rtauth_scim_conf_link(cf, scim, value);
    }

    if (ngx_strcmp(value->data, "unknown=refuse") == 0) {
        scim->refuse = 1;
        return NGX_CONF_OK;
    }

    if (ngx_strcmp(value->data, "unknown=allow") == 0) {
        return NGX_CONF_OK;
    }

    return ngx_rt_conf_invalid(cf, "value", value,
                               "write \"key=SECRET\", \"provider=NAME\", "
                               "\"unknown=allow\" or \"unknown=refuse\", or "
                               "\"link=userName\", \"link=externalId\" or "
                               "\"link=email\"");
}


/* link=ATTRIBUTE[:CLAIM] */

static char *
ngx_http_rtauth_scim_conf_link(ngx_conf_t *cf, ngx_http_rtauth_scim_t *scim,
    ngx_str_t *value)
{
    rt_str_t          link, name;
    ngx_conf_enum_t  *row;

    link.data = value->data + 5;
    link.len = value->len - 5;

    if (rt_str_cut(&link, ':', &name, &scim->claim)
        && (scim->claim.len == 0 || rt_json_path_check(&scim->claim) != RT_OK))
    {
        return ngx_rt_conf_invalid(cf, "value", value,
                                   "write the name of a claim behind the "
                                   "colon");
    }

    row = ngx_rt_conf_row(ngx_http_rtauth_scim_conf_links,
                          sizeof(ngx_conf_enum_t), ngx_rt_ngx(&name), 0);

    if (row == NULL) {
        return ngx_rt_conf_invalid(cf, "value", value,
                                   "write \"link=userName\", "
                                   "\"link=externalId\" or \"link=email\"");
    }

    scim->link = row->value;

    return NGX_CONF_OK;
}


/*
 * Adds an address.  All addresses write to one store, so that they have to say
 * the same of what it means.
 */

static char *
ngx_http_rtauth_scim_conf_add(ngx_conf_t *cf, ngx_http_rtauth_scim_loc_t *slcf,
    ngx_http_rtauth_scim_t *said)
{
    ngx_http_rtauth_scim_t       *scim;
    ngx_http_rtauth_scim_loc_t  **place;

    scim = ngx_http_rtauth_scim_conf_main(cf);
    if (scim == NULL) {
        return NGX_CONF_ERROR;
    }

    if (scim->places.nelts == 0) {
        scim->where = slcf->where;
        scim->name = said->name;
        scim->link = said->link;
        scim->claim = said->claim;
        scim->refuse = said->refuse;
    }

    if (scim->refuse != said->refuse || scim->link != said->link
        || !rt_str_eq(&scim->claim, &said->claim)
        || !rt_str_eq(ngx_rt_str(&scim->name), ngx_rt_str(&said->name)))
    {
        return ngx_rt_conf_invalid(cf, "values", NULL,
                                   "write the same \"provider=\", \"unknown=\" "
                                   "and \"link=\" as in %V:%ui: both have the "
                                   "same users", &scim->where.file,
                                   scim->where.line);
    }

    place = ngx_array_push(&scim->places);
    if (place == NULL) {
        return NGX_CONF_ERROR;
    }

    *place = slcf;

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_scim_check(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *conf)
{
    if (conf->scim == NULL) {
        return NGX_CONF_OK;
    }

    if (conf->providers) {
        return ngx_rt_conf_error(cf, &conf->scim->where,
                                 "the \"key=\" of \"rtauth_scim\" would be "
                                 "taken for a token: write \"rtauth off\" in "
                                 "its location");
    }

    /*
     * The limits that nginx has merged are for uploads.  A body in a file would
     * be written and read in the worker's loop, and would leave users' names on
     * the disk.
     */

    conf->scim->location->client_max_body_size = RT_SCIM_MAX_BODY;
    conf->scim->location->client_body_buffer_size = NGX_HTTP_RTAUTH_SCIM_BUFFER;
    conf->scim->location->client_body_in_file_only = 0;

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_scim_init(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    ngx_uint_t                    i;
    ngx_http_rtauth_scim_t       *scim;
    ngx_http_rtauth_scim_loc_t  **place;

    scim = mcf->scim;

    if (scim == NULL) {
        return ngx_http_rtauth_scim_conf_unused(cf, mcf);
    }

    if (scim->conf.size == 0) {
        return ngx_rt_conf_error(cf, &scim->where,
                                 "the users of \"rtauth_scim\" are kept "
                                 "nowhere: write \"rtauth_scim_zone SIZE "
                                 "state=PATH\" in http");
    }

    if (scim->places.nelts == 0) {
        return ngx_rt_conf_error(cf, &scim->conf.where,
                                 "nobody can be pushed into "
                                 "\"rtauth_scim_zone\": write "
                                 "\"rtauth_scim key=SECRET\" in a location");
    }

    if (rt_str_eq(ngx_rt_str(&scim->conf.path), ngx_rt_str(&mcf->state))) {
        return ngx_rt_conf_error(cf, &scim->conf.where,
                                 "\"%V\" is the file of \"rtauth_zone\", too: "
                                 "write another \"state=PATH\"",
                                 &scim->conf.path);
    }

    scim->conf.keep = ngx_http_rtauth_scim_conf_keep(mcf);
    scim->conf.link = scim->link;

    if (mcf->zone && mcf->redis.nelts) {
        scim->conf.fleet = 1;
        scim->conf.tells =
                       ngx_http_rtauth_revoked_tells(mcf->zone->shm.size);
    }

    ngx_http_rtauth_scim_conf_link_warn(cf, scim);
    ngx_http_rtauth_scim_conf_deny_warn(cf, mcf);

    if (ngx_rt_journal_none(&scim->conf.path)) {
        ngx_rt_conf_warn(cf, &scim->conf.where,
                         "\"%V\" is not there, and is made: nobody is known "
                         "who was disabled, until everybody has been pushed",
                         &scim->conf.path);
    }

    place = scim->places.elts;

    for (i = 0; i < scim->places.nelts; i++) {
        ngx_http_rtauth_scim_conf_tls(cf, place[i]);
    }

    return NGX_CONF_OK;
}


/* Refuses a scim_group to which nobody can be pushed. */

static char *
ngx_http_rtauth_scim_conf_unused(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf)
{
    rt_group_t  *group;

    for (group = mcf->policy.groups; group; group = group->next) {
        if (group->pushed) {
            return ngx_rt_conf_error(cf,
                                     ngx_http_rtauth_group_pushed(mcf, group),
                                     "nobody pushes the \"scim_group\" of "
                                     "group \"%V\": write "
                                     "\"rtauth_scim key=SECRET\" in a location",
                                     ngx_rt_ngx(&group->name));
        }
    }

    return NGX_CONF_OK;
}


/*
 * Finds the provider whose users are pushed: a user of another one may have the
 * same name.
 */

char *
ngx_http_rtauth_scim_whose(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    ngx_uint_t                    i;
    ngx_http_rtauth_scim_t       *scim;
    ngx_http_rtauth_provider_t  **p;

    scim = mcf->scim;
    p = mcf->providers.elts;

    if (scim == NULL || scim->places.nelts == 0) {
        return NGX_CONF_OK;
    }

    if (scim->name.len) {
        scim->provider = ngx_http_rtauth_provider_find(mcf, &scim->name);

    } else if (mcf->providers.nelts == 1) {
        scim->provider = p[0];
    }

    if (scim->provider) {

        /* a token must not be good for longer than its user's name is kept
           after he was deleted */

        for (i = 0; i < mcf->providers.nelts; i++) {

            if (ngx_http_rtauth_scim_of(scim, p[i])
                && p[i]->conf->policy.max_lifetime == 0)
            {
                p[i]->conf->policy.max_lifetime =
                                                 NGX_HTTP_RTAUTH_SCIM_LIFETIME;
            }
        }

        return NGX_CONF_OK;
    }

    if (scim->name.len) {
        return ngx_rt_conf_error(cf, &scim->where,
                                 "unknown provider \"%V\" in \"rtauth_scim\"",
                                 &scim->name);
    }

    return ngx_rt_conf_error(cf, &scim->where,
                             "\"rtauth_scim\" does not say whose users are "
                             "pushed: write \"provider=NAME\"");
}


/* How long a token or session of one of these users may be good, at most. */

static time_t
ngx_http_rtauth_scim_conf_keep(ngx_http_rtauth_main_conf_t *mcf)
{
    time_t  tokens, sessions;

    tokens = ngx_http_rtauth_tokens_live(mcf, 1);
    sessions = ngx_http_rtauth_sessions_live(mcf);

    return ngx_max(tokens, sessions);
}


/* A user who can change his email at the provider is taken for another one. */

static void
ngx_http_rtauth_scim_conf_link_warn(ngx_conf_t *cf,
    ngx_http_rtauth_scim_t *scim)
{
    rt_str_t  claim;

    claim = ngx_http_rtauth_scim_claim(scim);

    if (!scim->refuse
        && (scim->link == RT_SCIM_EMAIL || rt_str_lit(&claim, "email")
            || rt_str_lit(&claim, "/email")))
    {
        ngx_rt_conf_warn(cf, &scim->where,
                         "a disabled user whose token has another email, or "
                         "none, is let in by \"rtauth_scim\": write "
                         "\"link=externalId:CLAIM\" of a claim that stays, or "
                         "\"unknown=refuse\"");
    }
}


/*
 * Warns of a pushed group that denies something.  A member whose token does not
 * link him any more is in no pushed group, and so is denied nothing by it.
 */

static void
ngx_http_rtauth_scim_conf_deny_warn(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf)
{
    rt_group_t  *group;

    for (group = mcf->policy.groups; group; group = group->next) {

        if (group->pushed && group->denies && !mcf->scim->refuse) {
            ngx_rt_conf_warn(cf, ngx_http_rtauth_group_pushed(mcf, group),
                             "group \"%V\" denies nothing to a member whose "
                             "token does not link him, after he was renamed "
                             "for one: write \"unknown=refuse\" in "
                             "\"rtauth_scim\"",
                             ngx_rt_ngx(&group->name));
        }
    }
}


static void
ngx_http_rtauth_scim_conf_tls(ngx_conf_t *cf, ngx_http_rtauth_scim_loc_t *slcf)
{
    ngx_uint_t                  i, j;
    ngx_http_conf_port_t       *port;
    ngx_http_conf_addr_t       *addr;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    if (cmcf->ports == NULL) {
        return;
    }

    port = cmcf->ports->elts;

    for (i = 0; i < cmcf->ports->nelts; i++) {
        addr = port[i].addrs.elts;

        for (j = 0; j < port[i].addrs.nelts; j++) {

            if (ngx_http_rtauth_scim_conf_plain(&addr[j], slcf->server)) {
                ngx_rt_conf_warn(cf, &slcf->where,
                                 "the key of \"rtauth_scim\" comes over plain "
                                 "http on \"%V\": let its server \"listen\" "
                                 "with \"ssl\", or on this machine alone, "
                                 "behind what ends TLS",
                                 &addr[j].opt.addr_text);
                return;
            }
        }
    }
}


/* ret: 1 if the server answers other machines at this address without TLS */

static ngx_uint_t
ngx_http_rtauth_scim_conf_plain(ngx_http_conf_addr_t *addr,
    ngx_http_core_srv_conf_t *server)
{
    ngx_uint_t                  i;
    ngx_addr_t                  at;
    ngx_http_core_srv_conf_t  **cscf;

    at.sockaddr = addr->opt.sockaddr;
    at.socklen = addr->opt.socklen;

    if (at.sockaddr->sa_family == AF_UNIX || ngx_rt_peer_loopback(&at, 1)) {
        return 0;
    }

#if (NGX_HTTP_SSL)

    if (addr->opt.ssl) {
        return 0;
    }

#endif

#if (NGX_HTTP_V3)

    if (addr->opt.quic) {
        return 0;
    }

#endif

    cscf = addr->servers.elts;

    for (i = 0; i < addr->servers.nelts; i++) {
        if (cscf[i] == server) {
            return 1;
        }
    }

    return 0;
}
