
/*
 * nonce [--split=N] [--secret=S] [--nonce=N] [--scrub] [--meta] [--every]
 *       [--frames] [FILE]
 *
 * Reads FILE, or standard input, in pieces of N bytes (default: all at once;
 * random: of 1 to 200) and prints the page with SECRET replaced by the nonce.
 *
 *   --secret   default: SECRETsecretSECRETsecret00
 *   --nonce    default: NONCEnonceNONCEnonceNONCEnonce00
 *   --scrub    the input is not HTML: SECRET is only overwritten
 *   --meta     in metas named csp-nonce as well
 *   --every    a nonce into every tag (rt_nonce_every()), no SECRET
 *   --frames   many documents, each as its length in decimal, a newline, and
 *              so many bytes; they are printed in the same way
 */

#include "rt_driver.h"
#include "html/rt_nonce.h"


static const char  *secret = "SECRETsecretSECRETsecret00";
static const char  *nonce = "NONCEnonceNONCEnonceNONCEnonce00";
static size_t       split;
static int          html = 1;
static int          frames;
static int          meta;
static int          every;
static int          fill;


static rt_status_e
emit(void *ctx, rt_nonce_op_e op, const unsigned char *data, size_t len)
{
    driver_buf_t  *b = ctx;

    if (driver_room(b, len) != RT_OK) {
        return RT_ERROR;
    }

    if (op == RT_NONCE_FILL) {
        memset(b->data + b->len, fill, len);

    } else {
        memcpy(b->data + b->len, data, len);
    }

    b->len += len;

    return RT_OK;
}


static int
rewrite(const rt_nonce_secret_t *s, unsigned char *p, size_t len,
    driver_buf_t *out)
{
    size_t             n;
    rt_str_t           value;
    static rt_nonce_t  state;

    value.data = (unsigned char *) nonce;
    value.len = strlen(nonce);
    fill = s->fill;

    if (every) {
        rt_nonce_every(&state, &value, emit, out);

    } else {
        rt_nonce_init(&state, s, &value, html, emit, out);
    }

    if (meta) {
        rt_nonce_meta(&state);
    }

    do {
        n = driver_piece(split, len);

        if (rt_nonce_feed(&state, p, n, n == len) != RT_OK) {
            return -1;
        }

        rt_nonce_settle(&state);

        p += n;
        len -= n;
    } while (len);

    return 0;
}


static int
rewrite_frames(const rt_nonce_secret_t *s, driver_buf_t *in)
{
    size_t          len;
    driver_buf_t    out = { NULL, 0, 0 };
    unsigned char  *p, *end, *doc;

    p = in->data;
    end = p + in->len;

    while (p < end) {
        doc = driver_frame(&p, end, &len);

        if (doc == NULL) {
            fputs("nonce: bad frame\n", stderr);
            return 2;
        }

        out.len = 0;

        if (rewrite(s, doc, len, &out) != 0) {
            return 2;
        }

        printf("%zu\n", out.len);
        fwrite(out.data, 1, out.len, stdout);
    }

    return 0;
}


static FILE *
options(int argc, char **argv)
{
    int    i;
    FILE  *in;

    in = stdin;

    for (i = 1; i < argc && in != NULL; i++) {
        if (strncmp(argv[i], "--split=", 8) == 0) {
            split = driver_split(argv[i] + 8);

        } else if (strncmp(argv[i], "--secret=", 9) == 0) {
            secret = argv[i] + 9;

        } else if (strncmp(argv[i], "--nonce=", 8) == 0) {
            nonce = argv[i] + 8;

        } else if (strcmp(argv[i], "--scrub") == 0) {
            html = 0;

        } else if (strcmp(argv[i], "--meta") == 0) {
            meta = 1;

        } else if (strcmp(argv[i], "--every") == 0) {
            every = 1;

        } else if (strcmp(argv[i], "--frames") == 0) {
            frames = 1;

        } else if (strcmp(argv[i], "-") != 0) {
            in = fopen(argv[i], "rb");

            if (in == NULL) {
                fprintf(stderr, "nonce: %s: %s\n", argv[i], strerror(errno));
            }
        }
    }

    return in;
}


int
main(int argc, char **argv)
{
    FILE               *in;
    rt_str_t            text;
    driver_buf_t        doc = { NULL, 0, 0 };
    driver_buf_t        out = { NULL, 0, 0 };
    rt_nonce_secret_t   s;

    in = options(argc, argv);

    if (in == NULL) {
        return 2;
    }

    text.data = (unsigned char *) secret;
    text.len = strlen(secret);

    if (rt_nonce_secret(&s, &text) != RT_OK) {
        fputs("nonce: --secret is not 22 to 128 characters of base64url\n",
              stderr);
        return 2;
    }

    if (driver_read(in, &doc) != RT_OK) {
        fputs("nonce: cannot read the input\n", stderr);
        return 2;
    }

    if (frames) {
        return rewrite_frames(&s, &doc);
    }

    if (rewrite(&s, doc.data, doc.len, &out) != 0) {
        return 2;
    }

    fwrite(out.data, 1, out.len, stdout);

    return 0;
}
