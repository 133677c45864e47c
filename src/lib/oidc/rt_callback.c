
#include "oidc/rt_callback.h"
#include "oidc/rt_login.h"
#include "oidc/rt_shown.h"
#include "text/rt_form.h"
#include "text/rt_url.h"


#define callback_field(name)  offsetof(rt_callback_t, name)


typedef struct {
    rt_str_t     name;
    size_t       offset;        /* of the string in rt_callback_t */
    size_t       max;           /* bytes; 0: free text */
    const char  *twice;
    const char  *bad;
} callback_row_t;


static const callback_row_t  callback_rows[] = {
    { rt_string("code"), callback_field(code), RT_CALLBACK_MAX_CODE,
      "has two codes", "has a malformed code" },
    { rt_string("state"), callback_field(state), RT_LOGIN_MAX_STATE,
      "has two states", "has a malformed state" },
    { rt_string("iss"), callback_field(iss), RT_URL_MAX,
      "has two issuers", "has a malformed issuer" },
    { rt_string("error"), callback_field(error), RT_SHOWN_ERROR,
      "has two errors", "has a malformed error" },
    { rt_string("error_description"), callback_field(description), 0,
      "has two error descriptions", "has a malformed error description" }
};


static const char *
take(const rt_form_field_t *field, rt_callback_t *cb)
{
    size_t                 i;
    rt_str_t              *str;
    const callback_row_t  *row;

    for (i = 0; i < sizeof(callback_rows) / sizeof(callback_rows[0]); i++) {
        row = &callback_rows[i];

        if (!rt_str_eq(&field->name, &row->name)) {
            continue;
        }

        str = (rt_str_t *) ((char *) cb + row->offset);

        if (str->data) {
            return row->twice;
        }

        if (row->max
            && (field->bad || field->value.len > row->max
                || !rt_shown_is_bare(&field->value)))
        {
            return row->bad;
        }

        *str = field->value;
    }

    return NULL;
}


static const char *
verdict(const rt_callback_t *cb)
{
    if (cb->state.len == 0) {
        return "has no state";
    }

    if (cb->code.data && cb->error.data) {
        return "has both a code and an error";
    }

    if (cb->code.len == 0 && cb->error.data == NULL) {
        return "has no code";
    }

    if (cb->error.data && !rt_shown_is_code(&cb->error)) {
        return "has a malformed error";
    }

    return NULL;
}


static const char *
fields(const rt_form_t *form, rt_callback_t *cb)
{
    unsigned     i;
    const char  *why;

    if (form->many) {
        return "has too many arguments";
    }

    for (i = 0; i < form->n; i++) {
        why = take(&form->field[i], cb);
        if (why) {
            return why;
        }
    }

    return verdict(cb);
}


rt_status_e
rt_callback_parse(rt_mem_t *mem, const rt_str_t *query, rt_callback_t *cb,
    const char **why)
{
    rt_form_t  form;

    memset(cb, 0, sizeof(rt_callback_t));

    if (query->len > RT_CALLBACK_MAX) {
        *why = "is too long";
        return RT_DECLINED;
    }

    if (rt_form_parse(mem, query, RT_CALLBACK_MAX_ARGS, &form) != RT_OK) {
        return RT_ERROR;
    }

    *why = fields(&form, cb);

    if (*why) {
        memset(cb, 0, sizeof(rt_callback_t));
        return RT_DECLINED;
    }

    return rt_shown(mem, &cb->description, &cb->description);
}


rt_status_e
rt_callback_issuer(const rt_callback_t *cb, const rt_str_t *issuer,
    unsigned required, const char **why)
{
    if (cb->iss.data == NULL) {
        *why = "has no issuer";
        return required ? RT_DECLINED : RT_OK;
    }

    if (!rt_str_eq(&cb->iss, issuer)) {
        *why = "has another issuer";
        return RT_DECLINED;
    }

    return RT_OK;
}
