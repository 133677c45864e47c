
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <arpa/inet.h>
#include <curl/curl.h>

#include "rt_input.h"
#include "rt_term.h"
#include "rt_users_api.h"


#define ANSWER   (64 * 1024 * 1024)     /* bytes */
#define NODES    4000000
#define SECONDS  60L


typedef struct {
    unsigned char   *data;
    size_t           len;
    size_t           room;
} answer_t;


static int is_this_machine(const char *host);


static int
failed(const char *what, const char *why)
{
    rt_term_warning("rt users: %s: %s\n", what, why);

    return -1;
}


/* Reads the key, without the newline that an editor leaves. */

static char *
read_key(const char *spec)
{
    char        *key;
    rt_str_t     text;
    const char  *why, *name;

    if (strncmp(spec, "env:", 4) == 0) {
        key = getenv(spec + 4);

        if (key == NULL) {
            (void) failed(spec, "is not set");
        }

        return key;
    }

    /* whoever wrote the key itself here need not find it in a log */

    if (strncmp(spec, "file:", 5) != 0) {
        (void) failed("--key", "write file:PATH or env:NAME");
        return NULL;
    }

    name = spec + 5;
    why = rt_input_file(&name, &text);

    if (why || text.len == 0) {
        (void) failed(name, why ? why : "is empty");
        return NULL;
    }

    rt_str_chomp(&text);

    return strndup((char *) text.data, text.len);
}


/*
 * Makes sure that nobody can read the key on its way: it goes by https, or to
 * this machine.  libcurl, which sends it, says what the host is.
 * out:  *local, 1: the host is this machine, as a name or an address in full
 * ret:  NULL, or why not
 */

static const char *
check_url(const char *url, int *local)
{
    char        *scheme, *host, *user;
    CURLU       *u;
    const char  *why;

    *local = 0;
    scheme = host = user = NULL;

    u = curl_url();

    if (u == NULL || curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK
        || curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK
        || curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK)
    {
        why = "is no address";

    } else if (curl_url_get(u, CURLUPART_USER, &user, 0) != CURLUE_NO_USER) {
        why = "write it without a user";

    } else {
        *local = is_this_machine(host);

        why = strcmp(scheme, "https") == 0
              || (strcmp(scheme, "http") == 0 && *local)
              ? NULL : "the key would go over plain http: write https://";
    }

    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    curl_url_cleanup(u);

    return why;
}


static int
is_this_machine(const char *host)
{
    struct in_addr  in;

    return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0
           || (inet_pton(AF_INET, host, &in) == 1
               && ntohl(in.s_addr) >> 24 == IN_LOOPBACKNET);
}


int
rt_users_open(rt_users_api_t *api)
{
    int          n;
    char        *key, line[4096];
    const char  *why;

    if (api->url == NULL || api->key == NULL) {
        return failed("no address", "write --url URL and --key file:PATH, or "
                      "set RT_SCIM_URL and RT_SCIM_KEY");
    }

    why = check_url(api->url, &api->local);
    if (why) {
        return failed("--url", why);
    }

    key = read_key(api->key);
    if (key == NULL) {
        return -1;
    }

    n = snprintf(line, sizeof(line), "Authorization: Bearer %s", key);

    if (n < 0 || (size_t) n >= sizeof(line) || strpbrk(key, "\r\n")) {
        return failed(api->key, "is no key");
    }

    api->curl = curl_easy_init();
    api->headers = curl_slist_append(NULL, line);
    api->headers = curl_slist_append(api->headers,
                                     "Content-Type: application/scim+json");

    return api->curl && api->headers ? 0 : failed(api->url, "memory is out");
}


static size_t
take(char *data, size_t size, size_t n, void *ctx)
{
    size_t          room;
    answer_t       *answer = ctx;
    unsigned char  *p;

    n *= size;

    if (n > ANSWER - answer->len) {
        return 0;
    }

    if (answer->len + n > answer->room) {
        room = 2 * (answer->len + n);

        p = realloc(answer->data, room);
        if (p == NULL) {
            return 0;
        }

        answer->data = p;
        answer->room = room;
    }

    memcpy(answer->data + answer->len, data, n);
    answer->len += n;

    return n;
}


