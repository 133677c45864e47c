
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
