
#include "csp/rt_csp_words.h"


static const rt_csp_word_t  words[] = {

    { "default-src", RT_CSP_SOURCES, RT_CSP_NONCE_OK|RT_CSP_SCRIPT, { NULL } },
    { "script-src", RT_CSP_SOURCES, RT_CSP_NONCE_OK|RT_CSP_SCRIPT,
      { "default-src" } },
    { "script-src-elem", RT_CSP_SOURCES, RT_CSP_NONCE_OK|RT_CSP_SCRIPT,
      { "script-src", "default-src" } },
    { "script-src-attr", RT_CSP_SOURCES, RT_CSP_SCRIPT,
      { "script-src", "default-src" } },
    { "style-src", RT_CSP_SOURCES, RT_CSP_NONCE_OK, { "default-src" } },
    { "style-src-elem", RT_CSP_SOURCES, RT_CSP_NONCE_OK,
      { "style-src", "default-src" } },
    { "style-src-attr", RT_CSP_SOURCES, 0, { "style-src", "default-src" } },
    { "child-src", RT_CSP_SOURCES, 0, { "default-src" } },
    { "connect-src", RT_CSP_SOURCES, 0, { "default-src" } },
    { "font-src", RT_CSP_SOURCES, 0, { "default-src" } },
    { "frame-src", RT_CSP_SOURCES, 0, { "child-src", "default-src" } },
    { "img-src", RT_CSP_SOURCES, 0, { "default-src" } },
    { "manifest-src", RT_CSP_SOURCES, 0, { "default-src" } },
    { "media-src", RT_CSP_SOURCES, 0, { "default-src" } },
    { "object-src", RT_CSP_SOURCES, 0, { "default-src" } },
    { "worker-src", RT_CSP_SOURCES, 0,
      { "child-src", "script-src", "default-src" } },
    { "fenced-frame-src", RT_CSP_SOURCES, 0,
      { "frame-src", "child-src", "default-src" } },
    { "prefetch-src", RT_CSP_SOURCES, RT_CSP_DEPRECATED, { "default-src" } },
    { "base-uri", RT_CSP_SOURCES, 0, { NULL } },
    { "form-action", RT_CSP_SOURCES, 0, { NULL } },
    { "navigate-to", RT_CSP_SOURCES, RT_CSP_DEPRECATED, { NULL } },
    { "frame-ancestors", RT_CSP_ANCESTORS, 0, { NULL } },
    { "sandbox", RT_CSP_SANDBOX, RT_CSP_ENFORCED, { NULL } },
    { "webrtc", RT_CSP_TOKENS, 0, { NULL } },
    { "report-uri", RT_CSP_URIS, 0, { NULL } },
    { "report-to", RT_CSP_TOKENS, 0, { NULL } },
    { "require-trusted-types-for", RT_CSP_SINKS, 0, { NULL } },
    { "trusted-types", RT_CSP_TRUSTED_TYPES, 0, { NULL } },
    { "upgrade-insecure-requests", RT_CSP_FLAG, RT_CSP_ENFORCED, { NULL } },
    { "block-all-mixed-content", RT_CSP_FLAG, RT_CSP_DEPRECATED, { NULL } },
    { "plugin-types", RT_CSP_TOKENS, RT_CSP_DEPRECATED, { NULL } },
    { "referrer", RT_CSP_TOKENS, RT_CSP_DEPRECATED, { NULL } },
    { "reflected-xss", RT_CSP_TOKENS, RT_CSP_DEPRECATED, { NULL } },
    { "require-sri-for", RT_CSP_TOKENS, RT_CSP_DEPRECATED, { NULL } }
};


static const char *const  source_keywords[] = {
    "self", "none", "unsafe-inline", "unsafe-eval", "wasm-unsafe-eval",
    "strict-dynamic", "unsafe-hashes", "report-sample",
    "unsafe-allow-redirects", "inline-speculation-rules",
    "trusted-types-eval", "report-sha256", "report-sha384", "report-sha512",
    NULL
};

static const char *const  ancestor_keywords[] = { "self", "none", NULL };

static const char *const  type_keywords[] = {
    "none", "allow-duplicates", NULL
};

static const char *const  sink_keywords[] = { "script", NULL };

static const char *const  webrtc_keywords[] = { "allow", "block", NULL };

