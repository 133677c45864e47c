
#include "scim/rt_scim_serve.h"
#include "scim/rt_scim_change.h"
#include "scim/rt_scim_id.h"
#include "scim/rt_scim_list.h"
#include "scim/rt_scim_load.h"
#include "scim/rt_scim_show.h"
#include "scim/rt_scim_told.h"

#include <stdlib.h>


static const rt_scim_error_t *
set_location(rt_mem_t *mem, const rt_scim_request_t *request,
    const rt_scim_id_t *id, rt_str_t *location)
{
    unsigned char   *p;
    const rt_str_t  *place;

    place = &rt_scim_places[request->type];

    p = rt_alloc(mem, request->base.len + place->len + RT_UUID_LEN);
    if (p == NULL) {
        return &rt_scim_no_memory;
    }

    location->data = p;
    location->len = request->base.len + place->len + RT_UUID_LEN;

    memcpy(p, request->base.data, request->base.len);
    p += request->base.len;
    memcpy(p, place->data, place->len);
    rt_scim_id_text(id, p + place->len);

    return NULL;
}


static const rt_scim_error_t *
show(rt_mem_t *mem, const rt_scim_resource_t *res,
    const rt_scim_shown_t *shown, rt_str_t *text)
{
    size_t      room;
    rt_jsonw_t  w;

    room = rt_scim_show_room(res);

    text->data = rt_alloc(mem, room);
    if (text->data == NULL) {
        return &rt_scim_no_memory;
    }

    rt_jsonw_init(&w, text->data, room);
    rt_scim_show(&w, res, shown);
    text->len = rt_jsonw_len(&w);

    return w.full ? &rt_scim_no_memory : NULL;
}


/* Whether an id is in a sorted list. */

static int
is_in(const rt_str_t *text, const rt_scim_id_t *ids, uint32_t n)
{
    rt_scim_id_t  id;

    return n && rt_scim_id_read(text, &id) == RT_OK
           && bsearch(&id, ids, n, sizeof(rt_scim_id_t), rt_scim_id_compare)
              != NULL;
}


/* The members as they will be: first those who stay, then those who join. */

static const rt_scim_error_t *
changed_refs(const rt_scim_changing_t *c, rt_scim_resource_t *res)
{
    size_t           i, n;
    unsigned char   *p;
    rt_scim_ref_t   *refs;
    rt_scim_edit_t  *edit;

    edit = c->edit;

    if (c->node && rt_scim_load_refs(c->mem, c->db, c->node, &c->item, res)
                   != RT_OK)
    {
        return &rt_scim_no_memory;
    }

    refs = rt_alloc(c->mem,
                    (res->nrefs + edit->nadd + 1) * sizeof(rt_scim_ref_t));
    p = rt_alloc(c->mem, edit->nadd * RT_UUID_LEN + 1);

    if (refs == NULL || p == NULL) {
        return &rt_scim_no_memory;
    }

    for (i = 0, n = 0; i < res->nrefs; i++) {
        if (!is_in(&res->refs[i].id, edit->remove, edit->nremove)) {
            refs[n++] = res->refs[i];
        }
    }

    for (i = 0; i < edit->nadd; i++, p += RT_UUID_LEN) {
        rt_scim_id_text(&edit->add[i], p);
        refs[n].id.data = p;
        refs[n].id.len = RT_UUID_LEN;
        refs[n++].display = (rt_str_t) rt_null_string;
    }

    res->refs = refs;
    res->nrefs = n;

    return NULL;
}


/* A group that was patched is shown only if asked for (RFC 7644, 3.5.2). */

static const rt_scim_error_t *
show_changed(rt_scim_changing_t *c, const rt_scim_shown_t *shown)
{
    unsigned char             *id;
    rt_scim_item_t            *item;
    rt_scim_resource_t         res;
    const rt_scim_error_t     *error;
    const rt_scim_request_t   *request;

    request = c->request;
    item = c->edit->op == RT_SCIM_NOTHING ? &c->item : &c->edit->item;
    c->reply->version = item->version;

    error = set_location(c->mem, request, &item->id, &c->reply->location);
    if (error) {
        return error;
    }

    if (request->what == RT_SCIM_DO_PATCH && request->type == RT_SCIM_GROUP
        && request->attributes.len == 0)
    {
        c->reply->status = 204;
        return NULL;
    }

    memset(&res, 0, sizeof(rt_scim_resource_t));

    id = rt_alloc(c->mem, RT_UUID_LEN);
    if (id == NULL) {
        return &rt_scim_no_memory;
    }

    rt_scim_id_text(&item->id, id);

    res.type = request->type;
    res.root = c->change.root;
    res.id.data = id;
    res.id.len = RT_UUID_LEN;
    res.created = item->created;
    res.modified = item->modified;
    res.version = item->version;
    res.base = request->base;

    if (rt_scim_shown_refs(request->type, shown)) {
        error = changed_refs(c, &res);
        if (error) {
            return error;
        }
    }

    c->reply->status = c->node ? 200 : 201;

    return show(c->mem, &res, shown, &c->reply->text);
}


