
#include "event/rt_chain.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#include "text/rt_b64.h"


#define DIGEST   32                     /* bytes of a MAC */
#define SIG_RAW  64                     /* bytes of a signature */
#define PEM_MAX  65536

#define SIGNED   "rtaudit chain"


#define begins  ",\"integrity\":{\"chain\":\""


/* the caller's log knows nothing of OpenSSL's queue */

static rt_status_e
failed(rt_status_e rc)
{
    ERR_clear_error();
    return rc;
}


/* of two texts, one behind the other */

static rt_status_e
mac(rt_chain_key_t *key, const unsigned char *a, size_t alen,
    const unsigned char *b, size_t blen, unsigned char *out)
{
    size_t  len;

    if (EVP_MAC_init(key->mac, NULL, 0, NULL) != 1
        || EVP_MAC_update(key->mac, a, alen) != 1
        || EVP_MAC_update(key->mac, b, blen) != 1
        || EVP_MAC_final(key->mac, out, &len, DIGEST) != 1
        || len != DIGEST)
    {
        return failed(RT_ERROR);
    }

    return RT_OK;
}


/* the first 8 digits of the MAC of a name */

static rt_status_e
tag(rt_chain_key_t *key, const char *what, const rt_str_t *name,
    unsigned char *dst)
{
    unsigned char  md[DIGEST];

    if (mac(key, (const unsigned char *) what, strlen(what), name->data,
            name->len, md)
        != RT_OK)
    {
        return RT_ERROR;
    }

    rt_hex_put(dst, md, 4);

    return RT_OK;
}


rt_status_e
rt_chain_key_open(rt_chain_key_t *key, const rt_str_t *secret)
{
    EVP_MAC     *hmac;
    OSSL_PARAM   params[2];
    const char  *digest = "SHA256";

    const rt_str_t  none = rt_string("");

    memset(key, 0, sizeof(rt_chain_key_t));

    if (secret->len < RT_CHAIN_KEY) {
        return RT_INVALID;
    }

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                                 (char *) digest, 0);
    params[1] = OSSL_PARAM_construct_end();

    hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    key->mac = EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);

    if (key->mac == NULL
        || EVP_MAC_init(key->mac, secret->data, secret->len, params) != 1
        || tag(key, "rtaudit key", &none, key->kid) != RT_OK)
    {
        rt_chain_key_close(key);
        return failed(RT_ERROR);
    }

    return RT_OK;
}


/* nobody is asked for the password of an encrypted key */

static int
no_password(char *buf, int size, int rwflag, void *data)
{
    (void) buf;
    (void) size;
    (void) rwflag;
    (void) data;

    return -1;
}


typedef EVP_PKEY *(*read_pt)(BIO *bio, EVP_PKEY **pkey, pem_password_cb *cb,
    void *data);


static rt_status_e
read_pem(rt_chain_key_t *key, const rt_str_t *pem, read_pt read)
{
    BIO       *bio;
    EVP_PKEY  *pkey;

    if (pem->len > PEM_MAX) {
        return RT_INVALID;
    }

    bio = BIO_new_mem_buf(pem->data, (int) pem->len);
    pkey = bio ? read(bio, NULL, no_password, NULL) : NULL;
    BIO_free(bio);

    if (pkey == NULL || EVP_PKEY_is_a(pkey, "ED25519") != 1) {
        EVP_PKEY_free(pkey);
        return failed(RT_INVALID);
    }

    EVP_PKEY_free(key->pkey);
    key->pkey = pkey;

    return RT_OK;
}


rt_status_e
rt_chain_key_private(rt_chain_key_t *key, const rt_str_t *pem)
{
    return read_pem(key, pem, PEM_read_bio_PrivateKey);
}


rt_status_e
rt_chain_key_public(rt_chain_key_t *key, const rt_str_t *pem)
{
    return read_pem(key, pem, PEM_read_bio_PUBKEY);
}


void
rt_chain_key_close(rt_chain_key_t *key)
{
    EVP_MAC_CTX_free(key->mac);
    EVP_PKEY_free(key->pkey);
    key->mac = NULL;
    key->pkey = NULL;
}


rt_status_e
rt_chain_begin(rt_chain_key_t *key, const rt_str_t *origin,
    const unsigned char *random, rt_chain_head_t *head)
{
    memset(head, 0, sizeof(rt_chain_head_t));
    memset(head->mac, '0', RT_CHAIN_MAC);

    memcpy(head->id, key->kid, 8);
    rt_hex_put(head->id + 16, random, RT_CHAIN_RAND);

    return tag(key, "rtaudit sink ", origin, head->id + 8);
}


