
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rt.h"
#include "rt_check_tree.h"
#include "rt_explain.h"
#include "rt_term.h"
#include "text/rt_field.h"


#define MAX_REASON  4096            /* bytes to which a line is cut */


static const rt_place_t *
place_at(const rt_explain_t *e, unsigned number)
{
    const rt_place_t  *p;

    for (p = e->merged.places; p && number; p = p->next) {
        number--;
    }

    return p;
}


/* Finds the places that the request went through, in that order. */

static int
read_places(rt_explain_t *e)
{
    char              *p;
    rt_str_t           way;
    const rt_place_t  *place;

    way = rt_json_text(e->way, "places");
    e->place = rt_alloc(e->mem, (way.len + 1) * sizeof(rt_place_t *));

    if (e->place == NULL) {
        return -1;
    }

    for (p = (char *) way.data; (size_t) (p - (char *) way.data) < way.len;
         p += strspn(p, " "))
    {
        place = place_at(e, (unsigned) strtoul(p, &p, 10));

        if (place) {
            e->place[e->nplaces++] = place;
        }
    }

    return 0;
}


static void
note_places(rt_explain_t *e)
{
    unsigned  i;

    for (i = 0; i < e->nplaces; i++) {
        if (is_on(e->place[i]->at, "auth_request")) {
            rt_copy_note(&e->copy, "an auth_request that is passed on is "
                                   "answered 200 by rt, and not by who is "
                                   "asked: it lets everybody in");
        }
    }
}


const char *
rt_explain_heard(rt_explain_t *e)
{
    char                         name[32];
    size_t                       err;
    rt_str_t                     text, line;
    unsigned                     i;

    static const rt_json_opts_t  opts = { RT_JSON_REPAIR, 16, 10000 };

    (void) rt_scratch_read(&e->scratch, RT_COPY_LOG, &e->log);

    for (i = 0; i < e->copy.sinks && e->event.len == 0; i++) {
        snprintf(name, sizeof(name), "audit/%u", i);

        if (rt_scratch_read(&e->scratch, name, &text) != 0) {
            continue;
        }

        /* takes the first event of a request: rtaudit has some of its own */

        while (e->event.len == 0 && rt_field_part(&text, '\n', &line)) {
            if (memmem(line.data, line.len, "\"actionType\":\"AUDIT_", 20)
                == NULL)
            {
                e->event = line;
            }
        }
    }

    if (rt_scratch_read(&e->scratch, RT_COPY_WAY, &text) != 0
        || !rt_field_part(&text, '\n', &line)
        || rt_json_parse(e->mem, &line, &opts, &e->way, &err) != RT_OK)
    {
        return "nginx did not say what it did with the request";
    }

    if (read_places(e) != 0) {
        return "no memory";
    }

    note_places(e);

    return NULL;
}


/* The next value of a header of the answer; ret: 1; 0: there is none. */

static int
next_header(const char **p, const char *name, rt_str_t *value)
{
    size_t       len;
    const char  *line, *end;

    len = strlen(name);

    for (line = *p; line && *line && *line != '\r'; line = end + 2) {
        end = strstr(line, "\r\n");

        if (end == NULL) {
            return 0;
        }

        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            value->data = (unsigned char *) line + len + 1;
            value->len = (size_t) (end - line) - len - 1;
            *value = rt_field_trim(value);
            *p = end + 2;
            return 1;
        }
    }

    return 0;
}


static const char  *headers[] = {
    "Location", "WWW-Authenticate", "Content-Security-Policy",
    "Content-Security-Policy-Report-Only", "Strict-Transport-Security"
};


/*
 * Finds the next line of nginx's log about the request, from behind "*N " to
 * ", client: ".  A place in the copy is named by the place it was copied from.
 */

static int
next_reason(rt_explain_t *e, rt_str_t *rest, char *out, size_t size)
{
    char                  *p, *end, *at, *conf;
    size_t                 len;
    rt_str_t               line;
    unsigned               n;
    const rt_nginxconf_t  *d;

    len = strlen(e->conf);

    while (rt_field_part(rest, '\n', &line)) {
        p = memmem(line.data, line.len, ": *", 3);
        p = p ? memchr(p + 3, ' ', line.len - (size_t) (p + 3
                                               - (char *) line.data)) : NULL;
        end = memmem(line.data, line.len, ", client: ", 10);

        if (p == NULL || end == NULL || end <= p
            || memmem(line.data, line.len, " closed keepalive", 17))
        {
            continue;
        }

        snprintf(out, size, "%.*s", (int) (end - p - 1), p + 1);
        conf = strstr(out, e->conf);

        if (conf && conf[len] == ':') {
            n = (unsigned) strtoul(conf + len + 1, &at, 10);
            d = n && n <= e->copy.lines ? e->copy.at[n - 1] : NULL;
            end = strdup(at);

            if (d && end) {
                snprintf(conf, size - (size_t) (conf - out), "%.*s:%u%s",
                         (int) d->file.len, d->file.data, d->line, end);
            }

            free(end);
        }

        return 1;
    }

    return 0;
}


static void
put_text(const char *name, rt_str_t text)
{
    if (text.len) {
        printf("  %-10s ", name);
        rt_term_text(&text);
        printf("\n");
    }
}


static void
put_place(rt_explain_t *e, const rt_place_t *p)
{
    rt_str_t  label;

    label = rt_check_label(&e->check, p->at);

    printf("  %-10s ", (char *) p->at->word[0].data);
    rt_term_text(&label);
    printf(" (");
    rt_term_text(&p->at->file);
    printf(":%u)\n", p->at->line);
}


