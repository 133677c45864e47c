
#include "metrics/rt_metrics.h"
#include "text/rt_utf8.h"


static void json_value(rt_metrics_t *m, const rt_str_t *value, uint64_t n);
static void text_value(rt_metrics_t *m, const rt_str_t *value, uint64_t n);
static void text_label(rt_metrics_t *m, const rt_str_t *value);
static void text_number(rt_metrics_t *m, uint64_t n);
static void put(rt_metrics_t *m, const void *data, size_t len);


#define put_str(m, s)    put(m, (s)->data, (s)->len)
#define put_lit(m, lit)  put(m, lit, sizeof(lit) - 1)


void
rt_metrics_init(rt_metrics_t *m, rt_metrics_form_e form, unsigned char *buf,
    size_t size)
{
    rt_jsonw_init(&m->w, buf, size);

    m->form = form;
    m->metric = NULL;

    if (form == RT_METRICS_JSON) {
        rt_jsonw_open(&m->w, '{');
    }
}


void
rt_metrics_begin(rt_metrics_t *m, const rt_metric_t *metric)
{
    m->metric = metric;

    if (m->form == RT_METRICS_JSON) {

        if (metric->label[0].len) {
            rt_jsonw_key(&m->w, &metric->name);
            rt_jsonw_open(&m->w, '[');
        }

        return;
    }

    put_lit(m, "# HELP ");
    put_str(m, &metric->name);
    put_lit(m, " ");
    put_str(m, &metric->help);
    put_lit(m, "\n# TYPE ");
    put_str(m, &metric->name);
    put_lit(m, " ");
    put_str(m, &metric->type);
    put_lit(m, "\n");
}


void
rt_metrics_end(rt_metrics_t *m)
{
    if (m->form == RT_METRICS_JSON && m->metric->label[0].len) {
        rt_jsonw_close(&m->w, ']');
    }
}


void
rt_metrics_value(rt_metrics_t *m, const rt_str_t *value, uint64_t n)
{
    if (m->form == RT_METRICS_JSON) {
        json_value(m, value, n);

    } else {
        text_value(m, value, n);
    }
}


static void
json_value(rt_metrics_t *m, const rt_str_t *value, uint64_t n)
{
    unsigned         i;
    const rt_str_t  *label;

    label = m->metric->label;

    if (label[0].len == 0) {
        rt_jsonw_key(&m->w, &m->metric->name);
        rt_jsonw_uint(&m->w, n);
        return;
    }

    rt_jsonw_open(&m->w, '{');

    for (i = 0; i < RT_METRICS_LABELS && label[i].len; i++) {
        rt_jsonw_key(&m->w, &label[i]);
        rt_jsonw_str(&m->w, &value[i]);
    }

    rt_jsonw_lit(&m->w, "value");
    rt_jsonw_uint(&m->w, n);
    rt_jsonw_close(&m->w, '}');
}


static void
text_value(rt_metrics_t *m, const rt_str_t *value, uint64_t n)
{
    unsigned         i;
    const rt_str_t  *label;

    label = m->metric->label;

    put_str(m, &m->metric->name);

    for (i = 0; i < RT_METRICS_LABELS && label[i].len; i++) {
        put(m, i ? "," : "{", 1);
        put_str(m, &label[i]);
        put_lit(m, "=\"");
        text_label(m, &value[i]);
        put_lit(m, "\"");
    }

    if (i) {
        put_lit(m, "}");
    }

    put_lit(m, " ");
    text_number(m, n);
    put_lit(m, "\n");
}


/* Prometheus takes UTF-8 alone, and knows three escapes */

static void
text_label(rt_metrics_t *m, const rt_str_t *value)
{
    size_t                len;
    uint32_t              cp;
    unsigned char         bad[4];
    const unsigned char  *p, *end;

    end = value->data + value->len;

    for (p = value->data; p < end; p += len) {
        cp = rt_utf8_step(p, end, &len);

        if (cp == '\n') {
            put_lit(m, "\\n");

        } else if (cp == RT_UTF8_BAD || cp < 0x20 || cp == 0x7f) {
            put(m, bad, rt_utf8_put(bad, RT_UTF8_BAD));

        } else {
            put(m, "\\", cp == '"' || cp == '\\');
            put(m, p, len);
        }
    }
}


static void
text_number(rt_metrics_t *m, uint64_t n)
{
    unsigned char  digits[RT_DECIMAL];

    put(m, digits, rt_decimal(digits, n));
}


/* there is no comma between the values of this text */

static void
put(rt_metrics_t *m, const void *data, size_t len)
{
    rt_jsonw_put(&m->w, data, len);

    m->w.comma = 0;
}


rt_status_e
rt_metrics_done(rt_metrics_t *m, rt_str_t *text)
{
    if (m->form == RT_METRICS_JSON) {
        rt_jsonw_close(&m->w, '}');
        rt_jsonw_byte(&m->w, '\n');
    }

    text->data = m->w.start;
    text->len = rt_jsonw_len(&m->w);

    return m->w.full ? RT_TOO_BIG : RT_OK;
}
