
#include "text/rt_field.h"
#include "text/rt_setcookie.h"


/* what a line says; of each attribute the last one counts */

typedef struct {
    rt_samesite_e   samesite;
    unsigned        secure:1;
    unsigned        httponly:1;
    unsigned        domain:1;
    unsigned        root:1;         /* Path=/ */
} said_t;


static const char  also_secure[] = "; Secure";
static const char  also_httponly[] = "; HttpOnly";

/* NAME=VALUE without blanks around either; ret: 0: there is no "=" */

static int
split(const rt_str_t *part, rt_str_t *name, rt_str_t *value)
{
    int  both;

    both = rt_str_cut(part, '=', name, value);

    *name = rt_field_trim(name);
    *value = rt_field_trim(value);

    return both;
}


void
rt_setcookie_name(const rt_str_t *line, rt_str_t *name)
{
    rt_str_t  first, rest, value;

    (void) rt_str_cut(line, ';', &first, &rest);

    if (!split(&first, name, &value)) {
        *name = (rt_str_t) rt_null_string;
    }
}


static rt_samesite_e
samesite_of(const rt_str_t *value)
{
    return rt_str_ilit(value, "lax") ? RT_SAMESITE_LAX
           : rt_str_ilit(value, "strict") ? RT_SAMESITE_STRICT
           : rt_str_ilit(value, "none") ? RT_SAMESITE_NONE : RT_SAMESITE_UNSET;
}


static void
read_line(const rt_str_t *line, said_t *said)
{
    rt_str_t  rest, part, name, value;

    memset(said, 0, sizeof(said_t));

    (void) rt_str_cut(line, ';', &part, &rest);

    while (rest.len) {
        (void) rt_str_cut(&rest, ';', &part, &rest);
        (void) split(&part, &name, &value);

        if (rt_str_ilit(&name, "secure")) {
            said->secure = 1;

        } else if (rt_str_ilit(&name, "httponly")) {
            said->httponly = 1;

        } else if (rt_str_ilit(&name, "samesite")) {
            said->samesite = samesite_of(&value);

        } else if (rt_str_ilit(&name, "domain")) {
            said->domain = (value.len != 0);

        } else if (rt_str_ilit(&name, "path")) {
            said->root = rt_str_lit(&value, "/");
        }
    }
}


rt_status_e
rt_setcookie(rt_mem_t *mem, const rt_setcookie_t *want, const rt_str_t *line,
    rt_str_t *out, const char **why)
{
    int            secure, httponly, host, http;
    said_t         said;
    rt_str_t       name;
    rt_samesite_e  samesite;

    read_line(line, &said);
    rt_setcookie_name(line, &name);

    host = rt_str_ibegins(&name, "__Host-");
    http = rt_str_ibegins(&name, "__Http-")
           || rt_str_ibegins(&name, "__Host-Http-");
    samesite = said.samesite ? RT_SAMESITE_UNSET : want->samesite;
    httponly = (want->httponly || http) && !said.httponly;
    secure = !said.secure
             && (want->secure || host || http
                 || rt_str_ibegins(&name, "__Secure-")
                 || said.samesite == RT_SAMESITE_NONE
                 || samesite == RT_SAMESITE_NONE);

    *why = !host ? NULL
           : said.domain ? "begins with __Host-, and has a Domain"
           : !said.root ? "begins with __Host-, and has no Path=/" : NULL;
    *out = *line;

    if (!secure && !httponly && samesite == RT_SAMESITE_UNSET) {
        return RT_OK;
    }

    out->data = rt_alloc(mem, line->len + sizeof(also_secure)
                              + sizeof(also_httponly)
                              + strlen(rt_cookie_samesite[samesite]));
    if (out->data == NULL) {
        return RT_ERROR;
    }

    memcpy(out->data, line->data, line->len);

    rt_str_add(out, secure ? also_secure : "");
    rt_str_add(out, httponly ? also_httponly : "");
    rt_str_add(out, rt_cookie_samesite[samesite]);

    return RT_OK;
}
