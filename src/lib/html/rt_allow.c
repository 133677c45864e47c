
#include <openssl/evp.h>

#include "html/rt_allow.h"
#include "html/rt_hop.h"
#include "html/rt_nonce.h"
#include "text/rt_b64.h"
#include "text/rt_charset.h"
#include "text/rt_uri.h"
#include "text/rt_url.h"
#include "text/rt_utf8.h"


enum { SRC = 0, HREF, TYPE, CHARSET, WANTED };

static const rt_str_t  wanted[WANTED] = {
    [SRC] = rt_string("src"),
    [HREF] = rt_string("href"),
    [TYPE] = rt_string("type"),
    [CHARSET] = rt_string("charset")
};


static const struct {
    rt_str_t        name;
    const EVP_MD   *(*md)(void);
    size_t          len;
} ways[] = {
    { rt_string("sha256-"), EVP_sha256, 32 },
    { rt_string("sha384-"), EVP_sha384, 48 },
    { rt_string("sha512-"), EVP_sha512, 64 }
};

#define WAYS  (sizeof(ways) / sizeof(ways[0]))


/* ret: NULL, or why it is no path that all read alike */

static const char *
check_path(const rt_str_t *path)
{
    size_t          i;
    rt_mem_t        mem;
    rt_str_t        left;
    const char     *why;
    unsigned char   copy[RT_ALLOW_PATH];

    if (path->len == 0 || path->data[0] != '/') {
        return "does not begin with \"/\" or \"https://\"";
    }

    if (path->len > RT_ALLOW_PATH) {
        return "is too long";
    }

    for (i = 0; i < path->len; i++) {
        if (path->data[i] <= ' ' || path->data[i] >= 0x7f
            || path->data[i] == '&')
        {
            return "holds a blank, a \"&\" or a byte that is not ASCII";
        }
    }

    left.data = copy;
    left.len = sizeof(copy);
    mem.alloc = rt_alloc_from;
    mem.ctx = &left;

    return rt_uri_raw_check(&mem, path, &why) == RT_OK ? NULL : why;
}


rt_status_e
rt_allow_src(rt_allow_src_t *src, const rt_str_t *text, const char **why)
{
    size_t    n;
    rt_url_t  url;

    src->path = *text;
    src->origin.data = text->data;
    src->origin.len = 0;

    if (text->len && text->data[0] != '/') {

        if (rt_url_parse(text, &url, why) != RT_OK) {
            return RT_DECLINED;
        }

        if (!url.tls) {
            *why = "is not https";
            return RT_DECLINED;
        }

        for (n = sizeof("https://") - 1; n < text->len; n++) {
            if (text->data[n] == '/') {
                break;
            }
        }

        src->origin.len = n;
        src->path.data += n;
        src->path.len -= n;
    }

    *why = check_path(&src->path);

    if (*why == NULL && memchr(src->path.data, '?', src->path.len) != NULL) {
        *why = "holds a question mark";
    }

    return *why ? RT_DECLINED : RT_OK;
}


/*
 * text: base64, in either alphabet, without "=" at its end; ret: 1: it is a
 * digest of len bytes
 */

static int
decode(unsigned char *digest, size_t len, const rt_str_t *text)
{
    size_t         i, n;
    rt_str_t       url;
    unsigned char  bytes[rt_b64_encoded_len(RT_ALLOW_DIGEST)];

    if (text->len != rt_b64_encoded_len(len)) {
        return 0;
    }

    url.data = bytes;
    url.len = text->len;

    for (i = 0; i < url.len; i++) {
        bytes[i] = text->data[i];

        if (bytes[i] == '+' || bytes[i] == '/') {
            bytes[i] = (bytes[i] == '+') ? '-' : '_';
        }
    }

    return rt_b64_decode_to(&url, digest, &n) == RT_OK;
}


rt_status_e
rt_allow_hash(rt_allow_hash_t *hash, const rt_str_t *text)
{
    size_t    i, n;
    rt_str_t  name, digest;

    memset(hash, 0, sizeof(rt_allow_hash_t));

    for (i = 0; i < WAYS; i++) {

        name = *text;
        name.len = ways[i].name.len;

        if (text->len < name.len || !rt_str_ieq(&name, &ways[i].name)) {
            continue;
        }

        digest.data = text->data + name.len;
        digest.len = text->len - name.len;

        for (n = 0; n < 2 && digest.len; n++) {
            digest.len -= (digest.data[digest.len - 1] == '=');
        }

        hash->way = (unsigned char) i;

        return decode(hash->digest, ways[i].len, &digest) ? RT_OK : RT_INVALID;
    }

    return RT_INVALID;
}


