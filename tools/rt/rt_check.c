
/* rt check: reads a configuration, prints the findings. */

#include <stdio.h>
#include <stdlib.h>

#include "rt.h"
#include "rt_check_holes.h"
#include "rt_check_places.h"
#include "rt_check_rules.h"
#include "rt_input.h"
#include "rt_nginx.h"
#include "rt_term.h"
#include "rt_words.h"
#include "json/rt_jsonw.h"


static int
failed(const char *name, const char *why)
{
    rt_term_warning("rt check: %s: %s\n", name, why);

    return RT_EXIT_FAILED;
}


static void
print_text(const rt_check_t *check)
{
    const rt_finding_t  *f;

    for (f = check->findings; f; f = f->next) {
        rt_term_text(&f->at->file);
        printf(":%u: %s: ", f->at->line, f->id);
        rt_term_text(&f->text);
        printf(" (");
        rt_term_text(&f->location);
        printf(")\n");
    }

    printf("rt check: %u finding%s in %u server%s, %u location%s "
           "(%u under rtauth)\n",
           check->nfindings, check->nfindings == 1 ? "" : "s",
           check->servers, check->servers == 1 ? "" : "s",
           check->locations, check->locations == 1 ? "" : "s",
           check->guarded);
}


/* Names and sentences are bounded: each byte of them may take six here. */

static void
print_finding(const rt_finding_t *f)
{
    rt_str_t        id, shown;
    rt_jsonw_t      w;
    unsigned char   out[8 * RT_NGINXCONF_WORD];

    id = rt_str_of(f->id);

    rt_jsonw_init(&w, out, sizeof(out));
    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "id");
    rt_jsonw_str(&w, &id);
    rt_jsonw_lit(&w, "file");
    rt_jsonw_str_cut(&w, &f->at->file, RT_NGINXCONF_WORD);
    rt_jsonw_lit(&w, "line");
    rt_jsonw_uint(&w, f->at->line);
    rt_jsonw_lit(&w, "location");
    rt_jsonw_str(&w, &f->location);
    rt_jsonw_lit(&w, "text");
    rt_jsonw_str(&w, &f->text);
    rt_jsonw_close(&w, '}');

    shown.data = out;
    shown.len = rt_jsonw_len(&w);
    rt_term_text(&shown);
}


static void
print_json(rt_check_t *check, const rt_merged_t *shown)
{
    const rt_finding_t  *f;

    printf("{\"findings\":[");

    for (f = check->findings; f; f = f->next) {
        print_finding(f);
        printf("%s", f->next ? "," : "");
    }

    printf("],\"servers\":%u,\"locations\":%u,\"guarded\":%u",
           check->servers, check->locations, check->guarded);

    if (shown) {
        rt_check_places_json(check, shown);
    }

    printf("}\n");
}


/* in: said, by an nginx that was asked; NULL, there is only the text */

static int
check_text(rt_mem_t *mem, const char *name, const rt_str_t *text,
    const rt_nginx_said_t *said, int json)
{
    rt_str_t         file, err;
    rt_check_t       check;
    rt_merged_t      shown;
    const char      *why;
    rt_status_e      rc;
    rt_nginxconf_t  *root;

    file = rt_str_of(name);

    rc = rt_nginxconf_parse(mem, &file, text, &root, &err);

    if (rc == RT_INVALID || rc == RT_TOO_BIG) {
        return failed(name, (char *) err.data);
    }

    memset(&check, 0, sizeof(rt_check_t));
    check.mem = mem;
    check.root = root;

    if (rc == RT_OK) {
        rt_check_rules(&check);
    }

    if (rc == RT_OK && said) {
        if (rt_merged(mem, root, &said->shown, &shown, &why) != RT_OK) {
            return failed(name, why);
        }

        rt_check_holes(&check, &shown, said->version);
    }

    if (rc != RT_OK || check.failed) {
        return failed(name, "no memory");
    }

    if (check.servers == 0) {
        return failed(name, "has no server to check");
    }

    if (json) {
        print_json(&check, said ? &shown : NULL);

    } else {
        if (said) {
            rt_check_places(&shown);
        }

        print_text(&check);
    }

    return check.findings ? RT_EXIT_FOUND : RT_EXIT_OK;
}


static int
check_nginx(rt_mem_t *mem, const rt_nginx_t *nginx, int json)
{
    int              rc;
    const char      *why;
    rt_scratch_t     scratch;
    rt_nginx_said_t  said;

    why = rt_scratch(&scratch);
    if (why) {
        return failed("a folder for what nginx says", why);
    }

    rc = rt_nginx_ask(nginx, &scratch, &said);

    rt_scratch_remove(&scratch);

    if (rc != 0) {
        return RT_EXIT_FAILED;
    }

    return check_text(mem, "nginx -T", &said.text, &said, json);
}


static int
check_file(rt_mem_t *mem, const char *name, int json)
{
    rt_str_t     text;
    const char  *why;

    why = rt_input_file(&name, &text);

    if (why) {
        return failed(name, why);
    }

    if (text.len == 0) {
        return failed(name, "is empty: does \"nginx -t\" say ok?  Without "
                            "a file nginx is asked itself");
    }

    return check_text(mem, name, &text, NULL, json);
}


int
rt_check(rt_mem_t *mem, int argc, char **argv)
{
    int          json;
    const char  *file;
    rt_nginx_t   nginx = { "rt check", NULL, NULL, NULL };

    const rt_option_t  options[] = {
        { "--json", NULL, &json },
        { "--nginx", &nginx.nginx, NULL },
        { "-c", &nginx.conf, NULL },
        { "-p", &nginx.prefix, NULL }
    };

    json = 0;
    file = NULL;

    if (rt_words("rt check", options, sizeof(options) / sizeof(options[0]),
                 argc, argv, &file)
        != 0)
    {
        return RT_EXIT_FAILED;
    }

    if (file == NULL) {
        return check_nginx(mem, &nginx, json);
    }

    return nginx.nginx || nginx.conf || nginx.prefix
           ? failed(file, "give a file, or an nginx to ask")
           : check_file(mem, file, json);
}
