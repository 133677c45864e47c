
#include "rt_audit_span.h"


/* seconds of a step; each width is a multiple of the one before */

static const uint64_t  widths[] = {
    1, 10, 60, 600, 3600, 6 * 3600, 86400, 10 * 86400, 100 * 86400ULL,
    1000 * 86400ULL, 100000 * 86400ULL
};


uint64_t
rt_audit_rate_width(const rt_audit_rate_t *rate)
{
    return widths[rate->width];
}


/* Goes to the next width, at which several steps become one. */

static void
widen(rt_audit_rate_t *rate)
{
    uint64_t         step, times;
    rt_audit_rate_t  wide;

    memset(&wide, 0, sizeof(rt_audit_rate_t));

    times = widths[rate->width + 1] / widths[rate->width];
    wide.any = 1;
    wide.width = rate->width + 1;
    wide.first = rate->first / times;
    wide.last = rate->last / times;

    for (step = rate->first; step <= rate->last; step++) {
        wide.n[step / times % RT_AUDIT_STEPS] += rate->n[step % RT_AUDIT_STEPS];
    }

    *rate = wide;
}


void
rt_audit_rate(rt_audit_rate_t *rate, uint64_t seconds)
{
    uint64_t  step, first, last;

    for ( ;; ) {
        step = seconds / widths[rate->width];
        first = rate->any && rate->first < step ? rate->first : step;
        last = rate->any && rate->last > step ? rate->last : step;

        if (last - first < RT_AUDIT_STEPS) {
            break;
        }

        widen(rate);
    }

    rate->any = 1;
    rate->first = first;
    rate->last = last;
    rate->n[step % RT_AUDIT_STEPS]++;
}


/* The place of a number; least() is the way back. */

static unsigned
place(uint64_t number)
{
    unsigned  shift;

    if (number < 1024) {
        return (unsigned) number;
    }

    shift = 54 - (unsigned) __builtin_clzll(number);

    return 1024 + (shift - 1) * 512 + (unsigned) (number >> shift) - 512;
}


static uint64_t
least(unsigned at)
{
    unsigned  shift;

    if (at < 1024) {
        return at;
    }

    shift = (at - 1024) / 512 + 1;

    return (uint64_t) ((at - 1024) % 512 + 512) << shift;
}


void
rt_audit_spread(rt_audit_spread_t *spread, uint64_t number)
{
    spread->n[place(number)]++;
    spread->all++;
}


uint64_t
rt_audit_spread_at(const rt_audit_spread_t *spread, unsigned percent)
{
    unsigned  i;
    uint64_t  seen, wanted;

    wanted = (spread->all * percent + 99) / 100;

    for (i = 0, seen = 0; i < RT_AUDIT_SPREAD; i++) {
        seen += spread->n[i];

        if (seen >= wanted && seen) {
            return least(i);
        }
    }

    return 0;
}
