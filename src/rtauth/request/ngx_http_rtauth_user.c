
/*
 * A verified user, as others are told of him.
 */


#include "request/ngx_http_rtauth_user.h"
#include "request/ngx_http_rtauth_pushed.h"
#include "request/ngx_http_rtauth_timed.h"
#include "policy/ngx_http_rtauth_member.h"
#include "event/rt_event_packed.h"
#include "jose/rt_claims.h"
#include "json/rt_jsonw.h"


/* of what a refused token says of groups: one more than an event shows */

#define NGX_HTTP_RTAUTH_CLAIMED  65         /* values */
#define NGX_HTTP_RTAUTH_CLAIM    256        /* bytes of each, as written */

/* of a line about a group beside its name and reason: until, JSON */

#define NGX_HTTP_RTAUTH_ENDS     64


/* what is told of a user, in either form */

typedef struct {
    const rt_str_t              *text[NGX_HTTP_RTAUTH_MEMBERS];
                                             /* claims before what was pushed;
                                                NULL: left out */
    ngx_http_rtauth_pushed_t     pushed;
    rt_groups_t                  set;        /* his groups, */
    const rt_str_t              *value[NGX_HTTP_RTAUTH_CLAIMED];
                                             /*   and what his token names */
    ngx_int_t                    claimed;    /* so many; or NGX_DECLINED */
} ngx_http_rtauth_told_t;


static void ngx_http_rtauth_user_nameless(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity);
static ngx_int_t ngx_http_rtauth_user_claimed(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, const rt_str_t **value);
static size_t ngx_http_rtauth_user_groups_room(rt_policy_t *policy,
    rt_groups_t *set);
static void ngx_http_rtauth_user_groups_write(rt_jsonw_t *w,
    rt_policy_t *policy, rt_groups_t *set);
static ngx_int_t ngx_http_rtauth_user_read(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_http_rtauth_told_t *told);
static rt_str_t ngx_http_rtauth_user_decision(ngx_http_rtauth_pass_t *pass);
static rt_str_t ngx_http_rtauth_user_word(ngx_uint_t status);
static rt_str_t ngx_http_rtauth_user_action(ngx_http_rtauth_pass_t *pass);
static ngx_int_t ngx_http_rtauth_user_open(ngx_http_request_t *r,
    rt_jsonw_t *w, size_t size, int bracket);
static ngx_int_t ngx_http_rtauth_user_close(rt_jsonw_t *w, int bracket,
    ngx_str_t *json);


/* a provider that never says email_verified leaves all of its users nameless */

static void
ngx_http_rtauth_user_nameless(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity)
{
    ngx_http_rtauth_loc_conf_t   *rlcf;
    ngx_http_rtauth_main_conf_t  *mcf;

    if (rt_json_member(identity->claims, "email_verified")) {
        return;
    }

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);
    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    ngx_rt_once(mcf->once, &rlcf->names, r,
                "rtauth: $rtauth_user is empty, for tokens of provider \"%V\" "
                "have an \"email\" and no \"email_verified\", which counts "
                "with several providers: let it be in them, or write "
                "\"user_claim\" with another claim",
                &identity->provider->name);
}


ngx_int_t
ngx_http_rtauth_user_name(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_str_t *name)
{
    rt_mem_t    mem;
    rt_json_t  *value;

    ngx_str_null(name);

    value = rt_json_path(identity->claims,
                         ngx_rt_str(&identity->provider->user_claim));

    if (value == NULL || value->type != RT_JSON_STRING) {
        return NGX_OK;
    }

    /* the email, in whatever way its path is written */

    if (value == rt_json_member(identity->claims, "email")
        && !identity->owns_email)
    {
        ngx_http_rtauth_user_nameless(r, identity);
        return NGX_OK;
    }

    mem = ngx_rt_str_mem(r->pool);

    return rt_claims_text(&mem, value, ngx_rt_str(name)) == RT_OK
           ? NGX_OK : NGX_ERROR;
}


