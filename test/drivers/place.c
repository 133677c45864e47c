
/*
 * place [--split=N] [--frames] [--src=PREFIX ...] [--hash=HASH ...] [--utf8]
 *       [--guess] [--every] [FILE]
 *
 * Prints the page (rt_driver_page.h) with the nonce
 * NONCEnonceNONCEnonceNONCEnonce00 in the script, style and link start tags
 * that may have it: those below a PREFIX, and those whose text has a HASH
 * ("sha256-...").
 *
 *   --utf8     the page is said to be UTF-8
 *   --guess    its charset is not said
 *   --every    every tag may have it
 */

#include "rt_driver_page.h"
#include "html/rt_place.h"


#define MANY  64


static rt_allow_src_t   src[MANY];
static rt_allow_hash_t  hash[MANY];
static rt_allow_t       allow = { src, hash, 0, 0 };

static int              utf8;
static int              guess;
static int              every;


static int
option(char *arg)
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

    utf8 = utf8 || strcmp(arg, "--utf8") == 0;
    guess = guess || strcmp(arg, "--guess") == 0;
    every = every || strcmp(arg, "--every") == 0;

    return strcmp(arg, "--utf8") == 0 || strcmp(arg, "--guess") == 0
           || strcmp(arg, "--every") == 0;
}


static int
rewrite(unsigned char *p, size_t len)
{
    size_t               n;
    static rt_place_t   *state;
    static driver_buf_t  out;

    static const rt_str_t  nonce =
        rt_string("NONCEnonceNONCEnonceNONCEnonce00");

    if (state == NULL) {
        state = malloc(rt_place_size(every ? NULL : &allow));

        if (state == NULL) {
            return 2;
        }
    }

    rt_place_init(state, every ? NULL : &allow, &nonce, utf8, driver_emit,
                  &out);

    if (guess) {
        rt_place_guess(state);
    }

    do {
        n = driver_piece(len);

        if (rt_place_feed(state, p, n, n == len) != RT_OK) {
            return 2;
        }

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
