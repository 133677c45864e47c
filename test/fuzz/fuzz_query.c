
/*
 * A query over a line says what a tree of the line says.
 *
 * The input is "NAME=VALUE" lines, an empty line, and the line to look at.
 */

#include <stdlib.h>

#include "rt_arena.h"
#include "event/rt_query.h"
#include "json/rt_json.h"
#include "json/rt_jsonscan.h"


#define NOW  1790000000000ULL


static const char  *paths[RT_QUERY_MEMBERS] = {
    "id", "userId", "ipAddress", "responseTimeMs", "actionType", "status",
    "createdAt", "user", "request", "metadata", "user.id", "user.email",
    "request.method", "request.url", "metadata.stage", "metadata.lost"
};


static void
check(int ok)
{
    if (!ok) {
        abort();
    }
}


static const rt_json_t *
member(const rt_json_t *root, const char *path)
{
    rt_str_t  s = { strlen(path), (unsigned char *) path };

    return rt_json_path(root, &s);
}


/* what a scalar says; ret: 0 if it is none, or not there */

static int
text_of(const rt_json_t *v, rt_str_t *text)
{
    if (v == NULL
        || (v->type != RT_JSON_STRING && v->type != RT_JSON_NUMBER
            && v->type != RT_JSON_TRUE && v->type != RT_JSON_FALSE))
    {
        return 0;
    }

    *text = v->str;

    if (v->type == RT_JSON_TRUE) {
        *text = (rt_str_t) rt_string("true");

    } else if (v->type == RT_JSON_FALSE) {
        *text = (rt_str_t) rt_string("false");
    }

    return 1;
}


static int
like(const rt_str_t *pattern, const rt_str_t *text)
{
    size_t         i, j, n;
    unsigned char  *row;
    int            rc, before, now;

    /* row[i]: the first i bytes of text are like the pattern so far */

    n = text->len + 1;
    row = calloc(n, 1);
    row[0] = 1;

    for (j = 0; j < pattern->len; j++) {
        before = 0;

        for (i = 0; i < n; i++) {
            now = row[i];

            if (pattern->data[j] == '*') {
                row[i] = (unsigned char) (now || (i && row[i - 1]));

            } else {
                row[i] = i && before && text->data[i - 1] == pattern->data[j];
            }

            before = now;
        }
    }

    rc = row[n - 1];
    free(row);

    return rc;
}


static void
to_path(rt_str_t *text, unsigned char *buf)
{
    size_t  i, n;

    for (i = n = 0; i < text->len && text->data[i] != '?'; i++) {
        if (text->data[i] == '%' && i + 2 < text->len
            && rt_hex(text->data[i + 1]) != -1
            && rt_hex(text->data[i + 2]) != -1)
        {
            buf[n++] = (unsigned char) (rt_hex(text->data[i + 1]) << 4
                                        | rt_hex(text->data[i + 2]));
            i += 2;

        } else {
            buf[n++] = text->data[i];
        }
    }

    text->data = buf;
    text->len = n;
}


static int
is(const rt_query_t *query, rt_query_text_e which, const rt_json_t *v)
{
    int                      rc;
    rt_str_t                 text;
    unsigned char           *buf;
    const rt_query_value_t  *value;

    if (!text_of(v, &text)) {
        return 0;
    }

    buf = malloc(text.len + 1);

    if (which == RT_QUERY_BY_PATH) {
        to_path(&text, buf);
    }

    rc = 0;

    for (value = query->value[which]; value; value = value->next) {
        rc |= like(&value->text, &text);
    }

    free(buf);

    return rc;
}


/* the status as the query sees it: a number of digits alone */

static int
is_status(const rt_query_t *query, const rt_json_t *v)
{
    int64_t  n;

    return v && rt_json_int64(v, &n) == RT_OK && v->str.data[0] != '-'
           && n < 1000 && (query->status[n / 8] & 1 << n % 8);
}


