
/* rt audit stats: what was asked, how often, by whom, and how it ended. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "rt_audit.h"
#include "rt_audit_count.h"
#include "rt_audit_each.h"
#include "rt_audit_span.h"
#include "rt_term.h"
#include "json/rt_jsonw.h"


#define TOP  20             /* rows of each table */


typedef enum {
    BY_ACTION = 0,
    BY_STATUS,
    BY_USER,
    BY_PATH,
    COUNTS
} count_e;


static const struct {
    const char         *name;
    const char         *json;
    rt_query_member_e   member;
} counts[COUNTS] = {
    [BY_ACTION] = { "action", "actions", RT_QUERY_ACTION },
    [BY_STATUS] = { "status", "statuses", RT_QUERY_STATUS },
    [BY_USER] = { "user", "users", RT_QUERY_USER },
    [BY_PATH] = { "path", "paths", RT_QUERY_URL }
};


typedef struct {
    rt_audit_ask_t      ask;
    rt_audit_open_t     open;
    uint64_t            events;
    uint64_t            lost;
    rt_audit_count_t    count[COUNTS];
    rt_audit_rate_t     rate;
    rt_audit_spread_t   took;
} stats_t;


static void
rate(stats_t *s, const rt_query_line_t *ev)
{
    int64_t        seconds;
    rt_str_t       time;
    unsigned char  text[RT_TIME_ISO_LEN];

    if (rt_query_line_time(ev, text) != RT_OK) {
        return;
    }

    /* without its milliseconds */

    text[RT_TIME_ISO_LEN - 5] = 'Z';
    time.data = text;
    time.len = RT_TIME_ISO_LEN - 4;

    if (rt_time_parse(&time, &seconds) == RT_OK) {
        rt_audit_rate(&s->rate, (uint64_t) seconds);
    }
}


static int
add(void *ctx, const rt_str_t *line, const rt_query_line_t *ev)
{
    size_t    i;
    uint64_t  n;
    rt_str_t  value;
    stats_t  *s = ctx;

    (void) line;

    s->events++;

    for (i = 0; i < COUNTS; i++) {
        value = rt_audit_print_shown(ev, counts[i].member);

        if (value.len) {
            rt_audit_count(&s->count[i], &value, i == BY_PATH);
        }
    }

    if (rt_query_line_uint(ev, RT_QUERY_LOST, &n)) {
        s->lost += n;
    }

    if (ev->at[RT_QUERY_REQUEST].len
        && !rt_str_lit(&ev->at[RT_QUERY_REQUEST], "null")
        && rt_query_line_uint(ev, RT_QUERY_RESPONSE_MS, &n))
    {
        rt_audit_spread(&s->took, n);
    }

    rate(s, ev);

    return 1;
}


/* a text that was counted, as JSON */

static rt_str_t
json_of(const rt_str_t *text, unsigned char *buf, size_t size)
{
    rt_str_t    json;
    rt_jsonw_t  w;

    rt_jsonw_init(&w, buf, size);
    rt_jsonw_str(&w, text);

    json.data = buf;
    json.len = rt_jsonw_len(&w);

    return json;
}


static void
print_count(const stats_t *s, count_e which, int json)
{
    size_t                         i, shown;
    uint64_t                       others;
    rt_str_t                       text;
    unsigned char                  buf[6 * RT_AUDIT_COUNT_TEXT + 2];
    const rt_audit_count_t        *count = &s->count[which];
    const rt_audit_count_slot_t   *slot;

    shown = count->used < TOP ? count->used : TOP;
    others = count->others;

    for (i = shown; i < count->used; i++) {
        others += count->slot[i].n;
    }

    if (json) {
        printf(",\"%s\":{\"top\":[", counts[which].json);

    } else {
        printf("\n%12s  %s\n", "events", counts[which].name);
    }

    for (i = 0; i < shown; i++) {
        slot = &count->slot[i];
        text = json_of(&slot->text, buf, sizeof(buf));

        if (json) {
            printf("%s{\"value\":", i ? "," : "");
            rt_term_text(&text);
            printf(",\"events\":%llu}", (unsigned long long) slot->n);

        } else {
            printf("%12llu  ", (unsigned long long) slot->n);
            (void) rt_audit_print_value(&text, 0);
            printf("\n");
        }
    }

    if (json) {
        printf("],\"others\":%llu}", (unsigned long long) others);

    } else if (others) {
        printf("%12llu  others\n", (unsigned long long) others);
    }
}


