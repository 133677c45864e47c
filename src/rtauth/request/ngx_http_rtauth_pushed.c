
#include "request/ngx_http_rtauth_pushed.h"
#include "scim/ngx_http_rtauth_scim_effect.h"
#include "scim/rt_scim_resource.h"
#include "text/rt_time.h"


static ngx_int_t ngx_http_rtauth_pushed_time(ngx_pool_t *pool, uint64_t ms,
    rt_str_t *text);
static void ngx_http_rtauth_pushed_text(rt_json_t *root, char *path,
    rt_str_t *text);


ngx_int_t
ngx_http_rtauth_pushed(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_http_rtauth_pushed_t *pushed)
{
    rt_mem_t                      mem;
    ngx_int_t                     rc;
    rt_json_t                    *root;
    ngx_http_rtauth_scim_user_t   user;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    ngx_memzero(pushed, sizeof(ngx_http_rtauth_pushed_t));

    rc = ngx_http_rtauth_scim_record(mcf, identity, r->pool, &user);

    /* an event is not lost because users cannot be read */

    if (rc == NGX_ERROR) {
        return NGX_OK;
    }

    pushed->known = (rc == NGX_OK || user.is == RT_SCIM_IS_OFF
                     || user.is == RT_SCIM_IS_GONE);
    pushed->enabled = (rc == NGX_OK);

    if (rc != NGX_OK) {
        return NGX_OK;
    }

    mem = ngx_rt_str_mem(r->pool);

    if (rt_scim_read(&mem, &user.item.json, &root) != RT_OK) {
        return NGX_ERROR;
    }

    ngx_http_rtauth_pushed_text(root, "userName",
                                &pushed->text[RT_USER_USER_NAME]);
    ngx_http_rtauth_pushed_text(root, "name.givenName",
                                &pushed->text[RT_USER_FIRST_NAME]);
    ngx_http_rtauth_pushed_text(root, "name.familyName",
                                &pushed->text[RT_USER_LAST_NAME]);

    pushed->text[RT_USER_EMAIL] = user.item.key[RT_SCIM_EMAIL];

    return ngx_http_rtauth_pushed_time(r->pool, user.item.created,
                                       &pushed->text[RT_USER_CREATED_AT])
           == NGX_OK
           ? ngx_http_rtauth_pushed_time(r->pool, user.item.modified,
                                         &pushed->text[RT_USER_UPDATED_AT])
           : NGX_ERROR;
}


static ngx_int_t
ngx_http_rtauth_pushed_time(ngx_pool_t *pool, uint64_t ms, rt_str_t *text)
{
    text->data = ngx_pnalloc(pool, RT_TIME_ISO_LEN);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    rt_time_iso(ms, text->data);
    text->len = RT_TIME_ISO_LEN;

    return NGX_OK;
}


static void
ngx_http_rtauth_pushed_text(rt_json_t *root, char *path, rt_str_t *text)
{
    rt_str_t    name;
    rt_json_t  *value;

    name.data = (u_char *) path;
    name.len = ngx_strlen(path);

    value = rt_json_path(root, &name);

    if (value && value->type == RT_JSON_STRING) {
        *text = value->str;
    }
}
