
/*
 * Keys that OpenSSL makes of a JWK's numbers, against libjwt's import: what we
 * take, libjwt takes, and it is the same key; what libjwt takes and we do not,
 * we refuse for one of the reasons named here, and never because OpenSSL does.
 */

#include <openssl/err.h>
#include <openssl/pem.h>
#include <jwt.h>

#include "rt_test.h"
#include "jose_sign.h"
#include "jose/rt_jwks.h"


#define MAX_MEMBERS  8
#define MAX_OCTETS   2048

/* what OpenSSL says no to, and it alone */
#define REFUSED      "OpenSSL refuses the key"


typedef struct {
    const char  *name;
    char        *value;             /* as JSON; NULL: absent */
} member_t;


typedef struct {
    const char  *what;
    member_t     members[MAX_MEMBERS];
    unsigned     n;
} jwk_key_t;


enum { BOTH, NEITHER, LIBJWT };     /* who takes a key */


/* the reasons for which we refuse what libjwt takes */

static const char  *stricter[] = {
    "a member that makes up the key is not base64url",
    "a member that makes up the key is absent or no string",
    "an RSA key below 2048 bits is not safe",
    "an RSA key above 8192 bits costs too much to verify with",
    "modulus and exponent of an RSA key are odd",
    "crv is not a curve used here with its kty",
    "a coordinate has not the length of its curve",
    "its coordinate is not below the prime of its curve",
    "a point of small order verifies what nobody signed",
};


static jwk_key_t    keys[7];
static unsigned  taken[3];


static char *
print(const jwk_key_t *key)
{
    char      *s;
    size_t     n;
    unsigned   i;

    s = jose_alloc(&arena, JOSE_MAX);
    n = (size_t) snprintf(s, JOSE_MAX, "{\"use\":\"sig\"");

    for (i = 0; i < key->n; i++) {
        if (key->members[i].value) {
            n += (size_t) snprintf(s + n, JOSE_MAX - n, ",\"%s\":%s",
                                   key->members[i].name,
                                   key->members[i].value);
        }
    }

    assert_true(n + 1 < JOSE_MAX);
    strcpy(s + n, "}");

    return s;
}


static char *
quoted(const char *text)
{
    char  *s;

    s = jose_alloc(&arena, strlen(text) + 3);
    sprintf(s, "\"%s\"", text);

    return s;
}


static char *
octets(const void *p, size_t len)
{
    return quoted(jose_b64(&arena, p, len));
}


static member_t *
member(jwk_key_t *key, const char *name)
{
    unsigned  i;

    for (i = 0; i < key->n; i++) {
        if (strcmp(key->members[i].name, name) == 0) {
            return &key->members[i];
        }
    }

    return NULL;
}


static void
set(jwk_key_t *key, const char *name, char *value)
{
    member_t  *m;

    m = member(key, name);

    if (m == NULL) {
        assert_true(key->n < MAX_MEMBERS);
        m = &key->members[key->n++];
        m->name = name;
    }

    m->value = value;
}


/* ret: bytes of the member, decoded into buf */

static size_t
bytes(jwk_key_t *key, const char *name, unsigned char *buf)
{
    size_t     len;
    rt_str_t   text;

    text = jose_str(member(key, name)->value + 1);
    text.len--;

    assert_true(rt_b64_decoded_len(text.len) <= MAX_OCTETS);
    assert_int_equal(rt_b64_decode_to(&text, buf, &len), RT_OK);

    return len;
}


/* to be freed by rt_jwks_destroy(); ret: NULL, or why we do not take it */

static const char *
ours(const char *jwk, rt_jwks_t *jwks)
{
    char         *text;
    rt_str_t      str;
    const char   *why;

    text = jose_alloc(&arena, JOSE_MAX + 16);
    snprintf(text, JOSE_MAX + 16, "{\"keys\":[%s]}", jwk);
    str = jose_str(text);

    if (rt_jwks_load(&mem, &str, RT_JWA_DEFAULT, jwks, &why) == RT_OK) {
        why = NULL;

    } else if (jwks->nskips) {
        why = jwks->skips[0].why;
    }

    assert_int_equal(ERR_peek_error(), 0);

    return why;
}