static void
print_rate(const stats_t *s, int json)
{
    uint64_t       step, n, width;
    unsigned char  time[RT_TIME_ISO_LEN];

    width = rt_audit_rate_width(&s->rate);

    if (json) {
        printf(",\"stepSeconds\":%llu,\"rate\":[", (unsigned long long) width);

    } else {
        printf("\n%12s  %-20s  a second (steps of %llu s)\n", "events", "from",
               (unsigned long long) width);
    }

    for (step = s->rate.first; s->rate.any && step <= s->rate.last; step++) {
        n = s->rate.n[step % RT_AUDIT_STEPS];
        rt_time_iso(step * width * 1000, time);

        if (json) {
            printf("%s{\"from\":\"%.24s\",\"events\":%llu}",
                   step == s->rate.first ? "" : ",", time,
                   (unsigned long long) n);

        } else {
            printf("%12llu  %.19sZ  %.2f\n", (unsigned long long) n, time,
                   (double) n / (double) width);
        }
    }

    printf("%s", json ? "]" : "");
}


static void
print(const stats_t *s)
{
    size_t    i;
    uint64_t  took[3];

    static const unsigned  percent[] = { 50, 95, 99 };

    for (i = 0; i < 3; i++) {
        took[i] = rt_audit_spread_at(&s->took, percent[i]);
    }

    printf(s->ask.format == RT_AUDIT_JSON
           ? "{\"events\":%llu,\"lost\":%llu,\"open\":%llu,"
             "\"responseTimeMs\":{\"p50\":%llu,\"p95\":%llu,\"p99\":%llu}"
           : "%12llu  events\n%12llu  lost\n%12llu  open: begun, and not "
             "over\n%12llu  ms: half of them took no "
             "longer (p50)\n%12llu  ms (p95)\n%12llu  ms (p99)\n",
           (unsigned long long) s->events, (unsigned long long) s->lost,
           (unsigned long long) s->open.n,
           (unsigned long long) took[0], (unsigned long long) took[1],
           (unsigned long long) took[2]);

    for (i = 0; i < COUNTS; i++) {
        print_count(s, i, s->ask.format == RT_AUDIT_JSON);
    }

    print_rate(s, s->ask.format == RT_AUDIT_JSON);

    if (s->ask.format == RT_AUDIT_JSON) {
        printf("}\n");
    }
}


int
rt_audit_stats(rt_mem_t *mem, int argc, char **argv)
{
    size_t          i;
    uint64_t        seed;
    unsigned        n;
    static stats_t  s;

    s.ask.verb = "rt audit stats";
    s.ask.mem = mem;
    s.ask.over = 1;
    s.ask.open = &s.open;

    if (rt_audit_ask(&s.ask, argc, argv, 0) != RT_EXIT_OK) {
        return RT_EXIT_FAILED;
    }

    if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed)) {
        return rt_audit_failed(&s.ask, "random bytes", strerror(errno));
    }

    for (i = 0; i < COUNTS; i++) {
        if (!rt_audit_count_init(&s.count[i], seed)) {
            return rt_audit_failed(&s.ask, "memory", strerror(errno));
        }
    }

    for (n = 0; n < s.ask.nfiles; n++) {
        (void) rt_audit_each(&s.ask, &s.ask.file[n], add, &s);
    }

    for (i = 0; i < COUNTS; i++) {
        rt_audit_count_sort(&s.count[i]);
    }

    print(&s);
    rt_audit_open_told(&s.ask);

    return s.ask.trouble ? RT_EXIT_FAILED
                         : s.events ? RT_EXIT_OK : RT_EXIT_FOUND;
}
