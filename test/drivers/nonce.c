
/*
 * nonce [--split=N] [--secret=S] [--nonce=N] [--scrub] [--frames] [FILE]
 *
 * Reads FILE, or standard input, in pieces of N bytes (default: all at once)
 * and prints the page with SECRET replaced by the nonce.
 *
 *   --secret   default: SECRETsecretSECRETsecret00
 *   --nonce    default: NONCEnonceNONCEnonceNONCEnonce00
 *   --scrub    the input is not HTML: SECRET is only overwritten
 *   --frames   many documents, each as its length in decimal, a newline, and
 *              so many bytes; they are printed in the same way
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "rt_nonce.h"


typedef struct {
    unsigned char  *data;
    size_t          len;
    size_t          room;
} buf_t;


static const char  *secret = "SECRETsecretSECRETsecret00";
static const char  *nonce = "NONCEnonceNONCEnonceNONCEnonce00";
static size_t       split;
static int          html = 1;
static int          frames;


static rt_status_e
append(buf_t *b, const unsigned char *data, int fill, size_t len)
{
    if (b->room - b->len < len + 1) {
        b->room = (b->len + len) * 2 + 65536;
        b->data = realloc(b->data, b->room);

        if (b->data == NULL) {
            return RT_ERROR;
        }
    }

    if (data != NULL) {
        memcpy(b->data + b->len, data, len);
    } else {
        memset(b->data + b->len, fill, len);
    }

    b->len += len;
    b->data[b->len] = '\0';

    return RT_OK;
}


static int  fill;


static rt_status_e
emit(void *ctx, rt_nonce_op_e op, const unsigned char *data, size_t len)
{
    return append(ctx, op == RT_NONCE_FILL ? NULL : data, fill, len);
}


static int
rewrite(const rt_nonce_secret_t *s, unsigned char *p, size_t len, buf_t *out)
{
    size_t             n;
    rt_str_t           value;
    static rt_nonce_t  state;

    value.data = (unsigned char *) nonce;
    value.len = strlen(nonce);
    fill = s->fill;

    rt_nonce_init(&state, s, &value, html, 1, emit, out);

    do {
        n = (split && len > split) ? split : len;

        if (rt_nonce_feed(&state, p, n, n == len) != RT_OK) {
            return -1;
        }

        p += n;
        len -= n;
    } while (len);

    return 0;
}


static int
rewrite_frames(const rt_nonce_secret_t *s, buf_t *in)
{
    char           *line;
    buf_t           out;
    size_t          len;
    unsigned char  *p, *end;

    p = in->data;
    end = p + in->len;
    memset(&out, 0, sizeof(out));

    while (p < end) {
        len = strtoul((char *) p, &line, 10);

        if (line == (char *) p || len >= (size_t) (end - p)) {
            fputs("nonce: bad frame\n", stderr);
            return 2;
        }

        out.len = 0;
        p = (unsigned char *) line + 1;

        if (rewrite(s, p, len, &out) != 0) {
            return 2;
        }

        printf("%zu\n", out.len);
        fwrite(out.data, 1, out.len, stdout);
        p += len;
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
            split = strtoul(argv[i] + 8, NULL, 10);

        } else if (strncmp(argv[i], "--secret=", 9) == 0) {
            secret = argv[i] + 9;

        } else if (strncmp(argv[i], "--nonce=", 8) == 0) {
            nonce = argv[i] + 8;

        } else if (strcmp(argv[i], "--scrub") == 0) {
            html = 0;

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
    buf_t               doc, out;
    size_t              n;
    rt_str_t            text;
    unsigned char       piece[65536];
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

    memset(&doc, 0, sizeof(doc));
    memset(&out, 0, sizeof(out));
    append(&doc, piece, 0, 0);
    append(&out, piece, 0, 0);

    while ((n = fread(piece, 1, sizeof(piece), in)) > 0) {
        append(&doc, piece, 0, n);
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
