
#include "event/rt_query.h"
#include "event/rt_query_time.h"
#include "json/rt_jsonscan.h"


static const char  no_status[] =
    "is no status: write 404, 4xx, >=500 or 200-299, several with commas";
static const char  no_time[] =
    "is no time: write 2026-11-29, 2026-11-29T10:00:00Z, today or -1h";
static const char  no_text[] = "is empty";
static const char  no_path[] =
    "is no path: it begins with \"/\", or with \"*\" for any beginning";
static const char  too_big[] = "is too long, or one value too many";


void
rt_query_init(rt_query_t *query, rt_mem_t *mem)
{
    memset(query, 0, sizeof(rt_query_t));
    query->mem = mem;
}


static rt_status_e
add_text(rt_query_t *query, unsigned which, const rt_str_t *text)
{
    rt_query_value_t  *value;

    value = rt_alloc(query->mem, sizeof(rt_query_value_t));
    if (value == NULL) {
        return RT_ERROR;
    }

    value->text = *text;
    value->next = query->value[which];
    query->value[which] = value;

    return RT_OK;
}


/* up to three digits at *p; -1: there are none, or more */

static int
three(const unsigned char **p, const unsigned char *end)
{
    int                   n;
    const unsigned char  *start;

    start = *p;

    for (n = 0; *p < end && **p >= '0' && **p <= '9'; (*p)++) {
        n = n * 10 + (**p - '0');

        if (*p - start == 3) {
            return -1;
        }
    }

    return *p == start ? -1 : n;
}


/* "404", "4xx", "200-299", ">=500", "<400"; ret: 1, with both ends of it */

static int
range(const rt_str_t *word, int *from, int *to)
{
    const unsigned char  *p, *end;

    p = word->data;
    end = p + word->len;

    if (word->len == 3 && p[0] >= '0' && p[0] <= '9'
        && rt_lower(p[1]) == 'x' && rt_lower(p[2]) == 'x')
    {
        *from = (p[0] - '0') * 100;
        *to = *from + 99;
        return 1;
    }

    *from = 0;
    *to = 999;

    if (word->len && (*p == '>' || *p == '<')) {
        int  *bound = (*p == '>') ? from : to;
        int   step = (*p == '>') ? 1 : -1;

        if (++p < end && *p == '=') {
            step = 0;
            p++;
        }

        *bound = three(&p, end);

        if (*bound == -1) {
            return 0;
        }

        *bound += step;
        return p == end;
    }

    *from = *to = three(&p, end);

    if (*from != -1 && p < end && *p == '-') {
        p++;
        *to = three(&p, end);
    }

    return *from != -1 && *to >= *from && p == end;
}


static rt_status_e
add_status(rt_query_t *query, const rt_str_t *value)
{
    int       i, to, more;
    rt_str_t  word, rest;

    rest = *value;

    do {
        more = rt_str_cut(&rest, ',', &word, &rest);

        if (!range(&word, &i, &to)) {
            return RT_INVALID;
        }

        for ( /* void */ ; i <= to; i++) {
            query->status[i / 8] |= (unsigned char) (1 << i % 8);
        }

    } while (more);

    query->by_status = 1;

    return RT_OK;
}


static rt_status_e
add_time(unsigned char *text, unsigned *has, const rt_str_t *value,
    uint64_t now_ms)
{
    uint64_t  ms;

    if (rt_query_time(value, now_ms, &ms) != RT_OK) {
        return RT_INVALID;
    }

    rt_time_iso(ms, text);
    *has = 1;

    return RT_OK;
}