static void
set_up(rt_users_api_t *api, const char *method, const char *url,
    const rt_str_t *body, answer_t *answer)
{
    CURL  *c;

    c = api->curl;
    curl_easy_reset(c);

    (void) curl_easy_setopt(c, CURLOPT_URL, url);
    (void) curl_easy_setopt(c, CURLOPT_HTTPHEADER, api->headers);
    (void) curl_easy_setopt(c, CURLOPT_USERAGENT, "rt");
    (void) curl_easy_setopt(c, CURLOPT_TIMEOUT, SECONDS);
    (void) curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    (void) curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
    (void) curl_easy_setopt(c, CURLOPT_WRITEDATA, answer);
    (void) curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);

    if (api->local) {
        (void) curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    }

    if (api->ca) {
        (void) curl_easy_setopt(c, CURLOPT_CAINFO, api->ca);
    }

    if (body) {
        (void) curl_easy_setopt(c, CURLOPT_POSTFIELDS, body->data);
        (void) curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long) body->len);
    }
}


static int
read_answer(rt_users_api_t *api, const answer_t *got, long status,
    const char *url, rt_json_t **answer)
{
    char            why[128];
    rt_str_t        text;
    rt_json_opts_t  opts;

    *answer = NULL;

    if (got->len == 0) {
        return 0;
    }

    text.data = got->data;
    text.len = got->len;

    opts.flags = 0;
    opts.max_depth = 32;
    opts.max_nodes = NODES;

    if (rt_json_parse(api->mem, &text, &opts, answer, NULL) == RT_OK) {
        return 0;
    }

    (void) snprintf(why, sizeof(why), "the answer is %ld, and no JSON: is this "
                    "the address of \"rtauth_scim\"?", status);

    return failed(url, why);
}


int
rt_users_ask(rt_users_api_t *api, const char *method, const char *path,
    const rt_str_t *body, rt_json_t **answer)
{
    int        n;
    long       status;
    char       url[8192];
    size_t     len;
    answer_t   got;
    CURLcode   rc;

    len = strlen(api->url);
    len -= (len && api->url[len - 1] == '/');

    n = snprintf(url, sizeof(url), "%.*s%s", (int) len, api->url, path);

    if (n < 0 || (size_t) n >= sizeof(url)) {
        return failed(api->url, "is too long");
    }

    memset(&got, 0, sizeof(answer_t));
    set_up(api, method, url, body, &got);

    rc = curl_easy_perform(api->curl);

    if (rc != CURLE_OK) {
        return failed(url, curl_easy_strerror(rc));
    }

    (void) curl_easy_getinfo(api->curl, CURLINFO_RESPONSE_CODE, &status);

    return read_answer(api, &got, status, url, answer) == 0 ? (int) status : -1;
}


int
rt_users_refused(int status, const rt_json_t *answer)
{
    rt_str_t  detail;

    detail = rt_json_text(answer, "detail");

    rt_term_warning("rt users: the answer is %d: ", status);
    rt_term_warning("%.*s\n", (int) detail.len, (char *) detail.data);

    return -1;
}


char *
rt_users_filter(rt_mem_t *mem, const char *attribute, const char *value)
{
    char        *text;
    size_t       size;
    rt_str_t     s;
    rt_jsonw_t   w;

    s = rt_str_of(value);
    size = strlen(attribute) + 6 * s.len + 16;

    text = rt_alloc(mem, size);
    if (text == NULL) {
        return NULL;
    }

    size -= (size_t) snprintf(text, size, "%s eq ", attribute);
    rt_jsonw_init(&w, (unsigned char *) text + strlen(text), size - 1);
    rt_jsonw_str(&w, &s);
    *w.pos = '\0';

    return text;
}


