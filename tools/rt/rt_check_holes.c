
#include <openssl/ssl.h>
#include <stdio.h>

#include "csp/rt_csp.h"
#include "rt_check_guards.h"
#include "rt_check_holes.h"
#include "rt_check_tree.h"
#include "rt_listen.h"
#include "text/rt_complain.h"


/* nginx's own defaults; ssl_protocols got another one with 1.23.4 */

static const char  ciphers_default[] = "HIGH:!aNULL:!MD5";

#define PROTOCOLS_SINCE  1023004


static const rt_nginxconf_t *
place_line(const rt_place_t *p, const char *name)
{
    const rt_nginxconf_t  *d;

    d = effective(p->at, name);

    return d ? d : p->at;
}


/* -- nobody is asked */


static void
hole_nobody(rt_check_t *check, const rt_place_t *p)
{
    rt_str_t         text;
    rt_status_e      rc;
    const rt_json_t  *row;

    row = p->row[RT_MERGED_AUTH].json;

    if (row == NULL || rt_merged_is(row, "on") || effective(p->at, "rtauth")
        || own(p->at, "return") || !rt_check_is_open(p->at))
    {
        return;
    }

    rc = rt_complain(check->mem, &text,
                     "nobody is asked who he is here, and nothing says that "
                     "this is meant: write \"rtauth NAME;\", or \"rtauth "
                     "off;\" if it is for everybody");

    rt_check_found(check, "nobody-is-asked", p->at, p->at, rc, &text);
}


/* -- what is logged */


static void
hole_redaction(rt_check_t *check, const rt_place_t *p)
{
    rt_str_t          text, sink;
    rt_json_t        *v;
    rt_status_e       rc;
    const rt_json_t  *row;

    row = p->row[RT_MERGED_AUDIT].json;
    v = rt_json_member(row, "redact");

    if (!rt_merged_is(row, "on") || v == NULL || v->child) {
        return;
    }

    v = rt_json_member(row, "sinks");
    sink = v && v->child ? v->child->str : p->at->word[0];

    rc = rt_complain(check->mem, &text,
                     "the sink \"%.*s\" gets %s, and no rtaudit_redact says "
                     "what of it is secret: only what looks like a token, a "
                     "key or a password is masked by itself",
                     rt_str_args(&sink),
                     rt_merged_is(row, "bodies")
                     ? "addresses, parameters and bodies"
                     : "addresses and their parameters");

    rt_check_found(check, "sink-without-redaction", p->at,
                   place_line(p, "rtaudit"), rc, &text);
}


/* -- what a browser may run */


static int
lets_scripts_in(const char *code)
{
    size_t  i;

    static const char  *codes[] = { "unsafe-inline", "no-script-src",
                                    "weak-script-source" };

    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (strcmp(codes[i], code) == 0) {
            return 1;
        }
    }

    return 0;
}


/* The policy is looked at as it is sent, with "..." for a page's nonce. */

static void
hole_policy(rt_check_t *check, const rt_place_t *p)
{
    rt_csp_t            policy;
    rt_str_t            sent, text;
    rt_status_e         rc;
    rt_csp_lint_t       opts;
    const rt_json_t    *row;
    rt_csp_finding_t   *f;
    rt_csp_findings_t   findings;

    row = p->row[RT_MERGED_CSP].json;

    if (!rt_merged_is(row, "on")) {
        return;
    }

    sent = rt_json_text(row, "policy");

    if (sent.len == 0) {
        return;
    }

    rt_csp_init(&policy, check->mem);
    rt_csp_findings_init(&findings, check->mem);
    memset(&opts, 0, sizeof(rt_csp_lint_t));

    if (rt_csp_parse(&policy, &sent, &findings) != RT_OK
        || rt_csp_lint(&policy, &opts, &findings) != RT_OK)
    {
        check->failed |= findings.failed;
        return;
    }

    for (f = findings.first; f; f = f->next) {

        if (f->severity == RT_CSP_NOTE || !lets_scripts_in(f->code)) {
            continue;
        }

        rc = rt_complain(check->mem, &text, "%.*s%s%.*s: %s",
                         rt_str_args(&f->directive), f->value.len ? " " : "",
                         rt_str_args(&f->value), f->text);

        rt_check_found(check, "policy-lets-scripts-in", p->at,
                       place_line(p, effective(p->at, "rtcsp_policy")
                                     ? "rtcsp_policy" : "rtcsp"), rc, &text);
    }
}


/* -- TLS */


static int
is_tls(const rt_nginxconf_t *listen)
{
    unsigned  i;

    for (i = 2; i < listen->nwords; i++) {
        if (rt_str_lit(&listen->word[i], "ssl")
            || rt_str_lit(&listen->word[i], "quic"))
        {
            return 1;
        }
    }

    return 0;
}


static int
has_tls(const rt_nginxconf_t *server)
{
    const rt_nginxconf_t  *d;

    for (d = own(server, "listen"); d; d = again(d)) {
        if (is_tls(d)) {
            return 1;
        }
    }

    return is_on(server, "ssl");
}


/* Whether another server listens at this address with "ssl", which then counts
   for all of them. */

static int
is_tls_elsewhere(const rt_nginxconf_t *server, const rt_nginxconf_t *listen)
{
    const rt_nginxconf_t  *s, *d;

    for (s = own(server->parent, "server"); s; s = again(s)) {
        for (d = own(s, "listen"); d; d = again(d)) {
            if (rt_str_eq(&d->word[1], &listen->word[1]) && is_tls(d)) {
                return 1;
            }
        }
    }

    return 0;
}