ngx_int_t
ngx_http_rtauth_user_groups(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_str_t *json)
{
    rt_jsonw_t                    w;
    rt_groups_t                   set;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);
    set = ngx_http_rtauth_groups(r, identity);

    if (ngx_http_rtauth_user_open(r, &w,
            ngx_http_rtauth_user_groups_room(&mcf->policy, &set), '[')
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_rtauth_user_groups_write(&w, &mcf->policy, &set);

    return ngx_http_rtauth_user_close(&w, ']', json);
}


static size_t
ngx_http_rtauth_user_groups_room(rt_policy_t *policy, rt_groups_t *set)
{
    size_t       len;
    rt_group_t  *group;

    len = sizeof("[]");

    for (group = policy->groups; group; group = group->next) {
        if (rt_groups_has(set, group->index)) {
            len += ngx_http_rtauth_quoted(&group->name);
        }
    }

    return len;
}


static void
ngx_http_rtauth_user_groups_write(rt_jsonw_t *w, rt_policy_t *policy,
    rt_groups_t *set)
{
    rt_group_t  *group;

    for (group = policy->groups; group; group = group->next) {
        if (rt_groups_has(set, group->index)) {
            rt_jsonw_str(w, &group->name);
        }
    }
}


ngx_int_t
ngx_http_rtauth_user_list(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_str_t *list)
{
    u_char                       *p;
    size_t                        len;
    rt_group_t                   *group;
    rt_groups_t                   set;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    len = 0;
    ngx_str_null(list);
    set = ngx_http_rtauth_groups(r, identity);

    for (group = mcf->policy.groups; group; group = group->next) {
        if (rt_groups_has(&set, group->index)) {
            len += group->name.len + 1;
        }
    }

    if (len == 0) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    list->data = p;
    list->len = len - 1;

    for (group = mcf->policy.groups; group; group = group->next) {
        if (rt_groups_has(&set, group->index)) {
            p = ngx_sprintf(p, "%V,", ngx_rt_ngx(&group->name));
        }
    }

    return NGX_OK;
}


/*
 * What the claims of a user who is refused say of his groups, beside what the
 * configuration makes of them. ret: how many values, NGX_DECLINED for who is
 * let in.
 */

