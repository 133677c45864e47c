
#include "rt_check_found.h"
#include "rt_check_tree.h"
#include "text/rt_complain.h"


rt_str_t
rt_check_label(rt_check_t *check, const rt_nginxconf_t *at)
{
    rt_str_t               s, server, modifier;
    const rt_nginxconf_t  *d, *location;

    static const rt_str_t  none = rt_string("");

    for (d = at, location = NULL; d->nwords && !is(d, "server");
         d = d->parent)
    {
        location = location || !is(d, "location") ? location : d;
    }

    server = value(d->nwords ? own(d, "server_name") : NULL);

    if (server.len == 0) {
        server = value(d->nwords ? own(d, "listen") : NULL);
    }

    modifier = location && location->nwords > 2 ? location->word[1] : none;

    if (rt_complain(check->mem, &s, "server %.*s%s%.*s%s%.*s",
                    rt_str_args(&server), location ? ", location " : "",
                    rt_str_args(&modifier), modifier.len ? " " : "",
                    rt_str_args(location
                                ? &location->word[location->nwords - 1]
                                : &none))
        == RT_ERROR)
    {
        check->failed = 1;
    }

    return s;
}


/* Whether "# rt check ok: ID" stands at this level or further out. */

static int
is_meant(const rt_nginxconf_t *level, const char *id)
{
    unsigned               i;
    const rt_nginxconf_t  *d;

    for ( /* void */ ; level; level = level->parent) {
        for (d = own(level, "#"); d; d = again(d)) {
            for (i = 2; i < d->nwords; i++) {
                if (rt_str_lit(&d->word[1], "ok:")
                    && rt_str_is(&d->word[i], id, strlen(id)))
                {
                    return 1;
                }
            }
        }
    }

    return 0;
}


void
rt_check_found(rt_check_t *check, const char *id, const rt_nginxconf_t *level,
    const rt_nginxconf_t *at, rt_status_e status, const rt_str_t *text)
{
    rt_finding_t  *f, **last;

    if (is_meant(level, id)) {
        return;
    }

    for (last = &check->findings; *last; last = &(*last)->next) {
        f = *last;

        if (f->id == id && f->at == at && rt_str_eq(&f->text, text)) {
            return;
        }
    }

    f = rt_alloc(check->mem, sizeof(rt_finding_t));

    if (f == NULL || status == RT_ERROR) {
        check->failed = 1;
        return;
    }

    f->id = id;
    f->at = at;
    f->text = *text;
    f->location = rt_check_label(check, level);
    f->next = NULL;

    *last = f;
    check->nfindings++;
}
