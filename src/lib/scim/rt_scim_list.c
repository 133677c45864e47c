
#include "scim/rt_scim_list.h"
#include "scim/rt_scim_filter.h"
#include "scim/rt_scim_id.h"
#include "scim/rt_scim_load.h"
#include "scim/rt_scim_show.h"


#define SCRATCH  (256 * 1024)       /* bytes: for one user, or a group with
                                       few members, while a filter looks */


/* a page of a list, which begins where the request says */

typedef struct {
    rt_mem_t                *mem;
    const rt_scim_db_t      *db;
    rt_str_t                 base;
    rt_scim_shown_t          shown;
    int                      refs;      /* members or groups are shown */
    uint64_t                 start;     /* counted from 1 */
    uint64_t                 count;
    uint64_t                 total;     /* resources that the filter finds */
    size_t                   n;         /* of these, on the page */
    size_t                   room;      /* bytes that the page may have */
    unsigned                 full;      /* the next one did not fit */
    rt_scim_resource_t      *res;
} page_t;


/* Memory for one resource after the other, in a piece of the answer's. */

typedef struct {
    rt_mem_t         mem;
    rt_mem_t        *more;
    unsigned char   *start;
    size_t           size;
    size_t           used;
} scratch_t;


static rt_status_e
scratch_take(scratch_t *scratch, size_t size)
{
    scratch->start = rt_alloc(scratch->more, size);
    scratch->size = size;
    scratch->used = 0;

    return scratch->start ? RT_OK : RT_ERROR;
}


/*
 * Where a resource needs more, a piece twice as large is taken, for it and for
 * all that follow: so all of them take less than four times the largest.
 */


static void *
scratch_alloc(void *ctx, size_t size)
{
    void       *p;
    size_t      room;
    scratch_t  *scratch = ctx;

    size = (size + 15) & ~(size_t) 15;

    if (size > scratch->size - scratch->used) {

        for (room = 2 * scratch->size; room < size; room *= 2) {
            /* void */
        }

        if (scratch_take(scratch, room) != RT_OK) {
            return NULL;
        }
    }

    p = scratch->start + scratch->used;
    scratch->used += size;

    return p;
}


/* RFC 7644, 3.4.2.4: a startIndex below 1 is 1, and a count below 0 is 0. */

static const rt_scim_error_t *
number(const rt_str_t *text, uint64_t least, uint64_t most, uint64_t *n)
{
    size_t  i;

    if (text->len == 0) {
        return NULL;
    }

    *n = 0;
    i = (text->data[0] == '-' || text->data[0] == '+');

    if (i == text->len) {
        return &rt_scim_invalid_value;
    }

    for ( /* void */ ; i < text->len; i++) {

        if (text->data[i] < '0' || text->data[i] > '9') {
            return &rt_scim_invalid_value;
        }

        if (*n <= UINT32_MAX) {
            *n = *n * 10 + (uint64_t) (text->data[i] - '0');
        }
    }

    if (text->data[0] == '-' || *n < least) {
        *n = least;

    } else if (*n > most) {
        *n = most;
    }

    return NULL;
}


/* Adds a resource to the page, or, before and behind the page, to the count. */

static const rt_scim_error_t *
take(page_t *page, rt_scim_node_t node)
{
    size_t               room;
    rt_scim_item_t       item;
    rt_scim_resource_t  *res;

    page->total++;

    if (page->total < page->start || page->n == page->count || page->full) {
        return NULL;
    }

    res = &page->res[page->n];

    if (rt_scim_load(page->mem, page->db, node, page->refs, &item, res)
        != RT_OK)
    {
        return &rt_scim_no_memory;
    }

    res->base = page->base;
    room = rt_scim_show_room(res);

    if (page->n && page->room + room > RT_SCIM_MAX_ANSWER) {
        page->full = 1;
        return NULL;
    }

    page->room += room;
    page->n++;

    return NULL;
}


/* in: filter, or NULL, which is all of them */

