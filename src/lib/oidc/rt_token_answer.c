
#include "json/rt_json.h"
#include "jose/rt_claims.h"
#include "oidc/rt_shown.h"
#include "oidc/rt_token_answer.h"


#define TOKEN_DIGITS  12        /* of RT_CLAIMS_MAX_TIME */


typedef struct {
    rt_str_t     name;
    size_t       offset;        /* of the string in rt_token_answer_t */
    unsigned     required;
    const char  *why;
} token_row_t;


static const token_row_t  token_rows[] = {
    { rt_string("access_token"), offsetof(rt_token_answer_t, access_token), 1,
      "has no access_token, or a malformed one" },
    { rt_string("refresh_token"), offsetof(rt_token_answer_t, refresh_token),
      0, "has a malformed refresh_token" },
    { rt_string("id_token"), offsetof(rt_token_answer_t, id_token), 0,
      "has a malformed id_token" }
};


/* errors that the user, not the operator, gets rid of: by signing in again */

static const rt_str_t  token_over[] = {
    rt_string("invalid_grant"),
    rt_string("interaction_required"),
    rt_string("login_required"),
    rt_string("consent_required"),
    rt_string("account_selection_required")
};


static rt_status_e
parse_object(rt_mem_t *mem, const rt_str_t *body, rt_json_t **root)
{
    rt_status_e  rc;

    static const rt_json_opts_t  opts = {
        RT_JSON_UNIQUE|RT_JSON_NO_NUL, 16, 4096
    };

    rc = rt_json_parse(mem, body, &opts, root, NULL);

    if (rc == RT_OK && (*root)->type != RT_JSON_OBJECT) {
        rc = RT_INVALID;
    }

    return rc;
}


/* some providers write null or "" for what they do not give */

static rt_json_t *
member(const rt_json_t *root, const rt_str_t *name)
{
    rt_json_t  *v;

    v = rt_json_get(root, name);

    if (v == NULL || v->type == RT_JSON_NULL
        || (v->type == RT_JSON_STRING && v->str.len == 0))
    {
        return NULL;
    }

    return v;
}


/* it goes into a header or a form, and into a session of bounded size */

static int
is_token(const rt_json_t *v)
{
    return v->type == RT_JSON_STRING
           && v->str.len <= RT_TOKEN_ANSWER_MAX_TOKEN
           && rt_shown_is_bare(&v->str);
}


static const char *
tokens(const rt_json_t *root, rt_token_answer_t *answer)
{
    size_t              i;
    rt_json_t          *v;
    const token_row_t  *row;

    for (i = 0; i < sizeof(token_rows) / sizeof(token_rows[0]); i++) {
        row = &token_rows[i];
        v = member(root, &row->name);

        if (v ? !is_token(v) : row->required) {
            return row->why;
        }

        if (v) {
            *(rt_str_t *) ((char *) answer + row->offset) = v->str;
        }
    }

    return NULL;
}


/* RFC 6749, 5.1: a number, whose fraction is cut; "3600" is common */

static int
seconds(const rt_json_t *v, int64_t *out)
{
    size_t  i;
    double  n;

    if (v->type != RT_JSON_STRING) {

        if (rt_json_double(v, &n) != RT_OK
            || n < 0 || n > (double) RT_CLAIMS_MAX_TIME)
        {
            return 0;
        }

        *out = (int64_t) n;

        return 1;
    }

    for (i = 0, *out = 0; i < v->str.len && i < TOKEN_DIGITS; i++) {

        if (v->str.data[i] < '0' || v->str.data[i] > '9') {
            break;
        }

        *out = *out * 10 + (v->str.data[i] - '0');
    }

    return i == v->str.len && *out <= RT_CLAIMS_MAX_TIME;
}


