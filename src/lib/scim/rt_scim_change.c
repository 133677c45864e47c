
#include "scim/rt_scim_change.h"
#include "scim/rt_scim_id.h"
#include "scim/rt_scim_out.h"
#include "scim/rt_scim_patch.h"

#include <stdlib.h>


/*
 * Texts that are no ids of ours name nobody and are left out.  The texts are
 * sorted by bytes, and so are the ids read from them.
 */

static rt_scim_id_t *
read_ids(rt_mem_t *mem, const rt_str_t *text, size_t n, size_t *count)
{
    size_t         i;
    rt_scim_id_t  *ids;

    *count = 0;

    ids = rt_alloc(mem, (n + 1) * sizeof(rt_scim_id_t));
    if (ids == NULL) {
        return NULL;
    }

    for (i = 0; i < n; i++) {
        *count += (rt_scim_id_read(&text[i], &ids[*count]) == RT_OK);
    }

    return ids;
}


/* Keeps the ids of users who are, or are not, members of the group. */

static uint32_t
keep(const rt_scim_changing_t *c, rt_scim_id_t *ids, size_t n, int members)
{
    size_t          i;
    uint32_t        kept;
    rt_scim_node_t  user;

    for (i = 0, kept = 0; i < n; i++) {
        user = rt_scim_db_find(c->db, RT_SCIM_USER, &ids[i]);

        if (user
            && (c->node && rt_scim_db_member(c->db, user, c->node)) == members)
        {
            ids[kept++] = ids[i];
        }
    }

    return kept;
}


/* Finds who leaves a group that is to have these members and nobody else. */

static const rt_scim_error_t *
remove_others(rt_scim_changing_t *c, const rt_scim_id_t *stay, size_t nstay)
{
    rt_scim_item_t    item;
    rt_scim_node_t    user;
    rt_scim_edit_t   *edit;
    rt_scim_cursor_t  cursor;

    edit = c->edit;
    memset(&cursor, 0, sizeof(rt_scim_cursor_t));

    edit->remove = rt_alloc(c->mem,
                            (c->item.links + 1) * sizeof(rt_scim_id_t));
    if (edit->remove == NULL) {
        return &rt_scim_no_memory;
    }

    while (edit->nremove < c->item.links
           && (user = rt_scim_db_link(c->db, c->node, &cursor)) != 0)
    {
        if (rt_scim_db_item(c->db, user, NULL, &item) != RT_OK) {
            return &rt_scim_no_memory;
        }

        if (bsearch(&item.id, stay, nstay, sizeof(rt_scim_id_t),
                    rt_scim_id_compare)
            == NULL)
        {
            edit->remove[edit->nremove++] = item.id;
        }
    }

    qsort(edit->remove, edit->nremove, sizeof(rt_scim_id_t),
          rt_scim_id_compare);

    return NULL;
}


static const rt_scim_error_t *
edit_members(rt_scim_changing_t *c)
{
    size_t                    n;
    rt_scim_edit_t           *edit;
    const rt_scim_error_t    *error;
    const rt_scim_members_t  *m;

    edit = c->edit;
    m = &c->change.members;

    edit->add = read_ids(c->mem, m->added, m->nadded, &n);
    if (edit->add == NULL) {
        return &rt_scim_no_memory;
    }

    if (m->all && c->node) {
        error = remove_others(c, edit->add, n);
        if (error) {
            return error;
        }
    }

    edit->nadd = keep(c, edit->add, n, 0);

    if (m->nremoved && c->node) {
        edit->remove = read_ids(c->mem, m->removed, m->nremoved, &n);
        if (edit->remove == NULL) {
            return &rt_scim_no_memory;
        }

        edit->nremove = keep(c, edit->remove, n, 1);
    }

    return NULL;
}


/* No two users have one userName, in whatever case it is written. */

static int
taken(const rt_scim_changing_t *c)
{
    return rt_scim_another(c->db, RT_SCIM_NAME, &c->change.key[RT_SCIM_NAME],
                           c->node);
}


static const rt_scim_error_t *
read_change(rt_scim_changing_t *c)
{
    rt_json_t              *body;
    const rt_scim_error_t  *error;

    error = rt_scim_body(c->mem, &c->request->body, &body);
    if (error) {
        return error;
    }

    return c->request->what == RT_SCIM_DO_PATCH
           ? rt_scim_patch(c->mem, c->request->type, c->res.root, body,
                           &c->change)
           : rt_scim_create(c->mem, c->request->type, body, c->res.root,
                            &c->change);
}


static void
edit_item(rt_scim_changing_t *c)
{
    rt_scim_item_t  *item;

    c->edit->op = RT_SCIM_PUT;
    item = &c->edit->item;

    item->kind = c->request->type;
    item->id = c->node ? c->item.id : c->moment->fresh;
    item->json = c->change.text;
    item->created = c->node ? c->item.created : c->moment->now;
    item->modified = c->moment->now;
    item->version = c->moment->version;
    item->active = c->change.active;

    memcpy(item->key, c->change.key, sizeof(item->key));
}


const rt_scim_error_t *
rt_scim_change(rt_scim_changing_t *c)
{
    const rt_scim_error_t  *error;

    error = read_change(c);
    if (error) {
        return error;
    }

    if (c->request->type == RT_SCIM_USER) {

        if (taken(c)) {
            return &rt_scim_uniqueness;
        }

    } else {
        error = edit_members(c);
        if (error) {
            return error;
        }
    }

    if (c->node && c->edit->nadd == 0 && c->edit->nremove == 0
        && rt_str_eq(&c->change.text, &c->item.json))
    {
        c->edit->item.kind = c->item.kind;
        c->edit->item.id = c->item.id;

        return NULL;
    }

    edit_item(c);

    return NULL;
}


void
rt_scim_remove(rt_scim_changing_t *c)
{
    c->edit->op = RT_SCIM_DELETE;
    c->edit->item.kind = c->item.kind;
    c->edit->item.id = c->item.id;
    c->edit->item.modified = c->moment->now;
}
