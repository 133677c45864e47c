
/*
 * The policies that have a name.
 */

#include "csp/rt_csp.h"
#include "csp/rt_csp_words.h"


typedef struct {
    const char           *name;
    const char           *policy;
    unsigned              nonce_in;     /* how many of nonce_names */
} preset_t;


static const rt_str_t  nonce_names[] = {
    rt_string("script-src"),
    rt_string("style-src")
};


#define FONTS                                                                 \
    " https://fonts.googleapis.com https://fonts.gstatic.com"                 \
    " https://use.typekit.net https://use.typekit.com"

/* in two, or it would look like the begin of a comment */
#define ANY  "https://" "*."

/* the two differ in a host of images, and in scripts */

#define SUPERSET(image)                                                       \
    "base-uri 'self'; default-src 'self'; "                                   \
    "img-src 'self' blob: data: https://apachesuperset.gateway.scarf.sh "     \
    "https://static.scarf.sh/ " image "ows.terrestris.de "                    \
    "https://cdn.document360.io; "                                            \
    "worker-src 'self' blob:; "                                               \
    "connect-src 'self' https://api.mapbox.com https://events.mapbox.com "    \
    "https://tile.openstreetmap.org https://tile.osm.ch "                     \
    "https://basemaps.cartocdn.com " ANY "basemaps.cartocdn.com "             \
    "https://tiles.openfreemap.org " ANY "maptiler.com "                      \
    "https://tiles.stadiamaps.com https://tiles.versatiles.org "              \
    ANY "protomaps.com " ANY "maplibre.org; "                                 \
    "object-src 'none'; style-src 'self' 'unsafe-inline'" FONTS "; "          \
    "font-src 'self'" FONTS "; script-src 'self' "


static const preset_t  presets[] = {

    /* Flask-Talisman 1.1: DEFAULT_CSP_POLICY and GOOGLE_CSP_POLICY */

    { "talisman", "default-src 'self'; object-src 'none'", 0 },

    { "google",
      "font-src 'self' themes.googleusercontent.com *.gstatic.com; "
      "frame-src 'self' www.google.com www.youtube.com; "
      "script-src 'self' ajax.googleapis.com *.googleanalytics.com "
      "*.google-analytics.com; "
      "style-src 'self' ajax.googleapis.com fonts.googleapis.com "
      "*.gstatic.com; "
      "object-src 'none'; default-src 'self' *.gstatic.com", 0 },

    /* Apache Superset: TALISMAN_CONFIG and TALISMAN_DEV_CONFIG */

    { "superset", SUPERSET("") "'strict-dynamic'", 1 },
    { "superset-dev", SUPERSET("https://cdn.brandfolder.io ")
      "'unsafe-inline' 'unsafe-eval'", 1 },

    /*
     * For pages: nothing but what is named; scripts and styles of the own
     * origin need the nonce; no plugins, no <base>, no forms to elsewhere,
     * no framing by others.
     */

    { "strict",
      "default-src 'none'; script-src 'strict-dynamic'; style-src 'self'; "
      "img-src 'self' data:; font-src 'self'; connect-src 'self'; "
      "manifest-src 'self'; object-src 'none'; base-uri 'none'; "
      "form-action 'self'; frame-ancestors 'self'", 2 },

    /* for responses that are no pages: whatever they are, nothing in them
       loads, runs, or is framed */

    { "api",
      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
      "form-action 'none'", 0 }
};


rt_status_e
rt_csp_preset(rt_csp_t *p, const rt_str_t *name, const rt_str_t **nonce_in,
    unsigned *n)
{
    size_t           i;
    rt_str_t         text;
    const preset_t  *preset;

    for (i = 0; i < sizeof(presets) / sizeof(presets[0]); i++) {
        preset = &presets[i];

        if (!rt_csp_is(name, preset->name)) {
            continue;
        }

        *nonce_in = nonce_names;
        *n = preset->nonce_in;

        text = rt_str_of(preset->policy);

        return rt_csp_parse(p, &text, NULL);
    }

    return RT_DECLINED;
}