static const char *const  no_keywords[] = { NULL };


static const char *const  sandbox_tokens[] = {
    "allow-downloads", "allow-forms", "allow-modals",
    "allow-orientation-lock", "allow-pointer-lock", "allow-popups",
    "allow-popups-to-escape-sandbox", "allow-presentation",
    "allow-same-origin", "allow-scripts",
    "allow-storage-access-by-user-activation", "allow-top-navigation",
    "allow-top-navigation-by-user-activation",
    "allow-top-navigation-to-custom-protocols", NULL
};


int
rt_csp_is(const rt_str_t *s, const char *word)
{
    return s->len == strlen(word) && rt_str_ibegins(s, word);
}


static int
among(const char *const *list, const rt_str_t *s)
{
    for ( /* void */ ; *list != NULL; list++) {
        if (rt_csp_is(s, *list)) {
            return 1;
        }
    }

    return 0;
}


const rt_csp_word_t *
rt_csp_word(const rt_str_t *name)
{
    size_t  i;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (rt_csp_is(name, words[i].name)) {
            return &words[i];
        }
    }

    return NULL;
}


int
rt_csp_word_number(const rt_str_t *name, unsigned *number)
{
    const rt_csp_word_t  *word;

    _Static_assert(sizeof(words) / sizeof(words[0]) <= RT_CSP_WORDS,
                   "who counts by directive has no room for all");

    word = rt_csp_word(name);
    *number = word ? (unsigned) (word - words) : 0;

    return word != NULL;
}


const char *
rt_csp_word_name(unsigned number)
{
    return number < sizeof(words) / sizeof(words[0]) ? words[number].name
                                                     : NULL;
}


int
rt_csp_keyword(rt_csp_kind_e kind, const rt_str_t *s)
{
    static const char *const *const  keywords[] = {
        [RT_CSP_SOURCES] = source_keywords,
        [RT_CSP_ANCESTORS] = ancestor_keywords,
        [RT_CSP_SANDBOX] = no_keywords,
        [RT_CSP_FLAG] = no_keywords,
        [RT_CSP_URIS] = no_keywords,
        [RT_CSP_TOKENS] = webrtc_keywords,
        [RT_CSP_TRUSTED_TYPES] = type_keywords,
        [RT_CSP_SINKS] = sink_keywords
    };

    return among(keywords[kind], s);
}


int
rt_csp_sandbox_token(const rt_str_t *s)
{
    return among(sandbox_tokens, s);
}


int
rt_csp_nonce_source(const rt_str_t *s)
{
    return rt_str_ibegins(s, "nonce-");
}


int
rt_csp_hash_source(const rt_str_t *s)
{
    return rt_str_ibegins(s, "sha256-") || rt_str_ibegins(s, "sha384-")
           || rt_str_ibegins(s, "sha512-");
}


int
rt_csp_listed(const rt_str_t *list, unsigned n, const rt_str_t *name)
{
    unsigned  i;

    for (i = 0; i < n; i++) {
        if (rt_str_ieq(&list[i], name)) {
            return 1;
        }
    }

    return 0;
}


int
rt_csp_unquote(const rt_str_t *s, rt_str_t *out)
{
    if (s->len < 2 || s->data[0] != '\'' || s->data[s->len - 1] != '\'') {
        return 0;
    }

    out->data = s->data + 1;
    out->len = s->len - 2;

    return 1;
}


int
rt_csp_value_byte(unsigned char c)
{
    return c > 0x20 && c < 0x7f && c != ';' && c != ',';
}


int
rt_csp_policy_byte(unsigned char c)
{
    return (c >= '0' && c <= '9') || (rt_lower(c) >= 'a' && rt_lower(c) <= 'z')
           || (c != '\0' && strchr("-#=_/@.%", c) != NULL);
}


static int
white(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v');
}


int
rt_csp_next_word(const unsigned char **pos, const unsigned char *last,
    rt_str_t *word)
{
    const unsigned char  *p;

    p = *pos;

    while (p < last && white(*p)) {
        p++;
    }

    word->data = (unsigned char *) p;

    while (p < last && !white(*p)) {
        p++;
    }

    word->len = (size_t) (p - word->data);
    *pos = p;

    return word->len != 0;
}
