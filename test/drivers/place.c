
/*
 * place [--split=N] [--src=PREFIX ...] [--hash=HASH ...] [--utf8] [--guess]
 *       [--frames] [FILE]
 *
 * Reads FILE, or standard input, in pieces of N bytes (default: all at once;
 * random: of 1 to 200) and prints the page with the nonce
 * NONCEnonceNONCEnonceNONCEnonce00 in the script, style and link start tags
 * that may have it: those below a PREFIX, and those whose text has a HASH
 * ("sha256-...").
 *
 *   --utf8     the page is said to be UTF-8
 *   --guess    its charset is not said
 *   --frames   many documents, each as its length in decimal, a newline, and
 *              so many bytes; they are printed in the same way
 */

#include "rt_driver.h"
#include "html/rt_place.h"


#define MANY  64


static rt_allow_src_t   src[MANY];
static rt_allow_hash_t  hash[MANY];
static rt_allow_t       allow = { src, hash, 0, 0 };

static size_t           split;
static int              utf8;
static int              guess;
static int              frames;


static rt_status_e
emit(void *ctx, rt_nonce_op_e op, const unsigned char *data, size_t len)
{
    driver_buf_t  *b = ctx;

    (void) op;

    if (driver_room(b, len) != RT_OK) {
        return RT_ERROR;
    }

    memcpy(b->data + b->len, data, len);
    b->len += len;

    return RT_OK;
}


static int
rewrite(unsigned char *p, size_t len, driver_buf_t *out)
{
    size_t             n;
    static rt_place_t  state;

    static const rt_str_t  nonce =
        rt_string("NONCEnonceNONCEnonceNONCEnonce00");

    rt_place_init(&state, &allow, &nonce, utf8, emit, out);

    if (guess) {
        rt_place_guess(&state);
    }

    do {
        n = driver_piece(split, len);

        if (rt_place_feed(&state, p, n, n == len) != RT_OK) {
            return -1;
        }

        p += n;
        len -= n;
    } while (len);

    return 0;
}


static int
rewrite_frames(driver_buf_t *in)
{
    size_t          len;
    driver_buf_t    out = { NULL, 0, 0 };
    unsigned char  *p, *end, *doc;

    p = in->data;
    end = p + in->len;

    while (p < end) {
        doc = driver_frame(&p, end, &len);

        if (doc == NULL) {
            fputs("place: bad frame\n", stderr);
            return 2;
        }

        out.len = 0;

        if (rewrite(doc, len, &out) != 0) {
            return 2;
        }

        printf("%zu\n", out.len);
        fwrite(out.data, 1, out.len, stdout);
    }

    return 0;
}


/* ret: 1: it is one, and good */

static int
rule(char *arg)
{
    rt_str_t     text;
    const char  *why;

    if (strncmp(arg, "--src=", 6) == 0 && allow.nsrc < MANY) {
        text.data = (unsigned char *) arg + 6;
        text.len = strlen(arg + 6);

        return rt_allow_src(&src[allow.nsrc++], &text, &why) == RT_OK;
    }

    if (strncmp(arg, "--hash=", 7) == 0 && allow.nhash < MANY) {
        text.data = (unsigned char *) arg + 7;
        text.len = strlen(arg + 7);

        return rt_allow_hash(&hash[allow.nhash++], &text) == RT_OK;
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

        } else if (strcmp(argv[i], "--utf8") == 0) {
            utf8 = 1;

        } else if (strcmp(argv[i], "--guess") == 0) {
            guess = 1;

        } else if (strcmp(argv[i], "--frames") == 0) {
            frames = 1;

        } else if (strncmp(argv[i], "--", 2) == 0) {

            if (!rule(argv[i])) {
                fprintf(stderr, "place: %s: no such prefix or hash\n",
                        argv[i]);
                return NULL;
            }

        } else if (strcmp(argv[i], "-") != 0) {
            in = fopen(argv[i], "rb");

            if (in == NULL) {
                fprintf(stderr, "place: %s: %s\n", argv[i], strerror(errno));
            }
        }
    }

    return in;
}


int
main(int argc, char **argv)
{
    FILE          *in;
    driver_buf_t   doc = { NULL, 0, 0 };
    driver_buf_t   out = { NULL, 0, 0 };

    in = options(argc, argv);

    if (in == NULL) {
        return 2;
    }

    if (driver_read(in, &doc) != RT_OK) {
        fputs("place: cannot read the input\n", stderr);
        return 2;
    }

    if (frames) {
        return rewrite_frames(&doc);
    }

    if (rewrite(doc.data, doc.len, &out) != 0) {
        return 2;
    }

    fwrite(out.data, 1, out.len, stdout);

    return 0;
}
