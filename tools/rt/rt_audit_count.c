
#include <stdlib.h>

#include "rt_audit_count.h"
#include "json/rt_jsonscan.h"


#define USED_MAX  (RT_AUDIT_COUNT_SLOTS / 2)
#define PROBES    64


int
rt_audit_count_init(rt_audit_count_t *count, uint64_t seed)
{
    memset(count, 0, sizeof(rt_audit_count_t));
    count->seed = seed;
    count->slot = calloc(RT_AUDIT_COUNT_SLOTS, sizeof(rt_audit_count_slot_t));

    return count->slot != NULL;
}


/* The first bytes of a value's text; ret: how many they are. */

static size_t
said(unsigned char *text, const rt_str_t *value, int path)
{
    int                 c;
    size_t              n;
    rt_jsonscan_text_t  reader;

    rt_jsonscan_text(&reader, value);

    for (n = 0; n < RT_AUDIT_COUNT_TEXT; n++) {
        c = rt_jsonscan_byte(&reader);

        if (c == -1 || (path && c == '?')) {
            break;
        }

        text[n] = (unsigned char) c;
    }

    return n;
}


/* The seed keeps anybody from choosing texts that fall on one place. */

static uint64_t
hash(uint64_t h, const unsigned char *p, size_t len)
{
    while (len--) {
        h = (h ^ *p++) * 0x9e3779b97f4a7c15ULL;
        h ^= h >> 29;
    }

    return h;
}


void
rt_audit_count(rt_audit_count_t *count, const rt_str_t *value, int path)
{
    unsigned                i;
    size_t                  at;
    rt_str_t                text;
    unsigned char           buf[RT_AUDIT_COUNT_TEXT];
    rt_audit_count_slot_t  *slot;

    text.data = buf;
    text.len = said(buf, value, path);
    at = (size_t) hash(count->seed, buf, text.len);

    for (i = 0; i < PROBES; i++) {
        slot = &count->slot[(at + i) % RT_AUDIT_COUNT_SLOTS];

        if (slot->n && rt_str_eq(&slot->text, &text)) {
            slot->n++;
            return;
        }

        if (slot->n == 0) {
            break;
        }
    }

    if (i == PROBES || count->used == USED_MAX
        || (text.data = malloc(text.len + 1)) == NULL)
    {
        count->others++;
        return;
    }

    memcpy(text.data, buf, text.len);
    slot->text = text;
    slot->n = 1;
    count->used++;
}


/* The most frequent come first; equally frequent texts are in their order. */

static int
by_count(const void *a, const void *b)
{
    int                           rc;
    size_t                        len;
    const rt_audit_count_slot_t  *one = a, *two = b;

    if (one->n != two->n) {
        return one->n > two->n ? -1 : 1;
    }

    len = one->text.len < two->text.len ? one->text.len : two->text.len;
    rc = len ? memcmp(one->text.data, two->text.data, len) : 0;

    return rc ? rc : (one->text.len > two->text.len)
                     - (one->text.len < two->text.len);
}


void
rt_audit_count_sort(rt_audit_count_t *count)
{
    qsort(count->slot, RT_AUDIT_COUNT_SLOTS, sizeof(rt_audit_count_slot_t),
          by_count);
}
