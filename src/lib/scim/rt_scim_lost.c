
#include "scim/rt_scim_db.h"
#include "scim/rt_scim_id.h"
#include "scim/rt_scim_lost.h"
#include "scim/rt_scim_node.h"


void
rt_scim_lost_init(rt_scim_lost_t *lost, const rt_scim_db_t *db, uint32_t n)
{
    uint64_t               created;
    const rt_scim_cell_t  *cell;

    cell = rt_scim_cell(db, n);
    lost->i = RT_SCIM_KEYS;

    if (cell->kind == RT_SCIM_USER && !cell->gone && !db->filling) {
        rt_scim_bytes_head(db, cell, &lost->r, lost->len, &created);
        lost->i = 0;
    }
}


int
rt_scim_lost_next(rt_scim_lost_t *lost, const rt_scim_db_t *db,
    const rt_scim_item_t *item)
{
    while (lost->i < RT_SCIM_KEYS) {
        lost->key = lost->i++;
        lost->was.data = lost->text;
        lost->was.len = lost->len[lost->key];
        rt_scim_bytes_read(db, &lost->r, lost->text, lost->was.len);

        if (lost->was.len && !rt_str_eq(&lost->was, &item->key[lost->key])) {
            return 1;
        }
    }

    return 0;
}


/*
 * Finds the node which says that a key was a user's.
 * out:  *id, the id of that node, found or not.  It is made from the user's id
 *       and the key, so that an edit which is made again makes it again.  Where
 *       another node has that id already, the next number is taken.
 * ret:  0: there is no such node
 */

static uint32_t
lost_node(const rt_scim_db_t *db, const rt_scim_id_t *user, unsigned key,
    const rt_str_t *was, rt_scim_id_t *id)
{
    uint32_t       n;
    uint64_t       hash, half;
    unsigned char  which;

    which = (unsigned char) key;
    hash = rt_scim_hash(14695981039346656037u, &which, 1);
    hash = rt_scim_hash(hash, was->data, was->len);

    *id = *user;

    do {
        memcpy(&half, user->data + sizeof(hash), sizeof(half));
        half ^= hash++;
        memcpy(id->data + sizeof(hash), &half, sizeof(half));

        n = rt_scim_node_find(db, RT_SCIM_USER, id);

    } while (n && (!rt_scim_cell(db, n)->gone
                   || !rt_scim_bytes_are(db, rt_scim_cell(db, n), key, was)));

    return n;
}


/* Makes the gone node of a key that a user has lost. */

static void
lose(rt_scim_db_t *db, const rt_scim_item_t *user, unsigned key,
    const rt_str_t *was)
{
    uint32_t        n;
    unsigned char   text[RT_UUID_LEN];
    rt_scim_item_t  item;

    memset(&item, 0, sizeof(rt_scim_item_t));

    rt_scim_id_text(&user->id, text);

    item.kind = RT_SCIM_USER;
    item.key[key] = *was;
    item.json.data = text;
    item.json.len = RT_UUID_LEN;
    item.created = user->modified;
    item.modified = user->modified;
    item.version = user->version;
    item.gone = 1;

    n = lost_node(db, &user->id, key, was, &item.id);

    if (n) {
        rt_scim_node_unmake(db, n);
    }

    n = rt_scim_node_make(db, &item);
    rt_scim_node_set(db, n, &item);
    rt_scim_node_enlist(db, n);
}


void
rt_scim_lost_make(rt_scim_db_t *db, uint32_t n, const rt_scim_item_t *item)
{
    rt_scim_lost_t  lost;

    rt_scim_lost_init(&lost, db, n);

    while (rt_scim_lost_next(&lost, db, item)) {
        lose(db, item, lost.key, &lost.was);
    }
}


void
rt_scim_lost_regain(rt_scim_db_t *db, const rt_scim_item_t *item)
{
    uint32_t      n;
    unsigned      i;
    rt_scim_id_t  id;

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        n = lost_node(db, &item->id, i, &item->key[i], &id);

        if (n && item->key[i].len) {
            rt_scim_node_unmake(db, n);
        }
    }
}


/* All keys of a user who was deleted: his node has nothing else. */

typedef struct {
    uint16_t       len[RT_SCIM_KEYS];
    size_t         size;
    unsigned char  text[RT_SCIM_KEYS * RT_SCIM_MAX_KEY];
} keys_t;


static void
keys_of(const rt_scim_db_t *db, const rt_scim_cell_t *cell, keys_t *keys)
{
    uint64_t          created;
    rt_scim_reader_t  r;

    rt_scim_bytes_head(db, cell, &r, keys->len, &created);

    keys->size = cell->len - RT_SCIM_HEAD;
    rt_scim_bytes_read(db, &r, keys->text, keys->size);
}


static int
lost_any(const rt_scim_db_t *db, uint32_t n)
{
    unsigned  i;

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        if (rt_scim_db_had(db, n, i, 0)) {
            return 1;
        }
    }

    return 0;
}


void
rt_scim_lost_supersede(rt_scim_db_t *db, uint32_t last)
{
    keys_t           mine, other;
    uint32_t         n, next;
    rt_str_t         name;
    rt_scim_cell_t  *cell;

    keys_of(db, rt_scim_cell(db, last), &mine);

    name.data = mine.text;
    name.len = mine.len[RT_SCIM_NAME];

    n = rt_scim_node_key(db, RT_SCIM_GONE, RT_SCIM_NAME, &name, 0);

    for ( /* void */ ; n; n = next) {
        next = rt_scim_node_key(db, RT_SCIM_GONE, RT_SCIM_NAME, &name, n);
        cell = rt_scim_cell(db, n);

        if (n == last || cell->len != RT_SCIM_HEAD + mine.size) {
            continue;
        }

        keys_of(db, cell, &other);

        if (memcmp(other.len, mine.len, sizeof(mine.len)) == 0
            && memcmp(other.text, mine.text, mine.size) == 0
            && !lost_any(db, n))
        {
            rt_scim_node_unmake(db, n);
        }
    }
}