rt_status_e
rt_query_add(rt_query_t *query, const rt_str_t *name, const rt_str_t *value,
    uint64_t now_ms, const char **why)
{
    unsigned  i;

    static const rt_str_t  texts[RT_QUERY_TEXTS] = {
        [RT_QUERY_BY_USER] = rt_string("user"),
        [RT_QUERY_BY_ACTION] = rt_string("action"),
        [RT_QUERY_BY_PATH] = rt_string("path"),
        [RT_QUERY_BY_ID] = rt_string("id")
    };

    if (value->len > RT_QUERY_TEXT || query->nvalues == RT_QUERY_VALUES) {
        *why = too_big;
        return RT_TOO_BIG;
    }

    query->nvalues++;

    if (rt_str_lit(name, "status")) {
        *why = no_status;
        return add_status(query, value);
    }

    if (rt_str_lit(name, "since")) {
        *why = no_time;
        return add_time(query->since, &query->has_since, value, now_ms);
    }

    if (rt_str_lit(name, "until")) {
        *why = no_time;
        return add_time(query->until, &query->has_until, value, now_ms);
    }

    for (i = 0; i < RT_QUERY_TEXTS; i++) {
        if (rt_str_eq(name, &texts[i])) {
            *why = no_text;

            if (value->len && i == RT_QUERY_BY_PATH && value->data[0] != '/'
                && value->data[0] != '*')
            {
                *why = no_path;
                return RT_INVALID;
            }

            return value->len ? add_text(query, i, value) : RT_INVALID;
        }
    }

    return RT_DECLINED;
}


/*
 * The next byte of a value.  A path ends where its query begins, and its
 * percent sequences are decoded, as the server does before it looks for a
 * location.
 */

static int
next(rt_jsonscan_text_t *text, int path)
{
    int                 c, high, low;
    rt_jsonscan_text_t  ahead;

    c = rt_jsonscan_byte(text);

    if (!path || (c != '?' && c != '%')) {
        return c;
    }

    if (c == '?') {
        return -1;
    }

    ahead = *text;
    high = rt_jsonscan_byte(&ahead);
    low = rt_jsonscan_byte(&ahead);

    high = high == -1 ? -1 : rt_hex((unsigned char) high);
    low = low == -1 ? -1 : rt_hex((unsigned char) low);

    if (high == -1 || low == -1) {
        return c;
    }

    *text = ahead;

    return high << 4 | low;
}


/*
 * Only the last star is ever tried again: what the stars before it took as
 * early as they could leaves most to those behind.
 */

static int
like(const rt_str_t *pattern, rt_jsonscan_text_t text, int path)
{
    int                   c, starred;
    rt_jsonscan_text_t    again;
    const unsigned char  *p, *end, *star;

    p = pattern->data;
    end = p + pattern->len;
    star = p;
    starred = 0;
    again = text;

    for ( ;; ) {

        if (p < end && *p == '*') {
            star = ++p;
            starred = 1;
            again = text;

            if (p == end) {
                return 1;
            }

            continue;
        }

        c = next(&text, path);

        if (c == -1) {
            return p == end;
        }

        if (p < end && *p == c) {
            p++;
            continue;
        }

        if (!starred) {
            return 0;
        }

        (void) next(&again, path);
        text = again;
        p = star;
    }
}


static int
is(const rt_query_t *query, rt_query_text_e which, const rt_str_t *member)
{
    rt_jsonscan_text_t       text;
    const rt_query_value_t  *value;

    if (member->len == 0 || rt_str_lit(member, "null")
        || member->data[0] == '{' || member->data[0] == '[')
    {
        return 0;
    }

    rt_jsonscan_text(&text, member);

    for (value = query->value[which]; value; value = value->next) {
        if (like(&value->text, text, which == RT_QUERY_BY_PATH)) {
            return 1;
        }
    }

    return 0;
}


static int
is_status(const rt_query_t *query, const rt_query_line_t *ev)
{
    uint64_t  n;

    return rt_query_line_uint(ev, RT_QUERY_STATUS, &n) && n < 1000
           && (query->status[n / 8] & 1 << n % 8);
}


static int
is_time(const rt_query_t *query, const rt_query_line_t *ev)
{
    unsigned char  text[RT_TIME_ISO_LEN];

    return rt_query_line_time(ev, text) == RT_OK
           && (!query->has_since
               || memcmp(text, query->since, sizeof(text)) >= 0)
           && (!query->has_until
               || memcmp(text, query->until, sizeof(text)) < 0);
}


