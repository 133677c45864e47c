
/*
 * {"jwks":{},"algs":[],"token":"","iss":"","aud":"","now":0,"leeway":0} a
 * line in; "ok" or the reason out.  aud is a string or an array of strings;
 * without it any audience will do.  now defaults to the machine's clock,
 * leeway to 30 seconds.  client_id, max_lifetime and require_sub (true: the
 * module's default) may be given as well.
 */

#include <math.h>
#include <time.h>

#include "jose_driver.h"


static const char *
audiences(rt_mem_t *mem, const rt_json_t *aud, rt_claims_policy_t *policy)
{
    size_t            n;
    rt_str_t         *list;
    const rt_json_t  *v;

    if (aud == NULL) {
        policy->any_audience = 1;
        return NULL;
    }

    if (aud->type != RT_JSON_STRING && aud->type != RT_JSON_ARRAY) {
        return "bad line: aud is neither a string nor an array";
    }

    list = rt_alloc(mem, (aud->count + 1) * sizeof(rt_str_t));
    if (list == NULL) {
        return "internal";
    }

    n = 0;

    if (aud->type == RT_JSON_STRING) {
        list[n++] = aud->str;
    }

    for (v = aud->child; v; v = v->next) {
        list[n++] = v->str;
    }

    policy->audiences = list;
    policy->naudiences = n;

    return NULL;
}


/* a number without its fraction, or def when it is absent */

static const char *
number(const rt_json_t *v, int64_t def, int64_t *out)
{
    double  d;

    if (v == NULL) {
        *out = def;
        return NULL;
    }

    if (rt_json_double(v, &d) != RT_OK || fabs(d) > RT_CLAIMS_MAX_TIME) {
        return "bad line: now, leeway or max_lifetime is no number of seconds";
    }

    *out = (int64_t) floor(d);

    return NULL;
}


static const char *
read_policy(rt_mem_t *mem, const rt_json_t *root, rt_claims_policy_t *policy,
    int64_t *now)
{
    const char       *why;
    const rt_json_t  *iss, *client, *sub;

    memset(policy, 0, sizeof(rt_claims_policy_t));

    iss = rt_json_member(root, "iss");

    if (iss == NULL || iss->type != RT_JSON_STRING) {
        return "bad line: iss is absent or not a string";
    }

    policy->issuer = iss->str;

    client = rt_json_member(root, "client_id");

    if (client && client->type == RT_JSON_STRING) {
        policy->client_id = client->str;
    }

    sub = rt_json_member(root, "require_sub");
    policy->require_sub = (sub && sub->type == RT_JSON_TRUE);

    why = audiences(mem, rt_json_member(root, "aud"), policy);

    if (why == NULL) {
        why = number(rt_json_member(root, "now"), (int64_t) time(NULL), now);
    }

    if (why == NULL) {
        why = number(rt_json_member(root, "leeway"), 30, &policy->leeway);
    }

    if (why == NULL) {
        why = number(rt_json_member(root, "max_lifetime"), 0,
                     &policy->max_lifetime);
    }

    return why;
}


static const char *
answer(rt_mem_t *mem, const rt_str_t *line)
{
    int64_t              now;
    rt_jws_t             jws;
    rt_json_t           *root, *claims;
    rt_jwks_t            jwks;
    const char          *why;
    rt_reason_e          reason;
    rt_claims_policy_t   policy;

    root = driver_object(mem, line);
    if (root == NULL) {
        return "bad line: not a JSON object";
    }

    why = read_policy(mem, root, &policy, &now);
    if (why) {
        return why;
    }

    why = jose_verify(mem, root, &jwks, &jws);
    rt_jwks_destroy(&jwks);

    if (why) {
        return why;
    }

    reason = rt_claims_parse(mem, &jws.payload, &claims);

    if (reason == RT_REASON_OK) {
        reason = rt_claims_check(&policy, &jws.typ, claims, now, NULL);
    }

    return (char *) rt_reason(reason)->name.data;
}


int
main(void)
{
    return driver_run(answer);
}
