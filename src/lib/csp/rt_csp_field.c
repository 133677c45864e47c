
#include "csp/rt_csp_field.h"
#include "csp/rt_csp_words.h"


typedef struct {
    rt_csp_field_e        field;
    rt_csp_findings_t    *findings;
    unsigned              n;
    rt_str_t              names[RT_CSP_FEATURES_MAX];
} seen_t;


#define warn(seen, v, code, why)                                              \
    rt_csp_find((seen)->findings, RT_CSP_WARN, code, &(v)->member,            \
                &(v)->text, why)


static void
take_name(seen_t *seen, const rt_sf_value_t *v)
{
    unsigned  i;

    for (i = 0; i < seen->n; i++) {
        if (rt_str_eq(&seen->names[i], &v->member)) {
            rt_csp_find(seen->findings, RT_CSP_WARN, "duplicate-feature",
                        &v->member, NULL,
                        "browsers take the last of the same name: write one");
            return;
        }
    }

    if (seen->n < RT_CSP_FEATURES_MAX) {
        seen->names[seen->n++] = v->member;
    }
}


static int
is_origin(const rt_str_t *quoted)
{
    rt_str_t  s;

    s.data = quoted->data + 1;
    s.len = quoted->len - 2;

    return rt_str_ibegins(&s, "https://") || rt_str_ibegins(&s, "http://");
}


static void
take_permission(seen_t *seen, const rt_sf_value_t *v)
{
    switch (v->kind) {

    case RT_SF_LIST:
        return;

    case RT_SF_STRING:
        if (is_origin(&v->text)) {
            return;
        }

        warn(seen, v, "no-origin",
             "only origins such as \"https://example.com\" have quotes: "
             "browsers ignore it");
        return;

    case RT_SF_TOKEN:
        if (rt_csp_is(&v->text, "self") || rt_csp_is(&v->text, "*")) {
            return;
        }

        /* fall through */

    default:
        warn(seen, v, "no-effect",
             "browsers ignore it: write self, *, an origin in double quotes, "
             "or an empty list, which allows nobody");
    }
}


static void
take(void *ctx, const rt_sf_value_t *v)
{
    seen_t *seen = ctx;

    if (!v->in_list) {
        take_name(seen, v);
    }

    if (seen->field == RT_CSP_PERMISSIONS) {
        take_permission(seen, v);

    } else if (v->kind == RT_SF_LIST) {
        warn(seen, v, "no-effect",
             "a feature of a document has one value, and no list");
    }
}


rt_status_e
rt_csp_field(rt_csp_field_e field, const rt_str_t *text, rt_csp_findings_t *f,
    rt_sf_error_t *error)
{
    seen_t       seen;
    rt_status_e  rc;

    rc = rt_sf_dictionary(text, NULL, NULL, error);
    if (rc != RT_OK) {
        return rc;
    }

    seen.field = field;
    seen.findings = f;
    seen.n = 0;

    (void) rt_sf_dictionary(text, take, &seen, error);

    return f->failed ? RT_ERROR : RT_OK;
}
