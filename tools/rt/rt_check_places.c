
#include <stdio.h>

#include "rt_check_guards.h"
#include "rt_check_places.h"
#include "rt_check_tree.h"
#include "rt_term.h"
#include "text/rt_complain.h"


/* -- words */


static void
put(rt_str_t s)
{
    rt_term_text(&s);
}


/* Prints the strings of an array; ret: how many there are. */

static unsigned
put_all(const rt_json_t *array, const char *between)
{
    unsigned          n;
    const rt_json_t  *v;

    for (v = array ? array->child : NULL, n = 0; v; v = v->next, n++) {
        fputs(n ? between : "", stdout);
        put(v->str);
    }

    return n;
}


/* "readers may use, editors may edit (POST /app/edit/)" */

static void
put_permits(const rt_json_t *row)
{
    unsigned          n;
    rt_str_t          methods, path;
    const rt_json_t  *v;

    v = rt_json_member(row, "permits");
    v = v ? v->child : NULL;

    if (v == NULL) {
        fputs("; no group may do anything here", stdout);
        return;
    }

    for (n = 0; v; v = v->next, n++) {
        methods = rt_json_text(v, "methods");
        path = rt_json_text(v, "path");

        fputs(n ? ", " : "; ", stdout);
        put(rt_json_text(v, "group"));
        fputs(" may ", stdout);
        put(rt_json_text(v, "permission"));

        if (methods.len || path.len) {
            fputs(" (", stdout);
            put(methods);
            fputs(methods.len && path.len ? " " : "", stdout);
            put(path);
            fputs(")", stdout);
        }
    }

    v = rt_json_member(row, "denies");

    for (v = v ? v->child : NULL; v; v = v->next) {
        fputs(", ", stdout);
        put(rt_json_text(v, "group"));
        fputs(" are denied ", stdout);
        put(rt_json_text(v, "path"));
    }
}


static void
put_lines(const rt_json_t *row, const char *name, const char *before)
{
    const rt_str_t    key = rt_str_of(name);
    const rt_json_t  *v;

    v = rt_json_get(row, &key);

    for (v = v ? v->child : NULL; v; v = v->next) {
        fputs(before, stdout);
        put(rt_json_text(v, "text"));
    }
}


/* -- who */


static void
put_open(const rt_place_t *p, const rt_json_t *row)
{
    if (rt_merged_is(row, "revoke") || rt_merged_is(row, "scim")) {
        fputs("who has the key of it", stdout);

    } else if (rt_check_held_otherwise(p->at)) {
        fputs("who gets here by nginx's own directives", stdout);

    } else if (rt_check_is_inner(p->at)) {
        fputs("whom nginx leads here: no client comes here directly", stdout);

    } else {
        fputs("everybody", stdout);
    }

    if (row == NULL) {
        fputs(" (rtauth is not loaded)", stdout);

    } else if (effective(p->at, "rtauth") == NULL) {
        fputs(" (no rtauth is said here)", stdout);
    }
}


static void
put_who(const rt_place_t *p)
{
    rt_str_t          s;
    const rt_json_t  *row;

    row = p->row[RT_MERGED_AUTH].json;

    if (!rt_merged_is(row, "on")) {
        put_open(p, row);
        return;
    }

    fputs("whom ", stdout);
    fputs(put_all(rt_json_member(row, "providers"), " or ") > 1
          ? " vouch for" : " vouches for", stdout);

    if (rt_merged_is(row, "authorize")) {
        put_permits(row);
    }

    put_lines(row, "require", "; must have ");
    put_lines(row, "bind", "; is held to ");

    s = rt_json_text(row, "public");

    if (s.len) {
        fputs("; nobody known is in ", stdout);
        put(s);
    }

    if (rt_check_lets_all(p->at)) {
        fputs("; or everybody (satisfy any, and allow)", stdout);

    } else if (is_set(p->at, "satisfy", "any")) {
        fputs("; or whom another check lets in (satisfy any)", stdout);
    }

    if (rt_merged_is(row, "dryRun")) {
        fputs("; a dry run: nobody is refused", stdout);
    }
}


/* -- what is logged */