static unsigned char *
put(unsigned char *p, const void *data, size_t len)
{
    memcpy(p, data, len);
    return p + len;
}


#define put_lit(p, lit)  put(p, lit, sizeof(lit) - 1)


static unsigned char *
put_number(unsigned char *p, uint64_t n)
{
    return p + rt_decimal(p, n);
}


/* the member up to its MAC */

static unsigned char *
put_link(unsigned char *p, const rt_chain_head_t *head,
    const rt_chain_head_t *after)
{
    const unsigned char  *prev = head->mac;

    p = put_lit(p, begins);
    p = put(p, head->id, RT_CHAIN_ID);
    p = put_lit(p, "\",\"n\":");
    p = put_number(p, head->n + 1);

    if (head->n == 0 && after->n) {
        p = put_lit(p, ",\"after\":\"");
        p = put(p, after->id, RT_CHAIN_ID);
        p = put_lit(p, ":");
        p = put_number(p, after->n);
        p = put_lit(p, "\"");
        prev = after->mac;
    }

    p = put_lit(p, ",\"prev\":\"");
    p = put(p, prev, RT_CHAIN_MAC);

    return put_lit(p, "\",\"mac\":\"");
}


static void
signed_text(unsigned char *text, const unsigned char *digits)
{
    text = put_lit(text, SIGNED);
    memcpy(text, digits, RT_CHAIN_MAC);
}


static rt_status_e
sign_mac(rt_chain_key_t *key, const unsigned char *digits, unsigned char *dst)
{
    int             ok;
    size_t          len;
    EVP_MD_CTX     *ctx;
    unsigned char   sig[SIG_RAW], text[sizeof(SIGNED) - 1 + RT_CHAIN_MAC];

    signed_text(text, digits);
    len = sizeof(sig);

    ctx = EVP_MD_CTX_new();
    ok = ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) == 1
         && EVP_DigestSign(ctx, sig, &len, text, sizeof(text)) == 1
         && len == sizeof(sig);
    EVP_MD_CTX_free(ctx);

    if (!ok) {
        return failed(RT_ERROR);
    }

    (void) rt_b64_encode_to(sig, len, dst);

    return RT_OK;
}


rt_status_e
rt_chain_seal(rt_chain_key_t *key, rt_chain_head_t *head,
    const rt_chain_head_t *after, int sign, unsigned char *line, size_t *len)
{
    unsigned char  *p, *digits, md[DIGEST];

    if (*len < 3 || line[*len - 1] != '\n' || line[*len - 2] != '}') {
        return RT_INVALID;
    }

    digits = put_link(line + *len - 2, head, after);

    if (mac(key, line, (size_t) (digits - line), NULL, 0, md) != RT_OK) {
        goto failed;
    }

    rt_hex_put(digits, md, DIGEST);
    p = digits + RT_CHAIN_MAC;

    if (key->pkey && (sign || head->n == 0)) {
        p = put_lit(p, "\",\"sig\":\"");

        if (sign_mac(key, digits, p) != RT_OK) {
            goto failed;
        }

        p += RT_CHAIN_SIG;
    }

    p = put_lit(p, "\"}}\n");

    memcpy(head->mac, digits, RT_CHAIN_MAC);
    head->n++;
    *len = (size_t) (p - line);

    return RT_OK;

failed:

    (void) put_lit(line + *len - 2, "}\n");

    return RT_ERROR;
}


/* what is left of a text to read; 0: it was not as it should be */

typedef struct {
    const unsigned char  *p;
    const unsigned char  *end;
} text_t;


static int
get(text_t *t, const char *word)
{
    size_t  len;

    len = strlen(word);

    if ((size_t) (t->end - t->p) < len || memcmp(t->p, word, len) != 0) {
        return 0;
    }

    t->p += len;

    return 1;
}


static int
get_digits(text_t *t, unsigned char *dst, size_t len)
{
    size_t  i;

    if ((size_t) (t->end - t->p) < len) {
        return 0;
    }

    for (i = 0; i < len; i++) {
        if (rt_hex(t->p[i]) == -1 || t->p[i] != rt_lower(t->p[i])) {
            return 0;
        }

        dst[i] = t->p[i];
    }

    t->p += len;

    return 1;
}


/* from 1 on, of 18 digits at most */

static int
get_number(text_t *t, uint64_t *n)
{
    const unsigned char  *start = t->p;

    *n = 0;

    while (t->p < t->end && *t->p >= '0' && *t->p <= '9') {
        if (t->p - start == 18) {
            return 0;
        }

        *n = *n * 10 + (uint64_t) (*t->p++ - '0');
    }

    return t->p > start && *start != '0';
}