static const rt_scim_error_t *
look(page_t *page, scratch_t *scratch, rt_scim_filter_t *filter,
    rt_scim_node_t node)
{
    rt_scim_item_t      item;
    rt_scim_resource_t  res;

    if (filter) {
        scratch->used = 0;

        if (rt_scim_load(&scratch->mem, page->db, node,
                         rt_scim_filter_refs(filter), &item, &res)
            != RT_OK)
        {
            return &rt_scim_no_memory;
        }

        res.base = page->base;

        if (!rt_scim_filter_match(filter, &res)) {
            return NULL;
        }
    }

    return take(page, node);
}


static const rt_scim_error_t *
look_by_key(page_t *page, scratch_t *scratch, rt_scim_filter_t *filter,
    rt_scim_type_e type, unsigned key, const rt_str_t *value)
{
    rt_scim_id_t            id;
    rt_scim_node_t          node;
    const rt_scim_error_t  *error;

    if (key == RT_SCIM_BY_ID) {
        node = rt_scim_id_read(value, &id) == RT_OK
               ? rt_scim_db_find(page->db, type, &id) : 0;

        return node ? look(page, scratch, filter, node) : NULL;
    }

    node = 0;

    while ((node = rt_scim_db_key(page->db, type, (rt_scim_index_e) key, value,
                                  node))
           != 0)
    {
        error = look(page, scratch, filter, node);

        if (error) {
            return error;
        }
    }

    return NULL;
}


static const rt_scim_error_t *
look_at_all(page_t *page, scratch_t *scratch, rt_scim_filter_t *filter,
    rt_scim_type_e type)
{
    uint32_t                place;
    rt_scim_node_t          node;
    rt_scim_stats_t         stats;
    const rt_scim_error_t  *error;

    place = 0;
    error = NULL;

    while (error == NULL
           && (filter || (page->n < page->count && !page->full))
           && (node = rt_scim_db_next(page->db, type, &place)) != 0)
    {
        error = look(page, scratch, filter, node);
    }

    if (filter == NULL) {

        /* without a filter the store's own count is enough */

        rt_scim_db_stats(page->db, &stats);
        page->total = stats.n[type];
    }

    return error;
}


static const rt_scim_error_t *
write_page(page_t *page, rt_scim_reply_t *reply)
{
    size_t          i;
    rt_jsonw_t      w;
    unsigned char  *text;

    page->room += RT_SCIM_LIST_ROOM;

    text = rt_alloc(page->mem, page->room);
    if (text == NULL) {
        return &rt_scim_no_memory;
    }

    rt_jsonw_init(&w, text, page->room);
    rt_scim_list_open(&w);

    for (i = 0; i < page->n; i++) {
        rt_scim_show(&w, &page->res[i], &page->shown);
    }

    rt_scim_list_close(&w, page->total, page->start, page->n);

    reply->text.data = text;
    reply->text.len = rt_jsonw_len(&w);
    reply->status = 200;

    return w.full ? &rt_scim_no_memory : NULL;
}


static const rt_scim_error_t *
begin(page_t *page, rt_mem_t *mem, const rt_scim_db_t *db,
    const rt_scim_request_t *request)
{
    const rt_scim_error_t  *error;

    memset(page, 0, sizeof(page_t));

    page->mem = mem;
    page->db = db;
    page->base = request->base;
    page->start = 1;
    page->count = RT_SCIM_MAX_RESULTS;

    if (request->sort.len) {
        return &rt_scim_not_implemented;
    }

    error = number(&request->start, 1, UINT32_MAX, &page->start);

    if (error == NULL) {
        error = number(&request->count, 0, RT_SCIM_MAX_RESULTS, &page->count);
    }

    if (error == NULL) {
        error = rt_scim_shown(request->type, &request->attributes,
                              &request->excluded, &page->shown);
    }

    if (error) {
        return error;
    }

    page->refs = rt_scim_shown_refs(request->type, &page->shown);
    page->res = rt_alloc(mem, (page->count + 1) * sizeof(rt_scim_resource_t));

    return page->res ? NULL : &rt_scim_no_memory;
}