static void
put_log(const rt_place_t *p)
{
    const rt_json_t  *row, *v;

    row = p->row[RT_MERGED_AUDIT].json;

    if (!rt_merged_is(row, "on")) {
        fputs(row ? "nothing" : "nothing (rtaudit is not loaded)", stdout);
        return;
    }

    v = rt_json_member(row, "levels");

    for (v = v ? v->child : NULL; v; v = v->next) {
        put(rt_json_text(v, "level"));

        if (rt_json_member(v, "if")) {
            fputs(" if ", stdout);
            put(rt_json_text(v, "if"));
            fputs(", else ", stdout);
        }
    }

    fputs(" to ", stdout);
    put_all(rt_json_member(row, "sinks"), ", ");
    fputs(rt_merged_is(row, "strict") ? " (strict)"
          : rt_merged_is(row, "required") ? " (required)" : "", stdout);

    v = rt_json_member(row, "redact");
    v = v ? v->child : NULL;

    fputs(v ? "; without" : "; no redaction of its own", stdout);

    for ( /* void */ ; v; v = v->next) {
        fputs(" ", stdout);
        put(rt_json_text(v, "selector"));
        fputs(" (", stdout);
        put(rt_json_text(v, "action"));
        fputs(v->next ? ")," : ")", stdout);
    }
}


/* -- what a browser may run */


static void
put_page(const rt_place_t *p)
{
    rt_str_t          s;
    const rt_json_t  *row;

    row = p->row[RT_MERGED_CSP].json;

    if (!rt_merged_is(row, "on")) {
        fputs(row ? "no policy of nginx's"
                  : "no policy of nginx's (rtcsp is not loaded)", stdout);
        return;
    }

    s = rt_json_text(row, "policy");

    if (s.len) {
        put(s);

    } else {
        fputs("nothing is enforced", stdout);
    }

    s = rt_json_text(row, "reportOnly");

    if (s.len) {
        fputs("; reported only: ", stdout);
        put(s);
    }

    s = rt_json_text(row, "nonce");

    if (!rt_str_lit(&s, "off")) {
        fputs(" (nonce: ", stdout);
        put(s);
        fputs(")", stdout);
    }
}


void
rt_check_place(const rt_place_t *p, const char *indent)
{
    size_t  i;

    static const struct {
        const char   *name;
        void        (*put)(const rt_place_t *p);
    } lines[] = {
        { "gets in", put_who }, { "is logged", put_log },
        { "may run", put_page }
    };

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        printf("%s%-10s ", indent, lines[i].name);
        lines[i].put(p);
        printf("\n");
    }
}


static void
put_server(const rt_place_t *p)
{
    unsigned          m;
    const rt_json_t  *server;

    for (m = 0; m < RT_MERGED_MODULES; m++) {
        server = rt_json_member(p->row[m].json, "server");

        if (server) {
            printf("server ");
            put_all(rt_json_member(server, "names"), " ");
            printf(" (");
            put_all(rt_json_member(server, "listen"), " ");
            printf(")\n");
            return;
        }
    }
}


void
rt_check_places(const rt_merged_t *shown)
{
    unsigned           i;
    const rt_place_t  *p;

    for (p = shown->places; p; p = p->next) {

        if (is(p->at, "server")) {
            put_server(p);
        }

        /* the row of a server is about what no location matches */

        if (is(p->at, "server") && !rt_check_serves_itself(p->at)
            && p->next && p->next->server == p->server)
        {
            continue;
        }

        printf("   ");

        for (i = 0; i < p->at->nwords; i++) {
            printf(" ");
            rt_term_text(&p->at->word[i]);
        }

        printf("%s\n", is(p->at, "server") ? ", where no location matches"
                                          : "");
        rt_check_place(p, "        ");
    }

    printf("\n");
}


/* -- JSON: what the modules said is printed as it is */


static void
print_rows(const rt_merged_row_t *row)
{
    unsigned     m;
    const char  *comma;

    for (m = 0, comma = ""; m < RT_MERGED_MODULES; m++) {
        if (row[m].text.len) {
            fputs(comma, stdout);
            rt_term_text(&row[m].text);
            comma = ",";
        }
    }
}


void
rt_check_places_json(rt_check_t *check, const rt_merged_t *shown)
{
    rt_str_t           label, text;
    rt_jsonw_t         w;
    const rt_place_t  *p;
    unsigned char      out[16 * RT_NGINXCONF_WORD];

    printf(",\"modules\":[");
    print_rows(shown->http);
    printf("],\"places\":[");

    for (p = shown->places; p; p = p->next) {
        label = rt_check_label(check, p->at);

        rt_jsonw_init(&w, out, sizeof(out));
        rt_jsonw_lit(&w, "file");
        rt_jsonw_str_cut(&w, &p->at->file, RT_NGINXCONF_WORD);
        rt_jsonw_lit(&w, "line");
        rt_jsonw_uint(&w, p->at->line);
        rt_jsonw_lit(&w, "location");
        rt_jsonw_str(&w, &label);

        text.data = out;
        text.len = rt_jsonw_len(&w);

        printf("{");
        rt_term_text(&text);
        printf(",\"modules\":[");
        print_rows(p->row);
        printf("]}%s", p->next ? "," : "");
    }

    printf("]");
}