int
rt_query_match(const rt_query_t *query, const rt_query_line_t *ev)
{
    size_t  i;

    static const struct {
        rt_query_text_e    which;
        rt_query_member_e  member;
    } looks[] = {
        { RT_QUERY_BY_ACTION, RT_QUERY_ACTION },
        { RT_QUERY_BY_PATH, RT_QUERY_URL },
        { RT_QUERY_BY_ID, RT_QUERY_ID }
    };

    if (query->by_status && !is_status(query, ev)) {
        return 0;
    }

    if ((query->has_since || query->has_until) && !is_time(query, ev)) {
        return 0;
    }

    for (i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
        if (query->value[looks[i].which]
            && !is(query, looks[i].which, &ev->at[looks[i].member]))
        {
            return 0;
        }
    }

    return query->value[RT_QUERY_BY_USER] == NULL
           || is(query, RT_QUERY_BY_USER, &ev->at[RT_QUERY_USER_ID])
           || is(query, RT_QUERY_BY_USER, &ev->at[RT_QUERY_USERS_ID])
           || is(query, RT_QUERY_BY_USER, &ev->at[RT_QUERY_USERS_EMAIL]);
}


static size_t
hex_write(unsigned char *dst, uint64_t n)
{
    size_t  i, len;

    static const char  digits[] = "0123456789abcdef";

    for (len = 1; len < 16 && n >> 4 * len; len++) {
        /* void */
    }

    for (i = len; i > 0; i--) {
        dst[i - 1] = (unsigned char) digits[n & 0xf];
        n >>= 4;
    }

    return len;
}


static rt_status_e
hex_read(const rt_str_t *text, uint64_t *n)
{
    int     digit;
    size_t  i;

    if (text->len == 0 || text->len > 16) {
        return RT_INVALID;
    }

    for (i = 0, *n = 0; i < text->len; i++) {
        digit = rt_hex(text->data[i]);

        if (digit == -1) {
            return RT_INVALID;
        }

        *n = *n << 4 | (uint64_t) digit;
    }

    return RT_OK;
}


size_t
rt_query_cursor_write(const rt_query_cursor_t *cursor, unsigned char *dst)
{
    unsigned char  *p;

    p = dst;
    p += hex_write(p, cursor->file);
    *p++ = '.';
    p += hex_write(p, cursor->offset);
    *p++ = '.';
    memcpy(p, cursor->id, RT_UUID_LEN);

    return (size_t) (p - dst) + RT_UUID_LEN;
}


rt_status_e
rt_query_cursor_read(const rt_str_t *text, rt_query_cursor_t *cursor)
{
    size_t    i;
    rt_str_t  file, offset, id;

    if (!rt_str_cut(text, '.', &file, &id)
        || !rt_str_cut(&id, '.', &offset, &id)
        || hex_read(&file, &cursor->file) != RT_OK
        || hex_read(&offset, &cursor->offset) != RT_OK
        || id.len != RT_UUID_LEN)
    {
        return RT_INVALID;
    }

    for (i = 0; i < RT_UUID_LEN; i++) {
        if (id.data[i] != '-' && rt_hex(id.data[i]) == -1) {
            return RT_INVALID;
        }
    }

    memcpy(cursor->id, id.data, RT_UUID_LEN);

    return RT_OK;
}


int
rt_query_cursor_at(const rt_query_cursor_t *cursor, const rt_query_line_t *ev)
{
    size_t              i;
    rt_jsonscan_text_t  text;

    rt_jsonscan_text(&text, &ev->at[RT_QUERY_ID]);

    for (i = 0; i < RT_UUID_LEN; i++) {
        if (rt_jsonscan_byte(&text) != cursor->id[i]) {
            return 0;
        }
    }

    return rt_jsonscan_byte(&text) == -1;
}
