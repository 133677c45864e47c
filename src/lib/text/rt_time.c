
#include "text/rt_time.h"


#define MAX_MS  253402300799999ULL      /* 9999-12-31T23:59:59.999Z */


static void
digits(unsigned char *dst, unsigned n, unsigned width)
{
    while (width--) {
        dst[width] = (unsigned char) ('0' + n % 10);
        n /= 10;
    }
}


/*
 * Days to a date in the proleptic Gregorian calendar: years begin in March,
 * so that the leap day is the last; 146097 days make 400 years.
 */

static void
civil(unsigned days, unsigned *year, unsigned *month, unsigned *day)
{
    unsigned  era, doe, yoe, doy, mp;

    days += 719468;                     /* from 0000-03-01 */

    era = days / 146097;
    doe = days % 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;

    *day = doy - (153 * mp + 2) / 5 + 1;
    *month = mp < 10 ? mp + 3 : mp - 9;
    *year = yoe + era * 400 + (*month <= 2);
}


void
rt_time_iso(uint64_t ms, unsigned char *dst)
{
    unsigned  year, month, day, sec;

    if (ms > MAX_MS) {
        ms = MAX_MS;
    }

    sec = (unsigned) (ms / 1000 % 86400);
    civil((unsigned) (ms / 86400000), &year, &month, &day);

    memcpy(dst, "0000-00-00T00:00:00.000Z", RT_TIME_ISO_LEN);

    digits(dst, year, 4);
    digits(dst + 5, month, 2);
    digits(dst + 8, day, 2);
    digits(dst + 11, sec / 3600, 2);
    digits(dst + 14, sec / 60 % 60, 2);
    digits(dst + 17, sec % 60, 2);
    digits(dst + 20, (unsigned) (ms % 1000), 3);
}


void
rt_time_iso_kept(rt_time_kept_t *kept, uint64_t ms, unsigned char *dst)
{
    if (ms > MAX_MS) {
        ms = MAX_MS;
    }

    if (kept->text[0] == '\0' || kept->second != ms / 1000) {
        kept->second = ms / 1000;
        rt_time_iso(ms, kept->text);
    }

    memcpy(dst, kept->text, RT_TIME_ISO_LEN);
    digits(dst + 20, (unsigned) (ms % 1000), 3);
}


/* a date of that calendar to days: the other way round */

static int64_t
days_of(unsigned year, unsigned month, unsigned day)
{
    unsigned  era, yoe, doy;

    year -= month <= 2;
    era = year / 400;
    yoe = year % 400;
    doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return (int64_t) era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy
           - 719468;
}


/* width digits at *p, up to max; moves behind them and the sign that follows */

static int
number(const unsigned char **p, unsigned width, unsigned max, char sign,
    unsigned *n)
{
    for (*n = 0; width; width--, (*p)++) {
        if (**p < '0' || **p > '9') {
            return 0;
        }

        *n = *n * 10 + (**p - '0');
    }

    return *n <= max && (sign == '\0' || *(*p)++ == (unsigned char) sign);
}


/* Z, +HH:MM or -HH:MM, the end of the text */

static int
offset(const unsigned char *p, size_t len, int64_t *seconds)
{
    int       west;
    unsigned  hour, minute;

    if (len == 1) {
        *seconds = 0;
        return *p == 'Z';
    }

    west = (*p == '-');

    if ((!west && *p != '+') || len != sizeof("+01:00") - 1) {
        return 0;
    }

    p++;

    if (!number(&p, 2, 23, ':', &hour) || !number(&p, 2, 59, '\0', &minute)) {
        return 0;
    }

    *seconds = (int64_t) hour * 3600 + minute * 60;

    if (west) {
        *seconds = -*seconds;
    }

    return 1;
}


rt_status_e
rt_time_parse(const rt_str_t *text, int64_t *seconds)
{
    int64_t               days, east;
    unsigned              year, month, day, hour, minute, second, m, d;
    const unsigned char  *p;

    p = text->data;

    if (text->len < sizeof("2026-12-31T18:00:00Z") - 1
        || !number(&p, 4, 9999, '-', &year)
        || !number(&p, 2, 12, '-', &month)
        || !number(&p, 2, 31, 'T', &day)
        || !number(&p, 2, 23, ':', &hour)
        || !number(&p, 2, 59, ':', &minute)
        || !number(&p, 2, 59, '\0', &second)
        || !offset(p, text->len - (size_t) (p - text->data), &east)
        || year < 1970 || month == 0 || day == 0)
    {
        return RT_DECLINED;
    }

    days = days_of(year, month, day);

    /* a day that its month does not have becomes one of the next */

    civil((unsigned) days, &year, &m, &d);

    if (m != month || d != day) {
        return RT_DECLINED;
    }

    *seconds = days * 86400 + hour * 3600 + minute * 60 + second - east;

    return *seconds >= 0 ? RT_OK : RT_DECLINED;
}
