
#include <stdio.h>

#include "event/rt_event_part.h"


int
rt_event_code(const rt_str_t *s)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < s->len; i++) {
        c = s->data[i];

        if (!(c >= 'a' && c <= 'z')
            && (i == 0 || !((c >= '0' && c <= '9') || c == '_')))
        {
            return 0;
        }
    }

    return s->len >= 1 && s->len <= 64;
}


void
rt_event_cut(void *part, const rt_str_t *ptr)
{
    rt_str_t         *s;
    rt_event_part_t  *p = part;

    if (p->ncuts == RT_EVENT_CUTS) {
        p->cuts_over++;
        return;
    }

    s = &p->cut[p->ncuts];
    s->data = rt_alloc(p->rd->mem, ptr->len ? ptr->len : 1);

    if (s->data == NULL) {
        p->cuts_over++;
        return;
    }

    memcpy(s->data, ptr->data, ptr->len);
    s->len = ptr->len;
    p->ncuts++;
}


void
rt_event_cut_name(rt_event_part_t *p, const char *name)
{
    int       n;
    char      buf[80];
    rt_str_t  ptr;

    n = snprintf(buf, sizeof(buf), "%s/%s", p->at, name);

    ptr.data = (unsigned char *) buf;
    ptr.len = (size_t) n < sizeof(buf) ? (size_t) n : sizeof(buf) - 1;

    rt_event_cut(p, &ptr);
}


void
rt_event_value(rt_event_part_t *p, const char *name, const rt_str_t *s,
    size_t max)
{
    if (rt_jsonw_str_cut(&p->w, s, max) == RT_TOO_BIG) {
        rt_event_cut_name(p, name);
    }
}


void
rt_event_may(rt_event_part_t *p, const char *name, rt_event_write_pt write)
{
    size_t           saved;
    rt_str_t         segment;
    rt_jsonw_mark_t  mark;

    segment.data = (unsigned char *) name;
    segment.len = strlen(name);

    saved = rt_redact_enter(p->rd, &segment);
    mark = rt_jsonw_mark(&p->w);

    write(p);

    if (p->w.full) {
        rt_jsonw_restore(&p->w, &mark);
        rt_redact_cut(p->rd);
    }

    rt_redact_leave(p->rd, saved);
}
