
/*
 * Numbers of which there are many: how often each came, in bounded memory.
 *
 * A rate counts events in steps of time, which become wider as more time is
 * covered.  A spread keeps numbers below 1024 as they are, and of greater ones
 * the first nine bits.
 */


#ifndef RT_AUDIT_SPAN_H_INCLUDED
#define RT_AUDIT_SPAN_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_AUDIT_STEPS   60
#define RT_AUDIT_SPREAD  (1024 + 54 * 512)


typedef struct {
    unsigned            width;      /* index of the step's width */
    uint64_t            first;      /* step: seconds divided by the width */
    uint64_t            last;
    uint64_t            n[RT_AUDIT_STEPS];      /* of step % RT_AUDIT_STEPS */
    unsigned            any;
} rt_audit_rate_t;


typedef struct {
    uint64_t            all;
    uint64_t            n[RT_AUDIT_SPREAD];
} rt_audit_spread_t;


void rt_audit_rate(rt_audit_rate_t *rate, uint64_t seconds);

/* ret: seconds of a step */
uint64_t rt_audit_rate_width(const rt_audit_rate_t *rate);

void rt_audit_spread(rt_audit_spread_t *spread, uint64_t number);

/* the percentile: so many percent of all numbers are not above it */
uint64_t rt_audit_spread_at(const rt_audit_spread_t *spread,
    unsigned percent);


#pragma GCC visibility pop


#endif /* RT_AUDIT_SPAN_H_INCLUDED */
