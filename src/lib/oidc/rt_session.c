
#include "jose/rt_claims.h"
#include "oidc/rt_bigend.h"
#include "oidc/rt_session.h"


#define SESSION_VERSION  0x01
#define SESSION_FIXED    (1 + RT_SESSION_ID + 7 * 8 + 4)
#define SESSION_STRINGS  5


/* the times and strings of a session, in the order of the record */

#define session_times(s)                                                      \
    { &(s)->created, &(s)->seen, &(s)->expires, &(s)->auth_time,              \
      &(s)->checked, &(s)->access_expires, &(s)->stepup }

#define session_strings(s)                                                    \
    { &(s)->sid, &(s)->claims, &(s)->id_token, &(s)->access_token,            \
      &(s)->refresh_token }


static int
is_time(uint64_t t)
{
    return t <= RT_CLAIMS_MAX_TIME;
}


static rt_status_e
measure(const rt_session_t *s, size_t *len)
{
    size_t           i;
    const int64_t   *time[] = session_times(s);
    const rt_str_t  *str[] = session_strings(s);

    if (s->claims.len == 0) {
        return RT_INVALID;
    }

    for (i = 0; i < sizeof(time) / sizeof(time[0]); i++) {
        if (!is_time((uint64_t) *time[i])) {
            return RT_INVALID;
        }
    }

    *len = SESSION_FIXED + SESSION_STRINGS * 4;

    for (i = 0; i < SESSION_STRINGS; i++) {

        if (str[i]->len > RT_SESSION_MAX - *len) {
            return RT_TOO_BIG;
        }

        *len += str[i]->len;
    }

    return RT_OK;
}


rt_status_e
rt_session_encode(rt_mem_t *mem, const rt_session_t *s, rt_str_t *bytes)
{
    size_t           i;
    rt_status_e      rc;
    unsigned char   *p;
    const int64_t   *time[] = session_times(s);
    const rt_str_t  *str[] = session_strings(s);

    rc = measure(s, &bytes->len);
    if (rc != RT_OK) {
        return rc;
    }

    p = rt_alloc(mem, bytes->len);
    if (p == NULL) {
        return RT_ERROR;
    }

    bytes->data = p;

    *p++ = SESSION_VERSION;

    memcpy(p, s->id, RT_SESSION_ID);
    p += RT_SESSION_ID;

    for (i = 0; i < sizeof(time) / sizeof(time[0]); i++) {
        p = rt_bigend_put(p, (uint64_t) *time[i], 8);
    }

    p = rt_bigend_put(p, s->provider, 4);

    for (i = 0; i < SESSION_STRINGS; i++) {
        p = rt_bigend_put(p, str[i]->len, 4);

        if (str[i]->len) {
            memcpy(p, str[i]->data, str[i]->len);
            p += str[i]->len;
        }
    }

    return RT_OK;
}


/* the strings take all that is left, to the last byte */

static rt_status_e
strings(unsigned char *p, unsigned char *last, rt_session_t *s)
{
    size_t     i, len;
    rt_str_t  *str[] = session_strings(s);

    for (i = 0; i < SESSION_STRINGS; i++) {

        if (last - p < 4) {
            return RT_INVALID;
        }

        len = (size_t) rt_bigend_get(p, 4);
        p += 4;

        if (len > (size_t) (last - p)) {
            return RT_INVALID;
        }

        str[i]->data = p;
        str[i]->len = len;
        p += len;
    }

    return (p == last && s->claims.len) ? RT_OK : RT_INVALID;
}


rt_status_e
rt_session_decode(const rt_str_t *bytes, rt_session_t *s)
{
    size_t          i;
    uint64_t        t;
    int64_t        *time[] = session_times(s);
    unsigned char  *p;

    memset(s, 0, sizeof(rt_session_t));

    if (bytes->len < SESSION_FIXED || bytes->len > RT_SESSION_MAX
        || bytes->data[0] != SESSION_VERSION)
    {
        return RT_INVALID;
    }

    p = bytes->data + 1;

    memcpy(s->id, p, RT_SESSION_ID);
    p += RT_SESSION_ID;

    for (i = 0; i < sizeof(time) / sizeof(time[0]); i++) {
        t = rt_bigend_get(p, 8);
        p += 8;

        if (!is_time(t)) {
            return RT_INVALID;
        }

        *time[i] = (int64_t) t;
    }

    s->provider = (uint32_t) rt_bigend_get(p, 4);

    return strings(p + 4, bytes->data + bytes->len, s);
}
