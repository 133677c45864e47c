
#include "csp/rt_csp_source.h"
#include "csp/rt_csp_words.h"


#define PORT_MAX  65535


static int
is_alnum(unsigned char c)
{
    c = rt_lower(c);

    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}


/* the bytes of s in front of the first of set; what is left stays in s */

static rt_str_t
cut(rt_str_t *s, const char *set)
{
    size_t    i;
    rt_str_t  head;

    for (i = 0; i < s->len && strchr(set, s->data[i]) == NULL; i++) {
        /* void */
    }

    head.data = s->data;
    head.len = i;
    s->data += i;
    s->len -= i;

    return head;
}


static int
is_scheme(const rt_str_t *s)
{
    size_t         i;
    unsigned char  c;

    c = s->len ? rt_lower(s->data[0]) : 0;

    if (c < 'a' || c > 'z') {
        return 0;
    }

    for (i = 1; i < s->len; i++) {
        c = s->data[i];

        if (!is_alnum(c) && c != '+' && c != '-' && c != '.') {
            return 0;
        }
    }

    return 1;
}


/* labels; '_' stands in names of the internet, too */

static int
is_host(const rt_str_t *s)
{
    size_t         i;
    unsigned char  c, before;

    for (i = 0, before = '.'; i < s->len; before = c, i++) {
        c = s->data[i];

        if (c == '.' ? before == '.' : !is_alnum(c) && c != '-' && c != '_') {
            return 0;
        }
    }

    return s->len != 0;
}


static int
is_port(const rt_str_t *s)
{
    size_t    i;
    unsigned  port;

    if (s->len == 1 && s->data[0] == '*') {
        return 1;
    }

    for (i = 0, port = 0; i < s->len; i++) {

        if (s->data[i] < '0' || s->data[i] > '9') {
            return 0;
        }

        port = port * 10 + (s->data[i] - '0');

        if (port > PORT_MAX) {
            return 0;
        }
    }

    return s->len != 0;
}


static const char *
take_host(rt_csp_source_t *s, rt_str_t host)
{
    if (host.len == 1 && host.data[0] == '*') {
        s->any_host = 1;
        return NULL;
    }

    if (rt_str_ibegins(&host, "*.")) {
        s->subdomains = 1;
        host.data += 2;
        host.len -= 2;
    }

    s->host = host;

    if (memchr(host.data, '*', host.len) != NULL) {
        return "browsers ignore it: a \"*\" stands for a whole host, or as "
               "\"*.\" in front of one";
    }

    return is_host(&host) ? NULL
           : "browsers ignore it: write a scheme such as https:, or a host "
             "such as https://cdn.example.com";
}


static const char *
take_path(rt_csp_source_t *s, rt_str_t rest)
{
    s->path = cut(&rest, "?#");

    return rest.len == 0 ? NULL
           : "a path matches whatever the query: remove \"?\" or \"#\" and "
             "what follows";
}


const char *
rt_csp_source(rt_csp_source_t *s, const rt_str_t *text)
{
    rt_str_t     rest, head, authority;
    const char  *wrong;

    memset(s, 0, sizeof(rt_csp_source_t));

    rest = *text;

    if (rt_str_ibegins(&rest, "//")) {
        return "browsers ignore it: a host without a scheme has no \"//\" in "
               "front";
    }

    head = cut(&rest, ":/?#@");

    if (rest.len == 1 && rest.data[0] == ':' && is_scheme(&head)) {
        s->scheme = head;
        return NULL;
    }

    if (rt_str_ibegins(&rest, "://") && is_scheme(&head)) {
        s->scheme = head;
        rest.data += 3;
        rest.len -= 3;

    } else {
        rest = *text;
    }

    head = rest;
    authority = cut(&head, "/?#");

    if (memchr(authority.data, '@', authority.len) != NULL) {
        return "browsers ignore it: a source has no user and no password";
    }

    wrong = take_host(s, cut(&rest, ":/?#"));
    if (wrong != NULL) {
        return wrong;
    }

    if (rest.len && rest.data[0] == ':') {
        rest.data++;
        rest.len--;
        s->port = cut(&rest, "/?#");

        if (!is_port(&s->port)) {
            return "browsers ignore it: a port is one number, or \"*\"";
        }
    }

    return take_path(s, rest);
}


