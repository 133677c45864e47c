
#include "scim/rt_scim_id.h"


/* Whether a hyphen stands before this byte. */

static int
hyphen(size_t i)
{
    return i == 4 || i == 6 || i == 8 || i == 10;
}


void
rt_scim_id_text(const rt_scim_id_t *id, unsigned char *dst)
{
    rt_uuid_text(id->data, dst);
}


rt_status_e
rt_scim_id_read(const rt_str_t *text, rt_scim_id_t *id)
{
    int             high, low;
    size_t          i;
    unsigned char  *p, again[RT_UUID_LEN];

    if (text->len != RT_UUID_LEN) {
        return RT_DECLINED;
    }

    p = text->data;

    for (i = 0; i < RT_SCIM_ID; i++) {
        p += hyphen(i);
        high = rt_hex(p[0]);
        low = rt_hex(p[1]);

        if (high < 0 || low < 0) {
            return RT_DECLINED;
        }

        id->data[i] = (unsigned char) (high << 4 | low);
        p += 2;
    }

    rt_scim_id_text(id, again);

    return memcmp(again, text->data, RT_UUID_LEN) == 0 ? RT_OK : RT_DECLINED;
}


int
rt_scim_id_compare(const void *a, const void *b)
{
    return memcmp(a, b, RT_SCIM_ID);
}
