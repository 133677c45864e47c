
/*
 * nonce [--split=N] [--frames] [--secret=S] [--nonce=N] [--scrub] [--meta]
 *       [FILE]
 *
 * Prints the page (rt_driver_page.h) with SECRET replaced by the nonce.
 *
 *   --secret   default: SECRETsecretSECRETsecret00
 *   --nonce    default: NONCEnonceNONCEnonceNONCEnonce00
 *   --scrub    the input is not HTML: SECRET is only overwritten
 *   --meta     in metas named csp-nonce as well
 */

#include "rt_driver_page.h"


static const char  *secret = "SECRETsecretSECRETsecret00";
static const char  *nonce = "NONCEnonceNONCEnonceNONCEnonce00";
static int          html = 1;
static int          meta;


static int
option(char *arg)
{
    if (strncmp(arg, "--secret=", 9) == 0) {
        secret = arg + 9;
        return 1;
    }

    if (strncmp(arg, "--nonce=", 8) == 0) {
        nonce = arg + 8;
        return 1;
    }

    html = html && strcmp(arg, "--scrub") != 0;
    meta = meta || strcmp(arg, "--meta") == 0;

    return strcmp(arg, "--scrub") == 0 || strcmp(arg, "--meta") == 0;
}


static int
rewrite(unsigned char *p, size_t len)
{
    size_t              n;
    rt_str_t            text, value;
    rt_nonce_secret_t   s;
    static rt_nonce_t   state;
    static driver_buf_t  out;

    text.data = (unsigned char *) secret;
    text.len = strlen(secret);
    value.data = (unsigned char *) nonce;
    value.len = strlen(nonce);

    if (rt_nonce_secret(&s, &text) != RT_OK) {
        fputs("nonce: --secret is not 22 to 128 characters of base64url\n",
              stderr);
        return 2;
    }

    rt_nonce_init(&state, &s, &value, html, driver_emit, &out);

    if (meta) {
        rt_nonce_meta(&state);
    }

    do {
        n = driver_piece(len);

        if (rt_nonce_feed(&state, p, n, n == len) != RT_OK) {
            return 2;
        }

        rt_nonce_settle(&state);

        p += n;
        len -= n;
    } while (len);

    return driver_print(&out);
}


int
main(int argc, char **argv)
{
    return driver_pages(argc, argv, option, rewrite);
}