static void
found_plain(rt_check_t *check, const rt_place_t *p, const rt_nginxconf_t *at)
{
    rt_str_t     text;
    rt_status_e  rc;

    rc = rt_complain(check->mem, &text,
                     "a guarded application, or a key of SCIM or revocation, "
                     "can be reached with plain http from other machines: who "
                     "is on the way reads sessions and tokens; listen with "
                     "\"ssl\", or at 127.0.0.1 or unix: behind what ends TLS");

    rt_check_found(check, "no-tls", p->at, at, rc, &text);
}


/* A server without a "listen" listens on port 80 of every address. */

static void
hole_plain(rt_check_t *check, const rt_place_t *p)
{
    const rt_nginxconf_t  *d;

    if ((!rt_merged_is(p->row[RT_MERGED_AUTH].json, "on")
         && !own(p->at, "rtauth_scim") && !own(p->at, "rtauth_revoke"))
        || own(p->at, "return") || is_on(p->server, "ssl"))
    {
        return;
    }

    d = own(p->server, "listen");

    if (d == NULL) {
        found_plain(check, p, p->server);
    }

    for ( /* void */ ; d; d = again(d)) {
        if (d->nwords > 1 && !rt_listen_is_local(&d->word[1]) && !is_tls(d)
            && !is_tls_elsewhere(p->server, d))
        {
            found_plain(check, p, d);
        }
    }
}


static void
hole_protocols(rt_check_t *check, const rt_nginxconf_t *server,
    unsigned version)
{
    size_t                 k;
    unsigned               i;
    rt_str_t               text;
    const char            *old;
    rt_status_e            rc;
    const rt_nginxconf_t  *d;

    static const char  *olds[] = { "TLSv1", "TLSv1.1", "SSLv3", "SSLv2" };

    d = effective(server, "ssl_protocols");
    old = d == NULL && version && version < PROTOCOLS_SINCE ? "TLSv1" : NULL;

    for (i = 1; d && i < d->nwords; i++) {
        for (k = 0; k < sizeof(olds) / sizeof(olds[0]); k++) {
            if (rt_str_is(&d->word[i], olds[k], strlen(olds[k]))) {
                old = olds[k];
            }
        }
    }

    if (old == NULL) {
        return;
    }

    rc = rt_complain(check->mem, &text,
                     "a guarded application can be reached with %s, %swhich "
                     "is broken: write \"ssl_protocols TLSv1.2 TLSv1.3;\"",
                     old, d ? "" : "by the default of this nginx, ");

    rt_check_found(check, "old-tls", server, d ? d : server, rc, &text);
}


/* What is weak in a cipher suite; NULL: nothing is. */

static const char *
weakness(const SSL_CIPHER *c)
{
    int          bits, nid;
    const char  *name;

    bits = SSL_CIPHER_get_bits(c, NULL);
    nid = SSL_CIPHER_get_cipher_nid(c);
    name = SSL_CIPHER_get_name(c);

    return SSL_CIPHER_get_auth_nid(c) == NID_auth_null
           ? "the server proves nothing"
           : nid == NID_undef || bits == 0 ? "nothing is encrypted"
           : bits < 128 || nid == NID_rc4 || nid == NID_des_ede3_cbc
           ? "the cipher is broken"
           : strstr(name, "MD5") ? "the digest is broken" : NULL;
}


/*
 * OpenSSL itself says which of its suites a list names.  It is asked without
 * its own level of security, so that it names suites of "@SECLEVEL=0" as well.
 */

static void
hole_ciphers(rt_check_t *check, const rt_nginxconf_t *server)
{
    int                      i;
    SSL_CTX                 *ctx;
    rt_str_t                 text;
    const char              *why, *list;
    rt_status_e              rc;
    const SSL_CIPHER        *c;
    const rt_nginxconf_t    *d;
    STACK_OF(SSL_CIPHER)    *suites;

    d = effective(server, "ssl_ciphers");
    list = d ? (char *) value(d).data : ciphers_default;

    ctx = SSL_CTX_new(TLS_server_method());
    if (ctx == NULL) {
        check->failed = 1;
        return;
    }

    SSL_CTX_set_security_level(ctx, 0);

    if (SSL_CTX_set_cipher_list(ctx, list) == 1) {
        suites = SSL_CTX_get_ciphers(ctx);

        for (i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
            c = sk_SSL_CIPHER_value(suites, i);
            why = weakness(c);

            if (why == NULL) {
                continue;
            }

            rc = rt_complain(check->mem, &text,
                             "a guarded application can be reached with the "
                             "cipher suite %s: %s; take it out of "
                             "\"ssl_ciphers\"", SSL_CIPHER_get_name(c), why);

            rt_check_found(check, "weak-cipher", server, d ? d : server, rc,
                           &text);
            break;
        }
    }

    SSL_CTX_free(ctx);
}


void
rt_check_holes(rt_check_t *check, const rt_merged_t *shown, unsigned version)
{
    const rt_json_t       *providers;
    const rt_place_t      *p;
    const rt_nginxconf_t  *seen;

    /* without a provider nobody could be asked, and nobody is meant to be */
    providers = rt_json_member(shown->http[RT_MERGED_AUTH].json, "providers");

    for (p = shown->places, seen = NULL; p; p = p->next) {

        if (is(p->at, "location")
            || (is(p->at, "server") && rt_check_serves_itself(p->at)))
        {
            if (providers && providers->child) {
                hole_nobody(check, p);
            }

            hole_redaction(check, p);
            hole_policy(check, p);
            hole_plain(check, p);
        }

        if (p->server != seen
            && rt_merged_is(p->row[RT_MERGED_AUTH].json, "on")
            && has_tls(p->server))
        {
            seen = p->server;
            hole_protocols(check, p->server, version);
            hole_ciphers(check, p->server);
        }
    }
}
