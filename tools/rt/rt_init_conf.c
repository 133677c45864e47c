
/* What rt init writes into conf.d. */

#include "rt_init.h"


static void
put_provider(const rt_init_t *init, FILE *out)
{
    const rt_init_preset_t  *p = init->preset;

    fprintf(out, "# who vouches for people: docs/rtauth.md#provider-block\n"
            "rtauth_provider  corp {\n"
            "    issuer    %s;\n", init->issuer);

    if (init->audience) {
        fprintf(out, "    # tokens that requests bring along are for this "
                "audience\n    audience  %s;\n", init->audience);
    }

    if (init->jwks) {
        fprintf(out, "    jwks_file  %s;\n", init->jwks);
    }

    fprintf(out, "    # what the application is told of them\n"
            "    user_claim  %s;\n", p->user_claim);

    if (init->client_id) {
        fprintf(out, "\n    # browsers sign in: docs/sign-in.md\n"
                "    client_id      %s;\n"
                "    client_secret  file:%s;\n"
                "    scope          %s;\n"
                "    claims_from    %s;\n"
                "    refresh        %s;\n"
                "    post_logout_uri  /signed-out;\n",
                init->client_id, init->client_secret, p->scope, p->claims_from,
                p->refresh ? "on" : "off");

        if (p->backchannel) {
            fprintf(out, "    backchannel_logout_uri  /oidc/backchannel;\n");
        }
    }

    fprintf(out, "}\n\n");
}


static void
put_groups(const rt_init_t *init, FILE *out)
{
    unsigned                i;
    const rt_init_group_t  *g;

    if (init->ngroups == 0) {
        fprintf(out, "# there are no groups: whoever the provider vouches for "
                "may do everything.\n# docs/rtauth.md#groups\n\n");
        return;
    }

    fprintf(out, "# who may do what; who is in no group is let in nowhere: "
            "docs/rtauth.md#groups\n");

    for (i = 0; i < init->ngroups; i++) {
        g = &init->groups[i];

        fprintf(out, "rtauth_group  %s  { match %s has %s;  permission %s;",
                g->name, init->claim, g->name, g->permission);

        if (g->path) {
            fprintf(out, "  default_app %s;", g->path);
        }

        fprintf(out, " }\n");
    }

    fprintf(out, "\n");
}


static void
put_auth(const rt_init_t *init, FILE *out)
{
    if (init->revoke) {
        fprintf(out, "# keys, tokens, sessions; what was revoked outlives a "
                "restart in a file\n"
                "rtauth_zone  16m state=%s/revoked;\n\n", init->state);

    } else {
        fprintf(out, "# keys, tokens, sessions\nrtauth_zone  16m;\n\n");
    }

    put_provider(init, out);
    put_groups(init, out);

    if (init->client_id) {
        fprintf(out, "# sessions are in rtauth_zone, and end with a restart; "
                "the key is for\n# store=cookie, or store=redis:NAME with "
                "several hosts: docs/sign-in.md#sessions\n"
                "rtauth_session  store=zone key=file:%s/rt/session-key "
                "idle=1h absolute=12h%s;\n\n", init->out,
                init->tls ? "" : " secure=off cookie=rt");
    }

    if (init->scim) {
        fprintf(out, "# users that the provider pushes: docs/scim.md\n"
                "rtauth_scim_zone  16m state=%s/users;\n\n", init->state);
    }

    fprintf(out, "# nobody else may say who is signed in, or which path is "
            "meant\n"
            "rtauth_strip_header  X-Email;\n"
            "rtauth_strip_header  overrides;\n\n");
}


static void
put_audit(const rt_init_t *init, FILE *out)
{
    fprintf(out, "# events on their way to the file, which is made with mode "
            "0600; a request whose\n"
            "# event it cannot take is refused: docs/rtaudit.md\n"
            "rtaudit_zone  8m;\n"
            "rtaudit_sink  main file:%s required;\n\n", init->audit);
}


static void
put_listen(const rt_init_t *init, FILE *out)
{
    if (init->certificate) {
        fprintf(out, "    listen  %s ssl;\n\n"
                "    ssl_certificate      %s;\n"
                "    ssl_certificate_key  %s;\n"
                "    ssl_protocols        TLSv1.2 TLSv1.3;\n\n",
                init->listen ? init->listen : "443", init->certificate,
                init->certificate_key);

    } else {
        fprintf(out, "%s    listen  %s;\n\n",
                init->tls ? "    # TLS ends in front of this server\n" : "",
                init->listen ? init->listen : "127.0.0.1:8080");
    }

    fprintf(out, "    server_name    %s;\n", init->server_name);

    if (init->rtauth) {
        fprintf(out, "    rtauth_origin  %s;\n"
                "\n    # a notice says why somebody is refused, and what his "
                "token said.  nginx makes\n"
                "    # this file readable by everybody, unless it is there: "
                "install -m 640 -g adm\n"
                "    # /dev/null /var/log/nginx/rt.log\n"
                "    # error_log  /var/log/nginx/rt.log notice;\n",
                init->origin);
    }
}