static void
print_text(rt_explain_t *e)
{
    char         reason[MAX_REASON];
    size_t       i;
    rt_str_t     value, rest;
    unsigned     k;
    const char  *p;

    static const char  *members[] = { "result", "user", "provider", "groups",
                                      "permission", "event" };

    printf("%s ", e->ask.method);
    value = rt_str_of(e->url);
    rt_term_text(&value);
    printf("\n");

    for (k = 0; k < e->nplaces; k++) {
        put_place(e, e->place[k]);
    }

    if (k) {
        rt_check_place(e->place[k - 1], "    ");
    }

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        put_text(members[i], rt_json_text(e->way, members[i]));
    }

    for (rest = e->log; next_reason(e, &rest, reason, sizeof(reason)); ) {
        put_text("because", rt_str_of(reason));
    }

    value.data = (unsigned char *) e->head;
    value.len = strcspn(e->head, "\r\n");
    put_text("answer", value);

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        for (p = e->head; next_header(&p, headers[i], &value); /* void */) {
            printf("    %s: ", headers[i]);
            rt_term_text(&value);
            printf("\n");
        }
    }

    put_text("reached",
             rt_str_of(e->reached ? "the application (rt in its place, which "
                                    "answers 200)" : "no application"));
    put_text("logged", e->event);

    for (k = 0; k < e->copy.nnotes; k++) {
        put_text("note", rt_str_of(e->copy.note[k]));
    }
}


static void
json_str(rt_jsonw_t *w, const char *name, rt_str_t value)
{
    rt_jsonw_name(w, name, strlen(name));
    rt_jsonw_str(w, &value);
}


/* Writes a member whose value is JSON already; an empty one is left out. */

static void
json_raw(rt_jsonw_t *w, const char *name, rt_str_t value)
{
    if (value.len) {
        rt_jsonw_name(w, name, strlen(name));
        rt_jsonw_raw(w, &value);
    }
}


static void
json_places(rt_explain_t *e, rt_jsonw_t *w)
{
    unsigned               i;
    const rt_nginxconf_t  *at;

    rt_jsonw_lit(w, "places");
    rt_jsonw_open(w, '[');

    for (i = 0; i < e->nplaces; i++) {
        at = e->place[i]->at;

        rt_jsonw_open(w, '{');
        json_str(w, "location", rt_check_label(&e->check, at));
        json_str(w, "file", at->file);
        rt_jsonw_lit(w, "line");
        rt_jsonw_uint(w, at->line);
        rt_jsonw_close(w, '}');
    }

    rt_jsonw_close(w, ']');
}


static void
json_reasons(rt_explain_t *e, rt_jsonw_t *w)
{
    char      reason[MAX_REASON];
    rt_str_t  value, rest;

    rt_jsonw_lit(w, "because");
    rt_jsonw_open(w, '[');

    for (rest = e->log; next_reason(e, &rest, reason, sizeof(reason)); ) {
        value = rt_str_of(reason);
        rt_jsonw_str(w, &value);
    }

    rt_jsonw_close(w, ']');
}


static void
json_headers(const rt_explain_t *e, rt_jsonw_t *w)
{
    size_t       i;
    rt_str_t     value;
    const char  *p;

    rt_jsonw_lit(w, "headers");
    rt_jsonw_open(w, '[');

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        for (p = e->head; next_header(&p, headers[i], &value); /* void */) {
            rt_jsonw_open(w, '{');
            rt_term_json_text(w, "name", headers[i]);
            json_str(w, "value", value);
            rt_jsonw_close(w, '}');
        }
    }

    rt_jsonw_close(w, ']');
}


static void
json_notes(const rt_explain_t *e, rt_jsonw_t *w)
{
    rt_str_t  value;
    unsigned  i;

    rt_jsonw_lit(w, "notes");
    rt_jsonw_open(w, '[');

    for (i = 0; i < e->copy.nnotes; i++) {
        value = rt_str_of(e->copy.note[i]);
        rt_jsonw_str(w, &value);
    }

    rt_jsonw_close(w, ']');
}


static int
print_json(rt_explain_t *e)
{
    size_t      i;
    rt_jsonw_t  w;

    static const char  *members[] = { "uri", "from", "result", "user",
                                      "provider", "groups", "permission" };

    if (!rt_term_json_open(&w, e->mem)) {
        return 0;
    }

    rt_term_json_text(&w, "method", e->ask.method);
    rt_term_json_text(&w, "url", e->url);
    json_places(e, &w);

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        json_str(&w, members[i], rt_json_text(e->way, members[i]));
    }

    json_raw(&w, "event", rt_json_text(e->way, "event"));
    json_reasons(e, &w);
    json_raw(&w, "status", rt_json_member(e->way, "status")->str);
    json_headers(e, &w);
    rt_jsonw_lit(&w, "reached");
    rt_jsonw_bool(&w, (int) e->reached);
    json_raw(&w, "logged", e->event);
    json_notes(e, &w);

    return rt_term_json_close(&w);
}


int
rt_explain_say(rt_explain_t *e)
{
    rt_str_t  status;

    if (!e->json) {
        print_text(e);

    } else if (!print_json(e)) {
        return rt_explain_failed("", "the answer is too long");
    }

    status = rt_json_member(e->way, "status")->str;

    return strtoul((char *) status.data, NULL, 10) < 400
           ? RT_EXIT_OK : RT_EXIT_FOUND;
}
