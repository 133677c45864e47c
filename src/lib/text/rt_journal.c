
#include "text/rt_journal.h"

#include <openssl/evp.h>


#define SUM  16


static int sum(const rt_str_t *record, unsigned char *dst);


rt_status_e
rt_journal_line(unsigned char *dst, const rt_str_t *record)
{
    if (record->len == 0 || record->len > RT_JOURNAL_MAX
        || memchr(record->data, '\n', record->len) != NULL)
    {
        return RT_INVALID;
    }

    if (!sum(record, dst)) {
        return RT_ERROR;
    }

    dst[SUM] = ' ';
    memcpy(dst + SUM + 1, record->data, record->len);
    dst[SUM + 1 + record->len] = '\n';

    return RT_OK;
}


rt_status_e
rt_journal_next(rt_str_t *rest, rt_str_t *record)
{
    rt_str_t       line, tail;
    unsigned char  is[SUM];

    if (!rt_str_cut(rest, '\n', &line, &tail)) {
        return RT_DONE;
    }

    *rest = tail;

    if (line.len <= SUM + 1 || line.len - SUM - 1 > RT_JOURNAL_MAX
        || line.data[SUM] != ' ')
    {
        return RT_DECLINED;
    }

    record->data = line.data + SUM + 1;
    record->len = line.len - SUM - 1;

    if (!sum(record, is)) {
        return RT_ERROR;
    }

    return memcmp(is, line.data, SUM) == 0 ? RT_OK : RT_DECLINED;
}


int
rt_journal_cut(rt_str_t *rest, rt_str_t *record)
{
    if (!rt_str_cut(rest, '\n', record, rest)) {
        return 0;
    }

    record->data += SUM + 1;
    record->len -= SUM + 1;

    return 1;
}


static int
sum(const rt_str_t *record, unsigned char *dst)
{
    unsigned char  digest[EVP_MAX_MD_SIZE];

    if (EVP_Digest(record->data, record->len, digest, NULL, EVP_sha256(), NULL)
        != 1)
    {
        return 0;
    }

    rt_hex_put(dst, digest, SUM / 2);

    return 1;
}
