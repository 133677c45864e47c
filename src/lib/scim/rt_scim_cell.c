
#include "scim/rt_scim_cell.h"


uint32_t
rt_scim_block_alloc(rt_scim_db_t *db)
{
    uint32_t  n;

    n = db->free;

    if (n) {
        db->free = db->blocks[n].next;

    } else if (db->fresh < db->nblocks) {
        n = db->fresh++;

    } else {
        db->ready = 0;
    }

    db->used++;
    memset(&db->blocks[n], 0, RT_SCIM_BLOCK);

    return n;
}


void
rt_scim_block_free(rt_scim_db_t *db, uint32_t n)
{
    db->blocks[n].next = db->free;
    db->free = n;
    db->used--;
}


void
rt_scim_chain_free(rt_scim_db_t *db, uint32_t n)
{
    uint32_t  next;

    for ( /* void */ ; n; n = next) {
        next = db->blocks[n].next;
        rt_scim_block_free(db, n);
    }
}


/* -- bytes */

void
rt_scim_bytes_write(rt_scim_db_t *db, rt_scim_cell_t *cell, uint32_t *tail,
    const void *data, size_t len)
{
    size_t                at, n;
    uint32_t              b;
    const unsigned char  *p = data;

    while (len) {
        at = cell->len % RT_SCIM_BYTES;

        if (at == 0) {
            b = rt_scim_block_alloc(db);

            if (*tail) {
                db->blocks[*tail].next = b;
            } else {
                cell->bytes = b;
            }

            *tail = b;
        }

        n = len < RT_SCIM_BYTES - at ? len : RT_SCIM_BYTES - at;
        memcpy(db->blocks[*tail].byte + at, p, n);

        cell->len = (cell->len + n) & UINT16_MAX;
        p += n;
        len -= n;
    }
}


/* The next bytes that lie in one block, up to "len" of them. */

static size_t
bytes_next(const rt_scim_db_t *db, rt_scim_reader_t *r, size_t len,
    const unsigned char **p)
{
    size_t  n;

    if (r->at == RT_SCIM_BYTES) {
        r->block = &db->blocks[r->block->next];
        r->at = 0;
    }

    *p = r->block->byte + r->at;
    n = len < RT_SCIM_BYTES - r->at ? len : RT_SCIM_BYTES - r->at;
    r->at += (uint32_t) n;

    return n;
}


void
rt_scim_bytes_read(const rt_scim_db_t *db, rt_scim_reader_t *r, void *dst,
    size_t len)
{
    size_t                n;
    unsigned char        *to = dst;
    const unsigned char  *p;

    for ( /* void */ ; len; len -= n) {
        n = bytes_next(db, r, len, &p);
        memcpy(to, p, n);
        to += n;
    }
}


void
rt_scim_bytes_head(const rt_scim_db_t *db, const rt_scim_cell_t *cell,
    rt_scim_reader_t *r, uint16_t *len, uint64_t *created)
{
    r->block = &db->blocks[cell->bytes];
    r->at = 0;

    rt_scim_bytes_read(db, r, len, RT_SCIM_KEYS * sizeof(uint16_t));
    rt_scim_bytes_read(db, r, created, sizeof(uint64_t));
}


/* Sets the reader in front of that key.  ret: the key's length */

static size_t
bytes_key(const rt_scim_db_t *db, const rt_scim_cell_t *cell, unsigned key,
    rt_scim_reader_t *r)
{
    size_t                skip;
    uint64_t              created;
    unsigned              i;
    uint16_t              len[RT_SCIM_KEYS];
    const unsigned char  *p;

    rt_scim_bytes_head(db, cell, r, len, &created);

    for (i = 0; i < key; i++) {
        for (skip = len[i]; skip; skip -= bytes_next(db, r, skip, &p)) {
            /* void */
        }
    }

    return len[key];
}