static int
each_of(const rt_json_t *page, int (*each)(void *data,
    const rt_json_t *resource), void *data, size_t *n, rt_str_t *last)
{
    int               rc;
    const rt_json_t  *v;

    v = rt_json_member(page, "Resources");

    for (v = v ? v->child : NULL; v; v = v->next, (*n)++) {
        rc = each(data, v);

        if (rc) {
            return rc;
        }

        *last = rt_json_text(v, "id");
    }

    return 0;
}


/* Asks for so many resources from the n-th on, the first being 1. */

static int
ask_page(rt_users_api_t *api, const char *path, const char *more, size_t n,
    int count, rt_json_t **page)
{
    int   status, len;
    char  query[8192];

    len = snprintf(query, sizeof(query), "%s?startIndex=%zu&count=%d%s", path,
                   n, count, more);

    /* one that is cut would ask for others */

    if (len < 0 || (size_t) len >= sizeof(query)) {
        return failed(path, "what is looked for is too long");
    }

    status = rt_users_ask(api, "GET", query, NULL, page);

    return status == 200 ? 0
           : status < 0 ? -1 : rt_users_refused(status, *page);
}


/*
 * Resources come in the order in which they were made.  If the n-th is not any
 * more the one that it was, some before it were deleted, and as many that come
 * behind it have moved to where nobody looks for them again.
 */

static int
still(rt_users_api_t *api, const char *path, const char *more, size_t n,
    const rt_str_t *last)
{
    rt_str_t          id;
    rt_json_t        *page;
    const rt_json_t  *v;

    if (ask_page(api, path, more, n, 1, &page) != 0) {
        return -1;
    }

    v = rt_json_member(page, "Resources");
    id = v && v->child ? rt_json_text(v->child, "id")
                       : (rt_str_t) rt_null_string;

    return rt_str_eq(&id, last) ? 0
           : failed(path, "somebody was deleted while they were read: this is "
                    "not all of them, ask again");
}


int
rt_users_each(rt_users_api_t *api, const char *path, const char *filter,
    int (*each)(void *data, const rt_json_t *resource), void *data)
{
    int         rc, len;
    char        more[8192], *escaped;
    size_t      n, before;
    int64_t     total;
    rt_str_t    last;
    rt_json_t  *page;

    n = 0;
    last = (rt_str_t) rt_null_string;

    escaped = curl_easy_escape(api->curl, filter ? filter : "", 0);
    if (escaped == NULL) {
        return failed(path, "memory is out");
    }

    len = snprintf(more, sizeof(more), "%s%s", filter ? "&filter=" : "",
                   escaped);
    curl_free(escaped);

    if (len < 0 || (size_t) len >= sizeof(more)) {
        return failed(path, "what is looked for is too long");
    }

    do {
        if (ask_page(api, path, more, n + 1, RT_USERS_PAGE, &page) != 0
            || (n && still(api, path, more, n, &last) != 0))
        {
            return -1;
        }

        before = n;
        total = 0;
        (void) rt_json_int64(rt_json_member(page, "totalResults"), &total);

        rc = each_of(page, each, data, &n, &last);

        if (rc) {
            return rc;
        }

    } while (n > before && (int64_t) n < total);

    return (int64_t) n < total ? failed(path, "the answer has not all of them")
                               : 0;
}


int
rt_users_print(const rt_json_t *v)
{
    rt_str_t        text;
    rt_jsonw_t      w;
    unsigned char  *p;

    p = malloc(ANSWER);
    if (p == NULL) {
        return failed("answer", "memory is out");
    }

    rt_jsonw_init(&w, p, ANSWER - 1);
    rt_jsonw_value(&w, v);

    text.data = p;
    text.len = rt_jsonw_len(&w);
    rt_term_text(&text);
    putchar('\n');
    free(p);

    return w.full ? failed("answer", "is too big") : 0;
}