static const char *
granted(const rt_json_t *root, rt_token_answer_t *answer)
{
    rt_json_t        *v;
    const char       *why;

    static const rt_str_t  bearer = rt_string("Bearer");

    why = tokens(root, answer);
    if (why) {
        return why;
    }

    v = rt_json_member(root, "token_type");

    if (v == NULL || v->type != RT_JSON_STRING
        || !rt_str_ieq(&v->str, &bearer))
    {
        return "has another token_type than Bearer, or none";
    }

    v = member(root, &(rt_str_t) rt_string("expires_in"));

    if (v && !seconds(v, &answer->expires_in)) {
        return "has an expires_in that is no time";
    }

    /* nothing is decided on it: Twitch writes an array */

    v = rt_json_member(root, "scope");

    if (v && v->type == RT_JSON_STRING
        && v->str.len <= RT_TOKEN_ANSWER_MAX_SCOPE)
    {
        answer->scope = v->str;
    }

    return NULL;
}


static const char *
pushed(const rt_json_t *root, rt_token_answer_t *answer)
{
    rt_json_t  *v;

    v = member(root, &(rt_str_t) rt_string("request_uri"));

    if (v == NULL || !is_token(v)
        || v->str.len > RT_TOKEN_ANSWER_MAX_URI)
    {
        return "has no request_uri, or a malformed one";
    }

    answer->request_uri = v->str;

    return NULL;
}


/* the provider's own words, as far as there are any */

static rt_status_e
words(rt_mem_t *mem, const rt_json_t *root, rt_token_answer_t *answer)
{
    rt_json_t  *v;

    v = rt_json_member(root, "error");

    if (v && v->type == RT_JSON_STRING && rt_shown_is_code(&v->str)) {
        answer->error = v->str;
    }

    v = rt_json_member(root, "error_description");

    if (v && v->type == RT_JSON_STRING) {
        return rt_shown(mem, &v->str, &answer->description);
    }

    return RT_OK;
}


static int
is_over(unsigned status, const rt_str_t *body, const rt_str_t *error)
{
    size_t  i;

    for (i = 0; i < sizeof(token_over) / sizeof(token_over[0]); i++) {
        if (rt_str_eq(error, &token_over[i])) {
            return 1;
        }
    }

    return status == 400 && body->len == 0;
}


static rt_status_e
refused(unsigned status, const rt_str_t *body, rt_token_answer_t *answer,
    const char **why)
{
    if (status >= 500 || status == 408 || status == 429
        || rt_str_lit(&answer->error, "temporarily_unavailable")
        || rt_str_lit(&answer->error, "server_error"))
    {
        *why = "says that the provider cannot answer now";
        return RT_AGAIN;
    }

    if (status >= 400 || answer->error.len) {
        answer->grant_over = is_over(status, body, &answer->error);
        *why = "is a refusal";
        return RT_DECLINED;
    }

    *why = "has a status that says neither yes nor no";

    return RT_INVALID;
}


typedef const char *(*yes_pt)(const rt_json_t *root,
    rt_token_answer_t *answer);


static rt_status_e
parse(rt_mem_t *mem, unsigned status, const rt_str_t *body, yes_pt yes,
    rt_token_answer_t *answer, const char **why)
{
    rt_json_t        *root;
    rt_status_e       rc;

    static const rt_str_t  error = rt_string("error");

    memset(answer, 0, sizeof(rt_token_answer_t));

    if (body->len > RT_TOKEN_ANSWER_MAX) {
        *why = "is too large";
        return RT_TOO_BIG;
    }

    rc = parse_object(mem, body, &root);

    if (rc == RT_OK) {
        rc = words(mem, root, answer);
    }

    if (rc == RT_ERROR) {
        return rc;
    }

    /* GitHub's errors come with 200 */

    if (status != 200 || (rc == RT_OK && member(root, &error))) {
        return refused(status, body, answer, why);
    }

    if (rc != RT_OK) {
        *why = "is no JSON object";
        return RT_INVALID;
    }

    *why = yes(root, answer);

    if (*why) {
        memset(answer, 0, sizeof(rt_token_answer_t));
        return RT_INVALID;
    }

    return RT_OK;
}


rt_status_e
rt_token_answer_parse(rt_mem_t *mem, unsigned status, const rt_str_t *body,
    rt_token_answer_t *answer, const char **why)
{
    return parse(mem, status, body, granted, answer, why);
}


rt_status_e
rt_token_answer_pushed(rt_mem_t *mem, unsigned status, const rt_str_t *body,
    rt_token_answer_t *answer, const char **why)
{
    return parse(mem, status == 201 ? 200 : status, body, pushed, answer, why);
}