int
rt_scim_bytes_are(const rt_scim_db_t *db, const rt_scim_cell_t *cell,
    unsigned key, const rt_str_t *value)
{
    size_t                n, at;
    rt_scim_reader_t      r;
    const unsigned char  *p;

    if (bytes_key(db, cell, key, &r) != value->len) {
        return 0;
    }

    for (at = 0; at < value->len; at += n) {
        n = bytes_next(db, &r, value->len - at, &p);

        if (memcmp(p, value->data + at, n) != 0) {
            return 0;
        }
    }

    return 1;
}


/* -- tables */

uint64_t
rt_scim_hash(uint64_t hash, const unsigned char *p, size_t len)
{
    while (len--) {
        hash = (hash ^ *p++) * 1099511628211u;
    }

    return hash;
}


/* The head of the row that a value belongs in. */

static uint32_t *
table_row(const rt_scim_db_t *db, unsigned list, unsigned t, uint64_t hash)
{
    return &db->table[list][t][(hash ^ (hash >> 32)) & db->mask[list]];
}


static uint32_t *
table_of(const rt_scim_db_t *db, unsigned list, unsigned t,
    const unsigned char *value, size_t len)
{
    return table_row(db, list, t, rt_scim_hash(db->seed, value, len));
}


/* The row of a node's own key; NULL: the node has no such key. */

static uint32_t *
table_mine(const rt_scim_db_t *db, unsigned t, const rt_scim_cell_t *cell)
{
    size_t                n, len;
    uint64_t              hash;
    rt_scim_reader_t      r;
    const unsigned char  *p;

    if (t == RT_SCIM_BY_ID) {
        return table_of(db, cell->kind, t, cell->id.data, RT_SCIM_ID / 2);
    }

    len = bytes_key(db, cell, t, &r);

    if (len == 0) {
        return NULL;
    }

    for (hash = db->seed; len; len -= n) {
        n = bytes_next(db, &r, len, &p);
        hash = rt_scim_hash(hash, p, n);
    }

    return table_row(db, rt_scim_list_of(cell), t, hash);
}


static int
begins_as(const rt_scim_cell_t *cell, const rt_scim_id_t *id)
{
    return memcmp(cell->id.data, id->data, RT_SCIM_ID / 2) == 0;
}


void
rt_scim_table_add(rt_scim_db_t *db, unsigned t, uint32_t n)
{
    uint32_t         other, *place;
    rt_scim_cell_t  *cell;

    cell = rt_scim_cell(db, n);
    place = table_mine(db, t, cell);

    if (place == NULL) {
        return;
    }

    if (t == RT_SCIM_BY_ID) {
        for (other = *place; other; other = rt_scim_cell(db, other)->next[t]) {
            if (begins_as(rt_scim_cell(db, other), &cell->id)) {
                place = &rt_scim_cell(db, other)->next[t];
                break;
            }
        }
    }

    cell->next[t] = *place;
    *place = n;
}


void
rt_scim_table_remove(rt_scim_db_t *db, unsigned t, uint32_t n)
{
    uint32_t  *place;

    place = table_mine(db, t, rt_scim_cell(db, n));

    if (place == NULL) {
        return;
    }

    while (*place != n) {
        place = &rt_scim_cell(db, *place)->next[t];
    }

    *place = rt_scim_cell(db, n)->next[t];
}


uint32_t
rt_scim_node_first(const rt_scim_db_t *db, rt_scim_type_e kind,
    const rt_scim_id_t *id)
{
    return *table_of(db, kind, RT_SCIM_BY_ID, id->data, RT_SCIM_ID / 2);
}


uint32_t
rt_scim_node_find(const rt_scim_db_t *db, rt_scim_type_e kind,
    const rt_scim_id_t *id)
{
    uint32_t  n;

    n = rt_scim_node_first(db, kind, id);

    while (n && memcmp(&rt_scim_cell(db, n)->id, id, RT_SCIM_ID) != 0) {
        n = rt_scim_cell(db, n)->next[RT_SCIM_BY_ID];
    }

    return n;
}