static ngx_int_t
ngx_http_rtauth_user_claimed(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, const rt_str_t **value)
{
    ngx_http_rtauth_pass_t       *pass;
    ngx_http_rtauth_main_conf_t  *mcf;

    pass = ngx_http_rtauth_verdict(r);

    if (pass == NULL || pass->status == 0 || pass->overruled
        || pass->identity != identity)
    {
        return NGX_DECLINED;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    return rt_policy_claimed(&mcf->policy, identity->claims,
                             ngx_rt_str(&identity->provider->name), value,
                             NGX_HTTP_RTAUTH_CLAIMED);
}


ngx_int_t
ngx_http_rtauth_user_json(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_str_t *json)
{
    size_t                           len;
    ngx_int_t                        n;
    ngx_uint_t                       i;
    rt_jsonw_t                       w;
    ngx_http_rtauth_told_t           told;
    ngx_http_rtauth_main_conf_t     *mcf;
    const ngx_http_rtauth_member_t  *m;

    m = ngx_http_rtauth_members;
    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    if (ngx_http_rtauth_user_read(r, identity, &told) != NGX_OK) {
        return NGX_ERROR;
    }

    len = sizeof("{\"enabled\":false,\"groups\":,\"tokenGroups\":[]}")
          + ngx_http_rtauth_user_groups_room(&mcf->policy, &told.set);

    if (told.claimed > 0) {
        len += told.claimed * (NGX_HTTP_RTAUTH_CLAIM + sizeof("\"\","));
    }

    for (i = 0; i < NGX_HTTP_RTAUTH_MEMBERS; i++) {
        if (told.text[i]) {
            len += sizeof("\"\":,") + m[i].name.len
                   + ngx_http_rtauth_quoted(told.text[i]);
        }
    }

    if (ngx_http_rtauth_user_open(r, &w, len, '{') != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_HTTP_RTAUTH_MEMBERS; i++) {
        if (told.text[i]) {
            rt_jsonw_name(&w, (char *) m[i].name.data, m[i].name.len);
            rt_jsonw_str(&w, told.text[i]);
        }
    }

    if (told.pushed.known) {
        rt_jsonw_lit(&w, "enabled");
        rt_jsonw_bool(&w, told.pushed.enabled);
    }

    rt_jsonw_lit(&w, "groups");
    rt_jsonw_open(&w, '[');
    ngx_http_rtauth_user_groups_write(&w, &mcf->policy, &told.set);
    rt_jsonw_close(&w, ']');

    if (told.claimed != NGX_DECLINED) {
        rt_jsonw_lit(&w, "tokenGroups");
        rt_jsonw_open(&w, '[');

        for (n = 0; n < told.claimed; n++) {
            (void) rt_jsonw_str_cut(&w, told.value[n], NGX_HTTP_RTAUTH_CLAIM);
        }

        rt_jsonw_close(&w, ']');
    }

    return ngx_http_rtauth_user_close(&w, '}', json);
}


ngx_int_t
ngx_http_rtauth_user_packed(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_str_t *packed)
{
    u_char                          *p;
    size_t                           len;
    ngx_int_t                        n;
    ngx_uint_t                       i;
    rt_group_t                      *group;
    ngx_http_rtauth_told_t           told;
    ngx_http_rtauth_main_conf_t     *mcf;
    const ngx_http_rtauth_member_t  *m;

    m = ngx_http_rtauth_members;
    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    if (ngx_http_rtauth_user_read(r, identity, &told) != NGX_OK) {
        return NGX_ERROR;
    }

    len = 3 * RT_PACKED_HEAD;

    for (i = 0; i < NGX_HTTP_RTAUTH_MEMBERS; i++) {
        len += told.text[i] ? RT_PACKED_HEAD + told.text[i]->len : 0;
    }

    for (group = mcf->policy.groups; group; group = group->next) {
        if (rt_groups_has(&told.set, group->index)) {
            len += RT_PACKED_HEAD + group->name.len;
        }
    }

    for (n = 0; n < told.claimed; n++) {
        len += RT_PACKED_HEAD + told.value[n]->len;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    packed->data = p;

    for (i = 0; i < NGX_HTTP_RTAUTH_MEMBERS; i++) {
        if (told.text[i]) {
            p = rt_packed_put(p, RT_PACKED_TEXT, m[i].row, told.text[i]);
        }
    }

    if (told.pushed.known) {
        p = rt_packed_put(p, told.pushed.enabled ? RT_PACKED_TRUE
                                                 : RT_PACKED_FALSE,
                          RT_USER_ENABLED, NULL);
    }

    p = rt_packed_put(p, RT_PACKED_LIST, RT_USER_GROUPS, NULL);

    for (group = mcf->policy.groups; group; group = group->next) {
        if (rt_groups_has(&told.set, group->index)) {
            p = rt_packed_put(p, RT_PACKED_ITEM, RT_USER_GROUPS, &group->name);
        }
    }

    if (told.claimed != NGX_DECLINED) {
        p = rt_packed_put(p, RT_PACKED_LIST, RT_USER_TOKEN_GROUPS, NULL);
    }

    for (n = 0; n < told.claimed; n++) {
        p = rt_packed_put(p, RT_PACKED_ITEM, RT_USER_TOKEN_GROUPS,
                          told.value[n]);
    }

    packed->len = p - packed->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_user_read(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_http_rtauth_told_t *told)
{
    ngx_uint_t                    i, row;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    told->set = ngx_http_rtauth_groups(r, identity);
    told->claimed = ngx_http_rtauth_user_claimed(r, identity, told->value);
    told->pushed.known = 0;

    if (mcf->scim
        && ngx_http_rtauth_pushed(r, identity, &told->pushed) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_memcpy(told->text, identity->told, sizeof(told->text));

    if (!told->pushed.known) {
        return NGX_OK;
    }

    for (i = 0; i < NGX_HTTP_RTAUTH_MEMBERS; i++) {
        row = ngx_http_rtauth_members[i].row;

        if (told->text[i] == NULL && told->pushed.text[row].len) {
            told->text[i] = &told->pushed.text[row];
        }
    }

    return NGX_OK;
}


void
ngx_http_rtauth_user_event(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass,
    rt_str_t *value)
{
    const rt_group_t  *group;

    value[RT_RTAUTH_DECISION] = ngx_http_rtauth_user_decision(pass);
    value[RT_RTAUTH_REASON] = rt_reason(pass->reason)->name;
    value[RT_RTAUTH_ACTION] = ngx_http_rtauth_user_action(pass);

    if (pass->identity) {
        value[RT_RTAUTH_PROVIDER] =
            *ngx_rt_str(&pass->identity->provider->name);
    }

    group = ngx_http_rtauth_timed(r, pass);

    if (group) {
        value[RT_RTAUTH_GRANT] = group->name;
        value[RT_RTAUTH_GRANT_REASON] = group->reason;

        if (pass->status == 0 && !pass->ended) {
            value[RT_RTAUTH_ACTION] = (rt_str_t) rt_string("GRANT_USED");
        }
    }
}


ngx_int_t
ngx_http_rtauth_user_ends(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    u_char            *p;
    size_t             size;
    unsigned           i;
    rt_jsonw_t         w;
    const rt_group_t  *group;

    for (i = 0, size = 0; i < mcf->policy.ntimed; i++) {
        group = mcf->policy.timed[i];
        size += NGX_HTTP_RTAUTH_ENDS
                + ngx_http_rtauth_quoted(&group->name)
                + ngx_http_rtauth_quoted(&group->reason);
    }

    mcf->ends.data = ngx_pnalloc(cf->pool, size + 1);
    if (mcf->ends.data == NULL) {
        return NGX_ERROR;
    }

    p = mcf->ends.data;

    for (i = 0; i < mcf->policy.ntimed; i++) {
        group = mcf->policy.timed[i];

        if (group->until == INT64_MAX) {
            continue;
        }

        p = ngx_sprintf(p, "%L ", group->until);

        rt_jsonw_init(&w, p, mcf->ends.data + size - p);
        rt_jsonw_open(&w, '{');
        rt_jsonw_lit(&w, "grant");
        rt_jsonw_str(&w, &group->name);
        rt_jsonw_lit(&w, "grantReason");
        rt_jsonw_str(&w, &group->reason);
        rt_jsonw_close(&w, '}');

        p += rt_jsonw_len(&w);
        *p++ = LF;
    }

    mcf->ends.len = p - mcf->ends.data;

    return NGX_OK;
}


void
ngx_http_rtauth_user_deed(ngx_http_rtauth_deed_t *deed, rt_str_t *value)
{
    const rt_reason_t  *row;

    row = rt_reason(deed->reason);

    value[RT_RTAUTH_DECISION] =
        ngx_http_rtauth_user_word(deed->reason == RT_REASON_OK
                                  ? 0 : row->status);
    value[RT_RTAUTH_REASON] = row->name;
    value[RT_RTAUTH_REFERENCE] = *ngx_rt_str(&deed->reference);
    value[RT_RTAUTH_TARGET_KIND] = deed->kind;
    value[RT_RTAUTH_TARGET] = deed->target;
    value[RT_RTAUTH_KEY] = deed->key;
    value[RT_RTAUTH_CHANGED] = deed->changed;
    value[RT_RTAUTH_BEFORE] = deed->before;
    value[RT_RTAUTH_AFTER] = deed->after;
    value[RT_RTAUTH_ACTION] = *ngx_rt_str(&deed->action);

    if (deed->provider) {
        value[RT_RTAUTH_PROVIDER] = *ngx_rt_str(&deed->provider->name);
    }
}


ngx_int_t
ngx_http_rtauth_user_say(ngx_http_request_t *r, rt_str_t *value,
    ngx_str_t *json)
{
    size_t      len;
    ngx_uint_t  i;
    rt_jsonw_t  w;

    static const rt_str_t  name[RT_RTAUTH_N] = {
        rt_string("decision"), rt_string("reason"), rt_string("provider"),
        rt_string("reference"), rt_string("grant"), rt_string("grantReason"),
        rt_string("action"), rt_string("targetKind"), rt_string("target"),
        rt_string("keyId"), rt_string("changed"), rt_string("before"),
        rt_string("after")
    };

    len = sizeof("{}");

    for (i = 0; i < RT_RTAUTH_N; i++) {
        len += name[i].len + sizeof("\"\":")
               + ngx_http_rtauth_quoted(&value[i]);
    }

    if (ngx_http_rtauth_user_open(r, &w, len, '{') != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < RT_RTAUTH_N; i++) {
        if (value[i].len) {
            rt_jsonw_name(&w, (char *) name[i].data, name[i].len);
            rt_jsonw_str(&w, &value[i]);
        }
    }

    return ngx_http_rtauth_user_close(&w, '}', json);
}


ngx_int_t
ngx_http_rtauth_user_pack(ngx_http_request_t *r, rt_str_t *value,
    ngx_str_t *packed)
{
    u_char      *p;
    size_t       len;
    ngx_uint_t   i;

    len = RT_RTAUTH_N * RT_PACKED_HEAD;

    for (i = 0; i < RT_RTAUTH_N; i++) {
        len += value[i].len;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    packed->data = p;

    for (i = 0; i < RT_RTAUTH_N; i++) {
        if (value[i].len) {
            p = rt_packed_put(p, RT_PACKED_TEXT, i, &value[i]);
        }
    }

    packed->len = p - packed->data;

    return NGX_OK;
}


static rt_str_t
ngx_http_rtauth_user_decision(ngx_http_rtauth_pass_t *pass)
{
    return pass->ended ? (rt_str_t) rt_string("end")
                       : ngx_http_rtauth_user_word(pass->overruled
                                                   ? 0 : pass->status);
}


/* status 0: let in */

static rt_str_t
ngx_http_rtauth_user_word(ngx_uint_t status)
{
    if (status == 0) {
        return (rt_str_t) rt_string("allow");
    }

    if (status >= NGX_HTTP_INTERNAL_SERVER_ERROR) {
        return (rt_str_t) rt_string("error");
    }

    return (rt_str_t) rt_string("deny");
}


/* what the audit event's action becomes; empty: it stays what it is */

static rt_str_t
ngx_http_rtauth_user_action(ngx_http_rtauth_pass_t *pass)
{
    if (pass->ended) {
        return (rt_str_t) rt_string("ACCESS_ENDED");
    }

    if (!pass->overruled && pass->status
        && pass->reason == RT_REASON_SPOOFED)
    {
        return (rt_str_t) rt_string("SPOOF_BLOCKED");
    }

    if (!pass->overruled
        && (pass->status == NGX_HTTP_FORBIDDEN
            || (pass->status && pass->reason == RT_REASON_REQUIREMENT)))
    {
        return (rt_str_t) rt_string("ACCESS_DENIED");
    }

    if (!pass->overruled
        && pass->status == NGX_HTTP_UNAUTHORIZED
        && pass->reason != RT_REASON_ANONYMOUS)
    {
        return (rt_str_t) rt_string("TOKEN_REJECTED");
    }

    return (rt_str_t) rt_null_string;
}


/* what is written fits into size; close says so if it ever did not */

static ngx_int_t
ngx_http_rtauth_user_open(ngx_http_request_t *r, rt_jsonw_t *w, size_t size,
    int bracket)
{
    u_char  *p;

    p = ngx_pnalloc(r->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    rt_jsonw_init(w, p, size);
    rt_jsonw_open(w, bracket);

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_user_close(rt_jsonw_t *w, int bracket, ngx_str_t *json)
{
    rt_jsonw_close(w, bracket);

    json->data = w->start;
    json->len = rt_jsonw_len(w);

    return w->full ? NGX_ERROR : NGX_OK;
}
