
#include "jose/rt_claims.h"
#include "oidc/rt_introspection.h"


static rt_status_e
activity(const rt_json_t *answer, const char **why)
{
    rt_json_t  *active;

    active = rt_json_member(answer, "active");

    if (active && active->type == RT_JSON_TRUE) {
        return RT_OK;
    }

    if (active && active->type == RT_JSON_FALSE) {
        return RT_DECLINED;
    }

    *why = "does not say whether the token is active";

    return RT_INVALID;
}


rt_status_e
rt_introspection_parse(rt_mem_t *mem, const rt_str_t *body,
    rt_json_t **answer, const char **why)
{
    if (body->len > RT_INTROSPECTION_MAX) {
        *why = "is too large";
        return RT_TOO_BIG;
    }

    switch (rt_claims_parse(mem, body, answer)) {

    case RT_REASON_OK:
        return activity(*answer, why);

    case RT_REASON_INTERNAL:
        return RT_ERROR;

    default:
        *why = "is no JSON object";
        return RT_INVALID;
    }
}


/* one that was kept since the token was active is not believed (RFC 9701, 5) */

rt_status_e
rt_introspection_signed(const rt_json_t *claims, int64_t now, int64_t leeway,
    rt_json_t **answer, const char **why)
{
    double  iat;

    if (rt_claims_time(claims, "iat", &iat) != RT_OK
        || iat > (double) (now + leeway)
        || iat < (double) (now - leeway - RT_INTROSPECTION_MAX_AGE))
    {
        *why = "was not signed just now";
        return RT_INVALID;
    }

    *answer = rt_json_member(claims, "token_introspection");

    if (*answer == NULL || (*answer)->type != RT_JSON_OBJECT) {
        *why = "has no token_introspection";
        return RT_INVALID;
    }

    return activity(*answer, why);
}