uint32_t
rt_scim_node_key(const rt_scim_db_t *db, unsigned list, unsigned key,
    const rt_str_t *value, uint32_t after)
{
    uint32_t  n;

    if (value->len == 0) {
        return 0;
    }

    n = after ? rt_scim_cell(db, after)->next[key]
              : *table_of(db, list, key, value->data, value->len);

    while (n && !rt_scim_bytes_are(db, rt_scim_cell(db, n), key, value)) {
        n = rt_scim_cell(db, n)->next[key];
    }

    return n;
}


/* -- lists */

void
rt_scim_list_add(rt_scim_db_t *db, unsigned list, uint32_t n)
{
    rt_scim_cell(db, n)->place = db->end[list];
    db->list[list][db->end[list]++] = n;
    db->n[list]++;
}


void
rt_scim_list_remove(rt_scim_db_t *db, unsigned list, uint32_t n)
{
    db->list[list][rt_scim_cell(db, n)->place] = 0;
    db->n[list]--;

    while (db->first[list] < db->end[list]
           && db->list[list][db->first[list]] == 0)
    {
        db->first[list]++;
    }
}


uint32_t
rt_scim_list_next(const rt_scim_db_t *db, unsigned list, uint32_t *place)
{
    uint32_t  n;

    if (*place < db->first[list]) {
        *place = db->first[list];
    }

    while (*place < db->end[list]) {
        n = db->list[list][(*place)++];

        if (n) {
            return n;
        }
    }

    return 0;
}


void
rt_scim_list_pack(rt_scim_db_t *db, unsigned list)
{
    uint32_t  n, place, end;

    place = 0;
    end = 0;

    while ((n = rt_scim_list_next(db, list, &place)) != 0) {
        db->list[list][end] = n;
        rt_scim_cell(db, n)->place = end++;
    }

    db->first[list] = 0;
    db->end[list] = end;
}


/* -- links */

uint32_t
rt_scim_link_last(const rt_scim_cell_t *cell)
{
    return ((uint32_t) cell->nlinks - 1) % RT_SCIM_LINKS;
}


void
rt_scim_link_add(rt_scim_db_t *db, rt_scim_cell_t *cell, uint32_t n)
{
    uint32_t  b;

    if (cell->nlinks % RT_SCIM_LINKS == 0) {
        b = rt_scim_block_alloc(db);
        db->blocks[b].next = cell->links;
        cell->links = b;
    }

    cell->nlinks++;
    db->blocks[cell->links].link[rt_scim_link_last(cell)] = n;
}


void
rt_scim_link_drop(rt_scim_db_t *db, rt_scim_cell_t *cell)
{
    uint32_t  b;

    if (--cell->nlinks % RT_SCIM_LINKS == 0) {
        b = cell->links;
        cell->links = db->blocks[b].next;
        rt_scim_block_free(db, b);
    }
}


uint32_t *
rt_scim_link_find(const rt_scim_db_t *db, const rt_scim_cell_t *cell,
    uint32_t n)
{
    uint32_t  b, i, some;

    some = cell->nlinks ? rt_scim_link_last(cell) + 1 : 0;

    for (b = cell->links; b; b = db->blocks[b].next, some = RT_SCIM_LINKS) {
        for (i = 0; i < some; i++) {
            if (db->blocks[b].link[i] == n) {
                return &db->blocks[b].link[i];
            }
        }
    }

    return NULL;
}


void
rt_scim_link_remove(rt_scim_db_t *db, rt_scim_cell_t *cell, uint32_t n)
{
    uint32_t  *link;

    link = rt_scim_link_find(db, cell, n);

    if (link) {
        *link = db->blocks[cell->links].link[rt_scim_link_last(cell)];
        rt_scim_link_drop(db, cell);
    }
}