static int
tree_match(const rt_query_t *query, const rt_json_t *root)
{
    return (!query->by_status
            || is_status(query, member(root, "status")))
           && (query->value[RT_QUERY_BY_ACTION] == NULL
               || is(query, RT_QUERY_BY_ACTION, member(root, "actionType")))
           && (query->value[RT_QUERY_BY_PATH] == NULL
               || is(query, RT_QUERY_BY_PATH, member(root, "request.url")))
           && (query->value[RT_QUERY_BY_ID] == NULL
               || is(query, RT_QUERY_BY_ID, member(root, "id")))
           && (query->value[RT_QUERY_BY_USER] == NULL
               || is(query, RT_QUERY_BY_USER, member(root, "userId"))
               || is(query, RT_QUERY_BY_USER, member(root, "user.id"))
               || is(query, RT_QUERY_BY_USER, member(root, "user.email")));
}


/* each span is the member that the tree has there, and says the same */

static void
compare(const rt_query_line_t *ev, const rt_json_t *root)
{
    int                 c;
    size_t              i, j;
    rt_str_t            text;
    const rt_json_t    *v;
    rt_jsonscan_text_t  reader;

    for (i = 0; i < RT_QUERY_MEMBERS; i++) {
        v = member(root, paths[i]);
        check((v != NULL) == (ev->at[i].len != 0));

        if (!text_of(v, &text)) {
            continue;
        }

        rt_jsonscan_text(&reader, &ev->at[i]);

        for (j = 0; (c = rt_jsonscan_byte(&reader)) != -1; j++) {
            check(j < text.len && text.data[j] == c);
        }

        check(j == text.len);
    }
}


static void
look(rt_mem_t *mem, rt_query_t *query, const rt_str_t *line)
{
    rt_json_t          *root;
    rt_status_e         rc;
    unsigned            timed;
    unsigned char       time[RT_TIME_ISO_LEN];
    rt_query_line_t     ev;
    rt_query_cursor_t   cursor;
    rt_json_opts_t      opts = { 0, RT_JSONSCAN_DEPTH, ~0u };

    rc = rt_query_line(line, &ev);

    if (rt_json_parse(mem, line, &opts, &root, NULL) != RT_OK) {
        check(rc == RT_INVALID);
        return;
    }

    check(rc == RT_OK || rc == RT_DECLINED);
    compare(&ev, root);
    check((rc == RT_OK) == (member(root, "id") || member(root, "actionType")));

    memset(&cursor, 'a', sizeof(cursor));
    (void) rt_query_cursor_at(&cursor, &ev);

    timed = query->has_since || query->has_until;

    if (timed && rt_query_line_time(&ev, time) != RT_OK) {
        check(!rt_query_match(query, &ev));
        return;
    }

    if (timed
        && ((query->has_since && memcmp(time, query->since, sizeof(time)) < 0)
            || (query->has_until
                && memcmp(time, query->until, sizeof(time)) >= 0)))
    {
        check(!rt_query_match(query, &ev));
        return;
    }

    check(rt_query_match(query, &ev) == tree_match(query, root));
}


static void
read_cursor(const rt_str_t *text)
{
    rt_str_t           again;
    unsigned char      buf[RT_QUERY_CURSOR_LEN];
    rt_query_cursor_t  cursor, other;

    if (rt_query_cursor_read(text, &cursor) == RT_OK) {
        again.data = buf;
        again.len = rt_query_cursor_write(&cursor, buf);
        check(rt_query_cursor_read(&again, &other) == RT_OK);
        check(cursor.file == other.file && cursor.offset == other.offset);
        check(memcmp(cursor.id, other.id, RT_UUID_LEN) == 0);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t     mem;
    rt_str_t     rest, word, name, value;
    rt_arena_t   arena;
    rt_query_t   query;
    const char  *why;

    mem = rt_arena_init(&arena);
    rest.len = size;
    rest.data = rt_alloc(&mem, size);
    memcpy(rest.data, data, size);

    rt_query_init(&query, &mem);

    while (rt_str_cut(&rest, '\n', &word, &rest) && word.len) {
        why = NULL;
        (void) rt_str_cut(&word, '=', &name, &value);
        read_cursor(&value);

        switch (rt_query_add(&query, &name, &value, NOW, &why)) {

        case RT_INVALID:
        case RT_TOO_BIG:
            check(why != NULL);
            break;

        default:
            break;
        }
    }

    look(&mem, &query, &rest);
    rt_arena_free(&arena);

    return 0;
}