/* attributes */


static int
is_space(unsigned char c)
{
    return rt_hclass[c] == RT_HC_SPACE;
}


/* the value from p on; ret: what is behind it */

static const unsigned char *
read_value(const unsigned char *p, const unsigned char *last, rt_str_t *value)
{
    const unsigned char  *end;

    if (p < last && (*p == '"' || *p == '\'')) {

        end = memchr(p + 1, *p, (size_t) (last - p - 1));
        end = end ? end : last;
        p++;

    } else {
        for (end = p; end < last && !is_space(*end); end++) { /* void */ }
    }

    value->data = (unsigned char *) p;
    value->len = (size_t) (end - p);

    return end < last && (*end == '"' || *end == '\'') ? end + 1 : end;
}


/* the attribute from p on; ret: what is behind it, NULL: there is none */

static const unsigned char *
read_attr(const unsigned char *p, const unsigned char *last, rt_str_t *name,
    rt_str_t *value)
{
    const unsigned char  *begin;

    while (p < last && (is_space(*p) || *p == '/')) {
        p++;
    }

    if (p == last) {
        return NULL;
    }

    begin = p++;

    while (p < last && *p != '=' && !rt_hends_name(*p)) {
        p++;
    }

    name->data = (unsigned char *) begin;
    name->len = (size_t) (p - begin);
    value->data = name->data + name->len;
    value->len = 0;

    for (begin = p; p < last && is_space(*p); p++) { /* void */ }

    if (p == last || *p != '=') {
        return begin;
    }

    for (p++; p < last && is_space(*p); p++) { /* void */ }

    return read_value(p, last, value);
}


/* the raw values of the wanted attributes, each the first of its name */

static void
read_tag(const rt_str_t *tag, rt_str_t *values)
{
    size_t                i;
    rt_str_t              name, value;
    const unsigned char  *p, *last;

    memset(values, 0, WANTED * sizeof(rt_str_t));

    p = tag->data + 1;
    last = tag->data + tag->len - 1;

    while (p < last && !rt_hends_name(*p)) {
        p++;
    }

    while ((p = read_attr(p, last, &name, &value)) != NULL) {

        for (i = 0; i < WANTED; i++) {
            if (values[i].data == NULL && rt_str_ieq(&name, &wanted[i])) {
                values[i] = value;
            }
        }
    }
}


/* has a script no text that runs, but data?  Browsers know 16 types that do */

static int
is_data(rt_str_t type)
{
    size_t    i;
    rt_str_t  part;

    static const rt_str_t  script = rt_string("script");
    static const rt_str_t  others[] = {
        rt_string(""),
        rt_string("module"),
        rt_string("importmap"),
        rt_string("speculationrules")
    };

    while (type.len && is_space(type.data[0])) {
        type.data++;
        type.len--;
    }

    while (type.len && is_space(type.data[type.len - 1])) {
        type.len--;
    }

    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (rt_str_ieq(&type, &others[i])) {
            return 0;
        }
    }

    part.len = script.len;

    for (i = 0; i + script.len <= type.len; i++) {
        part.data = type.data + i;

        if (rt_str_ieq(&part, &script)) {
            return 0;
        }
    }

    return 1;
}


static int
leads_to(const rt_allow_src_t *src, const rt_str_t *path)
{
    return src->path.data[src->path.len - 1] == '/'
           ? rt_uri_below(path, &src->path) : rt_str_eq(path, &src->path);
}


/* is an address one of those that are listed, or below one? */

static int
is_listed(const rt_allow_t *a, const rt_str_t *address)
{
    size_t    i, n;
    rt_str_t  path, origin;

    for (n = 0; n < address->len; n++) {
        if (address->data[n] == '?' || address->data[n] == '#') {
            break;
        }
    }

    for (i = 0; i < a->nsrc; i++) {

        if (a->src[i].origin.len > n) {
            continue;
        }

        origin.data = address->data;
        origin.len = a->src[i].origin.len;
        path.data = address->data + origin.len;
        path.len = n - origin.len;

        if (rt_str_ieq(&origin, &a->src[i].origin)
            && leads_to(&a->src[i], &path)
            && check_path(&path) == NULL)
        {
            return 1;
        }
    }

    return 0;
}


