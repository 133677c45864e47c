
#include "scim/rt_scim_told.h"
#include "scim/rt_scim_id.h"
#include "scim/rt_scim_out.h"


static void
join(rt_str_t *text, const char *before, const void *word, size_t len)
{
    size_t  n;

    n = strlen(before);

    memcpy(text->data + text->len, before, n);
    memcpy(text->data + text->len + n, word, len);
    text->len += n + len;
}


/* Adds whole words to a text of RT_SCIM_MAX_TOLD bytes, while they fit. */

static void
put(rt_str_t *text, const char *before, const void *word, size_t len)
{
    if (text->len + strlen(before) + len <= RT_SCIM_MAX_TOLD) {
        join(text, before, word, len);
    }
}


/* Names what one tree has that the other lacks or has with another value. */

static void
put_changed(rt_str_t *text, const rt_json_t *in, const rt_json_t *other,
    int both)
{
    const rt_json_t  *v, *w;

    for (v = in ? in->child : NULL; v; v = v->next) {
        w = rt_json_get(other, &v->key);

        if (w == NULL || (both && !rt_scim_same(v, w))) {
            put(text, text->len ? "," : "", v->key.data, v->key.len);
        }
    }
}


/* Writes as many as fit into "most" bytes, then "+" and how many are left. */

static void
put_ids(rt_str_t *text, const char *name, const rt_scim_id_t *ids, uint32_t n,
    size_t most)
{
    uint32_t       i;
    unsigned char  id[RT_UUID_LEN], more[sizeof(",+4294967295")];

    for (i = 0; i < n; i++) {
        name = i ? "," : name;

        if (text->len + strlen(name) + RT_UUID_LEN + sizeof(more) > most) {
            more[0] = '+';
            join(text, name, more, 1 + rt_decimal(more + 1, n - i));
            return;
        }

        rt_scim_id_text(&ids[i], id);
        join(text, name, id, RT_UUID_LEN);
    }
}


static void
put_members(rt_str_t *text, uint32_t n)
{
    unsigned char  number[RT_DECIMAL];

    put(text, "members=", number, rt_decimal(number, n));
}


static const char *
action(const rt_scim_changing_t *c)
{
    int  user;

    user = (c->request->type == RT_SCIM_USER);

    if (c->edit->op == RT_SCIM_DELETE) {
        return user ? "USER_DELETED" : "GROUP_DELETED";
    }

    if (c->node == 0) {
        return user ? "USER_CREATED" : "GROUP_CREATED";
    }

    if (!user) {
        return "GROUP_CHANGED";
    }

    return c->item.active == c->edit->item.active ? "USER_UPDATED"
           : c->item.active ? "USER_DISABLED" : "USER_ENABLED";
}


static void
put_state(rt_str_t *text, rt_scim_type_e type, const rt_scim_item_t *item,
    uint32_t members)
{
    if (type == RT_SCIM_GROUP) {
        put_members(text, members);

    } else if (item->active) {
        put(text, "", "active=true", sizeof("active=true") - 1);

    } else {
        put(text, "", "active=false", sizeof("active=false") - 1);
    }
}


static void
out_name(const rt_scim_changing_t *c, rt_scim_told_t *told,
    const rt_str_t *name, uint64_t lost)
{
    rt_scim_out_t  *out;

    out = &told->names[told->nnames++];

    out->name = *name;
    out->when = rt_scim_another(c->db, c->request->link, name, c->node)
                ? lost : c->moment->now;
}


/*
 * Lists the names by which other hosts are told that a user is not let in.
 * They are told again when nothing has changed, in case one missed it before.
 * Names that the user had before count as long as they are kept.
 */

static const rt_scim_error_t *
set_out(const rt_scim_changing_t *c, rt_scim_told_t *told)
{
    rt_scim_item_t         had;
    rt_scim_node_t         n;
    const rt_str_t        *was;
    rt_scim_index_e        link;
    const rt_scim_item_t  *now;

    link = c->request->link;
    now = (c->edit->op == RT_SCIM_PUT) ? &c->edit->item : &c->item;

    told->out = c->request->type == RT_SCIM_USER
                && (c->edit->op == RT_SCIM_DELETE || !now->active);

    if (!told->out) {
        return NULL;
    }

    told->names = rt_alloc(c->mem, RT_SCIM_MAX_NAMES * sizeof(rt_scim_out_t));
    if (told->names == NULL) {
        return &rt_scim_no_memory;
    }

    if (now->key[link].len) {
        out_name(c, told, &now->key[link], c->moment->now);
    }

    was = &c->item.key[link];

    if (was->len && !rt_str_eq(was, &now->key[link])) {
        out_name(c, told, was, c->moment->now);
    }

    n = 0;

    while (c->node && (n = rt_scim_db_had(c->db, c->node, link, n)) != 0) {

        if (rt_scim_db_keys(c->db, n, c->mem, &had) != RT_OK) {
            return &rt_scim_no_memory;
        }

        if (told->nnames == RT_SCIM_MAX_NAMES) {
            told->more = 1;
            break;
        }

        out_name(c, told, &had.key[link], had.modified);
    }

    return NULL;
}


const rt_scim_error_t *
rt_scim_tell(rt_scim_changing_t *c)
{
    unsigned char          *p;
    rt_scim_edit_t         *edit;
    rt_scim_told_t         *told;
    const rt_json_t        *root;
    const rt_scim_error_t  *error;

    edit = c->edit;
    told = &c->reply->told;

    error = set_out(c, told);
    if (error) {
        return error;
    }

    if (edit->op == RT_SCIM_NOTHING) {
        return NULL;
    }

    p = rt_alloc(c->mem, 2 * RT_SCIM_MAX_TOLD + RT_SCIM_MAX_AFTER);
    if (p == NULL) {
        return &rt_scim_no_memory;
    }

    told->action = action(c);
    told->id = edit->item.id;
    told->changed.data = p;
    told->before.data = p + RT_SCIM_MAX_TOLD;
    told->after.data = p + 2 * RT_SCIM_MAX_TOLD;

    root = edit->op == RT_SCIM_PUT ? c->change.root : NULL;

    put_changed(&told->changed, c->res.root, root, 1);
    put_changed(&told->changed, root, c->res.root, 0);

    if (edit->nadd || edit->nremove) {
        put(&told->changed, told->changed.len ? "," : "", "members",
            sizeof("members") - 1);
    }

    if (c->node) {
        put_state(&told->before, c->request->type, &c->item, c->item.links);
    }

    if (edit->op == RT_SCIM_PUT) {
        put_state(&told->after, c->request->type, &edit->item,
                  c->item.links - edit->nremove + edit->nadd);
        put_ids(&told->after, " added=", edit->add, edit->nadd,
                edit->nremove ? RT_SCIM_MAX_AFTER / 2 : RT_SCIM_MAX_AFTER);
        put_ids(&told->after, " removed=", edit->remove, edit->nremove,
                RT_SCIM_MAX_AFTER);
    }

    return NULL;
}
