
/* rt key: keys and secrets that directives name, and their public halves. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "rt.h"
#include "rt_input.h"
#include "rt_key_make.h"
#include "rt_newfile.h"
#include "rt_term.h"
#include "rt_words.h"


static int new(rt_mem_t *mem, int argc, char **argv);
static int public(rt_mem_t *mem, int argc, char **argv);


static const rt_verb_t  verb[] = {
    { "new", "new [--json] [--alg ALG] [--kid ID] [--format pem|jwk] "
             "[--out FILE] [--group GROUP]\n"
             "       a private key, and its public half on standard output\n"
             "       rt key new --secret [--json] [--out FILE] [--group GROUP]"
             "\n       32 random bytes", new, NULL },
    { "public", "public [--json] [--alg ALG] [--kid ID] [--format jwks|pem] "
                "[FILE]\n"
                "       the public half of a private key", public, NULL }
};

const rt_verbs_t  rt_key_verbs = RT_VERBS("rt key", verb,
    "ALG: ES256 (by default), ES384, ES512, EdDSA, Ed448, RS256 ... PS512\n");


typedef struct {
    rt_mem_t         *mem;
    const char       *verb;
    int               json;
    int               secret;
    int               other;        /* the second of two formats */
    const rt_jwa_t   *alg;
    rt_str_t          kid;
    const char       *out;
    const char       *group;
    const char       *name;         /* of the file that is read */
} ask_t;


static int
failed(const ask_t *ask, const char *what, const char *why)
{
    rt_term_warning("%s: %s%s%s\n", ask->verb, what ? what : "",
            what ? ": " : "", why);

    return RT_EXIT_FAILED;
}


static int
read_ask(ask_t *ask, const char *const formats[2], int argc, char **argv)
{
    rt_str_t     name;
    const char  *alg, *kid, *format;

    const rt_option_t  options[] = {
        { "--json", NULL, &ask->json }, { "--alg", &alg, NULL },
        { "--kid", &kid, NULL }, { "--format", &format, NULL },
        { "--secret", NULL, &ask->secret }, { "--out", &ask->out, NULL },
        { "--group", &ask->group, NULL }
    };

    alg = kid = format = NULL;

    /* the last three are those of "new", which reads no file */

    if (rt_words(ask->verb, options, ask->name ? 4 : 7, argc, argv,
                 ask->name ? &ask->name : NULL) != 0)
    {
        return RT_EXIT_FAILED;
    }

    if (ask->secret && (alg || kid || format)) {
        return failed(ask, NULL, "--secret has no --alg, --kid and --format");
    }

    if (ask->group && ask->out == NULL) {
        return failed(ask, NULL, "--group needs --out FILE");
    }

    if (format) {
        ask->other = strcmp(format, formats[1]) == 0;

        if (!ask->other && strcmp(format, formats[0]) != 0) {
            rt_term_warning("%s: --format: is none of %s and %s\n",
                            ask->verb, formats[0], formats[1]);
            return RT_EXIT_FAILED;
        }
    }

    if (kid) {
        ask->kid = rt_str_of(kid);
    }

    if (alg) {
        name = rt_str_of(alg);
        ask->alg = rt_jwa_find(&name);

        if (ask->alg == NULL || ask->alg->kty == RT_KTY_OCT) {
            return failed(ask, "--alg", "is no algorithm that signs with a "
                                        "private key: ES256, EdDSA, RS256 ...");
        }
    }

    return RT_EXIT_OK;
}


/* Writes a secret to --out, or to standard output if that is no terminal. */

static int
put_secret(const ask_t *ask, const rt_str_t *text)
{
    const char  *why;

    if (ask->out) {
        why = rt_newfile(ask->out, text, ask->group ? 0640 : 0600, ask->group);

        return why ? failed(ask, ask->out, why) : RT_EXIT_OK;
    }

    if (isatty(STDOUT_FILENO)) {
        return failed(ask, NULL, "a secret is not for a terminal: give "
                                 "--out FILE");
    }

    (void) fwrite(text->data, 1, text->len, stdout);

    return RT_EXIT_OK;
}


/* Says what was written into a file; key is NULL for a secret. */

static int
tell(const ask_t *ask, const rt_privkey_t *key)
{
    rt_jsonw_t  w;

    if (ask->json) {
        if (!rt_term_json_open(&w, ask->mem)) {
            return failed(ask, NULL, strerror(errno));
        }

        rt_term_json_text(&w, "file", ask->out);

        if (key) {
            rt_jsonw_lit(&w, "kid");
            rt_jsonw_str(&w, &key->kid);
            rt_jsonw_lit(&w, "jwks");
            rt_jsonw_raw(&w, &key->public_set);
        }

        return rt_term_json_close(&w) ? RT_EXIT_OK
                                      : failed(ask, NULL, "is too big");
    }

    if (key) {
        rt_term_text(&key->public_set);
        putchar('\n');
    }

    return RT_EXIT_OK;
}


