
/*
 * What rtauth and rtcsp hand over to rtaudit: pieces in a variable, each the
 * value of a row of a table that rtaudit has.
 *
 *     | kind 1 | row 1 | len 4 |  len bytes, as they are  | kind ...
 *
 * Nothing is escaped and nothing is parsed.  A kind is no byte that a text has,
 * JSON or another, so that rtaudit sees which of both stands in a variable.
 * Whoever wrote it is believed as little as with JSON: lengths are held against
 * the end, a row says which values it takes, and they are encoded anew.
 */


#ifndef RT_EVENT_PACKED_H_INCLUDED
#define RT_EVENT_PACKED_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


typedef enum {
    RT_PACKED_TEXT = 0xf8,
    RT_PACKED_TRUE,             /* these three have no bytes */
    RT_PACKED_FALSE,
    RT_PACKED_LIST,             /* its items follow, or none */
    RT_PACKED_ITEM,
    RT_PACKED_END
} rt_packed_kind_e;


/*
 * The rows.  A module of another version may be loaded: a number stays what it
 * is, and one that is not known is passed over.
 */

typedef enum {
    RT_USER_ID = 0,
    RT_USER_SID,
    RT_USER_EMAIL,
    RT_USER_USER_NAME,
    RT_USER_FIRST_NAME,
    RT_USER_LAST_NAME,
    RT_USER_USER_TYPE,
    RT_USER_GROUPS,
    RT_USER_TOKEN_GROUPS,
    RT_USER_ORGANIZATION_ID,
    RT_USER_EXTERNAL_IDENTIFIER,
    RT_USER_TWO_FACTOR,
    RT_USER_ENABLED,
    RT_USER_GOOGLE,
    RT_USER_LAST_LOGGED_IN,
    RT_USER_LAST_ACTIVE,
    RT_USER_CREATED_AT,
    RT_USER_UPDATED_AT,
    RT_USER_PHOTO,
    RT_USER_SALES_DISMISSED,
    RT_USER_TUTORIAL_DISMISSED,
    RT_USER_PASSWORD_EXPIRES_AT,
    RT_USER_N
} rt_packed_user_e;

typedef enum {
    RT_RTAUTH_DECISION = 0,
    RT_RTAUTH_REASON,
    RT_RTAUTH_PROVIDER,
    RT_RTAUTH_REFERENCE,
    RT_RTAUTH_GRANT,
    RT_RTAUTH_GRANT_REASON,
    RT_RTAUTH_ACTION,
    RT_RTAUTH_TARGET_KIND,
    RT_RTAUTH_TARGET,
    RT_RTAUTH_KEY,
    RT_RTAUTH_CHANGED,
    RT_RTAUTH_BEFORE,
    RT_RTAUTH_AFTER,
    RT_RTAUTH_N
} rt_packed_rtauth_e;

typedef enum {
    RT_RTCSP_POLICY = 0,
    RT_RTCSP_NONCE,
    RT_RTCSP_LOST,
    RT_RTCSP_ACTION,
    RT_RTCSP_REPORTS,
    RT_RTCSP_CLASSES,
    RT_RTCSP_VIOLATIONS,
    RT_RTCSP_N
} rt_packed_rtcsp_e;


#define RT_PACKED_HEAD  6       /* bytes before those of a piece */


typedef struct {
    rt_packed_kind_e    kind;
    unsigned            row;
    rt_str_t            text;
} rt_packed_t;


/* ret: where the next piece goes; there is room for len and the head */

static inline unsigned char *
rt_packed_put(unsigned char *p, rt_packed_kind_e kind, unsigned row,
    const rt_str_t *text)
{
    uint32_t  len;

    len = text ? (uint32_t) text->len : 0;

    p[0] = (unsigned char) kind;
    p[1] = (unsigned char) row;
    memcpy(p + 2, &len, sizeof(len));

    if (len) {
        memcpy(p + RT_PACKED_HEAD, text->data, len);
    }

    return p + RT_PACKED_HEAD + len;
}


/* takes the first piece of rest; ret: 0 if no whole one stands there */

static inline int
rt_packed_take(rt_str_t *rest, rt_packed_t *piece)
{
    uint32_t  len;

    if (rest->len < RT_PACKED_HEAD || rest->data[0] < RT_PACKED_TEXT
        || rest->data[0] >= RT_PACKED_END)
    {
        return 0;
    }

    memcpy(&len, rest->data + 2, sizeof(len));

    if (len > rest->len - RT_PACKED_HEAD) {
        return 0;
    }

    piece->kind = (rt_packed_kind_e) rest->data[0];
    piece->row = rest->data[1];
    piece->text.data = rest->data + RT_PACKED_HEAD;
    piece->text.len = len;

    rest->data += RT_PACKED_HEAD + len;
    rest->len -= RT_PACKED_HEAD + len;

    return 1;
}


#pragma GCC visibility pop


#endif /* RT_EVENT_PACKED_H_INCLUDED */