const rt_scim_error_t *
rt_scim_list(rt_mem_t *mem, const rt_scim_db_t *db,
    const rt_scim_request_t *request, rt_scim_reply_t *reply)
{
    page_t                  page;
    rt_str_t                value;
    scratch_t               scratch;
    unsigned                key;
    rt_scim_filter_t       *filter;
    const rt_scim_error_t  *error;

    error = begin(&page, mem, db, request);
    if (error) {
        return error;
    }

    filter = NULL;
    key = RT_SCIM_BY_NONE;

    if (request->filter.len) {
        error = rt_scim_filter_parse(mem, rt_scim_schema(request->type),
                                     &request->filter, &filter);
        if (error) {
            return error;
        }

        if (rt_scim_filter_count(filter) > RT_SCIM_MAX_COMPARED) {
            return &rt_scim_too_many;
        }

        key = rt_scim_filter_key(filter, &value);

        scratch.mem.alloc = scratch_alloc;
        scratch.mem.ctx = &scratch;
        scratch.more = mem;

        if (scratch_take(&scratch, SCRATCH) != RT_OK) {
            return &rt_scim_no_memory;
        }
    }

    error = (key == RT_SCIM_BY_NONE)
            ? look_at_all(&page, &scratch, filter, request->type)
            : look_by_key(&page, &scratch, filter, request->type, key, &value);

    return error ? error : write_page(&page, reply);
}


/* Makes an array of names the argument of a query that says the same. */

static const rt_scim_error_t *
names(rt_mem_t *mem, const rt_json_t *body, const rt_str_t *name,
    rt_str_t *joined)
{
    size_t                  len;
    rt_json_t              *v, *list;
    unsigned char          *p;
    const rt_scim_error_t  *error;

    error = rt_scim_get(body, name, &list);

    if (error || list == NULL) {
        return error;
    }

    if (list->type != RT_JSON_ARRAY) {
        return &rt_scim_invalid_syntax;
    }

    for (len = 0, v = list->child; v; v = v->next) {

        if (v->type != RT_JSON_STRING) {
            return &rt_scim_invalid_syntax;
        }

        len += v->str.len + 1;
    }

    p = rt_alloc(mem, len + 1);
    if (p == NULL) {
        return &rt_scim_no_memory;
    }

    joined->data = p;

    for (v = list->child; v; v = v->next) {
        memcpy(p, v->str.data, v->str.len);
        p += v->str.len;
        *p++ = ',';
    }

    joined->len = len ? len - 1 : 0;

    return NULL;
}


static const rt_scim_error_t *
scalar(const rt_json_t *body, const char *name, rt_json_type_e type,
    rt_str_t *value)
{
    rt_str_t                key = rt_str_of(name);
    rt_json_t              *v;
    const rt_scim_error_t  *error;

    error = rt_scim_get(body, &key, &v);

    if (error || v == NULL) {
        return error;
    }

    if (v->type != type) {
        return &rt_scim_invalid_syntax;
    }

    *value = v->str;

    return NULL;
}


const rt_scim_error_t *
rt_scim_search(rt_mem_t *mem, const rt_scim_db_t *db,
    const rt_scim_request_t *request, rt_scim_reply_t *reply)
{
    rt_json_t              *body;
    rt_scim_request_t       list;
    const rt_scim_error_t  *error;

    static const rt_str_t  attributes = rt_string("attributes");
    static const rt_str_t  excluded = rt_string("excludedAttributes");

    list = *request;

    error = rt_scim_body(mem, &request->body, &body);

    if (error
        || (error = names(mem, body, &attributes, &list.attributes))
        || (error = names(mem, body, &excluded, &list.excluded))
        || (error = scalar(body, "filter", RT_JSON_STRING, &list.filter))
        || (error = scalar(body, "sortBy", RT_JSON_STRING, &list.sort))
        || (error = scalar(body, "startIndex", RT_JSON_NUMBER, &list.start))
        || (error = scalar(body, "count", RT_JSON_NUMBER, &list.count)))
    {
        return error;
    }

    return rt_scim_list(mem, db, &list, reply);
}
