
/*
 * What OpenSSL itself takes for one signature of RS256, ES256 or EdDSA: verify
 * PUBLIC.pem TOKEN SECONDS.  The key object is made once, as a server does; the
 * message and the signature are the token's.  Prints nanoseconds of CPU per
 * signature.
 */

#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "bench.h"


#define SIGNATURE_MAX  1024
#define BATCH          64


typedef struct {
    EVP_PKEY       *key;
    const EVP_MD   *md;
    const char     *text;
    size_t          len;
    unsigned char   signature[SIGNATURE_MAX];
    size_t          signature_len;
} job_t;


static void
read_key(job_t *job, const char *path)
{
    FILE  *f;

    f = fopen(path, "r");
    if (f == NULL) {
        die("cannot open the key");
    }

    job->key = PEM_read_PUBKEY(f, NULL, NULL, NULL);
    fclose(f);

    if (job->key == NULL) {
        die("cannot read the key");
    }

    job->md = EVP_PKEY_is_a(job->key, "ED25519") ? NULL : EVP_sha256();
}


/* OpenSSL wants the two numbers of ECDSA in DER */

static void
to_der(job_t *job)
{
    int             len;
    size_t          half;
    ECDSA_SIG      *sig;
    unsigned char  *p;

    half = job->signature_len / 2;
    sig = ECDSA_SIG_new();

    if (sig == NULL
        || !ECDSA_SIG_set0(sig, BN_bin2bn(job->signature, (int) half, NULL),
                           BN_bin2bn(job->signature + half, (int) half, NULL)))
    {
        die("no memory");
    }

    p = job->signature;
    len = i2d_ECDSA_SIG(sig, &p);
    ECDSA_SIG_free(sig);

    if (len < 0) {
        die("this is no signature of ECDSA");
    }

    job->signature_len = (size_t) len;
}


/* OpenSSL decodes padded base64 of the other alphabet */

static void
read_token(job_t *job, const char *token)
{
    int          n;
    char         text[SIGNATURE_MAX * 2];
    size_t       i, len;
    const char  *dot;

    dot = strrchr(token, '.');
    if (dot == NULL || strlen(dot + 1) + 4 > SIGNATURE_MAX) {
        die("this is no token");
    }

    job->text = token;
    job->len = (size_t) (dot - token);

    len = strlen(dot + 1);

    for (i = 0; i < len; i++) {
        text[i] = dot[1 + i] == '-' ? '+' : dot[1 + i] == '_' ? '/'
                                                              : dot[1 + i];
    }

    job->signature_len = len * 3 / 4;

    while (len % 4) {
        text[len++] = '=';
    }

    n = EVP_DecodeBlock(job->signature, (unsigned char *) text, (int) len);
    if (n < 0) {
        die("this is no base64url");
    }

    if (EVP_PKEY_is_a(job->key, "EC")) {
        to_der(job);
    }
}


static int
verify(job_t *job)
{
    int          ok;
    EVP_MD_CTX  *ctx;

    ctx = EVP_MD_CTX_new();
    if (ctx == NULL) {
        die("no memory");
    }

    ok = EVP_DigestVerifyInit(ctx, NULL, job->md, NULL, job->key) == 1
         && EVP_DigestVerify(ctx, job->signature, job->signature_len,
                             (const unsigned char *) job->text, job->len)
            == 1;

    EVP_MD_CTX_free(ctx);

    return ok;
}


int
main(int argc, char **argv)
{
    int     i;
    job_t   job;
    double  start, spent, seconds;
    size_t  count;

    if (argc != 4) {
        die("usage: verify PUBLIC.pem TOKEN SECONDS");
    }

    read_key(&job, argv[1]);
    read_token(&job, argv[2]);
    seconds = atof(argv[3]);

    count = 0;
    start = cpu_now();

    do {
        for (i = 0; i < BATCH; i++) {
            if (!verify(&job)) {
                die("the signature does not hold");
            }
        }

        count += BATCH;
        spent = cpu_now() - start;

    } while (spent < seconds);

    printf("%.0f\n", spent / (double) count * 1e9);

    EVP_PKEY_free(job.key);

    return 0;
}
