
#include "oidc/rt_page.h"


/*
 * One look for all of them.  No script, no image, no font: nothing is fetched,
 * and the policy of the page can forbid everything else.
 */

#define PAGE_STYLE                                                            \
    "<style>\n"                                                               \
    ":root { color-scheme: light dark; --back: #f3f5f8; --card: #fff;\n"      \
    "  --text: #1c2430; --soft: #5a6472; --line: #d8dde4; --go: #1b5dbd;\n"   \
    "  --on: #fff; }\n"                                                       \
    "@media (prefers-color-scheme: dark) {\n"                                 \
    "  :root { --back: #12161c; --card: #1b2129; --text: #e6eaf0;\n"          \
    "    --soft: #a3adba; --line: #36404d; --go: #8ab8ff;\n"                  \
    "    --on: #0c1a2e; }\n"                                                  \
    "}\n"                                                                     \
    "body { margin: 0; padding: 1rem; background: var(--back);\n"             \
    "  color: var(--text); font: 1.0625rem/1.5 system-ui, sans-serif; }\n"    \
    "main { max-width: 26rem; margin: 10vh auto 0; padding: 1.75rem;\n"       \
    "  background: var(--card); border: 1px solid var(--line);\n"             \
    "  border-radius: .75rem; overflow-wrap: anywhere; }\n"                   \
    "h1 { margin: 0 0 .75rem; font-size: 1.375rem; line-height: 1.25; }\n"    \
    "p { margin: .75rem 0 0; }\n"                                             \
    "ul { margin: 1.25rem 0 0; padding: 0; list-style: none; }\n"             \
    "li + li { margin-top: .75rem; }\n"                                       \
    ".go { display: block; padding: .75rem 1rem; border-radius: .5rem;\n"     \
    "  background: var(--go); color: var(--on); font-weight: 600;\n"          \
    "  text-align: center; text-decoration: none; }\n"                        \
    ".go:focus-visible { outline: 3px solid var(--text);\n"                   \
    "  outline-offset: 2px; }\n"                                              \
    "p .go { margin-top: 1.25rem; }\n"                                        \
    ".soft { color: var(--soft); font-size: .9375rem; }\n"                    \
    "</style>\n"


#define PAGE_BEGIN(title)                                                     \
    "<!DOCTYPE html>\n"                                                       \
    "<html lang=\"en\">\n"                                                    \
    "<head>\n"                                                                \
    "<meta charset=\"utf-8\">\n"                                              \
    "<meta name=\"viewport\" "                                                \
        "content=\"width=device-width, initial-scale=1\">\n"                  \
    "<meta name=\"robots\" content=\"noindex\">\n"                            \
    "<title>" title "{{#app}} - {{app}}{{/app}}</title>\n"                    \
    PAGE_STYLE                                                                \
    "</head>\n"                                                               \
    "<body>\n"                                                                \
    "<main>\n"

#define PAGE_END                                                              \
    "</main>\n"                                                               \
    "</body>\n"                                                               \
    "</html>\n"

#define PAGE_MESSAGE  "{{#message}}<p>{{message}}</p>\n{{/message}}"

#define PAGE_REFERENCE                                                        \
    "{{#reference}}<p class=\"soft\">If you ask somebody about this, tell "   \
    "them the reference <strong>{{reference}}</strong>.</p>\n{{/reference}}"

#define PAGE_RETURN(words)                                                    \
    "{{#return}}<p><a class=\"go\" href=\"{{return}}\">" words                \
    "</a></p>\n{{/return}}"


static const rt_str_t  page_names[RT_PAGE_MAX] = {
    [RT_PAGE_CHOOSER] = rt_string("chooser"),
    [RT_PAGE_SIGN_OUT] = rt_string("sign_out"),
    [RT_PAGE_SIGNED_OUT] = rt_string("signed_out"),
    [RT_PAGE_REFUSED] = rt_string("refused"),
    [RT_PAGE_AWAY] = rt_string("away"),
    [RT_PAGE_FAILED] = rt_string("failed"),
    [RT_PAGE_FRAME] = rt_string("frame"),
};


static const rt_str_t  page_templates[RT_PAGE_MAX] = {

    [RT_PAGE_CHOOSER] = rt_string(
        PAGE_BEGIN("Sign in")
        "<h1>Sign in{{#app}} to {{app}}{{/app}}</h1>\n"
        "<p>How would you like to sign in?</p>\n"
        PAGE_MESSAGE
        "<ul>\n"
        "{{#links}}<li><a class=\"go\" href=\"{{url}}\">{{title}}</a></li>\n"
        "{{/links}}</ul>\n"
        PAGE_END),

    /* who came by a link of another site has not asked for it */

    [RT_PAGE_SIGN_OUT] = rt_string(
        PAGE_BEGIN("Sign out")
        "<h1>Do you want to sign out?</h1>\n"
        "<p>If you did not ask for this, close this page.</p>\n"
        PAGE_MESSAGE
        PAGE_RETURN("Sign out")
        PAGE_END),

    [RT_PAGE_SIGNED_OUT] = rt_string(
        PAGE_BEGIN("Signed out")
        "<h1>You are signed out</h1>\n"
        "<p>You may close this page now.</p>\n"
        PAGE_MESSAGE
        PAGE_RETURN("Sign in again")
        PAGE_END),

    [RT_PAGE_REFUSED] = rt_string(
        PAGE_BEGIN("No access")
        "<h1>You have no access</h1>\n"
        "<p>Your account may not open this page.</p>\n"
        PAGE_MESSAGE
        PAGE_REFERENCE
        PAGE_RETURN("Try again")
        "{{#links}}<p><a class=\"go\" href=\"{{url}}\">{{title}}</a></p>\n"
        "{{/links}}"
        PAGE_END),

    [RT_PAGE_AWAY] = rt_string(
        PAGE_BEGIN("Not available")
        "<h1>Signing in is not possible right now</h1>\n"
        "<p>Please try again in a minute.</p>\n"
        PAGE_MESSAGE
        PAGE_REFERENCE
        PAGE_RETURN("Try again")
        PAGE_END),

    [RT_PAGE_FAILED] = rt_string(
        PAGE_BEGIN("Sign-in failed")
        "<h1>Signing in did not work</h1>\n"
        "<p>Nothing was changed. You may try once more.</p>\n"
        PAGE_MESSAGE
        PAGE_REFERENCE
        PAGE_RETURN("Try again")
        PAGE_END),

    /* a link, and not a redirect: a provider's page is not to be framed */

    [RT_PAGE_FRAME] = rt_string(
        PAGE_BEGIN("Sign in")
        "<h1>Please sign in</h1>\n"
        "<p>This cannot be done within another page.</p>\n"
        PAGE_MESSAGE
        "{{#return}}<p><a class=\"go\" target=\"_top\" href=\"{{return}}\">"
        "Sign in on a page of its own</a></p>\n{{/return}}"
        PAGE_END),
};


const rt_str_t *
rt_page_name(rt_page_e kind)
{
    return &page_names[kind];
}


const rt_str_t *
rt_page_builtin(rt_page_e kind)
{
    return &page_templates[kind];
}
