
/* rt token: what is in a token, and whether rtauth would take it. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "rt.h"
#include "rt_input.h"
#include "rt_term.h"
#include "rt_token_read.h"
#include "rt_words.h"
#include "jose/rt_claims.h"
#include "json/rt_jsonw.h"
#include "text/rt_time.h"


static int inspect(rt_mem_t *mem, int argc, char **argv);


static const rt_verb_t  verb[] = {
    { "inspect", "inspect [--json] [--jwks FILE [--issuer URL] "
                 "[--audience NAME]] [FILE]\n"
                 "       what is in a token, and with --jwks what rtauth says "
                 "of it", inspect, NULL }
};

const rt_verbs_t  rt_token_verbs = RT_VERBS("rt token", verb,
    "the token comes from FILE or from standard input, not from "
    "the command line, which others see\n");


typedef struct {
    rt_mem_t     *mem;
    rt_token_t    token;
    int64_t       now;
    rt_str_t      issuer;
    rt_str_t      audience;
    int           verified;     /* it was verified, with this answer */
    rt_reason_e   reason;
} inspect_t;


static int
failed(const char *what, const char *why)
{
    rt_term_warning("rt token inspect: %s%s%s\n", what, *what ? ": " : "", why);

    return RT_EXIT_FAILED;
}


/* Prints a span of time, such as "3 minutes". */

static void
print_span(double seconds)
{
    size_t              i;
    unsigned long long  n;

    static const struct {
        const char         *name;
        unsigned long long  seconds;
    } unit[] = {
        { "day", 86400 }, { "hour", 3600 }, { "minute", 60 }, { "second", 1 }
    };

    for (i = 0; i < 3 && seconds < (double) (2 * unit[i].seconds); i++) {
        /* void */
    }

    n = (unsigned long long) seconds / unit[i].seconds;

    printf("%llu %s%s", n, unit[i].name, n == 1 ? "" : "s");
}


/* Prints behind a claim that is a time when that is, and how far from now. */

static void
print_time(const inspect_t *in, const rt_json_t *claim)
{
    size_t         i;
    double         when;
    unsigned char  iso[RT_TIME_ISO_LEN];

    static const char *const  times[] = { "exp", "nbf", "iat", "auth_time" };

    for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        if (!rt_str_is(&claim->key, times[i], strlen(times[i]))
            || rt_claims_time(in->token.claims, times[i], &when) != RT_OK)
        {
            continue;
        }

        rt_time_iso((uint64_t) when * 1000, iso);
        printf("  %.19sZ, ", iso);

        if (when > (double) in->now) {
            printf("%sin ", i == 0 ? "ends " : "");
            print_span(when - (double) in->now);

        } else {
            printf("%s", i == 0 ? "ended " : "");
            print_span((double) in->now - when);
            printf(" ago");
        }
    }
}


static int
print_object(const inspect_t *in, const char *title, const rt_json_t *object)
{
    rt_str_t          text;
    const rt_json_t  *v;

    printf("%s\n", title);

    for (v = object->child; v; v = v->next) {
        if (rt_claims_json(in->mem, v, &text) != RT_OK) {
            return failed("memory", strerror(errno));
        }

        printf("  ");
        rt_term_text(&v->key);
        printf("%*s  ", v->key.len < 8 ? (int) (8 - v->key.len) : 0, "");
        rt_term_text(&text);

        if (object == in->token.claims) {
            print_time(in, v);
        }

        putchar('\n');
    }

    return RT_EXIT_OK;
}


/* Says what was verified, and beside it what was not looked at. */

static void
print_verdict(const inspect_t *in)
{
    const rt_reason_t  *reason;

    if (!in->verified) {
        printf("rt token inspect: the signature was not checked: give --jwks "
               "FILE\n");
        return;
    }

    reason = rt_reason(in->reason);

    if (in->reason == RT_REASON_OK) {
        printf("rt token inspect: ok%s%s\n",
               in->issuer.len ? "" : ", from whichever issuer: give --issuer",
               in->audience.len ? "" : ", for any audience: give --audience");

    } else {
        printf("rt token inspect: refused: %s: %s\n", reason->name.data,
               reason->text.data);
    }
}


static int
print_text(const inspect_t *in)
{
    int  rc;

    if (in->token.form == RT_TOKEN_OPAQUE) {
        printf("rt token inspect: this is no JWT: an opaque token, which only "
               "its provider can read (introspection), or a damaged one\n");
        return RT_EXIT_FOUND;
    }

    rc = print_object(in, "header", in->token.header);

    if (in->token.form == RT_TOKEN_JWE) {
        printf("rt token inspect: the token is encrypted (JWE): only who has "
               "the key can read its claims, and rtauth takes signed ones\n");
        return rc == RT_EXIT_OK ? RT_EXIT_FOUND : rc;
    }

    if (rc == RT_EXIT_OK) {
        rc = print_object(in, "claims", in->token.claims);
    }

    if (rc == RT_EXIT_OK) {
        print_verdict(in);
    }

    return rc;
}