static const rt_scim_error_t *
serve_read(rt_scim_changing_t *c, const rt_scim_shown_t *shown)
{
    const rt_scim_error_t  *error;

    c->reply->version = c->item.version;

    error = set_location(c->mem, c->request, &c->item.id,
                         &c->reply->location);
    if (error) {
        return error;
    }

    if (c->request->if_none_match.len
        && rt_scim_etag_match(&c->request->if_none_match, c->item.version))
    {
        c->reply->status = 304;
        return NULL;
    }

    c->res.base = c->request->base;

    if (rt_scim_shown_refs(c->request->type, shown)
        && rt_scim_load_refs(c->mem, c->db, c->node, &c->item, &c->res)
           != RT_OK)
    {
        return &rt_scim_no_memory;
    }

    c->reply->status = 200;

    return show(c->mem, &c->res, shown, &c->reply->text);
}


/* Loads a resource, and holds its version against If-Match, If-None-Match. */

static const rt_scim_error_t *
find(rt_scim_changing_t *c)
{
    rt_scim_id_t              id;
    const rt_scim_request_t  *request;

    request = c->request;

    c->node = rt_scim_id_read(&request->id, &id) == RT_OK
              ? rt_scim_db_find(c->db, request->type, &id) : 0;

    if (c->node == 0) {
        return &rt_scim_not_found;
    }

    if (rt_scim_load(c->mem, c->db, c->node, 0, &c->item, &c->res) != RT_OK) {
        return &rt_scim_no_memory;
    }

    if ((request->if_match.len
         && !rt_scim_etag_match(&request->if_match, c->item.version))
        || (request->what != RT_SCIM_DO_READ && request->if_none_match.len
            && rt_scim_etag_match(&request->if_none_match, c->item.version)))
    {
        return &rt_scim_precondition;
    }

    return NULL;
}


static const rt_scim_error_t *
serve(rt_scim_changing_t *c)
{
    rt_scim_shown_t         shown;
    const rt_scim_error_t  *error;

    error = rt_scim_shown(c->request->type, &c->request->attributes,
                          &c->request->excluded, &shown);

    if (error == NULL && c->request->what != RT_SCIM_DO_CREATE) {
        error = find(c);
    }

    if (error) {
        return error;
    }

    switch (c->request->what) {

    case RT_SCIM_DO_READ:
        return serve_read(c, &shown);

    case RT_SCIM_DO_DELETE:
        c->reply->status = 204;
        rt_scim_remove(c);

        return rt_scim_tell(c);

    default:
        error = rt_scim_change(c);

        if (error == NULL) {
            error = rt_scim_tell(c);
        }

        return error ? error : show_changed(c, &shown);
    }
}


void
rt_scim_serve(rt_mem_t *mem, const rt_scim_db_t *db,
    const rt_scim_request_t *request, const rt_scim_moment_t *moment,
    rt_scim_edit_t *edit, rt_scim_reply_t *reply)
{
    rt_scim_changing_t  c;

    memset(reply, 0, sizeof(rt_scim_reply_t));

    if (request->what == RT_SCIM_DO_LIST) {
        reply->error = rt_scim_list(mem, db, request, reply);
        return;
    }

    if (request->what == RT_SCIM_DO_SEARCH) {
        reply->error = rt_scim_search(mem, db, request, reply);
        return;
    }

    memset(&c, 0, sizeof(rt_scim_changing_t));

    c.mem = mem;
    c.db = db;
    c.request = request;
    c.moment = moment;
    c.edit = edit;
    c.reply = reply;

    reply->error = serve(&c);

    if (reply->error) {
        memset(edit, 0, sizeof(rt_scim_edit_t));
        memset(&reply->told, 0, sizeof(rt_scim_told_t));
    }
}