static int
get_head(text_t *t, rt_chain_head_t *head)
{
    return get_digits(t, head->id, RT_CHAIN_ID) && get(t, ":")
           && get_number(t, &head->n);
}


rt_status_e
rt_chain_head_read(const rt_str_t *text, int mac, rt_chain_head_t *head)
{
    text_t  t = { text->data, text->data + text->len };

    memset(head, 0, sizeof(rt_chain_head_t));

    return get_head(&t, head)
           && (!mac || (get(&t, ":")
                        && get_digits(&t, head->mac, RT_CHAIN_MAC)))
           && t.p == t.end
           ? RT_OK : RT_INVALID;
}


static int
get_sig(text_t *t, const unsigned char **sig)
{
    rt_str_t  s;

    if (!get(t, ",\"sig\":\"")) {
        return 1;
    }

    if (t->end - t->p < RT_CHAIN_SIG) {
        return 0;
    }

    s.data = (unsigned char *) t->p;
    s.len = RT_CHAIN_SIG;

    *sig = s.data;
    t->p += RT_CHAIN_SIG;

    return rt_b64_valid(&s) && get(t, "\"");
}


/* the whole of the member, and what ends the line */

static int
get_link(text_t *t, const unsigned char *line, rt_chain_link_t *link)
{
    size_t  text;

    text = (size_t) (t->p - line);

    if (!get(t, begins)) {
        return 0;
    }

    memset(link, 0, sizeof(rt_chain_link_t));
    link->text = text;

    if (!get_digits(t, link->head.id, RT_CHAIN_ID)
        || !get(t, "\",\"n\":") || !get_number(t, &link->head.n))
    {
        return 0;
    }

    if (get(t, ",\"after\":\"")
        && (link->head.n != 1 || !get_head(t, &link->after)
            || !get(t, "\"")))
    {
        return 0;
    }

    if (!get(t, ",\"prev\":\"") || !get_digits(t, link->prev, RT_CHAIN_MAC)
        || !get(t, "\",\"mac\":\""))
    {
        return 0;
    }

    link->sealed = (size_t) (t->p - line);

    return get_digits(t, link->head.mac, RT_CHAIN_MAC) && get(t, "\"")
           && get_sig(t, &link->sig) && get(t, "}}") && t->p == t->end;
}


/*
 * Only at the end of a line can it be what seals it: a value that somebody
 * sent may look the same, but has more behind it.
 */

rt_status_e
rt_chain_read(const rt_str_t *line, rt_chain_link_t *link)
{
    text_t                t;
    size_t                len;
    const unsigned char  *p;

    len = line->len;

    if (len && line->data[len - 1] == '\n') {
        len--;
    }

    t.end = line->data + len;

    for (p = len > RT_CHAIN_ROOM ? t.end - RT_CHAIN_ROOM : line->data;
         p < t.end; p++)
    {
        p = memchr(p, ',', (size_t) (t.end - p));

        if (p == NULL) {
            break;
        }

        t.p = p;

        if (get_link(&t, line->data, link)) {
            return RT_OK;
        }
    }

    return RT_DECLINED;
}


int
rt_chain_sealed(rt_chain_key_t *key, const rt_str_t *line,
    const rt_chain_link_t *link)
{
    unsigned char  md[DIGEST], digits[RT_CHAIN_MAC];

    if (mac(key, line->data, link->sealed, NULL, 0, md) != RT_OK) {
        return 0;
    }

    rt_hex_put(digits, md, DIGEST);

    return CRYPTO_memcmp(digits, link->head.mac, RT_CHAIN_MAC) == 0;
}


int
rt_chain_signed(rt_chain_key_t *key, const rt_chain_link_t *link)
{
    int             ok;
    size_t          len;
    rt_str_t        s;
    EVP_MD_CTX     *ctx;
    unsigned char   sig[SIG_RAW + 2];
    unsigned char   text[sizeof(SIGNED) - 1 + RT_CHAIN_MAC];

    if (key->pkey == NULL || link->sig == NULL) {
        return 0;
    }

    s.data = (unsigned char *) link->sig;
    s.len = RT_CHAIN_SIG;

    if (rt_b64_decode_to(&s, sig, &len) != RT_OK || len != SIG_RAW) {
        return 0;
    }

    signed_text(text, link->head.mac);

    ctx = EVP_MD_CTX_new();
    ok = ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key->pkey) == 1
         && EVP_DigestVerify(ctx, sig, len, text, sizeof(text)) == 1;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();

    return ok;
}
