
/* What rt init says: what to register, and what comes next. */

#include <errno.h>
#include <unistd.h>

#include "rt_init.h"


/* These have the same scopes and claims as docs/rtauth.md#preset. */

static const rt_init_preset_t  presets[] = {
    { "google", "email", "openid profile email", "id_token", 0, 0,
      "an OAuth client of the type \"Web application\"; the consent screen is "
      "of the user type \"Internal\".\n  Google has no groups: match hd or "
      "email instead" },
    { "entra", "preferred_username", "openid profile email offline_access",
      "id_token", 0, 1,
      "an app registration of a single tenant, platform \"Web\", without "
      "implicit grants.\n  Under \"Token configuration\", the groups claim, "
      "\"Groups assigned to the application\": groups are object IDs" },
    { "okta", "email", "openid profile email", "id_token userinfo", 0, 1,
      "a \"Web Application\" with the grant \"Authorization Code\" and "
      "\"Require PKCE\".\n  On the authorization server, a claim \"groups\" "
      "for ID tokens with a filter" },
    { "keycloak", "email", "openid profile email", "id_token access_token", 1,
      1, "a client with \"Client authentication\" on and \"Standard flow\" "
      "alone, PKCE S256.\n  For groups, the mapper \"Group Membership\" with "
      "\"Add to ID token\" and without \"Full group path\";\n  for tokens of "
      "scripts, the mapper \"Audience\"" },
    { "auth0", "email", "openid profile email", "id_token", 1, 1,
      "a \"Regular Web Application\".  Groups are a claim that an Action adds, "
      "named by a URL:\n  --groups-claim /https:~1~1example.com~1groups" },
    { NULL, "email", "openid profile email", "id_token", 1, 1,
      "a confidential client with the authorization code flow and PKCE.\n"
      "  Where it gives groups for a scope alone, add that to \"scope\"" }
};


static int
host_ends(const char *issuer, const char *end)
{
    size_t       len, n;
    const char  *host;

    host = strstr(issuer, "://");
    host = host ? host + 3 : issuer;
    len = strcspn(host, "/:");
    n = strlen(end);

    return len > n && memcmp(host + len - n, end, n) == 0;
}


const rt_init_preset_t *
rt_init_preset(const char *issuer)
{
    size_t       i;
    const char  *name;

    name = host_ends(issuer, "accounts.google.com")
           || strcmp(issuer, "https://accounts.google.com") == 0 ? "google"
           : strncmp(issuer, "https://login.microsoftonline.com/", 34) == 0
             ? "entra"
           : host_ends(issuer, ".okta.com")
             || host_ends(issuer, ".oktapreview.com") ? "okta"
           : strstr(issuer, "/realms/") ? "keycloak"
           : host_ends(issuer, ".auth0.com") ? "auth0" : NULL;

    for (i = 0; presets[i].name && name; i++) {
        if (strcmp(presets[i].name, name) == 0) {
            return &presets[i];
        }
    }

    return &presets[sizeof(presets) / sizeof(presets[0]) - 1];
}


static void
say_register(const rt_init_t *init)
{
    printf("At the provider%s%s:\n", init->preset->name ? ", " : "",
           init->preset->name ? init->preset->name : "");

    if (init->client_id) {
        printf("  %s\n"
               "  client             %s\n"
               "  redirect URI       %s/oidc/callback\n"
               "  post-logout URI    %s/signed-out\n",
               init->preset->words, init->client_id, init->origin,
               init->origin);

        if (init->preset->backchannel) {
            printf("  back-channel URI   %s/oidc/backchannel\n", init->origin);
        }

        printf("  scopes             %s\n", init->preset->scope);
    }

    if (init->audience) {
        printf("  audience           %s, in the \"aud\" of access tokens\n",
               init->audience);
    }

    if (init->ngroups) {
        printf("  groups             in the claim \"%s\"%s\n", init->claim,
               init->client_id ? " of the ID token" : "");
    }

    if (init->scim) {
        printf("  SCIM               %s/scim/v2/ with the token in "
               "%s/rt/scim-key\n", init->origin, init->out);
    }

    printf("\n");
}


/* Names a file that nginx -t would miss. */

static void
say_missing(const char *what, const char *path)
{
    if (path && access(path, F_OK) != 0 && errno == ENOENT) {
        printf("  # put %s into %s, which is not there\n", what, path);
    }
}


void
rt_init_say(const rt_init_t *init, const char *conf)
{
    const char  *user;

    user = init->user ? init->user : "www-data";

    if (init->rtauth) {
        say_register(init);
    }

    printf("Then, as root:\n");

    if (init->scim || init->revoke) {
        printf("  install -d -m 700 -o %s %s\n", user, init->state);
    }

    if (init->rtaudit && strrchr(init->audit, '/') != init->audit) {
        printf("  install -d -m 755 %.*s\n",
               (int) (strrchr(init->audit, '/') - init->audit), init->audit);
    }

    if (init->client_id) {
        say_missing(init->group ? "the client's secret, with mode 640,"
                                : "the client's secret, with mode 600,",
                    init->client_secret);
    }

    say_missing("the provider's keys", init->jwks);
    say_missing("the certificate", init->certificate);
    say_missing("the certificate's key, with mode 600,",
                init->certificate_key);

    printf("  nginx -t && rt check\n"
           "  systemctl restart nginx\n");

    if (init->rtaudit) {
        printf("\nHow %s is rotated: docs/operating.md#logs\n", init->audit);
    }

    if (init->rtcsp) {
        printf("\nThe application prints what is in %s/rt/nonce-placeholder: "
               "<script nonce=\"...\">\n", init->out);

        if (init->app_group == NULL) {
            printf("Give that file to the application's group: chgrp, and "
                   "chmod 640\n");
        }
    }

    printf("\nrt init: wrote %s\n", conf);
}