static void
put_object(rt_jsonw_t *w, const rt_json_t *object)
{
    if (object) {
        rt_jsonw_value(w, object);

    } else {
        rt_jsonw_null(w);
    }
}


static int
print_json(const inspect_t *in)
{
    double      exp;
    rt_jsonw_t  w;

    static const char *const  forms[] = { "jws", "jwe", "opaque" };

    if (!rt_term_json_open(&w, in->mem)) {
        return failed("memory", strerror(errno));
    }

    rt_term_json_text(&w, "form", forms[in->token.form]);
    rt_jsonw_lit(&w, "header");
    put_object(&w, in->token.header);
    rt_jsonw_lit(&w, "claims");
    put_object(&w, in->token.claims);

    rt_jsonw_lit(&w, "expired");

    if (in->token.claims
        && rt_claims_time(in->token.claims, "exp", &exp) == RT_OK)
    {
        rt_jsonw_bool(&w, exp <= (double) in->now);

    } else {
        rt_jsonw_null(&w);
    }

    rt_jsonw_lit(&w, "result");

    if (in->verified) {
        rt_jsonw_str(&w, &rt_reason(in->reason)->name);

    } else {
        rt_jsonw_null(&w);
    }

    return rt_term_json_close(&w) ? RT_EXIT_OK
                                  : failed("token", "is too big to print");
}


/* A word that looks like a token is never printed, even where the message is
   that there is no such file. */

static int
read_token(inspect_t *in, const char *name)
{
    rt_str_t     text;
    const char  *why;

    if (name && strncmp(name, "eyJ", 3) == 0) {
        return failed("", "a token is not read from the command line, where "
                          "every user of this machine can see it: write it to "
                          "standard input");
    }

    if ((name == NULL || strcmp(name, "-") == 0) && isatty(STDIN_FILENO)) {
        rt_term_warning("rt token inspect: paste a token, then Ctrl-D\n");
    }

    why = rt_input_file(&name, &text);

    if (why) {
        return failed(name, why);
    }

    if (rt_token_read(in->mem, &text, &in->token) != RT_OK) {
        return failed("memory", strerror(errno));
    }

    return in->token.text.len ? RT_EXIT_OK : failed(name, "is empty");
}


static int
verify(inspect_t *in, const char *jwks)
{
    const char        *why;
    rt_token_trust_t   trust;

    trust.issuer = in->issuer;
    trust.audience = in->audience;

    why = rt_input_file(&jwks, &trust.jwks);

    if (why == NULL
        && rt_token_verify(in->mem, &in->token, &trust, in->now, &in->reason,
                           &why) == RT_OK)
    {
        in->verified = 1;
        return RT_EXIT_OK;
    }

    return failed(jwks, why);
}


static void
take_text(rt_str_t *s, const char *text)
{
    s->data = (unsigned char *) text;
    s->len = text ? strlen(text) : 0;
}


static int
inspect(rt_mem_t *mem, int argc, char **argv)
{
    int          rc, json;
    inspect_t    in;
    const char  *jwks, *issuer, *audience, *name;

    const rt_option_t  options[] = {
        { "--json", NULL, &json },
        { "--jwks", &jwks, NULL },
        { "--issuer", &issuer, NULL },
        { "--audience", &audience, NULL }
    };

    json = 0;
    jwks = issuer = audience = name = NULL;

    memset(&in, 0, sizeof(in));
    in.mem = mem;
    in.now = (int64_t) time(NULL);

    if (rt_words("rt token inspect", options, 4, argc, argv, &name) != 0) {
        return RT_EXIT_FAILED;
    }

    if (jwks == NULL && (issuer || audience)) {
        return failed("", "--issuer and --audience need --jwks FILE: without a "
                          "key nothing is verified");
    }

    take_text(&in.issuer, issuer);
    take_text(&in.audience, audience);

    rc = read_token(&in, name);

    if (rc == RT_EXIT_OK && jwks) {
        rc = verify(&in, jwks);
    }

    if (rc != RT_EXIT_OK) {
        return rc;
    }

    rt_term_warning("rt token inspect: a token is a secret: whoever has it "
            "passes for its user\n");

    rc = json ? print_json(&in) : print_text(&in);

    if (rc != RT_EXIT_OK) {
        return rc;
    }

    return in.token.form != RT_TOKEN_JWS
           || (in.verified && in.reason != RT_REASON_OK) ? RT_EXIT_FOUND
                                                         : RT_EXIT_OK;
}