int
rt_allow_inline(const rt_html_tag_t *tag, const rt_str_t *text)
{
    rt_str_t  v[WANTED];

    if (tag->tag != RT_HTAG_SCRIPT) {
        return tag->tag == RT_HTAG_STYLE;
    }

    read_tag(text, v);

    return v[SRC].data == NULL && !is_data(v[TYPE]);
}


/* a charset of the tag's own would make other text of the same file */

static rt_allow_e
allow_address(const rt_allow_t *a, const rt_str_t *address,
    const rt_str_t *charset, unsigned *why)
{
    *why = RT_LOST_SRC;

    return address->data != NULL && is_listed(a, address)
           && rt_charset_value(charset) <= RT_CHARSET_UTF8
           ? RT_ALLOW_YES : RT_ALLOW_NO;
}


rt_allow_e
rt_allow_tag(const rt_allow_t *a, const rt_html_tag_t *tag,
    const rt_str_t *text, unsigned *why)
{
    rt_str_t  v[WANTED];

    if (tag->tag == RT_HTAG_LINK && !tag->loads) {
        return RT_ALLOW_NEEDLESS;
    }

    if (tag->markup) {
        *why = RT_LOST_MARKUP;
        return RT_ALLOW_NO;
    }

    read_tag(text, v);

    if (tag->tag == RT_HTAG_LINK) {
        return allow_address(a, &v[HREF], &v[CHARSET], why);
    }

    if (!tag->text) {
        *why = RT_LOST_FOREIGN;
        return RT_ALLOW_NO;
    }

    if (tag->tag == RT_HTAG_SCRIPT && v[SRC].data != NULL) {
        return allow_address(a, &v[SRC], &v[CHARSET], why);
    }

    if (tag->tag == RT_HTAG_SCRIPT && is_data(v[TYPE])) {
        return RT_ALLOW_NEEDLESS;
    }

    *why = RT_LOST_HASH;

    return a->nhash ? RT_ALLOW_TEXT : RT_ALLOW_NO;
}


/* texts */


static int
hash_text(const rt_str_t *text, size_t way, unsigned char *digest)
{
    int                   ok;
    EVP_MD_CTX           *md;
    const unsigned char  *p, *last, *end;

    md = EVP_MD_CTX_new();
    ok = md != NULL && EVP_DigestInit_ex(md, ways[way].md(), NULL) == 1;

    p = text->data;
    last = p + text->len;

    while (ok && p < last) {
        end = memchr(p, '\r', (size_t) (last - p));
        end = end ? end : last;

        ok = EVP_DigestUpdate(md, p, (size_t) (end - p)) == 1;
        p = end;

        if (ok && p < last) {
            ok = EVP_DigestUpdate(md, "\n", 1) == 1;
            p += (last - p > 1 && p[1] == '\n') ? 2 : 1;
        }
    }

    ok = ok && EVP_DigestFinal_ex(md, digest, NULL) == 1;

    EVP_MD_CTX_free(md);

    return ok;
}


/* are these the bytes of what a browser reads? */

static int
is_plain(const rt_str_t *text, int utf8)
{
    size_t  i;

    if (text->len && memchr(text->data, '\0', text->len) != NULL) {
        return 0;
    }

    if (utf8) {
        return rt_utf8_valid(text);
    }

    for (i = 0; i < text->len; i++) {
        if (text->data[i] >= 0x80) {
            return 0;
        }
    }

    return 1;
}


int
rt_allow_text(const rt_allow_t *a, const rt_str_t *text, int utf8)
{
    size_t                  i;
    unsigned char           digests[WAYS][RT_ALLOW_DIGEST];
    unsigned char           known[WAYS] = { 0 };
    const rt_allow_hash_t  *hash;

    if (!is_plain(text, utf8)) {
        return 0;
    }

    for (i = 0; i < a->nhash; i++) {
        hash = &a->hash[i];

        if (!known[hash->way]
            && !hash_text(text, hash->way, digests[hash->way]))
        {
            return 0;
        }

        known[hash->way] = 1;

        if (memcmp(hash->digest, digests[hash->way], ways[hash->way].len)
            == 0)
        {
            return 1;
        }
    }

    return 0;
}