int
rt_csp_source_anywhere(const rt_csp_source_t *s)
{
    return s->any_host
           || (s->host.len == 0
               && (rt_csp_is(&s->scheme, "http")
                   || rt_csp_is(&s->scheme, "https")
                   || rt_csp_is(&s->scheme, "data")));
}


/* hosts that let through what a policy is there to stop */

typedef enum {
    PUBLISH = 0,    /* anybody can put a script there */
    LIBRARY,        /* libraries that run markup as script */
    TENANTS,        /* so can anybody in some subdomain */
    JSONP,          /* an address there answers with the caller's script */
    JSONP_EVAL      /* with a text that a script there evaluates */
} weakness_e;


static const char *const  weak_texts[] = {
    [PUBLISH] = "anybody can publish there: use a nonce instead of the host",
    [LIBRARY] = "it serves libraries that run any markup as script: use a "
                "nonce instead of the host",
    [TENANTS] = "anybody can have a subdomain there: name your own",
    [JSONP] = "it serves JSONP, in which a page says what runs: use a nonce "
              "instead of the host, or name a path",
    [JSONP_EVAL] = "it serves JSONP, which 'unsafe-eval' lets run: use a "
                   "nonce instead of the host, or name a path"
};


static const struct {
    const char  *host;
    weakness_e   weakness;
} weak_hosts[] = {
    { "cdn.jsdelivr.net", PUBLISH }, { "unpkg.com", PUBLISH },
    { "esm.sh", PUBLISH }, { "raw.githubusercontent.com", PUBLISH },
    { "gist.githubusercontent.com", PUBLISH },
    { "cdn.statically.io", PUBLISH }, { "rawcdn.githack.com", PUBLISH },
    { "storage.googleapis.com", PUBLISH }, { "s3.amazonaws.com", PUBLISH },
    { "dl.dropboxusercontent.com", PUBLISH }, { "codepen.io", PUBLISH },
    { "www.googletagmanager.com", PUBLISH },
    { "googletagmanager.com", PUBLISH }, { "static.tumblr.com", PUBLISH },
    { "cdn.shopify.com", PUBLISH }, { "code.angularjs.org", LIBRARY },
    { "ajax.googleapis.com", LIBRARY }, { "cdnjs.cloudflare.com", LIBRARY },
    { "www.gstatic.com", LIBRARY }, { "gstatic.com", LIBRARY },
    { "yastatic.net", LIBRARY }, { "cdn.bootcss.com", LIBRARY },
    { "oss.maxcdn.com", LIBRARY }, { "ajax.aspnetcdn.com", LIBRARY },
    { "cloudfront.net", TENANTS }, { "amazonaws.com", TENANTS },
    { "akamaihd.net", TENANTS }, { "akamai.net", TENANTS },
    { "appspot.com", TENANTS }, { "azurewebsites.net", TENANTS },
    { "azureedge.net", TENANTS }, { "core.windows.net", TENANTS },
    { "blogspot.com", TENANTS }, { "firebaseapp.com", TENANTS },
    { "web.app", TENANTS }, { "github.io", TENANTS },
    { "gitlab.io", TENANTS }, { "herokuapp.com", TENANTS },
    { "kxcdn.com", TENANTS }, { "netlify.app", TENANTS },
    { "pages.dev", TENANTS }, { "rackcdn.com", TENANTS },
    { "ssl.fastly.net", TENANTS }, { "vercel.app", TENANTS },
    { "workers.dev", TENANTS }, { "googleusercontent.com", TENANTS },
    { "accounts.google.com", JSONP }, { "books.google.com", JSONP },
    { "clients1.google.com", JSONP }, { "cse.google.com", JSONP },
    { "maps.google.com", JSONP }, { "translate.google.com", JSONP },
    { "www.google.com", JSONP }, { "maps.googleapis.com", JSONP },
    { "translate.googleapis.com", JSONP }, { "www.googleapis.com", JSONP },
    { "www.youtube.com", JSONP }, { "www.blogger.com", JSONP },
    { "pagead2.googlesyndication.com", JSONP },
    { "securepubads.g.doubleclick.net", JSONP },
    { "googleads.g.doubleclick.net", JSONP },
    { "partner.googleadservices.com", JSONP },
    { "graph.facebook.com", JSONP }, { "api.facebook.com", JSONP },
    { "www.facebook.com", JSONP }, { "api.instagram.com", JSONP },
    { "publish.twitter.com", JSONP }, { "syndication.twitter.com", JSONP },
    { "cdn.syndication.twimg.com", JSONP }, { "api.flickr.com", JSONP },
    { "query.yahooapis.com", JSONP }, { "vimeo.com", JSONP },
    { "fast.wistia.com", JSONP }, { "widgets.pinterest.com", JSONP },
    { "links.services.disqus.com", JSONP }, { "api.mixpanel.com", JSONP },
    { "pubsub.pubnub.com", JSONP }, { "nominatim.openstreetmap.org", JSONP },
    { "dev.virtualearth.net", JSONP }, { "gum.criteo.com", JSONP },
    { "ib.adnxs.com", JSONP }, { "m.addthis.com", JSONP },
    { "mc.yandex.ru", JSONP }, { "api.vk.com", JSONP },
    { "connect.mail.ru", JSONP }, { "api.map.baidu.com", JSONP },
    { "www.google-analytics.com", JSONP_EVAL },
    { "ssl.google-analytics.com", JSONP_EVAL },
    { "www.googleadservices.com", JSONP_EVAL }
};