static void
put_rules(const rt_init_t *init, FILE *out)
{
    if (init->rtauth) {
        fprintf(out, "\n    # every location below asks who it is, unless it "
                "says \"rtauth off\"\n    rtauth  corp;\n");
    }

    if (init->rtaudit) {
        fprintf(out, "\n    # every request is an event; what looks like a "
                "secret is taken out\n"
                "    rtaudit         main;\n"
                "    rtaudit_level   request;\n"
                "    rtaudit_redact  name:*password* name:*secret* "
                "name:*token* action=drop;\n");
    }

    if (init->rtcsp) {
        fprintf(out, "\n    # Talisman's headers; scripts run with the nonce "
                "of their page, for which the\n"
                "    # application prints the placeholder: "
                "docs/rtcsp.md#how-a-page-gets-its-nonce\n"
                "    rtcsp           talisman;\n"
                "    rtcsp_nonce_in  script-src;\n"
                "    rtcsp_nonce     placeholder=file:%s/rt/nonce-placeholder;"
                "\n", init->out);
    }

    fprintf(out, "\n"
            "    proxy_set_header  Host $host;\n"
            "    proxy_set_header  X-Forwarded-For $remote_addr;\n"
            "    proxy_set_header  X-Forwarded-Proto %s;\n",
            init->tls ? "https" : "$scheme");

    if (init->rtauth) {
        fprintf(out, "    proxy_set_header  X-Email $rtauth_user;\n");
    }

    if (strncmp(init->app, "https:", 6) == 0) {
        fprintf(out, "    proxy_ssl_server_name  on;\n"
                "    proxy_ssl_verify       on;\n"
                "    proxy_ssl_trusted_certificate  "
                "/etc/ssl/certs/ca-certificates.crt;\n");
    }
}


static void
put_locations(const rt_init_t *init, FILE *out)
{
    const char  *off;

    off = init->rtauth && init->rtaudit ? "rtauth off;  rtaudit off;  "
          : init->rtauth ? "rtauth off;  "
          : init->rtaudit ? "rtaudit off;  " : "";

    if (init->rtauth && init->ngroups) {
        fprintf(out, "\n    # who may only use lands in his team's application"
                "\n    location = / {\n"
                "        rtauth_workspace  on;\n"
                "        proxy_pass        %s;\n"
                "    }\n", init->app);
    }

    fprintf(out, "\n    location / {\n        proxy_pass  %s;\n    }\n",
            init->app);

    if (init->client_id && init->rtauth) {
        fprintf(out, "\n    # where people are after they signed out\n"
                "    location = /signed-out {\n"
                "        rtauth        off;\n"
                "        default_type  text/plain;\n"
                "        return        200 \"You are signed out.\\n\";\n"
                "    }\n");
    }

    if (init->scim) {
        fprintf(out, "\n    # by an email, who has none is not kept out: "
                "write the link= of\n    # docs/scim.md#set-it-up\n"
                "    location /scim/v2/ {\n"
                "        rtauth       off;\n"
                "        rtauth_scim  key=file:%s/rt/scim-key;\n"
                "    }\n", init->out);
    }

    if (init->revoke) {
        fprintf(out, "\n    # takes back tokens and sessions: "
                "docs/rtauth.md#rtauth_revoke\n"
                "    location = /revoke {\n"
                "        rtauth         off;\n"
                "        rtauth_revoke  key=file:%s/rt/revoke-key;\n"
                "    }\n", init->out);
    }

    fprintf(out, "\n    # for a load balancer\n"
            "    location = /health { %sreturn 200 ok; }\n", off);
}


void
rt_init_conf(const rt_init_t *init, FILE *out)
{
    fprintf(out, "# Written by \"rt init\", for you to change.  It stands in "
            "http: each directive is\n"
            "# explained in docs/rtauth.md, docs/rtaudit.md or "
            "docs/rtcsp.md.\n\n");

    if (init->rtauth) {
        put_auth(init, out);
    }

    if (init->rtaudit) {
        put_audit(init, out);
    }

    fprintf(out, "server {\n");
    put_listen(init, out);
    put_rules(init, out);
    put_locations(init, out);
    fprintf(out, "}\n");
}