/* the public key of the PEM that libjwt makes; NULL: it does not */

static EVP_PKEY *
theirs(const char *jwk)
{
    BIO               *bio;
    EVP_PKEY          *pkey;
    jwk_set_t         *jwks;
    const char        *pem;
    const jwk_item_t  *item;

    pkey = NULL;
    jwks = jwks_create(jwk);
    item = jwks_error_any(jwks) ? NULL : jwks_item_get(jwks, 0);
    pem = item ? jwks_item_pem(item) : NULL;

    if (pem) {
        bio = BIO_new_mem_buf(pem, -1);
        pkey = jwks_item_is_private(item)
               ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL)
               : PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
        BIO_free(bio);
    }

    jwks_free(jwks);
    ERR_clear_error();

    return pkey;
}


/* the whole check of OpenSSL, which is too slow for a worker */

static void
assert_whole(const char *jwk, EVP_PKEY *pkey)
{
    int            rc;
    EVP_PKEY_CTX  *ctx;

    if (!EVP_PKEY_is_a(pkey, "EC")) {
        return;
    }

    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    rc = EVP_PKEY_public_check(ctx);
    EVP_PKEY_CTX_free(ctx);

    if (rc != 1) {
        fail_msg("the check finds fault with %s", jwk);
    }
}


static int
is_stricter(const char *why)
{
    size_t  i;

    for (i = 0; i < sizeof(stricter) / sizeof(stricter[0]); i++) {
        if (strncmp(why, stricter[i], strlen(stricter[i])) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
compare(const char *jwk)
{
    int          who;
    EVP_PKEY    *pkey;
    rt_jwks_t    jwks;
    const char  *why;

    why = ours(jwk, &jwks);
    pkey = theirs(jwk);

    if (why == NULL) {
        who = BOTH;

        if (pkey == NULL || EVP_PKEY_eq(jwks.keys[0].pkey, pkey) != 1) {
            fail_msg("we take it, libjwt takes %s: %s",
                     pkey ? "another key" : "it not", jwk);
        }

        assert_whole(jwk, jwks.keys[0].pkey);

    } else if (pkey) {
        who = LIBJWT;

        if (!is_stricter(why)) {
            fail_msg("libjwt takes it, we do not, for %s: %s", why, jwk);
        }

    } else {
        who = NEITHER;
    }

    rt_jwks_destroy(&jwks);
    EVP_PKEY_free(pkey);
    ERR_clear_error();

    taken[who]++;

    return who;
}


static int
compare_with(const jwk_key_t *key, const char *name, char *value)
{
    jwk_key_t  other;

    other = *key;
    set(&other, name, value);

    return compare(print(&other));
}


static void
take_key(jwk_key_t *key, const char *what, const char *kty, EVP_PKEY *pkey)
{
    size_t          len;
    unsigned char   raw[64];

    memset(key, 0, sizeof(jwk_key_t));
    key->what = what;
    set(key, "kty", quoted(kty));

    if (strcmp(kty, "RSA") == 0) {
        set(key, "n", quoted(jose_number(&arena, pkey, "n", 0)));
        set(key, "e", quoted(jose_number(&arena, pkey, "e", 0)));

    } else if (strcmp(kty, "EC") == 0) {
        len = ((size_t) EVP_PKEY_get_bits(pkey) + 7) / 8;
        set(key, "crv", quoted(what));
        set(key, "x", quoted(jose_number(&arena, pkey,
                                         OSSL_PKEY_PARAM_EC_PUB_X,
                                         (int) len)));
        set(key, "y", quoted(jose_number(&arena, pkey,
                                         OSSL_PKEY_PARAM_EC_PUB_Y,
                                         (int) len)));

    } else {
        len = sizeof(raw);
        EVP_PKEY_get_raw_public_key(pkey, raw, &len);
        set(key, "crv", quoted(what));
        set(key, "x", octets(raw, len));
    }

    EVP_PKEY_free(pkey);
}


static int
setup(void **state)
{
    (void) state;
    (void) rt_arena_init(&arena);

    take_key(&keys[0], "RSA-2048", "RSA", jose_key("RSA", 2048, NULL));
    take_key(&keys[1], "RSA-2056", "RSA", jose_key("RSA", 2056, NULL));
    take_key(&keys[2], "P-256", "EC", jose_key("EC", 0, "P-256"));
    take_key(&keys[3], "P-384", "EC", jose_key("EC", 0, "P-384"));
    take_key(&keys[4], "P-521", "EC", jose_key("EC", 0, "P-521"));
    take_key(&keys[5], "Ed25519", "OKP", jose_key("ED25519", 0, NULL));
    take_key(&keys[6], "Ed448", "OKP", jose_key("ED448", 0, NULL));

    memset(taken, 0, sizeof(taken));

    return 0;
}


#define NKEYS  (sizeof(keys) / sizeof(keys[0]))


static void
test_good(void **state)
{
    unsigned  i;

    (void) state;

    for (i = 0; i < NKEYS; i++) {
        assert_int_equal(compare(print(&keys[i])), BOTH);
    }

    /* what is no part of the public key changes nothing */

    for (i = 0; i < NKEYS; i++) {
        assert_int_equal(compare_with(&keys[i], "x5c", "[\"MIIB\"]"), BOTH);
        assert_int_equal(compare_with(&keys[i], "x5c", "1"), BOTH);
        assert_int_equal(compare_with(&keys[i], "k", "\"AAAA\""), BOTH);
        assert_int_equal(compare_with(&keys[i], "key_ops", "[\"verify\"]"),
                         BOTH);
    }
}


/* a member that is absent, or is something else than its own octets */

static void
test_members(void **state)
{
    char           *value;
    unsigned        i, j, k;
    jwk_key_t      *key;
    const char     *name;

    static const char  *values[] = {
        NULL, "1", "null", "true", "[]", "{}", "\"A\"", "\"AB\"", "\"A=\"",
        "\"AA==\"", "\"+/\"", "\" \"", "\"\\u00e9\"", "\"AAAA\"", "\"AQAB\"",
        "\"RSA\"", "\"EC\"", "\"OKP\"", "\"P-256\"", "\"P-384\"", "\"P-521\"",
        "\"Ed25519\"", "\"Ed448\"", "\"X25519\"", "\"secp256k1\"",
        "\"prime256v1\"", "\"p-256\"", "\"brainpoolP256r1\"", "\"sm2\""
    };

    (void) state;

    for (i = 0; i < NKEYS; i++) {
        key = &keys[i];

        for (j = 0; j < key->n; j++) {
            name = key->members[j].name;

            for (k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
                value = (char *) values[k];

                /* its own kty or crv, or the "e" of most keys */

                if (value && strcmp(value, key->members[j].value) == 0) {
                    assert_int_equal(compare_with(key, name, value), BOTH);
                    continue;
                }

                assert_int_not_equal(compare_with(key, name, value), BOTH);
            }
        }
    }

    assert_true(taken[NEITHER] > 0 && taken[LIBJWT] > 0);
}


/* ways in which the octets of a member are changed; ret: their new length */

static size_t
shorten(unsigned char *p, size_t len)
{
    (void) p;
    return len - 1;
}


static size_t
lengthen(unsigned char *p, size_t len)
{
    p[len] = 1;
    return len + 1;
}


static size_t
lead(unsigned char *p, size_t len)
{
    memmove(p + 1, p, len);
    p[0] = 0;
    return len + 1;
}


static size_t
lead_far(unsigned char *p, size_t len)
{
    memmove(p + 900, p, len);
    memset(p, 0, 900);
    return len + 900;
}


static size_t
zero(unsigned char *p, size_t len)
{
    memset(p, 0, len);
    return len;
}


static size_t
ones(unsigned char *p, size_t len)
{
    memset(p, 0xff, len);
    return len;
}


static size_t
huge(unsigned char *p, size_t len)
{
    (void) len;
    memset(p, 0xff, MAX_OCTETS);
    return MAX_OCTETS;
}


static size_t
flip_low(unsigned char *p, size_t len)
{
    p[len - 1] ^= 1;
    return len;
}


static size_t
flip_high(unsigned char *p, size_t len)
{
    p[0] ^= 0x80;
    return len;
}


static size_t
reverse(unsigned char *p, size_t len)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < len / 2; i++) {
        c = p[i];
        p[i] = p[len - 1 - i];
        p[len - 1 - i] = c;
    }

    return len;
}


static void
test_octets(void **state)
{
    size_t         len;
    unsigned       i, j, k;
    const char    *name;
    unsigned char  buf[MAX_OCTETS];

    static size_t  (*const changes[])(unsigned char *p, size_t len) = {
        shorten, lengthen, lead, lead_far, zero, ones, huge, flip_low,
        flip_high, reverse
    };

    (void) state;

    for (i = 0; i < NKEYS; i++) {
        for (j = 0; j < keys[i].n; j++) {
            name = keys[i].members[j].name;

            if (strlen(name) != 1) {
                continue;
            }

            for (k = 0; k < sizeof(changes) / sizeof(changes[0]); k++) {
                len = changes[k](buf, bytes(&keys[i], name, buf));
                (void) compare_with(&keys[i], name, octets(buf, len));
            }
        }
    }

    assert_true(taken[BOTH] > 0 && taken[NEITHER] > 0 && taken[LIBJWT] > 0);

    /* one zero before a number of RSA is passed over, as libjwt does */

    len = lead(buf, bytes(&keys[0], "n", buf));
    assert_int_equal(compare_with(&keys[0], "n", octets(buf, len)), BOTH);
    len = lead(buf, bytes(&keys[0], "e", buf));
    assert_int_equal(compare_with(&keys[0], "e", octets(buf, len)), BOTH);

    /* but one before a coordinate is not */

    len = lead(buf, bytes(&keys[2], "x", buf));
    assert_int_equal(compare_with(&keys[2], "x", octets(buf, len)), LIBJWT);
}


/* off the curve, beyond the prime of the field, on another curve */

static void
test_points(void **state)
{
    unsigned        i, j;
    jwk_key_t       other;
    rt_jwks_t       jwks;
    unsigned char   p[66];

    (void) state;

    for (i = 2; i <= 4; i++) {
        other = keys[i];
        set(&other, "x", member(&keys[i], "y")->value);
        set(&other, "y", member(&keys[i], "x")->value);
        assert_int_equal(compare(print(&other)), NEITHER);
        assert_string_equal(ours(print(&other), &jwks), REFUSED);

        set(&other, "y", member(&keys[i], "y")->value);
        assert_int_equal(compare(print(&other)), NEITHER);

        for (j = 2; j <= 4; j++) {
            other = keys[i];
            set(&other, "crv", member(&keys[j], "crv")->value);
            assert_int_equal(compare(print(&other)),
                             i == j ? BOTH : NEITHER);
        }
    }

    /* the point at infinity has no coordinates; both zero are no point */

    memset(p, 0, sizeof(p));
    other = keys[2];
    set(&other, "x", octets(p, 32));
    set(&other, "y", octets(p, 32));
    assert_int_equal(compare(print(&other)), NEITHER);
    assert_string_equal(ours(print(&other), &jwks), REFUSED);
}


/*
 * The same point once more, under a coordinate that is not below the prime:
 * libjwt reduces it, so that one key has two spellings.
 */

static void
test_unreduced(void **state)
{
    BIGNUM         *p, *x, *y, *sum;
    EC_GROUP       *group;
    EC_POINT       *point;
    EVP_PKEY       *pkey;
    jwk_key_t       key;
    rt_jwks_t       jwks;
    unsigned char   buf[32];

    (void) state;

    group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    point = EC_POINT_new(group);
    p = BN_new();
    x = BN_new();
    y = BN_new();
    sum = BN_new();

    EC_GROUP_get_curve(group, p, NULL, NULL, NULL);

    while (EC_POINT_set_compressed_coordinates(group, point, x, 0, NULL) != 1) {
        BN_add_word(x, 1);
    }

    EC_POINT_get_affine_coordinates(group, point, x, y, NULL);
    BN_add(sum, x, p);

    key = keys[2];
    BN_bn2binpad(y, buf, 32);
    set(&key, "y", octets(buf, 32));
    BN_bn2binpad(x, buf, 32);
    set(&key, "x", octets(buf, 32));
    ERR_clear_error();
    assert_int_equal(compare(print(&key)), BOTH);

    assert_int_equal(BN_bn2binpad(sum, buf, 32), 32);
    set(&key, "x", octets(buf, 32));
    assert_string_equal(ours(print(&key), &jwks), REFUSED);

    pkey = theirs(print(&key));
    assert_non_null(pkey);
    EVP_PKEY_free(pkey);

    BN_free(p);
    BN_free(x);
    BN_free(y);
    BN_free(sum);
    EC_POINT_free(point);
    EC_GROUP_free(group);
}


/* octets changed at random: a thousand keys, and both sides of each */

static void
test_random(void **state)
{
    size_t          len;
    unsigned        i, at;
    jwk_key_t      *key;
    const char     *name;
    unsigned char   buf[MAX_OCTETS];

    (void) state;

    for (i = 0; i < 1000; i++) {
        key = &keys[chance(NKEYS)];
        name = key->members[1 + chance(key->n - 1)].name;

        if (strlen(name) != 1) {
            continue;
        }

        len = bytes(key, name, buf);

        for (at = chance(3); at < 3; at++) {
            buf[chance((uint32_t) len)] = (unsigned char) chance(256);
        }

        (void) compare_with(key, name, octets(buf, len));
    }

    assert_true(taken[BOTH] > 0 && taken[NEITHER] > 0);
}


/*
 * A private JWK.  Whose it says it is, is its public half; libjwt makes an
 * Edwards key of "d", whatever "x" says, and wants all of RSA's numbers or
 * none.
 */

static void
test_private(void **state)
{
    char        *jwk;
    unsigned     i;
    EVP_PKEY    *pkey;
    rt_jwks_t    jwks;

    static const char  *members[] = { "d", "p", "q", "dp", "dq", "qi" };

    (void) state;

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        jwk_key_t  key = keys[0];

        set(&key, members[i], "\"AQAB\"");
        jwk = print(&key);
        assert_null(theirs(jwk));
        assert_null(ours(jwk, &jwks));
        rt_jwks_destroy(&jwks);
    }

    assert_int_equal(compare_with(&keys[2], "d", member(&keys[2], "x")->value),
                     BOTH);

    for (i = 5; i < NKEYS; i++) {
        jwk_key_t  key = keys[i];

        set(&key, "d", octets("0123456789abcdef0123456789abcdef"
                              "0123456789abcdef0123456789", i == 5 ? 32 : 57));
        pkey = theirs(print(&key));
        assert_null(ours(print(&key), &jwks));
        assert_int_equal(EVP_PKEY_eq(pkey, jwks.keys[0].pkey), 0);
        EVP_PKEY_free(pkey);
        rt_jwks_destroy(&jwks);

        assert_null(ours(print(&keys[i]), &jwks));
        pkey = theirs(print(&keys[i]));
        assert_int_equal(EVP_PKEY_eq(pkey, jwks.keys[0].pkey), 1);
        EVP_PKEY_free(pkey);
        rt_jwks_destroy(&jwks);
    }
}


int
main(void)
{
#define T(name)  cmocka_unit_test_setup_teardown(name, setup, arena_teardown)

    const struct CMUnitTest  tests[] = {
        T(test_good),
        T(test_members),
        T(test_octets),
        T(test_points),
        T(test_unreduced),
        T(test_random),
        T(test_private),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