/* does s allow host, or a subdomain of it */

static int
covers(const rt_csp_source_t *s, const char *host, weakness_e weakness)
{
    size_t    len;
    rt_str_t  end;

    len = strlen(host);

    if (rt_csp_is(&s->host, host)) {
        return (s->subdomains != 0) == (weakness == TENANTS);
    }

    /* "*.google.com" allows "www.google.com" */

    if (!s->subdomains || len <= s->host.len
        || host[len - s->host.len - 1] != '.')
    {
        return 0;
    }

    end.data = (unsigned char *) host + len - s->host.len;
    end.len = s->host.len;

    return rt_str_ieq(&s->host, &end);
}


const char *
rt_csp_source_weak(const rt_csp_source_t *s, int eval)
{
    size_t      i;
    weakness_e  w;

    if (s->host.len == 0) {

        if (rt_csp_is(&s->scheme, "data")) {
            return "whoever can inject markup can write a script as data: "
                   "remove it";
        }

        if (rt_csp_is(&s->scheme, "blob")
            || rt_csp_is(&s->scheme, "filesystem"))
        {
            return "a page's own scripts can make scripts of any text there: "
                   "remove it, or say it in worker-src alone";
        }

        return rt_csp_source_anywhere(s)
               ? "any host may give scripts: name hosts, or use nonces"
               : NULL;
    }

    if (s->subdomains && memchr(s->host.data, '.', s->host.len) == NULL) {
        return "anybody can have a host there: name your own, or use nonces";
    }

    for (i = 0; i < sizeof(weak_hosts) / sizeof(weak_hosts[0]); i++) {
        w = weak_hosts[i].weakness;

        if ((w >= JSONP && s->path.len > 1) || (w == JSONP_EVAL && !eval)) {
            continue;
        }

        if (covers(s, weak_hosts[i].host, w)) {
            return weak_texts[w];
        }
    }

    return NULL;
}
