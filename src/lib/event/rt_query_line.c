
#include "event/rt_query_line.h"
#include "json/rt_jsonscan.h"
#include "text/rt_time.h"
#include "text/rt_uuid.h"


/* rows of one object stand together */

static const rt_str_t  names[RT_QUERY_MEMBERS] = {
    [RT_QUERY_ID] = rt_string("id"),
    [RT_QUERY_USER_ID] = rt_string("userId"),
    [RT_QUERY_IP] = rt_string("ipAddress"),
    [RT_QUERY_RESPONSE_MS] = rt_string("responseTimeMs"),
    [RT_QUERY_ACTION] = rt_string("actionType"),
    [RT_QUERY_STATUS] = rt_string("status"),
    [RT_QUERY_CREATED] = rt_string("createdAt"),
    [RT_QUERY_USER] = rt_string("user"),
    [RT_QUERY_REQUEST] = rt_string("request"),
    [RT_QUERY_METADATA] = rt_string("metadata"),
    [RT_QUERY_USERS_ID] = rt_string("id"),
    [RT_QUERY_USERS_EMAIL] = rt_string("email"),
    [RT_QUERY_METHOD] = rt_string("method"),
    [RT_QUERY_URL] = rt_string("url"),
    [RT_QUERY_STAGE] = rt_string("stage"),
    [RT_QUERY_LOST] = rt_string("lost")
};


typedef struct {
    rt_query_member_e  first;
    rt_query_member_e  last;
} group_t;

static const group_t  top = { RT_QUERY_ID, RT_QUERY_METADATA };

/* what is looked at in a member that is an object */

static const group_t  inner[RT_QUERY_MEMBERS] = {
    [RT_QUERY_USER] = { RT_QUERY_USERS_ID, RT_QUERY_USERS_EMAIL },
    [RT_QUERY_REQUEST] = { RT_QUERY_METHOD, RT_QUERY_URL },
    [RT_QUERY_METADATA] = { RT_QUERY_STAGE, RT_QUERY_LOST }
};


/* a name with an escape in it, by what it says */

static int
says(const rt_str_t *name, const rt_str_t *word)
{
    size_t              i;
    rt_jsonscan_text_t  text;

    rt_jsonscan_name(&text, name);

    for (i = 0; i < word->len; i++) {
        if (rt_jsonscan_byte(&text) != word->data[i]) {
            return 0;
        }
    }

    return rt_jsonscan_byte(&text) == -1;
}


static rt_query_member_e
find(const group_t *group, const rt_str_t *name)
{
    unsigned  i;

    for (i = group->first; i <= group->last; i++) {
        if (rt_str_eq(&names[i], name)) {
            return i;
        }
    }

    if (name->len && memchr(name->data, '\\', name->len)) {
        for (i = group->first; i <= group->last; i++) {
            if (says(name, &names[i])) {
                return i;
            }
        }
    }

    return RT_QUERY_MEMBERS;
}


/* the members of the object entered last; as deep as the groups are */

static rt_status_e
members(rt_jsonscan_t *scan, const group_t *group, rt_query_line_t *ev)
{
    rt_str_t              name, other, *at;
    rt_status_e           rc;
    rt_query_member_e     i;
    const unsigned char  *start;

    while ((rc = rt_jsonscan_member(scan, &name)) == RT_OK) {

        i = find(group, &name);
        at = (i < RT_QUERY_MEMBERS && ev->at[i].len == 0) ? &ev->at[i] : &other;
        start = scan->p;

        if (at != &other && inner[i].last && rt_jsonscan_enter(scan) == RT_OK) {
            rc = members(scan, &inner[i], ev);
            at->data = (unsigned char *) start;
            at->len = (size_t) (scan->p - start);

        } else {
            rc = rt_jsonscan_skip(scan, at);
        }

        if (rc != RT_OK) {
            return rc;
        }
    }

    return rc == RT_DONE ? RT_OK : rc;
}


rt_status_e
rt_query_line(const rt_str_t *line, rt_query_line_t *ev)
{
    rt_str_t       other;
    rt_jsonscan_t  scan;

    memset(ev, 0, sizeof(rt_query_line_t));
    rt_jsonscan_init(&scan, line);

    if (rt_jsonscan_enter(&scan) == RT_OK) {
        if (members(&scan, &top, ev) != RT_OK) {
            return RT_INVALID;
        }

    } else if (rt_jsonscan_skip(&scan, &other) != RT_OK) {
        return RT_INVALID;
    }

    if (rt_jsonscan_end(&scan) != RT_OK) {
        return RT_INVALID;
    }

    return ev->at[RT_QUERY_ID].len || ev->at[RT_QUERY_ACTION].len
           ? RT_OK : RT_DECLINED;
}


/* ret: 1 if the whole member is text of this form, with "0" for any digit */

static int
formed(const rt_str_t *value, const char *form, unsigned char *text,
    int (*digit)(unsigned char c))
{
    int                 c;
    rt_jsonscan_text_t  reader;

    rt_jsonscan_text(&reader, value);

    for ( /* void */ ; *form; form++) {
        c = rt_jsonscan_byte(&reader);

        if (c == -1 || (*form == '0' ? !digit((unsigned char) c) : c != *form))
        {
            return 0;
        }

        *text++ = (unsigned char) c;
    }

    return rt_jsonscan_byte(&reader) == -1;
}


static int
decimal(unsigned char c)
{
    return c >= '0' && c <= '9';
}


static int
hexadecimal(unsigned char c)
{
    return rt_hex(c) != -1;
}


rt_status_e
rt_query_line_time(const rt_query_line_t *ev, unsigned char *text)
{
    unsigned       i;
    uint64_t       ms;
    unsigned char  id[RT_UUID_LEN];

    if (formed(&ev->at[RT_QUERY_CREATED], "0000-00-00T00:00:00.000Z", text,
               decimal))
    {
        return RT_OK;
    }

    if (!formed(&ev->at[RT_QUERY_ID], "00000000-0000-7000-0000-000000000000",
                id, hexadecimal))
    {
        return RT_DECLINED;
    }

    for (i = 0, ms = 0; i < 13; i++) {
        if (i != 8) {
            ms = ms << 4 | (uint64_t) rt_hex(id[i]);
        }
    }

    rt_time_iso(ms, text);

    return RT_OK;
}


int
rt_query_line_uint(const rt_query_line_t *ev, rt_query_member_e member,
    uint64_t *n)
{
    size_t           i;
    const rt_str_t  *s = &ev->at[member];

    for (i = 0, *n = 0; i < s->len && i < 19; i++) {
        if (!decimal(s->data[i])) {
            return 0;
        }

        *n = *n * 10 + (s->data[i] - '0');
    }

    return i == s->len && i != 0;
}