static int
new_secret(const ask_t *ask)
{
    int            rc;
    rt_str_t       text;
    unsigned char  bytes[RT_KEY_SECRET];

    if (!rt_key_secret(bytes)) {
        return failed(ask, NULL, "OpenSSL has no randomness");
    }

    text.data = bytes;
    text.len = sizeof(bytes);

    rc = put_secret(ask, &text);
    OPENSSL_cleanse(bytes, sizeof(bytes));

    return rc == RT_EXIT_OK && ask->out ? tell(ask, NULL) : rc;
}


/* Makes the text of a JWK: what it is for, and then the key's numbers. */

static int
jwk_text(const ask_t *ask, const rt_privkey_t *key, rt_str_t *text)
{
    rt_jsonw_t  w;

    text->data = rt_alloc(ask->mem, 2 * RT_PRIVKEY_MAX_JWK);

    if (text->data == NULL) {
        return 0;
    }

    rt_jsonw_init(&w, text->data, 2 * RT_PRIVKEY_MAX_JWK);
    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "kid");
    rt_jsonw_str(&w, &key->kid);
    rt_jsonw_lit(&w, "alg");
    rt_jsonw_str(&w, &ask->alg->name);
    rt_term_json_text(&w, "use", "sig");
    rt_jsonw_put(&w, key->jwk.data + 1, key->jwk.len - 2);
    rt_jsonw_close(&w, '}');
    rt_jsonw_byte(&w, '\n');
    text->len = rt_jsonw_len(&w);

    return !w.full;
}


static int
new_key(ask_t *ask)
{
    int           rc;
    rt_str_t      pem, jwk;
    const char   *why;
    rt_privkey_t  key;

    if (ask->alg == NULL) {
        ask->alg = rt_jwa(RT_JWA_ES256);
    }

    if (rt_key_pem(ask->mem, ask->alg, &pem) != RT_OK) {
        return failed(ask, NULL, "OpenSSL cannot make such a key");
    }

    rc = RT_EXIT_FAILED;
    jwk.data = NULL;

    if (rt_key_read(ask->mem, &pem, ask->alg, &ask->kid, &key, &why) != RT_OK) {
        (void) failed(ask, "--kid", why);

    } else if (ask->other && !jwk_text(ask, &key, &jwk)) {
        (void) failed(ask, NULL, "no memory");

    } else {
        rc = put_secret(ask, ask->other ? &jwk : &pem);
    }

    if (rc == RT_EXIT_OK && ask->out) {
        rc = tell(ask, &key);
    }

    if (jwk.data) {
        OPENSSL_cleanse(jwk.data, 2 * RT_PRIVKEY_MAX_JWK);
    }

    OPENSSL_cleanse(pem.data, pem.len);
    rt_privkey_wipe(&key);

    return rc;
}


static int
new(rt_mem_t *mem, int argc, char **argv)
{
    int    rc;
    ask_t  ask = { .mem = mem, .verb = "rt key new" };

    static const char *const  formats[] = { "pem", "jwk" };

    rc = read_ask(&ask, formats, argc, argv);

    if (rc == RT_EXIT_OK && ask.json && ask.out == NULL) {
        return failed(&ask, NULL, "--json needs --out FILE: a secret is not "
                                  "part of what is said");
    }

    if (rc == RT_EXIT_OK) {
        rc = ask.secret ? new_secret(&ask) : new_key(&ask);
    }

    return rc;
}


static int
print_public(const ask_t *ask, const rt_str_t *text, const rt_privkey_t *key)
{
    rt_str_t    pem;
    rt_jsonw_t  w;

    if (!ask->other) {
        rt_term_text(&key->public_set);
        putchar('\n');
        return RT_EXIT_OK;
    }

    if (rt_key_public_pem(ask->mem, text, &pem) != RT_OK) {
        return failed(ask, ask->name, "is a JWK: --format pem is for PEM");
    }

    if (!ask->json) {
        (void) fwrite(pem.data, 1, pem.len, stdout);
        return RT_EXIT_OK;
    }

    if (!rt_term_json_open(&w, ask->mem)) {
        return failed(ask, NULL, strerror(errno));
    }

    rt_jsonw_lit(&w, "pem");
    rt_jsonw_str(&w, &pem);

    return rt_term_json_close(&w) ? RT_EXIT_OK
                                  : failed(ask, NULL, "is too big");
}


static int
public(rt_mem_t *mem, int argc, char **argv)
{
    int            rc;
    ask_t          ask = { .mem = mem, .verb = "rt key public", .name = "-" };
    rt_str_t       text;
    const char    *why;
    rt_privkey_t   key;

    static const char *const  formats[] = { "jwks", "pem" };

    if (read_ask(&ask, formats, argc, argv) != RT_EXIT_OK) {
        return RT_EXIT_FAILED;
    }

    why = rt_input_file(&ask.name, &text);

    if (why) {
        return failed(&ask, ask.name, why);
    }

    rc = RT_EXIT_FAILED;

    if (rt_key_read(mem, &text, ask.alg, &ask.kid, &key, &why) == RT_OK) {
        rc = print_public(&ask, &text, &key);

    } else {
        (void) failed(&ask, ask.name, why);
    }

    OPENSSL_cleanse(text.data, text.len);
    rt_privkey_wipe(&key);

    return rc;
}
