
#include "event/rt_query_time.h"
#include "text/rt_time.h"


#define DAY  86400000ULL

#define LONGEST  (sizeof("2026-11-29T10:00:30+01:00") - 1)


/* "-15m" */

static rt_status_e
ago(const rt_str_t *text, uint64_t now, uint64_t *ms)
{
    size_t                i;
    uint64_t              n;
    const unsigned char  *p;

    static const struct {
        unsigned char  name;
        uint64_t       ms;
    } units[] = {
        { 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 }, { 'd', DAY },
        { 'w', 7 * DAY }
    };

    p = text->data + 1;

    for (i = 1, n = 0; i < text->len - 1 && i < 10; i++, p++) {
        if (*p < '0' || *p > '9') {
            return RT_DECLINED;
        }

        n = n * 10 + (*p - '0');
    }

    if (i == 1 || i != text->len - 1) {
        return RT_DECLINED;
    }

    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (units[i].name == *p) {
            n *= units[i].ms;
            *ms = n < now ? now - n : 0;
            return RT_OK;
        }
    }

    return RT_DECLINED;
}


/* takes ".652" out of a time; ret: its milliseconds, -1: it is none */

static int
fraction(unsigned char *text, size_t *len)
{
    int           ms, weight;
    size_t        i;
    const size_t  at = sizeof("2026-11-29T10:00:30") - 1;

    if (*len <= at || text[at] != '.') {
        return 0;
    }

    ms = 0;
    weight = 100;

    for (i = at + 1; i < *len && text[i] >= '0' && text[i] <= '9'; i++) {
        ms += weight * (text[i] - '0');
        weight /= 10;
    }

    if (i == at + 1) {
        return -1;
    }

    memmove(text + at, text + i, *len - i);
    *len -= i - at;

    return ms;
}


static rt_status_e
date(const rt_str_t *text, uint64_t *ms)
{
    int            rest;
    int64_t        seconds;
    rt_str_t       full;
    unsigned char  buf[LONGEST + 16];

    static const rt_str_t  form = rt_string("0000-00-00T00:00:00Z");

    if (text->len < 10 || text->len > LONGEST + 10) {
        return RT_DECLINED;
    }

    full.data = buf;
    full.len = text->len;
    memcpy(buf, text->data, text->len);

    rest = fraction(buf, &full.len);

    if (full.len > 10 && buf[10] == ' ') {
        buf[10] = 'T';
    }

    /* a date, without seconds, without a zone: the rest is that of the form */

    if (full.len == 10 || full.len == 16 || full.len == 19) {
        memcpy(buf + full.len, form.data + full.len, form.len - full.len);
        full.len = form.len;
    }

    if (rest == -1 || rt_time_parse(&full, &seconds) != RT_OK) {
        return RT_DECLINED;
    }

    *ms = (uint64_t) seconds * 1000 + (uint64_t) rest;

    return RT_OK;
}


rt_status_e
rt_query_time(const rt_str_t *text, uint64_t now_ms, uint64_t *ms)
{
    uint64_t  today;

    today = now_ms - now_ms % DAY;

    if (rt_str_lit(text, "now")) {
        *ms = now_ms;

    } else if (rt_str_lit(text, "today")) {
        *ms = today;

    } else if (rt_str_lit(text, "yesterday")) {
        *ms = today < DAY ? 0 : today - DAY;

    } else if (text->len && text->data[0] == '-') {
        return ago(text, now_ms, ms);

    } else {
        return date(text, ms);
    }

    return RT_OK;
}
